"""Batch normalization of each process's own part: `mpiexec -n 2 python -m tests.parallel_statistics`."""

import numpy as np

from Generator.arrays import ArrayData
from Layers.BatchNormalization import BatchNormalization
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import MeanSquaredError
from Optimization.Optimizers import Sgd
from Training.processes import Processes
from Training.trainer import Trainer


def network():
    net = NeuralNetwork(Sgd(0.01), He(rng=1), Constant(0.1))
    net.loss_layer = MeanSquaredError()
    for layer in (FullyConnected(3, 4), BatchNormalization(4), FullyConnected(4, 2)):
        net.append_layer(layer)
    return net


def arrays():
    rng = np.random.default_rng(0)
    return rng.standard_normal((12, 3)), rng.standard_normal((12, 2))


def learnt(net):
    return [*net.layers[0].weights.ravel(), *net.layers[2].weights.ravel(), *net.layers[1].moving_mean]


if __name__ == "__main__":
    processes, net = Processes(synchronized=False), network()
    data = ArrayData(*arrays(), 6, shuffle=False)
    history = Trainer(net, data, data, processes=processes).fit(1)
    every = processes._exchange.objects((learnt(net), history["validation_loss"]))
    if processes.is_first:
        print(all(one == every[0] for one in every), *every[0][0])
