"""Where windows stand in images, and which of them a pixel is seen by."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

Pair = Sequence[int]  # of numbers, one for each direction in an image


class Places(NamedTuple):
    """Where windows stand in images, and what they see: for each direction a number, two for images, one for signals.

    Args:
        stride: step between neighbouring windows.
        dilation: step between neighbouring pixels of a window.
        before: zeros before the image, fewer than a window covers.
        groups: of channels; a kernel sees the channels of its own group.
    """

    stride: Pair
    dilation: Pair
    before: Pair
    groups: int = 1

    @lru_cache(1024)  # noqa: B019 - of tuples of a few numbers
    def in_rows(self) -> "Places":
        """The same for signals that are taken for images of one row."""
        return Places((1, *self.stride), (1, *self.dilation), (0, *self.before), self.groups)

    @lru_cache(1024)  # noqa: B019
    def back(self, size: Pair) -> "Places":
        """Where the errors' windows stand that have all errors to which a pixel of the image has led, with stride 1."""
        around = zip(size, self.dilation, self.before, strict=True)
        before = tuple(step * (length - 1) - zeros for length, step, zeros in around)
        return Places(self.stride, self.dilation, before, self.groups)


@lru_cache(1024)
def seen_by(length: int, before: int, stride: int, dilation: int) -> tuple[int, list[tuple[slice, slice]]]:
    """Which elements of a kernel saw each of `stride` neighbouring pixels, and where those stand in a window of errors.

    Element i of output o saw pixel o · stride + i · dilation - before. The window begins so many errors before the
    pixels, and has those of the last elements first.
    """
    elements = np.arange(length)
    last = (dilation * (length - 1) - before) // stride
    found = []
    for pixel in range(stride):
        output, rest = np.divmod(pixel + before - dilation * elements, stride)
        seen = rest == 0
        found.append((_as_slice(elements[seen]), _as_slice(last + output[seen][::-1])))
    return last, found


def _as_slice(numbers: np.ndarray) -> slice:
    """The slice that takes numbers of equal steps."""
    if not numbers.size:
        return slice(0, 0)
    step = int(numbers[1] - numbers[0]) if numbers.size > 1 else 1
    return slice(int(numbers[0]), int(numbers[-1]) + 1, step)


def within_zeros(images: np.ndarray, before: Pair, size: Pair) -> np.ndarray:
    """Images `(…, y, x, c)` with zeros before them, and behind up to a size; before less than 0 leaves out pixels."""
    top, left = (max(0, zeros) for zeros in before)
    inside = images[..., max(0, -before[0]) : size[0] - before[0], max(0, -before[1]) : size[1] - before[1], :]
    bottom, right = top + inside.shape[-3], left + inside.shape[-2]
    small = images.nbytes < 2**20  # and in the cache, where writing twice takes no longer than picking out the sides
    padded = (np.zeros if small else np.empty)((*images.shape[:-3], *size, images.shape[-1]), images.dtype)
    padded[..., top:bottom, left:right, :] = inside
    if not small:
        padded[..., :top, :, :] = padded[..., bottom:, :, :] = 0
        padded[..., :left, :] = padded[..., right:, :] = 0
    return padded


@lru_cache(1024)
def tiling(kernel_width: int, num_kernels: int, output_width: int, places: Places) -> tuple[int, int, int]:
    """How many neighbouring output pixels to compute from one wider window, its width, and the step to the next.

    With few kernels the time goes into copying windows, and the product is too narrow to be fast. So `tile` pixels
    share a window: it takes less than twice the multiplications and a third of the copies. They are one pixel with
    `tile` times as many channels; the memory order is the same. Those of windows with gaps, or of several groups,
    lie otherwise.
    """
    alone = places.groups > 1 or places.dilation[1] > 1
    widest = 1 if alone else max(1, min(kernel_width - 1, 32 // num_kernels))
    tile = next(tile for tile in range(widest, 0, -1) if output_width % tile == 0)
    return tile, kernel_width + places.stride[1] * (tile - 1), places.stride[1] * tile
