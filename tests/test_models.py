"""Models are built as their papers have them: numbers of parameters, and the ResNet next to PyTorch's functions."""

import numpy as np
import pytest

from Layers.Residual import Residual
from Models import Autoencoder, LeNet5, ResNet
from NeuralNetwork import NeuralNetwork
from Optimization.Optimizers import Sgd
from tests.layer_cases import gradients, parameters
from tests.oracles.make_trainings import layer_of
from tests.strangers import Fixed


def parameter_count(net: NeuralNetwork) -> int:
    return sum(array.size for layer in net.layers for array in parameters(layer).values())


def test_lenet5_has_the_parameters_of_the_paper_s_layers():
    of_each = [156, 6 * 25 * 16 + 16, 48120, 10164, 850]  # of C1; C3, which sees all channels here; C5, F6, the end
    assert parameter_count(LeNet5.build(rng=0)) == sum(of_each) == 61706


@pytest.mark.parametrize(("depth", "millions"), [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85)])
def test_a_resnet_has_as_many_parameters_as_the_paper_says(depth, millions):
    net = ResNet.build(depth=depth, rng=0)
    shortcuts = sum(parameter_count_of(layer.shortcut) for layer in net.layers if isinstance(layer, Residual))
    assert round((parameter_count(net) - shortcuts) / 1e6, 2) == millions
    assert len(net.gradients()) == 0 and depth == 2 + 2 * sum(isinstance(layer, Residual) for layer in net.layers)


def parameter_count_of(layer) -> int:
    return 0 if layer is None else sum(array.size for array in parameters(layer).values())


def test_loss_and_all_gradients_of_a_resnet_are_those_of_pytorch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    net = ResNet.build(depth=8, rng=0)
    net.optimizer = Sgd(1e-3)
    images, labels = rng.standard_normal((64, 3, 32, 32)), np.eye(10)[rng.integers(0, 10, 64)]
    net.data_layer = Fixed(images, labels)
    loss = net.forward()
    net.backward(step=False)
    tensor, weights = torch.tensor(images), []
    for layer in net.layers[:-1]:
        weights.append({name: torch.tensor(array, requires_grad=True) for name, array in parameters(layer).items()})
        tensor = layer_of(layer, weights[-1])(tensor)
    theirs = torch.nn.functional.cross_entropy(tensor, torch.tensor(labels), reduction="sum")
    theirs.backward()
    assert loss == pytest.approx(theirs.item(), rel=1e-9)
    np.testing.assert_allclose(net.prediction_tensor, torch.softmax(tensor, 1).detach(), rtol=1e-9, atol=1e-12)
    for layer, tensors in zip(net.layers, weights, strict=False):
        for name, gradient in gradients(layer).items():
            expected = tensors[name].grad.numpy()
            np.testing.assert_allclose(gradient, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max(), err_msg=name)


def test_an_autoencoder_s_layers_are_its_two_halves():
    net = Autoencoder.build((1, 8, 8), code=3, hidden=(20, 10), rng=0)
    batch = np.random.default_rng(0).random((4, 1, 8, 8))
    encoder, decoder = net.layers
    np.testing.assert_array_equal(decoder.forward(encoder.forward(batch)), net.test(batch))
    assert encoder.forward(batch).shape == (4, 3)
