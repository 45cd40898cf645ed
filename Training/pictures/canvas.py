"""What all pictures share: figures that need no window, and colours."""

import functools
import io
import os
from typing import TYPE_CHECKING, Any

from Foundation import Checks
from Foundation.Files import replacing
from Foundation.NumPySettings import apart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Filename = str | os.PathLike[str] | None

#: Colours that differ for colour-blind eyes, after M. Okabe and K. Ito; data is drawn paler than what is made of it.
BLUE, VERMILION, GREEN, INK, GREY, PALE_BLUE, PALE_GREY = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#22303c",
    "#7a8793",
    "#a8c6dc",
    "#e9edf1",
)
#: From nothing to much, and from negative over zero to positive.
SEQUENTIAL, DIVERGING = "Blues", "PuOr_r"

_PIXELS_PER_INCH = 130


def figure_of(width: float, height: float, constrained: bool = True) -> "Figure":
    """A figure of a size in inches, which a notebook shows by itself."""
    # A figure of its own needs no window and changes no setting of the program that imported us.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=_PIXELS_PER_INCH, layout="constrained" if constrained else None)
    vars(figure)["_repr_png_"] = functools.partial(_png, figure)
    return figure


def axes_of(figure: "Figure", *place: Any, **settings: Any) -> "Axes":
    """Axes of a figure, which a notebook shows in place of their address."""
    axes: Axes = figure.add_subplot(*place, **settings)
    vars(axes)["_repr_png_"] = functools.partial(_png, figure)
    return axes


def given_or_new(axes: Any, filename: Filename, width: float, height: float, **settings: Any) -> "Axes":
    """The axes that were given, or those of a new figure of a size in inches.

    Args:
        axes: what was handed over as axes.
        filename: what was handed over as a file's name; looked at before anything is drawn.
        width: in inches.
        height: in inches.
        settings: of new axes; those with a position are laid out by whoever asks for them.

    Raises TypeError for what are no axes, or no name.
    """
    check(axes, filename)
    return axes_of(figure_of(width, height, "position" not in settings), **settings) if axes is None else axes


def check(axes: Any, filename: Filename) -> None:
    """Raise TypeError for what are neither Matplotlib's axes nor None, and for what is no file's name.

    >>> check("loss.png", None)
    Traceback (most recent call last):
        ...
    TypeError: axes: expected matplotlib axes or None, got 'loss.png'; write filename='loss.png'
    """
    from matplotlib.axes import Axes

    if axes is not None and not isinstance(axes, Axes):
        advice = ""
        if isinstance(axes, str | os.PathLike):
            advice = f"; write filename={os.fspath(axes)!r}"
        elif hasattr(axes, "add_subplot"):
            advice = "; write axes=figure.add_subplot()"
        raise TypeError(f"axes: expected matplotlib axes or None, got {axes!r}{advice}")
    if filename is not None:
        Checks.path(filename, "picture", "filename")


def written(axes: "Axes", filename: Filename) -> "Axes":
    """The axes, once their figure is in the file, where one is asked for; its suffix says in which format.

    Folders are made where they are missing; an earlier file is replaced as a whole.
    """
    if filename is not None:
        figure: Any = axes.get_figure(root=True)
        with replacing(filename) as file:
            apart(figure.savefig, file, format=os.path.splitext(filename)[1][1:] or None)
    return axes


def plain(axes: "Axes") -> "Axes":
    """The axes without their upper and right line."""
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _png(figure: "Figure") -> bytes:
    file = io.BytesIO()
    apart(figure.savefig, file, format="png")
    return file.getvalue()
