"""What classes are called: their own names and nobody else's, readable in every picture and on every terminal."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from Foundation import Captions
from Generator.data_layer import ImageData
from Generator.generator import ImageGenerator
from NeuralNetwork import NeuralNetwork
from Training import pictures
from Training.command_line import main

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "Generator" / "Sample_data", ROOT / "Generator" / "Labels.json"
HEBREW, CHINESE = "\u05e9\u05dc\u05d5\u05dd", "\u65e5\u672c"
ODD = [b"$5_bill_$10", b"\\frac{", b"bad\xff\xfe", b"x" * 100, HEBREW.encode(), CHINESE.encode(), b"a\tb\n^{_"]
# Pixels of the sample pictures with labels of one's own.
PIXELS = np.zeros((20, 4, 4), dtype=np.uint8)


def labelled(folder, labels):
    """A folder of pictures and a label file, as the course has them."""
    for place in range(len(labels)):
        np.save(folder / f"{place}.npy", np.zeros((4, 4, 3), dtype=np.uint8))
    file = folder.parent / f"{folder.name}.json"
    file.write_text(str({str(place): int(label) for place, label in enumerate(labels)}).replace("'", '"'))
    return ImageGenerator(folder, file, 2, [4, 4, 3])


@pytest.fixture
def odd_folder(tmp_path):
    """A folder with a folder for each of the odd names, four pictures in each."""
    rng = np.random.default_rng(0)
    for place, name in enumerate(ODD):
        folder = os.path.join(os.fsencode(tmp_path / "pictures"), name)
        try:
            os.makedirs(folder)
        except OSError as error:  # some systems take text alone
            pytest.skip(f"no folder can have the name {name!r} here: {error}")
        for number in range(4):
            with open(os.path.join(folder, b"%d.png" % number), "wb") as file:
                pixels = rng.integers(30 * place, 30 * place + 60, (8, 8, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(file, "png")
    return tmp_path / "pictures"


@pytest.mark.parametrize("labels", [[0, 1, 2], [0, 9], list(range(9)), list(range(12))])
def test_other_labels_than_the_course_s_ten_have_no_names_of_its_things(labels, tmp_path):
    (tmp_path / "own").mkdir()
    generator = labelled(tmp_path / "own", labels)
    assert generator.class_names == ()
    assert generator.number_of_classes == max(labels) + 1
    assert generator.class_name(0) == "0"
    assert ImageData(generator).preparation.class_names == tuple(map(str, range(max(labels) + 1)))


def test_the_course_s_labels_have_its_names():
    generator = ImageGenerator(*SAMPLE, 2, [8, 8, 3])
    assert generator.class_names[:3] == ("airplane", "automobile", "bird")
    assert generator.number_of_classes == len(generator.class_names) == 10


def test_arrays_have_the_names_that_they_are_given_and_no_others():
    assert ImageGenerator.from_arrays(PIXELS, np.arange(20) % 10, 2).class_names == ()
    named = ImageGenerator.from_arrays(PIXELS, np.arange(20) % 2, 2, class_names=["cat", "dog", "cow"])
    assert named.number_of_classes == len(named.class_names) == 3


def test_as_many_names_as_folders_or_none(odd_folder):
    with pytest.raises(ValueError, match=r"a class name for each of 7 folders, got 3 names; .* alphabetical order"):
        ImageGenerator(odd_folder, None, 2, [8, 8, 3], class_names=["ant", "bee", "cow"])


def test_a_test_set_of_other_classes_is_refused():
    training = ImageGenerator.from_arrays(PIXELS, np.arange(20) % 2, 2, class_names=["cat", "dog"])
    swapped = ImageGenerator.from_arrays(PIXELS, np.arange(20) % 2, 2, class_names=["dog", "cat"])
    with pytest.raises(ValueError, match=r"expected a test set of cat, dog .* got dog, cat"):
        ImageData(training, swapped)


def test_any_name_of_a_folder_stands_above_its_pictures(odd_folder, tmp_path):
    generator = ImageGenerator(odd_folder, None, 28, [8, 8, 3])
    generator.show(tmp_path / "batch.png")
    with Image.open(tmp_path / "batch.png") as drawn:
        assert min(drawn.size) > 100


def test_any_name_of_a_folder_survives_training_report_and_prediction(odd_folder, tmp_path, capsys):
    options = ["--model", "mlp", "--batch-size", "4", "--iterations", "3"]
    assert main(["--data", str(odd_folder), "--output", str(tmp_path / "out"), *options]) == 0
    assert not capsys.readouterr().err
    assert {"network", "confusion_matrix.png", "predictions.png"} <= set(os.listdir(tmp_path / "out"))
    net = NeuralNetwork.load(tmp_path / "out" / "network", None)
    assert sorted(net.preparation.class_names) == sorted(
        ["$5_bill_$10", "\\frac{", "bad\\xff\\xfe", "x" * 100, HEBREW, CHINESE, "a\tb\n^{_"]
    )
    picture = odd_folder / "$5_bill_$10" / "0.png"
    command = [sys.executable, "NeuralNetwork.py", "predict", "--network", tmp_path / "out" / "network", picture]
    limited = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, env=limited)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{picture}: ")


def test_a_name_is_shown_with_its_signs_and_not_as_a_formula():
    axes = pictures.predictions(np.zeros((1, 1, 4, 4)), ["$x_1$"], ["$x_1$"])
    axes.figure.draw_without_rendering()
    assert [(text.get_text(), text.get_parse_math()) for text in axes.texts] == [("$x_1$", False)]


def test_what_no_font_has_is_written_as_its_number(monkeypatch):
    monkeypatch.setattr(Captions, "_has", lambda file, character: character < "\u3000")
    Captions._family_beside.cache_clear()
    assert Captions.readable(f"caf\u00e9 {CHINESE}") == "caf\u00e9 \\u65e5\\u672c"
    Captions._family_beside.cache_clear()


def test_a_font_is_looked_for_that_has_what_the_usual_one_has_not(monkeypatch):
    from matplotlib import font_manager

    usual = font_manager.findfont(font_manager.FontProperties())
    monkeypatch.setattr(Captions, "_has", lambda file, character: file != usual or character < "\u3000")
    Captions._family_beside.cache_clear()
    letters = Captions.lettering(CHINESE)
    assert Captions.readable(CHINESE) == CHINESE
    assert len(letters["fontfamily"]) == 2
    Captions._family_beside.cache_clear()


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("cat", "cat"),
        ("\u05d0\u05d1", "\u05d1\u05d0"),
        ("cat \u05d0\u05d1 \u05d2", "cat \u05d2 \u05d1\u05d0"),
        ("\u05d0\u05d1 cat 12", "cat 12 \u05d1\u05d0"),
    ],
)
def test_older_matplotlib_gets_the_order_in_which_one_reads(text, drawn, monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    monkeypatch.setattr(Captions, "_matplotlib_orders", lambda: False)
    assert Captions.readable(text) == drawn
    if matplotlib.__version_info__[:2] >= (3, 11):  # which orders by itself, and so tells what is right
        forced = "\N{LEFT-TO-RIGHT OVERRIDE}" + drawn
        assert drawing(text) == drawing(forced)


def drawing(text):
    """What Matplotlib draws for a text, in bytes."""
    figure, file = Figure(figsize=(2, 0.5)), io.BytesIO()
    figure.text(0.1, 0.5, text)
    figure.savefig(file, format="raw")
    return file.getvalue()


@pytest.mark.parametrize("names", [["dog", "cat"], ["mouse", "cat"], np.array(["dog", "mouse"])])
@pytest.mark.parametrize("by_list", [False, True])
def test_a_class_is_never_called_what_another_one_is_called(tmp_path, names, by_list):
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / f"{name}.npy", PIXELS[0])
    (tmp_path / "list.csv").write_text("file,label\ncat/cat.npy,cat\ndog/dog.npy,dog\n")
    labels = tmp_path / "list.csv" if by_list else None
    with pytest.raises(ValueError, match=r"class_names in the order .* got '(dog|cat)' for the class [01], which is"):
        ImageGenerator(tmp_path, labels, 2, [8, 8, 3], class_names=names)
