"""Text by characters: a network that learns from a list of words how they are spelt, and makes up new ones.

Words differ in length: each is a sequence of its own, and a batch is padded to its longest. The words are those of
Python's manual, or of any text that `main` is given.
"""

import re
from pydoc_data.topics import topics

import numpy as np

from Generator.arrays import ArrayData
from Models import CharacterRNN


def main(epochs: int = 12, text: str = "".join(topics.values())) -> None:
    """Train, print how often the next letter is among the three most likely ones, and ten words that are made up."""
    words = sorted(set(re.findall(r"\b[a-z]{3,12}\b", text.lower())))
    # 0 is "`", which stands before "a" in ASCII, and here before and behind each word.
    codes = [np.frombuffer(f"`{word}`".encode(), np.uint8) - 96 for word in words]
    data = ArrayData([code[:-1] for code in codes], [code[1:] for code in codes], rng=0, targets="classes")
    training, validation = data.split(0.1)
    net = CharacterRNN.build(27, hidden=(64,), cell="LSTM", learning_rate=0.01, rng=0)
    net.fit(training, epochs=epochs, validation_data=validation, metrics=["top_3"])
    print(f"{len(words)} words; on new ones:", net.evaluate(validation, metrics=["top_1", "top_3"]))
    rng, made = np.random.default_rng(0), b"`"
    while made.count(b"`") <= 10:
        chances = net.predict([np.frombuffer(made[made.rindex(b"`") :], np.uint8) - 96])[0][-1]
        made += bytes([96 + rng.choice(27, p=chances)])
    print("made up:", made.decode().replace("`", " "))


if __name__ == "__main__":
    main()
