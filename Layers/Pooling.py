"""Max-pooling: of each window only the largest number goes on."""

import numpy as np

from Foundation.Formulas import only_where
from Layers.Base import backward_pass, forward_pass
from Layers.Windows import Windows


class Pooling(Windows):
    r"""Keep the largest number of each window, in each channel: smaller images, and places matter less.

    $$Y_{b,c,y,x} = \max_{0 \le i < p_y,\; 0 \le j < p_x} X_{b,\, c,\, s_y y + i,\, s_x x + j}$$

    Only whole windows count; what is left at the lower and right border is dropped. Padding is no pixel and never the
    largest; with it, i and j run over the pixels that the image has. The error of an
    output goes to the pixel that was its maximum, the first one in reading order where several are
    equal. Where windows overlap, the errors of a pixel add up.

    Shapes: input and its error `(batch, channels, y, x)`, output and error
    `(batch, channels, (y - p_y) // s_y + 1, (x - p_x) // s_x + 1)`, where y and x count padding too; signals
    `(batch, channels, y)` likewise.

    Args:
        stride_shape: step between neighbouring windows, `(s_y, s_x)`. One number stands for both.
        pooling_shape: size of a window, `(p_y, p_x)`. One number stands for both.
        padding: places around the image that windows may cover, fewer than a window has: a number for all sides, one or
            a pair (before, after) for each axis, `"same"` or `"valid"`, as in `Conv`.
        axes: 2 for images, 1 for signals (2).

    Raises:
        TypeError, ValueError: where arguments or an input do not fit, or a window is larger than the image.
        RuntimeError: where `backward` is called before `forward`.

    Source: M. Riesenhuber, T. Poggio, "Hierarchical models of object recognition in cortex", Nature
    Neuroscience 2 (1999).

    >>> from Layers import Pooling
    >>> layer = Pooling.Pooling(2, 2)
    >>> layer.forward([[[[1.0, 2.0, 0.0], [3.0, 4.0, 0.0]]]])
    array([[[[4.]]]])
    >>> layer.backward([[[[5.0]]]])
    array([[[[0., 0., 0.],
             [0., 5., 0.]]]])
    """

    @forward_pass("batch", "channels", "y", "[x]")
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Map `(batch, channels, y, x)` to the maxima of the windows. Signals, without x, likewise."""
        largest = self._one_for_each(input_tensor, outside=-np.inf)
        places = self._first_places(largest)
        self._visit(_keep_the_larger, input_tensor, largest, places)
        self.kept = input_tensor.shape, places
        return largest

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """Hand each output's error to the pixel that was its maximum."""
        shape, places = self.kept
        return self._hand_back(lambda i, e, at, out: only_where(at == i, e, out), shape, error_tensor, places)


def _keep_the_larger(offset: int, pixels: np.ndarray, largest: np.ndarray, places: np.ndarray) -> None:
    """Compare each window's largest number so far, and its place, with another of the window."""
    if offset == 0:
        largest[...] = pixels
    else:
        larger = pixels > largest
        np.maximum(largest, pixels, out=largest)  # other than a copy of the larger ones, it passes NaN on
        # Later offsets are larger numbers, so that the maximum overwrites earlier ones.
        np.maximum(places, larger * places.dtype.type(offset), out=places)
