import copy

import numpy as np

from Layers.Base import BaseLayer


class BatchNormalization(BaseLayer):
    def __init__(self, channels):
        super().__init__()
        self.trainable = True
        self.channels = channels
        self.initialize(None, None)
        self.average_mean = None
        self.average_variance = None
        self.optimizer_weights = None
        self.optimizer_bias = None

    @property
    def optimizer(self):
        return self.optimizer_weights

    @optimizer.setter
    def optimizer(self, optimizer):
        self.optimizer_weights = copy.deepcopy(optimizer)
        self.optimizer_bias = copy.deepcopy(optimizer)

    def initialize(self, weights_initializer, bias_initializer):
        self.weights = np.ones(self.channels)
        self.bias = np.zeros(self.channels)

    def reformat(self, tensor):
        if tensor.ndim == 4:
            self.image_shape = tensor.shape
            return tensor.transpose(0, 2, 3, 1).reshape(-1, self.channels)
        b, c, y, x = self.image_shape
        return tensor.reshape(b, y, x, c).transpose(0, 3, 1, 2)

    def forward(self, input_tensor):
        self.images = input_tensor.ndim == 4
        x = self.reformat(input_tensor) if self.images else input_tensor
        if self.testing_phase:
            mean, variance = self.average_mean, self.average_variance
        else:
            mean, variance = x.mean(axis=0), x.var(axis=0)
            if self.average_mean is None:
                self.average_mean, self.average_variance = mean, variance
            else:
                self.average_mean = 0.8 * self.average_mean + 0.2 * mean
                self.average_variance = 0.8 * self.average_variance + 0.2 * variance
        self.deviation = np.sqrt(variance + 1e-15)
        self.normalized = (x - mean) / self.deviation
        output = self.weights * self.normalized + self.bias
        return self.reformat(output) if self.images else output

    def backward(self, error_tensor):
        e = self.reformat(error_tensor) if self.images else error_tensor
        self.gradient_weights = np.sum(e * self.normalized, axis=0)
        self.gradient_bias = np.sum(e, axis=0)
        e = e * self.weights
        error = e - e.mean(axis=0) - self.normalized * (e * self.normalized).mean(axis=0)
        error = error / self.deviation
        if self.optimizer_weights is not None:
            self.weights = self.optimizer_weights.calculate_update(self.weights, self.gradient_weights)
            self.bias = self.optimizer_bias.calculate_update(self.bias, self.gradient_bias)
        return self.reformat(error) if self.images else error
