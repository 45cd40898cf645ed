"""The data that the command line trains on."""

import numpy as np

from Foundation.Randomness import as_generator, random_source


class Batches:
    """A data layer: batches of a training set in a new random order every epoch, beside a test set.

    The last batch of an epoch is filled up with the epoch's first samples.

    Args:
        inputs: the samples, `(samples, …)`.
        classes: the class number of each sample, `(samples,)`.
        held_out: share of the samples, chosen at random, that is kept for the test.
        batch_size: number of samples in a batch.
        rng: a seed or a `numpy.random.Generator`; None draws from NumPy's global state.

    Attributes:
        training_set, test_set: inputs and one-hot labels of either part.

    Raises:
        ValueError: where a batch would be larger than the training set.
    """

    def __init__(
        self,
        inputs: np.ndarray,
        classes: np.ndarray,
        held_out: float,
        batch_size: int,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        self._random = random_source(as_generator(rng))
        order = self._random.permutation(len(inputs))
        training, test = np.split(order, [len(order) - round(len(order) * held_out)])
        if not 1 <= batch_size <= len(training):
            raise ValueError(f"expected a batch size from 1 to {len(training)}, the training set; got {batch_size}")
        labels = np.eye(classes.max() + 1, dtype=inputs.dtype)[classes]
        self.batch_size = batch_size
        self.training_set = inputs[training], labels[training]
        self.test_set = inputs[test], labels[test]
        self._order, self._position = np.arange(0), 0

    def next(self) -> tuple[np.ndarray, np.ndarray]:
        """The next batch and its labels."""
        inputs, labels = self.training_set
        if self._position >= len(self._order):
            self._order, self._position = self._random.permutation(len(inputs)), 0
        batch = self._order[self._position : self._position + self.batch_size]
        batch = np.concatenate([batch, self._order[: self.batch_size - len(batch)]])
        self._position += self.batch_size
        return inputs[batch], labels[batch]


def digits() -> tuple[np.ndarray, np.ndarray]:
    """1,797 handwritten digits: images `(1797, 1, 8, 8)` in [0, 1], float32, and their class numbers.

    Source: E. Alpaydin, C. Kaynak, "Optical recognition of handwritten digits", UCI repository (1998).
    """
    from sklearn.datasets import load_digits

    data = load_digits()
    return data.images[:, np.newaxis].astype(np.float32) / 16, data.target
