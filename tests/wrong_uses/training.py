"""Wrong uses of the trainer, callbacks, metrics, pictures and models; of what Foundation has for everybody."""

import inspect
from typing import Any

import numpy as np

from Foundation import Checks, Labels, Parallel, Phases, Randomness
from Generator.arrays import ArrayData
from Layers import FullyConnected, Initializers, SoftMax
from Models import Autoencoder, LeNet, LeNet5, MultilayerPerceptron, ResNet
from NeuralNetwork import NeuralNetwork
from Optimization import Loss, Optimizers, Schedules
from tests.wrong_uses.kinds import number, path, seed, truth, whole
from Training import callbacks, metrics, pictures, processes, trainer
from Training.processes import Processes
from Training.trainer import Trainer

CLASSES = (
    Trainer, callbacks.Checkpoint, callbacks.CsvLog, callbacks.EarlyStopping, callbacks.Progress, callbacks.ReduceOnPlateau,
    callbacks.StopAt, callbacks.TensorBoard, callbacks.Watch, Processes,
    metrics.Accuracy, metrics.AreaUnderCurve, metrics.BalancedAccuracy, metrics.F1, metrics.MeanAbsoluteError, metrics.Precision,
    metrics.R2, metrics.Recall, metrics.TopKAccuracy,
)  # fmt: skip
MODULES = (
    trainer, processes, *(module for package in (callbacks, metrics) for module in vars(package).values() if inspect.ismodule(module)),
)  # fmt: skip
NO_ROWS = {
    "Callback": "what all callbacks derive from: it has no arguments",
    "Hooks": "made by the trainer of what it was given",
    "Function": "made of a function by `get`, whose rows are above",
}


def scene() -> dict[str, Any]:
    """A trainer that has trained an epoch."""
    rng = np.random.default_rng(0)
    X, y = rng.random((6, 2)), np.eye(3)[[0, 1, 2, 0, 1, 2]]
    net = NeuralNetwork(Optimizers.Sgd(0.1), Initializers.He(rng=0), Initializers.Constant(0.1))
    net.loss_layer = Loss.CrossEntropyLoss()
    for layer in (FullyConnected.FullyConnected(2, 3), SoftMax.SoftMax()):
        net.append_layer(layer)
    ours = Trainer(net, ArrayData(X, y, 2, rng=0))
    ours.fit(1)

    def works(used: set[str]) -> None:
        if used & {"trainer", "net"}:
            ours.fit(1)

    modules = {"Checks": Checks, "one_hot": Labels.one_hot, "use_threads": Parallel.use_threads, "is_testing": Phases.is_testing,
               "as_generator": Randomness.as_generator, "LeNet": LeNet, "LeNet5": LeNet5, "ResNet": ResNet, "Autoencoder": Autoencoder, "MultilayerPerceptron": MultilayerPerceptron,
               "pictures": pictures, "get": metrics.get, "Schedules": Schedules}  # fmt: skip
    made = {
        "NeuralNetwork": NeuralNetwork,
        "net": net,
        "trainer": ours,
        "X": X,
        "y": y,
        "history": ours.history,
        "accuracy": metrics.Accuracy(),
        "stop": callbacks.StopAt(loss=0.1),
        "early": callbacks.EarlyStopping("loss"),
        "plateau": callbacks.ReduceOnPlateau("loss"),
        "checkpoint": callbacks.Checkpoint("nowhere"),
        "top": metrics.TopKAccuracy(2),
    }
    return (
        modules
        | made
        | {cls.__name__: cls for cls in CLASSES}
        | {"np": np, "NAN": float("nan"), "INF": float("inf"), "STILL_WORKS": works}
    )


_MONITOR = [
    (value, (TypeError, ValueError), "{who} … monitor … name such as")
    for value in ("3", "None", "['loss']", "True", "1.5")
]
_MONITOR += [
    ("'x'", ValueError, "can't tell whether less or more of 'x' is better; say direction='min' or 'max'"),
    ("''", ValueError, "can't tell"),
]
_DIRECTION = [
    (value, (TypeError, ValueError), "{who} … direction 'min' or 'max', got")
    for value in ("'up'", "3", "True", "''", "['min']")
]
_LOSS = [row for row in number(without=("None",))]
_SHAPE = [
    (value, (TypeError, ValueError), "… image_shape … got")
    for value in ("'abc'", "3", "None", "(0, 28, 28)", "(1, 28.5, 28)", "(1, 'a', 28)", "()", "(True, 28, 28)")
]
_RATE = number(least=0.0)
_BUILD: dict[str, Any] = {
    "image_shape": _SHAPE,
    "classes": whole(),
    "learning_rate": _RATE,
    "dtype": [(value, (TypeError, ValueError), "dtype") for value in ("'int'", "3", "complex", "'nonsense'")],
    "rng": seed(),
}
_DATA = [
    (value, (TypeError, ValueError), "… expected … got")
    for value in (
        "None",
        "3",
        "'abc'",
        "X",
        "(X,)",
        "(X, y, None, None)",
        "ArrayData",
        "(X, y[:2])",
        "(X[:0], y[:0])",
        "object()",
        "{}",
    )
]
_MATRIX = [
    (value, (TypeError, ValueError), "confusion_matrix: expected … got")
    for value in ("None", "3", "'abc'", "[0, 1]", "[NAN] * 6", "[1j] * 6", "[[0, 1]]", "[]")
]

ARGUMENTS: dict[str, Any] = {
    "Trainer(@net, training=(X, y))": [
        (value, (TypeError, ValueError), "Trainer: expected a network")
        for value in ("None", "3", "'abc'", "NeuralNetwork", "[net]", "net.layers", "X")
    ],
    "Trainer(net, @training)": [row for row in _DATA if row[0] != "ArrayData"],
    "Trainer(net, (X, y), @validation)": [row for row in _DATA if row[0] not in ("None", "ArrayData")],
    "Trainer(net, (X, y), @callbacks)": [
        (value, TypeError, "Trainer: expected")
        for value in ("None", "3", "print", "[print]", "['abc']", "[EarlyStopping]", "'abc'")
    ],
    "Trainer(net, (X, y), @metrics)": [
        (value, (TypeError, ValueError), "metrics: ")
        for value in ("3", "'acuracy'", "[3]", "['accuracy', 'accuracy']", "None", "int")
    ],
    "Trainer(net, (X, y), @batch_size)": whole(),
    "Trainer(net, (X, y), @batches_per_epoch)": whole(without=("None",)),
    "Trainer(net, (X, y), @checkpoint_folder)": path(),
    "Trainer(net, (X, y), @processes)": [
        (value, TypeError, "Trainer: expected processes to be a Training.processes.Processes, got")
        for value in ("2", "True", "'abc'", "[Processes()]", "Processes")
    ],
    "Processes(@communicator)": [
        (value, TypeError, "Processes: expected a communicator of mpi4py, such as COMM_WORLD, got")
        for value in ("2", "'abc'", "Processes()", "[None]")
    ],
    "Processes(@synchronized)": truth(),
    "Processes(@bucket_bytes)": whole(),
    "trainer.fit(@epochs)": whole(least=0),
    "trainer.fit(1, @resume)": [*path(without=("None",)), ("'nowhere/no_file'", FileNotFoundError, "nowhere/no_file")],
    "trainer.restore(@path)": [*path(), ("'nowhere/no_file'", FileNotFoundError, "nowhere/no_file")],
    "trainer.save(@path)": path(),
    "trainer.save_checkpoint(@epoch)": (whole(least=0), "Trainer"),
    "trainer.restore_checkpoint(@epoch)": ([*whole(least=0), ("77", FileNotFoundError, "77")], "Trainer"),
    "trainer.stop(@reason)": [
        (value, TypeError, "stop: expected reason to be text, which says why, got") for value in ("None", "3", "['a']")
    ],
    "Checkpoint(@path)": path(),
    "Checkpoint('a', @every)": [row for row in whole()],
    "Checkpoint('a', @minutes)": number(least=0.0, without=("None",)),
    "Checkpoint('a', @keep)": whole(),
    "Checkpoint('a', @best)": [
        (value, (TypeError, ValueError), "Checkpoint: expected best")
        for value in ("3", "True", "['loss']", "EarlyStopping", "1.5")
    ],
    "CsvLog(@path)": path(),
    "EarlyStopping(@monitor)": _MONITOR,
    "EarlyStopping('loss', @patience)": whole(),
    "EarlyStopping('loss', @min_delta)": number(least=0.0),
    "EarlyStopping('loss', @restore_best)": truth(),
    "EarlyStopping('loss', @direction)": _DIRECTION,
    "ReduceOnPlateau(@monitor)": _MONITOR,
    "ReduceOnPlateau('loss', @factor)": number(least=0.0, below=1.0),
    "ReduceOnPlateau('loss', @patience)": whole(),
    "ReduceOnPlateau('loss', @min_delta)": number(least=0.0),
    "ReduceOnPlateau('loss', @least)": number(least=0.0),
    "ReduceOnPlateau('loss', @direction)": _DIRECTION,
    "Watch(@monitor)": _MONITOR,
    "Watch('loss', @min_delta)": number(least=0.0),
    "Watch('loss', @direction)": _DIRECTION,
    "StopAt(@loss)": _LOSS,
    "StopAt(@seconds)": number(least=0.0, without=("None",)),
    "Progress(@style)": [
        (value, (TypeError, ValueError), "Progress: expected style … got")
        for value in ("'x'", "3", "True", "['bar']", "''")
    ],
    "TensorBoard(@folder)": path(),
    "early.patience = @patience": (whole(), "EarlyStopping"),
    "plateau.factor = @factor": (number(least=0.0, below=1.0), "ReduceOnPlateau"),
    "stop.loss = @loss": (_LOSS, "StopAt"),
    "checkpoint.keep = @keep": (whole(), "Checkpoint"),
    "top.k = @k": (whole(), "TopKAccuracy"),
    **{
        f"{name}(@several)": truth()
        for name in ("Accuracy", "BalancedAccuracy", "AreaUnderCurve", "Precision", "Recall", "F1")
    },
    **{
        f"{name}(@average)": [
            (value, (TypeError, ValueError), f"{name}: expected average … got")
            for value in ("'x'", "3", "True", "['macro']", "''")
        ]
        for name in ("Precision", "Recall", "F1")
    },
    "TopKAccuracy(@k)": whole(),
    "accuracy.update(@predictions, labels=y)": [
        (value, (TypeError, ValueError), "Accuracy … expected … predictions … got")
        for value in ("'abc'", "None", "3", "1j * y", "[['a']]", "np.full((6, 3), NAN)")
    ],
    "accuracy.update(y, @labels)": [
        (value, (TypeError, ValueError), "Accuracy … expected … label … got")
        for value in ("'abc'", "None", "3", "1j * y", "y[:2]", "[['a']]", "np.full((6, 3), NAN)")
    ],
    "accuracy.update(y, y, @sample_weights)": [
        (value, (TypeError, ValueError), "Accuracy … expected sample weights")
        for value in ("'abc'", "3", "[1, 2]", "[-1] * 6", "[NAN] * 6", "[1j] * 6")
    ],
    "accuracy.state = @state": [
        (value, (TypeError, ValueError), "Accuracy … state … got") for value in ("3", "None", "{}", "'abc'", "[]")
    ],
    "get(@metric)": [
        (value, (TypeError, ValueError), "metrics: ")
        for value in ("'acuracy'", "3", "None", "int", "'top_0'", "'top_x'", "''", "[]")
    ],
    **{f"MultilayerPerceptron.build(@{name})": (kind, "") for name, kind in _BUILD.items()},
    "MultilayerPerceptron.build(@hidden)": [
        (value, (TypeError, ValueError), "… hidden … got")
        for value in ("'abc'", "3", "None", "(0,)", "(1.5,)", "('a',)", "(True,)")
    ],
    **{
        f"{model}.build(@{name})": (kind, "")
        for model in ("LeNet", "LeNet5", "ResNet")
        for name, kind in _BUILD.items()
    },
    **{f"Autoencoder.build(@{name})": (kind, "") for name, kind in _BUILD.items() if name != "classes"},
    "Autoencoder.build(@code)": (whole(), ""),
    "Autoencoder.build(@hidden)": [
        (value, (TypeError, ValueError), "… hidden … got")
        for value in ("'abc'", "3", "None", "(0,)", "(1.5,)", "('a',)")
    ],
    "ResNet.build(@width)": (whole(), ""),
    "ResNet.build(@depth)": [
        *(
            (value, TypeError, "ResNet: expected depth to be a whole number")
            for value in ("'20'", "None", "8.5", "[20]")
        ),
        *((value, ValueError, "ResNet: expected … depth") for value in ("2", "9", "18", "-4")),
    ],
    "LeNet5.build(image_shape=@image_shape)": [
        (value, (TypeError, ValueError), "LeNet5: expected … got")
        for value in ("(1, 11, 28)", "(28, 28)", "(1, 1, 28, 28)")
    ],
    "LeNet.build(image_shape=@image_shape)": [
        (value, (TypeError, ValueError), "LeNet: expected … got")
        for value in ("(1, 2, 2)", "(28, 28)", "(1, 1, 28, 28)")
    ],
    "one_hot(@labels, classes=3)": [
        (value, (TypeError, ValueError), "one_hot: expected … got")
        for value in ("'abc'", "None", "[3]", "[-1]", "[0.5]", "[NAN]", "[1j]", "[[0, 1], [2]]")
    ],
    "one_hot([0, 1], @classes)": whole(),
    "use_threads(@count)": whole(without=("None",)),
    "is_testing(@phase)": [
        (value, ValueError, "expected a phase: True or 'test'") for value in ("'x'", "None", "2", "[]", "np.ones(2)")
    ],
    "as_generator(@rng)": (seed(), ""),
    "pictures.confusion_matrix(@true, predicted=[0, 1, 2, 0, 1, 2])": _MATRIX,
    "pictures.confusion_matrix([0, 1, 2, 0, 1, 2], @predicted)": _MATRIX,
    "pictures.confusion_matrix([0, 1], [0, 1], @names)": [
        (value, (TypeError, ValueError), "confusion_matrix: expected … got") for value in ("3", "['a']", "'ab'", "{}")
    ],
    "pictures.confusion_matrix([0, 1], [0, 1], @axes)": [
        (value, TypeError, "axes") for value in ("3", "'abc'", "X", "[]")
    ],
    "pictures.confusion_matrix([0, 1], [0, 1], @filename)": (path(without=("None",)), "picture"),
    "pictures.curves(@history)": [
        (value, (TypeError, ValueError), "curves: expected … got")
        for value in ("None", "3", "'abc'", "{}", "{'loss': 'abc'}", "X")
    ],
    "pictures.curve(@history)": [
        (value, (TypeError, ValueError), "curve: expected … got")
        for value in ("None", "3", "'abc'", "{}", "{'loss': 'abc'}", "X")
    ],
    "pictures.curve(history, @key)": [
        (value, (TypeError, ValueError, KeyError), "curve: expected … got")
        for value in ("'x'", "3", "None", "['loss']")
    ],
    "pictures.batch_losses(@loss)": [
        (value, (TypeError, ValueError), "batch_losses: expected … got")
        for value in ("None", "3", "'abc'", "[]", "['a']", "[1j]", "[[1.0]]")
    ],
    "pictures.learning_rate(@rate, steps=10)": [
        (value, (TypeError, ValueError), "learning_rate … got")
        for value in ("None", "'abc'", "[0.1]", "-1", "NAN", "Schedules.LinearDecay")
    ],
    "pictures.learning_rate(0.1, @steps)": whole(),
    "pictures.gallery(@images)": [
        (value, (TypeError, ValueError), "gallery: expected … got")
        for value in (
            "None",
            "3",
            "'abc'",
            "1j * np.ones((2, 4, 4))",
            "np.ones(4)",
            "np.ones((0, 4, 4))",
            "np.full((2, 4, 4), NAN)",
        )
    ],
    "pictures.gallery(np.ones((2, 4, 4)), @columns)": whole(without=("None",)),
    "pictures.kernels(@net)": [
        (value, (TypeError, ValueError), "kernels: expected … got") for value in ("None", "3", "'abc'", "net")
    ],
    "pictures.kernels(net, @layer)": [
        (value, (TypeError, ValueError, IndexError), "kernels: expected … got")
        for value in ("'a'", "99", "1.5", "0", "-1", "True")
    ],
    "pictures.feature_maps(@net, image=X[0])": [
        (value, (TypeError, ValueError), "feature_maps: expected … got") for value in ("None", "3", "'abc'")
    ],
    "pictures.feature_maps(net, @image)": [
        (value, (TypeError, ValueError), "… expected … got")
        for value in ("None", "'abc'", "1j * X[0]", "np.ones((3, 3, 3, 3, 3))")
    ],
    "pictures.saliency(@net, image=X[0])": [
        (value, (TypeError, ValueError), "saliency: expected … got") for value in ("None", "3", "'abc'")
    ],
    "pictures.saliency(net, np.ones((1, 4, 4)), @class_number)": [
        (value, (TypeError, ValueError), "… expected … got") for value in ("'a'", "99", "-1", "1.5", "True")
    ],
    "pictures.diagram(@net)": [
        (value, (TypeError, ValueError), "diagram: expected … got")
        for value in ("None", "3", "'abc'", "NeuralNetwork", "[]")
    ],
    "pictures.parameter_sizes(@net)": [
        (value, (TypeError, ValueError), "parameter_sizes: expected … got")
        for value in ("None", "3", "'abc'", "NeuralNetwork", "[]")
    ],
    "pictures.predictions(@images, true=[0], predicted=[0])": [
        (value, (TypeError, ValueError), "predictions: expected … got")
        for value in ("None", "3", "'abc'", "np.ones((2, 4, 4))", "np.ones(4)")
    ],
    "pictures.predictions(np.ones((1, 4, 4)), [0], [0], @limit)": whole(),
}
MISUSES: list[tuple[str, Any, str]] = [
    ("accuracy.update(y[:, 0], y)", ValueError, "Accuracy … expected labels of the predictions' shape (6, 1), got (6, 3)"),
    ("accuracy.update(y, [0, 1, 2, 0, 1, 7])", ValueError, "one_hot: expected labels from 0 to 2, got labels from 0 to 7"),
    ("accuracy.update(y, 0.5 * y)", ValueError, "Accuracy … expected each label to be one class, one-hot for instance, got one that sums to 0.5 … Accuracy(several=True)"),
    ("accuracy.update(y, 2 * y)", ValueError, "Accuracy … expected labels that are classes, with entries from 0 to 1, got entries from 0 to 2; numbers have metrics of their own: r2"),
    ("accuracy.update(y, y, sample_weights=np.ones((3, 2)))", ValueError, "Accuracy … expected sample weights (6,) or of its first axes, got (3, 2)"),
    ("top.update(y[:, :2], y[:, :2] / y[:, :2].sum(axis=1, keepdims=True).clip(1))", ValueError, "TopKAccuracy … expected"),
    ("new = F1(average='binary'); new.update(y, y); new.result()", ValueError, "F1 … expected two classes, got 3 columns; average them"),
    ("StopAt()", ValueError, "StopAt: expected loss or seconds, got neither"),
    ("Checkpoint('a', every=3, minutes=1)", ValueError, "Checkpoint: expected every or minutes, got both (3 and 1)"),
    ("checkpoint.minutes = 1; checkpoint.every = 3", ValueError, "Checkpoint: expected every or minutes, got both"),
    ("stop.loss = None", ValueError, "StopAt: expected loss or seconds, got neither"),
    ("Trainer(net, (X, y), callbacks=[EarlyStopping()]).fit(1)", ValueError, "EarlyStopping … expected monitor to be one of loss, accuracy, learning_rate, got 'validation_loss'; give the trainer validation data"),
    ("net.learning_rate = Schedules.LinearDecay(0.1, 5); Trainer(net, (X, y), callbacks=[ReduceOnPlateau('loss')]).fit(1)", ValueError, "ReduceOnPlateau … expected a learning rate that is a number, got LinearDecay"),
    ("Trainer(net, (X, y), batchsize=3)", TypeError, "batchsize"),
    ("Trainer(net)", TypeError, "training"),
    ("early.on_epoch_end(0, {'accuracy': 1.0})", ValueError, "EarlyStopping … expected monitor to be one of accuracy, got 'loss'"),
]  # fmt: skip
