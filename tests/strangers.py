"""Classes as users write them, for tests that save them here and load them in another program."""

import numpy as np

from Foundation.Configurable import Configurable
from Layers.Base import BaseLayer, TrainableLayer
from Layers.Dropout import Dropout
from Optimization.Constraints import L2_Regularizer
from Optimization.Optimizers import Adam, Optimizer


class Fixed:
    """A data layer that gives one batch again and again."""

    def __init__(self, inputs, labels) -> None:
        self.batch = inputs, labels

    def next(self):
        return self.batch


class Swish(BaseLayer):
    """Keeps what backward needs in attributes of its own, as everybody writes it."""

    def forward(self, input_tensor):
        self.x = input_tensor
        self.sigmoid = 1 / (1 + np.exp(-input_tensor))
        return input_tensor * self.sigmoid

    def backward(self, error_tensor):
        return error_tensor * self.sigmoid * (1 + self.x * (1 - self.sigmoid))


class Halved(BaseLayer):
    """Keeps nothing."""

    def forward(self, input_tensor):
        return input_tensor / 2

    def backward(self, error_tensor):
        return error_tensor / 2


class Counting(BaseLayer):
    """Has arguments and a state of many types."""

    def __init__(self, factor, settings=None, inner=None) -> None:
        self.factor, self.settings, self.inner = factor, settings, inner
        self.calls, self.largest = np.int64(0), -np.inf

    def forward(self, input_tensor):
        self.calls += np.int64(1)
        self.largest = max(self.largest, input_tensor.max())
        return input_tensor * self.factor

    def backward(self, error_tensor):
        return error_tensor * self.factor


class Scale(TrainableLayer):
    """A factor for each feature."""

    parameter_names = ("weights",)

    def __init__(self, features) -> None:
        super().__init__()
        self.features = features
        self.weights = np.ones(features)

    def initialize(self, weights_initializer, bias_initializer):
        self.weights = weights_initializer.initialize((self.features,), self.features, self.features)

    def forward(self, input_tensor):
        self.x = input_tensor
        return input_tensor * self.weights

    def backward(self, error_tensor):
        self.gradient_weights = (error_tensor * self.x).sum(axis=0)
        input_error = error_tensor * self.weights
        self.update()
        return input_error


class Slotted(BaseLayer):
    """Holds what it has learnt in a slot."""

    __slots__ = ("scale",)

    def __init__(self) -> None:
        self.scale = None

    def forward(self, input_tensor):
        self.scale = 1.0 if self.scale is None else 0.5 * self.scale
        return input_tensor * self.scale

    def backward(self, error_tensor):
        return error_tensor * self.scale

    def __getstate__(self):
        return super().__getstate__(), {"scale": self.scale}


class Packed(BaseLayer):
    """Says how it is packed and unpacked, as for pickle."""

    def __init__(self, factor) -> None:
        self.factor, self.counts = factor, {}

    def forward(self, input_tensor):
        self.counts[len(input_tensor)] = self.counts.get(len(input_tensor), 0) + 1
        return input_tensor * self.factor * sum(self.counts.values())

    def backward(self, error_tensor):
        return error_tensor * self.factor * sum(self.counts.values())

    def __getstate__(self):
        return {"factor": self.factor, "packed": sorted(self.counts.items())}

    def __setstate__(self, state):
        self.factor, self.counts = state["factor"], dict(state["packed"])


class SquaredError(Configurable):
    """A loss of one's own."""

    def forward(self, prediction_tensor, label_tensor):
        self.difference = prediction_tensor - label_tensor
        return float(np.square(self.difference).sum()) / 2

    def backward(self, label_tensor):
        return self.difference


class PlainLoss:
    """A loss that is derived from nothing: trains, but can't be saved."""

    def forward(self, prediction_tensor, label_tensor):
        self.difference = prediction_tensor - label_tensor
        return float(np.square(self.difference).sum()) / 2

    def backward(self, label_tensor):
        return self.difference


class SignSgd(Optimizer):
    """An optimizer of one's own, with a memory."""

    def __init__(self, learning_rate, decay=0.9) -> None:
        super().__init__(learning_rate)
        self.decay, self.mean = decay, 0.0

    def calculate_update(self, weight_tensor, gradient_tensor):
        self.mean = self.decay * self.mean + (1 - self.decay) * gradient_tensor
        return weight_tensor - self.learning_rate * np.sign(self.mean)


class SlowAdam(Adam):
    """Hands its base what it would be asked for."""

    def __init__(self) -> None:
        super().__init__(0.01, mu=0.5, regularizer=Ridge())


class Ridge(L2_Regularizer):
    """The same."""

    def __init__(self) -> None:
        super().__init__(0.01, biases=False)


class Eighth(Dropout):
    """The same; it draws from NumPy's global state."""

    def __init__(self) -> None:
        super().__init__(1 / 8)


class Ones(Configurable):
    """An initializer of one's own."""

    def initialize(self, weights_shape, fan_in, fan_out):
        return np.ones(weights_shape)
