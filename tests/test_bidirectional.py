"""Sequences read from both ends: what each step knows, and what PyTorch makes of the same weights."""

import numpy as np
import pytest

from Layers.Bidirectional import Bidirectional
from Layers.FullyConnected import FullyConnected
from Layers.GRU import GRU
from Layers.LastStep import LastStep
from Layers.LSTM import LSTM
from Layers.RNN import RNN
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam

LENGTHS = [3, 1, 7, 5, 7]
BATCH, TIME, INPUTS, HIDDEN = 5, 7, 3, 4
kinds = pytest.mark.parametrize("kind", [RNN, LSTM, GRU])


@pytest.fixture
def rng():
    return np.random.default_rng(31)


def drawn(layer, rng):
    for inner in layer.inner_layers:
        inner.weights = rng.uniform(-0.8, 0.8, inner.weights.shape)
    return layer


@kinds
def test_each_sequence_is_read_from_its_own_end(kind, rng):
    layer = drawn(Bidirectional(kind(INPUTS, HIDDEN)), rng)
    inputs, errors = rng.standard_normal((BATCH, TIME, INPUTS)), rng.standard_normal((BATCH, TIME, 2 * HIDDEN))
    layer.lengths = LENGTHS
    output, input_error = layer.forward(inputs), layer.backward(errors)
    assert layer.lengths is None
    for number, length in enumerate(LENGTHS):
        sequence, error = inputs[number, :length], errors[number, :length]
        one = layer.layer.forward(sequence), layer.layer.backward(error[:, :HIDDEN])
        other = layer.reverse.forward(sequence[::-1]), layer.reverse.backward(error[::-1, HIDDEN:])
        np.testing.assert_allclose(output[number, :length], np.hstack([one[0], other[0][::-1]]), rtol=1e-10)
        np.testing.assert_allclose(input_error[number, :length], one[1] + other[1][::-1], rtol=1e-9, atol=1e-13)
        np.testing.assert_array_equal(output[number, length:], 0)
        np.testing.assert_array_equal(input_error[number, length:], 0)


@kinds
def test_the_other_one_is_a_layer_like_the_first_with_weights_of_its_own(kind):
    layer = Bidirectional(kind(INPUTS, HIDDEN))
    assert repr(layer.reverse) == repr(layer.layer)
    assert not np.array_equal(layer.reverse.weights, layer.layer.weights)


def test_a_layer_that_carries_its_state_on_is_refused(rng):
    layer = Bidirectional(GRU(INPUTS, HIDDEN))
    layer.reverse.memorize = True
    with pytest.raises(ValueError, match=r"^Bidirectional\(.*expected layers with memorize = False"):
        layer.forward(np.zeros((2, 3, INPUTS)))


def test_both_ways_train_in_a_network(rng):
    """Whether the number before the last is above the second, which neither end knows alone."""
    inputs = rng.uniform(-1, 1, (200, TIME, 1))
    labels = (inputs[:, -2, 0] > inputs[:, 1, 0]).astype(int)
    net = NeuralNetwork(Adam(0.03))
    layers = drawn(Bidirectional(GRU(1, 8)), rng), LastStep(), FullyConnected(16, 2), SoftMax()
    for layer in layers:
        net.append_layer(layer)
    net.loss_layer = CrossEntropyLoss()
    assert net.fit(inputs, labels, epochs=30, rng=0)["accuracy"][-1] > 0.9


class TestAgainstPyTorch:
    """Two layers of 50 steps, batch 32, with lengths: output, loss and all gradients."""

    def twin(self, torch, layers):
        first = layers[0].layer
        twin = torch.nn.GRU(
            first.input_size, first.hidden_size, 2, batch_first=True, bidirectional=True, dtype=torch.float64
        )
        with torch.no_grad():
            for name, value in self.named(layers, "weights"):
                getattr(twin, name).copy_(torch.from_numpy(value))
        return twin

    def named(self, layers, attribute):
        """Our arrays by the names of PyTorch's."""
        for number, both in enumerate(layers):
            for end, layer in zip(("", "_reverse"), both.inner_layers, strict=True):
                array = np.asarray(getattr(layer, attribute))
                yield f"weight_ih_l{number}{end}", array[: layer.input_size].T
                yield f"weight_hh_l{number}{end}", array[layer.input_size : -2].T
                yield f"bias_hh_l{number}{end}", array[-2]
                yield f"bias_ih_l{number}{end}", array[-1]

    @pytest.mark.parametrize("with_lengths", [False, True])
    def test_a_stack_of_two(self, with_lengths, rng):
        torch = pytest.importorskip("torch")
        batch, time, inputs, hidden, classes = 32, 50, 8, 12, 5
        layers = [drawn(Bidirectional(GRU(inputs, hidden)), rng), drawn(Bidirectional(GRU(2 * hidden, hidden)), rng)]
        head = FullyConnected(2 * hidden, classes)
        net = NeuralNetwork()
        for layer in (*layers, head, SoftMax()):
            net.append_layer(layer)
        net.loss_layer = CrossEntropyLoss()
        lengths = rng.integers(1, time + 1, batch)
        lengths[3] = time
        numbers = rng.standard_normal((batch, time, inputs))
        labels = rng.integers(0, classes, (batch, time))

        twin, tensor = self.twin(torch, layers), torch.tensor(numbers, requires_grad=True)
        weights = torch.tensor(head.weights, requires_grad=True)
        pad = torch.nn.utils.rnn
        sequences = pad.pack_padded_sequence(tensor, lengths, batch_first=True, enforce_sorted=False)
        hidden_states = pad.pad_packed_sequence(twin(sequences)[0], True)[0] if with_lengths else twin(tensor)[0]
        scores = hidden_states @ weights[:-1] + weights[-1]
        shown = torch.tensor(np.arange(time) < (lengths[:, np.newaxis] if with_lengths else time)).expand(batch, time)
        expected = torch.nn.functional.cross_entropy(scores[shown], torch.tensor(labels)[shown], reduction="sum")
        expected.backward()

        loss = net.forward(batch=(numbers, np.eye(classes)[labels], None, lengths if with_lengths else None))
        net.layers[0].needs_input_error = True
        assert loss == pytest.approx(expected.item(), rel=1e-9)
        error = net.loss_layer.backward(np.eye(classes)[labels])
        for layer in reversed(net.layers):
            error = layer.backward(error)
        pairs = [
            (net.prediction_tensor[shown.numpy()], scores.softmax(-1).detach()[shown]),
            (error, tensor.grad),
            (head.gradient_weights, weights.grad),
            *((array, getattr(twin, name).grad) for name, array in self.named(layers, "gradient_weights")),
        ]
        assert len(pairs) == 3 + 16
        for ours, theirs in pairs:
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-9, atol=1e-9)
