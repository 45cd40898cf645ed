"""The losses: one number that says how wrong a batch of predictions is.

A loss is two formulas, the number and its derivative:

    class SquaredError(Loss):
        @forward_pass
        def forward(self, prediction_tensor, label_tensor):
            return np.square(prediction_tensor - label_tensor)

        @backward_pass
        def backward(self, label_tensor):
            return 2 * (self.prediction_tensor - label_tensor)

What surrounds them is put around by `@forward_pass` and `@backward_pass`. A class with a plain `forward` and
`backward`, whether derived from `Loss` or not, trains a network just as well.
"""

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.Configurable import Configurable

#: How far from 1 the sum of a label's probabilities may be; float32 rounding stays far below it.
_TOLERANCE = 1e-4
_EPSILON = float(np.finfo(float).eps)


class Loss(Configurable, ABC):
    """How wrong a batch of predictions is, summed over the batch.

    So the loss of two batches is the sum of their losses, and a batch may be divided exactly.

    `check_predictions` and `check_labels` say what predictions and labels have to be beyond numbers in arrays of one
    shape; a derived class sets them where its formula needs more, to a function such as `probabilities` or
    `distributions` here.

    Attributes:
        prediction_tensor: what `forward` keeps for `backward`, no part of a copied or saved loss.
    """

    prediction_tensor: Any = None
    _read_labels: np.ndarray | None = None  # the labels of the last forward, where they needed no conversion

    @abstractmethod
    def forward(self, prediction_tensor: ArrayLike, label_tensor: ArrayLike) -> float:
        """The loss of a batch of predictions."""

    @abstractmethod
    def backward(self, label_tensor: ArrayLike) -> np.ndarray:
        """The derivative of the loss with respect to each prediction."""

    def check_predictions(self, prediction: np.ndarray) -> None:
        """Raise ValueError for predictions for which the loss is not defined."""

    def check_labels(self, label: np.ndarray) -> None:
        """Raise ValueError for what is no label of this loss."""

    def _labels(self, label_tensor: ArrayLike, prediction: np.ndarray) -> np.ndarray:
        """The labels in the type of the predictions, once they are known to be labels."""
        label = Checks.tensor(label_tensor, self, "labels", dtype=prediction.dtype)
        if label.shape != prediction.shape:
            class_numbers = label.ndim < prediction.ndim or label.shape[-1] == 1
            advice = "; these look like class numbers: numpy.eye(classes)[numbers] makes one-hot rows of them"
            raise ValueError(
                f"{self!r}: expected labels of the predictions' shape {Checks.shape_text(prediction.shape)}, "
                f"got {Checks.shape_text(label.shape)}{advice * class_numbers}"
            )
        self.check_labels(label)
        return label

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("prediction_tensor", "_read_labels")}


def forward_pass(formula: Callable[..., Any]) -> Callable[..., float]:
    """Around the `forward` of a loss: reads both arguments, keeps the predictions, sums over the batch.

    The formula gets two arrays of one shape and one floating-point type. It returns losses of any shape, or their sum.
    """

    @np.errstate(under="ignore")
    @functools.wraps(formula)
    def forward(self: Loss, prediction_tensor: ArrayLike, label_tensor: ArrayLike) -> float:
        prediction = Checks.tensor(prediction_tensor, self, "predictions")
        label = self._labels(label_tensor, prediction)
        self.check_predictions(prediction)
        loss = float(np.add.reduce(formula(self, prediction, label), axis=None, dtype=float))
        self.prediction_tensor, self._read_labels = prediction, label if label is label_tensor else None
        return loss

    return forward


def backward_pass(formula: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Around the `backward` of a loss: refuses to come before `forward`, and reads the labels.

    An array that `forward` has read, and found to be labels, is not looked at a second time.
    """

    @np.errstate(under="ignore")
    @functools.wraps(formula)
    def backward(self: Loss, label_tensor: ArrayLike) -> np.ndarray:
        if self.prediction_tensor is None:
            raise RuntimeError(f"{self!r}: backward needs the predictions that forward keeps; call forward first")
        label = self._read_labels
        if label is None or label is not label_tensor or label.shape != self.prediction_tensor.shape:
            label = self._labels(label_tensor, self.prediction_tensor)
        return formula(self, label)

    return backward


def probabilities(loss: Loss, prediction: np.ndarray) -> None:
    """Refuse predictions of which one is negative: a `check_predictions`."""
    least = np.minimum.reduce(prediction, axis=None)
    if least < 0:
        raise ValueError(
            f"{loss!r}: expected predictions to be probabilities, got {least:g}; put a SoftMax before the loss?"
        )


def distributions(loss: Loss, label: np.ndarray) -> None:
    """Refuse labels of which one has a negative entry, or a sum other than 1: a `check_labels`."""
    sums = np.add.reduce(label, axis=-1)
    far = np.abs(sums - 1)
    # Written so that a label with NaN in it is refused.
    if not (np.minimum.reduce(label, axis=None) >= 0 and np.maximum.reduce(far, axis=None) <= _TOLERANCE):
        raise ValueError(
            f"{loss!r}: expected every label to be a distribution (no negative entry, sum 1), got entries from "
            f"{label.min():g} and a label that sums to {sums.flat[far.argmax()]:g}; one-hot rows are the usual case"
        )


class CrossEntropyLoss(Loss):
    r"""The cross-entropy between labels and predicted probabilities, summed over the batch.

    $$L = -\sum_{i,j} l_{ij} \ln(\hat y_{ij} + \varepsilon), \qquad
      \frac{\partial L}{\partial \hat y_{ij}} = -\frac{l_{ij}}{\hat y_{ij}}$$

    $\varepsilon$ = 2.2e-16 bounds the loss of a class that was given no probability at all (36.04 for
    each sample). In the derivative it would be too large: the error of a prediction of $e^{-100}$ would
    come out wrong by 28 orders of magnitude. There the prediction is only kept from falling below the
    smallest normal number of its type, as SoftMax does, whose page shows why the product is then exact.

    Shapes: predictions, labels and error `(batch, classes)`; the loss is a float.

    A label is a distribution over the classes: usually one-hot, but soft labels whose rows sum to 1 are
    as good.

    Raises:
        ValueError: where shapes differ, a prediction is negative, or a label is no distribution.
        TypeError: where either is not made of numbers.
        RuntimeError: where `backward` is called before `forward`.

    Source: I. J. Good, "Rational decisions", Journal of the Royal Statistical Society B 14 (1952).

    >>> from Optimization import Loss
    >>> loss = Loss.CrossEntropyLoss()
    >>> round(loss.forward([[0.5, 0.5], [0.25, 0.75]], [[1, 0], [0, 1]]), 4)
    0.9808
    >>> loss.backward([[1, 0], [0, 1]]).round(3) + 0.0
    array([[-2.   ,  0.   ],
           [ 0.   , -1.333]])
    """

    check_predictions = probabilities
    check_labels = distributions

    @forward_pass
    def forward(self, prediction_tensor: np.ndarray, label_tensor: np.ndarray) -> np.ndarray:
        """The loss of a batch of predictions, both `(batch, classes)`."""
        labelled = label_tensor > 0
        return -label_tensor[labelled] @ np.log(prediction_tensor[labelled] + _EPSILON, dtype=float)

    @backward_pass
    def backward(self, label_tensor: np.ndarray) -> np.ndarray:
        """The derivative of the loss with respect to each prediction, `(batch, classes)`."""
        return -label_tensor / np.maximum(self.prediction_tensor, np.finfo(self.prediction_tensor.dtype).tiny)
