"""Networks and data that are trained in tests of the trainer, its callbacks and its checkpoints."""

import numpy as np

from Generator.arrays import ArrayData
from Layers.BatchNormalization import BatchNormalization
from Layers.Dropout import Dropout
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.ReLU import ReLU
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam, Sgd
from Training.callbacks import Callback
from Training.trainer import Trainer

SAMPLES, FEATURES, CLASSES, BATCH = 20, 4, 3, 5


def arrays(seed=0, samples=SAMPLES):
    X = np.random.default_rng(seed).standard_normal((samples, FEATURES))
    return X, np.abs(X[:, :CLASSES]).argmax(axis=1)


def data(seed=0, samples=SAMPLES, **options):
    return ArrayData(*arrays(seed, samples), BATCH, **{"rng": seed, "classes": CLASSES, **options})


def network(*hidden, optimizer=None, dtype="float64"):
    net = NeuralNetwork(optimizer or Sgd(0.01), He(rng=1), Constant(0.1), dtype)
    net.loss_layer = CrossEntropyLoss()
    for layer in (FullyConnected(FEATURES, 6), *hidden, ReLU(), FullyConnected(6, CLASSES), SoftMax()):
        net.append_layer(layer)
    return net


def random_network():
    """With everything that has a state: moving averages, moments, masks from two random streams."""
    return network(BatchNormalization(6), Dropout(0.7), Dropout(0.9, rng=3), optimizer=Adam(0.01))


def trainer(net=None, callbacks=(), **options):
    validation = options.pop("validation", data(seed=1))
    return Trainer(net or network(), options.pop("training", data()), validation, callbacks, **options)


def bits(net):
    """Everything learnt, and everything that the next step depends on."""
    found = [np.asarray(net.loss)]
    for layer in net.layers:
        found += [value for name, value in sorted(vars(layer).items()) if name.startswith("moving_")]
        found += getattr(layer, "parameters", dict)().values()
        for optimizer in getattr(layer, "optimizers", {}).values():
            found += [getattr(optimizer, name) for name in optimizer.remembered]
    return [b"" if array is None else array.tobytes() for array in found]


class Spy(Callback):
    """Writes down each call; does something at one of them."""

    def __init__(self, at=None, do=None):
        self.at, self.do = at, do
        self.calls = []

    def _note(self, *call):
        self.calls.append(call)
        if call == self.at:
            self.do(self)

    def on_train_begin(self, logs):
        self._note("train begins")

    def on_train_end(self, logs):
        self._note("train ends")

    def on_epoch_begin(self, epoch, logs):
        self._note("epoch begins", epoch)

    def on_epoch_end(self, epoch, logs):
        self._note("epoch ends", epoch)

    def on_batch_begin(self, batch, logs):
        self._note("batch begins", self.trainer.epoch, batch)

    def on_batch_end(self, batch, logs):
        self._note("batch ends", self.trainer.epoch, batch)
