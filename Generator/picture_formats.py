"""Which kind of file it is, by its first bytes: what it is called is no proof."""

import functools
import importlib
import os
import re
from dataclasses import dataclass
from typing import Any

__all__ = ["HEAD_BYTES", "PICTURE_SUFFIXES", "PictureFormat", "described", "format_of", "is_picture"]

HEAD_BYTES = 64  # as many are looked at


@dataclass(frozen=True)
class PictureFormat:
    """A format of pictures that is read.

    Args:
        name: what people call it.
        suffixes: what the names of its files end in.
        begins: how its files begin, a regular expression; empty where they have no mark of their own, and the suffix
            has to be believed.
        decoder: Pillow's module and class for it; empty for NumPy's arrays.

    >>> format_of(b"GIF89a").name
    'GIF'
    """

    name: str
    suffixes: tuple[str, ...]
    begins: bytes
    decoder: tuple[str, str] | None

    def opener(self) -> Any:
        """Return Pillow's class that opens a stream of this format; None where this Pillow was built without it.

        >>> format_of(b"GIF89a").opener().__name__
        'GifImageFile'
        """
        return _opener(*self.decoder) if self.decoder else None


@functools.cache
def _opener(module: str, name: str) -> Any:
    from PIL import features

    # What decoding needs beside it, so that what a file holds decides nothing about what is imported.
    for needed in ("ImageOps", "ImagePalette", "TiffImagePlugin", "ExifTags", "TiffTags"):
        importlib.import_module(f"PIL.{needed}")
    built_with = {"WebPImagePlugin": "webp", "AvifImagePlugin": "avif", "Jpeg2KImagePlugin": "jpg_2000"}.get(module)
    if built_with and not (built_with in features.modules | features.codecs and features.check(built_with)):
        return None
    return getattr(importlib.import_module(f"PIL.{module}"), name)


# Formats that Pillow reads well, and no others: it knows dozens, and each is a way in for a stranger's file.
_FORMATS = (
    PictureFormat("NumPy", (".npy",), rb"\x93NUMPY", None),
    PictureFormat("PNG", (".png", ".apng"), rb"\x89PNG\r\n\x1a\n", ("PngImagePlugin", "PngImageFile")),
    PictureFormat("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), rb"\xff\xd8\xff", ("JpegImagePlugin", "JpegImageFile")),
    PictureFormat("GIF", (".gif",), rb"GIF8[79]a", ("GifImagePlugin", "GifImageFile")),
    # The sizes of header that there are: text may begin with BM. A file .dib has the same inside and mostly no mark.
    PictureFormat(
        "BMP", (".bmp",), rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", ("BmpImagePlugin", "BmpImageFile"),
    ),
    PictureFormat("TIFF", (".tif", ".tiff"), rb"II[*+]\0|MM\0[*+]", ("TiffImagePlugin", "TiffImageFile")),
    PictureFormat("WebP", (".webp",), rb"RIFF.{4}WEBP", ("WebPImagePlugin", "WebPImageFile")),
    PictureFormat(
        "AVIF", (".avif",), rb".{4}ftyp(avi[fs]|(mif1|msf1).{4}([^\0].{3})*?avi[fs])",
        ("AvifImagePlugin", "AvifImageFile"),
    ),
    PictureFormat(
        "JPEG 2000", (".jp2", ".j2k", ".jpx", ".jpf"), rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  \r\n\x87\n",
        ("Jpeg2KImagePlugin", "Jpeg2KImageFile"),
    ),
    PictureFormat(
        "PPM", (".ppm", ".pgm", ".pbm", ".pnm"), rb"P[1-6][ \t\r\n]+[0-9#]", ("PpmImagePlugin", "PpmImageFile")
    ),
    PictureFormat("TGA", (".tga",), b"", ("TgaImagePlugin", "TgaImageFile")),
)  # fmt: skip

# What else lies under a picture's name, or beside pictures, and is recognised to be named.
_OTHERS = {
    rb"\s*(<!doctype html|<html|<head|<body)": "an HTML page",
    rb"\s*<svg|\s*<\?xml.*<svg": "an SVG drawing",
    rb"\s*<\?xml": "an XML file",
    rb".{4}ftyp(hei[cfmsx]|hev[cmsx]|mif1|msf1)": "a HEIC file",
    rb".{4}ftyp": "a film",
    rb"RIFF.{4}AVI |\x1aE\xdf\xa3|\0\0\x01[\xb3\xba]": "a film",
    rb"\xff\x0a|\0\0\0\x0cJXL ": "a JPEG XL file",
    rb"8BPS": "a Photoshop file",
    rb"%PDF": "a PDF file",
    rb"%!PS|\xc5\xd0\xd3\xc6": "a PostScript file",
    rb"\0\0\x01\0.\0": "an icon file",
    rb"PK\x03\x04": "a ZIP archive",
    rb"\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|Rar!": "a packed file",
    rb"version https://git-lfs": "a pointer of Git LFS, the file itself is somewhere else",
    rb"\x80[\x02-\x05]": "a pickle file",
}

PICTURE_SUFFIXES = frozenset(suffix for each in _FORMATS for suffix in each.suffixes)

# Cameras' own formats begin like TIFF and hold a small picture first, which isn't the one that is meant.
_RAW_SUFFIXES = frozenset({".arw", ".cr2", ".dng", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".sr2", ".srw"})

_MARKS = [(re.compile(each.begins, re.DOTALL), each) for each in _FORMATS if each.begins]
_OTHER_MARKS = [(re.compile(begins, re.DOTALL | re.IGNORECASE), what) for begins, what in _OTHERS.items()]
_TEXT = re.compile(rb"[\t\r\n -~]{8,}")
_BY_SUFFIX = {suffix: each for each in _FORMATS if not each.begins for suffix in each.suffixes}


def format_of(head: bytes, suffix: str = "") -> PictureFormat | None:
    """Return the format of a file that begins so, or None where it is none that is read.

    Args:
        head: the first bytes, `HEAD_BYTES` of them if there are as many.
        suffix: what its name ends in, such as `.tga`, for the one format that has no mark (default: nothing).

    >>> format_of(b"RIFF....WEBPVP8 ").name, format_of(b"<html>")
    ('WebP', None)
    """
    found = next((each for mark, each in _MARKS if mark.match(head)), None)
    if found is None and not described(head):
        found = _BY_SUFFIX.get(suffix.lower())
    return found


def described(head: bytes) -> str:
    """Return what a file that begins so is, in words, or nothing where nobody knows.

    Args:
        head: the first bytes, `HEAD_BYTES` of them if there are as many.

    >>> described(b"<!DOCTYPE html>"), described(b"GIF89a"), described(b"once upon a time")
    ('an HTML page', 'a GIF file', 'a text file')
    """
    named = next((each.name for mark, each in _MARKS if mark.match(head)), "")
    if named:
        return f"a{'n' if named[0] == 'A' else ''} {named} file"
    found = next((what for mark, what in _OTHER_MARKS if mark.match(head)), "")
    return found or ("a text file" if _TEXT.fullmatch(head) else "")


def is_picture(path: str, name: str) -> bool:
    """Return whether a file is taken for a picture: by its suffix, or, where that says nothing, by its first bytes.

    Args:
        path: the file, which is opened only where the suffix isn't one of a picture.
        name: of the file.

    >>> is_picture("Generator/Sample_data/0.npy", "0.npy"), is_picture("README.md", "README.md")
    (True, False)
    """
    suffix = os.path.splitext(name)[1].lower()
    if suffix in PICTURE_SUFFIXES:
        return True
    if suffix in _RAW_SUFFIXES:
        return False
    try:
        with open(path, "rb") as file:
            return format_of(file.read(HEAD_BYTES)) is not None
    except OSError:  # who may not look doesn't know, and says that it isn't used
        return False
