"""From a file to pixels: NumPy arrays, PNG and JPEG, none of them trusted.

A file may come from a stranger. Its header is looked at before memory is set aside for what it claims to
hold, nothing in it is ever executed, and whatever is wrong with it ends in one error that names it.
"""

import io
import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks
from Foundation.ArrayHeaders import read_array_header

from .pixels import check_pixels

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["MAX_PIXELS", "PICTURE_SUFFIXES", "pixels_of", "read_picture"]

PICTURE_SUFFIXES = frozenset({".npy", ".png", ".jpg", ".jpeg"})

_PNG_MARK = b"\x89PNG\r\n\x1a\n"

# Twice what a good camera delivers, and below the size at which Pillow itself begins to warn.
MAX_PIXELS = 64_000_000

# What Pillow calls the layouts that need no conversion before NumPy can take them.
_PLAIN_MODES = frozenset({"L", "LA", "RGB", "RGBA", "I;16", "I;16L", "I;16B"})


def read_picture(
    path: str | os.PathLike[str], largest_side: int | None = None, max_pixels: int = MAX_PIXELS
) -> NDArray[Any]:
    """Read a picture from a `.npy`, PNG or JPEG file.

    A photograph is turned upright as its camera noted. A JPEG much larger than needed is decoded at a half, a
    quarter or an eighth of its size, which saves most of the work.

    Shapes:
        out (height, width, channels), with 1 channel for grey, 2 for grey with opacity, 3 for colour, 4 for colour with
        opacity; uint8 or uint16 from PNG and JPEG, and bool, uint8, uint16 or floats in [0, 1] from `.npy`, where an
        array (height, width) counts as grey.

    Args:
        path: the file.
        largest_side: in pixels, the larger side of the picture that it will be resized to (default None: decode at full
            size).
        max_pixels: the largest height times width that is accepted (default 64 million), which protects from small
            files that declare gigantic pictures.

    Raises FileNotFoundError and other OSErrors when the file cannot be opened; ValueError or TypeError,
    naming the file, when it holds no usable picture.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(f"{folder}/grey.npy", np.zeros((4, 6), dtype=np.uint8))
    ...     read_picture(f"{folder}/grey.npy").shape
    (4, 6, 1)
    """
    path = os.fspath(Checks.path(path, "read_picture", "path"))
    max_pixels = Checks.positive_integer(max_pixels, "read_picture", "max_pixels")
    if largest_side is not None:
        largest_side = Checks.positive_integer(largest_side, "read_picture", "largest_side")
    owner = f"picture '{path}'"
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in PICTURE_SUFFIXES:
        raise ValueError(
            f"{owner}: expected a file that ends in {', '.join(sorted(PICTURE_SUFFIXES))}, got '{suffix}'; "
            f"convert it to PNG"
        )
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{owner}: expected a file, found none; was it moved since its name was read?")
    decode = _decode_array if suffix == ".npy" else _decode_picture
    try:
        pixels = decode(path, largest_side, max_pixels)
    except _RefusedPictureError as refusal:
        raise ValueError(str(refusal)) from refusal.__cause__
    except (PermissionError, MemoryError, ImportError):
        raise
    except Exception as error:
        # Broken bytes make decoders raise nearly anything: SyntaxError, struct.error, EOFError, OSError …
        raise ValueError(
            f"{owner}: expected an intact {suffix} file, got one that cannot be read "
            f"({type(error).__name__}: {error}); is it complete, and really of this format?"
        ) from error
    check_pixels(owner, pixels)
    return pixels


class _RefusedPictureError(Exception):
    """A picture that was understood well enough to be refused with a message of our own."""


def _decode_array(path: str, largest_side: int | None, max_pixels: int) -> NDArray[Any]:
    with open(path, "rb") as file:
        shape, by_columns, dtype = read_array_header(file)
        if len(shape) not in (2, 3):
            raise _RefusedPictureError(
                f"picture '{path}': expected an array (height, width) or (height, width, channels), got "
                f"shape {shape}; save one picture in each file"
            )
        if len(shape) == 3 and shape[2] > 4 and shape[0] <= 4:
            raise _RefusedPictureError(
                f"picture '{path}': expected an array (height, width, channels), got shape {shape}, which "
                f"looks like (channels, height, width); use numpy.moveaxis(picture, 0, -1) before saving"
            )
        _check_size(path, shape, max_pixels)
        # Compared before reading: no memory is set aside for what a header promises and the file does not
        # hold.
        expected = math.prod(shape) * dtype.itemsize
        present = os.fstat(file.fileno()).st_size - file.tell()
        if present < expected:
            raise ValueError(f"its header declares {expected:,} bytes of pixels, it holds {present:,}")
        pixels = np.empty(shape, dtype, order="F" if by_columns else "C")
        if file.readinto(pixels.ravel(order="K").view(np.uint8).data) != expected:
            raise EOFError("it became shorter while it was read")
    if not dtype.isnative:
        pixels = pixels.byteswap(inplace=True).view(dtype.newbyteorder("="))
    pixels = np.ascontiguousarray(pixels)
    return pixels if pixels.ndim == 3 else pixels[..., np.newaxis]


def _decode_picture(path: str, largest_side: int | None, max_pixels: int) -> NDArray[Any]:
    try:
        # All that decoding may need, so that what a file holds decides nothing about what is imported.
        from PIL import ImageOps, JpegImagePlugin, PngImagePlugin, TiffImagePlugin  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"picture '{path}': PNG and JPEG need Pillow, which is not installed; run 'pip install pillow', "
            f"or save the pictures as .npy"
        ) from error
    with open(path, "rb") as file:
        content = file.read()
    # Read from memory, since whoever reads four gigabytes of a file, because it says so, asks for memory for them.
    # Only these two: Pillow knows dozens of formats, and each is a way in for a stranger's file.
    decoder = PngImagePlugin.PngImageFile if content.startswith(_PNG_MARK) else JpegImagePlugin.JpegImageFile
    with decoder(io.BytesIO(content)) as picture:
        _check_size(path, (picture.height, picture.width), max_pixels)
        if largest_side is not None:
            # Twice the wanted size keeps every detail that survives resizing.
            picture.draft(None, (2 * largest_side, 2 * largest_side))
        return pixels_of(ImageOps.exif_transpose(picture))


def pixels_of(picture: "Image.Image") -> NDArray[Any]:
    """Return the pixels of a picture of Pillow's, as `read_picture` returns those of a file.

    A picture whose numbers are those of a table of colours has the colours themselves here.

    >>> from PIL import Image
    >>> pixels_of(Image.new("P", (3, 2))).shape
    (2, 3, 3)
    """
    if picture.mode == "1":
        picture = picture.convert("L")
    elif picture.mode == "I":
        # Grey pictures of 16 bits, in the wider type in which some versions of Pillow open them.
        return np.asarray(picture).astype(np.uint16)[..., np.newaxis]
    elif picture.mode == "P" or picture.mode not in _PLAIN_MODES or "transparency" in picture.info:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    pixels = np.array(picture)
    if pixels.dtype.kind == "u":
        pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    return pixels if pixels.ndim == 3 else pixels[..., np.newaxis]


def _check_size(path: str, shape: tuple[int, ...], max_pixels: int) -> None:
    if min(shape) < 1:
        raise _RefusedPictureError(
            f"picture '{path}': expected at least one pixel, got shape {shape}; was it saved empty?"
        )
    if shape[0] * shape[1] > max_pixels:
        raise _too_large(path, f"its header declares {shape[0]} x {shape[1]}", max_pixels)


def _too_large(path: str, found: str, max_pixels: int) -> _RefusedPictureError:
    return _RefusedPictureError(
        f"picture '{path}': expected at most {max_pixels:,} pixels, got more ({found}); make it smaller, or "
        f"raise max_pixels if you trust the file"
    )
