"""Arrays and pictures from strangers: what their headers say is neither believed nor evaluated."""

import io
import struct
import warnings
import zlib

import pytest
from PIL import Image

from Generator.picture_files import read_picture
from tests.refusals import refusal


def array_file(described, shape, order="False", content=b"", version=b"\x01\x00"):
    header = b"{'descr': %s, 'fortran_order': %s, 'shape': %s, }\n" % (
        described.encode(),
        order.encode(),
        shape.encode(),
    )
    return b"\x93NUMPY" + version + struct.pack("<H" if version[0] == 1 else "<I", len(header)) + header + content


@pytest.mark.parametrize(
    "content",
    [
        array_file("'|u1'", "(7000, 7000, 3)"),
        array_file("'|V0'", "(256, 3, 2147483648)"),
        array_file("'|u1'", "(99999999999999999, 99999999999999999)"),
        array_file("'|u1'", "(-3, -4)", content=bytes(12)),
        array_file("'|u1'", "(3, 4, 5, 6)", content=bytes(360)),
        array_file("'|u1'", "(3, 4" + ", 1" * 70 + ")", content=bytes(12)),
        array_file("'|u1'", "(3.0, 4.0)", content=bytes(12)),
        array_file("'|u1'", "(3, 4", content=bytes(12)),
        array_file("'|u1'", "[3, 4]", content=bytes(12)),
        array_file("'|u1'", "(" * 3000 + ")" * 3000, content=bytes(12)),
        array_file("'|u1'", "-" * 5000 + "1", content=bytes(12)),
        array_file("'|u1'", "__import__('os').abort()", content=bytes(12)),
        array_file("__import__('os').abort()", "(3, 4)", content=bytes(12)),
        array_file("'|u1'", "(3, 4)", "__import__('os').abort()", content=bytes(12)),
        array_file("'|O'", "(3, 4)", content=bytes(96)),
        array_file("'O8'", "(3, 4)", content=bytes(96)),
        array_file("[('a', '|u1')]", "(3, 4)", content=bytes(12)),
        array_file("'(3,)u1'", "(3, 4)", content=bytes(36)),
        array_file("'u1,u1'", "(3, 4)", content=bytes(24)),
        array_file("'<U999999999'", "(3, 4)", content=bytes(12)),
        array_file("'|V0'", "(3, 4)"),
        array_file("'|u3'", "(3, 4)", content=bytes(36)),
        array_file("'|u1'", "(3, 4)", content=bytes(11)),
        array_file("'|u1'", "(3, 4)", content=bytes(12), version=b"\x03\x00"),
        array_file("'|u1', 'descr': '|u1'", "(3, 4)", content=bytes(12)),
        array_file("'|u1', 'more': True", "(3, 4)", content=bytes(12)),
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{",
        b"\x93NUMPY\x01\x00",
        b"\x93NUMPY",
        b"",
        b"\x80\x02}.",
        b"PK\x03\x04",
    ],
)
def test_an_array_whose_header_says_anything_else_is_refused(tmp_path, content):
    (tmp_path / "picture.npy").write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refusal(lambda: read_picture(tmp_path / "picture.npy"), "picture.npy", 2, (ValueError, TypeError))


@pytest.mark.parametrize(
    "content",
    [
        array_file("'|u1'", "(3, 4)", content=bytes(range(12))),
        array_file("'|u1'", "(3L, 4L)", content=bytes(range(12))),
        array_file("'|u1'", "(3, 4)", content=bytes(range(12)), version=b"\x02\x00"),
        array_file('"|u1"', "( 3 ,4 , )", content=bytes(range(12))),
        b"\x93NUMPY\x01\x00"
        + struct.pack("<H", 60)
        + b"{'shape': (3, 4), 'descr': '|u1', 'fortran_order': False}".ljust(60)
        + bytes(range(12)),
    ],
)
def test_headers_as_other_programs_write_them(tmp_path, content):
    (tmp_path / "picture.npy").write_bytes(content)
    assert read_picture(tmp_path / "picture.npy").ravel().tolist() == list(range(12))


def chunk(kind, content, length=None):
    size = struct.pack(">I", len(content) if length is None else length)
    return size + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(*chunks, width=8, height=8):
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), *chunks]
    )


PIXELS = chunk(b"IDAT", zlib.compress(bytes(8 * 25)))
BOMB = zlib.compress(bytes(20 * 2**20))


def jpeg(height, width):
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "jpeg")
    content = stream.getvalue()
    place = content.index(b"\xff\xc0") + 5
    return content[:place] + struct.pack(">HH", height, width) + content[place + 4 :]


@pytest.mark.parametrize("suffix", ["png", "jpg"])
@pytest.mark.parametrize(
    "content",
    [
        png(PIXELS, width=8001, height=8000),
        png(PIXELS, width=2**31 - 1, height=2**31 - 1),
        jpeg(65500, 65500),
        jpeg(8000, 8001),
    ],
)
def test_a_picture_that_unfolds_to_gigabytes_is_refused_with_the_limit(tmp_path, content, suffix):
    (tmp_path / f"bomb.{suffix}").write_bytes(content)
    message = refusal(lambda: read_picture(tmp_path / f"bomb.{suffix}"), f"bomb.{suffix}")
    assert "expected at most 64,000,000 pixels" in message


@pytest.mark.parametrize(
    "content",
    [
        png(chunk(b"IDAT", b"", 2**32 - 1)),
        png(chunk(b"zTXt", b"a\0\0" + BOMB), PIXELS),
        png(chunk(b"iTXt", b"a\0\1\0\0\0" + BOMB), PIXELS),
        png(chunk(b"IDAT", zlib.compress(b"")), chunk(b"IEND", b"")),
        png(PIXELS)[:45],
        jpeg(8, 8)[:-40],
        b"GIF89a" + bytes(100),
        b"BM" + bytes(100),
        b"II*\0" + bytes(100),
        b"%!PS-Adobe-3.0 EPSF\n%%BoundingBox: 0 0 9 9\n",
    ],
)
def test_a_picture_that_is_damaged_or_of_another_format_is_refused(tmp_path, content):
    (tmp_path / "picture.png").write_bytes(content)
    message = refusal(lambda: read_picture(tmp_path / "picture.png"), "picture.png")
    assert "expected " in message and ".png" in message


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_what_a_picture_is_called_does_not_decide_what_it_is(tmp_path, suffix):
    path = tmp_path / f"picture.{suffix}"
    for content in (png(chunk(b"IDAT", zlib.compress(bytes(8 * 25))), chunk(b"IEND", b"")), jpeg(8, 8)):
        path.write_bytes(content)
        assert read_picture(path).shape == (8, 8, 3)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<!DOCTYPE html><html>", "an HTML page"),
        (b"\n  <HTML lang='en'>", "an HTML page"),
        (b"<?xml version='1.0'?><svg xmlns='x'>", "an SVG drawing"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC file"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "a film"),
        (b"8BPS\0\1", "a Photoshop file"),
        (b"%PDF-1.7\n", "a PDF file"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "a PostScript file"),
        (b"PK\3\4" + bytes(30), "a ZIP archive"),
        (b"\x1f\x8b\x08" + bytes(30), "a packed file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
        (b'{"message": "not found"}', "a text file"),
        (b"", "an empty file"),
    ],
)
def test_what_a_file_really_is_stands_in_the_refusal(tmp_path, content, what):
    (tmp_path / "picture.jpg").write_bytes(content)
    assert f"got {what}" in refusal(lambda: read_picture(tmp_path / "picture.jpg"), "picture.jpg")


def test_a_broken_picture_under_another_name_is_told_by_its_true_format(tmp_path):
    (tmp_path / "picture.jpg").write_bytes(b"RIFF\x24\0\0\0WEBPVP8 " + b"\1" * 40)
    assert "an intact WebP file (named .jpg)" in refusal(lambda: read_picture(tmp_path / "picture.jpg"), "picture.jpg")
