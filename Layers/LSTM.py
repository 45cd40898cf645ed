"""Long short-term memory: a cell whose content gates protect."""

from typing import Any

import numpy as np

from Foundation.Pieces import in_pieces
from Foundation.Products import affine
from Layers.Gates import gates_first, open_gates
from Layers.Packing import Packing
from Layers.Recurrent import RecurrentLayer


class LSTM(RecurrentLayer):
    r"""Read a sequence step by step with a cell that keeps what it holds until a gate lets it go.

    With $\tilde x_t = (x_t, h_{t-1}, 1)$ and $W_h = (W_f, W_i, W_C, W_o)$, side by side in this order,

    $$f_t = \sigma(\tilde x_t W_f), \qquad i_t = \sigma(\tilde x_t W_i), \qquad
      \tilde C_t = \tanh(\tilde x_t W_C), \qquad o_t = \sigma(\tilde x_t W_o),$$
    $$C_t = f_t C_{t-1} + i_t \tilde C_t, \qquad h_t = o_t \tanh C_t, \qquad y_t = \sigma(h_t W_y + b_y).$$

    The forget gate f says how much of the cell C stays, the input gate i how much of the candidate is
    added, the output gate o how much of it is shown. On the way back, with
    $\delta h_t = \partial L / \partial h_t$ from the output and the step after, as in an RNN, and
    $\delta C_t = \delta h_t\, o_t (1 - \tanh^2 C_t) + \delta C_{t+1} f_{t+1}$, the four parts of
    $\tilde x_t W_h$ have the errors

    $$\delta C_t\, C_{t-1}\, f_t (1 - f_t), \qquad \delta C_t\, \tilde C_t\, i_t (1 - i_t), \qquad
      \delta C_t\, i_t (1 - \tilde C_t^2), \qquad \delta h_t\, \tanh C_t\, o_t (1 - o_t) .$$

    The error of the cell reaches the step before through a product with $f$ alone: where the gate is open
    it neither fades nor grows.

    Shapes:
        input `(time, input_size)`, one sequence, or `(batch, time, input_size)`, each with a state of its own;
        output and error tensor the same with `output_size`, or with `hidden_size` where nothing is read out;
        `weights` $W_h$ `(input_size + hidden_size + 1, 4 · hidden_size)`, the bias in the last row;
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
        hidden_state: h after the last step of each sequence, `(hidden_size,)` or `(batch, hidden_size)`;
            None stands for zeros. May be set where `memorize` is True.
        cell_state: C after the last step, likewise.

    The weights are uniform in [0, 1) until `initialize` draws better ones.

    Raises:
        TypeError, ValueError: where sizes, an input, assigned weights, `lengths` or the state do not fit.
        RuntimeError: where `backward` is called before `forward`.

    Source: S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997); the forget
    gate is from F. Gers, J. Schmidhuber, F. Cummins, "Learning to forget", Neural Computation 12 (2000).

    >>> layer = LSTM(1, 1, 1)
    >>> layer.weights = np.array([[0.0, 9.0, 9.0, 0.0], [0.0, 0.0, 0.0, 0.0], [9.0, -4.0, 0.0, 9.0]])
    >>> layer.output_weights = np.array([[2.0], [0.0]])
    >>> layer.forward([[1.0], [0.0], [0.0]]).round(3)
    array([[0.82],
           [0.82],
           [0.82]])
    >>> layer.cell_state.round(3)
    array([0.993])
    """

    state_names = ("hidden_state", "cell_state")
    gates = 4

    def _unroll(self, packing: Packing, inputs: np.ndarray, states: list[np.ndarray]) -> Any:
        (hidden, cell), (for_input, recurrent, bias) = states, self._split(gates_first(self.used[0], 0, 1, 3, 2))
        drives = affine(inputs, for_input, bias)
        gates = drives.reshape(len(inputs), 4, self.hidden_size)
        steps = packing.steps(hidden, cell, drives, gates[:, :3], *gates.swapaxes(0, 1))
        for before, state, content_before, content, drive, negated, forget, write, show, candidate in steps:
            drive += before.dot(recurrent)
            open_gates(negated)
            np.multiply(forget, content_before, out=content)
            content += write * np.tanh(candidate, out=candidate)
            np.multiply(np.tanh(content), show, out=state)
        return inputs, hidden, cell, gates

    def _unroll_back(self, packing: Packing, error: np.ndarray, kept: Any) -> np.ndarray | None:
        (inputs, hidden, cell, gates), recurrent = kept, self._split(self.used[0])[1].T
        to_gates, slope = _slopes(gates, cell[packing.batch :], cell[packing.previous])
        carried = np.zeros_like(cell[: packing.batch])
        # The errors of the gates take the place of the slopes that lead to them.
        steps = packing.steps(error, to_gates, to_gates[:, :3], to_gates[:, 3], slope, gates[:, 0], back=True)
        for earlier, hidden_error, gate_error, through_cell, to_show, slope, forget in steps:
            cell_error = carried[: len(earlier)]
            cell_error += hidden_error * slope
            through_cell *= cell_error[:, np.newaxis]
            to_show *= hidden_error
            cell_error *= forget
            earlier += gate_error.reshape(len(earlier), -1).dot(recurrent)
        del steps, slope  # which hold the memory of all slopes
        return self._back_through_weights(to_gates.reshape(-1, len(recurrent)), inputs, hidden[packing.previous])


def _slopes(gates: np.ndarray, cell: np.ndarray, cell_before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What δC is multiplied by on its way to f, i and C̃, and δh to o; and δh on its way to C.

    None of it depends on an error, so that it is computed for many time steps at once.
    """
    slopes, to_cell = np.empty_like(gates), np.empty_like(cell)

    def fill(part: slice) -> None:
        forget, write, show, candidate = gates[part].swapaxes(0, 1)
        shown = np.tanh(cell[part])
        np.multiply(cell_before[part], forget * (1 - forget), out=slopes[part, 0])
        np.multiply(candidate, write * (1 - write), out=slopes[part, 1])
        np.multiply(write, 1 - candidate * candidate, out=slopes[part, 2])
        np.multiply(shown, show * (1 - show), out=slopes[part, 3])
        np.multiply(show, 1 - shown * shown, out=to_cell[part])

    in_pieces(fill, gates)
    return slopes, to_cell
