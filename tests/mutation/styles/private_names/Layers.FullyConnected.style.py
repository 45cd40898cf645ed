import copy

import numpy as np

from .Base import BaseLayer


class FullyConnected(BaseLayer):
    __optimizer = None

    def __init__(self, input_size, output_size):
        BaseLayer.__init__(self)
        self.__sizes = input_size, output_size
        self.trainable = True
        self.__w = np.random.rand(input_size, output_size)
        self.__b = np.random.rand(1, output_size)
        self.__dw = self.__db = None

    weights = property(lambda self: np.vstack((self.__w, self.__b)))

    @weights.setter
    def weights(self, both):
        self.__w, self.__b = both[:-1], both[-1:]

    gradient_weights = property(lambda self: None if self.__dw is None else np.vstack((self.__dw, self.__db)))

    optimizer = property(lambda self: self.__optimizer)

    @optimizer.setter
    def optimizer(self, value):
        self.__optimizer = copy.deepcopy(value)

    def initialize(self, w, b):
        self.__w = w.initialize(self.__sizes, *self.__sizes)
        self.__b = b.initialize((1, self.__sizes[1]), *self.__sizes)

    def forward(self, x):
        self.input = x
        return x.dot(self.__w) + self.__b

    def backward(self, e):
        back = e.dot(self.__w.T)
        self.__dw, self.__db = self.input.T.dot(e), e.sum(axis=0, keepdims=True)
        if self.__optimizer is not None:
            self.weights = self.__optimizer.calculate_update(self.weights, self.gradient_weights)
        return back
