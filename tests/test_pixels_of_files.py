"""Pixels are what was written: over formats, modes, depths and orientations; each against the array that a file is made
from, against Pillow's own result, or against another reader's.
"""

import struct
import warnings

import numpy as np
import pytest
from PIL import Image, ImageOps

from Generator.picture_files import read_picture
from tests.written_pictures import EXACT, LOSSLESS, chunk, made, numbers_of, png, written

ORIENTATIONS = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a, 1),
}


TURNED = {"PNG": "L RGB RGBA I;16 P", "TIFF": "L RGB RGBA I;16", "WEBP": "RGB"}
LOSSY = {"JPEG": "L RGB CMYK", "WEBP": "RGB RGBA", "AVIF": "RGB RGBA", "JPEG2000": "RGB"}


def note(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


@pytest.mark.parametrize(("kind", "mode", "way"), EXACT)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_format_without_loss_gives_what_was_written(tmp_path, kind, mode, way, seed):
    picture, expected = made(mode, seed)
    found = read_picture(written(tmp_path, picture, kind, **LOSSLESS[kind][1][way]))
    if found.shape[-1] == 3 and expected.shape[-1] == 1:
        found = found[..., :1]  # GIF and BMP write grey as a table of colours
    assert found.dtype == expected.dtype and found.flags.writeable
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("kind", "mode"), [(kind, mode) for kind, modes in TURNED.items() for mode in modes.split()])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_picture_is_turned_as_its_camera_noted(tmp_path, kind, mode, orientation):
    picture, expected = made(mode)
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    found = read_picture(written(tmp_path, picture, kind, exif=note(orientation), **options))
    np.testing.assert_array_equal(found, ORIENTATIONS[orientation](expected))


@pytest.mark.parametrize(
    ("kind", "mode", "orientation"),
    [
        (kind, mode, orientation)
        for kind, modes in LOSSY.items()
        for mode in modes.split()
        for orientation in ((1,) if kind == "JPEG2000" else (1, 6, 7))  # JPEG 2000 has no notes of cameras
    ],
)
def test_a_format_with_loss_gives_what_pillow_gives(tmp_path, kind, mode, orientation):
    path = written(tmp_path, made(mode)[0], kind, **({} if kind == "JPEG2000" else {"exif": note(orientation)}))
    theirs = ImageOps.exif_transpose(Image.open(path))
    theirs = np.asarray(theirs.convert("RGB") if theirs.mode == "CMYK" else theirs)
    np.testing.assert_array_equal(read_picture(path), theirs.reshape(*theirs.shape[:2], -1))


# Broken notes.

BROKEN_NOTES = {
    "no EXIF": b"Exif\0\0garbage",
    "cut": b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01\x03\0\1\0",
    "a text": b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\x02\0\0\0\x02ab\0\0\0\0\0\0",
    "99": note(99),
    "0": note(0),
    "far away": b"Exif\0\0II*\0\xff\xff\xff\x7f",
}


@pytest.mark.parametrize("broken", BROKEN_NOTES)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("filters", ["default", "error"])
def test_broken_notes_of_a_camera_do_no_harm(tmp_path, kind, broken, filters):
    picture, expected = made("RGB")
    path = written(tmp_path, picture, kind, exif=BROKEN_NOTES[broken])
    with warnings.catch_warnings(record=filters == "default"):
        warnings.simplefilter(filters, UserWarning)
        found = read_picture(path)
    assert found.shape == expected.shape
    if kind == "PNG":
        np.testing.assert_array_equal(found, expected)


# PNG with few bits and many, written here.


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_grey_of_any_depth_with_a_transparent_shade(tmp_path, bits):
    numbers = numbers_of(bits)
    (tmp_path / "a.png").write_bytes(png(numbers, bits, 0, chunk(b"tRNS", struct.pack(">H", numbers[1, 2]))))
    found = read_picture(tmp_path / "a.png")
    largest = 65535 if bits == 16 else 255
    assert found.dtype == (np.uint16 if bits == 16 else np.uint8) and found.shape == (3, 5, 2)
    np.testing.assert_array_equal(found[..., 0], numbers * (largest // (2**bits - 1)))
    np.testing.assert_array_equal(found[..., 1], np.where(numbers == numbers[1, 2], 0, largest))


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("opacities", [0, 1, 2, -1])
def test_palettes_of_any_depth_with_transparent_colours(tmp_path, bits, opacities):
    rng, numbers = np.random.default_rng(5), numbers_of(bits)
    colours = rng.integers(0, 256, (2**bits, 3), dtype=np.uint8)
    opacity = np.full(2**bits, 255, np.uint8)
    chunks = [chunk(b"PLTE", colours.tobytes())]
    if opacities:
        given = rng.integers(0, 256, opacities if opacities > 0 else 2**bits, dtype=np.uint8)
        opacity[: len(given)] = given
        chunks.append(chunk(b"tRNS", given.tobytes()))
    (tmp_path / "a.png").write_bytes(png(numbers, bits, 3, *chunks))
    found = read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(found[..., :3], colours[numbers])
    assert found.shape[-1] == (4 if opacities else 3)
    if opacities:
        np.testing.assert_array_equal(found[..., 3], opacity[numbers])


@pytest.mark.parametrize(("kind", "channels"), [(2, 3), (6, 4)])
def test_of_colours_of_16_bits_the_upper_8_are_read(tmp_path, kind, channels):
    numbers = numbers_of(16, channels)
    (tmp_path / "a.png").write_bytes(png(numbers, 16, kind))
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png"), numbers >> 8)


def test_a_transparent_colour_of_16_bits_is_refused_by_name(tmp_path):
    numbers = numbers_of(16, 3)
    (tmp_path / "a.png").write_bytes(png(numbers, 16, 2, chunk(b"tRNS", struct.pack(">HHH", *numbers[0, 0].tolist()))))
    with pytest.raises(ValueError, match=r"a\.png.* colours of 16 bits of which one is transparent"):
        read_picture(tmp_path / "a.png")


# TIFF with what a picture for people doesn't have.


def tiff(numbers, photometric=1, sample_format=1, order="<", extra=()):
    """A TIFF of an array (height, width, channels)."""
    height, width, channels = numbers.shape
    content = numbers.astype(numbers.dtype.newbyteorder(order)).tobytes()
    bits = numbers.dtype.itemsize * 8
    tags = [(256, 3, [width]), (257, 3, [height]), (258, 3, [bits] * channels), (259, 3, [1]), (262, 3, [photometric]),
            (273, 4, [8]), (277, 3, [channels]), (278, 3, [height]), (279, 4, [len(content)])]  # fmt: skip
    tags += [(338, 3, list(extra))] if extra else []
    tags += [(339, 3, [sample_format] * channels)]
    after = 8 + len(content) + 2 + 12 * len(tags) + 4
    directory, longer = struct.pack(order + "H", len(tags)), b""
    for tag, kind, values in tags:
        packed = struct.pack(f"{order}{len(values)}{'H' if kind == 3 else 'I'}", *values)
        if len(packed) > 4:
            longer, packed = longer + packed, struct.pack(order + "I", after + len(longer))
        directory += struct.pack(order + "HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8 + len(content))
    return head + content + directory + bytes(4) + longer


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_grey_in_either_order_of_bytes(tmp_path, order, dtype):
    numbers = numbers_of(8 * int(dtype[1]), 1).astype(dtype)
    (tmp_path / "a.tif").write_bytes(tiff(numbers, order=order))
    found = read_picture(tmp_path / "a.tif")
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, numbers)


@pytest.mark.parametrize(
    ("numbers", "options", "message"),
    [
        (np.zeros((3, 4, 5), np.uint8), {"photometric": 2, "extra": (0, 0)}, r"got 5 channel\(s\) of 8 bits"),
        (np.zeros((3, 4, 5), np.uint8), {}, r"got 5 channel\(s\) of 8 bits"),
        (np.zeros((3, 4, 2), np.uint16), {"extra": (0,)}, r"got 2 channel\(s\) of 16 bits"),
        (np.zeros((3, 4, 13), np.uint16), {"extra": (0,) * 12}, r"got 13 channel\(s\) of 16 bits"),
        (np.zeros((3, 4, 3), np.float32), {"photometric": 2, "sample_format": 3}, r"3 channel\(s\) of 32 bits as"),
        (np.full((3, 4, 1), 70000, np.int32), {"sample_format": 2}, "grey of at most 16 bits"),
        (np.full((3, 4, 1), 7, np.int16), {"sample_format": 2}, "grey of at most 16 bits"),
        (np.full((3, 4, 1), 7, np.uint16), {"photometric": 0}, "16 bits, 0 for white"),
        (np.full((3, 4, 1), 7, np.float32), {"sample_format": 3}, r"floats in \[0, 1\]"),
    ],
)  # fmt: skip
def test_tiff_that_is_no_picture_for_people_is_refused_by_name(tmp_path, numbers, options, message):
    (tmp_path / "a.tif").write_bytes(tiff(numbers, **options))
    with pytest.raises(ValueError, match=message) as caught:
        read_picture(tmp_path / "a.tif")
    assert "a.tif" in str(caught.value)


# Films and pages.


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_several_pictures_the_first_is_read(tmp_path, kind):
    pictures = [Image.new("RGB", (6, 4), colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
    path = written(
        tmp_path,
        pictures[0],
        kind,
        save_all=True,
        append_images=pictures[1:],
        **{"WEBP": {"lossless": True}}.get(kind, {}),
    )
    found = read_picture(path)
    assert found.shape[:2] == (4, 6)
    np.testing.assert_array_equal(found[..., :3], np.broadcast_to([255, 0, 0], (4, 6, 3)))
