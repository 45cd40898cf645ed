"""Characters: a GRU reads a word letter by letter, and then writes it backwards.

Words differ in length, so that a batch is padded. The letters of a word can't be known before they come: they have no
weight. What stands behind its hyphen can, all of it.
"""

import numpy as np

from Generator.arrays import ArrayData
from Models import CharacterRNN


def main(epochs: int = 15, count: int = 2500) -> None:
    """Train, print which share of the letters is right for new words, and what the network makes of one of them."""
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("abcd"), rng.integers(1, 7))) for _ in range(count)]
    codes = [np.frombuffer(f"{word}-{word[::-1]}.".encode(), np.uint8) for word in words]
    weights = np.zeros((count, max(map(len, codes)) - 1))
    for row, word in zip(weights, words, strict=True):
        row[len(word) : 2 * len(word) + 1] = 1
    inputs, following = [code[:-1] for code in codes], [code[1:] for code in codes]
    data = ArrayData(inputs, following, weights=weights, targets="classes", classes=128, rng=0)
    training, validation = data.split(0.1, stratify=False)
    net = CharacterRNN.build(128, hidden=(64,), learning_rate=0.01, rng=0)
    net.fit(training, epochs=epochs)
    print(f"{net.evaluate(validation)['accuracy']:.1%} of the letters are right")
    text = "abacd-"
    while text[-1] != "." and len(text) < 20:
        text += chr(net.predict([[ord(letter) for letter in text]])[0][-1].argmax())
    print(text)


if __name__ == "__main__":
    main()
