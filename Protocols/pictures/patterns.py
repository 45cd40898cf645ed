"""The three patterns of Part 0 with their axes: chess board, circle, spectrum."""

from typing import Any

from matplotlib.figure import Figure

from Generator.pattern import Checker, Circle, Spectrum
from Protocols.pictures.style import GREY, INK, NORMAL, SMALL, make_figure


def draw() -> Figure:
    """Each pattern beside the others, x to the right and y downwards."""
    figure = make_figure(2.75)
    patterns: tuple[tuple[Any, str], ...] = (
        (Checker(200, 25), "Checker(200, 25)"),
        (Circle(200, 45, (70, 120)), "Circle(200, 45, (70, 120))"),
        (Spectrum(200), "Spectrum(200)"),
    )
    for place, (pattern, title) in enumerate(patterns, start=1):
        axes = figure.add_subplot(1, 3, place)
        axes.imshow(pattern.draw(), cmap="gray", interpolation="nearest")
        axes.set_title(title, fontsize=NORMAL, color=INK)
        axes.set_xlabel("x →", fontsize=SMALL, color=INK)
        axes.set_ylabel("← y", fontsize=SMALL, color=INK)
        axes.set_xticks([0, 100, 199])
        axes.set_yticks([0, 100, 199])
        axes.tick_params(labelsize=SMALL, color=GREY, labelcolor=INK)
        for spine in axes.spines.values():
            spine.set_color(GREY)
    return figure
