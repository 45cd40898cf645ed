"""The layers: one class a file, the file named after the class.

`from Layers import *` gives the modules, so that a script writes `Conv.Conv((1, 1), (3, 5, 5), 4)`.
"""

__all__ = [
    "LSTM",
    "RNN",
    "Base",
    "BatchNormalization",
    "Conv",
    "Dropout",
    "Flatten",
    "FullyConnected",
    "Helpers",
    "Initializers",
    "Pooling",
    "ReLU",
    "Sigmoid",
    "SoftMax",
    "TanH",
]
