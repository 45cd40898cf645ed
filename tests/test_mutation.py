"""The script that plants mistakes: its lists fit the sources, and it tells a caught mistake from a missed one."""

import argparse
import ast
import subprocess
import sys

import pytest

from tests.mutation import operators, report
from tests.mutation.classes import classes_of
from tests.mutation.mistakes import MISTAKES
from tests.mutation.variants import VARIANTS
from tests.mutation.workplace import ROOT, Outcome, changed, sources

pytestmark = pytest.mark.newest

ALL_MISTAKES = [item for items in MISTAKES.values() for item in items]


def mutation(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "tests.mutation", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize("item", ALL_MISTAKES, ids=lambda item: f"{item.program}: {item.name}")
def test_a_mistake_can_be_planted(item):
    file, text = changed(item.program, item.file, item.replace)
    ast.parse(text)
    assert text != sources(item.program)[file]
    assert classes_of(file)


@pytest.mark.parametrize("item", VARIANTS, ids=lambda item: item.name)
def test_a_right_solution_can_be_written(item):
    for _, text in item.changes():
        if text is not None:
            ast.parse(text)


def test_text_that_is_not_there_is_an_error():
    with pytest.raises(ValueError, match="expected once, found 0 times"):
        changed("reference", "Layers/ReLU.py", {"no such text": ""})


def test_every_change_has_a_name_of_its_own():
    names = [mutant.name for mutant in operators.population()]
    assert len(names) == len(set(names))
    assert operators.equivalent().keys() <= set(names), "equivalent.txt lists changes that there are no more"
    assert all(operators.equivalent().values()), "equivalent.txt owes a reason"


def test_operators_constants_conditions_and_statements_are_changed():
    text = """'Documentation.'
def f(x: int = 2):
    if x > 1:
        raise ValueError("1 + 1")
    y -= -x
    return y
"""
    changes = [
        mutant.name.removeprefix("reference: file.py: ") for mutant in operators.mutants("reference", "file.py", text)
    ]
    assert changes == [
        "def f(x: int=2):  →  def f(x: int=3):",
        "y -= -x  →  pass",
        "y -= -x  →  y = -x",
        "y -= -x  →  y += -x",
        "y -= -x  →  y -= +x",
        "return y  →  pass",
    ]


def test_a_mistake_is_caught():
    done = mutation("mistakes", "--only", "negative inputs the error passes everywhere")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-2].split()[-3:] == ["1", "1", "1"]


def test_a_change_of_what_the_command_line_itself_loads_from_is_seen():
    done = mutation("operators", "--only", "Foundation/Moments.py: first = x[")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 changes planted, 1 caught" in done.stdout


ENDLESS = """
from tests.mutation.workplace import Job, Workplace, changed

class Watched(Workplace):
    @staticmethod
    def _finish(*details):
        outcome = Workplace._finish(*details)
        print("stopped", outcome.stopped)
        return outcome

head = "    def forward(self, input_tensor):\\n"
endless = changed("reference", "Layers/ReLU.py", {head: head + "        while True:\\n            pass\\n"})
with Watched(2, seconds=2) as workplace:
    for _, outcome in workplace.run([Job("reference", (endless,), ("TestReLU",), stop_early=True)]):
        print("caught", outcome.caught)
"""


def test_a_program_without_end_is_stopped_twice_before_it_counts_as_caught():
    done = subprocess.run(
        [sys.executable, "-c", ENDLESS], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout.splitlines() == ["stopped True", "stopped True", "caught True"], done.stderr


class FixedOutcome:
    """A workplace in which every job ends alike."""

    def __init__(self, *failed):
        self.outcome = Outcome(failed, "")

    def run(self, jobs, patience=1):
        return ((job, self.outcome) for job in jobs)


@pytest.mark.parametrize(
    ("question", "failed"),
    [(report.mistakes, ()), (report.operators, ()), (report.variants, ("TestReLU.test_forward",))],
)
def test_a_bar_that_is_not_held_fails(question, failed):
    options = argparse.Namespace(only="", show=False, bar=operators.BAR)
    assert not question(FixedOutcome(*failed), options)


def test_what_changes_nothing_is_no_gap():
    class OnlyEquivalentSurvive:
        def run(self, jobs, patience=1):
            for job in jobs:
                yield job, Outcome(() if job.about.name in operators.equivalent() else ("TestReLU.test_forward",), "")

    assert report.operators(OnlyEquivalentSurvive(), argparse.Namespace(only="", bar=1.0))


@pytest.mark.parametrize("question", [report.mistakes, report.operators, report.variants])
def test_no_answer_is_no_success(question):
    assert not question(FixedOutcome(), argparse.Namespace(only="no such name", show=False, bar=operators.BAR))


UNTIL = """
from tests.mutation.workplace import Job, Workplace, changed

wrong = changed("reference", "Layers/ReLU.py", {"np.maximum(0, input_tensor)": "np.abs(input_tensor)"})
with Workplace(1) as workplace:
    for said in ("", "np.maximum(0, x)"):
        for _, outcome in workplace.run([Job("reference", (wrong,), ("TestReLU",), until=said)]):
            print(len(outcome.failed), "np.maximum(0, x)" in outcome.messages)
"""


def test_no_more_tests_are_run_once_a_message_has_led_to_the_mistake():
    done = subprocess.run(
        [sys.executable, "-c", UNTIL], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    (every, found), (some, found_early) = (line.split() for line in done.stdout.splitlines())
    assert int(every) > int(some), done.stderr
    assert (found, found_early) == ("True", "True")
