"""What a student writes in each part, and what the course hands out.

The tables name files, classes and members alone. Signatures and descriptions are those of the library.
"""

import re
from dataclasses import dataclass

from Protocols.problems import Problem

_TRAINABLE = "optimizer forward backward"
_RECURRENT = (
    "__init__(input_size, hidden_size, output_size) memorize optimizer initialize forward backward "
    "calculate_regularization_loss"
)
_PATTERN = "__init__ draw show()"
_REGULARIZER = "__init__ calculate_gradient norm"
_INITIALIZER = "initialize"

#: Part → file → class → members. Functions stand under the class "". A member that names its arguments has no
#: others in this part, and defaults only where an = stands; an attribute stands here where the constructor sets it.
WRITTEN: dict[int, dict[str, dict[str, str]]] = {
    0: {
        "Generator/pattern.py": {"Checker": _PATTERN, "Circle": _PATTERN, "Spectrum": _PATTERN},
        "Generator/generator.py": {"ImageGenerator": "__init__ next augment current_epoch class_name show()"},
    },
    1: {
        "Optimization/Optimizers.py": {"Sgd": "__init__ calculate_update"},
        "Layers/Base.py": {"BaseLayer": "__init__ trainable"},
        "Layers/FullyConnected.py": {"FullyConnected": f"__init__ {_TRAINABLE}"},
        "Layers/ReLU.py": {"ReLU": "forward backward"},
        "Layers/SoftMax.py": {"SoftMax": "forward backward"},
        "Optimization/Loss.py": {"CrossEntropyLoss": "__init__ forward backward"},
        "NeuralNetwork.py": {
            "NeuralNetwork": "__init__(optimizer) loss layers data_layer loss_layer label_tensor append_layer "
            "forward backward train test"
        },
    },
    2: {
        "Layers/Initializers.py": {
            "Constant": f"__init__ {_INITIALIZER}",
            "UniformRandom": _INITIALIZER,
            "Xavier": _INITIALIZER,
            "He": _INITIALIZER,
        },
        "Layers/FullyConnected.py": {"FullyConnected": "initialize"},
        "Optimization/Optimizers.py": {
            "SgdWithMomentum": "__init__ calculate_update",
            "Adam": "__init__(learning_rate, mu=, rho=) calculate_update",
        },
        "Layers/Flatten.py": {"Flatten": "forward backward"},
        "Layers/Conv.py": {"Conv": f"__init__ initialize {_TRAINABLE}"},
        "Layers/Pooling.py": {"Pooling": "__init__ forward backward"},
        "NeuralNetwork.py": {"NeuralNetwork": "__init__(optimizer, weights_initializer=, bias_initializer=)"},
    },
    3: {
        "Layers/Base.py": {"BaseLayer": "testing_phase"},
        "Optimization/Constraints.py": {"L1_Regularizer": _REGULARIZER, "L2_Regularizer": _REGULARIZER},
        "Optimization/Optimizers.py": {"Optimizer": "__init__() regularizer add_regularizer"},
        "Layers/Dropout.py": {"Dropout": "__init__(probability) forward backward"},
        "Layers/BatchNormalization.py": {"BatchNormalization": f"__init__ initialize {_TRAINABLE} reformat"},
        "Models/LeNet.py": {"": "build()"},
        "Layers/TanH.py": {"TanH": "forward backward"},
        "Layers/Sigmoid.py": {"Sigmoid": "forward backward"},
        "Layers/RNN.py": {"RNN": _RECURRENT},
        "Layers/LSTM.py": {"LSTM": _RECURRENT},
        "NeuralNetwork.py": {"NeuralNetwork": "phase", "": "save load"},
    },
}

#: The classes from which others of the course derive, and the part from which on they do.
BASES = {"BaseLayer": 1, "Optimizer": 3}

#: Part → what is handed out; a folder stands for all that is in it.
HANDED_OUT: dict[int, tuple[str, ...]] = {
    0: ("NeuralNetworkTests.py", "Generator/__init__.py", "Generator/Labels.json", "Generator/Sample_data"),
    1: ("NeuralNetworkTests.py", "Layers/__init__.py", "Layers/Helpers.py", "Optimization/__init__.py"),
    2: (),
    3: ("Models/__init__.py",),
}


@dataclass(frozen=True)
class Member:
    """A method, a property or an attribute of a class, or a function of a file."""

    name: str
    #: The course's arguments where they aren't the library's; a name with = behind it keeps the library's default.
    arguments: tuple[str, ...] | None = None


def parse_part(text: str) -> int:
    """The number of a part, as it is given on the command line."""
    if text.isdecimal() and int(text) in WRITTEN:
        return int(text)
    raise Problem(f"expected a part from {min(WRITTEN)} to {max(WRITTEN)}, got {text!r}")


def parts_below(part: int) -> tuple[int, ...]:
    """The part and those that it stands on; Part 0 stands alone."""
    return tuple(range(min(part, 1), part + 1))


def files(parts: tuple[int, ...]) -> list[str]:
    """The files that are written in these parts, in the order in which a student meets them."""
    return list(dict.fromkeys(file for part in parts for file in WRITTEN[part]))


def members(file: str, parts: tuple[int, ...]) -> dict[str, dict[str, Member]]:
    """What a file holds after these parts: each class, base classes first, with its members by name."""
    classes: dict[str, dict[str, Member]] = {}
    for part in parts:
        for name, listed in WRITTEN[part].get(file, {}).items():
            for found in re.finditer(r"(\w+)(?:\(([^)]*)\))?", listed):
                arguments = None if found[2] is None else tuple(found[2].replace(",", " ").split())
                classes.setdefault(name, {})[found[1]] = Member(found[1], arguments)
    return dict(sorted(classes.items(), key=lambda item: item[0] not in BASES))
