"""The way back to images whose neighbouring pixels were seen by different elements of the kernels."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from Foundation.Parallel import over_batch
from Foundation.Pieces import block_size
from Foundation.Products import add_bias
from Layers.Kernels.groups import together
from Layers.Kernels.places import Places, seen_by
from Layers.Kernels.windows import windows


def correlate_back_with_stride(
    errors: np.ndarray, kernels: np.ndarray, places: Places, input_shape: Sequence[int], bias: np.ndarray | None
) -> np.ndarray:
    """`correlate_back` of `correlation.py` where the stride is more than 1.

    Neighbouring pixels, which different elements of the kernels have seen, have a correlation of their own each, with
    every stride-th element: with stride 2, of a kernel of three rows, even image rows were seen by the middle one, odd
    ones by the two others. The pixels of a row are computed together, as channels of one.
    """
    kernels, groups = together(kernels, places.groups)
    (y_step, x_step), of_group, channels = places.stride, len(kernels) // groups, kernels.shape[1]
    height, width = (-(-length // step) for length, step in zip(input_shape[2:], places.stride, strict=True))
    sizes = zip(kernels.shape[2:], places.before, places.stride, places.dilation, strict=True)
    (top, in_rows), (left, in_columns) = (seen_by(*size) for size in sizes)
    window = max(rows.stop for _, rows in in_rows), max(columns.stop for _, columns in in_columns)
    turned = np.zeros((y_step, x_step, groups, channels, of_group, *window), kernels.dtype)
    grouped = kernels.reshape(groups, of_group, *kernels.shape[1:]).swapaxes(1, 2)
    for (y, (i, rows)), (x, (j, columns)) in product(enumerate(in_rows), enumerate(in_columns)):
        turned[y, x, ..., rows, columns] = grouped[..., i, j][..., ::-1, ::-1]
    turned = turned.transpose(0, 2, 5, 6, 4, 1, 3).reshape(y_step, groups, window[0], -1, x_step * channels)
    images = np.empty((len(errors), height, y_step, width, x_step, groups, channels), kernels.dtype)

    def work(block: slice) -> None:
        seen = windows(errors[block], window, (height, width), (top, left), (1, 1), groups=groups)
        seen = seen.reshape(groups, -1, *turned.shape[2:4])
        for y, (_, used) in enumerate(in_rows):
            rows = slice(used.start, used.stop)
            factors = (
                seen[:, :, rows].reshape(*seen.shape[:2], -1),
                turned[y, :, rows].reshape(groups, -1, x_step * channels),
            )
            collected = np.matmul(*factors).reshape(groups, -1, height, width, x_step, channels)
            images[block, :, y] = collected.transpose(1, 2, 3, 4, 0, 5)
        if bias is not None:
            add_bias(images[block].reshape(-1, height * y_step, width * x_step, groups * channels), bias)

    images_at_a_time = block_size(height * width * turned[0, ..., 0].size * errors.itemsize)
    over_batch(work, len(errors), images_at_a_time, multiply_adds=errors[0, 0].size * len(errors) * kernels.size)
    images = images.reshape(len(errors), height * y_step, width * x_step, groups * channels)
    return images[:, : input_shape[2], : input_shape[3]].transpose(0, 3, 1, 2)
