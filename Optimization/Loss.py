"""The losses: one number that says how wrong a batch of predictions is."""

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.Configurable import Configurable

#: How far from 1 the sum of a label's probabilities may be; float32 rounding stays far below it.
_TOLERANCE = 1e-4
_EPSILON = float(np.finfo(float).eps)


class CrossEntropyLoss(Configurable):
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

    >>> loss = CrossEntropyLoss()
    >>> round(loss.forward([[0.5, 0.5], [0.25, 0.75]], [[1, 0], [0, 1]]), 4)
    0.9808
    >>> loss.backward([[1, 0], [0, 1]]).round(3) + 0.0
    array([[-2.   ,  0.   ],
           [ 0.   , -1.333]])
    """

    def __init__(self) -> None:
        self._prediction: np.ndarray | None = None

    def forward(self, prediction_tensor: ArrayLike, label_tensor: ArrayLike) -> float:
        """The loss of a batch of predictions, both `(batch, classes)`."""
        prediction = Checks.tensor(prediction_tensor, self, "predictions")
        label = self._check_labels(label_tensor, prediction)
        if prediction.min() < 0:
            raise ValueError(
                f"{self!r}: expected predictions to be probabilities, got {prediction.min():g}; "
                "put a SoftMax before the loss?"
            )
        self._prediction = prediction
        labelled = label > 0
        return -float(label[labelled] @ np.log(prediction[labelled] + _EPSILON, dtype=float))

    def backward(self, label_tensor: ArrayLike) -> np.ndarray:
        """The derivative of the loss with respect to each prediction, `(batch, classes)`."""
        if self._prediction is None:
            raise RuntimeError(f"{self!r}: backward needs the predictions that forward keeps; call forward first")
        label = self._check_labels(label_tensor, self._prediction)
        return -label / np.maximum(self._prediction, np.finfo(self._prediction.dtype).tiny)

    def _check_labels(self, label_tensor: ArrayLike, prediction: np.ndarray) -> np.ndarray:
        """The labels in the type of the predictions, once they are known to be distributions."""
        label = Checks.tensor(label_tensor, self, "labels", dtype=prediction.dtype)
        if label.shape != prediction.shape:
            class_numbers = label.ndim < prediction.ndim or label.shape[-1] == 1
            advice = "; these look like class numbers: numpy.eye(classes)[numbers] makes one-hot rows of them"
            raise ValueError(
                f"{self!r}: expected labels of the predictions' shape {Checks.shape_text(prediction.shape)}, "
                f"got {Checks.shape_text(label.shape)}{advice * class_numbers}"
            )
        sums = np.einsum("...j->...", label)
        if not (label.min() >= 0 and abs(sums.min() - 1) <= _TOLERANCE >= abs(sums.max() - 1)):
            worst = np.unravel_index(np.argmax(np.abs(sums - 1)), sums.shape)
            raise ValueError(
                f"{self!r}: expected every label to be a distribution (no negative entry, sum 1), got entries "
                f"from {label.min():g} and a label that sums to {sums[worst]:g}; one-hot rows are the usual case"
            )
        return label

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_prediction": None}
