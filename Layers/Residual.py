"""Layers with a way around them."""

from typing import Any

import numpy as np

from Foundation.Checks import shape_text
from Foundation.Formulas import elementwise
from Layers.Base import backward_pass, forward_pass
from Layers.Chain import as_layer
from Layers.Composite import CompositeLayer, held_layers, in_a_row, require_layer, require_layers_once


class Residual(CompositeLayer):
    r"""Layers that learn what is to be added to their input.

    $$y = f(x) + s(x), \qquad \frac{\partial L}{\partial x} = f'(x)^\top e + s'(x)^\top e$$

    with the error e, the layers f in a row and the shortcut s, which is x itself where nothing is said. The error
    reaches the layers before along the shortcut undiminished, however deep the network is.

    Shapes: the input as the first layer takes it; f(x) and s(x) of the same shape, which is the output's.

    Args:
        layers: a list of layers, from input to output, which is kept as a tuple.
        shortcut: a layer, or a list of layers in a row, such as a `Conv` of 1 × 1 that gives as many channels as the
            layers do (None: the input itself).

    Raises TypeError for what is no layer; ValueError for none at all, for a layer in two places, and in `forward` where
    the shapes of f(x) and s(x) differ.

    Source: K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016.

    >>> from Layers.FullyConnected import FullyConnected
    >>> block = Residual([FullyConnected(2, 2)])
    >>> block.layers[0].weights = np.zeros((3, 2))
    >>> block.forward([[1.0, -2.0]])
    array([[ 1., -2.]])
    """

    def __init__(self, layers: Any, shortcut: Any = None) -> None:
        self.layers = held_layers(layers, self)
        self.shortcut = None if shortcut is None else as_layer(shortcut)
        for layer in self.parts().values():
            require_layer(layer, "Residual")
        require_layers_once(self.parts(), "Residual")

    def parts(self) -> dict[str, Any]:
        """The layers by their numbers, and the shortcut."""
        return in_a_row(self.layers) | ({} if self.shortcut is None else {"shortcut": self.shortcut})

    @forward_pass()
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """The sum of what the layers and the shortcut make of the input."""
        output = self.through(self.layers, input_tensor)
        beside = input_tensor if self.shortcut is None else self.through(self.shortcut, input_tensor)
        if output.shape != beside.shape:
            raise ValueError(
                f"{self!r}: expected layers and shortcut to give one shape, got {shape_text(output.shape)} and "
                f"{shape_text(beside.shape)}; give a shortcut that changes the shape as the layers do"
            )
        return elementwise(lambda f, s: f + s, output, beside)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray | None:
        """The sum of the errors of both ways; None where nobody needs it."""
        needed = self.needs_input_error
        error = self.back(self.layers, error_tensor, needed)
        beside = error_tensor if self.shortcut is None else self.back(self.shortcut, error_tensor, needed)
        return elementwise(lambda f, s: f + s, error, beside) if needed else None
