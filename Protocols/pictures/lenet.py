"""LeNet's layers: how the shape of an image changes on its way, where the weights are and where the work is."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from Protocols.pictures.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_ORANGE,
    SMALL,
    Diagram,
)

#: Left edge, maps, side in pixels, text above, operation to the next stage.
_STAGES = (
    (0.3, 1, 28, "1 image\n28 × 28", "conv 5×5"),
    (3.5, 6, 28, "6 maps\n28 × 28", "pool"),
    (7.0, 6, 14, "6 maps\n14 × 14", "conv 5×5"),
    (9.4, 16, 14, "16 maps\n14 × 14", "pool"),
    (13.0, 16, 7, "16 maps\n7 × 7", "flatten"),
)


def draw() -> Figure:
    """Draw feature maps as stacks, vectors as bars, and the share of weights and of multiplications below."""
    diagram = Diagram(20, 6.4)
    for left, maps, side, text, operation in _STAGES:
        size, shift = side / 14, 0.9 / 16
        for place in range(maps):
            corner = left + shift * place, 3.4 - size / 2 + shift * place
            colours = {"facecolor": PALE_BLUE, "edgecolor": BLUE}
            diagram.axes.add_patch(Rectangle(corner, size, size, linewidth=0.8, zorder=2 - 0.01 * place, **colours))
        end = left + size + shift * (maps - 1)
        diagram.text(left + size / 2 + 0.2, 5.3, text, size=SMALL)
        diagram.arrow((end + 0.05, 3.4), (end + 0.95, 3.4), INK)
        diagram.text(end + 0.45, 2.1, operation, ORANGE if "conv" in operation else GREY, SMALL)
    for place, (count, height) in enumerate(((784, 4.0), (120, 2.6), (84, 2.1), (10, 1.0))):
        left = 15.6 + 1.25 * place
        options = {"facecolor": PALE_ORANGE, "edgecolor": ORANGE, "linewidth": 0.8, "zorder": 2}
        diagram.axes.add_patch(Rectangle((left, 3.4 - height / 2), 0.3, height, **options))
        diagram.text(left + 0.15, 3.4 + height / 2 + 0.3, str(count), size=SMALL)
        if place:
            diagram.arrow((left - 0.9, 3.4), (left - 0.05, 3.4), INK, gap=1)
    _shares(diagram, 0.95, "weights", (156, 2416, 94200, 10164, 850))
    _shares(diagram, 0.3, "multiplications", (117600, 470400, 94080, 10080, 840))
    return diagram.figure


def _shares(diagram: Diagram, height: float, name: str, counts: tuple[int, ...]) -> None:
    """A bar of what the convolutions and the fully connected layers have of a total."""
    diagram.text(3.1, height, name, GREY, SMALL, align="right")
    convolutions, total = sum(counts[:2]), sum(counts)
    width = 15 * convolutions / total
    for left, extent, face, edge in ((3.4, width, PALE_BLUE, BLUE), (3.4 + width, 15 - width, PALE_ORANGE, ORANGE)):
        diagram.axes.add_patch(Rectangle((left, height - 0.22), extent, 0.44, facecolor=face, edgecolor=edge))
    text = f"convolutions {convolutions / total:.0%}"
    if width > 4:
        diagram.text(3.4 + width / 2, height, text, BLUE, SMALL)
        diagram.text(3.4 + width + (15 - width) / 2, height, f"{1 - convolutions / total:.0%}", ORANGE, SMALL)
    else:
        diagram.text(3.4 + width + 0.2, height, text, BLUE, SMALL, align="left")
        diagram.text(12, height, f"fully connected {1 - convolutions / total:.0%}", ORANGE, SMALL)
