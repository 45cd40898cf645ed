"""The look that all pictures of the course share: colours, sizes, curves and boxes with arrows.

Every picture is a `Figure` of its own, made without pyplot, so that drawing needs no window and changes no
setting of the program that asked for it. Colours carry a meaning: blue is what goes forward (data, activations),
red is what comes back (errors, gradients), orange is what is learned or added (weights, a second method),
green is what is right or better, grey is what stands around it.
"""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, FancyArrowPatch, FancyBboxPatch, Patch

INK, GREY, LIGHT_GREY = "#22303c", "#7a8793", "#e9edf1"
BLUE, RED, ORANGE, GREEN, VIOLET = "#2f6690", "#b5423c", "#cf7d2e", "#4f8a5b", "#75619e"
PALE_BLUE, PALE_RED, PALE_ORANGE, PALE_GREEN, PALE_VIOLET = "#dbe8f2", "#f4dedc", "#f9e8d6", "#dfeee1", "#e8e3f1"

#: Curves side by side take these colours in this order.
CYCLE = (BLUE, ORANGE, GREEN, VIOLET, RED, GREY)

#: From nothing to much, and from negative over zero to positive.
SEQUENTIAL, DIVERGING = "Blues", "RdBu_r"

SMALL, NORMAL, LARGE = 9.0, 10.0, 11.5
_WIDTH, _PIXELS_PER_INCH = 7.0, 120


def make_figure(height: float = 3.2, width: float = _WIDTH) -> Figure:
    """An empty figure, 840 pixels wide unless told otherwise; sizes in inches."""
    return Figure(figsize=(width, height), dpi=_PIXELS_PER_INCH, layout="constrained", facecolor="white")


def add_axes(figure: Figure, rows: int = 1, columns: int = 1, place: int = 1, title: str = "", **options: Any) -> Axes:
    """Axes for curves or histograms, with light lines around them; `place` counts from 1 as in `add_subplot`."""
    axes: Axes = figure.add_subplot(rows, columns, place, **options)
    axes.set_title(title, fontsize=LARGE, color=INK, loc="left")
    axes.set_prop_cycle(color=CYCLE)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(colors=INK, labelsize=SMALL, color=GREY)
    axes.xaxis.label.set(fontsize=NORMAL, color=INK)
    axes.yaxis.label.set(fontsize=NORMAL, color=INK)
    return axes


def add_legend(axes: Axes, **options: Any) -> None:
    """A legend without a frame, for the curves that have a label."""
    axes.legend(**{"frameon": False, "fontsize": SMALL, "labelcolor": INK, **options})


def add_image_axes(figure: Figure, rows: int = 1, columns: int = 1, place: int = 1, title: str = "") -> Axes:
    """Axes for a picture: no ticks, no lines, pixels with sharp edges by `imshow`."""
    axes: Axes = figure.add_subplot(rows, columns, place)
    axes.set_axis_off()
    axes.set_title(title, fontsize=NORMAL, color=INK)
    return axes


class Diagram:
    """Boxes, circles and arrows on a plane whose units are equal in both directions.

    Args:
        axes: where to draw, or None for a new figure that is as high as the plane demands.
        width, height: the size of the plane; (0, 0) is its lower left corner.

    What `box` and `circle` return is where an arrow may start and end; a pair of coordinates serves as well.
    """

    def __init__(self, width: float, height: float, axes: Axes | None = None) -> None:
        if axes is None:
            self.figure = make_figure(_WIDTH * height / width)
            axes = self.figure.add_subplot()
        self.axes = axes
        axes.set_axis_off()
        axes.set(xlim=(0, width), ylim=(0, height), aspect="equal")

    def box(
        self,
        x: float,
        y: float,
        text: str,
        width: float = 1.6,
        height: float = 0.8,
        fill: str = PALE_BLUE,
        edge: str = BLUE,
        size: float = NORMAL,
    ) -> FancyBboxPatch:
        """A rounded box with its centre at (x, y)."""
        patch = FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.12",
            facecolor=fill,
            edgecolor=edge,
            linewidth=1.2,
            zorder=2,
        )
        self._add(patch, x, y, text, size)
        return patch

    def circle(
        self,
        x: float,
        y: float,
        text: str,
        diameter: float = 0.7,
        fill: str = "white",
        edge: str = INK,
        size: float = NORMAL,
    ) -> Ellipse:
        """A circle with its centre at (x, y), for an operation or a single number."""
        patch = Ellipse((x, y), diameter, diameter, facecolor=fill, edgecolor=edge, linewidth=1.2, zorder=2)
        self._add(patch, x, y, text, size)
        return patch

    def arrow(
        self,
        start: Patch | Sequence[float],
        end: Patch | Sequence[float],
        color: str = BLUE,
        bend: float = 0.0,
        dashed: bool = False,
        gap: float = 2.0,
        corner: str = "",
        width: float = 1.4,
    ) -> None:
        """An arrow from one patch or point to another, which ends at their edges.

        `bend` is how far it bows to its right, as a share of its length; negative bows to the left. `corner` is
        "horizontal" or "vertical" for a right angle that begins in this direction, and excludes `bend`. `gap` is the
        room in points that is left at both ends.
        """
        points, patches = zip(*(self._anchor(node) for node in (start, end)), strict=True)
        connection = f"arc3,rad={bend}"
        if corner:
            angles = (0, 90) if corner == "horizontal" else (90, 0)
            connection = f"angle,angleA={angles[0]},angleB={angles[1]},rad=6"
        self.axes.add_patch(
            FancyArrowPatch(
                *points,
                patchA=patches[0],
                patchB=patches[1],
                shrinkA=gap,
                shrinkB=gap,
                arrowstyle="-|>",
                mutation_scale=11,
                connectionstyle=connection,
                color=color,
                linewidth=width,
                linestyle="--" if dashed else "-",
                zorder=1.5,
            )
        )

    def text(
        self, x: float, y: float, text: str, color: str = INK, size: float = NORMAL, align: str = "center"
    ) -> None:
        """Words or a formula at (x, y); `align` is "left", "center" or "right"."""
        self.axes.text(x, y, text, color=color, fontsize=size, ha=align, va="center", zorder=3)

    def _add(self, patch: Patch, x: float, y: float, text: str, size: float) -> None:
        self.axes.add_patch(patch)
        self.text(x, y, text, size=size)

    @staticmethod
    def _anchor(node: Patch | Sequence[float]) -> tuple[tuple[float, float], Patch | None]:
        if isinstance(node, Ellipse):
            return tuple(node.center), node
        if isinstance(node, FancyBboxPatch):
            return (node.get_x() + node.get_width() / 2, node.get_y() + node.get_height() / 2), node
        return (float(node[0]), float(node[1])), None  # type: ignore[index]
