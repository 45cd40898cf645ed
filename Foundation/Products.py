"""Products of matrices in the order of memory that suits what comes behind them."""

from typing import Any

import numpy as np

from Foundation import Pieces
from Foundation.Moments import add_up_values
from Foundation.Recording import Value

#: What NumPy's function comes to for one product, without the way there, which takes as long as a small batch.
_einsum: Any = getattr(getattr(np.einsum, "__wrapped__", None), "__globals__", {}).get("c_einsum", np.einsum)


def product(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The product of a batch and a matrix.

    >>> product(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    array([[11.]])
    """
    if len(rows) * matrix.shape[1] * matrix.itemsize > Pieces.LARGE:
        return rows @ matrix  # row by row, as layers work on large arrays
    # As a transposed product, which lies column by column in memory: matrix libraries take about 15 % less time for
    # it where the batch is small, and the layers behind it work along the batch.
    return (matrix.T @ rows.T).T


def affine(rows: np.ndarray, matrix: np.ndarray, bias: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """The product of rows and a matrix, and a bias added to each row.

    >>> affine(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([0.5]))
    array([[11.5]])
    """
    result: np.ndarray = np.matmul(rows, matrix, out=out)
    result += bias
    return result


def affine_gradient(error: np.ndarray, *columns: np.ndarray) -> np.ndarray:
    """The gradient of W, whose last row is the bias, from the error of x̃·W: x̃ᵀ·error with x̃ = (columns…, 1).

    >>> affine_gradient(np.array([[1.0], [10.0]]), np.array([[2.0], [3.0]]), np.array([[4.0], [5.0]]))
    array([[32.],
           [54.],
           [11.]])
    """
    rows = 0
    for part in columns:
        rows += part.shape[1]
    gradient = np.empty((rows + 1, error.shape[1]), error.dtype)
    for part in reversed(columns):
        stop, rows = rows, rows - part.shape[1]
        np.matmul(part.T, error, out=gradient[rows:stop])
    if len(error) <= 256:
        _einsum("ij->j", error, out=gradient[-1])
    else:
        gradient[-1] = channel_sums(error)
    return gradient


def row_sums(*factors: Any) -> Any:
    """The sum of each row of a matrix, or of the product of two, also in formulas that are recorded.

    >>> row_sums(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]))
    array([11.])
    """
    if isinstance(factors[0], Value):
        return factors[0].recording.record(row_sums, *factors)
    return _einsum("ij->i" if len(factors) == 1 else "ij,ij->i", *factors)


def add_bias(output: np.ndarray, bias: np.ndarray) -> None:
    """Add a number to each channel of `(b, y, x, k)`, to whole rows of pixels, because NumPy is fast in long runs.

    >>> pixels = np.zeros((1, 1, 2, 2))
    >>> add_bias(pixels, np.array([1.0, 2.0]))
    >>> pixels
    array([[[[1., 2.],
             [1., 2.]]]])
    """
    _, _, width, num_kernels = output.shape
    rows = output.reshape(-1, width * num_kernels)
    rows += np.tile(bias, width)


def channel_sums(error: np.ndarray) -> np.ndarray:
    """The sum of each column, or each channel, in the array's type: the gradient of a bias.

    >>> channel_sums(np.array([[1.0, 2.0], [10.0, 20.0]]))
    array([11., 22.])
    """
    return add_up_values((1,), error).astype(error.dtype, copy=False)
