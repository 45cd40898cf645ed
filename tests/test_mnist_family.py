"""MNIST and its relatives, under the names that programs leave their files with; CIFAR-100."""

import gzip
import io
import pickle
import string
import tarfile
import zipfile

import numpy as np
import pytest

from Generator import datasets
from Generator.cifar import CIFAR_100
from Generator.class_names import CIFAR_100_CLASSES, CIFAR_100_GROUPS
from Generator.idx import read_idx_of_zip
from Generator.unpickling import unpickled
from tests.refusals import refusal
from tests.written_files import binary_batch, cifar_arrays, idx

KINDS = "images-idx3-ubyte", "labels-idx1-ubyte"
MNIST = [f"{part}-{kind}" for part in ("train", "t10k") for kind in KINDS]


def arrays(names, least=0, most=9):
    """Images and labels for the files of these names; labels reach from one end to the other."""
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (most - least + 3, 28, 28), dtype=np.uint8) for _ in names[::2]]
    labels = [np.resize(np.arange(least, most + 1, dtype=np.uint8), len(pixels)) for pixels in images]
    return [array for pair in zip(images, labels, strict=True) for array in pair]


def write(folder, paths, stored):
    for path, array in zip(paths, stored, strict=True):
        content = idx(array)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(gzip.compress(content) if path.endswith(".gz") else content)


def assert_same(found, stored):
    np.testing.assert_array_equal(found.images[..., 0], stored[0])
    np.testing.assert_array_equal(found.labels, stored[1])
    np.testing.assert_array_equal(found.test_images[..., 0], stored[2])
    np.testing.assert_array_equal(found.test_labels, stored[3])


@pytest.mark.parametrize(
    "layout",
    [
        "{name}.gz",
        "{name}",
        "{dotted}",
        "{dotted}.gz",
        "{name}/{name}",
        "{name}/{dotted}",
        "{dotted}/{dotted}",
        "MNIST/raw/{name}",
        "MNIST/raw/{name}.gz",
        "raw/{name}",
    ],
)
def test_mnist_is_found_as_programs_leave_it(layout, tmp_path):
    stored = arrays(MNIST)
    write(tmp_path, [layout.format(name=name, dotted=name.replace("-idx", ".idx")) for name in MNIST], stored)
    assert_same(datasets.mnist(tmp_path), stored)


def test_four_files_may_be_called_in_four_ways(tmp_path):
    stored = arrays(MNIST)
    write(tmp_path, [f"{MNIST[0]}.gz", MNIST[1].replace("-idx", ".idx"), MNIST[2], f"{MNIST[3]}/{MNIST[3]}"], stored)
    assert_same(datasets.mnist(tmp_path), stored)


def test_the_file_that_is_missing_is_named_and_where_others_are(tmp_path):
    write(tmp_path, [f"MNIST/raw/{name}" for name in MNIST[:3]], arrays(MNIST)[:3])
    with pytest.raises(FileNotFoundError, match=r"expected 't10k-labels-idx1-ubyte\.gz' .* beside '.*raw"):
        datasets.mnist(tmp_path)


@pytest.mark.parametrize("place", ["", "FashionMNIST/raw/", "FashionMNIST/", "fashion-mnist/"])
def test_fashion_has_names_of_its_own(place, tmp_path):
    stored = arrays(MNIST)
    write(tmp_path, [f"{place}{name}" for name in MNIST], stored)
    fashion = datasets.fashion_mnist(tmp_path)
    assert_same(fashion, stored)
    assert fashion.generator(4).class_name(9) == "Ankle boot"


def test_torchvision_s_folders_lie_beside_each_other(tmp_path):
    digits = arrays(MNIST)
    write(tmp_path, [f"MNIST/raw/{name}" for name in MNIST], digits)
    clothes = [*arrays(MNIST)[2:], *arrays(MNIST)[:2]]
    write(tmp_path, [f"FashionMNIST/raw/{name}" for name in MNIST], clothes)
    assert_same(datasets.mnist(tmp_path), digits)
    assert_same(datasets.fashion_mnist(tmp_path), clothes)


def test_files_of_the_other_set_with_the_same_names_are_refused(tmp_path):
    labels = np.resize(np.arange(10, dtype=np.uint8), 60_000)
    labels[:10] = [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]  # as MNIST begins
    write(tmp_path, MNIST, [np.zeros((60_000, 28, 28), np.uint8), labels, *arrays(MNIST)[2:]])
    assert len(datasets.mnist(tmp_path).labels) == 60_000
    with pytest.raises(ValueError, match=r"fashion_mnist: expected its own files .* got those of mnist"):
        datasets.fashion_mnist(tmp_path)


DIVISIONS = {"letters": (1, 26), "digits": (0, 9), "balanced": (0, 46), "bymerge": (0, 46), "byclass": (0, 61)}


def emnist_names(division):
    return [f"emnist-{division}-{part}-{kind}" for part in ("train", "test") for kind in KINDS]


@pytest.mark.parametrize("division", DIVISIONS)
def test_emnist_is_upright_and_has_the_letters_names(division, tmp_path):
    names, (least, most) = emnist_names(division), DIVISIONS[division]
    stored = arrays(names, least, most)
    write(tmp_path, [f"EMNIST/raw/{name}" for name in names], stored)
    found = datasets.emnist(tmp_path, division)
    np.testing.assert_array_equal(found.images[0, :, :, 0], stored[0][0].T)
    np.testing.assert_array_equal(found.labels, stored[1].astype(int) - least)
    assert len(found.class_names) == most - least + 1
    assert found.class_names[-1] == {"digits": "9", "balanced": "t", "bymerge": "t"}.get(division, "z")


@pytest.mark.parametrize("division", DIVISIONS)
def test_emnist_is_torchvision_s(division, tmp_path):
    torchvision = pytest.importorskip("torchvision")
    names, (least, most) = emnist_names(division), DIVISIONS[division]
    write(tmp_path, [f"EMNIST/raw/{name}" for name in names], arrays(names, least, most))
    theirs = torchvision.datasets.EMNIST(tmp_path, division, train=False)
    ours = datasets.emnist(tmp_path, division)
    np.testing.assert_array_equal(ours.test_images[..., 0], theirs.data.transpose(1, 2).numpy())
    assert [ours.class_names[label] for label in ours.test_labels] == [
        theirs.classes[label] for label in theirs.targets
    ]


def archive_of(division, folder, stored):
    with zipfile.ZipFile(folder / "gzip.zip", "w") as archive:
        for name, array in zip(emnist_names(division), stored, strict=True):
            archive.writestr(f"gzip/{name}.gz", gzip.compress(idx(array)))
    return folder / "gzip.zip"


def test_emnist_is_read_from_its_archive_and_nothing_is_unpacked(tmp_path):
    stored = arrays(emnist_names("letters"), 1, 26)
    archive = archive_of("letters", tmp_path, stored)
    for source in (tmp_path, archive):
        found = datasets.emnist(source)
        np.testing.assert_array_equal(found.test_images[..., 0], stored[2].swapaxes(1, 2))
        assert found.class_names == tuple(string.ascii_lowercase)
    assert list(tmp_path.iterdir()) == [archive]


def test_a_damaged_archive_is_named(tmp_path):
    archive = archive_of("letters", tmp_path, arrays(emnist_names("letters"), 1, 26))
    whole = archive.read_bytes()
    for broken in (b"", whole[:1000], whole[:200] + bytes(2000) + whole[2200:]):
        archive.write_bytes(broken)
        with pytest.raises(ValueError, match=r"gzip\.zip.* (cannot be read|damaged)"):
            datasets.emnist(tmp_path)
    archive.write_bytes(whole)
    with pytest.raises(
        FileNotFoundError, match=r"emnist: expected 'emnist-digits-train-images-idx3-ubyte\.gz' in '.*gz"
    ):
        datasets.emnist(archive, "digits")


def test_an_archive_that_lists_millions_of_files_is_refused_before_the_list_is_read(tmp_path):
    end = b"PK\5\6" + bytes(4) + b"\xff\xff" * 2 + (2**30).to_bytes(4, "little") + bytes(6)
    (tmp_path / "gzip.zip").write_bytes(bytes(100) + end)
    with pytest.raises(ValueError, match=r"a list of 1,073,741,824 bytes"):
        datasets.emnist(tmp_path)


def zipped(folder, content, method):
    with zipfile.ZipFile(folder / "a.zip", "w", method) as archive:
        archive.writestr("images", content)
    return folder / "a.zip"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_packed_in_a_way_that_may_take_any_memory_is_refused(tmp_path, method):
    with pytest.raises(ValueError, match=rf"'images' is packed by method {method}"):
        read_idx_of_zip(zipped(tmp_path, idx(np.zeros(3, np.uint8)), method), "images", "mnist")


def test_an_archive_that_unfolds_to_what_it_declares_is_limited_by_its_size(tmp_path):
    archive = zipped(tmp_path, idx(np.zeros(2**26, np.uint8)), zipfile.ZIP_DEFLATED)
    refusal(lambda: read_idx_of_zip(archive, "images", "mnist"), "a.zip")


@pytest.mark.parametrize("place", [12, 16])
def test_an_archive_whose_list_is_said_to_be_elsewhere_is_damaged(tmp_path, place):
    archive = zipped(tmp_path, idx(np.zeros(3, np.uint8)), zipfile.ZIP_STORED)
    content = bytearray(archive.read_bytes())
    content[place - 22] = 255
    archive.write_bytes(content)
    refusal(lambda: read_idx_of_zip(archive, "images", "mnist"), "a.zip")


def test_there_are_six_divisions(tmp_path):
    with pytest.raises(
        ValueError, match=r"division to be one of balanced, byclass, bymerge, digits, letters, mnist, got"
    ):
        datasets.emnist(tmp_path, "capitals")


def hundred(count, seed, version):
    """A batch of CIFAR-100 as its files hold it, and what it shows."""
    images, _ = cifar_arrays(count, seed)
    rng = np.random.default_rng(seed)
    things = rng.integers(0, 100, count)
    things[0] = 99
    groups = things // 5
    if version == "bin":
        labels = np.stack([groups, things], axis=1).astype(np.uint8)
        rows = images.transpose(0, 3, 1, 2).reshape(count, -1)
        return np.concatenate([labels, rows], axis=1).tobytes(), images, things, groups
    table = {
        b"filenames": [b"photograph_%d.png" % place for place in range(count)],
        b"batch_label": b"training batch 1 of 1",
        b"fine_labels": things.tolist(),
        b"coarse_labels": groups.tolist(),
        b"data": images.transpose(0, 3, 1, 2).reshape(count, -1),
    }
    return pickle.dumps(table, protocol=2), images, things, groups


@pytest.mark.parametrize("version", ["bin", "py"])
@pytest.mark.parametrize("where", ["here", "below", "archive"])
def test_cifar_100_has_things_and_groups(version, where, tmp_path):
    suffix = ".bin" if version == "bin" else ""
    inner = tmp_path / ("cifar-100-binary" if suffix else "cifar-100-python")
    folder = {"here": tmp_path, "below": inner}.get(where)
    contents = {}
    for seed, part in enumerate(("train", "test")):
        contents[part], *shown = hundred(6, seed, version)
        if part == "test":
            test_images, things, groups = shown
    if folder:
        folder.mkdir(exist_ok=True)
        for part, content in contents.items():
            (folder / f"{part}{suffix}").write_bytes(content)
    else:
        with tarfile.open(f"{inner}.tar.gz", "w:gz") as archive:
            for part, content in contents.items():
                member = tarfile.TarInfo(f"{inner.name}/{part}{suffix}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    found, grouped = datasets.cifar100(tmp_path), datasets.cifar100(tmp_path, groups=True)
    np.testing.assert_array_equal(found.test_images, test_images)
    np.testing.assert_array_equal(found.test_labels, things)
    np.testing.assert_array_equal(grouped.test_labels, groups)
    assert found.class_names[99] == "worm" and grouped.class_names[17] == "trees"


def test_cifar_100_has_a_hundred_names_in_the_order_of_the_alphabet():
    assert len(set(CIFAR_100_CLASSES)) == 100 and [*CIFAR_100_CLASSES] == sorted(CIFAR_100_CLASSES)
    assert len(set(CIFAR_100_GROUPS)) == 20 and [*CIFAR_100_GROUPS] == sorted(CIFAR_100_GROUPS)


def test_a_batch_of_50_000_pictures_is_not_too_long():
    count = 50_000
    table = {
        b"filenames": [b"photograph_%d.png" % place for place in range(count)],
        b"fine_labels": [place % 100 for place in range(count)],
        b"coarse_labels": [place % 20 for place in range(count)],
    }
    found = unpickled(pickle.dumps(table, protocol=2), "a batch", CIFAR_100.most_steps)
    assert found["fine_labels"][-1] == 99


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            binary_batch(*cifar_arrays(2, 0)),
            r"CIFAR-100 file '.*train\.bin': expected records of 3074 bytes, got 6,146",
        ),
        (bytes([0, 100]) + bytes(3072), r"CIFAR-100 file .*: expected labels from 0 to 99, got 100"),
    ],
)
def test_other_files_are_no_cifar_100(content, message, tmp_path):
    (tmp_path / "train.bin").write_bytes(content)
    (tmp_path / "test.bin").write_bytes(hundred(2, 0, "bin")[0])
    with pytest.raises(ValueError, match=message):
        datasets.cifar100(tmp_path)


def test_cifar_100_says_where_to_get_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"train and test, .*cifar-100-binary\.tar\.gz .*download_cifar100\("):
        datasets.cifar100(tmp_path)
