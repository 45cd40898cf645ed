"""Convolution with kernels of 3×3 with a quarter of the multiplications.

A product of polynomials can be computed in other ways than term by term: evaluate both at some points,
multiply the values, interpolate. A correlation is such a product. For 4 outputs of a kernel of 3 elements
the points 0, 1, -1, 2, -2 and infinity make 6 multiplications of 12, and in two dimensions 36 of 144:

    outputs (4 × 4) = A' [(G kernel G') * (B' tile B)] A        tile (6 × 6), * element by element

Summed over channels, each of the 36 "*" is a matrix product (tiles × channels) (channels × kernels).
B', G and A' only add and scale; on a flattened tile they are matrices too, the Kronecker squares below.
It pays where the products outweigh these three: from some 16 channels and kernels on.

Rounding errors grow with the factors of these matrices: relative to the result they are about 1e-14 in
float64 and 1e-5 in float32, ten times those of a plain sum. They are in proportion to the largest number of the
tile, so that tiles in which some windows hold far less take the plain way, see `Foundation/Evenness.py`.

Source: A. Lavin, S. Gray, "Fast algorithms for convolutional neural networks", CVPR 2016.
"""

import functools
import math
from typing import Any

import numpy as np

from Foundation.Evenness import NONE, PixelSums, even_pairs, uneven_pairs
from Foundation.Parallel import over_batch
from Foundation.Pieces import block_size
from Foundation.Products import add_bias
from Foundation.SumOfProducts import sum_of_products
from Layers.Kernels.windows import windows

_POINTS = np.array([0, 1, -1, 2, -2])  # and infinity, where the highest power alone counts
_OTHERS = [np.delete(_POINTS, i) for i in range(len(_POINTS))]
_DIVISORS = [[np.prod(point - others)] for point, others in zip(_POINTS, _OTHERS, strict=True)]
# Powers of the points; polynomials that are 0 at all points but one; and the divisors that make them 1 there.
_TO_OUTPUT = np.column_stack([np.vander(_POINTS, 4, increasing=True).T, [0, 0, 0, 1]])
_FROM_TILE = np.array([*([*np.poly(others)[::-1], 0] for others in _OTHERS), np.poly(_POINTS)[::-1]])
_FROM_KERNEL = np.vstack([np.vander(_POINTS, 3, increasing=True) / _DIVISORS, [0, 0, 1]])


@functools.lru_cache(1024)
def suits(kernel_shape: tuple[int, ...], places: Any, size: tuple[int, ...], count: tuple[int, ...]) -> bool:
    """Whether kernels `(k, c, m, n)` at some `Places`, so many in images of a size, are a case for this file."""
    alike = (*kernel_shape[2:], *places.before, *places.stride, *places.dilation, places.groups, *count)
    return alike == (3, 3, *[1] * 7, *size) and min(kernel_shape[:2]) >= 16


def correlate(sums: PixelSums, kernels: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """Images `(b, c, y, x)` correlated with kernels `(k, c, 3, 3)`, plus bias: `(b, k, y, x)`."""
    images, (num_kernels, channels) = sums.begun().images, kernels.shape[:2]
    (y, x), (tiles_y, tiles_x) = images.shape[2:], sums.tiling
    from_tile, from_kernel, to_output = _matrices(kernels.dtype)
    # one small product for each channel, see Parallel
    points = np.matmul(from_kernel, kernels.transpose(1, 2, 3, 0).reshape(channels, 9, num_kernels))
    points = np.ascontiguousarray(points.swapaxes(0, 1))
    output = np.empty((len(images), y, x, num_kernels), kernels.dtype)

    def work(block: slice) -> None:
        products = _tiles(sums, block)  # first the tiles; the memory serves again
        tiles = np.matmul(from_tile, products, out=sums.points_of(block))
        if num_kernels != channels:
            products = np.empty((len(tiles), 36, num_kernels), output.dtype)
        np.matmul(tiles.swapaxes(0, 1), points, out=products.swapaxes(0, 1))
        outputs = np.matmul(to_output, products)
        if bias is not None:
            add_bias(outputs[np.newaxis], bias)
        outputs = outputs.reshape(-1, tiles_y, tiles_x, 4, 4, num_kernels).swapaxes(2, 3)
        if (y, x) == (4 * tiles_y, 4 * tiles_x):
            output[block].reshape(outputs.shape)[...] = outputs
        else:
            output[block] = outputs.reshape(-1, 4 * tiles_y, 4 * tiles_x, num_kernels)[:, :y, :x]

    images_at_a_time = 4 * block_size(_image_bytes(sums, num_kernels))
    over_batch(work, len(images), images_at_a_time, multiply_adds=output.size * channels)
    sums.mend(output, kernels, bias, images_at_a_time)
    return output.transpose(0, 3, 1, 2)


def correlate_kernels(of_images: PixelSums, of_errors: PixelSums) -> np.ndarray:
    """Gradient of the kernels `(k, c, 3, 3)`, from images `(b, c, y, x)` and errors `(b, k, y, x)`.

    The same chain backwards: each matrix transposed.
    """
    images, errors = of_images.begun().images, of_errors.begun().images
    channels, num_kernels, tiling = images.shape[1], errors.shape[1], of_images.tiling
    from_tile, from_kernel, to_output = _matrices(errors.dtype)
    from_output, to_kernel = to_output.T.copy(), from_kernel.T.copy()

    even, kept = even_pairs(of_images, of_errors), of_images.hand_over_points()

    def factors(block: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        tiles = (
            np.matmul(from_tile, _tiles(of_images, block)) if kept is None else kept[block].reshape(-1, 36, channels)
        )
        squares = windows(errors[block], (4, 4), tiling, (0, 0), (4, 4)).reshape(-1, 16, num_kernels)
        uneven = NONE if even else uneven_pairs(of_images.of(block), of_errors.of(block))
        products = np.matmul(from_output, squares)
        plain = np.zeros(1, errors.dtype)
        if uneven.size:
            tiles[uneven] = products[uneven] = 0
            seen = of_images.windows_of(uneven + math.prod(tiling) * block.start)
            plain = np.tensordot(seen, squares[uneven], ((0, 1), (0, 1)))
        return tiles.swapaxes(0, 1), products.swapaxes(0, 1), plain

    total, image_bytes = np.zeros((36, channels, num_kernels), errors.dtype), _image_bytes(of_images, num_kernels)
    work = len(images), 4 * block_size(image_bytes), image_bytes, errors.size * channels
    points, plain = sum_of_products(factors, total, *work)
    kernels = np.matmul(to_kernel, points.swapaxes(0, 1)).reshape(channels, 3, 3, num_kernels).transpose(3, 0, 1, 2)
    return kernels if plain.size == 1 else kernels + plain.reshape(3, 3, channels, num_kernels).transpose(3, 2, 0, 1)


@functools.cache
def _matrices(dtype: np.dtype) -> list[np.ndarray]:
    """Each M as M (·) M', a matrix for flattened squares."""
    return [np.kron(matrix, matrix).astype(dtype) for matrix in (_FROM_TILE, _FROM_KERNEL, _TO_OUTPUT)]


def _tiles(sums: PixelSums, block: slice) -> np.ndarray:
    """All 6 × 6 tiles, 4 pixels apart, of a block of images `(b, c, y, x)` within zeros: `(tiles, 36, c)`."""
    images, take = sums.images[block], functools.partial(sums.take, block)  # from what is in the cache then
    return windows(images, (6, 6), sums.tiling, (1, 1), (4, 4), take).reshape(-1, 36, images.shape[1])


def _image_bytes(sums: PixelSums, num_kernels: int) -> int:
    """Of an image's tiles and their products with the kernels."""
    return math.prod(sums.tiling) * 36 * (sums.images.shape[1] + num_kernels) * sums.images.itemsize
