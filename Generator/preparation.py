"""What pictures and arrays go through before a network sees them: the same in training and ever after."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from Foundation import Checks
from Foundation.Preparation import Preparation, checked_names

from .decoding import pixels_of
from .picture_files import MAX_PIXELS, read_picture
from .pixels import check_image_size, check_pixels, fit, to_unit

__all__ = ["ArrayPreparation", "PicturePreparation"]


class PicturePreparation(Preparation):
    r"""Pictures brought to one size and normalised, and the names of what they show.

    With $\mu_c$ the mean and $\sigma_c$ the standard deviation of channel $c$ over the training images,

    $$x' = (x - \mu_c) / \sigma_c$$

    Shapes:
        pictures (height, width, channels) of any size become (batch, channels, height, width).

    Args:
        image_size: [height, width, channels] in pixels, to which every picture is brought, see `pixels.fit`.
        mean: (channels,), of pixels in [0, 1].
        deviation: (channels,), above 0.
        class_names: one for each class.
        dtype: float32 or float64 (default), of the result.

    Raises TypeError and ValueError for what can't be such a thing.

    >>> preparation = PicturePreparation([2, 2, 1], mean=[0.5], deviation=[0.25], class_names=["dark", "bright"])
    >>> preparation.prepare([np.full((8, 6, 3), 255, np.uint8)]).tolist()
    [[[[2.0, 2.0], [2.0, 2.0]]]]
    """

    # By which a file finds it, also where the course imports this folder's modules from inside the folder.
    __module__ = "Generator.preparation"

    def __init__(
        self,
        image_size: Sequence[int],
        mean: Any,
        deviation: Any,
        class_names: Sequence[str],
        dtype: DTypeLike = "float64",
    ) -> None:
        owner = type(self).__name__
        self.image_size = check_image_size(image_size, owner)
        height, width, channels = self.image_size
        if height * width > MAX_PIXELS:
            raise ValueError(f"{owner}: expected image_size of at most {MAX_PIXELS:,} pixels, got {height} x {width}")
        self.mean, self.deviation = _for_each_channel(mean, deviation, channels, owner)
        self.class_names = checked_names(class_names, owner)
        self.dtype = Checks.float32_or_float64(dtype, owner).name

    def separated(self, given: Any) -> tuple[Sequence[Any], bool]:
        """The pictures, and whether it was one alone: a list, or an array of four axes, holds many."""
        if isinstance(given, list | tuple):
            return given, False
        if isinstance(given, str | os.PathLike) or _is_of_pillow(given):
            return [given], True
        array = Checks.plain_array(given, "classify", "pictures")
        return (list(array), False) if array.ndim == 4 else ([array], True)

    def prepare(self, samples: Sequence[Any]) -> NDArray[Any]:
        """Pictures as they come from outside, in the form that the network was trained with.

        Each is a path, an array, or a picture of Pillow's.

        Shapes:
            arrays (height, width), or (height, width, channels), uint8, uint16, bool or floats in [0, 1], to
            (batch, channels, height, width).

        Raises FileNotFoundError, ValueError or TypeError, naming the file, for what is no picture.

        >>> preparation = PicturePreparation([32, 32, 3], [0, 0, 0], [1, 1, 1], ["airplane", "car"])
        >>> preparation.prepare(["Generator/Sample_data/0.npy", np.zeros((480, 640))]).shape
        (2, 3, 32, 32)
        """
        return self.normalized(np.stack([to_unit(self._picture(sample), self.dtype) for sample in samples]), own=True)

    def normalized(self, images: NDArray[Any], own: bool = False) -> NDArray[Any]:
        """Images of the right size, floats in [0, 1], in the form that the network was trained with.

        Shapes:
            (images, height, width, channels) to (images, channels, height, width).

        Args:
            images: floats in [0, 1], as a generator delivers them.
            own: whether they may be changed (default False).

        Raises ValueError where the shape is another.
        """
        images = Checks.number_array(images, type(self).__name__, "images").astype(self.dtype, copy=False)
        if images.shape[1:] != self.image_size:
            raise ValueError(
                f"{type(self).__name__}: expected images of shape (images, {', '.join(map(str, self.image_size))}), "
                f"got {images.shape}; give every generator the same image_size"
            )
        mean, deviation = np.array(self.mean, self.dtype), np.array(self.deviation, self.dtype)
        changed = np.subtract(images, mean, out=images if own else None)
        changed /= deviation
        # A view: layers take any order of memory, and channels last is what matrix products over pixels like.
        return np.moveaxis(changed, -1, 1)

    def _picture(self, sample: Any) -> NDArray[Any]:
        if isinstance(sample, str | os.PathLike):
            owner = f"picture '{os.fspath(sample)}'"
            if os.path.isdir(sample):
                raise ValueError(f"{owner}: expected a file, got a folder; list the pictures in it")
            picture = read_picture(sample, max(self.image_size[:2]))
        else:
            owner = "classify"
            picture = (
                pixels_of(sample, owner) if _is_of_pillow(sample) else Checks.plain_array(sample, owner, "a picture")
            )
            if picture.ndim == 2:
                picture = picture[..., np.newaxis]
            if picture.ndim != 3 or 0 in picture.shape or picture.shape[-1] > 4:
                raise ValueError(
                    f"{owner}: expected a picture to be a path, or an array (height, width) or (height, width, "
                    f"channels), got {Checks.shape_text(np.shape(sample))}; many pictures are a list, or an array "
                    f"(pictures, height, width, channels)"
                )
            check_pixels(owner, picture)
            picture = picture.astype(picture.dtype.newbyteorder("="), copy=False)
        return fit(picture, self.image_size, owner)


class ArrayPreparation(Preparation):
    """Arrays of one shape as they are, such as rows of a table, and the names of their classes.

    Args:
        sample_shape: of one sample, (features,) for instance; None for time, of which each sample has its own.
        class_names: one for each class (default (): the labels are no classes).

    Raises TypeError and ValueError for what can't be such a thing.

    >>> preparation = ArrayPreparation([2], ["setosa", "virginica"])
    >>> preparation.prepare([[5.1, 3.5], [4.9, 3.0]]).shape
    (2, 2)
    """

    __module__ = "Generator.preparation"

    def __init__(self, sample_shape: Sequence[int | None], class_names: Sequence[str] = ()) -> None:
        owner = type(self).__name__
        if isinstance(sample_shape, str | bytes) or not hasattr(sample_shape, "__len__") or not len(sample_shape):
            raise TypeError(f"{owner}: expected sample_shape to be (features,) for instance, got {sample_shape!r}")
        self.sample_shape = tuple(
            None if length is None else Checks.positive_integer(length, owner, "each length of sample_shape")
            for length in sample_shape
        )
        self.class_names = checked_names(class_names, owner)

    def separated(self, given: Any) -> tuple[Sequence[Any], bool]:
        """The samples, and whether it was one alone, which has one axis less than many."""
        axes = len(self.sample_shape)
        if isinstance(given, list | tuple) and all(np.ndim(sample) == axes for sample in given):
            return given, False
        array = Checks.number_array(given, "classify", f"samples {self._shape_text()}")
        return ([array], True) if array.ndim == axes else (list(array) if array.ndim == axes + 1 else [array], False)

    def prepare(self, samples: Sequence[Any]) -> Any:
        """Samples as one array, or as a list where each has its own time.

        Raises TypeError and ValueError for other shapes, or what isn't finite numbers.
        """
        arrays = [Checks.number_array(sample, "classify", "a sample") for sample in samples]
        for place, array in enumerate(arrays):
            wanted = zip(array.shape, self.sample_shape, strict=False)
            if array.ndim != len(self.sample_shape) or any(b is not None and a != b for a, b in wanted):
                raise ValueError(
                    f"classify: expected samples of shape {self._shape_text()}, as those in training, got "
                    f"{Checks.shape_text(array.shape)} for number {place}"
                )
        return arrays if None in self.sample_shape else np.stack(arrays)

    def _shape_text(self) -> str:
        return Checks.shape_text(tuple("time" if length is None else length for length in self.sample_shape))


def _is_of_pillow(picture: Any) -> bool:
    return hasattr(picture, "getbands")


def _for_each_channel(
    mean: Any, deviation: Any, channels: int, owner: str
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    means = Checks.number_array(mean, owner, "the mean")
    deviations = Checks.number_array(deviation, owner, "the deviation")
    wrong_shape = (channels,) != means.shape or (channels,) != deviations.shape
    if wrong_shape or not (deviations > 0).all() or not np.isfinite([means, deviations]).all():
        raise ValueError(
            f"{owner}: expected mean and deviation of shape ({channels},), one number for each channel, the "
            f"deviation above 0, got {mean!r} and {deviation!r}; ImageData measures them"
        )
    return tuple(means.tolist()), tuple(deviations.tolist())
