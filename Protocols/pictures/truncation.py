"""A long sequence in pieces with `memorize`: the state crosses the cut, the error does not."""

from matplotlib.figure import Figure

from Protocols.pictures.style import BLUE, GREY, LIGHT_GREY, RED, SMALL, Diagram


def draw() -> Figure:
    """Draw two pieces of three time steps, with the hidden states forward and the errors back."""
    diagram = Diagram(15, 3.6)
    states = [diagram.box(0.9, 1.9, "zeros", 1.1, fill=LIGHT_GREY, edge=GREY, size=SMALL)]
    for step in range(1, 7):
        place = 0.9 + 1.9 * step + (1.4 if step > 3 else 0)
        states.append(diagram.box(place, 1.9, f"$h_{step}$", 1.0))
    for step in range(1, 7):
        before, after = states[step - 1], states[step]
        diagram.arrow(before, after, BLUE, bend=0.2)
        if step not in (1, 4):
            diagram.arrow(after, before, RED, bend=0.2, dashed=True)
    cut = 8.25
    diagram.axes.plot([cut, cut], [0.5, 3.3], color=GREY, linestyle=":", linewidth=1.4)
    diagram.arrow(states[4], (cut + 0.1, 2.15), RED, bend=0.1, dashed=True)
    diagram.text(cut, 2.2, "×", RED, 14)
    diagram.text(4.7, 3.0, "first forward, first backward, step", size=SMALL)
    diagram.text(11.9, 3.0, "second forward, second backward, step", size=SMALL)
    diagram.text(cut, 0.25, "the last state becomes the first one: a constant on the way back", GREY, SMALL)
    return diagram.figure
