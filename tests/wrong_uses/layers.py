"""Wrong uses of layers and initializers."""

from typing import Any

import numpy as np

from Layers import (
    RNN, BatchNormalization, Conv, Dropout, Flatten, FullyConnected, Initializers, LSTM, Pooling, ReLU, Sigmoid, SoftMax,
    TanH,
)  # fmt: skip
from Optimization import Optimizers
from tests.wrong_uses.kinds import number, seed, truth, whole

NAN, INF = float("nan"), float("inf")
CLASSES = (
    BatchNormalization.BatchNormalization, Conv.Conv, Dropout.Dropout, Flatten.Flatten, FullyConnected.FullyConnected,
    LSTM.LSTM, Pooling.Pooling, RNN.RNN, ReLU.ReLU, Sigmoid.Sigmoid, SoftMax.SoftMax, TanH.TanH, Initializers.Constant,
    Initializers.He, Initializers.UniformRandom, Initializers.Xavier,
)  # fmt: skip


def scene() -> dict[str, Any]:
    """A layer of each kind that has been used; those that have not are `new_…`."""
    classes = {cls.__name__: cls for cls in CLASSES}
    rng = np.random.default_rng(0)
    layers = {
        "fully": FullyConnected.FullyConnected(4, 3),
        "conv": Conv.Conv(1, (2, 3, 3), 2),
        "pooling": Pooling.Pooling(2, 2),
        "normalization": BatchNormalization.BatchNormalization(2),
        "dropout": Dropout.Dropout(0.5, rng=0),
        "rnn": RNN.RNN(3, 4, 2),
        "lstm": LSTM.LSTM(3, 4, 2),
        "relu": ReLU.ReLU(),
        "tanh": TanH.TanH(),
        "sigmoid": Sigmoid.Sigmoid(),
        "softmax": SoftMax.SoftMax(),
        "flatten": Flatten.Flatten(),
    }
    images, rows, steps = rng.random((2, 2, 4, 4)), rng.random((2, 4)), rng.random((2, 5, 3))
    inputs = dict.fromkeys(layers, rows) | dict.fromkeys(("conv", "pooling", "normalization", "flatten"), images)
    inputs |= {"rnn": steps, "lstm": steps}
    outputs = {name: layer.forward(inputs[name]) for name, layer in layers.items()}

    def works() -> None:
        for name, layer in layers.items():
            layer.forward(inputs[name])
            layer.backward(outputs[name])

    others = {"np": np, "NAN": NAN, "INF": INF, "STILL_WORKS": works, "images": images, "rows": rows, "steps": steps}
    return classes | layers | others | {"Sgd": Optimizers.Sgd, "Initializers": Initializers}


def sizes(axes: int, *names: str) -> list[Any]:
    """A number for each axis."""
    return [
        *((value, TypeError, "{who} … {name} … whole number") for value in ("'3'", "None", "1.5", "NAN", "True", "1j", "int", "[1.5]", "['a']", "[None]")),
        *((value, ValueError, "{who} … {name} … at least 1, got") for value in ("0", "-1", "[0]", "[2, -1]")),
        *((value, ValueError, "{who} … {name} … one number or") for value in ("[]", "[1, 1, 1]")),
    ]  # fmt: skip


ARGUMENTS: dict[str, Any] = {
    "FullyConnected(@input_size, output_size=3)": whole(),
    "FullyConnected(4, @output_size)": whole(),
    "Conv(@stride_shape, convolution_shape=(2, 3, 3), num_kernels=2)": sizes(2),
    "Conv(1, (2, 3, 3), @num_kernels)": whole(),
    "Pooling(@stride_shape, pooling_shape=2)": sizes(2),
    "Pooling(2, @pooling_shape)": sizes(2),
    "BatchNormalization(@channels)": whole(),
    "Dropout(@probability)": number(above=0.0, most=1.0),
    "Dropout(0.5, @rng)": seed(),
    "RNN(@input_size, hidden_size=4, output_size=2)": whole(),
    "RNN(3, @hidden_size, output_size=2)": whole(),
    "RNN(3, 4, @output_size)": whole(),
    "LSTM(@input_size, hidden_size=4, output_size=2)": whole(),
    "LSTM(3, @hidden_size, output_size=2)": whole(),
    "LSTM(3, 4, @output_size)": whole(),
    "Constant(@value)": number(),
    "UniformRandom(@rng)": seed(),
    "Xavier(@rng)": seed(),
    "He(@rng)": seed(),
    "fully.input_size = @input_size": (whole(), "FullyConnected"),
    "fully.output_size = @output_size": (whole(), "FullyConnected"),
    "conv.stride_shape = @stride_shape": (sizes(2), "Conv"),
    "conv.num_kernels = @num_kernels": (whole(), "Conv"),
    "pooling.stride_shape = @stride_shape": (sizes(2), "Pooling"),
    "pooling.pooling_shape = @pooling_shape": (sizes(2), "Pooling"),
    "normalization.channels = @channels": (whole(), "BatchNormalization"),
    "dropout.probability = @probability": (number(above=0.0, most=1.0), "Dropout"),
    "dropout.rng = @rng": (seed(), "Dropout"),
    "rnn.hidden_size = @hidden_size": (whole(), "RNN"),
    "lstm.output_size = @output_size": (whole(), "LSTM"),
    "rnn.memorize = @memorize": (truth(), "RNN"),
    "lstm.memorize = @memorize": (truth(), "LSTM"),
}
MISUSES: list[tuple[str, Any, str]] = []
