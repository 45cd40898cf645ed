"""MNIST, CIFAR-10, folders and the sample pictures: small files of each format, whole, damaged and
hostile."""

import gzip
import io
import json
import os
import pickle
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest

from Generator import datasets
from Generator.cifar import read_binary_batch, read_python_batch
from Generator.draw_sample_data import draw_picture, draw_sample_data, write_picture_folder, write_sample_data
from Generator.generator import ImageGenerator
from Generator.idx import read_idx
from tests.written_files import BATCHES, binary_batch, cifar_arrays, idx, python_2_batch, python_3_batch

GENERATOR = Path(__file__).parent.parent / "Generator"


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(("code", "dtype"), [(8, "u1"), (9, "i1"), (0xB, "i2"), (0xC, "i4"), (0xD, "f4"), (0xE, "f8")])
def test_idx_files(tmp_path, compressed, code, dtype):
    array = np.random.default_rng(0).integers(0, 100, (5, 4, 3)).astype(dtype)
    content = idx(array, code)
    (tmp_path / "file").write_bytes(gzip.compress(content) if compressed else content)
    found = read_idx(tmp_path / "file")
    assert found.dtype == np.dtype(dtype) and found.dtype.isnative and found.flags.writeable
    np.testing.assert_array_equal(found, array)


def bad_idx_files():
    whole = idx(np.zeros((5, 4), np.uint8))
    yield b"", "expected a header"
    yield b"\x89PNG", "expected a header"
    yield b"\0\0\x07\x02" + whole[4:], "expected a header"
    yield b"\0\0\x08\x00", "expected a header"
    yield whole[:7], "lengths of 2 axes"
    yield whole[:-1], r"expected 20 bytes for shape \(5, 4\), got 19"
    yield whole + b"\0", r"expected 20 bytes for shape \(5, 4\), got more"
    yield b"\0\0\x08\x03" + struct.pack(">III", 2**31, 2**31, 2**31), "expected at most 1,073,741,824 bytes"
    # without the time of day, which would be part of the tests' names
    packed = gzip.compress(whole, mtime=0)
    yield gzip.compress(b"\0\0\x08\x02" + struct.pack(">II", 2**20, 2**20), mtime=0), "expected at most"
    yield packed[:-9], "intact gzip file"
    yield packed[:12] + b"damaged" + packed[19:], "."


@pytest.mark.parametrize(("content", "message"), list(bad_idx_files()))
def test_bad_idx_files_are_named(tmp_path, content, message):
    path = tmp_path / "digits-idx3-ubyte"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"IDX file '.*digits-idx3-ubyte': .*{message}"):
        read_idx(path)


def test_a_gzip_bomb_is_not_unfolded(tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(idx(np.zeros((10, 10), np.uint8)) + bytes(50_000_000)))
    assert path.stat().st_size < 60_000
    with pytest.raises(ValueError, match="got more"):
        read_idx(path)


def write_mnist(folder, compressed=True):
    rng = np.random.default_rng(0)
    stored = {}
    for part, count in (("train", 20), ("t10k", 8)):
        stored[part] = (
            rng.integers(0, 256, (count, 28, 28), dtype=np.uint8),
            rng.integers(0, 10, count, dtype=np.uint8),
        )
        for kind, array in zip(("images-idx3", "labels-idx1"), stored[part], strict=True):
            name = f"{part}-{kind}-ubyte" + (".gz" if compressed else "")
            (folder / name).write_bytes(gzip.compress(idx(array)) if compressed else idx(array))
    return stored


@pytest.mark.parametrize("compressed", [True, False])
def test_mnist(tmp_path, compressed):
    stored = write_mnist(tmp_path, compressed)
    digits = datasets.mnist(tmp_path)
    np.testing.assert_array_equal(digits.images[..., 0], stored["train"][0])
    np.testing.assert_array_equal(digits.test_labels, stored["t10k"][1])
    assert digits.class_names == tuple("0123456789")
    data = digits.data_layer(6, dtype="float32", normalize=False, shuffle=False)
    images, labels = data.next()
    np.testing.assert_array_equal(images[:, 0], (stored["train"][0][:6] / np.float32(255)).astype(np.float32))
    np.testing.assert_array_equal(labels.argmax(axis=1), stored["train"][1][:6])
    assert data.get_test_set()[0].shape == (8, 1, 28, 28) and labels.shape == (6, 10)
    assert data.generator.class_name(3) == "3"


def test_mnist_with_a_file_missing_or_of_another_set(tmp_path):
    write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.zeros(7, np.uint8))))
    with pytest.raises(ValueError, match=r"t10k-\*', got shapes \(8, 28, 28\) and \(7,\)"):
        datasets.mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match=r"'t10k-labels-idx1-ubyte\.gz'.*download_mnist\("):
        datasets.mnist(tmp_path)


def test_the_bytes_of_python_2_are_a_pickle_that_python_understands():
    images, labels = cifar_arrays(3, 0)
    table = pickle.loads(python_2_batch(images, labels), encoding="bytes")
    np.testing.assert_array_equal(table[b"data"].reshape(3, 3, 32, 32).transpose(0, 2, 3, 1), images)
    assert table[b"labels"] == labels.tolist()


@pytest.mark.parametrize(
    "write",
    [python_2_batch, *(lambda x, y, p=protocol: python_3_batch(x, y, p) for protocol in (2, 3, 4))],
)
def test_cifar_in_both_versions(write):
    images, labels = cifar_arrays(7, 1)
    for found in (
        read_binary_batch(binary_batch(images, labels), "b.bin"),
        read_python_batch(write(images, labels), "b"),
    ):  # fmt: skip
        np.testing.assert_array_equal(found[0], images)
        np.testing.assert_array_equal(found[1], labels)
        assert found[0].flags.writeable and found[1].dtype == np.int64


class Trap:
    def __init__(self, call, *arguments):
        self.call = call, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize(
    "make",
    [
        lambda folder: Trap(os.mkdir, f"{folder}/executed"),
        lambda folder: Trap(eval, f"__import__('os').mkdir('{folder}/executed')"),
        lambda folder: {"data": Trap(os.mkdir, f"{folder}/executed"), "labels": [1]},
        lambda folder: Trap(np.load, f"{folder}/other.npy"),
        lambda folder: Trap(np.ndarray, (10**12,)),
    ],
)
def test_nothing_in_a_pickle_is_executed(tmp_path, make, protocol):
    with pytest.raises(ValueError, match=r"CIFAR-10 file 'data_batch_1': expected"):
        read_python_batch(pickle.dumps(make(tmp_path), protocol), "data_batch_1")
    assert not (tmp_path / "executed").exists()


def bad_python_batches():
    images, _ = cifar_arrays(2, 0)
    pixels = images.reshape(2, -1)
    yield b"", "unreadable"
    yield b"\x80\x02}", "unreadable"
    yield b"\x80\x02r\xff\xff\xff\xff.", "unreadable"
    yield pickle.dumps([1, 2]), "expected a dictionary, got a list"
    yield pickle.dumps({"data": [1], "labels": [1]}), "expected an array 'data'"
    yield pickle.dumps({"data": pixels, "fine_labels": [1, 2]}, 2), "CIFAR-100"
    yield pickle.dumps({"data": pixels, "labels": [1]}, 2), r"shape \(1, 3072\)"
    yield pickle.dumps({"data": pixels, "labels": [1, 10]}, 2), "labels from 0 to 9"
    yield pickle.dumps({"data": pixels, "labels": [1, -1]}, 2), "labels from 0 to 9"
    yield pickle.dumps({"data": pixels, "labels": [1, "a"]}, 2), "labels from 0 to 9"
    yield pickle.dumps({"data": pixels, "labels": []}, 2), "labels from 0 to 9"
    yield pickle.dumps({"data": pixels.astype(float), "labels": [1, 2]}, 2), "type 'f8'"
    yield pickle.dumps({"data": np.asfortranarray(pixels), "labels": [1, 2]}, 2), "expected bytes of shape"
    yield pickle.dumps({"data": np.array([[None] * 3072] * 2), "labels": [1, 2]}, 2), "type 'O8'"


@pytest.mark.parametrize(("content", "message"), list(bad_python_batches()))
def test_bad_python_batches_are_named(content, message):
    with pytest.raises(ValueError, match=rf"CIFAR-10 file 'data_batch_1': .*{message}"):
        read_python_batch(content, "data_batch_1")


def test_damaged_pickles_never_cause_any_other_error():
    rng = np.random.default_rng(0)
    content = np.frombuffer(python_2_batch(*cifar_arrays(1, 0)), np.uint8)
    places_of_code = np.r_[0:250, len(content) - 40 : len(content)]
    refused = 0
    for _ in range(600):
        damaged = content.copy()
        places = rng.choice(places_of_code, rng.integers(1, 4))
        damaged[places] = rng.integers(0, 256, len(places))
        try:
            read_python_batch(damaged.tobytes(), "data_batch_1")
        except ValueError:
            refused += 1
    assert refused > 200


@pytest.mark.parametrize("content", [b"", bytes(3072), bytes(3074), bytes([10]) + bytes(3072)])
def test_bad_binary_batches_are_named(content):
    with pytest.raises(ValueError, match=r"CIFAR-10 file 'data_batch_1\.bin': expected"):
        read_binary_batch(content, "data_batch_1.bin")


@pytest.mark.parametrize("version", ["bin", "py"])
@pytest.mark.parametrize("where", ["here", "below", "archive", "folder with archive"])
def test_cifar_in_folders_and_archives(tmp_path, version, where):
    batches = {name: cifar_arrays(4, place) for place, name in enumerate(BATCHES)}
    files = {}
    for name, (images, labels) in batches.items():
        if version == "bin":
            files[f"{name}.bin"] = binary_batch(images, labels)
        else:
            files[name] = python_2_batch(images, labels)
    inner = f"cifar-10-batches-{version}"
    source = tmp_path
    if where in ("here", "below"):
        folder = tmp_path if where == "here" else tmp_path / inner
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    else:
        archive = tmp_path / f"cifar-10-{'binary' if version == 'bin' else 'python'}.tar.gz"
        with tarfile.open(archive, "w:gz") as opened:
            for name, content in files.items():
                member = tarfile.TarInfo(f"{inner}/{name}")
                member.size = len(content)
                opened.addfile(member, io.BytesIO(content))
        source = archive if where == "archive" else tmp_path
    before = sorted(tmp_path.rglob("*"))
    found = datasets.cifar10(source)
    assert sorted(tmp_path.rglob("*")) == before
    np.testing.assert_array_equal(found.images, np.concatenate([batches[name][0] for name in BATCHES[:5]]))
    np.testing.assert_array_equal(found.labels, np.concatenate([batches[name][1] for name in BATCHES[:5]]))
    np.testing.assert_array_equal(found.test_images, batches["test_batch"][0])
    assert found.data_layer(4).next()[0].shape == (4, 3, 32, 32)


def test_an_archive_cut_short_or_damaged_is_named(tmp_path):
    archive = tmp_path / "cifar-10-binary.tar.gz"
    with tarfile.open(archive, "w:gz") as opened:
        content = binary_batch(*cifar_arrays(3, 0))
        member = tarfile.TarInfo("data_batch_1.bin")
        member.size = len(content)
        opened.addfile(member, io.BytesIO(content))
    whole = archive.read_bytes()
    for broken in (whole[:50], whole[:-2000], whole[:300] + bytes(50) + whole[350:], whole[:-1]):
        archive.write_bytes(broken)
        with pytest.raises(ValueError, match=r"intact archive at '.*cifar-10-binary\.tar\.gz'"):
            datasets.cifar10(tmp_path)


def test_cifar_with_a_batch_missing_or_a_broken_archive(tmp_path):
    (tmp_path / "data_batch_1.bin").write_bytes(binary_batch(*cifar_arrays(2, 0)))
    with pytest.raises(FileNotFoundError, match=r"found no data_batch_2.*download_cifar10\("):
        datasets.cifar10(tmp_path)
    archive = tmp_path / "cifar-10-python.tar.gz"
    archive.write_bytes(b"no archive")
    with pytest.raises(ValueError, match=r"intact archive at '.*cifar-10-python\.tar\.gz'"):
        datasets.cifar10(archive)
    with tarfile.open(archive, "w:gz") as opened:
        member = tarfile.TarInfo("data_batch_1")
        member.size = 2**26 + 1
        opened.addfile(member, io.BytesIO(bytes(member.size)))
    with pytest.raises(ValueError, match=r"'data_batch_1' in .* to have 31 MB, got 67,108,865"):
        datasets.cifar10(archive)


def write_classes(folder, names, count):
    rng = np.random.default_rng(0)
    for name in names:
        (folder / name).mkdir(parents=True)
        for number in range(count):
            np.save(folder / name / f"{number}.npy", rng.integers(0, 256, (8, 8, 3), dtype=np.uint8))


def test_picture_folder_keeps_a_share_back(tmp_path):
    write_classes(tmp_path, ["ant", "bee", "cow"], 10)
    options = {"rng": 0, "shuffle": True, "mirroring": True, "workers": 2, "dtype": "float32"}
    training, test = datasets.picture_folder(tmp_path, 8, [8, 8, 3], 0.3, **options)
    with training, test:
        assert (training.number_of_images, test.number_of_images) == (21, 9)
        assert training.next()[0].dtype == np.float32
        assert test.class_name(2) == "cow" and not test.augmentation.is_random
    again = datasets.picture_folder(tmp_path, 8, [8, 8, 3], 0.3, **options)[1]
    np.testing.assert_array_equal(test.read()[0], again.read()[0])


def test_picture_folder_with_a_division_of_its_own(tmp_path):
    write_classes(tmp_path / "train", ["ant", "bee"], 5)
    write_classes(tmp_path / "test", ["ant", "bee"], 2)
    training, test = datasets.picture_folder(tmp_path, 4, [8, 8, 3], shuffle=True, rng=1, dtype="float32")
    assert (training.number_of_images, test.number_of_images, test.dtype) == (10, 4, np.float32)
    assert training.shuffle and not test.shuffle
    write_classes(tmp_path / "test", ["cow"], 1)
    with pytest.raises(ValueError, match=r"expected the same classes .* got cow in one only"):
        datasets.picture_folder(tmp_path, 4, [8, 8, 3])


def test_the_committed_sample_pictures_are_what_the_script_draws(tmp_path):
    write_sample_data(tmp_path)
    drawn = sorted((tmp_path / "Sample_data").iterdir())
    assert [path.name for path in drawn] == sorted(path.name for path in (GENERATOR / "Sample_data").iterdir())
    for path in drawn:
        assert path.read_bytes() == (GENERATOR / "Sample_data" / path.name).read_bytes(), path.name
    assert (tmp_path / "Labels.json").read_bytes() == (GENERATOR / "Labels.json").read_bytes()


def test_readers_of_training_data_shuffle_it(tmp_path):
    write_picture_folder(tmp_path, 40)
    training, _ = datasets.picture_folder(tmp_path, 9, [8, 8, 3], 0.25, rng=0)
    assert len(set(training.next()[1].tolist())) > 4  # in stored order, class after class, there would be 3
    assert training.shuffle and datasets.digits().data_layer(4).generator.shuffle
    assert not datasets.picture_folder(tmp_path, 4, [8, 8, 3], 0.25, shuffle=False)[0].shuffle
    assert not datasets.digits().generator(4, shuffle=False).shuffle


@pytest.mark.parametrize("seed", [0, 1])
def test_a_folder_read_as_the_readme_says_gives_the_batches_of_shuffled_training(tmp_path, seed):
    write_picture_folder(tmp_path, 40)
    options = {"mirroring": "horizontal", "angle": 10, "shift": 0.1, "rng": seed}
    training, shuffled, stored = (
        datasets.picture_folder(tmp_path, 9, [32, 32, 3], **options, **order)[0]
        for order in ({}, {"shuffle": True}, {"shuffle": False})
    )
    for _ in range(9):
        images, labels = training.next()
        expected = shuffled.next()
        np.testing.assert_array_equal(images, expected[0])
        np.testing.assert_array_equal(labels, expected[1])
        assert len(set(labels.tolist())) > len(set(stored.next()[1].tolist()))


def test_a_picture_folder_holds_the_pictures_that_are_drawn(tmp_path):
    write_picture_folder(tmp_path / "new", 12, seed=3)
    images, labels = ImageGenerator(tmp_path / "new", None, 12, [32, 32, 3]).read()
    drawn, drawn_labels = draw_sample_data(12, seed=3)
    order = np.lexsort([np.arange(12), drawn_labels])
    np.testing.assert_array_equal(labels, drawn_labels[order])
    np.testing.assert_array_equal(np.rint(images * 255), drawn[order])


def test_sample_pictures_are_ten_of_each_and_all_different():
    table = json.loads((GENERATOR / "Labels.json").read_text())
    assert sorted(table, key=int) == [str(number) for number in range(100)]
    assert np.bincount(list(table.values())).tolist() == [10] * 10
    pictures = [np.load(GENERATOR / "Sample_data" / f"{number}.npy") for number in range(100)]
    assert all(picture.shape == (32, 32, 3) and picture.dtype == np.uint8 for picture in pictures)
    assert len({picture.tobytes() for picture in pictures}) == 100


def test_fresh_pictures_are_new_and_repeatable():
    training, _ = draw_sample_data(30)
    fresh, labels = draw_sample_data(30, seed=1)
    assert not {picture.tobytes() for picture in training} & {picture.tobytes() for picture in fresh}
    longer, longer_labels = draw_sample_data(40, seed=1)
    np.testing.assert_array_equal(longer[:30], fresh)
    np.testing.assert_array_equal(longer_labels[:30], labels)
    with pytest.raises(ValueError, match="expected a label from 0 to 9, got 10"):
        draw_picture(10, np.random.default_rng(0))
    with pytest.raises(FileNotFoundError, match="write_sample_data: expected a folder"):
        write_sample_data("nowhere")


def test_sample_pictures_set():
    sample = datasets.sample_pictures(test_images=30)
    np.testing.assert_array_equal(sample.images[7], np.load(GENERATOR / "Sample_data" / "7.npy"))
    np.testing.assert_array_equal(sample.test_images, draw_sample_data(30, 1)[0])
    with pytest.raises(ValueError, match="test_seed to be at least 1"):
        datasets.sample_pictures(test_seed=0)


@pytest.mark.slow
def test_the_ten_things_can_be_told_apart():
    """A straight line between classes, drawn through 1000 pictures, is right for most of 300 fresh ones."""
    from sklearn.linear_model import RidgeClassifier

    images, labels = draw_sample_data(1000, seed=2)
    fresh, fresh_labels = draw_sample_data(300, seed=3)
    shrunk, fresh_shrunk = (
        ImageGenerator.from_arrays(pictures, np.zeros(len(pictures), int), 1, [16, 16, 3]).read()[0]
        for pictures in (images, fresh)
    )
    model = RidgeClassifier(alpha=30).fit(shrunk.reshape(1000, -1), labels)
    accuracy = model.score(fresh_shrunk.reshape(300, -1), fresh_labels)
    assert 0.5 < accuracy < 0.99
