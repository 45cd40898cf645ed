"""The door to the network: what a generator delivers, in the form that layers and losses take.

One line connects a network with its pictures::

    net.data_layer = ImageData(training, test)
"""

import copy
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks
from Foundation.Labels import check_largest, one_hot

from .checksums import checksum
from .preparation import PicturePreparation

__all__ = ["ImageData"]

# Enough for a mean with three good digits, and read in a few seconds even from files.
_MEASURED_IMAGES = 5000
_AT_A_TIME = 500


class _Generator(Protocol):
    number_of_classes: int
    class_names: Any
    labels: NDArray[np.int64]
    state: dict[str, Any]
    batch_size: int

    @property
    def number_of_images(self) -> int: ...
    @property
    def batches_per_epoch(self) -> int: ...
    def next(self) -> tuple[NDArray[Any], NDArray[np.int64]]: ...
    def read(self, indices: Any = None) -> tuple[NDArray[Any], NDArray[np.int64]]: ...
    def shard(self, rank: int, size: int) -> "_Generator": ...
    def current_epoch(self) -> int: ...
    def close(self) -> None: ...


class ImageData:
    """A data layer made of an image generator, with a fixed test set.

    Images are normalised, see `PicturePreparation`. Mean and standard deviation are measured once, on images as they
    are stored, without augmentation; of more than 5000 images, on 5000 evenly spread ones. A test set, and every
    picture shown to the trained network, goes through the same numbers: they are `preparation`, which a network that
    trains on this data keeps, saves, and uses in `classify`.

    Shapes:
        images (batch, height, width, channels) in [0, 1] become (batch, channels, height, width), labels (batch,)
        become one-hot (batch, classes); both in the generator's dtype.

    Args:
        generator: an `ImageGenerator`.
        test: another one, whose images make up the test set, or a pair of arrays (images as above, labels) (default
            None: there is no test set).
        normalize: whether to normalise (default True; False leaves the values in [0, 1]).
        mean: (channels,), to use instead of measuring (default None: measure).
        deviation: (channels,), which goes with it.
        preparation: that of a trained network, `net.preparation`, to use instead of measuring, so that the network
            meets the numbers that it was trained with (default None: measure).

    Attributes:
        number_of_classes, class_names: those of the training set.
        validation: the test set as a data set of its own, to validate or evaluate with; None where there is none.

    Raises ValueError when the test set does not go with the training set, or when only one of `mean` and
    `deviation` is given, or with a wrong shape, or a deviation that is not above 0; for more
    than 131,072 classes; and when the preparation is that of images of another size or of other classes.

    >>> from Generator.generator import ImageGenerator
    >>> whole = ImageGenerator("Generator/Sample_data", "Generator/Labels.json", 12, [32, 32, 3])
    >>> data = ImageData(*whole.split(0.2, rng=0))
    >>> images, labels = data.next()
    >>> images.shape, labels.shape
    ((12, 3, 32, 32), (12, 10))
    """

    def __init__(
        self,
        generator: _Generator,
        test: Any = None,
        *,
        normalize: bool = True,
        mean: Any = None,
        deviation: Any = None,
        preparation: PicturePreparation | None = None,
    ) -> None:
        if isinstance(generator, type) or not (hasattr(generator, "read") and hasattr(generator, "number_of_images")):
            raise TypeError(
                f"ImageData: expected a generator with read(indices) and number_of_images, an ImageGenerator, got "
                f"{generator!r}"
            )
        normalize = Checks.truth(normalize, "ImageData", "normalize")
        if preparation is not None and not isinstance(preparation, PicturePreparation):
            raise TypeError(
                f"ImageData: expected a preparation of pictures, that of a network trained on them, got {preparation!r}"
            )
        self.generator = generator
        check_largest(generator.number_of_classes - 1, "ImageData")
        images, _ = generator.read([0])
        channels = images.shape[-1]
        if (mean is None) != (deviation is None):
            raise ValueError("ImageData: expected mean and deviation together, got only one; pass both or none")
        if preparation is not None:
            if mean is not None or not normalize:
                raise ValueError(
                    "ImageData: expected a preparation, or mean and deviation, or normalize, got two of them"
                )
            mean, deviation = preparation.mean, preparation.deviation
        elif not normalize:
            mean, deviation = np.zeros(channels), np.ones(channels)
        elif mean is None:
            mean, deviation = _measured(generator)
        #: What pictures go through, and the names of their classes.
        self.preparation = PicturePreparation(images.shape[1:], mean, deviation, _names(generator), images.dtype)
        if preparation is not None and (difference := self.preparation.difference(preparation)):
            raise ValueError(f"ImageData: expected the data that the preparation is for, got another: {difference}")
        self.mean = np.array(self.preparation.mean, images.dtype)
        self.deviation = np.array(self.preparation.deviation, images.dtype)
        self.number_of_classes: int = generator.number_of_classes
        self.class_names: tuple[str, ...] = generator.class_names
        self._test = None if test is None else self._checked(test)
        self._share = 0, 1

    def next(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the next batch for a network; both arrays are the caller's own.

        Shapes:
            out images (batch, channels, height, width) and one-hot labels (batch, classes).

        Raises what the generator raises when a picture cannot be read.

        >>> from Generator.generator import ImageGenerator
        >>> data = ImageData(ImageGenerator.from_arrays(np.eye(4).reshape(4, 2, 2), [0, 1, 2, 1], 2))
        >>> images, labels = data.next()
        >>> images.shape, labels.tolist()
        ((2, 1, 2, 2), [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
        """
        return self._prepared(*self.generator.next())

    def batches(self) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        """Give every image once, in the stored order, not augmented, the last batch short; `next` goes on as before.

        >>> from Generator.generator import ImageGenerator
        >>> data = ImageData(ImageGenerator.from_arrays(np.zeros((3, 2, 2)), [0, 1, 2], 2, noise=0.1, shuffle=True))
        >>> [labels.argmax(axis=1).tolist() for _, labels in data.batches()]
        [[0, 1], [2]]
        """
        rank, size = self._share
        for start in range(rank * self.batch_size, self.number_of_samples, size * self.batch_size):
            places = np.arange(start, min(start + self.batch_size, self.number_of_samples))
            yield self._prepared(*self.generator.read(places))

    def shard(self, rank: int, size: int) -> "ImageData":
        """Return the part of one of several processes: its images of every batch, see `ImageGenerator.shard`.

        `batches` gives every so-manieth batch as a whole.

        >>> from Generator.generator import ImageGenerator
        >>> data = ImageData(ImageGenerator.from_arrays(np.zeros((4, 2, 2)), [0, 1, 2, 1], 2))
        >>> data.shard(1, 2).next()[1].tolist(), len(list(data.shard(1, 2).batches()))
        ([[0.0, 1.0, 0.0]], 1)
        """
        part = copy.copy(self)
        part.generator = self.generator.shard(rank, size)
        part._share = rank, size
        return part

    def checksum(self) -> str:
        """Return a text that tells these images and labels from others, by the labels and a part of the images.

        >>> from Generator.generator import ImageGenerator
        >>> one, other = (ImageGenerator.from_arrays(np.zeros((4, 2, 2)), [0, 1, 2, y], 2) for y in (0, 1))
        >>> ImageData(one).checksum() == ImageData(other).checksum()
        False
        """
        return checksum(self.number_of_samples, self.generator.read, self.generator.labels)

    def _prepared(self, images: NDArray[Any], labels: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
        # The generator gave the images away, so they may be changed in place.
        return self.preparation.normalized(images, own=True), one_hot(labels, self.number_of_classes, images.dtype)

    def forward(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the next batch: `next` under the name that older scripts use.

        >>> from Generator.generator import ImageGenerator
        >>> ImageData(ImageGenerator.from_arrays(np.zeros((4, 2, 2)), [0, 1, 2, 1], 2)).forward()[0].shape
        (2, 1, 2, 2)
        """
        return self.next()

    def get_test_set(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the whole test set, always the same, neither shuffled nor augmented.

        Shapes:
            out images (images, channels, height, width) and one-hot labels (images, classes).

        Raises RuntimeError when there is none, and what reading pictures raises.

        >>> from Generator.generator import ImageGenerator
        >>> training = ImageGenerator.from_arrays(np.zeros((4, 2, 2)), [0, 1, 2, 1], batch_size=2)
        >>> data = ImageData(training, test=(np.ones((1, 2, 2, 1)), [2]))
        >>> data.get_test_set()[1].tolist()
        [[0.0, 0.0, 1.0]]
        """
        if self._test is None:
            raise RuntimeError(
                "ImageData.get_test_set: expected a test set, got none at construction; keep one back with "
                "ImageData(*generator.split(0.2))"
            )
        images, labels = self._test.read() if hasattr(self._test, "read") else self._test
        return self.prepare(images), one_hot(labels, self.number_of_classes, self.mean.dtype)

    @property
    def validation(self) -> "ImageData | None":
        """The test set as a data layer, whose `batches` a trainer validates with; None where there is none.

        >>> from Generator.generator import ImageGenerator
        >>> training = ImageGenerator.from_arrays(np.zeros((4, 2, 2)), [0, 1, 2, 1], batch_size=2)
        >>> data = ImageData(training, test=(np.ones((1, 2, 2, 1)), [1]))
        >>> [labels.tolist() for _, labels in data.validation.batches()]
        [[[0.0, 1.0, 0.0]]]
        """
        if self._test is None:
            return None
        from .generator import ImageGenerator

        test = self._test
        if not hasattr(test, "read"):
            images, labels = test
            test = ImageGenerator.from_arrays(images, labels, self.batch_size, dtype=self.mean.dtype)
        data = ImageData(test, mean=self.preparation.mean, deviation=self.preparation.deviation)
        data.number_of_classes, data.class_names = self.number_of_classes, self.class_names
        return data

    def prepare(self, images: Any) -> NDArray[Any]:
        """Return pictures in the form that the network was trained with, to be given to `net.test`.

        Shapes:
            (images, height, width, channels) to (images, channels, height, width).

        Args:
            images: floats in [0, 1], as a generator delivers them.

        Raises ValueError when the shape is another than that of the training images.

        >>> from Generator.generator import ImageGenerator
        >>> generator = ImageGenerator.from_arrays(np.zeros((4, 2, 2)), [0, 1, 2, 1], 2)
        >>> data = ImageData(generator, normalize=False)
        >>> data.prepare(np.ones((1, 2, 2, 1))).tolist()
        [[[[1.0, 1.0], [1.0, 1.0]]]]
        """
        return self.preparation.normalized(images)

    def current_epoch(self) -> int:
        """Return how often the training set has been started over.

        >>> from Generator.generator import ImageGenerator
        >>> ImageData(ImageGenerator.from_arrays(np.zeros((4, 2, 2)), [0, 1, 2, 1], 2)).current_epoch()
        0
        """
        return self.generator.current_epoch()

    @property
    def epoch(self) -> int:
        """How often the training set has been started over: `current_epoch` under the name that all data sets have."""
        return self.generator.current_epoch()

    @property
    def batch_size(self) -> int:
        """Images in a batch."""
        return self.generator.batch_size

    @property
    def number_of_batches(self) -> int:
        """How many batches an epoch has."""
        return self.generator.batches_per_epoch

    @property
    def number_of_samples(self) -> int:
        """How many images the training set has."""
        return self.generator.number_of_images

    @property
    def class_counts(self) -> NDArray[np.int64]:
        """How many images of each class the training set has, (classes,).

        >>> from Generator.generator import ImageGenerator
        >>> ImageData(ImageGenerator.from_arrays(np.zeros((4, 2, 2)), [0, 1, 2, 1], 2)).class_counts.tolist()
        [1, 2, 1]
        """
        return np.bincount(self.generator.labels, minlength=self.number_of_classes)

    @property
    def state(self) -> dict[str, Any]:
        """The generator's place and random state, for a checkpoint: see `ImageGenerator.state`.

        >>> from Generator.generator import ImageGenerator
        >>> data = ImageData(ImageGenerator.from_arrays(np.zeros((4, 2, 2)), [0, 1, 2, 1], 2))
        >>> data.state
        {'delivered': 0, 'seed': None, 'rng': None}
        """
        return self.generator.state

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        self.generator.state = state

    def close(self) -> None:
        """End the generator's worker threads, if there are any.

        >>> from Generator.generator import ImageGenerator
        >>> ImageData(ImageGenerator.from_arrays(np.zeros((4, 2, 2)), [0, 1, 2, 1], 2, workers=1)).close()
        """
        self.generator.close()

    def __enter__(self) -> "ImageData":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"ImageData({self.generator!r}, mean={self.mean.tolist()}, deviation={self.deviation.tolist()})"

    def _checked(self, test: Any) -> Any:
        if isinstance(test, type) or not (hasattr(test, "read") or (isinstance(test, tuple | list) and len(test) == 2)):
            raise TypeError(
                f"ImageData: expected a test set, a generator or (images, labels), got {test!r}; write "
                "ImageData(*generator.split(0.2))?"
            )
        names = tuple(getattr(test, "class_names", ()))
        if names and self.class_names and names != self.class_names:
            raise ValueError(
                f"ImageData: expected a test set of {', '.join(self.class_names[:5])} …, as in training, got "
                f"{', '.join(names[:5])} …; make both generators with the same class_names"
            )
        images, labels = test.read([0]) if hasattr(test, "read") else test
        self.prepare(images[:1])
        every_label = Checks.plain_array(getattr(test, "labels", labels), "ImageData", "test labels")
        classes = self.number_of_classes
        if every_label.dtype.kind not in "iu" or every_label.min() < 0 or every_label.max() >= classes:
            raise ValueError(
                f"ImageData: expected test labels from 0 to {classes - 1}, as in training, got "
                f"{every_label.min()} to {every_label.max()} of dtype {every_label.dtype}; pass class_names "
                f"to the training generator if it lacks a class"
            )
        if not hasattr(test, "read") and len(images) != len(every_label):
            raise ValueError(
                f"ImageData: expected one label for each of {len(images)} test images, got {len(every_label)}"
            )
        return test if hasattr(test, "read") else (images, every_label)


def _names(generator: _Generator) -> tuple[str, ...]:
    """A name for each class: its number where the generator has none, or names that are those of other classes."""
    names = tuple(generator.class_names or ())
    return names if len(names) == generator.number_of_classes else tuple(map(str, range(generator.number_of_classes)))


def _measured(generator: _Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    count = generator.number_of_images
    chosen = np.unique(np.linspace(0, count - 1, min(count, _MEASURED_IMAGES)).astype(np.int64))
    total, squares = np.zeros(()), np.zeros(())
    pixels = 0
    for start in range(0, len(chosen), _AT_A_TIME):
        images, _ = generator.read(chosen[start : start + _AT_A_TIME])
        values = images.reshape(-1, images.shape[-1]).astype(np.float64)
        total = total + values.sum(axis=0)
        squares = squares + (values**2).sum(axis=0)
        pixels += len(values)
    mean = total / pixels
    deviation = np.sqrt(np.maximum(squares / pixels - mean**2, 0))
    # A channel that never changes carries nothing: dividing by 1 keeps it at 0 instead of blowing up
    # rounding.
    return mean, np.where(deviation > 1e-6, deviation, 1.0)
