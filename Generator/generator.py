"""Batches of images, shuffled and augmented: what stands between pictures on a disk and a network.

A folder of pictures and a file of labels become batches in two lines::

    training = ImageGenerator("Sample_data", "Labels.json", 12, [32, 32, 3], mirroring=True, shuffle=True)
    images, labels = training.next()
"""

import copy
import inspect
import os
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

# The course puts this very folder on the path and writes `import generator`. The module then has no package
# to find its neighbours in, so it becomes that package itself: the imports below mean the same either way. What
# lies beside the folder is found once, and from then on by itself: the path stays what the course made it.
if __spec__ is not None and not __spec__.parent:
    __path__ = __spec__.submodule_search_locations = [os.path.dirname(os.path.abspath(__file__))]
    __package__ = __name__
    _beside = os.path.dirname(__path__[0])
    try:
        sys.path.insert(0, _beside)
        import Foundation  # noqa: F401
    finally:
        sys.path.remove(_beside)

from Foundation import Checks
from Foundation.Preparation import checked_names
from Foundation.Randomness import as_generator
from Foundation.Shares import check_share, part

from .augmentation import Augmentation
from .class_names import CIFAR_CLASSES, refuse_names_of_other_classes
from .epochs import EpochOrder
from .picture_files import MAX_PIXELS
from .picture_grid import draw_grid
from .picture_set_files import PictureFiles, find_files
from .pixels import check_image_size, check_pixels, to_unit
from .randomness import PartOfAStream, Seed, draw_seed, stream
from .sources import CACHE_BYTES, ArraySource, FileSource, ImageSource, Subset
from .splitting import choose_held_back
from .state import read_state, written_state
from .workers import WorkAhead

__all__ = ["ImageGenerator"]

Batch = tuple[NDArray[Any], NDArray[np.int64]]

# Key of the stream for a batch's augmentation; key 0 is that of an epoch's order, see `epochs`.
_AUGMENTATION = 1


class ImageGenerator:
    """Delivers a set of images in batches, epoch after epoch.

    In an epoch every image comes once, in the stored order or, with `shuffle`, in a new random one. The last
    batch of an epoch is completed with the epoch's first images; then the next epoch starts at its beginning.
    A batch larger than the whole set is one epoch: all images, then the first ones again, as often as it
    takes.

    Augmentation is drawn for each image anew and never changes what is stored. Every batch is derived from
    one random seed and the batch's number: any number of `workers` gives the same batches, and `state` holds
    the place.

    Shapes:
        a batch is (batch, height, width, channels), floats in [0, 1], with labels (batch,), whole numbers.

    Args:
        file_path: the folder with the pictures, one file each. These are `.npy` arrays (height, width[, channels]),
            PNG, JPEG and what else `picture_files.read_picture` reads, grey or colour, with or without opacity, of any
            size.
        label_path: a JSON file `{"name": label, …}`, whose order is the stored order, or another list, see
            `label_rows.label_rows`. Or None, when the pictures lie in folders named after their classes,
            `file_path/cat/1.png`.
        batch_size: images in a batch, at least 1.
        image_size: [height, width, channels] in pixels, to which every picture is brought. It is interpolated,
            without aliasing, stretched where the proportions differ, see `pixels.fit`.
        rotation: turn each image by 0, 90, 180 or 270 degrees at random (default False).
        mirroring: mirror each image at random, horizontally, vertically or both (default False). `"horizontal"` or
            `"vertical"` keeps to one, as photographs want it, which have an up and a down.
        shuffle: a new order for each epoch (default False).
        angle (degrees), shift, zoom, crop, brightness, contrast, noise (shares): further augmentation, all 0 (off) by
            default, see `augmentation.Augmentation`.
        class_names: one for each class, of which there are then so many (default None: the names of the folders; the
            course's ten where a label file has all of 0 to 9 and nothing else; or no names but the labels themselves).
        rng: a seed or a `numpy.random.Generator` (default None: NumPy's global state, from which one seed is drawn
            when the first random batch is asked for).
        dtype: float32 or float64 (default), of the images.
        workers: threads that prepare the next batches meanwhile (default 0: each batch when it is asked for). They pay
            for files on a slow disk or a network drive, where more of them help more, and for large photographs. One or
            two gain a little with small pictures and with angle, shift, zoom or crop, and nothing with plain arrays
            or what the cache holds, since training keeps all cores busy by itself.
        cache_bytes: room for pictures read from files, in bytes (default 256 MiB); what does not fit is read anew.
        max_pixels: largest height times width accepted from a file (default 64 million).
        recursive: whether pictures in folders below those of the classes count (default True).
        strict: whether files in the folders of classes that aren't used, because they are no pictures, or links that
            lead out of `file_path`, are an error (default False: a warning that counts and names them).
        on_error: `"skip"` to read each file once at the beginning, and to leave out those that can't be read: their
            number is printed, and `skipped` has their names with what is wrong. Default `"raise"`: an error names such
            a file once it is read.

    Raises FileNotFoundError for a missing folder or label file; ValueError and TypeError, naming argument or
    file, for everything else that does not fit, above all a label without picture or a picture without label.

    >>> generator = ImageGenerator("Generator/Sample_data", "Generator/Labels.json", 12, [32, 32, 3], rng=0)
    >>> images, labels = generator.next()
    >>> images.shape, labels.tolist()
    ((12, 32, 32, 3), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])
    """

    file_path: str | os.PathLike[str] | None
    label_path: str | os.PathLike[str] | None
    #: pictures that were left out because they can't be read, with what is wrong, see `on_error`
    skipped: dict[str, str]

    def __init__(
        self,
        file_path: str | os.PathLike[str],
        label_path: str | os.PathLike[str] | None,
        batch_size: int,
        image_size: Sequence[int],
        rotation: bool = False,
        mirroring: bool | str = False,
        shuffle: bool = False,
        *,
        angle: float = 0.0,
        shift: float = 0.0,
        zoom: float = 0.0,
        crop: float = 0.0,
        brightness: float = 0.0,
        contrast: float = 0.0,
        noise: float = 0.0,
        class_names: Sequence[str] | None = None,
        rng: int | np.random.Generator | None = None,
        dtype: DTypeLike = "float64",
        workers: int = 0,
        cache_bytes: int = CACHE_BYTES,
        max_pixels: int = MAX_PIXELS,
        recursive: bool = True,
        strict: bool = False,
        on_error: str = "raise",
    ) -> None:
        max_pixels = Checks.integer(max_pixels, "ImageGenerator", "max_pixels", least=1)
        shape = check_image_size(image_size, "ImageGenerator")
        files = find_files(file_path, label_path, recursive, strict, on_error, max_pixels)
        if class_names is None:
            files.tell_doubts()
        self._set_up_files(
            files, batch_size, shape, rotation, mirroring, shuffle, angle=angle, shift=shift, zoom=zoom,
            crop=crop, brightness=brightness, contrast=contrast, noise=noise, class_names=class_names,
            rng=rng, dtype=dtype, workers=workers, cache_bytes=cache_bytes, max_pixels=max_pixels,
        )  # fmt: skip

    @classmethod
    def _of_files(cls, files: PictureFiles, *arguments: Any, **options: Any) -> "ImageGenerator":
        generator = cls.__new__(cls)
        generator._set_up_files(files, *arguments, **options)
        return generator

    def _set_up_files(
        self,
        files: PictureFiles,
        batch_size: int,
        image_size: Sequence[int],
        *switches: Any,
        class_names: Sequence[str] | None = None,
        cache_bytes: int = CACHE_BYTES,
        max_pixels: int = MAX_PIXELS,
        **options: Any,
    ) -> None:
        self.file_path, self.label_path, self.skipped = files.folder, files.label_path, files.skipped
        self.cache_bytes = Checks.integer(cache_bytes, "ImageGenerator", "cache_bytes", least=0)
        self.max_pixels = Checks.integer(max_pixels, "ImageGenerator", "max_pixels", least=1)
        shape = check_image_size(image_size, "ImageGenerator")
        source = FileSource(files.folder, files.names, files.labels, shape, self.cache_bytes, self.max_pixels)
        found = files.class_names
        if class_names is None:
            class_names = found
            of_the_course = os.fspath(files.label_path or "").lower().endswith(".json")
            if of_the_course and found is None and set(files.labels.tolist()) == set(range(len(CIFAR_CLASSES))):
                class_names = CIFAR_CLASSES
        elif found is not None and hasattr(class_names, "__len__") and len(class_names) != len(found):
            raise ValueError(
                f"ImageGenerator: expected a class name for each of {len(found)} folders, got {len(class_names)} "
                f"names; folders are in alphabetical order, from '{found[0]}'"
            )
        elif found is not None:
            refuse_names_of_other_classes(class_names, found, "ImageGenerator")
        self._set_up(source, batch_size, shape, *switches, class_names=class_names, **options)

    @classmethod
    def from_arrays(
        cls,
        images: Any,
        labels: Any,
        batch_size: int,
        image_size: Sequence[int] | None = None,
        rotation: bool = False,
        mirroring: bool | str = False,
        shuffle: bool = False,
        **options: Any,
    ) -> "ImageGenerator":
        """Deliver images that lie in an array, in memory or mapped from a file.

        Shapes:
            images (images, height, width, channels), or (images, height, width) for grey; labels (images,).

        Args:
            images: as uint8, uint16, bool or floats in [0, 1], not copied. Where `image_size` is another one, each is
                resized once and kept, if there is room for all of them in 256 MiB.
            labels: whole numbers of at least 0.
            batch_size: images in a batch.
            image_size: [height, width, channels] in pixels (default None: as they are).
            rotation: quarter turns (default False).
            mirroring: mirror images (default False).
            shuffle: a new order for each epoch (default False).
            options: every further keyword of `ImageGenerator` save those about files.

        Raises TypeError and ValueError for arrays that are no images, labels that do not belong to them, and
        options that do not exist.

        >>> digits = ImageGenerator.from_arrays(np.zeros((10, 8, 8)), np.arange(10), 4)
        >>> images, labels = digits.next()
        >>> images.shape, labels.tolist()
        ((4, 8, 8, 1), [0, 1, 2, 3])
        """
        shape = None if image_size is None else check_image_size(image_size, "ImageGenerator.from_arrays")
        source = ArraySource(images, labels, shape)
        generator = cls.__new__(cls)
        generator.file_path, generator.label_path, generator.skipped = None, None, {}
        generator._set_up(source, batch_size, source.image_size, rotation, mirroring, shuffle, **options)
        return generator

    def _set_up(
        self,
        source: ImageSource,
        batch_size: int,
        image_size: tuple[int, int, int],
        rotation: bool = False,
        mirroring: bool | str = False,
        shuffle: bool = False,
        *,
        class_names: Sequence[str] | None = None,
        rng: int | np.random.Generator | None = None,
        dtype: DTypeLike = "float64",
        workers: int = 0,
        **strengths: float,
    ) -> None:
        owner = "ImageGenerator"
        switches = ("shuffle", "class_names", "rng", "dtype", "workers")
        Checks.options(strengths, owner, (*inspect.signature(Augmentation).parameters, *switches))
        self.batch_size = Checks.integer(batch_size, owner, "batch_size", least=1)
        self.image_size = list(image_size)
        self._shape = image_size
        self.shuffle = Checks.truth(shuffle, owner, "shuffle")
        self.augmentation = Augmentation(rotation, mirroring, **strengths)
        self.rotation, self.mirroring = self.augmentation.rotation, self.augmentation.mirroring
        self.workers = Checks.integer(workers, owner, "workers", least=0)
        self.dtype = Checks.float32_or_float64(dtype, owner)
        self.rng = as_generator(rng, owner)
        self.labels: NDArray[np.int64] = source.labels
        self.labels.setflags(write=False)
        largest = int(self.labels.max())
        if isinstance(class_names, str) or not (class_names is None or hasattr(class_names, "__len__")):
            raise TypeError(
                f"{owner}: expected class_names to be a list with a name for each label, got {class_names!r}; pass "
                f"e.g. ['cat', 'dog']"
            )
        if class_names is not None and len(class_names) <= largest:
            raise ValueError(
                f"{owner}: expected a class name for each label up to {largest}, got {len(class_names)} "
                f"names; add names or correct the labels"
            )
        self.number_of_classes = largest + 1 if class_names is None else len(class_names)
        self.class_names = checked_names(() if class_names is None else class_names, owner)
        self._options = {
            "rotation": rotation,
            "mirroring": mirroring,
            "shuffle": shuffle,
            "rng": self.rng,
            **strengths,
        }
        self._source = source
        self._order = EpochOrder(len(self.labels), self.batch_size, self.shuffle)
        self._share = 0, 1
        self._seed: Seed | None = None
        self._delivered = 0
        self._ahead = WorkAhead(self.workers)

    def next(self) -> Batch:
        """Return the next batch; both arrays are the caller's own.

        Shapes:
            out images (batch, height, width, channels), floats in [0, 1], and labels (batch,), int64.

        Raises ValueError, TypeError or an OSError, naming the file, when a picture cannot be read, also where
        a worker found out. The generator stays usable: the same batch is tried again by the next call.

        >>> generator = ImageGenerator.from_arrays(np.eye(3).reshape(3, 1, 3), [7, 8, 9], batch_size=2)
        >>> [generator.next()[1].tolist() for _ in range(3)]
        [[7, 8], [9, 7], [7, 8]]
        """
        number = self._delivered
        if self.workers:
            batch: Batch = self._ahead.take(number, self._plan, self._prepare)
        else:
            batch = self._prepare(*self._plan(number))
        self._delivered += 1
        return batch

    def current_epoch(self) -> int:
        """Return how often the set has been started over.

        It rises with the batch that starts over, not with the one that ends exactly at the end. A batch
        larger than the set is one epoch.

        >>> generator = ImageGenerator.from_arrays(np.zeros((100, 2, 2)), [0] * 100, batch_size=50)
        >>> epochs = []
        >>> for _ in range(3):
        ...     batch = generator.next()
        ...     epochs.append(generator.current_epoch())
        >>> epochs
        [0, 0, 1]
        """
        return self._order.epoch(max(self._delivered - 1, 0))

    def augment(self, img: NDArray[Any]) -> NDArray[Any]:
        """Return one image, changed at random by the augmentation that is switched on.

        Shapes:
            (height, width, channels) or (height, width), the same comes out, in the same dtype.

        Args:
            img: pixels of any kind: quarter turns and mirror images move any numbers, all else needs uint8, uint16,
                bool or floats in [0, 1].

        Raises TypeError and ValueError when it is no image.

        >>> generator = ImageGenerator.from_arrays(np.zeros((1, 2, 2)), [0], 1, rotation=True, rng=2)
        >>> generator.augment(np.array([[1, 2], [3, 4]])).tolist()
        [[3, 1], [4, 2]]
        """
        image = Checks.number_array(img, "ImageGenerator.augment", "the image")
        if image.ndim not in (2, 3) or 0 in image.shape:
            raise ValueError(
                f"ImageGenerator.augment: expected one image, (height, width, channels) or (height, width), "
                f"got shape {image.shape}; pass the images of a batch one by one"
            )
        stretched = self.rotation and image.shape[0] != image.shape[1]
        if stretched or not self.augmentation.moves_pixels_exactly:
            check_pixels("ImageGenerator.augment", image)
        if not self.augmentation.is_random:
            return image.copy()
        batch = image.reshape(1, *image.shape[:2], -1)
        changed = self.augmentation(batch, stream(draw_seed(self.rng)))
        return changed.reshape(image.shape)

    def class_name(self, x: int) -> str:
        """Return the name of a class.

        Args:
            x: the label, a whole number from 0 to one less than the number of classes.

        Raises TypeError for what is no whole number, ValueError for one that names no class.

        >>> generator = ImageGenerator("Generator/Sample_data", "Generator/Labels.json", 12, [32, 32, 3])
        >>> generator.class_name(3)
        'cat'
        """
        label = Checks.integer(x, "ImageGenerator.class_name", "the label", least=0)
        if label >= self.number_of_classes:
            raise ValueError(
                f"ImageGenerator.class_name: expected a label from 0 to {self.number_of_classes - 1}, got {label}; for "
                f"further classes pass class_names to ImageGenerator"
            )
        return self.class_names[label] if self.class_names else str(label)

    def show(self, filename: str | os.PathLike[str] | None = None, most: int = 64, augmented: int = 0) -> None:
        """Draw the next batch as a grid with class names.

        As in the course, the batch is one that `next` would have delivered, and it is used up. With `augmented`, its
        pictures stand as they are stored, each with so many augmented forms beside it, and nothing is used up.

        Args:
            filename: file to write to, such as `"batch.png"` (default None: open a window).
            most: the largest number of images drawn, augmented forms among them (default 64).
            augmented: how many augmented forms stand beside each picture (default 0).

        Raises ImportError when Matplotlib is not installed, OSError when the file cannot be written, ValueError when
        forms are asked for where no augmentation is switched on, and whatever `next` raises.

        >>> import os, tempfile
        >>> generator = ImageGenerator("Generator/Sample_data", "Generator/Labels.json", 10, [32, 32, 3])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     generator.show(f"{folder}/batch.png")
        ...     os.listdir(folder)
        ['batch.png']
        """
        most = Checks.integer(most, "ImageGenerator.show", "most", least=1)
        if filename is not None:
            Checks.path(filename, "ImageGenerator.show", "filename")
        forms = Checks.integer(augmented, "ImageGenerator.show", "augmented", least=0)
        if forms:
            self._show_forms(filename, max(1, most // (1 + forms)), forms)
            return
        images, labels = self.next()
        draw_grid(images[:most], [self.class_name(label) for label in labels[:most]], filename)

    def _show_forms(self, filename: str | os.PathLike[str] | None, most: int, forms: int) -> None:
        number, indices, seed = self._plan(self._delivered)
        if not self.augmentation.is_random or seed is None:
            raise ValueError(
                "ImageGenerator.show: expected augmentation to show forms of, got none that is switched on; make the "
                "generator with mirroring=True, angle=10 or the like"
            )
        places = indices[: min(most, self.number_of_images)]
        stored = self._source.read(places)
        rng = stream(seed, _AUGMENTATION, number)
        changed = self.augmentation(np.repeat(stored, forms, axis=0), rng, self.dtype)
        rows = changed.reshape(len(places), forms, *stored.shape[1:])
        images = np.concatenate([to_unit(stored, self.dtype)[:, np.newaxis], rows], axis=1)
        titles = [title for label in self.labels[places] for title in (self.class_name(label), *[""] * forms)]
        draw_grid(images.reshape(-1, *stored.shape[1:]), titles, filename, columns=1 + forms)

    @property
    def number_of_images(self) -> int:
        """How many images the set has, which is how many an epoch delivers before it is completed.

        >>> ImageGenerator.from_arrays(np.zeros((100, 2, 2)), [0] * 100, batch_size=12).number_of_images
        100
        """
        return self._order.size

    @property
    def batches_per_epoch(self) -> int:
        """How many batches an epoch has: the number of images over the batch size, rounded up.

        >>> ImageGenerator.from_arrays(np.zeros((100, 2, 2)), [0] * 100, batch_size=12).batches_per_epoch
        9
        """
        return self._order.batches_per_epoch

    def read(self, indices: Any = None) -> Batch:
        """Return images as they are stored, resized but not augmented, and leave the epochs alone.

        Shapes:
            out images (images, height, width, channels), floats in [0, 1], and labels (images,).

        Args:
            indices: places in the stored order, counted from 0 (default None: the whole set).

        Raises IndexError for a place beyond the set, TypeError for indices that are no whole numbers, and
        what `next` raises when a picture cannot be read.

        >>> generator = ImageGenerator("Generator/Sample_data", "Generator/Labels.json", 12, [32, 32, 3])
        >>> images, labels = generator.read([5, 98])
        >>> images.shape, labels.tolist()
        ((2, 32, 32, 3), [5, 8])
        """
        wanted = np.arange(self.number_of_images) if indices is None else indices
        places = Checks.plain_array(wanted, "ImageGenerator.read", "indices")
        if places.dtype.kind not in "iu" or places.ndim != 1:
            raise TypeError(
                f"ImageGenerator.read: expected a list of whole numbers, got {indices!r}; pass e.g. [0, 5, 7]"
            )
        if places.size and not 0 <= places.min() <= places.max() < self.number_of_images:
            raise IndexError(
                f"ImageGenerator.read: expected places from 0 to {self.number_of_images - 1}, got {places.min()} to "
                f"{places.max()}"
            )
        labels = self.labels[places]
        return to_unit(self._source.read(places), self.dtype), labels

    def split(
        self, test_share: float, rng: int | np.random.Generator | None = None
    ) -> tuple["ImageGenerator", "ImageGenerator"]:
        """Return two generators: one to train with, and one with images that the first never shows.

        The share is taken of each class, so that small sets stay balanced; at least one image of each stays to train
        with. The first keeps all options of this generator and draws from the same `rng`; the second neither shuffles
        nor augments. Both start at their beginning, and read from the same files or array.

        Args:
            test_share: between 0 and 1, the share of each class that is kept for testing, rounded.
            rng: a seed or generator for the choice (default None: NumPy's global state).

        Raises ValueError when either part would be empty.

        >>> whole = ImageGenerator("Generator/Sample_data", "Generator/Labels.json", 12, [32, 32, 3])
        >>> training, test = whole.split(0.2, rng=0)
        >>> training.number_of_images, test.number_of_images, np.bincount(test.labels).tolist()
        (80, 20, [2, 2, 2, 2, 2, 2, 2, 2, 2, 2])
        """
        owner = "ImageGenerator.split"
        tested = choose_held_back(self.labels, test_share, as_generator(rng, owner), owner)
        training = self._part(np.flatnonzero(~tested), **self._options)
        return training, self._part(np.flatnonzero(tested))

    def _part(self, chosen: NDArray[np.int64], **options: Any) -> "ImageGenerator":
        part = type(self).__new__(type(self))
        part.file_path, part.label_path, part.skipped = self.file_path, self.label_path, self.skipped
        part._set_up(
            Subset(self._source, chosen), self.batch_size, self._shape, dtype=self.dtype,
            workers=self.workers, **options,
        )  # fmt: skip
        # Not counted anew: a part may lack the class with the largest label.
        part.class_names, part.number_of_classes = self.class_names, self.number_of_classes
        return part

    def shard(self, rank: int, size: int) -> "ImageGenerator":
        """Return the part of one of several processes: `next` gives its images of every batch, as the whole has them.

        The parts make up the whole batch, one after the other in the order of the processes. It begins where this
        generator stands.

        Args:
            rank: the number of the process, from 0.
            size: how many there are; of a batch that doesn't divide, some have one image more.

        Raises TypeError or ValueError where there is no such process.

        >>> whole = ImageGenerator.from_arrays(np.zeros((5, 2, 2)), np.arange(5), 5, shuffle=True, rng=0)
        >>> parts = [whole.shard(rank, 2) for rank in range(2)]
        >>> [part.next()[1].tolist() for part in parts], whole.next()[1].tolist()
        ([[3, 1], [2, 0, 4]], [3, 1, 2, 0, 4])
        """
        share = check_share(rank, size, "ImageGenerator")
        self._current_seed()  # which all parts have
        shard = copy.copy(self)
        shard._share = share
        return shard

    @property
    def state(self) -> dict[str, Any]:
        """The place in the set and everything random, for a checkpoint: assign it to go on from there.

        A dictionary of whole numbers, lists and texts (which JSON can hold, with NumPy's usual generators):
        `delivered`, the batches delivered so far; `seed`, from which every batch is derived, None if
        nothing is random; `rng`, the state of the generator passed as `rng`, None if there is none. It fits
        a generator with the same images and options.

        Assigning raises TypeError or ValueError, before anything has changed, for what is no such dictionary.

        >>> images, labels = np.zeros((9, 2, 2)), np.arange(9)
        >>> generator = ImageGenerator.from_arrays(images, labels, batch_size=2, shuffle=True)
        >>> _ = generator.next()
        >>> saved = generator.state
        >>> following = generator.next()[1]
        >>> generator.state = saved
        >>> bool((generator.next()[1] == following).all())
        True
        """
        return written_state(self._delivered, self._current_seed(), self.rng)

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        delivered, seed = read_state(state, self.rng, "ImageGenerator")
        self._ahead.stop(wait=False)
        self._seed, self._delivered = seed, delivered

    def close(self) -> None:
        """End the worker threads, if there are any; a later `next` starts them again.

        Leaving a `with` block does the same. Nothing has to be closed without workers.

        >>> with ImageGenerator.from_arrays(np.zeros((4, 2, 2)), [0, 1, 0, 1], 2, workers=2) as generator:
        ...     images, labels = generator.next()
        >>> labels.tolist()
        [0, 1]
        """
        self._ahead.stop(wait=True)

    def __enter__(self) -> "ImageGenerator":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # Not waiting for the workers' last pictures when an error, or Ctrl-C, is on its way out.
        self._ahead.stop(wait=error is None)

    def __repr__(self) -> str:
        return (
            f"ImageGenerator({self.number_of_images} images of {self.number_of_classes} classes, "
            f"batch_size={self.batch_size}, image_size={self.image_size})"
        )

    def __getstate__(self) -> dict[str, Any]:
        # Threads stay behind when a generator is copied or sent to another process.
        return {name: value for name, value in self.__dict__.items() if name != "_ahead"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._ahead = WorkAhead(self.workers)

    def _current_seed(self) -> Seed | None:
        # Drawn once, and only where something is random: a generator without chance leaves NumPy's state
        # alone.
        if self._seed is None and (self.shuffle or self.augmentation.is_random):
            self._seed = draw_seed(self.rng)
        return self._seed

    def _plan(self, number: int) -> tuple[int, NDArray[np.int64], Seed | None]:
        seed = self._current_seed()
        return number, self._order.indices(number, seed), seed

    def _prepare(self, number: int, indices: NDArray[np.int64], seed: Seed | None) -> Batch:
        here = part(len(indices), *self._share)
        mine = indices[here]
        images = self._source.read(mine)
        if seed is not None and self.augmentation.is_random:
            numbers: Any = stream(seed, _AUGMENTATION, number)
            if len(mine) < len(indices):
                numbers = PartOfAStream(numbers, len(indices), here)
            images = self.augmentation(images, numbers, self.dtype)
        return to_unit(images, self.dtype), self.labels[mine]
