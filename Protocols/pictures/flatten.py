"""Two channels of two by three pixels, written as one row: channel after channel, row after row."""

from matplotlib.figure import Figure

from Protocols.pictures.style import BLUE, GREY, ORANGE, PALE_BLUE, PALE_ORANGE, RED, Diagram

_CELL = 0.72
_LOOKS = ((PALE_BLUE, BLUE), (PALE_ORANGE, ORANGE))


def draw() -> Figure:
    """The image on the left, its row on the right."""
    diagram = Diagram(16, 2.9)
    for channel, look in enumerate(_LOOKS):
        left = 0.5 + 2.6 * channel
        for number in range(6):
            row, column = divmod(number, 3)
            x, y = left + _CELL * (column + 0.5), 2.2 - _CELL * (row + 0.5)
            diagram.box(x, y, str(6 * channel + number), _CELL * 0.94, _CELL * 0.94, *look)
        diagram.text(left + 1.5 * _CELL, 2.5, f"channel {channel}", look[1])
    diagram.arrow((5.6, 1.75), (6.9, 1.75), BLUE)
    diagram.arrow((6.9, 1.2), (5.6, 1.2), RED)
    for number in range(12):
        diagram.box(7.6 + _CELL * number, 1.48, str(number), _CELL * 0.94, _CELL * 0.94, *_LOOKS[number // 6])
    diagram.text(2.75, 0.35, "(batch, 2, 2, 3)", GREY)
    diagram.text(11.56, 0.35, "(batch, 12)", GREY)
    return diagram.figure
