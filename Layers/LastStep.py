"""LastStep: of each sequence what stands at its end."""

from typing import Any

import numpy as np

from Layers.Base import BaseLayer, backward_pass, forward_pass
from Layers.Packing import read_lengths


class LastStep(BaseLayer):
    r"""Give of each sequence its own last step, as one sample.

    $$y_b = x_{b, T_b}$$

    for the sequence b of $T_b$ steps; the error goes the same way back, and is 0 elsewhere. Behind a recurrent layer,
    one prediction is made of a whole sequence.

    Shapes: input and its error `(batch, time, features)`; output and error `(batch, features)`.

    Attributes:
        lengths: None, or the number of time steps of each sequence of the batch, where the rest of it is padding. They
            belong to the next batch alone: `forward` sets None again. A network sets those that come with a batch. Of a
            sequence without any step, zeros are given.

    Raises:
        TypeError, ValueError: where the input has other axes or no numbers, `lengths` don't fit, or the error has
            another shape.
        RuntimeError: where `backward` is called before `forward`.

    >>> layer = LastStep()
    >>> layer.lengths = [1, 3]
    >>> layer.forward([[[1.0], [0.0], [0.0]], [[2.0], [3.0], [4.0]]])
    array([[1.],
           [4.]])
    >>> layer.backward([[5.0], [6.0]])[..., 0]
    array([[5., 0., 0.],
           [0., 0., 6.]])
    """

    def __init__(self) -> None:
        self.lengths: Any = None

    @forward_pass("batch", "time", "features")
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Map `(batch, time, features)` to `(batch, features)`."""
        lengths = read_lengths(self.lengths, input_tensor.shape[:2], self)
        (some,) = lengths.nonzero()
        self.kept = input_tensor.shape, (some, lengths[some] - 1)
        self.lengths, output = None, np.zeros_like(input_tensor[:, 0], order="C")
        output[some] = input_tensor[self.kept[1]]
        return output

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """Map the error `(batch, features)` to `(batch, time, features)`."""
        shape, last = self.kept
        input_error = np.zeros(shape, error_tensor.dtype)
        input_error[last] = error_tensor[last[0]]
        return input_error
