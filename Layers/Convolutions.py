"""What a convolution and its adjoint share: kernels, where they stand, and how they begin."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from Foundation import Checks
from Layers.Base import TrainableLayer
from Layers.Kernels.correlation import Places
from Layers.Padding import Pairs, around, count_windows, read_padding


class Convolution(TrainableLayer):
    """A layer of kernels that stand at many places of an image or a signal.

    Args:
        stride_shape: step between neighbouring windows: one number, or one for each spatial axis.
        convolution_shape: channels of the input and size of a kernel, `(c, m, n)` for images, `(c, m)` for signals.
        num_kernels: channels of the output.
        padding: zeros around the image, see `Layers/Padding.py`.
        dilation: step between neighbouring pixels of a window: one number, or one for each spatial axis.
        groups: into how many groups of their own both channels are divided.
        bias: whether a number is added to each channel of the output.

    Attributes:
        has_bias: whether it is.
    """

    divides_the_batch = True

    def __init__(
        self,
        stride_shape: int | Sequence[int],
        convolution_shape: Sequence[int],
        num_kernels: int,
        padding: Any,
        dilation: int | Sequence[int],
        groups: int,
        bias: bool,
    ) -> None:
        name = type(self).__name__
        self.convolution_shape = Checks.positive_integers(convolution_shape, name, "convolution_shape")
        axes = len(self.convolution_shape) - 1
        if axes not in (1, 2):
            raise ValueError(
                f"{name}: expected convolution_shape (channels, m) for signals or (channels, m, n) for images, "
                f"got {self.convolution_shape}"
            )
        self.stride_shape = Checks.per_axis(stride_shape, axes, name, "stride_shape")
        self.num_kernels = Checks.positive_integer(num_kernels, name, "num_kernels")
        self.dilation = Checks.per_axis(dilation, axes, name, "dilation")
        self.padding = read_padding(padding, self.covered, name)
        self.groups = Checks.positive_integer(groups, name, "groups")
        if self.channels % self.groups or self.num_kernels % self.groups:
            raise ValueError(
                f"{name}: expected groups that divide the {self.channels} channels and num_kernels={self.num_kernels}, "
                f"got {self.groups}"
            )
        self.has_bias = Checks.truth(bias, name, "bias")
        super().__init__()

    @property
    def channels(self) -> int:
        """How many channels the input has."""
        return self.convolution_shape[0]

    @property
    def number_of_axes(self) -> int:
        """How many axes the input has: 4 for images, 3 for signals."""
        return 1 + len(self.convolution_shape)

    @property
    def covered(self) -> tuple[int, ...]:
        """How many pixels a kernel reaches over, in each direction: d · (k - 1) + 1."""
        return _covered(self.convolution_shape, self.dilation)

    @property
    def pads(self) -> Pairs:
        """How many zeros stand before and after an image, in each direction."""
        return around(self.padding, self.covered)

    @property
    def places(self) -> Places:
        """Where the windows stand."""
        return _places(self.stride_shape, self.dilation, self.pads, self.groups)

    def count_windows(self, size: tuple[int, ...]) -> tuple[int, ...]:
        """How many windows an image of a size has, in each direction."""
        return count_windows(size, self.pads, self.covered, self.stride_shape, self)

    @property
    def fans(self) -> tuple[int, int]:
        """How many inputs an output sees, and how many outputs an input reaches with stride 1."""
        size = math.prod(self.convolution_shape[1:])
        return self.channels // self.groups * size, self.num_kernels // self.groups * size

    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        """Draw kernels and bias; the fans are c · m · n and num_kernels · m · n.

        Both are divided by the groups.
        """
        self.draw_parameters(weights_initializer, bias_initializer, weights=self.fans, bias=self.fans)


@lru_cache(1024)
def _covered(convolution_shape: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(step * (length - 1) + 1 for length, step in zip(convolution_shape[1:], dilation, strict=True))


@lru_cache(1024)
def _places(stride: tuple[int, ...], dilation: tuple[int, ...], pads: Pairs, groups: int) -> Places:
    return Places(stride, dilation, tuple(before for before, _ in pads), groups)
