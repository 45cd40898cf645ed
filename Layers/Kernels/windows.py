"""Windows of images as the rows of a matrix.

A matrix of windows repeats each pixel as often as windows overlap there, so it is built for a few images at a time,
as many as a core's cache holds, and never kept.
"""

from collections.abc import Sequence

import numpy as np

_BLOCK_BYTES = 2**20  # half of a core's second-level cache


def block_size(image_bytes: int) -> int:
    """How many images to take at a time, where each needs so many bytes, so that they stay in the cache."""
    return max(1, _BLOCK_BYTES // image_bytes)


def windows(
    images: np.ndarray, size: Sequence[int], count: Sequence[int], before: Sequence[int], stride: Sequence[int]
) -> np.ndarray:
    r"""Matrix with a row for each window of images that stand within zeros, in reading order.

    $$M_{(b,y,x),\,(i,j,c)} = X_{b,\; c,\; s_y y + i - b_y,\; s_x x + j - b_x}$$

    Shapes: images `(b, c, y, x)`, the matrix `(b · count, size · c)`; its columns are ordered (i, j, c).

    Args:
        images: channels may lie first or last in memory.
        size: of a window.
        count: of windows, in each direction.
        before: zeros before the image; a negative number leaves out the image's first pixels.
        stride: step between neighbouring windows.

    >>> windows(np.arange(1.0, 4.0).reshape(1, 1, 1, 3), size=(1, 2), count=(1, 3), before=(0, 1), stride=(1, 1))
    array([[0., 1.],
           [1., 2.],
           [2., 3.]])
    """
    batch, channels = images.shape[:2]
    height, width = (length + step * (number - 1) for length, step, number in zip(size, stride, count, strict=True))
    (y, x), padded = before, images.transpose(0, 2, 3, 1)
    if (y, x) != (0, 0) or images.shape[2:] != (height, width):
        inside = padded[:, max(0, -y) : max(0, height - y), max(0, -x) : max(0, width - x)]
        padded = np.zeros((batch, height, width, channels), images.dtype)
        padded[:, max(0, y) :, max(0, x) :][:, : inside.shape[1], : inside.shape[2]] = inside
    padded = np.ascontiguousarray(padded)
    # NumPy copies number by number, or element by element: a window's row, numbers in succession, is made one element.
    row = np.dtype((np.void, size[1] * channels * images.itemsize))
    image_step, y_step, x_step, _ = padded.strides
    steps = (image_step, y_step * stride[0], x_step * stride[1], y_step)
    rows = np.ndarray((batch, *count, size[0]), row, padded, strides=steps).copy()
    return rows.view(images.dtype).reshape(-1, size[0] * size[1] * channels)
