"""Pictures and labels from strangers: each kind of broken file meets an error that names it, and nothing is
run."""

import json
import os
import pickle
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from Generator.generator import ImageGenerator
from Generator.picture_files import read_picture


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_header(width, height):
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def gigantic_png(width, height):
    return png_header(width, height) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.fixture
def folder(tmp_path):
    """Six pictures of 5 x 5 and their labels."""
    (tmp_path / "pictures").mkdir()
    rng = np.random.default_rng(0)
    for number in range(6):
        np.save(tmp_path / "pictures" / f"{number}.npy", rng.integers(0, 256, (5, 5, 3), dtype=np.uint8))
    write_labels(tmp_path, {str(number): number for number in range(6)})
    return tmp_path


def write_labels(folder, table):
    (folder / "labels.json").write_text(table if isinstance(table, str) else json.dumps(table))


def generator(folder, size=(5, 5, 3), **options):
    return ImageGenerator(folder / "pictures", folder / "labels.json", 6, list(size), **options)


def test_formats_and_kinds_of_picture(tmp_path):
    rng = np.random.default_rng(0)
    colour = rng.integers(0, 256, (6, 4, 3), dtype=np.uint8)
    clear = rng.integers(0, 256, (6, 4, 4), dtype=np.uint8)
    grey = colour[..., :1]
    deep = rng.integers(0, 65536, (6, 4, 1), dtype=np.uint16)
    Image.fromarray(colour).save(tmp_path / "colour.png")
    Image.fromarray(clear).save(tmp_path / "clear.png")
    Image.fromarray(grey[..., 0]).save(tmp_path / "grey.png")
    Image.fromarray(deep[..., 0]).save(tmp_path / "deep.png")
    for name, expected in (("colour", colour), ("clear", clear), ("grey", grey), ("deep", deep)):
        found = read_picture(tmp_path / f"{name}.png")
        assert found.dtype == expected.dtype and found.flags.writeable
        np.testing.assert_array_equal(found, expected)
    for name, stored in (
        ("flat", colour[..., 0]), ("floats", colour / 255), ("swapped", deep.astype(">u2")),
        ("columns", np.asfortranarray(colour)), ("bits", colour > 128),
    ):  # fmt: skip
        np.save(tmp_path / f"{name}.npy", stored)
        found = read_picture(tmp_path / f"{name}.npy")
        np.testing.assert_array_equal(found, stored.reshape(6, 4, -1))
        assert found.dtype.isnative and not isinstance(found, np.memmap)


def test_palettes_black_and_white_and_other_modes(tmp_path):
    colour = np.zeros((4, 4, 3), np.uint8)
    colour[:2] = [255, 0, 0]
    picture = Image.fromarray(colour)
    picture.convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "palette.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "palette.png"), colour)
    picture.convert("1").save(tmp_path / "bits.png")
    assert set(np.unique(read_picture(tmp_path / "bits.png"))) <= {0, 255}
    palette = picture.convert("P", palette=Image.Palette.ADAPTIVE)
    palette.save(tmp_path / "hole.png", transparency=palette.getpixel((0, 0)))
    hole = read_picture(tmp_path / "hole.png")
    assert hole.shape == (4, 4, 4) and (hole[:2, :, 3] == 0).all() and (hole[2:, :, 3] == 255).all()
    picture.save(tmp_path / "key.png", transparency=(255, 0, 0))
    assert (read_picture(tmp_path / "key.png")[..., 3] == [[0] * 4] * 2 + [[255] * 4] * 2).all()
    picture.convert("CMYK").save(tmp_path / "print.jpg")
    assert read_picture(tmp_path / "print.jpg").shape == (4, 4, 3)
    picture.convert("LA").save(tmp_path / "greyalpha.png")
    assert read_picture(tmp_path / "greyalpha.png").shape == (4, 4, 2)


def test_a_photograph_is_turned_upright(tmp_path):
    sideways = np.zeros((20, 40, 3), np.uint8)
    sideways[:, :20] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # taken with the camera on its side: turn clockwise to see it upright
    Image.fromarray(sideways).save(tmp_path / "photo.jpg", exif=exif, quality=95)
    upright = read_picture(tmp_path / "photo.jpg")
    assert upright.shape == (40, 20, 3) and upright[:15].min() > 200 and upright[25:].max() < 50


def test_large_photographs_are_decoded_small_with_the_same_result(tmp_path):
    y, x = np.mgrid[:1200, :1600]
    photo = np.stack([128 + 100 * np.sin(x / 90), 128 + 100 * np.cos(y / 70), (x + y) / 11], axis=-1)
    Image.fromarray(photo.astype(np.uint8)).save(tmp_path / "photo.jpg", quality=95)
    assert max(read_picture(tmp_path / "photo.jpg", largest_side=100).shape) < 1000
    assert read_picture(tmp_path / "photo.jpg").shape == (1200, 1600, 3)
    (tmp_path / "labels.json").write_text('{"photo": 0}')
    small = ImageGenerator(tmp_path, tmp_path / "labels.json", 1, [75, 100, 3]).next()[0][0]
    theirs = Image.open(tmp_path / "photo.jpg").resize((100, 75), Image.Resampling.BILINEAR)
    assert np.abs(small - np.asarray(theirs) / 255).max() < 0.03


def test_sizes_and_formats_may_differ_within_a_folder(folder):
    rng = np.random.default_rng(1)
    pictures = folder / "pictures"
    Image.fromarray(rng.integers(0, 256, (9, 7), dtype=np.uint8)).save(pictures / "grey.PNG")
    Image.fromarray(rng.integers(0, 256, (40, 30, 3), dtype=np.uint8)).save(pictures / "photo.jpeg")
    np.save(pictures / "floats.npy", rng.random((5, 5, 3)))
    write_labels(folder, {"photo": 2, "grey": 1, "floats": 3, **{str(number): 0 for number in range(6)}})
    mixed = ImageGenerator(pictures, folder / "labels.json", 9, [5, 5, 3])
    images, labels = mixed.next()
    assert images.shape == (9, 5, 5, 3) and labels.tolist()[:3] == [2, 1, 3]
    np.testing.assert_allclose(images[2], np.load(pictures / "floats.npy"))
    np.testing.assert_allclose(images[3], np.load(pictures / "0.npy") / 255)


def test_labels_from_folders(tmp_path):
    for name, count in (("dog", 3), ("ant", 2), ("Cat", 1)):
        (tmp_path / name).mkdir()
        for number in range(count):
            np.save(tmp_path / name / f"{number}.npy", np.full((2, 2), 10 * count + number, dtype=np.uint8))
    (tmp_path / ".cache").mkdir()
    (tmp_path / "ant" / "._0.png").write_bytes(b"left behind by a file browser")
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / "ant" / "folder.png").mkdir()
    found = ImageGenerator(tmp_path, None, 6, [2, 2, 1])
    images, labels = found.next()
    assert found.class_names == ("Cat", "ant", "dog") and labels.tolist() == [0, 1, 1, 2, 2, 2]
    assert np.rint(images[:, 0, 0, 0] * 255).tolist() == [10, 20, 21, 30, 31, 32]
    assert found.class_name(2) == "dog" and found.number_of_classes == 3


def bad_pictures():
    rng = np.random.default_rng(0)
    yield "empty.png", b"", "expected an intact"
    yield "text.jpg", b"no picture at all", "expected an intact"
    yield "bomb.png", gigantic_png(60_000, 60_000), "expected at most 64,000,000 pixels"
    yield "large.png", gigantic_png(9_000, 8_000), "expected at most 64,000,000 pixels, got more"
    yield "between.png", gigantic_png(11_000, 11_000), "expected at most 64,000,000 pixels"
    yield "none.png", gigantic_png(0, 5), "expected"
    header = np.lib.format.magic(1, 0)
    bomb = b"{'descr': '|u1', 'fortran_order': False, 'shape': (7000, 7000, 3), }\n"
    yield "bomb.npy", header + struct.pack("<H", len(bomb)) + bomb + bytes(100), "expected an intact"
    promise = b"{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999, 99999999999, 3), }\n"
    yield "promise.npy", header + struct.pack("<H", len(promise)) + promise, "expected at most"
    code = b"{'descr': __import__('os').abort(), 'fortran_order': False, 'shape': (1,), }\n"
    yield "code.npy", header + struct.pack("<H", len(code)) + code, "expected an intact"
    for name, array, message in (
        ("axes", np.zeros((2, 3, 3, 3), np.uint8), r"expected an array \(height, width\)"),
        ("line", np.zeros(5, np.uint8), r"expected an array \(height, width\)"),
        ("zero", np.zeros((0, 5, 3), np.uint8), "expected"),
        ("channels", np.zeros((5, 5, 0), np.uint8), "expected at least one pixel"),
        ("first", np.zeros((3, 9, 9), np.uint8), r"looks like \(channels, height, width\)"),
        ("bright", np.full((4, 4), 255.0), r"expected floats in \[0, 1\]"),
        ("nan", np.full((4, 4), np.nan), r"expected floats in \[0, 1\]"),
        ("whole", np.zeros((4, 4), int), "expected pixels as uint8"),
        ("text", np.full((4, 4), "a"), "expected pixels as uint8"),
        ("object", np.array([[{}]]), "expected an intact"),
        ("seven", rng.integers(0, 9, (6, 6, 7), dtype=np.uint8), "expected pictures with 3 channels, got 7"),
    ):
        yield f"{name}.npy", array, message


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("name", "content", "message"), [pytest.param(*case, id=case[0]) for case in bad_pictures()])
@pytest.mark.parametrize("workers", [0, 2])
def test_a_bad_picture_is_named_and_training_goes_on_after_it(folder, name, content, message, workers):
    path = folder / "pictures" / name
    if isinstance(content, np.ndarray):
        np.save(path, content, allow_pickle=True)
    else:
        path.write_bytes(content)
    stem = path.stem
    write_labels(folder, {**{str(number): number for number in range(6)}, stem: 1})
    with generator(folder, workers=workers) as images:
        assert images.next()[1].tolist() == [0, 1, 2, 3, 4, 5]
        tracemalloc.start()
        with pytest.raises((ValueError, TypeError), match=message) as caught:
            images.next()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert name in str(caught.value) and type(caught.value) in (ValueError, TypeError)
        assert peak < 20e6
        path.unlink()
        np.save(path.with_suffix(".npy"), np.zeros((5, 5, 3), np.uint8))
        if path.suffix == ".npy":
            assert images.next()[1].tolist() == [1, 0, 1, 2, 3, 4]


def test_a_bomb_is_refused_where_warnings_are_errors(folder):
    # Pillow warns of large pictures by itself; with warnings as errors its warning must not get through.
    (folder / "pictures" / "0.npy").unlink()
    (folder / "pictures" / "0.png").write_bytes(gigantic_png(11_000, 11_000))
    with pytest.raises(ValueError, match=r"0\.png.*expected at most 64,000,000 pixels"):
        generator(folder).next()


@pytest.mark.parametrize("suffix", ["png", "jpg", "npy"])
def test_a_picture_cut_short_anywhere_is_refused_or_whole(tmp_path, suffix):
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (30, 20, 3), dtype=np.uint8)
    path = tmp_path / f"picture.{suffix}"
    np.save(path, picture) if suffix == "npy" else Image.fromarray(picture).save(path)
    content, whole = path.read_bytes(), read_picture(path)
    refused = 0
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        try:
            found = read_picture(path)
        except ValueError as error:
            assert str(path) in str(error) and "complete" in str(error)
            refused += 1
        else:
            # Only what comes after the pixels may be missing without harm.
            np.testing.assert_array_equal(found, whole)
            assert length > len(content) - 20
    assert refused > len(content) // 7 - 4


@pytest.mark.parametrize("suffix", ["png", "jpg", "npy"])
def test_damaged_bytes_never_cause_any_other_error(tmp_path, suffix):
    rng = np.random.default_rng(0)
    path = tmp_path / f"picture.{suffix}"
    picture = rng.integers(0, 256, (12, 10, 3), dtype=np.uint8)
    np.save(path, picture) if suffix == "npy" else Image.fromarray(picture).save(path)
    content = np.frombuffer(path.read_bytes(), np.uint8)
    refused = 0
    for _ in range(400):
        damaged = content.copy()
        places = rng.integers(0, min(len(damaged), 200), rng.integers(1, 5))
        damaged[places] = rng.integers(0, 256, len(places))
        path.write_bytes(damaged.tobytes())
        try:
            assert read_picture(path, max_pixels=10_000).ndim == 3
        except (ValueError, TypeError) as error:
            assert str(path) in str(error)
            refused += 1
    assert refused > 40


def test_max_pixels_is_the_users_choice(folder):
    assert generator(folder, max_pixels=25).next()[0].shape == (6, 5, 5, 3)
    with pytest.raises(ValueError, match=r"0\.npy.*expected at most 24 pixels.*5 x 5"):
        generator(folder, max_pixels=24).next()


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        ('{"0": 1, "1"', ValueError, "expected JSON"),
        ("", ValueError, "expected JSON"),
        ("\x00\xff", ValueError, "expected JSON"),
        ("[" * 100_000, ValueError, "expected JSON"),
        ("[1, 2]", ValueError, "expected an object"),
        ("{}", ValueError, "expected at least one label"),
        ('{"0": 1, "1": 2, "0": 3}', ValueError, "got '0' more than once"),
        ({"0": 1.0}, TypeError, "got 1.0 for '0'"),
        ({"0": 1, "1": "cat"}, TypeError, "got 'cat' for '1' after the other kind"),
        ({"0": True}, TypeError, "got True for '0'"),
        ({"0": None}, TypeError, "got None for '0'"),
        ({"0": [1]}, TypeError, "for '0'"),
        ('{"0": NaN}', TypeError, "got nan for '0'"),
        ({str(number): -1 for number in range(6)}, ValueError, "at least 0, got -1 for '0'"),
        ({str(number): 10**30 for number in range(6)}, ValueError, "fit 64 bits"),
        ({"0": 1}, ValueError, r"found none for '1.npy', '2.npy', '3.npy', '4.npy', '5.npy'"),
        ({str(number): 1 for number in range(13)}, ValueError, r"found none for '6', .*'10' and 2 more"),
    ],
)  # fmt: skip
def test_bad_labels_are_named(folder, table, error, message):
    write_labels(folder, table)
    with pytest.raises(error, match=message) as caught:
        generator(folder)
    assert "labels.json" in str(caught.value)
    assert type(caught.value) is error


def test_missing_things_are_named(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"JSON or CSV file with labels at '.*nothing\.json', found none"):
        ImageGenerator(folder / "pictures", folder / "nothing.json", 2, [5, 5, 3])
    with pytest.raises(FileNotFoundError, match=r"folder with pictures at '.*nowhere', found nothing"):
        ImageGenerator(folder / "nowhere", folder / "labels.json", 2, [5, 5, 3])
    with pytest.raises(FileNotFoundError, match=r"found a file"):
        ImageGenerator(folder / "labels.json", None, 2, [5, 5, 3])
    images = generator(folder)
    (folder / "pictures" / "4.npy").unlink()
    with pytest.raises(FileNotFoundError, match=r"4\.npy': expected a file, found none"):
        images.next()


def test_a_picture_twice_under_one_name_is_named(folder):
    Image.new("RGB", (5, 5)).save(folder / "pictures" / "3.png")
    with pytest.raises(ValueError, match=r"expected names that differ .* found '3\.npy'"):
        generator(folder)


def test_bad_folders_of_classes_are_named(folder):
    with pytest.raises(ValueError, match=r"'0\.npy'.* and 1 more beside them"):
        ImageGenerator(folder / "pictures", None, 2, [5, 5, 3])
    (folder / "empty").mkdir()
    with pytest.raises(ValueError, match=r"expected one folder for each class in it, found none"):
        ImageGenerator(folder / "empty", None, 2, [5, 5, 3])
    with pytest.raises(ValueError, match=r"empty': expected pictures .* found none"):
        ImageGenerator(folder, None, 2, [5, 5, 3])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"batch_size": 0}, ValueError, "batch_size to be at least 1, got 0"),
        ({"batch_size": -3}, ValueError, "batch_size to be at least 1, got -3"),
        ({"batch_size": 2.0}, TypeError, "batch_size to be a whole number, got 2.0"),
        ({"batch_size": "2"}, TypeError, "batch_size to be a whole number, got '2'"),
        ({"batch_size": True}, TypeError, "batch_size to be a whole number, got True"),
        ({"image_size": [32, 32]}, ValueError, "three entries"),
        ({"image_size": [0, 5, 3]}, ValueError, "height to be at least 1, got 0"),
        ({"image_size": [5, -1, 3]}, ValueError, "width to be at least 1, got -1"),
        ({"image_size": [5, 5, 0]}, ValueError, "channels to be at least 1, got 0"),
        ({"image_size": [5, 5, 2.5]}, TypeError, "channels to be a whole number"),
        ({"image_size": 32}, TypeError, "image_size to be"),
        ({"image_size": "abc"}, TypeError, "image_size to be"),
        ({"shuffle": "yes"}, TypeError, "shuffle to be True or False"),
        ({"workers": -1}, ValueError, "workers to be at least 0"),
        ({"cache_bytes": -1}, ValueError, "cache_bytes to be at least 0"),
        ({"max_pixels": 0}, ValueError, "max_pixels to be at least 1"),
        ({"dtype": "int32"}, TypeError, "expected dtype float32 or float64, got int32"),
        ({"dtype": "bread"}, TypeError, "expected dtype float32 or float64, got bread"),
        ({"class_names": 6}, TypeError, "class_names to be a list .* got 6"),
        ({"class_names": "abcdef"}, TypeError, "class_names to be a list .* got 'abcdef'"),
        ({"file_path": 5}, TypeError, "file_path to be a path, got 5"),
        ({"file_path": None}, TypeError, "file_path to be a path, got None"),
        ({"label_path": 5}, TypeError, "label_path to be a path, got 5"),
        ({"rng": "seed"}, TypeError, "rng to be None, a seed or a numpy.random.Generator"),
        ({"rng": -1}, ValueError, "seed rng to be at least 0"),
        ({"rng": np.random.RandomState(0)}, TypeError, "rng to be None"),
        ({"class_names": ["a", "b"]}, ValueError, "class name for each label up to 5, got 2 names"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(folder, change, error, message):
    arguments = {
        "file_path": folder / "pictures", "label_path": folder / "labels.json", "batch_size": 2,
        "image_size": [5, 5, 3], **change,
    }  # fmt: skip
    with pytest.raises(error, match=message):
        ImageGenerator(**arguments)


def test_class_names_are_texts_from_any_sequence(tmp_path):
    for name in ("0", "1"):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "a.npy", np.zeros((2, 2), np.uint8))
    for names in (np.array(["cat", "dog"]), ("cat", "dog")):
        assert ImageGenerator(tmp_path, None, 1, [2, 2, 1], class_names=names).class_names == ("cat", "dog")
    assert ImageGenerator(tmp_path, None, 1, [2, 2, 1], class_names=np.arange(2)).class_name(1) == "1"


@pytest.mark.parametrize(
    ("images", "labels", "error", "message"),
    [
        (np.zeros((3, 4)), [0, 1, 2], ValueError, "expected images of shape"),
        (np.zeros((0, 4, 4)), [], ValueError, "none of them 0"),
        (np.zeros((3, 0, 4)), [0, 1, 2], ValueError, "none of them 0"),
        (np.zeros((2, 3, 9, 9)), [0, 1], ValueError, "looks like"),
        ([np.zeros((4, 4)), np.zeros((4, 5))], [0, 1], ValueError, r"image 0 and \(4, 5\) for image 1"),
        (np.zeros((3, 4, 4)), [0, 1], ValueError, r"each of 3 images, .* got shape \(2,\)"),
        (np.zeros((3, 4, 4)), np.eye(3), ValueError, "one-hot"),
        (np.zeros((3, 4, 4)), [0, 1, 2.0], TypeError, "labels to be whole numbers, got dtype float64"),
        (np.zeros((3, 4, 4)), ["a", "b", "c"], TypeError, "labels to be whole numbers"),
        (np.zeros((3, 4, 4)), [0, -2, 1], ValueError, "at least 0, got -2 for image 1"),
        (np.zeros((3, 4, 4), int), [0, 1, 2], TypeError, "expected pixels as uint8"),
        (np.full((3, 4, 4), 200.0), [0, 1, 2], ValueError, r"expected floats in \[0, 1\]"),
        (np.zeros((3, 6, 6, 7)), [0, 1, 2], ValueError, "got 7"),
    ],
)  # fmt: skip
def test_arrays_that_are_no_images_are_refused(images, labels, error, message):
    size = [6, 6, 3] if message == "got 7" else None
    with pytest.raises(error, match=message):
        ImageGenerator.from_arrays(images, labels, 2, size)


def test_arrays_and_files_take_the_course_s_switches_in_the_same_order(folder):
    files = ImageGenerator(folder / "pictures", folder / "labels.json", 2, [5, 5, 3], True, "vertical", True)
    arrays = ImageGenerator.from_arrays(np.zeros((2, 4, 4)), [0, 1], 2, [5, 5, 3], True, "vertical", True)
    for images in (files, arrays):
        assert (images.batch_size, images.image_size) == (2, [5, 5, 3])
        assert (images.rotation, images.mirroring, images.shuffle) == (True, "vertical", True)


def test_options_that_do_not_exist_are_refused():
    with pytest.raises(TypeError, match="mirroing"):
        ImageGenerator.from_arrays(np.zeros((2, 4, 4)), [0, 1], 1, mirroing=True)


def test_nothing_in_a_picture_is_executed(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "executed"),)

    for name, content in (
        ("pickle.npy", pickle.dumps(Trap())),
        ("pickle.png", pickle.dumps(Trap())),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match="expected an intact"):
            read_picture(tmp_path / name)
    np.save(tmp_path / "object.npy", np.array([[Trap()]], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="expected an intact"):
        read_picture(tmp_path / "object.npy")
    assert not (tmp_path / "executed").exists()
