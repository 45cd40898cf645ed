"""IDX files and labels from strangers: damage is named by its file, within little memory."""

import gzip
import json
import re
import struct
import zlib

import numpy as np
import pytest

from Foundation.Labels import MOST_CLASSES
from Generator import datasets
from Generator.arrays import ArrayData
from Generator.data_layer import ImageData
from Generator.generator import ImageGenerator
from Generator.idx import read_idx
from Generator.label_rows import label_rows
from Generator.labels import labels_from_file
from Generator.pixel_tables import read_pixel_table
from Layers.Helpers import MNISTData
from tests.refusals import refusal
from tests.written_files import idx


def packed_zeros(start, mebibytes):
    packer = zlib.compressobj(9, wbits=31)
    return packer.compress(start) + b"".join(packer.compress(bytes(2**20)) for _ in range(mebibytes)) + packer.flush()


@pytest.mark.parametrize(
    "shape", [(2**30,), (2**15, 2**15), (2**26,), (0, 2**32 - 1, 2**32 - 1), (2**32 - 1,) * 3, (2**16,) * 8]
)
@pytest.mark.parametrize("packed", [False, True])
def test_an_idx_file_that_declares_more_than_it_has_is_refused(tmp_path, shape, packed):
    content = struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape) + bytes(100)
    (tmp_path / "images").write_bytes(gzip.compress(content) if packed else content)
    assert "expected" in refusal(lambda: read_idx(tmp_path / "images"), "images")


def test_an_idx_file_that_unfolds_to_what_it_declares_is_limited_by_its_size(tmp_path):
    path = tmp_path / "images"
    path.write_bytes(packed_zeros(struct.pack(">BBBBI", 0, 0, 8, 1, 60 * 2**20), 60))
    assert "expected at most 3" in refusal(lambda: read_idx(path), "images")
    assert read_idx(path, max_bytes=2**26).shape == (60 * 2**20,)


@pytest.mark.parametrize("axes", [33, 64, 65, 255])
def test_an_idx_file_of_more_axes_than_numpy_has_is_refused(tmp_path, axes):
    (tmp_path / "images").write_bytes(struct.pack(f">BBBB{axes}I", 0, 0, 8, axes, *[1] * axes) + b"\7")
    assert "at most 32 axes" in refusal(lambda: read_idx(tmp_path / "images"), "images")


def write_mnist(folder, **changes):
    """The four files, small; a change is the content of one, packed or not."""
    (folder / "Data").mkdir(exist_ok=True)
    for part, count in (("train", 7), ("t10k", 3)):
        arrays = {"images-idx3": np.zeros((count, 28, 28), np.uint8), "labels-idx1": np.arange(count, dtype=np.uint8)}
        for kind, array in arrays.items():
            content = changes.get(f"{part}_{kind[:6]}", gzip.compress(idx(array), mtime=0))
            (folder / "Data" / f"{part}-{kind}-ubyte.gz").write_bytes(content)


GOOD = gzip.compress(idx(np.zeros((7, 28, 28), np.uint8)), mtime=0)
LABELS = gzip.compress(idx(np.arange(7, dtype=np.uint8)), mtime=0)
DAMAGED_IMAGES = {
    "empty": b"",
    "cut": GOOD[:-9],
    "cut early": GOOD[:30],
    "no gzip": b"no gzip at all",
    "plain": idx(np.zeros((7, 28, 28), np.uint8)),
    "bytes": GOOD[:20] + b"damaged" + GOOD[27:],
    "checksum": GOOD[:-8] + b"\0" * 8,
    "trailing": GOOD + b"more",
    "nothing in it": gzip.compress(b""),
    "three bytes": gzip.compress(b"\0\0\x08"),
    "header only": gzip.compress(idx(np.zeros((7, 28, 28), np.uint8))[:16]),
    "labels": LABELS,
    "another shape": gzip.compress(idx(np.zeros((7, 27, 28), np.uint8))),
    "no images": gzip.compress(idx(np.zeros((0, 28, 28), np.uint8))),
    "too long": gzip.compress(idx(np.zeros((7, 28, 28), np.uint8)) + b"\0"),
    "overflow": gzip.compress(struct.pack(">4I", 0x803, 2**32 - 1, 2**32 - 1, 2**32 - 1)),
    "bomb": packed_zeros(struct.pack(">4I", 0x803, 7, 28, 28), 80),
    "large": packed_zeros(struct.pack(">4I", 0x803, 2**20, 28, 28), 80),
    "another type": gzip.compress(idx(np.zeros((7, 28, 28)), 0x0E)),
}


@pytest.mark.parametrize("content", DAMAGED_IMAGES.values(), ids=DAMAGED_IMAGES)
@pytest.mark.parametrize("part", ["train", "t10k"])
def test_damaged_images_of_mnist_are_named(tmp_path, monkeypatch, part, content):
    monkeypatch.chdir(tmp_path)
    write_mnist(tmp_path, **{f"{part}_images": content})
    refusal(lambda: MNISTData(2), f"MNISTData: Data/{part}-images-idx3-ubyte.gz")
    if content != DAMAGED_IMAGES["plain"]:
        refusal(lambda: datasets.mnist("Data"), part)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        LABELS[:-1],
        GOOD,
        gzip.compress(idx(np.arange(8, dtype=np.uint8))),
        gzip.compress(idx(np.full(7, 10, np.uint8))),
    ],
    ids=["nothing in it", "too short", "not packed", "too many", "no class"],
)
def test_damaged_labels_of_mnist_are_named(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    write_mnist(tmp_path, train_labels=content)
    refusal(lambda: MNISTData(2), "Data/train-labels-idx1-ubyte.gz")
    refusal(lambda: datasets.mnist("Data"), "train-")


# Labels.


@pytest.fixture
def pictures(tmp_path):
    (tmp_path / "pictures").mkdir()
    for name in ("0", "1", "cat [1]", "ä"):
        np.save(tmp_path / "pictures" / f"{name}.npy", np.zeros((2, 2), np.uint8))
    return tmp_path


def labels_of(folder, text):
    (folder / "labels.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    return labels_from_file(folder / "pictures", folder / "labels.json")[:2]


ORDINARY = '{"0": 3, "1": 7, "cat [1]": 0, "ä": 1}'


@pytest.mark.parametrize(
    "text",
    [
        ORDINARY,
        ORDINARY.replace(": ", ":").replace(", ", ","),
        ORDINARY.replace(": ", "\r:\n\t ").replace(",", "\r\n,\t "),
        json.dumps(json.loads(ORDINARY), indent=4),
        '\n{"\\u0030":3,"\\u0031":7,"cat\\u0020[1]":0,"\\u00e4":1}\n',
        ORDINARY.replace("0,", "-0,"),
        "\ufeff" + ORDINARY,
    ],
)
def test_labels_are_read_however_json_writes_them(pictures, text):
    names, labels = labels_of(pictures, text)
    assert names == ["0.npy", "1.npy", "cat [1].npy", "ä.npy"] and labels.tolist() == [3, 7, 0, 1]


@pytest.mark.parametrize("label", [MOST_CLASSES, 4_000_000_000, 2**31, 2**62, 2**63 - 1, 2**63, 10**19, 10**60])
def test_a_label_that_would_take_all_memory_is_refused(pictures, label):
    message = refusal(lambda: labels_of(pictures, ORDINARY.replace("7", str(label))), "labels.json")
    assert "expected labels below 131,072" in message or "fit 64 bits" in message
    for call in (
        lambda: ImageData(ImageGenerator.from_arrays(np.zeros((2, 2, 2)), np.array([0, label], np.uint64), 1)),
        lambda: ArrayData(np.zeros((2, 1)), np.array([0, label], np.uint64)),
        lambda: ArrayData(np.zeros((2, 1)), [0, 1], classes=label + 1),
    ):
        if label < 2**63:
            assert re.search("expected (labels below 131,072|classes to be at most)", refusal(call, "Data: "))


def test_the_largest_label_is_read(pictures):
    assert labels_of(pictures, ORDINARY.replace("7", str(MOST_CLASSES - 1)))[1].max() == MOST_CLASSES - 1


@pytest.mark.parametrize(
    "value",
    [
        "[" * 100_000,
        "[" * 50 + "]" * 50,
        '{"a":' * 100_000,
        "[" + "[]," * 10**6 + "1]",
        "[" + "0," * 10**6 + "0]",
        "1" * 5000,
        "-" + "9" * 5000,
        "1e5",
        "1.0",
        "NaN",
        "Infinity",
        "-Infinity",
        "true",
        "null",
        '"7"',
        "07",
        "+7",
        "0x7",
        "--7",
        "",
        "7 8",
        "{}",
        "[]",
        '"' + "a" * 10**6 + '"',
    ],
)
def test_a_value_that_is_no_whole_number_is_refused(pictures, value):
    text = ORDINARY.replace("7", value)
    refusal(lambda: labels_of(pictures, text), "labels.json", 16, (ValueError, TypeError))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "}",
        '{"',
        '{"0"',
        '{"0":',
        '{"0": 3',
        '{"0": 3,',
        '{"0": 3,}',
        '{"0": 3}}',
        '{"0": 3} {}',
        "{,}",
        "{0: 3}",
        "{'0': 3}",
        '{"0" 3}',
        '{"0": 3 "1": 7}',
        '{"0": 3; "1": 7}',
        '{"a\nb": 3}',
        '{"\\x": 3}',
        '{"\\u12": 3}',
        '{"\\": 3}',
        "null",
        "7",
        "[]",
        '"text"',
        "[" * 10**6,
        b"\xff\xfe{",
        b'{"\xff": 1}',
        ORDINARY.encode("utf-16"),
        ORDINARY.encode("utf-32"),
        bytes(1000),
        '{"' + "a" * 10**6 + '": 3}',
        '{"' + "\\n" * 10**6 + '": 3}',
        " " * 10**6,
        "{" + " " * 10**6,
        "// 1\n" + ORDINARY,
    ],
)
def test_text_that_is_no_table_is_refused(pictures, text):
    refusal(lambda: labels_of(pictures, text), "labels.json", 16)


@pytest.mark.parametrize("name", ["0", "\\u0030", "ä", "\\u00e4", "cat [1]"])
def test_a_name_that_stands_twice_is_refused(pictures, name):
    assert "more than once" in refusal(lambda: labels_of(pictures, ORDINARY[:-1] + f', "{name}": 3}}'), "labels.json")


def test_names_of_no_picture_take_no_memory(pictures):
    text = "{" + ",".join(f'"{number}":1' for number in range(2, 30_000)) + "}"
    message = refusal(lambda: labels_of(pictures, text), "labels.json", 2 * len(text) / 2**20 + 4)
    assert "'2', '3', '4', '5', '6' and 29993 more" in message


@pytest.mark.parametrize(
    ("first", "cell"),
    [("file,label\n", "ab,"), ("", "ab,"), ("file,label\n", '"a\n",')],
    ids=["below a heading", "alone", "many lines"],
)
def test_a_row_of_a_million_cells_takes_no_memory(tmp_path, first, cell):
    path = tmp_path / "labels.csv"
    path.write_text(first + cell * 600_000)
    rows = refusal(lambda: list(label_rows(path, "labels", lambda name: True)), "labels", 32)
    assert "a line of more than 1,048,576 letters" in rows


def test_a_line_of_a_million_pixels_takes_little_memory(tmp_path):
    path = tmp_path / "digits.csv"
    path.write_text(",".join(["0"] * 785) + "\n" + ",".join(["0"] * 1_000_000))
    refusal(lambda: read_pixel_table(path, "mnist"), "digits.csv", 4)
