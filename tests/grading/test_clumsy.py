"""Clumsy submissions get what they deserve, and a tool that fails says so and goes on."""

import io
import os
import signal
import subprocess
import sys
import tarfile
import time
import zipfile

import pytest

from Protocols.grading import command
from Protocols.grading.names import file_name
from tests.grading.places import RIGHT, grade, marks, write
from tests.mutation.workplace import ROOT
from tests.test_grading import soon

pytestmark = pytest.mark.newest


def packed(files, separator="/"):
    """A zip file with these files, as bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            member = zipfile.ZipInfo("placeholder")
            member.filename = name.replace("/", separator)
            archive.writestr(member, text)
    return content.getvalue()


def packed_as_tar(files):
    """A tar.gz file with these files, as bytes."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return content.getvalue()


WITH_MARK = {name: "\ufeff" + text for name, text in RIGHT.items()}
WINDOWS = {name: text.replace("\n", "\r\n") for name, text in RIGHT.items()}
MAC = {**RIGHT, "__MACOSX/Layers/._ReLU.py": "\0", ".DS_Store": "\0"}
WRAPPED = {f"group 7/my solution/{name}": text for name, text in RIGHT.items()}

#: A folder's files, as bytes.
CLUMSY = {
    "zip_in_a_folder": {"solution.zip": packed(RIGHT)},
    "zip_in_a_zip": {"all.zip": packed({"inner.zip": packed(RIGHT)})},
    "tar_in_a_folder": {"solution.tar.gz": packed_as_tar(RIGHT)},
    "backslashes": {"solution.zip": packed(RIGHT, "\\")},
    "wrapped": {"solution.zip": packed(WRAPPED)},
    "from_a_mac": {"solution.zip": packed(MAC)},
    "bytes_before": {name: text.encode() for name, text in WITH_MARK.items()},
    "from_windows": {name: text.encode() for name, text in WINDOWS.items()},
    "x" * 252: {name: text.encode() for name, text in RIGHT.items()},
    b"M\xfcller".decode("utf-8", "surrogateescape"): {name: text.encode() for name, text in RIGHT.items()},
    "Müller, Jörg": {name: text.encode() for name, text in RIGHT.items()},
    "link_to_itself": {name: text.encode() for name, text in RIGHT.items()},
}
#: Names that would be more than a name in a table.
NAMES = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2", "a\nb,c\nd", 'quo"te;', "\x1b[2Jgone", "a\u202eb", "\t=1"]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The run over all of them, its table and its folder."""
    place = tmp_path_factory.mktemp("clumsy")
    for name, files in CLUMSY.items():
        for file, content in files.items():
            path = place / "handed" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for name in NAMES:
        write(place / "handed" / name, RIGHT)
    os.symlink(".", place / "handed" / "link_to_itself" / "again")
    os.symlink("itself", place / "handed" / "link_to_itself" / "itself")
    everybody = sorted((place / "handed").iterdir())
    asked = ["TestReLU", "--csv", place / "marks.csv", "--json", place / "json", "--reports", place / "reports"]
    return grade(*everybody, *asked), marks(place / "marks.csv"), place


def test_everybody_gets_their_points(graded):
    done, rows, _ = graded
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(rows) == len(CLUMSY) + len(NAMES)
    assert {row["TestReLU"] for row in rows.values()} == {"10"}


def test_names_are_nothing_but_names(graded):
    done, rows, place = graded
    assert {"Müller", "Müller, Jörg", "'=1+1", "'-2", "'@SUM(A1)", "a�b,c�d", "a�b"} <= set(rows)
    assert not any(name.startswith(("=", "+", "-", "@", "\t")) for name in rows)
    assert all(letter == "\n" or letter.isprintable() for letter in done.stdout)
    assert len(done.stdout.splitlines()) == 1 + len(rows)
    for folder, endings in (("json", {".json"}), ("reports", {".txt", ".html"})):
        files = list((place / folder).iterdir())
        assert len(files) == len(endings) * len(rows)
        assert {file.suffix for file in files} == endings
        assert all(file.name.isprintable() and len(os.fsencode(file.name)) < 200 for file in files)


def test_different_names_have_different_files():
    assert len({file_name(name) for name in ("a/b", "a_b", "a:b", "a?b", "a\nb", "a b", "x" * 300, "x" * 301)}) == 8


def test_a_file_in_utf_16_is_named(tmp_path):
    folder = write(tmp_path / "other", RIGHT)
    (folder / "Layers" / "ReLU.py").write_bytes(RIGHT["Layers/ReLU.py"].encode("utf-16"))
    done = grade(folder, "TestReLU", "TestFlatten")
    assert "SyntaxError" in done.stdout
    assert "1 of 2 tasks passed, 1 failed" in done.stdout


def test_an_unreadable_file_is_left_out_and_said(tmp_path, monkeypatch, capsys):
    folder = write(tmp_path / "closed", {**RIGHT, "notes.txt": "mine"})
    copy = command.submissions.shutil.copyfile

    def copyfile(source, target):
        if source.endswith("notes.txt"):
            raise PermissionError(13, "Permission denied", source)
        return copy(source, target)

    monkeypatch.setattr(command.submissions.shutil, "copyfile", copyfile)
    assert command.main([str(folder), "TestFlatten"]) == 0
    assert "left out: notes.txt (Permission denied)" in capsys.readouterr().out


def test_deep_folders_and_names_end_nothing(tmp_path, capsys):
    (tmp_path / "deep.zip").write_bytes(packed({**RIGHT, "/".join("d" * 5000) + "/x.py": ""}))
    assert command.main([str(tmp_path / "deep.zip"), "TestFlatten"]) == 0
    assert "left out: d/d/d" in capsys.readouterr().out


def test_what_is_called_like_an_archive_and_is_no_file_is_not_waited_for(tmp_path, capsys):
    os.symlink(os.devnull, tmp_path / "device.zip")  # a pipe would let whoever opens it wait
    assert command.main([str(tmp_path / "device.zip"), "TestFlatten"]) == 1
    assert "cannot be tested: neither a folder nor an archive" in capsys.readouterr().err


# -- the tool itself


def test_a_tool_that_fails_says_at_whom_and_goes_on(tmp_path, monkeypatch, capsys):
    everybody = [write(tmp_path / name, RIGHT) for name in ("first", "second", "third")]
    outcomes_of = command.outcomes_of

    def failing(submission, options):
        if submission.name == "second":
            raise ZeroDivisionError("a mistake of ours")
        return outcomes_of(submission, options)

    monkeypatch.setattr(command, "outcomes_of", failing)
    assert command.main([*map(str, everybody), "TestFlatten", "--csv", str(tmp_path / "marks.csv")]) == 3
    assert "second: this tool failed" in capsys.readouterr().err
    assert [row["TestFlatten"] for row in marks(tmp_path / "marks.csv").values()] == ["5", "0", "5"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_disk_costs_a_line_for_each(tmp_path):
    everybody = [write(tmp_path / name, RIGHT) for name in ("first", "second")]
    os.symlink("/dev/full", tmp_path / "marks.csv")
    done = grade(*everybody, "TestFlatten", "--csv", tmp_path / "marks.csv")
    assert done.returncode == 3
    assert done.stderr == 2 * f"cannot write {tmp_path}/marks.csv: No space left on device\n"
    assert done.stdout.count("1 of 1 task passed") == 2


def test_a_report_that_cannot_be_written_is_said_in_one_line(tmp_path, monkeypatch, capsys):
    everybody = [write(tmp_path / name, RIGHT) for name in ("first", "second")]
    written = command.write_atomically

    def write_atomically(path, text):
        if path.endswith("first.html"):
            raise OSError(28, "No space left on device", path)
        written(path, text)

    monkeypatch.setattr(command, "write_atomically", write_atomically)
    asked = ["TestFlatten", "--reports", str(tmp_path / "reports"), "--csv", str(tmp_path / "marks.csv")]
    assert command.main([*map(str, everybody), *asked]) == 3
    assert capsys.readouterr().err == f"cannot write {tmp_path}/reports/first.html: No space left on device\n"
    assert [row["TestFlatten"] for row in marks(tmp_path / "marks.csv").values()] == ["5", "5"]
    assert {path.name for path in (tmp_path / "reports").iterdir()} == {"first.txt", "second.txt", "second.html"}


@pytest.mark.parametrize("how, status", [(signal.SIGINT, 130), (signal.SIGTERM, 1)])
def test_a_run_that_was_stopped_is_resumed(tmp_path, how, status):
    everybody = [write(tmp_path / name, RIGHT) for name in ("first", "second", "third")]
    write(everybody[1], {"Layers/ReLU.py": "import time\ntime.sleep(600)"})
    table = tmp_path / "marks.csv"
    asked = [*map(str, everybody), "TestReLU", "--csv", str(table), "--time-limit", "30"]
    program = subprocess.Popen(
        [sys.executable, "-m", "Protocols", "grade", *asked], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    assert soon(table.exists, 60)
    time.sleep(0.5)
    program.send_signal(how)
    said = program.communicate(timeout=20)[1]
    assert program.returncode == status
    assert "not graded: second, third; --resume with --csv goes on there" in said
    assert list(marks(table)) == ["first"]
    table.write_text(table.read_text().replace("10,10,,,", "10,10,2 days,0.5,"))
    write(everybody[1], RIGHT)
    assert grade(*asked, "--resume").stdout.count("%") == 2
    rows = marks(table)
    assert [row["TestReLU"] for row in rows.values()] == ["10", "10", "10"]
    assert (rows["first"]["late"], rows["first"]["bonus"], rows["second"]["late"]) == ("2 days", "0.5", "")


def test_whoever_reads_no_further_is_told_who_is_missing(tmp_path):
    everybody = [write(tmp_path / name, RIGHT) for name in ("first", "second", "third")]
    command = [sys.executable, "-m", "Protocols", "grade", *map(str, everybody), "TestFlatten"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert "tasks passed" in program.stdout.readline()
        program.stdout.close()
        said = program.stderr.read()
    assert program.returncode == 1
    assert said.startswith("\nstopped; no task is running any more\nnot graded: first, second, third")
