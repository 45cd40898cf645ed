"""The losses: one number that says how wrong a batch of predictions is.

A loss is two formulas, the number and its derivative:

    class SquaredError(Loss):
        @forward_pass
        def forward(self, prediction_tensor, label_tensor):
            return np.square(prediction_tensor - label_tensor)

        @backward_pass
        def backward(self, label_tensor):
            return 2 * (self.prediction_tensor - label_tensor)

What surrounds them is put around by `@forward_pass` and `@backward_pass` (`Optimization/LossBase.py`), which weigh
samples too. A class with a plain `forward` and `backward`, whether derived from `Loss` or not, trains a network just as
well.

All losses are sums over the batch. Those of numbers (`MeanSquaredError` and those behind it) are means over the outputs
of a sample; those of classes are sums over them, as the logarithm of a probability is.
"""

import sys
from collections.abc import Sequence

import numpy as np

from Foundation import Certainty, Checks
from Optimization.LossBase import Loss as Loss
from Optimization.LossBase import backward_pass as backward_pass
from Optimization.LossBase import bounded_product, memberships, numbers, probabilities_each
from Optimization.LossBase import distributions as distributions
from Optimization.LossBase import forward_pass as forward_pass
from Optimization.LossBase import probabilities as probabilities

_EPSILON = float(np.finfo(float).eps)


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
    as good. With smoothing s and class weights c, $c_j \bigl((1 - s)\, l_{ij} + s / \text{classes}\bigr)$ takes
    the place of $l_{ij}$: no class is quite certain, and rare ones can count more. Class weights don't change what
    the loss is divided by for a mean.

    Args:
        class_weights: how much each class counts, a number of at least 0 for each (all alike); or "balanced", which
            becomes numbers when the network meets the data that it is trained on, see `Foundation.Labels.balanced`:
            classes then count alike, however few samples they have.
        label_smoothing: the share s of a label that is spread evenly over all classes, 0 ≤ s < 1 (0).

    Raises:
        ValueError: where shapes differ, a prediction is negative or above 1, a label is no distribution, or there are
            more or fewer classes than class weights; where an argument is out of range.
        TypeError: where any of them is not made of numbers.
        RuntimeError: where `backward` is called before `forward`, and where weights that are "balanced" have met no
            data.

    Source: I. J. Good, "Rational decisions", Journal of the Royal Statistical Society B 14 (1952). Class weights:
    G. King, L. Zeng, "Logistic regression in rare events data", Political Analysis 9 (2001). Smoothing: C. Szegedy et
    al., "Rethinking the Inception architecture for computer vision", CVPR 2016, section 7.

    >>> from Optimization import Loss
    >>> loss = Loss.CrossEntropyLoss()
    >>> round(loss.forward([[0.5, 0.5], [0.25, 0.75]], [[1, 0], [0, 1]]), 4)
    0.9808
    >>> loss.backward([[1, 0], [0, 1]]).round(3) + 0.0
    array([[-2.   ,  0.   ],
           [ 0.   , -1.333]])
    >>> loss = Loss.CrossEntropyLoss(class_weights=[1, 3])
    >>> round(loss.forward([[0.5, 0.5], [0.25, 0.75]], [[1, 0], [0, 1]], sample_weights=[2, 1]), 4)
    2.2493
    """

    check_predictions = probabilities
    check_labels = distributions

    def __init__(self, *, class_weights: Sequence[float] | str | None = None, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = Checks.number(label_smoothing, "CrossEntropyLoss", "label_smoothing", least=0, below=1)
        self.class_weights = None if class_weights is None else _class_weights(class_weights)

    @forward_pass
    def forward(
        self, prediction_tensor: np.ndarray, label_tensor: np.ndarray, *, sample_weights: np.ndarray | None = None
    ) -> np.ndarray:
        """The loss of a batch of predictions, both `(batch, classes)`."""
        targets = self._smooth(label_tensor) if self.label_smoothing else label_tensor
        if self.class_weights:
            targets = targets * self._weights_of(targets)
        if sample_weights is not None:
            targets = targets * sample_weights
        labelled = targets > 0
        return -targets[labelled] @ np.log(prediction_tensor[labelled] + _EPSILON, dtype=float)

    @backward_pass
    def backward(self, label_tensor: np.ndarray) -> np.ndarray:
        """The derivative of the loss with respect to each prediction, `(batch, classes)`."""
        targets = self._smooth(label_tensor) if self.label_smoothing else label_tensor
        error = -targets / np.maximum(self.prediction_tensor, np.finfo(self.prediction_tensor.dtype).tiny)
        return bounded_product(error, self._weights_of(targets)) if self.class_weights else error

    def _smooth(self, label: np.ndarray) -> np.ndarray:
        share = self.label_smoothing
        return (1 - share) * label + share / label.shape[-1]

    def _weights_of(self, targets: np.ndarray) -> np.ndarray:
        if self.class_weights == "balanced":
            raise RuntimeError(
                f"{self!r}: expected to have met the data that tells how many samples each class has, got none; train "
                "the network first, or give numbers"
            )
        weights = np.asarray(self.class_weights, targets.dtype)
        if targets.shape[-1:] != weights.shape:
            raise ValueError(
                f"{self!r}: expected {len(weights)} classes, one for each of the class weights, got {targets.shape[-1]}"
            )
        return weights


class BinaryCrossEntropy(Loss):
    r"""The cross-entropy of yes and no, for each output by itself, summed over outputs and batch.

    $$L = -\sum_{i,j} l_{ij} \ln \hat y_{ij} + (1 - l_{ij}) \ln(1 - \hat y_{ij}), \qquad
      \frac{\partial L}{\partial \hat y_{ij}} = \frac{\hat y_{ij} - l_{ij}}{(1 - \hat y_{ij})\, \hat y_{ij}}$$

    One output after a Sigmoid tells two classes apart; several tell which of several things a sample is, of which more
    than one may hold (*multi-label*).

    The logarithms are of no less than 2.2e-16, so that an output costs at most 36.04. The denominator of the derivative
    has the smallest normal number of its type added, and where that matters a Sigmoid before the loss adds it to its
    derivative too: the product of both is $\hat y - l$ however certain the prediction was, even where it is 0 or 1.

    Shapes: predictions, labels and error `(batch, …)`; labels `(batch,)` where predictions are `(batch, 1)`.

    A label is 0 or 1, or between them.

    Raises:
        ValueError: where shapes differ, or a prediction or label is below 0 or above 1.
        TypeError: where either is not made of numbers.
        RuntimeError: where `backward` is called before `forward`.

    Source: D. R. Cox, "The regression analysis of binary sequences", Journal of the Royal Statistical Society B 20
    (1958).

    >>> from Optimization import Loss
    >>> loss = Loss.BinaryCrossEntropy()
    >>> round(loss.forward([[0.5, 0.75]], [[1, 0]]), 4)
    2.0794
    >>> loss.backward([[1, 0]])
    array([[-2.,  4.]])
    """

    check_predictions = probabilities_each
    check_labels = memberships

    @forward_pass
    def forward(self, prediction_tensor: np.ndarray, label_tensor: np.ndarray) -> np.ndarray:
        """The loss of a batch of predictions, both `(batch, …)`."""
        yes = np.log(np.maximum(prediction_tensor, _EPSILON))
        no = np.log(np.maximum(1 - prediction_tensor, _EPSILON))
        return -(label_tensor * yes + (1 - label_tensor) * no)

    @backward_pass
    def backward(self, label_tensor: np.ndarray) -> np.ndarray:
        """The derivative of the loss with respect to each prediction, in its shape."""
        prediction = self.prediction_tensor
        slope, tiny = (1 - prediction) * prediction, np.finfo(prediction.dtype).tiny
        error = (prediction - label_tensor) / (slope + tiny)
        if np.minimum.reduce(slope, axis=None) < tiny / _EPSILON:  # where that changes anything
            Certainty.note(error)
        return error


class MeanSquaredError(Loss):
    r"""The squared distance from the labels, a mean over the outputs of each sample, summed over the batch.

    $$L = \frac{1}{n} \sum_{i,j} (\hat y_{ij} - l_{ij})^2, \qquad
      \frac{\partial L}{\partial \hat y_{ij}} = \frac{2}{n} (\hat y_{ij} - l_{ij})$$

    n is the number of outputs of one sample. The prediction that is best on average is the mean of the labels.

    Shapes: predictions, labels and error `(batch, …)`; labels `(batch,)` where predictions are `(batch, 1)`.

    Raises:
        ValueError: where shapes differ, or a label is not finite.
        TypeError: where either is not made of numbers.
        RuntimeError: where `backward` is called before `forward`.

    Source: A.-M. Legendre, "Nouvelles méthodes pour la détermination des orbites des comètes" (1805), appendix.

    >>> from Optimization import Loss
    >>> loss = Loss.MeanSquaredError()
    >>> loss.forward([[1.0, 2.0]], [[1.0, 5.0]])
    4.5
    >>> loss.backward([[1.0, 5.0]])
    array([[ 0., -3.]])
    """

    check_labels = numbers
    averages_outputs = True

    @forward_pass
    def forward(self, prediction_tensor: np.ndarray, label_tensor: np.ndarray) -> np.ndarray:
        """The loss of a batch of predictions, both `(batch, …)`."""
        return np.square(prediction_tensor - label_tensor) / _outputs(prediction_tensor)

    @backward_pass
    def backward(self, label_tensor: np.ndarray) -> np.ndarray:
        """The derivative of the loss with respect to each prediction, in its shape."""
        return 2 / _outputs(label_tensor) * (self.prediction_tensor - label_tensor)


class MeanAbsoluteError(Loss):
    r"""The distance from the labels, a mean over the outputs of each sample, summed over the batch.

    $$L = \frac{1}{n} \sum_{i,j} |\hat y_{ij} - l_{ij}|, \qquad
      \frac{\partial L}{\partial \hat y_{ij}} = \frac{1}{n} \mathrm{sign}(\hat y_{ij} - l_{ij})$$

    n is the number of outputs of one sample. The best prediction is the median of the labels, which a few that are far
    off don't move. Where a prediction is its label, the derivative does not exist, and the error is 0.

    Shapes: predictions, labels and error `(batch, …)`; labels `(batch,)` where predictions are `(batch, 1)`.

    Raises:
        ValueError: where shapes differ, or a label is not finite.
        TypeError: where either is not made of numbers.
        RuntimeError: where `backward` is called before `forward`.

    Source: P.-S. Laplace, "Mémoire sur la probabilité des causes par les événements" (1774).

    >>> from Optimization import Loss
    >>> loss = Loss.MeanAbsoluteError()
    >>> loss.forward([[1.0, 2.0]], [[1.0, 5.0]])
    1.5
    >>> loss.backward([[1.0, 5.0]])
    array([[ 0. , -0.5]])
    """

    check_labels = numbers
    averages_outputs = True

    @forward_pass
    def forward(self, prediction_tensor: np.ndarray, label_tensor: np.ndarray) -> np.ndarray:
        """The loss of a batch of predictions, both `(batch, …)`."""
        return np.abs(prediction_tensor - label_tensor) / _outputs(prediction_tensor)

    @backward_pass
    def backward(self, label_tensor: np.ndarray) -> np.ndarray:
        """The derivative of the loss with respect to each prediction, in its shape."""
        return np.sign(self.prediction_tensor - label_tensor) / _outputs(label_tensor)


class Huber(Loss):
    r"""Squared near the label and absolute far from it, a mean over the outputs of each sample, summed over the batch.

    $$L = \frac{1}{n} \sum_{i,j} c_{ij} \bigl(u_{ij} - \tfrac{1}{2} c_{ij}\bigr), \qquad
      \frac{\partial L}{\partial \hat y_{ij}} = \frac{1}{n} c_{ij}, \qquad
      u = \hat y - l, \quad c = \min(\max(u, -\delta), \delta)$$

    That is $\frac{1}{2} u^2$ up to a distance of δ, and $\delta |u| - \frac{1}{2} \delta^2$ beyond: no single label
    pulls with more than δ. n is the number of outputs of one sample.

    Shapes: predictions, labels and error `(batch, …)`; labels `(batch,)` where predictions are `(batch, 1)`.

    Args:
        delta: the distance δ, in the unit of the labels. A finite number above 0 (1.0).

    Raises:
        ValueError: where shapes differ, or a label is not finite; where delta is no such number.
        TypeError: where any of them is not made of numbers.
        RuntimeError: where `backward` is called before `forward`.

    Source: P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35 (1964).

    >>> from Optimization import Loss
    >>> loss = Loss.Huber(delta=1)
    >>> loss.forward([[1.5, 2.0]], [[1.0, 5.0]])
    1.3125
    >>> loss.backward([[1.0, 5.0]])
    array([[ 0.25, -0.5 ]])
    """

    check_labels = numbers
    averages_outputs = True

    def __init__(self, delta: float = 1.0) -> None:
        self.delta = Checks.number(delta, "Huber", "delta", least=sys.float_info.min)

    @forward_pass
    def forward(self, prediction_tensor: np.ndarray, label_tensor: np.ndarray) -> np.ndarray:
        """The loss of a batch of predictions, both `(batch, …)`."""
        distance = prediction_tensor - label_tensor
        near = np.clip(distance, -self.delta, self.delta)
        return near * (distance - near / 2) / _outputs(prediction_tensor)

    @backward_pass
    def backward(self, label_tensor: np.ndarray) -> np.ndarray:
        """The derivative of the loss with respect to each prediction, in its shape."""
        return np.clip(self.prediction_tensor - label_tensor, -self.delta, self.delta) / _outputs(label_tensor)


class QuantileLoss(Loss):
    r"""How far predicted quantiles lie from the labels, a mean over the outputs of each sample, summed over the batch.

    $$L = \frac{1}{n} \sum_{i,j} \max\bigl(\tau_j u_{ij}, (\tau_j - 1)\, u_{ij}\bigr), \qquad
      \frac{\partial L}{\partial \hat y_{ij}} =
      \frac{1}{n} \begin{cases} -\tau_j & u_{ij} > 0 \\ 1 - \tau_j & u_{ij} < 0 \end{cases}, \qquad u = l - \hat y$$

    The best prediction of output j is the number below which a share τ of the labels lies: 0.05 and 0.95 make an
    interval that nine of ten labels fall into. n is the number of outputs of one sample. Where a prediction is its
    label, the derivative does not exist, and the error is 0.

    Shapes: predictions and error `(batch, quantiles)`, labels `(batch, 1)` or `(batch,)`. Several targets stand side by
    side, each with all its quantiles: predictions `(batch, targets * quantiles)`, labels `(batch, targets)`. Labels may
    also have the predictions' shape.

    Args:
        quantiles: the shares τ, one or more numbers with 0 < τ < 1.

    Raises:
        ValueError: where shapes don't fit, or a label is not finite; where a quantile is no such number.
        TypeError: where any of them is not made of numbers.
        RuntimeError: where `backward` is called before `forward`.

    Source: R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46 (1978).

    >>> from Optimization import Loss
    >>> loss = Loss.QuantileLoss([0.1, 0.9])
    >>> round(loss.forward([[1.0, 4.0]], [[3.0]]), 4)
    0.15
    >>> loss.backward([[3.0]]).round(3)
    array([[-0.05,  0.05]])
    """

    check_labels = numbers
    averages_outputs = True

    def __init__(self, quantiles: Sequence[float]) -> None:
        given = Checks.number_array(quantiles, "QuantileLoss", "quantiles")
        if given.ndim != 1 or not given.size or not np.all((given > 0) & (given < 1)):
            raise ValueError(
                f"QuantileLoss: expected quantiles, a list of numbers above 0 and below 1, got {quantiles}"
            )
        self.quantiles = tuple(map(float, given))

    @forward_pass
    def forward(self, prediction_tensor: np.ndarray, label_tensor: np.ndarray) -> np.ndarray:
        """The loss of a batch of predictions, both `(batch, targets * quantiles)`."""
        shares, missing = self._shares(label_tensor), label_tensor - prediction_tensor
        return np.maximum(shares * missing, (shares - 1) * missing) / _outputs(prediction_tensor)

    @backward_pass
    def backward(self, label_tensor: np.ndarray) -> np.ndarray:
        """The derivative of the loss with respect to each prediction, in its shape."""
        shares, missing = self._shares(label_tensor), label_tensor - self.prediction_tensor
        return ((missing < 0) * (1 - shares) - (missing > 0) * shares) / _outputs(label_tensor)

    def _shares(self, label: np.ndarray) -> np.ndarray:
        """The quantile of each output of a sample."""
        return np.tile(np.asarray(self.quantiles, label.dtype), label.shape[-1] // len(self.quantiles))

    def check_predictions(self, prediction: np.ndarray) -> None:
        """Raise ValueError for predictions that aren't all quantiles of one or more targets."""
        count = len(self.quantiles)
        if prediction.ndim < 2 or prediction.shape[-1] % count:
            raise ValueError(
                f"{self!r}: expected predictions (batch, targets * {count}), {count} quantiles of each target, got "
                f"{Checks.shape_text(prediction.shape)}"
            )

    def _in_shape(self, label: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Labels, or weights in their shape, repeated for all quantiles of a target."""
        self.check_predictions(prediction)
        count = len(self.quantiles)
        targets = label[..., np.newaxis] if label.ndim == prediction.ndim - 1 else label
        if targets.ndim and (*targets.shape[:-1], targets.shape[-1] * count) == prediction.shape:
            return np.repeat(targets, count, axis=-1)
        return super()._in_shape(label, prediction)


def _class_weights(class_weights: Sequence[float] | str) -> tuple[float, ...] | str:
    if isinstance(class_weights, str) and class_weights == "balanced":
        return class_weights
    weights = Checks.number_array(class_weights, "CrossEntropyLoss", "class_weights")
    if weights.ndim != 1 or not (np.all(weights >= 0) and np.all(np.isfinite(weights)) and np.any(weights)):
        raise ValueError(
            "CrossEntropyLoss: expected class_weights, a list of finite numbers of at least 0 that aren't all 0, or "
            f"'balanced', got {class_weights}"
        )
    return tuple(map(float, weights))


def _outputs(tensor: np.ndarray) -> int:
    """The number of outputs of one sample."""
    return tensor.size // len(tensor)
