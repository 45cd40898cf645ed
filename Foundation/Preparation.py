"""What data goes through before a network sees it, and what the network's answer means.

Both belong to a trained network as its weights do: a picture that isn't normalised as those in training were is a
guess, and class 3 is nothing without its name. An object of a class derived from `Preparation` knows both, and is saved
with the network.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.Configurable import Configurable


class Classification(NamedTuple):
    """What a network takes something for.

    >>> cat = Classification("cat", 0.75, {"cat": 0.75, "dog": 0.25})
    >>> print(cat)
    cat (75.0 %)
    """

    #: The most probable class.
    name: str
    #: How probable it is, from 0 to 1.
    probability: float
    #: How probable each class is, in the order of the classes.
    probabilities: dict[str, float]

    def __str__(self) -> str:
        return f"{self.name} ({self.probability:.1%})".replace("%", " %")


class Preparation(Configurable, ABC):
    """How raw data becomes the input of a network, and the names of its classes.

    Attributes:
        class_names: one for each class, none where the network doesn't tell classes apart.
    """

    class_names: tuple[str, ...] = ()

    @abstractmethod
    def separated(self, given: Any) -> tuple[Sequence[Any], bool]:
        """The single samples in what somebody hands over, and whether it was one alone."""

    @abstractmethod
    def prepare(self, samples: Sequence[Any]) -> np.ndarray:
        """Samples as they come from outside, as a batch for the network."""

    def difference(self, other: "Preparation") -> str | None:
        """What another preparation does otherwise, in words; None where both do the same.

        The type of number that they compute in counts for nothing.
        """
        # By name: the course imports the Generator's modules from inside their folder, which makes two of each class.
        if type(other).__qualname__ != type(self).__qualname__:
            return f"a {type(self).__name__}, not a {type(other).__name__}"
        theirs = other.configuration()
        for name, value in self.configuration().items():
            if name != "dtype" and value != theirs[name]:
                return f"{name} {_shortened(value)}, not {_shortened(theirs[name])}"
        return None

    def classify(self, given: Any, predict: Callable[[np.ndarray], ArrayLike], batch_size: int = 500) -> Any:
        """What `predict` takes each sample for: see `NeuralNetwork.classify`."""
        size = Checks.positive_integer(batch_size, "classify", "batch_size")
        if not self.class_names:
            raise ValueError(
                "classify: expected a network that tells classes apart, got one whose data had no names of classes; "
                "net.predict gives its output"
            )
        samples, alone = self.separated(given)
        found: list[Classification] = []
        for start in range(0, len(samples), size):
            found += self._classifications(predict(self.prepare(samples[start : start + size])))
        return found[0] if alone else found

    def _classifications(self, outputs: ArrayLike) -> list[Classification]:
        probabilities = Checks.number_array(outputs, "classify", "the network's output")
        classes = len(self.class_names)
        if probabilities.ndim == 2 and probabilities.shape[1] == 1 and classes == 2:
            probabilities = np.concatenate([1 - probabilities, probabilities], axis=1)
        if probabilities.ndim != 2 or probabilities.shape[1] != classes:
            raise ValueError(
                f"classify: expected the network's output to be (batch, {classes}), a probability for each of "
                f"{', '.join(self.class_names[:5])}{' …' * (classes > 5)}, got {Checks.shape_text(probabilities.shape)}"
            )
        if not ((probabilities >= 0) & (probabilities <= 1)).all():
            raise ValueError(
                "classify: expected the network's output to be probabilities, from 0 to 1, got "
                f"{probabilities.min():g} to {probabilities.max():g}; append a SoftMax, or look at net.predict"
            )
        return [
            Classification(self.class_names[int(row.argmax())], float(row.max()), self._by_name(row))
            for row in probabilities
        ]

    def _by_name(self, row: np.ndarray) -> dict[str, float]:
        return dict(zip(self.class_names, row.tolist(), strict=True))


def checked_names(class_names: Any, owner: str) -> tuple[str, ...]:
    r"""Names of classes as a tuple of words; raises TypeError or ValueError where they can't tell classes apart.

    >>> checked_names(["cat", "dog"], "Zoo")
    ('cat', 'dog')
    >>> checked_names(["cat", b"\xff".decode("utf-8", "surrogateescape")], "Zoo")  # as Python reads a folder's name
    ('cat', '\\xff')
    >>> checked_names(["cat", "cat"], "Zoo")
    Traceback (most recent call last):
        ...
    ValueError: Zoo: expected a different name for each class, got 'cat' twice
    """
    if isinstance(class_names, str | bytes) or not isinstance(class_names, Sequence | np.ndarray):
        raise TypeError(f"{owner}: expected class_names to be a list of names, got {class_names!r}")
    names = tuple(_writable(str(name)) for name in class_names)
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise ValueError(f"{owner}: expected a different name for each class, got {twice!r} twice")
    return names


def _writable(name: str) -> str:
    """A name that a file and a terminal can take: bytes that a folder's name had, and that are no text, are spelt."""
    if name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name):
        return name
    try:
        written = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        written = name.encode("utf-8", "backslashreplace")
    return written.decode("utf-8", "backslashreplace")


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]} …"
