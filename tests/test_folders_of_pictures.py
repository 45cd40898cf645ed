"""Folders of pictures as they lie on disks: every file is read, or known rubbish, or counted and named."""

import os
import re
import unicodedata
import warnings

import numpy as np
import pytest
from PIL import Image, features

from Generator.datasets import picture_folder
from Generator.generator import ImageGenerator
from Generator.listing import LeftOutWarning
from Training.data import load

SIZE = [4, 4, 3]


def put(path, shade=0):
    """A small picture of one shade, in the format that the name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4), (shade, shade, shade)).save(path)


def classes_in(folder, names=("cat", "dog"), count=3):
    for number, name in enumerate(names):
        for picture in range(count):
            put(folder / name / f"{picture}.png", 10 * number + picture)


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
    "gif": "GIF", "bmp": "BMP", "dib": "BMP", "tif": "TIFF", "TIFF": "TIFF", "webp": "WEBP", "WebP": "WEBP",
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


def test_folders_linked_to_each_other_end(tmp_path):
    classes_in(tmp_path)
    for number in range(40):
        put(tmp_path / "cat" / str(number) / "0.png")
        for place in "ab":
            link(tmp_path / "cat" / str(number) / place, f"../{(number + 1) % 40}")
    assert read(tmp_path).number_of_images == 46


# Layouts.


def parts_of(folder, **options):
    return picture_folder(folder, 4, SIZE, rng=0, **options)


@pytest.mark.parametrize(
    "names",
    [("train", "val", "test"), ("training", "validation", "test"), ("Train", "Valid", "Test"), ("TRAIN", "VAL", "TEST"),
     ("seg_train", "seg_val", "seg_test"), ("train_set", "val_set", "test_set"), ("train2017", "val2017", "test2017"),
     ("images-train", "images-dev", "images-test")],
)  # fmt: skip
@pytest.mark.parametrize("around", ["", "archive", "archive/Pets"])
def test_training_validation_and_test_are_three_sets(tmp_path, names, around):
    for number, name in enumerate(names):
        classes_in(tmp_path / around / name, count=3 - number)
    (tmp_path / "__MACOSX" / "cat").mkdir(parents=True)
    training, validation, test = parts_of(tmp_path)
    assert [each.number_of_images for each in (training, validation, test)] == [6, 4, 2]
    assert (training.shuffle, validation.shuffle, test.shuffle) == (True, False, False)
    assert training.class_names == validation.class_names == test.class_names == ("cat", "dog")


@pytest.mark.parametrize("second", ["val", "valid", "validation", "Val", "test"])
def test_two_parts_are_two_sets(tmp_path, second):
    classes_in(tmp_path / "train")
    classes_in(tmp_path / second, count=1)
    training, other = parts_of(tmp_path)
    assert (training.number_of_images, other.number_of_images) == (6, 2)


def test_a_folder_around_each_part_is_looked_through(tmp_path):
    for name in ("seg_train", "seg_test"):
        classes_in(tmp_path / name / name)
    assert [each.number_of_images for each in parts_of(tmp_path)] == [6, 6]


def test_a_folder_around_classes_is_looked_through(tmp_path):
    classes_in(tmp_path / "archive" / "PetImages")
    (tmp_path / "archive" / "readme.txt").write_text("pets")
    assert parts_of(tmp_path, test_share=0.3)[0].class_names == read(tmp_path).class_names == ("cat", "dog")


def test_one_class_is_no_folder_around_others(tmp_path):
    put(tmp_path / "cat" / "0.png")
    put(tmp_path / "cat" / "old" / "1.png")
    put(tmp_path / "cat" / "new" / "1.png")
    assert read(tmp_path).class_names == ("cat",)


def test_pictures_beside_the_parts_are_counted(tmp_path):
    for name in ("seg_train", "seg_test", "seg_pred"):
        classes_in(tmp_path / name)
    with pytest.warns(LeftOutWarning, match=r"6 in a folder beside those of the parts: 'seg_pred'"):
        parts_of(tmp_path)
    with pytest.raises(ValueError, match="seg_pred"):
        parts_of(tmp_path, strict=True)


@pytest.mark.parametrize(
    "names", [("train", "val", "valid"), ("train", "Train", "test"), ("train", "test", "seg_train", "seg_test")]
)
def test_what_could_be_divided_in_two_ways_is_refused_with_the_folders(tmp_path, names):
    for name in names:
        classes_in(tmp_path / name)
    if len(list(tmp_path.iterdir())) < len(names):
        pytest.skip("this file system takes capitals for small letters")
    with pytest.raises(ValueError, match="expected one part each for training, validation and test, found") as caught:
        parts_of(tmp_path)
    assert all(f"'{name}'" in str(caught.value) for name in names)


def test_parts_are_not_taken_for_classes(tmp_path):
    for name in ("train", "val"):
        classes_in(tmp_path / name)
    with pytest.raises(ValueError, match=r"one folder for each class in it, found 'train', 'val', which divide a set"):
        read(tmp_path)


@pytest.mark.parametrize("names", [("train", "plane"), ("train_station", "test_tube"), ("test", "control")])
def test_classes_may_be_called_like_parts(tmp_path, names):
    classes_in(tmp_path, names)
    assert read(tmp_path).class_names == tuple(sorted(names))


def test_parts_of_other_classes_are_refused(tmp_path):
    classes_in(tmp_path / "train", ("cat", "dog"))
    classes_in(tmp_path / "val", ("cat", "eel"))
    with pytest.raises(ValueError, match=r"expected the same classes .* got dog, eel in one only"):
        parts_of(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere', found nothing"):
        parts_of(tmp_path / "nowhere")


# Lists of labels.


def numbered(folder, count=4, suffix="png"):
    for number in range(count):
        put(folder / f"{number}.{suffix}", number)


LISTS = {
    "names.csv": "file,label\n0.png,dog\n1.png,cat\n2.png,dog\n3.png,cat\n",
    "bom.csv": "\ufefffile,label\r\n0.png,dog\r\n1.png,cat\r\n2.png,dog\r\n3.png,cat\r\n",
    "semicolons.csv": "Image_ID;Class\n0;dog\n1;cat\n2;dog\n3;cat\n",
    "tabulators.tsv": "filename\tspecies\n0.png\tdog\n1.png\tcat\n2.png\tdog\n3.png\tcat\n",
    "without heading.csv": "0.png,dog\n1.png,cat\n2.png,dog\n3.png,cat\n",
    "turned round.csv": "label,file\ndog,0.png\ncat,1.png\ndog,2.png\ncat,3.png\n",
    "quoted.csv": '"file","width","label"\n"0.png",4,"dog"\n"1.png",4,"cat"\n\n"2.png",4,"dog"\n"3.png",4,"cat"\n',
    "folder.csv": "path,class\npets/0.png,dog\npets/1.png,cat\npets\\2.png,dog\n./3.png,cat\n",
    "names.json": '{"0.png": "dog", "1.png": "cat", "2": "dog", "3": "cat"}',
    "bom.json": '\ufeff{"0": "dog", "1": "cat", "2": "dog", "3": "cat"}',
    "items.json": '[{"file": "0.png", "label": "dog", "width": 4}, {"file": "1.png", "label": "cat"},'
    '{"label": "dog", "file": "2"}, {"file": "3", "label": "cat"}]',
    "pairs.json": '[["0.png", "dog"], ["1.png", "cat"], ["2.png", "dog"], ["3.png", "cat"]]',
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_with_names_of_classes(tmp_path, name):
    numbered(tmp_path / "pets")
    (tmp_path / name).write_text(LISTS[name], encoding="utf-8", newline="")
    found = ImageGenerator(tmp_path / "pets", tmp_path / name, 4, SIZE)
    images, labels = found.next()
    assert found.class_names == ("cat", "dog") and labels.tolist() == [1, 0, 1, 0]
    assert np.rint(images[:, 0, 0, 0] * 255).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("name", LISTS)
def test_lists_with_numbers_of_classes(tmp_path, name):
    numbered(tmp_path / "pets")
    numbers = LISTS[name].replace('"dog"', "7").replace('"cat"', "2").replace("dog", "7").replace("cat", "2")
    (tmp_path / name).write_text(numbers, encoding="utf-8", newline="")
    assert ImageGenerator(tmp_path / "pets", tmp_path / name, 4, SIZE).labels.tolist() == [7, 2, 7, 2]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "file,label\n0.png,1\n1.png\n", r"expected 2 columns in each line, got 1 in line 3"),
        ("a.csv", "file,label\n0.png,1\n1.png,\n", r"expected a name and a label in each line, got '1.png' and ''"),
        ("a.csv", "file,label,class\n0.png,1,1\n", r"one column with .* got 'file', 'label', 'class'"),
        ("a.csv", "a,b,c\n0.png,1,1\n", r"one column with the names of the pictures .* got 'a', 'b', 'c'"),
        ("a.csv", "0.png,1,1\n", r"expected a heading above 3 columns"),
        ("a.csv", 'file,label\n0.png,"1\n', r"expected CSV in UTF-8"),
        ("a.csv", b"file,label\n\xff.png,1\n", r"expected CSV in UTF-8"),
        ("a.csv", "file,label\n", "at least one label"),
        ("a.csv", "", "at least one label"),
        ("a.csv", "file,label\n0.png,-1\n1.png,0\n2.png,0\n3.png,0\n", "at least 0, got -1"),
        ("a.json", '[{"file": "0.png", "label": 1.5}]', "a whole number or the name of a class in each item"),
        ("a.json", '[{"label": 1}]', r"one column with the names of the pictures .* got 'label'"),
        ("a.json", '[["0.png", 1]', "expected JSON"),
        ("a.json", '[["0.png", 1]] more', "something behind its end"),
        ("a.json", '[["0.png", [1]]]', "expected an object such as"),
    ],
)  # fmt: skip
def test_broken_lists_are_named(tmp_path, name, text, message):
    numbered(tmp_path / "pets")
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        ImageGenerator(tmp_path / "pets", tmp_path / name, 4, SIZE)
    assert name in str(caught.value)


@pytest.mark.parametrize("of_disk", ["NFC", "NFD"])
@pytest.mark.parametrize("of_list", ["NFC", "NFD"])
@pytest.mark.parametrize("suffix", ["", ".png"])
def test_an_accent_may_be_one_letter_or_two(tmp_path, of_disk, of_list, suffix):
    put(tmp_path / f"{unicodedata.normalize(of_disk, 'café')}.png")
    (tmp_path / "a.json").write_text(f'{{"{unicodedata.normalize(of_list, "café")}{suffix}": 3}}', encoding="utf-8")
    assert ImageGenerator(tmp_path, tmp_path / "a.json", 1, SIZE).labels.tolist() == [3]


def test_a_whole_name_tells_two_pictures_apart_that_differ_by_their_suffix(tmp_path):
    put(tmp_path / "0.png", 10)
    put(tmp_path / "0.bmp", 20)
    (tmp_path / "a.json").write_text('{"0.png": 1, "0.bmp": 2}')
    images, labels = ImageGenerator(tmp_path, tmp_path / "a.json", 2, SIZE).next()
    assert labels.tolist() == [1, 2] and np.rint(images[:, 0, 0, 0] * 255).tolist() == [10, 20]


def test_a_list_finds_pictures_in_folders_below(tmp_path):
    put(tmp_path / "part 1" / "0.png", 10)
    put(tmp_path / "part 2" / "1.png", 20)
    put(tmp_path / "part 2" / "2.png", 30)
    (tmp_path / "a.csv").write_text("image_id,label\n0,3\npart 2/1.png,4\n")
    with pytest.warns(LeftOutWarning, match=r"1 picture without a label: .*2\.png"):
        images, labels = ImageGenerator(tmp_path, tmp_path / "a.csv", 2, SIZE).next()
    assert labels.tolist() == [3, 4] and np.rint(images[:, 0, 0, 0] * 255).tolist() == [10, 20]


def test_pictures_and_a_list_beside_them_are_a_set(tmp_path):
    numbered(tmp_path / "images", 10)
    (tmp_path / "labels.csv").write_text("file,label\n" + "".join(f"{n}.png,{'ab'[n % 2]}\n" for n in range(10)))
    training, test = parts_of(tmp_path)
    assert (training.number_of_images, test.number_of_images, training.class_names) == (8, 2, ("a", "b"))


def test_parts_with_lists(tmp_path):
    for name, count in (("train", 6), ("test", 4)):
        numbered(tmp_path / name, count)
        (tmp_path / f"{name}.csv").write_text("file,label\n" + "".join(f"{n},{'ab'[n % 2]}\n" for n in range(count)))
    training, test = parts_of(tmp_path)
    assert (training.number_of_images, test.number_of_images, test.class_names) == (6, 4, ("a", "b"))


def test_pictures_of_a_part_without_any_labels_are_refused(tmp_path):
    classes_in(tmp_path / "train")
    numbered(tmp_path / "test")
    with pytest.raises(ValueError, match=r"test': expected folders named after classes, or one list .* no list"):
        parts_of(tmp_path)


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


def test_the_command_s_data_takes_a_validation_of_its_own(tmp_path):
    for number, name in enumerate(("train", "val", "test")):
        classes_in(tmp_path / name, count=3 - number)
    sets = load(str(tmp_path), 2, seed=0, augmentation=False)
    assert sets.validation is not None
    assert [each.generator.number_of_images for each in (sets.training, sets.validation, sets.test)] == [6, 4, 2]


def test_parts_with_lists_of_numbers_have_as_many_classes(tmp_path):
    for name, count in (("train", 12), ("val", 2)):
        numbered(tmp_path / name, count)
        (tmp_path / f"{name}.csv").write_text("file,label\n" + "".join(f"{n},{n}\n" for n in range(count)))
    training, validation = parts_of(tmp_path)
    assert training.number_of_classes == validation.number_of_classes == 12
    (tmp_path / "val.csv").write_text("file,label\n0,3\n1,12\n")
    with pytest.raises(ValueError, match=r"expected the same classes .* got 12 in one only"):
        parts_of(tmp_path)


def test_numbers_in_csv_do_not_get_the_names_of_the_course(tmp_path):
    numbered(tmp_path / "train", 10)
    (tmp_path / "a.csv").write_text("file,label\n" + "".join(f"{n},{n}\n" for n in range(10)))
    assert ImageGenerator(tmp_path / "train", tmp_path / "a.csv", 4, SIZE).class_name(3) == "3"
