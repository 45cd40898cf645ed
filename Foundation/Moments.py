"""Mean, variance and sums over some axes of an array, exact enough to normalize by.

The variance is the mean of the squares minus the square of the mean. Written so, it is useless where the mean is
large: of numbers around 10,000 with a spread of 1, both are around 100,000,000 and differ in their ninth digit, and
float32 has seven. So everything is computed from the distance to a number nearby, the *shift*: the mean of x - shift
is small, so is its square, and little cancels. Mean and variance are the same with any shift. The first of the values
is a good one, as it is hardly ever far from the others. Of a large array, which takes some time to be shifted, 0 is as
good as long as the mean is no more than three times the spread.

The mean then has two parts that add up to it: the shift, in the type of the values, and the *rest*, which is small and
precise. Whoever subtracts the mean from float32 numbers subtracts the shift first.

`each` names the axes that are left: there is a mean for each place on them, over all others. With (1,), which goes
without saying, it is one for each channel of `(batch, channels, y, x)`; with (0,) one for each sample.
"""

import functools
import math
from typing import Any, NamedTuple

import numpy as np

from Foundation import Checks
from Foundation.Formulas import elementwise
from Foundation.NumPySettings import ignoring_errors
from Foundation.Pieces import in_pieces
from Foundation.Shares import others


def moments(
    x: np.ndarray, owner: object, hint: str, what: str = "input", each: tuple[int, ...] = (1,)
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    r"""The mean, in two parts, and the (population) variance of N values each.

    $$\mu = s + \frac{1}{N} \sum (x - s), \qquad
      \sigma^2 = \frac{1}{N} \sum (x - s)^2 - \Bigl(\frac{1}{N} \sum (x - s)\Bigr)^2$$

    Args:
        x: an array of float32 or float64.
        owner: whoever asks, for messages.
        hint: what to do where there is one value alone.
        what: the name of the array in messages.
        each: the axes that are left.

    Returns:
        x - s, which is x itself where s = 0; the shift s in the type of x, the rest of the mean and the variance in
        float64, each of the three in the shape of the axes that are left.

    Raises:
        ValueError: where N = 1: a value alone is its own mean and tells nothing about the spread.
        NonFiniteError: where a value or a sum of them is NaN or infinite.

    >>> centred, shift, rest, variance = moments(np.array([[1.0, 5.0], [3.0, 5.0]]), "example", "take more")
    >>> shift + rest, variance
    (array([2., 5.]), array([1., 0.]))
    """
    first = x[_layout(x.ndim, each).first].copy()
    count = x.size / first.size
    if count == 1:
        raise ValueError(f"{owner}: expected {what} with several values for each mean, got one, in {x.shape}; {hint}")
    for shift in (np.zeros_like(first), first)[x.nbytes <= _SMALL :]:
        centred, totals = _about(shift, x, each)
        rest, squares = totals / count
        if (np.abs(rest) <= 0.95 * np.sqrt(squares)).all() and np.isfinite(totals).all():
            break
    else:  # the first is far from the others, and the mean that it leads to is not
        shift = (shift + rest).astype(x.dtype)
        centred, totals = _about(shift, x, each)
    _require_finite(totals, x, owner, what)
    rest, squares = totals / count
    return centred, shift, rest, np.maximum(squares - rest**2, 0)


def known(
    x: np.ndarray, mean: np.ndarray, variance: np.ndarray, owner: object, what: str = "input"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same as `moments` but for the shift, from a mean and a variance that are there already.

    >>> known(np.full((1, 1), 1e9, "float32"), np.array([1e9 + 1]), np.array([4.0]), "example")
    (array([[0.]], dtype=float32), array([1.]), array([4.]))
    """
    Checks.require_finite(x, owner, what)
    if not variance.min() >= 0:
        raise ValueError(f"{owner!r}: expected a variance of at least 0, got {variance.min():g}; was it set by hand?")
    near = (np.abs(mean) <= 3 * np.sqrt(variance)).all()
    shift = np.zeros_like(mean, x.dtype) if near else mean.astype(x.dtype)
    return x if near else _less(x, shift), mean - shift, variance


def sums(
    x: np.ndarray, e: np.ndarray, owner: object, what: str = "error tensor", each: tuple[int, ...] = (1,)
) -> np.ndarray:
    r"""Two sums for each place, $\sum e$ and $\sum e\,x$, in float64.

    Some hundred values are added up in their own type, and what comes out in float64.

    Args:
        x: an array of float32 or float64.
        e: an array as x is.
        owner: whoever asks, for messages.
        what: the name of e in messages.
        each: the axes that are left.

    Raises:
        NonFiniteError: where a summand or a sum is NaN or infinite.

    >>> sums(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 1.0], [1.0, 2.0]]), "example")
    array([[ 2.,  3.],
           [ 4., 10.]])
    """
    totals = _sums(x, e, each)
    _require_finite(totals, e, owner, what)
    return totals


def _sums(x: np.ndarray, e: np.ndarray, each: tuple[int, ...]) -> np.ndarray:
    x, e = _in_rows(each, x, e)
    layout = _layout(x.ndim, each)
    if x.size <= _FEW * x[layout.first].size:
        return np.array([np.einsum(layout.sum, e), np.einsum(layout.product, e, x)], float)

    def add(part: slice) -> list[np.ndarray]:
        return [add_up_values(each, e[part]), add_up_values(each, e[part], x[part])]

    pieces = ignoring_errors(in_pieces, add, x, long_rows=True)
    return np.concatenate(pieces, axis=1, dtype=float) if 0 in each else np.add.reduce(pieces, axis=0, dtype=float)


def _require_finite(totals: np.ndarray, summed: np.ndarray, owner: object, what: str) -> None:
    """Refuse sums that aren't, which costs nothing, while looking at every summand would."""
    if not np.isfinite(totals).all():
        Checks.require_finite(summed, owner, what)
        raise Checks.NonFiniteError(f"{owner}: expected {what} with finite sums, got {totals.max()} in {summed.dtype}")


def _about(shift: np.ndarray, x: np.ndarray, each: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The distance from a shift, and the sums of it and of its squares."""
    centred = _less(x, shift, each) if shift.any() else x
    return centred, _sums(centred, centred, each)


def _less(x: np.ndarray, shift: np.ndarray, each: tuple[int, ...] = (1,)) -> np.ndarray:
    centred: np.ndarray = ignoring_errors(elementwise, lambda x, s: x - s, x, *beside(x, shift, each=each))
    return centred


def add_up_values(each: tuple[int, ...], *factors: np.ndarray) -> np.ndarray:
    """The sums of an array, or of the products of two, for each place on the axes that are left.

    Where many values are added up one after the other in float32, the last ones change a sum that is large already, and
    lose as many digits as it has more. So no more than some hundred are; their sums are added up in float64.

    >>> (add_up_values((1,), np.full((2**20, 1), 0.1, "float32")) / 2**20).round(7)
    array([0.1])
    """
    x, *others = factors = _in_rows(each, *factors)
    layout, shape = _layout(x.ndim, each), x.shape
    # In the order of memory, many numbers are added up side by side.
    few = 12 * _FEW if x.ndim > 2 and x.flags.c_contiguous else _FEW
    if x.size <= few * math.prod([shape[axis] for axis in each]):
        return np.einsum(layout.product if others else layout.sum, *factors)
    if x.ndim == 2 and each == (1,):
        whole = len(x) - len(x) % _LONG_ROWS
        blocks = (factor[:whole].reshape(_LONG_ROWS, -1) for factor in factors)
        partial = np.einsum("ab,ab->b" if others else "ab->b", *blocks).reshape(-1, shape[1])
        rest = np.einsum(layout.product if others else layout.sum, *(factor[whole:] for factor in factors))
        return np.add.reduce(partial, axis=0, dtype=float) + rest
    if x.ndim - 1 in each:  # nothing that could be added up first lies side by side
        return np.einsum(layout.product if others else layout.sum, *factors, dtype=float)
    if shape[-1] > few:
        whole = shape[-1] - shape[-1] % _FEW
        blocks = (factor[..., :whole].reshape(*shape[:-1], -1, _FEW) for factor in factors)
        rests = (factor[..., whole:] for factor in factors)
        return add_up_values(each, *blocks) + (add_up_values(each, *rests) if whole < shape[-1] else 0)
    last = x.ndim - 1
    while last > max(each) + 1 and math.prod(shape[last - 1 :]) <= few:
        last -= 1
    axes = "abcdefgh"[: x.ndim]
    partial = np.einsum(f"{','.join([axes] * len(factors))}->{axes[:last]}", *factors)
    return np.add.reduce(partial, axis=tuple(axis for axis in range(last) if axis not in each), dtype=float)


def beside(x: np.ndarray, *numbers: np.ndarray, each: tuple[int, ...] = (1,)) -> list[np.ndarray]:
    """Numbers in the shape of the axes that are left, in the type of x and so that they meet it.

    >>> [column.shape for column in beside(np.zeros((2, 3, 4)), np.arange(3.0))]
    [(3, 1)]
    """
    if each == (1,) and _channels_lie_last(x):  # as many numbers in succession as meet them
        channels, *size = x.shape[1:]
        row = np.empty((len(numbers), *[1] * (x.ndim - 3), size[-1], channels), x.dtype)
        row.swapaxes(0, -2)[...] = numbers
        if math.prod(x.shape[1:]) <= _LONG:
            row = np.broadcast_to(row, (len(numbers), *size, channels)).copy()
        return list(row.transpose(0, x.ndim - 1, *range(1, x.ndim - 1)))
    index = _layout(x.ndim, each).beside
    return [values.astype(x.dtype)[index] for values in numbers]


_MORE_VALUES = "take a larger batch, or set testing_phase = True"
_FEW = 256  # numbers that are added up one after the other
_SMALL = 2**18  # bytes of an array of which the first value is taken away without asking
_LONG_ROWS = 32  # rows of many numbers for each that are
_LONG = 2**14  # numbers in succession that meet as many: more take no less time, and cache


def _channels_lie_last(x: np.ndarray) -> bool:
    """Whether images or signals have their channels last in memory, as convolutions return them."""
    return x.ndim > 2 and x.shape[1] > 1 and _with_channels_last(x).flags.c_contiguous


def _with_channels_last(x: np.ndarray) -> np.ndarray:
    return x.transpose(0, *range(2, x.ndim), 1)  # np.moveaxis takes as long as a small sum


def _in_rows(each: tuple[int, ...], *arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    """Such images as a matrix with a column for each channel."""
    if each == (1,) and all(map(_channels_lie_last, arrays)):
        return tuple(_with_channels_last(array).reshape(-1, array.shape[1]) for array in arrays)
    return arrays


class _Layout(NamedTuple):
    """How arrays of some number of axes are read and summed where some of these are left.

    Attributes:
        first: index of the first value of each place.
        beside: index that adds axes to numbers for each place.
        sum: of an array, as `einsum` has it.
        product: the sum of the products of two.
    """

    first: tuple[Any, ...]
    beside: tuple[Any, ...]
    sum: str
    product: str


@functools.cache
def _layout(number_of_axes: int, each: tuple[int, ...]) -> _Layout:
    axes = "abcdefgh"[:number_of_axes]
    left = "".join(axes[axis] for axis in each)
    first = tuple(slice(None) if axis in each else 0 for axis in range(number_of_axes))
    beside = tuple(slice(None) if axis in each else np.newaxis for axis in range(min(each), number_of_axes))
    return _Layout(first, beside, f"{axes}->{left}", f"{axes},{axes}->{left}")


def moments_of_all(x: np.ndarray, owner: object) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    r"""What normalizes each channel by the rows of all processes that have statistics together.

    With the mean $\mu_i$, the variance $\sigma_i^2$ and the number $n_i$ of values of each process,

    $$\mu = \frac{1}{N} \sum n_i \mu_i, \qquad
      \sigma^2 = \frac{1}{N} \sum n_i \bigl(\sigma_i^2 + (\mu_i - \mu)^2\bigr), \qquad N = \sum n_i$$

    so that the squares of large numbers meet nowhere.

    Args:
        x: an array of float32 or float64, `(batch, channels, …)`.
        owner: whoever asks, for messages.

    Returns:
        x - s, and, `(channels,)` in float64, the mean, what of it is left in x - s, and the variance. Mean and variance
        have the same bits in all processes.

    Raises what `moments` raises.

    Source: T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance", The American
    Statistician 37 (1983).

    >>> _, mean, _, variance = moments_of_all(np.array([[1.0], [3.0]]), "example")
    >>> mean, variance
    (array([2.]), array([1.]))
    """
    processes, channels = others(), x.shape[1]
    shared = processes is not None and processes.synchronized
    if x.size > channels or not shared:
        centred, shift, rest, variance = moments(x, owner, _MORE_VALUES)
    else:  # one value of each, which is no batch alone but may be a part of one
        centred, shift = np.zeros_like(x), x.reshape(channels)
        rest = variance = np.zeros(channels)
    if processes is None or not shared:
        return centred, shift + rest, rest, variance
    counts = np.full(channels, x.size / channels)
    shifts, rests, variances, counts = processes.stacked(np.array([shift, rest, variance, counts])).swapaxes(0, 1)
    total = counts.sum(axis=0)
    if total[0] == 1:
        moments(x, owner, _MORE_VALUES)  # which says why not
    means = shifts - shifts[0] + rests  # from the first one's shift
    mean = (counts * means).sum(axis=0) / total
    variance = (counts * (variances + (means - mean) ** 2)).sum(axis=0) / total
    return centred, shifts[0] + mean, shifts[0] - shift + mean, variance


def sums_of_all(x: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """One over the number of values of each channel, and two sums over them, of all processes as `moments_of_all`.

    Args:
        x: the values of this process, `(batch, channels, …)`.
        first: `(channels,)`, of this process.
        second: the same.

    >>> sums_of_all(np.zeros((2, 1)), np.array([1.0]), np.array([2.0]))
    (0.5, array([1.]), array([2.]))
    """
    processes, count = others(), x.size // x.shape[1]
    if processes is None or not processes.synchronized:
        return 1 / count, first, second
    counts, first, second = processes.stacked(np.array([np.full(len(first), float(count)), first, second])).sum(axis=0)
    return float(1 / counts[0]), first, second
