"""The character network: recurrent layers that tell from a text what its next character is."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from Foundation import Checks
from Foundation.Randomness import as_generator
from Layers.Embedding import Embedding
from Layers.FullyConnected import FullyConnected
from Layers.GRU import GRU
from Layers.Initializers import Constant, Xavier
from Layers.LSTM import LSTM
from Layers.RNN import RNN
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam

_CELLS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}


def build(
    characters: int = 128,
    hidden: tuple[int, ...] = (128,),
    cell: str = "GRU",
    features: int = 32,
    learning_rate: float = 2e-3,
    dtype: DTypeLike = "float64",
    rng: int | np.random.Generator | None = None,
) -> NeuralNetwork:
    """A model of text, character by character: at each step it gives the probability of each that may come next.

    It is good for names and words, for what has a grammar, such as formulas and programs, and for making up more of
    them: what it has given is its next input. Sequences of other whole numbers, notes for instance, are as good. Texts
    of different lengths come as a list, or as an array with `lengths`. `examples/characters.py` trains one.

    Shapes: input whole numbers `(batch, time)`, output `(batch, time, characters)`, the probabilities of the next one.

    Args:
        characters: how many different ones there are, counted from 0 on (128, all of ASCII).
        hidden: sizes of the recurrent layers, one upon the other.
        cell: "GRU", "LSTM" or "RNN".
        features: of the vector that stands for a character.
        learning_rate: step width of Adam.
        dtype: "float64" or "float32".
        rng: a seed or a `numpy.random.Generator` for the weights; None draws from NumPy's global state.

    Returns:
        The network with its loss layer, and gradients of a norm of at most 5; the data layer is yours to set.

    Source: I. Sutskever, J. Martens, G. Hinton, "Generating text with recurrent neural networks", ICML 2011.

    >>> net = build(rng=0)
    >>> net.test([[ord(character) for character in "character"]]).shape
    (1, 9, 128)
    """
    characters = Checks.positive_integer(characters, "CharacterRNN", "characters")
    features = Checks.positive_integer(features, "CharacterRNN", "features")
    hidden = Checks.positive_integers(hidden, "CharacterRNN", "hidden")
    if not hidden:
        raise ValueError("CharacterRNN: expected hidden to be at least one size, got ()")
    kind: Any = _CELLS[Checks.one_of(cell, "CharacterRNN", "cell", _CELLS)]
    initializer = Xavier(as_generator(rng, "CharacterRNN"))
    net = NeuralNetwork(Adam(learning_rate), initializer, Constant(0), dtype, clip_norm=5.0)
    net.append_layer(Embedding(characters, features))
    for input_size, hidden_size in pairwise((features, *hidden)):
        net.append_layer(kind(input_size, hidden_size))
    net.append_layer(FullyConnected(hidden[-1], characters))
    net.append_layer(SoftMax())
    net.loss_layer = CrossEntropyLoss()
    return net
