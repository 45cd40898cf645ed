"""A layer as a node of the computation: what goes in and out on the way forward and on the way back."""

from matplotlib.figure import Figure

from Protocols.pictures.style import BLUE, GREY, LARGE, ORANGE, PALE_BLUE, PALE_ORANGE, RED, SMALL, Diagram


def draw() -> Figure:
    """A layer between its neighbours, its weights above, and the optimizer that moves them."""
    diagram = Diagram(14, 6)
    before = diagram.box(1.4, 2.2, "layer\nbefore", 1.9, 1.6, "white", GREY)
    layer = diagram.box(7, 2.2, "layer\n$Y = f(X, W)$", 3.0, 1.9, PALE_BLUE, BLUE, LARGE)
    behind = diagram.box(12.6, 2.2, "layer\nbehind", 1.9, 1.6, "white", GREY)
    weights = diagram.box(7, 5.2, "weights $W$", 2.2, 0.8, PALE_ORANGE, ORANGE)
    optimizer = diagram.box(11.2, 5.2, "optimizer", 2.2, 0.8, PALE_ORANGE, ORANGE)
    for left, right, forward, back in (
        (before, layer, "input $X$", r"$\partial L / \partial X$" + "\nwhat backward returns"),
        (layer, behind, "output $Y$", r"$E = \partial L / \partial Y$" + "\nerror tensor"),
    ):
        start = left.get_x() + left.get_width()
        end = right.get_x()
        diagram.arrow((start, 2.65), (end, 2.65), BLUE)
        diagram.arrow((end, 1.75), (start, 1.75), RED)
        diagram.text((start + end) / 2, 3.0, forward, BLUE)
        diagram.text((start + end) / 2, 1.1, back, RED)
    diagram.arrow((6.6, 4.8), (6.6, 3.15), BLUE)
    diagram.arrow((7.4, 3.15), (10.6, 4.8), RED)
    diagram.text(9.75, 3.75, r"$\partial L / \partial W$", RED, align="left")
    diagram.arrow(optimizer, weights, ORANGE)
    diagram.text(9.1, 5.55, "step", ORANGE, SMALL + 1)
    diagram.text(0.4, 5.4, "blue: forward", BLUE, align="left")
    diagram.text(0.4, 4.85, "red: backward", RED, align="left")
    diagram.text(0.4, 4.3, "orange: learning", ORANGE, align="left")
    return diagram.figure
