"""A network as a whole: its layers, and how large their weights and gradients are."""

from typing import TYPE_CHECKING, Any

import numpy as np

from Foundation.Captions import lettering, readable
from Network.expectations import check_network
from Network.table import numbered, rows
from Training.pictures.canvas import (
    BLUE,
    GREY,
    INK,
    PALE_BLUE,
    PALE_GREY,
    VERMILION,
    Filename,
    given_or_new,
    plain,
    written,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def parameter_sizes(net: Any, axes: Any = None, filename: Filename = None) -> "Axes":
    """How large an element of each parameter is, and of its gradient in the last batch: root mean squares.

    Gradients that shrink from layer to layer towards the input vanish on their way back, those that grow explode.

    Args:
        net: a network; after a `backward`, it has gradients.
        axes: Matplotlib's, to draw on (None: those of a new figure).
        filename: the file to write to, besides (None).

    Returns the axes. Raises ValueError for a network without parameters.

    >>> from Models import MultilayerPerceptron
    >>> axes = parameter_sizes(MultilayerPerceptron.build((1, 4, 4), rng=0))
    >>> [line.get_label() for line in axes.lines]
    ['weights']
    """
    check_network(net, "parameter_sizes")
    gradients = {(id(layer), name): array for layer, name, array in net.gradients()}
    names, sizes = [], {"weights": [], "gradients": []}  # type: ignore[var-annotated]
    for number, layer in numbered(net.layers):
        for name, array in (layer.parameters() if hasattr(layer, "parameters") else {}).items():
            names.append(f"{number} {type(layer).__name__}, {name.replace('_', ' ')}")
            sizes["weights"].append(_size(array))
            sizes["gradients"].append(_size(gradients.get((id(layer), name))))
    if not names:
        raise ValueError("parameter_sizes: expected a network with parameters, got none")
    axes = plain(given_or_new(axes, filename, 7, 1.4 + 0.3 * len(names)))
    places = np.arange(len(names))
    for (what, values), color, marker in zip(sizes.items(), (BLUE, VERMILION), "os", strict=True):
        if not np.isnan(values).all():
            axes.plot(values, places, marker, color=color, label=what)
    axes.set_xscale("log")
    axes.set_yticks(places, names)
    axes.set(xlabel="root mean square of the elements", ylim=(len(names) - 0.5, -0.5))
    axes.grid(axis="y", color=PALE_GREY)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return written(axes, filename)


def diagram(net: Any, axes: Any = None, filename: Filename = None) -> "Axes":
    """The layers from input to output, one below the other, with what each gives and how many parameters it learns.

    Layers that learn are blue, frozen ones have a dashed edge.

    Args:
        net: a network; outputs are known once a batch has passed.
        axes: Matplotlib's, to draw on (None: those of a new figure).
        filename: the file to write to, besides (None).

    Returns the axes.

    >>> from Models import MultilayerPerceptron
    >>> axes = diagram(MultilayerPerceptron.build((1, 4, 4), rng=0))
    >>> [text.get_text() for text in axes.texts if text.get_text().startswith("Fl")]
    ['Flatten()']
    """
    from matplotlib.patches import FancyBboxPatch

    check_network(net, "diagram")
    table = rows(net.layers, net._output_shapes)
    axes = given_or_new(axes, filename, 7, 0.4 + 0.55 * len(table))
    axes.set_axis_off()
    axes.set(xlim=(0, 10), ylim=(len(table) + 0.1, -0.1))
    for place, row in enumerate(table):
        learns = row.parameters > 0
        box = FancyBboxPatch(
            (0.1, place + 0.18),
            7.2,
            0.64,
            boxstyle="round,pad=0,rounding_size=0.1",
            facecolor=PALE_BLUE if learns else PALE_GREY,
            edgecolor=BLUE if learns else GREY,
            linestyle="--" if row.frozen else "-",
        )
        axes.add_patch(box)
        words = readable(row.layer, 84)
        size = 8.5 if len(words) <= 66 else 6.8
        axes.text(3.7, place + 0.5, words, ha="center", va="center", fontsize=size, color=INK, **lettering(words))
        beside = row.output + (f"\n{row.parameters:,} parameters" if learns else "")
        axes.text(7.5, place + 0.5, beside, va="center", fontsize=8, color=GREY)
        if place:
            axes.annotate(
                "",
                (3.7, place + 0.18),
                (3.7, place - 0.18),
                arrowprops={"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0},
            )
    return written(axes, filename)


def _size(array: Any) -> float:
    return float("nan") if array is None else float(np.sqrt(np.mean(np.square(array, dtype=float))))
