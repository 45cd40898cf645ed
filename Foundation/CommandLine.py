"""What the library's commands have in common."""

import argparse
from typing import NoReturn

INTERRUPTED = 130  # the exit status by which a shell knows that Ctrl-C ended a program


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
