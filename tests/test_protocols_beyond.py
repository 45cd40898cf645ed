"""The tests of *Beyond the course* pass right solutions, however they are written, and catch the usual mistakes."""

import doctest
import os
import re
import subprocess
import sys
import unittest
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from Protocols import beyond_tests
from tests import beyond_solutions
from tests.beyond_solutions import MISTAKES, SOLUTIONS

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "Protocols" / "beyond.md"
PLANTED = [(name, mistake) for name, mistakes in MISTAKES.items() for mistake in mistakes]


def failures(name, source, monkeypatch):
    """What the tests of a task say of a class that this source defines."""
    space = {}
    exec(compile(source, f"{name}.py", "exec"), space)
    monkeypatch.setitem(beyond_tests.CLASSES, name, space[name])
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(getattr(beyond_tests, f"Test{name}"))
    result = unittest.TestResult()
    with np.errstate(all="ignore"):
        suite.run(result)
    return [*result.failures, *result.errors]


@pytest.mark.parametrize(
    ("name", "style"), [(name, style) for name, styles in SOLUTIONS.items() for style in styles], ids="-".join
)
def test_right_solutions_pass(name, style, monkeypatch):
    failed = failures(name, SOLUTIONS[name][style], monkeypatch)
    assert not failed, failed[0][1]


@pytest.mark.parametrize(("name", "mistake"), PLANTED, ids=lambda value: value)
def test_mistakes_are_caught(name, mistake, monkeypatch):
    (source, *_) = SOLUTIONS[name].values()
    changes = MISTAKES[name][mistake]
    for right, wrong in zip(changes[::2], changes[1::2], strict=True):
        assert right in source, "the place where the mistake is planted has gone"
        source = source.replace(right, wrong)
    assert failures(name, source, monkeypatch)


@pytest.mark.parametrize("name", SOLUTIONS)
def test_each_task_has_two_styles_and_eight_mistakes(name):
    assert len(SOLUTIONS[name]) >= 2
    assert len(MISTAKES[name]) >= 8


@pytest.mark.parametrize(("name", "module"), [found for found in beyond_tests.MODULES.items() if find_spec(found[1])])
def test_the_librarys_own_classes_pass(name, module, monkeypatch):
    failed = failures(name, f"from {module} import {name}", monkeypatch)
    assert not failed, failed[0][1]


def folder_with(tmp_path, names):
    for name in names:
        file = tmp_path / (beyond_tests.MODULES[name].replace(".", "/") + ".py")
        file.parent.mkdir(exist_ok=True)
        file.write_text(next(iter(SOLUTIONS[name].values())).replace("from Layers.Base import BaseLayer\n", ""))
        if "(BaseLayer)" in file.read_text():
            file.write_text("class BaseLayer:\n    pass\n\n\n" + file.read_text())
    return tmp_path


@pytest.mark.parametrize(("names", "status"), [(["GRU", "Residual", "AdamW"], 0), (["GRU", "AdamW"], 1)])
def test_one_command_tests_a_folder(names, status, tmp_path):
    command = [sys.executable, str(ROOT / "Protocols" / "beyond_tests.py"), str(folder_with(tmp_path, names))]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == status, done.stderr
    only = subprocess.run([*command, "TestGRU"], capture_output=True, text=True, cwd=tmp_path)
    assert only.returncode == 0 and "Ran 9 tests" in only.stderr, only.stderr


@pytest.mark.parametrize(
    ("names", "said"),
    [([], "expected a folder, and names"), (["nowhere"], "expected a folder with Layers in it, got nowhere")],
)
def test_a_command_without_a_folder_says_what_it_needs(names, said):
    command = [sys.executable, str(ROOT / "Protocols" / "beyond_tests.py"), *names]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 1
    assert said in done.stderr and done.stderr.count("\n") == 1


def test_what_is_not_yet_written_is_called_so(tmp_path):
    (tmp_path / "Layers").mkdir()
    command = [sys.executable, str(ROOT / "Protocols" / "beyond_tests.py"), str(tmp_path), "TestGRU"]
    said = subprocess.run(command, capture_output=True, text=True).stderr
    assert "not yet written: GRU in Layers/GRU.py" in said and "ModuleNotFoundError" not in said


# -- the page


def sections():
    return re.split(r"^## (?=Task )", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]


def test_the_page_has_the_form_of_the_others_and_a_task_for_each_class():
    from tests.test_protocols_pages import HEADINGS

    assert PAGE.read_text(encoding="utf-8").startswith("# Beyond the course")
    for section, name in zip(sections(), SOLUTIONS, strict=True):
        title, body = section.split("\n", 1)
        assert body.startswith("\n**Files**"), title
        assert re.findall(r"^### (.+)$", body, re.M)[: len(HEADINGS)] == HEADINGS, title
        assert f"python Protocols/beyond_tests.py my_solution Test{name}\n" in section


def test_the_examples_of_the_page_come_out():
    failed, tried = doctest.testfile(
        str(PAGE), module_relative=False, encoding="utf-8", optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert failed == 0 and tried >= 3


@pytest.mark.parametrize("name", SOLUTIONS)
def test_what_the_tests_ask_for_stands_in_the_task(name):
    section = sections()[list(SOLUTIONS).index(name)]
    for asked in beyond_solutions.ASKED[name]:
        assert re.search(rf"`[^`\n]*\b{asked}\b", section), asked


def test_the_first_page_leads_to_it():
    assert "(beyond.md)" in (ROOT / "Protocols" / "README.md").read_text(encoding="utf-8")
