"""Sums of matrix products over a batch, on all cores, in memory that does not grow with their number."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from Foundation.Forks import compute_undivided
from Foundation.MatrixLibrary import on_the_calling_thread
from Foundation.Parallel import add_up, blocks, over_batch, share, thread_count

#: Makes left and right factors of a slice of a batch, stacks of as many matrices, and what else is to be summed.
Factors = Callable[[slice], tuple[np.ndarray, np.ndarray, np.ndarray]]
Arrays = Sequence[np.ndarray]

_SUMS_BYTES = 2**26  # of all threads' sums together
_FACTORS_BYTES = 2**25  # that are multiplied at a time, for a larger sum
_PRODUCT_BYTES = 2**20  # that are added to it at a time: half of a core's second-level cache


def sum_of_products(
    factors: Factors, total: np.ndarray, batch_size: int, block_size: int, item_bytes: int, multiply_adds: int
) -> tuple[np.ndarray, np.ndarray]:
    r"""Sum of left' · right over a batch, for each pair of matrices, and of what else the factors bring.

    $$S_p = \sum_b L_{b,p}^\top R_{b,p}$$

    Of a small sum, every thread adds up a part of the batch, and the parts' sums are added in the batch's order. Of a
    large one, as many sums would take too much memory, and each block of a few items would change all of it for a
    product that is quickly done. So there is one: all threads make the factors of many items, then each multiplies
    its share of the matrices.

    Shapes: left `(pairs, rows, m)`, right `(pairs, rows, n)`, their sum `(pairs, m, n)`.

    Args:
        factors: called with slices of the batch, on several threads.
        total: zeros, of the sum's shape and type.
        batch_size: how many items there are.
        block_size: how many items' factors fit in the cache.
        item_bytes: of the factors of one item.
        multiply_adds: how much work it is altogether.

    >>> numbers = np.arange(6.0).reshape(1, 3, 2)
    >>> def factors(part):
    ...     return numbers[:, part], numbers[:, part], numbers[0, part].sum(axis=0)
    >>> sum_of_products(factors, np.zeros((1, 2, 2)), 3, block_size=1, item_bytes=16, multiply_adds=12)
    (array([[[20., 26.],
            [26., 35.]]]), array([6., 9.]))
    """
    if 2 * thread_count() * total.nbytes <= _SUMS_BYTES:
        add = partial(_sums_of_a_part, factors, total, block_size)
        products, rests = zip(*over_batch(add, batch_size, batch_size, multiply_adds), strict=True)
        return add_up(products), _added(rests, total)
    rests = compute_undivided(
        on_the_calling_thread, _sum_in_one_place, factors, total, batch_size, block_size, item_bytes
    )
    return total, _added(rests, total)


def _sum_in_one_place(
    factors: Factors, total: np.ndarray, batch_size: int, block_size: int, item_bytes: int
) -> list[np.ndarray]:
    pairs, m, n = total.shape
    shares = list(product(range(pairs), blocks(slice(0, m), max(1, _PRODUCT_BYTES // (n * total.itemsize)))))
    all_rests: list[np.ndarray] = []
    for group in blocks(slice(0, batch_size), max(1, _FACTORS_BYTES // item_bytes)):
        lefts, rights, rests = zip(*share(factors, list(blocks(group, block_size))), strict=True)
        share(partial(_add_products, total, lefts, rights), shares)
        all_rests += rests
    return all_rests


def _sums_of_a_part(factors: Factors, like: np.ndarray, block_size: int, part: slice) -> tuple[np.ndarray, np.ndarray]:
    products, rests = np.zeros_like(like), []
    for block in blocks(part, block_size):
        left, right, more = factors(block)
        products += np.matmul(left.swapaxes(1, 2), right)
        rests.append(more)
    return products, _added(rests, like)


def _added(rests: Arrays, like: np.ndarray) -> np.ndarray:
    """The sum of what else the factors brought, added up in float64: there may be many."""
    total: Any = np.zeros(1)
    for rest in rests:
        total = total + rest
    return total.astype(like.dtype)


def _add_products(total: np.ndarray, lefts: Arrays, rights: Arrays, place: tuple[int, slice]) -> None:
    """Add the products of one pair of matrices, for some columns of the left one."""
    pair, columns = place
    left = np.concatenate([left[pair, :, columns] for left in lefts])
    total[pair, columns] += left.T @ np.concatenate([right[pair] for right in rights])
