"""Images as Matplotlib shows them, one or many."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Training.pictures.canvas import Filename, given_or_new, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def gallery(images: ArrayLike, columns: int | None = None, axes: Any = None, filename: Filename = None) -> "Axes":
    """Images side by side, dark where their numbers are large, or in colour.

    Shapes:
        images (images, channels, y, x) or (images, y, x).

    Args:
        images: with numbers from 0 to 1; others are stretched to these.
        columns: how many stand in a row (None: as many as there are rows).
        axes: Matplotlib's, to draw on (None: those of a new figure).
        filename: the file to write to, besides (None).

    Returns the axes. Raises TypeError and ValueError for what are no images.

    >>> axes = gallery(np.zeros((4, 1, 8, 8)))
    >>> axes.images[0].get_array().shape  # two rows of two, and lines between them
    (17, 17)
    """
    pictures = shown(images, "gallery")
    columns = None if columns is None else Checks.positive_integer(columns, "gallery", "columns")
    whole = mosaic(pictures, columns)
    if whole.ndim == 3:
        whole = np.where(np.isnan(whole), 1.0, whole)
    axes = given_or_new(axes, filename, *size_of(whole))
    axes.imshow(whole, cmap="gray_r", vmin=0, vmax=1)
    without_ticks(axes)
    return written(axes, filename)


def shown(images: ArrayLike, owner: str) -> np.ndarray:
    """Images `(images, channels, y, x)` or `(images, y, x)` as Matplotlib takes them, in numbers from 0 to 1.

    Those with three channels are coloured, `(images, y, x, 3)`; of others the mean over the channels is shown,
    `(images, y, x)`. What goes beyond 0 and 1 is stretched, all images alike.

    >>> shown([[[0.0, 4.0]]], "example").tolist()
    [[[0.0, 1.0]]]
    """
    array = Checks.tensor(images, owner, "images")
    if array.ndim == 3:
        array = array[:, np.newaxis]
    if array.ndim != 4:
        raise ValueError(f"{owner}: expected images (images, channels, y, x), got {Checks.shape_text(array.shape)}")
    Checks.require_finite(array, owner, "images")
    array = np.moveaxis(array, 1, -1) if array.shape[1] == 3 else array.mean(axis=1)
    lowest, highest = float(array.min()), float(array.max())
    return array if lowest >= 0 and highest <= 1 else (array - lowest) / (highest - lowest)


def mosaic(images: np.ndarray, columns: int | None = None) -> np.ndarray:
    """Images `(images, y, x[, channels])` in rows and columns, as one; NaN between them, and where none is left.

    >>> mosaic(np.ones((2, 1, 1)), columns=2).tolist()
    [[1.0, nan, 1.0]]
    """
    count, height, width, *channels = images.shape
    columns = int(np.ceil(np.sqrt(count))) if columns is None else columns
    rows = -(-count // columns)
    whole = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1, *channels), np.nan)
    for place, image in enumerate(images):
        y, x = (place // columns) * (height + 1), (place % columns) * (width + 1)
        whole[y : y + height, x : x + width] = image
    return whole


def without_ticks(axes: Any) -> None:
    """Take ticks and frame away; titles and labels stay."""
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def size_of(whole: np.ndarray) -> tuple[float, float]:
    """Inches for a mosaic, neither tiny nor larger than a page."""
    height, width = whole.shape[:2]
    scale = min(7 / width, 9 / height)
    return max(2.5, scale * width) + 0.6, max(1.5, scale * height) + 0.5
