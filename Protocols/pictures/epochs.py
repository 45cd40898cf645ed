"""How two epochs of 100 images are cut into batches of 40: the last batch is completed from the epoch's beginning."""

from matplotlib.figure import Figure

from Protocols.pictures.style import BLUE, GREY, INK, ORANGE, PALE_BLUE, PALE_ORANGE, SMALL, Diagram

_PER_UNIT = 20


def draw() -> Figure:
    """The positions that each batch takes; what completes a batch stands out."""
    diagram = Diagram(15.4, 4.3)
    start = 0.3
    for number in range(6):
        epoch, place = divmod(number, 3)
        x = start + number * 2.5
        first = 40 * place
        own = min(40, 100 - first)
        _piece(diagram, x, own, f"{first} –\n{first + own - 1}", PALE_BLUE, BLUE)
        if own < 40:
            _piece(diagram, x + own / _PER_UNIT, 40 - own, f"0 –\n{39 - own}", PALE_ORANGE, ORANGE)
        diagram.text(x + 1, 3.0, f"batch {number}", size=SMALL + 1)
        diagram.text(x + 1, 1.3, f"current_epoch()\n= {epoch}", color=INK if place == 0 and epoch else GREY, size=SMALL)
    for epoch, name in enumerate(("epoch 0: one order of all images", "epoch 1: a new order if shuffled")):
        left = start + epoch * 7.5
        diagram.axes.plot([left, left + 7], [3.45, 3.45], color=INK, linewidth=1)
        diagram.text(left + 3.5, 3.85, name)
    diagram.text(
        start, 0.35, "orange: the first images of the same epoch once more, so that all batches are equally large",
        color=ORANGE, size=SMALL + 0.5, align="left",
    )  # fmt: skip
    return diagram.figure


def _piece(diagram: Diagram, left: float, images: int, text: str, fill: str, edge: str) -> None:
    width = images / _PER_UNIT
    diagram.box(left + width / 2, 2.2, text, width - 0.04, 0.9, fill, edge, size=SMALL)
