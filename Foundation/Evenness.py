"""Which tiles of images Winograd's way suits: those in which no window drowns in the rounding errors of its neighbours.

The numbers of a tile are added up with factors before they are multiplied, so that each output has a rounding error in
proportion to the largest number of its tile, whether its own window holds that or not. So a tile is *uneven* where
that is far more than what a window holds. One number for each pixel tells enough, the sum of its absolute values.
"""

import functools
from collections.abc import Sequence
from functools import reduce
from typing import Any, Self

import numpy as np

#: How many times what a window holds, in its pixel of the largest sum, a tile may hold.
FORWARDS = 32
#: How many times what the errors of a tile meet for certain the product of the largest numbers may be.
BACKWARDS = 8

_GROWTH = 2.0**16  # more than what the factors of a tile, of kernels and of outputs make of a number, one by one


class PixelSums:
    """The sum of the absolute values of each pixel's channels, computed when it is first asked for.

    The way forward asks for that of images, and both ways back for that of errors; the kernels' gradient takes both as
    they are.

    Shapes: images `(b, c, y, x)`; a block of the batch has sums `(block, y, x)`.

    >>> PixelSums(np.array([[[[1.0, 2.0]], [[-3.0, 0.0]]]])).begun().of(slice(0, 1))
    array([[[4., 2.]]])
    """

    def __init__(self, images: np.ndarray) -> None:
        self.images = images
        self._sums: Any = None
        self._known: Any = None

    @property
    def tiling(self) -> tuple[int, int]:
        """How many squares of 4 pixels cover an image, in each direction."""
        _, _, y, x = self.images.shape
        return -(-y // 4), -(-x // 4)

    def begun(self) -> Self:
        """These, with memory for the sums: several threads may ask for blocks of their own from now on."""
        if self._sums is None:
            batch, _, y, x = self.images.shape
            self._known, self._sums = np.zeros(batch, bool), np.empty((batch, y, x), self.images.dtype)
        return self

    def of(self, block: slice) -> np.ndarray:
        """The sums of a block of the batch."""
        sums: np.ndarray = self._sums[block]
        if not self._known[block].all():
            sizes = np.abs(self.images[block])
            batch, channels = sizes.shape[:2]
            ones = np.ones(channels, sizes.dtype)  # products with them take half the time of sums
            if sizes.flags.c_contiguous:
                np.matmul(ones, sizes.reshape(batch, channels, -1), out=sums.reshape(batch, -1))
            else:
                np.matmul(sizes.transpose(0, 2, 3, 1).reshape(-1, channels), ones, out=sums.reshape(-1))
            self._known[block] = True
        return sums


def reach(kernels: np.ndarray) -> tuple[float, float]:
    """The least and the largest sum of a pixel with which nothing in Winograd's way over- or underflows.

    >>> least, largest = reach(np.ones((1, 1, 3, 3)))
    >>> least < 1e-290 and largest > 1e290, reach(np.full((1, 1, 3, 3), 1e308))
    (True, (inf, 0.0))
    """
    tiny, most = _limits(kernels.dtype)
    factor = float(max(np.maximum.reduce(kernels, axis=None), -np.minimum.reduce(kernels, axis=None)))
    if factor == 0:
        return 0.0, most
    if not tiny <= factor < most:
        return np.inf, 0.0
    return tiny / min(factor, 1), most / max(factor, 1)


def uneven_tiles(
    sums: np.ndarray, tiling: Sequence[int], least: float, largest: float
) -> tuple[np.ndarray, np.ndarray]:
    """Of the tiles of images, which are uneven, and which of their 16 places see nothing but zeros.

    Shapes: sums of pixels `(b, y, x)`; the results are positions `(uneven,)` and truth values `(tiles, 16)`, in reading
    order, or empty where there are none such, which nearly always is seen at once.

    A tile covers 4 × 4 pixels and sees one more in each direction. Where its largest sum is less than `least` or more
    than `largest`, it is no better than an uneven one. `tiling` says how many tiles there are in each direction.
    """
    if _are_plain(sums, least, largest):
        return _NONE, _NONE
    windows = _seen(sums, tiling, np.maximum)
    most = _of_tiles(windows, np.maximum)
    inside = windows.copy()
    inside[:, sums.shape[1] :] = inside[:, :, sums.shape[2] :] = np.inf
    inside[inside == 0] = np.inf
    even = (most <= FORWARDS * _of_tiles(inside, np.minimum)) & (least <= most) & (most <= largest) | (most == 0)
    (batch, _, _), (tiles_y, tiles_x) = sums.shape, tiling
    empty = windows.reshape(batch, tiles_y, 4, tiles_x, 4).swapaxes(2, 3).reshape(-1, 16) == 0
    return np.flatnonzero(~even), empty if empty.any() else _NONE


def uneven_pairs(pixels: np.ndarray, sums: np.ndarray, tiling: Sequence[int]) -> np.ndarray:
    """Tiles of images and errors whose products say little of what they hold: the positions, in reading order.

    A tile adds a rounding error in proportion to its largest number times its largest error to each element of the
    kernels. What each element sums up for certain is each error times the least of the nine pixels that it meets. As
    long as the former, of all tiles together, is no more than some times the latter, all is well; else the tiles are
    uneven of which that isn't true.

    Shapes: sums of the images' pixels, and of the errors', `(b, y, x)`; the result `(uneven,)`.
    """
    _, most = _limits(sums.dtype)
    most /= sums.size
    with np.errstate(over="ignore", invalid="ignore"):
        bound = float(np.maximum.reduce(pixels, axis=None)) * float(np.maximum.reduce(sums, axis=None))
        if 0 < bound < most:
            inner = float(sums[:, 1:-1, 1:-1].sum())
            if bound * len(sums) * tiling[0] * tiling[1] <= BACKWARDS * float(pixels.min()) * inner:
                return _NONE
        met = _seen(pixels, tiling, np.minimum)
        padded = np.zeros_like(met)
        padded[:, : sums.shape[1], : sums.shape[2]] = sums
        certain = _of_tiles(met * padded, np.add)
        possible = _of_tiles(_seen(pixels, tiling, np.maximum), np.maximum) * _of_tiles(padded, np.maximum)
        total = float(possible.sum(dtype=float))
        if total < most and total <= BACKWARDS * float(certain.sum(dtype=float)):
            return _NONE
        return np.flatnonzero(~((possible <= BACKWARDS * certain) & (possible < most)))


_NONE = np.empty(0, int)


@functools.cache
def _limits(dtype: np.dtype) -> tuple[float, float]:
    """The least and largest numbers of a type with which nothing on the way leaves the range of the type."""
    return float(np.finfo(dtype).tiny) * _GROWTH, float(np.finfo(dtype).max) / _GROWTH


def _are_plain(sums: np.ndarray, least: float, largest: float) -> bool:
    """Whether no tile is uneven: no pixel at all has far less than another, or no four of which each window has some.

    Three pixels in succession hold an even one and the next, at the border too where the length is even.
    """
    bound = float(np.maximum.reduce(sums, axis=None))
    if not bound <= largest:
        return False
    least = max(least, bound / FORWARDS)
    if least <= np.minimum.reduce(sums, axis=None):
        return True
    if sums.shape[1] % 2 or sums.shape[2] % 2:
        return False
    rows = np.maximum(sums[:, ::2], sums[:, 1::2])
    return bool(least <= np.minimum.reduce(np.maximum(rows[:, :, ::2], rows[:, :, 1::2]), axis=None))


def _seen(sums: np.ndarray, tiling: Sequence[int], of: np.ufunc) -> np.ndarray:
    """The largest or least of the 3 × 3 pixels around each place of the tiles, outside of the image 0."""
    (batch, y, x), (tiles_y, tiles_x) = sums.shape, tiling
    padded = np.zeros((batch, 4 * tiles_y + 2, 4 * tiles_x + 2), sums.dtype)
    padded[:, 1 : y + 1, 1 : x + 1] = sums
    rows = reduce(of, (padded[:, i : i + 4 * tiles_y] for i in range(3)))
    return reduce(of, (rows[:, :, i : i + 4 * tiles_x] for i in range(3)))


def _of_tiles(places: np.ndarray, of: np.ufunc) -> np.ndarray:
    """The largest or least number of each tile of 4 × 4, in reading order."""
    rows = reduce(of, (places[:, i::4] for i in range(4)))
    return reduce(of, (rows[:, :, i::4] for i in range(4))).ravel()
