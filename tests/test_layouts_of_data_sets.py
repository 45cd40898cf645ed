"""Layouts of data sets: divided by folders in all spellings, a folder around them; what is ambiguous is refused."""

import pytest

from Generator.checking import check_folder
from Generator.datasets import picture_folder
from Generator.generator import ImageGenerator
from Generator.listing import LeftOutWarning
from tests.written_pictures import SIZE, classes_in, numbered, put
from Training.data import load


def read(folder, **options):
    return ImageGenerator(folder, None, 4, SIZE, **options)


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
    assert read(tmp_path, class_names=["cat"]).number_of_images == 3


@pytest.mark.parametrize("take", [parts_of, read])
def test_one_class_alone_is_said_as_it_may_be_none(tmp_path, take):
    numbered(tmp_path / "images")
    (tmp_path / "labels.txt").write_text("0.png cat\n1.png dog\n2.png cat\n3.png dog\n")
    with pytest.warns(UserWarning, match=r"several classes, got one for all pictures, 'images'; put them into folders"):
        take(tmp_path)
    assert "got one for all pictures, 'images'" in check_folder(tmp_path).class_remark


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


@pytest.mark.parametrize("names", [("test", "val"), ("Testing", "Validation"), ("seg_dev", "seg_test")])
@pytest.mark.parametrize("take", [parts_of, read])
def test_parts_without_one_for_training_are_not_taken_for_classes(tmp_path, names, take):
    for name in names:
        classes_in(tmp_path / name)
    with pytest.raises(ValueError, match=f"expected a part for training beside '{names[0]}', '{names[1]}', found none"):
        take(tmp_path)


def test_lists_without_one_for_training_are_refused_with_their_names(tmp_path):
    numbered(tmp_path)
    for name in ("val", "test"):
        (tmp_path / f"{name}.csv").write_text("file,label\n0,cat\n1,dog\n")
    with pytest.raises(ValueError, match=r"a part for training beside 'test\.csv', 'val\.csv', found none"):
        parts_of(tmp_path)


def test_lists_beside_folders_of_classes_are_none_of_labels(tmp_path):
    classes_in(tmp_path)
    for name in ("val", "test"):
        (tmp_path / f"{name}.csv").write_text("cat/0.png\ndog/0.png\n")
    assert parts_of(tmp_path)[0].class_names == ("cat", "dog")


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


def test_the_command_s_data_takes_a_validation_of_its_own(tmp_path):
    for number, name in enumerate(("train", "val", "test")):
        classes_in(tmp_path / name, count=3 - number)
    sets = load(str(tmp_path), 2, seed=0, augmentation=False)
    assert sets.validation is not None
    assert [each.generator.number_of_images for each in (sets.training, sets.validation, sets.test)] == [6, 4, 2]
