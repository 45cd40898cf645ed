"""Sequences of different lengths through a network: lengths come with their batch, and padding counts nowhere."""

import numpy as np
import pytest

from Generator.arrays import ArrayData
from Layers.Embedding import Embedding
from Layers.FullyConnected import FullyConnected
from Layers.GRU import GRU
from Layers.Initializers import Constant, UniformRandom
from Layers.LastStep import LastStep
from Layers.LSTM import LSTM
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss, Huber, MeanAbsoluteError, MeanSquaredError, QuantileLoss
from Optimization.Optimizers import Adam, Sgd
from Training.trainer import Trainer

LENGTHS, TIME, FEATURES, CLASSES = [2, 5, 1, 4], 5, 3, 3


@pytest.fixture
def rng():
    return np.random.default_rng(8)


def network(*behind, loss=CrossEntropyLoss):
    net = NeuralNetwork(Adam(0.05), UniformRandom(rng=1), Constant(0.1))
    net.append_layer(GRU(FEATURES, 4))
    net.append_layer(LSTM(4, 4))
    for layer in behind:
        net.append_layer(layer)
    net.loss_layer = loss()
    return net


def of_each_step():
    return network(FullyConnected(4, CLASSES), SoftMax())


def of_the_whole():
    return network(LastStep(), FullyConnected(4, CLASSES), SoftMax())


both = pytest.mark.parametrize("make", [of_each_step, of_the_whole])


def batch(rng, make):
    """One by hand, whose padding holds what would be seen if anybody looked at it."""
    inputs = rng.standard_normal((len(LENGTHS), TIME, FEATURES))
    shape = inputs.shape[:2] if make is of_each_step else inputs.shape[:1]
    labels = np.eye(CLASSES)[rng.integers(0, CLASSES, shape)]
    for number, length in enumerate(LENGTHS):
        inputs[number, length:] = 1e3
    return inputs, labels


def one_by_one(net, inputs, labels, weights=None):
    """Loss and gradients of each sequence alone, without its padding, added up."""
    loss, sums = 0.0, {}
    for number, length in enumerate(LENGTHS):
        label = labels[number : number + 1]
        alone = inputs[number : number + 1, :length], label[:, :length] if labels.ndim == 3 else label
        weight = None if weights is None else weights[number : number + 1]
        loss += net.forward(batch=(*alone, weight))
        net.backward(step=False)
        for place, (_, name, array) in enumerate(net.gradients()):
            sums[place, name] = sums.get((place, name), 0) + array
    return loss, list(sums.values())


@both
@pytest.mark.parametrize("weights", [None, np.array([1.0, 0.5, 0.0, 2.0])])
def test_a_padded_batch_costs_what_its_sequences_cost_alone(make, weights, rng):
    net, (inputs, labels) = make(), batch(rng, make)
    loss = net.forward(batch=(inputs, labels, weights, LENGTHS))
    net.backward(step=False)
    found = [gradient.array for gradient in net.gradients()]
    expected_loss, expected = one_by_one(make(), inputs, labels, weights)
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("loss", [MeanSquaredError, MeanAbsoluteError, Huber, lambda: QuantileLoss([0.1, 0.5, 0.9])])
def test_a_mean_over_outputs_leaves_padding_out_whatever_a_batch_is_padded_to(loss, rng):
    """What `evaluate` and a history show: each step is a sample, of whose outputs the mean is."""
    net = network(FullyConnected(4, CLASSES), loss=loss)
    inputs, _ = batch(rng, of_each_step)
    labels = rng.standard_normal((len(LENGTHS), TIME, CLASSES))
    outputs = net.test(inputs, lengths=LENGTHS)
    shown = np.arange(TIME) < np.reshape(LENGTHS, (-1, 1))
    expected = loss().forward(outputs[shown], labels[shown]) / shown.sum()
    sequences = [array[:length] for array, length in zip(inputs, LENGTHS, strict=True)]
    targets = [array[:length] for array, length in zip(labels, LENGTHS, strict=True)]
    for batch_size in (1, 2, len(LENGTHS)):
        found = net.evaluate(sequences, targets, batch_size=batch_size)["loss"]
        assert found == pytest.approx(expected, rel=1e-9)
    net.optimizer = Sgd(0)
    history = net.fit(sequences, targets, batch_size=2)
    assert history["loss"] == pytest.approx([expected], rel=1e-9)


def test_weights_of_each_step_count_beside_lengths(rng):
    net, (inputs, labels) = of_each_step(), batch(rng, of_each_step)
    weights = rng.uniform(0, 1, labels.shape[:2])
    shown = weights * (np.arange(TIME) < np.reshape(LENGTHS, (-1, 1)))
    assert net.forward(batch=(inputs, labels, weights, LENGTHS)) == net.forward(batch=(inputs, labels, shown, LENGTHS))


@both
def test_lengths_are_those_of_their_batch_and_no_other(make, rng):
    net, (inputs, labels) = make(), batch(rng, make)
    inputs = np.clip(inputs, -3, 3)
    without = net.test(inputs)
    shown = net.test(inputs, lengths=LENGTHS)
    assert not np.allclose(shown[0], without[0])
    np.testing.assert_array_equal(shown, net.predict(inputs, lengths=LENGTHS))
    net.forward(batch=(inputs, labels, None, LENGTHS))
    np.testing.assert_array_equal(net.test(inputs), without)
    with pytest.raises(ValueError, match=r"layer 1 of .*expected lengths of 4 sequences, from 0 to 5 steps"):
        net.test(inputs, lengths=[9, 9, 9, 9])
    np.testing.assert_array_equal(net.test(inputs), without)


def test_a_network_without_recurrent_layers_takes_lengths_where_its_last_step_does(rng):
    net = NeuralNetwork(None, UniformRandom(rng=1), Constant(0.1))
    net.append_layer(FullyConnected(FEATURES, 2))
    with pytest.raises(ValueError, match="expected a layer that takes lengths of sequences"):
        net.test(np.zeros((4, TIME, FEATURES)), lengths=LENGTHS)
    net.append_layer(LastStep())
    inputs, _ = batch(rng, of_the_whole)
    assert np.all(np.abs(net.test(inputs, lengths=LENGTHS)) < 100)  # the padding holds a thousand


@both
def test_means_over_the_batch_leave_padding_out(make, rng):
    """Loss and accuracy of a trainer and of `evaluate`, for batches that give lengths and no weights."""
    net, (inputs, labels) = make(), batch(rng, make)

    class Data:
        number_of_batches = 1

        def next(self):
            return inputs, labels, None, LENGTHS

        def batches(self):
            yield self.next()

    found = net.evaluate(Data(), metrics=["accuracy"])
    outputs = net.test(inputs, lengths=LENGTHS)
    shown = np.arange(TIME) < np.reshape(LENGTHS, (-1, 1)) if make is of_each_step else np.full(len(LENGTHS), True)
    right = outputs.argmax(axis=-1) == labels.argmax(axis=-1)
    losses = -np.log((outputs * labels).sum(axis=-1))
    assert found["accuracy"] == pytest.approx(right[shown].mean(), rel=1e-12)
    assert found["loss"] == pytest.approx(losses[shown].mean(), rel=1e-9)
    history = Trainer(net, Data(), metrics=["accuracy"]).fit(1)
    assert history["loss"][0] == pytest.approx(found["loss"], rel=1e-9)
    assert history["accuracy"][0] == pytest.approx(found["accuracy"], rel=1e-12)


def test_a_loss_that_can_t_leave_padding_out_is_named(rng):
    class SquaredError:
        def forward(self, prediction_tensor, label_tensor):
            return 0.0

        def backward(self, label_tensor):
            return label_tensor

    net, (inputs, labels) = network(FullyConnected(4, CLASSES), loss=SquaredError), batch(rng, of_each_step)
    with pytest.raises(TypeError, match=r"gives sample weights or lengths, and SquaredError\.forward takes none"):
        net.forward(batch=(inputs, labels, None, LENGTHS))


def test_what_is_right_for_images_is_still_said_of_them_and_sequences_are_told_their_features():
    for shape, words in (
        ((2, 3, 4, 4), r"expected input \(batch, 48\), got \(2, 3, 4, 4\); put a Flatten before it\?"),
        ((2, 3, 16), r"expected input \(batch, 48\), got \(2, 3, 16\); put a Flatten before it\?"),
        ((2, 5, 7), r"expected input \(batch, time, 48\), got \(2, 5, 7\)$"),
    ):
        with pytest.raises(ValueError, match=words):
            FullyConnected(48, 2).forward(np.zeros(shape))


def test_words_of_different_lengths_learn_the_next_letter(rng):
    """Whole numbers in, classes of each step out: no one-hot rows, no flattening, no mask by hand."""
    words = ["abab", "ba", "bab", "ababab", "bababa"]
    codes = [np.array([1 + (letter == "b") for letter in word]) for word in words]
    data = ArrayData([code[:-1] for code in codes], [code[1:] for code in codes], rng=0, targets="classes", classes=3)
    net = NeuralNetwork(Adam(0.05), UniformRandom(rng=1), Constant(0))
    for layer in (Embedding(3, 4, padding=0), GRU(4, 8), FullyConnected(8, 3), SoftMax()):
        net.append_layer(layer)
    net.loss_layer = CrossEntropyLoss()
    history = net.fit(data, epochs=60)
    assert history["accuracy"][-1] == 1
    assert [answer.argmax(axis=-1).tolist() for answer in net.predict([[1, 2, 1], [2]])] == [[2, 1, 2], [1]]


def test_a_stack_forecasts_numbers_beyond_those_of_a_sigmoid(rng):
    wave = 5 + 10 * np.sin(np.arange(200) / 5)
    windows = np.lib.stride_tricks.sliding_window_view(wave, 12)[:, :, np.newaxis]
    net = NeuralNetwork(Adam(0.02), UniformRandom(rng=1), Constant(0), clip_norm=5)
    for layer in (GRU(1, 8), LSTM(8, 8, 1, output="linear")):
        net.append_layer(layer)
        layer.weights = layer.weights - 0.5
    net.loss_layer = MeanSquaredError()
    history = net.fit((windows[:, :-1] - 5) / 10, windows[:, 1:] / 5, epochs=30, rng=0)
    assert history["loss"][-1] < 0.02 * np.var(wave / 5)
