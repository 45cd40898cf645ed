"""The two phases of a layer's life: it is trained, and it is used."""

import numpy as np


class Phase:
    """The phases as older scripts name them: `layer.phase = Phase.test`."""

    train = False
    test = True


def is_testing(phase: str | bool) -> bool:
    """Whether a phase is the testing phase: True and "test" are, False and "train" are not.

    >>> is_testing("test"), is_testing(Phase.train)
    (True, False)
    """
    if isinstance(phase, bool | np.bool_):
        return bool(phase)
    if isinstance(phase, str) and phase in ("train", "test"):
        return phase == "test"
    raise ValueError(f"expected a phase: True or 'test' for testing, False or 'train' for training; got {phase!r}")
