"""The files that a teacher keeps: a table of marks, and a report of each submission for Gradescope."""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import NeuralNetworkTests as suite
from Protocols.grading.names import cell, printable, row_name
from Protocols.grading.submissions import Submission


class Graded(NamedTuple):
    """A submission, what became of its tasks, and what kept it from being tested."""

    submission: Submission
    outcomes: list[suite.Outcome]
    problem: str = ""

    @property
    def remark(self) -> str:
        """What the table says of it beside the points: what was out of the ordinary."""
        reasons: dict[str, list[str]] = {}
        for outcome in self.outcomes:
            if outcome.ended:
                reasons.setdefault(outcome.ended, []).append(outcome.entry.test)
        stopped = [f"{', '.join(tasks)}: {reason}" for reason, tasks in reasons.items()]
        return ". ".join(filter(None, [self.problem, *self.submission.remarks, *stopped]))


class Partial(suite.Outcome):
    """What became of a task where each of its tests earns a share of the points."""

    @property
    def points(self) -> float:
        """The share of the tests that passed; none where only some were asked for."""
        return round(self.entry.points * self.passed / len(self.results), 2) if self.whole else 0.0


#: Columns of the table of marks that the teacher fills.
FOR_THE_TEACHER = ("late", "bonus")


class Table:
    """A table of marks: one line for each submission, which may be there from an earlier run.

    Args:
        chosen: the tests of each task that are asked for.
    """

    def __init__(self, chosen: Mapping[str, Sequence[str]]) -> None:
        self._asked = [entry for entry in suite.TASKS if entry.test in chosen]
        self._parts = list(dict.fromkeys(entry.part for entry in self._asked))
        tasks = [entry.test for entry in self._asked]
        self._head = ["submission", *(f"Part {part}" for part in self._parts), *tasks, *FOR_THE_TEACHER, "remark"]
        self._rows: dict[str, list[str]] = {}

    def __contains__(self, submission: Submission) -> bool:
        return row_name(submission.name) in self._rows

    def add(self, graded: Graded) -> None:
        """The percentage of each part, the points of each task, and what went wrong."""
        reached = suite.percentages(graded.outcomes)
        points = {outcome.entry.test: outcome.points for outcome in graded.outcomes}
        numbers = [*(reached.get(part, 0) for part in self._parts), *(points.get(e.test, 0) for e in self._asked)]
        key = row_name(graded.submission.name)
        filled = self._rows.get(key, [""] * len(self._head))[-1 - len(FOR_THE_TEACHER) : -1]
        self._rows[key] = [key, *(f"{number:g}" for number in numbers), *filled, cell(graded.remark)]

    def read(self, path: str) -> None:
        """Take over the lines of an earlier run; raises ValueError where they are of another kind."""
        try:
            with open(path, encoding="utf-8", newline="") as file:
                rows = list(csv.reader(file, strict=True))
        except FileNotFoundError:
            return
        except (OSError, UnicodeError, csv.Error) as error:
            raise ValueError(f"{path} can't be read: {error}") from None
        if not rows or rows[0] != self._head or any(len(row) != len(self._head) for row in rows):
            raise ValueError(f"{path} is a table of other tasks; name another --csv, or grade without --resume")
        self._rows.update((row[0], row) for row in rows[1:])

    def text(self) -> str:
        """The table as CSV."""
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows([self._head, *self._rows.values()])
        return file.getvalue()


def as_json(graded: Graded, seconds: float, box: str) -> dict[str, Any]:
    """The results in the form that Gradescope reads (results.json); what is ours stands in `extra_data`."""
    said = [graded.problem or suite.summary(graded.outcomes), *graded.submission.remarks]
    return {
        "score": round(sum(outcome.points for outcome in graded.outcomes), 2),
        "execution_time": round(seconds),
        "output": "\n".join(said),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"submission": printable(graded.submission.name, 200), "box": box},
        "tests": [
            {
                "name": f"{outcome.entry.title} ({outcome.entry.test})",
                "number": suite.number(outcome.entry),
                "score": outcome.points,
                "max_score": outcome.entry.points,
                "status": "passed" if outcome.done else "failed",
                "output": suite.details(outcome) or "All tests passed.",
                "extra_data": {
                    "test_class": outcome.entry.test,
                    "passed": outcome.passed,
                    "total": len(outcome.results),
                    "not_yet": bool(outcome.not_yet),
                    "tests": {name: result.status for name, result in outcome.results.items()},
                },
            }
            for outcome in graded.outcomes
        ],
    }


def write_atomically(path: str, text: str) -> None:
    """Write a file so that nobody ever sees half of it; a device or a pipe is written into and stays."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    special = os.path.exists(path) and not os.path.isfile(path)
    target = path if special else f"{path}.part"
    try:
        with open(target, "w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
        if not special:
            os.replace(target, path)
    except BaseException:
        if not special and os.path.exists(target):
            os.remove(target)
        raise
