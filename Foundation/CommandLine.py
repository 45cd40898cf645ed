"""What the library's commands have in common."""

import argparse
import io
import sys
from typing import NoReturn

INTERRUPTED = 130  # the exit status by which a shell knows that Ctrl-C ended a program


def print_whatever_comes() -> None:
    r"""From now on, what the terminal or the file behind `print` has no sign for is spelt, \u65e5, and no error.

    For programs alone: it changes the stream of the whole process.
    """
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line, and the exit status 2.

    >>> Parser(prog="python -m camera").error("expected a film")
    Traceback (most recent call last):
        ...
    SystemExit: 2
    """

    def error(self, message: str) -> NoReturn:
        """End the program with the message, which becomes one line whatever it was."""
        self.exit(2, f"{self.prog}: {' '.join(message.splitlines())} (--help explains)\n")
