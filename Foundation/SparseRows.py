"""Matrices of which only some rows are not 0, such as the gradient of a table in which few rows were looked up."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np


class SparseRows:
    """A matrix, as the rows that may be other than 0; `numpy.asarray` gives all of them.

    Args:
        shape: of the whole matrix.
        rows: which rows these are, `(some,)`, rising.
        values: what stands in them, `(some, columns)`.
        lazy: whether a step along it moves these rows and nothing else, whatever its rule would make of the others.

    >>> gradient = SparseRows.summed((4, 2), np.array([2, 0, 2]), np.array([[1.0, 2.0], [3.0, 4.0], [10.0, 20.0]]))
    >>> gradient.rows, gradient.values
    (array([0, 2]), array([[ 3.,  4.],
           [11., 22.]]))
    >>> np.asarray(gradient + gradient)
    array([[ 6.,  8.],
           [ 0.,  0.],
           [22., 44.],
           [ 0.,  0.]])
    """

    def __init__(self, shape: tuple[int, ...], rows: np.ndarray, values: np.ndarray, lazy: bool = False) -> None:
        self.shape, self.rows, self.values, self.lazy = shape, rows, values, lazy

    @classmethod
    def summed(cls, shape: tuple[int, ...], rows: np.ndarray, values: np.ndarray, lazy: bool = False) -> Self:
        """The same from rows in any order, of which some may come several times: these are added up."""
        order = rows.argsort(kind="stable")
        found = rows[order]
        begins = np.flatnonzero(np.diff(found, prepend=-1))
        sums = np.add.reduceat(values[order], begins, axis=0) if len(begins) else values[:0]
        return cls(shape, found[begins], sums, lazy)

    @classmethod
    def of_parts(cls, shape: tuple[int, ...], parts: Any) -> Self:
        """The same from what `parts` has given, and a file has held; raises ValueError where it can't be that."""
        if not (isinstance(parts, list) and len(parts) == 3 and isinstance(parts[2], bool)):
            raise ValueError(f"damaged: expected rows, values and whether they are alone, got {type(parts).__name__}")
        rows, values, lazy = parts
        arrays = isinstance(rows, np.ndarray) and isinstance(values, np.ndarray)
        if not arrays or rows.dtype != np.int64 or rows.ndim != 1 or values.shape != (len(rows), *shape[1:]):
            raise ValueError("damaged: expected the numbers of rows, and as many rows")
        if len(rows) and (rows[0] < 0 or rows[-1] >= shape[0] or (np.diff(rows) <= 0).any()):
            raise ValueError(f"damaged: expected rising numbers of rows, below {shape[0]}")
        return cls(shape, rows, values, lazy)

    @property
    def parts(self) -> list[Any]:
        """What a file can hold of it: the rows, what stands in them, and `lazy`."""
        return [self.rows, self.values, self.lazy]

    @property
    def dtype(self) -> np.dtype:
        """The type of the numbers."""
        return self.values.dtype

    def map(self, function: Callable[[np.ndarray], np.ndarray]) -> Self:
        """What a function that leaves 0 as it is makes of the numbers."""
        return type(self)(self.shape, self.rows, function(self.values), self.lazy)

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, SparseRows):
            return np.asarray(self) + other
        both = np.concatenate([self.rows, other.rows]), np.concatenate([self.values, other.values])
        return self.summed(self.shape, *both, self.lazy)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        whole = np.zeros(self.shape, self.values.dtype)
        whole[self.rows] = self.values
        return whole if dtype is None else whole.astype(dtype, copy=False)


def numbers_in(gradient: Any) -> Any:
    """The numbers of a gradient that may be other than 0.

    >>> numbers_in(np.ones(2)), numbers_in(SparseRows((9, 1), np.array([3]), np.ones((1, 1))))
    (array([1., 1.]), array([[1.]]))
    """
    return gradient.values if isinstance(gradient, SparseRows) else gradient


def changed(gradient: Any, function: Callable[[np.ndarray], np.ndarray]) -> Any:
    """What a function that leaves 0 as it is makes of a gradient.

    >>> changed(np.ones(2), np.negative)
    array([-1., -1.])
    """
    return gradient.map(function) if isinstance(gradient, SparseRows) else function(gradient)
