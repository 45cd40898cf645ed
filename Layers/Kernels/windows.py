"""Windows of images as the rows of a matrix.

A matrix of windows repeats each pixel as often as windows overlap there, so it is built for a few images at a time,
as many as a core's cache holds, and never kept.
"""

from collections.abc import Callable

import numpy as np

from Layers.Kernels.places import Pair, within_zeros


def windows(
    images: np.ndarray,
    size: Pair,
    count: Pair,
    before: Pair,
    stride: Pair,
    then: Callable[..., None] | None = None,
    dilation: Pair = (1, 1),
    groups: int = 1,
) -> np.ndarray:
    r"""Matrix with a row for each window of images that stand within zeros, in reading order; one for each group.

    $$M_{g,\,(b,y,x),\,(i,j,c)} = X_{b,\; g C + c,\; s_y y + d_y i - b_y,\; s_x x + d_x j - b_x}$$

    Shapes: images `(b, groups · C, y, x)`, the matrices `(groups, b · count, size · C)`; their columns are ordered
    (i, j, c).

    Args:
        images: channels may lie first or last in memory.
        size: of a window, in pixels that it has.
        count: of windows, in each direction.
        before: zeros before the image, fewer than a window covers; a negative number leaves out its first pixels.
        stride: step between neighbouring windows.
        then: called with the images within zeros, `(1, b, y, x, c)`, which it may overwrite if they are a copy: as long
            as there are zeros before.
        dilation: step between neighbouring pixels of a window.
        groups: of channels.

    >>> windows(np.arange(1.0, 4.0).reshape(1, 1, 1, 3), size=(1, 2), count=(1, 3), before=(0, 1), stride=(1, 1))
    array([[[0., 1.],
            [1., 2.],
            [2., 3.]]])
    """
    batch, channels, *image_size = images.shape
    (m, n), (y_count, x_count), (y_stride, x_stride), (i, j) = size, count, stride, dilation
    height, width = i * (m - 1) + 1 + y_stride * (y_count - 1), j * (n - 1) + 1 + x_stride * (x_count - 1)
    grouped = images.reshape(batch, groups, channels // groups, *image_size).transpose(1, 0, 3, 4, 2)
    if any(before) or height > image_size[0] or width > image_size[1]:
        padded = within_zeros(grouped, before, (height, width))
    else:
        padded = np.ascontiguousarray(grouped)
    # NumPy copies number by number, or element by element: a window's row, numbers in succession, is made one element.
    together = n if j == 1 else 1
    row = np.dtype((np.void, together * (channels // groups) * images.itemsize))
    group_step, image_step, y_step, x_step, _ = padded.strides
    shape = groups, batch, y_count, x_count, m, n // together
    steps = group_step, image_step, y_step * y_stride, x_step * x_stride, y_step * i, x_step * j
    rows = np.ndarray(shape, row, padded, strides=steps).copy().view(images.dtype)
    if then is not None:
        then(padded)
    return rows.reshape(groups, -1, m * n * (channels // groups))
