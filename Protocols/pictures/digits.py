"""Handwritten digits for the pictures that train a network: 1,797 of them, as rows of 64 pixels in [0, 1]."""

from types import SimpleNamespace

import numpy as np

from Foundation.Labels import one_hot
from Generator.datasets import all_digits


def load() -> tuple[np.ndarray, np.ndarray]:
    """The digits `(1797, 64)` and their labels, one-hot `(1797, 10)`."""
    images, labels = all_digits()
    return images.reshape(len(images), -1), one_hot(labels, 10)


def mislabelled(labels: np.ndarray) -> np.ndarray:
    """A copy of the labels in which the first fifth names the class behind the right one."""
    wrong = labels.copy()
    count = len(labels) // 5
    wrong[:count] = np.roll(wrong[:count], 1, axis=1)
    return wrong


def batches(images: np.ndarray, labels: np.ndarray) -> SimpleNamespace:
    """A data layer of random batches; they are so small that the matrix library starts no threads for them."""
    rng = np.random.default_rng(2)

    def next_batch() -> tuple[np.ndarray, np.ndarray]:
        chosen = rng.integers(0, len(images), 60)
        return images[chosen], labels[chosen]

    return SimpleNamespace(next=next_batch)
