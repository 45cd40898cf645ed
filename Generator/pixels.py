r"""What pixels mean, and how pictures are brought to the size that a network takes.

A picture is an array (height, width, channels), a batch of them (batch, height, width, channels). Stored
pixels keep the kind of number that they came in: bytes 0…255, 16-bit numbers 0…65535, or floats in [0, 1].
Kept so they take an eighth of the memory of float64, and turning and mirroring moves an eighth of the bytes.
"""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from Foundation import Checks

__all__ = ["check_image_size", "check_pixels", "fit", "from_unit", "resize", "to_unit", "working_dtype"]

Pixels = NDArray[Any]

# ITU-R recommendation BT.601: how bright red, green and blue look beside each other.
_LUMINANCE = np.array([0.299, 0.587, 0.114])


def check_pixels(owner: str, images: Pixels) -> None:
    """Make sure that an array holds numbers that can be read as brightness between 0 and 1.

    Args:
        owner: whose pixels these are, for the message.
        images: an array of any shape: bool, uint8 (0…255), uint16 (0…65535), or floats in [0, 1].

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
    elif images.dtype.newbyteorder("=") not in (np.bool_, np.uint8, np.uint16):
        raise TypeError(
            f"{owner}: expected pixels as uint8, uint16, bool or floats in [0, 1], got {images.dtype}; "
            f"{_advice(images)}"
        )


def _advice(images: Pixels) -> str:
    """How to make pixels of other numbers, without losing what they are."""
    if images.dtype.kind not in "iu" or not images.size:
        return "convert them to one of these"
    low, high = images.min(), images.max()
    for name, largest in (("uint8", 255), ("uint16", 65535)):
        if 0 <= low and high <= largest:
            return f"they are from {low} to {high}: convert them with .astype('{name}')"
    return f"they are from {low} to {high}: scale them to floats in [0, 1]"


def check_image_size(value: Any, owner: str) -> tuple[int, int, int]:
    """Return an image size as three plain integers (height, width, channels), each at least 1.

    Args:
        value: any sequence of three whole numbers: height and width in pixels, and the number of channels (1 grey, 3
            colour, 4 colour and opacity).
        owner: who complains in the message.

    Raises TypeError for what is no sequence of whole numbers, ValueError for a wrong count or a size below 1.

    >>> check_image_size([32, 48, 3], "Camera")
    (32, 48, 3)
    """
    if isinstance(value, str | bytes) or not hasattr(value, "__len__") or not hasattr(value, "__getitem__"):
        raise TypeError(
            f"{owner}: expected image_size to be [height, width, channels], got {value!r}; pass e.g. [32, 32, 3]"
        )
    if len(value) != 3:
        raise ValueError(
            f"{owner}: expected image_size to have three entries, [height, width, channels], got {value!r} "
            f"with {len(value)}; pass e.g. [32, 32, 3], or [28, 28, 1] for grey pictures"
        )
    names = ("height", "width", "channels")
    height, width, channels = (
        Checks.integer(entry, owner, f"image_size's {name}", least=1) for name, entry in zip(names, value, strict=True)
    )
    return height, width, channels


def to_unit(images: Pixels, dtype: DTypeLike) -> Pixels:
    """Return pixels as floats in [0, 1].

    Shapes:
        any, and the same comes out. Floats of the wanted dtype are returned as they are, not copied.

    Args:
        images: pixels of any kind that `check_pixels` lets pass.
        dtype: a float dtype.

    >>> to_unit(np.array([0, 51, 255], dtype=np.uint8), "float64").tolist()
    [0.0, 0.2, 1.0]
    """
    if images.dtype.kind == "f":
        return images.astype(dtype, copy=False)
    if images.dtype == np.bool_:
        return images.astype(dtype)
    largest = np.iinfo(images.dtype).max
    return np.divide(images, largest, dtype=np.dtype(dtype))


def working_dtype(images: Pixels) -> np.dtype[Any]:
    """Return the float dtype to compute with pixels in: single precision, which holds 16 bits exactly, if it will do.

    >>> working_dtype(np.zeros(3, dtype=np.uint16)), working_dtype(np.zeros(3))
    (dtype('float32'), dtype('float64'))
    """
    return np.dtype(np.float64 if images.dtype.kind == "f" and images.dtype.itemsize > 4 else np.float32)


def from_unit(images: Pixels, dtype: DTypeLike) -> Pixels:
    """Return floats in [0, 1] as pixels of another kind, rounded to the nearest; undoes `to_unit`.

    Shapes:
        any, and the same comes out.

    Args:
        images: floats in [0, 1].
        dtype: bool, uint8, uint16 or a float dtype.

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

    Shapes:
        (…, any height, any width, any channels) to (…, height, width, channels), dtype unchanged. Pictures that have
        the size already are returned as they are, not copied.

    Args:
        images: pixels.
        image_size: (height, width, channels) in pixels.
        owner: whose pictures these are, for the message.

    Raises ValueError when there is no such conversion of channels.

    Source of the luminance: ITU-R recommendation BT.601.

    >>> fit(np.zeros((48, 64, 3), dtype=np.uint8), (28, 28, 1), "holiday.png").shape
    (28, 28, 1)
    """
    height, width, channels = image_size
    if images.shape[-1] == channels:
        return resize(images, height, width)
    unit = _match_channels(to_unit(images, working_dtype(images)), channels, owner)
    return from_unit(resize(unit, height, width), images.dtype)


def _match_channels(unit: Pixels, channels: int, owner: str) -> Pixels:
    present = unit.shape[-1]
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

    Each axis in turn is filtered with a triangle. With $s$ the old size over the new one and $r = \max(s, 1)$
    the reach of the filter, pixel $i$ of the result is

    $$y_i = \sum_k w_{ik} x_k \Big/ \sum_k w_{ik}, \qquad
      w_{ik} = \max\Bigl(0,\; 1 - \frac{|k + 1/2 - (i + 1/2) s|}{r}\Bigr)$$

    Where a picture grows this is linear interpolation; where it shrinks, every old pixel counts, so that fine
    patterns fade to grey instead of turning into coarse ones that were never there. Pillow computes it, under
    the name of `BILINEAR`: bytes are rounded to bytes after each axis, everything else is computed in single
    precision.

    Shapes:
        (…, any height, any width, channels) to (…, height, width, channels), dtype unchanged. Pictures that
        have the size already are returned as they are, not copied.

    Args:
        images: pixels of any kind.
        height: of the result, in pixels.
        width: of the result, in pixels.

    Source: P. Heckbert, "Fundamentals of texture mapping and image warping", Berkeley (1989), section 3.

    >>> resize(np.array([[0.0, 1.0]])[..., np.newaxis], 1, 4)[0, :, 0].tolist()
    [0.0, 0.25, 0.75, 1.0]
    """
    *batch, old_height, old_width, channels = images.shape
    if (old_height, old_width) == (height, width):
        return images
    from PIL import Image

    def stretched(plane: Pixels) -> Pixels:
        return np.asarray(Image.fromarray(plane).resize((width, height), Image.Resampling.BILINEAR))

    pixels = images if images.dtype == np.uint8 else to_unit(images, np.float32)
    if pixels.dtype == np.uint8 and channels == 3:
        # Pillow takes red, green and blue together if they are bytes, everything else one channel at a time.
        colours = pixels.reshape(-1, old_height, old_width, 3)
        return np.array([stretched(colour) for colour in colours], np.uint8).reshape(*batch, height, width, 3)
    planes = np.moveaxis(pixels, -1, -3).reshape(-1, old_height, old_width)
    result = np.array([stretched(plane) for plane in planes], pixels.dtype).reshape(*batch, channels, height, width)
    result = np.moveaxis(result, -3, -1)
    return result if result.dtype == images.dtype else from_unit(result, images.dtype)
