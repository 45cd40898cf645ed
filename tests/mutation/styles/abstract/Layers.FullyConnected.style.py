import numpy as np

from Layers.Base import BaseLayer, KeepsInput, Steps


class FullyConnected(KeepsInput, Steps, BaseLayer):
    def __init__(self, input_size, output_size):
        super().__init__()
        self.shape = input_size, output_size
        self.weights = np.random.rand(input_size + 1, output_size)

    def initialize(self, weights_initializer, bias_initializer):
        weights = weights_initializer.initialize(self.shape, *self.shape)
        self.weights = np.append(weights, bias_initializer.initialize((1, self.shape[1]), *self.shape), axis=0)

    def forward(self, input_tensor):
        return np.insert(self.keep(input_tensor).astype(float), self.shape[0], 1, axis=1) @ self.weights

    def backward(self, error_tensor):
        error = error_tensor @ self.weights[:-1].T
        self.gradient_weights = np.append(self.input.T @ error_tensor, [error_tensor.sum(axis=0)], axis=0)
        self.step()
        return error
