"""Kinds of arguments: for each the values that it refuses, and what the message says of them.

A kind is a list of (value as it is written, exception, words); {who} and {name} are filled in by the row.
"""

from collections.abc import Sequence

Refusal = tuple[str, type[Exception] | tuple[type[Exception], ...], str]

#: What is no number of any kind.
_NO_NUMBERS = ("'3'", "None", "1j", "[3]", "{}", "int", "object()", "b'3'")


def _of_type(values: Sequence[str], wanted: str) -> list[Refusal]:
    return [(value, TypeError, "{who} … {name} … " + wanted) for value in values]


def whole(least: int = 1, without: Sequence[str] = ()) -> list[Refusal]:
    """A whole number of at least so much; `without` what this one takes nevertheless, such as None."""
    values = [value for value in (*_NO_NUMBERS, "1.5", "NAN", "True", "2.0") if value not in without]
    too_small = [
        (str(value), ValueError, f"{{who}} … {{name}} … at least {least} … got {value}") for value in (least - 1, -7)
    ]
    return _of_type(values, "whole number") + too_small


def number(
    least: float | None = None, below: float | None = None, above: float | None = None, most: float | None = None,
    without: Sequence[str] = (),
) -> list[Refusal]:  # fmt: skip
    """A finite number between bounds."""
    values = [value for value in (*_NO_NUMBERS, "True", "np.array([1.0, 2.0])") if value not in without]
    outside = ["NAN", "INF", "-INF"]
    outside += [] if least is None else [repr(least - 0.25)]
    outside += [] if below is None else [repr(below), repr(below + 1.5)]
    outside += [] if above is None else [repr(above), repr(above - 0.25)]
    outside += [] if most is None else [repr(most + 0.25)]
    return _of_type(values, "number") + [
        (value, ValueError, "{who} … {name} … got " + value.lower()) for value in outside
    ]


def truth() -> list[Refusal]:
    """True or False."""
    return _of_type(("'yes'", "None", "2", "0.5", "[True]", "bool", "NAN"), "True or False, got")


def seed(without: Sequence[str] = ()) -> list[Refusal]:
    """None, a seed, or a generator of random numbers."""
    values = ("'0'", "1.5", "True", "[1]", "np.random.RandomState(0)", "np.random.Generator", "NAN", "1j")
    return [
        *_of_type(values, "seed or a numpy.random.Generator"),
        ("-1", ValueError, "{who} … rng … at least 0, got -1"),
    ]


def path(without: Sequence[str] = ()) -> list[Refusal]:
    """The path of a file or folder."""
    return _of_type([value for value in ("3", "None", "['a']", "b'a'", "str", "1.5") if value not in without], "path")


def dtype() -> list[Refusal]:
    """float32 or float64."""
    return _of_type(("'int'", "'float16'", "complex", "'nonsense'", "3", "'O'", "[float]"), "float32 or float64, got")


def word(*known: str, without: Sequence[str] = ()) -> list[Refusal]:
    """One of some words."""
    values = [value for value in ("'x'", "3", "None", "True", "['a']", "''", "1j", "str") if value not in without]
    return [(value, (TypeError, ValueError), "{who} … {name} … " + known[0]) for value in values]
