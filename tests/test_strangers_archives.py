"""CIFAR's archives from strangers: what unfolds to gigabytes, leads out of the archive, or says more than it has."""

import bz2
import functools
import gzip
import io
import lzma
import re
import tarfile
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest

from Generator import datasets
from tests import refusals
from tests.written_files import BATCHES, binary_batch, cifar_arrays, python_2_batch, tar_of

BATCH = binary_batch(*cifar_arrays(1, 0))
FILES = {f"{name}.bin": BATCH for name in BATCHES}
PACKED = {"gz": lambda content: gzip.compress(content, 1), "bz2": bz2.compress, "xz": lzma.compress, "tar": bytes}


def refusal(folder, content, mebibytes=16, kind=ValueError):
    """What is said of an archive, within so much memory beyond its size, and without a trace on the disk."""
    folder.mkdir(exist_ok=True)
    path = folder / "cifar-10-binary.tar.gz"
    path.write_bytes(content)
    said = refusals.refusal(lambda: datasets.cifar10(folder), path.name, mebibytes + len(content) / 2**20, (kind,))
    assert list(folder.iterdir()) == [path]
    return said


@functools.cache
def zeros(mebibytes):
    """So many of zeros, packed: a thousandth."""
    packer = zlib.compressobj(9, wbits=31)
    pieces = [packer.compress(bytes(2**20)) for _ in range(mebibytes)]
    return b"".join([*pieces, packer.flush()])


def header(name="data_batch_1.bin", size=1 + 3072, kind=b"0", **fields):
    """A tar header with whatever it says, and the right checksum."""
    member = tarfile.TarInfo(name)
    member.size, member.type = size if isinstance(size, int) else 0, kind
    content = bytearray(member.tobuf(tarfile.USTAR_FORMAT if len(name) < 100 else tarfile.GNU_FORMAT)[-512:])
    if isinstance(size, bytes):
        content[124:136] = size
    content[157:257] = fields.get("link", b"").ljust(100, b"\0")
    content[148:156] = b" " * 8
    content[148:156] = b"%06o\0 " % sum(content)
    return bytes(content)


def padded(content):
    return content + bytes(-len(content) % 512)


END = bytes(1024)


@pytest.mark.parametrize(
    "start",
    [
        b"",
        header("readme.html", 2**33 - 1),
        header("pax", 2**33 - 1, b"x"),
        header("pax", 2**33 - 1, b"g"),
        header("name", 2**33 - 1, b"L"),
        header("name", 2**33 - 1, b"K"),
        header("holes", 2**33 - 1, b"S"),
        header("data_batch_1.bin", 2**33 - 1),
        header("data_batch_1.bin", 2**26),
        header("data_batch_1.bin", b"\x80" + b"\0" * 7 + b"\x7f" * 4),
    ],
    ids=["end", "other", "pax", "global pax", "long name", "long link", "sparse", "batch", "largest batch", "base 256"],
)
def test_a_small_file_that_unfolds_to_gigabytes_is_not_unfolded(tmp_path, start):
    # Beside each other, packed streams are one: so what is behind the header costs a thousandth of its size.
    refusal(tmp_path, gzip.compress(start) + zeros(150), mebibytes=80)


@pytest.mark.parametrize("packing", ["gz", "bz2"])
def test_how_much_may_be_unfolded_is_said(tmp_path, packing):
    content = PACKED[packing](tar_of({**FILES, "readme.html": bytes(48 * 2**20)}))
    assert re.search(r"to unfold to at most \d\d,\d{3},\d{3} bytes, got more", refusal(tmp_path, content))


def test_many_small_files_are_refused(tmp_path):
    assert "at most 1,000 files" in refusal(tmp_path, gzip.compress(header("a", 0) * 20_000 + END))


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
def test_headers_that_say_more_come_to_an_end(tmp_path, kind):
    assert "at most 1,000 files" in refusal(tmp_path, gzip.compress(header("more", 0, kind) * 2000))
    one = header("more", 2**15, kind) + bytes(2**15)
    assert re.search("short names|to unfold to|at most 1,000 files", refusal(tmp_path, gzip.compress(one * 1500)))


@pytest.mark.parametrize(
    "name", ["../data_batch_1.bin", "a/../../data_batch_1.bin", "/etc/data_batch_1.bin", "..", "/"]
)
@pytest.mark.parametrize("said", ["header", "pax", "gnu"])
def test_names_that_lead_out_of_the_archive_are_refused(tmp_path, name, said):
    record = b" path=" + name.encode() + b"\n"
    before = {
        "header": b"",
        "pax": header("pax", len(record) + 2, b"x") + padded(b"%d" % (len(record) + 2) + record),
        "gnu": header("long", len(name) + 1, b"L") + padded(name.encode() + b"\0"),
    }[said]
    content = before + header(name if said == "header" else "harmless") + padded(BATCH) + END
    assert "leads out of it" in refusal(tmp_path, content)


@pytest.mark.parametrize("kind", [b"1", b"2"])
@pytest.mark.parametrize("target", [b"/etc/passwd", b"../../secret", b"data_batch_2.bin"])
def test_links_are_not_followed(tmp_path, kind, target):
    content = header("data_batch_1.bin", 0, kind, link=target) + tar_of(FILES)
    assert "got a link in the place of 'data_batch_1.bin'" in refusal(tmp_path, content)


@pytest.mark.parametrize("kind", [b"3", b"4", b"6", b"V", b"D"])
def test_devices_and_pipes_are_no_batches(tmp_path, kind):
    files = {name: content for name, content in FILES.items() if name != "data_batch_3.bin"}
    content = header("data_batch_3.bin", 0, kind) + tar_of(files)
    assert "found no data_batch_3" in refusal(tmp_path, content, kind=FileNotFoundError)


@pytest.mark.parametrize("record", [b"GNU.sparse.major=1", b"GNU.sparse.map=0,1,2,3", b"GNU.sparse.size=99999999999"])
def test_files_with_holes_are_refused(tmp_path, record):
    text = b"%d " % (len(record) + 4) + record + b"\n"
    content = header("pax", len(text), b"x") + padded(text) + header() + padded(BATCH) + END
    assert "with holes" in refusal(tmp_path, content)
    assert "with holes" in refusal(tmp_path, header(kind=b"S") + padded(BATCH) + END)


@pytest.mark.parametrize(
    "content",
    [
        header(size=len(BATCH) + 512) + padded(BATCH),
        header(size=2**25) + padded(BATCH) + END,
        header("other", 2**25) + padded(BATCH) + END,
        header() + BATCH[:1000],
        header() + BATCH,
        header()[:300],
        header("pax", 100, b"x") + b"100 path=",
        b"",
        b"no archive",
        bytes(100),
        tar_of(FILES)[:9000],
        header(size=b"-0000000001\0"),
        header(size=b"0x00000001\0\0"),
        header(size=b"99999999999\0"),
        header("pax", 11, b"x") + padded(b"11 size=99\n") + header() + padded(BATCH) + END,
        header()[:148] + b"000000\0 " + header()[156:] + padded(BATCH) + END,
    ],
)
@pytest.mark.parametrize("packing", PACKED)
def test_what_is_announced_has_to_be_there(tmp_path, content, packing):
    assert "expected an intact archive at" in refusal(tmp_path, PACKED[packing](content), 48)


def test_a_batch_may_stand_once(tmp_path):
    assert "a second time" in refusal(tmp_path, header() + padded(BATCH) + tar_of(FILES))


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz"])
def test_a_packed_archive_that_is_damaged_anywhere_is_named(tmp_path, packing):
    content = PACKED[packing](tar_of(FILES))
    rng = np.random.default_rng(0)
    for place in rng.choice(len(content), 60, replace=False):
        damaged = bytearray(content)
        damaged[place] ^= 1 << rng.integers(8)
        (tmp_path / "cifar.tar").write_bytes(damaged)
        try:
            datasets.cifar10(tmp_path / "cifar.tar")
        except ValueError as error:
            assert "cifar.tar" in str(error)
    for length in range(0, len(content), 997):
        assert "intact archive" in refusal(tmp_path / "cut", content[:length])


def test_an_xz_file_that_wants_a_dictionary_of_gigabytes_is_refused(tmp_path):
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 2**26}]
    content = lzma.compress(tar_of(FILES), filters=filters)
    assert "Memory usage limit" in refusal(tmp_path, content)


def test_what_follows_an_xz_file_is_refused(tmp_path):
    assert "something follows its end" in refusal(tmp_path, lzma.compress(tar_of(FILES)) + b"more")


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_archives_as_other_programs_make_them(tmp_path, packing, form):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        archive.addfile(tarfile.TarInfo("./._data_batch_1"), io.BytesIO())
        for place, name in enumerate(BATCHES):
            folder = "a folder with a long name, " * (6 if form != tarfile.USTAR_FORMAT else 3) + "/päth/"
            batch = python_2_batch(*cifar_arrays(2, place))
            for path, content in ((folder + name, batch), (folder + "notes", b"some")):
                member = tarfile.TarInfo(path)
                member.size, member.mtime = len(content), 1.5 if form == tarfile.PAX_FORMAT else 1
                archive.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("latest")
        link.type, link.linkname = tarfile.SYMTYPE, "a folder"
        archive.addfile(link)
    path = tmp_path / "mine"
    path.write_bytes(PACKED[packing](stream.getvalue()))
    found = datasets.cifar10(path)
    np.testing.assert_array_equal(found.images, np.concatenate([cifar_arrays(2, place)[0] for place in range(5)]))
    np.testing.assert_array_equal(found.test_labels, cifar_arrays(2, 5)[1])


def test_a_bad_batch_in_a_whole_archive_is_named_with_it(tmp_path):
    files = {**FILES, "data_batch_4.bin": bytes([77]) + bytes(3072)}
    assert "cifar-10-binary.tar.gz/data_batch_4.bin': expected labels" in refusal(tmp_path, tar_of(files))
    programs = dict.fromkeys(BATCHES, b"\x80\x02cos\nsystem\n.")
    assert "a call of os.system" in refusal(tmp_path, gzip.compress(tar_of(programs)))


def test_a_batch_outside_of_archives_is_not_read_without_end(tmp_path):
    with open(tmp_path / "data_batch_1.bin", "wb") as file:
        file.truncate(2**40)  # a hole, which takes no room on the disk
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"data_batch_1\.bin' to have 31 MB, got more than 67,108,864 bytes"):
        datasets.cifar10(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80 * 2**20


def test_of_two_versions_of_a_batch_the_binary_one_counts(tmp_path):
    for place, name in enumerate(BATCHES):
        Path(tmp_path / name).write_bytes(b"\x80\x02broken")
        Path(tmp_path / f"{name}.bin").write_bytes(binary_batch(*cifar_arrays(1, place)))
    np.testing.assert_array_equal(datasets.cifar10(tmp_path).test_images, cifar_arrays(1, 5)[0])


def test_the_whole_set_takes_little_more_than_its_pictures(tmp_path):
    labels = np.zeros(3000, np.uint8)
    for name in BATCHES:
        (tmp_path / f"{name}.bin").write_bytes(binary_batch(np.zeros((3000, 32, 32, 3), np.uint8), labels))
    tracemalloc.start()
    found = datasets.cifar10(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Twice the training set: NumPy counts what it has not yet filled.
    assert peak < 2 * found.images.nbytes + found.test_images.nbytes + 24 * 2**20
