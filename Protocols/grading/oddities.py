"""What a solution of the course has no reason to say: a remark for the teacher to look at, never points."""

import ast
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import NeuralNetworkTests as suite
from Protocols.grading.names import printable, shortened

#: Modules by which code looks beyond itself, and what a remark calls them.
MODULES = {"gc": "gc", "ctypes": "ctypes", "atexit": "atexit", "inspect": "inspect", "faulthandler": "faulthandler"}
#: Attributes of the same kind; names of attributes are enough, whatever they are asked of.
ATTRIBUTES = {
    **dict.fromkeys(("_getframe", "f_back", "f_locals", "tb_frame", "gi_frame", "currentframe"), "frames"),
    **dict.fromkeys(("settrace", "setprofile", "_current_frames"), "frames"),
    **dict.fromkeys(("_exit", "kill", "killpg", "fork", "setsid", "getppid"), "processes"),
    **dict.fromkeys(("meta_path", "path_hooks"), "the import of modules"),
    "TestCase": "the tests",
    "TestResult": "the tests",
}
#: Texts that no solution needs.
TEXTS = {
    "__main__": "__main__",
    "NeuralNetworkTests": "the tests",
    suite.IN_THIS_PROCESS: "the tests",
    "/proc": "/proc",
}


#: Bytes of all files that are looked at: what a page of code is parsed into takes hundreds of times its memory.
LARGEST = 2**20


def remark(folder: str) -> str:
    """What the files of a solution speak of, and where; nothing where there is nothing to look at."""
    found: dict[str, list[str]] = {}
    left, too_large = LARGEST, []
    for path in sorted(Path(folder).rglob("*.py")):
        if path.name == os.path.basename(suite.__file__):
            continue  # it was handed out
        name = path.relative_to(folder).as_posix()
        size = path.stat().st_size if path.is_file() else 0
        if size > left:
            too_large.append(printable(name))
            continue
        left -= size
        for what in sorted(set(_spoken_of(path))):
            found.setdefault(what, []).append(printable(name))
    taken = sys.stdlib_module_names | suite.LIBRARIES
    shadowing = sorted({printable(name) for name in os.listdir(folder) if name.removesuffix(".py") in taken})
    said = [f"{what} ({shortened(files)})" for what, files in found.items()]
    parts = [f"speaks of {', '.join(said)}"] if said else []
    if too_large:
        parts.append(f"too large to be looked at: {shortened(too_large)}")
    if shadowing:
        parts.append(f"not imported, as Python or a library has modules of these names: {shortened(shadowing)}")
    return "; ".join(parts)


def _spoken_of(path: Path) -> Iterator[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError, OSError):
        return
    programs = {node.test for node in tree.body if isinstance(node, ast.If)}  # if __name__ == "__main__":
    usual = {id(inner) for test in programs if "__name__" in ast.dump(test) for inner in ast.walk(test)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from _modules(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from _modules([node.module or ""])
            yield from (ATTRIBUTES[alias.name] for alias in node.names if alias.name in ATTRIBUTES)
        elif isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
            yield ATTRIBUTES[node.attr]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in usual:
            yield from (what for text, what in TEXTS.items() if _names(node.value, text))


def _modules(names: Iterator[str] | list[str]) -> Iterator[str]:
    for name in names:
        top = name.partition(".")[0]
        if top in MODULES:
            yield MODULES[top]
        elif top in TEXTS:
            yield TEXTS[top]


def _names(words: str, text: str) -> bool:
    """Whether a string is, or begins with, one of the texts: prose that mentions one is none of it."""
    return words == text or (text.startswith("/") and words.startswith(text))
