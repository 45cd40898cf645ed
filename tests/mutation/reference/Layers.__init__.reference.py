"""The layers."""

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
