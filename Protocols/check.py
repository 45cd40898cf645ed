"""The tests that belong to a student's folder: what is done, and what comes next."""

import contextlib
import tempfile
import textwrap
from collections.abc import Sequence
from pathlib import Path

import NeuralNetworkTests as suite
from Protocols import tasks
from Protocols.grading.boxes import Box
from Protocols.grading.processes import Runner
from Protocols.grading.submissions import Submission
from Protocols.problems import Problem
from Protocols.start import begun, started

_TITLE = 2 + max(len(entry.title) for entry in suite.TASKS)


def check(folder: Path, names: Sequence[str]) -> bool:
    """Test the named tasks and parts, or what was begun; print what came out, of tasks in full; whether all passed."""
    asked = [entry for name in names for entry in tasks.named(name)]
    parts = started(folder)
    entries = asked or [entry for entry in suite.TASKS if entry.part in parts]
    outcomes = _run(folder, entries)
    in_full = 0 < len(asked) == len(names)
    for outcome in outcomes if in_full else ():
        if said := suite.details(outcome):
            print(f"\n{said}")
    print(f"\n{_what_comes_next(folder, outcomes, in_full)}")
    return all(outcome.done for outcome in outcomes)


def _run(folder: Path, entries: Sequence[suite.Entry]) -> list[suite.Outcome]:
    """Test the tasks, each in a process of its own, with a line for each."""
    outcomes: list[suite.Outcome] = []
    chosen = {entry.test: suite.names_of_tests(entry.test) for entry in entries}
    runner = Runner(suite.processors(), suite.TIME_LIMIT, Box())
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        try:
            submission = Submission(str(folder), folder.name).open(place)
        except ValueError as error:
            raise Problem(f"{folder} can't be tested: {error}") from None
        with contextlib.closing(runner.run(submission, chosen)) as results:
            for outcome in results:
                if not outcomes or outcomes[-1].entry.part != outcome.entry.part:
                    print(f"Part {outcome.entry.part}: {suite.PART_TITLES[outcome.entry.part]}")
                outcomes.append(outcome)
                print(_line(outcome), flush=True)
    return outcomes


def _line(outcome: suite.Outcome) -> str:
    entry = outcome.entry
    state = "done" if outcome.done else f"{outcome.passed} of {len(outcome.results)} tests pass"
    if not outcome.done and {result.status for result in outcome.results.values()} <= {"passed", "not yet"}:
        state = f"{state}, the rest is not yet written" if outcome.passed else "not yet written"
    return f"  {suite.number(entry):<6}{entry.title:<{_TITLE}}{entry.test:<22}{state}"


def _what_comes_next(folder: Path, outcomes: Sequence[suite.Outcome], asked: bool) -> str:
    """The first task that isn't done, with its first complaint; or what follows the last that was tested."""
    command = f"python -m Protocols check {folder}"
    for outcome in outcomes:
        if not outcome.done:
            where = f"Next: {tasks.describe(outcome.entry)}."
            if asked:
                return where
            return f"{where}\n{_first_complaint(outcome)}\n{command} {suite.number(outcome.entry)} says more."
    place = suite.TASKS.index(outcomes[-1].entry) + 1
    following = suite.TASKS[place] if place < len(suite.TASKS) else None
    if following is not None and following.part in begun(folder):
        return f"Done. Next: {tasks.describe(following)}: {command} {suite.number(following)}"
    if asked:
        return f"Done, and the last of its part: {command} shows whether all of it is done."
    if following is None:
        return "Everything is done: the library is yours."
    part = outcomes[-1].entry.part
    return (
        f"Part {part} is done: python -m Protocols submit {folder} packs it, "
        f"python -m Protocols start {following.part} {folder} begins the next."
    )


def _first_complaint(outcome: suite.Outcome) -> str:
    """The message of the first test that did not pass."""
    name, result = next((name, result) for name, result in outcome.results.items() if result.status != "passed")
    message = outcome.not_yet or f"{outcome.entry.test}.{name}: {result.message}"
    return textwrap.indent(message.strip(), "    ")
