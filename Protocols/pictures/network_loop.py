"""One iteration of training: the batch goes forward to the loss, the error goes back, and weights take their step."""

from matplotlib.figure import Figure

from Protocols.pictures.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    PALE_RED,
    RED,
    SMALL,
    Diagram,
)


def draw() -> Figure:
    """The chain of boxes from the data to the loss and back."""
    diagram = Diagram(15.4, 5.6)
    data = diagram.box(1.3, 3, "data layer\nnext()", 2.0, 1.1, PALE_GREEN, GREEN)
    names = ("fully\nconnected", "ReLU", "fully\nconnected", "SoftMax")
    layers = [
        diagram.box(
            4.2 + 2.35 * place,
            3,
            name,
            1.85,
            1.1,
            PALE_ORANGE if "\n" in name else PALE_BLUE,
            ORANGE if "\n" in name else BLUE,
        )
        for place, name in enumerate(names)
    ]
    loss = diagram.box(14.1, 3, "loss\nlayer", 1.7, 1.1, PALE_RED, RED)
    chain = [data, *layers, loss]
    for place in range(len(chain) - 1):
        start, end = _edges(chain[place], chain[place + 1])
        diagram.arrow((start, 3.25), (end, 3.25), BLUE, gap=1)
        if place:
            diagram.arrow((end, 2.75), (start, 2.75), RED, gap=1)
    diagram.axes.plot([1.3, 1.3, 14.1, 14.1], [3.6, 4.6, 4.6, 4.2], color=GREEN, linewidth=1.4)
    diagram.arrow((14.1, 4.25), (14.1, 3.55), GREEN, gap=1)
    diagram.text(7.7, 4.9, "label_tensor", GREEN)
    diagram.text(2.75, 3.62, "batch", BLUE, SMALL)
    diagram.text(12.65, 3.9, "prediction", BLUE, SMALL)
    for place in (0, 2):
        x = 4.2 + 2.35 * place
        diagram.box(x, 1.2, "optimizer\n(its own copy)", 2.1, 0.85, "white", ORANGE, SMALL)
        diagram.arrow((x + 0.3, 2.45), (x + 0.3, 1.62), RED, gap=1)
        diagram.arrow((x - 0.3, 1.62), (x - 0.3, 2.45), ORANGE, gap=1)
    diagram.text(4.7, 2.0, "gradient", RED, SMALL, "left")
    diagram.text(3.7, 2.0, "step", ORANGE, SMALL, "right")
    diagram.text(14.1, 1.9, "appended\nto net.loss", GREY, SMALL)
    diagram.text(0.3, 0.3, "blue: forward   red: backward   orange: where there are weights", INK, SMALL, "left")
    return diagram.figure


def _edges(left: object, right: object) -> tuple[float, float]:
    return left.get_x() + left.get_width(), right.get_x()  # type: ignore[attr-defined]
