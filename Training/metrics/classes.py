"""Metrics of classes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from Foundation import Checks
from Training.metrics.base import Metric
from Training.metrics.sums import largest, total


class OfClasses(Metric):
    """A metric of classes, that may be several at once.

    Args:
        several: whether a sample may be of several classes at once, or of none (False).
    """

    def __init__(self, several: bool = False) -> None:
        self.several = Checks.truth(several, type(self).__name__, "several")
        super().__init__()

    def _yes_or_no(self, rows: np.ndarray) -> bool:
        """Whether each column is a question of its own, answered above 0.5, or the largest column is the class."""
        return self.several or rows.shape[1] == 1


class Accuracy(OfClasses):
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
            hits = largest(predictions) == largest(labels)
        self._kept["hits"] += float(total(weights, hits))

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
        true = largest(labels).astype(np.intp)[:, np.newaxis]
        at_the_label = np.take_along_axis(predictions, true, axis=1)
        before = np.arange(predictions.shape[1]) < true
        rank = ((predictions > at_the_label) | (before & (predictions == at_the_label))).sum(axis=1)
        self._kept["hits"] += float(total(weights, rank < self.k))

    def _value(self) -> float:
        return self._kept["hits"] / self._kept["weight"]


class _OfCounts(OfClasses):
    """A metric that scikit-learn makes of how often each class is hit, there, and predicted."""

    by_column = True

    def _nothing(self) -> dict[str, Any]:
        return {"hits": 0.0, "there": 0.0, "predicted": 0.0, "columns": 0}

    def _add(self, predictions: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> None:
        columns = self._kept["columns"] = predictions.shape[1]
        if self.several:
            predicted, true = predictions > 0.5, labels > 0.5
            counts = tuple(total(weights, rows) for rows in (predicted & true, true, predicted))
        else:
            yes_or_no = columns == 1
            predicted, true = (rows[:, 0] > 0.5 if yes_or_no else largest(rows) for rows in (predictions, labels))
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


class AreaUnderCurve(OfClasses):
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

    def _check_state(self, state: Any) -> None:
        super()._check_state(state)
        if any(labels.dtype != bool for labels in state["labels"]) or any(w.min() <= 0 for w in state["weights"]):
            raise ValueError(f"{self!r}: expected a state of labels that are True or False, and weights above 0")

    def _add(self, predictions: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> None:
        if self._yes_or_no(labels):
            true = labels > 0.5
        else:
            true = largest(labels)[:, np.newaxis] == np.arange(labels.shape[1])
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
