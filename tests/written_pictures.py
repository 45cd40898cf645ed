"""Small pictures in files, written as people have them: formats, folders of classes, modes and orientations."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, features

SIZE = [4, 4, 3]


def put(path, shade=0):
    """A small picture of one shade, in the format that the name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4), (shade, shade, shade)).save(path)


def classes_in(folder, names=("cat", "dog"), count=3):
    for number, name in enumerate(names):
        for picture in range(count):
            put(folder / name / f"{picture}.png", 10 * number + picture)


def numbered(folder, count=4, suffix="png"):
    for number in range(count):
        put(folder / f"{number}.{suffix}", number)


# What a format keeps exactly, and how it is asked for it.
LOSSLESS = {
    "PNG": ("1 L LA P RGB RGBA I;16", [{}, {"compress_level": 0}]),
    "TIFF": ("1 L LA P RGB RGBA I;16 F", [{}, {"compression": "tiff_lzw"}, {"compression": "packbits"},
                                          {"compression": "tiff_adobe_deflate"}]),
    "BMP": ("1 L P RGB", [{}]),
    "GIF": ("1 L P", [{}, {"interlace": 1}]),
    "PPM": ("1 L RGB", [{}]),
    "TGA": ("L P RGB RGBA", [{}, {"compression": "tga_rle"}]),
    "WEBP": ("RGB RGBA", [{"lossless": True, "exact": True}]),
    "JPEG2000": ("L LA RGB RGBA", [{}, {"quality_layers": [1], "irreversible": False}]),
}  # fmt: skip
EXACT = [
    (kind, mode, n) for kind, (modes, ways) in LOSSLESS.items() for mode in modes.split() for n in range(len(ways))
]


BUILT_WITH = {"WEBP": "webp", "JPEG2000": "jpg_2000", "AVIF": "avif"}


def made(mode, seed=0):
    """A picture of 7 x 5 in a mode of Pillow's, and the pixels that it has."""
    rng = np.random.default_rng(seed)
    shape = (5, 7)
    if mode == "1":
        array = rng.integers(0, 2, shape).astype(bool)
        return Image.fromarray(array.astype(np.uint8) * 255).convert("1"), array[..., None] * np.uint8(255)
    if mode == "P":
        numbers, colours = rng.integers(0, 20, shape, dtype=np.uint8), rng.integers(0, 256, (20, 3), dtype=np.uint8)
        picture = Image.fromarray(numbers)
        picture.putpalette(colours.tobytes())
        return picture, colours[numbers]
    if mode == "I;16":
        array = rng.integers(0, 2**16, shape, dtype=np.uint16)
        return Image.fromarray(array), array[..., None]
    if mode == "F":
        array = rng.random(shape, dtype=np.float32)
        return Image.fromarray(array), array[..., None]
    channels = len(Image.new(mode, (1, 1)).getbands())
    array = rng.integers(0, 256, (*shape, channels), dtype=np.uint8)
    return Image.frombytes(mode, shape[::-1], array.tobytes()), array


def written(tmp_path, picture, kind, **options):
    if kind in BUILT_WITH and not (
        BUILT_WITH[kind] in features.modules | features.codecs and features.check(BUILT_WITH[kind])
    ):
        pytest.skip(f"this Pillow was built without {kind}")
    path = tmp_path / f"picture.{kind.lower()}"
    picture.save(path, kind, **options)
    return path


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(numbers, bits, kind, *chunks):
    """A PNG of numbers (height, width) or (height, width, channels), of so many bits each."""
    rows = b""
    for row in numbers.reshape(len(numbers), -1):
        text = "".join(format(number, f"0{bits}b") for number in row.tolist())
        text += "0" * (-len(text) % 8)
        rows += b"\0" + bytes(int(text[place : place + 8], 2) for place in range(0, len(text), 8))
    header = struct.pack(">IIBBBBB", numbers.shape[1], len(numbers), bits, kind, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *chunks, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def numbers_of(bits, *more):
    return np.random.default_rng(bits).integers(0, 2**bits, (3, 5, *more))
