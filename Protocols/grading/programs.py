"""Programs in one file, compiled once and written anew for each process that runs one."""

import functools
import importlib.util
import marshal
import os


@functools.cache
def _compiled(path: str) -> bytes:
    """A program's bytecode, without the folder in which the program lies."""
    with open(path, "rb") as file:
        code = compile(file.read(), os.path.basename(path), "exec", dont_inherit=True)
    return importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code)


def write_program(path: str, place: str) -> str:
    """A copy of a program for one process alone, so that nobody gains anything by changing it; its path."""
    name = os.path.splitext(os.path.basename(path))[0]
    copy = os.path.join(place, f"{name}.pyc")
    with open(copy, "wb") as file:
        file.write(_compiled(os.path.abspath(path)))
    return copy
