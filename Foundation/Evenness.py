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
#: How many times what the errors of all tiles do meet, in that element of the kernels where it is least.
BACKWARDS_TOGETHER = 4

_GROWTH = 2.0**16  # more than what the factors of a tile, of kernels and of outputs make of a number, one by one


class PixelSums:
    """The sum of the absolute values of each pixel's channels, within zeros as the tiles' places need them.

    Who has copied images within zeros leaves the copy to `take`, while it is in the cache; what nobody has taken is
    computed when it is asked for. The way forward takes images, that back for images takes errors; the kernels'
    gradient finds both.

    Shapes: images `(b, c, y, x)`; a block of the batch has sums `(block, 4 · tiles_y + 2, 4 · tiles_x + 2)`.

    >>> PixelSums(np.array([[[[1.0, 2.0]], [[-3.0, 0.0]]]])).begun().of(slice(0, 1))[0, :3]
    array([[0., 0., 0., 0., 0., 0.],
           [0., 4., 2., 0., 0., 0.],
           [0., 0., 0., 0., 0., 0.]])
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
            batch, (tiles_y, tiles_x) = len(self.images), self.tiling
            self._known = np.zeros(batch, bool)
            self._sums = np.zeros((batch, 4 * tiles_y + 2, 4 * tiles_x + 2), self.images.dtype)
        return self

    def take(self, block: slice, padded: np.ndarray) -> None:
        """Sum up a block's images that stand within zeros, `(block, y, x, c)`, and leave absolute values there."""
        if not self._known[block].all():
            channels = padded.shape[-1]
            np.abs(padded, out=padded)
            ones = np.ones(channels, padded.dtype)  # products with them take half the time of sums
            np.matmul(padded.reshape(-1, channels), ones, out=self._sums[block].reshape(-1))
            self._known[block] = True

    def of(self, block: slice) -> np.ndarray:
        """The sums of a block of the batch."""
        sums: np.ndarray = self._sums[block]
        if not self._known[block].all():
            sizes = np.abs(self.images[block].transpose(0, 2, 3, 1))
            _, y, x, channels = sizes.shape
            sums[:, 1 : y + 1, 1 : x + 1] = np.matmul(sizes, np.ones(channels, sizes.dtype))
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
    sums: np.ndarray, size: Sequence[int], least: float, largest: float
) -> tuple[np.ndarray, np.ndarray]:
    """Of the tiles of images, which are uneven, and which of their 16 places see nothing but zeros.

    Shapes: sums of pixels of images `(y, x)` as `PixelSums` has them; the results are positions `(uneven,)` and truth
    values `(tiles, 16)`, in reading order, or empty where there are none such, which nearly always is seen at once.

    A tile covers 4 × 4 pixels and sees one more in each direction. Where its largest sum is less than `least` or more
    than `largest`, it is no better than an uneven one.
    """
    bound = float(np.maximum.reduce(sums, axis=None))
    enough = max(least, bound / FORWARDS)
    if bound <= largest and enough <= np.minimum.reduce(_squares(sums, size), axis=None):
        return _NONE, _NONE
    windows = _seen(sums, np.maximum)
    zero = windows == 0
    empty = _places(zero) if zero[:, : size[0], : size[1]].any() else _NONE
    zero[:, size[0] :] = zero[:, :, size[1] :] = True
    held = np.where(zero, np.inf, windows)
    if bound <= largest and enough <= np.minimum.reduce(held, axis=None):
        return _NONE, empty
    most = _of_tiles(windows, np.maximum)
    even = (most <= FORWARDS * _of_tiles(held, np.minimum)) & (least <= most) & (most <= largest) | (most == 0)
    return np.flatnonzero(~even), empty


def uneven_pairs(pixels: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Tiles of images and errors whose products say little of what they hold: the positions, in reading order.

    A tile adds a rounding error in proportion to its largest number times its largest error to each element of the
    kernels. What an element sums up is each error times the pixel that it meets there, for certain the least of nine.
    As long as the former, of all tiles together, is no more than some times the latter, all is well; else the tiles
    are uneven of which that isn't true.

    Shapes: sums of the images' pixels, and of the errors', as `PixelSums` has them; the result `(uneven,)`.
    """
    _, most = _limits(sums.dtype)
    most /= sums.size
    batch, height, width = sums.shape
    with np.errstate(over="ignore", invalid="ignore"):
        bound = float(np.maximum.reduce(pixels, axis=None)) * float(np.maximum.reduce(sums, axis=None))
        enough = BACKWARDS_TOGETHER * _least_sum(pixels, sums) if 0 < bound < most else 0.0
        if 0 < bound * batch * (height // 4) * (width // 4) <= enough:
            return _NONE
        errors = sums[:, 1:-1, 1:-1]
        certain = _of_tiles(_seen(pixels, np.minimum) * errors, np.add)
        possible = _of_tiles(_seen(pixels, np.maximum), np.maximum) * _of_tiles(errors, np.maximum)
        total = float(possible.sum(dtype=float))
        if total < most and total <= max(enough, BACKWARDS * float(certain.sum(dtype=float))):
            return _NONE
        return np.flatnonzero(~((possible <= BACKWARDS * certain) & (possible < most)))


_NONE = np.empty(0, int)


@functools.cache
def _limits(dtype: np.dtype) -> tuple[float, float]:
    """The least and largest numbers of a type with which nothing on the way leaves the range of the type."""
    return float(np.finfo(dtype).tiny) * _GROWTH, float(np.finfo(dtype).max) / _GROWTH


def _squares(sums: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """The largest of each 2 × 2 pixels: every window has such a square, three in succession hold an even and the next.

    Where the length is odd, the last one has zeros for its next, and so has the last window.
    """
    y, x = size
    rows = np.maximum(sums[:, 1 : y + 1 : 2], sums[:, 2 : y + 2 : 2])
    return np.maximum(rows[:, :, 1 : x + 1 : 2], rows[:, :, 2 : x + 2 : 2])


def _least_sum(pixels: np.ndarray, sums: np.ndarray) -> float:
    """Of the nine elements of a kernel the least sum of errors times pixels; the zeros around each meet no error."""
    width, errors, numbers = sums.shape[2], sums.reshape(-1), pixels.reshape(-1)
    inner = errors[width + 1 : -width - 1]
    steps = (width * i + j for i, j in np.ndindex(3, 3))
    return min(float(np.vdot(inner, numbers[step : step + len(inner)])) for step in steps)


def _seen(sums: np.ndarray, of: np.ufunc) -> np.ndarray:
    """The largest or least of the 3 × 3 pixels around each place of the tiles."""
    height, width = sums.shape[1] - 2, sums.shape[2] - 2
    rows = reduce(of, (sums[:, i : i + height] for i in range(3)))
    return reduce(of, (rows[:, :, i : i + width] for i in range(3)))


def _of_tiles(places: np.ndarray, of: np.ufunc) -> np.ndarray:
    """The largest or least number, or the sum, of each tile of 4 × 4, in reading order."""
    rows = reduce(of, (places[:, i::4] for i in range(4)))
    return reduce(of, (rows[:, :, i::4] for i in range(4))).ravel()


def _places(values: np.ndarray) -> np.ndarray:
    """The 16 places of each tile: `(tiles, 16)`."""
    batch, height, width = values.shape
    return values.reshape(batch, height // 4, 4, width // 4, 4).swapaxes(2, 3).reshape(-1, 16)
