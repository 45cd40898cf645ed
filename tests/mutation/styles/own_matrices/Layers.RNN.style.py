import copy

import numpy as np

from Layers.Base import BaseLayer


def steps(inputs, state, weights):
    for x in inputs:
        row = np.concatenate((x, state, [1.0]))
        state = np.tanh(row @ weights)
        yield row, state


class RNN(BaseLayer):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.trainable = True
        self.sizes = input_size, hidden_size, output_size
        self.weights = np.random.random((input_size + hidden_size + 1, hidden_size))
        self.output_weights = np.random.random((hidden_size, output_size))
        self.output_bias = np.random.random((1, output_size))
        self.memorize = False
        self.last = np.zeros(hidden_size)
        self._optimizers = None

    @property
    def optimizer(self):
        return self._optimizers and self._optimizers[0]

    @optimizer.setter
    def optimizer(self, optimizer):
        self._optimizers = [copy.deepcopy(optimizer) for _ in range(2)]

    def initialize(self, weights_initializer, bias_initializer):
        i, h, o = self.sizes
        hidden = weights_initializer.initialize((i + h, h), i + h, h)
        self.weights = np.concatenate((hidden, bias_initializer.initialize((1, h), i + h, h)))
        self.output_weights = weights_initializer.initialize((h, o), h, o)
        self.output_bias = bias_initializer.initialize((1, o), h, o)

    def calculate_regularization_loss(self):
        regularizer = getattr(self.optimizer, "regularizer", None)
        return 0.0 if regularizer is None else regularizer.norm(self.weights)

    def forward(self, input_tensor):
        start = self.last if self.memorize else np.zeros_like(self.last)
        self.rows, self.states = map(np.array, zip(*steps(input_tensor, start, self.weights)))
        self.last = self.states[-1]
        self.y = 1 / (1 + np.exp(-(self.states @ self.output_weights + self.output_bias)))
        return self.y.copy()

    def backward(self, error_tensor):
        i, h, _ = self.sizes
        at_output = error_tensor * self.y * (1 - self.y)
        at_states, at_sums, back = at_output @ self.output_weights.T, np.empty_like(self.states), np.zeros(h)
        errors = []
        for t, state in reversed(list(enumerate(self.states))):
            at_sums[t] = (at_states[t] + back) * (1 - state * state)
            here = self.weights @ at_sums[t]
            back = here[i : i + h]
            errors.insert(0, here[:i])
        self.gradient_weights = self.rows.T @ at_sums
        if self.optimizer is not None:
            self.weights = self._optimizers[0].calculate_update(self.weights, self.gradient_weights)
            both = np.concatenate((self.output_weights, self.output_bias))
            gradient = np.concatenate((self.states.T @ at_output, at_output.sum(axis=0, keepdims=True)))
            both = self._optimizers[1].calculate_update(both, gradient)
            self.output_weights, self.output_bias = both[:-1], both[-1:]
        return np.array(errors)
