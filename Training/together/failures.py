"""One process that can't go on ends all of them, and says why; what goes wrong in all of them alike is said once."""

import atexit
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, NoReturn, TypeVar

from Training.together.exchange import Exchange

Result = TypeVar("Result")

_AGREEMENT = 1.0  # seconds, in which all others raise too what is wrong in all of them
_OF_THE_FIRST = 0.5  # seconds, by which the others speak later
_ON_ITS_WAY = 0.3  # seconds for the launcher to pass on what was said; what it hasn't when it hears of the end is lost

_exchanges: list[Exchange] = []


def watch(exchange: Exchange) -> None:
    """From now on an error that nobody catches ends all processes, and one that ends early is missed by the others."""
    if not _exchanges:
        sys.excepthook = _uncaught
        atexit.register(_leave)
    _exchanges.append(exchange)


def guarded(exchange: Exchange, function: Callable[..., Result], *arguments: Any) -> Result:
    """What a function gives in which messages are exchanged.

    An error that all processes raise is raised; one that is raised here alone ends all of them, since the others wait
    for a message that will never come.
    """
    try:
        return function(*arguments)
    except BaseException as error:
        if not exchange.all_within(_AGREEMENT):
            end_all(exchange, "".join(traceback.format_exception(error)))
        error._of_all = True  # type: ignore[attr-defined]
        raise


def _uncaught(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    exchange = _exchanges[0]
    if getattr(error, "_of_all", False) and exchange.rank:
        time.sleep(2 * _AGREEMENT)  # the first speaks for all
    end_all(exchange, "".join(traceback.format_exception(error)))


def end_all(exchange: Exchange, reason: str) -> NoReturn:
    """Say why, and which process says so, and end all of them. What the first finds too is said by it alone."""
    if exchange.rank:
        time.sleep(_OF_THE_FIRST * (1 + exchange.rank / exchange.size))
    head = f"process {exchange.rank + 1} of {exchange.size} (rank {exchange.rank}, on {socket.gethostname()}) ends all:"
    print(f"{head}\n{reason.rstrip()}", file=sys.stderr, flush=True)
    sys.stdout.flush()
    time.sleep(_ON_ITS_WAY)
    exchange.abort()
    os._exit(1)  # whatever this MPI does with whoever has called it


def _leave() -> None:
    _exchanges[0].leave()
