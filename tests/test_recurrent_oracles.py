"""Recurrent layers against loops that follow the formulas, and PyTorch where it is installed."""

import importlib.util

import numpy as np
import pytest

from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, Initializer, Xavier
from Layers.LSTM import LSTM
from Layers.RNN import RNN
from Optimization.Constraints import L2_Regularizer
from Optimization.Optimizers import Adam, Sgd
from tests.numerical import numerical_derivative

recurrent = pytest.mark.parametrize("kind", [RNN, LSTM])
LENGTHS = [3, 0, 7, 5, 7]
BATCH, TIME, INPUTS, HIDDEN, OUTPUTS = 5, 7, 3, 4, 2


@pytest.fixture
def rng():
    return np.random.default_rng(17)


@recurrent
def test_a_recurrent_layer_reports_the_norm_of_both_matrices(kind):
    layer = kind(INPUTS, HIDDEN, OUTPUTS)
    assert layer.calculate_regularization_loss() == 0
    optimizer = Sgd(0.1)
    optimizer.add_regularizer(L2_Regularizer(0.5))
    layer.optimizer = optimizer
    expected = 0.5 * (np.sum(layer.weights**2) + np.sum(layer.output_weights**2))
    assert layer.calculate_regularization_loss() == pytest.approx(expected)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def loop(layer, sequence, state=None):
    """Outputs and last state of one sequence, step by step from the formulas in the course."""
    hidden, cell = (np.zeros(HIDDEN), np.zeros(HIDDEN)) if state is None else state
    outputs = []
    for x in sequence:
        drive = np.concatenate([x, hidden, [1]]) @ layer.weights
        if isinstance(layer, LSTM):
            f, i, candidate, o = np.split(drive, 4)
            cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(candidate)
            hidden = sigmoid(o) * np.tanh(cell)
        else:
            hidden = np.tanh(drive)
        outputs.append(sigmoid(np.concatenate([hidden, [1]]) @ layer.output_weights))
    return np.array(outputs).reshape(-1, OUTPUTS), (hidden, cell)


def recurrent_layer(kind, rng, dtype="float64"):
    layer = kind(INPUTS, HIDDEN, OUTPUTS)
    for name, parameter in layer.parameters().items():
        setattr(layer, name, rng.uniform(-0.8, 0.8, parameter.shape))
    return layer.astype(dtype)


def problem(rng):
    return rng.standard_normal((BATCH, TIME, INPUTS)), rng.standard_normal((BATCH, TIME, OUTPUTS))


def passes(layer, inputs, errors):
    output = layer.forward(inputs)
    return output, layer.backward(errors), layer.gradient_weights, layer.gradient_output_weights


@recurrent
@pytest.mark.parametrize("padding", [0.0, np.nan, np.inf])
def test_padding_is_neither_read_nor_written(kind, padding, rng):
    layer, (inputs, errors) = recurrent_layer(kind, rng), problem(rng)
    for number, length in enumerate(LENGTHS):
        inputs[number, length:] = errors[number, length:] = padding
    layer.lengths = LENGTHS
    output, input_error, *gradients = passes(layer, inputs, errors)
    hidden = layer.hidden_state
    sums = [np.zeros_like(gradient) for gradient in gradients]
    for number, length in enumerate(LENGTHS):
        np.testing.assert_array_equal(output[number, length:], 0)
        np.testing.assert_array_equal(input_error[number, length:], 0)
        if not length:
            np.testing.assert_array_equal(hidden[number], 0)
            continue
        alone = passes(layer, inputs[number, :length], errors[number, :length])
        np.testing.assert_allclose(output[number, :length], alone[0], rtol=1e-12)
        np.testing.assert_allclose(input_error[number, :length], alone[1], rtol=1e-10, atol=1e-15)
        np.testing.assert_allclose(hidden[number], layer.hidden_state, rtol=1e-12)
        sums = [total + gradient for total, gradient in zip(sums, alone[2:], strict=True)]
    for gradient, total in zip(gradients, sums, strict=True):
        np.testing.assert_allclose(gradient, total, rtol=1e-10, atol=1e-14)


@recurrent
def test_gradients_with_a_state_from_before_are_the_numerical_derivatives(kind, rng):
    """Truncated back-propagation: the state is a constant, although the weights have made it."""
    layer, (inputs, errors) = recurrent_layer(kind, rng), problem(rng)
    layer.memorize = True
    layer.forward(inputs)
    state = {name: getattr(layer, name) for name in layer.state_names}

    def loss():
        for name, value in state.items():
            setattr(layer, name, value)
        return np.sum(errors * layer.forward(inputs))

    loss()
    layer.backward(errors)
    for gradient, values in (
        (layer.gradient_weights, layer.weights),
        (layer.gradient_output_weights, layer.output_weights),
    ):
        np.testing.assert_allclose(gradient, numerical_derivative(loss, values), rtol=1e-6, atol=1e-8)


@recurrent
def test_memorize_carries_the_state_of_every_sequence(kind, rng):
    layer, (inputs, _) = recurrent_layer(kind, rng), problem(rng)
    whole = layer.forward(inputs)
    np.testing.assert_array_equal(layer.forward(inputs), whole)
    layer.memorize = True
    layer.reset_state()
    parts = [layer.forward(inputs[:, :2]), layer.forward(inputs[:, 2:3]), layer.forward(inputs[:, 3:])]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, rtol=1e-12)
    assert not np.allclose(layer.forward(inputs), whole)
    layer.reset_state()
    np.testing.assert_allclose(layer.forward(inputs), whole, rtol=1e-12)


@recurrent
def test_a_state_can_be_set(kind, rng):
    layer, (inputs, _) = recurrent_layer(kind, rng), problem(rng)
    state = rng.standard_normal((2, HIDDEN))
    layer.memorize = True
    layer.hidden_state = state[0].tolist()
    if kind is LSTM:
        layer.cell_state = state[1]
    expected, _ = loop(layer, inputs[0], state)
    np.testing.assert_allclose(layer.forward(inputs[0]), expected, rtol=1e-12)


@recurrent
def test_what_does_not_fit_a_recurrent_layer_is_refused(kind, rng):
    layer, (inputs, errors) = recurrent_layer(kind, rng), problem(rng)
    layer.memorize = True
    layer.forward(inputs)
    with pytest.raises(ValueError, match=r"expected hidden_state \(3, 4\), got \(5, 4\): .*reset_state"):
        layer.forward(inputs[:3])
    layer.reset_state()
    layer.forward(inputs[:3])
    for lengths in ([1, 2], [1, 2, 8], [-1, 2, 3], [[1, 2, 3]]):
        layer.lengths = lengths
        with pytest.raises(ValueError, match="expected lengths of 3 sequences, from 0 to 7 steps"):
            layer.forward(inputs[:3])
    layer.lengths = [1.0, 2.0, 3.0]
    with pytest.raises(TypeError, match="expected lengths to be whole numbers"):
        layer.forward(inputs[:3])
    layer.lengths = [7, 5, 3]
    inputs[1, 4, 2] = np.nan
    with pytest.raises(ValueError, match=r"expected input of finite numbers, got nan at \(1, 4, 2\)"):
        layer.forward(inputs[:3])
    inputs[1, 4, 2] = 0
    layer.forward(inputs[:3])
    errors[2, 2, 1] = np.inf
    with pytest.raises(ValueError, match=r"expected error tensor of finite numbers, got inf at \(2, 2, 1\)"):
        layer.backward(errors[:3])


@recurrent
def test_sequences_of_no_steps_at_all(kind, rng):
    layer, (inputs, errors) = recurrent_layer(kind, rng), problem(rng)
    layer.lengths = [0] * BATCH
    for result in (*passes(layer, inputs, errors), layer.hidden_state):
        np.testing.assert_array_equal(result, 0)


@recurrent
def test_float32_stays_float32_and_accurate(kind, rng):
    exact, (inputs, errors) = recurrent_layer(kind, rng), problem(rng)
    single = kind(INPUTS, HIDDEN, OUTPUTS)
    single.weights, single.output_weights = exact.weights, exact.output_weights
    single.astype("float32")
    single.lengths = exact.lengths = LENGTHS
    for ours, theirs in zip(passes(single, inputs, errors), passes(exact, inputs, errors), strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    assert {getattr(single, name).dtype.name for name in single.state_names} == {"float32"}


@recurrent
def test_large_layers_compute_the_same_for_one_sequence_and_for_many(kind, rng):
    """So many rows that the way back takes them in blocks, and the matrix library a step's product on all cores."""
    layer = kind(20, 120, 3)
    for name, parameter in layer.parameters().items():
        setattr(layer, name, rng.uniform(-0.1, 0.1, parameter.shape))
    inputs, errors = rng.standard_normal((40, 16, 20)), rng.standard_normal((40, 16, 3))
    layer.lengths = lengths = rng.integers(1, 17, 40)
    output, input_error, *_ = passes(layer, inputs, errors)
    length = lengths[-1]
    alone = passes(layer, inputs[-1, :length], errors[-1, :length])
    np.testing.assert_allclose(output[-1, :length], alone[0], rtol=1e-10)
    np.testing.assert_allclose(input_error[-1, :length], alone[1], rtol=1e-10, atol=1e-14)


class Recorder(Initializer):
    """Remembers what it was asked for."""

    def __init__(self):
        self.calls = []

    def initialize(self, weights_shape, fan_in, fan_out):
        self.calls.append((weights_shape, fan_in, fan_out))
        return np.full(weights_shape, float(len(self.calls)))


@pytest.mark.parametrize(("kind", "columns"), [(RNN, HIDDEN), (LSTM, 4 * HIDDEN)])
def test_initialize_draws_each_matrix_at_once(kind, columns):
    weights, bias, layer = Recorder(), Recorder(), kind(INPUTS, HIDDEN, OUTPUTS)
    layer.initialize(weights, bias)
    rows = INPUTS + HIDDEN
    assert weights.calls == [((rows, columns), rows, columns), ((HIDDEN, OUTPUTS), HIDDEN, OUTPUTS)]
    assert bias.calls == [((1, columns), rows, columns), ((1, OUTPUTS), HIDDEN, OUTPUTS)]
    np.testing.assert_array_equal(
        layer.output_weights, np.repeat([2, 2], [HIDDEN, 1])[:, np.newaxis] * np.ones(OUTPUTS)
    )


# -- what only a memory can do


def first_bit_after(gap, rng, batch):
    """Sequences of random bits, and at their end the first of them asked for."""
    bits = rng.integers(0, 2, (batch, gap + 1, 1))
    asked = np.zeros_like(bits)
    asked[:, -1] = 1
    return np.concatenate([2.0 * bits - 1, asked], axis=2), bits[:, 0, 0]


def accuracy_at_copying(layer, gap, memory):
    """Train on the squared error of the last step, shown `memory` steps at a time; then count right answers."""
    rng = np.random.default_rng(5)
    layer.initialize(Xavier(rng=3), Constant(0))
    if isinstance(layer, LSTM):
        layer.weights[-1, : layer.hidden_size] = 1  # at first forget little: F. Gers et al.
    layer.optimizer = Adam(0.02)
    for _ in range(400):
        inputs, bits = first_bit_after(gap, rng, 32)
        output = layer.forward(inputs[:, -memory:])
        error = np.zeros_like(output)
        error[:, -1, 0] = output[:, -1, 0] - bits
        layer.backward(error)
    inputs, bits = first_bit_after(gap, rng, 500)
    return np.mean((layer.forward(inputs[:, -memory:])[:, -1, 0] > 0.5) == bits)


def test_an_lstm_copies_over_a_gap_and_an_rnn_with_too_short_a_memory_does_not():
    gap = 14
    assert accuracy_at_copying(LSTM(2, 8, 1), gap, memory=gap + 1) > 0.99
    assert accuracy_at_copying(RNN(2, 8, 1), gap, memory=gap) < 0.6


def test_a_recurrent_layer_stands_in_a_chain(rng):
    """Sequences through a recurrent layer and a fully connected one behind it, sequence by sequence."""
    layer, head = recurrent_layer(RNN, rng), FullyConnected(OUTPUTS, 3)
    inputs = rng.standard_normal((TIME, INPUTS))
    head.forward(layer.forward(inputs))
    assert layer.backward(head.backward(np.ones((TIME, 3)))).shape == inputs.shape


# -- PyTorch


if importlib.util.find_spec("torch"):
    import torch

    def torch_twin(layer):
        """The same recurrent network in PyTorch, whose gates stand in the order input, forget, candidate, output."""
        order = [0] if isinstance(layer, RNN) else [1, 0, 2, 3]
        stacked = np.concatenate([np.split(layer.weights, len(order), axis=1)[gate] for gate in order], axis=1)
        twin = getattr(torch.nn, type(layer).__name__)(INPUTS, HIDDEN, batch_first=True, dtype=torch.float64)
        with torch.no_grad():
            twin.weight_ih_l0.copy_(torch.from_numpy(stacked[:INPUTS].T))
            twin.weight_hh_l0.copy_(torch.from_numpy(stacked[INPUTS:-1].T))
            twin.bias_ih_l0.copy_(torch.from_numpy(stacked[-1]))
            twin.bias_hh_l0.zero_()
        return twin, order

    def torch_gradient(twin, order):
        """The gradient of PyTorch's hidden weights in our layout."""
        stacked = np.concatenate(
            [
                twin.weight_ih_l0.grad.numpy().T,
                twin.weight_hh_l0.grad.numpy().T,
                twin.bias_ih_l0.grad.numpy()[np.newaxis],
            ]
        )
        return np.concatenate(
            [np.split(stacked, len(order), axis=1)[order.index(gate)] for gate in range(len(order))], 1
        )

    @recurrent
    @pytest.mark.parametrize("lengths", [None, [3, 1, 7, 5, 7]])
    def test_recurrent_layers_agree_with_pytorch(kind, lengths, rng):
        layer, (inputs, errors) = recurrent_layer(kind, rng), problem(rng)
        layer.lengths = lengths
        state = rng.standard_normal((2, BATCH, HIDDEN))
        layer.memorize, layer.hidden_state = True, state[0]
        first = torch.from_numpy(state[:1])
        if kind is LSTM:
            layer.cell_state = state[1]
            first = first, torch.from_numpy(state[1:])
        twin, order = torch_twin(layer)
        batch = torch.tensor(inputs, requires_grad=True)
        head = torch.tensor(layer.output_weights, requires_grad=True)
        sequences = batch
        if lengths:
            sequences = torch.nn.utils.rnn.pack_padded_sequence(batch, lengths, batch_first=True, enforce_sorted=False)
        hidden, last = twin(sequences, first)
        if lengths:
            hidden, _ = torch.nn.utils.rnn.pad_packed_sequence(hidden, batch_first=True)
        mask = torch.tensor(np.arange(TIME)[:, np.newaxis] < np.reshape(lengths or [TIME] * BATCH, (-1, 1, 1)))
        theirs = torch.sigmoid(hidden @ head[:-1] + head[-1]) * mask
        theirs.backward(torch.from_numpy(errors))

        output, input_error, gradient, gradient_output = passes(layer, inputs, errors)
        last = last if isinstance(last, tuple) else (last,)
        pairs = [(output, theirs.detach()), (input_error, batch.grad), (gradient_output, head.grad)]
        pairs += [(getattr(layer, name), part[0].detach()) for name, part in zip(layer.state_names, last, strict=True)]
        for ours, expected in pairs:
            np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(gradient, torch_gradient(twin, order), rtol=1e-9, atol=1e-12)
