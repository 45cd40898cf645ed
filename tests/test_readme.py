"""The README keeps its promises: its code runs, what it names exists, and its numbers have somebody who says so."""

import contextlib
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sklearn.datasets import load_iris

from Generator import datasets
from Generator.data_layer import ImageData
from Generator.draw_sample_data import write_picture_folder
from NeuralNetwork import NeuralNetwork
from Training.callbacks import EarlyStopping
from Training.command_line import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.S | re.M)
EXAMPLE, TABLE, PICTURES, TOGETHER = (block for language, block in BLOCKS if language == "python")
(DIALOGUE,) = (block for language, block in BLOCKS if language == "pycon")
*QUICK_START, ON_A_CLUSTER = (block for language, block in BLOCKS if language == "sh")


def run(block, **names):
    """Run a block of code with some names that it uses, and give all that it has."""
    exec(compile(block, "README.md", "exec"), names)
    return names


def trained(example=EXAMPLE):
    """The network of the first example, trained a little."""
    with contextlib.redirect_stdout(None):
        return run(example.replace("net.train(2000)", "net.train(50)"))["net"]


def test_no_block_of_code_is_of_another_language():
    assert {language for language, _ in BLOCKS} == {"sh", "python", "pycon"}


def test_the_example_trains_a_network(capsys):
    assert len([line for line in EXAMPLE.splitlines() if line]) <= 15
    run(EXAMPLE)
    accuracy = float(capsys.readouterr().out.rsplit("accuracy:", 1)[1])
    assert accuracy > 0.8


def test_the_error_is_the_one_that_comes():
    typed, message = re.fullmatch(r">>> (.*)\n(.*)\n", DIALOGUE).groups()
    with pytest.raises(ValueError) as caught:
        run(typed, net=trained())
    assert f"ValueError: {caught.value}" == message


def test_a_table_is_learnt_drawn_saved_and_classified(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    iris = load_iris()
    names = {"net": trained(), "X": iris.data, "y": iris.target_names[iris.target]}
    run(TABLE, NeuralNetwork=NeuralNetwork, EarlyStopping=EarlyStopping, **names)
    assert capsys.readouterr().out.startswith("setosa (")
    assert (tmp_path / "history.png").exists()


def test_pictures_come_in_shuffled_batches(tmp_path, monkeypatch):
    write_picture_folder(tmp_path / "pictures", 100)
    monkeypatch.chdir(tmp_path)
    net = run(PICTURES, datasets=datasets, ImageData=ImageData, net=trained())["net"]
    images, labels = net.data_layer.next()
    assert images.shape == (50, 3, 32, 32)
    assert labels.any(axis=0).sum() > 7  # of ten classes, which lie one after the other in their folders


def test_what_several_processes_run_is_a_program_alone():
    iris = load_iris()
    assert run(TOGETHER, net=trained(), X=iris.data, y=iris.target)["trainer"].history.epochs == 10
    assert all(" script.py" in line for line in ON_A_CLUSTER.splitlines())


def test_the_quick_start_has_two_commands_which_set_up_and_run():
    assert len(QUICK_START) == 2
    for block, requirements in zip(QUICK_START, ("requirements.txt", "requirements-dev.txt"), strict=True):
        begin = f"python3 -m venv .venv && .venv/bin/pip install -q -r {requirements} && .venv/bin/python "
        assert block.startswith(begin)


def test_the_command_for_pictures_and_what_follows_work(tmp_path, monkeypatch, capsys):
    write_picture_folder(tmp_path / "FOLDER", 40)
    monkeypatch.chdir(tmp_path)
    (command,) = re.findall(r"`python NeuralNetwork\.py (--data FOLDER)`", README)
    assert main([*shlex.split(command), "--iterations", "4"]) == 0
    assert "`--resume`" in README
    assert main([*shlex.split(command), "--iterations", "5", "--resume"]) == 0
    assert "`predict FILE…`" in README
    assert main(["predict", "FOLDER/cat/3.png"]) == 0
    assert "FOLDER/cat/3.png: " in capsys.readouterr().out


@pytest.mark.slow
def test_the_import_is_light():
    """0.2 s, of which NumPy takes most: where a computer is busy, both take longer."""

    def seconds(module):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {module}"], cwd=ROOT, check=True)
        return time.perf_counter() - start

    ratios = [seconds("NeuralNetwork") / seconds("numpy") for _ in range(5)]
    assert sorted(ratios)[2] < 2


def test_the_course_has_as_many_tasks_as_it_says():
    from NeuralNetworkTests import TASKS

    (number,) = re.findall(r"in (\d+) graded tasks", README)
    assert len([task for task in TASKS if str(task.part) in "0123"]) == int(number)


@pytest.mark.parametrize(
    "target", re.findall(r"\]\(([^)#]+)\)|`((?:[A-Z]\w+|examples|tests)/[\w./]*|[A-Z]\w+\.py)`", README), ids=str
)
def test_what_it_names_exists(target):
    assert (ROOT / "".join(target)).exists()


@pytest.mark.parametrize("module", re.findall(r"`python -m ([\w.]+)", README))
def test_what_it_says_to_run_is_there(module):
    place = ROOT / module.replace(".", "/")
    assert place.with_suffix(".py").exists() or (place / "__main__.py").exists()


def test_each_room_has_a_row_in_its_table():
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "." and any(path.glob("*.py"))}
    assert {f"{name}/" for name in rooms} == set(re.findall(r"^\| `(\w+/)` \|", README, re.M))


#: What classes are derived from and what they share, and files whose classes have names of their own.
BASES = """
    __init__ Activations Base Composite Constraints Convolutions Gates Loss LossBase Normalization
    Optimizers Packing Padding Parameter Pass Readout Recurrent Rows State Steps Windows
""".split()


@pytest.mark.parametrize("package", ["Layers", "Optimization", "Models"])
def test_its_table_names_every_class(package):
    row = next(line for line in README.splitlines() if line.startswith(f"| `{package}/`"))
    for file in (ROOT / package).glob("*.py"):
        if file.stem not in BASES:
            assert f"`{file.stem}`" in row, f"{file.name} is missing from the README's table"
