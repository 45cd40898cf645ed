"""A look at a folder before training: all of its files at once, and an exit status that tells."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from Generator.__main__ import main
from Generator.checking import check_folder

ROOT = Path(__file__).parent.parent


def put(path, seed, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (6, 4, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, **options)


@pytest.fixture
def pets(tmp_path):
    """Three parts of two classes, with nothing wrong."""
    seed = 0
    for part, count in (("train", 4), ("val", 1), ("test", 2)):
        for name in ("cat", "dog"):
            for number in range(count):
                seed += 1
                put(tmp_path / part / name / f"{number}.png", seed)
    return tmp_path


def command(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "Generator", "check", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True
    )
    return done.returncode, done.stdout, done.stderr


def test_a_folder_in_order_is_counted(pets):
    report = check_folder(pets)
    assert report.is_clean and report.twice == [] and report.balance == 1.0
    assert report.classes == {name: {"training": 4, "validation": 1, "test": 2} for name in ("cat", "dog")}
    status, told, errors = command(pets)
    assert status == 0 and errors == ""
    for line in (
        "class  training  validation  test   share",
        "cat           4           1     2   50.0%",
        "all           8           2     4  100.0%",
        "sizes (height x width): 6 x 4",
        "pixels: 14 colour, uint8",
        "formats: 14 PNG",
    ):
        assert line in told.splitlines()
    assert "to mend" not in told and "worth knowing" not in told


def test_every_broken_file_is_named_with_its_true_format(pets):
    (pets / "train" / "cat" / "0.png").write_bytes((pets / "train" / "cat" / "0.png").read_bytes()[:60])
    (pets / "train" / "dog" / "1.png").write_text("<!DOCTYPE html><html>not found</html>")
    (pets / "test" / "dog" / "a.jpg").write_bytes(b"\0\0\0\x18ftypheic" + bytes(60))
    (pets / "test" / "dog" / "b.jpg").write_bytes(b"")
    report = check_folder(pets)
    found = {picture.name.replace("\\", "/"): picture.problem for picture in report.broken}
    assert set(found) == {"train/cat/0.png", "train/dog/1.png", "test/dog/a.jpg", "test/dog/b.jpg"}
    assert "got an HTML page" in found["train/dog/1.png"] and "got a HEIC file" in found["test/dog/a.jpg"]
    assert "got an empty file" in found["test/dog/b.jpg"] and "intact .png" in found["train/cat/0.png"]
    status, told, _ = command(pets)
    assert status == 1 and "cannot be read (4):" in told
    assert all(name in told.replace("\\", "/") for name in found)


def test_a_file_that_is_called_like_another_format_is_remarked(pets):
    Image.new("RGB", (5, 5)).save(pets / "train" / "cat" / "a.jpg", "WEBP" if _has_webp() else "GIF")
    report = check_folder(pets)
    (remarked,) = [picture for picture in report.pictures if picture.remark]
    assert report.is_clean and remarked.remark == f"a {'WebP' if _has_webp() else 'GIF'} file named .jpg"


def _has_webp():
    from PIL import features

    return features.check("webp")


def test_leaks_contradictions_and_copies_are_told_apart(pets):
    train = pets / "train"
    shutil.copy(train / "cat" / "0.png", pets / "test" / "cat" / "leak.png")
    shutil.copy(train / "cat" / "1.png", train / "dog" / "both.png")
    Image.open(train / "dog" / "2.png").save(train / "dog" / "copy.bmp")
    report = check_folder(pets)

    def names(groups):
        return [sorted(picture.name.replace("\\", "/") for picture in group) for group in groups]

    assert names(report.leaks) == [["test/cat/leak.png", "train/cat/0.png"]]
    assert names(report.contradictions) == [["train/cat/1.png", "train/dog/both.png"]]
    assert ["train/dog/2.png", "train/dog/copy.bmp"] in names(report.twice) and not report.is_clean
    status, told, _ = command(pets)
    assert status == 1 and "the same picture in several parts of the set:" in told
    assert "the same picture in several classes:" in told and "more than once, 0 of them byte by byte" in told


def test_copies_in_one_class_do_not_stop_training(pets):
    shutil.copy(pets / "train" / "cat" / "0.png", pets / "train" / "cat" / "again.png")
    assert main(["check", str(pets)]) == 0


def test_what_is_not_used_is_told_and_counts_where_it_shall(pets, capsys):
    (pets / "train" / "cat" / "notes.txt").write_text("about cats")
    assert main(["check", str(pets)]) == 0
    assert "1 no picture" in capsys.readouterr().out
    assert main(["check", str(pets), "--strict"]) == 1


def test_balance_and_classes_of_one_picture(tmp_path, capsys):
    for number in range(6):
        put(tmp_path / "cat" / f"{number}.png", number)
    put(tmp_path / "dog" / "0.png", 9)
    assert check_folder(tmp_path).balance == 6.0
    assert main(["check", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "6.0 times as many pictures as the smallest" in told and "classes of one picture" in told


def test_colour_profiles_and_films_are_remarked(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    put(tmp_path / "cat" / "srgb.png", 0, icc_profile=profile)
    put(
        tmp_path / "cat" / "other.png",
        1,
        icc_profile=profile.replace(b"sRGB", b"mine").replace(b"s\0R\0G\0B", b"m\0i\0n\0e"),
    )
    put(tmp_path / "dog" / "film.gif", 2, save_all=True, append_images=[Image.new("RGB", (4, 6))])
    found = {Path(picture.name).name: picture.remark for picture in check_folder(tmp_path).pictures}
    assert found["srgb.png"] == "" and "colour profile other than sRGB" in found["other.png"]
    assert "several pictures in one file" in found["film.gif"]


def test_lists_are_followed(tmp_path):
    for number in range(4):
        put(tmp_path / "pictures" / f"{number}.png", number)
    (tmp_path / "labels.csv").write_text("file,label\n0,cat\n1,dog\n2,cat\n3,dog\n")
    assert check_folder(tmp_path).classes == {"cat": {"whole": 2}, "dog": {"whole": 2}}
    assert check_folder(tmp_path / "pictures", tmp_path / "labels.csv").classes == {
        "cat": {"whole": 2},
        "dog": {"whole": 2},
    }


@pytest.mark.parametrize("of", ["nothing", "no classes"])
def test_a_folder_that_is_no_set_is_a_problem(tmp_path, capsys, of):
    if of == "no classes":
        put(tmp_path / "0.png", 0)
    assert main(["check", str(tmp_path)]) == 1
    assert "expected" in capsys.readouterr().out


@pytest.mark.parametrize(("missing", "odd"), [("train/dog", "dog"), ("test/cat", "cat")])
def test_parts_of_other_classes_are_to_be_mended_and_everything_else_is_told_too(pets, capsys, missing, odd):
    shutil.rmtree(pets / missing)
    assert main(["check", str(pets)]) == 1
    told = capsys.readouterr().out
    assert f"got {odd} in one only" in told.partition("to mend:")[2] and "formats: " in told


def test_lists_of_other_numbers_are_to_be_mended(tmp_path, capsys):
    for part, second in (("train", 1), ("val", 2)):
        for number in range(2):
            put(tmp_path / part / f"{number}.png", 10 * second + number)
        (tmp_path / f"{part}.csv").write_text(f"file,label\n0,0\n1,{second}\n")
    assert main(["check", str(tmp_path)]) == 1
    assert "got 2 in one only" in capsys.readouterr().out


def test_names_that_are_no_text_are_written_out(tmp_path, capsys):
    name = b"caf\xe9".decode(errors="surrogateescape")
    try:
        (tmp_path / name).mkdir()
    except OSError:
        pytest.skip("this file system takes no such names")
    for folder in (name, "x" * 100):
        put(tmp_path / folder / "0.png", len(folder))
    assert main(["check", str(tmp_path)]) == 0
    assert "caf\\udce9" in capsys.readouterr().out


def test_wrong_arguments_end_with_status_2(tmp_path):
    status, told, errors = command(tmp_path / "nowhere")
    assert status == 2 and told == "" and "nowhere" in errors and "Traceback" not in errors
    assert command()[0] == 2


def test_where_no_thread_starts_the_pictures_are_read_all_the_same(pets, monkeypatch):
    def start(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", start)
    assert len(check_folder(pets).pictures) == 14
