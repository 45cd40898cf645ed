"""Cells of one's own against the base of recurrent layers: it knows nothing of what a cell does with its weights.

Two gated recurrent units show it. In both, a gate stands between the hidden state and the weights of the candidate, so
that the gradient of the weights is no product of x̃ = (x, h, 1) and an error.
"""

import importlib.util

import numpy as np
import pytest

import tests.test_layer_laws as laws
from Foundation import Checks
from Foundation.Products import affine, affine_gradient
from Foundation.Supervision import supervised
from Layers.Activations import sigmoid
from Layers.Base import Parameter
from Layers.LSTM import LSTM
from Layers.Recurrent import RecurrentLayer
from Layers.RNN import RNN
from Optimization.Optimizers import Adam
from tests.layer_cases import LayerCase
from tests.numerical import numerical_derivative

INPUTS, HIDDEN, OUTPUTS, BATCH, TIME = 3, 4, 2, 5, 7
LENGTHS = [3, 0, 7, 5, 7]


class GRU(RecurrentLayer):
    """The unit of Cho et al. (2014): r, z = σ(x̃ W), n = tanh(x W_x + (r h) U + b), h' = (1 - z) n + z h."""

    gates = 3

    def _unroll(self, packing, inputs, states):
        (hidden,), (for_input, recurrent, bias) = states, self._split(self.used[0])
        size, drive = self.hidden_size, affine(inputs, for_input, bias)
        for before, state, gates in packing.steps(hidden, drive):
            gates[:, : 2 * size] = sigmoid(gates[:, : 2 * size] + before @ recurrent[:, : 2 * size])
            reset, update, candidate = np.split(gates, 3, axis=1)
            candidate[...] = np.tanh(candidate + (reset * before) @ recurrent[:, 2 * size :])
            state[...] = (1 - update) * candidate + update * before
        return inputs, hidden, drive

    def _unroll_back(self, packing, error, kept):
        (inputs, hidden, gates), (for_input, recurrent, _), size = kept, self._split(self.used[0]), self.hidden_size
        before, drive_error = hidden[packing.previous], np.empty_like(gates)
        steps = packing.steps(error, gates, before, drive_error, back=True)
        for earlier, state_error, gate, state, errors in steps:
            reset, update, candidate = np.split(gate, 3, axis=1)
            to_reset, to_update, to_candidate = np.split(errors, 3, axis=1)
            to_candidate[...] = state_error * (1 - update) * (1 - candidate**2)
            of_product = to_candidate @ recurrent[:, 2 * size :].T
            to_reset[...] = of_product * state * reset * (1 - reset)
            to_update[...] = state_error * (state - candidate) * update * (1 - update)
            earlier += state_error * update + of_product * reset + errors[:, : 2 * size] @ recurrent[:, : 2 * size].T
        self.gradient_weights = np.hstack(
            [
                affine_gradient(drive_error[:, : 2 * size], inputs, before),
                affine_gradient(drive_error[:, 2 * size :], inputs, gates[:, :size] * before),
            ]
        )
        return drive_error @ for_input.T if self.needs_input_error else None


class ResetAfterGRU(RecurrentLayer):
    """The unit of PyTorch, with a parameter more: r, z = σ(x̃ W), n = tanh(x W_x + b + r (h U + c)), h' as above."""

    gates = 3
    weights = Parameter(RecurrentLayer.weights.shape, bias_rows=1)
    candidate_bias = Parameter(lambda layer: (1, layer.hidden_size), bias_rows=None)
    output_weights = RecurrentLayer.output_weights

    def _unroll(self, packing, inputs, states):
        (hidden,), (for_input, recurrent, bias) = states, self._split(self.used[0])
        size, drive, products = (
            self.hidden_size,
            affine(inputs, for_input, bias),
            np.empty_like(hidden[packing.batch :]),
        )
        for before, state, gates, product in packing.steps(hidden, drive, products):
            driven = before @ recurrent
            gates[:, : 2 * size] = sigmoid(gates[:, : 2 * size] + driven[:, : 2 * size])
            reset, update, candidate = np.split(gates, 3, axis=1)
            product[...] = driven[:, 2 * size :] + self.used[1]
            candidate[...] = np.tanh(candidate + reset * product)
            state[...] = (1 - update) * candidate + update * before
        return inputs, hidden, drive, products

    def _unroll_back(self, packing, error, kept):
        (inputs, hidden, gates, products), (for_input, recurrent, _) = kept, self._split(self.used[0])
        size, before, drive_error, of_state = (
            self.hidden_size,
            hidden[packing.previous],
            *map(np.empty_like, [gates] * 2),
        )
        steps = packing.steps(error, gates, products, before, drive_error, of_state, back=True)
        for earlier, state_error, gate, product, state, errors, of_product in steps:
            reset, update, candidate = np.split(gate, 3, axis=1)
            to_reset, to_update, to_candidate = np.split(errors, 3, axis=1)
            to_candidate[...] = state_error * (1 - update) * (1 - candidate**2)
            to_reset[...] = to_candidate * product * reset * (1 - reset)
            to_update[...] = state_error * (state - candidate) * update * (1 - update)
            of_product[:, : 2 * size], of_product[:, 2 * size :] = errors[:, : 2 * size], to_candidate * reset
            earlier += state_error * update + of_product @ recurrent.T
        self.gradient_weights = np.vstack([inputs.T @ drive_error, before.T @ of_state, drive_error.sum(axis=0)])
        self.gradient_candidate_bias = of_state[:, 2 * size :].sum(axis=0, keepdims=True)
        return drive_error @ for_input.T if self.needs_input_error else None

    def initialize(self, weights_initializer, bias_initializer):
        size = self.hidden_size
        fans = {"weights": (self.input_size + size, 3 * size), "candidate_bias": (size, size)}
        self.draw_parameters(weights_initializer, bias_initializer, output_weights=(size, self.output_size), **fans)


cell = pytest.mark.parametrize("kind", [GRU, ResetAfterGRU])
recurrent = pytest.mark.parametrize("kind", [RNN, LSTM, GRU, ResetAfterGRU])

# -- the laws of every layer

CASES = [
    LayerCase(lambda: GRU(3, 4, 2), (3, 5, 3), (3, 5, 2), wrong_shape=(3, 5, 4)),
    LayerCase(lambda: GRU(2, 3, 4), (6, 2), (6, 4), samples_are_independent=False, wrong_shape=(6, 3)),
    LayerCase(lambda: ResetAfterGRU(3, 4, 2), (3, 5, 3), (3, 5, 2), wrong_shape=(3, 5, 3, 1)),
    LayerCase(lambda: ResetAfterGRU(1, 2, 1), (4, 1), (4, 1), samples_are_independent=False, wrong_shape=(4,)),
]


def law_arguments(law):
    """The arguments that a law is run with beside the case, as its own decorators say."""
    arguments = [{}]
    for mark in getattr(law, "pytestmark", []):
        names, values = mark.args[:2]
        if names != "case":
            names = names.split(", ") if isinstance(names, str) else list(names)
            rows = [value if len(names) > 1 else (value,) for value in values]
            arguments = [given | dict(zip(names, row, strict=True)) for given in arguments for row in rows]
    return arguments


LAWS = {name: law for name, law in vars(laws).items() if name.startswith("test_law_")}


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_cell_of_ones_own_keeps_the_laws(name, case, tmp_path):
    for arguments in law_arguments(LAWS[name]):
        fixtures = {"tmp_path": tmp_path} if name.endswith("comes_back_as_used") else {}
        LAWS[name](case=case, **arguments, **fixtures)


# -- what the laws don't speak of


@pytest.fixture
def rng():
    return np.random.default_rng(23)


def layer_of(kind, rng):
    layer = kind(INPUTS, HIDDEN, OUTPUTS)
    for name, parameter in layer.parameters().items():
        setattr(layer, name, rng.uniform(-0.8, 0.8, parameter.shape))
    return layer


def batch(rng):
    return rng.standard_normal((BATCH, TIME, INPUTS)), rng.standard_normal((BATCH, TIME, OUTPUTS))


@cell
@pytest.mark.parametrize("memorize", [False, True])
@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_gradients_with_lengths_and_a_state_are_the_numerical_derivatives(kind, lengths, memorize, rng):
    layer, (inputs, errors), state = layer_of(kind, rng), batch(rng), rng.standard_normal((BATCH, HIDDEN))
    layer.memorize = memorize

    def loss():
        layer.hidden_state, layer.lengths = state, lengths
        return np.sum(errors * layer.forward(inputs))

    loss()
    pairs = [(layer.backward(errors), inputs)]
    pairs += [(getattr(layer, f"gradient_{name}"), value) for name, value in layer.parameters().items()]
    assert len(pairs) == 1 + len(layer.parameter_names)
    for gradient, values in pairs:
        np.testing.assert_allclose(gradient, numerical_derivative(loss, values), rtol=1e-6, atol=1e-8)


@cell
def test_every_parameter_of_a_cell_steps(kind, rng):
    layer, (inputs, errors) = layer_of(kind, rng), batch(rng)
    layer.optimizer = Adam(0.1)
    before = layer.parameters()
    layer.forward(inputs)
    layer.backward(errors)
    for name, value in layer.parameters().items():
        assert np.all(value != before[name]), name


# -- lengths belong to their batch


@recurrent
def test_lengths_are_those_of_the_next_batch_alone(kind, rng):
    layer, (inputs, errors) = layer_of(kind, rng), batch(rng)
    expected = layer.forward(inputs)
    layer.lengths = LENGTHS
    padded = layer.forward(inputs)
    assert layer.lengths is None
    layer.lengths = [1] * BATCH  # of a batch to come: the way back goes by those of its own
    input_error = layer.backward(errors)
    for number, length in enumerate(LENGTHS):
        np.testing.assert_array_equal(padded[number, length:], 0)
        np.testing.assert_array_equal(input_error[number, length:], 0)
        assert np.all(input_error[number, :length] != 0)
    layer.lengths = None
    np.testing.assert_array_equal(layer.forward(inputs), expected)


@recurrent
def test_lengths_stay_until_a_batch_is_read(kind, rng):
    """A forward pass that is refused has changed nothing: neither lengths nor the state."""
    layer, (inputs, _) = layer_of(kind, rng), batch(rng)
    layer.forward(inputs)
    layer.lengths, state = LENGTHS, layer.hidden_state
    spoiled = inputs.copy()
    spoiled[0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="finite"):
        layer.forward(spoiled)
    assert layer.lengths is LENGTHS
    assert layer.hidden_state is state
    np.testing.assert_array_equal(layer.forward(inputs)[1], 0)


# -- numbers


@recurrent
@pytest.mark.parametrize(("by_a_network", "times"), [(False, 1), (True, 0)])
def test_nan_is_looked_for_once_and_left_to_a_network_that_runs_the_layer(kind, by_a_network, times, rng, monkeypatch):
    looked_at = []
    is_finite = Checks.is_finite
    monkeypatch.setattr(Checks, "is_finite", lambda array: looked_at.append(array.shape) or is_finite(array))
    layer, (inputs, errors) = layer_of(kind, rng), batch(rng)
    layer.lengths = LENGTHS
    for run, argument in ((layer.forward, inputs), (layer.backward, errors)):
        supervised({}, run, argument) if by_a_network else run(argument)
    passed = {(sum(LENGTHS), INPUTS), (sum(LENGTHS), OUTPUTS)}  # beside these, parameters are looked at
    assert [shape for shape in looked_at if shape in passed] == [
        (sum(LENGTHS), INPUTS),
        (sum(LENGTHS), OUTPUTS),
    ] * times


@recurrent
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1e-30, 30, 1000])
def test_underflow_is_no_error(kind, dtype, size, rng):
    """Saturated gates and vanishing errors; a sigmoid's exp may also be infinite on its way to 0."""
    layer, (inputs, errors) = layer_of(kind, rng).astype(dtype), batch(rng)
    with np.errstate(all="raise"):
        output = layer.forward(size * inputs)
        input_error = layer.backward(1e-30 * errors)
    assert np.isfinite(output).all()
    assert np.isfinite(input_error).all()


# -- PyTorch


if importlib.util.find_spec("torch"):
    import torch

    @pytest.mark.parametrize("lengths", [None, [3, 1, 7, 5, 7]])
    def test_a_gated_recurrent_unit_agrees_with_pytorch(lengths, rng):
        layer, (inputs, errors) = layer_of(ResetAfterGRU, rng), batch(rng)
        state = rng.standard_normal((BATCH, HIDDEN))
        twin = torch.nn.GRU(INPUTS, HIDDEN, batch_first=True, dtype=torch.float64)
        with torch.no_grad():
            twin.weight_ih_l0.copy_(torch.from_numpy(layer.weights[:INPUTS].T))
            twin.weight_hh_l0.copy_(torch.from_numpy(layer.weights[INPUTS:-1].T))
            twin.bias_ih_l0.copy_(torch.from_numpy(layer.weights[-1]))
            twin.bias_hh_l0.zero_()
            twin.bias_hh_l0[2 * HIDDEN :].copy_(torch.from_numpy(layer.candidate_bias[0]))
        sequences = tensor = torch.tensor(inputs, requires_grad=True)
        if lengths:
            sequences = torch.nn.utils.rnn.pack_padded_sequence(tensor, lengths, batch_first=True, enforce_sorted=False)
        hidden, last = twin(sequences, torch.from_numpy(state[np.newaxis]))
        if lengths:
            hidden, _ = torch.nn.utils.rnn.pad_packed_sequence(hidden, batch_first=True)
        mask = torch.tensor(np.arange(TIME)[:, np.newaxis] < np.reshape(lengths or [TIME] * BATCH, (-1, 1, 1)))
        head = torch.tensor(layer.output_weights, requires_grad=True)
        theirs = torch.sigmoid(hidden @ head[:-1] + head[-1]) * mask
        theirs.backward(torch.from_numpy(errors))

        layer.memorize, layer.hidden_state, layer.lengths = True, state, lengths
        output = layer.forward(inputs)
        input_error = layer.backward(errors)
        gradients = [twin.weight_ih_l0.grad.T, twin.weight_hh_l0.grad.T, twin.bias_ih_l0.grad[np.newaxis]]
        pairs = [
            (output, theirs.detach()),
            (layer.hidden_state, last[0].detach()),
            (input_error, tensor.grad),
            (layer.gradient_weights, np.concatenate(gradients)),
            (layer.gradient_candidate_bias, twin.bias_hh_l0.grad[np.newaxis, 2 * HIDDEN :]),
            (layer.gradient_output_weights, head.grad),
        ]
        for ours, expected in pairs:
            np.testing.assert_allclose(ours, np.asarray(expected), rtol=1e-9, atol=1e-12)
