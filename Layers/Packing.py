"""How the time steps of many sequences lie in one matrix."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.Supervision import running_network


class Packing:
    """How the steps of many sequences lie in one matrix: time by time, without the padding.

    The sequences are sorted by length, the longest first, so that those which last until a certain step
    are the first rows of each earlier one. A matrix of states begins with the states before the first step,
    `batch` rows, and goes on with those after each step, as the steps stand in other matrices.

    Args:
        shape: of the sequences, `(time,)` or `(batch, time)`.
        lengths: the number of time steps of each sequence.

    Attributes:
        shape: as given.
        batch: the number of sequences.
        order: the sequences as the rows of a step name them.
        previous: where the state before each step stands, for all steps at once.

    >>> packing = Packing((2, 3), np.array([1, 3]))
    >>> packed = packing.pack(np.array([[[1.0], [0.0], [0.0]], [[2.0], [3.0], [4.0]]]), "example", "input")
    >>> packed.ravel()
    array([2., 1., 3., 4.])
    >>> packing.unpack(packed)[..., 0]
    array([[1., 0., 0.],
           [2., 3., 4.]])
    >>> [rows.ravel().tolist() for (rows,) in packing.steps(packed)]
    [[2.0, 1.0], [3.0], [4.0]]
    """

    def __init__(self, shape: tuple[int, ...], lengths: np.ndarray) -> None:
        self.shape, self.batch = shape, len(lengths)
        self.order = np.argsort(-lengths, kind="stable")
        lengths = lengths[self.order]
        active = np.arange(lengths[0])[:, np.newaxis] < lengths
        time, sequence = active.nonzero()
        counts = active.sum(axis=1)
        starts = np.cumsum([0, self.batch, *counts])  # of the states before each step, and after the last
        self._rows = self.order[sequence] * shape[-1] + time
        self._last = (starts[lengths] + np.arange(self.batch))[self.order.argsort()]
        # For sequences of one length a slice, which gives the same without a copy.
        self.previous: Any = slice(len(time)) if lengths[-1] == shape[-1] else starts[time] + sequence
        self._before = list(map(slice, starts[:-2].tolist(), (starts[:-2] + counts).tolist()))
        self._after = list(map(slice, starts[1:-1].tolist(), starts[2:].tolist()))
        self._own = list(map(slice, (starts[1:-1] - self.batch).tolist(), (starts[2:] - self.batch).tolist()))

    def steps(self, *matrices: np.ndarray, back: bool = False) -> Iterator[tuple[np.ndarray, ...]]:
        """For each time step its rows: of a matrix of states those before it and those after it, of another its own."""
        views: list[Iterator[np.ndarray]] = []
        for matrix in matrices:
            places = [self._before, self._after] if len(matrix) > len(self._rows) else [self._own]
            views += [map(matrix.__getitem__, reversed(place) if back else place) for place in places]
        return zip(*views, strict=True)

    def last(self, states: np.ndarray) -> np.ndarray:
        """The state after each sequence's own last step."""
        return states[self._last].reshape(*self.shape[:-1], -1)

    def pack(self, tensor: np.ndarray, owner: object, what: str) -> np.ndarray:
        """The steps of all sequences as rows; NaN and infinity in them, not in padding, are refused by name."""
        packed = tensor.reshape(-1, tensor.shape[-1])[self._rows]
        if running_network() is None and not Checks.is_finite(packed):
            Checks.require_finite(self.unpack(packed), owner, what)
        return packed

    def unpack(self, packed: np.ndarray) -> np.ndarray:
        """Rows as sequences again, with zeros for padding."""
        tensor = np.zeros((*self.shape, packed.shape[1]), packed.dtype)
        tensor.reshape(-1, packed.shape[1])[self._rows] = packed
        return tensor


def read_lengths(lengths: Any, shape: tuple[int, ...], owner: object) -> np.ndarray:
    """The number of time steps of each sequence, as somebody has set it: None for all that there are.

    >>> read_lengths(None, (2, 3), "example"), read_lengths([1, 3], (2, 3), "example")
    (array([3, 3]), array([1, 3]))
    """
    batch, time = shape if len(shape) == 2 else (1, *shape)
    if lengths is None:
        return np.full(batch, time)
    array = Checks.whole_numbers(lengths, owner, "lengths")
    if array.shape != (batch,) or array.min() < 0 or array.max() > time:
        raise ValueError(
            f"{owner!r}: expected lengths of {batch} sequences, from 0 to {time} steps, got {lengths!r}; "
            "set lengths = None for sequences of one length"
        )
    return array
