import numpy as np

from Layers.Base import BaseLayer


class ReLU(BaseLayer):
    def forward(self, input_tensor):
        self.signs = [1 if x > 0 else 0 for x in input_tensor.flat]
        return self.passed(input_tensor)

    def backward(self, error_tensor):
        return self.passed(error_tensor)

    def passed(self, tensor):
        return np.array([value if sign else 0.0 for value, sign in zip(tensor.flat, self.signs)]).reshape(tensor.shape)
