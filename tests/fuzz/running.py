"""Reading mutated files in processes of their own, so that even a crash is one file's and the next is read."""

import json
import os
import re
import select
import signal
import tempfile
import traceback
import warnings
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.fuzz.kinds import Kind
from tests.fuzz.limits import TooSlow, Watched, addresses_in_use, at_most

#: How many files a process reads before the next one takes over: what leaks is small then.
BLOCK = 2000
#: Where files are written: memory, where there is such a folder.
QUICK = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@dataclass
class Report:
    """What became of the files of a kind."""

    kind: Kind
    loaded: int = 0
    #: how many were refused, by what was said without its numbers and names
    refused: Counter = field(default_factory=Counter)
    #: number and what happened, of those that should not have gone so
    failed: list[tuple[int, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.loaded + self.refused.total() + len(self.failed)

    def add(self, number: int, outcome: str, what: str) -> None:
        if outcome == "loaded":
            self.loaded += 1
        elif outcome == "refused":
            self.refused[what] += 1
        else:
            self.failed.append((number, what))


def content_of(kind: Kind, seeds: list[bytes], seed: int, number: int) -> bytes:
    """The file of this number; the valid ones come first."""
    if number < len(seeds):
        return seeds[number]
    return kind.mutate(seeds, Random(f"{seed} {kind.name} {number}"))


def run(kind: Kind, numbers: Iterable[int], seed: int) -> Report:
    """Read the files of these numbers."""
    report, waiting = Report(kind), list(numbers)
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        (Path(folder) / "seeds").mkdir()
        (Path(folder) / "files").mkdir()
        kind.prepare(Path(folder) / "files")
        seeds = list(kind.seeds(Path(folder) / "seeds"))
        path = Path(folder) / "files" / kind.filename
        for content in seeds:  # everything is imported and every cache is filled before somebody watches
            path.write_bytes(content)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                kind.use(path)
        while waiting:
            block, waiting = waiting[:BLOCK], waiting[BLOCK:]
            while block:
                done = _in_a_process(kind, seeds, seed, block, path, report)
                block = block[done:]
    return report


def _in_a_process(kind: Kind, seeds: list[bytes], seed: int, block: list[int], path: Path, report: Report) -> int:
    """Read the files of a block in a child; give how many there were before it ended."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads beside: the matrix library knows of forks
        child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            _read_all(kind, seeds, seed, block, path, writing)
            status = 0
        except BaseException:
            traceback.print_exc()  # of the tool's own
        finally:
            os._exit(status)
    os.close(writing)
    done, hung, begun = 0, False, b""
    while not (hung := not select.select([reading], [], [], 10 * kind.seconds + 10)[0]):
        if not (came := os.read(reading, 2**16)):
            break
        *lines, begun = (begun + came).split(b"\n")
        for line in lines:
            report.add(*json.loads(line))
        done += len(lines)
    os.close(reading)
    if hung:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if done < len(block):
        ended = "hung" if hung else f"the process ended with status {status}"
        report.add(block[done], "failed", f"crash: {ended}")
        done += 1
    return done


def _read_all(kind: Kind, seeds: list[bytes], seed: int, block: list[int], path: Path, writing: int) -> None:
    watched = Watched()
    warnings.simplefilter("error")
    most = addresses_in_use() + kind.mebibytes * 2**20
    for number in block:
        content = content_of(kind, seeds, seed, number)
        path.write_bytes(content)
        outcome, what = _outcome(kind, path, watched, most + len(content))
        os.write(writing, json.dumps([number, outcome, what[:600]]).encode() + b"\n")


def _outcome(kind: Kind, path: Path, watched: Watched, address_space: int) -> tuple[str, str]:
    def may_open(opened: str) -> bool:
        return opened == str(path) or kind.may_open(opened)

    try:
        with watched.watching(may_open), at_most(address_space, kind.seconds):
            kind.use(path)
        result = "loaded", ""
    except TooSlow:
        result = "failed", f"too slow: more than {kind.seconds} s"
    except BaseException as error:
        if _out_of_memory(error):
            result = "failed", f"too much memory: {type(error).__name__}: {error}"
        elif isinstance(error, kind.errors) and kind.says(error, path):
            result = "refused", message_class(error, path)
        else:
            result = "failed", f"{type(error).__name__}: {error} {_place(error)}"
    if watched.seen:
        result = "failed", f"not allowed: {'; '.join(watched.seen[:3])}"
    return result


def message_class(error: BaseException, path: Path) -> str:
    """What an error says, without what is different in each file."""
    text = str(error).replace(str(path), "FILE")
    text = re.sub(r"'[^']*'|\"[^\"]*\"", "'…'", text)
    text = re.sub(r"\[[^\]]*\]|\([^()]*\)|\{[^}]*\}", "(…)", text)
    return f"{type(error).__name__}: {re.sub(r'[-+]?[0-9][0-9.e+-]*', '0', text)[:110]}"


def _out_of_memory(error: BaseException | None) -> bool:
    """Whether memory was missing, whatever somebody has made of it."""
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _place(error: BaseException) -> str:
    frames, trace = [], error.__traceback__
    while trace is not None:
        frames.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"({' '.join(frames[-6:])})"


def fingerprint(kind: Kind, seed: int, numbers: Iterable[int]) -> int:
    """A number that tells whether two runs made the same files."""
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        seeds = list(kind.seeds(Path(folder)))
    found = 0
    for number in numbers:
        found = zlib.crc32(content_of(kind, seeds, seed, number), found)
    return found
