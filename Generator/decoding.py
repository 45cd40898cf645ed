"""From the bytes of a picture file to pixels, by Pillow: turned upright, with its opacity, in colours as they are.

Colours are taken as sRGB, which nearly all pictures are: a profile that a file has for others isn't applied (see
`python -m Generator check`, which counts such files). Inks (CMYK) are mixed as Pillow does it, without a profile.
"""

import contextlib
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .picture_formats import PictureFormat

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["RefusedPictureError", "check_size", "decode", "open_picture", "pixels_of"]

# Pillow's modes that need no conversion before NumPy can take them; F is that of floats.
_PLAIN_MODES = frozenset({"L", "LA", "RGB", "RGBA", "I;16", "I;16L", "I;16B", "I;16N", "F"})
# Those that have a meaning in red, green and blue. LAB, which Pillow doesn't convert, and strangers' aren't among them.
_CONVERTED_MODES = frozenset({"P", "PA", "CMYK", "YCbCr", "HSV", "RGBX", "RGBa", "La"})

# EXIF's tag for how the camera was held.
_ORIENTATION = 0x0112
# What brings a picture held so upright; 1 is upright.
_TURNS: dict[Any, str] = {
    2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270", 7: "TRANSVERSE",
    8: "ROTATE_90",
}  # fmt: skip
# TIFF's tags.
_BITS, _PHOTOMETRIC, _SAMPLES, _TILE_WIDTH, _TILE_HEIGHT, _SAMPLE_FORMAT = 258, 262, 277, 322, 323, 339
_LARGE_TILE = 2**20


class RefusedPictureError(ValueError):
    """A picture that was understood well enough to be refused with a message of our own."""


def check_size(owner: str, shape: tuple[int, ...], max_pixels: int) -> None:
    """Refuse a picture without pixels, or with more than are accepted.

    Args:
        owner: whose picture it is, for the message.
        shape: (height, width) and what else there is, as the file declares it.
        max_pixels: the largest height times width.

    >>> check_size("holiday.png", (32, 48), 1000)
    Traceback (most recent call last):
        ...
    Generator.decoding.RefusedPictureError: holiday.png: expected at most 1,000 pixels, got more (its header declares \
32 x 48); make it smaller, or raise max_pixels if you trust the file
    """
    if min(shape) < 1:
        raise RefusedPictureError(f"{owner}: expected at least one pixel, got shape {shape}; was it saved empty?")
    if shape[0] * shape[1] > max_pixels:
        raise RefusedPictureError(
            f"{owner}: expected at most {max_pixels:,} pixels, got more (its header declares {shape[0]} x {shape[1]}); "
            f"make it smaller, or raise max_pixels if you trust the file"
        )


def decode(owner: str, content: bytes, kind: PictureFormat, largest_side: int | None, max_pixels: int) -> NDArray[Any]:
    """Return the pixels of a file, see `picture_files.read_picture`.

    Shapes:
        out (height, width, channels), uint8, uint16 or float32.

    Args:
        owner: whose picture it is, for messages.
        content: of the file.
        kind: its format, one of Pillow's.
        largest_side: in pixels, the larger side that it will be resized to, or None.
        max_pixels: the largest height times width that is accepted.

    Raises RefusedPictureError for what is understood and can't be read, ImportError without Pillow, and whatever
    Pillow raises of broken bytes.
    """
    with open_picture(owner, content, kind, max_pixels) as picture:
        if largest_side is not None:
            # Twice the wanted size keeps every detail that survives resizing.
            picture.draft(None, (2 * largest_side, 2 * largest_side))
        picture.load()
        # Pillow has turned TIFF by itself, and some of its versions leave the note as it was.
        return pixels_of(picture if kind.name == "TIFF" else upright(picture), owner)


def open_picture(owner: str, content: bytes, kind: PictureFormat, max_pixels: int) -> "Image.Image":
    """Return a picture of Pillow's whose header has been read and believed, and whose pixels haven't been.

    Args:
        owner: whose picture it is, for messages.
        content: of the file. From memory, since whoever reads four gigabytes of a file, because it says so, asks for
            memory for them.
        kind: its format, one of Pillow's.
        max_pixels: the largest height times width that is accepted.

    Raises what `decode` raises.
    """
    try:
        opener = kind.opener()
    except ImportError as error:
        raise ImportError(
            f"{owner}: pictures need Pillow, which is not installed; run 'pip install pillow', or save them as .npy"
        ) from error
    if opener is None:
        raise RefusedPictureError(
            f"{owner}: expected a format that this Pillow was built with, got a {kind.name} file; install a newer "
            f"Pillow, or convert it to PNG"
        )
    if kind.name in _SIZES:
        # Before Pillow opens it, since that sets memory aside for a whole canvas.
        size = _SIZES[kind.name](content)
        if size is not None:
            check_size(owner, size, max_pixels)
    from PIL import Image

    try:
        picture: Image.Image = opener(io.BytesIO(content))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise RefusedPictureError(
            f"{owner}: expected at most {max_pixels:,} pixels, got more ({bomb}); make it smaller"
        ) from bomb
    except UserWarning:
        if kind.name != "JPEG":
            raise
        # Of notes that can't be read Pillow warns, and where warnings are errors the picture is read without them.
        picture = opener(io.BytesIO(content.replace(b"Exif\0\0", b"none\0\0")))
    except SyntaxError as error:
        if kind.name == "TIFF":
            _refuse_tiff(owner, content, error)
        raise
    check_size(owner, (picture.height, picture.width), max_pixels)
    if kind.name == "TIFF":
        _check_tiff(owner, picture, max_pixels)
    elif kind.name == "PNG":
        _correct_transparency(owner, picture, content)
    return picture


def upright(picture: "Image.Image") -> "Image.Image":
    """Return a picture turned as its camera noted; where the note can't be read, as it is.

    >>> from PIL import Image
    >>> upright(Image.new("L", (3, 2))).size
    (3, 2)
    """
    from PIL import Image

    turn = None
    # A broken note is no broken picture: every viewer shows it.
    with contextlib.suppress(Exception):
        turn = _TURNS.get(picture.getexif().get(_ORIENTATION))
    return picture if turn is None else picture.transpose(Image.Transpose[turn])


def pixels_of(picture: "Image.Image", owner: str = "a picture of Pillow's") -> NDArray[Any]:
    """Return the pixels of a picture of Pillow's, as `read_picture` returns those of a file.

    A picture whose numbers are those of a table of colours has the colours themselves here. A colour that stands for
    transparency becomes opacity.

    Args:
        picture: Pillow's.
        owner: whose it is, for the message.

    Raises RefusedPictureError, a ValueError for everybody else, for a picture without meaning in grey or colours.

    >>> from PIL import Image
    >>> pixels_of(Image.new("P", (3, 2))).shape
    (2, 3, 3)
    """
    if picture.mode == "1":
        pixels = np.asarray(picture.convert("L"))
    elif picture.mode == "I":
        # Grey pictures of 16 bits, in the wider type in which Pillow opens some of them.
        wide = np.asarray(picture)
        if wide.min() < 0 or wide.max() > 65535:
            raise RefusedPictureError(
                f"{owner}: expected grey of at most 16 bits, got whole numbers from {wide.min():,} to {wide.max():,}; "
                f"scale them to floats in [0, 1], and save these as .npy"
            )
        pixels = wide.astype(np.uint16)
    elif picture.mode in _CONVERTED_MODES or (picture.mode == "RGB" and "transparency" in picture.info):
        is_clear = picture.mode in ("PA", "RGBa", "La") or "transparency" in picture.info
        pixels = np.asarray(picture.convert("RGBA" if is_clear else "RGB"))
    elif picture.mode in _PLAIN_MODES:
        pixels = np.array(picture)
    else:
        raise RefusedPictureError(
            f"{owner}: expected grey or colours, with or without opacity, got Pillow's mode {picture.mode}; convert it "
            f"to PNG"
        )
    if pixels.dtype.kind == "u":
        pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    key = picture.info.get("transparency")
    if pixels.ndim == 2 and isinstance(key, int) and picture.mode != "F":
        opacity = np.where(pixels == key, 0, np.iinfo(pixels.dtype).max).astype(pixels.dtype)
        pixels = np.stack([pixels, opacity], axis=-1)
    pixels = pixels if pixels.flags.writeable else pixels.copy()
    return pixels if pixels.ndim == 3 else pixels[..., np.newaxis]


def _webp_size(content: bytes) -> tuple[int, int] | None:
    kind = content[12:16]
    if kind == b"VP8X" and len(content) >= 30:
        return int.from_bytes(content[27:30], "little") + 1, int.from_bytes(content[24:27], "little") + 1
    if kind == b"VP8 " and len(content) >= 30:
        return int.from_bytes(content[28:30], "little") & 0x3FFF, int.from_bytes(content[26:28], "little") & 0x3FFF
    if kind == b"VP8L" and len(content) >= 25:
        bits = int.from_bytes(content[21:25], "little")
        return (bits >> 14 & 0x3FFF) + 1, (bits & 0x3FFF) + 1
    return None


def _gif_size(content: bytes) -> tuple[int, int]:
    return int.from_bytes(content[8:10], "little"), int.from_bytes(content[6:8], "little")


_SIZES: dict[str, Callable[[bytes], tuple[int, int] | None]] = {"WebP": _webp_size, "GIF": _gif_size}


def _correct_transparency(owner: str, picture: "Image.Image", content: bytes) -> None:
    """Bring the colour that stands for transparency, which PNG gives in as many bits as pixels, to Pillow's bits."""
    key, bits, kind = picture.info.get("transparency"), content[24], content[25]
    if isinstance(key, int) and kind == 0 and bits < 8:
        # Where Pillow has done it already, the number is beyond those of so few bits.
        picture.info["transparency"] = key * 255 // (2**bits - 1) if key < 2**bits else key
    elif isinstance(key, tuple) and bits == 16:
        raise RefusedPictureError(
            f"{owner}: expected opacity as a channel, got colours of 16 bits of which one is transparent, and Pillow "
            f"reads them in 8; save it with an opacity channel"
        )


def _check_tiff(owner: str, picture: Any, max_pixels: int) -> None:
    tags = picture.tag_v2
    if _samples(tags) > 4:
        _refuse_channels(owner, tags)
    if picture.mode == "I":
        raise RefusedPictureError(
            f"{owner}: expected grey of at most 16 bits without sign, got other whole numbers; scale them to floats in "
            f"[0, 1], and save these as .npy"
        )
    if picture.mode.startswith("I;16") and (tags.get(_BITS, (16,))[0] != 16 or tags.get(_PHOTOMETRIC, 1) != 1):
        raise RefusedPictureError(
            f"{owner}: expected grey of 16 bits, 0 for black, got {tags.get(_BITS, (16,))[0]} bits, "
            f"{'0 for white' if tags.get(_PHOTOMETRIC) == 0 else '0 for black'}; save it as PNG"
        )
    width, height = (int(tags.get(tag, 0)) for tag in (_TILE_WIDTH, _TILE_HEIGHT))
    if width * height > max(max_pixels, _LARGE_TILE):
        check_size(owner, (height, width), max_pixels)


def _samples(tags: Any) -> int:
    found = tags.get(_SAMPLES, 1)
    return found if isinstance(found, int) else 1


def _refuse_channels(owner: str, tags: Any) -> None:
    bits = tags.get(_BITS, (1,))
    number = {1: "bits", 2: "bits with sign", 3: "bits as floats"}.get(tags.get(_SAMPLE_FORMAT, (1,))[0], "bits")
    raise RefusedPictureError(
        f"{owner}: expected 1 to 4 channels of 8 bits, or grey of 16 bits or floats, got {_samples(tags)} channel(s) "
        f"of {bits[0]} {number}; save the array (height, width, channels) as .npy"
    )


def _refuse_tiff(owner: str, content: bytes, error: SyntaxError) -> None:
    """Say what Pillow didn't understand, where that can be read at all."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    tags: Any = None
    with contextlib.suppress(Exception):
        tags, stream = ImageFileDirectory_v2(content[:8]), io.BytesIO(content)
        stream.seek(tags.next)
        tags.load(stream)
    if tags and (tags.get(_SAMPLES) is not None or tags.get(_BITS) is not None):
        _refuse_channels(owner, tags)
