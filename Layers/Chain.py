"""Several layers as one."""

from typing import Any

import numpy as np

from Layers.Base import backward_pass, forward_pass
from Layers.Composite import CompositeLayer, held_layers, in_a_row


class Chain(CompositeLayer):
    r"""Several layers in a row, which are one layer.

    $$y = f_n(\dots f_2(f_1(x)))$$

    They train, step, freeze and are saved as if they stood in the network themselves.

    Shapes: the input as the first layer takes it, the output as the last one gives it.

    Args:
        layers: a list of layers from input to output, which is kept as a tuple.

    Raises TypeError for what is no layer, ValueError for none at all and for a layer in two places.

    >>> from Layers import FullyConnected, ReLU
    >>> chain = Chain([FullyConnected.FullyConnected(4, 3), ReLU.ReLU()])
    >>> chain
    Chain(layers=(FullyConnected(input_size=4, output_size=3), ReLU()))
    >>> chain.forward(np.ones((2, 4))).shape
    (2, 3)
    """

    def __init__(self, layers: Any) -> None:
        self.layers = held_layers(layers, self)

    def parts(self) -> dict[str, Any]:
        """The layers by their numbers."""
        return in_a_row(self.layers)

    @property
    def takes_integers(self) -> bool:  # type: ignore[override]
        """Whether whole numbers reach the first layer as they came."""
        return bool(getattr(self.layers[0], "takes_integers", False))

    @forward_pass()
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """The output of the last layer."""
        return self.through(self.layers, input_tensor)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray | None:
        """The error of the first layer's input, from that of the last one's output."""
        error: np.ndarray | None = self.back(self.layers, error_tensor, self.needs_input_error)
        return error


def as_layer(layers: Any) -> Any:
    """A layer itself, or several in a list as one."""
    return Chain(layers) if isinstance(layers, list | tuple) else layers
