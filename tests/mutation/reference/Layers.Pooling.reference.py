import numpy as np

from Layers.Base import BaseLayer


class Pooling(BaseLayer):
    """By loops; of several maxima, the last takes the error, which the course leaves open."""

    def __init__(self, stride_shape, pooling_shape):
        super().__init__()
        self.stride = stride_shape
        self.size = pooling_shape

    def forward(self, input_tensor):
        self.shape = input_tensor.shape
        rows = (self.shape[2] - self.size[0]) // self.stride[0] + 1
        columns = (self.shape[3] - self.size[1]) // self.stride[1] + 1
        output = np.zeros((self.shape[0], self.shape[1], rows, columns))
        self.places = {}
        for b, c, i, j in np.ndindex(*output.shape):
            top, left = i * self.stride[0], j * self.stride[1]
            window = input_tensor[b, c, top : top + self.size[0], left : left + self.size[1]]
            y, x = np.argwhere(window == window.max())[-1]
            output[b, c, i, j] = window[y, x]
            self.places[b, c, i, j] = (b, c, top + y, left + x)
        return output

    def backward(self, error_tensor):
        error = np.zeros(self.shape)
        for position, place in self.places.items():
            error[place] += error_tensor[position]
        return error
