import copy

import numpy as np

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

    def window(self, place):
        return (..., *(slice(i * s, i * s + k) for i, s, k in zip(place, self.stride, self.kernel)))

    def forward(self, input_tensor):
        self.before = [k // 2 for k in self.kernel]
        after = [(k - 1) // 2 for k in self.kernel]
        self.padded = np.pad(input_tensor, [(0, 0), (0, 0), *zip(self.before, after)])
        self.space = input_tensor.shape[2:]
        self.windows = np.lib.stride_tricks.sliding_window_view(
            self.padded, self.kernel, axis=tuple(range(2, input_tensor.ndim))
        )[(..., *(slice(None, None, s) for s in self.stride), *[slice(None)] * len(self.kernel))]
        places, kernel = "yx"[: len(self.kernel)], "mn"[: len(self.kernel)]
        self.letters = f"bc{places}{kernel}", f"kc{kernel}", f"bk{places}"
        output = np.einsum("{},{}->{}".format(*self.letters), self.windows, self.weights)
        return output + self.bias.reshape(-1, *[1] * len(self.kernel))

    def backward(self, error_tensor):
        windows, kernels, outputs = self.letters
        self.gradient_weights = np.einsum(f"{windows},{outputs}->{kernels}", self.windows, error_tensor)
        self.gradient_bias = np.einsum(f"{outputs}->k", error_tensor)
        parts = np.einsum(f"{outputs},{kernels}->{windows}", error_tensor, self.weights)
        error = np.zeros(self.padded.shape)
        for place in np.ndindex(*error_tensor.shape[2:]):
            error[self.window(place)] += parts[(slice(None), slice(None), *place)]
        if self.optimizer_weights is not None:
            self.weights = self.optimizer_weights.calculate_update(self.weights, self.gradient_weights)
            self.bias = self.optimizer_bias.calculate_update(self.bias, self.gradient_bias)
        return error[(..., *(slice(b, b + n) for b, n in zip(self.before, self.space)))]
