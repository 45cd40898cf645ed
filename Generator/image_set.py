"""Images in memory with what they show, divided into those to train and those to test with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data_layer import ImageData
from .generator import ImageGenerator

__all__ = ["ImageSet"]


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images to train and to test with, in memory, and what they show.

    Shapes:
        `images` (images, height, width, channels), uint8, and `labels` (images,); `test_images` and `test_labels`
        likewise; `class_names`, one for each class.

    >>> pictures = np.zeros((6, 8, 8, 1), dtype=np.uint8)
    >>> small = ImageSet(pictures[:4], np.array([0, 1, 0, 1]), pictures[4:], np.array([0, 1]), ("cat", "dog"))
    >>> small.generator(batch_size=2)
    ImageGenerator(4 images of 2 classes, batch_size=2, image_size=[8, 8, 1])
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.int64]
    class_names: Sequence[str]

    def generator(self, batch_size: int, image_size: Sequence[int] | None = None, **options: Any) -> ImageGenerator:
        """Return a generator of the training images.

        Args:
            batch_size: images in a batch.
            image_size: [height, width, channels] in pixels (default None: as they are).
            options: every further keyword of `ImageGenerator.from_arrays`; they are shuffled unless `shuffle=False`.

        Raises what `ImageGenerator.from_arrays` raises.

        >>> from Generator.datasets import sample_pictures
        >>> sample_pictures(test_images=10).generator(batch_size=4, shuffle=False).next()[1].tolist()
        [0, 1, 2, 3]
        """
        options = {"class_names": self.class_names, "shuffle": True, **options}
        return ImageGenerator.from_arrays(self.images, self.labels, batch_size, image_size, **options)

    def generators(
        self, batch_size: int, image_size: Sequence[int] | None = None, **options: Any
    ) -> tuple[ImageGenerator, ImageGenerator]:
        """Return a generator of the training images and one of the test images.

        Args:
            batch_size: images in a batch.
            image_size: [height, width, channels] in pixels (default None: as they are).
            options: as those of `generator`; augmentation and shuffling do not touch the test images.

        Raises what `ImageGenerator.from_arrays` raises.

        >>> from Generator.datasets import sample_pictures
        >>> training, test = sample_pictures(test_images=10).generators(batch_size=4)
        >>> training.number_of_images, test.number_of_images
        (100, 10)
        """
        training = self.generator(batch_size, image_size, **options)
        test = ImageGenerator.from_arrays(
            self.test_images, self.test_labels, batch_size, training.image_size, class_names=self.class_names,
            dtype=training.dtype,
        )  # fmt: skip
        return training, test

    def data_layer(
        self, batch_size: int, image_size: Sequence[int] | None = None, normalize: bool = True, **options: Any
    ) -> ImageData:
        """Return a data layer that trains on the training images, and has the test images as its test set.

        Shapes:
            batches (batch, channels, height, width) and one-hot labels (batch, classes).

        Args:
            batch_size: images in a batch.
            image_size: [height, width, channels] in pixels (default None: as they are).
            normalize: see `ImageData` (default True).
            options: as those of `generators`.

        Raises what `ImageGenerator.from_arrays` raises.

        >>> from Generator.datasets import sample_pictures
        >>> data = sample_pictures(test_images=10).data_layer(batch_size=4, mirroring=True, rng=0)
        >>> data.next()[0].shape, data.get_test_set()[1].shape
        ((4, 3, 32, 32), (10, 10))
        """
        return ImageData(*self.generators(batch_size, image_size, **options), normalize=normalize)
