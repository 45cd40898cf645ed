"""The step of a network: taken when all gradients are there and no weight has moved.

Between lies what concerns all gradients together: their sum over several batches, and their norm.
"""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, NoReturn

import numpy as np

from Foundation import Checks
from Foundation.SparseRows import SparseRows, changed, numbers_in
from Layers import Parameter
from Layers.Base import TrainableLayer
from Layers.Composite import in_a_row, leaves, place_of
from Layers.Rows import raise_with_place

_SMALL = 1e-30  # a factor that float32 holds with all its digits


class Gradient(NamedTuple):
    """A parameter's gradient: the layer, the parameter's name, and the array, summed over the batch.

    Where most rows are 0, as those of an embedding, the array is a `SparseRows`, and `numpy.asarray` gives all of them.
    """

    layer: Any
    name: str
    array: Any


def gradients(layers: Sequence[Any]) -> list[Gradient]:
    """The gradients of all layers that learn, in their order."""
    return [
        Gradient(layer, name, gradient if isinstance(gradient, SparseRows) else np.asarray(gradient))
        for layer in leaves(layers)
        if isinstance(layer, TrainableLayer) and layer.trainable
        for name in layer.parameter_names
        if (gradient := getattr(layer, f"gradient_{name}", None)) is not None
    ]


def add(earlier: Sequence[Gradient]) -> None:
    """Add the gradients of earlier batches to those that the layers have now."""
    for layer, name, array in earlier:
        setattr(layer, f"gradient_{name}", getattr(layer, f"gradient_{name}") + array)


def with_positions(accumulated: tuple[int, list[Gradient]], layers: Sequence[Any]) -> list[Any]:
    """Gradients of so many batches as a file holds them: with the position of a layer in its place.

    Without those of layers that are in the network no more.
    """
    places = {id(layer): position for position, layer in enumerate(leaves(layers))}
    batches, found = accumulated
    return [
        batches,
        [
            [places[id(layer)], name, array.parts if isinstance(array, SparseRows) else array]
            for layer, name, array in found
            if id(layer) in places
        ],
    ]


def with_layers(encoded: Sequence[Any], layers: Sequence[Any]) -> tuple[int, list[Gradient]]:
    """The same with the layers again; raises ValueError where it doesn't fit them."""
    batches, found = encoded
    known_layers = leaves(layers)
    gradients_found = []
    for position, name, array in found:
        layer = known_layers[position]
        if not isinstance(layer, TrainableLayer) or name not in layer.parameter_names:
            raise ValueError(f"damaged: a gradient of {name!r} that {layer!r} can't have")
        shape = np.shape(layer.parameters()[name])
        if isinstance(array, list):
            array = SparseRows.of_parts(shape, array)
        elif not isinstance(array, np.ndarray) or array.shape != shape:
            raise ValueError(f"damaged: a gradient of {name!r} that {layer!r} can't have")
        gradients_found.append(Gradient(layer, name, array))
    return Checks.integer(batches, "file", "batches", least=0), gradients_found


def norm(found: Sequence[Gradient]) -> float:
    """The Euclidean norm of all gradients together, as if they were one vector.

    >>> norm([Gradient(None, "weights", np.array([3.0])), Gradient(None, "bias", np.array([4.0]))])
    5.0
    """
    return math.prod(_factors_of_the_norm(found))


def _factors_of_the_norm(found: Sequence[Gradient]) -> tuple[float, float]:
    """The largest element, and the norm divided by it; both are numbers where the norm itself is too large for one."""
    arrays = [numbers_in(gradient.array) for gradient in found]
    largest = max((float(np.abs(array).max(initial=0)) for array in arrays), default=0.0)
    if not 0 < largest < math.inf:
        return largest, 1.0
    # Divided by the largest element, no square overflows and none that counts is lost.
    # Not by the matrix library, whose threads a fork would cut off.
    scaled = (array.ravel().astype(float) / largest for array in arrays)
    return largest, math.sqrt(sum(float(np.einsum("i,i->", array, array)) for array in scaled))


def clip(layers: Sequence[Any], largest_norm: float | None, largest_value: float | None) -> None:
    r"""Shorten the gradients where they are too long.

    $$g \leftarrow g \cdot \min(1, c / \lVert g \rVert) \quad\text{or}\quad g_i \leftarrow \max(-c, \min(c, g_i))$$

    where the norm is that of all gradients together. Raises RuntimeError where one of them is not finite.

    Source: R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
    """
    found = gradients(layers)
    for layer, name, array in found:
        if not np.isfinite(numbers_in(array)).all():
            raise RuntimeError(f"{where(layers, layer)}, {layer!r}: the gradient of {name} is not finite")
    largest, ratio = _factors_of_the_norm(found) if largest_norm is not None else (0.0, 1.0)
    for layer, name, array in found:
        if largest_norm is not None and largest * ratio > largest_norm:
            factor = largest_norm / (largest * ratio)
            if factor < _SMALL:  # for float32, in which it would have fewer digits
                array = changed(array, lambda numbers: (numbers.astype(float) / largest).astype(numbers.dtype))
                factor = largest_norm / ratio
            setattr(layer, f"gradient_{name}", changed(array, partial(np.multiply, factor)))
        if largest_value is not None:
            within = partial(np.clip, a_min=-largest_value, a_max=largest_value)
            setattr(layer, f"gradient_{name}", changed(array, within))


def refuse_gradients_that_are_not_finite(layers: Sequence[Any], layer: Any) -> None:
    """Raise RuntimeError, with the layer's place, where a layer that is about to step can't do so with numbers.

    TypeError where it has no gradient.
    """
    try:
        Parameter.refuse_gradients_that_are_not_finite(layer)
    except Checks.NonFiniteError as error:
        raise RuntimeError(f"{where(layers, layer)}, {error}") from None
    except Exception as error:
        tell(layers, error, layer)


def let_step(layer: Any, layers: Sequence[Any]) -> None:
    """Let a layer step in a way of its own."""
    try:
        layer.step()
    except Exception as error:
        tell(layers, error, layer)


def tell(layers: Sequence[Any], error: Exception, layer: Any) -> NoReturn:
    """Raise an error of a layer's step again, with the layer's place in the network."""
    raise_with_place(error, where(layers, layer), layer)


def where(layers: Sequence[Any], layer: Any) -> str:
    """Where a layer stands that the network holds, or another one in it."""
    return place_of(in_a_row(layers), layer)


def refuse_layers_that_have_not_asked(layers: Sequence[Any], due: Mapping[int, bool]) -> None:
    """Raise RuntimeError where a layer that learns has not asked for its step on the way back."""
    for layer in leaves(layers):
        learns = isinstance(layer, TrainableLayer) and layer.trainable and layer.optimizer is not None
        if learns and not due.get(id(layer), False):
            raise RuntimeError(
                f"{where(layers, layer)}, {layer!r}: its backward has not called self.update(), which lets it step "
                "where clip_norm, clip_value, accumulate and step=False hold steps back; did it step by itself?"
            )


def refuse_layers_that_step_by_themselves(layers: Sequence[Any]) -> None:
    """Raise RuntimeError where a layer would move its parameters before all gradients are there."""
    for layer in leaves(layers):
        own = getattr(layer, "trainable", False) and not isinstance(layer, TrainableLayer)
        if own and getattr(layer, "optimizer", None) is not None:
            raise RuntimeError(
                f"{where(layers, layer)}, {layer!r}: steps by itself inside backward, where clip_norm, clip_value, "
                "accumulate and step=False need all gradients before any step; derive it from "
                "Layers.Base.TrainableLayer and call self.update() there, or from Layers.Composite.CompositeLayer "
                "where it holds other layers"
            )
