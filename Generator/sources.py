"""Where images come from: an array in memory, or files that are read when they are needed.

A source has labels and a method `read`. What it returns is the caller's own: nobody else keeps a reference to
it.
"""

import os
from collections.abc import Sequence
from threading import RLock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks, Forks

from .labels import check_labels
from .picture_files import read_picture
from .pixels import check_pixels, fit, to_unit

__all__ = ["CACHE_BYTES", "ArraySource", "FileSource", "ImageSource", "Subset"]

CACHE_BYTES = 256 * 2**20

_lock = Forks.held_at_forks(RLock())  # of all sources, for the moment in which a picture is put away


class ImageSource(Protocol):
    """What a generator needs of a place that images come from."""

    labels: NDArray[np.int64]

    def read(self, indices: NDArray[np.int64]) -> NDArray[Any]:
        """Return the images at these places, (len(indices), height, width, channels), as stored pixels."""
        ...


class ArraySource:
    """Images that lie in one array, in memory or mapped from a file.

    Shapes:
        images (images, height, width, channels), or (images, height, width) for grey; labels (images,).

    Args:
        images: as uint8, uint16, bool or floats in [0, 1], not copied: changing the array later changes what the source
            delivers, but for images that it has brought to another size and kept.
        labels: whole numbers of at least 0.
        image_size: the (height, width, channels) to deliver, in pixels (default None: as they are).
        cache_bytes: room for images brought to another size, in bytes (default 256 MiB). They are kept if there is room
            for all of them, and else computed anew each time.

    Raises TypeError and ValueError for arrays that are no images, or labels that do not belong to them.

    >>> source = ArraySource(np.zeros((5, 8, 8), dtype=np.uint8), [0, 1, 0, 1, 0], image_size=(4, 4, 3))
    >>> source.read(np.array([4, 0])).shape
    (2, 4, 4, 3)
    """

    def __init__(
        self,
        images: Any,
        labels: Any,
        image_size: tuple[int, int, int] | None = None,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        owner = "ImageGenerator.from_arrays"
        images = _one_array(owner, images)
        if images.ndim == 3:
            images = images[..., np.newaxis]
        if images.ndim != 4 or 0 in images.shape:
            raise ValueError(
                f"{owner}: expected images of shape (images, height, width, channels), none of them 0, got "
                f"{images.shape}; add or remove axes with numpy.reshape"
            )
        if images.shape[-1] > 4 and images.shape[1] <= 4:
            raise ValueError(
                f"{owner}: expected images of shape (images, height, width, channels), got {images.shape}, "
                f"which looks like (images, channels, height, width); use numpy.moveaxis(images, 1, -1)"
            )
        check_pixels(owner, images)
        self.labels = check_labels(owner, labels, len(images))
        self.images = images
        self.image_size = image_size or images.shape[1:]
        # Tried on one image now, so that channels that cannot be converted are reported before training.
        first = self._fitted(np.array([0]))
        self._keeps = self.image_size != images.shape[1:] and len(images) * first.nbytes <= cache_bytes
        self._forget()

    def read(self, indices: NDArray[np.int64]) -> NDArray[Any]:
        """Return the images at these places as a new array (len(indices), height, width, channels).

        Args:
            indices: places in the set, counted from 0.

        >>> source = ArraySource(np.arange(3, dtype=np.uint8).reshape(3, 1, 1, 1), [0, 0, 1])
        >>> source.read(np.array([2, 2, 0])).ravel().tolist()
        [2, 2, 0]
        """
        if not self._keeps:
            return self._fitted(indices)
        # Two threads may fit the same images: they write the same pixels, and say so afterwards.
        missing = np.unique(indices[~self._is_kept[indices]])
        if missing.size:
            self._kept[missing] = self._fitted(missing)
            self._is_kept[missing] = True
        return self._kept[indices]

    def _fitted(self, indices: NDArray[np.int64]) -> NDArray[Any]:
        images = self.images[indices]
        # Here and not for all at once, since an array may be mapped from a file larger than memory.
        if not images.dtype.isnative:
            images = images.astype(images.dtype.newbyteorder("="))
        return fit(images, self.image_size, "ImageGenerator.from_arrays")

    def _forget(self) -> None:
        count = len(self.images) if self._keeps else 0
        self._kept = np.empty((count, *self.image_size), self.images.dtype.newbyteorder("="))
        self._is_kept = np.zeros(count, dtype=bool)

    def __getstate__(self) -> dict[str, Any]:
        # A copy computes what was kept again.
        return {name: value for name, value in self.__dict__.items() if name not in ("_kept", "_is_kept")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()


class FileSource:
    """Pictures in files, read when they are asked for and remembered as long as there is room.

    What has been read stays until the room is used up, and what comes later is read anew each time. Throwing
    out what was used longest ago, the usual rule, would be of no use here: an epoch asks for every picture
    once, so what is thrown out is what the next epoch needs first.

    Args:
        folder: where the pictures are.
        names: the files in it.
        labels: (images,), in the order of `names`.
        image_size: the (height, width, channels) to deliver, in pixels.
        cache_bytes: the room for pictures already read, in bytes.
        max_pixels: the largest picture that is accepted, in pixels.

    >>> names, labels = ["7.npy", "9.npy"], np.array([7, 9])
    >>> source = FileSource("Generator/Sample_data", names, labels, (32, 32, 3), 10**6, 10**6)
    >>> source.read(np.array([1, 0, 1])).shape
    (3, 32, 32, 3)
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        names: Sequence[str],
        labels: NDArray[np.int64],
        image_size: tuple[int, int, int],
        cache_bytes: int,
        max_pixels: int,
    ) -> None:
        self.folder = os.fspath(folder)
        self.names = names
        self.labels = labels
        self.image_size = image_size
        self.cache_bytes = cache_bytes
        self.max_pixels = max_pixels
        self._kept: dict[int, NDArray[Any]] = {}
        self._free = cache_bytes

    def read(self, indices: NDArray[np.int64]) -> NDArray[Any]:
        """Return the pictures at these places as a new array (len(indices), height, width, channels).

        Pixels keep the kind of number they were stored in; where a batch mixes kinds, all become floats.

        Args:
            indices: places in the set, counted from 0.

        Raises what `picture_files.read_picture` raises, and ValueError when channels cannot be converted.

        >>> source = FileSource("Generator/Sample_data", ["7.npy"], np.array([7]), (16, 16, 1), 0, 10**6)
        >>> source.read(np.array([0, 0])).dtype
        dtype('uint8')
        """
        pictures = [self._picture(index) for index in indices.tolist()]
        if len({picture.dtype for picture in pictures}) == 1:
            return np.stack(pictures)
        return np.stack([to_unit(picture, np.float64) for picture in pictures])

    def _picture(self, index: int) -> NDArray[Any]:
        kept = self._kept.get(index)
        if kept is not None:
            return kept
        path = os.path.join(self.folder, self.names[index])
        picture = read_picture(path, max(self.image_size[:2]), self.max_pixels)
        picture = fit(picture, self.image_size, f"picture '{path}'")
        with _lock:
            # Another thread may have read the same picture meanwhile: its room must not be counted twice.
            if index not in self._kept and picture.nbytes <= self._free:
                self._kept[index] = picture
                self._free -= picture.nbytes
        return picture

    def __getstate__(self) -> dict[str, Any]:
        # A copy for another process starts without the pictures, which it can read again.
        return {**self.__dict__, "_kept": {}, "_free": self.cache_bytes}


class Subset:
    """Some of the images of another source, which stays where it is and is not copied.

    Args:
        source: the images to choose from.
        chosen: their places in it, (images,).

    >>> whole = ArraySource(np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1), [0, 1, 2, 3])
    >>> part = Subset(whole, np.array([3, 1]))
    >>> part.labels.tolist(), part.read(np.array([0])).ravel().tolist()
    ([3, 1], [3])
    """

    def __init__(self, source: ImageSource, chosen: NDArray[np.int64]) -> None:
        self.source = source
        self.chosen = chosen
        self.labels = source.labels[chosen]

    def read(self, indices: NDArray[np.int64]) -> NDArray[Any]:
        """Return the images at these places of the choice, (len(indices), height, width, channels).

        Args:
            indices: places in the choice, counted from 0.

        >>> whole = ArraySource(np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1), [0, 1, 2, 3])
        >>> Subset(whole, np.array([3, 1])).read(np.array([1, 0])).ravel().tolist()
        [1, 3]
        """
        return self.source.read(self.chosen[indices])


def _one_array(owner: str, images: Any) -> NDArray[Any]:
    if isinstance(images, np.ndarray):
        return Checks.plain_array(images, owner, "images")
    if not hasattr(images, "__len__"):
        raise TypeError(f"{owner}: expected images in an array or a list of them, got {images!r}")
    shapes = [np.shape(image) for image in images]
    odd = next((place for place, shape in enumerate(shapes) if shape != shapes[0]), None)
    if odd is not None:
        raise ValueError(
            f"{owner}: expected images of one shape, got {shapes[0]} for image 0 and {shapes[odd]} for image "
            f"{odd}; resize them, or keep them in files, which may differ"
        )
    return Checks.plain_array(images, owner, "images")
