"""A batch, as a data layer hands it to a network."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Batch(NamedTuple):
    """What a data layer's `next()` gives: a plain pair where there is no more than input and labels.

    >>> Batch([[1.0, 2.0]], [[1.0]])
    Batch(input_tensor=[[1.0, 2.0]], label_tensor=[[1.0]], sample_weights=None, lengths=None)
    """

    input_tensor: Any
    label_tensor: Any
    #: How much each label counts in the loss, (batch,), or (batch, time) for labels of each step.
    sample_weights: Any = None
    #: The number of time steps of each sequence, (batch,); what lies behind them is padding.
    lengths: Any = None


def total_weight(label_tensor: ArrayLike, sample_weights: ArrayLike | None = None) -> float:
    """What the loss of a batch, which is a sum, is divided by for a mean: its weights' sum, or its number of samples.

    The mean over several batches is the sum of their losses, divided by the sum of this. Losses that average over the
    outputs of a sample are to be multiplied by `weights_of_a_sample` before.

    >>> total_weight([[1.0], [2.0]]), total_weight([[1.0], [2.0]], [0.5, 1.0])
    (2.0, 1.5)
    """
    return float(len(np.asarray(label_tensor)) if sample_weights is None else np.sum(sample_weights, dtype=float))


def weights_of_a_sample(sample_weights: ArrayLike | None) -> int:
    """How many weights each sample has: by as many a loss is too small for a mean that has averaged over them already.

    >>> weights_of_a_sample([0.5, 1.0]), weights_of_a_sample([[0.5, 1.0, 0.0]])
    (1, 3)
    """
    return 1 if sample_weights is None else np.size(sample_weights) // max(1, len(np.asarray(sample_weights)))


def weights_of_steps(prediction: np.ndarray, steps: int, sample_weights: Any, lengths: Any) -> Any:
    """The weights of predictions that a network makes of sequences: each of its steps counts, and padding doesn't.

    Args:
        prediction: `(batch, steps, …)` where one is made at each step; any other is of a whole sequence.
        steps: that the batch of sequences has, padding included.
        sample_weights: `(batch,)` or `(batch, steps)`, how much each counts (None: all alike).
        lengths: `(batch,)`, the steps of each sequence without padding (None: there is none).

    >>> weights_of_steps(np.zeros((2, 3, 4)), 3, None, [1, 3])
    array([[1., 0., 0.],
           [1., 1., 1.]])
    >>> weights_of_steps(np.zeros((2, 4)), 3, [0.5, 1.0], [1, 3])
    [0.5, 1.0]
    """
    if lengths is None or prediction.ndim < 3 or prediction.shape[1] != steps:
        return sample_weights
    shown = (np.arange(steps) < np.asarray(lengths)[:, np.newaxis]).astype(float)
    if sample_weights is None:
        return shown
    weights = np.asarray(sample_weights, float)
    return shown * (weights[:, np.newaxis] if weights.ndim == 1 else weights)
