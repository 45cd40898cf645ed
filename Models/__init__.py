"""Networks ready to train: each module has a `build()`."""

__all__ = ["LeNet", "MultilayerPerceptron"]
