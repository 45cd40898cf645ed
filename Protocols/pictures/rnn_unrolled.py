"""A recurrent layer unrolled in time: states forward in blue, errors back in red, the same weights everywhere."""

from matplotlib.figure import Figure

from Protocols.pictures.style import (
    BLUE,
    GREEN,
    GREY,
    LIGHT_GREY,
    ORANGE,
    PALE_GREEN,
    PALE_ORANGE,
    RED,
    SMALL,
    Diagram,
)


def draw() -> Figure:
    """Draw the layer with its loop on the left, and three of its time steps on the right."""
    diagram = Diagram(15, 6.2)
    _loop(diagram)
    before = diagram.box(4.75, 3.2, "$h_0$: zeros\nor memorized", 2.1, fill=LIGHT_GREY, edge=GREY, size=SMALL)
    for step in (1, 2, 3):
        place = 5.0 + 2.75 * step
        entry = diagram.box(place, 1.2, f"$x_{step}$", 1.1, 0.7, fill=PALE_GREEN, edge=GREEN)
        hidden = diagram.box(place, 3.2, f"$h_{step}$", 1.2)
        output = diagram.box(place, 5.2, f"$y_{step}$", 1.1, 0.7, fill=PALE_GREEN, edge=GREEN)
        for start, end in ((entry, hidden), (before, hidden), (hidden, output)):
            bend = 0.14
            diagram.arrow(start, end, BLUE, bend=bend)
            if step > 1 or start is not before:
                diagram.arrow(end, start, RED, bend=bend, dashed=True)
        diagram.text(place - 1.2, 2.6, "$W_{hh}$", ORANGE)
        diagram.text(place + 0.62, 2.15, "$W_{xh}$", ORANGE)
        diagram.text(place + 0.62, 4.2, "$W_y$", ORANGE)
        diagram.text(place - 0.55, 5.85, f"$e_{step}$", RED)
        diagram.arrow((place - 0.25, 6.15), (place - 0.25, 5.5), RED, dashed=True)
        before = hidden
    diagram.text(10.2, 0.35, "time: the first axis of the arrays", GREY, SMALL)
    diagram.arrow((12.9, 0.36), (14.6, 0.36), GREY)
    return diagram.figure


def _loop(diagram: Diagram) -> None:
    entry = diagram.box(1.6, 1.2, "$x_t$", 1.1, 0.7, fill=PALE_GREEN, edge=GREEN)
    hidden = diagram.box(1.6, 3.2, "$h_t$", 1.2, fill=PALE_ORANGE, edge=ORANGE)
    output = diagram.box(1.6, 5.2, "$y_t$", 1.1, 0.7, fill=PALE_GREEN, edge=GREEN)
    diagram.arrow(entry, hidden)
    diagram.arrow(hidden, output)
    diagram.arrow((1.0, 3.45), (1.0, 2.95), BLUE, bend=2.2)
    diagram.text(0.12, 2.4, "$h_{t-1}$", BLUE, align="left")
    diagram.text(3.15, 4.2, "unrolled", GREY, SMALL)
    diagram.arrow((2.7, 3.8), (3.6, 3.8), GREY)
