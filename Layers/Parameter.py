"""The parameters of a layer: declared once, in the class, and changed where they lie while nobody else holds them."""

import copy
from collections.abc import Callable
from contextvars import ContextVar, copy_context
from operator import setitem
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from Foundation import Checks, Moves
from Foundation.Attributes import arguments_are_checked
from Foundation.NumPySettings import ignoring_range
from Foundation.Randomness import random_source
from Foundation.SparseRows import numbers_in
from Layers import Steps

Result = TypeVar("Result")

_WITHOUT_FIRST_VALUES = ContextVar("without_first_values", default=False)


class Parameter:
    """An attribute that holds an array which is learnt.

        weights = Parameter(lambda layer: (layer.input_size + 1, layer.output_size), bias_rows=1)

    Whoever reads or sets the attribute has the array too, and must never see it move: the next step replaces it by a
    new one. An array that the last step made, and that nobody has asked for since, is the layer's own, and changed
    where it lies; who asks from another thread meanwhile waits for the end of the step.

    Args:
        shape: gives for a layer the shape that the array must have when it is used; None for any.
        first: what it holds before it is drawn: a number everywhere, or None for uniform numbers in [0, 1).
        bias_rows: how many of its last rows are biases; None for all.
        name: of the attribute; a class body gives it.
        where: says of a layer whether it has this parameter; None: all layers of the class have it. What it looks at is
            set before the constructor of `TrainableLayer` is called.
    """

    def __init__(
        self,
        shape: Callable[[Any], Any],
        first: float | None = None,
        bias_rows: int | None = 0,
        name: str = "",
        where: Callable[[Any], bool] | None = None,
    ) -> None:
        self.shape, self.first, self.bias_rows, self.where = shape, first, bias_rows, where
        self.name, self.gradient_name = name, f"gradient_{name}"

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.gradient_name = name, f"gradient_{name}"

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        if layer is None:
            return self
        if self.name not in vars(layer):
            raise AttributeError(f"{type(layer).__name__} has no {self.name} yet")
        array = vars(layer)[self.name]
        if layer.owned.get(self.name) is array:
            Moves.hand_out(layer.owned, self.name)
        return array

    def __set__(self, layer: Any, array: Any) -> None:
        if not self.as_argument(layer):
            raise AttributeError(f"{layer!r} has no {self.name}")
        vars(layer)[self.name] = array
        vars(layer).pop("_read_before", None)  # the next pass reads it anew

    def as_argument(self, layer: Any) -> bool:
        """What the argument of this name says, where there is one: whether the layer has the parameter."""
        return self.where is None or bool(self.where(layer))

    @classmethod
    def declare(cls, owner: Any) -> None:
        """Let a class of layers, and each of them, tell the parameters that it has, `declared`, and their names."""
        found = cls._declared(owner)
        owner.declared, owner.parameter_names = found, tuple(parameter.name for parameter in found)
        if any(parameter.where for parameter in found):
            owner.declared = _AsFarAsItHas(found, lambda parameter: parameter)
            owner.parameter_names = _AsFarAsItHas(found, lambda parameter: parameter.name)

    @classmethod
    def _declared(cls, owner: Any) -> "tuple[Parameter, ...]":
        """The parameters that a class of layers declares, or inherits, or only names in `parameter_names`."""
        names = tuple(name for name, member in vars(owner).items() if isinstance(member, cls))
        found = []
        for name in names or owner.parameter_names:
            members = [vars(parent)[name] for parent in owner.__mro__ if isinstance(vars(parent).get(name), cls)]
            if not members:
                members = [cls(lambda layer: None, name=name)]
                if getattr(owner, name, None) is None:  # unless the class has a property of that name
                    setattr(owner, name, members[0])
            found.append(members[0])
        return tuple(found)

    @classmethod
    def optimizers(cls, layer: Any, optimizer: Any) -> dict[str, Any]:
        """A copy of an optimizer for each parameter of a layer."""
        require_optimizer(optimizer, layer)
        copies = {parameter.name: copy.deepcopy(optimizer) for parameter in layer.declared}
        for parameter in layer.declared:
            if hasattr(copies[parameter.name], "bias_rows"):
                copies[parameter.name].bias_rows = parameter.bias_rows
        return copies

    def holds(self, layer: Any, array: np.ndarray) -> bool:
        """Whether this is the array, and no property stands in the parameter's place."""
        return vars(layer).get(self.name) is array and getattr(type(layer), self.name) is self

    def held(self, layer: Any) -> Any:
        """The array, for somebody who won't keep it."""
        return vars(layer)[self.name] if self.name in vars(layer) else getattr(layer, self.name)

    def begin(self, layer: Any) -> None:
        """Put first values there."""
        shape = self.shape(layer)
        try:
            if _WITHOUT_FIRST_VALUES.get() or arguments_are_checked():
                setattr(layer, self.name, np.broadcast_to(0.0, shape))
            elif self.first is None:
                self._own(layer, random_source(None).random(shape))
            else:
                self._own(layer, np.full(shape, self.first))
        except (MemoryError, OverflowError, ValueError) as error:
            kind = MemoryError if isinstance(error, MemoryError) else ValueError
            raise kind(f"{layer!r}: expected {self.name} that fit into memory, got shape {shape}") from error

    def draw(self, layer: Any, weights_initializer: Any, bias_initializer: Any, fans: tuple[int, int]) -> Moves.Calls:
        """The calls that put new values there: weights from one initializer, biases from the other.

        In the type of the old ones.
        """
        for maker in (weights_initializer, bias_initializer):
            Checks.methods(maker, layer, "an initializer", "He()", "initialize(weights_shape, fan_in, fan_out)")
        rows, *rest = self.shape(layer)
        biases = rows if self.bias_rows is None else self.bias_rows
        parts = ((weights_initializer, rows - biases), (bias_initializer, biases))
        drawn = np.concatenate([_drawn(maker, (count, *rest), fans) for maker, count in parts if count])
        dtype = Checks.floating_dtype(np.asarray(self.held(layer)).dtype)
        drawn = ignoring_range(drawn.astype, dtype, copy=False)
        Checks.refuse_what_is_not_finite(drawn, layer, f"initializers to give {self.name} in {dtype}")
        return self._put(layer, drawn, owned=True)

    def convert(self, layer: Any, dtype: DTypeLike) -> Moves.Calls:
        """The calls that put the same values there in another type, in an array of the layer's own."""
        wanted = Checks.float32_or_float64(dtype, layer)
        held = np.asarray(self.held(layer))
        converted = ignoring_range(held.astype, wanted)
        if Checks.is_finite(held):
            Checks.refuse_what_is_not_finite(converted, layer, f"{self.name} in {wanted}")
        return self._put(layer, converted, owned=True)

    def ask(self, layer: Any, optimizer: Any, answers: Steps.Answers, before: Steps.Before) -> None:
        """Ask for what has to come from somebody else: the regularizer's gradient, or the stepped array itself.

        They are handed arrays that never move.
        """
        if getattr(optimizer, "moves_are_ours", False):
            if optimizer.asks_a_stranger:
                answers[id(optimizer)] = optimizer.shrinkage(np.asarray(getattr(layer, self.name)))
            return
        Steps.note(optimizer, before)
        array = np.array(self.held(layer), order="K")
        result = optimizer.calculate_update(array, np.asarray(getattr(layer, self.gradient_name)))
        what, dtype = f"new {self.name} from calculate_update", Checks.floating_dtype(array.dtype)
        stepped = Checks.tensor(result, optimizer, what, array.shape, dtype)
        if Checks.is_finite(array):
            Checks.refuse_what_is_not_finite(stepped, optimizer, what)
        answers[id(optimizer)] = stepped

    def plan(self, layer: Any, optimizer: Any, answers: Steps.Answers | None, calls: Moves.Calls) -> None:
        """Add the calls of one step: where the array lies, if nobody else has it, and into a new one if not."""
        ours = getattr(optimizer, "moves_are_ours", False)
        if answers is None:
            if not ours or optimizer.asks_a_stranger:
                raise Steps.StrangersAreToBeAsked
            answers = {}
        if not ours:
            calls += self._put(layer, answers[id(optimizer)])
            return
        array = vars(layer).get(self.name)
        if array is None or layer.owned.get(self.name) is not array:
            held = np.asarray(self.held(layer))
            array = held.astype(Checks.floating_dtype(held.dtype))
            calls += self._put(layer, array, owned=True)
        optimizer.plan(calls, array, getattr(layer, self.gradient_name), answers.get(id(optimizer)))

    def refuse_a_gradient_that_is_not_finite(self, layer: Any, optimizer: Any) -> None:
        """Raise NonFiniteError for a gradient that is not, or so large that the optimizer can't step along it.

        TypeError for none at all.
        """
        found = getattr(layer, self.gradient_name, None)
        if found is None:
            raise TypeError(
                f"{layer!r}: expected backward to set {self.gradient_name}; set it, or leave {self.name!r} out of "
                "parameter_names"
            )
        gradient = Checks.number_array(found, layer, f"the gradient of {self.name}")
        if not Checks.is_finite(gradient):
            position = tuple(map(int, np.argwhere(~np.isfinite(gradient))[0]))
            raise Checks.NonFiniteError(
                f"{layer!r}: the gradient of {self.name} is not finite, {gradient[position]} at {position}; nothing "
                "has moved. What usually helps: inputs scaled to about 1, a smaller learning rate, clip_norm"
            )
        if hasattr(optimizer, "refuse_what_overflows"):
            optimizer.refuse_what_overflows(np.asarray(self.held(layer)), gradient)

    def regularization_loss(self, layer: Any, optimizer: Any) -> float:
        """What the optimizer's regularizer adds to the loss."""
        regularizer = optimizer.regularizer
        array = layer.__dict__.get(self.name) if getattr(optimizer, "steps_in_place", False) else None
        if type(array) is not np.ndarray:
            array = np.asarray(getattr(layer, self.name))
        if self.bias_rows != 0 and not getattr(regularizer, "biases", True):
            array = array[: 0 if self.bias_rows is None else len(array) - self.bias_rows]
        if getattr(optimizer, "asks_a_stranger", True):  # who may write into what it is handed
            array = array.copy(order="K")
        return Checks.one_number(regularizer.norm(array), regularizer, "norm(weights)")

    @classmethod
    def setting(cls, layer: Any, name: str, value: Any) -> Moves.Calls:
        """The calls that set an attribute of a layer, whether it is a parameter or not."""
        for parameter in getattr(layer, "declared", ()):
            if parameter.name == name:
                return parameter._put(layer, value)
        return [(setattr, layer, name, value)]

    def _own(self, layer: Any, array: np.ndarray) -> None:
        Moves.run(self._put(layer, array, owned=True))

    def _put(self, layer: Any, array: np.ndarray, owned: bool = False) -> Moves.Calls:
        """The calls that set the array, which nobody else holds where it is `owned`."""
        if getattr(type(layer), self.name) is not self:  # somebody has put a property in its place
            return [(setattr, layer, self.name, array)]
        own = [(setitem, Moves.owned_by(layer), self.name, array)] if owned else []
        return [*own, (setitem, vars(layer), self.name, array), (vars(layer).pop, "_read_before", None)]


def require_optimizer(optimizer: Any, owner: object) -> None:
    """Raise TypeError for what is no optimizer."""
    Checks.methods(optimizer, owner, "an optimizer", "Sgd(0.01)", "calculate_update(weight_tensor, gradient_tensor)")


class _AsFarAsItHas:
    """What is told of each parameter of a class; asked of a layer, of those that this one has."""

    def __init__(self, declared: tuple[Parameter, ...], told: Callable[[Parameter], Any]) -> None:
        self.declared, self.told = declared, told

    def __get__(self, layer: Any, owner: type | None = None) -> tuple[Any, ...]:
        has = (one for one in self.declared if layer is None or one.as_argument(layer))
        return tuple(map(self.told, has))


def _drawn(maker: Any, shape: tuple[int, ...], fans: tuple[int, int]) -> np.ndarray:
    """What an initializer gives, once it is known to be numbers of the shape that it was asked for."""
    return Checks.tensor(maker.initialize(shape, *fans), maker, "initialize to give numbers", shape, float)


def without_first_values(make: Callable[..., Result], *arguments: Any) -> Result:
    """What a function gives that makes layers and sets their parameters: until then, these take no memory.

    That holds in a context of its own: whatever the function ends by, layers made afterwards have their first values.
    """
    context = copy_context()
    context.run(_WITHOUT_FIRST_VALUES.set, True)
    return context.run(make, *arguments)


def step_alone(layer: Any) -> None:
    """The step of a layer that no network runs, once it is known that its gradients are finite.

    Finite inputs and errors may have a product that is not. Raises NonFiniteError then, and nothing has moved.
    """
    if layer.trainable and layer.optimizer is not None:
        gradients = [numbers_in(getattr(layer, f"gradient_{name}")) for name in layer.parameter_names]
        if not all(Checks.are_numbers(one) and Checks.squares_are_finite(one) for one in gradients):
            refuse_gradients_that_are_not_finite(layer)
    layer.step()


def refuse_gradients_that_are_not_finite(layer: Any) -> None:
    """Raise NonFiniteError where a gradient of a layer would leave a parameter that is not finite."""
    for parameter in layer.declared:
        parameter.refuse_a_gradient_that_is_not_finite(layer, layer.optimizers[parameter.name])
