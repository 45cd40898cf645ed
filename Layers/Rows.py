"""Layers in a row: the way through them, forward and back; an error on it says where it happened."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from Foundation import Checks

Place = Callable[[Sequence[Any], int], str]


def place(layers: Sequence[Any], position: int) -> str:
    """Where a layer stands, in words: "layer 2 of 5"."""
    return f"layer {position + 1} of {len(layers)}"


def forward(
    layers: Sequence[Any], tensor: np.ndarray, keep: bool, lengths: Any = None, named: Place = place
) -> tuple[np.ndarray, list[tuple[int, ...]]]:
    """The output of the last layer, and the shape of each layer's output.

    With `keep=False`, layers forget at once what backward would need. Lengths of sequences are told to the layers that
    take them, for this time alone. Messages call the layers as they are `named`.
    """
    shapes = []
    for position, layer in enumerate(layers):
        try:
            if not keep and hasattr(layer, "keeping_nothing"):
                with layer.keeping_nothing():
                    tensor = with_lengths(layer, tensor, lengths)
            else:
                tensor = layer.forward(tensor) if lengths is None else with_lengths(layer, tensor, lengths)
        except Exception as error:
            raise_with_place(error, named(layers, position), layer)
        shapes.append(tensor.shape if isinstance(tensor, np.ndarray) else np.shape(tensor))
        if not keep and hasattr(layer, "forget"):
            layer.forget()
    return tensor, shapes


def with_lengths(layer: Any, tensor: np.ndarray, lengths: Any) -> np.ndarray:
    """The output of a layer for sequences of these lengths, which it knows no more when it has read or refused them."""
    if lengths is None or not hasattr(layer, "lengths"):
        return layer.forward(tensor)
    layer.lengths = lengths
    try:
        return layer.forward(tensor)
    finally:
        layer.lengths = None


def backward(
    layers: Sequence[Any],
    error_tensor: np.ndarray,
    due: Mapping[int, bool],
    input_error: bool = False,
    named: Place = place,
) -> Any:
    """Take the error back through all layers. The first one's input error is left out where it can, if not asked for.

    A layer whose step is due needs nothing any more but its gradients: memory is free for the layers before it.
    """
    needed = getattr(layers[0], "needs_input_error", False) if layers else False
    if needed and not getattr(layers[0], "_builds_on_backward", False):
        layers[0].needs_input_error = input_error
    try:
        for position in range(len(layers) - 1, -1, -1):
            try:
                error_tensor = layers[position].backward(error_tensor)
            except Exception as error:
                raise_with_place(error, named(layers, position), layers[position])
            if due[id(layers[position])]:
                layers[position].forget()
    finally:
        if needed:
            layers[0].needs_input_error = True
    return error_tensor


def raise_with_place(error: Exception, where: str, layer: Any) -> NoReturn:
    """Raise a layer's error again, with the layer's place in front."""
    if isinstance(error, MemoryError):
        text = str(error) or "Unable to allocate more"
        raise MemoryError(f"{where}, {layer!r}: {text}; smaller batches need less") from error
    if type(error) not in (ValueError, TypeError, RuntimeError, Checks.NonFiniteError):
        error.add_note(f"in {where}, {layer!r}")
        raise error
    named = repr(layer) if not hasattr(layer, "parts") else type(layer).__name__
    name = "" if str(error).startswith(named) else f"{layer!r}: "
    error.args = (f"{where}, {name}{error}",)
    raise error
