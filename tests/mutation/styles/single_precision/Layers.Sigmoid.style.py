import numpy as np

from Layers.Base import BaseLayer


class Sigmoid(BaseLayer):
    def forward(self, input_tensor):
        input_tensor = np.asarray(input_tensor, dtype=np.float32)
        self.output = 1 / (1 + np.exp(-input_tensor))
        return self.output

    def backward(self, error_tensor):
        return error_tensor * self.output * (1 - self.output)
