"""Samples as somebody has them: one array, in memory or mapped from a file, or sequences of different lengths."""

import math
import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks

__all__ = ["Samples", "are_sequences", "lengths_of"]

# Elements of an array looked through at a time: enough to be quick, few enough to need no memory.
_AT_A_TIME = 2**20


class Samples:
    """The rows of an array, or the sequences of a list, read some at a time.

    An array is not copied, however large it is and wherever it lies. Numbers keep their type. What lies in memory is
    known to be finite; what is mapped from a file is looked at when it is read.

    Args:
        values: an array (samples, …), or a list of arrays (time, …) of different lengths.
        what: what they are, for messages.
        owner: who asks, for messages.
        lengths: the number of time steps of each sample of an array (samples, time, …); what lies behind them is
            padding, which may hold anything (default None: there is none).
        sequences: whether the values are sequences that may have different lengths (default False).

    Raises TypeError and ValueError for what is no such array, holds NaN or infinity, or has no samples.

    >>> samples = Samples([[[1.0]], [[2.0], [3.0]]], "X", "pets", sequences=True)
    >>> samples.lengths.tolist(), samples.read(np.array([0, 1]))[..., 0].tolist()
    ([1, 2], [[1.0, 1.0], [2.0, 3.0]])
    """

    def __init__(self, values: Any, what: str, owner: str, lengths: Any = None, sequences: bool = False) -> None:
        self.what, self.owner = what, owner
        self.lengths: NDArray[np.int64] | None = None
        self._extremes: tuple[Any, Any] | None = None
        if sequences:
            self._rows: Any = [Checks.number_array(value, owner, f"each of {what}") for value in values]
            self._check_that_they_go_together()
            self.lengths = np.array([len(row) for row in self._rows], dtype=np.int64)
            self.dtype = np.result_type(*{row.dtype for row in self._rows})
            self.shape: tuple[int, ...] = (len(self._rows), int(self.lengths.max()), *self._rows[0].shape[1:])
            self.is_mapped = any(map(_is_mapped, self._rows))
        else:
            self._rows = Checks.number_array(values, owner, what)
            self.dtype, self.shape = self._rows.dtype, self._rows.shape
            if self._rows.ndim == 0 or self._rows.size == 0:
                raise ValueError(f"{owner}: expected {what} with at least one sample, got shape {self.shape}")
            self.is_mapped = _is_mapped(self._rows)
            if lengths is not None:
                self.lengths = self._read_lengths(lengths)
        if not self.is_mapped:
            self._check_in_memory()

    def read(self, places: NDArray[np.int64]) -> NDArray[Any]:
        """Return the samples at these places as an array of the caller's own, (len(places), …).

        Of sequences, as many time steps as the longest of them has; padding repeats the last step of each.

        Args:
            places: counted from 0.

        Raises ValueError where a file that an array is mapped from holds NaN or infinity there.

        >>> Samples(np.arange(6).reshape(3, 2), "X", "pets").read(np.array([2, 0])).tolist()
        [[4, 5], [0, 1]]
        """
        batch = self._read(places)
        if self.is_mapped:
            self._check(batch, places)
        return batch

    def parts(self) -> Iterator[NDArray[np.int64]]:
        """The places of all samples, some at a time: few enough to be read without filling the memory.

        >>> [part.tolist() for part in Samples(np.zeros((3, 2**19)), "X", "pets").parts()]
        [[0, 1], [2]]
        """
        size = max(1, _AT_A_TIME // math.prod(self.shape[1:]))
        for start in range(0, self.shape[0], size):
            yield np.arange(start, min(start + size, self.shape[0]))

    @property
    def extremes(self) -> tuple[Any, Any]:
        """The smallest and the largest number, without padding.

        >>> Samples([3, 1, 2], "y", "pets").extremes
        (np.int64(1), np.int64(3))
        """
        if self._extremes is None:
            found = [(part.min(), part.max()) for part in map(self.read, self.parts())]
            self._extremes = min(least for least, _ in found), max(most for _, most in found)
        return self._extremes

    def _read(self, places: NDArray[np.int64]) -> NDArray[Any]:
        if isinstance(self._rows, list):
            batch = self._padded([self._rows[place] for place in places.tolist()])
        elif self._rows.flags.c_contiguous:
            batch = self._rows.take(places, axis=0)  # to the same rows in a third of the time
        else:
            batch = self._rows[places]
        if self.lengths is not None:
            lengths = self.lengths[places]
            if (lengths < batch.shape[1]).any():
                last = np.minimum(np.arange(batch.shape[1]), lengths[:, np.newaxis] - 1)
                batch = batch[np.arange(len(batch))[:, np.newaxis], last]
        return batch

    def _padded(self, rows: list[NDArray[Any]]) -> NDArray[Any]:
        batch = np.zeros((len(rows), max(map(len, rows)), *self.shape[2:]), self.dtype)
        for place, row in enumerate(rows):
            batch[place, : len(row)] = row
        return batch

    def _read_lengths(self, lengths: Any) -> NDArray[np.int64]:
        array = Checks.whole_numbers(lengths, self.owner, "lengths")
        if self._rows.ndim < 2 or array.shape != (len(self._rows),) or array.min() < 1 or array.max() > self.shape[1]:
            text = f"{array.shape} lengths from {array.min()} to {array.max()}" if array.size else "none"
            raise ValueError(
                f"{self.owner}: expected lengths (samples,), each from 1 to the time steps of {self.what}, which is of "
                f"shape {self.shape}, got {text}"
            )
        return array

    def _check_that_they_go_together(self) -> None:
        for place, row in enumerate(self._rows):
            if row.ndim == 0 or row.size == 0 or row.shape[1:] != self._rows[0].shape[1:]:
                raise ValueError(
                    f"{self.owner}: expected {self.what} to be arrays (time, features) with at least one step and the "
                    f"same features, got shape {self._rows[0].shape} for sample 0 and {row.shape} for sample {place}"
                )

    def _check_in_memory(self) -> None:
        if isinstance(self._rows, list):
            for place, row in enumerate(self._rows):
                self._check(row[np.newaxis], np.array([place]))
        elif self.dtype.kind == "f" and not Checks.is_finite(self._rows):
            for places in self.parts():  # it may be padding that isn't
                self._check(self._read(places), places)

    def _check(self, batch: NDArray[Any], places: NDArray[np.int64]) -> None:
        if batch.dtype.kind == "f" and not Checks.is_finite(batch):
            row = next(index for index, sample in enumerate(batch) if not np.isfinite(sample).all())
            value = batch[row][~np.isfinite(batch[row])][0] if batch[row].ndim else batch[row]
            raise ValueError(
                f"{self.owner}: expected {self.what} of finite numbers, got {value} in sample {places[row]}; mend the "
                "data before the network sees it"
            )


def are_sequences(values: Any, labels: Any = None) -> bool:
    """Whether a list holds sequences: of different lengths, or with as many labels each as time steps.

    A step is a row of features or a whole number, a word for instance.

    >>> are_sequences([[1, 2], [3]]), are_sequences([[1.5, 2.5], [3.5]]), are_sequences([[1, 2], [3, 4]])
    (True, False, False)
    """
    counts = lengths_of(values)
    if counts is None:
        return False
    if len(set(counts)) == 1:
        return isinstance(values[0], np.ndarray) and values[0].ndim == 2 and lengths_of(labels) == counts
    longest = values[int(np.argmax(counts))]
    return isinstance(longest[0], list | tuple) or np.ndim(longest[0]) > 0 or np.asarray(longest).dtype.kind in "iu"


def lengths_of(values: Any) -> list[int] | None:
    """The length of each element of a list of lists or arrays, None for everything else.

    >>> lengths_of([[1, 2], [3]]), lengths_of([1, 2]), lengths_of(np.zeros((2, 3)))
    ([2, 1], None, None)
    """
    is_list = isinstance(values, list | tuple) or (isinstance(values, np.ndarray) and values.dtype == object)
    if not is_list or not len(values) or not all(isinstance(value, list | tuple | np.ndarray) for value in values):
        return None
    if any(isinstance(value, np.ndarray) and value.ndim == 0 for value in values):
        return None
    return [len(value) for value in values]


def _is_mapped(array: Any) -> bool:
    while array is not None:
        if isinstance(array, np.memmap | mmap.mmap):
            return True
        array = getattr(array, "base", None)
    return False
