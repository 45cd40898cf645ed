"""The examples: each runs in a short form, is short itself, and gets somewhere."""

import re
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.costs import code_lines
from examples import (
    autoencoder,
    characters,
    colour_images,
    digits,
    intervals,
    labels,
    memory,
    pictures,
    residual,
    solar_cells,
    table,
    text,
)
from NeuralNetwork import NeuralNetwork

EXAMPLES = Path(__file__).parent.parent / "examples"
FILES = sorted(EXAMPLES.glob("*.py"))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """What a script writes goes into a folder that is thrown away."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()


@pytest.fixture
def said(capsys):
    """What has been printed, and the numbers behind words of it."""

    class Said:
        def __init__(self):
            self.text = ""

        def number(self, before, after=""):
            self.text += capsys.readouterr().out
            return float(re.search(rf"{before}([\d.]+){after}", self.text)[1])

    return Said()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_has_at_most_25_lines_of_code(file):
    assert code_lines(file.read_text(encoding="utf-8"), imports=True) <= 25


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_table_tells_of_each_example(file):
    assert f"[{file.name}]({file.name})" in (EXAMPLES / "README.md").read_text(encoding="utf-8")


def test_a_table_with_a_rare_class(said):
    table.main()
    assert said.number("'balanced_accuracy': ") > 0.95
    assert said.number(r"malignant \(") > 90


def test_intervals_of_a_regression(said):
    intervals.main(epochs=10)
    assert 80 < said.number("^", "% of the values") < 97
    assert said.number("off by ") < 2


def test_pictures_of_your_own_and_going_on(said, tmp_path):
    pictures.main("mine", epochs=2)
    pictures.main("mine", epochs=3)
    assert NeuralNetwork.load("mine.network", None).progress["epoch"] == 3
    assert said.number("epoch 3: loss ") < 2
    assert said.text.count("epoch 1:") == said.text.count("epoch 2:") == 1
    shown = re.findall(r"(\S+\.png) shows \w+ \(\d", said.text)
    assert len(shown) > 3
    assert all(Path(file).is_relative_to("mine/test") for file in shown), "a picture to train with is no question"


def test_text_by_characters(said):
    text.main(epochs=4, text=Path(EXAMPLES.parent, "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert said.number("'top_3': ") > 0.25  # 3 of 27 by chance
    assert len(said.text.partition("made up:")[2].split()) > 5


def test_words_backwards(said):
    characters.main(epochs=4, count=600)
    assert said.number("^", "% of the letters") > 50  # 1 in 4 of the letters by chance, where it isn't their end
    assert len(said.text.splitlines()[1]) > 6


@pytest.mark.slow
def test_what_an_rnn_can_t_keep_and_gates_can(said):
    memory.main()
    assert said.number("RNN: ", "%") < 60
    assert said.number("GRU: ", "%") > 95
    assert said.number("LSTM: ", "%") > 95


def test_solar_cells_graded_through_onnxruntime(said):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    solar_cells.main(epochs=2, count=200)
    assert said.number("of inactive: ") > 0.9


def test_several_labels_at_once(said):
    labels.main(epochs=5)
    assert said.number("'auc': ") > 0.8


def test_an_autoencoder(said):
    autoencoder.main(epochs=10)
    assert said.number("^", "%") > 40
    with Image.open("results/autoencoder.png") as drawn:
        assert drawn.width > 2 * drawn.height


def test_colour_images_with_checkpoints_and_a_table_of_the_history(said):
    colour_images.main(epochs=2, drawn=300)
    assert said.number("'accuracy': ") > 0.2  # 0.1 by chance
    assert NeuralNetwork.load("results/colour_images", None).progress["epoch"] == 2
    assert Path("results/colour_images.csv").read_text(encoding="utf-8").count("\n") == 3


def test_digits_read_by_lenet_of_1998_and_of_today(said):
    digits.main(epochs=3)
    assert said.number("LeNet5 reads ", "%") > 85
    assert said.number("LeNet reads ", "%") > 85


@pytest.mark.slow
def test_a_grid_search_on_a_cluster(said):
    pytest.importorskip("distributed")
    from examples import grid_search

    grid_search.main(samples=400)
    assert said.number("^.*\n", "% of new digits") > 80


def test_a_residual_network(said):
    residual.main(epochs=2, drawn=400)
    assert said.number("'top_3': ") > 0.4  # 0.3 by chance
    assert "shortcut: Chain" in said.text
