"""The base of layers that look at windows of images, channel by channel.

All windows are handled at once, one of their pixels after the other: the first pixels of all windows form a smaller
image (a strided view), so do the second pixels, and so on.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.Pieces import in_pieces
from Layers.Base import BaseLayer


class Windows(BaseLayer):
    """A layer with one output for each window: `(y - p_y) // s_y + 1` of them one below the other.

    Only whole windows count; what is left at the lower and right border is dropped.

    Args:
        stride_shape: step between neighbouring windows, `(s_y, s_x)`. One number stands for both.
        pooling_shape: size of a window, `(p_y, p_x)`. One number stands for both.
    """

    def __init__(self, stride_shape: int | Sequence[int], pooling_shape: int | Sequence[int]) -> None:
        self.stride_shape = Checks.per_axis(stride_shape, 2, type(self).__name__, "stride_shape")
        self.pooling_shape = Checks.per_axis(pooling_shape, 2, type(self).__name__, "pooling_shape")

    def _one_for_each(self, images: np.ndarray) -> np.ndarray:
        """An array with a number to come for each window, in the images' order of memory."""
        sizes = zip(images.shape[2:], self.pooling_shape, self.stride_shape, strict=True)
        size = [(length - window) // step + 1 for length, window, step in sizes]
        if min(size) < 1:
            raise ValueError(
                f"{self!r}: expected images of at least the window {self.pooling_shape}, got {images.shape[2:]}"
            )
        return np.empty_like(images, shape=(*images.shape[:2], *size))

    def _visit(self, work: Callable[..., Any], images: np.ndarray, *of_windows: np.ndarray) -> None:
        """For each offset within the windows call `work(offset, pixels, *of_windows)`, with a part of the batch each.

        `pixels` is a view of the images there, of the shape of the arrays that hold a number for each window.
        """

        def visit(part: slice) -> None:
            parts = [array[part] for array in of_windows]
            for offset, pixels in self._pixels(images[part], parts[0].shape[2:]):
                work(offset, pixels, *parts)

        in_pieces(visit, images)

    def _hand_back(
        self, share: Callable[..., np.ndarray], shape: Sequence[int], errors: np.ndarray, *of_windows: np.ndarray
    ) -> np.ndarray:
        """The error of images of a shape: each pixel adds up what the windows that it was in have for it.

        `share(offset, errors, *of_windows, out=…)` computes that for all windows' pixels at an offset. The result is in
        the order of memory of the last array.
        """
        input_error = np.zeros_like((errors, *of_windows)[-1], errors.dtype, shape=shape)
        overlapping = any(s < p for s, p in zip(self.stride_shape, self.pooling_shape, strict=True))

        def add(offset: int, pixels: np.ndarray, *parts: np.ndarray) -> None:
            if overlapping:
                pixels += share(offset, *parts, out=None)
            else:
                share(offset, *parts, out=pixels)

        self._visit(add, input_error, errors, *of_windows)
        return input_error

    def _pixels(self, images: np.ndarray, size: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
        """For each offset within the windows, in reading order, a view of the pixels there."""
        (y_step, x_step), (y, x) = self.stride_shape, size
        for offset, (i, j) in enumerate(product(*map(range, self.pooling_shape))):
            yield offset, images[:, :, i : i + y_step * y : y_step, j : j + x_step * x : x_step][:, :, :y, :x]
