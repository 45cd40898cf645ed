"""`python -m Protocols grade`: one submission in full, or many with a line for each."""

import argparse
import contextlib
import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Generator, Sequence

import NeuralNetworkTests as suite
from Foundation.CommandLine import INTERRUPTED, Parser
from Protocols.grading import boxes, submissions
from Protocols.grading.examination import Examination
from Protocols.grading.marks import Graded, Table, as_json, write_atomically
from Protocols.grading.names import file_name, printable
from Protocols.grading.processes import Runner
from Protocols.grading.reports import as_html, as_text
from Protocols.grading.scratch import scratch_folder


def _parser() -> Parser:
    parser = Parser(
        prog="python -m Protocols grade",
        description="Grade strangers' solutions of the course.",
        epilog="Exit status: 0 when everything asked for passed, 1 when not, 2 for a wrong command line, "
        "3 where this tool failed on a submission or could not write a file.",
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
    parser.add_argument("--reports", metavar="FOLDER", help="write a report for each student, as text and as HTML")
    parser.add_argument("--partial", action="store_true", help="each test earns a share of its task's points")
    parser.add_argument("--resume", action="store_true", help="grade only what --csv has no line for yet")
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
    parser.add_argument(
        "--sandbox",
        default="auto",
        choices=["auto", "bubblewrap", "landlock", "none"],
        help="what each task runs in; auto is the strongest that works here",
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command line: 0 where everything passed, 1 where not, 2 where it was wrong, 3 where this tool failed."""
    options = _parser().parse_intermixed_args(arguments)
    try:
        _read(options)
    except (suite.WrongUsage, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    suite.warn_of_missing_packages()
    return Grading(options).run()


def _read(options: argparse.Namespace) -> None:
    """Find the submissions and the tests, and whether the files can be written: better now than after an hour."""
    options.solutions, words = submissions.find(options.names)
    options.points = options.points or "Bonus" in words
    options.tests = [word for word in words if word != "Bonus"]
    options.box = boxes.choose(options.sandbox)
    options.chosen = suite.choose(options.tests, options.part)
    options.table = Table(options.chosen)
    options.several = len(options.solutions) > 1
    if not options.solutions:
        raise suite.WrongUsage("expected a folder or an archive to grade, got only the names of tasks")
    if options.resume:
        if not options.csv:
            raise suite.WrongUsage("--resume goes on with a table of marks: name it with --csv")
        options.table.read(options.csv)
        options.solutions = [one for one in options.solutions if one not in options.table]
    reports = options.reports and os.path.join(options.reports, "report")
    for path in filter(None, (options.json, options.csv, reports)):
        try:
            os.makedirs(folder := os.path.dirname(os.path.abspath(path)), exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            raise suite.WrongUsage(f"cannot write {path}: {error}") from None


class Grading:
    """Grades one submission after the other, whatever becomes of each.

    Args:
        options: what the command line asks for.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.failed = False  # this tool, not a submission
        self.all_passed = True

    def run(self) -> int:
        """The exit status."""
        waiting = list(self.options.solutions)
        try:
            if self.options.several:
                self._head()
            while waiting:
                self._grade(waiting[0])
                del waiting[0]
        except (KeyboardInterrupt, SystemExit, BrokenPipeError) as stop:
            if isinstance(stop, BrokenPipeError):  # such as head, which has read enough
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            print("\nstopped; no task is running any more", file=sys.stderr)
            if self.options.several:
                names = ", ".join(printable(one.name) for one in waiting)
                print(f"not graded: {names}; --resume with --csv goes on there", file=sys.stderr)
            return INTERRUPTED if isinstance(stop, KeyboardInterrupt) else 1
        return 3 if self.failed else 0 if self.all_passed else 1

    def _grade(self, submission: submissions.Submission) -> None:
        """Test a submission, print what comes out, and write it down before the next begins."""
        began = time.monotonic()
        graded = self._tested(submission)
        self.all_passed &= bool(graded.outcomes) and all(outcome.done for outcome in graded.outcomes)
        if self.options.several:
            print(self._line(graded), flush=True)
        elif graded.problem:
            print(f"{printable(submission.path, 200)}: {graded.problem}", file=sys.stderr)
        else:
            print("".join(f"{remark}\n" for remark in submission.remarks), end="")
        self.options.table.add(graded)
        if self.options.json:
            folder = self.options.several or os.path.isdir(self.options.json)
            path = (
                os.path.join(self.options.json, f"{file_name(submission.name)}.json") if folder else self.options.json
            )
            self._write(
                path, json.dumps(as_json(graded, time.monotonic() - began, self.options.box.name), indent=2) + "\n"
            )
        if self.options.reports:
            path = os.path.join(self.options.reports, file_name(submission.name))
            self._write(f"{path}.txt", as_text(graded))
            self._write(f"{path}.html", as_html(graded))
        if self.options.csv:  # after each, so that nothing is lost when this is stopped
            self._write(self.options.csv, self.options.table.text())

    def _tested(self, submission: submissions.Submission) -> Graded:
        try:
            outcomes = outcomes_of(submission, self.options)
            if self.options.several:
                return Graded(submission, list(outcomes))
            print(f"Testing {printable(submission.path, 200)}", flush=True)
            return Graded(submission, suite.show(outcomes, self.options.points, bool(self.options.tests)))
        except BrokenPipeError:
            raise
        except ValueError as error:  # a stranger's folder may be broken in any way; the next one is tested all the same
            return Graded(submission, [], suite.clean(f"cannot be tested: {error}"))
        except Exception as error:
            self.failed = True
            name = printable(submission.name)
            print(f"{name}: this tool failed, please report it:\n{traceback.format_exc()}", file=sys.stderr)
            return Graded(submission, [], suite.clean(f"not tested: this tool failed, {type(error).__name__}: {error}"))

    def _write(self, path: str, text: str) -> None:
        try:
            write_atomically(path, text)
        except OSError as error:
            self.failed = True
            print(f"cannot write {path}: {error.strerror}", file=sys.stderr)

    def _head(self) -> None:
        width, parts = self._columns()
        print(
            " " * width
            + "".join(f"{f'Part {part}':>10}" for part in parts)
            + f"     tasks passed (in {self.options.box.called})",
            flush=True,
        )

    def _line(self, graded: Graded) -> str:
        width, parts = self._columns()
        reached = suite.percentages(graded.outcomes)
        name = printable(graded.submission.name).ljust(width)
        numbers = "".join(f"{reached.get(part, 0):>8g} %" for part in parts)
        return f"{name}{numbers}     {graded.problem or suite.summary(graded.outcomes)}"

    def _columns(self) -> tuple[int, list[int]]:
        asked = {entry.part for entry in suite.TASKS if entry.test in self.options.chosen}
        width = max((len(printable(one.name)) for one in self.options.solutions), default=0) + 2
        return width, [part for part in suite.PART_TITLES if part in asked]


def outcomes_of(
    submission: submissions.Submission, options: argparse.Namespace
) -> Generator[suite.Outcome, None, None]:
    """Test one submission: what became of each task, as soon as it is known."""
    runner = Runner(options.jobs, options.time_limit, options.box)
    with scratch_folder() as place:
        submission.open(place)
        with (
            Examination(runner, submission, options.partial) as examination,
            contextlib.closing(runner.run(submission, options.chosen)) as tasks,
        ):
            yield from map(examination.after, tasks)
