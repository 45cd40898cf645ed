import numpy as np

from Layers.Base import BaseLayer


class TanH(BaseLayer):
    def forward(self, input_tensor):
        input_tensor = np.asarray(input_tensor, dtype=np.float32)
        self.output = np.tanh(input_tensor)
        return self.output

    def backward(self, error_tensor):
        return error_tensor * (1 - self.output**2)
