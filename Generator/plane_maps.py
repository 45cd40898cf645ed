"""Pictures turned, shifted and stretched: each pixel of the result is read between the pixels of the picture."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["map_planes"]

# As many pixels are worked on at a time as stay in the cache with all that is computed on the way.
_PIXELS_AT_A_TIME = 2**16
#: Places and weights of bytes are counted in so many parts of a pixel.
_PARTS = 256
#: As many channels of bytes, as numbers of 16 bits, make up one number that is computed with at once.
_LANES = {1: 1, 2: 2, 3: 4, 4: 4}


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
    if images.dtype == np.uint8 and images.shape[-1] in _LANES:
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
    """The channels of a pixel are 16 bits each of one number, and multiplied by a weight of 8 bits at once."""
    count, height, width, channels = images.shape
    # A place is where its row starts plus how far its column is from there: a product of matrices, in which nothing is
    # rounded but that sum, and which takes a third of the time that adding takes. Half a part more, so that cutting off
    # the rest rounds.
    starts, distances = np.ones((2, count, height, 2), np.float32), np.ones((2, count, 2, width), np.float32)
    starts[..., 0] = np.moveaxis(
        _PARTS * (matrices[:, :, :1] * np.arange(height) + offsets[:, :, np.newaxis]) + 0.5, 1, 0
    )
    distances[:, :, 1] = np.moveaxis(_PARTS * matrices[:, :, 1:] * np.arange(width), 1, 0)
    last_places = _PARTS * np.array([height - 1, width - 1], np.float32).reshape(2, 1, 1, 1)
    for first, last in _pieces(count, height * width, _PIXELS_AT_A_TIME):
        packed = _packed(images[first:last], width + 1)
        before = height * width * np.arange(last - first, dtype=np.int32).reshape(-1, 1, 1)
        for top, bottom in _pieces(height, (last - first) * width, _PIXELS_AT_A_TIME):
            places = starts[:, first:last, top:bottom] @ distances[:, first:last]
            np.clip(places, 0, last_places, out=places)
            corner, weights = _corner_and_weights(places.astype(np.int32), width)
            corner = (corner + before if last - first > 1 else corner).astype(np.intp)
            # The mode keeps `take` from looking at every place twice: none lies outside.
            total = packed.take(corner, mode="wrap")
            total *= weights[0]
            for further, weight in zip((1, width, width + 1), weights[1:], strict=True):
                beside = packed[further:].take(corner, mode="wrap")
                beside *= weight
                total += beside
            piece = result[first:last, top:bottom]
            np.divide(_unpacked(total, channels).reshape(piece.shape), 255 * _PARTS, out=piece, dtype=piece.dtype)


def _corner_and_weights(places: NDArray[np.int32], width: int) -> tuple[NDArray[np.int32], list[NDArray[np.uint16]]]:
    """The first of four pixels, counted along the rows, and the weights of all four, whose sum is that of one pixel."""
    down, right = places.astype(np.uint16) & (_PARTS - 1)
    places >>= 8
    corner, column = places
    corner *= width
    corner += column
    both = down * right
    both += _PARTS // 2
    both >>= 8
    right -= both
    none = _PARTS - down
    none -= right
    down -= both
    return corner, [none, right, down, both]


def _packed(images: NDArray[np.uint8], more: int) -> NDArray[Any]:
    """One number for each pixel, and some more that are 0."""
    # Three channels are followed by the first of the next pixel, whose bits are in nobody's way: copying four at once
    # takes a third of the time that three times one takes.
    channels = images.shape[-1]
    lanes = _LANES[channels]
    values = np.empty(images.size + more * channels + lanes, np.uint16)
    values[: images.size] = images.reshape(-1)
    values[images.size :] = 0
    shape = (images.size // channels + more,)
    return np.ascontiguousarray(np.ndarray(shape, f"u{2 * lanes}", values, strides=(2 * channels,)))


def _unpacked(numbers: NDArray[Any], channels: int) -> NDArray[np.uint16]:
    """The channels of all pixels again: what follows the third channel is written over by the next pixel."""
    values = np.empty(numbers.size * channels + _LANES[channels], np.uint16)
    np.ndarray((numbers.size,), numbers.dtype, values, strides=(2 * channels,))[...] = numbers.reshape(-1)
    return values[: numbers.size * channels]


def _pieces(count: int, size: int, most: int) -> Iterator[tuple[int, int]]:
    """From where to where pieces of things of a size go, none of them larger than the most, or than one thing."""
    step = max(1, most // size)
    yield from ((start, min(start + step, count)) for start in range(0, count, step))
