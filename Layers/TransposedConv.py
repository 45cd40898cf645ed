"""The adjoint of a convolution: from few pixels to many, as the way back through a convolution goes."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from Foundation.Products import channel_sums
from Layers.Base import Parameter, backward_pass, forward_pass
from Layers.Convolutions import Convolution
from Layers.Kernels.correlation import correlate, correlate_back, correlate_kernels
from Layers.Padding import count_pixels, few, read_output_padding


class TransposedConv(Convolution):
    r"""Put a kernel, times each pixel, into a larger image, where they add up: learned upsampling.

    $$Y_{b,k,v,u} = \beta_k + \sum_{c,y,x,i,j} W_{c,k,i,j}\; X_{b,c,y,x}
      \quad \text{where } s_y y + d_y i - p_y = v,\; s_x x + d_x j - p_x = u$$

    It is the adjoint of the `Conv` from num_kernels to c channels with the same weights, stride, padding, dilation and
    groups: but for the bias, ⟨Conv(x), y⟩ = ⟨x, TransposedConv(y)⟩. Each does forwards what the other does backwards.

    Of the sizes that such a `Conv` maps to the input's, the output has the least and output_padding more:
    (y - 1) s + d(m - 1) + 1 - p_before - p_after + output_padding. So `padding="same"` with `output_padding=s - 1`
    gives s times as many pixels.

    Shapes:
        images: input and its error `(batch, c, y, x)`, output and error `(batch, num_kernels, y', x')`, `weights` and
        `gradient_weights` `(c, num_kernels // groups, m, n)`, as in PyTorch;
        signals: input and its error `(batch, c, y)`, output and error `(batch, num_kernels, y')`, `weights` and
        `gradient_weights` `(c, num_kernels // groups, m)`;
        `bias` and `gradient_bias` `(num_kernels,)`.

    Args:
        stride_shape: step between the places of neighbouring pixels: one number, or one for each spatial axis.
        convolution_shape: channels of the input and size of a kernel, `(c, m, n)` for images, `(c, m)` for signals.
        num_kernels: channels of the output.
        padding: pixels that the output lacks on its sides: `"same"`, `"valid"` or numbers, as those of `Conv`.
        dilation: step between neighbouring pixels that an element of a kernel goes to.
        groups: a number that divides c and num_kernels.
        bias: whether a number is added to each channel of the output.
        output_padding: pixels more at the end of each axis, fewer than the stride: one number, or one for each axis.

    Raises:
        TypeError, ValueError: where arguments, an input or assigned parameters do not fit.
        RuntimeError: where `backward` is called before `forward`.

    Source: M. Zeiler, D. Krishnan, G. Taylor, R. Fergus, "Deconvolutional networks", CVPR 2010.

    >>> from Layers import TransposedConv
    >>> layer = TransposedConv.TransposedConv(2, (1, 3), 1, output_padding=1)
    >>> layer.weights, layer.bias = np.array([[[1.0, 2.0, 3.0]]]), np.array([0.5])
    >>> layer.forward([[[1.0, 10.0]]])
    array([[[ 2.5, 13.5, 20.5, 30.5]]])
    """

    weights = Parameter(lambda layer: (layer.channels, layer.num_kernels // layer.groups, *layer.convolution_shape[1:]))
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
        output_padding: int | Sequence[int] = 0,
    ) -> None:
        super().__init__(stride_shape, convolution_shape, num_kernels, padding, dilation, groups, bias)
        few(self.covered, type(self).__name__, "kernels")
        few(self.stride_shape, type(self).__name__, "stride_shape")
        self.output_padding = read_output_padding(output_padding, self.stride_shape, type(self).__name__)
        self.set_first_values()

    @property
    def fans(self) -> tuple[int, int]:
        """How many inputs an output sees, on average with this stride, and how many outputs an input reaches."""
        seen, reached = super().fans
        return max(1, seen // math.prod(self.stride_shape)), reached

    def count_places(self, output_size: tuple[int, ...]) -> int:
        """How many places the kernels go to, where the output has a size: one for each pixel of the input."""
        return math.prod(self.count_windows(output_size))

    def require_room(self, shape: tuple[int, ...]) -> None:
        """Raise ValueError where padding leaves nothing."""
        self._count_pixels(shape)

    def _count_pixels(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return count_pixels(shape[2:], self.pads, self.covered, self.stride_shape, self.output_padding, self)

    @forward_pass("batch", "channels", "y", "[x]")
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Map `(batch, c, y[, x])` to `(batch, num_kernels, y'[, x'])`."""
        weights, bias = self.used[0], self.used[1] if self.has_bias else None
        shape = len(input_tensor), self.num_kernels, *self._count_pixels(input_tensor.shape)
        self.kept = input_tensor
        return correlate_back(input_tensor, weights, self.places, shape, bias)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray | None:
        """Map the output's error to the input's; set `gradient_weights` and `gradient_bias`; update."""
        weights, images = self.used[0], self.kept
        input_error = None
        if self.needs_input_error:
            input_error = correlate(error_tensor, weights, self.places, images.shape[2:])
        self.gradient_weights, _ = correlate_kernels(error_tensor, images, self.places, weights.shape, of_bias=False)
        self.gradient_bias = channel_sums(error_tensor) if self.has_bias else None
        return input_error
