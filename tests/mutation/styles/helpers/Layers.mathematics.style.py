"""What several layers need."""

import numpy as np


def sigmoid(x):
    return np.reciprocal(1 + np.exp(-x))


def elementwise(function, slope):
    """Forward and backward of a function that is applied to each number, from its output."""

    def forward(self, input_tensor):
        self.result = function(np.asarray(input_tensor, dtype=float))
        return self.result

    def backward(self, error_tensor):
        return np.multiply(error_tensor, slope(self.result))

    return forward, backward


class Rows:
    """Sums and maxima of rows, which keep their axis."""

    @staticmethod
    def total(x):
        return x.sum(axis=-1)[..., None]

    @staticmethod
    def top(x):
        return x.max(axis=-1)[..., None]
