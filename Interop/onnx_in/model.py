"""From a model in ONNX to a network."""

import contextlib
import json
import os
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from Foundation.Preparation import Preparation
from Generator.preparation import ArrayPreparation, PicturePreparation
from Interop.onnx_in import file as files
from Interop.onnx_in import reader, structure
from Interop.onnx_in.call import settled
from Interop.onnx_in.points import Axes, Flow, Point, longer, places_of
from Layers.Composite import can_learn, in_a_row, require_layers_once
from Layers.Dropout import Dropout
from NeuralNetwork import NeuralNetwork

_PREPARATIONS = {kind.__name__: kind for kind in (ArrayPreparation, PicturePreparation)}
_LONGEST_TEXT = 2**20
#: Types of ONNX: float64, and the others that an input may have.
_DOUBLE, _INPUTS = 11, (1, 6, 7, 11)


class Loaded(NamedTuple):
    """A network, and how the model's axes are the network's.

    Attributes:
        network: with its layers and its preparation.
        input_order: for each axis of the network's input the one of the model's.
        output_order: the same of the output; axes of the model's that aren't named have length 1.
        output_axes: how many the model's output has.
    """

    network: NeuralNetwork
    input_order: list[int]
    output_order: list[int]
    output_axes: int


def load(file: str | os.PathLike, output: str | None, onnx: Any) -> Loaded:
    """A model's network; raises ValueError, naming the file, for what is none."""
    with _naming(file):
        model = files.read(file, output, onnx)
        kind = model.input.type.tensor_type.elem_type
        if kind not in _INPUTS:
            raise ValueError(f"expected an input of float32, float64, int32 or int64, got ONNX's type {kind}")
        double = kind == _DOUBLE or any(one.data_type == _DOUBLE for one in model.constants.values())
        dtype = np.dtype(np.float64 if double else np.float32)
        flow = reader.read(model, dtype)
        last = _end(flow)
        layers = structure.layers_of(last) or [Dropout(1.0)]  # which passes its input on
        network = NeuralNetwork(dtype=dtype)
        # All at once: `append_layer` looks at all that are there for each.
        require_layers_once(in_a_row(layers), "load")
        for layer in filter(can_learn, layers):
            layer.astype(dtype)
        network.layers += layers
        network.preparation = _preparation(model.told)
        return Loaded(network, *_orders(model, flow, last), len(flow.axes))


def _end(flow: Flow) -> Point:
    """The last point, with a Flatten where the model ends in one; axes may be in another order, or of length 1."""
    point = settled(flow)
    if point is not None:
        return point
    axes = tuple(axis for axis in flow.axes if longer(axis))
    if places_of(axes, flow.point.axes) is not None:
        return flow.point
    point = settled(Flow(flow.point, axes))
    if point is None:
        raise ValueError("expected an output whose axes are those of a layer, got them divided or joined")
    return point


def _orders(model: files.Model, flow: Flow, last: Point) -> tuple[list[int], list[int]]:
    first = flow.point
    while first.sources:
        first = first.sources[0]
    dims = model.input.type.tensor_type.shape.dim
    given = _order(first.settings["axes"], first.axes)
    return given or list(range(len(dims))), _order(flow.axes, last.axes)


def _order(axes: Axes, ours: Axes) -> list[int]:
    """For each of our axes the model's."""
    free, found = list(range(len(axes))), []
    for axis in ours:
        alike = [place for place in free if longer(axes[place]) == longer(axis)]
        place = (alike or free)[0]
        free.remove(place)
        found.append(place)
    return found


def _preparation(told: Mapping[str, str]) -> Preparation | None:
    """What new data has to go through, as `export` writes it; of other words of these names nothing is known."""
    names, settings = _json(told, "class_names", list), _json(told, "preparation", dict)
    if settings is None:
        return None
    kind, arguments = next(iter(settings.items()), ("", None))
    if kind not in _PREPARATIONS or not isinstance(arguments, dict) or len(settings) != 1:
        warnings.warn(
            f"load: the model's preparation {kind[:50]!r} is none that this library knows; "
            "set net.preparation before net.classify",
            stacklevel=5,
        )
        return None
    try:
        return _PREPARATIONS[kind](**arguments, **({} if names is None else {"class_names": names}))
    except (TypeError, ValueError) as error:
        raise ValueError(f"the model's preparation can't be: {error}") from None


def _json(told: Mapping[str, str], key: str, kind: type) -> Any:
    text = told.get(key, "null")
    if len(text) > _LONGEST_TEXT:  # which may unfold to much more
        raise ValueError(f"expected at most {_LONGEST_TEXT:,} letters that tell {key}, got {len(text):,}")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, kind) else None


@contextlib.contextmanager
def _naming(file: str | os.PathLike) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{os.fspath(file)}: {error}") from error
