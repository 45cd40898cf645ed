"""Pictures side by side with their titles, on the screen or in a file."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from Foundation.Captions import lettering, readable
from Foundation.NumPySettings import apart

__all__ = ["draw_grid"]

_INCHES = 1.3
# As many as have room above a picture.
_LETTERS = 14


def draw_grid(
    images: NDArray[Any],
    titles: Sequence[str] | None = None,
    filename: str | os.PathLike[str] | None = None,
    columns: int | None = None,
) -> None:
    """Draw pictures in rows and columns, each with a title above it.

    Shapes:
        images (images, height, width, channels), with 1, 3 or 4 channels, or (images, height, width).

    Args:
        images: floats in [0, 1] or uint8.
        titles: one for each image (default None: none).
        filename: file to write to, whose suffix says in which format, such as `.png` or `.pdf` (default None: open a
            window).
        columns: how many images stand in a row (default None: as many as there are rows).

    Raises ImportError when Matplotlib is not installed, OSError when the file cannot be written.

    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     draw_grid(np.zeros((3, 8, 8)), ["a", "b", "c"], f"{folder}/grid.png")
    ...     os.path.getsize(f"{folder}/grid.png") > 0
    True
    """
    columns = int(np.ceil(np.sqrt(len(images)))) if columns is None else columns
    rows = -(-len(images) // columns)
    size = (_INCHES * columns, (_INCHES + 0.25 * (titles is not None)) * rows)
    if filename is not None:
        # A figure of its own needs no window and leaves alone whatever the program itself is drawing.
        from matplotlib.figure import Figure

        figure = Figure(figsize=size, layout="constrained")
    else:
        import matplotlib.pyplot

        figure = matplotlib.pyplot.figure(figsize=size, layout="constrained")
    for place, image in enumerate(images):
        axes = figure.add_subplot(rows, columns, place + 1)
        grey = image.ndim == 2 or image.shape[-1] == 1
        scale: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 255 if image.dtype == np.uint8 else 1}
        axes.imshow(image.reshape(image.shape[:2]) if grey else image, **(scale if grey else {}))
        axes.set_axis_off()
        if titles is not None:
            title = readable(titles[place], longest=_LETTERS)
            axes.set_title(title, fontsize=9, **lettering(title))
    if filename is not None:
        apart(figure.savefig, filename)
    else:
        matplotlib.pyplot.show()
