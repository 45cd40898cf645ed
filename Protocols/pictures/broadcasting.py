"""A column and a row meet in a plane: what NumPy's broadcasting does with shapes (4, 1) and (4,)."""

import numpy as np
from matplotlib.figure import Figure

from Protocols.pictures.style import BLUE, GREY, INK, LARGE, ORANGE, PALE_BLUE, PALE_GREEN, PALE_ORANGE, Diagram

_CELL = 0.62


def draw() -> Figure:
    """The column, the row, both repeated, and their sum."""
    diagram = Diagram(14.6, 4.2)
    column, row, plane = 10 * np.arange(4)[:, np.newaxis], np.arange(4)[np.newaxis], np.zeros((4, 4), int)
    repeated = np.arange(4) > 0
    _table(diagram, 0.6, 3.6, column, PALE_ORANGE, ORANGE)
    diagram.text(1.56, 3.29, "+", size=15)
    _table(diagram, 1.9, 3.6, row, PALE_BLUE, BLUE)
    _words(diagram, 0.91, "10 * column\n(4, 1)")
    diagram.text(3.14, 2.5, "row\n(4,)")
    diagram.text(4.75, 2.0, "→", size=18, color=GREY)
    _table(diagram, 5.1, 3.6, column + plane, PALE_ORANGE, ORANGE, faded=repeated)
    diagram.text(7.9, 2.36, "+", size=15)
    _table(diagram, 8.2, 3.6, row + plane, PALE_BLUE, BLUE, faded=repeated[:, np.newaxis])
    _words(diagram, 7.9, "both repeated to (4, 4), without a copy")
    diagram.text(11.0, 2.36, "=", size=15)
    _table(diagram, 11.5, 3.6, column + row, PALE_GREEN, INK)
    _words(diagram, 12.74, "(4, 4)")
    return diagram.figure


def _table(
    diagram: Diagram,
    left: float,
    top: float,
    numbers: np.ndarray,
    fill: str,
    edge: str,
    faded: np.ndarray | bool = False,
) -> None:
    faded = np.broadcast_to(faded, numbers.shape)
    for (i, j), number in np.ndenumerate(numbers):
        x, y = left + _CELL * (j + 0.5), top - _CELL * (i + 0.5)
        pale = bool(faded[i, j])
        diagram.box(x, y, "", _CELL * 0.94, _CELL * 0.94, "white" if pale else fill, GREY if pale else edge)
        diagram.text(x, y, str(number), GREY if pale else INK)


def _words(diagram: Diagram, x: float, text: str) -> None:
    diagram.text(x, 0.55, text, size=LARGE - 1)
