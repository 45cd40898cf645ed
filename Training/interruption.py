"""Ctrl-C as a wish: what is running comes to a good end, and only a second one breaks it off."""

import signal
import threading
from collections.abc import Callable
from typing import Any


def first_one_asks(ask: Callable[[], object], function: Callable[..., object], *arguments: Any) -> None:
    """Call a function during which the first Ctrl-C calls `ask`, and the second raises KeyboardInterrupt at once.

    Where signals don't come to Python's own handler (in another thread than the main one, or where a program has set a
    handler of its own), everything stays as it is.
    """
    usual = signal.default_int_handler
    ours = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is usual
    if not ours:
        function(*arguments)
        return

    def handle(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, usual)
        ask()

    try:
        signal.signal(signal.SIGINT, handle)
        function(*arguments)
    finally:
        try:
            signal.signal(signal.SIGINT, usual)
        except BaseException:  # the second one among them
            signal.signal(signal.SIGINT, usual)
            raise
