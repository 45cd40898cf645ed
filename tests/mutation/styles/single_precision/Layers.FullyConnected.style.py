import numpy as np

from Layers.Base import BaseLayer


class FullyConnected(BaseLayer):
    def __init__(self, input_size, output_size):
        super().__init__()
        self.trainable = True
        self.input_size = input_size
        self.output_size = output_size
        self.weights = np.random.rand(output_size, input_size + 1).astype(np.float32)
        self.gradient_weights = None
        self._optimizer = None

    @property
    def optimizer(self):
        return self._optimizer

    @optimizer.setter
    def optimizer(self, optimizer):
        self._optimizer = optimizer

    def initialize(self, weights_initializer, bias_initializer):
        weights = weights_initializer.initialize((self.input_size, self.output_size), self.input_size, self.output_size)
        bias = bias_initializer.initialize((1, self.output_size), 1, self.output_size)
        self.weights = np.vstack([bias, weights]).T

    def forward(self, input_tensor):
        self.input = np.hstack([np.ones((len(input_tensor), 1)), input_tensor])
        return self.input @ self.weights.T

    def backward(self, error_tensor):
        error = error_tensor @ self.weights[:, 1:]
        self.gradient_weights = error_tensor.T @ self.input
        if self._optimizer is not None:
            self.weights = self._optimizer.calculate_update(self.weights, self.gradient_weights)
        return error
