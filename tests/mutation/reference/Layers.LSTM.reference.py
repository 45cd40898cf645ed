import numpy as np

from Layers.FullyConnected import FullyConnected
from Layers.RNN import RNN


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class LSTM(RNN):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__(input_size, hidden_size, output_size)
        self.hidden = FullyConnected(input_size + hidden_size, 4 * hidden_size)
        self.cell = np.zeros(hidden_size)

    def forward(self, input_tensor):
        zeros = np.zeros(self.hidden_size)
        state, cell = (self.state, self.cell) if self.memorize else (zeros, zeros)
        self.steps = []
        output = np.zeros((len(input_tensor), self.output_size))
        for t, x in enumerate(input_tensor):
            quarters = np.split(self.hidden.forward(np.concatenate([x, state])[np.newaxis])[0], 4)
            f, i, o = sigmoid(quarters[0]), sigmoid(quarters[1]), sigmoid(quarters[3])
            candidate = np.tanh(quarters[2])
            before = cell
            cell = f * before + i * candidate
            state = o * np.tanh(cell)
            y = sigmoid(self.out.forward(state[np.newaxis]))
            output[t] = y[0]
            self.steps.append((self.hidden.input, self.out.input, y, f, i, candidate, o, before, cell))
        self.state, self.cell = state, cell
        return output

    def backward(self, error_tensor):
        error = np.zeros((len(error_tensor), self.input_size))
        error_of_state = np.zeros(self.hidden_size)
        error_of_cell = np.zeros(self.hidden_size)
        self.gradient_weights = np.zeros(self.hidden.weights.shape)
        gradient_out = np.zeros(self.out.weights.shape)
        for t in reversed(range(len(error_tensor))):
            self.hidden.input, self.out.input, y, f, i, candidate, o, before, cell = self.steps[t]
            at_state = self.out.backward(error_tensor[t : t + 1] * y * (1 - y))[0] + error_of_state
            gradient_out += self.out.gradient_weights
            at_cell = at_state * o * (1 - np.tanh(cell) ** 2) + error_of_cell
            at_gates = [
                at_cell * before * f * (1 - f),
                at_cell * candidate * i * (1 - i),
                at_cell * i * (1 - candidate**2),
                at_state * np.tanh(cell) * o * (1 - o),
            ]
            error_of_cell = at_cell * f
            back = self.hidden.backward(np.concatenate(at_gates)[np.newaxis])[0]
            self.gradient_weights += self.hidden.gradient_weights
            error[t] = back[: self.input_size]
            error_of_state = back[self.input_size :]
        if self.optimizer is not None:
            self.hidden.weights = self.optimizer_hidden.calculate_update(self.hidden.weights, self.gradient_weights)
            self.out.weights = self.optimizer_out.calculate_update(self.out.weights, gradient_out)
        return error
