"""`python -m Protocols grade`: one submission in full, or many with a line for each."""

import argparse
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Generator, Sequence

import NeuralNetworkTests as suite
from Foundation.CommandLine import INTERRUPTED, Parser
from Protocols.grading import submissions
from Protocols.grading.marks import Graded, as_csv, as_json, write_atomically
from Protocols.grading.processes import Runner


def _parser() -> Parser:
    parser = Parser(
        prog="python -m Protocols grade",
        description="Grade strangers' solutions of the course.",
        epilog="Exit status: 0 when everything asked for passed, 1 when not, 2 for a wrong command line.",
    )
    parser.add_argument(
        "names",
        nargs="+",
        metavar="SUBMISSION",
        help="folders or zip files, which stay unharmed; and tasks or tests such as TestConv, all if none is named",
    )
    parser.add_argument(
        "--part",
        type=int,
        action="append",
        default=[],
        choices=sorted(suite.PART_TITLES),
        help="all tasks of this part",
    )
    parser.add_argument("--points", action="store_true", help="of one submission: the table of points; so does Bonus")
    parser.add_argument("--json", metavar="FILE", help="write the results for Gradescope; several: FILE is a folder")
    parser.add_argument("--csv", metavar="FILE", help="write a table of points, one line for each submission")
    parser.add_argument(
        "--time-limit",
        type=suite.positive(float),
        default=suite.TIME_LIMIT,
        metavar="N",
        help="seconds for each task (%(default)s)",
    )
    parser.add_argument(
        "--jobs",
        type=suite.positive(int),
        default=suite.processors(),
        metavar="N",
        help="tasks at the same time (%(default)s)",
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command line: 0 where everything passed, 1 where not, 2 where the command line was wrong."""
    options = _parser().parse_intermixed_args(arguments)
    try:
        _read(options)
    except suite.WrongUsage as error:
        print(error, file=sys.stderr)
        return 2
    suite.warn_of_missing_packages()
    try:
        if len(options.solutions) > 1:
            graded = _grade_many(options)
        else:
            graded = [_grade_one(options.solutions[0], options)]
            if options.csv:
                write_atomically(options.csv, as_csv(graded, options.chosen))
    except KeyboardInterrupt:
        print("\nstopped; no task is running any more", file=sys.stderr)
        return INTERRUPTED
    return 0 if all(one.outcomes and all(o.done for o in one.outcomes) for one in graded) else 1


def _read(options: argparse.Namespace) -> None:
    """Find the submissions and the tests, and whether the files can be written: better now than after an hour."""
    options.solutions, words = submissions.find(options.names)
    options.points = options.points or "Bonus" in words
    options.tests = [word for word in words if word != "Bonus"]
    options.chosen = suite.choose(options.tests, options.part)
    if not options.solutions:
        raise suite.WrongUsage("expected a folder or a zip file to grade, got only the names of tasks")
    for path in filter(None, (options.json, options.csv)):
        try:
            os.makedirs(folder := os.path.dirname(os.path.abspath(path)), exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            raise suite.WrongUsage(f"cannot write {path}: {error}") from None


def outcomes_of(
    submission: submissions.Submission, options: argparse.Namespace
) -> Generator[suite.Outcome, None, None]:
    """Test one submission: what became of each task, as soon as it is known."""
    runner = Runner(options.jobs, options.time_limit)
    with tempfile.TemporaryDirectory(prefix="course-tests-", ignore_cleanup_errors=True) as place:
        submission.open(place)
        with contextlib.closing(runner.run(submission, options.chosen)) as tasks:
            yield from tasks


def _grade(submission: submissions.Submission, options: argparse.Namespace, silently: bool) -> Graded:
    """Test one submission, print what comes out where that is asked for, and write its report."""
    began = time.monotonic()
    try:
        outcomes = outcomes_of(submission, options)
        graded = Graded(submission, list(outcomes) if silently else suite.show(outcomes, options.points, options.tests))
    except Exception as error:  # a stranger's folder may be broken in any way; the next one is tested all the same
        graded = Graded(submission, [], suite.clean(f"cannot be tested: {str(error) or type(error).__name__}"))
    if options.json:
        several = len(options.solutions) > 1 or os.path.isdir(options.json)
        path = os.path.join(options.json, f"{submission.name}.json") if several else options.json
        report = as_json(graded.outcomes, time.monotonic() - began, graded.problem)
        write_atomically(path, json.dumps(report, indent=2) + "\n")
    return graded


def _grade_one(submission: submissions.Submission, options: argparse.Namespace) -> Graded:
    """One solution: a line for each task as soon as it is tested, then everything that failed."""
    print(f"Testing {submission.path}", flush=True)
    graded = _grade(submission, options, silently=False)
    if graded.problem:
        print(f"{submission.path}: {graded.problem}", file=sys.stderr)
    return graded


def _grade_many(options: argparse.Namespace) -> list[Graded]:
    """Many solutions: a line for each."""
    parts = [
        part for part in suite.PART_TITLES if any(e.part == part and e.test in options.chosen for e in suite.TASKS)
    ]
    width = max(len(submission.name) for submission in options.solutions) + 2
    print(" " * width + "".join(f"{f'Part {part}':>10}" for part in parts) + "     tasks passed", flush=True)
    graded: list[Graded] = []
    for submission in options.solutions:
        one = _grade(submission, options, silently=True)
        reached = suite.percentages(one.outcomes)
        line = suite.clean(submission.name).ljust(width) + "".join(f"{reached.get(part, 0):>8g} %" for part in parts)
        print(f"{line}     {one.problem or suite.summary(one.outcomes)}", flush=True)
        graded.append(one)
        if options.csv:  # after each, so that nothing is lost when this is stopped
            write_atomically(options.csv, as_csv(graded, options.chosen))
    return graded
