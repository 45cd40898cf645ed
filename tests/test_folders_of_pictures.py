"""Folders of pictures as they lie on disks: every file is read, or known rubbish, or counted and named."""

import contextlib
import os
import re
import sys
import tracemalloc
import warnings

import numpy as np
import pytest
from PIL import Image, features

from Generator.datasets import picture_folder
from Generator.generator import ImageGenerator
from Generator.listing import LeftOutWarning
from tests.written_pictures import SIZE, classes_in, put


def read(folder, **options):
    return ImageGenerator(folder, None, 4, SIZE, **options)


# Which files are read.


def test_pictures_below_the_folder_of_a_class_are_read(tmp_path):
    classes_in(tmp_path, count=2)
    for number in range(5):
        put(tmp_path / "cat" / "kaggle" / "part 1" / f"{number}.png")
    found = read(tmp_path)
    assert found.number_of_images == 9 and found.class_names == ("cat", "dog")
    assert np.bincount(found.labels).tolist() == [7, 2]


def test_pictures_below_are_counted_where_they_are_not_wanted(tmp_path):
    classes_in(tmp_path, count=2)
    put(tmp_path / "cat" / "kaggle" / "0.png")
    with pytest.warns(LeftOutWarning, match=r"1 file\(s\) not used: 1 in a folder below .*kaggle.0\.png"):
        assert read(tmp_path, recursive=False).number_of_images == 4


FORMATS = {
    "png": "PNG", "PNG": "PNG", "jpg": "JPEG", "JPG": "JPEG", "jpeg": "JPEG", "jpe": "JPEG", "jfif": "JPEG",
    "gif": "GIF", "bmp": "BMP", "tif": "TIFF", "TIFF": "TIFF", "webp": "WEBP", "WebP": "WEBP",
    "ppm": "PPM", "pgm": "PPM", "tga": "TGA", "jp2": "JPEG2000", "avif": "AVIF",
}  # fmt: skip
BUILT_WITH = {"WEBP": "webp", "JPEG2000": "jpg_2000", "AVIF": "avif"}


@pytest.mark.parametrize("suffix", FORMATS)
def test_each_kind_of_file_is_read_by_its_suffix(tmp_path, suffix):
    kind = FORMATS[suffix]
    if kind in BUILT_WITH and not (
        BUILT_WITH[kind] in features.modules | features.codecs and features.check(BUILT_WITH[kind])
    ):
        pytest.skip(f"this Pillow was built without {kind}")
    classes_in(tmp_path, count=1)
    Image.new("RGB", (8, 8), (200, 30, 90)).save(tmp_path / "cat" / f"picture.{suffix}", kind)
    found = read(tmp_path)
    assert found.number_of_images == 3
    np.testing.assert_allclose(found.read([1])[0][0, 1, 1] * 255, [200, 30, 90], atol=6)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "PPM"])
@pytest.mark.parametrize("name", ["picture", "picture.1", "picture.jpg_large", "picture.txt", "picture.png"])
def test_what_a_file_is_called_does_not_decide_whether_it_is_a_picture(tmp_path, kind, name):
    classes_in(tmp_path, count=1)
    Image.new("RGB", (4, 4), (90, 90, 90)).save(tmp_path / "cat" / name, kind)
    found = read(tmp_path, strict=True)
    assert found.number_of_images == 3
    np.testing.assert_allclose(found.read([1])[0] * 255, 90, atol=2)


def test_a_bitmap_without_its_mark_is_counted_as_no_picture(tmp_path):
    classes_in(tmp_path)
    Image.new("RGB", (4, 4)).save(tmp_path / "cat" / "bare.dib", "DIB")
    with pytest.warns(LeftOutWarning, match=r"1 no picture: .*bare\.dib"):
        assert read(tmp_path).number_of_images == 6


def test_a_bitmap_with_its_mark_is_read_under_the_name_of_one_without(tmp_path):
    classes_in(tmp_path)
    Image.new("RGB", (4, 4)).save(tmp_path / "cat" / "marked.dib", "BMP")
    assert read(tmp_path, strict=True).number_of_images == 7


def test_what_is_no_picture_is_counted_and_named_once(tmp_path):
    classes_in(tmp_path)
    for number in range(7):
        (tmp_path / "dog" / f"note {number}.txt").write_text("about a dog")
    with pytest.warns(
        LeftOutWarning, match=r"7 file\(s\) not used: 7 no picture: .*note 0\.txt.* and 2 more"
    ) as caught:
        assert read(tmp_path).number_of_images == 6
    assert len(caught) == 1 and caught[0].filename == __file__
    with pytest.raises(ValueError, match=r"7 file\(s\) not used.*strict=False"):
        read(tmp_path, strict=True)


@pytest.mark.parametrize(
    "name",
    ["cat/.DS_Store", "cat/Thumbs.db", "cat/desktop.ini", "cat/._0.png", "cat/.ipynb_checkpoints/0.png",
     "__MACOSX/cat/._0.png", ".ipynb_checkpoints/0.png", "cat/__MACOSX/0.png", "cat/@eaDir/0.png"],
)  # fmt: skip
def test_known_rubbish_is_passed_over(tmp_path, name):
    classes_in(tmp_path)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(b"rubbish")
    assert read(tmp_path, strict=True).number_of_images == 6


def test_raw_files_of_cameras_are_not_taken_for_the_small_picture_in_them(tmp_path):
    classes_in(tmp_path)
    Image.new("RGB", (4, 4)).save(tmp_path / "cat" / "photo.nef", "TIFF")
    with pytest.raises(ValueError, match=r"1 no picture: .*photo\.nef"):
        read(tmp_path, strict=True)


def test_a_class_without_pictures_is_refused_with_what_it_has(tmp_path):
    classes_in(tmp_path)
    (tmp_path / "eel").mkdir()
    with pytest.raises(
        ValueError, match=r"pictures of the class 'eel', found none, it is empty; .*'cat', 'dog', 'eel'"
    ):
        read(tmp_path)
    (tmp_path / "eel" / "eels.zip").write_bytes(b"PK\3\4")
    with pytest.raises(ValueError, match=r"found none \(1 no picture: .*eels\.zip.\)") as caught:
        read(tmp_path)
    assert "remove" not in str(caught.value)


# Options.


@pytest.mark.parametrize(
    ("name", "advice"),
    [("shufle", r"did you mean 'shuffle'\?"), ("cache_byte", r"did you mean 'cache_bytes'\?"),
     ("label_path", "there are rotation, "), ("qqq", "there are rotation, mirroring, shuffle, angle")],
)  # fmt: skip
def test_an_option_that_is_none_is_named_with_what_may_be_meant(tmp_path, name, advice):
    classes_in(tmp_path)
    with pytest.raises(TypeError, match=f"picture_folder: expected options that there are, got '{name}'; {advice}"):
        parts_of(tmp_path, **{name: True})


@pytest.mark.parametrize("name", ["shufle", "cache_bytes"])
def test_an_option_that_is_none_of_arrays_is_named(name):
    with pytest.raises(TypeError, match=f"ImageGenerator: expected options that there are, got '{name}'"):
        ImageGenerator.from_arrays(np.zeros((2, 4, 4)), [0, 1], 2, **{name: True})


# Symbolic links.


def link(path, target):
    try:
        os.symlink(target, path)
    except OSError as error:
        pytest.skip(f"no symbolic links here: {error}")


def test_links_within_the_folder_are_followed(tmp_path):
    classes_in(tmp_path)
    link(tmp_path / "cat" / "same.png", tmp_path / "dog" / "0.png")
    put(tmp_path / "dog" / "more" / "9.png", 99)
    link(tmp_path / "cat" / "more", "../dog/more")
    assert np.bincount(read(tmp_path, strict=True).labels).tolist() == [5, 4]


@pytest.mark.parametrize("target", ["outside.png", "outside", "nothing", "pets", "pets/cat"])
def test_links_that_lead_out_or_in_a_circle_are_counted(tmp_path, target):
    classes_in(tmp_path / "pets")
    put(tmp_path / "outside.png")
    put(tmp_path / "outside" / "0.png")
    link(tmp_path / "pets" / "cat" / "link", tmp_path / target)
    with pytest.warns(LeftOutWarning, match=r"1 a symbolic link .*link"):
        assert read(tmp_path / "pets").number_of_images == 6


@pytest.mark.parametrize("target", ["outside", "pets"])
@pytest.mark.parametrize("take", [read, lambda folder: picture_folder(folder, 4, SIZE, test_share=0.5, rng=0)[0]])
def test_a_class_that_is_a_link_out_or_in_a_circle_is_counted(tmp_path, target, take):
    classes_in(tmp_path / "pets")
    put(tmp_path / "outside" / "0.png")
    link(tmp_path / "pets" / "eel", tmp_path / target)
    with pytest.warns(LeftOutWarning, match=r"1 file\(s\) not used: 1 a symbolic link .*: 'eel'"):
        assert take(tmp_path / "pets").class_names == ("cat", "dog")


def test_a_class_that_is_a_link_within_is_read(tmp_path):
    classes_in(tmp_path / "train")
    put(tmp_path / "shared" / "eel" / "0.png")
    classes_in(tmp_path / "val", ("cat", "dog", "eel"))
    link(tmp_path / "train" / "eel", tmp_path / "shared" / "eel")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LeftOutWarning)  # of the folder beside the parts
        assert parts_of(tmp_path)[0].class_names == ("cat", "dog", "eel")


@pytest.mark.parametrize("target", ["outside", "pets"])
def test_a_part_that_is_a_link_out_or_in_a_circle_is_counted(tmp_path, target):
    for folder in ("pets/train", "pets/val", "outside"):
        classes_in(tmp_path / folder)
    link(tmp_path / "pets" / "test", tmp_path / target)
    with pytest.warns(LeftOutWarning, match=r"1 file\(s\) not used: 1 a symbolic link .*: 'test'"):
        assert len(parts_of(tmp_path / "pets")) == 2
    with pytest.raises(ValueError, match=r"a symbolic link .*: 'test'"):
        parts_of(tmp_path / "pets", strict=True)


def test_a_part_for_training_that_is_a_link_out_is_named(tmp_path):
    classes_in(tmp_path / "outside")
    classes_in(tmp_path / "pets" / "test")
    link(tmp_path / "pets" / "train", tmp_path / "outside")
    with pytest.raises(
        ValueError, match=r"a part for training in it, found 1 a symbolic link that leads out .*'train'"
    ):
        parts_of(tmp_path / "pets")


def test_a_part_that_is_a_link_within_is_read(tmp_path):
    classes_in(tmp_path / "train")
    link(tmp_path / "test", tmp_path / "train")
    assert [each.number_of_images for each in parts_of(tmp_path)] == [6, 6]


def test_classes_that_all_are_links_out_are_named(tmp_path):
    for name in ("cat", "dog"):
        put(tmp_path / "outside" / name / "0.png")
        (tmp_path / "pets").mkdir(exist_ok=True)
        link(tmp_path / "pets" / name, tmp_path / "outside" / name)
    with pytest.raises(
        ValueError, match=r"found none \(2 a symbolic link that leads out of the folder: 'cat', 'dog'\)"
    ):
        read(tmp_path / "pets")


@pytest.mark.parametrize("backwards", [False, True])
def test_folders_linked_to_each_other_end(backwards, tmp_path, monkeypatch):
    scandir = os.scandir

    @contextlib.contextmanager
    def in_order(folder):
        with scandir(folder) as entries:
            yield sorted(entries, key=lambda entry: entry.name, reverse=backwards)

    monkeypatch.setattr("os.scandir", in_order)
    classes_in(tmp_path)
    for number in range(60):
        put(tmp_path / "cat" / str(number) / "0.png")
        for place in "ab":
            link(tmp_path / "cat" / str(number) / place, f"../{(number + 1) % 60}")
    assert read(tmp_path).number_of_images == 66


def parts_of(folder, **options):
    return picture_folder(folder, 4, SIZE, rng=0, **options)


# Files that can't be read.


def broken_set(tmp_path):
    classes_in(tmp_path, count=4)
    (tmp_path / "cat" / "1.png").write_bytes((tmp_path / "cat" / "1.png").read_bytes()[:-30])
    (tmp_path / "dog" / "3.png").write_text("<!DOCTYPE html><html>404</html>")


def test_pictures_that_cannot_be_read_are_left_out_and_counted(tmp_path, capsys):
    broken_set(tmp_path)
    found = read(tmp_path, on_error="skip")
    assert found.number_of_images == 6 and np.bincount(found.labels).tolist() == [3, 3]
    assert len(found.read()[0]) == 6
    assert sorted(found.skipped) == [os.path.join("cat", "1.png"), os.path.join("dog", "3.png")]
    assert "HTML page" in found.skipped[os.path.join("dog", "3.png")]
    told = capsys.readouterr().err
    assert re.search(r"skipped 2 of 8 pictures, which cannot be read: 'cat.1\.png', 'dog.3\.png'", told)
    training, test = parts_of(tmp_path, on_error="skip", test_share=0.3)
    assert (training.number_of_images, test.number_of_images, len(training.skipped)) == (4, 2, 2)


def test_a_picture_that_cannot_be_read_is_an_error_unless_said_otherwise(tmp_path):
    broken_set(tmp_path)
    with pytest.raises(ValueError, match=r"1\.png': expected an intact \.png file"):
        read(tmp_path).read()
    with pytest.raises(ValueError, match=r"on_error to be one of 'raise' or 'skip'|on_error"):
        read(tmp_path, on_error="ignore")


def test_a_class_of_which_nothing_can_be_read_is_refused(tmp_path):
    classes_in(tmp_path, count=1)
    (tmp_path / "cat" / "0.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(ValueError, match=r"pictures that can be read in each class, found none in 'cat'"):
        read(tmp_path, on_error="skip")


def test_an_intact_set_is_not_talked_about(tmp_path, capsys):
    classes_in(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(tmp_path, on_error="skip", strict=True).skipped == {}
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("by", ["folders", "list"])
def test_many_files_are_neither_opened_nor_costly(tmp_path, by):
    """A hundred thousand in 100 MB and 3 s: `python -m benchmarks.many_files`; here, what each of a few takes."""
    names = [f"{kind}/{number}.png" for kind in "abcdefghij" for number in range(200)]
    for name in names:
        (tmp_path / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pets" / name).touch()
    (tmp_path / "labels.json").write_text("{" + ",".join(f'"{name}": {n % 10}' for n, name in enumerate(names)) + "}")
    read(tmp_path / "pets")
    opened, watching = [], True
    sys.addaudithook(lambda event, found: opened.append(found[0]) if watching and event == "open" else None)
    tracemalloc.start()
    generator = ImageGenerator(tmp_path / "pets", tmp_path / "labels.json" if by == "list" else None, 4, SIZE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    watching = False
    assert generator.number_of_images == len(names) and peak / len(names) < 1000
    assert [path for path in opened if str(path).endswith(".png")] == []
