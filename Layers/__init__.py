"""The layers: one class a file, the file named after the class.

`from Layers import *` gives the modules, so that a script writes `Conv.Conv((1, 1), (3, 5, 5), 4)`.
"""

import importlib
from types import ModuleType

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "AveragePooling",
    "Base",
    "BatchNormalization",
    "Bidirectional",
    "Chain",
    "Conv",
    "Dropout",
    "Embedding",
    "Flatten",
    "FullyConnected",
    "GlobalAveragePooling",
    "Helpers",
    "Initializers",
    "LastStep",
    "LayerNormalization",
    "LeakyReLU",
    "Parallel",
    "Pooling",
    "ReLU",
    "Residual",
    "SiLU",
    "Sigmoid",
    "SoftMax",
    "Softplus",
    "TanH",
    "TransposedConv",
    "Upsampling",
]


def __getattr__(name: str) -> ModuleType:
    # A module is loaded when it is asked for; this file stands alone, since students get it.
    if name in __all__:
        try:
            return importlib.import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
