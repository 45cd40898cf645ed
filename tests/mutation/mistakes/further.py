"""Mistakes that are just as common and belong to no list."""

from tests.mutation.mistake import Mistake

CONV = "Layers/Conv.py"
NETWORK = "NeuralNetwork.py"
OPTIMIZERS = "Optimization/Optimizers.py"
BATCH_NORMALIZATION = "Layers/BatchNormalization.py"

MISTAKES = {
    "arrays changed in place": [
        Mistake(
            "the input of ReLU",
            "Layers/ReLU.py",
            {
                "        return np.maximum(0, input_tensor)": "        input_tensor[input_tensor < 0] = 0\n        return input_tensor"
            },
            "in place",
        ),
        Mistake(
            "the weights in Sgd",
            OPTIMIZERS,
            {
                "return self.shrink(weight_tensor) - self.learning_rate * gradient_tensor": "weight_tensor -= self.learning_rate * gradient_tensor\n        return self.shrink(weight_tensor)"
            },
            "in place",
        ),
        Mistake(
            "the last result",
            "Layers/FullyConnected.py",
            {
                "        return self.input @ self.weights.T": "        if np.shape(getattr(self, 'result', None)) != (len(self.input), self.output_size):\n            self.result = np.zeros((len(self.input), self.output_size))\n        self.result[:] = self.input @ self.weights.T\n        return self.result"
            },
            "overwritten",
        ),
        Mistake(
            "integers in, integers out",
            "Layers/Pooling.py",
            {
                "output = np.zeros((self.shape[0], self.shape[1], rows, columns))": "output = np.zeros((self.shape[0], self.shape[1], rows, columns), input_tensor.dtype)\n        input_tensor = input_tensor + 0.5"
            },
            "integers",
        ),
    ],
    "steps that are not taken": [
        Mistake(
            "by a fully connected layer",
            "Layers/FullyConnected.py",
            {"if self._optimizer is not None": "if False"},
            "no step is taken",
        ),
        Mistake(
            "by the bias of a convolution",
            CONV,
            {"            self.bias = self.optimizer_bias.calculate_update(self.bias, self.gradient_bias)\n": ""},
            "no step is taken",
        ),
        Mistake(
            "by the output layer of an RNN",
            "Layers/RNN.py",
            {
                "            self.out.weights = self.optimizer_out.calculate_update(self.out.weights, gradient_out)\n": ""
            },
            "takes no step",
        ),
        Mistake(
            "uphill",
            OPTIMIZERS,
            {
                "return self.shrink(weight_tensor) - self.learning_rate * gradient_tensor": "return self.shrink(weight_tensor) + self.learning_rate * gradient_tensor"
            },
            "uphill",
        ),
        Mistake(
            "without memory",
            OPTIMIZERS,
            {"self.velocity = self.momentum_rate * self.velocity -": "self.velocity = -"},
            "forgotten from step to step",
        ),
    ],
    "the network's order of work": [
        Mistake("layers not in reverse", NETWORK, {"reversed(self.layers)": "self.layers"}, "reversed"),
        Mistake(
            "one batch for ever",
            NETWORK,
            {
                "        input_tensor, self.label_tensor = self.data_layer.next()": "        self.batch = getattr(self, 'batch', None) or self.data_layer.next()\n        input_tensor, self.label_tensor = self.batch"
            },
            "same batch",
        ),
        Mistake("no backward", NETWORK, {"            self.backward()\n": ""}, "call self.backward()"),
        Mistake("losses not kept", NETWORK, {"self.loss.append(self.forward())": "self.forward()"}, "append the loss"),
        Mistake("no initialize", NETWORK, {"if self.weights_initializer is not None": "if False"}, "layer.initialize"),
        Mistake(
            "initializers exchanged",
            NETWORK,
            {
                "layer.initialize(self.weights_initializer, self.bias_initializer)": "layer.initialize(self.bias_initializer, self.weights_initializer)"
            },
            "exchanged",
        ),
        Mistake(
            "test leaves the training phase on",
            NETWORK,
            {"        self.phase = True\n": ""},
            "self.phase = True in test",
        ),
        Mistake(
            "train leaves the testing phase on",
            NETWORK,
            {"        self.phase = False\n": ""},
            "self.phase = False in train",
        ),
        Mistake(
            "lists shared by all networks",
            NETWORK,
            {
                "        self.loss = []\n        self.layers = []\n": "",
                "class NeuralNetwork:\n": "class NeuralNetwork:\n    loss = []\n    layers = []\n",
            },
            "lists that all networks share",
        ),
        Mistake(
            "saving drops the data layer",
            NETWORK,
            {"state = self.__dict__.copy()": "state = self.__dict__"},
            "leave the data layer out of the copy",
        ),
        Mistake("loading forgets the data layer", NETWORK, {"    net.data_layer = data_layer\n": ""}, "load sets"),
    ],
    "formulas of optimizers, losses and regularizers": [
        Mistake(
            "Adam's rates exchanged",
            OPTIMIZERS,
            {"self.mu = mu": "self.mu = rho", "self.rho = rho": "self.rho = mu"},
            "mixed up",
        ),
        Mistake("Adam's ε too small", OPTIMIZERS, {"1e-8": "2e-16"}, "too small"),
        Mistake(
            "Adam's ε under the root",
            OPTIMIZERS,
            {"(np.sqrt(r_hat) + 1e-8)": "np.sqrt(r_hat + 1e-8)"},
            "under the root",
        ),
        Mistake(
            "a shrinkage without the learning rate",
            OPTIMIZERS,
            {"weights - self.learning_rate * self.regularizer": "weights - self.regularizer"},
            "without the learning rate",
        ),
        Mistake(
            "a shrinkage in the velocity",
            OPTIMIZERS,
            {
                "        self.velocity = self.momentum_rate": "        if self.regularizer is not None:\n            gradient_tensor = gradient_tensor + self.regularizer.calculate_gradient(weight_tensor)\n        self.velocity = self.momentum_rate",
                "self.shrink(weight_tensor) + self.velocity": "weight_tensor + self.velocity",
            },
            "remember it",
        ),
        Mistake(
            "a shrinkage after the step",
            OPTIMIZERS,
            {
                "return self.shrink(weight_tensor) - self.learning_rate * gradient_tensor": "return self.shrink(weight_tensor - self.learning_rate * gradient_tensor)"
            },
            "after the step",
        ),
        Mistake(
            "L2 with the factor 2",
            "Optimization/Constraints.py",
            {"        return self.alpha * weights\n": "        return 2 * self.alpha * weights\n"},
            "factor 2",
        ),
        Mistake(
            "L2 with a root",
            "Optimization/Constraints.py",
            {"np.sum(np.square(weights))": "np.sqrt(np.sum(np.square(weights)))"},
            "root is taken",
        ),
        Mistake(
            "L1 without the absolute value",
            "Optimization/Constraints.py",
            {"np.sum(np.abs(weights))": "np.sum(weights)"},
            "α·Σ|w|",
        ),
        Mistake(
            "the loss without its sign",
            "Optimization/Loss.py",
            {"return -np.sum(": "return np.sum("},
            "minus sign is missing",
        ),
        Mistake(
            "the loss with softmax's derivative",
            "Optimization/Loss.py",
            {"-label_tensor / np.maximum(self.prediction, np.finfo(float).tiny)": "self.prediction - label_tensor"},
            "derivative of the softmax",
        ),
        Mistake(
            "He's variance for the deviation",
            "Layers/Initializers.py",
            {"np.sqrt(2 / fan_in)": "2 / fan_in"},
            "variance is handed over",
        ),
        Mistake(
            "Xavier uniform",
            "Layers/Initializers.py",
            {
                "np.random.normal(0, np.sqrt(2 / (fan_in + fan_out)), weights_shape)": "np.random.uniform(-1, 1, weights_shape) * np.sqrt(6 / (fan_in + fan_out))"
            },
            "uniform, not normal",
        ),
    ],
    "formulas of layers": [
        Mistake(
            "the bias of a convolution forgotten",
            CONV,
            {"            output[(..., *place)] += self.bias\n": ""},
            "bias is forgotten",
        ),
        Mistake(
            "fan_out without the kernel's size",
            CONV,
            {"fan_out = self.num_kernels * np.prod(self.kernel)": "fan_out = self.num_kernels"},
            "misses the kernel's size",
        ),
        Mistake(
            "a stride that begins in the middle",
            CONV,
            {"slice(i * s, i * s + k)": "slice(min(1, s - 1) + i * s, min(1, s - 1) + i * s + k)"},
            "begins in the middle",
        ),
        Mistake(
            "pooling's window turned around",
            "Layers/Pooling.py",
            {"self.size = pooling_shape": "self.size = pooling_shape[::-1]"},
            "window is turned around",
        ),
        Mistake(
            "pooling from zero",
            "Layers/Pooling.py",
            {"output[b, c, i, j] = window[y, x]": "output[b, c, i, j] = max(0, window[y, x])"},
            "starts from 0",
        ),
        Mistake(
            "Fortran's order",
            "Layers/Flatten.py",
            {"reshape(self.shape[0], -1)": "reshape((self.shape[0], -1), order='F')"},
            "Fortran",
        ),
        Mistake("TanH's derivative", "Layers/TanH.py", {"1 - self.output**2": "1 - self.output"}, "1 - y²"),
        Mistake(
            "Sigmoid's derivative",
            "Layers/Sigmoid.py",
            {"self.output * (1 - self.output)": "(1 - self.output)"},
            "y·(1 - y)",
        ),
        Mistake(
            "γ's gradient from the output",
            BATCH_NORMALIZATION,
            {"np.sum(e * self.normalized, axis=0)": "np.sum(e * (self.weights * self.normalized + self.bias), axis=0)"},
            "normalized input, not the output",
        ),
        Mistake(
            "γ initialized",
            BATCH_NORMALIZATION,
            {
                "self.weights = np.ones(self.channels)\n": "self.weights = np.ones(self.channels)\n        if weights_initializer is not None:\n            self.weights = weights_initializer.initialize((self.channels,), 1, 1)\n"
            },
            "not for γ and β",
        ),
        Mistake(
            "reshape without transposition",
            BATCH_NORMALIZATION,
            {"tensor.transpose(0, 2, 3, 1).reshape(-1, self.channels)": "tensor.reshape(-1, self.channels)"},
            "transpose first",
        ),
        Mistake("too large an ε", BATCH_NORMALIZATION, {"1e-15": "1e-8"}, "above 1e-10"),
        Mistake(
            "the hidden state before the input",
            "Layers/RNN.py",
            {"np.concatenate([x, state])": "np.concatenate([state, x])"},
            "stands before the input",
        ),
        Mistake("LeNet's learning rate", "Models/LeNet.py", {"Adam(5e-4": "Adam(1e-3"}, "Adam(5e-4"),
        Mistake(
            "LeNet without its regularizer",
            "Models/LeNet.py",
            {"    optimizer.add_regularizer(Constraints.L2_Regularizer(4e-4))\n": ""},
            "L2_Regularizer",
        ),
        Mistake("a layer missing in __all__", "Layers/__init__.py", {'    "Conv",\n': ""}, "add 'Conv' to __all__"),
    ],
}
