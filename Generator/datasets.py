"""Data sets as a network can take them: digits, MNIST and CIFAR with their relatives, folders of pictures.

One line connects a network with a data set::

    net.data_layer = datasets.mnist("Data").data_layer(64)
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks

from .cifar_family import cifar10, cifar100, download_cifar10, download_cifar100
from .class_names import CIFAR_CLASSES as CIFAR_CLASSES
from .draw_sample_data import draw_sample_data
from .generator import ImageGenerator
from .image_set import ImageSet
from .mnist_family import download_emnist, download_fashion_mnist, download_mnist, emnist, fashion_mnist, mnist
from .picture_folders import picture_folder

__all__ = [
    "ImageSet",
    "all_digits",
    "cifar10",
    "cifar100",
    "digits",
    "download_cifar10",
    "download_cifar100",
    "download_emnist",
    "download_fashion_mnist",
    "download_mnist",
    "emnist",
    "fashion_mnist",
    "mnist",
    "picture_folder",
    "sample_pictures",
]


def digits() -> ImageSet:
    """Return scikit-learn's 1,797 handwritten digits of 8 x 8, a third of them, drawn once and for all, to test with.

    Shapes:
        images (1198, 8, 8, 1) and (599, 8, 8, 1), uint8, 0 for paper and 255 for ink.

    Source: E. Alpaydin, C. Kaynak, "Optical recognition of handwritten digits", UCI repository (1998).

    >>> digits().images.shape, digits().test_images.shape
    ((1198, 8, 8, 1), (599, 8, 8, 1))
    """
    images, labels = all_digits()
    pixels = np.rint(images * 255).astype(np.uint8)
    training, test = np.split(np.random.default_rng(0).permutation(len(pixels)), [len(pixels) * 2 // 3])
    return ImageSet(pixels[training], labels[training], pixels[test], labels[test], tuple("0123456789"))


def all_digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the same digits undivided, in the order in which scikit-learn has them.

    Shapes:
        images (1797, 8, 8, 1), floats in [0, 1], and labels (1797,).

    >>> images, labels = all_digits()
    >>> images.shape, labels[:3].tolist()
    ((1797, 8, 8, 1), [0, 1, 2])
    """
    from sklearn.datasets import load_digits

    data = load_digits()
    return data.images[..., np.newaxis] / 16, data.target


def sample_pictures(test_images: int = 500, test_seed: int = 1) -> ImageSet:
    """Return the 100 sample pictures of ten things, and freshly drawn ones to test with.

    Shapes:
        images (100, 32, 32, 3) and (test_images, 32, 32, 3), uint8.

    Args:
        test_images: how many fresh ones (default 500, which takes about two seconds).
        test_seed: from 1 (default 1), since seed 0 is that of the 100.

    Raises TypeError and ValueError when either is no such number, FileNotFoundError when the sample pictures,
    which are part of this package, are missing.

    >>> sample = sample_pictures(test_images=20)
    >>> sample.images.shape, sample.test_images.shape, sample.class_names[3]
    ((100, 32, 32, 3), (20, 32, 32, 3), 'cat')
    """
    test_images = Checks.positive_integer(test_images, "sample_pictures", "test_images")
    test_seed = Checks.integer(test_seed, "sample_pictures", "test_seed", least=0)
    if test_seed == 0:
        raise ValueError(
            "sample_pictures: expected test_seed to be at least 1, got 0, which would draw the training "
            "pictures again; choose another"
        )
    fresh, fresh_labels = draw_sample_data(test_images, test_seed)
    here = Path(__file__).parent
    stored = ImageGenerator(here / "Sample_data", here / "Labels.json", 100, [32, 32, 3])
    images, labels = stored.read()
    return ImageSet(np.rint(images * 255).astype(np.uint8), labels, fresh, fresh_labels, CIFAR_CLASSES)
