"""Wrong uses of the network."""

from typing import Any

import numpy as np

import NeuralNetwork as networks
from Generator.arrays import ArrayData
from Layers import RNN, BatchNormalization, Dropout, FullyConnected, Initializers, ReLU, SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization import Loss, Optimizers, Schedules
from tests.wrong_uses.kinds import number, path, seed, truth, whole

CLASSES = (NeuralNetwork,)
MODULES = (networks,)
NO_ROWS: dict[str, str] = {}


class _NoLoss:
    """Weighs no samples."""

    def forward(self, prediction_tensor: Any, label_tensor: Any) -> float:
        return 1.0

    def backward(self, label_tensor: Any) -> np.ndarray:
        return np.zeros((4, 3))


class _Mutable:
    """A data layer that gives what it holds."""

    def __init__(self, batch: Any) -> None:
        self.batch = batch

    def next(self) -> Any:
        return self.batch


def scene() -> dict[str, Any]:
    """A network that has been trained; one without anything."""
    rng = np.random.default_rng(0)
    rows, labels = rng.random((4, 2)), np.eye(3)[[0, 1, 2, 1]]
    net = NeuralNetwork(Optimizers.Adam(0.01), Initializers.He(rng=0), Initializers.Constant(0.1))
    net.loss_layer = Loss.CrossEntropyLoss()
    net.data_layer = _Mutable((rows, labels))
    for layer in (
        FullyConnected.FullyConnected(2, 5),
        ReLU.ReLU(),
        FullyConnected.FullyConnected(5, 3),
        SoftMax.SoftMax(),
    ):
        net.append_layer(layer)
    net.train(2)

    def works(used: set[str]) -> None:
        net.train(1)
        net.test(rows)

    return {
        "net": net, "empty": NeuralNetwork(), "rows": rows, "labels": labels, "numbers": [0, 1, 2, 1], "np": np,
        "NAN": float("nan"), "INF": float("inf"), "STILL_WORKS": works, "NeuralNetwork": NeuralNetwork, "Loss": Loss,
        "Data": _Mutable, "_NoLoss": _NoLoss, "ArrayData": ArrayData, "FullyConnected": FullyConnected.FullyConnected,
        "ReLU": ReLU.ReLU, "Dropout": Dropout.Dropout, "RNN": RNN.RNN, "Initializers": Initializers,
        "BatchNormalization": BatchNormalization.BatchNormalization,
        "Optimizers": Optimizers, "Schedules": Schedules,
    }  # fmt: skip


_OPTIMIZER = [
    (
        value,
        TypeError,
        "NeuralNetwork: expected an optimizer with calculate_update(weight_tensor, gradient_tensor), for example Sgd(0.01), got",
    )
    for value in (
        "'sgd'",
        "3",
        "0.1",
        "Optimizers.Sgd",
        "Optimizers",
        "[]",
        "Loss.CrossEntropyLoss()",
        "Initializers.He()",
    )
]
_INITIALIZER = [
    (
        value,
        TypeError,
        "NeuralNetwork: expected an initializer of the … with initialize(weights_shape, fan_in, fan_out), for example He(), got",
    )
    for value in ("'he'", "3", "0.1", "Initializers.He", "Initializers", "[]", "Optimizers.Sgd(0.1)", "True")
]
_POSITIVE = [*number(above=0.0, without=("None",))]
_DTYPE = [
    (value, ValueError, "NeuralNetwork: expected dtype 'float32' or 'float64', got")
    for value in ("'int'", "'float16'", "complex", "'nonsense'", "3", "'O'", "[float]")
]
_LEARNING_RATE = [row for row in number(least=0.0)]
_SAMPLES = [
    (value, (TypeError, ValueError), words) for value, words in (
        ("'abc'", "real numbers"), ("None", "real numbers"), ("1j * rows", "real numbers"), ("[['a', 'b']]", "real numbers"),
        ("object()", "real numbers"), ("rows[:0]", "at least one"), ("np.full((2, 2), NAN)", "finite"), ("np.full((2, 2), INF)", "finite"),
        ("[[1.0], [1.0, 2.0]]", ""), ("np.ma.masked_array(rows)", "masked"), ("rows[0]", ""), ("np.array(1.0)", ""), ("3.0", ""), ("np.ones((2, 3))", ""),
        ("np.ones((2, 2, 2, 2))", ""),
    )
]  # fmt: skip

ARGUMENTS: dict[str, Any] = {
    "NeuralNetwork(@optimizer)": _OPTIMIZER,
    "NeuralNetwork(@weights_initializer, bias_initializer=Initializers.He())": _INITIALIZER,
    "NeuralNetwork(None, Initializers.He(), @bias_initializer)": _INITIALIZER,
    "NeuralNetwork(None, None, None, @dtype)": _DTYPE,
    "NeuralNetwork(@clip_norm)": _POSITIVE,
    "NeuralNetwork(@clip_value)": _POSITIVE,
    "NeuralNetwork(@accumulate)": whole(),
    "net.optimizer = @optimizer": _OPTIMIZER,
    "net.learning_rate = @learning_rate": (_LEARNING_RATE, "Adam"),
    "net.dtype = @dtype": _DTYPE,
    "net.clip_norm = @clip_norm": (_POSITIVE, "NeuralNetwork"),
    "net.clip_value = @clip_value": (_POSITIVE, "NeuralNetwork"),
    "net.accumulate = @accumulate": (whole(), "NeuralNetwork"),
    "net.phase = @phase": [
        (value, ValueError, "expected a phase: True or 'test' for testing, False or 'train' for training; got")
        for value in ("'x'", "None", "2", "'TRAIN'", "[]", "np.ones(2)", "bool")
    ],
    "net.train(@iterations)": whole(least=0),
    "net.train(1, @after_each)": [
        (value, TypeError, "train: expected after_each to be a function without arguments, got")
        for value in ("'abc'", "3", "[]", "lambda loss: None")
    ],
    "net.forward(); net.backward(@step)": truth(),
    "net.test(@input_tensor)": [(value, raises, "… " + words) for value, raises, words in _SAMPLES],
    "net.predict(@input_tensor)": [(value, raises, "… " + words) for value, raises, words in _SAMPLES],
    "net.predict(rows, @batch_size)": whole(),
    "net.predict(rows, @lengths)": [
        (value, (TypeError, ValueError), "lengths") for value in ("[1, 2]", "'ab'", "3", "[1, 1, 1, 1]", "NAN")
    ],
    "net.classify(@samples)": [
        (
            value,
            RuntimeError,
            "classify: expected a network that knows how its data was prepared, got one without; train it on ImageData or on ArrayData, set net.preparation, or use net.predict",
        )
        for value in ("rows", "'abc'", "None", "3")
    ],
    "net.fit(@X)": [
        (value, (TypeError, ValueError), "… expected … got")
        for value in (
            "'abc'",
            "None",
            "3",
            "rows",
            "[]",
            "{}",
            "object()",
            "(rows,)",
            "(rows, labels, None, None, None)",
            "ArrayData",
        )
    ],
    "net.fit(rows, @y, rng=0)": [
        (value, (TypeError, ValueError), "… expected … got")
        for value in (
            "labels[:2]",
            "[1j] * 4",
            "[NAN] * 4",
            "'abc'",
            "3",
            "{}",
            "[None] * 4",
            "np.eye(4)",
            "[0, 1, 2, 7]",
            "[[0], [1, 2]]",
            "[0.5, 1.5, 2.5, 0.1]",
        )
    ],
    "net.fit(rows, labels, @epochs)": whole(least=0),
    "net.fit(rows, labels, @validation_split)": number(least=0.0, below=1.0),
    "net.fit(rows, labels, @validation_data)": [
        (value, (TypeError, ValueError), "… expected … got")
        for value in (
            "'abc'",
            "3",
            "rows",
            "(rows,)",
            "(rows, labels[:2])",
            "[]",
            "(rows[:0], labels[:0])",
            "ArrayData",
        )
    ],
    "net.fit(rows, labels, @batch_size)": (whole(), "fit"),
    "net.fit(rows, labels, @callbacks)": [
        (value, TypeError, "Trainer: expected")
        for value in ("None", "3", "'abc'", "['abc']", "[print]", "print", "[None]", "{'a': 1}")
    ],
    "net.fit(rows, labels, @metrics)": [
        (value, (TypeError, ValueError), "metrics: ")
        for value in ("'acuracy'", "3", "[3]", "['accuracy', 'accuracy']", "[None]", "'top_0'", "''", "int", "{'a'}")
    ],
    "net.fit(rows, labels, @sample_weights)": [
        (value, (TypeError, ValueError), "… weights … got")
        for value in (
            "[1, 2]",
            "'abcd'",
            "[1, 1, 1, -1]",
            "[1, 1, 1, NAN]",
            "[0, 0, 0, 0]",
            "3",
            "[1j] * 4",
            "np.ones((2, 2))",
            "{}",
        )
    ],
    "net.fit(rows, labels, @shuffle)": (truth(), ""),
    "net.fit(rows, labels, @rng)": (seed(), ""),
    "net.fit(rows, labels, @resume)": [
        *path(without=("None",)),
        ("'nowhere/no_file'", FileNotFoundError, "nowhere/no_file"),
    ],
    "net.evaluate(@X)": [
        (value, (TypeError, ValueError), "evaluate … expected … got")
        for value in ("'abc'", "None", "3", "rows", "[]", "{}", "(rows,)", "(rows[:0], labels[:0])", "object()")
    ],
    "net.evaluate(rows, @y)": [
        (value, (TypeError, ValueError), "… expected … got")
        for value in ("labels[:2]", "[1j] * 4", "[NAN] * 4", "'abc'", "3", "[0, 1, 2, 7]")
    ],
    "net.evaluate(rows, labels, @metrics)": [
        (value, (TypeError, ValueError), "metrics: ") for value in ("'acuracy'", "3", "[None]")
    ],
    "net.evaluate(rows, labels, @sample_weights)": [
        (value, (TypeError, ValueError), "… weights … got")
        for value in ("[1, 2]", "'abcd'", "[1, 1, 1, -1]", "[0, 0, 0, 0]")
    ],
    "net.evaluate(rows, labels, @batch_size)": whole(),
    "NeuralNetwork.load(@filename, None)": [
        *(
            (value, TypeError, "load: expected a file's name and then a data layer, load(filename, data_layer); got")
            for value in ("3", "None", "net", "b'a'")
        ),
        ("'nowhere/no_file'", FileNotFoundError, "nowhere/no_file"),
    ],
    "NeuralNetwork.save(@filename, net)": [
        (value, TypeError, "save: expected a file's name and then a network, save(filename, net); got")
        for value in ("3", "None", "net", "b'a'")
    ],
    "NeuralNetwork.save('nowhere_at_all', @net)": [
        (value, TypeError, "save: expected a file's name and then a network, save(filename, net); got")
        for value in ("3", "None", "'net'", "NeuralNetwork", "[net]")
    ],
    "NeuralNetwork.save('nowhere_at_all', net, @loss_layer)": truth(),
    "net.append_layer(@layer)": [
        ("'relu'", TypeError, "append_layer: expected a layer with forward, got str, which has none"),
        ("None", TypeError, "append_layer: expected a layer with forward, got NoneType, which has none"),
        ("3", TypeError, "append_layer: expected a layer with forward, got int"),
        ("[ReLU()]", TypeError, "append_layer: expected a layer with forward, got list"),
        ("ReLU", TypeError, "append_layer: expected a layer, got the class ReLU; write ReLU(…)"),
        (
            "Loss.CrossEntropyLoss()",
            TypeError,
            "append_layer: expected a layer with forward(input_tensor), got CrossEntropyLoss with forward … is it a loss? write net.loss_layer = CrossEntropyLoss(…)",
        ),
        ("Optimizers.Sgd(0.1)", TypeError, "append_layer: expected a layer with forward, got Sgd"),
        (
            "net.layers[0]",
            ValueError,
            "append_layer: FullyConnected(input_size=2, output_size=5) is layer 1 of 4 already",
        ),
        ("net", TypeError, "append_layer: expected a layer"),
        ("lambda x: x", TypeError, "append_layer: expected a layer with forward"),
    ],
    "net.append_trainable_layer(@layer)": [
        ("'relu'", TypeError, "append_layer: expected a layer with forward, got str")
    ],
    "net.forward(@batch)": [
        (value, TypeError, "NeuralNetwork: expected forward to be given (input_tensor, label_tensor)")
        for value in ("3", "'ab'", "rows", "(rows,)", "[]", "(rows, labels, None, None, None)", "{}")
    ],
    "net.iteration(@batch)": [
        (value, TypeError, "NeuralNetwork: expected … to be given (input_tensor, label_tensor)")
        for value in ("3", "'ab'", "rows", "(rows,)")
    ],
    "net.data_layer = @data_layer": [
        (value, TypeError, "NeuralNetwork: expected net.data_layer = (X, y) or (X, y, weights), got a tuple of")
        for value in ("(rows,)", "()", "(rows, labels, labels, labels)")
    ],
}
MISUSES: list[tuple[str, Any, str]] = [
    *((f"net.data_layer = {value}; net.train(1)", RuntimeError, "NeuralNetwork: expected a data layer with next(), got") for value in ("None", "'abc'", "3", "[rows, labels]", "Data", "rows")),
    *((f"net.loss_layer = {value}; net.train(1)", (RuntimeError, TypeError), "NeuralNetwork: expected a loss layer") for value in ("None", "'abc'", "3", "Loss.CrossEntropyLoss", "[]", "Loss")),
    *((f"net.data_layer = Data({batch}); net.train(1)", TypeError, "NeuralNetwork: expected the data layer to return (input_tensor, label_tensor), and behind them sample weights and lengths where there are any, got") for batch in ("rows", "None", "3", "(rows,)", "'ab'", "{}", "(1, 2, 3, 4, 5)")),
    *((f"net.data_layer = Data(({inputs}, labels)); net.train(1)", (TypeError, ValueError), f"the input of the data layer … {words}") for inputs, words in (("'abc'", "real numbers"), ("None", "real numbers"), ("1j * rows", "real numbers"), ("np.full((4, 2), NAN)", "finite numbers, got nan at (0, 0); mend the data"), ("np.full((4, 2), INF)", "finite numbers, got inf at (0, 0)"), ("rows[:0]", "at least one element"), ("np.ma.masked_array(rows)", "masked"))),
    *((f"net.data_layer = Data((rows, {labels})); net.train(1)", (TypeError, ValueError), "CrossEntropyLoss … expected") for labels in ("'abc'", "None", "labels[:2]", "[0, 1, 2, 1]", "-labels", "1j * labels", "np.full((4, 3), NAN)", "labels[:, :2]")),
    ("net.data_layer = Data((np.ones((4, 3)), labels)); net.train(1)", ValueError, "layer 1 of 4, FullyConnected(input_size=2, output_size=5): expected input (batch, 2), got (4, 3)"),
    ("net.data_layer = Data((np.ones((4, 2, 1, 1)), labels)); net.train(1)", ValueError, "layer 1 of 4, FullyConnected … got (4, 2, 1, 1); put a Flatten before it?"),
    ("net.data_layer = Data((rows, labels, [1, 2])); net.train(1)", ValueError, "CrossEntropyLoss … expected sample weights (4,)"),
    ("net.loss_layer = _NoLoss(); net.data_layer = Data((rows, labels, [1, 1, 1, 1])); net.train(1)", TypeError, "NeuralNetwork: the data gives sample weights or lengths, and _NoLoss.forward takes none; derive the loss from Optimization.Loss.Loss, or leave them out"),
    ("net.data_layer = Data((rows, labels, None, [1, 1, 1, 1])); net.train(1)", ValueError, "NeuralNetwork: expected a layer that takes lengths of sequences, a GRU or LSTM say, got none"),
    ("net.data_layer = None; net.forward()", RuntimeError, "NeuralNetwork: expected a data layer with next(), got None; set net.data_layer before training"),
    ("net.layers[0].weights = np.ones((9, 9)); net.train(1)", ValueError, "layer 1 of 4, FullyConnected … expected weights (3, 5), got (9, 9)"),
    ("net.layers.append('abc'); net.train(1)", (TypeError, ValueError), "layer 5 of 5 … expected a layer"),
    ("net.layers = None; net.train(1)", TypeError, "NeuralNetwork: expected layers to be a list, got None; append_layer adds to it"),
    ("net.layers.append(Dropout); net.train(1)", TypeError, "layer 5 of 5: expected a layer with forward and backward, got <class"),
    ("net.step()", RuntimeError, "step: expected gradients that no step has used; call backward(step=False) first"),
    ("empty.step()", RuntimeError, "step: expected gradients that no step has used"),
    ("empty.backward()", RuntimeError, "NeuralNetwork: expected a loss layer; set net.loss_layer = CrossEntropyLoss()"),
    ("empty.train(1)", RuntimeError, "train: expected at least one layer, got none; append_layer adds them"),
    ("empty.forward()", RuntimeError, "NeuralNetwork: expected a loss layer"),
    ("new = NeuralNetwork(); new.loss_layer = Loss.CrossEntropyLoss(); new.append_layer(FullyConnected(2, 3)); new.data_layer = Data((rows, labels)); new.train(1)", RuntimeError, "train: expected a layer that learns, got none with an optimizer; write NeuralNetwork(Sgd(0.01), …), or set net.optimizer"),
    ("new = NeuralNetwork(); new.loss_layer = Loss.CrossEntropyLoss(); new.append_layer(FullyConnected(2, 3)); new.backward()", RuntimeError, "call forward first"),
    ("empty.learning_rate", AttributeError, "learning_rate: expected an optimizer that has one, got none; set net.optimizer first"),
    ("empty.learning_rate = 0.1", AttributeError, "learning_rate: expected an optimizer that has one, got none; set net.optimizer first"),
    ("net.layers[0].optimizer.learning_rate = 0.5; net.learning_rate", ValueError, "learning_rate: expected the same for all optimizers, got"),
    ("NeuralNetwork(None, Initializers.He())", ValueError, "NeuralNetwork: expected initializers for both weights and bias, or for neither"),
    ("NeuralNetwork(clip_norm=1.0, clip_value=1.0)", ValueError, "NeuralNetwork: expected clip_norm or clip_value, got both (1.0 and 1.0)"),
    ("net.clip_norm = 1.0; net.clip_value = 1.0", ValueError, "NeuralNetwork: expected clip_norm or clip_value, got both"),
    ("net.fit(rows, labels, validation_split=0.5, validation_data=(rows, labels))", ValueError, "fit: expected validation_split or validation_data, got both"),
    ("net.fit(ArrayData(rows, labels), labels)", TypeError, "fit: expected labels y beside arrays X, got them beside a ArrayData; leave y out"),
    ("net.fit(ArrayData(rows, labels), sample_weights=[1, 1, 1, 1])", ValueError, "fit: expected sample_weights beside arrays X and y; a data set has its own"),
    ("net.evaluate(ArrayData(rows, labels), labels)", TypeError, "evaluate: expected labels y beside arrays X"),
    ("empty.evaluate(rows, labels)", RuntimeError, "NeuralNetwork: expected a loss layer"),
    ("empty.fit(rows, labels)", RuntimeError, "NeuralNetwork: expected a loss layer"),
    ("NeuralNetwork(optimiser=Optimizers.Sgd(0.1))", TypeError, "optimiser"),
    ("net.fit(rows, labels, epoch=3)", TypeError, "epoch"),
    ("net.fit(rows, labels, 1, 0.2)", TypeError, "positional"),
    ("net.data_layer = Data((1e308 * np.ones((4, 2)), labels)); net.layers[0].weights = np.full((3, 5), 1e308); net.train(1)", RuntimeError, "iteration 3 … layer 1 of 4, FullyConnected"),
    ("net.train()", TypeError, "iterations"),
    ("net.predict()", TypeError, "input_tensor"),
]  # fmt: skip
