"""Text by characters: an LSTM that learns how English words are spelt, and makes up new ones.

Words are of different lengths: each is a sequence of its own, and a batch is padded to the longest.
"""

import re
from pydoc_data.topics import topics  # Python's own manual, which every Python has

import numpy as np

from Generator.arrays import ArrayData
from Layers import LSTM, Initializers
from NeuralNetwork import NeuralNetwork
from Optimization import Loss, Optimizers

LETTERS = np.eye(27)  # a row for the end of a word, and one for each letter


def main(epochs: int = 30) -> None:
    """Train, and print how often the next letter is guessed, and ten words that are made up."""
    words = sorted(set(re.findall(r"\b[a-z]{3,12}\b", " ".join(topics.values()))))
    codes = [np.array([0, *(ord(letter) - ord("a") + 1 for letter in word), 0]) for word in words]
    data = ArrayData([LETTERS[word[:-1]] for word in codes], [word[1:] for word in codes], rng=0, targets="classes", classes=27)
    training, validation = data.split(0.1, stratify=False)
    net = NeuralNetwork(Optimizers.Adam(0.005), Initializers.Xavier(rng=0), Initializers.Constant(0), clip_norm=5)
    net.loss_layer = Loss.BinaryCrossEntropy()
    net.append_layer(LSTM.LSTM(27, 128, 27))
    history = net.fit(training, epochs=epochs, validation_data=validation, metrics=["accuracy"])
    print(len(words), history["validation_loss"], history["validation_accuracy"])
    rng = np.random.default_rng(0)
    for _ in range(10):
        word = [0]
        while len(word) == 1 or word[-1]:
            chances = net.predict([LETTERS[word]])[0][-1]
            word.append(rng.choice(27, p=chances / chances.sum()))
        print("".join(chr(ord("a") - 1 + c) for c in word[1:-1]), end=" ")


if __name__ == "__main__":
    main()
