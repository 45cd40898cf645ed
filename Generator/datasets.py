"""Data sets as a network can take them: digits, MNIST, CIFAR-10, folders of pictures, and the sample pictures.

One line connects a network with a data set::

    net.data_layer = datasets.mnist("Data").data_layer(64)
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks

from .archives import members, read_up_to
from .cifar import Batch, read_binary_batch, read_python_batch
from .class_names import CIFAR_CLASSES
from .data_layer import ImageData
from .download import download
from .draw_sample_data import draw_sample_data
from .generator import ImageGenerator
from .idx import read_idx
from .picture_folders import picture_folder

__all__ = [
    "ImageSet",
    "all_digits",
    "cifar10",
    "digits",
    "download_cifar10",
    "download_mnist",
    "mnist",
    "picture_folder",
    "sample_pictures",
]

# The four files of MNIST with their SHA-256 checksums, as TensorFlow Datasets 4.9 lists them too, at the address
# that torchvision 0.29 fetches them from.
_MNIST_URL = "https://ossci-datasets.s3.amazonaws.com/mnist/"
_MNIST_FILES = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
# Address and checksum stand in TensorFlow Datasets as well.
_CIFAR_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
_CIFAR_CHECKSUM = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"

_CIFAR_BATCHES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
# All batches together take 186 MB in either version.
_USUAL_BATCH, _LARGEST_BATCH, _LARGEST_ARCHIVE = "31 MB", 2**26, 2**28


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

        >>> data = sample_pictures(test_images=10).data_layer(batch_size=4, mirroring=True, rng=0)
        >>> data.next()[0].shape, data.get_test_set()[1].shape
        ((4, 3, 32, 32), (10, 10))
        """
        return ImageData(*self.generators(batch_size, image_size, **options), normalize=normalize)


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


def mnist(folder: str | os.PathLike[str] = "Data") -> ImageSet:
    """Read MNIST: 60,000 handwritten digits to train with and 10,000 to test with, grey, 28 x 28.

    Shapes:
        images (60000, 28, 28, 1) and (10000, 28, 28, 1), uint8, 0 for paper and 255 for ink.

    Args:
        folder: where the four files are: `train-images-idx3-ubyte.gz`, `train-labels-idx1-ubyte.gz`,
            `t10k-images-idx3-ubyte.gz`, `t10k-labels-idx1-ubyte.gz` (default `Data`); unpacked files, without
            `.gz`, will do.

    Raises FileNotFoundError when one is missing, ValueError when one is damaged.

    Source: LeCun, Bottou, Bengio, Haffner: "Gradient-Based Learning Applied to Document Recognition", 1998.

    >>> mnist("nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    FileNotFoundError: mnist: expected 'train-images-idx3-ubyte.gz' in 'nowhere', found none; put it...
    """
    folder = Path(Checks.path(folder, "mnist", "folder"))
    images, labels, test_images, test_labels = (read_idx(_mnist_file(folder, name)) for name in _MNIST_FILES)
    for name, pictures, numbers in (("train", images, labels), ("t10k", test_images, test_labels)):
        if pictures.shape != (len(numbers), 28, 28) or numbers.ndim != 1 or not len(numbers):
            raise ValueError(
                f"mnist: expected images (images, 28, 28) and labels (images,) in '{folder / name}-*', got "
                f"shapes {pictures.shape} and {numbers.shape}; are the files of one set?"
            )
        if pictures.dtype != np.uint8 or numbers.dtype != np.uint8 or numbers.max() > 9:
            raise ValueError(
                f"mnist: expected bytes and labels from 0 to 9 in '{folder / name}-*', got {pictures.dtype} and "
                f"labels of {numbers.dtype} up to {numbers.max()}; is it MNIST?"
            )
    return ImageSet(
        images[..., np.newaxis], labels.astype(np.int64), test_images[..., np.newaxis],
        test_labels.astype(np.int64), tuple("0123456789"),
    )  # fmt: skip


def cifar10(source: str | os.PathLike[str] = "Data") -> ImageSet:
    """Read CIFAR-10: 50,000 small photographs to train with and 10,000 to test with, in colour, 32 x 32.

    Shapes:
        images (50000, 32, 32, 3) and (10000, 32, 32, 3), uint8.

    Args:
        source: a folder with the files of the binary version (`data_batch_1.bin` to `data_batch_5.bin`,
            `test_batch.bin`) or of the Python version (the same without `.bin`), or the archive of either,
            `cifar-10-binary.tar.gz` or `cifar-10-python.tar.gz`, or a folder with that (default `Data`). Nothing
            is unpacked to the disk, and nothing in the files is run.

    Raises FileNotFoundError when files are missing, ValueError, naming the file, when one is damaged.

    Source: Krizhevsky: "Learning Multiple Layers of Features from Tiny Images", 2009.

    >>> cifar10("nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    FileNotFoundError: cifar10: expected data_batch_1 to data_batch_5 and test_batch, with or without...
    """
    batches: dict[str, Batch] = {}
    refused = None
    for path, content, read in _cifar_contents(Path(Checks.path(source, "cifar10", "source"))):
        try:
            batches[path.stem] = read(content, path)
        except ValueError as error:
            # Of a damaged archive, the checksum at its end tells better what is the matter.
            refused = refused or error
    if refused is not None:
        raise refused
    missing = [name for name in _CIFAR_BATCHES if name not in batches]
    if missing:
        raise FileNotFoundError(
            f"cifar10: expected {_CIFAR_BATCHES[0]} to {_CIFAR_BATCHES[4]} and {_CIFAR_BATCHES[5]}, with or without "
            f".bin, or an archive cifar-10-binary.tar.gz or cifar-10-python.tar.gz, at '{source}', found "
            f"{f'no {missing[0]}' if batches else 'none'}; put it there, or call "
            f"Generator.datasets.download_cifar10({os.fspath(source)!r})"
        )
    test = batches.pop(_CIFAR_BATCHES[-1])
    return ImageSet(*_joined([batches.pop(name) for name in _CIFAR_BATCHES[:-1]]), *test, CIFAR_CLASSES)


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


def download_mnist(folder: str | os.PathLike[str] = "Data", url: str = _MNIST_URL) -> Path:
    """Fetch the four files of MNIST, 12 MB, unless they are there already, and return their folder.

    Args:
        folder: where to put it, made if need be (default `Data`).
        url: address of the folder to fetch them from.

    Raises ConnectionError, saying where to put the files, when they cannot be fetched, and ValueError when
    one has another checksum than MNIST has.

    >>> download_mnist(url="my/copy/of/mnist/")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: download: expected a URL that begins with http:// or https:// and ends in the name of ...
    """
    for name, checksum in _MNIST_FILES.items():
        download(url + name, folder, checksum)
    return Path(folder)


def download_cifar10(folder: str | os.PathLike[str] = "Data", url: str = _CIFAR_URL) -> Path:
    """Fetch CIFAR-10, 170 MB, unless it is there already, and return the archive, which `cifar10` reads.

    Args:
        folder: where to put it, made if need be (default `Data`).
        url: address of the archive of the binary version.

    Raises ConnectionError, saying where to put the file, when it cannot be fetched, and ValueError when it
    has another checksum than CIFAR-10 has.

    >>> download_cifar10(url="cifar-10-binary.tar.gz")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: download: expected a URL that begins with http:// or https:// and ends in the name of ...
    """
    return download(url, folder, _CIFAR_CHECKSUM)


def _mnist_file(folder: Path, name: str) -> Path:
    for candidate in (folder / name, folder / name.removesuffix(".gz")):
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(
        f"mnist: expected '{name}' in '{folder}', found none; put it there, or call "
        f"Generator.datasets.download_mnist({os.fspath(folder)!r})"
    )


def _cifar_contents(source: Path) -> Iterator[tuple[Path, bytearray, Callable[[bytearray, Path], Batch]]]:
    """Give path, content and reader of each batch, so that one is in memory at a time."""
    readers: dict[str, Callable[[bytearray, Path], Batch]] = {}
    for name in _CIFAR_BATCHES:
        readers |= {name: read_python_batch, f"{name}.bin": read_binary_batch}
    for folder in (source, source / "cifar-10-batches-bin", source / "cifar-10-batches-py"):
        # Where there are both versions of a batch, the binary one comes last and counts.
        files = {Path(name).stem: folder / name for name in readers if (folder / name).is_file()}
        if files:
            yield from ((file, _batch_content(file), readers[file.name]) for file in files.values())
            return
    archives = [source / f"cifar-10-{version}.tar.gz" for version in ("binary", "python")]
    archive = next((candidate for candidate in [source, *archives] if candidate.is_file()), None)
    if archive is not None:
        limits = (_LARGEST_BATCH, _USUAL_BATCH, _LARGEST_ARCHIVE)
        for name, content in members(archive, frozenset(readers), *limits, "cifar10"):
            yield archive / name, content, readers[name]


def _batch_content(file: Path) -> bytearray:
    with open(file, "rb") as opened:
        content = read_up_to(opened, _LARGEST_BATCH + 1)
    if len(content) > _LARGEST_BATCH:
        raise ValueError(
            f"cifar10: expected '{file}' to have {_USUAL_BATCH}, got more than {_LARGEST_BATCH:,} bytes; is it "
            f"CIFAR-10?"
        )
    return content


def _joined(batches: list[Batch]) -> Batch:
    """One batch of several, which are given up one by one: memory for both at once isn't needed."""
    count = sum(len(labels) for _, labels in batches)
    images, labels = np.empty((count, *batches[0][0].shape[1:]), np.uint8), np.empty(count, np.int64)
    start = 0
    while batches:
        part, numbers = batches.pop(0)
        images[start : start + len(part)], labels[start : start + len(part)] = part, numbers
        start += len(part)
    return images, labels
