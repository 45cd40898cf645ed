"""Flatten: images become vectors."""

import numpy as np

from Layers.Base import BaseLayer, backward_pass, forward_pass


class Flatten(BaseLayer):
    r"""Write the elements of each sample one after the other.

    $$y_{b,\, (c Y + i) X + j} = x_{b, c, i, j}$$

    for images of Y rows and X columns; the error goes the same way back.

    Shapes: input `(batch, …)`, for example `(batch, channels, y, x)`; output and error
    `(batch, product of the rest)`, the last axis running fastest; input error as the input.

    Raises:
        TypeError, ValueError: where the input is empty or not made of numbers, or the error has another shape.
        RuntimeError: where `backward` is called before `forward`.

    >>> from Layers import Flatten
    >>> layer = Flatten.Flatten()
    >>> layer.forward(np.zeros((2, 3, 4, 5))).shape
    (2, 60)
    >>> layer.backward(np.zeros((2, 60))).shape
    (2, 3, 4, 5)
    """

    @forward_pass()
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Map `(batch, …)` to `(batch, features)`."""
        self.kept = input_tensor.shape, input_tensor[:1].copy(order="K")
        return input_tensor.reshape(len(input_tensor), -1)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """Map the error `(batch, features)` to the shape of the input."""
        shape, sample = self.kept
        # In the input's order of memory, in which the layer before has all that it computes with.
        input_error = np.empty_like(sample, error_tensor.dtype, shape=shape)
        input_error[...] = error_tensor.reshape(shape)
        return input_error
