"""Sequences read from both ends."""

from typing import Any

import numpy as np

from Layers.Base import backward_pass, forward_pass
from Layers.Composite import CompositeLayer, held_layers
from Layers.Packing import read_lengths


class Bidirectional(CompositeLayer):
    r"""Read sequences from both ends by two layers, and give what both of them know at each step.

    $$y_t = \bigl(f(x_1, \dots, x_T)_t,\; g(x_T, \dots, x_1)_{T + 1 - t}\bigr)$$

    side by side: f has read what comes before a step, and g what comes behind it. T is the length of each sequence of
    its own, so that g begins with its last step and not with padding. The errors go the same ways back, and add up.

    Shapes: input `(batch, time, features)`, or one sequence `(time, features)`; output and error tensor
    `(…, time, outputs)`, the outputs of f and then those of g, `2 · hidden_size` of recurrent layers without a readout.

    Args:
        layer: f, for example `GRU(8, 16)`; whatever maps sequences to sequences of as many steps.
        reverse: g (None: a layer like f, with parameters of its own).

    Attributes:
        lengths: None, or the number of time steps of each sequence of the next batch, see `GRU`.

    Raises:
        TypeError, ValueError: for what is no layer, for one in both places, for `lengths` that don't fit, and for a
            layer that carries its state from one batch to the next: g would begin with what lies before its end.
        RuntimeError: where `backward` is called before `forward`.

    Source: M. Schuster, K. K. Paliwal, "Bidirectional recurrent neural networks", IEEE Transactions on Signal
    Processing 45 (1997).

    >>> from Layers.RNN import RNN
    >>> layer = Bidirectional(RNN(1, 1))
    >>> layer.layer.weights = layer.reverse.weights = np.array([[1.0], [1.0], [0.0]])
    >>> layer.forward([[1.0], [0.0], [0.0]]).round(2)
    array([[0.76, 0.76],
           [0.64, 0.  ],
           [0.57, 0.  ]])
    """

    def __init__(self, layer: Any, reverse: Any = None) -> None:
        (self.layer,) = held_layers([layer], self)
        self.reverse = self.layer.clone() if reverse is None else reverse
        held_layers([*self.parts().values()], self)

    def parts(self) -> dict[str, Any]:
        """The layers by the ways that they read."""
        return {"forwards": self.layer, "backwards": self.reverse}

    @forward_pass("[batch]", "time", "features")
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Map `(…, time, features)` to `(…, time, outputs)`."""
        if any(getattr(layer, "memorize", False) for layer in self.inner_layers):
            raise ValueError(f"{self!r}: expected layers with memorize = False, got one that carries its state on")
        lengths = read_lengths(self._lengths, input_tensor.shape[:-1], self)
        one = self.through(self.layer, input_tensor)
        other = _turned(self.through(self.reverse, _turned(input_tensor, lengths)), lengths)
        self.kept, self._lengths = (lengths, one.shape[-1]), None
        return np.concatenate([one, other], axis=-1)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray | None:
        """Map the error `(…, time, outputs)` to `(…, time, features)`."""
        lengths, outputs = self.kept
        needed = self.needs_input_error
        one = self.back(self.layer, error_tensor[..., :outputs], needed)
        other = self.back(self.reverse, _turned(error_tensor[..., outputs:], lengths), needed)
        return one + _turned(other, lengths) if needed else None


def _turned(sequences: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Sequences whose last step is the first; padding stays behind them."""
    time = sequences.shape[-2]
    if lengths.min() == time:
        return sequences[..., ::-1, :]
    step = np.arange(time)
    places = np.where(step < lengths[:, np.newaxis], lengths[:, np.newaxis] - 1 - step, step)
    places += time * np.arange(len(lengths))[:, np.newaxis]
    return sequences.reshape(-1, sequences.shape[-1])[places].reshape(sequences.shape)
