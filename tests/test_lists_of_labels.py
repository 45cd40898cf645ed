"""Lists of labels in CSV and JSON, with names or numbers, as people write them."""

import json
import re
import unicodedata

import numpy as np
import pytest

from Generator.checking import check_folder
from Generator.datasets import picture_folder
from Generator.generator import ImageGenerator
from Generator.listing import LeftOutWarning
from tests.written_pictures import SIZE, classes_in, numbered, put


def parts_of(folder, **options):
    return picture_folder(folder, 4, SIZE, rng=0, **options)


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


# Numbers as programs write them.


@pytest.mark.parametrize(("first", "second"), [("1.0", "0.0"), ("1", "0.0"), ("1.", "0"), ("1.00", "-0.0")])
def test_whole_numbers_may_be_written_as_fractions(tmp_path, first, second):
    numbered(tmp_path / "pets", 2)
    (tmp_path / "a.csv").write_text(f"file,label\n0,{first}\n1,{second}\n")
    found = ImageGenerator(tmp_path / "pets", tmp_path / "a.csv", 2, SIZE)
    assert found.labels.tolist() == [1, 0] and found.class_name(1) == "1"


def test_pandas_writes_whole_numbers_that_are_read_as_such(tmp_path):
    pandas = pytest.importorskip("pandas")
    numbered(tmp_path / "pets", 3)
    table = pandas.DataFrame({"file": ["0.png", "1.png", "2.png", "3.png"], "label": [2, 0, 1, None]})
    table[:3].to_csv(tmp_path / "a.csv", index=False)
    assert "2.0" in (tmp_path / "a.csv").read_text()
    assert ImageGenerator(tmp_path / "pets", tmp_path / "a.csv", 3, SIZE).labels.tolist() == [2, 0, 1]


@pytest.mark.parametrize("missing", ["nan", "NaN", "<NA>", "None", "NA", "null"])
@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_a_missing_label_among_numbers_is_refused_with_its_picture(tmp_path, missing, name):
    numbered(tmp_path / "pets")
    labels = {"0": "0.0", "1": missing, "2": "1.0", "3": missing}
    lines = "file,label\n" + "".join(f"{key},{label}\n" for key, label in labels.items())
    (tmp_path / name).write_text(json.dumps(labels) if name == "a.json" else lines)
    with pytest.raises(ValueError, match=rf"a label for each picture, got '{missing}' for 2 of 4: '1\.png', '3\.png'"):
        ImageGenerator(tmp_path / "pets", tmp_path / name, 4, SIZE)


def test_a_missing_label_among_names_is_refused_and_a_class_may_be_called_none(tmp_path):
    numbered(tmp_path / "pets", 3)
    (tmp_path / "a.csv").write_text("file,label\n0,none\n1,cat\n2,2\n")
    assert ImageGenerator(tmp_path / "pets", tmp_path / "a.csv", 3, SIZE).class_names == ("2", "cat", "none")
    (tmp_path / "a.csv").write_text("file,label\n0,none\n1,cat\n2,nan\n")
    with pytest.raises(ValueError, match=r"got 'nan' for 1 of 3: '2\.png'"):
        ImageGenerator(tmp_path / "pets", tmp_path / "a.csv", 3, SIZE)


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
@pytest.mark.parametrize("take", ["generator", "whole", "parts", "check"])
def test_labels_that_count_from_one_are_said(tmp_path, name, take):
    numbered(tmp_path / "pets", 4)
    path = tmp_path / (f"train{name[1:]}" if take == "parts" else name)
    labels = {"0": 1, "1": 2, "2": 3, "3": 3}
    lines = "file,label\n" + "".join(f"{key},{label}\n" for key, label in labels.items())
    path.write_text(json.dumps(labels) if name == "a.json" else lines)
    message = f"label file '.*{path.name}': expected labels that count classes from 0, got 1 to 3: no picture shows"
    if take == "check":
        assert re.search(message, str(check_folder(tmp_path)))
        return
    with pytest.warns(UserWarning, match=message) as caught:
        if take == "generator":
            found = ImageGenerator(tmp_path / "pets", path, 4, SIZE)
        else:
            if take == "parts":
                numbered(tmp_path / "pets", 6)
                (tmp_path / "val.csv").write_text("file,label\n4,1\n5,2\n")
            found = parts_of(tmp_path, test_share=0.5)[0]
    assert found.number_of_classes == 4 and len(caught) == 1


@pytest.mark.parametrize("labels", [(0, 1, 2, 3), (1, 1, 1, 1), (1, 2, 4, 4), (2, 3, 4, 2)])
def test_labels_that_leave_out_some_otherwise_are_taken_as_they_are(tmp_path, labels):
    numbered(tmp_path / "pets")
    (tmp_path / "a.csv").write_text("file,label\n" + "".join(f"{n},{label}\n" for n, label in enumerate(labels)))
    assert ImageGenerator(tmp_path / "pets", tmp_path / "a.csv", 4, SIZE).labels.tolist() == list(labels)


def test_who_names_a_class_0_may_have_no_picture_of_it(tmp_path):
    numbered(tmp_path / "pets", 2)
    (tmp_path / "a.csv").write_text("file,label\n0,1\n1,2\n")
    names = ["background", "cat", "dog"]
    assert ImageGenerator(tmp_path / "pets", tmp_path / "a.csv", 2, SIZE, class_names=names).class_name(1) == "cat"


@pytest.mark.parametrize("of_disk", ["NFC", "NFD"])
@pytest.mark.parametrize("of_list", ["NFC", "NFD"])
@pytest.mark.parametrize("suffix", ["", ".png"])
def test_an_accent_may_be_one_letter_or_two(tmp_path, of_disk, of_list, suffix):
    put(tmp_path / f"{unicodedata.normalize(of_disk, 'café')}.png")
    (tmp_path / "a.json").write_text(f'{{"{unicodedata.normalize(of_list, "café")}{suffix}": 3}}', encoding="utf-8")
    assert ImageGenerator(tmp_path, tmp_path / "a.json", 1, SIZE).labels.tolist() == [3]


@pytest.mark.parametrize(
    ("of_disk", "of_list"),
    [("Cat.PNG", "cat.png"), ("cat.png", "Cat"), ("Été.png", "été.png"), ("Part/0.png", "part/0.png")],
)
@pytest.mark.parametrize("heading", ["file,label\n", ""])
def test_a_name_in_other_capitals_is_answered_with_the_one_that_is_there(tmp_path, of_disk, of_list, heading):
    put(tmp_path / of_disk)
    (tmp_path / "a.csv").write_text(f"{heading}{of_list},3\n", encoding="utf-8")
    with pytest.raises(ValueError, match=f"found none for '{of_list}'; '{of_disk}' is there: mind the capitals"):
        ImageGenerator(tmp_path, tmp_path / "a.csv", 1, SIZE)


def test_a_whole_name_tells_two_pictures_apart_that_differ_by_their_suffix(tmp_path):
    put(tmp_path / "0.png", 10)
    put(tmp_path / "0.bmp", 20)
    (tmp_path / "a.json").write_text('{"0.png": 0, "0.bmp": 1}')
    images, labels = ImageGenerator(tmp_path, tmp_path / "a.json", 2, SIZE).next()
    assert labels.tolist() == [0, 1] and np.rint(images[:, 0, 0, 0] * 255).tolist() == [10, 20]


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


@pytest.mark.parametrize("place", ["{part}.csv", "{part}/labels.csv"])
@pytest.mark.parametrize("inside", ["images", "images/all"])
def test_a_part_whose_pictures_lie_in_a_folder_of_their_own_is_that_of_its_list(tmp_path, place, inside):
    for part in ("train", "test"):
        numbered(tmp_path / part / inside, 4)
        (tmp_path / place.format(part=part)).write_text(LISTS["names.csv"])
    assert [each.class_names for each in parts_of(tmp_path)] == [("cat", "dog")] * 2


def test_a_list_stands_for_pictures_two_folders_below(tmp_path):
    numbered(tmp_path / "images" / "all", 4)
    (tmp_path / "labels.csv").write_text(LISTS["names.csv"])
    assert parts_of(tmp_path, test_share=0.5)[0].class_names == ("cat", "dog")


def test_a_picture_in_two_lists_is_refused(tmp_path):
    numbered(tmp_path, 3)
    (tmp_path / "train.csv").write_text("file,label\n0,cat\n1,dog\n")
    (tmp_path / "test.csv").write_text("file,label\n1,cat\n2,dog\n")
    with pytest.raises(
        ValueError, match=r"each picture in one list, .* found '1\.png' in '.*test.csv' and '.*train.csv'"
    ):
        parts_of(tmp_path)


def test_labels_before_names_are_not_taken_for_the_pictures_of_these_numbers(tmp_path):
    numbered(tmp_path / "pets", 3)
    (tmp_path / "a.csv").write_text("2,1.png\n0,2.png\n0,0.png\n")
    images, labels = ImageGenerator(tmp_path / "pets", tmp_path / "a.csv", 3, SIZE).next()
    assert (np.rint(images[:, 0, 0, 0] * 255).tolist(), labels.tolist()) == ([1, 2, 0], [2, 0, 0])


def test_pictures_of_a_part_without_any_labels_are_refused(tmp_path):
    classes_in(tmp_path / "train")
    numbered(tmp_path / "test")
    with pytest.raises(ValueError, match=r"test': expected folders named after classes, or one list .* no list"):
        parts_of(tmp_path)


def test_parts_with_lists_of_numbers_have_as_many_classes(tmp_path):
    for name, count in (("train", 12), ("val", 2)):
        numbered(tmp_path / name, count)
        (tmp_path / f"{name}.csv").write_text("file,label\n" + "".join(f"{n},{n}\n" for n in range(count)))
    training, validation = parts_of(tmp_path)
    assert training.number_of_classes == validation.number_of_classes == 12
    (tmp_path / "val.csv").write_text("file,label\n0,3\n1,12\n")
    with pytest.raises(ValueError, match=r"expected the same classes .* got 12 in one only"):
        parts_of(tmp_path)


@pytest.mark.parametrize(
    ("of_lists", "advice"),
    [(["train", "val"], "correct the lists"), ([], "rename or remove folders"),
     (["val"], "rename or remove folders, or correct the list")],
)  # fmt: skip
def test_what_to_do_about_other_classes_says_where_they_come_from(tmp_path, of_lists, advice):
    for name, second in (("train", "dog"), ("val", "eel")):
        if name in of_lists:
            numbered(tmp_path / name, 2)
            (tmp_path / f"{name}.csv").write_text(f"file,label\n0,cat\n1,{second}\n")
        else:
            classes_in(tmp_path / name, ("cat", second))
    with pytest.raises(ValueError, match=f"got dog, eel in one only; {advice}$"):
        parts_of(tmp_path)


def test_numbers_in_csv_do_not_get_the_names_of_the_course(tmp_path):
    numbered(tmp_path / "train", 10)
    (tmp_path / "a.csv").write_text("file,label\n" + "".join(f"{n},{n}\n" for n in range(10)))
    assert ImageGenerator(tmp_path / "train", tmp_path / "a.csv", 4, SIZE).class_name(3) == "3"


@pytest.mark.parametrize("place", ["", "images"])
@pytest.mark.parametrize("around", ["", "archive"])
def test_lists_divide_the_pictures_of_one_folder(tmp_path, place, around):
    numbered(tmp_path / around / place, 11)
    for name, count, first in (("train", 6, 0), ("val", 4, 6)):
        lines = "".join(f"{n}.png,{'ab'[n % 2]}\n" for n in range(first, first + count))
        (tmp_path / around / f"{name}.csv").write_text("file,label\n" + lines)
    with pytest.warns(LeftOutWarning, match=r"1 picture without a label: .*10\.png"):
        training, validation = parts_of(tmp_path)
    assert (training.number_of_images, validation.number_of_images) == (6, 4)
    assert np.rint(np.sort(validation.read()[0][:, 0, 0, 0]) * 255).tolist() == [6, 7, 8, 9]


def test_a_list_beside_pictures_is_found_in_a_folder_around_both(tmp_path):
    numbered(tmp_path / "archive" / "images", 4)
    (tmp_path / "archive" / "labels.csv").write_text(LISTS["names.csv"])
    assert parts_of(tmp_path, test_share=0.5)[0].class_names == ("cat", "dog")


@pytest.mark.parametrize("name", ["list.csv", "list.json"])
@pytest.mark.parametrize("title", ["split", "Subset", "usage"])
def test_a_list_that_names_the_parts_itself_is_not_mixed_up(tmp_path, name, title):
    numbered(tmp_path / "pets", 2)
    rows = [{"file": "0.png", "label": "cat", title: "train"}, {"file": "1.png", "label": "dog", title: "test"}]
    lines = [",".join(one) for one in (rows[0].keys(), *(row.values() for row in rows))]
    (tmp_path / name).write_text(json.dumps(rows) if name.endswith("json") else "\n".join(lines))
    with pytest.raises(ValueError, match=rf"one part, got 'train' and 'test' in the column '{title}'; write a list"):
        ImageGenerator(tmp_path / "pets", tmp_path / name, 2, SIZE)
    (tmp_path / name).write_text((tmp_path / name).read_text().replace("test", "train"))
    assert len(ImageGenerator(tmp_path / "pets", tmp_path / name, 2, SIZE).labels) == 2
