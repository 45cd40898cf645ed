"""A circle on a small grid: which pixels lie within the radius, and by what squared distance."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle as Outline

from Generator.pattern import Circle
from Protocols.pictures.style import BLUE, GREY, INK, NORMAL, ORANGE, PALE_BLUE, SMALL, make_figure

_RESOLUTION, _RADIUS, _CENTRE = 9, 3, (5, 4)


def draw() -> Figure:
    """The row and the column of squares, and the plane of their sums."""
    figure = make_figure(3.9)
    axes = figure.add_subplot()
    inside = Circle(_RESOLUTION, _RADIUS, _CENTRE).draw()
    across = (np.arange(_RESOLUTION) - _CENTRE[0]) ** 2
    down = (np.arange(_RESOLUTION) - _CENTRE[1]) ** 2
    for (y, x), within in np.ndenumerate(inside):
        axes.fill(
            *_square(x, y), facecolor=PALE_BLUE if within else "white", edgecolor=GREY, linewidth=0.8 if within else 0.4
        )
        axes.text(
            x, y, str(across[x] + down[y]), ha="center", va="center", fontsize=SMALL, color=INK if within else GREY
        )
    for place in range(_RESOLUTION):
        axes.text(place, -1.35, str(across[place]), ha="center", va="center", fontsize=SMALL, color=ORANGE)
        axes.text(-1.35, place, str(down[place]), ha="center", va="center", fontsize=SMALL, color=ORANGE)
    axes.add_patch(Outline(_CENTRE, _RADIUS, fill=False, edgecolor=BLUE, linewidth=1.8))
    axes.text(9.6, -1.35, "$(x - p)^2$, shape (9,)", va="center", fontsize=NORMAL, color=ORANGE)
    axes.text(-2.1, 4, "$(y - q)^2$\nshape (9, 1)", ha="right", va="center", fontsize=NORMAL, color=ORANGE)
    axes.text(9.6, 4, "their sum, shape (9, 9)\n\nblue: at most $r^2 = 9$", va="center", fontsize=NORMAL, color=INK)
    axes.set(xlim=(-6.2, 15.2), ylim=(8.7, -2), aspect="equal")
    axes.set_axis_off()
    return figure


def _square(x: int, y: int) -> tuple[list[float], list[float]]:
    return [x - 0.5, x + 0.5, x + 0.5, x - 0.5], [y - 0.5, y - 0.5, y + 0.5, y + 0.5]
