"""MNIST and its relatives as Kaggle keeps them: tables with a label and the pixels in columns."""

import numpy as np
import pytest

from Generator import datasets, pixel_tables
from Generator.generator import ImageGenerator
from tests.written_pictures import SIZE, numbered

# What the columns are called, by whom.
HEADINGS = {
    "pixel0": [f"pixel{number}" for number in range(784)],
    "pixel1": [f"pixel{number}" for number in range(1, 785)],
    "1x1": [f"{row}x{column}" for row in range(1, 29) for column in range(1, 29)],
    "none": [],
}


def table(path, heading="pixel0", least=0, count=12, label="label"):
    """Write pictures into a table; returns them with their labels."""
    rng = np.random.default_rng(len(path.name))
    images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    labels = least + np.arange(count) % 10
    lines = [",".join([label, *HEADINGS[heading]])] if HEADINGS[heading] else []
    lines += [",".join(map(str, [number, *image.ravel()])) for number, image in zip(labels, images, strict=True)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return images, labels


def assert_same(found, training, test):
    np.testing.assert_array_equal(found.images[..., 0], training[0])
    np.testing.assert_array_equal(found.labels, training[1])
    np.testing.assert_array_equal(found.test_images[..., 0], test[0])
    np.testing.assert_array_equal(found.test_labels, test[1])


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("place", ["", "MNIST/"])
def test_mnist_is_read_from_tables(tmp_path, heading, place):
    stored = [table(tmp_path / f"{place}mnist_{part}.csv", heading) for part in ("train", "test")]
    assert_same(datasets.mnist(tmp_path), *stored)


@pytest.mark.parametrize("place", ["", "FashionMNIST/"])
def test_fashion_is_read_from_tables(tmp_path, place):
    stored = [table(tmp_path / f"{place}fashion-mnist_{part}.csv", "pixel1") for part in ("train", "test")]
    found = datasets.fashion_mnist(tmp_path)
    assert_same(found, *stored)
    assert found.class_names[9] == "Ankle boot"


def test_letters_are_read_from_tables_and_stand_upright(tmp_path):
    stored = [table(tmp_path / f"emnist-letters-{part}.csv", "none", least=1) for part in ("train", "test")]
    upright = [(images.swapaxes(1, 2), labels - 1) for images, labels in stored]
    assert_same(datasets.emnist(tmp_path), *upright)


def test_labels_at_the_end_of_lines_without_heading_are_not_taken_for_pixels(tmp_path):
    for part in ("train", "test"):
        lines = [",".join(["0"] * 784 + [str(label)]) for label in (3, 1, 2)]
        (tmp_path / f"mnist_{part}.csv").write_text("\n".join(lines))
    with pytest.raises(
        ValueError, match=r"expected the label first .* got 0 in all of them and several numbers at the end"
    ):
        datasets.mnist(tmp_path)


def test_a_test_without_labels_is_answered_with_how_to_read_the_rest(tmp_path):
    images, labels = table(tmp_path / "train.csv")
    (tmp_path / "test.csv").write_text(",".join(HEADINGS["pixel0"]) + "\n" + ",".join("7" * 784) + "\n")
    with pytest.raises(
        ValueError, match=r"expected 785 columns in '.*test\.csv', .* got 784, the first 'pixel0'"
    ) as told:
        datasets.mnist(tmp_path)
    assert_read_as_told(str(told.value).replace("'train.csv'", repr(str(tmp_path / "train.csv"))), images, labels)


def assert_read_as_told(message, images, labels):
    """The line of Python that ends a message reads a table."""
    code = message[message.index("table = ") :]
    first, second = code.split("; ")
    names = {"np": np, "ImageGenerator": ImageGenerator, "batch_size": len(labels)}
    exec(f"{first}\nfound = {second}", names)
    read, shown = names["found"].next()
    np.testing.assert_array_equal(np.rint(read[..., 0] * 255), images)
    np.testing.assert_array_equal(shown, labels)


def test_a_table_is_read_piece_by_piece(tmp_path, monkeypatch):
    monkeypatch.setattr(pixel_tables, "_LINES", 5)
    stored = [table(tmp_path / f"mnist_{part}.csv") for part in ("train", "test")]
    assert_same(datasets.mnist(tmp_path), *stored)


@pytest.mark.parametrize("take", ["list", "folder"])
def test_a_table_of_pixels_is_no_list_of_pictures(tmp_path, take):
    stored = table(tmp_path / "digits.csv", "pixel1")
    with pytest.raises(
        ValueError, match=r"expected names of pictures .* got pixels in 785 columns of '.*digits\.csv'"
    ) as told:
        if take == "list":
            numbered(tmp_path / "pictures")
            ImageGenerator(tmp_path / "pictures", tmp_path / "digits.csv", 4, SIZE)
        else:
            datasets.picture_folder(tmp_path, 4, SIZE)
    assert_read_as_told(str(told.value), *stored)


LINE = ",".join(["0"] * 785)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"label,{','.join(HEADINGS['pixel0'])}\n", "expected pictures in '.*', found none"),
        (f"{LINE}\n0,0\n", "whole numbers from 0 to 255 in '.*', 785 in each line"),
        (f"{LINE}\n{LINE.replace('0', '256', 1)}\n", "256"),
        (f"{LINE}\n{LINE.replace('0', '0.5', 1)}\n", r"0\.5"),
        (f"{LINE}\n{LINE.replace('0', '-1', 1)}\n", "-1"),
        (f"{LINE}\n{LINE.replace('0', 'cat', 1)}\n", "cat"),
        (f"{LINE}\n{LINE.replace('0', 'ÿ', 1)}\n".encode("latin-1"), "whole numbers from 0 to 255"),
        (f"{LINE.replace('0', '11', 1)}\n", "labels from 0 to 9"),
        (f"id,{','.join(HEADINGS['pixel0'])}\n{LINE}\n", "the first 'id'"),
    ],
    ids=[
        "empty",
        "short line",
        "too large",
        "fraction",
        "negative",
        "text",
        "other text",
        "other labels",
        "other columns",
    ],
)
def test_a_broken_table_is_named(tmp_path, content, message):
    for name in ("mnist_train.csv", "mnist_test.csv"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=message) as caught:
        datasets.mnist(tmp_path)
    assert "mnist_" in str(caught.value) or "labels" in message


def test_other_tables_are_not_taken_for_pixels(tmp_path):
    for name in ("train.csv", "test.csv"):
        (tmp_path / name).write_text("PassengerId,Survived\n1,0\n")
    with pytest.raises(FileNotFoundError, match=r"expected 'train-images-idx3-ubyte\.gz'"):
        datasets.mnist(tmp_path)
