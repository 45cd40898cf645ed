"""Convolution: a few weights that look at every place of an image.

`Kernels/` computes it: an output pixel is the scalar product of a kernel with one window of the image, all of them
together a product of matrices.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from Foundation.Evenness import PixelSums
from Layers.Base import Parameter, backward_pass, forward_pass
from Layers.Convolutions import Convolution
from Layers.Kernels.correlation import correlate, correlate_back, correlate_kernels


class Conv(Convolution):
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

    Other paddings p give ⌊(y + p_before + p_after - d(m - 1) - 1) / s_y⌋ + 1 outputs; the formulas then have
    X at s_y y + d_y i - p_before. With a dilation d the pixels of a window are d apart, and it reaches over
    d(k - 1) + 1 of them, which is what `"same"` goes by. With groups g, the channels of the input and the kernels are
    divided into g parts, and a kernel sees the c / g channels of its part: with g = c, one each (depthwise).

    Shapes:
        images: input `(batch, c, y, x)`, output and error `(batch, num_kernels, ⌈y / s_y⌉, ⌈x / s_x⌉)`,
        `weights` and `gradient_weights` `(num_kernels, c // groups, m, n)`;
        signals: input `(batch, c, y)`, output and error `(batch, num_kernels, ⌈y / s⌉)`,
        `weights` and `gradient_weights` `(num_kernels, c // groups, m)`;
        `bias` and `gradient_bias` `(num_kernels,)`.

    Args:
        stride_shape: step between neighbouring windows: one number, or one for each spatial axis.
        convolution_shape: channels and size of a kernel, `(c, m, n)` for images, `(c, m)` for signals.
        num_kernels: number of kernels, the channels of the output.
        padding: `"same"` as said above, `"valid"` for none, or numbers of zeros as in PyTorch, less than a window
            reaches over: one for all sides, one for each spatial axis, or a pair (before, after) for each.
        dilation: step between neighbouring pixels of a window: one number, or one for each spatial axis.
        groups: a number that divides c and num_kernels.
        bias: whether each kernel has a bias; without, the layer has no `bias` and no gradient of it.

    Weights and bias are uniform in [0, 1) until `initialize` draws better ones. What `forward` returns
    has its channels last in memory, as the matrix product delivers them; its shape is as said above.

    Raises:
        TypeError, ValueError: where arguments, an input or assigned parameters do not fit.
        RuntimeError: where `backward` is called before `forward`.

    Source: Y. LeCun et al., "Backpropagation applied to handwritten zip code recognition", Neural
    Computation 1 (1989). Dilation: F. Yu, V. Koltun, "Multi-scale context aggregation by dilated convolutions", ICLR
    2016. Groups: A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional neural
    networks", NIPS 2012.

    >>> from Layers import Conv
    >>> layer = Conv.Conv(1, (1, 3), 1)
    >>> layer.weights, layer.bias = np.array([[[1.0, 2.0, 3.0]]]), np.array([0.5])
    >>> layer.forward([[[1.0, 0.0, 0.0, 1.0]]])
    array([[[2.5, 1.5, 3.5, 2.5]]])
    >>> layer.backward([[[1.0, 0.0, 0.0, 0.0]]])
    array([[[2., 3., 0., 0.]]])
    >>> Conv.Conv(2, (4, 3, 3), 8, padding=1, groups=4, bias=False).forward(np.ones((1, 4, 9, 8))).shape
    (1, 8, 5, 4)
    """

    weights = Parameter(lambda layer: (layer.num_kernels, layer.channels // layer.groups, *layer.convolution_shape[1:]))
    bias = Parameter(lambda layer: (layer.num_kernels,), bias_rows=None, where=lambda layer: layer.has_bias)

    def __init__(
        self,
        stride_shape: int | Sequence[int],
        convolution_shape: Sequence[int],
        num_kernels: int,
        *,
        padding: Any = "same",
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(stride_shape, convolution_shape, num_kernels, padding, dilation, groups, bias)
        self.set_first_values()

    def require_room(self, shape: tuple[int, ...]) -> None:
        """Raise ValueError where no kernel fits."""
        self.count_windows(shape[2:])

    @forward_pass("batch", "channels", "y", "[x]")
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Map `(batch, c, y[, x])` to `(batch, num_kernels, ⌈y / s_y⌉[, ⌈x / s_x⌉])`."""
        weights, bias = self.used[0], self.used[1] if self.has_bias else None
        count = self.count_windows(input_tensor.shape[2:])
        self.kept = input_tensor, (sums := PixelSums(input_tensor, not self.testing_phase))
        return correlate(input_tensor, weights, self.places, count, bias, sums)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray | None:
        """Map the output's error to the input's; set `gradient_weights` and `gradient_bias`; update."""
        weights, (images, sums), sums_of_errors = self.used[0], self.kept, PixelSums(error_tensor)
        input_error = None
        if self.needs_input_error:  # first, as it has the errors' sums for nearly nothing
            input_error = correlate_back(error_tensor, weights, self.places, images.shape, sums=sums_of_errors)
        of_both = sums, sums_of_errors, self.has_bias
        gradients = correlate_kernels(images, error_tensor, self.places, weights.shape, *of_both)
        self.gradient_weights, self.gradient_bias = gradients
        return input_error
