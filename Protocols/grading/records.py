"""What the process of a task has left: a stranger's file, of which nothing is believed but what the tests can write."""

import json
import os
import stat
from collections.abc import Sequence
from typing import Any

STATUSES = ("passed", "failed", "not yet")

#: A record of the longest task, with every message at its limit, is far below.
LARGEST = 8 * 2**20


def read_regular_file(path: str, largest: int = LARGEST) -> bytes:
    """A file's bytes; raises ValueError where it is a link, a pipe, a folder, or too large, and waits for nothing."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ValueError(f"can't be opened: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ValueError("is no regular file")
    with open(handle, "rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"is larger than {largest:,} bytes")
    return content


def read_events(path: str, tests: Sequence[str]) -> list[dict[str, Any]]:
    """The events of a record; raises ValueError where it holds what the tests never write."""
    events: list[dict[str, Any]] = []
    lines = read_regular_file(path).decode("utf-8", "replace").split("\n")
    for line in lines[:-1]:  # what follows the last line's end is half a line, of a process that was killed
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            raise ValueError("holds a line that is no event") from None
        if not _is_known(event, tests) or (events and "finished" in events[-1]):
            raise ValueError("holds an event that no test writes")
        events.append(event)
    return events


def _is_known(event: object, tests: Sequence[str]) -> bool:
    if not isinstance(event, dict):
        return False
    if event.keys() == {"finished"}:
        return event["finished"] is True
    if event.keys() == {"started"}:
        return event["started"] in tests
    known = event.keys() == {"name", "status", "message"} and event["name"] in tests
    return known and event["status"] in STATUSES and isinstance(event["message"], str)
