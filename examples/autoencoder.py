"""An autoencoder: digits of 64 pixels through eight numbers and back, learnt from the pictures alone."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from Layers import FullyConnected, Initializers, ReLU, Sigmoid
from NeuralNetwork import NeuralNetwork
from Optimization import Loss, Optimizers
from Training import pictures


def main(epochs: int = 100, folder: str | Path = "results") -> None:
    """Train, print what is lost, and draw digits above what has become of them."""
    X = load_digits().data / 16
    net = NeuralNetwork(Optimizers.Adam(0.003), Initializers.He(rng=0), Initializers.Constant(0))
    net.loss_layer = Loss.MeanSquaredError()
    net.append_layer(FullyConnected.FullyConnected(64, 64))
    net.append_layer(ReLU.ReLU())
    net.append_layer(FullyConnected.FullyConnected(64, 8))
    net.append_layer(FullyConnected.FullyConnected(8, 64))
    net.append_layer(ReLU.ReLU())
    net.append_layer(FullyConnected.FullyConnected(64, 64))
    net.append_layer(Sigmoid.Sigmoid())
    net.fit(X[:1500], X[:1500], epochs=epochs, rng=0)
    seen, unseen = (net.evaluate((part, part), "r2") for part in (X[:1500], X[1500:]))
    print(f"{unseen['r2']:.1%} of what differs between new digits goes through eight numbers ({seen['r2']:.1%} of old)")
    both = np.concatenate([X[1500:1512], net.predict(X[1500:1512])]).reshape(-1, 8, 8)
    pictures.gallery(both, columns=12, filename=Path(folder, "autoencoder.png"))


if __name__ == "__main__":
    main()
