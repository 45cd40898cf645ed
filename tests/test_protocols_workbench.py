"""The course's workbench: what students begin with, what they are told, and that nothing of theirs is touched."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

import NeuralNetworkTests as suite
from Protocols import course, show, skeleton
from Protocols.__main__ import main
from Protocols.grading.boxes import Box
from Protocols.grading.processes import Runner
from Protocols.grading.submissions import Submission
from Protocols.start import LIBRARY, start

pytestmark = pytest.mark.newest

PARTS = sorted(course.WRITTEN)
TITLES = {entry.test: entry.title for entry in suite.TASKS}

#: The course's API: what a student's classes are called with.
CONTRACT = """
    Checker(resolution, tile_size) draw() show()
    Circle(resolution, radius, position) draw() show()
    Spectrum(resolution) draw() show()
    ImageGenerator(file_path, label_path, batch_size, image_size, rotation=False, mirroring=False, shuffle=False)
        next() augment(img) current_epoch() class_name(x) show()
    BaseLayer()
    FullyConnected(input_size, output_size) optimizer initialize(weights_initializer, bias_initializer)
        forward(input_tensor) backward(error_tensor)
    ReLU forward(input_tensor) backward(error_tensor)
    SoftMax forward(input_tensor) backward(error_tensor)
    Flatten forward(input_tensor) backward(error_tensor)
    TanH forward(input_tensor) backward(error_tensor)
    Sigmoid forward(input_tensor) backward(error_tensor)
    Conv(stride_shape, convolution_shape, num_kernels) optimizer initialize(weights_initializer, bias_initializer)
        forward(input_tensor) backward(error_tensor)
    Pooling(stride_shape, pooling_shape) forward(input_tensor) backward(error_tensor)
    Dropout(probability) forward(input_tensor) backward(error_tensor)
    BatchNormalization(channels) optimizer initialize(weights_initializer=None, bias_initializer=None)
        forward(input_tensor) backward(error_tensor) reformat(tensor)
    RNN(input_size, hidden_size, output_size) optimizer initialize(weights_initializer, bias_initializer)
        forward(input_tensor) backward(error_tensor) calculate_regularization_loss()
    LSTM(input_size, hidden_size, output_size) optimizer initialize(weights_initializer, bias_initializer)
        forward(input_tensor) backward(error_tensor) calculate_regularization_loss()
    Constant(value=0.1) initialize(weights_shape, fan_in, fan_out)
    UniformRandom initialize(weights_shape, fan_in, fan_out)
    Xavier initialize(weights_shape, fan_in, fan_out)
    He initialize(weights_shape, fan_in, fan_out)
    Optimizer() add_regularizer(regularizer)
    Sgd(learning_rate) calculate_update(weight_tensor, gradient_tensor)
    SgdWithMomentum(learning_rate, momentum_rate=0.9) calculate_update(weight_tensor, gradient_tensor)
    Adam(learning_rate, mu=0.9, rho=0.999) calculate_update(weight_tensor, gradient_tensor)
    L1_Regularizer(alpha) calculate_gradient(weights) norm(weights)
    L2_Regularizer(alpha) calculate_gradient(weights) norm(weights)
    CrossEntropyLoss() forward(prediction_tensor, label_tensor) backward(label_tensor)
    NeuralNetwork(optimizer, weights_initializer=None, bias_initializer=None) append_layer(layer) forward()
        backward() train(iterations) test(input_tensor) phase
"""


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def outcomes(folder, part):
    entries = [entry for entry in suite.TASKS if entry.part == part]
    with tempfile.TemporaryDirectory() as place:
        submission = Submission(str(folder), "solution").open(place)
        runner = Runner(2, suite.TIME_LIMIT, Box())
        return list(runner.run(submission, {entry.test: suite.names_of_tests(entry.test) for entry in entries}))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "solution"


@pytest.fixture
def finished(folder):
    """A folder with the library's own Part 0, which takes little time to test."""
    start(0, folder)
    put_library(folder, 0)
    return folder


def _files(room):
    return (LIBRARY / room).glob("[A-Z]*.py")


def put_library(folder, part):
    """Put the library's own files in the place of the skeleton's, with what they stand on."""
    for package in ("Foundation", "Network", *["Layers/Kernels"] * (part > 0)):
        shutil.copytree(LIBRARY / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    files = course.files(course.parts_below(part))
    written = {file for listed in course.WRITTEN.values() for file in listed} | {"Layers/Helpers.py"}
    beside = [f"{path.parent.name}/{path.name}" for room in ("Layers", "Optimization") for path in _files(room)]
    bases = {"Layers/Initializers.py", "Optimization/Constraints.py"}  # which files of networks tell apart
    files += [file for file in beside if file not in written - bases and file not in files] if part else []
    files += [f"Generator/{path.name}" for path in LIBRARY.glob("Generator/[a-z]*.py")] if part == 0 else []
    for file in files:
        shutil.copy(LIBRARY / file, folder / file)


# -- the skeleton


@pytest.mark.parametrize("part", PARTS)
def test_the_skeleton_is_not_yet_written(part, folder):
    start(part, folder)
    for outcome in outcomes(folder, part):
        assert not outcome.done or outcome.entry.test == "TestHelpers"  # which are handed out
        for name, result in outcome.results.items():
            assert result.status in ("passed", "not yet"), f"{outcome.entry.test}.{name}: {result.message}"
            assert result.status == "passed" or result.message.startswith("not yet written: ")


@pytest.mark.parametrize("part", PARTS)
def test_the_librarys_files_pass_in_place_of_the_skeleton(part, folder):
    start(part, folder)
    put_library(folder, part)
    tested = outcomes(folder, part)
    assert [outcome.entry.part for outcome in tested] == [part] * len(tested) != []
    assert not [suite.details(outcome) for outcome in tested if not outcome.done]


def test_the_skeleton_has_the_signatures_of_the_contract():
    expected, found = {}, {}
    for line in re.sub(r"\n {8}", " ", CONTRACT).strip().splitlines():
        head, *rest = re.findall(r"\w+(?:\([^)]*\))?", line)
        name, _, arguments = head.partition("(")
        members = {}
        if arguments:
            members["__init__"] = f"({arguments}"
        for member in rest:
            name_of_member, _, arguments = member.partition("(")
            members[name_of_member] = f"({arguments}" if arguments else "property"
        expected[name] = members
    for file in dict.fromkeys(file for part in PARTS for file in course.WRITTEN[part]):
        for node in ast.parse(skeleton.module_text(file, tuple(PARTS))).body:
            if isinstance(node, ast.ClassDef):
                found[node.name] = signatures(node)
    assert found == expected


def signatures(node):
    found = {}
    for function in node.body:
        if isinstance(function, ast.FunctionDef) and not any(
            "setter" in ast.unparse(d) for d in function.decorator_list
        ):
            del function.args.args[0]
            found[function.name] = "property" if function.decorator_list else f"({ast.unparse(function.args)})"
    return found


@pytest.mark.parametrize("part", PARTS)
def test_the_skeleton_says_nothing_of_what_is_beyond_the_course(part, folder):
    start(part, folder)
    for file in course.files(course.parts_below(part)):
        text = (folder / file).read_text(encoding="utf-8")
        assert not re.search(
            r"\brng\b|dtype|float32|Foundation|Any\b|ArrayLike|->|picture file|batch, time|TrainableLayer", text
        )
        assert not re.search(r"JPEG|One number|None appends|finite", text)
        assert max(map(len, text.splitlines())) <= 120
        if part < 3:
            assert not re.search(r"regulariz|testing_phase|testing phase", text)


@pytest.mark.parametrize("part", PARTS)
def test_tasks_and_skeleton_name_the_same_files(part):
    tested = {file for entry in suite.TASKS if entry.part == part for file in entry.files}
    written, known = set(course.WRITTEN[part]), set(course.files(course.parts_below(part)))
    handed_out = {file for below in course.parts_below(part) for file in course.HANDED_OUT[below]}
    assert written <= tested <= known | handed_out


# -- start


def test_a_later_part_leaves_everything_as_it_is(folder):
    start(1, folder)
    for path in folder.rglob("*.py"):
        path.write_text(path.read_text(encoding="utf-8") + "\n# mine\n", encoding="utf-8")
    (folder / "notes.txt").write_text("mine")
    for part in (2, 3, 0):
        before = contents(folder)
        added, _ = start(part, folder)
        after = contents(folder)
        assert before.items() <= after.items()
        assert {str(path) for path in after.keys() - before.keys()} == set(added)
        assert not {file for file in course.files((part,)) if not (folder / file).exists()}
    assert [path.name for path in folder.parent.iterdir()] == ["solution"]


def test_what_a_later_part_adds_to_a_file_is_said(folder, capsys):
    start(1, folder)
    assert main(["start", "2", str(folder)]) == 0
    said = capsys.readouterr().out
    for text in (
        "class Adam:",
        "class SgdWithMomentum:",
        "def initialize(self, weights_initializer, bias_initializer):",
    ):
        assert said.count(text) == 1
    assert "def __init__(self, optimizer, weights_initializer=None, bias_initializer=None):" in said
    assert "class Sgd:" not in said and "loss_layer" not in said
    assert main(["start", "3", str(folder)]) == 0
    said = capsys.readouterr().out
    for text in (
        "class Sgd(Optimizer):",
        "class Optimizer:",
        "testing_phase",
        "def phase(self)",
        "def save(filename, net)",
    ):
        assert text in said
    assert "class Adam" not in said


def test_what_is_there_is_not_asked_for_again(folder):
    start(3, folder)
    assert start(3, folder) == ([], [])
    network = folder / "NeuralNetwork.py"
    network.write_text(network.read_text(encoding="utf-8").replace("def load(", "def loads("), encoding="utf-8")
    _, by_hand = start(3, folder)
    assert [text.split("\n")[0] for text in by_hand] == ["NeuralNetwork.py, at its end:"]


def test_what_is_inherited_is_not_asked_for(folder):
    start(1, folder)
    base, layer = folder / "Layers/Base.py", folder / "Layers/FullyConnected.py"
    inherited = (
        "\n\nclass Trainable(BaseLayer):\n    def initialize(self, weights_initializer, bias_initializer): ...\n"
    )
    base.write_text(base.read_text(encoding="utf-8") + inherited, encoding="utf-8")
    layer.write_text(layer.read_text(encoding="utf-8").replace("(BaseLayer)", "(Base.Trainable)"), encoding="utf-8")
    assert not any("Layers/FullyConnected.py" in text for text in start(2, folder)[1])


def test_a_missing_file_is_added_again(folder):
    start(1, folder)
    (folder / "Layers/ReLU.py").unlink()
    assert start(1, folder)[0] == ["Layers/ReLU.py"]


def test_a_file_that_is_no_python_yet_is_kept(folder):
    start(1, folder)
    (folder / "NeuralNetwork.py").write_text("class NeuralNetwork(:")
    _, by_hand = start(2, folder)
    assert any(text.startswith("NeuralNetwork.py: this is no Python yet") for text in by_hand)
    assert (folder / "NeuralNetwork.py").read_text() == "class NeuralNetwork(:"


@pytest.mark.parametrize("beside", [".gitignore", "README.md", "LICENSE"])
def test_an_empty_or_fresh_git_folder_is_filled(beside, folder):
    (folder / ".git").mkdir(parents=True)
    (folder / beside).touch()
    start(1, folder)
    assert (folder / "Layers/Base.py").exists()


def test_it_works_within_a_students_folder(folder):
    """As after an installation: the modules of the folder stand first on the path, the library's are used."""
    start(1, folder)
    command = [sys.executable, "-m", "Protocols", "start", "2", "."]
    run = subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(LIBRARY)}, capture_output=True)
    assert (run.returncode, run.stderr) == (0, b"")
    assert (folder / "Layers/Conv.py").read_text(encoding="utf-8") == skeleton.module_text("Layers/Conv.py", (1, 2))


def test_what_is_handed_out_is_the_librarys(folder):
    start(0, folder)
    start(1, folder)
    for file in ("NeuralNetworkTests.py", "Layers/Helpers.py", "Generator/Labels.json"):
        assert (folder / file).read_bytes() == (LIBRARY / file).read_bytes()
    assert len(list((folder / "Generator/Sample_data").iterdir())) == 100
    command = "from Layers import *; from Optimization import *; print(Base.BaseLayer, Loss, Helpers.IrisData)"
    subprocess.run([sys.executable, "-c", command], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("renames", [0, 3])
def test_an_interrupted_start_leaves_no_half(filled, renames, folder, monkeypatch):
    if filled:
        start(1, folder)
    before = contents(folder)
    rename, left = Path.rename, [renames if filled else 0]

    def interrupted(path, target):
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    assert main(["start", "2", str(folder)]) == 130
    assert contents(folder) == before and folder.exists() == filled
    assert not [path for path in folder.parent.iterdir() if path != folder]


# -- bad input


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["start", "4", "new"], "expected a part from 0 to 3, got '4'"),
        (["start", "one", "new"], "expected a part from 0 to 3, got 'one'"),
        (["start", "1"], "folder"),
        (["start", "1", "other"], "other isn't empty"),
        (["start", "1", "begun"], "begun has Part 1 already; nothing was changed"),
        (["start", "1", "file.txt"], "file.txt is a file"),
        (["start", "1", "file.txt/new"], "file.txt"),
        (["start", "1", str(LIBRARY)], "is the library itself"),
        (["check", "nowhere"], "there is no folder nowhere; python -m Protocols start"),
        (["check", "other"], "other has no part of the course"),
        (["check", "begun", "Softmacks"], "did you mean TestSoftMax"),
        (["check", "begun", "1.9"], "expected a task such as 2.4, TestConv or Conv, got '1.9'"),
        (["submit", "begun", "--part", "4"], "expected a part from 0 to 3, got '4'"),
        (["submit", "other"], "other has no part of the course"),
        (["submit", "begun", "--output", "file.txt"], "file.txt exists and is no zip file"),
        (["show", "drop-out"], "there is no picture 'drop-out'"),
        (["figures", "unknown"], "there is no picture 'unknown'"),
        (["dance"], "invalid choice: 'dance'"),
        ([], "required"),
    ],
)
def test_bad_input_is_one_clear_line(arguments, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    start(1, Path("begun"))
    Path("other").mkdir()
    Path("other/thesis.tex").touch()
    Path("file.txt").write_text("mine")
    before = contents(tmp_path)
    try:
        status = main(arguments)
    except SystemExit as end:
        status = end.code
    captured = capsys.readouterr()
    assert status == 2
    assert captured.out == "" and captured.err.count("\n") == 1 and told in captured.err
    assert contents(tmp_path) == before


# -- check


def test_check_shows_what_is_done_and_what_comes_next(finished, capsys):
    pattern = finished / "Generator/pattern.py"
    text = pattern.read_text(encoding="utf-8")
    pattern.write_text(
        text.replace("x_centre, y_centre = self.position", "raise NotImplementedError"), encoding="utf-8"
    )
    before = contents(finished)
    assert main(["check", str(finished)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"  0\.1 +{TITLES['TestCheckers']} +TestCheckers +done", lines[1])
    assert re.fullmatch(rf"  0\.2 +{TITLES['TestCircle']} +TestCircle .*not yet written", lines[2])
    assert lines[5:] == [
        "",
        f"Next: Task 0.2, {TITLES['TestCircle']} (Protocols/part0.md).",
        "    not yet written: Circle.draw in Generator/pattern.py",
        f"python -m Protocols check {finished} 0.2 says more.",
    ]
    assert contents(finished) == before


@pytest.mark.parametrize("name", ["0.1", "TestCheckers", "Checkers", TITLES["TestCheckers"].upper()])
def test_check_of_one_task(name, finished, capsys):
    assert main(["check", str(finished), name]) == 0
    said = capsys.readouterr().out
    assert said.count("done") == 1 and "Next: Task 0.2, " in said and "0.2\n" in said


def test_check_of_a_part_is_that_of_its_tasks_alone(finished, capsys):
    (finished / "Layers").mkdir()
    (finished / "Layers/Base.py").touch()
    assert main(["check", str(finished), "0"]) == 0
    said = capsys.readouterr().out
    assert said.count("done\n") == 4 and "Part 1" not in said and "Next: Task 1.1, " in said


def test_check_of_a_finished_part_names_the_next(finished, capsys):
    assert main(["check", str(finished)]) == 0
    assert f"python -m Protocols start 1 {finished} begins the next" in capsys.readouterr().out


def test_check_of_the_last_task_says_nothing_of_the_others(finished, capsys):
    assert main(["check", str(finished), "Gen"]) == 0
    assert capsys.readouterr().out.endswith("shows whether all of it is done.\n")


def test_check_of_a_wrong_task_says_why(finished, capsys):
    pattern = finished / "Generator/pattern.py"
    pattern.write_text(pattern.read_text(encoding="utf-8").replace("% 2)", "% 3)"), encoding="utf-8")
    assert main(["check", str(finished), "Checkers"]) == 1
    said = capsys.readouterr().out
    assert "of 7 tests pass" in said and "\nTestCheckers.test_" in said and "Next: Task 0.1, " in said


# -- submit


def test_submit_writes_what_the_test_suite_takes(finished, tmp_path, capsys):
    for junk in (".git/config", "__pycache__/a.pyc", "results/loss.png", "Data/big.gz", ".venv/x.py", "env/pyvenv.cfg"):
        (finished / junk).parent.mkdir(exist_ok=True)
        (finished / junk).touch()
    (finished / "report.md").write_text("what I found")
    assert main(["submit", str(finished)]) == 0
    archive = tmp_path / "solution-part0.zip"
    assert str(archive) in capsys.readouterr().out
    names = set(zipfile.ZipFile(archive).namelist())
    assert {"Generator/pattern.py", "Generator/generator.py", "Generator/Labels.json", "report.md"} <= names
    assert not [name for name in names if re.search(r"git|pyc|results|Data|Sample_data|env", name)]
    assert main(["grade", str(archive), "TestCheckers"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["solution", "solution-part0.zip"]


def test_submit_replaces_an_earlier_archive_all_at_once(finished, tmp_path, monkeypatch):
    archive = tmp_path / "solution-part0.zip"
    main(["submit", str(finished)])
    first = archive.read_bytes()
    (finished / "report.md").write_text("more")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert main(["submit", str(finished)]) == 130
    assert archive.read_bytes() == first
    assert main(["submit", str(finished)]) == 0
    assert "report.md" in zipfile.ZipFile(archive).namelist()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda f: (f / "Generator/generator.py").unlink(), "Generator/generator.py is missing"),
        (
            lambda f: (f / "Generator/pattern.py").write_text("def (:"),
            "Generator/pattern.py is no Python: invalid syntax, line 1",
        ),
        (lambda f: (f / "helper.py").write_text("x ="), "helper.py is no Python: invalid syntax, line 1"),
        (lambda f: shutil.copy(f / "Generator/pattern.py", f), "Generator/pattern.py is there once more: pattern.py"),
        (
            lambda f: (f / "mine.py").write_text("class Circle: ..."),
            "class Circle belongs in Generator/pattern.py alone",
        ),
        (
            lambda f: (f / "Generator/pattern.py").write_text("class Checker: ..."),
            "Generator/pattern.py, class Checker",
        ),
    ],
)
def test_submit_of_an_incomplete_folder(spoil, told, finished, tmp_path, capsys):
    spoil(finished)
    assert main(["submit", str(finished)]) == 1
    captured = capsys.readouterr()
    assert told in captured.err and captured.err.endswith("is not complete; --incomplete packs it as it is\n")
    assert not list(tmp_path.glob("*.zip"))
    assert main(["submit", str(finished), "--incomplete"]) == 0
    assert len(list(tmp_path.glob("*.zip"))) == 1


def test_submit_of_a_skeleton_lists_what_is_left(folder, capsys):
    start(1, folder)
    assert main(["submit", str(folder)]) == 1
    assert re.search(r"Layers/ReLU.py, line \d+: ReLU.forward is not yet written\n", capsys.readouterr().err)


def test_an_earlier_part_can_be_handed_in_when_a_later_one_is_begun(finished, tmp_path, capsys):
    start(1, finished)
    assert main(["submit", str(finished)]) == 1
    assert main(["submit", str(finished), "--part", "0"]) == 0
    assert [path.name for path in tmp_path.glob("*.zip")] == ["solution-part0.zip"]
    assert main(["submit", str(finished), "--part", "2"]) == 1


def test_submit_is_content_with_a_plain_solution_of_the_whole_course(folder):
    for path in (LIBRARY / "tests/mutation/reference").iterdir():
        place = folder / path.name.removesuffix(".reference.py").replace(".", "/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place.with_suffix(".py"))
    for part in (0, 3):
        added, by_hand = start(part, folder)
        assert by_hand == [] and "NeuralNetwork.py" not in added
    assert main(["submit", str(folder)]) == 0


# -- show


def test_show_lists_the_pictures(capsys):
    assert main(["show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == show.names()
    assert all(line.endswith((".", "?", "!")) for line in lines)


def test_show_writes_a_file(tmp_path):
    assert main(["show", "course_map", "--output", str(tmp_path / "new" / "map.png")]) == 0
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["map.png"]
    assert (tmp_path / "new" / "map.png").read_bytes().startswith(b"\x89PNG")


def test_show_without_a_screen_is_one_clear_line(capsys, monkeypatch):
    from matplotlib import pyplot

    pyplot.switch_backend("Agg")
    assert main(["show", "course_map"]) == 2
    assert capsys.readouterr().err == "show: no window can be opened here; --output course_map.png writes a file\n"
    pyplot.close("all")
