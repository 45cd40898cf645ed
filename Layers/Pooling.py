"""Max-pooling: of each window only the largest number goes on.

All windows are handled at once, one of their pixels after the other: the first pixels of all windows
form a smaller image (a strided view), so do the second pixels, and so on.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.Pieces import in_pieces
from Layers.Base import BaseLayer


class Pooling(BaseLayer):
    r"""Keep the largest number of each window, in each channel: smaller images, and places matter less.

    $$Y_{b,c,y,x} = \max_{0 \le i < p_y,\; 0 \le j < p_x} X_{b,\, c,\, s_y y + i,\, s_x x + j}$$

    Only whole windows count; what is left at the lower and right border is dropped. The error of an
    output goes to the pixel that was its maximum, the first one in reading order where several are
    equal. Where windows overlap, the errors of a pixel add up.

    Shapes: input and its error `(batch, channels, y, x)`, output and error
    `(batch, channels, (y - p_y) // s_y + 1, (x - p_x) // s_x + 1)`.

    Args:
        stride_shape: step between neighbouring windows, `(s_y, s_x)`. One number stands for both.
        pooling_shape: size of a window, `(p_y, p_x)`. One number stands for both.

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

        def compute(part: slice) -> None:
            largest, places = output[part], offsets[part]
            for offset, pixels in self._pixels(images[part], output_size):
                if offset == 0:
                    largest[...] = pixels
                    continue
                larger = pixels > largest
                np.maximum(largest, pixels, out=largest)  # other than a copy of the larger ones, it passes NaN on
                # Later offsets are larger numbers, so that the maximum overwrites earlier ones.
                np.maximum(places, larger * offsets.dtype.type(offset), out=places)

        in_pieces(compute, images)
        self._remember(images.shape, offsets)
        return output

    def backward(self, error_tensor: ArrayLike) -> np.ndarray:
        """Hand each output's error to the pixel that was its maximum."""
        input_shape, offsets = self._recall()
        errors = self._receive(error_tensor, offsets.shape, what="error tensor")
        overlapping = any(s < p for s, p in zip(self.stride_shape, self.pooling_shape, strict=True))
        input_error = np.zeros_like(offsets, errors.dtype, shape=input_shape)

        def compute(part: slice) -> None:
            for offset, pixels in self._pixels(input_error[part], errors.shape[2:]):
                if overlapping:
                    pixels += errors[part] * (offsets[part] == offset)
                else:
                    np.multiply(errors[part], offsets[part] == offset, out=pixels)

        in_pieces(compute, input_error)
        return input_error

    def _pixels(self, images: np.ndarray, output_size: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
        """For each offset within the windows, in reading order, a view of the pixels there."""
        (y_step, x_step), (y, x) = self.stride_shape, output_size
        for offset, (i, j) in enumerate(np.ndindex(*self.pooling_shape)):
            yield offset, images[:, :, i : i + y_step * y : y_step, j : j + x_step * x : x_step][:, :, :y, :x]
