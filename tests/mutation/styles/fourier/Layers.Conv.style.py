import copy

import numpy as np
from scipy.signal import fftconvolve

from Layers.Base import BaseLayer


class Conv(BaseLayer):
    def __init__(self, stride_shape, convolution_shape, num_kernels):
        super().__init__()
        self.trainable = True
        self.kernel = tuple(convolution_shape[1:])
        self.channels = convolution_shape[0]
        self.num_kernels = num_kernels
        stride = [stride_shape] if np.ndim(stride_shape) == 0 else list(stride_shape)
        self.stride = stride * len(self.kernel) if len(stride) == 1 else stride
        self.weights = np.random.rand(num_kernels, *convolution_shape)
        self.bias = np.random.rand(num_kernels)
        self.optimizer_weights = None
        self.optimizer_bias = None

    @property
    def optimizer(self):
        return self.optimizer_weights

    @optimizer.setter
    def optimizer(self, optimizer):
        self.optimizer_weights = copy.deepcopy(optimizer)
        self.optimizer_bias = copy.deepcopy(optimizer)

    def initialize(self, weights_initializer, bias_initializer):
        fan_in = self.channels * np.prod(self.kernel)
        fan_out = self.num_kernels * np.prod(self.kernel)
        shape = (self.num_kernels, self.channels, *self.kernel)
        self.weights = weights_initializer.initialize(shape, fan_in, fan_out)
        self.bias = bias_initializer.initialize((self.num_kernels,), fan_in, fan_out)

    def every(self):
        return (..., *(slice(None, None, s) for s in self.stride))

    def forward(self, input_tensor):
        axes = tuple(range(2, input_tensor.ndim))
        self.space, self.axes = input_tensor.shape[2:], axes
        self.padded = np.pad(input_tensor, [(0, 0), (0, 0), *((k // 2, (k - 1) // 2) for k in self.kernel)])
        flipped = np.flip(self.weights, axes)
        images = [fftconvolve(image[None], flipped, "valid", axes=axes).sum(axis=1) for image in self.padded]
        return np.array(images)[self.every()] + self.bias.reshape(-1, *[1] * len(axes))

    def backward(self, error_tensor):
        spread = np.zeros((*error_tensor.shape[:2], *self.space))
        spread[self.every()] = error_tensor
        turned = np.flip(spread, self.axes)
        self.gradient_weights = sum(
            fftconvolve(image[None], errors[:, None], "valid", axes=self.axes)
            for image, errors in zip(self.padded, turned)
        )
        self.gradient_bias = error_tensor.sum(axis=(0, *self.axes))
        full = [fftconvolve(errors[:, None], self.weights, "full", axes=self.axes).sum(axis=0) for errors in spread]
        if self.optimizer_weights is not None:
            self.weights = self.optimizer_weights.calculate_update(self.weights, self.gradient_weights)
            self.bias = self.optimizer_bias.calculate_update(self.bias, self.gradient_bias)
        return np.array(full)[(..., *(slice(k // 2, k // 2 + n) for k, n in zip(self.kernel, self.space)))]
