import copy

import numpy as np

from Layers.Base import BaseLayer


class BatchNormalization(BaseLayer):
    def __init__(self, channels):
        super().__init__()
        self.trainable, self.channels, self._optimizers, self.moving = True, channels, {}, None
        self.initialize()

    def initialize(self, *_):
        self.weights, self.bias = np.ones(self.channels), np.zeros(self.channels)

    @property
    def optimizer(self):
        return self._optimizers.get("weights")

    @optimizer.setter
    def optimizer(self, optimizer):
        self._optimizers = {name: copy.deepcopy(optimizer) for name in ("weights", "bias")}

    def reformat(self, tensor):
        if tensor.ndim == 2:
            b, c, y, x = self.shape
            return np.moveaxis(tensor.reshape(b, y, x, c), -1, 1)
        self.shape = tensor.shape
        return np.moveaxis(tensor, 1, -1).reshape(-1, self.channels)

    def forward(self, x):
        self.axes = (0, 2, 3)[: x.ndim - 1]
        wide = lambda parameter: np.reshape(parameter, (1, -1, 1, 1)[: x.ndim])
        moments = np.array([x.mean(self.axes), x.var(self.axes)])
        if not self.testing_phase:
            self.moving = moments if self.moving is None else 0.8 * self.moving + (1 - 0.8) * moments
        mean, variance = map(wide, self.moving if self.testing_phase else moments)
        self.root, self.gamma = np.sqrt(variance + np.finfo(float).eps), wide(self.weights)
        self.hat = (x - mean) / self.root
        return self.gamma * self.hat + wide(self.bias)

    def backward(self, e):
        self.gradient_weights, self.gradient_bias = (e * self.hat).sum(self.axes), e.sum(self.axes)
        level, slope = (v.mean(self.axes, keepdims=True) for v in (e, e * self.hat))
        result = self.gamma / self.root * (e - level - self.hat * slope)
        for name, optimizer in self._optimizers.items():
            if optimizer:
                setattr(self, name, optimizer.calculate_update(getattr(self, name), getattr(self, f"gradient_{name}")))
        return result
