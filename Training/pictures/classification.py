"""What a classifier gets right and wrong."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.Captions import lettering, readable
from Training.pictures.canvas import (
    BLUE,
    INK,
    SEQUENTIAL,
    VERMILION,
    Filename,
    given_or_new,
    written,
)
from Training.pictures.classes import compared
from Training.pictures.images import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: With more classes than these, cells have no numbers, and not every class has its name beside them.
_MOST_NUMBERS, _MOST_NAMES = 30, 60


def confusion_matrix(
    true: Any,
    predicted: Any,
    names: Sequence[Any] | None = None,
    axes: Any = None,
    filename: Filename = None,
) -> "Axes":
    """How often each true class (row) was taken for each class (column).

    True classes come first, as in scikit-learn.

    Args:
        true: what is right: class numbers or names (samples,), probabilities or one-hot rows (samples, classes), or
            what `net.classify` gives for many samples.
        predicted: what the network gives, in any of these forms.
        names: of the classes, in their order (None: as the labels call them, or their numbers).
        axes: Matplotlib's, to draw on (None: those of a new figure).
        filename: the file to write to, besides (None).

    Returns the axes. Raises TypeError and ValueError for what are no classes, a name that is none, and different
    lengths.

    >>> axes = confusion_matrix(true=["cat", "dog", "dog"], predicted=["cat", "dog", "cat"])
    >>> axes.images[0].get_array().tolist()  # a dog was taken for a cat
    [[1.0, 0.0], [1.0, 1.0]]
    """
    rows, columns, called = compared("confusion_matrix", true, predicted, names)
    words = [readable(name) for name in called]
    counts = np.zeros((len(words), len(words)), dtype=int)
    np.add.at(counts, (rows, columns), 1)
    places = np.arange(0, len(words), -(-len(words) // _MOST_NAMES))
    labels = [words[place] for place in places]
    longest = max(map(len, labels))
    long = longest * len(labels) > 40
    side = min(12.0, max(5.0, 0.45 * len(words))) + 0.5
    axes = given_or_new(axes, filename, side + 0.07 * longest + 0.5, side + 0.07 * longest * long)
    axes.set(xlabel="predicted", ylabel="true", title="Confusion matrix")
    # Mistakes are few: on the root of the counts they remain visible beside the hits.
    roots = np.sqrt(counts)
    axes.imshow(roots, cmap=SEQUENTIAL)
    size = float(np.clip(220 / len(places), 5, 10))
    letters = lettering(*labels)
    axes.set_xticks(places, labels, fontsize=size, rotation=90 if long else 0, **letters)
    axes.set_yticks(places, labels, fontsize=size, **letters)
    for row, column in zip(*counts.nonzero(), strict=True):
        if len(words) <= _MOST_NUMBERS:
            color = "white" if roots[row, column] > roots.max() / 2 else INK
            axes.text(
                column,
                row,
                str(counts[row, column]),
                ha="center",
                va="center",
                color=color,
                fontsize=min(9, size),
                fontweight="normal" if row == column else "bold",
            )
    return written(axes, filename)


def predictions(
    images: ArrayLike,
    true: Any,
    predicted: Any,
    names: Sequence[Any] | None = None,
    axes: Any = None,
    filename: Filename = None,
    limit: int = 60,
) -> "Axes":
    """Test images with what they are, and, of those that were mistaken, which come first, what they were taken for.

    Shapes:
        images (images, channels, y, x) or (images, y, x).

    Args:
        images: with numbers from 0 to 1; others are stretched to these.
        true: what is right, in any form that `confusion_matrix` takes.
        predicted: what the network gives.
        names: of the classes, in their order (None: as the labels call them, or their numbers).
        axes: Matplotlib's, to draw on (None: those of a new figure).
        filename: the file to write to, besides (None).
        limit: how many images to show (60).

    Returns the axes. Raises TypeError and ValueError for what are no classes, or not one for each image.

    >>> axes = predictions(np.zeros((2, 1, 8, 8)), true=[3, 5], predicted=[3, 6])
    >>> [text.get_text() for text in axes.texts]
    ['5', 'taken for 6', '3']
    """
    pictures = shown(images, "predictions")
    right, given, called = compared("predictions", true, predicted, names)
    words = [readable(name, longest=24) for name in called]
    if len(pictures) != len(right):
        raise ValueError(f"predictions: expected a class for each of {len(pictures)} images, got {len(right)}")
    wrong = given != right
    order = np.argsort(~wrong, kind="stable")[: Checks.positive_integer(limit, "predictions", "limit")]
    titles = [[words[right[index]], f"taken for {words[given[index]]}"][: 1 + wrong[index]] for index in order]
    # Inches: a name has to find room above its image.
    letters = max(len(line) for lines in titles for line in lines)
    cell_x, cell_y, heading, line = min(2.4, max(0.95, 0.068 * letters)), 1.3, 0.6, 0.13
    columns = min(max(1, int(9.5 / cell_x)), len(order))
    width, height = max(5.0, columns * cell_x), -(-len(order) // columns) * cell_y + heading
    left = (width - columns * cell_x) / 2
    # One coordinate system in inches for the whole sheet: one for each image would take ten times as long.
    axes = given_or_new(axes, filename, width, height, position=(0, 0, 1, 1))
    axes.set_axis_off()
    summary = f"{np.count_nonzero(wrong)} of {len(right)} images are taken for something else"
    axes.set_title(summary, fontsize=11, y=1, pad=-18)
    pixels_y, pixels_x = pictures.shape[1:3]
    half_y, half_x = (0.42 * pixels / max(pixels_y, pixels_x) for pixels in (pixels_y, pixels_x))
    for place, (index, lines) in enumerate(zip(order, titles, strict=True)):
        x, y = left + (place % columns + 0.5) * cell_x, (place // columns + 1) * cell_y
        extent = (x - half_x, x + half_x, y + half_y, y - half_y)
        axes.imshow(pictures[index], cmap="gray_r", vmin=0, vmax=1, extent=extent, aspect="auto")
        for number, text in enumerate(lines, start=1):
            color = BLUE if len(lines) == 1 else INK if number == 1 else VERMILION
            above = y - half_y - 0.03 - (len(lines) - number) * line
            axes.text(x, above, text, fontsize=8, color=color, ha="center", va="bottom", **lettering(text))
    axes.set(xlim=(0, width), ylim=(height, 0))  # imshow has set them to those of the last image
    return written(axes, filename)
