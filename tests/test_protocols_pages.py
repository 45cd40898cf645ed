"""The pages of the course are complete: nothing that a test asks for is left unsaid, and what they say is true."""

import ast
import doctest
import importlib
import inspect
import re
import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import NeuralNetworkTests as suite
from Layers import Helpers
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Protocols import course, show, skeleton, tasks

pytestmark = pytest.mark.newest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "Protocols"
PARTS = sorted(course.WRITTEN)
PAGES = {part: FOLDER / f"part{part}.md" for part in PARTS}
MARKDOWN = sorted(FOLDER.glob("*.md"))
HEADINGS = ["Why", "The mathematics", "Specification", "Test", "Pitfalls", "Go further", "Source"]

#: These train a network first; all others are drawn here.
SLOW = {"batch_normalization_training", "dropout", "feature_maps", "regularized_networks"}


def read(path):
    return path.read_text(encoding="utf-8")


def prose(text):
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M)


@cache
def code(text):
    """What stands in backticks and in blocks of code."""
    blocks = re.findall(r"^```(?:python|sh)?\n(.*?)^```$", text, re.S | re.M)
    return "\n".join(blocks + re.findall(r"`([^`\n]+)`", prose(text)))


def says(text, name):
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)


def task_texts(part):
    """The section of each task of a page, by test class."""
    sections = re.split(r"^## (?=Task )", read(PAGES[part]), flags=re.M)[1:]
    return {
        test: section
        for section in sections
        for test in re.findall(r"^python NeuralNetworkTests\.py (Test\w+)$", section, re.M)
    }


# -- form


@pytest.mark.parametrize("part", PARTS)
def test_every_task_has_its_place(part):
    """Each test class of the part is named by exactly one task, in the order and with the numbers of the test suite."""
    entries = [entry for entry in suite.TASKS if entry.part == part]
    found = [(section.number, section.tests) for section in tasks.sections(PAGES[part])]
    assert found == [(suite.number(entry), [entry.test]) for entry in entries]


@pytest.mark.parametrize("part", PARTS)
def test_every_page_has_the_same_form(part):
    text = read(PAGES[part])
    assert re.match(rf"# Part {part}: \S", text)
    for section in re.split(r"^## (?=Task )", text, flags=re.M)[1:]:
        title, body = section.split("\n", 1)
        assert body.startswith("\n**Files**"), title
        assert re.findall(r"^### (.+)$", body.split("\n## ")[0], re.M) == HEADINGS, title


@pytest.mark.parametrize("part", PARTS)
def test_a_page_ends_where_the_next_begins(part):
    page = f"part{part + 1}.md" if part + 1 in PARTS else "beyond.md"
    assert re.fullmatch(rf"\*\*Next\*\*: \[.+\]\({page}\)", read(PAGES[part]).splitlines()[-1])


@pytest.mark.parametrize("part", PARTS)
def test_the_table_of_a_page_names_its_tasks(part):
    table = read(PAGES[part]).split("\n## ")[0]
    for entry in suite.TASKS:
        if entry.part == part:
            (row,) = (row for row in table.splitlines() if row.startswith(f"| [{suite.number(entry)}]("))
            assert f"`{entry.test}`" in row


def test_the_first_page_has_a_place_for_every_task():
    text = read(FOLDER / "README.md")
    timetable = text.split("## A timetable")[1]
    planned = re.findall(
        r"\d\.\d+",
        " ".join(row.split("|")[2] for row in timetable.splitlines() if row[:3] != "| w" and row[:2] == "| "),
    )
    assert planned == [suite.number(entry) for entry in suite.TASKS]
    for part in PARTS:
        (row,) = (row for row in text.splitlines() if row.startswith(f"| [{part}](part{part}.md) |"))
        assert row.split("|")[3].strip() == str(sum(entry.part == part for entry in suite.TASKS))


# -- what the pages say is true


@pytest.mark.parametrize("part", PARTS)
def test_examples(part, monkeypatch):
    monkeypatch.chdir(ROOT)
    failed, tried = doctest.testfile(
        str(PAGES[part]), module_relative=False, encoding="utf-8", optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert failed == 0
    assert tried >= len([entry for entry in suite.TASKS if entry.part == part])


def test_examples_take_numpys_numbers_for_plain_ones(monkeypatch):
    """A student's loss is what `np.sum` returns, which shows its type; the examples come out all the same."""
    for cls in (CrossEntropyLoss, NeuralNetwork):
        forward = cls.forward
        monkeypatch.setattr(
            cls, "forward", lambda self, *given, forward=forward, **more: np.float64(forward(self, *given, **more))
        )
    test_examples(1, monkeypatch)


@pytest.mark.parametrize("part", PARTS)
def test_every_block_of_python_is_executed(part):
    for block in re.findall(r"^```python\n(.*?)^```$", read(PAGES[part]), re.S | re.M):
        if not doctest.DocTestParser().get_examples(block):
            # The only other kind shows how a class is made; the skeleton is made like that too.
            written = "".join(skeleton.module_text(file, (part,)) for file in course.WRITTEN[part])
            assert f"def __init__(self, {block.strip().partition('(')[2]}:" in written, block


@pytest.mark.parametrize("part", PARTS)
def test_every_task_has_an_example(part):
    for test, section in task_texts(part).items():
        assert doctest.DocTestParser().get_examples(section), test


@pytest.mark.parametrize("part", PARTS)
def test_examples_use_no_class_of_a_later_task(part):
    """The examples run from the top of a page down to the task that is being written."""
    number = {entry.test: place for place, entry in enumerate(suite.TASKS)}
    task_of: dict[str, int] = {}
    for entry in suite.TASKS:
        for name in (name for file in entry.files for name in course.WRITTEN[entry.part].get(file, {}) if name):
            task_of.setdefault(name, number[entry.test])
    for test, section in task_texts(part).items():
        examples = "".join(example.source for example in doctest.DocTestParser().get_examples(section))
        used = set(re.findall(r"\b(\w+)\(", examples))
        later = sorted(name for name in used if task_of.get(name, -1) > number[test])
        assert not later, test


def anchors(path):
    """The anchors of a page's headings, as code hosts make them."""
    found = []
    for heading in re.findall(r"^#+ (.+)$", prose(read(path)), re.M):
        words = re.sub(r"[^\w\- ]", "", heading.lower().replace("`", ""))
        found.append(words.replace(" ", "-"))
    return found


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.stem)
def test_every_link_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(read(path))):
        if not re.match(r"https?:", target):
            file, _, anchor = target.partition("#")
            assert (path.parent / file).exists(), target
            assert not anchor or anchor in anchors(path.parent / file if file else path), target


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.stem)
def test_every_command_and_file_that_is_named_exists(path):
    spoken = code(read(path))
    for name in re.findall(r"python -m Protocols show (\w+)", spoken):
        assert name == "NAME" or name in show.names(), name
    for name in re.findall(r"python NeuralNetworkTests\.py (Test\w+)", spoken):
        assert name in {entry.test for entry in suite.TASKS}
    for name in re.findall(r"(?<![\w/.])((?:Layers|Optimization|Generator|Models|Protocols)/[\w/]+\.\w+)", spoken):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.stem)
def test_formulas_have_both_their_ends(path):
    text = re.sub(r"`[^`\n]+`", "", prose(read(path)))
    for paragraph in text.split("\n\n"):
        assert paragraph.replace(r"\$", "").count("$") % 2 == 0, paragraph
    for formula in re.findall(r"^```math\n(.*?)^```$", read(path), re.S | re.M):
        assert formula.count("{") == formula.count("}")
        assert formula.count(r"\begin{") == formula.count(r"\end{")


# -- completeness


def asked(part):
    """What the part asks of each file: names of classes, functions, arguments and members."""
    for file in course.WRITTEN[part]:
        for name, members in course.members(file, (part,)).items():
            cls = skeleton.library_class(file, name) if name else None
            names = set() if name == "" else {name}
            for member in members.values():
                names |= {member.name} - {"__init__"}
                if cls is None:
                    names |= set(member.arguments or ())
                elif not skeleton.is_attribute(cls, member):
                    names |= {text.split("=")[0] for text in skeleton.signature(cls, member)}
            for parameter in getattr(cls, "parameter_names", ()) if "__init__" in members else ():
                if parameter in ("weights", "bias"):
                    names |= {parameter, f"gradient_{parameter}"}
            yield file, name, names


@pytest.mark.parametrize("part", PARTS)
def test_everything_of_the_contract_stands_in_a_task(part):
    """Every class, argument, method and attribute stands in backticks in a task that names its file."""
    sections = task_texts(part)
    unsaid = []
    for file, owner, names in asked(part):
        tests = [entry.test for entry in suite.TASKS if entry.part == part and file in entry.files]
        spoken = "\n".join(code(sections[test]) for test in tests)
        unsaid += [f"{file}: {owner}.{name}" for name in sorted(names) if not says(spoken, name)]
    assert not unsaid


@pytest.mark.parametrize("part", PARTS)
def test_defaults_stand_in_a_task(part):
    """An argument that may be left out stands in one line with its default value."""
    lines = read(PAGES[part]).splitlines()
    for file in course.WRITTEN[part]:
        for name, members in course.members(file, (part,)).items():
            if name and "__init__" in members:
                for argument in skeleton.signature(skeleton.library_class(file, name), members["__init__"]):
                    default = argument.partition("=")[2]
                    if default and default != "None":
                        said = [line for line in lines if says(line, argument.split("=")[0])]
                        assert any(says(line, default) for line in said), argument


def test_what_is_handed_out_stands_on_a_page():
    spoken = code(task_texts(1)["TestHelpers"])
    for name, value in vars(Helpers).items():
        if name[0] == "_" or getattr(value, "__module__", None) != Helpers.__name__:
            continue
        public = [member for member in vars(value) if member[0] != "_"] if inspect.isclass(value) else []
        for word in (name, *inspect.signature(value).parameters, *public):
            assert says(spoken, word), f"{name}: {word}"


def library_names(entry):
    """The public names of what the library has in the files of a task."""
    names = set()
    for file in entry.files:
        module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
        for cls in vars(module).values():
            if inspect.isclass(cls) and cls.__module__ == module.__name__:
                names |= set(dir(cls))
                for source in (parent for parent in cls.__mro__ if parent is not object):
                    names |= set(re.findall(r"self\.(\w+)(?:: [\w\[\], |.]+)? = ", inspect.getsource(source)))
    return {name for name in names if name[0] != "_"}


@cache
def classes_of_the_suite():
    return {node.name: node for node in ast.parse(inspect.getsource(suite)).body if isinstance(node, ast.ClassDef)}


def touched_by(name):
    """The attributes of other objects that a class of the test suite touches."""
    for node in ast.walk(classes_of_the_suite()[name]) if name in classes_of_the_suite() else ():
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) != "self":
            yield node.attr


@pytest.mark.parametrize("entry", suite.TASKS, ids=lambda entry: entry.test)
def test_no_test_asks_for_what_isnt_said(entry):
    """Every attribute of the library's that the tests of a task touch stands on its page or on an earlier one."""
    spoken = "\n".join(code(read(PAGES[part])) for part in PARTS if part <= entry.part)
    touched = set().union(*(touched_by(cls.__name__) for cls in getattr(suite, entry.test).__mro__))
    demanded = (touched & library_names(entry)) - set(dir(str))
    unsaid = sorted(name for name in demanded if not says(spoken, name))
    assert not unsaid


# -- pictures


def test_every_picture_is_a_figure_of_a_page():
    figures = {path.stem for path in show.FIGURES.iterdir()}
    embedded = {
        Path(name).stem for path in MARKDOWN for name in re.findall(r"!\[[^\]]+\]\((figures/[^)]+)\)", read(path))
    }
    assert figures == set(show.names()) == embedded


@pytest.mark.parametrize("path", sorted(show.FIGURES.glob("*")), ids=lambda path: path.stem)
def test_figures_are_small(path):
    from PIL import Image

    assert path.stat().st_size <= 60_000
    with Image.open(path) as image:
        assert image.width <= 1000


@pytest.mark.parametrize("name", sorted(SLOW))
def test_pictures_of_long_trainings_are_drawn_of_short_ones_too(name, monkeypatch):
    train = NeuralNetwork.train
    monkeypatch.setattr(NeuralNetwork, "train", lambda net, iterations: train(net, 1))
    assert show.draw(name).get_axes()


@pytest.mark.parametrize("name", [name for name in show.names() if name not in SLOW])
def test_pictures_are_drawn(name):
    from matplotlib.figure import Figure

    state, began = str(np.random.get_state()), time.perf_counter()
    figure = show.draw(name)
    assert isinstance(figure, Figure) and figure.get_axes()
    assert time.perf_counter() - began < 20
    assert show.description(name).endswith((".", "?"))
    if str(np.random.get_state()) != state:  # layers begin with random weights; a picture has seeds of its own
        assert show.png(figure) == show.png(show.draw(name))
