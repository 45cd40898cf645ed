"""Groups of channels, several at a time where a product of matrices for each would have too few channels to be fast."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

_FEW_CHANNELS = 16  # that a product of matrices should have at least


@lru_cache(1024)
def groups_together(kernel_shape: Sequence[int], groups: int) -> int:
    """How many groups to take for one, where a product for each would have too few channels to be fast."""
    enough = -(-_FEW_CHANNELS // kernel_shape[1])
    return next(number for number in range(min(enough, groups), groups + 1) if groups % number == 0)


def together(kernels: np.ndarray, groups: int) -> tuple[np.ndarray, int]:
    """The same kernels for fewer groups of more channels, those of others times 0, and how many groups there are."""
    as_one = groups_together(kernels.shape, groups)
    if as_one == 1:
        return kernels, groups
    num_kernels, channels, m, n = kernels.shape
    wide = np.zeros((groups // as_one, as_one, num_kernels // groups, as_one, channels, m, n), kernels.dtype)
    own = np.arange(as_one)
    wide[:, own, :, own] = kernels.reshape(groups // as_one, as_one, -1, channels, m, n).swapaxes(0, 1)
    return wide.reshape(num_kernels, as_one * channels, m, n), groups // as_one


def apart(kernels: np.ndarray, kernel_shape: Sequence[int], groups: int) -> np.ndarray:
    """Of what `together` has made of kernels of a shape, what isn't times 0."""
    as_one = groups_together(kernel_shape, groups)
    if as_one == 1:
        return kernels
    shape = groups // as_one, as_one, kernel_shape[0] // groups, as_one, *kernel_shape[1:]
    own = np.arange(as_one)
    return kernels.reshape(shape)[:, own, :, own].swapaxes(0, 1).reshape(kernel_shape)
