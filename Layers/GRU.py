"""The gated recurrent unit: a state that one gate keeps and another resets."""

from typing import Any

import numpy as np

from Foundation.Products import affine, affine_gradient
from Layers.Base import Parameter
from Layers.Gates import gates_first, open_gates
from Layers.Packing import Packing
from Layers.Recurrent import RecurrentLayer


class GRU(RecurrentLayer):
    r"""Read a sequence step by step with a state of which a gate says how much stays.

    With $W_h = (W_r, W_z, W_n)$, side by side in this order, and likewise $U$, $b$ and $c$,

    $$r_t = \sigma(x_t W_r + b_r + h_{t-1} U_r + c_r), \qquad z_t = \sigma(x_t W_z + b_z + h_{t-1} U_z + c_z),$$
    $$n_t = \tanh\bigl(x_t W_n + b_n + r_t (h_{t-1} U_n + c_n)\bigr), \qquad
      h_t = (1 - z_t)\, n_t + z_t h_{t-1}, \qquad y_t = f(h_t W_y + b_y).$$

    The update gate z keeps the state, the reset gate r lets go of it for the candidate n. It is applied behind the
    recurrent product, as PyTorch has it; where the paper applies it before, $(r_t h_{t-1}) U_n$, every step would take
    two products, one after the other. On the way back, with $\delta_t = \partial L / \partial h_t$ from the output and
    the step after,

    $$\delta n_t = \delta_t (1 - z_t)(1 - n_t^2), \qquad
      \delta z_t = \delta_t (h_{t-1} - n_t)\, z_t (1 - z_t), \qquad
      \delta r_t = \delta n_t (h_{t-1} U_n + c_n)\, r_t (1 - r_t)$$

    are the errors of what stands in the brackets; $(\delta r_t, \delta z_t, r_t \delta n_t)$ is that of
    $h_{t-1} U + c$. The step before gets $\delta_t z_t$ beside, which doesn't fade where the gate is open.

    Shapes:
        input `(time, input_size)`, one sequence, or `(batch, time, input_size)`, each with a state of its own;
        output and error tensor the same with `output_size`, or with `hidden_size` where nothing is read out;
        `weights` $(W, U, c, b)$, one below the other, `(input_size + hidden_size + 2, 3 · hidden_size)`;
        `output_weights` $W_y$ and $b_y$ `(hidden_size + 1, output_size)`, the bias in the last row.

    Args:
        input_size: number of features of one time step.
        hidden_size: number of hidden units.
        output_size: number of outputs of one time step; None gives the hidden states, for another recurrent layer
            say (None).
        output: f, "sigmoid" or "linear" ("sigmoid").

    Attributes:
        memorize: whether a forward pass starts from the state that the last one ended with, instead of zeros
            (False); gradients stop where a forward pass starts: truncated back-propagation through time.
        lengths: None, or the number of time steps of each sequence of the batch, where the rest of it is
            padding: neither read nor written; outputs and errors are 0 there. They belong to the next batch
            alone: `forward` sets None again, and `backward` goes by those of its `forward`.
        hidden_state: h after the last step of each sequence, `(hidden_size,)` or `(batch, hidden_size)`;
            None stands for zeros. May be set where `memorize` is True.

    The weights are uniform in [0, 1) until `initialize` draws better ones.

    Raises:
        TypeError, ValueError: where sizes, an input, assigned weights, `lengths` or the state do not fit.
        RuntimeError: where `backward` is called before `forward`.

    Source: K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine
    translation", EMNLP 2014, with the reset gate behind the product as in version 1 of that paper on arXiv.

    >>> layer = GRU(1, 1)
    >>> layer.weights = np.array([[0.0, -9.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 4.0, 0.0]])
    >>> layer.forward([[1.0], [0.0], [0.0]]).round(3)
    array([[0.756],
           [0.743],
           [0.73 ]])
    """

    weights = Parameter(lambda cell: (cell.input_size + cell.hidden_size + 2, 3 * cell.hidden_size), bias_rows=2)
    output_weights = RecurrentLayer.output_weights
    gates = 3

    def _unroll(self, packing: Packing, inputs: np.ndarray, states: list[np.ndarray]) -> Any:
        (hidden,), (for_input, recurrent, bias) = states, self._split(gates_first(self.used[0], 0, 1, 2))
        gates = affine(inputs, for_input, bias).reshape(len(inputs), 3, self.hidden_size)
        products = np.empty_like(hidden[packing.batch :])
        steps = packing.steps(hidden, gates[:, :2], products, *gates.swapaxes(0, 1))
        for before, state, negated, product, reset, update, candidate in steps:
            driven = affine(before, recurrent[:-1], recurrent[-1]).reshape(len(before), 3, -1)
            negated += driven[:, :2]
            open_gates(negated)
            product[...] = driven[:, 2]
            candidate += reset * product
            np.tanh(candidate, out=candidate)
            np.multiply(before - candidate, update, out=state)
            state += candidate
        return inputs, hidden, gates, products

    def _unroll_back(self, packing: Packing, error: np.ndarray, kept: Any) -> np.ndarray | None:
        (inputs, hidden, gates, products), (for_input, recurrent, _) = kept, self._split(self.used[0])
        before, recurrent = hidden[packing.previous], recurrent[:-1].T
        reset, update, candidate = gates.swapaxes(0, 1)
        to_candidate, errors = (1 - update) * (1 - candidate * candidate), np.empty_like(gates)
        errors[:, 0] = to_candidate * products * (reset * (1 - reset))
        errors[:, 1] = (before - candidate) * (update * (1 - update))
        errors[:, 2] = to_candidate * reset
        for earlier, state_error, of_product, kept_share in packing.steps(error, errors, update, back=True):
            of_product *= state_error[:, np.newaxis]
            earlier += state_error * kept_share
            earlier += of_product.reshape(len(earlier), -1).dot(recurrent)
        driven = errors.reshape(len(errors), 3 * self.hidden_size)
        of_state = affine_gradient(driven, before)
        np.multiply(to_candidate, error[packing.batch :], out=errors[:, 2])
        of_input = affine_gradient(driven, inputs)
        self.gradient_weights = np.concatenate([of_input[:-1], of_state, of_input[-1:]])
        return driven @ for_input.T if self.needs_input_error else None
