"""The table that `print(net)` shows, and a notebook."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from Foundation.Checks import shape_text
from Layers.Base import TrainableLayer
from Layers.Composite import CompositeLayer

_HEADINGS = ("", "layer", "output", "parameters", "multiplications")
_RIGHT, _LEFT = ' style="text-align: right"', ' style="text-align: left"'


class Row(NamedTuple):
    """What is said about a layer; None for what isn't known. One that holds others has no parameters but theirs."""

    number: str
    layer: str
    output_shape: tuple[int, ...] | None
    parameters: int
    frozen: bool
    multiplications: int | None
    holds: bool = False

    @property
    def output(self) -> str:
        """The shape in words: "(batch, 10)"."""
        return "?" if self.output_shape is None else shape_text(("batch", *self.output_shape[1:]))


def rows(
    layers: Sequence[Any], output_shapes: Sequence[tuple[int, ...]], within: str = "", names: Sequence[str] = ()
) -> list[Row]:
    """A row for each layer: arguments, the output's shape where one is known, what it holds and what it costs.

    Below one that holds others, a row for each of them, with a number such as 2.1, and a name where it has one.
    """
    found = []
    for position, layer in enumerate(layers):
        number = f"{within}{position + 1}"
        name = f"{names[position]}: " if names and not names[position].startswith("layer ") else ""
        shape = output_shapes[position] if position < len(output_shapes) else None
        if isinstance(layer, CompositeLayer):
            found.append(Row(number, name + layer.title(), shape, 0, False, 0, True))
            found += rows(layer.inner_layers, layer.inner_shapes, f"{number}.", list(layer.parts()))
        else:
            count = _parameter_count(layer)
            frozen = count > 0 and not layer.trainable
            found.append(Row(number, name + repr(layer), shape, count, frozen, multiplications(layer, shape)))
    return found


def numbered(layers: Sequence[Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """All layers with their numbers in the table."""
    for position, layer in enumerate(layers, start=1):
        yield f"{within}{position}", layer
        if isinstance(layer, CompositeLayer):
            yield from numbered(layer.inner_layers, f"{within}{position}.")


def table(layers: Sequence[Any], output_shapes: Sequence[tuple[int, ...]], dtype: str) -> str:
    """The rows as text, below their headings and above their sums."""
    lines = [_HEADINGS, *_lines(rows(layers, output_shapes), dtype)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = [
        f"{number:>{widths[0]}}  {layer:<{widths[1]}}  {shape:<{widths[2]}}  {count:>{widths[3]}}  {cost:>{widths[4]}}"
        for number, layer, shape, count, cost in lines
    ]
    rule = "-" * len(texts[0])
    return "\n".join([texts[0], rule, *texts[1:-1], rule, texts[-1]])


def html_table(layers: Sequence[Any], output_shapes: Sequence[tuple[int, ...]], dtype: str) -> str:
    """The same for a notebook; what layers call themselves is shown, whatever characters it has."""
    lines = _lines(rows(layers, output_shapes), dtype)
    body = "\n".join(_html_line("td", line) for line in lines[:-1])
    head, foot = _html_line("th", _HEADINGS), _html_line("th", lines[-1])
    return f"<table>\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n<tfoot>{foot}</tfoot>\n</table>"


def multiplications(layer: Any, output_shape: Sequence[int] | None) -> int | None:
    """How often a layer multiplies by one of its parameters for one sample; None where that isn't known.

    Each parameter that is no bias is used once at each place of the output: each pixel of an image, each time step; or
    as often as the layer says by `count_places`. One that looks numbers up in a table, which takes whole numbers,
    multiplies by none.

    >>> from Layers import Conv, FullyConnected
    >>> multiplications(FullyConnected.FullyConnected(4, 3), (10, 3))
    12
    >>> multiplications(Conv.Conv(1, (3, 5, 5), 6), (10, 6, 28, 28))
    352800
    """
    if not _parameter_count(layer) or getattr(layer, "takes_integers", False):
        return 0
    declared = getattr(layer, "declared", ())
    shapes = {parameter.name: parameter.shape(layer) for parameter in declared}
    if output_shape is None or not isinstance(layer, TrainableLayer) or not all(shapes.values()):
        return None
    used = [(shapes[parameter.name], parameter.bias_rows) for parameter in declared if parameter.bias_rows is not None]
    if not used:
        return None
    # A matrix with biases has a column for each number that it gives at a place, a kernel or a factor gives one itself.
    last, bias_rows = used[-1]
    columns = last[-1] if bias_rows else last[0]
    if getattr(layer, "output_size", columns) is None:  # a cell that shows its state, of which it has one for all gates
        columns //= getattr(layer, "gates", 1)
    places, rest = divmod(math.prod(output_shape[1:]), columns)
    if count := getattr(type(layer), "count_places", None):
        places, rest = count(layer, output_shape[2:]), 0
    return None if rest else places * sum((rows - bias) * math.prod(others) for (rows, *others), bias in used)


def _lines(found: Sequence[Row], dtype: str) -> list[tuple[str, ...]]:
    """What stands in the columns: a line for each row, and one for their sums."""
    lines = [_line(row) for row in found]
    costs = [row.multiplications for row in found]
    cost = sum(filter(None, costs)) if None not in costs else None
    return [*lines, ("", dtype, "total", f"{sum(row.parameters for row in found):,}", _number(cost))]


def _line(row: Row) -> tuple[str, ...]:
    indented = "  " * row.number.count(".") + row.layer
    if row.holds:
        return row.number, indented, row.output, "", ""
    return row.number, indented, row.output, f"{row.parameters:,}{' frozen' * row.frozen}", _number(row.multiplications)


def _html_line(tag: str, cells: Sequence[str]) -> str:
    import html  # with the names of all characters, for notebooks alone

    styles = (_RIGHT, _LEFT, _LEFT, _RIGHT, _RIGHT)
    marked = (f"<{tag}{style}>{html.escape(cell)}</{tag}>" for cell, style in zip(cells, styles, strict=True))
    return f"<tr>{''.join(marked)}</tr>"


def _number(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"


def _parameter_count(layer: Any) -> int:
    if callable(getattr(type(layer), "parameters", None)):
        return sum(np.size(parameter) for parameter in layer.parameters().values())
    held = (getattr(layer, name, None) for name in ("weights", "bias"))
    return sum(np.size(parameter) for parameter in held if parameter is not None)
