"""Windows of images as the rows of a matrix.

A matrix of windows repeats each pixel as often as windows overlap there, so it is built for a few images at a time,
as many as a core's cache holds, and never kept.
"""

from collections.abc import Callable, Sequence

import numpy as np

Pair = Sequence[int]


def windows(
    images: np.ndarray, size: Pair, count: Pair, before: Pair, stride: Pair, then: Callable[..., None] | None = None
) -> np.ndarray:
    r"""Matrix with a row for each window of images that stand within zeros, in reading order.

    $$M_{(b,y,x),\,(i,j,c)} = X_{b,\; c,\; s_y y + i - b_y,\; s_x x + j - b_x}$$

    Shapes: images `(b, c, y, x)`, the matrix `(b · count, size · c)`; its columns are ordered (i, j, c).

    Args:
        images: channels may lie first or last in memory.
        size: of a window.
        count: of windows, in each direction.
        before: zeros before the image, fewer than a window has; a negative number leaves out its first pixels.
        stride: step between neighbouring windows.
        then: called with the images within zeros, `(b, y, x, c)`, which it may overwrite if they are a copy: as long
            as there are zeros before.

    >>> windows(np.arange(1.0, 4.0).reshape(1, 1, 1, 3), size=(1, 2), count=(1, 3), before=(0, 1), stride=(1, 1))
    array([[0., 1.],
           [1., 2.],
           [2., 3.]])
    """
    batch, channels, *image_size = images.shape
    (m, n), (y_count, x_count), (y, x), (y_stride, x_stride) = size, count, before, stride
    height, width = m + y_stride * (y_count - 1), n + x_stride * (x_count - 1)
    if not any(before) and image_size == [height, width]:
        padded = np.ascontiguousarray(images.transpose(0, 2, 3, 1))
    else:
        padded = np.zeros((batch, height, width, channels), images.dtype)
        inside = images[:, :, max(0, -y) : height - y, max(0, -x) : width - x].transpose(0, 2, 3, 1)
        padded[:, max(0, y) :, max(0, x) :][:, : inside.shape[1], : inside.shape[2]] = inside
    # NumPy copies number by number, or element by element: a window's row, numbers in succession, is made one element.
    row = np.dtype((np.void, n * channels * images.itemsize))
    image_step, y_step, x_step, _ = padded.strides
    shape, steps = (batch, y_count, x_count, m), (image_step, y_step * y_stride, x_step * x_stride, y_step)
    rows = np.ndarray(shape, row, padded, strides=steps).copy().view(images.dtype).reshape(-1, m * n * channels)
    if then is not None:
        then(padded)
    return rows
