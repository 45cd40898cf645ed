"""Memory: which letter a word of 25 to 40 letters begins with, asked at its end.

What an RNN has read fades within a few steps, and so does the error on its way back: it can't learn this. The gates of
a GRU and of an LSTM keep the letter. Words differ in length, and each is asked at its own end.
"""

import numpy as np

from Layers import GRU, LSTM, RNN, Embedding, FullyConnected, Initializers, LastStep, SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization import Loss, Optimizers


def main(epochs: int = 10, count: int = 2000) -> None:
    """Train one network of each kind, and print how many new words it tells the first letter of; 1 in 4 by chance."""
    rng = np.random.default_rng(0)
    words = [[rng.integers(1, 5), *rng.integers(5, 9, rng.integers(24, 40))] for _ in range(count + 500)]
    first = [word[0] - 1 for word in words]
    for cell in (RNN.RNN(8, 24), GRU.GRU(8, 24), LSTM.LSTM(8, 24)):
        net = NeuralNetwork(Optimizers.Adam(0.01), Initializers.Xavier(rng=0), Initializers.Constant(0), clip_norm=1)
        net.loss_layer = Loss.CrossEntropyLoss()
        net.append_layer(Embedding.Embedding(9, 8))
        net.append_layer(cell)
        for layer in (LastStep.LastStep(), FullyConnected.FullyConnected(24, 4), SoftMax.SoftMax()):
            net.append_layer(layer)
        if isinstance(cell, LSTM.LSTM):
            cell.weights[-1, :24] = 1  # at first its gates forget little, as F. Gers et al. advise
        net.fit(words[:count], first[:count], epochs=epochs, rng=0)
        print(f"{type(cell).__name__}: {net.evaluate(words[count:], first[count:])['accuracy']:.1%} of new words")


if __name__ == "__main__":
    main()
