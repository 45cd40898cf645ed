"""Mistakes in Part 3: regularizers, dropout, batch normalization, recurrent layers."""

from tests.mutation.mistake import Mistake

DROPOUT = "Layers/Dropout.py"
BATCH_NORMALIZATION = "Layers/BatchNormalization.py"
RNN = "Layers/RNN.py"
LSTM = "Layers/LSTM.py"
OPTIMIZERS = "Optimization/Optimizers.py"
NETWORK = "NeuralNetwork.py"

MISTAKES = {
    "dropout not inverted": [
        Mistake(
            "no factor at all",
            DROPOUT,
            {" < self.probability) / self.probability": " < self.probability) * 1.0"},
            "not inverted",
        ),
        Mistake(
            "scaled in the testing phase",
            DROPOUT,
            {
                " < self.probability) / self.probability": " < self.probability) * 1.0",
                "            return input_tensor\n": "            return input_tensor * self.probability\n",
            },
            "with inverted dropout nothing is left to do",
        ),
        Mistake(
            "no factor in backward",
            DROPOUT,
            {"return error_tensor * self.mask": "return error_tensor * (self.mask > 0)"},
            "factor 1/p is missing in backward",
        ),
        Mistake(
            "the share to drop",
            DROPOUT,
            {"self.probability = probability": "self.probability = 1 - probability"},
            "share to drop",
        ),
        Mistake(
            "in the library",
            DROPOUT,
            {"only_where(m, x) / p": "only_where(m, x)", "only_where(m, e) / p": "only_where(m, e)"},
            "not inverted",
            "library",
        ),
    ],
    "a new mask in backward": [
        Mistake(
            "drawn again",
            DROPOUT,
            {
                "return error_tensor * self.mask": "return error_tensor * (np.random.random(error_tensor.shape) < self.probability) / self.probability"
            },
            "not a new one",
        ),
        Mistake(
            "none at all",
            DROPOUT,
            {"return error_tensor * self.mask": "return error_tensor.copy()"},
            "error passes everywhere",
        ),
        Mistake(
            "in the library",
            DROPOUT,
            {"error_tensor, self.kept,": "error_tensor, random_mask(self.rng, self.probability, error_tensor),"},
            "not a new one",
            "library",
        ),
    ],
    "a moving average of a value with itself": [
        Mistake(
            "of the mean",
            BATCH_NORMALIZATION,
            {"0.8 * self.average_mean + 0.2 * mean": "0.8 * mean + 0.2 * mean"},
            "(the mean alone)",
        ),
        Mistake(
            "of the variance",
            BATCH_NORMALIZATION,
            {"0.8 * self.average_variance + 0.2 * variance": "0.8 * variance + 0.2 * variance"},
            "(the variance alone)",
        ),
        Mistake(
            "of both",
            BATCH_NORMALIZATION,
            {
                "0.8 * self.average_mean + 0.2 * mean": "mean",
                "0.8 * self.average_variance + 0.2 * variance": "variance",
            },
            "averages a value with itself",
        ),
        Mistake(
            "in the library",
            BATCH_NORMALIZATION,
            {
                'self.decay * self._read("moving_mean")': "self.DECAY * mean",
                'self.decay * self._read("moving_variance")': "self.DECAY * variance",
            },
            "averages a value with itself",
            "library",
        ),
        Mistake(
            "the shares exchanged",
            BATCH_NORMALIZATION,
            {
                "0.8 * self.average_mean + 0.2 * mean": "0.2 * self.average_mean + 0.8 * mean",
                "0.8 * self.average_variance + 0.2 * variance": "0.2 * self.average_variance + 0.8 * variance",
            },
            "old and new are exchanged",
        ),
        Mistake(
            "from zero",
            BATCH_NORMALIZATION,
            {
                "self.average_mean, self.average_variance = mean, variance": "self.average_mean, self.average_variance = 0.2 * mean, 0.2 * variance"
            },
            "start from 0",
        ),
    ],
    "batch statistics used in the testing phase": [
        Mistake(
            "always",
            BATCH_NORMALIZATION,
            {
                "mean, variance = self.average_mean, self.average_variance\n": "mean, variance = x.mean(axis=0), x.var(axis=0)\n"
            },
            "statistics of its own batch",
        ),
        Mistake(
            "moving the averages",
            BATCH_NORMALIZATION,
            {
                "            mean, variance = self.average_mean, self.average_variance\n": "            mean, variance = self.average_mean, self.average_variance\n            self.average_mean = 0.8 * self.average_mean + 0.2 * x.mean(axis=0)\n"
            },
            "only training moves them",
        ),
        Mistake(
            "in the library",
            BATCH_NORMALIZATION,
            {
                'x, rest, variance = known(input_tensor, self._read("moving_mean"), self._read("moving_variance"), self)': "x, _, rest, variance = moments_of_all(input_tensor, self)"
            },
            "statistics of its own batch",
            "library",
        ),
    ],
    "variance and standard deviation confused": [
        Mistake(
            "the variance divides",
            BATCH_NORMALIZATION,
            {"self.deviation = np.sqrt(variance + 1e-15)": "self.deviation = variance + 1e-15"},
            "the variance divides",
        ),
        Mistake(
            "the root of the deviation divides",
            BATCH_NORMALIZATION,
            {"x.var(axis=0)": "x.std(axis=0)"},
            "root of the standard deviation",
        ),
        Mistake(
            "the variance divides in backward",
            BATCH_NORMALIZATION,
            {"error = error / self.deviation": "error = error / self.deviation**2"},
            "not the standard deviation",
        ),
        Mistake(
            "the root of the deviation divides in backward",
            BATCH_NORMALIZATION,
            {"error = error / self.deviation": "error = error / np.sqrt(self.deviation)"},
            "not the standard deviation",
        ),
        Mistake("divided by n - 1", BATCH_NORMALIZATION, {"x.var(axis=0)": "x.var(axis=0, ddof=1)"}, "by n - 1"),
        Mistake(
            "in the library",
            BATCH_NORMALIZATION,
            {"1 / np.sqrt(variance + self.epsilon)": "1 / (variance + self.epsilon)"},
            "the variance divides",
            "library",
        ),
    ],
    "hidden state not reset": [
        Mistake(
            "of an RNN",
            RNN,
            {"self.state if self.memorize else np.zeros(self.hidden_size)": "self.state"},
            "state of the last sequence is still there",
        ),
        Mistake(
            "in the testing phase",
            RNN,
            {"self.state if self.memorize else": "self.state if self.memorize or self.testing_phase else"},
            "whatever the phase is",
        ),
        Mistake(
            "of an LSTM",
            LSTM,
            {"(self.state, self.cell) if self.memorize else (zeros, zeros)": "(self.state, self.cell)"},
            "state of the last sequence is still there",
        ),
        Mistake(
            "the cell state alone",
            LSTM,
            {
                "(self.state, self.cell) if self.memorize else (zeros, zeros)": "(self.state if self.memorize else zeros, self.cell)"
            },
            "state of the last sequence is still there",
        ),
        Mistake(
            "in the library",
            "Layers/Recurrent.py",
            {"if self.memorize": "if True"},
            "state of the last sequence is still there",
            "library",
        ),
    ],
    "hidden state reset under memorize": [
        Mistake(
            "of an RNN",
            RNN,
            {"self.state if self.memorize else np.zeros(self.hidden_size)": "np.zeros(self.hidden_size)"},
            "reset although memorize",
        ),
        Mistake("never kept", RNN, {"        self.state = state\n": ""}, "reset although memorize"),
        Mistake(
            "in the testing phase",
            RNN,
            {"self.state if self.memorize else": "self.state if self.memorize and not self.testing_phase else"},
            "whatever the phase is",
        ),
        Mistake(
            "of an LSTM",
            LSTM,
            {"(self.state, self.cell) if self.memorize else (zeros, zeros)": "zeros, zeros"},
            "reset although memorize",
        ),
        Mistake(
            "the cell state alone",
            LSTM,
            {
                "(self.state, self.cell) if self.memorize else (zeros, zeros)": "(self.state if self.memorize else zeros, zeros)"
            },
            "cell state",
        ),
        Mistake(
            "in the library",
            "Layers/Recurrent.py",
            {"if self.memorize": "if False"},
            "reset although memorize",
            "library",
        ),
    ],
    "gradients of time steps overwritten instead of summed": [
        Mistake(
            "hidden weights of an RNN",
            RNN,
            {"self.gradient_weights += self.hidden": "self.gradient_weights = self.hidden"},
            "overwrites the one before",
        ),
        Mistake(
            "output weights of an RNN",
            RNN,
            {"gradient_out += self.out": "gradient_out = self.out"},
            "overwrite each other",
        ),
        Mistake(
            "hidden weights of an LSTM",
            LSTM,
            {"self.gradient_weights += self.hidden": "self.gradient_weights = self.hidden"},
            "overwrites the one before",
        ),
        Mistake(
            "output weights of an LSTM",
            LSTM,
            {"gradient_out += self.out": "gradient_out = self.out"},
            "overwrite each other",
        ),
        Mistake(
            "memories of the inner layers overwritten",
            RNN,
            {"self.hidden.input, state, self.out.input, y = self.steps[t]": "_, state, _, y = self.steps[t]"},
            "restore what the inner layers knew",
        ),
        Mistake(
            "the hidden state's error lost",
            RNN,
            {"error_of_state = back[:, self.input_size :]": "error_of_state = 0"},
            "plus that of the next time step",
        ),
        Mistake(
            "the cell's error lost",
            LSTM,
            {"error_of_cell = at_cell * f": "error_of_cell = 0 * at_cell"},
            "the cell's error from the next time step",
        ),
    ],
    "LSTM gates mixed up": [
        Mistake(
            "input before forget",
            LSTM,
            {
                "f, i, o = sigmoid(quarters[0]), sigmoid(quarters[1])": "i, f, o = sigmoid(quarters[0]), sigmoid(quarters[1])"
            },
            "they stand in the order input, forget, candidate, output",
        ),
        Mistake(
            "output before candidate",
            LSTM,
            {"sigmoid(quarters[3])": "sigmoid(quarters[2])", "np.tanh(quarters[2])": "np.tanh(quarters[3])"},
            "they stand in the order forget, input, output, candidate",
        ),
        Mistake(
            "no tanh of the cell",
            LSTM,
            {"state = o * np.tanh(cell)": "state = o * cell"},
            "the tanh of the cell is missing",
        ),
        Mistake(
            "the cell forgets through the input gate",
            LSTM,
            {"cell = f * before + i * candidate": "cell = i * before + f * candidate"},
            "they stand in the order input, forget, candidate, output",
        ),
    ],
    "a regularizer that is added to the loss but not to the step": [
        Mistake(
            "by every optimizer",
            OPTIMIZERS,
            {
                "        return weights - self.learning_rate * self.regularizer.calculate_gradient(weights)": "        return weights"
            },
            "never reaches the step",
        ),
        Mistake(
            "by Adam alone",
            OPTIMIZERS,
            {
                "return self.shrink(weight_tensor) - self.learning_rate * v_hat": "return weight_tensor - self.learning_rate * v_hat"
            },
            "never reaches the step",
        ),
        Mistake(
            "in the library",
            OPTIMIZERS,
            {"        if not regularized.size:\n": "        if True:\n"},
            "never reaches the step",
            "library",
        ),
    ],
    "a regularizer that is added to the step but not to the loss": [
        Mistake("by the network", NETWORK, {" + self.regularization_loss()": ""}, "add its norm to the loss"),
        Mistake(
            "for the last layer alone",
            NETWORK,
            {"loss += optimizer": "loss = optimizer"},
            "one of the two layers is left out",
        ),
        Mistake(
            "not for a recurrent layer",
            RNN,
            {"        return self.optimizer.regularizer.norm(self.weights)\n": "        return 0\n"},
            "regularizer.norm(weights)",
        ),
        Mistake(
            "by the library's network",
            NETWORK,
            {"loss += float(layer.calculate_regularization_loss())": "pass"},
            "add its norm to the loss",
            "library",
        ),
    ],
}
