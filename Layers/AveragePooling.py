"""Average pooling: of each window the mean goes on."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from Foundation import Checks
from Layers.Base import backward_pass, forward_pass
from Layers.Windows import Windows


class AveragePooling(Windows):
    r"""The mean of each window, in each channel: smaller images, in which nothing is lost but detail.

    $$Y_{b,c,y,x} = \frac{1}{n_{y,x}} \sum_{0 \le i < p_y,\; 0 \le j < p_x} X_{b,\, c,\, s_y y + i,\, s_x x + j}$$

    Only whole windows count; what is left at the lower and right border is dropped. Padding is 0. A sum is divided by
    the size of a window, $n = p_y p_x$; where padding is not to count, by the pixels of the image in it.

    Shapes: input and its error `(batch, channels, y, x)`, output and error
    `(batch, channels, (y - p_y) // s_y + 1, (x - p_x) // s_x + 1)`, where y and x count padding too; signals
    `(batch, channels, y)` likewise.

    Args:
        stride_shape: step between neighbouring windows, `(s_y, s_x)`. One number stands for both.
        pooling_shape: size of a window, `(p_y, p_x)`. One number stands for both.
        padding: zeros around the image, as in `Pooling` (0).
        axes: 2 for images, 1 for signals (2).
        count_include_pad: whether padding counts as pixels that are 0, as in PyTorch (True).

    Raises:
        TypeError, ValueError: where arguments or an input do not fit, or a window is larger than the image.
        RuntimeError: where `backward` is called before `forward`.

    Source: Y. LeCun et al., "Backpropagation applied to handwritten zip code recognition", Neural Computation 1 (1989).

    >>> from Layers import AveragePooling
    >>> layer = AveragePooling.AveragePooling(2, 2)
    >>> layer.forward([[[[1.0, 2.0, 0.0], [3.0, 4.0, 0.0]]]])
    array([[[[2.5]]]])
    >>> layer.backward([[[[4.0]]]])
    array([[[[1., 1., 0.],
             [1., 1., 0.]]]])
    """

    def __init__(
        self,
        stride_shape: int | Sequence[int],
        pooling_shape: int | Sequence[int],
        *,
        padding: Any = 0,
        axes: int = 2,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(stride_shape, pooling_shape, padding=padding, axes=axes)
        self.count_include_pad = Checks.truth(count_include_pad, type(self).__name__, "count_include_pad")

    @forward_pass("batch", "channels", "y", "[x]")
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Map `(batch, channels, y[, x])` to the means of the windows."""
        means = self._one_for_each(input_tensor)
        means[...] = 0
        self._visit(lambda offset, pixels, sums: np.add(sums, pixels, out=sums), input_tensor, means)
        means /= (numbers := self._numbers(input_tensor, means))
        self.kept = input_tensor.shape, numbers
        return means

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """Hand each output's error to all pixels of its window, in equal parts."""
        shape, numbers = self.kept
        return self._hand_back(lambda i, e, out: np.positive(e, out=out), shape, error_tensor / numbers)

    def _numbers(self, images: np.ndarray, means: np.ndarray) -> np.ndarray:
        """How many pixels count, of each window."""
        if self.count_include_pad:
            return np.array(np.prod(self.pooling_shape), means.dtype)
        numbers = np.zeros_like(means[:1, :1])
        self._visit(lambda offset, pixels, counts: np.add(counts, 1, out=counts), images[:1, :1], numbers)
        return numbers
