"""`python NeuralNetwork.py`: what it reports, what it writes, and one line for what it can't use."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from Layers.FullyConnected import FullyConnected
from Layers.Helpers import RandomData
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Sgd
from Training import data
from Training.command_line import main, train

ROOT = Path(__file__).parent.parent
QUICK = ["--iterations", "20"]


def run(*arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "NeuralNetwork.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_the_perceptron_reads_digits_from_a_cold_start(tmp_path):
    done = run("--model", "mlp", "--output", tmp_path / "new" / "results")
    assert done.returncode == 0
    assert done.stderr == ""
    accuracy = float(done.stdout.split("test accuracy: ")[1].split("%")[0])
    assert accuracy >= 97
    assert {file.name for file in (tmp_path / "new" / "results").iterdir()} == {
        "loss.png",
        "confusion_matrix.png",
        "predictions.png",
    }


@pytest.mark.slow
def test_lenet_reads_digits(tmp_path, capsys):
    assert main(["--output", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "Conv(stride_shape=(1, 1)" in printed
    assert float(printed.split("test accuracy: ")[1].split("%")[0]) >= 98.5


def test_training_leaves_the_learning_rates_as_they_were(capsys):
    net = NeuralNetwork(Sgd(0.01))
    for layer in (FullyConnected(4, 3), SoftMax()):
        net.append_layer(layer)
    net.data_layer, net.loss_layer = RandomData(4, 5, 3), CrossEntropyLoss()
    train(net, 3)
    assert net.layers[0].optimizer.learning_rate == 0.01


@pytest.mark.slow
def test_the_same_seed_gives_the_same_report(tmp_path, capsys):
    reports = []
    for seed in ("3", "3", "4"):
        assert main([*QUICK, "--seed", seed, "--output", str(tmp_path)]) == 0
        reports.append(capsys.readouterr().out.split("last loss")[1])
    assert reports[0] == reports[1] != reports[2]


def test_a_folder_of_pictures_is_learnt(tmp_path, capsys):
    for name, brightness in (("day", 200), ("night", 20)):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for number in range(6):
            Image.fromarray(np.full((20, 30, 3), brightness, np.uint8)).save(
                tmp_path / "pictures" / name / f"{number}.png"
            )
    arguments = ["--data", str(tmp_path / "pictures"), "--batch-size", "4", *QUICK, "--output", str(tmp_path / "out")]
    assert main(arguments) == 0
    assert "(2 of 2)" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["training", "test"])
def test_a_picture_that_gets_lost_on_the_way_does_not_lose_the_training(tmp_path, capsys, monkeypatch, lost):
    layer = data.load("sample", 20, seed=0)
    calls = {"training": 0, "test": 0}

    def broken(which, read, good):
        def reading(*arguments):
            calls[which] += 1
            if which == lost and calls[which] > good:
                raise ValueError("picture 'cat.png': expected an intact .png file")
            return read(*arguments)

        return reading

    monkeypatch.setattr(layer, "next", broken("training", layer.next, 13))
    monkeypatch.setattr(layer, "get_test_set", broken("test", layer.get_test_set, 0))
    monkeypatch.setattr(data, "load", lambda *_: layer)
    assert main([*QUICK, "--output", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert "cat.png" in line
    if lost == "training":
        # One batch has told the shape of the images.
        assert "stopped after 12 iterations" in line and "test accuracy: " in printed.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--iterations", "-1"],
        ["--iterations", "1.5"],
        ["--batch-size", "0"],
        ["--learning-rate", "-0.1"],
        ["--learning-rate", "nan"],
        ["--seed", "x"],
        ["--model", "resnet"],
        ["--data", "nowhere"],
        ["--data", "mnist"],
        ["--output", "README.md"],
        ["--unheard-of"],
    ],
    ids=" ".join,
)
def test_a_wrong_value_ends_with_one_line_and_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("python NeuralNetwork.py: ")


def test_training_that_diverges_ends_with_one_line_and_status_1(tmp_path, capsys):
    assert main(["--learning-rate", "1e30", "--output", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "smaller learning rate" in line


def test_help_explains_every_option():
    text = run("--help").stdout
    for option in ("--data", "--model", "--iterations", "--batch-size", "--learning-rate", "--seed", "--output"):
        assert option in text
