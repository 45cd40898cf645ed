"""Metrics of numbers, as in a regression."""

from typing import Any

import numpy as np

from Training.metrics.base import Metric
from Training.metrics.sums import sums, total


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
            float(total(weights, sums(np.abs(np.subtract(predictions, labels, dtype=float))))) / labels.shape[1]
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
    by_column = True

    def _nothing(self) -> dict[str, Any]:
        return {"samples": 0, "mean": 0.0, "deviation": 0.0, "residue": 0.0}

    def _add(self, predictions: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> None:
        labels, kept, weight = labels.astype(float), self._kept, weights.sum()
        mean = total(weights, labels) / weight
        both, apart = kept["weight"] + weight, mean - kept["mean"]
        between = apart**2 * (kept["weight"] * weight / both)
        self._kept = kept | {
            "samples": kept["samples"] + len(weights),
            "mean": kept["mean"] + apart * (weight / both),
            "deviation": kept["deviation"] + total(weights, (labels - mean) ** 2) + between,
            "residue": kept["residue"] + total(weights, (labels - predictions) ** 2),
        }

    def _value(self) -> float:
        if self._kept["samples"] < 2:
            return float("nan")
        deviation, residue = np.asarray(self._kept["deviation"]), np.asarray(self._kept["residue"])
        varied = deviation > 0
        unexplained = np.where(varied, residue / np.where(varied, deviation, 1), residue > 0)
        return float(np.mean(1 - unexplained))
