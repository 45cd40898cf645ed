"""Laws over drawn cases: Hypothesis draws configurations, shapes, strides, types and values.

The laws of `tests/test_*_laws.py` run over lists of cases that teach what is meant, and here over cases that nobody
has thought of. Some laws are only here, as they are about what is drawn: how an array lies in memory, of which type and
how large its numbers are, and whether an independent implementation gives the same.

    python -m pytest tests/drawn                a few cases for each law and class, the same ones every time
    python -m tests.drawn                       a thousand and more, other ones every time
    python -m tests.drawn --only LSTM --cases 20000 --seed 7

A class, or an argument of a constructor, that is missing in `configurations.py` or `layers.py` fails the suite.
"""
