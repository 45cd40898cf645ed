"""Asking a submission's classes for numbers, from outside of the process in which they run."""

import json
import os
import select
import subprocess
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import NeuralNetworkTests as suite

#: Bytes of one answer; the largest right one is far below.
LARGEST = 16 * 2**20
#: Seconds for one answer; a right one takes far less, even where the machine is busy.
PATIENCE = 30.0


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
    """

    def __init__(self, process: "subprocess.Popen[bytes]", end: Callable[["subprocess.Popen[bytes]"], None]) -> None:
        self._process, self._end = process, end

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
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(message)
            self._process.stdin.flush()
        except OSError:
            raise NoAnswer("its process has ended") from None
        reply, received = self._receive(time.monotonic() + PATIENCE)
        if "error" in reply:
            raise NoAnswer(str(suite.clean(str(reply["error"]), 500)))
        return self._read(reply.get("value"), received)

    def _thing(self, header: dict[str, Any], arguments: tuple[Any, ...]) -> Thing:
        made = self.request(header, arguments)
        if not isinstance(made, Thing):
            raise NoAnswer(f"{header.get('name')} gives no object")
        return made

    def _receive(self, deadline: float) -> tuple[dict[str, Any], list[np.ndarray]]:
        size = int.from_bytes(self._bytes(4, deadline), "big")
        if size > 2**16:
            raise NoAnswer("its answer has another form than asked for")
        try:
            reply = json.loads(self._bytes(size, deadline))
            shapes = [tuple(int(length) for length in shape) for _, shape in reply["arrays"]]
            kinds = {kind for kind, _ in reply["arrays"]}
        except (ValueError, TypeError, KeyError, RecursionError):
            raise NoAnswer("its answer has another form than asked for") from None
        sizes = [8 * int(np.prod(shape, dtype=object)) for shape in shapes]
        if kinds - {"<f8"} or min(sizes, default=0) < 0 or sum(sizes) > LARGEST:
            raise NoAnswer("its answer is too large, or holds no numbers")
        contents = [self._bytes(size, deadline) for size in sizes]
        return reply, [np.frombuffer(c, "<f8").reshape(shape) for c, shape in zip(contents, shapes, strict=True)]

    def _bytes(self, count: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        handle, content = self._process.stdout.fileno(), bytearray()
        while len(content) < count:
            if not select.select([handle], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise NoAnswer(f"no answer within {PATIENCE:g} s")
            part = os.read(handle, min(count - len(content), 2**20))
            if not part:
                raise NoAnswer("its process has ended")
            content += part
        return bytes(content)

    def _read(self, value: Any, arrays: list[np.ndarray]) -> Any:
        try:
            if isinstance(value, dict):
                if "array" in value:
                    return arrays[value["array"]]
                if "object" in value:
                    return Thing(self, int(value["object"]))
                return tuple(self._read(part, arrays) for part in value["tuple"])
        except (KeyError, IndexError, TypeError, ValueError, RecursionError):
            raise NoAnswer("its answer has another form than asked for") from None
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
