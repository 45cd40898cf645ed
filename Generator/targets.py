"""What a network is to learn, as a loss takes it: rows made of class numbers or names, or numbers as they are."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks
from Foundation.Labels import TOLERANCE, check_largest, one_hot

from .samples import Samples, lengths_of

__all__ = ["KINDS", "Targets"]

#: What labels can be: class numbers or names, which become one-hot rows; such rows; rows in which several may be 1;
#: 0 or 1 in a single column; numbers of any size.
KINDS = ("classes", "one-hot", "multi-label", "binary", "regression")


class Targets:
    """Labels, read as what they are, or as what a loss wants, or as what somebody says.

    Args:
        values: numbers (samples, …), or names (samples,); where the samples are sequences, numbers for each time step
            too, (samples, time, …) or a list of arrays (time, …).
        owner: who asks, for messages.
        kind: one of `KINDS` (default None: names and whole numbers, one for each sample, are classes; or binary where
            the loss takes nothing but 0 to 1, or regression where it takes any number. Everything else stays as it is).
        classes: how many classes there are, or their names in their order (default None: up to the largest number;
            the names that come up, in alphabetical order).
        inputs: the samples that the labels belong to.

    Raises TypeError and ValueError for labels that are none, or not of this kind.

    >>> targets = Targets(["cat", "dog", "cat"], "pets", None, None, Samples(np.zeros((3, 2)), "X", "pets"))
    >>> targets.class_names, targets.read(np.array([0, 1])).tolist()
    (('cat', 'dog'), [[1.0, 0.0], [0.0, 1.0]])
    """

    def __init__(self, values: Any, owner: str, kind: str | None, classes: Any, inputs: Samples) -> None:
        if kind is not None and kind not in KINDS:
            raise ValueError(f"{owner}: expected targets to be one of {', '.join(KINDS)}, or None, got {kind!r}")
        self.owner, self._asked = owner, kind
        self.class_names, self._classes = _read_classes(classes, owner)
        self._has_names = _are_names(values)
        self._samples = _samples(self._numbers_of(values) if self._has_names else values, owner, inputs)
        #: Whether there is a label for each time step.
        self.of_each_step = self._samples.lengths is not None
        self._shape = self._samples.shape[2 if self.of_each_step else 1 :]
        self._dtype = Checks.floating_dtype(inputs.dtype)
        self.kind = self._kind_for(None)
        self._check_kind()

    def take_from(self, loss: Any) -> None:
        """Read the labels as this loss wants them; raises ValueError, naming both, where it can't take them.

        Args:
            loss: one that says so by `wanted_labels`, see `Optimization.Loss.Loss`; for others, labels are read as what
                they are.
        """
        before = self.kind
        self.kind = self._kind_for(loss)
        try:
            self._check_kind()
            if hasattr(loss, "check_labels"):
                self._let_check(loss)
        except (TypeError, ValueError) as error:
            refused = f"names of {len(self.class_names)} classes" if self._has_names else self.description
            self.kind = before
            raise ValueError(
                f"{self.owner}: y holds {refused}, which {loss!r} doesn't take ({error}); take another loss, or say "
                f"what y is: targets={' or '.join(map(repr, KINDS))}"
            ) from None

    @property
    def number_of_classes(self) -> int | None:
        """How many classes there are, None where numbers are to be learnt."""
        if self.kind == "classes":
            return int(self._samples.extremes[1]) + 1 if self._classes is None else self._classes
        return {"binary": 2, "regression": None}.get(self.kind, self._shape[-1] if self._shape else 1)

    @property
    def description(self) -> str:
        """What the labels are, in words."""
        words = {
            "classes": "{} classes as one-hot rows",
            "one-hot": "one-hot rows of {} classes",
            "multi-label": "rows of {} labels from 0 to 1",
            "binary": "numbers from 0 to 1 in one column",
            "regression": f"targets of a regression, {Checks.shape_text(self._shape or (1,))}",
        }[self.kind]
        return words.format(self.number_of_classes) + " for each time step" * self.of_each_step

    def read(self, places: NDArray[np.int64]) -> NDArray[Any]:
        """Return the labels at these places, as the loss takes them: an array of the caller's own.

        Args:
            places: counted from 0.

        >>> inputs = Samples(np.zeros((3, 2)), "X", "pets")
        >>> Targets([0.5, 1.5, 2.5], "pets", None, None, inputs).read(np.array([2, 0])).tolist()
        [[2.5], [0.5]]
        """
        values = self._samples.read(places)
        if self.kind == "classes":
            numbers, classes = values[..., 0] if self._shape else values, self.number_of_classes or 0
            return one_hot(numbers.ravel().astype(np.int64), classes, self._dtype).reshape(*numbers.shape, classes)
        if not self._shape:
            values = values[..., np.newaxis]
        return values if values.dtype.kind == "f" else values.astype(self._dtype)

    def groups(self, places: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Return the class of each sample at these places, (len(places),); None where samples have no class.

        Args:
            places: counted from 0.
        """
        if self.of_each_step or self.kind not in ("classes", "one-hot", "binary"):
            return None
        values = self._samples.read(places)
        return values.reshape(-1).astype(np.int64) if self._is_single() else values.argmax(axis=-1)

    def _let_check(self, loss: Any) -> None:
        for places in self._samples.parts():
            loss.check_labels(self.read(places))
            if self._samples.is_mapped or self.kind == "classes":
                break  # one part tells, and all may take long

    def _is_single(self) -> bool:
        """Whether each label is one number; its axis of length 1 may be missing."""
        return self._shape in ((), (1,))

    def _kind_for(self, loss: Any) -> str:
        wanted = getattr(loss, "wanted_labels", None)
        if self._asked is not None:
            return self._asked
        if not self._is_single():
            return self._kind_of_rows(wanted)
        if wanted == "memberships" and (self._classes == 2 or not self._has_names):
            return "binary"
        if wanted == "numbers":
            return "regression"
        whole = self._samples.dtype.kind in "iub" and (wanted == "distributions" or self._samples.extremes[0] >= 0)
        return "classes" if self._has_names or whole else "regression"

    def _kind_of_rows(self, wanted: str | None) -> str:
        if wanted == "numbers" or not self._holds(_are_shares):
            return "regression"
        if self._holds(_are_distributions):
            return "one-hot"
        return "multi-label" if wanted is not None or self._holds(_are_zeros_and_ones) else "regression"

    def _check_kind(self) -> None:
        """Raise TypeError or ValueError where the labels can't be of their kind."""
        kind, expected, shape = self.kind, f"{self.owner}: expected y to be", self._samples.shape
        got = f"got shape {shape} of {self._samples.dtype}"
        if self._has_names and kind not in ("classes", "binary"):
            raise TypeError(f"{expected} numbers as {kind!r} targets, got names")
        if kind in ("one-hot", "multi-label") and not self._shape:
            advice = "targets='classes' makes rows of class numbers"
            raise ValueError(f"{expected} (samples, classes) as {kind!r} targets, {got}; {advice}")
        if kind == "one-hot" and not self._holds(_are_distributions):
            raise ValueError(f"{expected} rows with the sum 1 as {kind!r} targets, got others")
        if kind == "multi-label" and not self._holds(_are_shares):
            raise ValueError(f"{expected} from 0 to 1 as {kind!r} targets, got others")
        if kind in ("classes", "binary"):
            if not (self._is_single() and (kind == "binary" or self._holds(_are_whole))):
                raise TypeError(f"{expected} class numbers or names, one for each sample, {got}")
            least, most = self._samples.extremes
            largest = 1 if kind == "binary" else math.inf if self._classes is None else self._classes - 1
            if not 0 <= least <= most <= largest:
                limit = "" if largest == math.inf else f" to {largest}"
                raise ValueError(
                    f"{expected} from 0{limit} as {kind!r} targets, got {least:g} to {most:g}; targets='classes' with "
                    "classes=… says how many there are"
                )
            if kind == "classes":
                check_largest(int(most), self.owner)

    def _holds(self, condition: Callable[[NDArray[Any]], bool]) -> bool:
        """Whether a condition holds for all labels; of a file, only the first ones are looked at."""
        for places in self._samples.parts():
            if not condition(self._samples.read(places)):
                return False
            if self._samples.is_mapped:
                break
        return True

    def _numbers_of(self, names: Any) -> NDArray[np.int64]:
        found, numbers = np.unique(np.asarray(names).astype(str), return_inverse=True)
        if not self.class_names:
            self.class_names, self._classes = tuple(found.tolist()), len(found)
        number_of = {name: number for number, name in enumerate(self.class_names)}
        unknown = [name for name in found.tolist() if name not in number_of]
        if unknown:
            raise ValueError(f"{self.owner}: expected y to hold {', '.join(self.class_names)}, got {unknown[0]!r}")
        return np.array([number_of[name] for name in found.tolist()])[numbers]


def _samples(values: Any, owner: str, inputs: Samples) -> Samples:
    """The labels, once it is known that they belong to the inputs."""
    lengths = inputs.lengths
    counts = None if lengths is None else lengths_of(values)
    known = [] if lengths is None else lengths.tolist()
    sequences = counts is not None and (counts == known or len(set(counts)) > 1)
    if not sequences:
        values = Checks.number_array(values, owner, "y")
        if values.shape[1:2] != inputs.shape[1:2]:
            lengths = None
    samples = Samples(values, "y", owner, None if sequences else lengths, sequences)
    if samples.shape[0] != inputs.shape[0]:
        raise ValueError(
            f"{owner}: expected a label for each sample, got X with {inputs.shape[0]} samples and y with "
            f"{samples.shape[0]}"
        )
    if sequences and counts is not None:
        for place, (given, steps) in enumerate(zip(counts, known, strict=True)):
            if given != steps:
                raise ValueError(
                    f"{owner}: expected a label for each time step, got {given} for {steps} steps in sample {place}"
                )
    return samples


def _read_classes(classes: Any, owner: str) -> tuple[tuple[str, ...], int | None]:
    if classes is None:
        return (), None
    if isinstance(classes, str) or not hasattr(classes, "__len__"):
        count = Checks.integer(classes, owner, "classes", least=1)
        check_largest(count - 1, owner)
        return (), count
    names = tuple(str(name) for name in classes)
    if not names or len(set(names)) < len(names):
        raise ValueError(f"{owner}: expected classes to be names that differ, got {list(names)}")
    return names, len(names)


def _are_distributions(rows: NDArray[Any]) -> bool:
    return _are_shares(rows) and bool((np.abs(rows.sum(axis=-1) - 1.0) <= TOLERANCE).all())


def _are_shares(rows: NDArray[Any]) -> bool:
    return bool(((rows >= 0) & (rows <= 1)).all())


def _are_zeros_and_ones(rows: NDArray[Any]) -> bool:
    return bool(((rows == 0) | (rows == 1)).all())


def _are_whole(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "iub" or bool((values == np.rint(values)).all())


def _are_names(values: Any) -> bool:
    if isinstance(values, list | tuple):
        return bool(values) and all(isinstance(value, str) for value in values)
    if getattr(getattr(values, "dtype", None), "kind", "O") in "fiub":
        return False
    array = np.asarray(values)
    return array.dtype.kind == "U" or (array.size > 0 and all(isinstance(value, str) for value in array.ravel()))
