"""Global average pooling: of each channel its mean goes on."""

import math

import numpy as np

from Layers.Base import BaseLayer, backward_pass, forward_pass


class GlobalAveragePooling(BaseLayer):
    r"""The mean of each channel: from images of any size to a row of features.

    $$Y_{b,c} = \frac{1}{h w} \sum_{y,x} X_{b,c,y,x}$$

    Shapes: input and its error `(batch, channels, y, x)`, or `(batch, channels, y)` for signals; output and error
    `(batch, channels)`.

    Raises:
        TypeError, ValueError: where an input does not fit.
        RuntimeError: where `backward` is called before `forward`.

    Source: M. Lin, Q. Chen, S. Yan, "Network in network", ICLR 2014.

    >>> from Layers import GlobalAveragePooling
    >>> layer = GlobalAveragePooling.GlobalAveragePooling()
    >>> layer.forward([[[[1.0, 2.0], [3.0, 4.0]]]])
    array([[2.5]])
    >>> layer.backward([[4.0]])
    array([[[[1., 1.],
             [1., 1.]]]])
    """

    @forward_pass("batch", "channels", "y", "[x]")
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Map `(batch, channels, y[, x])` to `(batch, channels)`."""
        self.kept = input_tensor
        means: np.ndarray = input_tensor.mean(axis=tuple(range(2, input_tensor.ndim)))
        return means

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """Hand each mean's error to all pixels of its channel, in equal parts."""
        input_error = np.empty_like(self.kept)
        input_error.T[...] = (error_tensor / math.prod(self.kept.shape[2:])).T
        return input_error
