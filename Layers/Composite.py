"""Layers that hold other layers, and the ways to all that a network holds.

A layer that holds others is a layer like any other for the network that runs it. What is said to it, it says to those
that it holds, and what is learnt is theirs; its own are the formulas, and the names of the places:

    class Twice(CompositeLayer):
        def __init__(self, first, second):
            self.first, self.second = held_layers((first, second), self)

        def parts(self):
            return {"first": self.first, "second": self.second}

        def forward(self, input_tensor):
            return self.through(self.first, input_tensor) + self.through(self.second, input_tensor)

        def backward(self, error_tensor):
            return self.back(self.first, error_tensor) + self.back(self.second, error_tensor)
"""

import copy
import functools
import inspect
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from Foundation import Checks
from Foundation.Calls import takes
from Foundation.Settings import pass_on, settings
from Foundation.Supervision import APART, INSIDE, refuse_a_step, running_network, supervised
from Foundation.Underflow import ignoring_underflow
from Layers import Rows, Steps
from Layers.Base import BaseLayer, TrainableLayer
from Layers.Parameter import refuse_gradients_that_are_not_finite, require_optimizer

_ONE_PLACE = "a layer keeps what its last forward needs for backward, so that each place takes a layer of its own"


class CompositeLayer(BaseLayer):
    """A layer that holds other layers: theirs are the parameters, the phase, the optimizers and the steps.

    In a network, what it holds steps with everything else. Alone it does as every layer: where an optimizer is set, all
    that learns inside steps together at the end of `backward`. Who derives from it writes `parts`, `forward` and
    `backward`, and goes `through` what it holds and `back`.

    Attributes:
        inner_layers: what it holds, in the order of the way through it.
        trainable: whether anything inside learns; setting it freezes or thaws all inside that has something to learn.
        testing_phase: whether all inside is in the testing phase; setting it sets that of each.
        optimizer: of which all inside has copies; settings that are changed here hold for them from the next step on.
    """

    _optimizer: Any = None
    _known_settings: Any = None
    _lengths: Any = None
    _keep = True
    _met: frozenset[int] = frozenset()  # the ids of those through which this pass has gone
    _shapes: Any = None  # of what each of the inner layers gave last, by its id

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, around in (("forward", _entered), ("backward", _stepping_together)):
            if name in vars(cls):
                setattr(cls, name, around(vars(cls)[name]))

    @abstractmethod
    def parts(self) -> dict[str, Any]:
        """What it holds, in the order of the way through it, by what messages call the places."""

    @property
    def inner_layers(self) -> tuple[Any, ...]:
        """What it holds."""
        return tuple(self.parts().values())

    @property
    def inner_shapes(self) -> list[Any]:
        """The shape of what each of them gave last; None where that isn't known."""
        return [(self._shapes or {}).get(id(layer)) for layer in self.inner_layers]

    def title(self) -> str:
        """Its class and its settings, without what it holds."""
        given = self.configuration().items()
        settings_alone = [f"{name}={value!r}" for name, value in given if isinstance(value, str | bool | int | float)]
        return f"{type(self).__name__}({', '.join(settings_alone)})" if settings_alone else type(self).__name__

    def through(self, layers: Any, input_tensor: np.ndarray) -> np.ndarray:
        """What a layer that it holds makes of an input, or several in a row."""
        row = layers if isinstance(layers, list | tuple) else (layers,)
        if self._keep:
            for layer in row:
                if id(layer) in self._met:
                    raise RuntimeError(f"{self!r}: goes through {layer!r} twice; {_ONE_PLACE}")
                self._met |= {id(layer)}
        output, shapes = Rows.forward(row, input_tensor, self._keep, self._lengths, self._named)
        self._shapes = {**(self._shapes or {}), **dict(zip(map(id, row), shapes, strict=True))}
        return output

    def back(self, layers: Any, error_tensor: np.ndarray, needed: bool = True) -> Any:
        """The error of that input; where it isn't `needed`, None or what there is, for less work.

        A layer that hands it on, and does nothing else with it, may say `self.needs_input_error`.
        """
        row = layers if isinstance(layers, list | tuple) else (layers,)
        return Rows.backward(row, error_tensor, running_network() or {}, needed, self._named)

    def _named(self, layers: Sequence[Any], position: int) -> str:
        place = next(place for place, layer in self.parts().items() if layer is layers[position])
        return f"{type(self).__name__}: {place}"

    @property
    def trainable(self) -> bool:
        """Whether anything inside learns."""
        return any(getattr(layer, "trainable", False) for layer in self.inner_layers)

    @trainable.setter
    def trainable(self, trainable: bool) -> None:
        trainable = Checks.truth(trainable, type(self).__name__, "trainable")
        for layer in self.inner_layers:
            if can_learn(layer) or hasattr(layer, "optimizer"):
                layer.trainable = trainable

    @property
    def testing_phase(self) -> bool:
        """Whether all inside is in the testing phase."""
        return all(getattr(layer, "testing_phase", False) for layer in self.inner_layers)

    @testing_phase.setter
    def testing_phase(self, testing_phase: bool) -> None:
        for layer in self.inner_layers:
            layer.testing_phase = testing_phase

    @property
    def divides_the_batch(self) -> bool:  # type: ignore[override]
        """Whether anything inside divides its work among threads of its own."""
        return any(getattr(layer, "divides_the_batch", False) for layer in self.inner_layers)

    @property
    def lengths(self) -> Any:
        """Those of the next batch's sequences, where anything inside takes them."""
        if not any(hasattr(layer, "lengths") for layer in self.inner_layers):
            raise AttributeError(f"{type(self).__name__} holds no layer that takes lengths")
        return self._lengths

    @lengths.setter
    def lengths(self, lengths: Any) -> None:
        self._lengths = lengths

    @property
    def optimizer(self) -> Any:
        """The optimizer of which all inside has copies; None where nothing is to learn."""
        return self._optimizer

    @optimizer.setter
    def optimizer(self, optimizer: Any) -> None:
        if optimizer is not None:
            require_optimizer(optimizer, self)
        self._optimizer = copy.deepcopy(optimizer)
        self._known_settings = settings(self._optimizer)
        for layer in self.inner_layers:
            if can_learn(layer):
                layer.optimizer = copy.deepcopy(optimizer)

    def receive_settings(self) -> None:
        """Let all inside have what was set in the optimizer."""
        if self._optimizer is not None:
            inside = functools.partial(optimizers_of, self.inner_layers, models=True)
            self._known_settings = pass_on(self._optimizer, inside, self._known_settings)

    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        """Draw the parameters of all that learns inside anew."""
        for layer in self.inner_layers:
            if getattr(layer, "trainable", False):
                layer.initialize(weights_initializer, bias_initializer)

    def astype(self, dtype: DTypeLike) -> Self:
        """Convert the parameters of all inside."""
        for layer in self.inner_layers:
            if can_learn(layer) and hasattr(layer, "astype"):
                layer.astype(dtype)
        return self

    def step(self) -> None:
        """One step of all that learns inside, along the gradients of the last backward pass."""
        layers = [layer for layer in leaves(self.inner_layers) if isinstance(layer, TrainableLayer)]
        self._take_step([layer for layer in layers if layer.trainable and layer.optimizer is not None])

    def _take_step(self, layers: Sequence[Any]) -> None:
        receive_settings([self])
        for layer in layers:
            layer.receive_settings()
            try:
                refuse_gradients_that_are_not_finite(layer)
            except Checks.NonFiniteError as error:
                self._tell(error, layer)
        ours = [layer for layer in layers if type(layer).step is TrainableLayer.step]
        for layer in layers:
            layer.forget()
            if layer not in ours:
                layer.step()
        Steps.take(ours, self._tell)

    def _tell(self, error: Exception, layer: Any) -> NoReturn:
        Rows.raise_with_place(error, f"{type(self).__name__}: {place_of(self.parts(), layer)}", layer)

    def calculate_regularization_loss(self) -> float:
        """The sum of those of all inside."""
        inside = (layer for layer in self.inner_layers if hasattr(layer, "calculate_regularization_loss"))
        return sum((float(layer.calculate_regularization_loss()) for layer in inside), 0.0)

    def forget(self) -> None:
        """Drop what all inside has kept for `backward`."""
        super().forget()
        for layer in self.inner_layers:
            if hasattr(layer, "forget"):
                layer.forget()

    @contextmanager
    def keeping_nothing(self) -> Iterator[None]:
        """Meanwhile, each layer inside forgets what `backward` would need before the next one begins."""
        self._keep = False
        try:
            yield
        finally:
            del self._keep

    def clone(self) -> Self:
        """A new layer made from clones of what it holds."""
        cloned: Self = _cloned(self, {})
        return cloned


def can_learn(layer: Any) -> bool:
    """Whether a layer gets an optimizer: a frozen one of this library may thaw."""
    return isinstance(layer, TrainableLayer | CompositeLayer) or bool(getattr(layer, "trainable", False))


def everything(layers: Sequence[Any]) -> Iterator[Any]:
    """All layers, each before those that it holds."""
    for layer in layers:
        yield layer
        if isinstance(layer, CompositeLayer):
            yield from everything(layer.inner_layers)


def leaves(layers: Sequence[Any]) -> list[Any]:
    """All layers that hold no others: the parameters are theirs."""
    found: list[Any] = []
    for layer in layers:
        if isinstance(layer, CompositeLayer):
            found += leaves(layer.inner_layers)
        else:
            found.append(layer)
    return found


def optimizers_of(layers: Sequence[Any], models: bool = False) -> list[Any]:
    """The optimizers of layers, one for each parameter; or with the `models` that layers which hold others have too."""
    found: list[Any] = []
    for layer in everything(layers):
        if isinstance(layer, TrainableLayer):
            found += layer.optimizers.values()
        elif getattr(layer, "optimizer", None) is not None and (models or not isinstance(layer, CompositeLayer)):
            found.append(layer.optimizer)
    return found


def receive_settings(layers: Sequence[Any]) -> None:
    """Let all that layers hold have what was set in the optimizers of those that hold them."""
    for layer in everything(layers):
        if isinstance(layer, CompositeLayer):
            layer.receive_settings()


def in_a_row(layers: Sequence[Any]) -> dict[str, Any]:
    """Layers by their places, "layer 2 of 5"."""
    return {Rows.place(layers, position): layer for position, layer in enumerate(layers)}


def places(parts: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The place in words and the layer, for these and all that they hold: "layer 2 of 5, Residual: layer 1 of 3"."""
    for place, layer in parts.items():
        yield place, layer
        if isinstance(layer, CompositeLayer):
            for inside, inner in places(layer.parts()):
                yield f"{place}, {type(layer).__name__}: {inside}", inner


def place_of(parts: dict[str, Any], layer: Any) -> str:
    """The place of one of them."""
    return next(place for place, other in places(parts) if other is layer)


def held_layers(layers: Any, owner: Any, name: str = "layers") -> tuple[Any, ...]:
    """Layers that another one is about to hold; raises TypeError or ValueError for what can't be held."""
    who = type(owner).__name__
    if not isinstance(layers, list | tuple):
        hint = f"; write {who}(net.layers)" if hasattr(layers, "append_layer") else ""
        raise TypeError(f"{who}: expected {name} to be a list of layers, got {layers!r}{hint}")
    if not layers:
        raise ValueError(f"{who}: expected {name} to be at least one layer, got none")
    for layer in layers:
        require_layer(layer, who)
    require_layers_once(in_a_row(layers), who)
    return tuple(layers)


def require_layer(layer: Any, who: str) -> None:
    """Raise TypeError for what is no layer."""
    name = getattr(layer, "__name__", type(layer).__name__)
    if isinstance(layer, type):
        raise TypeError(f"{who}: expected a layer, got the class {name}; write {name}(…)")
    if hasattr(layer, "append_layer"):
        raise TypeError(f"{who}: expected a layer, got a network; write Chain(net.layers), which is a layer")
    for method in ("forward", "backward"):
        if not callable(getattr(layer, method, None)):
            raise TypeError(f"{who}: expected a layer with {method}, got {name}, which has none")
    if not takes(layer.forward, 1):
        raise TypeError(
            f"{who}: expected a layer with forward(input_tensor), got {name} with forward"
            f"{inspect.signature(layer.forward)}; is it a loss? write net.loss_layer = {name}(…)"
        )


def require_layers_once(parts: dict[str, Any], who: str) -> None:
    """Raise ValueError for a layer in two places."""
    known: dict[int, str] = {}
    for place, layer in places(parts):
        if id(layer) in known:
            raise ValueError(f"{who}: {layer!r} is {known[id(layer)]} already; {_ONE_PLACE}")
        known[id(layer)] = place


def _entered(formula: Callable[..., Any]) -> Callable[..., Any]:
    """Around the `forward` of a layer that holds others: alone, it reads its input as one with parameters does."""

    @functools.wraps(formula)
    def forward(self: Any, input_tensor: ArrayLike) -> np.ndarray:
        dtype = None if running_network() is not None else _dtype_of(self.inner_layers)
        if dtype is not None:
            values = Checks.number_array(input_tensor, self, "input")
            if not (self.takes_integers and values.dtype.kind in "iu"):
                input_tensor = Checks.tensor(values, self, "input", dtype=Checks.floating_dtype(dtype))
                Checks.require_finite(input_tensor, self, "input")
        self._met = frozenset()
        return formula(self, input_tensor)

    return forward


def _dtype_of(layers: Sequence[Any]) -> Any:
    """The type of the first parameter; None where there is none."""
    for layer in leaves(layers):
        if isinstance(layer, TrainableLayer):
            for name in layer.parameter_names:
                if isinstance(array := vars(layer).get(name), np.ndarray):
                    return array.dtype
    return None


def _stepping_together(formula: Callable[..., Any]) -> Callable[..., Any]:
    """Around the `backward` of a layer that holds others: these take their steps when all gradients are there."""

    @functools.wraps(formula)
    def backward(self: Any, error_tensor: ArrayLike) -> np.ndarray | None:
        due, self._met = running_network(), frozenset()  # it may compute something anew
        if due is not None and id(self) in due:
            due[INSIDE] = True
            for layer in self.inner_layers:
                due.setdefault(id(layer), False)
            return formula(self, error_tensor)
        if due and APART in due and self.trainable and self.optimizer is not None:
            refuse_a_step(self)
        if _dtype_of(self.inner_layers) is not None:
            Checks.require_finite(Checks.number_array(error_tensor, self, "error tensor"), self, "error tensor")
        due = {id(self): False}
        input_error = supervised(due, backward, self, error_tensor)
        if layers := [layer for layer in leaves(self.inner_layers) if due.get(id(layer), False)]:
            ignoring_underflow(self._take_step, layers)
        return input_error

    return backward


def _cloned(value: Any, memo: dict[int, Any]) -> Any:
    """Anew what was made from arguments; what several of them share, the new ones share too."""
    if isinstance(value, CompositeLayer):
        return type(value)(**{name: _cloned(part, memo) for name, part in value.configuration().items()})
    if isinstance(value, BaseLayer):
        return type(value)(**copy.deepcopy(value.configuration(), memo))
    if isinstance(value, list | tuple):
        return type(value)(_cloned(part, memo) for part in value)
    return copy.deepcopy(value, memo)
