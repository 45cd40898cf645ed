"""Wrong uses of losses, optimizers, regularizers and schedules."""

from typing import Any

import numpy as np

from Optimization import Constraints, Loss, Optimizers, Schedules
from tests.wrong_uses.kinds import number, truth, whole

CLASSES = (
    Loss.BinaryCrossEntropy, Loss.CrossEntropyLoss, Loss.Huber, Loss.MeanAbsoluteError, Loss.MeanSquaredError,
    Loss.QuantileLoss, Optimizers.Adam, Optimizers.Sgd, Optimizers.SgdWithMomentum, Constraints.L1_Regularizer,
    Constraints.L2_Regularizer, Schedules.Constant, Schedules.CosineDecay, Schedules.ExponentialDecay,
    Schedules.LinearDecay, Schedules.StepDecay, Schedules.WarmUp, Optimizers.AdamW, Optimizers.Nesterov, Optimizers.AdaGrad,
    Optimizers.RMSprop,
)  # fmt: skip
MODULES = (Constraints, Loss, Optimizers, Schedules)
NO_ROWS = {"Optimizer": "what all optimizers derive from: its arguments are theirs"}


def scene() -> dict[str, Any]:
    """A loss, an optimizer and a regularizer of each kind that have been used; schedules."""
    labels = np.eye(3)[[0, 2]]
    predictions = np.array([[0.5, 0.25, 0.25], [0.2, 0.2, 0.6]])
    made = {
        "cross": Loss.CrossEntropyLoss(),
        "weighted": Loss.CrossEntropyLoss(class_weights=[1, 2, 3], label_smoothing=0.1),
        "binary": Loss.BinaryCrossEntropy(),
        "squares": Loss.MeanSquaredError(),
        "absolute": Loss.MeanAbsoluteError(),
        "huber": Loss.Huber(2.0),
        "quantile": Loss.QuantileLoss([0.1, 0.5, 0.9]),
        "sgd": Optimizers.Sgd(0.1),
        "momentum": Optimizers.SgdWithMomentum(0.1, 0.9),
        "adam": Optimizers.Adam(),
        "decaying": Optimizers.AdamW(),
        "nesterov": Optimizers.Nesterov(0.1),
        "adagrad": Optimizers.AdaGrad(),
        "rmsprop": Optimizers.RMSprop(),
        "lasso": Constraints.L1_Regularizer(0.1),
        "ridge": Constraints.L2_Regularizer(0.1),
        "step_decay": Schedules.StepDecay(0.1, 10),
        "cosine": Schedules.CosineDecay(0.1, 10),
        "linear": Schedules.LinearDecay(0.1, 10),
        "warm": Schedules.WarmUp(0.1, 10),
    }
    losses = {name: loss for name, loss in made.items() if isinstance(loss, Loss.Loss)}
    optimizers = {name: one for name, one in made.items() if isinstance(one, Optimizers.Optimizer)}
    targets = {name: labels[:, :1] if name == "quantile" else labels for name in losses}
    for name, loss in losses.items():
        loss.forward(predictions, targets[name])
    for optimizer in optimizers.values():
        optimizer.calculate_update(predictions, labels)

    def works(used: set[str]) -> None:
        for name in used & losses.keys():
            losses[name].backward(targets[name])
            losses[name].forward(predictions, targets[name])
        for name in used & optimizers.keys():
            optimizers[name].calculate_update(predictions, labels)

    others = {"np": np, "NAN": float("nan"), "INF": float("inf"), "STILL_WORKS": works, "labels": labels}
    classes = {cls.__name__: cls for cls in CLASSES} | {"Schedules": Schedules}
    return classes | made | others | {"predictions": predictions, "median": labels[:, :1]}


_RATE = [row for row in number(least=0.0) if row[0] not in ("int",)]
_NO_RATE_CLASS = [*_RATE, ("int", TypeError, "{who} … {name} … number"), ("Sgd", TypeError, "{who} … {name} … number")]
_FACTOR = number(above=0.0, most=1.0)
_WEIGHTS = [
    *((value, (TypeError, ValueError), "CrossEntropyLoss: expected class_weights … got") for value in (
        "'abc'", "3", "[1, 'a']", "[1, None]", "[1, -1]", "[1, NAN]", "[1, INF]", "[]", "[[1, 2]]", "np.array(1.0)", "[1j]",
        "{0: 1.0}", "[0, 0, 0]",
    )),
]  # fmt: skip
_QUANTILES = [
    (value, (TypeError, ValueError), "QuantileLoss: expected quantiles … got")
    for value in (
        "'abc'", "None", "[0.5, 'a']", "[0.0, 0.5]", "[0.5, 1.0]", "[NAN]", "[]", "[[0.5]]", "[1j]", "0", "1", "2.0", "True",
        "[-0.1]", "[True]",
    )
]  # fmt: skip
_REGULARIZER = [
    (
        value,
        TypeError,
        "{who} … expected a regularizer with calculate_gradient(weights), for example L2_Regularizer(1e-3), got",
    )
    for value in ("'l2'", "3", "L2_Regularizer", "[]", "0.1", "object()", "np.ones(2)")
]

ARGUMENTS: dict[str, Any] = {
    "Sgd(@learning_rate)": _NO_RATE_CLASS,
    "Sgd(0.1, @regularizer)": _REGULARIZER,
    "SgdWithMomentum(@learning_rate)": _NO_RATE_CLASS,
    "SgdWithMomentum(0.1, @momentum_rate)": number(least=0.0, below=1.0),
    "SgdWithMomentum(0.1, @regularizer)": _REGULARIZER,
    "Adam(@learning_rate)": _NO_RATE_CLASS,
    "Adam(0.1, @mu)": number(least=0.0, below=1.0),
    "Adam(0.1, @rho)": number(least=0.0, below=1.0),
    "Adam(0.1, @regularizer)": _REGULARIZER,
    "AdamW(@learning_rate)": _NO_RATE_CLASS,
    "AdamW(0.1, @mu)": number(least=0.0, below=1.0),
    "AdamW(0.1, @rho)": number(least=0.0, below=1.0),
    "AdamW(0.1, @decay)": number(least=0.0),
    "AdamW(0.1, @regularizer)": _REGULARIZER,
    "decaying.decay = @decay": (number(least=0.0), "AdamW"),
    "decaying.mu = @mu": (number(least=0.0, below=1.0), "AdamW"),
    "Nesterov(@learning_rate)": _NO_RATE_CLASS,
    "Nesterov(0.1, @momentum_rate)": number(least=0.0, below=1.0),
    "Nesterov(0.1, @regularizer)": _REGULARIZER,
    "nesterov.momentum_rate = @momentum_rate": (number(least=0.0, below=1.0), "Nesterov"),
    "AdaGrad(@learning_rate)": _NO_RATE_CLASS,
    "AdaGrad(0.1, @regularizer)": _REGULARIZER,
    "adagrad.learning_rate = @learning_rate": (_NO_RATE_CLASS, "AdaGrad"),
    "RMSprop(@learning_rate)": _NO_RATE_CLASS,
    "RMSprop(0.1, @rho)": number(least=0.0, below=1.0),
    "RMSprop(0.1, @regularizer)": _REGULARIZER,
    "rmsprop.rho = @rho": (number(least=0.0, below=1.0), "RMSprop"),
    "sgd.learning_rate = @learning_rate": (_NO_RATE_CLASS, "Sgd"),
    "sgd.regularizer = @regularizer": (_REGULARIZER, "Sgd"),
    "momentum.momentum_rate = @momentum_rate": (number(least=0.0, below=1.0), "SgdWithMomentum"),
    "adam.mu = @mu": (number(least=0.0, below=1.0), "Adam"),
    "adam.rho = @rho": (number(least=0.0, below=1.0), "Adam"),
    "adam.regularizer = @regularizer": (_REGULARIZER, "Adam"),
    "adam.add_regularizer(@regularizer)": (
        [*_REGULARIZER, ("None", TypeError, "Adam … expected a regularizer")],
        "Adam",
    ),
    "L1_Regularizer(@alpha)": number(least=0.0),
    "L1_Regularizer(0.1, @biases)": truth(),
    "L2_Regularizer(@alpha)": number(least=0.0),
    "L2_Regularizer(0.1, @biases)": truth(),
    "lasso.alpha = @alpha": (number(least=0.0), "L1_Regularizer"),
    "ridge.biases = @biases": (truth(), "L2_Regularizer"),
    "Schedules.Constant(@learning_rate)": number(least=0.0),
    "StepDecay(@learning_rate, steps=3)": number(least=0.0),
    "StepDecay(0.1, @steps)": whole(),
    "StepDecay(0.1, 3, @factor)": _FACTOR,
    "ExponentialDecay(@learning_rate, steps=3)": number(least=0.0),
    "ExponentialDecay(0.1, @steps)": whole(),
    "ExponentialDecay(0.1, 3, @factor)": _FACTOR,
    "LinearDecay(@learning_rate, steps=3)": number(least=0.0),
    "LinearDecay(0.1, @steps)": whole(),
    "LinearDecay(0.1, 3, @end)": number(least=0.0),
    "CosineDecay(@learning_rate, steps=3)": number(least=0.0),
    "CosineDecay(0.1, @steps)": whole(),
    "CosineDecay(0.1, 3, @end)": number(least=0.0),
    "WarmUp(@learning_rate, steps=3)": _NO_RATE_CLASS,
    "WarmUp(0.1, @steps)": whole(),
    "step_decay.factor = @factor": (_FACTOR, "StepDecay"),
    "step_decay.steps = @steps": (whole(), "StepDecay"),
    "cosine.learning_rate = @learning_rate": (number(least=0.0), "CosineDecay"),
    "linear.end = @end": (number(least=0.0), "LinearDecay"),
    "warm.steps = @steps": (whole(), "WarmUp"),
    "CrossEntropyLoss(@class_weights)": _WEIGHTS,
    "CrossEntropyLoss(@label_smoothing)": number(least=0.0, below=1.0),
    "weighted.class_weights = @class_weights": _WEIGHTS,
    "weighted.label_smoothing = @label_smoothing": (number(least=0.0, below=1.0), "CrossEntropyLoss"),
    "Huber(@delta)": number(above=0.0),
    "huber.delta = @delta": (number(above=0.0), "Huber"),
    "QuantileLoss(@quantiles)": _QUANTILES,
    "quantile.quantiles = @quantiles": _QUANTILES,
}

_LOSSES = {
    "cross": "CrossEntropyLoss", "weighted": "CrossEntropyLoss", "binary": "BinaryCrossEntropy",
    "squares": "MeanSquaredError", "absolute": "MeanAbsoluteError", "huber": "Huber", "quantile": "QuantileLoss",
}  # fmt: skip
_NO_NUMBERS = ("'abc'", "None", "[['a', 'b', 'c']]", "1j * labels", "object()", "{1: 2}", "np.ma.masked_array(labels)")
MISUSES: list[tuple[str, Any, str]] = [
    *(
        (f"{name}.forward({value}, labels)", TypeError, f"{cls} … expected predictions … got")
        for name, cls in _LOSSES.items() for value in _NO_NUMBERS
    ),
    *(
        (f"{name}.forward(predictions, {value})", TypeError, f"{cls} … expected labels … got")
        for name, cls in _LOSSES.items() for value in _NO_NUMBERS
    ),
    *(
        (f"{name}.backward({value})", TypeError, f"{cls} … expected labels … got")
        for name, cls in _LOSSES.items() for value in _NO_NUMBERS
    ),
    *(
        (f"{name}.{call}", ValueError, f"{cls} … expected … got")
        for name, cls in _LOSSES.items()
        for call in (
            "forward(predictions[:1], np.eye(3)[[0, 1]])", "forward(predictions, labels.T)", "forward(np.zeros((0, 3)), np.zeros((0, 3)))",
            "forward(np.array(0.5), np.array(1.0))", "forward(0.5, 1.0)", "backward(labels.T)", "backward(np.eye(3))",
            "forward(predictions, np.full((2, 3), NAN))", "forward(predictions, np.full((2, 3), INF))", "backward(np.full((2, 3), NAN))",
            "forward([[0.5, 0.25], [0.25]], labels)",
        )
    ),
    *(
        (f"{name}.forward(predictions, {'median' if name == 'quantile' else 'labels'}, sample_weights={value})", (TypeError, ValueError), f"{cls} … expected sample weights … got")
        for name, cls in _LOSSES.items()
        for value in ("'ab'", "[1]", "[1, 2, 3]", "[1, -1]", "[1, NAN]", "[INF, 1]", "1", "[[1, 1]]", "[1j, 1]", "[None, 1]", "{}", "np.ones((3, 2))")
    ),
    *(
        (f"new = {make}; new.backward(labels)", RuntimeError, f"{cls} … call forward first")
        for make, cls in (
            ("CrossEntropyLoss()", "CrossEntropyLoss"), ("BinaryCrossEntropy()", "BinaryCrossEntropy"), ("MeanSquaredError()", "MeanSquaredError"),
            ("MeanAbsoluteError()", "MeanAbsoluteError"), ("Huber()", "Huber"), ("QuantileLoss([0.5])", "QuantileLoss"),
        )
    ),
    ("cross.forward(-predictions, labels)", ValueError, "CrossEntropyLoss … expected predictions to be probabilities, got -0.6; put a SoftMax before the loss?"),
    ("cross.forward(predictions, [0, 2])", ValueError, "CrossEntropyLoss … expected labels of the predictions' shape (2, 3), got (2,); these look like class numbers: numpy.eye(classes)[numbers]"),
    ("cross.forward(predictions, [[0], [2]])", ValueError, "CrossEntropyLoss … got (2, 1); these look like class numbers"),
    ("cross.forward(predictions, 2 * labels)", ValueError, "CrossEntropyLoss … expected every label to be a distribution … a label that sums to 2"),
    ("cross.forward(labels, predictions * [1, -1, 1])", ValueError, "CrossEntropyLoss … expected every label to be a distribution"),
    ("cross.backward(-labels)", ValueError, "CrossEntropyLoss … expected every label to be a distribution"),
    ("weighted.forward(predictions[:, :2], np.eye(2))", ValueError, "CrossEntropyLoss … expected 3 classes, one for each of the class weights, got 2"),
    ("binary.forward(2 * predictions, labels)", ValueError, "BinaryCrossEntropy … expected predictions to be probabilities from 0 to 1, got 1.2; put a Sigmoid before the loss?"),
    ("binary.forward(predictions, 2 * labels)", ValueError, "BinaryCrossEntropy … expected labels from 0 (no) to 1 (yes), got labels from 0 to 2"),
    ("squares.forward(predictions, labels[0])", ValueError, "MeanSquaredError … expected labels of the predictions' shape (2, 3), got (3,)"),
    ("squares.forward(predictions[:, :1], np.ones((1, 2)))", ValueError, "MeanSquaredError … got (1, 2); labels.reshape(2, 1) has it"),
    ("quantile.forward(predictions[:, :2], median)", ValueError, "QuantileLoss … expected … 3 … got"),
    *(
        (f"{name}.calculate_update({arguments})", (TypeError, ValueError), f"{cls} … expected {what}")
        for name, cls in (
            ("sgd", "Sgd"), ("momentum", "SgdWithMomentum"), ("adam", "Adam"), ("decaying", "AdamW"), ("nesterov", "Nesterov"),
            ("adagrad", "AdaGrad"), ("rmsprop", "RMSprop"),
        )
        for arguments, what in (
            ("'abc', labels", "weights to hold real numbers, got str"), ("None, labels", "weights to hold real numbers"),
            ("labels, 'abc'", "a gradient to hold real numbers, got str"), ("labels, None", "a gradient to hold real numbers"),
            ("1j * labels, labels", "weights to hold real numbers, got … complex128"), ("labels, 1j * labels", "a gradient to hold real numbers"),
            ("labels, [[1, 2], [3]]", "a gradient to be one array"), ("labels, labels.T", "a gradient of the weights' shape (2, 3), got (3, 2)"),
            ("labels, 1.0", "a gradient of the weights' shape (2, 3), got ()"), ("1.0, labels", "a gradient of the weights' shape"),
            ("1.0, NAN", "a gradient of finite numbers, got nan"), ("INF, 1.0", "weights of finite numbers, got inf"),
            ("labels, np.full((2, 3), NAN).tolist()", "a gradient of finite numbers, got nan at (0, 0)"),
            ("np.ma.masked_array(labels), labels", "weights without masked elements"),
        )
    ),
    ("momentum.calculate_update(np.ones(4), np.ones(4))", ValueError, "SgdWithMomentum … remembers a gradient of shape (2, 3), got one of shape (4,); an optimizer belongs to one parameter, make a copy for each"),
    ("adam.calculate_update(np.ones(4), np.ones(4))", ValueError, "Adam … remembers a gradient of shape (2, 3), got one of shape (4,)"),
    *(
        (f"new = Sgd({rate}); new.calculate_update(labels, labels)", (TypeError, ValueError), "Sgd … learning_rate of step 0")
        for rate in ("lambda step: 'a'", "lambda step: None", "lambda step: NAN", "lambda step: -1", "lambda step: [0.1]")
    ),
    *(
        (f"{name}.{method}({value})", (TypeError, ValueError), f"{cls} … expected weights")
        for name, cls in (("lasso", "L1_Regularizer"), ("ridge", "L2_Regularizer"))
        for method in ("norm", "calculate_gradient")
        for value in ("'abc'", "None", "[['a']]", "1j * labels", "object()", "[[1], [1, 2]]", "np.ma.masked_array(labels)")
    ),
    ("L1_Regularizer(0.1, False)", TypeError, "positional"),
    ("Adam(0.1, 0.9, 0.999, None)", TypeError, "positional"),
    ("Sgd()", TypeError, "learning_rate"),
    ("Adam(lr=0.1)", TypeError, "Adam … lr"),
    ("Sgd(learningrate=0.1)", TypeError, "learningrate"),
    ("CrossEntropyLoss([1, 2])", TypeError, "positional"),
]  # fmt: skip
