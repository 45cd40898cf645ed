"""What all metrics have in common: batches are collected, and counted many at a time."""

import operator
from abc import ABC, abstractmethod
from itertools import repeat
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.Configurable import Configurable
from Foundation.Labels import TOLERANCE, one_hot
from Training.metrics.sums import FEW, sums

#: How many numbers may wait to be added to the sums: so few that they stay in the cache, and that memory which is freed
#: needs no call of the operating system. And for how many of them a batch counts, however small it is.
_ROOM, _OF_A_BATCH = 20_000, 50

_SHAPE, _KIND = operator.attrgetter("shape"), operator.attrgetter("dtype.kind")

_Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


class Metric(Configurable, ABC):
    """A number that is made from batches of predictions and labels.

    A derived class names what it keeps in `_nothing`, adds rows of predictions, labels and weights to it in `_add`,
    and makes the number of it in `_value`.

    Attributes:
        name: the key in a history.
        of_classes: whether labels are classes (True), or numbers as in a regression.
        by_column: whether what is kept becomes an array, with a number for each class or target (False).
        several: whether a sample may be of several classes at once, or of none (False). Else each label is
            a distribution over the classes, one-hot for instance.
    """

    name: str = ""
    of_classes: ClassVar[bool] = True
    by_column: ClassVar[bool] = False
    several: bool = False

    def __init__(self) -> None:
        self.reset()

    @abstractmethod
    def _nothing(self) -> dict[str, Any]:
        """What is kept before anything has come."""

    @abstractmethod
    def _add(self, predictions: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> None:
        """Add rows `(samples, classes)` twice, and `(samples,)`, to what is kept."""

    @abstractmethod
    def _value(self) -> float:
        """The number that follows from what is kept; some weight has come."""

    def reset(self) -> None:
        """Forget all batches."""
        self._batches: list[Any] = []  # three elements for each
        self._room = 0  # the first batch is looked at at once: what doesn't fit is said where it comes
        self._kept = {"weight": 0.0, **self._nothing()}

    def update(self, predictions: Any, labels: Any, sample_weights: Any = None) -> None:
        """Count a batch. Its arrays are kept for a while; don't change them.

        Args:
            predictions: what the network says, `(batch, classes)` or `(batch, …, classes)`.
            labels: of the same shape, or class numbers without the last axis.
            sample_weights: how much each sample or time step counts, of the labels' first axes (all 1).

        Raises ValueError or TypeError where the labels are none of this metric; with the first batch, or later,
        when it is looked at.
        """
        self._batches += (predictions, labels, sample_weights)
        try:
            self._room -= predictions.size + _OF_A_BATCH
        except AttributeError:  # a list, which its owner may change
            self._room = -1
        if self._room < 0:
            self._fold()

    def add_rows(self, predictions: np.ndarray, labels: np.ndarray) -> None:
        """Count rows `(samples, classes)` of one type, as those that `update` has found to be right before.

        A trainer, whose loss has looked at them already, saves half of the time.
        """
        self._fold()
        self._add(predictions, labels, np.ones(len(predictions)))
        self._kept["weight"] += float(len(predictions))

    def result(self) -> float:
        """The number, of all batches since `reset`; NaN where none came, or none that counts."""
        self._fold()
        return float(self._value()) if self._kept["weight"] else float("nan")

    @property
    def state(self) -> dict[str, Any]:
        """What has been counted so far: a dictionary that a file can hold. Setting it goes on from there."""
        self._fold()
        self._room = 0  # as after setting it, so that both go on to the same bits
        return dict(self._kept)

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        self._check_state(state)
        self._batches, self._room = [], 0
        self._kept = dict(state)

    def _check_state(self, state: Any) -> None:
        wanted = {"weight", *self._nothing()}
        if not isinstance(state, dict) or set(state) != wanted:
            got = sorted(state) if isinstance(state, dict) else type(state).__name__
            raise ValueError(f"{self!r}: expected a state of {sorted(wanted)}, got {got}; is it another metric's?")
        Checks.number(state["weight"], self, "the state's weight", least=0)
        begun, rows, widths = state["weight"] > 0, set(), set()
        for name, nothing in self._nothing().items():
            value, what = state[name], f"the state's {name}"
            if isinstance(nothing, list):
                rows.add(tuple(map(len, self._arrays(value, what))))
            elif isinstance(nothing, int):
                Checks.integer(value, self, what, least=0)
            elif self.by_column and begun:
                widths.add(self._arrays([value], what)[0].shape)
            else:
                Checks.number(value, self, what)
        if len(rows) > 1 or len(widths) > 1:
            raise ValueError(f"{self!r}: expected a state of arrays that belong together, got {rows or widths}")

    def _arrays(self, values: Any, what: str) -> list[np.ndarray]:
        """Arrays of finite numbers, alike but for their first axis."""
        if not isinstance(values, list):
            raise TypeError(f"{self!r}: expected {what} to be a list of arrays, got {type(values).__name__}")
        arrays = [Checks.number_array(value, self, what) for value in values]
        if not all(array.ndim in (1, 2) and Checks.is_finite(array) for array in arrays):
            raise ValueError(f"{self!r}: expected {what} of finite numbers, with one or two axes")
        if not all(np.can_cast(array.dtype, float) for array in arrays):  # scikit-learn takes none that are longer
            raise TypeError(f"{self!r}: expected {what} of numbers that float64 holds, got {arrays[0].dtype}")
        if len({array.shape[1:] for array in arrays}) > 1:
            raise ValueError(f"{self!r}: expected {what} of as many columns each, got {[a.shape for a in arrays]}")
        return arrays

    def _fold(self) -> None:
        if self._batches:
            batches, self._batches, self._room = self._batches, [], _ROOM
            predictions, labels, weights = self._rows(batches)
            if len(weights):
                self._check(predictions, labels)
                self._add(predictions, labels, weights)
                self._kept["weight"] += float(weights.sum())

    def _rows(self, batches: list[Any]) -> _Rows:
        """All batches in three arrays, without samples of weight 0."""
        predictions, labels, weights = batches[::3], batches[1::3], batches[2::3]
        plain = (
            all(map(operator.is_, weights, repeat(None)))
            and {*map(type, predictions), *map(type, labels)} == {np.ndarray}
            and {*map(_KIND, predictions), *map(_KIND, labels)} <= set("fiub")
            and {*map(len, shapes := list(map(_SHAPE, predictions)))} == {2}
            and shapes == list(map(_SHAPE, labels))
        )
        if not plain:
            read = [self._row(*batch) for batch in zip(predictions, labels, weights, strict=True)]
            predictions, labels, weights = map(list, zip(*read, strict=True))
        try:
            rows = [np.concatenate(predictions), np.concatenate(labels)]
        except ValueError:
            widths = sorted({prediction.shape[1] for prediction in predictions})
            raise ValueError(f"{self!r}: expected predictions of the same width in all batches, got {widths}") from None
        if rows[0].shape[1] <= FEW:
            rows = list(map(np.asfortranarray, rows))
        if plain:
            return rows[0], rows[1], np.broadcast_to(1.0, len(rows[0]))
        each = np.concatenate(weights)
        counted = each > 0
        return (rows[0], rows[1], each) if counted.all() else (rows[0][counted], rows[1][counted], each[counted])

    def _row(self, predictions: ArrayLike, labels: ArrayLike, sample_weights: ArrayLike | None) -> _Rows:
        """A batch as `(samples, classes)` twice, and `(samples,)`."""
        prediction = Checks.number_array(predictions, self, "predictions")
        label = Checks.number_array(labels, self, "labels")
        if prediction.ndim == 1:
            prediction = prediction[:, np.newaxis]
        if label.shape == prediction.shape[:-1]:
            if prediction.shape[-1] == 1:
                label = label[..., np.newaxis]
            elif self.of_classes and label.dtype.kind in "iu":
                label = one_hot(label.ravel(), prediction.shape[-1]).reshape(prediction.shape)
        if label.shape != prediction.shape or prediction.ndim < 2:
            raise ValueError(
                f"{self!r}: expected labels of the predictions' shape {Checks.shape_text(prediction.shape)}, "
                f"got {Checks.shape_text(label.shape)}"
            )
        width = prediction.shape[-1]
        return (
            prediction.reshape(-1, width),
            label.reshape(-1, width),
            self._weights(sample_weights, prediction.shape),
        )

    def _weights(self, sample_weights: ArrayLike | None, shape: tuple[int, ...]) -> np.ndarray:
        *samples, width = shape
        if sample_weights is None:
            return np.ones(int(np.prod(samples)))
        weights = Checks.number_array(sample_weights, self, "sample weights")
        if weights.ndim == len(shape) and width == 1:
            weights = weights[..., 0]
        if not 0 < weights.ndim <= len(samples) or weights.shape != tuple(samples[: weights.ndim]):
            raise ValueError(
                f"{self!r}: expected sample weights {Checks.shape_text(tuple(samples))} or of its first axes, "
                f"got {Checks.shape_text(weights.shape)}"
            )
        if not (weights >= 0).all() or not np.isfinite(weights).all():
            raise ValueError(f"{self!r}: expected sample weights that are finite and not negative")
        each = weights.reshape(*weights.shape, *(1,) * (len(samples) - weights.ndim))
        return np.broadcast_to(each, samples).astype(float).ravel()

    def _check(self, predictions: np.ndarray, labels: np.ndarray) -> None:
        """Refuse what this metric would make nonsense of."""
        Checks.require_finite(predictions, self, "predictions")
        if not self.of_classes:
            Checks.require_finite(labels, self, "labels")
            return
        # Written so that a label with NaN in it is refused.
        if not (labels.min() >= 0 and labels.max() <= 1):
            raise ValueError(
                f"{self!r}: expected labels that are classes, with entries from 0 to 1, got entries from "
                f"{labels.min():g} to {labels.max():g}; numbers have metrics of their own: r2, mean_absolute_error"
            )
        if labels.shape[1] > 1 and not self.several:
            each = sums(labels)
            far = np.abs(each - 1)
            if far.max() > TOLERANCE:
                advice = f"; where a sample may be of several classes: {type(self).__name__}(several=True)"
                raise ValueError(
                    f"{self!r}: expected each label to be one class, one-hot for instance, got one that sums to "
                    f"{each[far.argmax()]:g}{advice * ('several' in self.argument_names())}"
                )
