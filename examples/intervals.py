"""A regression that says how sure it is: the middle, and an interval that holds the truth in nine of ten cases.

Friedman's function of five features, to which noise and five features that mean nothing are added: J. Friedman,
"Multivariate adaptive regression splines", Annals of Statistics 19 (1991).
"""

import numpy as np
from sklearn.datasets import make_friedman1

from Generator.arrays import ArrayData
from Layers import FullyConnected, Initializers, ReLU
from NeuralNetwork import NeuralNetwork
from Optimization import Loss, Optimizers
from Training.callbacks import EarlyStopping, ReduceOnPlateau


def main(epochs: int = 100) -> None:
    """Train, and print how many of the test's values lie within their intervals."""
    X, y = make_friedman1(5000, noise=1.0, random_state=0)
    training, validation = ArrayData(X[:4000], y[:4000], rng=0).split(0.2)
    net = NeuralNetwork(Optimizers.Adam(0.003), Initializers.He(rng=0), Initializers.Constant(0))
    net.loss_layer = Loss.QuantileLoss([0.05, 0.5, 0.95])
    net.append_layer(FullyConnected.FullyConnected(10, 64))
    net.append_layer(ReLU.ReLU())
    net.append_layer(FullyConnected.FullyConnected(64, 3))
    callbacks = [ReduceOnPlateau(factor=0.5), EarlyStopping(patience=15)]
    net.fit(training, epochs=epochs, validation_data=validation, callbacks=callbacks)
    low, middle, high = net.predict(X[4000:]).T
    inside = np.mean((low <= y[4000:]) & (y[4000:] <= high))
    print(f"{inside:.1%} of the values lie in intervals of 90 %, which are {np.mean(high - low):.2f} wide")
    print(f"the middle is off by {np.mean(np.abs(y[4000:] - middle)):.2f} on average, the noise by 0.80")


if __name__ == "__main__":
    main()
