import numpy as np

from Layers.Base import BaseLayer


class Flatten(BaseLayer):
    def forward(self, input_tensor):
        self.like = np.shape(input_tensor)
        return np.array([image.ravel() for image in input_tensor])

    def backward(self, error_tensor):
        return np.stack([row.reshape(self.like[1:]) for row in error_tensor])
