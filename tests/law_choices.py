"""What a law is parametrized by besides its cases, for those who run it over cases of their own."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any


def choices(law: Callable[..., None], *without: str) -> list[list[dict[str, Any]]]:
    """For each parametrization of a test, apart from those of the names given, its arguments by name."""
    found = []
    for mark in getattr(law, "pytestmark", []):
        if mark.name != "parametrize" or mark.args[0] in without:
            continue
        names = [name.strip() for name in mark.args[0].split(",")] if isinstance(mark.args[0], str) else mark.args[0]
        rows = mark.args[1] if len(names) > 1 else [(value,) for value in mark.args[1]]
        found.append([dict(zip(names, row, strict=True)) for row in rows])
    return found


def every_choice(law: Callable[..., None], *without: str) -> Iterator[dict[str, Any]]:
    """All combinations of them."""
    for chosen in itertools.product(*choices(law, *without)):
        yield {name: value for arguments in chosen for name, value in arguments.items()}
