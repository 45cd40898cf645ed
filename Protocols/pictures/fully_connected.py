"""The shapes of the fully connected layer, forward and backward, as rectangles that fit together."""

from matplotlib.figure import Figure

from Protocols.pictures.style import (
    BLUE,
    GREY,
    INK,
    LARGE,
    ORANGE,
    PALE_BLUE,
    PALE_ORANGE,
    PALE_RED,
    RED,
    SMALL,
    Diagram,
)

_BATCH, _INPUTS, _OUTPUTS, _ONE = 2.0, 1.5, 1.1, 0.3


def draw() -> Figure:
    """Forward on the left; the gradient of the weights and the error of the input on the right."""
    diagram = Diagram(14.6, 6.4)
    data, weights, error = (PALE_BLUE, BLUE), (PALE_ORANGE, ORANGE), (PALE_RED, RED)

    diagram.text(0.4, 6.05, "forward", BLUE, LARGE, "left")
    _block(diagram, 1.6, 4.2, "$X$", _INPUTS, _BATCH, data, "$n$", "$b$")
    _block(diagram, 2.55, 4.2, "1", _ONE, _BATCH, ("white", BLUE))
    _block(diagram, 3.85, 4.2, "$W$", _OUTPUTS, _INPUTS, weights, "$m$", "$n$")
    _block(diagram, 3.85, 3.25, r"$\beta$", _OUTPUTS, _ONE, ("white", ORANGE))
    diagram.text(4.85, 4.2, "=", size=15)
    _block(diagram, 6.05, 4.2, "$Y$", _OUTPUTS, _BATCH, data, "$m$", "$b$")

    diagram.text(8.0, 6.05, "backward: the gradient of the weights", RED, LARGE, "left")
    _block(diagram, 9.2, 4.35, r"$X^\top$", _BATCH, _INPUTS, data, "$b$", "$n$")
    _block(diagram, 9.2, 3.4, "1", _BATCH, _ONE, ("white", BLUE))
    _block(diagram, 11.25, 4.2, "$E$", _OUTPUTS, _BATCH, error, "$m$", "$b$")
    diagram.text(12.2, 4.2, "=", size=15)
    _block(diagram, 13.4, 4.35, r"$\partial L/\partial W$", _OUTPUTS, _INPUTS, weights, "$m$", "$n$", SMALL)
    _block(diagram, 13.4, 3.4, r"$\partial L/\partial \beta$", _OUTPUTS, _ONE, ("white", ORANGE), size=SMALL - 1)

    diagram.text(0.4, 2.35, "backward: the error of the input", RED, LARGE, "left")
    _block(diagram, 7.6, 1.2, "$E$", _OUTPUTS, _BATCH, error, "$m$", "$b$")
    _block(diagram, 9.3, 1.2, r"$W^\top$", _INPUTS, _OUTPUTS, weights, "$n$", "$m$")
    diagram.text(10.5, 1.2, "=", size=15)
    _block(diagram, 12.0, 1.2, r"$\partial L/\partial X$", _INPUTS, _BATCH, error, "$n$", "$b$")
    diagram.text(0.4, 1.5, "The gradient has the shape of the thing;", INK, align="left")
    diagram.text(0.4, 1.0, "inner lengths meet and disappear.", INK, align="left")
    return diagram.figure


def _block(
    diagram: Diagram,
    x: float,
    y: float,
    name: str,
    width: float,
    height: float,
    colors: tuple[str, str],
    across: str = "",
    down: str = "",
    size: float = LARGE,
) -> None:
    diagram.box(x, y, name, width, height, *colors, size=size)
    diagram.text(x, y + height / 2 + 0.22, across, GREY, SMALL)
    diagram.text(x - width / 2 - 0.2, y, down, GREY, SMALL)
