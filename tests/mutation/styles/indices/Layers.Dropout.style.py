import numpy as np

from Layers.Base import BaseLayer


class Dropout(BaseLayer):
    def __init__(self, probability):
        super().__init__()
        self.p = probability

    def forward(self, input_tensor):
        self.kept = None
        if self.testing_phase:
            return np.array(input_tensor)
        self.kept = np.flatnonzero(np.random.rand(input_tensor.size) < self.p)
        return self._only_kept(input_tensor)

    def backward(self, error_tensor):
        return np.array(error_tensor) if self.kept is None else self._only_kept(error_tensor)

    def _only_kept(self, tensor):
        result = np.zeros(tensor.shape)
        result.flat[self.kept] = tensor.flat[self.kept] / self.p
        return result
