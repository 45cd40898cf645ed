"""The base of layers that look at windows of images, channel by channel.

All windows are handled at once, one of their pixels after the other: the first pixels of all windows form a smaller
image (a strided view), so do the second pixels, and so on.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.Pieces import in_pieces
from Layers.Base import BaseLayer
from Layers.Padding import Pairs, around, count_windows, read_padding

Slices = tuple[slice, ...]


class Windows(BaseLayer):
    """A layer with one output for each window: `(y + padding - p_y) // s_y + 1` of them one below the other.

    Only whole windows count; what is left at the lower and right border is dropped.

    Args:
        stride_shape: step between neighbouring windows, `(s_y, s_x)`. One number stands for both.
        pooling_shape: size of a window, `(p_y, p_x)`. One number stands for both.
        padding: pixels around the image that windows may stand on, see `Layers/Padding.py`.
        axes: of an image, 2, or of a signal, 1.
    """

    def __init__(
        self,
        stride_shape: int | Sequence[int],
        pooling_shape: int | Sequence[int],
        *,
        padding: Any = 0,
        axes: int = 2,
    ) -> None:
        name = type(self).__name__
        self.axes = read_axes(axes, name)
        self.stride_shape = Checks.per_axis(stride_shape, self.axes, name, "stride_shape")
        self.pooling_shape = Checks.per_axis(pooling_shape, self.axes, name, "pooling_shape")
        self.padding = read_padding(padding, self.pooling_shape, name)

    @property
    def number_of_axes(self) -> int:
        """How many axes the input has: 4 for images, 3 for signals."""
        return 2 + self.axes

    @property
    def pads(self) -> Pairs:
        """How many pixels stand before and after an image, in each direction."""
        return around(self.padding, self.pooling_shape)

    def require_room(self, shape: tuple[int, ...]) -> None:
        """Raise ValueError where no window fits."""
        self._count(shape)

    def _count(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return count_windows(shape[2:], self.pads, self.pooling_shape, self.stride_shape, self)

    def _one_for_each(self, images: np.ndarray, outside: float | None = None) -> np.ndarray:
        """An array with a number to come for each window, in the images' order of memory.

        Windows that may begin on padding have a number of what is `outside` there.
        """
        size = self._count(images.shape)
        numbers = np.empty_like(images, shape=(*images.shape[:2], *size))
        if outside is not None and any(map(any, self.pads)):
            numbers[...] = outside
        return numbers

    def _first_places(self, like: np.ndarray) -> np.ndarray:
        """For each window the offset of its first pixel of the image."""
        places = np.zeros_like(like, np.min_scalar_type(math.prod(self.pooling_shape) - 1))
        if any(map(any, self.pads)):
            axes = zip(like.shape[2:], self.stride_shape, self.pads, strict=True)
            first = [np.maximum(before - step * np.arange(count), 0) for count, step, (before, _) in axes]
            places[...] = np.ravel_multi_index(np.ix_(*first), self.pooling_shape)
        return places

    def _visit(self, work: Callable[..., Any], images: np.ndarray, *of_windows: np.ndarray) -> None:
        """For each offset within the windows call `work(offset, pixels, *of_windows)`, with a part of the batch each.

        `pixels` is a view of the images there, the others are views of what there is for the windows that have a pixel
        of the image there, all of one shape.
        """

        def visit(part: slice) -> None:
            for offset, pixels, places in self._pixels(images[part], of_windows[0].shape[2:]):
                work(offset, pixels, *(array[part][places] for array in of_windows))

        in_pieces(visit, images)

    def _hand_back(
        self, share: Callable[..., np.ndarray], shape: Sequence[int], errors: np.ndarray, *of_windows: np.ndarray
    ) -> np.ndarray:
        """The error of images of a shape: each pixel adds up what the windows that it was in have for it.

        `share(offset, errors, *of_windows, out=…)` computes that for all windows' pixels at an offset. The result is in
        the order of memory of the last array.
        """
        input_error = np.zeros_like((errors, *of_windows)[-1], errors.dtype, shape=shape)
        overlapping = any(s < p for s, p in zip(self.stride_shape, self.pooling_shape, strict=True))

        def add(offset: int, pixels: np.ndarray, *parts: np.ndarray) -> None:
            if overlapping:
                pixels += share(offset, *parts, out=None)
            else:
                share(offset, *parts, out=pixels)

        self._visit(add, input_error, errors, *of_windows)
        return input_error

    def _pixels(self, images: np.ndarray, size: tuple[int, ...]) -> Iterator[tuple[int, np.ndarray, Slices]]:
        """For each offset within the windows, in reading order, a view of the pixels there, and whose they are."""
        seen = _seen(images.shape[2:], size, self.pads, self.stride_shape, self.pooling_shape)
        for offset, (pixels, places) in enumerate(seen):
            yield offset, images[pixels], places


def read_axes(axes: Any, owner: str) -> int:
    """How many spatial axes there are; raises TypeError or ValueError for other numbers than 1 and 2."""
    number = Checks.integer(axes, owner, "axes", least=1)
    if number > 2:
        raise ValueError(f"{owner}: expected axes to be 1 for signals or 2 for images, got {number}")
    return number


@lru_cache(1024)
def _seen(
    length: tuple[int, ...], count: tuple[int, ...], pads: Pairs, stride: tuple[int, ...], window: tuple[int, ...]
) -> list[tuple[Slices, Slices]]:
    """For each offset within the windows the pixels that stand there, and the windows for which there is one."""
    axes = zip(length, count, pads, stride, window, strict=True)
    along = [
        [_seen_along(size, number, offset - before, step) for offset in range(covered)]
        for size, number, (before, _), step, covered in axes
    ]
    every = slice(None), slice(None)
    found = [tuple(zip(*ones, strict=True)) for ones in product(*along)]
    return [((*every, *pixels), (*every, *places)) for pixels, places in found]


def _seen_along(length: int, count: int, first: int, step: int) -> tuple[slice, slice]:
    """Which pixels stand at `first + step · place`, and the places whose pixel there is one of the image."""
    start = max(0, -(first // step))
    stop = max(start, min(count, (length - 1 - first) // step + 1))
    begin = first + step * start
    return slice(begin, begin + step * (stop - start), step), slice(start, stop)
