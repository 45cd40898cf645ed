"""Images as Matplotlib shows them, one or many."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks


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
