"""Metrics: numbers that say how good predictions are, for people; the loss is what says it to the network.

    accuracy = metrics.get("accuracy")
    for batch in batches:
        accuracy.update(predictions, labels)
    accuracy.result()

Of classes, by these names or as objects:

- "accuracy", `Accuracy`: the share of samples whose class is the predicted one.
- "top_5", `TopKAccuracy`: the share of samples whose class is among the k that were given the largest numbers.
- "balanced_accuracy", `BalancedAccuracy`: the mean of each class's share of hits.
- "precision", `Precision`: the share of those that were taken for a class which are of it.
- "recall", `Recall`: the share of those of a class which were found.
- "f1", `F1`: the harmonic mean of precision and recall.
- "auc", `AreaUnderCurve`: how often a sample of a class is given a larger number for it than one that isn't of it.

Of numbers, as in a regression:

- "mean_absolute_error", `MeanAbsoluteError`: the mean distance between targets and predictions.
- "r2", `R2`: the share of the targets' variance that the predictions explain.

And `Function`: any function of predictions and labels. `get` finds a metric by its name, `names` lists the names.

A metric gets batches one after the other and never sees them again: it keeps sums, of the same size whatever the number
of samples is (all but `AreaUnderCurve` and functions, which need every sample until the end). `update` only collects,
which costs a fraction of a microsecond; what has been collected is added to the sums when it fills the cache, or when
somebody asks.

Predictions are `(batch, classes)`, `(batch, time, classes)` or `(batch, targets)`, labels have the same shape, and
class numbers may stand in place of one-hot rows. A single column is the probability of the second of two classes.
Samples and time steps of weight 0, such as padding, don't count at all.
"""

import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.Configurable import Configurable
from Foundation.Labels import one_hot

#: How many numbers may wait to be added to the sums: so few that they stay in the cache, and that memory which is freed
#: needs no call of the operating system. And for how many of them a batch counts, however small it is.
_ROOM, _OF_A_BATCH = 20_000, 50
#: How far from 1 the sum of a label's probabilities may be; float32 rounding stays far below it.
_TOLERANCE = 1e-4

#: Rows of so few columns lie column by column, so that each operation has much to do.
_FEW = 16
_SHAPE = operator.attrgetter("shape")

_Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


class Metric(Configurable, ABC):
    """A number that is made from batches of predictions and labels.

    A derived class names what it keeps in `_nothing`, adds rows of predictions, labels and weights to it in `_add`,
    and makes the number of it in `_value`.

    Attributes:
        name: the key in a history.
        of_classes: whether labels are classes (True), or numbers as in a regression.
        several: whether a sample may be of several classes at once, or of none (False). Else each label is
            a distribution over the classes, one-hot for instance.
    """

    name: str = ""
    of_classes: ClassVar[bool] = True
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
        if rows[0].shape[1] <= _FEW:
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
            sums = _sums(labels)
            far = np.abs(sums - 1)
            if far.max() > _TOLERANCE:
                advice = f"; where a sample may be of several classes: {type(self).__name__}(several=True)"
                raise ValueError(
                    f"{self!r}: expected each label to be one class, one-hot for instance, got one that sums to "
                    f"{sums[far.argmax()]:g}{advice * isinstance(self, _OfClasses)}"
                )


class _OfClasses(Metric):
    """A metric of classes, that may be several at once.

    Args:
        several: whether a sample may be of several classes at once, or of none (False).
    """

    def __init__(self, several: bool = False) -> None:
        self.several = several
        super().__init__()

    def _yes_or_no(self, rows: np.ndarray) -> bool:
        """Whether each column is a question of its own, answered above 0.5, or the largest column is the class."""
        return self.several or rows.shape[1] == 1


class Accuracy(_OfClasses):
    """The share of samples whose class is the predicted one.

    The class is the largest entry's; of a single column, whether it is above 0.5. Where a sample may be of several
    classes, all of them have to be right, as in scikit-learn.

    Args:
        several: whether a sample may be of several classes at once, or of none (False).

    >>> accuracy = Accuracy()
    >>> accuracy.update([[0.9, 0.1], [0.8, 0.2]], [[1, 0], [0, 1]])
    >>> accuracy.result()
    0.5
    """

    name = "accuracy"

    def _nothing(self) -> dict[str, Any]:
        return {"hits": 0.0}

    def _add(self, predictions: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> None:
        if self._yes_or_no(predictions):
            hits = ((predictions > 0.5) == (labels > 0.5)).all(axis=1)
        else:
            hits = _largest(predictions) == _largest(labels)
        self._kept["hits"] += float(_total(weights, hits))

    def _value(self) -> float:
        return self._kept["hits"] / self._kept["weight"]


class TopKAccuracy(Metric):
    """The share of samples whose class is among the k that were given the largest numbers.

    Of equal numbers the first counts as larger, so that the one of k = 1 is the accuracy.

    Args:
        k: how many there are (5).

    >>> top = TopKAccuracy(k=2)
    >>> top.update([[0.6, 0.3, 0.1], [0.6, 0.3, 0.1]], [1, 2])
    >>> top.name, top.result()
    ('top_2', 0.5)
    """

    def __init__(self, k: int = 5) -> None:
        self.k = Checks.positive_integer(k, "TopKAccuracy", "k")
        super().__init__()

    @property
    def name(self) -> str:  # type: ignore[override]
        """The key in a history."""
        return f"top_{self.k}"

    def _nothing(self) -> dict[str, Any]:
        return {"hits": 0.0}

    def _add(self, predictions: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> None:
        if predictions.shape[1] <= self.k:
            raise ValueError(
                f"{self!r}: expected predictions of more than {self.k} classes, got {predictions.shape[1]}"
            )
        true = _largest(labels).astype(np.intp)[:, np.newaxis]
        at_the_label = np.take_along_axis(predictions, true, axis=1)
        before = np.arange(predictions.shape[1]) < true
        rank = ((predictions > at_the_label) | (before & (predictions == at_the_label))).sum(axis=1)
        self._kept["hits"] += float(_total(weights, rank < self.k))

    def _value(self) -> float:
        return self._kept["hits"] / self._kept["weight"]


class _OfCounts(_OfClasses):
    """A metric that scikit-learn makes of how often each class is hit, there, and predicted."""

    def _nothing(self) -> dict[str, Any]:
        return {"hits": 0.0, "there": 0.0, "predicted": 0.0, "columns": 0}

    def _add(self, predictions: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> None:
        columns = self._kept["columns"] = predictions.shape[1]
        if self.several:
            predicted, true = predictions > 0.5, labels > 0.5
            counts = tuple(_total(weights, rows) for rows in (predicted & true, true, predicted))
        else:
            yes_or_no = columns == 1
            predicted, true = (rows[:, 0] > 0.5 if yes_or_no else _largest(rows) for rows in (predictions, labels))
            hit = predicted == true
            classes = max(2, columns)
            counts = (
                np.bincount(true[hit], weights[hit], classes),
                np.bincount(true, weights, classes),
                np.bincount(predicted, weights, classes),
            )
        for name, count in zip(("hits", "there", "predicted"), counts, strict=True):
            self._kept[name] = self._kept[name] + count

    def _score(self, function: Callable[..., Any], classes: np.ndarray, average: str) -> float:
        """What a function of scikit-learn makes of samples that would have been counted so."""
        hits, there, predicted = (self._kept[name] for name in ("hits", "there", "predicted"))
        numbers, other = np.arange(len(hits)), np.full(len(hits), len(hits))
        return function(
            np.concatenate([numbers, numbers, other]),
            np.concatenate([numbers, other, numbers]),
            sample_weight=np.concatenate([hits, (there - hits).clip(0), (predicted - hits).clip(0)]),
            labels=classes,
            average=average,
            zero_division=0,
        )


class BalancedAccuracy(_OfCounts):
    """The mean of each class's share of hits: rare classes count as much as frequent ones.

    Source: K. H. Brodersen et al., "The balanced accuracy and its posterior distribution", ICPR 2010.

    >>> balanced = BalancedAccuracy()
    >>> balanced.update([[0.9, 0.1]] * 10, [0] * 9 + [1])
    >>> balanced.result()
    0.5
    """

    name = "balanced_accuracy"

    def _value(self) -> float:
        from sklearn.metrics import recall_score

        return self._score(recall_score, np.flatnonzero(self._kept["there"]), "macro")


class _OfFoundAndMissed(_OfCounts):
    """Precision, recall and what is made of both.

    Args:
        several: whether a sample may be of several classes at once, or of none (False).
        average: over the classes: "macro" counts all of them alike, "weighted" by how often they are there, "micro"
            pools all counts, "binary" is the second class's alone. None, the default, means "binary" for two
            classes and "macro" for more, or for several at once.
    """

    _AVERAGES = (None, "binary", "macro", "micro", "weighted")

    def __init__(self, several: bool = False, average: str | None = None) -> None:
        if average not in self._AVERAGES:
            raise ValueError(f"{type(self).__name__}: expected average to be one of {self._AVERAGES}, got {average!r}")
        self.average = average
        super().__init__(several)

    def _value(self) -> float:
        from sklearn import metrics

        there, predicted = self._kept["there"], self._kept["predicted"]
        two = not self.several and self._kept["columns"] <= 2
        average = self.average or ("binary" if two else "macro")
        if average == "binary":
            if not two:
                raise ValueError(f"{self!r}: expected two classes, got {self._kept['columns']} columns; average them")
            classes, average = np.array([1]), "macro"
        else:
            classes = np.arange(len(there)) if self.several else np.flatnonzero(there + predicted)
        return self._score(getattr(metrics, f"{self.name}_score"), classes, average)


class Precision(_OfFoundAndMissed):
    """The share of those that were taken for a class which are of it: hits / predicted.

    Args:
        several: whether a sample may be of several classes at once, or of none (False).
        average: "macro", "weighted", "micro" or "binary"; None chooses, see `Recall`.

    >>> precision = Precision()
    >>> precision.update([[0.9], [0.8], [0.7], [0.1]], [1, 1, 0, 1])
    >>> round(precision.result(), 3)
    0.667
    """

    name = "precision"


class Recall(_OfFoundAndMissed):
    """The share of those of a class which were found: hits / there.

    Args:
        several: whether a sample may be of several classes at once, or of none (False).
        average: over the classes: "macro" counts all of them alike, "weighted" by how often they are there, "micro"
            pools all counts, "binary" is the second class's alone. None, the default, means "binary" for two
            classes and "macro" for more, or for several at once.

    >>> recall = Recall()
    >>> recall.update([[0.9], [0.8], [0.7], [0.1]], [1, 1, 0, 1])
    >>> round(recall.result(), 3)
    0.667
    """

    name = "recall"


class F1(_OfFoundAndMissed):
    """The harmonic mean of precision and recall, of each class.

    Args:
        several: whether a sample may be of several classes at once, or of none (False).
        average: "macro", "weighted", "micro" or "binary"; None chooses, see `Recall`.

    Source: C. J. van Rijsbergen, "Information Retrieval", 2nd edition, 1979.

    >>> f1 = F1()
    >>> f1.update([[0.9], [0.8], [0.7], [0.1]], [1, 1, 0, 1])
    >>> round(f1.result(), 3)
    0.667
    """

    name = "f1"


class AreaUnderCurve(_OfClasses):
    """How often a sample of a class is given a larger number for it than one that isn't of it.

    That is the area under the receiver operating characteristic: the mean over the classes, each against all others;
    for two classes the second one's. Classes of which every sample is, or none, don't count; NaN where that are all.
    It keeps all predictions until `reset`, since they have to be sorted.

    Args:
        several: whether a sample may be of several classes at once, or of none (False).

    Source: J. A. Hanley, B. J. McNeil, "The meaning and use of the area under a receiver operating characteristic
    (ROC) curve", Radiology 143 (1982).

    >>> area = AreaUnderCurve()
    >>> area.update([[0.9], [0.4], [0.6], [0.1]], [1, 1, 0, 0])
    >>> area.result()
    0.75
    """

    name = "auc"

    def _nothing(self) -> dict[str, Any]:
        return {"predictions": [], "labels": [], "weights": []}

    def _add(self, predictions: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> None:
        if self._yes_or_no(labels):
            true = labels > 0.5
        else:
            true = _largest(labels)[:, np.newaxis] == np.arange(labels.shape[1])
            if labels.shape[1] == 2:
                predictions, true = predictions[:, 1:], true[:, 1:]
        for name, part in (("predictions", predictions), ("labels", true), ("weights", weights)):
            self._kept[name] = [*self._kept[name], part]

    def _value(self) -> float:
        from sklearn.metrics import roc_auc_score

        predictions, labels, weights = (
            np.concatenate(self._kept[name]) for name in ("predictions", "labels", "weights")
        )
        decidable = labels.any(axis=0) & ~labels.all(axis=0)
        areas = [
            roc_auc_score(labels[:, column], predictions[:, column], sample_weight=weights)
            for column in np.flatnonzero(decidable)
        ]
        return float(np.mean(areas)) if areas else float("nan")


class MeanAbsoluteError(Metric):
    """The mean distance between targets and predictions, in the unit of the targets.

    >>> error = MeanAbsoluteError()
    >>> error.update([[1.0], [2.0]], [[1.5], [4.0]])
    >>> error.result()
    1.25
    """

    name = "mean_absolute_error"
    of_classes = False

    def _nothing(self) -> dict[str, Any]:
        return {"error": 0.0}

    def _add(self, predictions: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> None:
        self._kept["error"] += (
            float(_total(weights, _sums(np.abs(np.subtract(predictions, labels, dtype=float))))) / labels.shape[1]
        )

    def _value(self) -> float:
        return self._kept["error"] / self._kept["weight"]


class R2(Metric):
    r"""The share of the targets' variance that the predictions explain, the coefficient of determination.

    $$R^2 = 1 - \frac{\sum_i w_i (y_i - \hat y_i)^2}{\sum_i w_i (y_i - \bar y)^2}$$

    1 is perfect, 0 what the mean of the targets reaches; it may be negative. The mean over the targets' columns. NaN
    for a single sample; of targets that are all equal, 1 where the predictions are right, and else 0, as in
    scikit-learn.

    Source of the sums: T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for
    computing sample variances", Stanford 1979.

    >>> r2 = R2()
    >>> r2.update([[1.0], [2.0], [3.0]], [[1.0], [2.0], [4.0]])
    >>> round(r2.result(), 3)
    0.786
    """

    name = "r2"
    of_classes = False

    def _nothing(self) -> dict[str, Any]:
        return {"samples": 0, "mean": 0.0, "deviation": 0.0, "residue": 0.0}

    def _add(self, predictions: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> None:
        labels, kept, weight = labels.astype(float), self._kept, weights.sum()
        mean = _total(weights, labels) / weight
        total, apart = kept["weight"] + weight, mean - kept["mean"]
        between = apart**2 * (kept["weight"] * weight / total)
        self._kept = kept | {
            "samples": kept["samples"] + len(weights),
            "mean": kept["mean"] + apart * (weight / total),
            "deviation": kept["deviation"] + _total(weights, (labels - mean) ** 2) + between,
            "residue": kept["residue"] + _total(weights, (labels - predictions) ** 2),
        }

    def _value(self) -> float:
        if self._kept["samples"] < 2:
            return float("nan")
        deviation, residue = np.asarray(self._kept["deviation"]), np.asarray(self._kept["residue"])
        varied = deviation > 0
        unexplained = np.where(varied, residue / np.where(varied, deviation, 1), residue > 0)
        return float(np.mean(1 - unexplained))


class Function(Metric):
    """A function of somebody's own, `function(predictions, labels)`, of all samples at once.

    It is called when the number is asked for, with the rows of all batches; of sequences, each time step is one. All
    are kept until `reset`. Weights are not handed on: samples of weight 0 are left out, and all others count alike.

    Args:
        function: it gives a number.

    >>> import numpy as np
    >>> def worst(predictions, labels):
    ...     return np.abs(predictions - labels).max()
    >>> metric = Function(worst)
    >>> metric.update([[1.0], [2.0]], [[1.5], [4.0]])
    >>> metric.name, metric.result()
    ('worst', 2.0)
    """

    of_classes = False

    def __init__(self, function: Callable[[np.ndarray, np.ndarray], float]) -> None:
        self.function = function
        super().__init__()

    @property
    def name(self) -> str:  # type: ignore[override]
        """The key in a history: the function's name."""
        return getattr(self.function, "__name__", type(self.function).__name__)

    def _nothing(self) -> dict[str, Any]:
        return {"predictions": [], "labels": []}

    def _add(self, predictions: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> None:
        self._kept["predictions"] = [*self._kept["predictions"], predictions]
        self._kept["labels"] = [*self._kept["labels"], labels]

    def _value(self) -> float:
        value = self.function(np.concatenate(self._kept["predictions"]), np.concatenate(self._kept["labels"]))
        return Checks.number(float(value), self, "the function's result")


# Sums of products: the matrix library would wake threads, which then wait actively beside what the network computes.


def _sums(rows: np.ndarray) -> np.ndarray:
    """The sum of each row."""
    return np.add.reduce(rows, axis=1) if rows.shape[1] <= _FEW else np.einsum("ij->i", rows)


def _total(weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The sum of all rows, each times its weight."""
    if weights.strides == (0,):  # all of them are 1
        return np.count_nonzero(rows, axis=0) if rows.dtype == bool else rows.sum(axis=0)
    return np.einsum("i,i...->...", weights, rows)


def _largest(rows: np.ndarray) -> np.ndarray:
    """The place of the first largest number in each row: of few columns, column by column in a fifth of the time."""
    if rows.shape[1] > _FEW:
        return rows.argmax(axis=1)
    first, *others = rows.T
    largest, place = first.copy(), np.zeros(len(rows), np.uint8)
    for column, numbers in enumerate(others, start=1):
        later = (numbers > largest).view(np.uint8)
        later *= column
        np.maximum(place, later, out=place)  # a later column is a larger number
        np.maximum(largest, numbers, out=largest)
    return place


_BY_NAME: dict[str, type[Metric]] = {
    kind.name: kind
    for kind in (Accuracy, BalancedAccuracy, Precision, Recall, F1, AreaUnderCurve, R2, MeanAbsoluteError)
}
#: What is looked at where nobody has said anything; left out where labels are no classes.
DEFAULT = ("accuracy",)


def names() -> list[str]:
    """The names that `get` knows; any number may stand in "top_5".

    >>> names()
    ['accuracy', 'auc', 'balanced_accuracy', 'f1', 'mean_absolute_error', 'precision', 'r2', 'recall', 'top_5']
    """
    return sorted([*_BY_NAME, "top_5"])


def get(metric: Any) -> Any:
    """A metric by its name, or of a function; a metric is given back as it is.

    Raises ValueError for a name that is none, with those that there are; TypeError for anything else.

    >>> get("accuracy"), get("top_3").name
    (Accuracy(several=False), 'top_3')
    """
    if isinstance(metric, str):
        if metric in _BY_NAME:
            return _BY_NAME[metric]()
        if top := re.fullmatch(r"top_([1-9]\d{0,8})", metric):
            return TopKAccuracy(int(top[1]))
        raise ValueError(f"metrics: there is no {metric!r}; expected one of {', '.join(names())}, or a function")
    if isinstance(metric, type) and issubclass(metric, Metric):
        return metric()
    if not isinstance(metric, type):
        if all(callable(getattr(metric, method, None)) for method in ("update", "result", "reset")):
            return metric
        if callable(metric):
            return Function(metric)
    raise TypeError(
        f"metrics: expected a name, a metric with update, result and reset, or a function of predictions and labels, "
        f"got {metric!r}"
    )


def suited(wanted: Any, loss: Any = None) -> list[Any]:
    """The metrics for a network that is trained with a loss, each by its name or as it is.

    Where a loss takes memberships as labels, a sample may be of several classes at once, and metrics of a name
    count so. Where it takes all numbers, as in a regression, `DEFAULT` is nothing; a metric of classes that somebody
    asked for stays, and refuses labels that are none.

    Args:
        wanted: names, metrics and functions; one alone is as good.
        loss: the loss layer, whose `wanted_labels` tells; without one nothing is known of the labels (None).

    Raises ValueError and TypeError as `get` does, and ValueError for two metrics of one name.

    >>> from Optimization.Loss import CrossEntropyLoss
    >>> suited(["accuracy", "top_2"], CrossEntropyLoss())
    [Accuracy(several=False), TopKAccuracy(k=2)]
    """
    labels = getattr(loss, "wanted_labels", None)
    if wanted is DEFAULT and labels == "numbers":
        return []
    given = [wanted] if isinstance(wanted, str) or not isinstance(wanted, Iterable) else list(wanted)
    found = [get(metric) for metric in given]
    names_found = [metric.name for metric in found]
    for metric, named in zip(found, given, strict=True):
        if names_found.count(metric.name) > 1:
            raise ValueError(f"metrics: expected each name once, got {metric.name!r} twice")
        if labels == "memberships" and isinstance(named, str) and isinstance(metric, _OfClasses):
            metric.several = True
    return found
