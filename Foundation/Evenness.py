"""Which tiles of images Winograd's way suits: those in which no window drowns in the rounding errors of its neighbours.

The numbers of a tile are added up with factors before they are multiplied, so that each output has a rounding error in
proportion to the largest number of its tile, whether its own window holds that or not. So a tile is *uneven* where
that is far more than what a window holds. One number for each pixel tells enough, the sum of its absolute values.
"""

import functools
import math
from collections.abc import Sequence
from functools import reduce
from typing import Any, Self
from weakref import WeakValueDictionary

import numpy as np

from Foundation.MatrixLibrary import ON_ONE_THREAD
from Foundation.Parallel import over_batch

#: How many times what a window holds, in its pixel of the largest sum, a tile may hold.
FORWARDS = 64
#: How many times what the errors of a tile meet for certain the product of the largest numbers may be.
BACKWARDS = 8
#: How many times what the errors of all tiles do meet, in that element of the kernels where it is least.
BACKWARDS_TOGETHER = 4

#: Tiles at Winograd's points that are kept, by their owners, and how many bytes they take at most altogether.
_kept: WeakValueDictionary[int, np.ndarray] = WeakValueDictionary()
_KEPT_BYTES = 2**25

_STEPS = np.arange(3)

#: No tiles.
NONE = np.empty(0, int)

_GROWTH = 2.0**16  # more than what the factors of a tile, of kernels and of outputs make of a number, one by one


class PixelSums:
    """The sum of the absolute values of each pixel's channels, within zeros as the tiles' places need them.

    Who has copied images within zeros leaves the copy to `take`, while it is in the cache; what nobody has taken is
    computed when it is asked for. The way forward takes images, that back for images takes errors; the kernels'
    gradient finds both. With `keeps_points`, it also finds the images' tiles at Winograd's points, as the way forward
    has computed them, unless all of the process take too much memory.

    Shapes: images `(b, c, y, x)`; a block of the batch has sums `(block, 4 · tiles_y + 2, 4 · tiles_x + 2)`.

    >>> PixelSums(np.array([[[[1.0, 2.0]], [[-3.0, 0.0]]]])).begun().of(slice(0, 1))[0, :3]
    array([[0., 0., 0., 0., 0., 0.],
           [0., 4., 2., 0., 0., 0.],
           [0., 0., 0., 0., 0., 0.]])
    """

    def __init__(self, images: np.ndarray, keeps_points: bool = False) -> None:
        self.images = images
        self._keeps_points = keeps_points
        self._points: Any = None
        self._sums: Any = None
        self._known: Any = None

    @property
    def tiling(self) -> tuple[int, int]:
        """How many squares of 4 pixels cover an image, in each direction."""
        _, _, y, x = self.images.shape
        return -(-y // 4), -(-x // 4)

    @property
    def complete(self) -> bool:
        """Whether all are known."""
        return self._sums is not None and bool(self._known.all())

    def begun(self) -> Self:
        """These, with memory for the sums: several threads may ask for blocks of their own from now on."""
        if self._sums is None:
            batch, (tiles_y, tiles_x) = len(self.images), self.tiling
            self._known = np.zeros(batch, bool)
            self._sums = np.zeros((batch, 4 * tiles_y + 2, 4 * tiles_x + 2), self.images.dtype)
            shape = batch, tiles_y * tiles_x, 36, self.images.shape[1]
            others = [points.nbytes for reference in _kept.valuerefs() if (points := reference()) is not None]
            if self._keeps_points and math.prod(shape) * self.images.itemsize + sum(others) <= _KEPT_BYTES:
                self._points = _kept[id(self)] = np.empty(shape, self.images.dtype)
        return self

    def points_of(self, block: slice) -> Any:
        """Memory for a block's tiles at Winograd's points, `(tiles, 36, c)`; None where they aren't kept."""
        return None if self._points is None else self._points[block].reshape(-1, *self._points.shape[2:])

    def hand_over_points(self) -> Any:
        """All of them, `(b, tiles, 36, c)`, to be changed, as they aren't kept any longer; None where they aren't."""
        points, self._points = self._points, None
        return points

    def take(self, block: slice, padded: np.ndarray) -> None:
        """Sum up a block's images that stand within zeros, `(block, y, x, c)`, and leave absolute values there."""
        if not self._known[block].all():
            channels = padded.shape[-1]
            np.abs(padded, out=padded)
            ones = np.ones(channels, padded.dtype)  # products with them take half the time of sums
            np.matmul(padded.reshape(-1, channels), ones, out=self._sums[block].reshape(-1))
            self._known[block] = True

    def of(self, block: slice = slice(None)) -> np.ndarray:
        """The sums of a block of the batch."""
        sums: np.ndarray = self._sums[block]
        if not self._known[block].all():
            sizes = np.abs(self.images[block].transpose(0, 2, 3, 1))
            _, y, x, channels = sizes.shape
            sums[:, 1 : y + 1, 1 : x + 1] = np.matmul(sizes, np.ones(channels, sizes.dtype))
            self._known[block] = True
        return sums

    def mend(self, output: np.ndarray, kernels: np.ndarray, bias: np.ndarray | None, images_at_a_time: int) -> None:
        """Put into an output `(b, y, x, k)` what uneven tiles have the plain way, and where mere zeros are seen."""
        uneven, empty = uneven_tiles(self.of(), output.shape[1:3], *reach(kernels))
        added = 0 if bias is None else bias
        if uneven.size:  # else the kernels, which may be large, needn't be copied
            tiles, (num_kernels, channels, _, _) = math.prod(self.tiling), kernels.shape
            columns = kernels.transpose(2, 3, 1, 0).reshape(-1, num_kernels)

            def work(block: slice) -> None:
                chosen = uneven[slice(*np.searchsorted(uneven, (tiles * block.start, tiles * block.stop)))]
                self._put(output, chosen, np.matmul(self.windows_of(chosen), columns) + added)

            over_batch(work, len(output), images_at_a_time, uneven.size * 16 * 9 * channels * num_kernels)
        output[empty] = added

    def windows_of(self, chosen: np.ndarray) -> np.ndarray:
        """The 16 windows of 3 × 3 of tiles: `(chosen, 16, 9 · c)`, ordered (i, j, c)."""
        image, row, column = self._places(chosen)
        images, image = np.unique(image, return_inverse=True)
        _, channels, y, x = self.images.shape
        padded = np.zeros((len(images), *self._sums.shape[1:], channels), self.images.dtype)
        padded[:, 1 : y + 1, 1 : x + 1] = self.images[images].transpose(0, 2, 3, 1)
        places = (
            image.reshape(-1, 1, 1, 1),
            (row[..., None, None] + _STEPS[:, None]),
            (column[..., None, None] + _STEPS),
        )
        return padded[places].reshape(len(chosen), 16, 9 * channels)

    def _put(self, output: np.ndarray, chosen: np.ndarray, values: np.ndarray) -> None:
        """Write the values of the tiles' places, `(chosen, 16, k)`, into `(b, y, x, k)`, where they are inside."""
        image, row, column = self._places(chosen)
        inside = (row < output.shape[1]) & (column < output.shape[2])
        output[np.broadcast_to(image, inside.shape)[inside], row[inside], column[inside]] = values[inside]

    def _places(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Images `(chosen, 1)`, and rows and columns `(chosen, 16)` of the tiles' places."""
        image, row, column = np.unravel_index(chosen[:, np.newaxis], (len(self.images), *self.tiling))
        return image, 4 * row + np.arange(16) // 4, 4 * column + np.arange(16) % 4


def reach(kernels: np.ndarray) -> tuple[float, float]:
    """The least and the largest sum of a pixel with which nothing in Winograd's way over- or underflows.

    >>> least, largest = reach(np.ones((1, 1, 3, 3)))
    >>> least < 1e-290 and largest > 1e290, reach(np.full((1, 1, 3, 3), 1e308))
    (True, (inf, 0.0))
    """
    tiny, most = _limits(kernels.dtype)
    flat = kernels.ravel(order="K")
    # This is quick, and wakes no thread of the matrix library; the largest number is between the length and the mean.
    length = math.sqrt(np.einsum("i,i->", flat, flat))
    mean = length / math.sqrt(kernels.size)
    if tiny <= mean and length < most:
        return tiny / min(mean, 1), most / max(length, 1)
    factor = float(max(np.maximum.reduce(kernels, axis=None), -np.minimum.reduce(kernels, axis=None)))
    if factor == 0:
        return 0.0, most
    if not tiny <= factor < most:
        return np.inf, 0.0
    return tiny / min(factor, 1), most / max(factor, 1)


def uneven_tiles(
    sums: np.ndarray, size: Sequence[int], least: float, largest: float
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Of the tiles of images, which are uneven; and which places, of images that may have such, see nothing but zeros.

    Shapes: sums of pixels of images `(y, x)` as `PixelSums` has them; the results are positions `(uneven,)` in reading
    order, and indices of images, rows and columns `(places,)` each.

    A tile covers 4 × 4 pixels and sees one more in each direction. Where its largest sum is less than `least` or more
    than `largest`, it is no better than an uneven one.
    """
    chosen = np.flatnonzero(~_even_images(sums, size, least, largest))
    if not chosen.size:
        return NONE, (NONE, NONE, NONE)
    windows = _seen(sums[chosen], np.maximum)
    zero = windows == 0
    image, row, column = np.nonzero(zero[:, : size[0], : size[1]])
    most = _of_tiles(windows, np.maximum)
    zero[:, size[0] :] = zero[:, :, size[1] :] = True
    windows[zero] = np.inf
    with np.errstate(over="ignore"):
        enough = most <= FORWARDS * _of_tiles(windows, np.minimum)
    uneven = np.flatnonzero(~(enough & (least <= most) & (most <= largest) | (most == 0)))
    tiles = windows[0].size // 16
    return chosen[uneven // tiles] * tiles + uneven % tiles, (chosen[image], row, column)


def even_pairs(of_images: PixelSums, of_errors: PixelSums) -> bool:
    """Whether surely no tile of images and errors is uneven, see `uneven_pairs`; not where sums are yet to be taken."""
    if not (of_images.complete and of_errors.complete):
        return False
    return _even_pairs(of_images.of(), of_errors.of())[0]


def uneven_pairs(pixels: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Tiles of images and errors whose products say little of what they hold: the positions, in reading order.

    A tile adds a rounding error in proportion to its largest number times its largest error to each element of the
    kernels. What an element sums up is each error times the pixel that it meets there, for certain the least of nine.
    As long as the former, of all tiles together, is no more than some times the latter, all is well; else the tiles
    are uneven of which that isn't true.

    Shapes: sums of the images' pixels, and of the errors', as `PixelSums` has them; the result `(uneven,)`.
    """
    even, enough, most = _even_pairs(pixels, sums)
    if even:
        return NONE
    with np.errstate(over="ignore", invalid="ignore"):
        errors = sums[:, 1:-1, 1:-1]
        certain = _of_tiles(_seen(pixels, np.minimum) * errors, np.add)
        possible = _of_tiles(_seen(pixels, np.maximum), np.maximum) * _of_tiles(errors, np.maximum)
        total = float(possible.sum(dtype=float))
        if total < most and total <= max(enough, BACKWARDS * float(certain.sum(dtype=float))):
            return NONE
        return np.flatnonzero(~((possible <= BACKWARDS * certain) & (possible < most)))


@functools.cache
def _limits(dtype: np.dtype) -> tuple[float, float]:
    """The least and largest numbers of a type with which nothing on the way leaves the range of the type."""
    return float(np.finfo(dtype).tiny) * _GROWTH, float(np.finfo(dtype).max) / _GROWTH


def _even_images(sums: np.ndarray, size: Sequence[int], least: float, largest: float) -> np.ndarray:
    """Which images surely have no uneven tile: those none of whose squares of 2 × 2 pixels has far less than another.

    Each window holds such a square: of three pixels in succession an even one and the next are two. Where the length is
    odd, the last one has zeros for its next, and so has the last window.
    """
    (y, x), batch = size, len(sums)
    rows = np.maximum(sums[:, 1 : y + 1 : 2], sums[:, 2 : y + 2 : 2])
    squares = np.maximum(rows[:, :, 1 : x + 1 : 2], rows[:, :, 2 : x + 2 : 2])
    most = np.maximum.reduce(rows.reshape(batch, -1), axis=1)
    held = np.minimum.reduce(squares.reshape(batch, -1), axis=1)
    with np.errstate(over="ignore"):
        even: np.ndarray = (most <= FORWARDS * held) & (least <= held) & (most <= largest) | (most == 0)
    return even


def _even_pairs(pixels: np.ndarray, sums: np.ndarray) -> tuple[bool, float, float]:
    """Whether that is seen at once; how much all tiles together may hold, and how much each, by the type's range."""
    _, height, width = sums.shape
    most = _limits(sums.dtype)[1] / sums.size
    products = _of_images(pixels) * _of_images(sums)
    if not 0 < np.maximum.reduce(products) < most:
        return False, 0.0, most
    enough = BACKWARDS_TOGETHER * _least_sum(pixels, sums)
    return float(np.add.reduce(products)) * (height // 4) * (width // 4) <= enough, enough, most


def _of_images(sums: np.ndarray) -> np.ndarray:
    """The largest number of each image, in float64."""
    return np.maximum.reduce(sums.reshape(len(sums), -1), axis=1).astype(float)


def _least_sum(pixels: np.ndarray, sums: np.ndarray) -> float:
    """Of the nine elements of a kernel the least sum of errors times pixels; the zeros around each meet no error."""
    width, errors, numbers = sums.shape[2], sums.reshape(-1), pixels.reshape(-1)
    inner = errors[width + 1 : -width - 1]
    met = [numbers[step : step + len(inner)] for step in (width * i + j for i, j in np.ndindex(3, 3))]
    # The library is the quicker, but wakes its threads where there is much to do.
    if len(inner) <= ON_ONE_THREAD:
        return min(float(np.vdot(inner, some)) for some in met)
    return min(float(np.einsum("i,i->", inner, some)) for some in met)


def _seen(sums: np.ndarray, of: np.ufunc) -> np.ndarray:
    """The largest or least of the 3 × 3 pixels around each place of the tiles."""
    height, width = sums.shape[1] - 2, sums.shape[2] - 2
    rows = reduce(of, (sums[:, i : i + height] for i in range(3)))
    return reduce(of, (rows[:, :, i : i + width] for i in range(3)))


def _of_tiles(places: np.ndarray, of: np.ufunc) -> np.ndarray:
    """The largest or least number, or the sum, of each tile of 4 × 4, in reading order."""
    rows = reduce(of, (places[:, i::4] for i in range(4)))
    return reduce(of, (rows[:, :, i::4] for i in range(4))).ravel()
