"""What is too large for the teacher's tool to read, or called like somebody else: it costs nobody else anything."""

import io
import os
import tarfile
import zipfile

import pytest

from Protocols.grading import archives, oddities
from Protocols.grading.names import row_name
from Protocols.grading.submissions import Submission, find
from tests.grading.places import RIGHT, grade, hostile, marks, write

pytestmark = pytest.mark.newest


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", ""])
@pytest.mark.parametrize(
    "what", [tarfile.REGTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE], ids=["file", "name", "pax"]
)
def test_a_tar_file_is_not_unpacked_without_end(tmp_path, monkeypatch, kind, what):
    monkeypatch.setattr(archives, "TAR_LIMIT", 2**20)
    member = tarfile.TarInfo("much")
    member.size, member.type = 50 * 2**20, what
    path = tmp_path / f"much.tar.{kind}".rstrip(".")
    with tarfile.open(path, f"w:{kind}") as archive:
        archive.fileobj.write(member.tobuf(tarfile.GNU_FORMAT))
        for _ in range(50):
            archive.fileobj.write(bytes(2**20))
    with pytest.raises(ValueError, match="more than 1 MB unpacked"):
        Submission(str(path), "much").open(str(tmp_path / "place"))


def test_what_would_take_much_memory_to_read_is_remarked(tmp_path, monkeypatch):
    monkeypatch.setattr(oddities, "LARGEST", 1000)
    write(tmp_path, {"a.py": "import gc", "b.py": "import atexit\n" + "0\n" * 1000, "c.py": "import ctypes"})
    assert oddities.remark(str(tmp_path)) == "speaks of gc (a.py), ctypes (c.py); too large to be looked at: b.py"


def test_a_remark_names_some_files_of_many(tmp_path):
    write(tmp_path, {f"{number:03}.py": "import gc" for number in range(100)})
    assert oddities.remark(str(tmp_path)) == "speaks of gc (000.py, 001.py, 002.py, 003.py, 004.py and 95 more)"


#: Names of which two each would stand in a table as the same.
ALIKE = ["alice", "alice ", "M\xfcller", os.fsdecode(b"M\xfcller"), "a\x01", "a\x02", "=1", "'=1", "b", "b.zip", "b\n"]


def test_names_that_are_printed_alike_have_different_rows(tmp_path):
    for name in ALIKE:
        write(tmp_path / name, RIGHT)
    found, _ = find([str(tmp_path / name) for name in ALIKE])
    assert len({row_name(one.name) for one in found}) == len(ALIKE)


@pytest.mark.parametrize("first", [True, False])
def test_nobody_takes_the_row_of_a_name_that_is_printed_alike(tmp_path, first):
    everybody = [hostile(tmp_path / "alice ", "raise SystemExit"), write(tmp_path / "alice", RIGHT)]
    grade(*(everybody if first else everybody[::-1]), "TestReLU", "--csv", tmp_path / "marks.csv")
    assert sorted(row["TestReLU"] for row in marks(tmp_path / "marks.csv").values()) == ["0", "10"]


@pytest.mark.parametrize("date", [0, 1 << 5, (40 << 9) | (13 << 5) | 1, (40 << 9) | (2 << 5) | 31])
def test_an_archive_without_a_proper_date_is_read(tmp_path, date):
    path = tmp_path / "dated.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in RIGHT.items():
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), text)
    as_written, as_wanted = (value.to_bytes(2, "little") for value in ((20 << 9) | (1 << 5) | 1, date))
    path.write_bytes(path.read_bytes().replace(bytes(2) + as_written, b"\x1f\x00" + as_wanted))
    submission = Submission(str(path), "dated").open(str(tmp_path / "place"))
    assert os.path.isfile(os.path.join(submission.folder, "Layers", "ReLU.py"))
    assert submission.remarks == []


def test_many_tar_files_are_not_unpacked_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "TAR_LIMIT", 2**20)
    member = tarfile.TarInfo("data.bin")
    member.size = 2**18
    for number in range(10):
        with tarfile.open(tmp_path / f"{number}.tar.bz2", "w:bz2") as archive:
            archive.addfile(member, io.BytesIO(bytes(member.size)))
    with pytest.raises(ValueError, match="more than 1 MB unpacked"):
        Submission(str(tmp_path), "many").open(str(tmp_path.parent / "place of many"))
