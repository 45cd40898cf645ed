"""`python NeuralNetwork.py`: what it reports, what it writes, and one line for what it can't use."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from Generator.data_layer import ImageData
from NeuralNetwork import NeuralNetwork
from Training import data, job
from Training.command_line import main
from Training.trainer import Trainer

ROOT = Path(__file__).parent.parent
QUICK = ["--iterations", "20"]
WRITTEN = {"network", "loss.png", "curves.png", "confusion_matrix.png", "predictions.png"}


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
    assert {file.name for file in (tmp_path / "new" / "results").iterdir()} == WRITTEN


@pytest.mark.slow
def test_lenet_reads_digits(tmp_path, capsys):
    assert main(["--output", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "Conv(stride_shape=(1, 1)" in printed
    assert float(printed.split("test accuracy: ")[1].split("%")[0]) >= 98.5


def test_the_saved_network_has_the_learning_rate_that_it_began_with(tmp_path):
    assert main([*QUICK, "--model", "mlp", "--learning-rate", "0.002", "--output", str(tmp_path)]) == 0
    assert NeuralNetwork.load(tmp_path / "network", None).learning_rate == 0.002


@pytest.mark.slow
def test_the_same_seed_gives_the_same_report(tmp_path, capsys):
    reports = []
    for seed in ("3", "3", "4"):
        assert main([*QUICK, "--seed", seed, "--output", str(tmp_path)]) == 0
        reports.append(capsys.readouterr().out.split("last loss")[1])
    assert reports[0] == reports[1] != reports[2]


@pytest.fixture
def pictures(tmp_path):
    """A folder with twelve noisy pictures of each of two classes."""
    rng = np.random.default_rng(0)
    for name, brightness in (("day", 150), ("night", 20)):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for number in range(12):
            picture = brightness + rng.integers(0, 80, (20, 30, 3), dtype=np.uint8)
            Image.fromarray(picture).save(tmp_path / "pictures" / name / f"{number}.png")
    return tmp_path / "pictures"


def small(pictures, output, *further):
    """Arguments of a short run: five batches are an epoch, and the last of them is not complete."""
    return [*map(str, ("--data", pictures, "--model", "mlp", "--batch-size", 4, "--output", output, *further))]


def test_a_folder_of_pictures_is_learnt(pictures, tmp_path, capsys):
    assert main(small(pictures, tmp_path / "out", "--iterations", 60)) == 0
    printed = capsys.readouterr().out
    assert "test accuracy: 100.00% (4 of 4)" in printed
    assert {file.name for file in (tmp_path / "out").iterdir()} == WRITTEN


@pytest.mark.parametrize(("name", "place"), [("confusion_matrix", 0), ("predictions", 1)])
def test_pictures_show_what_is_true_and_what_was_predicted(name, place, pictures, tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr(f"Training.pictures.{name}", lambda *arguments, **options: given.append(arguments))
    monkeypatch.setattr(NeuralNetwork, "predict", lambda net, images: np.eye(2)[np.zeros(len(images), int)])
    assert main(small(pictures, tmp_path / "out", "--iterations", 1)) == 0
    true, predicted, names = given[0][place:]
    assert (sorted(true), list(predicted), names) == ([0, 0, 1, 1], [0, 0, 0, 0], ("day", "night"))


def test_classes_of_few_pictures_count_as_much_where_weights_are_balanced(pictures, tmp_path, unreported):
    for number in range(6, 12):
        (pictures / "night" / f"{number}.png").unlink()
    resumed = small(pictures, tmp_path / "out", "--iterations", 7, "--class-weights", "balanced")
    assert main(resumed) == main([*resumed, "--resume"]) == 0
    # Of 12 and 6 pictures, 10 and 5 are trained on.
    weights = NeuralNetwork.load(tmp_path / "out" / "network", None).loss_layer.class_weights
    assert weights == pytest.approx([15 / (2 * 10), 15 / (2 * 5)])


def test_a_folder_s_own_division_is_kept(pictures, tmp_path):
    for part, count in (("test", 4), ("val", 3)):
        for name in ("day", "night"):
            (tmp_path / "divided" / part / name).mkdir(parents=True)
            for number in range(count):
                picture = pictures / name / f"{number}.png"
                picture.rename(tmp_path / "divided" / part / name / f"{part}{number}.png")
        for name in ("day", "night"):  # those that are left begin anew
            for number, picture in enumerate(sorted((pictures / name).iterdir())):
                picture.rename(picture.with_name(f"{number}.png"))
    pictures.rename(tmp_path / "divided" / "train")
    sets = data.load(str(tmp_path / "divided"), batch_size=4, seed=0)
    assert [each.number_of_samples for each in sets] == [10, 6, 8]


def test_without_a_terminal_there_is_one_line_for_each_epoch(pictures, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(data, "_LEAST_VALIDATION", 1)
    assert main(small(pictures, tmp_path / "out", "--iterations", 13)) == 0
    lines = capsys.readouterr().out.splitlines()
    epochs = [line for line in lines if line.startswith("epoch ")]
    assert [line.split(":")[0] for line in epochs] == ["epoch 1", "epoch 2"]
    assert all("validation accuracy" in line and "test" not in line for line in epochs)
    assert any(line.startswith("trained 13 iterations") for line in lines)


def test_the_saved_network_classifies(pictures, tmp_path, capsys):
    assert main(small(pictures, tmp_path / "out", "--iterations", 60)) == 0
    (tmp_path / "damaged.png").write_bytes(b"\x89PNG")
    files = [pictures / "day" / "0.png", tmp_path / "damaged.png", pictures / "night" / "0.png"]
    capsys.readouterr()
    assert main(["predict", *map(str, files), "--network", str(tmp_path / "out" / "network")]) == 1
    printed = capsys.readouterr()
    assert [line.split(": ")[1].split(" ")[0] for line in printed.out.splitlines()] == ["day", "night"]
    assert re.fullmatch(r".*0\.png: day \d+\.\d %, night \d+\.\d %", printed.out.splitlines()[0])
    (line,) = printed.err.splitlines()
    assert "damaged.png" in line


@pytest.mark.parametrize("content", [None, b"not a network"])
def test_predicting_without_a_network_ends_with_one_line(content, tmp_path, capsys):
    if content is not None:
        (tmp_path / "network").write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        main(["predict", "new.jpg", "--network", str(tmp_path / "network")])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "network" in line


def test_nothing_is_saved_if_asked(pictures, tmp_path, unreported):
    assert main(small(pictures, tmp_path / "out", "--iterations", 7, "--no-save")) == 0
    assert not (tmp_path / "out" / "network").exists()


@pytest.fixture
def unreported(monkeypatch):
    """Runs end without the pictures, which take most of their time."""
    monkeypatch.setattr(job, "_report", lambda *_: None)


def interrupted(monkeypatch, batch, signals=1):
    """Let Ctrl-C come while a batch is fetched."""
    count, original = iter(range(1, 10**6)), ImageData.next

    def fetching(self):
        if next(count) == batch:
            for _ in range(signals):
                signal.raise_signal(signal.SIGINT)
        return original(self)

    monkeypatch.setattr(ImageData, "next", fetching)


@pytest.mark.parametrize("batch", [1, 7, 10])
def test_a_run_that_was_interrupted_goes_on_to_the_same_bits(
    batch, pictures, tmp_path, monkeypatch, capsys, unreported
):
    assert main(small(pictures, tmp_path / "undisturbed", "--iterations", 23)) == 0
    with monkeypatch.context() as patched:
        interrupted(patched, batch)
        assert main(small(pictures, tmp_path / "other", "--iterations", 23)) == 130
    printed = capsys.readouterr().out
    assert f"interrupted after {batch} iterations" in printed
    assert main(small(pictures, tmp_path / "other", "--iterations", 23, "--resume")) == 0
    first, second = (NeuralNetwork.load(tmp_path / run / "network", None) for run in ("undisturbed", "other"))
    assert first.loss == second.loss and len(first.loss) == 23
    for one, other in zip(first.layers, second.layers, strict=True):
        if one.trainable:
            np.testing.assert_array_equal(one.weights, other.weights)
    assert first.progress["history"] == second.progress["history"]


def test_a_second_interrupt_breaks_off_and_leaves_what_was_saved_last(pictures, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(job, "_MINUTES", 0)
    interrupted(monkeypatch, 13, signals=2)
    assert main(small(pictures, tmp_path / "out", "--iterations", 23)) == 130
    printed = capsys.readouterr()
    assert "broken off" in printed.err and "test accuracy" not in printed.out
    assert len(NeuralNetwork.load(tmp_path / "out" / "network", None).loss) == 12


def test_a_finished_run_goes_on_where_there_are_more_iterations(pictures, tmp_path, capsys, unreported):
    assert main(small(pictures, tmp_path / "out", "--iterations", 7)) == 0
    assert main(small(pictures, tmp_path / "out", "--iterations", 7, "--resume")) == 0
    assert "nothing to train: 7 iterations are done of 7" in capsys.readouterr().out
    assert main(small(pictures, tmp_path / "out", "--iterations", 16, "--resume")) == 0
    assert "trained 16 iterations, 7 of them earlier" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (["--model", "lenet"], "model mlp, not lenet"),
        (["--seed", "1"], "seed 0, not 1"),
        (["--batch-size", "5"], "batch-size 4, not 5"),
        (["--learning-rate", "0.5"], "learning-rate 0.001, not 0.5"),
        (["--no-augmentation"], "augmentation True, not False"),
        (["--class-weights", "balanced"], "class-weights equal, not balanced"),
        (["--data"], "class_names ('day', 'night'), not ('day', 'dusk')"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_run_of_another_kind_is_not_resumed(changed, message, pictures, tmp_path, capsys, unreported):
    assert main(small(pictures, tmp_path / "out", "--iterations", 7)) == 0
    if changed == ["--data"]:
        (pictures / "night").rename(pictures / "dusk")
        changed = []
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([*small(pictures, tmp_path / "out", "--iterations", 7, "--resume"), *changed])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "network: " in line and message in line


def test_early_stopping_puts_the_best_epoch_back(pictures, tmp_path, monkeypatch, capsys, unreported):
    monkeypatch.setattr(data, "_LEAST_VALIDATION", 1)
    given = iter([{"loss": loss, "accuracy": 0.5} for loss in [0.3, 0.2, *[0.4] * 40]])
    monkeypatch.setattr(Trainer, "val_test", lambda self: next(given))
    assert main(small(pictures, tmp_path / "out", "--iterations", 200)) == 0
    assert "best in epoch 2 of 22" in capsys.readouterr().out  # half of forty epochs later
    net = NeuralNetwork.load(tmp_path / "out" / "network", None)
    state = dict(net.progress["callbacks"])["StopWhenWorse"]
    np.testing.assert_array_equal(net.layers[1].weights, state["best_arrays"][1]["weights"])


def test_few_pictures_train_without_validation(tmp_path, capsys, unreported):
    for name in ("day", "night"):
        for part in ("train", "test"):
            (tmp_path / "few" / part / name).mkdir(parents=True)
            np.save(tmp_path / "few" / part / name / "0.npy", np.zeros((8, 8), np.uint8))
    assert main(small(tmp_path / "few", tmp_path / "out", "--iterations", 3)) == 0
    assert "validation" not in capsys.readouterr().out


def test_where_there_is_nothing_to_go_on_from_no_folder_is_made(pictures, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(small(pictures, tmp_path / "none", "--iterations", 3, "--resume"))
    assert "found none; run it without" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("lost", ["training", "test"])
def test_a_picture_that_gets_lost_on_the_way_does_not_lose_the_training(pictures, tmp_path, capsys, monkeypatch, lost):
    calls = {"training": 0, "test": 0}

    def broken(which, method, good):
        original = getattr(ImageData, method)

        def reading(self):
            calls[which] += 1
            if which == lost and calls[which] > good:
                raise ValueError("picture 'cat.png': expected an intact .png file")
            return original(self)

        monkeypatch.setattr(ImageData, method, reading)

    broken("training", "next", 12)
    broken("test", "get_test_set", 0)
    assert main(small(pictures, tmp_path / "out", "--iterations", 20)) == 1
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert "cat.png" in line
    if lost == "training":
        assert "stopped after 12 iterations" in line and "test accuracy: " in printed.out
    assert len(NeuralNetwork.load(tmp_path / "out" / "network", None).loss) == (12 if lost == "training" else 20)


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
        ["--class-weights", "1,2"],
        ["--data", "nowhere"],
        ["--data", "mnist"],
        ["--output", "README.md"],
        ["--unheard-of"],
        ["--resume", "--output", "Foundation"],
        ["predict"],
    ],
    ids=" ".join,
)
def test_a_wrong_value_ends_with_one_line_and_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(("python NeuralNetwork.py: ", "python NeuralNetwork.py predict: "))


def test_training_that_diverges_ends_with_one_line_and_status_1(tmp_path, capsys):
    assert main(["--learning-rate", "1e30", "--output", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "smaller learning rate" in line


def test_help_explains_every_option():
    text = run("--help").stdout
    options = (
        "data model iterations batch-size learning-rate augmentation class-weights seed save resume output".split()
    )
    for option in ("predict", *(f"--{name}" for name in options)):
        assert option in text
