"""After the tests of a task: a question that nobody has seen before, for whoever passed them."""

import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType

import NeuralNetworkTests as suite
from Protocols.grading import answering
from Protocols.grading.marks import Partial
from Protocols.grading.processes import Runner
from Protocols.grading.programs import write_program
from Protocols.grading.questions import part0, part1, part2, part3
from Protocols.grading.questions.asking import Question, Said, ask
from Protocols.grading.scratch import excess, scratch_folder
from Protocols.grading.student import PATIENCE, TOO_LATE, Student
from Protocols.grading.submissions import Submission, copy_code

#: The question of each task, by the name of its tests; the workbench and the base class are no numbers.
QUESTIONS: dict[str, Question] = {**part0.QUESTIONS, **part1.QUESTIONS, **part2.QUESTIONS, **part3.QUESTIONS}

#: The name under which a wrong answer stands among the results of a task's tests.
NAME = "fresh question"

#: Seconds for a question after one that was not answered in time.
IMPATIENCE = 5.0


class Examination:
    """Puts a fresh question for each task that has passed, to one process for all of them.

    Args:
        runner: starts and ends that process.
        submission: whose classes answer.
        partial: whether each test of a task earns a share of its points.
    """

    def __init__(self, runner: Runner, submission: Submission, partial: bool = False) -> None:
        self._runner, self._submission, self._partial = runner, submission, partial
        self._student: Student | None = None
        self._patience = PATIENCE
        self._excess: Callable[[], str] = str
        self._stack = ExitStack()

    def __enter__(self) -> "Examination":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def after(self, outcome: suite.Outcome) -> suite.Outcome:
        """The outcome of a task with what its fresh question has to say, where the answer is wrong."""
        question = QUESTIONS.get(outcome.entry.test)
        earned = Partial(*outcome) if self._partial else outcome
        if question is None or not outcome.whole or not (outcome.done or earned.points):
            return outcome
        said = self.question(question)
        if not said.wrong or (not outcome.done and said.right):
            return earned
        if not outcome.done:
            return outcome._replace(ended=suite.clean(f"no share of the points: a fresh question says {said.wrong}"))
        message = f"passes its tests, but a fresh question is answered wrongly: {said.wrong}"
        results = {**outcome.results, NAME: suite.Result("failed", suite.clean(message))}
        return outcome._replace(results=results, ended=suite.clean(message))

    def question(self, question: Question) -> Said:
        """Put a question: what is wrong with the answers, and how many were right before."""
        student = self._open()
        student.begin(self._patience)
        said = ask(student, question)
        said = said._replace(wrong=said.wrong or self._excess())
        if said.wrong:
            self._patience = IMPATIENCE if TOO_LATE in said.wrong else PATIENCE
            self._close()  # whatever is the matter with it, the next task begins afresh
        return said

    def _open(self) -> Student:
        if self._student is None:
            place = self._stack.enter_context(scratch_folder())
            folder = os.path.join(place, "code")
            copy_code(self._submission.folder, folder)
            program = write_program(answering.__file__, place)
            command = [
                sys.executable,
                "-B",
                "-u",
                program,
                folder,
                json.dumps([suite.CONTRACT_NAMES, sorted(suite.LIBRARIES)]),
            ]
            process = self._runner.start(command, place, folder, subprocess.PIPE, subprocess.DEVNULL)
            self._excess = functools.partial(excess, place, process.pid)
            self._student = Student(process, self._runner.end, self._excess)
        return self._student

    def _close(self) -> None:
        self._excess = str
        if self._student is not None:
            self._student.close()
            self._student = None
        self._stack.close()
