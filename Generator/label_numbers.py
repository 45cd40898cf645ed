"""What the labels of a list are as numbers: whole numbers however they are written, classes in alphabetical order."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from Foundation.Labels import check_largest

from .listing import some

__all__ = ["check_label", "numbered", "remark_on_classes"]

# A column of whole numbers in which one is missing becomes one of fractions in most programs: 1 is written 1.0 then.
_WHOLE_NUMBER = re.compile(r"(-?[0-9]{1,99})(?:\.0*)?")
# What programs write for a label that isn't there; some of it may be the name of a class, but not among numbers.
_MISSING = frozenset({"nan", "<na>"})
_NO_NUMBER = _MISSING | {"na", "n/a", "none", "null"}


def numbered(labels: Mapping[str, int | str], owner: str) -> tuple[NDArray[np.int64], tuple[str, ...] | None]:
    """Return labels as numbers, (images,), and the names of the classes, or None where labels are numbers.

    Args:
        labels: by the names of their pictures, all numbers or all texts; texts that are whole numbers count as these.
        owner: whose labels these are, for messages.

    Raises ValueError for a missing label, such as `nan`, and for numbers that are too small or too large.

    >>> numbered({"0.png": "dog", "1.png": "cat"}, "pets")
    (array([1, 0]), ('cat', 'dog'))
    >>> numbered({"0.png": "1.0", "1.png": "0.0"}, "pets")
    (array([1, 0]), None)
    """
    written: list[Any] = list(labels.values())
    if isinstance(written[0], str):
        found = {label: _WHOLE_NUMBER.fullmatch(label) for label in set(written)}
        numbers = {label: int(match[1]) for label, match in found.items() if match}
        names = sorted(found.keys() - numbers)
        words = _NO_NUMBER if numbers and all(name.lower() in _NO_NUMBER for name in names) else _MISSING
        missing = [name for name, label in labels.items() if label not in numbers and str(label).lower() in words]
        if missing:
            raise ValueError(
                f"{owner}: expected a label for each picture, got '{labels[missing[0]]}' for {len(missing):,} of "
                f"{len(written):,}: {some(missing)}; add what is missing, or leave out the lines and the pictures"
            )
        if names:
            names = sorted(found)
            check_largest(len(names) - 1, owner)
            places = {name: number for number, name in enumerate(names)}
            return np.array([places[label] for label in written], np.int64), tuple(names)
        for label in (min(numbers.values()), max(numbers.values())):
            check_label("a picture", label, owner)
        written = [numbers[label] for label in written]
    return np.array(written, np.int64), None


def check_label(name: str, label: int, owner: str) -> None:
    """Raise ValueError for a number that no class can have.

    Args:
        name: of the picture.
        label: its label.
        owner: whose labels these are, for messages.

    >>> check_label("0.png", 3, "pets")
    """
    if label < 0:
        raise ValueError(f"{owner}: expected labels of at least 0, got {label} for '{name[:80]}'; count classes from 0")
    if label >= 2**63:
        raise ValueError(f"{owner}: expected labels that fit 64 bits, got {label}; count classes from 0")
    check_largest(label, owner)


def remark_on_classes(labels: NDArray[np.int64], class_names: Sequence[str] | None, owner: str) -> str:
    """Return what to say where labels are hardly what is meant; else "".

    Numbers are 1 to the number of classes, so that no picture shows class 0; or there is one name for all pictures.

    Args:
        labels: (images,).
        class_names: of the classes, or None where labels are numbers.
        owner: whose labels these are, for the message.

    >>> remark_on_classes(np.array([0, 1]), None, "pets") + remark_on_classes(np.array([0, 1]), ("cat", "dog"), "pets")
    ''
    """
    if class_names is not None:
        if len(class_names) > 1:
            return ""
        return (
            f"{owner}: expected several classes, got one for all pictures, '{class_names[0][:80]}'; put them into "
            f"folders named after what they show, write a list of labels, or pass class_names with this one if it is "
            f"meant"
        )
    present = np.unique(labels)
    if len(present) < 2 or present[0] != 1 or present[-1] != len(present):
        return ""
    return (
        f"{owner}: expected labels that count classes from 0, got 1 to {present[-1]}: no picture shows class 0, which "
        f"there is too; subtract 1 from each, write names of classes, or pass class_names with one for 0 if it is meant"
    )
