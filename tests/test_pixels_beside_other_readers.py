"""Pixels of files as another reader has them, and of arrays in either order of bytes."""

import io

import numpy as np
import pytest
from PIL import Image

from Generator.generator import ImageGenerator
from Generator.picture_files import read_picture
from tests.written_pictures import EXACT, LOSSLESS, chunk, made, numbers_of, png, written


def opencv(path):
    """Channels last, red first, as OpenCV reads it; None where it doesn't."""
    cv2 = pytest.importorskip("cv2", reason="OpenCV isn't installed")
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if found.ndim == 2:
        return found[..., None]
    return found[..., [2, 1, 0, 3][: found.shape[-1]]]


# Not here: TGA and JPEG 2000 with two channels, which OpenCV doesn't read; TIFF with opacity or palettes, mixed by it.
COMPARED = {
    (kind, mode)
    for kind, mode, _ in EXACT
    if kind != "TGA"
    and (kind, mode) != ("JPEG2000", "LA")
    and not (kind == "TIFF" and mode in ("P", "LA", "RGBA", "F"))
}


@pytest.mark.parametrize(("kind", "mode"), sorted(COMPARED))
def test_another_reader_reads_the_same(tmp_path, kind, mode):
    path = written(tmp_path, made(mode)[0], kind, **LOSSLESS[kind][1][0])
    theirs, found = opencv(path), read_picture(path)
    if found.shape[-1] == 2:  # OpenCV makes four channels of grey with opacity
        found = found[..., [0, 0, 0, 1]][..., -theirs.shape[-1] :] if theirs.shape[-1] > 1 else found[..., :1]
    if theirs.shape[-1] == 4 and found.shape[-1] == 3:
        theirs = theirs[..., :3]
    if theirs.shape[-1] == 3 and found.shape[-1] == 1:
        theirs = theirs[..., :1]
    np.testing.assert_array_equal(found, theirs)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_another_reader_reads_the_same_palettes(tmp_path, bits):
    rng, numbers = np.random.default_rng(6), numbers_of(bits)
    colours = chunk(b"PLTE", rng.integers(0, 256, 3 * 2**bits, dtype=np.uint8).tobytes())
    opacity = chunk(b"tRNS", rng.integers(0, 256, 2**bits, dtype=np.uint8).tobytes())
    (tmp_path / "a.png").write_bytes(png(numbers, bits, 3, colours, opacity))
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png"), opencv(tmp_path / "a.png"))


@pytest.mark.parametrize("marked", [True, False])
def test_inks_are_mixed_as_another_reader_does(tmp_path, marked):
    inks = np.zeros((16, 16, 4), np.uint8)
    inks[...] = [200, 30, 0, 20]
    stream = io.BytesIO()
    Image.frombytes("CMYK", (16, 16), inks.tobytes()).save(stream, "JPEG", quality=98)
    content = stream.getvalue()
    if not marked:  # without Adobe's mark; both readers take its inverted inks for granted
        place = content.index(b"\xff\xee")
        content = content[:place] + content[place + 2 + int.from_bytes(content[place + 2 : place + 4], "big") :]
    (tmp_path / "a.jpg").write_bytes(content)
    found = read_picture(tmp_path / "a.jpg").astype(int)
    assert np.abs(found - opencv(tmp_path / "a.jpg")).max() <= 2
    assert np.abs(found - [51, 207, 235]).max() <= 2


def test_inks_of_tiff_are_not_inverted(tmp_path):
    inks = Image.frombytes("CMYK", (2, 2), bytes([200, 30, 0, 20]) * 4)
    found = read_picture(written(tmp_path, inks, "TIFF")).astype(int)
    assert np.abs(found - [51, 207, 235]).max() <= 1


# Arrays.


@pytest.mark.parametrize("dtype", ["u1", ">u2", "<u2", ">f4", ">f8", "?"])
@pytest.mark.parametrize("size", [None, [4, 3, 1], [3, 3, 3]])
def test_arrays_in_either_order_of_bytes(tmp_path, dtype, size):
    array = (np.arange(36).reshape(2, 3, 3, 2)[..., :1] / 64 * {"u1": 255, "u2": 65535}.get(dtype[-2:], 1)).astype(
        dtype
    )
    native = array.astype(array.dtype.newbyteorder("="))
    found, expected = (ImageGenerator.from_arrays(each, [0, 1], 2, size).next()[0] for each in (array, native))
    np.testing.assert_array_equal(found, expected)
    np.save(tmp_path / "a.npy", array[1])
    np.testing.assert_array_equal(read_picture(tmp_path / "a.npy"), native[1])


@pytest.mark.parametrize(
    ("dtype", "largest", "advice"),
    [
        ("int64", 255, r"from 0 to 255: convert them with \.astype\('uint8'\)"),
        (">i4", 256, r"from 0 to 256: convert them with \.astype\('uint16'\)"),
        ("int32", 65536, "from 0 to 65536: scale them to floats"),
        ("uint32", 2**32 - 1, "from 0 to 4294967295: scale them to floats"),
        ("int16", -1, "from -1 to 0: scale them to floats"),
    ],
)
def test_the_advice_for_other_numbers_keeps_what_they_are(dtype, largest, advice):
    images = np.zeros((2, 3, 3), dtype)
    images[0, 0, 0] = largest
    with pytest.raises(TypeError, match=advice):
        ImageGenerator.from_arrays(images, [0, 1], 2)


@pytest.mark.parametrize("channels", [2, 5])
def test_other_channels_than_are_wanted_are_refused_by_name(tmp_path, channels):
    images = np.zeros((2, 6, 6, channels), np.uint8)
    wanted = {2: [6, 6, 5], 5: [6, 6, 3]}[channels]
    with pytest.raises(ValueError, match=f"expected pictures with {wanted[2]} channels, got {channels}"):
        ImageGenerator.from_arrays(images, [0, 1], 2, wanted)
    np.save(tmp_path / "a.npy", images[0])
    (tmp_path / "a.json").write_text('{"a": 0}')
    with pytest.raises(ValueError, match=rf"a\.npy': expected pictures with {wanted[2]} channels, got {channels}"):
        ImageGenerator(tmp_path, tmp_path / "a.json", 1, wanted).next()
