"""Convolution with kernels of 3×3 with a quarter of the multiplications.

A product of polynomials can be computed in other ways than term by term: evaluate both at some points,
multiply the values, interpolate. A correlation is such a product. For 4 outputs of a kernel of 3 elements
the points 0, 1, -1, 2, -2 and infinity make 6 multiplications of 12, and in two dimensions 36 of 144:

    outputs (4 × 4) = A' [(G kernel G') * (B' tile B)] A        tile (6 × 6), * element by element

Summed over channels, each of the 36 "*" is a matrix product (tiles × channels) (channels × kernels).
B', G and A' only add and scale; on a flattened tile they are matrices too, the Kronecker squares below.
It pays where the products outweigh these three: from some 16 channels and kernels on.

Rounding errors grow with the factors of these matrices: relative to the result they are about 1e-14 in
float64 and 1e-5 in float32, ten times those of a plain sum.

Source: A. Lavin, S. Gray, "Fast algorithms for convolutional neural networks", CVPR 2016.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from Foundation.Parallel import blocks, over_batch

_FROM_TILE = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
_FROM_KERNEL = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24
_TO_OUTPUT = np.array([[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]])
_BLOCK_BYTES = 2**20  # of the transformed tiles at a time


def suits(kernels: np.ndarray, stride: Sequence[int], before: Sequence[int]) -> bool:
    """Whether kernels (k, c, m, n), a stride and zeros before the image are a case for this file."""
    return kernels.shape[2:] == (3, 3) and tuple(stride) == (1, 1) == tuple(before) and min(kernels.shape[:2]) >= 16


def correlate(images: np.ndarray, kernels: np.ndarray, output: np.ndarray, bias: np.ndarray | None = None) -> None:
    """Fill output (b, y, x, k) = images (b, c, y, x) correlated with kernels (k, c, 3, 3) [+ bias]."""
    num_kernels, channels = kernels.shape[:2]
    tiles_y, tiles_x = _tiling(output.shape[1:3])
    whole_tiles = output.flags.c_contiguous and output.shape[1:3] == (4 * tiles_y, 4 * tiles_x)
    from_tile, from_kernel, to_output = (_on_squares(m, output.dtype) for m in (_FROM_TILE, _FROM_KERNEL, _TO_OUTPUT))
    # one small product for each channel, see Parallel
    points = np.matmul(from_kernel, kernels.transpose(1, 2, 3, 0).reshape(channels, 9, num_kernels))
    points = np.ascontiguousarray(points.swapaxes(0, 1))

    def work(block: slice) -> None:
        tiles = np.matmul(from_tile, _tiles(images[block], tiles_y, tiles_x))
        products = np.empty((len(tiles), 36, num_kernels), output.dtype)
        np.matmul(tiles.swapaxes(0, 1), points, out=products.swapaxes(0, 1))
        outputs = np.matmul(to_output, products)
        if bias is not None:
            flat = outputs.reshape(len(outputs), -1)
            flat += np.tile(bias, 16)
        outputs = outputs.reshape(-1, tiles_y, tiles_x, 4, 4, num_kernels)
        part = output[block]
        whole = part if whole_tiles else np.empty((len(part), 4 * tiles_y, 4 * tiles_x, num_kernels), part.dtype)
        whole.reshape(-1, tiles_y, 4, tiles_x, 4, num_kernels)[...] = outputs.swapaxes(2, 3)
        if whole is not part:
            part[...] = whole[:, : part.shape[1], : part.shape[2]]

    over_batch(
        work, len(images), _block_size(tiles_y * tiles_x, channels + num_kernels, output), output.size * channels
    )


def gradient(images: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Gradient of the kernels (k, c, 3, 3), from images (b, c, y, x) and error (b, k, y, x).

    The same chain backwards: each matrix transposed.
    """
    channels, num_kernels = images.shape[1], error.shape[1]
    tiles_y, tiles_x = _tiling(error.shape[2:])
    from_tile, from_kernel, to_output = (_on_squares(m, error.dtype) for m in (_FROM_TILE, _FROM_KERNEL, _TO_OUTPUT))

    block_size = _block_size(tiles_y * tiles_x, channels + num_kernels, error)

    def work(part: slice) -> np.ndarray:
        points = np.zeros((36, channels, num_kernels), error.dtype)
        for block in blocks(part, block_size):
            tiles = np.matmul(from_tile, _tiles(images[block], tiles_y, tiles_x))
            squares = error[block].transpose(0, 2, 3, 1)
            if squares.shape[1:3] != (4 * tiles_y, 4 * tiles_x):
                whole = np.zeros((len(squares), 4 * tiles_y, 4 * tiles_x, num_kernels), error.dtype)
                whole[:, : squares.shape[1], : squares.shape[2]] = squares
                squares = whole
            squares = squares.reshape(-1, tiles_y, 4, tiles_x, 4, num_kernels).swapaxes(2, 3)
            products = np.matmul(to_output.T.copy(), squares.reshape(-1, 16, num_kernels))
            points += np.matmul(tiles.transpose(1, 2, 0), products.swapaxes(0, 1))
        return points

    points = np.sum(over_batch(work, len(images), len(images), error.size * channels), axis=0)
    kernels = np.matmul(from_kernel.T.copy(), points.swapaxes(0, 1))
    return kernels.reshape(channels, 3, 3, num_kernels).transpose(3, 0, 1, 2)


def _on_squares(matrix: np.ndarray, dtype: DTypeLike) -> np.ndarray:
    """M (·) M' as a matrix for flattened squares."""
    return np.kron(matrix, matrix).astype(dtype)


def _tiling(size: Sequence[int]) -> list[int]:
    """How many squares of 4 pixels cover an image, in each direction."""
    return [-(-length // 4) for length in size]


def _block_size(tiles: int, channels: int, like: np.ndarray) -> int:
    return max(1, _BLOCK_BYTES // (tiles * 36 * channels * like.itemsize)) * 2


def _tiles(images: np.ndarray, tiles_y: int, tiles_x: int) -> np.ndarray:
    """All 6 × 6 tiles, 4 pixels apart, of images (b, c, y, x) within zeros: (tiles, 36, c)."""
    batch, channels, y, x = images.shape
    padded = np.zeros((batch, 4 * tiles_y + 2, 4 * tiles_x + 2, channels), images.dtype)
    padded[:, 1 : 1 + y, 1 : 1 + x] = images.transpose(0, 2, 3, 1)
    row = np.dtype((np.void, 6 * channels * images.itemsize))  # copied as one element
    image_step, y_step, x_step, _ = padded.strides
    shape, steps = (batch, tiles_y, tiles_x, 6), (image_step, 4 * y_step, 4 * x_step, y_step)
    return np.ndarray(shape, row, padded, strides=steps).copy().view(images.dtype).reshape(-1, 36, channels)
