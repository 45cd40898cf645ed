import gzip
import pickle
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Any


@dataclass
class NeuralNetwork:
    optimizer: Any
    weights_initializer: Any = None
    bias_initializer: Any = None
    loss: list = field(default_factory=list)
    layers: list = field(default_factory=list)
    data_layer: Any = None
    loss_layer: Any = None
    label_tensor: Any = None

    def append_layer(self, layer):
        if layer.trainable:
            layer.optimizer = deepcopy(self.optimizer)
            if self.weights_initializer and self.bias_initializer:
                layer.initialize(self.weights_initializer, self.bias_initializer)
        self.layers += [layer]

    @property
    def phase(self):
        return any(layer.testing_phase for layer in self.layers)

    @phase.setter
    def phase(self, testing):
        for layer in self.layers:
            layer.testing_phase = testing

    def price(self, layer):
        if hasattr(layer, "calculate_regularization_loss"):
            return layer.calculate_regularization_loss()
        regularizer = getattr(getattr(layer, "optimizer", None), "regularizer", None)
        return regularizer.norm(layer.weights) if regularizer and layer.trainable else 0.0

    def through(self, tensor):
        return reduce(lambda value, layer: layer.forward(value), self.layers, tensor)

    def forward(self):
        tensor, self.label_tensor = self.data_layer.next()
        loss = self.loss_layer.forward(self.through(tensor), self.label_tensor)
        return loss + sum(map(self.price, self.layers))

    def backward(self):
        reduce(
            lambda error, layer: layer.backward(error), self.layers[::-1], self.loss_layer.backward(self.label_tensor)
        )

    def train(self, iterations):
        self.phase = False
        for _ in range(iterations):
            self.loss += [self.forward()]
            self.backward()

    def test(self, input_tensor):
        self.phase = True
        return self.through(input_tensor)


def save(filename, net):
    path = Path(filename)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(pickle.dumps(replace(net, data_layer=None))))


def load(filename, data_layer):
    return replace(pickle.loads(gzip.decompress(Path(filename).read_bytes())), data_layer=data_layer)
