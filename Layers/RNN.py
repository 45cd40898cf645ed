"""The recurrent layer of Elman: a hidden state that sees the input and itself."""

from typing import Any

import numpy as np

from Foundation.Products import affine
from Layers.Packing import Packing
from Layers.Recurrent import RecurrentLayer


class RNN(RecurrentLayer):
    r"""Read a sequence step by step with a hidden state, and give an output at each step.

    $$\tilde x_t = (x_t, h_{t-1}, 1), \qquad h_t = \tanh(\tilde x_t W_h), \qquad y_t = \sigma(h_t W_y + b_y)$$

    The error of a hidden state comes from its output and from the step after it:

    $$\frac{\partial L}{\partial h_t} = (e_t\, y_t (1 - y_t))\, W_y^\top + a_{t+1} W_{hh}^\top, \qquad
      a_t = \frac{\partial L}{\partial h_t} (1 - h_t^2), \qquad
      \frac{\partial L}{\partial x_t} = a_t W_{xh}^\top, \qquad
      \frac{\partial L}{\partial W_h} = \sum_t \tilde x_t^\top a_t$$

    with $W_{xh}$ the first `input_size` rows of $W_h$ and $W_{hh}$ the `hidden_size` rows after them.

    Shapes:
        input `(time, input_size)`, one sequence, or `(batch, time, input_size)`, each with a state of its own;
        output and error tensor the same with `output_size`, or with `hidden_size` where nothing is read out;
        `weights` $W_h$ `(input_size + hidden_size + 1, hidden_size)`, the bias in the last row;
        `output_weights` $W_y$ and $b_y$ `(hidden_size + 1, output_size)`, the bias in the last row.

    Args:
        input_size: number of features of one time step.
        hidden_size: number of hidden units.
        output_size: number of outputs of one time step. None gives the hidden states instead of y, for another
            recurrent layer say (None).
        output: "sigmoid", or "linear" for outputs $h_t W_y + b_y$, which may be any numbers ("sigmoid").

    Attributes:
        memorize: whether a forward pass starts from the state that the last one ended with, instead of zeros
            (False); gradients stop where a forward pass starts: truncated back-propagation through time.
        lengths: None, or the number of time steps of each sequence of the batch, where the rest of it is
            padding: neither read nor written; outputs and errors are 0 there. They belong to the next batch
            alone: `forward` sets None again, and `backward` goes by those of its `forward`.
        hidden_state: the state after the last step of each sequence, `(hidden_size,)` or
            `(batch, hidden_size)`; None stands for zeros. May be set where `memorize` is True.

    The weights are uniform in [0, 1) until `initialize` draws better ones.

    Raises:
        TypeError, ValueError: where sizes, an input, assigned weights, `lengths` or the state do not fit.
        RuntimeError: where `backward` is called before `forward`.

    Source: J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990).

    >>> layer = RNN(1, 1, 1)
    >>> layer.weights, layer.output_weights = np.array([[1.0], [0.5], [0.0]]), np.array([[2.0], [0.0]])
    >>> layer.forward([[1.0], [0.0], [0.0]]).round(3)
    array([[0.821],
           [0.674],
           [0.589]])
    >>> layer.hidden_state.round(3)
    array([0.18])
    """

    def _unroll(self, packing: Packing, inputs: np.ndarray, states: list[np.ndarray]) -> Any:
        (hidden,), (for_input, recurrent, bias) = states, self._split(self.used[0])
        affine(inputs, for_input, bias, out=hidden[packing.batch :])
        for before, state in packing.steps(hidden):
            state += before.dot(recurrent)
            np.tanh(state, out=state)
        return inputs, hidden

    def _unroll_back(self, packing: Packing, error: np.ndarray, kept: Any) -> np.ndarray | None:
        (inputs, hidden), recurrent = kept, self._split(self.used[0])[1].T
        for earlier, drive_error, slope in packing.steps(error, 1 - np.square(hidden[packing.batch :]), back=True):
            drive_error *= slope
            earlier += drive_error.dot(recurrent)
            del slope  # the last one would hold the memory of all
        return self._back_through_weights(error[packing.batch :], inputs, hidden[packing.previous])
