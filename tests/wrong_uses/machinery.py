"""How a row of the tables is run: the call is refused in the right words, and nothing has moved."""

import re
from collections.abc import Callable, Iterator
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
    found = [
        Row(code, raises, words, re.split(r"\(| = ", code.rpartition("; ")[2])[0]) for code, raises, words in misuses
    ]
    for use, kind in arguments.items():
        before, name, after = re.split(r"@(\w+)", use, maxsplit=1)
        who = called(before)
        if isinstance(kind, tuple):
            kind, who = kind
        for value, raises, words in kind:
            by_name = before.endswith(("(", ", ")) and (not after.startswith(",") or "=" in after)
            code = use.replace(f"@{name}", f"{name}={value}" if by_name else value)
            found.append(Row(code, raises, words.replace("{who}", who).replace("{name}", name), use))
    return found


def called(code: str) -> str:
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
        return [type(thing).__name__, {str(key): state(value, seen) for key, value in thing.items()}, own(thing, seen)]
    if isinstance(thing, list | tuple | set | frozenset):
        return [type(thing).__name__, *(state(value, seen) for value in thing), own(thing, seen)]
    return [type(thing).__name__, own(thing, seen)]


def own(thing: Any, seen: tuple[int, ...]) -> Any:
    """What stands in the attributes of an object, but for those that only make the next call quicker."""
    return {name: state(value, seen) for name, value in getattr(thing, "__dict__", {}).items() if name not in PASSING}


def differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """Where two states differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in one.keys() | other.keys():
            yield from differences(one.get(name), other.get(name), f"{place}.{name}")
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        for first, second in zip(one, other, strict=True):
            yield from differences(first, second, place)
    elif one != other:
        yield place or "state"


#: What is no state: what is read before a pass and kept for the next of the same kind; the batch that was looked at last,
#: and what a pass that has begun keeps for `backward`; what has been handed on to copies; locks.
PASSING = {
    "_read_before", "_being_tested", "_trained_by", "owned", "used", "kept", "_passed", "_leading", "_fetch", "_bound_to", "_known_settings", "_can_be_saved",
    "_input_tensor", "_without_loss", "_lengths", "label_tensor", "prediction_tensor", "_read_labels", "_weights", "_output_shapes", "_room", "_met",
}  # fmt: skip


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
        return "changes " + ", ".join(differences(before, after))
    if "STILL_WORKS" in names and not preparation:
        names["STILL_WORKS"](used)
    return None
