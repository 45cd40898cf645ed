"""An autoencoder: 64 pixels of a digit through eight numbers and back, learnt from the pictures alone."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from Models import Autoencoder
from Training import pictures


def main(epochs: int = 100, folder: str | Path = "results") -> None:
    """Train, print what is lost, and draw new digits, in the lower row as they come back."""
    X = load_digits().data / 16
    net = Autoencoder.build((64,), code=8, rng=0)
    net.fit(X[:1500], X[:1500], epochs=epochs, validation_data=(X[1500:], X[1500:]), rng=0)
    lost = net.evaluate((X[1500:], X[1500:]))["loss"] / X[1500:].var(axis=0).mean()
    print(f"{1 - lost:.1%} of what makes digits differ comes back")
    encoder, decoder = net.layers
    both = np.concatenate([X[1500:1512], decoder.forward(encoder.forward(X[1500:1512]))]).reshape(-1, 8, 8)
    pictures.gallery(both, columns=12, filename=Path(folder, "autoencoder.png"))


if __name__ == "__main__":
    main()
