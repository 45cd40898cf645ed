import numpy as np

from Layers.Base import BaseLayer


class ReLU(BaseLayer):
    def forward(self, input_tensor):
        self.input = input_tensor
        return np.maximum(0, input_tensor)

    def backward(self, error_tensor):
        return np.where(self.input > 0, error_tensor, 0)
