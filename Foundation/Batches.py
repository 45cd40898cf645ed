"""A batch, as a data layer hands it to a network."""

from typing import Any, NamedTuple


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
