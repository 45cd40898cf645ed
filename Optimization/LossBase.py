"""The contract of a loss: what surrounds its two formulas, the number and its derivative.

`forward_pass` reads predictions and labels, keeps what the way back needs, weighs the samples and sums over the batch.
`backward_pass` reads the labels again and weighs the samples as `forward` did.
"""

import functools
import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Certainty, Checks
from Foundation.Configurable import Configurable
from Foundation.Labels import TOLERANCE
from Foundation.NumPySettings import ignoring_range
from Foundation.Passing import note_what_passes_make
from Foundation.Underflow import ignoring_underflow, underflow_is_ignored

_SMALL = 1e-30  # a loss that may have lost something in float32
#: What belongs to a pass: no part of a copied or saved loss.
_PASSING = frozenset({"prediction_tensor", "_read_labels", "_weights", "_has_weighed", "_made_by_passes"})


class Loss(Configurable, ABC):
    """How wrong a batch of predictions is, summed over the batch.

    So the loss of two batches is the sum of their losses, and a batch may be divided exactly. For a mean, divide by
    `Foundation.Batches.total_weight`.

    What `forward` and `backward` make anew, `self.x = x`, belongs to the pass: no copied or saved loss has it.

    `check_predictions` and `check_labels` say what predictions and labels have to be beyond numbers in arrays of one
    shape; a derived class sets them where its formula needs more, to a function such as `probabilities` or
    `distributions` here. `wanted_labels` tells others which labels these are.

    Attributes:
        prediction_tensor: what `forward` keeps for `backward`, no part of a copied or saved loss.
        averages_outputs: whether the formula is a mean over the outputs of each sample (False); for a mean over batches
            with weights of time steps, or of single labels, see `Foundation.Batches.weights_of_a_sample`.
    """

    averages_outputs = False
    prediction_tensor: Any = None
    _read_labels: np.ndarray | None = None  # the labels of the last forward, where they needed no conversion
    _weights: np.ndarray | None = None  # those of the last forward, with as many axes as the predictions
    _has_weighed = False  # whether backward has, with those
    _made_by_passes: frozenset[str] = frozenset()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        note_what_passes_make(cls)
        if "backward" in vars(cls) and not hasattr(vars(cls)["backward"], "weighs_samples"):
            cls.backward = _seen_to_weigh(vars(cls)["backward"])  # type: ignore[method-assign]

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

    @property
    def wanted_labels(self) -> str:
        """Which labels the loss takes, as `check_labels` has it.

        "distributions" over the classes, of which one-hot rows are the usual case; "memberships", from 0 to 1 in each
        class for itself; "numbers" of any kind otherwise. A class that checks its labels itself may set it.
        """
        check = type(self).check_labels
        return check.__name__ if check in (distributions, memberships) else "numbers"

    def _labels(self, label_tensor: Any, prediction: np.ndarray) -> np.ndarray:
        """The labels in shape and type of the predictions, once they are known to be labels."""
        label = label_tensor
        if type(label) is not np.ndarray or label.shape != prediction.shape or label.dtype != prediction.dtype:
            label = self._in_shape(Checks.tensor(label, self, "labels", dtype=prediction.dtype), prediction)
        self.check_labels(label)
        return label

    def _in_shape(self, label: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Labels, or weights in their shape, in the shape of the predictions.

        Nothing is left to NumPy's rules: (batch,) beside (batch, 1) would become (batch, batch).
        """
        wants_rows = type(self).check_labels is distributions
        if label.shape == prediction.shape:
            return label
        if (*label.shape, 1) == prediction.shape and not wants_rows:
            return label[..., np.newaxis]
        advice = ""
        if _without_ones(label.shape) == _without_ones(prediction.shape) and not wants_rows:
            advice = f"; labels.reshape({', '.join(map(str, prediction.shape))}) has it"
        elif type(self).check_labels is not numbers and (label.ndim < prediction.ndim or label.shape[-1] == 1):
            advice = "; these look like class numbers: numpy.eye(classes)[numbers] makes one-hot rows of them"
        raise ValueError(
            f"{self!r}: expected labels of the predictions' shape {Checks.shape_text(prediction.shape)}, "
            f"got {Checks.shape_text(label.shape)}{advice}"
        )

    def _read_weights(self, sample_weights: ArrayLike, label_tensor: ArrayLike, prediction: np.ndarray) -> np.ndarray:
        """The weights, with as many axes as the predictions."""
        weights = Checks.tensor(sample_weights, self, "sample weights", dtype=prediction.dtype)
        shape = np.shape(label_tensor)
        if not weights.ndim or weights.shape != shape[: weights.ndim]:
            raise ValueError(
                f"{self!r}: expected sample weights {Checks.shape_text(shape[:1])}, one for each sample, or one for "
                f"each label of {Checks.shape_text(shape)}, got {Checks.shape_text(weights.shape)}"
            )
        if not (Checks.is_finite(weights) and np.minimum.reduce(weights, axis=None) >= 0):
            wrong = weights[~np.isfinite(weights) | (weights < 0)][0]
            raise ValueError(f"{self!r}: expected sample weights that are finite and not negative, got {wrong:g}")
        if weights.shape == shape:
            return self._in_shape(weights, prediction)
        return weights.reshape(weights.shape + (1,) * (prediction.ndim - weights.ndim))

    def __getstate__(self) -> dict[str, Any]:
        passing = _PASSING | self._made_by_passes
        return {name: value for name, value in vars(self).items() if name not in passing}


def forward_pass(formula: Callable[..., Any]) -> Callable[..., float]:
    """Around the `forward` of a loss: reads the arguments, keeps the predictions, weighs, sums over the batch.

    The formula gets two arrays of one shape and one floating-point type. It returns the loss of each element or of each
    sample, or, where samples have no weights, their sum.

    What comes out is `forward(prediction_tensor, label_tensor, *, sample_weights=None)`: weights of the shape of the
    labels or of their first axes, finite and not negative. A formula that has `sample_weights` among its own arguments
    weighs for itself; it gets them with as many axes as the predictions, or None.
    """
    weighs = "sample_weights" in inspect.signature(formula).parameters
    without: dict[str, None] = {"sample_weights": None} if weighs else {}

    @functools.wraps(formula)
    def forward(
        self: Loss, prediction_tensor: ArrayLike, label_tensor: ArrayLike, *, sample_weights: ArrayLike | None = None
    ) -> float:
        if not underflow_is_ignored():
            return _without_overflow(forward, self, prediction_tensor, label_tensor, sample_weights=sample_weights)
        prediction, before, weights = prediction_tensor, self.prediction_tensor, None
        if (
            type(prediction) is not np.ndarray
            or before is None
            or prediction.shape != before.shape
            or prediction.dtype != before.dtype
        ):
            prediction = Checks.tensor(prediction, self, "predictions")
            if not prediction.ndim:
                raise ValueError(f"{self!r}: expected predictions (batch, …), got one number; put it into an array")
        label = self._labels(label_tensor, prediction)
        self.check_predictions(prediction)
        if sample_weights is None:
            losses = formula(self, prediction, label, **without)
        else:
            _refuse_a_backward_that_does_not_weigh(self)
            weights = self._read_weights(sample_weights, label_tensor, prediction)
            if weighs:
                losses = formula(self, prediction, label, sample_weights=weights)
            else:
                losses = _weighted(self, formula(self, prediction, label), weights, prediction)
        loss = float(losses if type(losses) is np.float64 else np.add.reduce(losses, axis=None, dtype=float))
        if prediction.dtype == np.float32 and not _SMALL <= abs(loss) < math.inf:
            wide = (
                prediction.astype(float),
                label.astype(float),
            )  # in which what is too large or small for float32 isn't
            if weights is None:
                losses = formula(self, *wide, **without)
            elif weighs:
                losses = formula(self, *wide, sample_weights=weights)
            else:
                losses = _weighted(self, formula(self, *wide), weights, prediction)
            loss = float(np.add.reduce(losses, axis=None, dtype=float))
        self.prediction_tensor, self._read_labels = prediction, label if label is label_tensor else None
        self._weights = weights
        return loss

    taken = inspect.signature(formula).parameters.values()
    given = inspect.Parameter("sample_weights", inspect.Parameter.KEYWORD_ONLY, default=None)
    others = [parameter for parameter in taken if parameter.name != given.name]
    forward.__signature__ = inspect.Signature([*others, given], return_annotation=float)  # type: ignore[attr-defined]
    return forward


def backward_pass(formula: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Around the `backward` of a loss: refuses to come before `forward`, reads the labels, weighs as `forward` did.

    An array that `forward` has read, and found to be labels, is not looked at a second time.
    """

    @functools.wraps(formula)
    def backward(self: Loss, label_tensor: ArrayLike) -> np.ndarray:
        if not underflow_is_ignored():
            return ignoring_underflow(backward, self, label_tensor)
        if self.prediction_tensor is None:
            raise RuntimeError(f"{self!r}: backward needs the predictions that forward keeps; call forward first")
        label = self._read_labels
        if label is None or label is not label_tensor or label.shape != self.prediction_tensor.shape:
            label = self._labels(label_tensor, self.prediction_tensor)
        error = formula(self, label)
        if self._weights is None:
            return error
        self._has_weighed = True
        return bounded_product(error, self._weights)

    backward.weighs_samples = True  # type: ignore[attr-defined]
    return backward


def bounded_product(error: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """The product, in which nothing becomes infinite: errors of saturated predictions are near the largest number.

    >>> bounded_product(np.array([-1e308, 1.0]), np.array([5.0, 5.0]))
    array([-1.79769313e+308,  5.00000000e+000])
    """
    product: np.ndarray = ignoring_range(np.multiply, error, factors)
    if Certainty.is_noted(error):
        Certainty.note(product)
    largest = np.finfo(product.dtype).max
    return np.clip(product, -largest, largest, out=product)


#: The bits of 1: numbers that aren't negative have the order of their bits, and negative ones and NaN have larger bits.
_ONE = {np.uint32: np.float32(1).view(np.uint32), np.uint64: np.float64(1).view(np.uint64)}


def probabilities(loss: Loss, prediction: np.ndarray) -> None:
    """Refuse predictions of which one is below 0 or, by more than a rounding error, above 1: a `check_predictions`.

    Rows needn't sum to 1: a loss has its value and its derivative beside that too.
    """
    bits = np.uint32 if prediction.itemsize == 4 else np.uint64
    if not np.maximum.reduce(prediction.view(bits), axis=None) <= _ONE[bits]:
        _refuse_beyond(loss, prediction, 1 + TOLERANCE, "", "SoftMax")


def probabilities_each(loss: Loss, prediction: np.ndarray) -> None:
    """Refuse predictions of which one is below 0 or above 1: a `check_predictions`."""
    bits = np.uint32 if prediction.itemsize == 4 else np.uint64
    if not np.maximum.reduce(prediction.view(bits), axis=None) <= _ONE[bits]:
        _refuse_beyond(loss, prediction, 1.0, " from 0 to 1", "Sigmoid")


def _refuse_beyond(loss: Loss, prediction: np.ndarray, most: float, which: str, layer: str) -> None:
    for extreme in (
        np.fmin.reduce(prediction, axis=None),
        np.fmax.reduce(prediction, axis=None),
    ):  # NaN has its say later
        if extreme < 0 or extreme > most:
            raise ValueError(
                f"{loss!r}: expected predictions to be probabilities{which}, got {extreme:g}; put a {layer} before the "
                "loss?"
            )


@functools.lru_cache(16)
def _ones(length: int, dtype: np.dtype) -> np.ndarray:
    return np.ones(length, dtype)


def distributions(loss: Loss, label: np.ndarray) -> None:
    """Refuse labels of which one has a negative entry, or a sum other than 1: a `check_labels`."""
    bits = np.uint32 if label.itemsize == 4 else np.uint64
    few = label.size <= Checks.ON_ONE_THREAD and np.maximum.reduce(label.view(bits), axis=None) <= _ONE[bits]
    if few:  # and all from 0 to 1: nearly always, and then this takes half the time
        far = label.dot(_ones(label.shape[-1], label.dtype)) - 1
        if Checks.vdot(far, far) <= TOLERANCE * TOLERANCE:
            return
    sums = np.add.reduce(label, axis=-1)
    far = np.abs(sums - 1)
    # Written so that a label with NaN in it is refused.
    if not (np.minimum.reduce(label, axis=None) >= 0 and np.maximum.reduce(far, axis=None) <= TOLERANCE):
        raise ValueError(
            f"{loss!r}: expected every label to be a distribution (no negative entry, sum 1), got entries from "
            f"{label.min():g} and a label that sums to {sums.flat[far.argmax()]:g}; one-hot rows are the usual case"
        )


def memberships(loss: Loss, label: np.ndarray) -> None:
    """Refuse labels of which one is below 0 or above 1: a `check_labels`."""
    least, most = np.minimum.reduce(label, axis=None), np.maximum.reduce(label, axis=None)
    if not (least >= 0 and most <= 1):
        raise ValueError(f"{loss!r}: expected labels from 0 (no) to 1 (yes), got labels from {least:g} to {most:g}")


def numbers(loss: Loss, label: np.ndarray) -> None:
    """Refuse labels that aren't finite: a `check_labels`."""
    if not Checks.is_finite(label):
        position = tuple(map(int, np.argwhere(~np.isfinite(label))[0]))
        raise ValueError(
            f"{loss!r}: expected labels of finite numbers, got {label[position]} at {position}; put any number there, "
            "and 0 for it into the sample weights, where a label is missing"
        )


def _without_overflow(function: Callable[..., float], *arguments: Any, **options: Any) -> float:
    """A loss that is too large for a number is infinite, and no error."""
    return ignoring_range(ignoring_underflow, function, *arguments, **options)


def _weighted(loss: Loss, losses: Any, weights: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """The losses of elements or samples times their weights; raises ValueError where they are sums already."""
    losses = np.asarray(losses)
    shape = losses.shape + (1,) * (prediction.ndim - losses.ndim)
    for length, wanted, weighed in zip(shape, prediction.shape, weights.shape, strict=False):
        if length != wanted and (length, weighed) != (1, 1):
            raise ValueError(
                f"{loss!r}: expected losses that can be weighed, of each element {Checks.shape_text(prediction.shape)} "
                f"or of each sample, got {Checks.shape_text(losses.shape)} from the formula of forward; leave the sum "
                "over the batch to @forward_pass"
            )
    return np.multiply(losses.reshape(shape), weights, dtype=float)


def _refuse_a_backward_that_does_not_weigh(loss: Loss) -> None:
    """Raise TypeError where the derivative would be that of samples without weights."""
    if not any(hasattr(vars(cls).get("backward"), "weighs_samples") for cls in type(loss).__mro__):
        _refuse_weights(loss)


def _refuse_weights(loss: Loss) -> NoReturn:
    raise TypeError(f"{loss!r}: got sample weights, which its backward knows nothing of; write @backward_pass above it")


def _seen_to_weigh(formula: Callable[..., Any]) -> Callable[..., Any]:
    """Around a `backward` of somebody's own, which weighs where it asks the one that it is derived from."""

    @functools.wraps(formula)
    def backward(self: Loss, label_tensor: ArrayLike) -> Any:
        self._has_weighed = self._weights is None
        error = formula(self, label_tensor)
        if not self._has_weighed:
            _refuse_weights(self)
        return error

    return backward


def _without_ones(shape: tuple[int, ...]) -> list[int]:
    return [length for length in shape if length != 1]
