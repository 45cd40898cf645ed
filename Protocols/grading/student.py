"""Asking a submission's classes for numbers, from outside of the process in which they run."""

import functools
import json
import math
import os
import select
import subprocess
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import NeuralNetworkTests as suite
from Protocols.grading.processes import family

#: Bytes of one answer; the largest right one is far below.
LARGEST = 16 * 2**20
#: Seconds for all answers to a question, counted as a task's; right ones take far less.
PATIENCE = 30.0
#: Seconds between two looks at what the process does beside answering.
LOOK = 0.5


#: What is said of bytes that are no answer.
FORM = "its answer has another form than asked for"
#: What is said of answers that don't come, before which limit was reached.
TOO_LATE = "no answer in time"


class NoAnswer(Exception):
    """The submission gave no number where one was asked for: why."""


class Thing:
    """An object in the process of the submission: `thing["weights"]`, `thing.call("forward", x)`."""

    def __init__(self, student: "Student", number: int) -> None:
        self._student, self.number = student, number

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a method."""
        return self._student.request({"do": "call", "object": self.number, "name": name}, arguments)

    def __getitem__(self, name: str) -> Any:
        return self._student.request({"do": "get", "object": self.number, "name": name}, ())

    def __setitem__(self, name: str, value: Any) -> None:
        self._student.request({"do": "set", "object": self.number, "name": name}, (value,))


class Student:
    """The classes of a submission, which answer from their own process.

    Args:
        process: that process, whose streams are pipes.
        end: ends it.
        excess: what it has too much of, in words; nothing where all is well.
    """

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        end: Callable[["subprocess.Popen[bytes]"], None],
        excess: Callable[[], str] = str,
    ) -> None:
        self._process, self._end, self._excess = process, end, excess
        assert process.stdin is not None and process.stdout is not None
        self._requests, self._answers = process.stdin.fileno(), process.stdout.fileno()
        os.set_blocking(self._requests, False)  # it may answer without ever reading a question
        self.begin()

    def begin(self, patience: float = PATIENCE) -> None:
        """From now on there are so many seconds for all that is asked."""
        self._stopwatch = suite.Stopwatch(patience, functools.partial(family, self._process.pid))
        self._next_look = time.monotonic() + LOOK

    def create(self, name: str, *arguments: Any) -> Thing:
        """An object of one of the course's classes."""
        modules = (module for module, names in suite.MODULES.items() if name in names)
        module = next(modules, f"Layers.{name}")
        return self._thing({"do": "create", "module": module, "name": name}, arguments)

    def stand_in(self, name: str, *arguments: Any) -> Thing:
        """One of the simple parts that the process has of its own."""
        return self._thing({"do": "stand-in", "name": name}, arguments)

    def scale(self, factor: float) -> Thing:
        """A layer that multiplies by a factor, derived from the submission's base class."""
        return self._thing({"do": "scale"}, (factor,))

    def function(self, module: str, name: str, *arguments: Any) -> Any:
        """Call a function of one of the course's modules."""
        return self.request({"do": "create", "module": module, "name": name}, arguments)

    def pictures(self, images: np.ndarray, labels: np.ndarray) -> tuple[str, str]:
        """A folder of pictures and a file of labels for its image generator: their paths."""
        made = self.request({"do": "pictures"}, (images, labels))
        if not isinstance(made, tuple):
            raise NoAnswer("its pictures could not be written")
        return made

    def close(self) -> None:
        """End the process."""
        self._end(self._process)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def request(self, header: dict[str, Any], arguments: tuple[Any, ...]) -> Any:
        """Ask for one thing; raises NoAnswer where none comes, or an error."""
        arrays: list[np.ndarray] = []
        header = {**header, "arguments": [_write(value, arrays) for value in arguments]}
        header["arrays"] = [[array.dtype.str, list(array.shape)] for array in arrays]
        words = json.dumps(header).encode()
        message = b"".join([len(words).to_bytes(4, "big"), words, *(array.tobytes() for array in arrays)])
        self._send(message)
        reply, received = self._receive()
        if "error" in reply:
            raise NoAnswer(str(suite.clean(str(reply["error"]), 500)))
        return self._read(reply.get("value"), received)

    def _thing(self, header: dict[str, Any], arguments: tuple[Any, ...]) -> Thing:
        made = self.request(header, arguments)
        if not isinstance(made, Thing):
            raise NoAnswer(f"{header.get('name')} gives no object")
        return made

    def _send(self, message: bytes) -> None:
        while message:
            self._wait(self._requests, select.POLLOUT)
            try:
                message = message[os.write(self._requests, message) :]
            except OSError:
                raise NoAnswer("its process has ended") from None

    def _receive(self) -> tuple[dict[str, Any], list[np.ndarray]]:
        size = int.from_bytes(self._bytes(4), "big")
        if size > 2**16:
            raise NoAnswer(FORM)
        try:
            reply = json.loads(self._bytes(size))
            shapes = [tuple(int(length) for length in shape) for _, shape in reply["arrays"]]
            kinds = {kind for kind, _ in reply["arrays"]}
            sizes = [8 * math.prod(shape) for shape in shapes]
            smallest = min((length for shape in shapes for length in shape), default=0)
        except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
            raise NoAnswer(FORM) from None
        if kinds - {"<f8"} or smallest < 0 or sum(sizes) > LARGEST:
            raise NoAnswer("its answer is too large, or holds no numbers")
        contents = [self._bytes(size) for size in sizes]
        try:
            arrays = [np.frombuffer(c, "<f8").reshape(shape) for c, shape in zip(contents, shapes, strict=True)]
        except (ValueError, OverflowError):
            raise NoAnswer(FORM) from None
        return reply, arrays

    def _bytes(self, count: int) -> bytes:
        content = bytearray()
        while len(content) < count:
            self._wait(self._answers, select.POLLIN)
            part = os.read(self._answers, min(count - len(content), 2**20))
            if not part:
                raise NoAnswer("its process has ended")
            content += part
        return bytes(content)

    def _wait(self, stream: int, event: int) -> None:
        """Wait until a pipe can be read or written."""
        ready = select.poll()
        ready.register(stream, event)
        while True:
            is_ready = ready.poll(1000 * LOOK)
            if not is_ready and (too_much := self._excess()):
                raise NoAnswer(f"its process was ended: {too_much}")
            if time.monotonic() >= self._next_look:
                if stopped := self._stopwatch.over():
                    raise NoAnswer(f"{TOO_LATE}: {stopped}")
                self._next_look = time.monotonic() + LOOK
            if is_ready:
                return

    def _read(self, value: Any, arrays: list[np.ndarray]) -> Any:
        try:
            if isinstance(value, dict):
                if "array" in value:
                    return arrays[value["array"]]
                if "object" in value:
                    return Thing(self, int(value["object"]))
                return tuple(self._read(part, arrays) for part in value["tuple"])
        except (KeyError, IndexError, TypeError, ValueError, RecursionError):
            raise NoAnswer(FORM) from None
        return value


def _write(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, np.ndarray):
        arrays.append(np.ascontiguousarray(value))
        return {"array": len(arrays) - 1}
    if isinstance(value, Thing):
        return {"object": value.number}
    if isinstance(value, tuple):
        return {"tuple": [_write(part, arrays) for part in value]}
    return [_write(part, arrays) for part in value] if isinstance(value, list) else value
