"""The feed-forward part against independent implementations: scikit-learn, SciPy, and PyTorch where it is installed."""

import copy
import importlib.util
import warnings
from itertools import pairwise

import numpy as np
import pytest
import scipy.special
import scipy.stats

from Foundation import Pieces
from Layers.FullyConnected import FullyConnected
from Layers.Helpers import gradient_check_weights
from Layers.Initializers import He, Xavier
from Layers.ReLU import ReLU
from Layers.SoftMax import SoftMax
from Optimization.Loss import CrossEntropyLoss

SIZES = (7, 6, 5, 4)
BATCH = 9


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def chain(weights: list[np.ndarray]) -> list:
    layers: list = []
    for matrix in weights:
        fully_connected = FullyConnected(matrix.shape[0] - 1, matrix.shape[1])
        fully_connected.weights = matrix
        layers += [fully_connected, ReLU()]
    return [*layers[:-1], SoftMax()]


def loss_and_gradients(weights, inputs, labels):
    layers, loss_layer = chain(weights), CrossEntropyLoss()
    tensor = inputs
    for layer in layers:
        tensor = layer.forward(tensor)
    loss = loss_layer.forward(tensor, labels)
    error = loss_layer.backward(labels)
    for layer in reversed(layers):
        error = layer.backward(error)
    return loss, [layer.gradient_weights for layer in layers if layer.trainable], error


def random_problem(rng):
    weights = [rng.standard_normal((a + 1, b)) for a, b in pairwise(SIZES)]
    inputs = rng.standard_normal((BATCH, SIZES[0]))
    return weights, inputs, rng.integers(0, SIZES[-1], BATCH)


def test_a_network_has_the_loss_and_gradients_of_scikit_learn(rng):
    from sklearn.neural_network import MLPClassifier

    weights, inputs, classes = random_problem(rng)
    classes[: SIZES[-1]] = np.arange(SIZES[-1])  # scikit-learn sizes its output by the classes it has seen
    labels = np.eye(SIZES[-1])[classes]
    loss, gradients, _ = loss_and_gradients(weights, inputs, labels)

    # One step of plain gradient descent from our weights tells scikit-learn's gradient: the mean over the batch.
    network = MLPClassifier(
        SIZES[1:-1], solver="sgd", alpha=0, learning_rate_init=1e-3, momentum=0, batch_size=BATCH, max_iter=1
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that one step does not converge
        network.partial_fit(inputs, classes, classes=np.arange(SIZES[-1]))
        network.coefs_ = [matrix[:-1].copy() for matrix in weights]
        network.intercepts_ = [matrix[-1].copy() for matrix in weights]
        network._optimizer.params = network.coefs_ + network.intercepts_
        network.partial_fit(inputs, classes)
    assert loss / BATCH == pytest.approx(network.loss_, rel=1e-9)
    for matrix, gradient, kernel, bias in zip(weights, gradients, network.coefs_, network.intercepts_, strict=True):
        theirs = (matrix - np.vstack([kernel, bias])) / 1e-3 * BATCH
        np.testing.assert_allclose(gradient, theirs, rtol=1e-7, atol=1e-9)


if importlib.util.find_spec("torch"):

    def test_a_network_has_the_loss_and_gradients_of_pytorch(rng):
        import torch

        weights, inputs, classes = random_problem(rng)
        loss, gradients, input_error = loss_and_gradients(weights, inputs, np.eye(SIZES[-1])[classes])
        parameters = [torch.tensor(matrix, requires_grad=True) for matrix in weights]
        batch = torch.tensor(inputs, requires_grad=True)
        tensor = batch
        for index, matrix in enumerate(parameters):
            tensor = tensor @ matrix[:-1] + matrix[-1]
            tensor = torch.relu(tensor) if index < len(parameters) - 1 else tensor
        theirs = torch.nn.functional.cross_entropy(tensor, torch.tensor(classes), reduction="sum")
        theirs.backward()
        assert loss == pytest.approx(theirs.item(), rel=1e-10)
        np.testing.assert_allclose(input_error, batch.grad.numpy(), rtol=1e-9, atol=1e-12)
        for gradient, parameter in zip(gradients, parameters, strict=True):
            np.testing.assert_allclose(gradient, parameter.grad.numpy(), rtol=1e-9, atol=1e-12)


def test_large_arrays_lie_row_by_row_behind_a_fully_connected_layer(rng, monkeypatch):
    monkeypatch.setattr(Pieces, "LARGE", 16)
    (weights, *_), inputs, _ = random_problem(rng)
    layer, errors = FullyConnected(*SIZES[:2]), rng.standard_normal((BATCH, SIZES[1]))
    layer.weights = weights.copy()
    output, input_error = layer.forward(inputs), layer.backward(errors)
    np.testing.assert_allclose(output, inputs @ weights[:-1] + weights[-1], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(input_error, errors @ weights[:-1].T, rtol=1e-12, atol=1e-12)
    assert output.flags.c_contiguous and input_error.flags.c_contiguous


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("gap", [1, 50, 100, 1000, 10_000])
def test_softmax_and_cross_entropy_give_prediction_minus_label_however_small_the_prediction(dtype, gap):
    scores = np.array([[0, gap, 0.5 * gap], [gap, 0, 0], [-gap, gap, 0]], dtype=dtype)
    labels = np.eye(3, dtype=dtype)[[0, 1, 2]]
    soft_max, loss = SoftMax(), CrossEntropyLoss()
    prediction = soft_max.forward(scores)
    loss.forward(prediction, labels)
    error = soft_max.backward(loss.backward(labels))
    assert error.dtype == dtype
    expected = scipy.special.softmax(scores.astype(float), axis=1) - labels
    np.testing.assert_allclose(error, expected, rtol=1e-6, atol=1e-7)
    underflowed = prediction[labels == 1] == np.finfo(dtype).tiny
    np.testing.assert_array_equal(error[labels == 1][underflowed], -1)


def test_soft_labels_have_the_same_gradient(rng):
    scores, labels = rng.standard_normal((5, 4)), rng.dirichlet(np.ones(4), 5)
    soft_max, loss = SoftMax(), CrossEntropyLoss()
    prediction = soft_max.forward(scores)
    value = loss.forward(prediction, labels)
    assert value == pytest.approx(-np.sum(labels * scipy.special.log_softmax(scores, axis=1)), rel=1e-12)
    np.testing.assert_allclose(soft_max.backward(loss.backward(labels)), prediction - labels, rtol=1e-12, atol=1e-14)


def test_the_loss_of_a_class_without_probability_is_bounded():
    assert CrossEntropyLoss().forward([[1.0, 0.0]], [[0, 1]]) == pytest.approx(-np.log(np.finfo(float).eps))


@pytest.mark.parametrize(("initializer", "variance"), [(He(rng=5), 2 / 300), (Xavier(rng=5), 2 / (300 + 200))], ids=str)
def test_initializers_are_normal_with_the_variance_of_the_paper(initializer, variance):
    values = initializer.initialize((300, 200), 300, 200)
    statistic = scipy.stats.kstest(values.ravel() / np.sqrt(variance), "norm")
    assert statistic.pvalue > 1e-3


def test_a_copied_loss_keeps_what_a_derived_class_has_added():
    class Weighted(CrossEntropyLoss):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def forward(self, prediction_tensor, label_tensor):
            return self.factor * super().forward(prediction_tensor, label_tensor)

    loss = Weighted(2.0)
    once = loss.forward([[0.5, 0.5]], [[1, 0]])
    assert copy.deepcopy(loss).forward([[0.5, 0.5]], [[1, 0]]) == once


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_check_of_gradients_leaves_the_weights_as_they_were(dtype):
    layer = FullyConnected(2, 2).astype(dtype)
    weights = layer.weights
    gradient_check_weights([layer, SoftMax(), CrossEntropyLoss()], np.ones((1, 2)), np.array([[1.0, 0.0]]), False)
    assert layer.weights is weights


def test_the_output_of_relu_may_be_changed_before_backward(rng):
    layer, errors = ReLU(), rng.standard_normal((BATCH, 5))
    inputs = rng.standard_normal((BATCH, 5))
    layer.forward(inputs)[...] = 1  # as a script that adds noise or writes zeros into it does
    np.testing.assert_array_equal(layer.backward(errors), np.where(inputs > 0, errors, 0))
