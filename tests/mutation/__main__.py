"""The command line: `python -m tests.mutation [mistakes] [operators] [variants] [--only WORD] …`."""

import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # several programs run side by side

from Foundation.CommandLine import Parser
from Foundation.Parallel import thread_count
from tests.mutation import operators, report
from tests.mutation.workplace import Workplace

QUESTIONS = {
    "mistakes": report.mistakes,
    "operators": report.operators,
    "variants": report.variants,
}


def main(arguments: list[str] | None = None) -> int:
    """Ask the questions, print the tables; 0 where all bars are held."""
    parser = Parser(prog="python -m tests.mutation", description="Plant mistakes, run the suite.")
    parser.add_argument("questions", nargs="*", choices=[*QUESTIONS, []], help="what to ask (all)")
    parser.add_argument("--only", default="", metavar="WORD", help="only what has this word in its name or file")
    parser.add_argument("--show", action="store_true", help="print the messages of the suite too")
    parser.add_argument("--processes", type=int, default=thread_count(), help="how many run at a time")
    parser.add_argument("--seconds", type=float, default=10, help="of computing, after which a program is stopped")
    parser.add_argument("--bar", type=float, default=operators.BAR, help="share of changes that has to be caught")
    options = parser.parse_args(arguments)
    with Workplace(options.processes, options.seconds) as workplace:
        held = [QUESTIONS[question](workplace, options) for question in options.questions or QUESTIONS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
