"""MNIST and the sets in its form: Fashion-MNIST, and EMNIST with its letters; found however they were unpacked."""

import itertools
import os
import string
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks

from .class_names import FASHION_CLASSES
from .download import download
from .idx import read_idx, read_idx_of_zip
from .image_set import ImageSet
from .pixel_tables import pixel_columns, read_pixel_table

__all__ = ["download_emnist", "download_fashion_mnist", "download_mnist", "emnist", "fashion_mnist", "mnist"]

# The files of each with their SHA-256 checksums, as TensorFlow Datasets 4.9 lists them too, at the addresses that it
# or torchvision 0.29 fetches them from.
_MNIST_URLS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")
_MNIST_FILES = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
_FASHION_URLS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
)
_FASHION_FILES = {
    "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}
_EMNIST_URLS = (
    "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",
    "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip",
)
_EMNIST_CHECKSUM = "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e"

_LETTERS = string.ascii_uppercase + string.ascii_lowercase
# Letters whose small form looks like the capital one share its class.
_UNLIKE_CAPITALS = "abdefghnqrt"
#: The divisions of EMNIST: what the classes are called, and the label of the first one.
_DIVISIONS = {
    "balanced": (string.digits + string.ascii_uppercase + _UNLIKE_CAPITALS, 0),
    "byclass": (string.digits + _LETTERS, 0),
    "bymerge": (string.digits + string.ascii_uppercase + _UNLIKE_CAPITALS, 0),
    "digits": (string.digits, 0),
    "letters": (string.ascii_lowercase, 1),
    "mnist": (string.digits, 0),
}
# What tells two sets apart whose files have the same names: the first labels of the 60,000.
_FIRST_LABELS = {"mnist": [5, 0, 4, 1, 9, 2, 1, 3, 1, 4], "fashion_mnist": [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]}
_KINDS = ("images-idx3-ubyte", "labels-idx1-ubyte")
# What reads the images of a part and their labels.
_Reader = Callable[[], tuple[NDArray[Any], NDArray[Any]]]


def mnist(folder: str | os.PathLike[str] = "Data") -> ImageSet:
    """Read MNIST: 60,000 handwritten digits to train with and 10,000 to test with, grey, 28 x 28.

    Shapes:
        images (60000, 28, 28, 1) and (10000, 28, 28, 1), uint8, 0 for paper and 255 for ink.

    Args:
        folder: where the four files are, `train-images-idx3-ubyte.gz` and so on, packed or not, called as they are or
            as other programs leave them: `train-images.idx3-ubyte`, `MNIST/raw/…`, each in a folder of its own
            (default `Data`). Or the tables `mnist_train.csv` and `mnist_test.csv`, see `pixel_tables`.

    Raises FileNotFoundError when one is missing, ValueError when one is damaged or of another set.

    Source: LeCun, Bottou, Bengio, Haffner: "Gradient-Based Learning Applied to Document Recognition", 1998.

    >>> mnist("nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    FileNotFoundError: mnist: expected 'train-images-idx3-ubyte.gz' in 'nowhere', found none; put it...
    """
    folder = Path(Checks.path(folder, "mnist", "folder"))
    # The second pair is that of Kaggle's competition, which keeps the labels of the test to itself.
    tables = [("mnist_train.csv", "mnist_test.csv"), ("train.csv", "test.csv")]
    return _read(folder, "mnist", ("", "MNIST/raw", "MNIST", "raw"), ("train", "t10k"), tables, string.digits)


def fashion_mnist(folder: str | os.PathLike[str] = "Data") -> ImageSet:
    """Read Fashion-MNIST: pictures of ten kinds of clothes in the form of MNIST, and harder to tell apart.

    Shapes:
        images (60000, 28, 28, 1) and (10000, 28, 28, 1), uint8, 0 for the ground.

    Args:
        folder: where the four files are, called as those of `mnist`, or a folder `FashionMNIST` with them, or the
            tables `fashion-mnist_train.csv` and `fashion-mnist_test.csv` (default `Data`).

    Raises FileNotFoundError when one is missing, ValueError when one is damaged or of another set.

    Source: Xiao, Rasul, Vollgraf: "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms",
    2017.

    >>> fashion_mnist("nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    FileNotFoundError: fashion_mnist: expected 'train-images-idx3-ubyte.gz' in 'nowhere', found none; put it...
    """
    folder = Path(Checks.path(folder, "fashion_mnist", "folder"))
    places = ("FashionMNIST/raw", "FashionMNIST", "fashion-mnist", "fashion_mnist", "", "raw")
    tables = [("fashion-mnist_train.csv", "fashion-mnist_test.csv")]
    return _read(folder, "fashion_mnist", places, ("train", "t10k"), tables, FASHION_CLASSES)


def emnist(folder: str | os.PathLike[str] = "Data", division: str = "letters") -> ImageSet:
    """Read EMNIST: handwritten letters and digits in the form of MNIST, upright.

    Shapes:
        images (images, 28, 28, 1), uint8, 0 for paper and 255 for ink.

    Args:
        folder: where `emnist-letters-train-images-idx3-ubyte.gz` and the three beside it are, packed or not, or a
            folder `EMNIST` with them, or the archive `gzip.zip` that holds all of them, or its path, or the tables
            `emnist-letters-train.csv` and `emnist-letters-test.csv` (default `Data`).
        division: "letters" (26 classes, a to z, small and capital ones together; default), "digits" (10), "balanced"
            and "bymerge" (47: digits, capitals, and those small letters that look unlike them), "byclass" (62) or
            "mnist" (10).

    Raises FileNotFoundError when a file is missing, ValueError when one is damaged or there is no such division.

    Source: Cohen, Afshar, Tapson, van Schaik: "EMNIST: an extension of MNIST to handwritten letters", 2017. Its images
    lie there with rows for columns.

    >>> emnist("nowhere", "digits")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    FileNotFoundError: emnist: expected 'emnist-digits-train-images-idx3-ubyte.gz' in 'nowhere', found none; put...
    """
    folder = Path(Checks.path(folder, "emnist", "folder"))
    if not isinstance(division, str) or division not in _DIVISIONS:
        raise ValueError(f"emnist: expected division to be one of {', '.join(_DIVISIONS)}, got {division!r}")
    names, first = _DIVISIONS[division]
    parts = (f"emnist-{division}-train", f"emnist-{division}-test")
    places = ("", "EMNIST/raw", "EMNIST", "raw", "gzip")
    archives = [folder, *(folder / place / "gzip.zip" for place in places)]
    tables = [(f"{parts[0]}.csv", f"{parts[1]}.csv")]
    found = _read(folder, "emnist", places, parts, tables, names, first, [path for path in archives if path.is_file()])
    turned = (np.ascontiguousarray(images.swapaxes(1, 2)) for images in (found.images, found.test_images))
    images, test_images = turned
    return ImageSet(images, found.labels, test_images, found.test_labels, found.class_names)


def download_mnist(folder: str | os.PathLike[str] = "Data", url: str | Sequence[str] = _MNIST_URLS) -> Path:
    """Fetch the four files of MNIST, 12 MB, unless they are there already, and return their folder.

    Args:
        folder: where to put it, made if need be (default `Data`).
        url: address of the folder to fetch them from, or several, of which the next is asked where one fails.

    Raises ConnectionError, saying where to put the files, when they cannot be fetched, and ValueError when
    one has another checksum than MNIST has.

    >>> download_mnist(url="my/copy/of/mnist/")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: download: expected a URL that begins with http:// or https:// and ends in the name of ...
    """
    return _fetched(folder, url, _MNIST_FILES)


def download_fashion_mnist(
    folder: str | os.PathLike[str] = "Data/FashionMNIST", url: str | Sequence[str] = _FASHION_URLS
) -> Path:
    """Fetch the four files of Fashion-MNIST, 31 MB, unless they are there already, and return their folder.

    Args:
        folder: where to put it, made if need be (default `Data/FashionMNIST`: the files are called as those of MNIST).
        url: as that of `download_mnist`.

    Raises what `download_mnist` raises.

    >>> download_fashion_mnist(url="my/copy/")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: download: expected a URL that begins with http:// or https:// and ends in the name of ...
    """
    return _fetched(folder, url, _FASHION_FILES)


def download_emnist(folder: str | os.PathLike[str] = "Data/EMNIST", url: str | Sequence[str] = _EMNIST_URLS) -> Path:
    """Fetch EMNIST, 562 MB, unless it is there already, and return the archive, which `emnist` reads as it is.

    Args:
        folder: where to put it, made if need be (default `Data/EMNIST`).
        url: address of `gzip.zip`, or several, of which the next is asked where one fails.

    Raises what `download_mnist` raises.

    >>> download_emnist(url="gzip.zip")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: download: expected a URL that begins with http:// or https:// and ends in the name of ...
    """
    return download(url, folder, _EMNIST_CHECKSUM)


def _fetched(folder: str | os.PathLike[str], url: str | Sequence[str], files: dict[str, str]) -> Path:
    folders = [url] if isinstance(url, str) else url
    for name, checksum in files.items():
        download([each + name for each in folders], folder, checksum)
    return Path(folder)


def _read(
    folder: Path,
    owner: str,
    places: Sequence[str],
    parts: tuple[str, str],
    tables: Sequence[tuple[str, str]],
    class_names: Sequence[str],
    first: int = 0,
    archives: Sequence[Path] = (),
) -> ImageSet:
    """The set whose four files, or two tables, lie in one of these places of a folder, or in an archive."""
    arrays: list[NDArray[Any]] = []
    for part, read in zip(parts, _readers(folder, owner, places, parts, tables, archives), strict=True):
        images, labels = read()
        _check(images, labels, owner, folder / part, len(class_names), first)
        arrays += images[..., np.newaxis], labels.astype(np.int64) - first
    for other, beginning in _FIRST_LABELS.items():
        if owner in _FIRST_LABELS and other != owner and len(arrays[1]) == 60_000 and [*arrays[1][:10]] == beginning:
            raise ValueError(
                f"{owner}: expected its own files in '{folder}', got those of {other}, which are called alike; keep "
                "both in folders of their own"
            )
    images, labels, test_images, test_labels = arrays
    return ImageSet(images, labels, test_images, test_labels, tuple(class_names))


def _readers(
    folder: Path,
    owner: str,
    places: Sequence[str],
    parts: tuple[str, str],
    tables: Sequence[tuple[str, str]],
    archives: Sequence[Path],
) -> list[_Reader]:
    """What reads each part, from the first place that has all of its files."""
    names = [f"{part}-{kind}" for part in parts for kind in _KINDS]
    most: dict[str, Path] = {}
    for place in places:
        found = {name: path for name in names for path in _candidates(folder / place, name) if path.is_file()}
        if len(found) == len(names):
            return _by_parts([partial(read_idx, found[name]) for name in names])
        most = max(most, found, key=len)
    if archives and not most:
        return _by_parts([partial(read_idx_of_zip, archives[0], f"{name}.gz", owner) for name in names])
    for place, pair in itertools.product(places, tables):
        paths = [folder / place / name for name in pair]
        if all(path.is_file() for path in paths) and pixel_columns(paths[0]):
            return [partial(read_pixel_table, path, owner) for path in paths]
    missing = next(name for name in names if name not in most)
    beside = f", beside '{next(iter(most.values()))}'" if most else ""
    raise FileNotFoundError(
        f"{owner}: expected '{missing}.gz' in '{folder}', found none{beside}; put it there, or call "
        f"Generator.datasets.download_{owner}({os.fspath(folder)!r})"
    )


def _by_parts(readers: list[Callable[[], NDArray[Any]]]) -> list[_Reader]:
    return [partial(_read_both, *pair) for pair in zip(readers[::2], readers[1::2], strict=True)]


def _read_both(
    images: Callable[[], NDArray[Any]], labels: Callable[[], NDArray[Any]]
) -> tuple[NDArray[Any], NDArray[Any]]:
    return images(), labels()


def _candidates(folder: Path, name: str) -> Iterator[Path]:
    """Where a file may be, the likeliest last: some programs write a dot for the dash, or a folder around each file."""
    names = (name.replace("-idx", ".idx"), name)
    for called in names:
        yield from (folder / called / inside for inside in (*names, f"{name}.gz"))
        yield folder / called
        yield folder / f"{called}.gz"


def _check(images: NDArray[Any], labels: NDArray[Any], owner: str, path: Path, classes: int, first: int) -> None:
    if images.shape != (len(labels), 28, 28) or labels.ndim != 1 or not len(labels):
        raise ValueError(
            f"{owner}: expected images (images, 28, 28) and labels (images,) in '{path}-*', got "
            f"shapes {images.shape} and {labels.shape}; are the files of one set?"
        )
    last = first + classes - 1
    if images.dtype != np.uint8 or labels.dtype != np.uint8 or not first <= labels.min() <= labels.max() <= last:
        raise ValueError(
            f"{owner}: expected bytes and labels from {first} to {last} in '{path}-*', got {images.dtype} and "
            f"labels of {labels.dtype} from {labels.min()} to {labels.max()}; is it {owner}?"
        )
