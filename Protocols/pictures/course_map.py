"""The map of the course: the tasks of the four parts, and which stands on which of another part."""

import textwrap

from matplotlib.figure import Figure

import NeuralNetworkTests as suite
from Protocols.pictures import style

_COLOURS = {
    0: (style.PALE_VIOLET, style.VIOLET),
    1: (style.PALE_BLUE, style.BLUE),
    2: (style.PALE_ORANGE, style.ORANGE),
    3: (style.PALE_GREEN, style.GREEN),
}

_STANDS_ON = (
    ("TestOptimizers", "TestOptimizers2"),
    ("TestFullyConnected", "TestInitializers"),
    ("TestNeuralNetwork", "TestNeuralNetwork2"),
    ("TestOptimizers2", "TestConstraints"),
    ("TestConv", "TestLeNet"),
    ("TestPooling", "TestLeNet"),
    ("TestNeuralNetwork2", "TestNeuralNetwork3"),
)

_COLUMN, _ROW, _WIDTH, _HEIGHT = 3.6, 0.92, 2.75, 0.74


def draw() -> Figure:
    """A column for each part, a box for each task."""
    rows = max(sum(entry.part == part for entry in suite.TASKS) for part in _COLOURS)
    top = (rows + 0.9) * _ROW
    diagram = style.Diagram(_COLUMN * len(_COLOURS) - _COLUMN + _WIDTH + 0.3, top + _ROW)
    boxes = {}
    for part, (fill, edge) in _COLOURS.items():
        x = 0.15 + _WIDTH / 2 + part * _COLUMN
        title = "\n".join(textwrap.wrap(suite.PART_TITLES[part], 24))
        diagram.text(x, top + 0.32, f"Part {part}\n{title}", edge, style.SMALL)
        tasks = [entry for entry in suite.TASKS if entry.part == part]
        for row, entry in enumerate(tasks, start=1):
            text = "\n".join(textwrap.wrap(f"{suite.number(entry)}  {entry.title}", 20))
            boxes[entry.test] = diagram.box(x, top - row * _ROW, text, _WIDTH, _HEIGHT, fill, edge, style.SMALL - 1)
    for below, above in _STANDS_ON:
        # Where the other task stands far below, a right angle keeps clear of the boxes between.
        corner = "vertical" if above == "TestNeuralNetwork3" else ""
        diagram.arrow(boxes[below], boxes[above], style.GREY, corner=corner, width=1.1)
    return diagram.figure
