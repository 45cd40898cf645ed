import json
from pathlib import Path

from Layers import Conv, Flatten, FullyConnected, Initializers, Pooling, ReLU, SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization import Constraints, Loss, Optimizers


def build():
    optimizer = Optimizers.Adam(5e-4, 0.9, 0.999)
    optimizer.add_regularizer(Constraints.L2_Regularizer(4e-4))
    net = NeuralNetwork(optimizer, Initializers.He(), Initializers.Constant(0.1))
    net.loss_layer = Loss.CrossEntropyLoss()
    sizes = json.loads(Path(__file__).with_name("sizes.json").read_text(encoding="utf-8"))
    for channels, kernels in sizes["kernels"]:
        net.append_layer(Conv.Conv((1, 1), (channels, 5, 5), kernels))
        net.append_layer(ReLU.ReLU())
        net.append_layer(Pooling.Pooling((2, 2), (2, 2)))
    net.append_layer(Flatten.Flatten())
    for inputs, outputs in sizes["units"]:
        net.append_layer(FullyConnected.FullyConnected(inputs, outputs))
        net.append_layer(ReLU.ReLU() if outputs > 10 else SoftMax.SoftMax())
    return net
