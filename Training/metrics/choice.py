"""Which metrics somebody means: names, objects, functions, and what suits a loss."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from Foundation import Checks
from Training.metrics.base import Metric
from Training.metrics.classes import (
    F1,
    Accuracy,
    AreaUnderCurve,
    BalancedAccuracy,
    OfClasses,
    Precision,
    Recall,
    TopKAccuracy,
)
from Training.metrics.regression import R2, MeanAbsoluteError


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
        return Checks.number(Checks.one_number(value, self, "the function's result"), self, "the function's result")


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
        if labels == "memberships" and isinstance(named, str) and isinstance(metric, OfClasses):
            metric.several = True
    return found
