"""Pictures turned, shifted and stretched: each pixel of the result is read between the pixels of the picture."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["map_planes"]

# As many pixels are worked on at a time as stay in the cache with all that is computed on the way.
_PIXELS_AT_A_TIME = 2**14
_PIXELS_OF_A_GROUP = 2**16
#: Places and weights of bytes are counted in so many parts of a pixel.
_PARTS = 256
_LANES = 4


def map_planes(
    images: NDArray[Any], matrices: NDArray[np.float64], offsets: NDArray[np.float64], dtype: Any
) -> NDArray[Any]:
    r"""Read pixel p of each result from its image at $q = A p + t$, linearly between the four pixels around q.

    What lies outside is continued from the border. Of bytes, places and weights are rounded to 1/256, by which
    no value changes by more than 0.006, nor by anything where neighbours are alike; of other pixels, nothing is.

    Shapes:
        (batch, height, width, channels), the same comes out.

    Args:
        images: bytes, or floats in [0, 1].
        matrices: A for each image, (batch, 2, 2), of rows and columns counted from the first pixel.
        offsets: t for each image, (batch, 2).
        dtype: float32 or float64, of the result, which is from 0 to 1.

    >>> image = np.array([[0, 255]], dtype=np.uint8).reshape(1, 1, 2, 1)
    >>> map_planes(image, np.eye(2)[np.newaxis], np.array([[0.0, 0.5]]), "float64").ravel().tolist()
    [0.5, 1.0]
    """
    result = np.empty(images.shape, dtype)
    if images.dtype == np.uint8 and images.shape[-1] <= _LANES:
        _map_bytes(images, matrices, offsets, result)
        return result
    from scipy import ndimage

    # A call for each channel: in three dimensions SciPy would interpolate between the channels too, and take twice
    # as long.
    for image, mapped, matrix, offset in zip(images, result, matrices, offsets, strict=True):
        for channel in range(images.shape[-1]):
            ndimage.affine_transform(
                image[..., channel], matrix, offset, output=mapped[..., channel], order=1, mode="nearest"
            )
    # Two weights that should add up to 1 can miss it by the last bit, which white must not show.
    return np.minimum(result, 1, out=result)


def _map_bytes(images: NDArray[np.uint8], matrices: Any, offsets: Any, result: NDArray[Any]) -> None:
    """The channels of a pixel are 16 bits each of one number of 64, and multiplied by a weight of 8 bits at once."""
    count, height, width, channels = images.shape
    across = np.arange(width, dtype=np.float32)
    lines = result.reshape(count * height, width, channels)
    steps = (_PARTS * matrices).astype(np.float32)
    # Half a part more, so that cutting off the rest rounds.
    starts = _PARTS * (matrices[:, np.newaxis, :, 0] * np.arange(height)[:, np.newaxis] + offsets[:, np.newaxis]) + 0.5
    starts = starts.astype(np.float32)
    for first, last in _pieces(count, height * width, _PIXELS_OF_A_GROUP):
        packed = np.zeros((last - first) * height * width + width + 1, np.uint64)
        lanes = packed[: (last - first) * height * width].view(np.uint16).reshape(-1, height, width, _LANES)
        for channel in range(channels):  # three bytes at a time take four times as long
            lanes[..., channel] = images[first:last, ..., channel]
        for top, bottom in _pieces((last - first) * height, width, _PIXELS_AT_A_TIME):
            image, row = np.divmod(np.arange(top, bottom), height)
            y, x = (
                (starts[first + image, row, axis, np.newaxis] + steps[first + image, axis, 1, np.newaxis] * across)
                for axis in (0, 1)
            )
            np.clip(y, 0, _PARTS * (height - 1), out=y)
            np.clip(x, 0, _PARTS * (width - 1), out=x)
            place, weights = _place_and_weights(y.astype(np.int32), x.astype(np.int32), width)
            place = place + (image * (height * width))[:, np.newaxis]
            total = packed.take(place)
            total *= weights[0]
            for further, weight in zip((1, width, width + 1), weights[1:], strict=True):
                beside = packed[further:].take(place)
                beside *= weight
                total += beside
            values = total.view(np.uint16).astype(result.dtype)
            values /= 255 * _PARTS
            line = first * height + top
            for channel in range(channels):
                lines[line : line + bottom - top, :, channel] = values[:, channel::_LANES]


def _place_and_weights(y: NDArray[np.int32], x: NDArray[np.int32], width: int) -> tuple[Any, list[Any]]:
    """The first of four pixels, counted along the rows, and the weights of all four, whose sum is that of one pixel."""
    down, right = y & (_PARTS - 1), x & (_PARTS - 1)
    y >>= 8
    y *= width
    x >>= 8
    y += x
    both = down * right
    both += _PARTS // 2
    both >>= 8
    down -= both
    right -= both
    none = _PARTS - both
    none -= down
    none -= right
    return y, [weight.astype(np.uint64) for weight in (none, right, down, both)]


def _pieces(count: int, size: int, most: int) -> Iterator[tuple[int, int]]:
    """From where to where pieces of things of a size go, none of them larger than the most, or than one thing."""
    step = max(1, most // size)
    yield from ((start, min(start + step, count)) for start in range(0, count, step))
