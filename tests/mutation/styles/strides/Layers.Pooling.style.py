import numpy as np
from numpy.lib.stride_tricks import as_strided

from Layers.Base import BaseLayer


class Pooling(BaseLayer):
    def __init__(self, stride_shape, pooling_shape):
        super().__init__()
        (self.sy, self.sx), (self.py, self.px) = stride_shape, pooling_shape

    def forward(self, input_tensor):
        self.shape = b, c, y, x = input_tensor.shape
        rows, columns = (y - self.py) // self.sy + 1, (x - self.px) // self.sx + 1
        sb, sc, sy, sx = input_tensor.strides
        strides = (sb, sc, sy * self.sy, sx * self.sx, sy, sx)
        windows = as_strided(input_tensor, (b, c, rows, columns, self.py, self.px), strides, writeable=False)
        flat = windows.reshape(b, c, rows, columns, -1)
        self.places = flat.argmax(axis=-1)
        return np.take_along_axis(flat, self.places[..., np.newaxis], axis=-1)[..., 0]

    def backward(self, error_tensor):
        b, c, i, j = np.indices(error_tensor.shape, sparse=True)
        error = np.zeros(self.shape)
        np.add.at(
            error, (b, c, i * self.sy + self.places // self.px, j * self.sx + self.places % self.px), error_tensor
        )
        return error
