"""Wrong uses of layers and initializers."""

from typing import Any

import numpy as np

from Layers import (
    ELU,
    GELU,
    LSTM,
    RNN,
    AveragePooling,
    BatchNormalization,
    Chain,
    Conv,
    Dropout,
    Flatten,
    FullyConnected,
    GlobalAveragePooling,
    Initializers,
    LayerNormalization,
    LeakyReLU,
    Parallel,
    Pooling,
    ReLU,
    Residual,
    Sigmoid,
    SiLU,
    SoftMax,
    Softplus,
    TanH,
    TransposedConv,
    Upsampling,
)  # fmt: skip
from Optimization import Optimizers
from tests.wrong_uses.kinds import number, one_of, seed, truth, whole, word

NAN, INF = float("nan"), float("inf")
CLASSES = (
    AveragePooling.AveragePooling, GlobalAveragePooling.GlobalAveragePooling, TransposedConv.TransposedConv, Upsampling.Upsampling,
    BatchNormalization.BatchNormalization, Chain.Chain, Parallel.Parallel, Residual.Residual, Conv.Conv, Dropout.Dropout, Flatten.Flatten, FullyConnected.FullyConnected,
    LSTM.LSTM, Pooling.Pooling, RNN.RNN, ReLU.ReLU, Sigmoid.Sigmoid, SoftMax.SoftMax, TanH.TanH, Initializers.Constant,
    ELU.ELU, GELU.GELU, LayerNormalization.LayerNormalization, LeakyReLU.LeakyReLU, SiLU.SiLU, Softplus.Softplus,
    Initializers.He, Initializers.UniformRandom, Initializers.Xavier,
    Initializers.HeUniform, Initializers.Orthogonal, Initializers.XavierUniform,
)  # fmt: skip
MODULES = (
    AveragePooling, GlobalAveragePooling, TransposedConv, Upsampling,
    BatchNormalization, Chain, Parallel, Residual, Conv, Dropout, Flatten, FullyConnected, Initializers, LSTM, Pooling, ReLU, RNN, Sigmoid, SoftMax, TanH,
    ELU, GELU, LayerNormalization, LeakyReLU, SiLU, Softplus,
)  # fmt: skip
NO_ROWS: dict[str, str] = {}


def scene() -> dict[str, Any]:
    """A layer of each kind that has been used; those that have not are `new_…`."""
    classes = {cls.__name__: cls for cls in CLASSES}
    rng = np.random.default_rng(0)
    layers = {
        "fully": FullyConnected.FullyConnected(4, 3),
        "conv": Conv.Conv(1, (2, 3, 3), 2),
        "pooling": Pooling.Pooling(2, 2),
        "transposed": TransposedConv.TransposedConv(2, (2, 3, 3), 2),
        "average": AveragePooling.AveragePooling(2, 2),
        "global_average": GlobalAveragePooling.GlobalAveragePooling(),
        "chain": Chain.Chain([FullyConnected.FullyConnected(4, 3), TanH.TanH()]),
        "residual": Residual.Residual([FullyConnected.FullyConnected(4, 4)]),
        "parallel": Parallel.Parallel([FullyConnected.FullyConnected(4, 3), TanH.TanH()], "concatenate"),
        "upsampling": Upsampling.Upsampling(2),
        "normalization": BatchNormalization.BatchNormalization(2),
        "layer_normalization": LayerNormalization.LayerNormalization(4),
        "dropout": Dropout.Dropout(0.5, rng=0),
        "rnn": RNN.RNN(3, 4, 2),
        "lstm": LSTM.LSTM(3, 4, 2),
        "relu": ReLU.ReLU(),
        "tanh": TanH.TanH(),
        "sigmoid": Sigmoid.Sigmoid(),
        "softmax": SoftMax.SoftMax(),
        "leaky": LeakyReLU.LeakyReLU(),
        "elu": ELU.ELU(),
        "gelu": GELU.GELU(),
        "silu": SiLU.SiLU(),
        "softplus": Softplus.Softplus(),
        "flatten": Flatten.Flatten(),
    }
    images, rows, steps = rng.random((2, 2, 4, 4)), rng.random((2, 4)), rng.random((2, 5, 3))
    inputs = dict.fromkeys(layers, rows) | dict.fromkeys(
        ("conv", "pooling", "transposed", "average", "global_average", "upsampling", "normalization", "flatten"), images
    )
    inputs |= {"rnn": steps, "lstm": steps}
    outputs = {name: layer.forward(inputs[name]) for name, layer in layers.items()}

    def works(used: set[str]) -> None:
        for name in used & layers.keys():
            layer = layers[name]
            if layer._passed is not None:  # a forward that was refused in its middle has forgotten the last one
                layer.backward(outputs[name])
            layer.forward(inputs[name])

    others = {"np": np, "NAN": NAN, "INF": INF, "STILL_WORKS": works, "images": images, "rows": rows, "steps": steps}
    return classes | layers | others | {"Sgd": Optimizers.Sgd, "Initializers": Initializers}


def frames(axes: int) -> list[Any]:
    """A padding of windows that reach over 3 pixels, or fewer."""
    return [
        *((value, TypeError, "{who} … {name} … whole number") for value in ("None", "1.5", "NAN", "True", "1j", "int", "[1.5]", "['a']", "[None]", "[[1.0, 1], 1]")),
        *((value, ValueError, "{who} … {name} … at least 0, got") for value in ("-1", "[-1]", "[1, -1]", "[[1, -2], 1]")),
        *((value, ValueError, "{who} … {name} … 'same', 'valid', a whole number") for value in ("[]", "[1, 1, 1]", "[[1, 1, 1], 1]", "[[1], 1]")),
        *((value, ValueError, "{who} … {name} … 'same', 'valid'") for value in ("'Same'", "''", "'full'")),
        *((value, ValueError, "{who} … {name} of at most … window") for value in ("3", "[9, 0]", "[[0, 3], 1]")),
    ]  # fmt: skip


def sizes(axes: int, *names: str, least: int = 1) -> list[Any]:
    """A number for each axis."""
    return [
        *((value, TypeError, "{who} … {name} … whole number") for value in ("'3'", "None", "1.5", "NAN", "True", "1j", "int", "[1.5]", "['a']", "[None]")),
        *((value, ValueError, "{who} … {name} … at least " + f"{least}, got") for value in (str(least - 1), "-1", f"[{least - 1}]", "[2, -1]")),
        *((value, ValueError, "{who} … {name} … one number or") for value in ("[]", "[1, 1, 1]")),
    ]  # fmt: skip


_NO_LAYERS = [
    *((value, TypeError, "{who}: expected {name} to be a list of layers, got") for value in ("3", "None", "'abc'", "relu")),
    ("[]", ValueError, "{who}: expected {name} to be at least one layer, got none"),
    ("[ReLU]", TypeError, "{who}: expected a layer, got the class ReLU; write ReLU(…)"),
    ("[3]", TypeError, "{who}: expected a layer with forward, got int"),
    ("[relu, relu]", ValueError, "{who}: ReLU() is … already; a layer keeps"),
]  # fmt: skip

ARGUMENTS: dict[str, Any] = {
    "Chain(@layers)": _NO_LAYERS,
    "Residual(@layers)": _NO_LAYERS,
    "Residual([ReLU()], @shortcut)": [
        ("3", TypeError, "Residual: expected a layer with forward, got int"),
        ("[]", ValueError, "Chain: expected layers to be at least one layer"),
        ("TanH", TypeError, "Residual: expected a layer, got the class TanH"),
    ],
    "Parallel(@branches)": _NO_LAYERS,
    "Parallel([ReLU()], @join)": word("add", "concatenate"),
    "Parallel([ReLU()], 'concatenate', @axis)": [
        *(
            (value, TypeError, "Parallel: expected axis to be a whole number, got")
            for value in ("'1'", "None", "1.5", "[1]")
        ),
    ],
    "FullyConnected(@input_size, output_size=3)": whole(),
    "FullyConnected(4, @output_size)": whole(),
    "Conv(@stride_shape, convolution_shape=(2, 3, 3), num_kernels=2)": sizes(2),
    "Conv(1, (2, 3, 3), @num_kernels)": whole(),
    "Conv(1, (2, 3, 3), 2, dilation=@dilation)": sizes(2),
    "Conv(1, (2, 3, 3), 2, groups=@groups)": whole(),
    "Conv(1, (2, 3, 3), 2, padding=@padding)": frames(2),
    "Conv(1, (2, 3, 3), 2, bias=@bias)": truth(),
    "TransposedConv(@stride_shape, convolution_shape=(2, 3, 3), num_kernels=2)": sizes(2),
    "TransposedConv(1, (2, 3, 3), @num_kernels)": whole(),
    "TransposedConv(1, (2, 3, 3), 2, dilation=@dilation)": sizes(2),
    "TransposedConv(1, (2, 3, 3), 2, groups=@groups)": whole(),
    "TransposedConv(1, (2, 3, 3), 2, padding=@padding)": frames(2),
    "TransposedConv(1, (2, 3, 3), 2, bias=@bias)": truth(),
    "TransposedConv(2, (2, 3, 3), 2, output_padding=@output_padding)": sizes(2, least=0),
    "AveragePooling(@stride_shape, pooling_shape=2)": sizes(2),
    "AveragePooling(2, @pooling_shape)": sizes(2),
    "AveragePooling(2, 3, padding=@padding)": frames(2),
    "AveragePooling(2, 2, axes=@axes)": whole(),
    "AveragePooling(2, 2, count_include_pad=@count_include_pad)": truth(),
    "Upsampling(@scale)": sizes(2),
    "Upsampling(2, @mode)": one_of("nearest", "bilinear"),
    "Upsampling(2, axes=@axes)": whole(),
    "Pooling(2, 3, padding=@padding)": frames(2),
    "Pooling(2, 2, axes=@axes)": whole(),
    "Pooling(@stride_shape, pooling_shape=2)": sizes(2),
    "Pooling(2, @pooling_shape)": sizes(2),
    "BatchNormalization(@channels)": whole(),
    "BatchNormalization(2, decay=@decay)": number(above=0.0, most=1.0),
    "BatchNormalization(2, epsilon=@epsilon)": number(above=0.0),
    "normalization.decay = @decay": (number(above=0.0, most=1.0), "BatchNormalization"),
    "normalization.epsilon = @epsilon": (number(above=0.0), "BatchNormalization"),
    "normalization.DECAY = @decay": (number(above=0.0, most=1.0), "BatchNormalization"),
    "normalization.EPSILON = @epsilon": (number(above=0.0), "BatchNormalization"),
    "LayerNormalization(@features)": whole(2),
    "LayerNormalization(4, @epsilon)": number(above=0.0),
    "layer_normalization.features = @features": (whole(2), "LayerNormalization"),
    "layer_normalization.epsilon = @epsilon": (number(above=0.0), "LayerNormalization"),
    "Dropout(@probability)": number(above=0.0, most=1.0),
    "Dropout(0.5, @rng)": seed(),
    "LeakyReLU(@slope)": number(least=0.0, below=1.0),
    "leaky.slope = @slope": (number(least=0.0, below=1.0), "LeakyReLU"),
    "ELU(@alpha)": number(least=0.0),
    "elu.alpha = @alpha": (number(least=0.0), "ELU"),
    "RNN(@input_size, hidden_size=4, output_size=2)": whole(),
    "RNN(3, @hidden_size, output_size=2)": whole(),
    "RNN(3, 4, @output_size)": whole(without=("None",)),
    "RNN(3, 4, 2, output=@output)": word("one of"),
    "LSTM(@input_size, hidden_size=4, output_size=2)": whole(),
    "LSTM(3, @hidden_size, output_size=2)": whole(),
    "LSTM(3, 4, @output_size)": whole(without=("None",)),
    "LSTM(3, 4, 2, output=@output)": word("one of"),
    "Constant(@value)": number(),
    "UniformRandom(@rng)": seed(),
    "Xavier(@rng)": seed(),
    "He(@rng)": seed(),
    "XavierUniform(@rng)": seed(),
    "HeUniform(@rng)": seed(),
    "Orthogonal(@gain)": number(),
    "Orthogonal(1, @rng)": seed(),
    "fully.input_size = @input_size": (whole(), "FullyConnected"),
    "fully.output_size = @output_size": (whole(), "FullyConnected"),
    "conv.stride_shape = @stride_shape": (sizes(2), "Conv"),
    "conv.num_kernels = @num_kernels": (whole(), "Conv"),
    "conv.groups = @groups": (whole(), "Conv"),
    "conv.padding = @padding": (frames(2), "Conv"),
    "conv.dilation = @dilation": (sizes(2), "Conv"),
    "pooling.padding = @padding": (frames(2), "Pooling"),
    "pooling.axes = @axes": (whole(), "Pooling"),
    "average.count_include_pad = @count_include_pad": (truth(), "AveragePooling"),
    "upsampling.mode = @mode": (one_of("nearest", "bilinear"), "Upsampling"),
    "pooling.stride_shape = @stride_shape": (sizes(2), "Pooling"),
    "pooling.pooling_shape = @pooling_shape": (sizes(2), "Pooling"),
    "normalization.channels = @channels": (whole(), "BatchNormalization"),
    "dropout.probability = @probability": (number(above=0.0, most=1.0), "Dropout"),
    "dropout.rng = @rng": (seed(), "Dropout"),
    "rnn.hidden_size = @hidden_size": (whole(), "RNN"),
    "lstm.output_size = @output_size": (whole(without=("None",)), "LSTM"),
    "rnn.memorize = @memorize": (truth(), "RNN"),
    "lstm.memorize = @memorize": (truth(), "LSTM"),
}
#: What comes as the input of a layer with parameters, or of any.
_INPUTS = [
    ("'abc'", TypeError, "real numbers"), ("None", TypeError, "real numbers"), ("object()", TypeError, "real numbers"),
    ("[['a', 'b']]", TypeError, "real numbers"), ("1j * rows", TypeError, "real numbers"), ("{1: 2}", TypeError, "real numbers"),
    ("np.array(['2020-01-01'], 'M8[D]')", TypeError, "real numbers"), ("np.ma.masked_array([[1.0, 2.0]])", TypeError, "masked"),
    ("[[1.0], [1.0, 2.0]]", ValueError, "rows of different shape"), ("np.zeros((0, 4))", ValueError, ""),
    ("np.array(1.0)", ValueError, ""), ("3.0", ValueError, ""),
]  # fmt: skip
_LAYERS = {
    "fully": "FullyConnected", "conv": "Conv", "pooling": "Pooling", "normalization": "BatchNormalization",
    "layer_normalization": "LayerNormalization",
    "dropout": "Dropout", "rnn": "RNN", "lstm": "LSTM", "relu": "ReLU", "tanh": "TanH", "sigmoid": "Sigmoid",
    "softmax": "SoftMax", "flatten": "Flatten", "leaky": "LeakyReLU", "elu": "ELU", "gelu": "GELU", "silu": "SiLU",
    "softplus": "Softplus", "transposed": "TransposedConv", "average": "AveragePooling",
    "global_average": "GlobalAveragePooling", "upsampling": "Upsampling",
}  # fmt: skip
MISUSES: list[tuple[str, Any, str]] = [
    *(
        (
            f"{name}.forward({value})",
            raises,
            f"{cls} … expected input … {words} … got"
            if words != "rows of different shape"
            else f"{cls} … input … {words}",
        )
        for name, cls in _LAYERS.items()
        for value, raises, words in _INPUTS
    ),
    *(
        (
            f"{name}.backward({value})",
            raises,
            f"{cls} … expected error tensor … {words} … got"
            if words != "rows of different shape"
            else f"{cls} … error tensor … {words}",
        )
        for name, cls in _LAYERS.items()
        for value, raises, words in _INPUTS
    ),
    *(
        (f"new = {cls}({arguments}); new.backward([[1.0]])", RuntimeError, f"{cls} … call forward first")
        for cls, arguments in (
            ("FullyConnected", "4, 3"),
            ("Conv", "1, (2, 3, 3), 2"),
            ("Pooling", "2, 2"),
            ("TransposedConv", "1, (2, 3, 3), 2"),
            ("AveragePooling", "2, 2"),
            ("GlobalAveragePooling", ""),
            ("Upsampling", "2"),
            ("BatchNormalization", "2"),
            ("LayerNormalization", "4"),
            ("Dropout", "0.5"),
            ("RNN", "3, 4, 2"),
            ("LSTM", "3, 4, 2"),
            ("ReLU", ""),
            ("TanH", ""),
            ("Sigmoid", ""),
            ("SoftMax", ""),
            ("LeakyReLU", "0.1"),
            ("ELU", ""),
            ("GELU", ""),
            ("SiLU", ""),
            ("Softplus", ""),
            ("Flatten", ""),
        )
    ),
    *(
        (f"{name}.backward(np.ones((7, 7)))", ValueError, f"{cls} … expected error tensor … got (7, 7)")
        for name, cls in _LAYERS.items()
    ),
    *(
        (
            f"{name}.forward(np.full({shape}, {value}))",
            ValueError,
            f"{cls} … expected input of finite numbers, got … at (0, 0",
        )
        for value in ("NAN", "INF", "-INF")
        for name, cls, shape in (
            ("fully", "FullyConnected", (2, 4)),
            ("conv", "Conv", (2, 2, 4, 4)),
            ("normalization", "BatchNormalization", (2, 2, 4, 4)),
            ("layer_normalization", "LayerNormalization", (2, 4)),
            ("rnn", "RNN", (2, 5, 3)),
            ("lstm", "LSTM", (2, 5, 3)),
        )
    ),
    *(
        (
            f"{name}.backward(np.full({shape}, {value}))",
            ValueError,
            f"{cls} … expected error tensor of finite numbers, got … at (0, 0",
        )
        for value in ("NAN", "INF", "-INF")
        for name, cls, shape in (
            ("fully", "FullyConnected", (2, 3)),
            ("conv", "Conv", (2, 2, 4, 4)),
            ("normalization", "BatchNormalization", (2, 2, 4, 4)),
            ("layer_normalization", "LayerNormalization", (2, 4)),
            ("rnn", "RNN", (2, 5, 2)),
            ("lstm", "LSTM", (2, 5, 2)),
        )
    ),
    *(
        (
            f"{name}.optimizer = {value}",
            TypeError,
            f"{cls} … expected an optimizer with calculate_update(weight_tensor, gradient_tensor), for example Sgd(0.01), got",
        )
        for name, cls in (
            ("fully", "FullyConnected"),
            ("conv", "Conv"),
            ("normalization", "BatchNormalization"),
            ("layer_normalization", "LayerNormalization"),
            ("rnn", "RNN"),
            ("lstm", "LSTM"),
        )
        for value in ("'sgd'", "3", "Sgd", "[Sgd(0.1)]", "{}", "object()", "np.ones(3)")
    ),
    *(
        (
            f"{name}.{attribute} = {value}; {name}.forward({given})",
            raises,
            f"{cls} … expected {attribute} … {words} … got",
        )
        for name, cls, attribute, given in (
            ("fully", "FullyConnected", "weights", "rows"),
            ("conv", "Conv", "weights", "images"),
            ("conv", "Conv", "bias", "images"),
            ("normalization", "BatchNormalization", "weights", "images"),
            ("normalization", "BatchNormalization", "bias", "images"),
            ("layer_normalization", "LayerNormalization", "weights", "rows"),
            ("layer_normalization", "LayerNormalization", "bias", "rows"),
            ("rnn", "RNN", "weights", "steps"),
            ("lstm", "LSTM", "output_weights", "steps"),
        )
        for value, raises, words in (
            ("'abc'", TypeError, "real numbers"),
            ("None", TypeError, "real numbers"),
            ("np.ones((9, 9))", ValueError, ""),
            ("np.ones((5, 3)) * 1j", TypeError, "real numbers"),
            ("np.array(1.0)", ValueError, ""),
        )
    ),
    *(
        (
            f"{name}.phase = {value}",
            ValueError,
            "expected a phase: True or 'test' for testing, False or 'train' for training; got",
        )
        for name in ("fully", "dropout")
        for value in ("'x'", "None", "2", "[]", "'Test'", "int", "np.zeros(2)", "{}")
    ),
    *(
        (f"{name}.initialize({arguments})", TypeError, f"{cls} … expected an initializer … He()")
        for name, cls in (("fully", "FullyConnected"), ("conv", "Conv"), ("rnn", "RNN"), ("lstm", "LSTM"))
        for arguments in (
            "None, None",
            "'He', 'He'",
            "Initializers.He, Initializers.He",
            "Initializers.He(), 0.1",
            "3, Initializers.He()",
            "Initializers.He(), None",
        )
    ),
    *(
        (f"{name}.astype({value})", TypeError, f"{cls} … expected dtype float32 or float64, got")
        for name, cls in (("fully", "FullyConnected"), ("lstm", "LSTM"))
        for value in ("'int'", "'float16'", "complex", "'nonsense'", "3", "'O'")
    ),
    *(
        (
            f"{maker}.initialize({arguments})",
            (TypeError, ValueError),
            f"{maker.split('.')[1].split('(')[0]} … expected {name}",
        )
        for maker in (
            "Initializers.He()",
            "Initializers.Xavier()",
            "Initializers.UniformRandom()",
            "Initializers.Constant(1)",
            "Initializers.XavierUniform()",
            "Initializers.HeUniform()",
            "Initializers.Orthogonal()",
        )
        for arguments, name in (
            ("'ab', 1, 1", "weights_shape"),
            ("None, 1, 1", "weights_shape"),
            ("(2, 'a'), 1, 1", "weights_shape"),
            ("(-1, 2), 1, 1", "weights_shape"),
            ("(1.5, 2), 1, 1", "weights_shape"),
        )
    ),
    *(
        (
            f"{maker}.initialize((2, 3), {fans})",
            (TypeError, ValueError),
            f"{maker.split('.')[1].split('(')[0]} … expected {name}",
        )
        for maker in ("Initializers.He()", "Initializers.Xavier()")
        for fans, name in (
            ("0, 3", "fan_in"),
            ("-1, 3", "fan_in"),
            ("'a', 3", "fan_in"),
            ("None, 3", "fan_in"),
            ("NAN, 3", "fan_in"),
        )
    ),
    *(
        (f"Initializers.Xavier().initialize((2, 3), {fans})", (TypeError, ValueError), "Xavier … expected fan_out")
        for fans in ("2, 0", "2, -1", "2, 'a'", "2, None")
    ),
    (
        "fully.forward(np.ones((2, 5)))",
        ValueError,
        "FullyConnected(input_size=4, output_size=3): expected input (batch, 4), got (2, 5)",
    ),
    (
        "fully.forward(images)",
        ValueError,
        "FullyConnected … expected input (batch, 4), got (2, 2, 4, 4); put a Flatten before it?",
    ),
    ("fully.forward(np.ones(4))", ValueError, "FullyConnected … expected input (batch, 4), got (4,)"),
    ("conv.forward(np.ones((2, 3, 4, 4)))", ValueError, "Conv … expected input (batch, 2, y, x), got (2, 3, 4, 4)"),
    ("conv.forward(np.ones((2, 2, 4)))", ValueError, "Conv … expected input (batch, 2, y, x), got (2, 2, 4)"),
    (
        "conv.forward(np.moveaxis(images, 1, -1))",
        ValueError,
        "Conv … expected input (batch, 2, y, x), got (2, 4, 4, 2)",
    ),
    (
        "new = Conv(1, (2, 3), 2); new.forward(images)",
        ValueError,
        "Conv … expected input (batch, 2, y), got (2, 2, 4, 4)",
    ),
    ("pooling.forward(rows)", ValueError, "Pooling … expected input (batch, channels, y, x), got (2, 4)"),
    (
        "Pooling(1, 5).forward(images)",
        ValueError,
        "Pooling … expected images of at least the window (5, 5), got (4, 4)",
    ),
    (
        "normalization.forward(np.ones((2, 3)))",
        ValueError,
        "BatchNormalization … expected input (batch, 2), got (2, 3)",
    ),
    (
        "normalization.forward(np.ones((1, 2)))",
        ValueError,
        "BatchNormalization … expected input with several values for each mean, got one … take a larger batch, or set testing_phase = True",
    ),
    (
        "new = BatchNormalization(2); new.testing_phase = True; new.forward(np.ones((3, 2)))",
        RuntimeError,
        "BatchNormalization … testing phase needs moving averages; train on at least one batch first",
    ),
    (
        "BatchNormalization(2).reformat(np.ones((4, 2)))",
        RuntimeError,
        "BatchNormalization … reformat needs the images' shape; reformat images first",
    ),
    ("normalization.reformat(np.ones((4, 2)))", ValueError, "BatchNormalization … expected input (32, 2), got (4, 2)"),
    (
        "normalization.reformat(np.ones((2, 3, 4, 4)))",
        ValueError,
        "BatchNormalization … expected input (batch, 2, y, x), got (2, 3, 4, 4)",
    ),
    ("normalization.reformat('abc')", TypeError, "BatchNormalization … expected input to hold real numbers"),
    (
        "normalization.input_shape = 'abc'; normalization.reformat(np.ones((4, 2)))",
        (TypeError, ValueError),
        "BatchNormalization … input_shape",
    ),
    (
        "normalization.moving_mean = np.ones(3); normalization.testing_phase = True; normalization.forward(images)",
        ValueError,
        "BatchNormalization … expected moving_mean (2,), got (3,)",
    ),
    (
        "normalization.moving_variance = 'abc'; normalization.testing_phase = True; normalization.forward(images)",
        TypeError,
        "BatchNormalization … expected moving_variance to hold real numbers",
    ),
    (
        "normalization.moving_variance = [-1.0, 1.0]; normalization.testing_phase = True; normalization.forward(images)",
        ValueError,
        "BatchNormalization … expected a variance of at least 0, got -1",
    ),
    ("softmax.forward(np.ones(3))", ValueError, "SoftMax … expected input (batch, …"),
    ("flatten.forward(3.0)", ValueError, "Flatten … expected input"),
    ("rnn.forward(np.ones((5, 4)))", ValueError, "RNN … expected input (time, 3), got (5, 4)"),
    ("lstm.forward(np.ones(3))", ValueError, "LSTM … expected input (time, 3), got (3,)"),
    ("lstm.forward(np.ones((1, 2, 5, 3)))", ValueError, "LSTM … expected input (batch, time, 3), got (1, 2, 5, 3)"),
    (
        "rnn.memorize = True; rnn.forward(steps[:1])",
        ValueError,
        "RNN … expected hidden_state (1, 4), got (2, 4): memorize carries it … call reset_state()",
    ),
    (
        "lstm.lengths = [5, 6]; lstm.forward(steps)",
        ValueError,
        "LSTM … expected lengths of 2 sequences, from 0 to 5 steps, got [5, 6]",
    ),
    (
        "lstm.lengths = [5]; lstm.forward(steps)",
        ValueError,
        "LSTM … expected lengths of 2 sequences, from 0 to 5 steps, got [5]",
    ),
    (
        "lstm.lengths = [-1, 2]; lstm.forward(steps)",
        ValueError,
        "LSTM … expected lengths of 2 sequences, from 0 to 5 steps, got [-1, 2]",
    ),
    (
        "rnn.lengths = [1.5, 2]; rnn.forward(steps)",
        TypeError,
        "RNN … expected lengths to be whole numbers, got float64",
    ),
    ("rnn.lengths = 'ab'; rnn.forward(steps)", TypeError, "RNN … expected lengths to hold real numbers"),
    (
        "rnn.hidden_state = 'abc'; rnn.memorize = True; rnn.forward(steps)",
        TypeError,
        "RNN … expected hidden_state to hold real numbers",
    ),
    (
        "Conv(1, convolution_shape=(3,), num_kernels=2)",
        ValueError,
        "Conv: expected convolution_shape (channels, m) … or (channels, m, n) … got (3,)",
    ),
    (
        "TransposedConv(1, convolution_shape=(3,), num_kernels=2)",
        ValueError,
        "TransposedConv: expected convolution_shape (channels, m) … or (channels, m, n) … got (3,)",
    ),
    (
        "Conv(1, convolution_shape=(3, 1, 1, 1), num_kernels=2)",
        ValueError,
        "Conv: expected convolution_shape (channels, m) … got (3, 1, 1, 1)",
    ),
    *(
        (f"Conv(1, convolution_shape={value}, num_kernels=2)", TypeError, "Conv: expected convolution_shape to be a")
        for value in (
            "3",
            "'abc'",
            "None",
            "(3, 'a', 'b')",
            "(3, 1.5, 1)",
            "(3, None)",
            "1j",
            "int",
            "{'a': 1}",
            "[True, 1]",
            "[[3, 3], [3, 3]]",
        )
    ),
    *(
        (
            f"{cls}(1, ({channels}, 3, 3), {kernels}, groups={groups})",
            ValueError,
            f"{cls}: expected groups that divide … got {groups}",
        )
        for cls in ("Conv", "TransposedConv")
        for channels, kernels, groups in ((4, 6, 4), (6, 4, 4), (3, 3, 2), (2, 2, 4))
    ),
    ("conv.groups = 3", ValueError, "Conv: expected groups that divide the 2 channels and num_kernels=2, got 3"),
    ("conv.bias = False; conv.forward(images)", (TypeError, ValueError), "Conv … expected bias"),
    ("new = Conv(1, (2, 3, 3), 2, bias=False); new.bias = np.ones(2)", AttributeError, "Conv … has no bias"),
    ("Conv(1, (2, 3), 2, padding=((1, 1), (1, 1)))", ValueError, "Conv: expected padding … 1 of them"),
    *(
        (code, ValueError, f"… expected {name} to make at most 1,048,576 pixels of one, got")
        for code, name in (
            ("Conv(1, (2, 3, 3), 2, dilation=1000)", "padding"),
            ("Conv(1, (2, 3, 3), 2, padding=2000, dilation=2000)", "padding"),
            ("TransposedConv(1, (2, 3, 3), 2, padding='valid', dilation=1000)", "kernels"),
            ("TransposedConv(2000, (2, 3, 3), 2)", "stride_shape"),
            ("Upsampling(2000)", "scale"),
        )
    ),
    (
        "new = Conv(1, (2, 5, 5), 2, padding='valid'); new.forward(images)",
        ValueError,
        "Conv … at least the window (5, 5), got (4, 4)",
    ),
    (
        "new = Conv(1, (2, 4, 4), 2, padding=1, dilation=3); new.forward(images)",
        ValueError,
        "Conv … at least the window (10, 10), got (4, 4), (6, 6) with its padding",
    ),
    (
        "TransposedConv(2, (2, 3, 3), 2, output_padding=2)",
        ValueError,
        "TransposedConv: expected output_padding below the stride",
    ),
    ("transposed.output_padding = (0, 2)", ValueError, "TransposedConv: expected output_padding below the stride"),
    (
        "new = TransposedConv(1, (2, 3, 3), 2, padding=2); new.forward(images[:, :, :1, :1])",
        ValueError,
        "TransposedConv … an input that leaves an output within its padding, got (1, 1)",
    ),
    (
        "transposed.forward(np.ones((2, 3, 4, 4)))",
        ValueError,
        "TransposedConv … expected input (batch, 2, y, x), got (2, 3, 4, 4)",
    ),
    ("AveragePooling(1, 5).forward(images)", ValueError, "AveragePooling … at least the window (5, 5), got (4, 4)"),
    ("AveragePooling(1, 3, padding=3)", ValueError, "AveragePooling: expected padding of at most 2"),
    ("Pooling(1, 2, axes=3)", ValueError, "Pooling: expected axes to be 1 for signals or 2 for images, got 3"),
    (
        "Pooling(1, 2, axes=1).forward(images)",
        ValueError,
        "Pooling … expected input (batch, channels, y), got (2, 2, 4, 4)",
    ),
    (
        "Upsampling(2, axes=1).forward(images)",
        ValueError,
        "Upsampling … expected input (batch, channels, y), got (2, 2, 4, 4)",
    ),
    ("global_average.forward(rows)", ValueError, "GlobalAveragePooling … expected input (batch, channels, y"),
    ("Conv((1, 1), (0, 3, 3), 2)", ValueError, "Conv: expected convolution_shape to be at least 1, got 0"),
    (
        "Conv(convolution_shape=(1, 1), stride_shape=(2, 3, 3), num_kernels=2)",
        ValueError,
        "Conv: expected stride_shape to be one number or 1, got (2, 3, 3)",
    ),
    (
        "FullyConnected(10**9, 10**12)",
        (ValueError, MemoryError),
        "FullyConnected(input_size=1000000000, output_size=1000000000000): expected weights that fit into memory, got shape (",
    ),
    ("LSTM(10**9, 10**12, 3)", (ValueError, MemoryError), "LSTM … expected weights that fit into memory, got shape ("),
    (
        "Conv(1, (10**9, 10**6, 3), 10**9, padding='valid')",
        (ValueError, MemoryError),
        "Conv … expected weights that fit into memory, got shape (",
    ),
    (
        "FullyConnected(2**63, 1)",
        ValueError,
        "FullyConnected … expected input_size to be at most 1,099,511,627,776, got 9223372036854775808",
    ),
]
