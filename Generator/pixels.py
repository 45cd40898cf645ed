r"""What pixels mean, and how pictures are brought to the size that a network takes.

A picture is an array (height, width, channels), a batch of them (batch, height, width, channels). Stored
pixels keep the kind of number that they came in: bytes 0…255, 16-bit numbers 0…65535, or floats in [0, 1].
Kept so they take an eighth of the memory of float64, and turning and mirroring moves an eighth of the bytes.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["check_pixels", "fit", "from_unit", "resize", "to_unit"]

Pixels = NDArray[Any]

# ITU-R recommendation BT.601: how bright red, green and blue look beside each other.
_LUMINANCE = np.array([0.299, 0.587, 0.114])


def check_pixels(owner: str, images: Pixels) -> None:
    """Make sure that an array holds numbers that can be read as brightness between 0 and 1.

    Parameters: `owner` says in the message whose pixels these are; `images` is an array of any shape: bool,
    uint8 (0…255), uint16 (0…65535), or floats in [0, 1].

    Raises TypeError for another dtype, ValueError for floats that are not finite or lie outside [0, 1].

    >>> check_pixels("holiday.npy", np.full((32, 32, 3), 128.0))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: holiday.npy: expected floats in [0, 1], got values from 128 to 128; divide by 255, ...
    """
    if images.dtype.kind == "f":
        low, high = images.min(initial=0), images.max(initial=0)
        # Written so that NaN, which compares as false with everything, is refused too.
        if not (low >= 0 and high <= 1):
            raise ValueError(
                f"{owner}: expected floats in [0, 1], got values from {images.min():g} to {images.max():g}; "
                f"divide by 255, or store uint8"
            )
    elif images.dtype not in (np.bool_, np.uint8, np.uint16):
        raise TypeError(
            f"{owner}: expected pixels as uint8, uint16, bool or floats in [0, 1], got {images.dtype}; "
            f"convert bytes with .astype('uint8')"
        )


def to_unit(images: Pixels, dtype: DTypeLike) -> Pixels:
    """Return pixels as floats in [0, 1].

    Shapes: any, and the same comes out. Floats of the wanted dtype are returned as they are, not copied.

    Parameters: `images`, pixels of any kind that `check_pixels` lets pass; `dtype`, a float dtype.

    >>> to_unit(np.array([0, 51, 255], dtype=np.uint8), "float64").tolist()
    [0.0, 0.2, 1.0]
    """
    if images.dtype.kind == "f":
        return images.astype(dtype, copy=False)
    if images.dtype == np.bool_:
        return images.astype(dtype)
    largest = np.iinfo(images.dtype).max
    return np.divide(images, largest, dtype=np.dtype(dtype))


def from_unit(images: Pixels, dtype: DTypeLike) -> Pixels:
    """Return floats in [0, 1] as pixels of another kind, rounded to the nearest; undoes `to_unit`.

    Shapes: any, and the same comes out.

    Parameters: `images`, floats in [0, 1]; `dtype`, bool, uint8, uint16 or a float dtype.

    >>> from_unit(np.array([0.0, 0.2, 1.0]), "uint8").tolist()
    [0, 51, 255]
    """
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return images.astype(kind, copy=False)
    if kind == np.bool_:
        return images >= 0.5
    return np.rint(images * np.iinfo(kind).max).astype(kind)


def fit(images: Pixels, image_size: tuple[int, int, int], owner: str) -> Pixels:
    """Bring pictures to a height, a width and a number of channels.

    Grey becomes colour by repetition and colour grey by luminance (0.299 red + 0.587 green + 0.114 blue);
    what is transparent is laid on white; a missing opacity is full. The aspect ratio is not kept: the picture
    is stretched to the new size, see `resize`.

    Shapes: (…, any height, any width, any channels) to (…, height, width, channels), dtype unchanged.
    Pictures that have the size already are returned as they are, not copied.

    Parameters: `images`, pixels; `image_size`, (height, width, channels) in pixels; `owner` says in the
    message whose pictures these are.

    Raises ValueError when there is no such conversion of channels.

    Source of the luminance: ITU-R recommendation BT.601.

    >>> fit(np.zeros((48, 64, 3), dtype=np.uint8), (28, 28, 1), "holiday.png").shape
    (28, 28, 1)
    """
    height, width, channels = image_size
    if images.shape[-3:] == (height, width, channels):
        return images
    # Single precision holds 16-bit pixels exactly; only floats of double precision ask for more.
    unit = to_unit(images, np.float64 if images.dtype == np.float64 else np.float32)
    unit = resize(_match_channels(unit, channels, owner), height, width)
    return from_unit(unit, images.dtype)


def _match_channels(unit: Pixels, channels: int, owner: str) -> Pixels:
    present = unit.shape[-1]
    if present == channels:
        return unit
    if present not in (1, 2, 3, 4) or channels not in (1, 3, 4):
        raise ValueError(
            f"{owner}: expected pictures with {channels} channels, got {present}; only grey (1), grey with "
            f"opacity (2), colour (3) and colour with opacity (4) can be converted into each other"
        )
    has_opacity = present in (2, 4)
    colour = unit[..., :-1] if has_opacity else unit
    opacity = unit[..., -1:] if has_opacity else np.ones_like(unit[..., :1])
    if channels == 4:
        shape = (*unit.shape[:-1], 3)
        return np.concatenate([np.broadcast_to(colour, shape), opacity], axis=-1)
    if has_opacity:
        colour = colour * opacity + (1 - opacity)
    if channels == 1:
        return colour if colour.shape[-1] == 1 else (colour @ _LUMINANCE.astype(unit.dtype))[..., np.newaxis]
    return colour if colour.shape[-1] == 3 else np.repeat(colour, 3, axis=-1)


def resize(images: Pixels, height: int, width: int) -> Pixels:
    r"""Stretch pictures to a height and a width, interpolated, and without aliasing when they shrink.

    Each axis in turn is filtered with a triangle. With :math:`s` the old size over the new one and
    :math:`r = \max(s, 1)` the reach of the filter, pixel :math:`i` of the result is

    .. math:: y_i = \sum_k w_{ik} x_k \Big/ \sum_k w_{ik}, \quad
              w_{ik} = \max\left(0,\; 1 - \frac{|k + 1/2 - (i + 1/2) s|}{r}\right)

    Where a picture grows this is linear interpolation; where it shrinks, every old pixel counts, so that fine
    patterns fade to grey instead of turning into coarse ones that were never there. This is what Pillow calls
    ``BILINEAR``.

    Shapes: (…, any height, any width, channels) to (…, height, width, channels), float dtype unchanged.

    Parameters: `images`, floats; `height` and `width` of the result in pixels.

    Source: the "area-averaging" linear filter of Pillow's ``Image.resize``; Heckbert, *Fundamentals of
    Texture Mapping and Image Warping*, 1989, section 3.

    >>> resize(np.array([[0.0, 1.0]])[..., np.newaxis], 1, 4)[0, :, 0].tolist()
    [0.0, 0.25, 0.75, 1.0]
    """
    *batch, old_height, old_width, channels = images.shape
    # Channels lie side by side in memory and meet the same weights: a row is a line of width x channels
    # numbers.
    rows = images.reshape(*batch, old_height, old_width * channels)
    rows = _filtered(rows, *_triangle(old_height, height), axis=-2)
    rows = _filtered(rows, *_triangle(old_width, width, channels), axis=-1)
    return rows.reshape(*batch, height, width, channels)


def _filtered(rows: Pixels, places: NDArray[np.intp], weights: NDArray[np.float64], axis: int) -> Pixels:
    # The weights form a matrix with few numbers off zero; going through them one diagonal after the other,
    # for all pixels of all pictures at once, touches no zeros.
    total: Pixels = np.zeros(1)
    for number, (place, weight) in enumerate(zip(places, weights.astype(rows.dtype), strict=True)):
        part = rows.take(place, axis=axis)
        part *= weight if axis == -1 else weight[:, np.newaxis]
        total = part if number == 0 else np.add(total, part, out=total)
    return total


@lru_cache(maxsize=64)
def _triangle(old: int, new: int, side_by_side: int = 1) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    scale = old / new
    reach = max(scale, 1.0)
    centre = (np.arange(new) + 0.5) * scale
    first = np.floor(centre - reach + 0.5).astype(np.intp)
    places = first + np.arange(2 * int(np.ceil(reach)) + 1)[:, np.newaxis]
    weights = np.maximum(0.0, 1.0 - np.abs(places + 0.5 - centre) / reach)
    weights[(places < 0) | (places >= old)] = 0.0
    weights /= weights.sum(axis=0)
    used = weights.any(axis=1)
    places, weights = places.clip(0, old - 1)[used], weights[used]
    places = (places[..., np.newaxis] * side_by_side + np.arange(side_by_side)).reshape(len(places), -1)
    weights = np.repeat(weights, side_by_side, axis=1)
    # Kept and handed out again: nobody may write into them.
    places.setflags(write=False)
    weights.setflags(write=False)
    return places, weights
