"""Solutions of the tasks of Protocols/beyond.md in several styles, and mistakes to plant into the first of each."""

GRU = """
import copy

import numpy as np

from Layers.Base import BaseLayer


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class GRU(BaseLayer):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.trainable, self.memorize = True, False
        self.input_size, self.hidden_size, self.output_size = input_size, hidden_size, output_size
        self.weights = np.random.rand(input_size + hidden_size + 2, 3 * hidden_size)
        self.output_weights = np.random.rand(hidden_size + 1, output_size)
        self.gradient_weights = self.gradient_output_weights = None
        self._optimizers = None
        self.hidden_state = np.zeros(hidden_size)

    @property
    def optimizer(self):
        return None if self._optimizers is None else self._optimizers[0]

    @optimizer.setter
    def optimizer(self, optimizer):
        self._optimizers = [copy.deepcopy(optimizer), copy.deepcopy(optimizer)]

    def initialize(self, weights_initializer, bias_initializer):
        n, h, o = self.input_size, self.hidden_size, self.output_size
        drawn = weights_initializer.initialize((n + h, 3 * h), n + h, 3 * h)
        self.weights = np.vstack([drawn, bias_initializer.initialize((2, 3 * h), n + h, 3 * h)])
        drawn = weights_initializer.initialize((h, o), h, o)
        self.output_weights = np.vstack([drawn, bias_initializer.initialize((1, o), h, o)])

    def parts(self):
        n, w = self.input_size, self.weights
        return w[:n], w[n:-2], w[-2], w[-1]

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, float)
        w, u, c, b = self.parts()
        self.steps, outputs = [], []
        h = self.hidden_state if self.memorize else np.zeros(self.hidden_size)
        for one in x:
            before = h
            xr, xz, xn = np.split(one @ w + b, 3)
            hr, hz, hn = np.split(before @ u + c, 3)
            r, z = sigmoid(xr + hr), sigmoid(xz + hz)
            n = np.tanh(xn + r * hn)
            h = (1 - z) * n + z * before
            y = sigmoid(np.append(h, 1) @ self.output_weights)
            self.steps.append((one, before, r, z, n, hn, h, y))
            outputs.append(y)
        self.hidden_state = h
        return np.array(outputs)

    def backward(self, error_tensor):
        w, u, c, b = self.parts()
        read_out = self.output_weights
        self.gradient_weights = np.zeros_like(self.weights)
        self.gradient_output_weights = np.zeros_like(read_out)
        errors = np.zeros((len(self.steps), self.input_size))
        later = np.zeros(self.hidden_size)
        for t in reversed(range(len(self.steps))):
            one, before, r, z, n, hn, h, y = self.steps[t]
            drive = error_tensor[t] * y * (1 - y)
            self.gradient_output_weights += np.outer(np.append(h, 1), drive)
            delta = drive @ read_out[:-1].T + later
            dn = delta * (1 - z) * (1 - n * n)
            dz = delta * (before - n) * z * (1 - z)
            dr = dn * hn * r * (1 - r)
            of_x, of_h = np.concatenate([dr, dz, dn]), np.concatenate([dr, dz, r * dn])
            stacked = np.vstack([np.outer(one, of_x), np.outer(before, of_h), of_h, of_x])
            self.gradient_weights += stacked
            errors[t] = of_x @ w.T
            later = of_h @ u.T + delta * z
        if self._optimizers is not None:
            first, second = self._optimizers
            self.weights = first.calculate_update(self.weights, self.gradient_weights)
            self.output_weights = second.calculate_update(self.output_weights, self.gradient_output_weights)
        return errors
"""

#: Everything that is known of all time steps in matrices; the sums over time are matrix products.
GRU_OF_MATRICES = """
import copy

import numpy as np

from Layers.Base import BaseLayer


class GRU(BaseLayer):
    trainable, memorize = True, False
    optimizers = ()

    def __init__(self, input_size, hidden_size, output_size):
        self.sizes = input_size, hidden_size, output_size
        self.weights = np.random.rand(input_size + hidden_size + 2, 3 * hidden_size)
        self.output_weights = np.random.rand(hidden_size + 1, output_size)

    optimizer = property(
        lambda self: self.optimizers[0] if self.optimizers else None,
        lambda self, new: setattr(self, "optimizers", [copy.deepcopy(new) for _ in range(2)]),
    )

    def initialize(self, weights_initializer, bias_initializer):
        for name, biases in (("weights", 2), ("output_weights", 1)):
            rows, columns = getattr(self, name).shape
            fans = rows - biases, columns
            parts = weights_initializer.initialize(fans, *fans), bias_initializer.initialize((biases, columns), *fans)
            setattr(self, name, np.concatenate(parts))

    def forward(self, input_tensor):
        features, size, _ = self.sizes
        x = np.array(input_tensor, float)
        hidden = np.zeros((len(x) + 1, size))
        if self.memorize and hasattr(self, "last"):
            hidden[0] = self.last
        gates, products = np.zeros((len(x), 3, size)), np.zeros((len(x), size))
        driven = (x @ self.weights[:features] + self.weights[-1]).reshape(-1, 3, size)
        for t in range(len(x)):
            recurrent = (hidden[t] @ self.weights[features:-2] + self.weights[-2]).reshape(3, size)
            gates[t, :2] = 0.5 * (1 + np.tanh(0.5 * (driven[t, :2] + recurrent[:2])))
            products[t] = recurrent[2]
            gates[t, 2] = np.tanh(driven[t, 2] + gates[t, 0] * recurrent[2])
            hidden[t + 1] = gates[t, 2] + gates[t, 1] * (hidden[t] - gates[t, 2])
        self.last = hidden[-1].copy()
        states = np.hstack([hidden[1:], np.ones((len(x), 1))])
        output = 1 / (1 + np.exp(-states @ self.output_weights))
        self.known = x, hidden, gates, products, states, output
        return output.copy()

    def backward(self, error_tensor):
        x, hidden, gates, products, states, output = self.known
        features, size, _ = self.sizes
        drive = error_tensor * output * (1 - output)
        self.gradient_output_weights = states.T @ drive
        from_output = drive @ self.output_weights[:-1].T
        recurrent = self.weights[features:-2]
        of_x, of_state, later = np.zeros_like(gates), np.zeros_like(gates), np.zeros(size)
        for t in range(len(x) - 1, -1, -1):
            (r, z, n), delta = gates[t], from_output[t] + later
            inner = delta * (1 - z) * (1 - n**2)
            of_x[t] = inner * products[t] * r * (1 - r), delta * (hidden[t] - n) * z * (1 - z), inner
            of_state[t] = of_x[t, 0], of_x[t, 1], inner * r
            later = delta * z + of_state[t].ravel() @ recurrent.T
        of_x, of_state = of_x.reshape(len(x), -1), of_state.reshape(len(x), -1)
        parts = x.T @ of_x, hidden[:-1].T @ of_state, of_state.sum(axis=0), of_x.sum(axis=0)
        self.gradient_weights = np.vstack(parts)
        error = of_x @ self.weights[:features].T
        for name, optimizer in zip(("weights", "output_weights"), self.optimizers):
            new = optimizer.calculate_update(getattr(self, name), getattr(self, f"gradient_{name}"))
            setattr(self, name, new)
        return error
"""

RESIDUAL = """
import copy

import numpy as np

from Layers.Base import BaseLayer


class Residual(BaseLayer):
    def __init__(self, layers):
        self.layers = layers
        super().__init__()
        self.trainable = True
        self._optimizer = None
        self._testing_phase = False

    @property
    def testing_phase(self):
        return self._testing_phase

    @testing_phase.setter
    def testing_phase(self, phase):
        self._testing_phase = phase
        for layer in self.layers:
            layer.testing_phase = phase

    @property
    def optimizer(self):
        return self._optimizer

    @optimizer.setter
    def optimizer(self, optimizer):
        self._optimizer = optimizer
        for layer in self.layers:
            if layer.trainable:
                layer.optimizer = copy.deepcopy(optimizer)

    def initialize(self, weights_initializer, bias_initializer):
        for layer in self.layers:
            if layer.trainable:
                layer.initialize(weights_initializer, bias_initializer)

    def calculate_regularization_loss(self):
        return sum(layer.calculate_regularization_loss() for layer in self.layers if layer.trainable)

    def forward(self, input_tensor):
        output = input_tensor
        for layer in self.layers:
            output = layer.forward(output)
        if output.shape != input_tensor.shape:
            raise ValueError(f"the layers make {output.shape} of {input_tensor.shape}")
        return output + input_tensor

    def backward(self, error_tensor):
        error = error_tensor
        for layer in reversed(self.layers):
            error = layer.backward(error)
        return error + error_tensor
"""

RESIDUAL_OF_FUNCTIONS = """
import copy
from functools import reduce

import numpy as np


class Residual:
    trainable = True

    def __init__(self, layers):
        self.layers = tuple(layers)
        self.inner = [layer for layer in layers if layer.trainable]

    testing_phase = property(
        lambda self: self.layers[0].testing_phase,
        lambda self, phase: [setattr(layer, "testing_phase", phase) for layer in self.layers] and None,
    )
    optimizer = property(
        lambda self: self.inner[0].optimizer,
        lambda self, new: [setattr(layer, "optimizer", copy.deepcopy(new)) for layer in self.inner] and None,
    )

    def initialize(self, *initializers):
        for layer in self.inner:
            layer.initialize(*initializers)

    def calculate_regularization_loss(self):
        return np.sum([layer.calculate_regularization_loss() for layer in self.inner])

    def forward(self, input_tensor):
        changed = reduce(lambda tensor, layer: layer.forward(tensor), self.layers, input_tensor)
        if np.shape(changed) != np.shape(input_tensor):
            raise ValueError("a block needs layers that keep the shape")
        return np.add(changed, input_tensor)

    def backward(self, error_tensor):
        return np.add(error_tensor, reduce(lambda error, layer: layer.backward(error), self.layers[::-1], error_tensor))
"""

ADAMW = """
import numpy as np


class Optimizer:
    def __init__(self):
        self.regularizer = None

    def add_regularizer(self, regularizer):
        self.regularizer = regularizer


class AdamW(Optimizer):
    def __init__(self, learning_rate=0.001, mu=0.9, rho=0.999, decay=0.01):
        super().__init__()
        self.learning_rate, self.mu, self.rho, self.decay = learning_rate, mu, rho, decay
        self.v = self.r = 0.0
        self.k = 0

    def calculate_update(self, weight_tensor, gradient_tensor):
        self.k = self.k + 1
        gradient = gradient_tensor
        self.v = self.mu * self.v + (1 - self.mu) * gradient
        self.r = self.rho * self.r + (1 - self.rho) * gradient * gradient
        v = self.v / (1 - self.mu**self.k)
        r = self.r / (1 - self.rho**self.k)
        shrinkage = self.decay * weight_tensor
        if self.regularizer is not None:
            shrinkage = shrinkage + self.regularizer.calculate_gradient(weight_tensor)
        return weight_tensor - self.learning_rate * shrinkage - self.learning_rate * v / (np.sqrt(r) + 1e-8)
"""

#: On top of an Adam that is there: the decay first, then its step.
ADAMW_ON_ADAM = """
import numpy as np


class Optimizer:
    regularizer = None

    def add_regularizer(self, regularizer):
        self.regularizer = regularizer


class Adam(Optimizer):
    def __init__(self, learning_rate, mu, rho):
        self.learning_rate, self.mu, self.rho, self.moments, self.steps = learning_rate, mu, rho, None, 0

    def calculate_update(self, weight_tensor, gradient_tensor):
        weights, gradient = np.array(weight_tensor, float), np.asarray(gradient_tensor, float)
        if self.moments is None:
            self.moments = np.zeros((2, *gradient.shape))
        self.steps += 1
        keep = np.array([self.mu, self.rho]).reshape(2, *[1] * gradient.ndim)
        self.moments = keep * self.moments + (1 - keep) * np.stack([gradient, gradient**2])
        mean, squares = self.moments / (1 - keep**self.steps)
        if self.regularizer is not None:
            weights -= self.learning_rate * self.regularizer.calculate_gradient(weights)
        return weights - self.learning_rate * mean / (squares**0.5 + 1e-8)


class AdamW(Adam):
    def __init__(self, learning_rate=1e-3, mu=0.9, rho=0.999, decay=1e-2):
        super().__init__(learning_rate, mu, rho)
        self.decay = decay

    def calculate_update(self, weight_tensor, gradient_tensor):
        shrunk = np.multiply(weight_tensor, 1 - self.learning_rate * self.decay)
        return super().calculate_update(shrunk, gradient_tensor)
"""

SOLUTIONS = {
    "GRU": {"step by step": GRU, "matrices": GRU_OF_MATRICES},
    "Residual": {"loops": RESIDUAL, "functions": RESIDUAL_OF_FUNCTIONS},
    "AdamW": {"one formula": ADAMW, "on Adam": ADAMW_ON_ADAM},
}

#: For each task what a student may do wrong: what stands in the first solution, and what would stand there.
MISTAKES = {
    "GRU": {
        "update gate the other way round": ("h = (1 - z) * n + z * before", "h = z * n + (1 - z) * before"),
        "reset before the product": (
            "n = np.tanh(xn + r * hn)",
            "n = np.tanh(xn + np.split((r * before) @ u + c, 3)[2])",
        ),
        "gates in another order": ("hr, hz, hn = np.split", "hz, hr, hn = np.split"),
        "gradients overwritten": ("self.gradient_weights += stacked", "self.gradient_weights = stacked"),
        "gradients never reset": (
            "self.gradient_weights = np.zeros_like(self.weights)",
            "self.gradient_weights = np.zeros_like(self.weights) if self.gradient_weights is None else self.gradient_weights",
        ),
        "future forgotten": ("delta = drive @ read_out[:-1].T + later", "delta = drive @ read_out[:-1].T"),
        "time runs forward on the way back": ("for t in reversed(range(", "for t in (range("),
        "the way through the update gate forgotten": ("later = of_h @ u.T + delta * z", "later = of_h @ u.T"),
        "state never reset": ("h = self.hidden_state if self.memorize else", "h = self.hidden_state if True else"),
        "state always reset": ("h = self.hidden_state if self.memorize else", "h = self.hidden_state if False else"),
        "one optimizer for both": (
            "copy.deepcopy(optimizer), copy.deepcopy(optimizer)",
            "copy.deepcopy(optimizer)] * 2 + [",
        ),
        "slope of the reset gate forgotten": ("dr = dn * hn * r * (1 - r)", "dr = dn * hn"),
        "reset gate forgotten on the way back": ("np.concatenate([dr, dz, r * dn])", "np.concatenate([dr, dz, dn])"),
        "sign of the update gate": ("dz = delta * (before - n)", "dz = delta * (n - before)"),
        "slope of the read-out forgotten": ("drive = error_tensor[t] * y * (1 - y)", "drive = error_tensor[t]"),
        "a step in every time step": (
            "            later = of_h @ u.T + delta * z",
            "            later = of_h @ u.T + delta * z\n            if self._optimizers is not None and t:\n"
            "                self.weights = self._optimizers[0].calculate_update(self.weights, stacked)",
        ),
        "biases drawn as weights": ("bias_initializer.initialize((2,", "weights_initializer.initialize((2,"),
        "error of the weights after the step": (
            *("errors[t] = of_x @ w.T", "driven[t] = of_x"),
            *(
                "        later = np.zeros",
                "        driven = np.zeros((len(errors), 3 * self.hidden_size))\n        later = np.zeros",
            ),
            *("        return errors", "        return driven @ self.parts()[0].T"),
        ),
    },
    "Residual": {
        "no shortcut forward": ("return output + input_tensor", "return output"),
        "no shortcut backward": ("return error + error_tensor", "return error"),
        "the shortcut multiplies": ("return output + input_tensor", "return output * input_tensor"),
        "half of it": ("return output + input_tensor", "return (output + input_tensor) / 2"),
        "layers backward in the order forward": ("in reversed(self.layers)", "in self.layers"),
        "the sum in place": ("return output + input_tensor", "output += input_tensor; return output"),
        "the error in place": ("return error + error_tensor", "error += error_tensor; return error"),
        "the shortcut around each layer": (
            "output = layer.forward(output)",
            "output = layer.forward(output) + 0.5 * output",
        ),
        "one optimizer for all": ("layer.optimizer = copy.deepcopy(optimizer)", "layer.optimizer = optimizer"),
        "optimizer kept outside": ("layer.optimizer = copy.deepcopy(optimizer)", "pass"),
        "phase kept outside": ("            layer.testing_phase = phase", "            pass"),
        "not trainable": ("self.trainable = True", "self.trainable = False"),
        "initialize kept outside": ("layer.initialize(weights_initializer, bias_initializer)", "pass"),
        "shapes that are repeated": ("if output.shape != input_tensor.shape:", "if False:"),
        "price of the last layer alone": (
            "for layer in self.layers if layer.trainable)",
            "for layer in self.layers[-1:])",
        ),
    },
    "AdamW": {
        "L2 in the gradient": (
            "gradient = gradient_tensor\n",
            "gradient = gradient_tensor + self.decay * weight_tensor; weight_tensor = weight_tensor / (1 - self.learning_rate * self.decay)\n",
        ),
        "decay without the learning rate": ("self.learning_rate * shrinkage", "shrinkage"),
        "weights grow": (
            "weight_tensor - self.learning_rate * shrinkage",
            "weight_tensor + self.learning_rate * shrinkage",
        ),
        "decay of the weights after the step": (
            "return weight_tensor - self.learning_rate * shrinkage - self.learning_rate * v / (np.sqrt(r) + 1e-8)",
            "new = weight_tensor - self.learning_rate * v / (np.sqrt(r) + 1e-8); return new - self.learning_rate * self.decay * new",
        ),
        "twice the decay": ("shrinkage = self.decay * weight_tensor", "shrinkage = 2 * self.decay * weight_tensor"),
        "no decay": ("shrinkage = self.decay * weight_tensor", "shrinkage = 0 * weight_tensor"),
        "decay in the first step alone": ("shrinkage = self.decay", "shrinkage = (self.k == 1) * self.decay"),
        "decay divided by the root": (
            "self.learning_rate * shrinkage -",
            "self.learning_rate * shrinkage / (np.sqrt(r) + 1e-8) -",
        ),
        "no bias correction": ("v = self.v / (1 - self.mu**self.k)", "v = self.v"),
        "counter off by one": ("self.mu**self.k", "self.mu**(self.k + 1)"),
        "epsilon under the root": ("(np.sqrt(r) + 1e-8)", "np.sqrt(r + 1e-8)"),
        "another default": ("decay=0.01", "decay=0.1"),
        "corrected moments kept": ("v = self.v / (1 - self.mu**self.k)", "v = self.v = self.v / (1 - self.mu**self.k)"),
        "regularizer ignored": ("if self.regularizer is not None:", "if False:"),
        "regularizer in place of the decay": ("shrinkage = shrinkage + self.reg", "shrinkage = 0.0 + self.reg"),
        "weights changed in place": (
            "return weight_tensor -",
            "weight_tensor = np.asarray(weight_tensor); weight_tensor *= 1.0 - 1e-6; return weight_tensor -",
        ),
    },
}

#: Names that the tests of a task use.
ASKED = {
    "GRU": (
        "input_size", "hidden_size", "output_size", "trainable", "memorize", "weights", "output_weights",
        "gradient_weights", "gradient_output_weights", "forward", "backward", "optimizer", "initialize",
    ),
    "Residual": (
        "layers", "forward", "backward", "trainable", "optimizer", "testing_phase", "initialize",
        "calculate_regularization_loss",
    ),
    "AdamW": ("learning_rate", "mu", "rho", "decay", "calculate_update", "add_regularizer", "regularizer"),
}  # fmt: skip
