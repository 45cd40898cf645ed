"""Fresh questions to right solutions, drawn anew each time: every answer has to be accepted.

`python -m tests.grading.asked --times 200` asks the library, the reference and all right variants.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from Protocols.grading import boxes
from Protocols.grading.examination import QUESTIONS, Examination
from Protocols.grading.processes import Runner
from Protocols.grading.submissions import Submission
from tests.mutation.variants import VARIANTS
from tests.mutation.workplace import ROOT, sources


def write_program(folder: Path, program: str, changes: Sequence[tuple[str, str | None]] = ()) -> Path:
    """The library or the reference in a folder of its own, with some files changed or missing."""
    for file, text in {**sources(program), **dict(changes)}.items():
        if text is not None:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
    (folder / "Layers").mkdir(exist_ok=True)
    shutil.copyfile(ROOT / "Layers/Helpers.py", folder / "Layers/Helpers.py")  # it is handed out
    return folder


def wrong_answers(folder: Path, times: int, tests: Sequence[str] = (), sandbox: str = "auto") -> list[str]:
    """What is said of a solution's answers to every question, put so many times; nothing where all are right."""
    submission = Submission(str(folder), folder.name)
    submission.folder = str(folder)
    said = []
    with Examination(Runner(1, 60.0, boxes.choose(sandbox)), submission) as examination:
        for _ in range(times):
            for test in tests or QUESTIONS:
                said.append(f"{test}: {wrong}" if (wrong := examination.question(QUESTIONS[test]).wrong) else "")
    return list(filter(None, said))


def main() -> int:
    """The command line; 0 where no right answer was refused."""
    parser = argparse.ArgumentParser(prog="python -m tests.grading.asked", description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--only", default="", help="the variants whose name holds this")
    options = parser.parse_args()
    alarms = 0
    everybody = [("library", "library", (), ()), ("reference", "reference", (), ())]
    everybody += [(variant.name, variant.program, variant.changes(), variant.tests) for variant in VARIANTS]
    for name, program, changes, tests in everybody:
        if options.only not in name:
            continue
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as place:
            asked = [test for test in (task.partition(".")[0] for task in tests) if test in QUESTIONS]
            if not asked and tests:
                continue
            said = wrong_answers(write_program(Path(place), program, changes), options.times, asked)
        alarms += len(said)
        print(f"{time.monotonic() - began:7.1f} s  {len(said):4} alarms  {name}", *said[:3], sep="\n    ", flush=True)
    return 1 if alarms else 0


if __name__ == "__main__":
    sys.exit(main())
