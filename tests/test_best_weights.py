"""Early stopping brings back the best weights of layers of one's own too, wherever these hold them."""

import numpy as np
import pytest

from Layers.Base import BaseLayer
from Layers.Chain import Chain
from Layers.FullyConnected import FullyConnected
from Layers.SoftMax import SoftMax
from Network.adopting import check_held_arrays, held_arrays, put_back
from tests.training_cases import CLASSES, FEATURES, network, trainer
from Training.callbacks import Callback, Checkpoint, EarlyStopping


class Dictionary(BaseLayer):
    """Holds its parameters in a dictionary."""

    def __init__(self, inputs, outputs):
        self.inputs, self.outputs = inputs, outputs
        self.parameters = {"weights": np.zeros((inputs, outputs)), "biases": [np.zeros(outputs)]}

    def forward(self, input_tensor):
        self.input = input_tensor
        return input_tensor @ self.parameters["weights"] + self.parameters["biases"][0]

    def backward(self, error_tensor):
        input_error = error_tensor @ self.parameters["weights"].T
        self.parameters["weights"] = self.parameters["weights"] - 0.1 * self.input.T @ error_tensor
        self.parameters["biases"][0] = self.parameters["biases"][0] - 0.1 * error_tensor.sum(axis=0)
        return input_error


class Holding(BaseLayer):
    """Holds other layers in a list or a tuple."""

    def __init__(self, layers):
        self.layers = layers

    def forward(self, input_tensor):
        for layer in self.layers:
            input_tensor = layer.forward(input_tensor)
        return input_tensor

    def backward(self, error_tensor):
        for layer in self.layers[::-1]:
            error_tensor = layer.backward(error_tensor)
        return error_tensor


LAYERS = {
    "dictionary": lambda: Dictionary(FEATURES, CLASSES),
    "list": lambda: Holding([Dictionary(FEATURES, 4), Dictionary(4, CLASSES)]),
    "tuple": lambda: Holding((Chain([Dictionary(FEATURES, 4), Dictionary(4, CLASSES)]),)),
}


class Noting(Callback):
    def __init__(self):
        self.outputs = []

    def on_epoch_end(self, epoch, logs):
        self.outputs.append(self.trainer.net.test(np.ones((1, FEATURES))))


@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
def test_the_outputs_are_those_of_the_best_epoch(make, tmp_path):
    net, noting = network(), Noting()
    net.layers = [make(), SoftMax()]
    stopping = EarlyStopping(patience=9, direction="max", monitor="validation_loss")
    checkpoint = Checkpoint(tmp_path / "checkpoint")
    trainer(net, callbacks=[noting, stopping, checkpoint]).fit(3)
    np.testing.assert_array_equal(net.test(np.ones((1, FEATURES))), noting.outputs[stopping.best_epoch])
    if stopping.best_epoch < 2:
        assert (noting.outputs[2] != noting.outputs[stopping.best_epoch]).any()


@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
def test_arrays_go_where_they_came_from_and_others_are_refused(make):
    layer = make()
    held = held_arrays([layer])
    check_held_arrays([layer], held, "owner")
    before = layer.forward(np.ones((1, FEATURES)))
    layer.backward(np.ones((1, CLASSES)))
    assert (layer.forward(np.ones((1, FEATURES))) != before).any()
    put_back([layer], held)
    np.testing.assert_array_equal(layer.forward(np.ones((1, FEATURES))), before)
    for wrong in (
        {"parameters": {"weights": np.zeros(3)}},
        {"parameters": {"others": {}}},
        {"layers": {7: np.zeros(1)}},
    ):
        with pytest.raises(ValueError, match="owner"):
            check_held_arrays([layer], [wrong], "owner")


def test_layers_that_know_each_other_are_gone_through_once():
    one, other = FullyConnected(1, 1), Holding([])
    other.layers.append(one)
    one.friends = [other]
    one.friends.append(one.friends)
    assert held_arrays([other])[0]["layers"][0]["weights"].shape == (2, 1)
