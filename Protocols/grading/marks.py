"""The files that a teacher keeps: a table of marks, and a report of each submission for Gradescope."""

import csv
import io
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import NeuralNetworkTests as suite
from Protocols.grading.submissions import Submission


class Graded(NamedTuple):
    """A submission, what became of its tasks, and what kept it from being tested."""

    submission: Submission
    outcomes: list[suite.Outcome]
    problem: str = ""


def as_csv(graded: Sequence[Graded], chosen: Mapping[str, Sequence[str]]) -> str:
    """One line for each submission: the percentage of each part, the points of each task, and what went wrong."""
    asked = [entry for entry in suite.TASKS if entry.test in chosen]
    parts = list(dict.fromkeys(entry.part for entry in asked))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["submission", *(f"Part {part}" for part in parts), *(e.test for e in asked), "remark"])
    for submission, outcomes, problem in graded:
        reached = suite.percentages(outcomes)
        points = {outcome.entry.test: outcome.points for outcome in outcomes}
        reasons: dict[str, list[str]] = {}
        for outcome in outcomes:
            if outcome.ended:
                reasons.setdefault(outcome.ended, []).append(outcome.entry.test)
        stopped = ". ".join(f"{', '.join(tasks)}: {reason}" for reason, tasks in reasons.items())
        numbers = [*(reached.get(part, 0) for part in parts), *(points.get(entry.test, 0) for entry in asked)]
        name = re.sub(r"^(?=[=+@-])", "'", submission.name)  # no spreadsheet is to take it for a formula
        writer.writerow([name, *(f"{number:g}" for number in numbers), problem or stopped])
    return file.getvalue()


def as_json(outcomes: Sequence[suite.Outcome], seconds: float, problem: str = "") -> dict[str, Any]:
    """The results in the form that Gradescope reads (results.json); what is ours stands in `extra_data`."""
    return {
        "score": sum(outcome.points for outcome in outcomes),
        "execution_time": round(seconds),
        "output": problem or suite.summary(outcomes),
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
            for outcome in outcomes
        ],
    }


def write_atomically(path: str, text: str) -> None:
    """Write a file so that nobody ever sees half of it."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(f"{path}.part", "w", encoding="utf-8", newline="") as file:
        file.write(text)
    os.replace(f"{path}.part", path)
