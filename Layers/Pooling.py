"""Max-pooling: of each window only the largest number goes on.

All windows are handled at once, one of their pixels after the other: the first pixels of all windows
form a smaller image (a strided view), so do the second pixels, and so on.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Layers.Base import BaseLayer

_BLOCK_BYTES = 2**20  # of the images handled at a time: half of a core's second-level cache


class Pooling(BaseLayer):
    r"""Keep the largest number of each window, in each channel: smaller images, and places matter less.

    $$Y_{b,c,y,x} = \max_{0 \le i < p_y,\; 0 \le j < p_x} X_{b,\, c,\, s_y y + i,\, s_x x + j}$$

    Only whole windows count; what is left at the lower and right border is dropped. The error of an
    output goes to the pixel that was its maximum, the first one in reading order where several are
    equal. Where windows overlap, the errors of a pixel add up.

    Shapes: input and its error `(batch, channels, y, x)`, output and error
    `(batch, channels, (y - p_y) // s_y + 1, (x - p_x) // s_x + 1)`.

    Args:
        stride_shape: step between neighbouring windows: one number, or `(s_y, s_x)`.
        pooling_shape: size of a window: one number, or `(p_y, p_x)`.

    Raises:
        TypeError, ValueError: where arguments or an input do not fit, or a window is larger than the image.
        RuntimeError: where `backward` is called before `forward`.

    Source: M. Riesenhuber, T. Poggio, "Hierarchical models of object recognition in cortex", Nature
    Neuroscience 2 (1999).

    >>> layer = Pooling(2, 2)
    >>> layer.forward([[[[1.0, 2.0, 0.0], [3.0, 4.0, 0.0]]]])
    array([[[[4.]]]])
    >>> layer.backward([[[[5.0]]]])
    array([[[[0., 0., 0.],
             [0., 5., 0.]]]])
    """

    def __init__(self, stride_shape: int | Sequence[int], pooling_shape: int | Sequence[int]) -> None:
        self.stride_shape = Checks.per_axis(stride_shape, 2, "Pooling", "stride_shape")
        self.pooling_shape = Checks.per_axis(pooling_shape, 2, "Pooling", "pooling_shape")

    def forward(self, input_tensor: ArrayLike) -> np.ndarray:
        """Map `(batch, channels, y, x)` to the maxima of the windows."""
        images = self._receive(input_tensor, ("batch", "channels", "y", "x"))
        sizes = zip(images.shape[2:], self.pooling_shape, self.stride_shape, strict=True)
        output_size = [(length - window) // step + 1 for length, window, step in sizes]
        if min(output_size) < 1:
            raise ValueError(
                f"{self!r}: expected images of at least the window {self.pooling_shape}, got {images.shape[2:]}"
            )
        # Both in the input's order of memory, be its channels first or last.
        output = np.empty_like(images, shape=(*images.shape[:2], *output_size))
        offsets = np.zeros_like(output, np.min_scalar_type(self.pooling_shape[0] * self.pooling_shape[1] - 1))
        for block in _blocks(images):
            largest, places = output[block], offsets[block]
            for offset, pixels in self._pixels(images[block], output_size):
                if offset == 0:
                    largest[...] = pixels
                    continue
                larger = pixels > largest
                np.maximum(largest, pixels, out=largest)  # other than a copy of the larger ones, it passes NaN on
                # Later offsets are larger numbers, so that the maximum overwrites earlier ones.
                np.maximum(places, larger * offsets.dtype.type(offset), out=places)
        self._remember(images.shape, offsets)
        return output

    def backward(self, error_tensor: ArrayLike) -> np.ndarray:
        """Hand each output's error to the pixel that was its maximum."""
        input_shape, offsets = self._recall()
        errors = self._receive(error_tensor, offsets.shape, what="error tensor")
        overlapping = any(s < p for s, p in zip(self.stride_shape, self.pooling_shape, strict=True))
        input_error = np.zeros_like(offsets, errors.dtype, shape=input_shape)
        for block in _blocks(input_error):
            for offset, pixels in self._pixels(input_error[block], errors.shape[2:]):
                if overlapping:
                    pixels += errors[block] * (offsets[block] == offset)
                else:
                    np.multiply(errors[block], offsets[block] == offset, out=pixels)
        return input_error

    def _pixels(self, images: np.ndarray, output_size: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
        """For each offset within the windows, in reading order, a view of the pixels there."""
        (y_step, x_step), (y, x) = self.stride_shape, output_size
        for offset, (i, j) in enumerate(np.ndindex(*self.pooling_shape)):
            yield offset, images[:, :, i : i + y_step * y : y_step, j : j + x_step * x : x_step][:, :, :y, :x]


def _blocks(images: np.ndarray) -> list[slice]:
    """The batch in parts that stay in the cache while every offset is visited."""
    size = max(1, _BLOCK_BYTES * len(images) // max(1, images.nbytes))
    return [slice(start, start + size) for start in range(0, len(images), size)]
