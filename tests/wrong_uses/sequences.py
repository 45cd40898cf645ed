"""Wrong uses of what reads sequences: recurrent layers beside the course's, words, ends, both ways."""

from typing import Any

import numpy as np

from Layers import GRU, LSTM, RNN, Bidirectional, Embedding, FullyConnected, LastStep, SoftMax
from Models import CharacterRNN
from Optimization import Optimizers
from tests.wrong_uses.kinds import seed, truth, whole, word

CLASSES = (GRU.GRU, Bidirectional.Bidirectional, Embedding.Embedding, LastStep.LastStep)
MODULES = (GRU, Bidirectional, Embedding, LastStep, CharacterRNN)
NO_ROWS: dict[str, str] = {}


def scene() -> dict[str, Any]:
    """A layer of each kind that has been used."""
    rng = np.random.default_rng(0)
    steps, words = rng.random((2, 5, 3)), rng.integers(0, 4, (2, 5))
    layers = {
        "gru": GRU.GRU(3, 4, 2),
        "rnn": RNN.RNN(3, 4),
        "lstm": LSTM.LSTM(3, 4, 2, output="linear"),
        "last": LastStep.LastStep(),
        "both": Bidirectional.Bidirectional(GRU.GRU(3, 2)),
        "embedding": Embedding.Embedding(4, 3, padding=0),
        "fully": FullyConnected.FullyConnected(3, 2),
        "softmax": SoftMax.SoftMax(),
    }
    inputs: dict[str, Any] = dict.fromkeys(layers, steps) | {"embedding": words}
    outputs = {name: layer.forward(inputs[name]) for name, layer in layers.items()}

    def works(used: set[str]) -> None:
        for name in used & layers.keys():
            if layers[name]._passed is not None:
                layers[name].backward(outputs[name])
            layers[name].forward(inputs[name])

    classes = {cls.__name__: cls for cls in (*CLASSES, RNN.RNN, LSTM.LSTM)}
    others = {"np": np, "NAN": float("nan"), "INF": float("inf"), "STILL_WORKS": works, "steps": steps, "words": words}
    return classes | layers | others | {"Sgd": Optimizers.Sgd, "CharacterRNN": CharacterRNN}


_READOUT = word("one of 'sigmoid', 'linear'")
ARGUMENTS: dict[str, Any] = {
    "GRU(@input_size, hidden_size=4, output_size=2)": whole(),
    "GRU(3, @hidden_size, output_size=2)": whole(),
    "GRU(3, 4, @output_size)": whole(without=("None",)),
    "GRU(3, 4, 2, output=@output)": _READOUT,
    "gru.output = @output": (_READOUT, "GRU"),
    "gru.memorize = @memorize": (truth(), "GRU"),
    "Embedding(@vocabulary, size=3)": whole(),
    "Embedding(4, @size)": whole(),
    "Embedding(4, 3, @padding)": whole(least=0, without=("None",)),
    "Embedding(4, 3, lazy=@lazy)": truth(),
    "embedding.vocabulary = @vocabulary": (whole(), "Embedding"),
    "Bidirectional(@layer)": [
        (value, TypeError, "Bidirectional: expected a layer … got") for value in ("'abc'", "None", "3", "[]", "GRU", "[gru]", "Sgd(1)")
    ],
    "Bidirectional(gru, @reverse)": [
        *((value, TypeError, "Bidirectional: expected a layer … got") for value in ("'abc'", "3", "[]", "GRU", "Sgd(1)")),
        ("gru", ValueError, "Bidirectional: GRU(input_size=3, hidden_size=4, output_size=2) is layer 1 of 2 already"),
    ],
    "CharacterRNN.build(@characters)": (whole(), "CharacterRNN"),
    "CharacterRNN.build(9, features=@features)": (whole(), "CharacterRNN"),
    "CharacterRNN.build(9, hidden=@hidden)": [
        (value, (TypeError, ValueError), "CharacterRNN: expected hidden … got") for value in ("'abc'", "3", "None", "()", "(0,)", "(1.5,)", "(True,)")
    ],
    "CharacterRNN.build(9, cell=@cell)": [
        (value, (TypeError, ValueError), "CharacterRNN: expected cell to be one of 'RNN', 'LSTM', 'GRU', got") for value in ("'gru'", "None", "GRU", "3", "''")
    ],
    "CharacterRNN.build(9, rng=@rng)": (seed(), "CharacterRNN"),
}  # fmt: skip

_LAYERS = {
    "gru": "GRU", "rnn": "RNN", "lstm": "LSTM", "last": "LastStep", "both": "Bidirectional", "embedding": "Embedding",
}  # fmt: skip
_TAKE_LENGTHS = {name: cls for name, cls in _LAYERS.items() if name != "embedding"}
MISUSES: list[tuple[str, Any, str]] = [
    *(
        (f"{name}.forward({value})", raises, f"{cls} … expected input … {words}")
        for name, cls in _LAYERS.items()
        for value, raises, words in (
            ("'abc'", TypeError, "real numbers"), ("None", TypeError, "real numbers"), ("1j * steps", TypeError, "real numbers"),
            ("np.ma.masked_array(steps)", TypeError, "masked"), ("np.array(1.0)", ValueError, ""), ("np.zeros((0, 5, 3))", ValueError, ""),
        )
    ),
    *((f"{name}.backward(np.ones((7, 7)))", ValueError, f"{cls} … expected error tensor … got (7, 7)") for name, cls in _LAYERS.items()),
    *(
        (f"new = {new}; new.backward(steps)", RuntimeError, f"{new.split('(')[0]} … call forward first")
        for new in ("GRU(3, 4)", "LastStep()", "Embedding(4, 3)", "Bidirectional(GRU(3, 4))")
    ),
    *(
        (f"{name}.lengths = {lengths}; {name}.forward(steps)", raises, f"{cls} … expected lengths {words}")
        for name, cls in _TAKE_LENGTHS.items()
        for lengths, raises, words in (
            ("[5, 6]", ValueError, "of 2 sequences, from 0 to 5 steps, got [5, 6]"), ("[5]", ValueError, "of 2 sequences"),
            ("[-1, 2]", ValueError, "of 2 sequences"), ("[1.5, 2]", TypeError, "to be whole numbers, got float64"),
            ("'ab'", TypeError, "to hold real numbers"),
        )
    ),
    *(
        (f"{cls}(3, 4, output='linear')", ValueError, f"{cls}: expected output_size where output='linear', got None, which gives h_t as it is")
        for cls in ("RNN", "LSTM", "GRU")
    ),
    ("rnn.output = 'linear'", ValueError, "RNN: expected output_size where output='linear'"),
    ("rnn.output_weights = np.ones((5, 2))", AttributeError, "RNN(input_size=3, hidden_size=4) has no output_weights"),
    ("gru.forward(np.ones((2, 5, 4)))", ValueError, "GRU … expected input (batch, time, 3), got (2, 5, 4)"),
    ("gru.weights = np.ones((8, 12)); gru.forward(steps)", ValueError, "GRU … expected weights (9, 12), got (8, 12)"),
    ("gru.memorize = True; gru.forward(steps[:1])", ValueError, "GRU … expected hidden_state (1, 4), got (2, 4): memorize carries it … call reset_state()"),
    ("both.layer.memorize = True; both.forward(steps)", ValueError, "Bidirectional … expected layers with memorize = False, got one that carries its state on"),
    ("both.forward(np.ones((2, 5, 4)))", ValueError, "forwards, GRU(input_size=3, hidden_size=2): expected input (batch, time, 3), got (2, 5, 4)"),
    ("last.forward(np.ones((2, 5)))", ValueError, "LastStep … expected input (batch, time, features), got (2, 5)"),
    ("Embedding(4, 3, padding=4)", ValueError, "Embedding: expected padding below the vocabulary of 4, got 4"),
    ("embedding.padding = 7", ValueError, "Embedding: expected padding below the vocabulary of 4, got 7"),
    *(
        (f"embedding.forward({given})", ValueError, f"Embedding(vocabulary=4, size=3, padding=0): expected input of whole numbers from 0 to 3, got {got}")
        for given, got in (
            ("[[0, 4]]", "4 at (0, 1)"), ("[[-1, 0]]", "-1 at (0, 0)"), ("[0.5]", "0.5 at (0,)"), ("words + 2**40", "1.09951e+12 at (0, 0)"),
        )
    ),
    ("embedding.forward([[NAN]])", ValueError, "Embedding … expected input of finite numbers, got nan at (0, 0)"),
    ("Embedding(10**9, 10**12)", (ValueError, MemoryError), "Embedding … expected weights that fit into memory, got shape ("),
    ("fully.forward(np.ones((2, 5, 4)))", ValueError, "FullyConnected … expected input (batch, time, 3), got (2, 5, 4)"),
    ("fully.forward(np.ones((2, 1, 3, 1)))", ValueError, "FullyConnected … expected input (batch, 3), got (2, 1, 3, 1); put a Flatten before it?"),
    ("softmax.forward(np.ones((2, 5, 3, 1)))", ValueError, "SoftMax … expected input (batch, time, classes), got (2, 5, 3, 1)"),
]  # fmt: skip
