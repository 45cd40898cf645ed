"""Handwritten digits, read by LeNet-5 as it was published in 1998, and by the variant of today."""

import numpy as np
from sklearn.datasets import load_digits

from Models import LeNet, LeNet5


def main(epochs: int = 8) -> None:
    """Train both, and print how many of 360 digits that they have never seen each reads right."""
    digits = load_digits()
    X = np.kron(digits.images[:, np.newaxis] / 16, np.ones((2, 2)))  # 16 × 16 pixels
    for model in (LeNet5, LeNet):
        net = model.build((1, 16, 16), dtype="float32", rng=0)
        net.fit(X[360:], digits.target[360:], epochs=epochs, rng=0)
        accuracy = net.evaluate(X[:360], digits.target[:360])["accuracy"]
        print(f"{model.__name__.rpartition('.')[2]} reads {accuracy:.1%}")


if __name__ == "__main__":
    main()
