import copy

import numpy as np

from Layers.Base import BaseLayer
from Layers.FullyConnected import FullyConnected


class RNN(BaseLayer):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.trainable = True
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.output_size = output_size
        self.hidden = FullyConnected(input_size + hidden_size, hidden_size)
        self.out = FullyConnected(hidden_size, output_size)
        self.memorize = False
        self.state = np.zeros(hidden_size)
        self.optimizer_hidden = None
        self.optimizer_out = None

    @property
    def weights(self):
        return self.hidden.weights

    @weights.setter
    def weights(self, weights):
        if weights is not None:
            self.hidden.weights = weights

    @property
    def optimizer(self):
        return self.optimizer_hidden

    @optimizer.setter
    def optimizer(self, optimizer):
        self.optimizer_hidden = copy.deepcopy(optimizer)
        self.optimizer_out = copy.deepcopy(optimizer)

    def initialize(self, weights_initializer, bias_initializer):
        self.hidden.initialize(weights_initializer, bias_initializer)
        self.out.initialize(weights_initializer, bias_initializer)

    def calculate_regularization_loss(self):
        if self.optimizer is None or self.optimizer.regularizer is None:
            return 0
        return self.optimizer.regularizer.norm(self.weights)

    def forward(self, input_tensor):
        state = self.state if self.memorize else np.zeros(self.hidden_size)
        self.steps = []
        output = np.zeros((len(input_tensor), self.output_size))
        for t, x in enumerate(input_tensor):
            state = np.tanh(self.hidden.forward(np.concatenate([x, state])[np.newaxis]))[0]
            y = 1 / (1 + np.exp(-self.out.forward(state[np.newaxis])))
            output[t] = y[0]
            self.steps.append((self.hidden.input, state, self.out.input, y))
        self.state = state
        return output

    def backward(self, error_tensor):
        error = np.zeros((len(error_tensor), self.input_size))
        error_of_state = np.zeros((1, self.hidden_size))
        self.gradient_weights = np.zeros(self.hidden.weights.shape)
        gradient_out = np.zeros(self.out.weights.shape)
        for t in reversed(range(len(error_tensor))):
            self.hidden.input, state, self.out.input, y = self.steps[t]
            back = self.out.backward(error_tensor[t : t + 1] * y * (1 - y)) + error_of_state
            gradient_out += self.out.gradient_weights
            back = self.hidden.backward(back * (1 - state**2))
            self.gradient_weights += self.hidden.gradient_weights
            error[t] = back[0, : self.input_size]
            error_of_state = back[:, self.input_size :]
        if self.optimizer is not None:
            self.hidden.weights = self.optimizer_hidden.calculate_update(self.hidden.weights, self.gradient_weights)
            self.out.weights = self.optimizer_out.calculate_update(self.out.weights, gradient_out)
        return error
