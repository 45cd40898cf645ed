"""How a row of the tables is run: the call is refused in the right words, and nothing has moved."""

import re
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np


class Row(NamedTuple):
    """A wrong use: the code, what it raises, and the words of the message."""

    code: str  # behind the last "; ", before which stands what isn't wrong
    raises: Any
    words: str
    subject: str


def rows(arguments: dict[str, Any], misuses: list[tuple[str, Any, str]]) -> list[Row]:
    """The rows of a room's tables."""
    found = [Row(code, raises, words, code) for code, raises, words in misuses]
    for use, kind in arguments.items():
        before, name, _ = re.split(r"@(\w+)", use, maxsplit=1)
        who = _called(before)
        if isinstance(kind, tuple):
            kind, who = kind
        for value, raises, words in kind:
            code = use.replace(f"@{name}", f"{name}={value}" if before.endswith(("(", ", ")) and use.count("=@") == 0 else value)
            found.append(Row(code, raises, words.replace("{who}", who).replace("{name}", name), use))
    return found


def _called(code: str) -> str:
    """The name in front of the last bracket that isn't closed."""
    while (shorter := re.sub(r"\w*[(\[][^()\[\]]*[)\]]", "", code)) != code:
        code = shorter
    names: list[str] = re.findall(r"(\w+)\(", code)
    return names[-1] if names else ""


def pattern(words: str) -> re.Pattern[str]:
    """Words as a regular expression, in which … stands for anything."""
    return re.compile(".*?".join(re.escape(part.strip()) for part in words.split("…")), re.DOTALL)


def state(thing: Any, seen: tuple[int, ...] = ()) -> Any:
    """All that an object holds, in a form that can be compared."""
    if isinstance(thing, np.ndarray):
        return thing.dtype.str, thing.shape, thing.tobytes() if thing.dtype != object else state(thing.tolist(), seen)
    if isinstance(thing, np.random.Generator):
        return repr(thing.bit_generator.state)
    if thing is None or isinstance(thing, str | bytes | int | float | complex | np.generic | type):
        return repr(thing)
    if isinstance(thing, FunctionType | BuiltinFunctionType | MethodType | ModuleType) or id(thing) in seen:
        return id(thing)
    seen = (*seen, id(thing))
    if isinstance(thing, dict):
        return [type(thing).__name__, *((repr(key), state(value, seen)) for key, value in thing.items()), own(thing, seen)]
    if isinstance(thing, list | tuple | set | frozenset):
        return [type(thing).__name__, *(state(value, seen) for value in thing), own(thing, seen)]
    return [type(thing).__name__, own(thing, seen)]


def own(thing: Any, seen: tuple[int, ...]) -> Any:
    """What stands in the attributes of an object, but for those that only make the next call quicker."""
    return {name: state(value, seen) for name, value in getattr(thing, "__dict__", {}).items() if name not in QUICKER}


#: What is read before a pass and kept for the next of the same kind; what a pass that has begun keeps for `backward`;
#: locks.
QUICKER = {"_read_before", "_being_tested", "owned", "used", "kept", "_passed"}


def run(scene: Callable[[], dict[str, Any]], row: Row) -> str | None:
    """What is wrong with a row: None where it is refused in the right words, and nothing has moved."""
    names = scene()
    preparation, _, wrong = row.code.rpartition("; ")
    exec(preparation, names)
    used = set(re.findall(r"[a-z_]+", row.code))
    held = {name: value for name, value in names.items() if name in used and not isinstance(value, type | ModuleType)}
    np.random.seed(1)
    before = state(held), state(np.random.get_state()), np.geterr()
    try:
        exec(wrong, names)
    except Exception as error:
        if not isinstance(error, row.raises):
            return f"raises {type(error).__name__}: {error}"
        if not pattern(row.words).search(str(error)):
            return f"says {type(error).__name__}: {error}"
    else:
        return "is accepted"
    after = state(held), state(np.random.get_state()), np.geterr()
    if after != before:
        return "changes " + (", ".join(name for name, value in held.items() if state(value) != state(value)) or "state")
    if "STILL_WORKS" in names and not preparation:
        names["STILL_WORKS"](used)
    return None
