import copy

import numpy as np

from Layers.Base import BaseLayer


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class LSTM(BaseLayer):
    NAMES = "fico"
    memorize = False

    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.trainable = True
        self.input_size, self.hidden_size, self.output_size = input_size, hidden_size, output_size
        self.weights = np.random.random((input_size + hidden_size + 1, 4 * hidden_size))
        self.out = np.random.random((hidden_size + 1, output_size))
        self.last = [np.zeros(hidden_size)] * 2
        self.own_optimizers = [None, None]

    @property
    def weights(self):
        return np.hstack([self.gates[name] for name in self.NAMES])

    @weights.setter
    def weights(self, weights):
        self.gates = None if weights is None else dict(zip(self.NAMES, np.hsplit(np.asarray(weights), 4)))

    @property
    def optimizer(self):
        return self.own_optimizers[0]

    @optimizer.setter
    def optimizer(self, optimizer):
        self.own_optimizers = [copy.deepcopy(optimizer), copy.deepcopy(optimizer)]

    def initialize(self, weights_initializer, bias_initializer):
        def drawn(rows, columns):
            bias = bias_initializer.initialize((1, columns), rows, columns)
            return np.vstack([weights_initializer.initialize((rows, columns), rows, columns), bias])

        self.weights = drawn(self.input_size + self.hidden_size, 4 * self.hidden_size)
        self.out = drawn(self.hidden_size, self.output_size)

    def calculate_regularization_loss(self):
        if self.optimizer is None or self.optimizer.regularizer is None:
            return 0
        norm = self.optimizer.regularizer.norm
        return norm(self.weights) + norm(self.out)

    def forward(self, input_tensor):
        h, c = self.last if self.memorize else [np.zeros(self.hidden_size)] * 2
        self.tape, outputs = [], []
        for x in input_tensor:
            row = np.hstack([x, h, 1])
            sums = {name: row @ matrix for name, matrix in self.gates.items()}
            values = {name: (np.tanh if name == "c" else sigmoid)(value) for name, value in sums.items()}
            before, c = c, values["f"] * c + values["i"] * values["c"]
            h = values["o"] * np.tanh(c)
            y = sigmoid(np.hstack([h, 1]) @ self.out)
            outputs.append(y)
            self.tape.append((row, values, before, c, h, y))
        self.last = [h, c]
        return np.array(outputs)

    def backward(self, error_tensor):
        gradient = {name: np.zeros_like(matrix, dtype=float) for name, matrix in self.gates.items()}
        gradient_out, errors = np.zeros(self.out.shape), np.zeros((len(error_tensor), self.input_size))
        dh, dc = np.zeros(self.hidden_size), np.zeros(self.hidden_size)
        for t in range(len(error_tensor) - 1, -1, -1):
            row, value, before, c, h, y = self.tape[t]
            dy = error_tensor[t] * y * (1 - y)
            gradient_out += np.outer(np.hstack([h, 1]), dy)
            dh = dh + self.out[:-1] @ dy
            dc = dc + dh * value["o"] * (1 - np.tanh(c) ** 2)
            d = {"f": dc * before, "i": dc * value["c"], "c": dc * value["i"], "o": dh * np.tanh(c)}
            back = 0
            for name, error in d.items():
                error = error * (1 - value[name] ** 2 if name == "c" else value[name] * (1 - value[name]))
                gradient[name] += np.outer(row, error)
                back = back + self.gates[name] @ error
            errors[t], dh, dc = back[: self.input_size], back[self.input_size : -1], dc * value["f"]
        self.gradient_weights = np.hstack([gradient[name] for name in self.NAMES])
        if self.optimizer is not None:
            first, second = self.own_optimizers
            self.weights = first.calculate_update(self.weights, self.gradient_weights)
            self.out = second.calculate_update(self.out, gradient_out)
        return errors
