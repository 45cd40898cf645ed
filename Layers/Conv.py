"""Convolution: a few weights that look at every place of an image.

`Kernels/` computes it: an output pixel is the scalar product of a kernel with one window of the image, all of them
together a product of matrices.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.Evenness import PixelSums
from Layers.Base import Parameter, TrainableLayer, backward_pass, forward_pass
from Layers.Kernels.correlation import correlate, correlate_back, correlate_kernels


class Conv(TrainableLayer):
    r"""Slide learned kernels over images or signals: every output tells how well a place fits a kernel.

    $$Y_{b,k,y,x} = \beta_k + \sum_{c,i,j} W_{k,c,i,j}\;
      X_{b,\; c,\; s_y y + i - \lfloor m/2 \rfloor,\; s_x x + j - \lfloor n/2 \rfloor}$$

    where pixels outside the image are 0. Strictly speaking this is a cross-correlation; a convolution
    would turn the kernel upside down, which makes no difference to a kernel that is learned. The
    derivatives are correlations too: of the error with the turned kernels for the input, of the
    input with the error for the kernels,

    $$\frac{\partial L}{\partial W_{k,c,i,j}} = \sum_{b,y,x} E_{b,k,y,x}\;
      X_{b,\; c,\; s_y y + i - \lfloor m/2 \rfloor,\; s_x x + j - \lfloor n/2 \rfloor}, \qquad
      \frac{\partial L}{\partial \beta_k} = \sum_{b,y,x} E_{b,k,y,x} .$$

    The padding is that of stride 1, k // 2 zeros before and (k - 1) // 2 after for a kernel of size k,
    and a larger stride takes every s-th output from the first on. For even kernels that is what
    `scipy.signal.correlate(mode="same")` does, and the opposite of TensorFlow.

    Shapes:
        images: input `(batch, c, y, x)`, output and error `(batch, num_kernels, ⌈y / s_y⌉, ⌈x / s_x⌉)`,
        `weights` and `gradient_weights` `(num_kernels, c, m, n)`;
        signals: input `(batch, c, y)`, output and error `(batch, num_kernels, ⌈y / s⌉)`,
        `weights` and `gradient_weights` `(num_kernels, c, m)`;
        `bias` and `gradient_bias` `(num_kernels,)`.

    Args:
        stride_shape: step between neighbouring windows: one number, or one for each spatial axis.
        convolution_shape: channels and size of a kernel, `(c, m, n)` for images, `(c, m)` for signals.
        num_kernels: number of kernels, the channels of the output.

    Weights and bias are uniform in [0, 1) until `initialize` draws better ones. What `forward` returns
    has its channels last in memory, as the matrix product delivers them; its shape is as said above.

    Raises:
        TypeError, ValueError: where arguments, an input or assigned parameters do not fit.
        RuntimeError: where `backward` is called before `forward`.

    Source: Y. LeCun et al., "Backpropagation applied to handwritten zip code recognition", Neural
    Computation 1 (1989).

    >>> from Layers import Conv
    >>> layer = Conv.Conv(1, (1, 3), 1)
    >>> layer.weights, layer.bias = np.array([[[1.0, 2.0, 3.0]]]), np.array([0.5])
    >>> layer.forward([[[1.0, 0.0, 0.0, 1.0]]])
    array([[[2.5, 1.5, 3.5, 2.5]]])
    >>> layer.backward([[[1.0, 0.0, 0.0, 0.0]]])
    array([[[2., 3., 0., 0.]]])
    """

    divides_the_batch = True
    weights = Parameter(lambda layer: (layer.num_kernels, *layer.convolution_shape))
    bias = Parameter(lambda layer: (layer.num_kernels,), bias_rows=None)

    def __init__(self, stride_shape: int | Sequence[int], convolution_shape: Sequence[int], num_kernels: int) -> None:
        super().__init__()
        self.convolution_shape = Checks.positive_integers(convolution_shape, "Conv", "convolution_shape")
        if len(self.convolution_shape) not in (2, 3):
            raise ValueError(
                "Conv: expected convolution_shape (channels, m) for signals or (channels, m, n) for images, "
                f"got {self.convolution_shape}"
            )
        self.stride_shape = Checks.per_axis(stride_shape, len(self.convolution_shape) - 1, "Conv", "stride_shape")
        self.num_kernels = Checks.positive_integer(num_kernels, "Conv", "num_kernels")
        self.set_first_values()

    @property
    def channels(self) -> int:
        """How many channels the input has."""
        return self.convolution_shape[0]

    @property
    def number_of_axes(self) -> int:
        """How many axes the input has: 4 for images, 3 for signals."""
        return 1 + len(self.convolution_shape)

    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        """Draw kernels and bias; the fans are c · m · n and num_kernels · m · n."""
        channels, *size = self.convolution_shape
        fans = channels * int(np.prod(size)), self.num_kernels * int(np.prod(size))
        self.draw_parameters(weights_initializer, bias_initializer, weights=fans, bias=fans)

    @forward_pass("batch", "channels", "y", "[x]")
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Map `(batch, c, y[, x])` to `(batch, num_kernels, ⌈y / s_y⌉[, ⌈x / s_x⌉])`."""
        weights, bias = self.used
        self.kept = input_tensor, (sums := PixelSums(input_tensor))
        return correlate(input_tensor, weights, self.stride_shape, bias, sums=sums)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray | None:
        """Map the output's error to the input's; set `gradient_weights` and `gradient_bias`; update."""
        (weights, _), (images, sums), sums_of_errors = self.used, self.kept, PixelSums(error_tensor)
        input_error = None
        if self.needs_input_error:  # first, as it has the errors' sums for nearly nothing
            input_error = correlate_back(error_tensor, weights, self.stride_shape, images.shape, sums_of_errors)
        gradients = correlate_kernels(images, error_tensor, self.stride_shape, weights.shape, sums, sums_of_errors)
        self.gradient_weights, self.gradient_bias = gradients
        return input_error
