"""The table that `print(net)` shows."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from Foundation.Checks import shape_text


def table(layers: Sequence[Any], output_shapes: Sequence[tuple[int, ...]], dtype: str) -> str:
    """A row for each layer: arguments, the output's shape where one is known, and the number of parameters."""
    shapes = [shape_text(("batch", *shape[1:])) for shape in output_shapes]
    shapes += ["?"] * (len(layers) - len(shapes))
    counts = [_parameter_count(layer) for layer in layers]
    rows = [("", "layer", "output", "parameters")]
    for position, (layer, shape, count) in enumerate(zip(layers, shapes, counts, strict=False), start=1):
        frozen = " frozen" * (count > 0 and not layer.trainable)
        rows.append((str(position), repr(layer), shape, f"{count:,}{frozen}"))
    rows.append(("", dtype, "total", f"{sum(counts):,}"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        f"{number:>{widths[0]}}  {layer:<{widths[1]}}  {shape:<{widths[2]}}  {count:>{widths[3]}}"
        for number, layer, shape, count in rows
    ]
    rule = "-" * len(lines[0])
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def _parameter_count(layer: Any) -> int:
    if hasattr(layer, "parameters"):
        return sum(np.size(parameter) for parameter in layer.parameters().values())
    held = (getattr(layer, name, None) for name in ("weights", "bias"))
    return sum(np.size(parameter) for parameter in held if parameter is not None)
