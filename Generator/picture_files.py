"""From a file to pixels: NumPy's arrays and the formats of pictures, none of them trusted.

A file may come from a stranger. Its header is looked at before memory is set aside for what it claims to
hold, nothing in it is ever executed, and whatever is wrong with it ends in one error that names it.
"""

import math
import os
from io import BufferedReader
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks
from Foundation.ArrayHeaders import read_array_header

from .decoding import RefusedPictureError, check_size, decode
from .picture_formats import HEAD_BYTES, PICTURE_SUFFIXES, PictureFormat, described, format_of
from .pixels import check_pixels

__all__ = ["MAX_PIXELS", "read_picture"]

# Twice what a good camera delivers, and below the size at which Pillow itself begins to warn.
MAX_PIXELS = 64_000_000


def read_picture(
    path: str | os.PathLike[str], largest_side: int | None = None, max_pixels: int = MAX_PIXELS
) -> NDArray[Any]:
    """Read a picture from a file: `.npy`, PNG, JPEG, GIF, BMP, TIFF, WebP, AVIF, JPEG 2000, PPM or TGA.

    What it is called doesn't decide what it is: the format is recognised by its first bytes (but for TGA, which has no
    mark). A photograph is turned upright as its camera noted. A JPEG much larger than needed is decoded at a half, a
    quarter or an eighth of its size, which saves most of the work. Of a film or of several pages, the first picture is
    read. Colours are taken as sRGB, and of 16 bits for each colour the upper 8 are read; see `decoding`.

    Shapes:
        out (height, width, channels), with 1 channel for grey, 2 for grey with opacity, 3 for colour, 4 for colour with
        opacity; uint8, uint16 (grey of 16 bits) or float32 (TIFF) from pictures, and bool, uint8, uint16 or floats in
        [0, 1] from `.npy`, where an array (height, width) counts as grey.

    Args:
        path: the file.
        largest_side: in pixels, the larger side of the picture that it will be resized to (default None: decode at full
            size).
        max_pixels: the largest height times width that is accepted (default 64 million), which protects from small
            files that declare gigantic pictures.

    Raises FileNotFoundError and other OSErrors when the file cannot be opened; ValueError or TypeError,
    naming the file, and its true format where that is known, when it holds no usable picture.

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
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{owner}: expected a file, found none; was it moved since its name was read?")
    suffix = os.path.splitext(path)[1].lower()
    with open(path, "rb") as file:
        head = file.read(HEAD_BYTES)
        kind = format_of(head, suffix)
        if kind is None:
            _refuse_format(owner, head, suffix)
        file.seek(0)
        try:
            if kind.decoder is None:
                pixels = _read_array(owner, file, max_pixels)
            else:
                pixels = decode(owner, file.read(), kind, largest_side, max_pixels)
        except RefusedPictureError as refusal:
            raise ValueError(str(refusal)) from refusal.__cause__
        except (PermissionError, MemoryError, ImportError):
            raise
        except Exception as error:
            # Broken bytes make decoders raise nearly anything: SyntaxError, struct.error, EOFError, OSError …
            raise ValueError(
                f"{owner}: expected an intact {_named(kind, suffix)}, got one that cannot be read "
                f"({type(error).__name__}: {error}); is it complete?"
            ) from error
    check_pixels(owner, pixels)
    return pixels


def _named(kind: PictureFormat, suffix: str) -> str:
    return f"{suffix} file" if suffix in kind.suffixes else f"{kind.name} file (named {suffix or 'without a suffix'})"


def _refuse_format(owner: str, head: bytes, suffix: str) -> NoReturn:
    expected = (
        f"{owner}: expected an intact {suffix} file" if suffix in PICTURE_SUFFIXES else f"{owner}: expected a picture"
    )
    if not head:
        raise ValueError(f"{expected}, got an empty file; is it complete?")
    found = described(head)
    if found:
        raise ValueError(f"{expected}, got {found}; get the picture itself, or convert it to PNG")
    raise ValueError(
        f"{expected}, got one that cannot be read (it begins with {head[:8]!r}, as no picture does); is it complete, "
        f"and really a picture?"
    )


def _read_array(owner: str, file: BufferedReader, max_pixels: int) -> NDArray[Any]:
    shape, by_columns, dtype = read_array_header(file)
    if len(shape) not in (2, 3):
        raise RefusedPictureError(
            f"{owner}: expected an array (height, width) or (height, width, channels), got "
            f"shape {shape}; save one picture in each file"
        )
    if len(shape) == 3 and shape[2] > 4 and shape[0] <= 4:
        raise RefusedPictureError(
            f"{owner}: expected an array (height, width, channels), got shape {shape}, which "
            f"looks like (channels, height, width); use numpy.moveaxis(picture, 0, -1) before saving"
        )
    check_size(owner, shape, max_pixels)
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
