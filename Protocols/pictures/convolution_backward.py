"""Backward of a convolution in one dimension: each output's error spreads over its window, and windows add up."""

import numpy as np
from matplotlib.figure import Figure

from Layers.Conv import Conv
from Protocols.pictures.style import (
    BLUE,
    GREY,
    LIGHT_GREY,
    ORANGE,
    PALE_BLUE,
    PALE_ORANGE,
    PALE_RED,
    RED,
    SMALL,
    Diagram,
)

_KERNEL, _ERROR = np.array([1.0, 2.0, -1.0]), np.array([1.0, 2.0])


def draw() -> Figure:
    """Forward with stride 2 on the left, the way back on the right, with the numbers of the page."""
    layer = Conv([2], (1, 3), 1)
    layer.weights, layer.bias = _KERNEL[np.newaxis, np.newaxis], np.array([0.5])
    signal = np.arange(1.0, 5.0)
    output = layer.forward(signal[np.newaxis, np.newaxis])[0, 0]
    input_error = layer.backward(_ERROR[np.newaxis, np.newaxis])[0, 0]

    diagram = Diagram(16, 6.2)
    diagram.text(3.9, 5.6, "forward, stride 2", BLUE)
    diagram.text(12.1, 5.6, "backward, by the same weights", RED)
    padded = np.concatenate([[0], signal, [0]])
    # What falls into the padding is lost, so that the layer doesn't return it.
    spread = np.sum([np.pad(_KERNEL * error, (2 * place, 3 - 2 * place)) for place, error in enumerate(_ERROR)], axis=0)
    kept = np.concatenate([spread[:1], input_error, spread[-1:]])
    for left, top, bottom, back in ((0.4, padded, output, False), (8.6, kept, _ERROR, True)):
        fill, edge = (PALE_RED, RED) if back else (PALE_BLUE, BLUE)
        cells = []
        for place, number in enumerate(top):
            padding = place in (0, 5)
            look = (LIGHT_GREY, GREY) if padding else (fill, edge)
            cells.append(diagram.box(left + 0.6 + 1.2 * place, 4.5, _text(number), 0.95, 0.8, *look))
        results = [
            diagram.box(left + 1.8 + 2.4 * place, 1.3, _text(number), 0.95, 0.8, fill, edge)
            for place, number in enumerate(bottom)
        ]
        for place, result in enumerate(results):
            for offset, weight in enumerate(_KERNEL):
                cell = cells[2 * place + offset]
                start, end = (result, cell) if back else (cell, result)
                diagram.arrow(start, end, edge)
                x = left + 0.6 + 1.2 * (2 * place + offset)
                middle = 0.56 * x + 0.44 * (left + 1.8 + 2.4 * place)
                diagram.circle(middle, 4.5 * 0.56 + 1.3 * 0.44, _text(weight), 0.52, PALE_ORANGE, ORANGE, SMALL)
    diagram.text(3.9, 0.4, "sum of number times weight,\nplus the bias 0.5", BLUE, SMALL + 0.5)
    diagram.text(12.1, 0.4, "where ways meet, they add;\nwhat is in the padding is lost", RED, SMALL + 0.5)
    return diagram.figure


def _text(number: float) -> str:
    return f"{number:g}".replace("-", "−")
