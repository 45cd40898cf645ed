"""Classes as people have them: numbers, names, probabilities, or what `net.classify` answers."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

import numpy as np

from Foundation import Checks
from Foundation.Preparation import Classification, checked_names


class _Column(NamedTuple):
    """The classes of all samples, by number or by name."""

    what: str
    values: np.ndarray
    #: How many classes there are, where the values tell.
    classes: int | None = None
    #: What these are called, where the values tell.
    names: tuple[str, ...] = ()

    @property
    def named(self) -> bool:
        return self.values.dtype.kind == "U"


def compared(owner: str, true: Any, predicted: Any, names: Any = None) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """True and predicted classes as numbers, and the name of each class.

    Args:
        owner: who asks.
        true: what is right: class numbers or names (samples,), probabilities or one-hot rows (samples, classes), of
            which the largest counts, or a list of `Classification`. A single column is the probability of the second of
            two classes.
        predicted: what was given, in any of these forms.
        names: of the classes, in their order. Without them, classes are called as the labels call them, in the order of
            the alphabet where these tell no other, or by their numbers (None).

    Raises TypeError and ValueError for what are no classes, a name that is none, and different lengths.

    >>> compared("example", ["cat", "dog", "dog"], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], ["cat", "dog"])
    (array([0, 1, 1]), array([0, 1, 0]), ['cat', 'dog'])
    """
    both = [_column(owner, what, values) for what, values in (("true", true), ("predicted", predicted))]
    counts = [len(column.values) for column in both]
    if counts[0] != counts[1] or not counts[0]:
        raise ValueError(
            f"{owner}: expected a true and a predicted class of each sample, got {counts[0]} true and {counts[1]} "
            "predicted"
        )
    words = _given_names(owner, names) or _found_names(owner, both)
    for column in both:
        if column.classes is not None and column.classes != len(words):
            raise ValueError(
                f"{owner}: expected {column.what} classes with a column for each of {_listed(words)}, got "
                f"{column.classes} columns"
            )
    first, second = (_numbers(owner, column, words) for column in both)
    return first, second, words


def _column(owner: str, what: str, values: Any) -> _Column:
    given: Any = [values] if isinstance(values, Classification) else values
    names: tuple[str, ...] = ()
    if isinstance(given, Sequence) and any(isinstance(each, Classification) for each in given):
        names = next(tuple(each.probabilities) for each in given if isinstance(each, Classification))
        given = [each.name if isinstance(each, Classification) else each for each in given]
    array = Checks.plain_array(given, owner, f"{what} classes")
    if array.dtype == object and array.ndim == 1 and all(isinstance(each, str) for each in array):
        array = array.astype(str)
    if array.dtype.kind == "U" and array.ndim == 1:
        return _Column(what, array, None, names)
    if array.ndim == 2:
        return _of_rows(owner, what, array)
    if array.ndim != 1:
        raise ValueError(
            f"{owner}: expected {what} classes (samples,), or numbers (samples, classes), got "
            f"{Checks.shape_text(array.shape)}"
        )
    if array.dtype.kind == "b":
        array = array.astype(int)
    return _Column(what, Checks.whole_numbers(array, owner, f"{what} classes") if array.size else array.astype(int))


def _of_rows(owner: str, what: str, array: np.ndarray) -> _Column:
    """The place of the largest number in each row."""
    rows = Checks.tensor(array, owner, f"{what} classes")
    Checks.require_finite(rows, owner, f"{what} classes")
    if rows.shape[1] == 1:
        if rows.min() < 0 or rows.max() > 1:
            raise ValueError(
                f"{owner}: expected a single column to be the probability of the second class, from 0 to 1, got "
                f"{rows.min():g} to {rows.max():g} as {what} classes"
            )
        return _Column(what, (rows[:, 0] > 0.5).astype(int), 2)
    if ((rows == 0) | (rows == 1)).all() and (rows.sum(axis=1) != 1).any():
        raise ValueError(f"{owner}: expected one class of each sample, got rows of several {what} ones, or of none")
    return _Column(what, rows.argmax(axis=1), rows.shape[1])


def _given_names(owner: str, names: Any) -> list[str]:
    if names is None:
        return []
    if isinstance(names, str | bytes | Mapping | AbstractSet) or not hasattr(names, "__iter__"):
        raise TypeError(f"{owner}: expected names to be a list with a name for each class, got {names!r}")
    return list(checked_names(list(names), owner))


def _found_names(owner: str, both: Sequence[_Column]) -> list[str]:
    """The names that the labels themselves tell."""
    told = next((list(column.names) for column in both if column.names), [])
    if told:
        return told
    if all(column.named for column in both):
        return sorted({str(value) for column in both for value in column.values})
    if any(column.named for column in both):
        raise ValueError(
            f"{owner}: expected names, which tell the number of each class, since {both[0].what} and {both[1].what} "
            "classes are numbers and names; pass names=[…]"
        )
    columns = [column.classes for column in both if column.classes is not None]
    numbers = columns or [int(column.values.max()) + 1 for column in both]
    return [str(number) for number in range(max(numbers))]


def _numbers(owner: str, column: _Column, words: Sequence[str]) -> np.ndarray:
    if column.named:
        places = {word: place for place, word in enumerate(words)}
        unknown = next((str(value) for value in column.values if value not in places), None)
        if unknown is not None:
            raise ValueError(f"{owner}: expected {column.what} classes to be of {_listed(words)}, got {unknown!r}")
        return np.array([places[value] for value in column.values])
    lowest, highest = column.values.min(), column.values.max()
    if lowest < 0 or highest >= len(words):
        raise ValueError(
            f"{owner}: expected {column.what} classes from 0 to {len(words) - 1}, got classes from {lowest} to "
            f"{highest}"
        )
    return column.values


def _listed(words: Sequence[str]) -> str:
    return ", ".join(map(repr, words[:10])) + ", …" * (len(words) > 10)
