"""The contract of every layer.

A layer maps a batch forward and an error backward. The *error tensor* is the derivative of the loss
with respect to a layer's output; `backward` turns it into the derivative with respect to the layer's
input, which is the error tensor of the layer before. A layer with parameters computes their gradients
on the way and, where an optimizer is set, takes one step: always after the input error is computed,
always from the weights that the forward pass used.

A concrete layer is its mathematics and little else:

    class Double(BaseLayer):
        def forward(self, input_tensor):
            return 2 * input_tensor

        def backward(self, error_tensor):
            return 2 * error_tensor
"""

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from Foundation import Checks
from Foundation.Configurable import Configurable
from Foundation.InPlace import may_be_changed
from Foundation.Randomness import random_source

_WITHOUT_FIRST_VALUES = ContextVar("without_first_values", default=False)


class Phase:
    """The two phases, as older scripts name them: `layer.phase = Phase.test`."""

    train = "train"
    test = "test"


class BaseLayer(Configurable, ABC):
    """A layer: `forward` maps the input, `backward` maps the error tensor.

    Attributes:
        trainable: whether the layer has parameters (False).
        testing_phase: whether the layer is used rather than trained (False).
        needs_input_error: whether anybody reads what `backward` returns (True). The network sets it to
            False for its first layer, whose `backward` may then skip that work and return None.
        divides_the_batch: whether the layer divides its work among threads of its own (False). A network with
            such a layer keeps the matrix library from starting threads too.
    """

    trainable = False
    testing_phase = False
    needs_input_error = True
    divides_the_batch = False
    weights: Any = None
    _memory: tuple | None = None

    @abstractmethod
    def forward(self, input_tensor: ArrayLike) -> np.ndarray:
        """The layer's output for a batch."""

    @abstractmethod
    def backward(self, error_tensor: ArrayLike) -> np.ndarray | None:
        """The error tensor of the layer's input, from that of its output."""

    @property
    def phase(self) -> str:
        """`testing_phase` in the words of older scripts: "train" or "test"."""
        return Phase.test if self.testing_phase else Phase.train

    @phase.setter
    def phase(self, phase: str | bool) -> None:
        self.testing_phase = is_testing(phase)

    def forget(self) -> None:
        """Drop what `forward` has kept for `backward`."""
        self._memory = None

    def _remember(self, *values: Any) -> None:
        """Keep what `backward` will need; the next `forward` replaces it."""
        self._memory = values

    def _recall(self) -> tuple:
        """What the last `forward` kept."""
        if self._memory is None:
            raise RuntimeError(f"{self!r}: backward needs what forward keeps for it; call forward first")
        return self._memory

    def _receive(
        self,
        values: ArrayLike,
        shape: Checks.Shape | None = None,
        dtype: DTypeLike | None = None,
        what: str = "input",
        hint: str = "",
    ) -> np.ndarray:
        """An argument of a pass as a floating-point array of the expected shape, or an error."""
        return Checks.tensor(values, self, what, shape, dtype, hint)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_memory": None}


class TrainableLayer(BaseLayer):
    """A layer with parameters.

    A parameter is the attribute of its name, its gradient the attribute `gradient_<name>`, summed over
    the batch. Both are read anew at every call, so that assigning `layer.weights` takes effect at once.
    Each parameter has an optimizer of its own, since optimizers remember earlier gradients.
    """

    trainable = True
    parameter_names: tuple[str, ...] = ("weights", "bias")

    def __init__(self) -> None:
        self._optimizers: dict[str, Any] = {}
        for name in self.parameter_names:
            setattr(self, f"gradient_{name}", None)

    @abstractmethod
    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        """Draw the parameters anew."""

    @property
    def optimizer(self) -> Any:
        """The optimizer that was set, or a copy of it; None where the layer is not to learn.

        Setting it gives every parameter a copy of its own, and this one is that of the first parameter.
        `optimizers` holds all of them by name.
        """
        return self._optimizers.get(self.parameter_names[0])

    @optimizer.setter
    def optimizer(self, optimizer: Any) -> None:
        if optimizer is None:
            self._optimizers = {}
            return
        if isinstance(optimizer, type) or not callable(getattr(optimizer, "calculate_update", None)):
            raise TypeError(
                f"{self!r}: expected an optimizer with calculate_update(weight_tensor, gradient_tensor), "
                f"for example Sgd(0.01), got {optimizer!r}"
            )
        self._optimizers = {name: copy.deepcopy(optimizer) for name in self.parameter_names}

    @property
    def optimizers(self) -> dict[str, Any]:
        """The optimizer of each parameter, by the parameter's name."""
        return dict(self._optimizers)

    def parameters(self) -> dict[str, np.ndarray]:
        """The parameters by name."""
        return {name: getattr(self, name) for name in self.parameter_names}

    def astype(self, dtype: DTypeLike) -> Self:
        """Convert every parameter, and with them what the layer computes in."""
        for name, parameter in self.parameters().items():
            setattr(self, name, np.asarray(parameter).astype(dtype))
        return self

    def update(self) -> None:
        """One step of every parameter that has an optimizer.

        A parameter that nobody else holds is changed where it lies. Any other gets a new array, so that
        whoever holds the old one never sees it move. What `forward` kept is dropped with the old weights.
        """
        if self._optimizers:
            self._memory = None
        for name, optimizer in self._optimizers.items():
            gradient = np.asarray(getattr(self, f"gradient_{name}"))
            if getattr(optimizer, "steps_in_place", False) and may_be_changed(self, name):
                optimizer.step_in_place(getattr(self, name), gradient)
            else:
                parameter = np.asarray(getattr(self, name))
                stepped = np.asarray(optimizer.calculate_update(parameter, gradient))
                setattr(self, name, stepped.astype(Checks.floating_dtype(parameter.dtype), copy=False))

    def calculate_regularization_loss(self) -> float:
        """The sum of the regularizer's norms of the parameters; 0 without an optimizer or a regularizer."""
        loss = 0.0
        for name, optimizer in self._optimizers.items():
            if getattr(optimizer, "regularizer", None) is not None:
                loss += float(optimizer.regularizer.norm(getattr(self, name)))
        return loss

    def _first_values(self, shape: tuple[int, ...], value: float | None = None) -> np.ndarray:
        """What a parameter holds before `initialize`: one value everywhere, or uniform numbers in [0, 1)."""
        if _WITHOUT_FIRST_VALUES.get():
            return np.broadcast_to(0.0, shape)
        return random_source(None).random(shape) if value is None else np.full(shape, value)

    def _parameter(self, name: str, shape: Checks.Shape) -> np.ndarray:
        """A parameter for use in a pass: of the expected shape, in float32 or float64."""
        return self._receive(getattr(self, name), shape, what=name)

    def _receive_finite(
        self,
        values: ArrayLike,
        shape: Checks.Shape,
        dtype: DTypeLike,
        what: str = "input",
        hint: str = "",
    ) -> np.ndarray:
        """As `_receive`, and without NaN and infinity: one of them would spoil the parameters for good."""
        array = self._receive(values, shape, dtype, what, hint)
        Checks.require_finite(array, self, what)
        return array

    def _draw(self, initializer: Any, shape: tuple[int, ...], fan_in: int, fan_out: int, like: str) -> np.ndarray:
        """New values for a parameter, in the type that it computes in."""
        drawn = np.asarray(initializer.initialize(shape, fan_in, fan_out))
        return drawn.astype(Checks.floating_dtype(np.asarray(getattr(self, like)).dtype), copy=False)


@contextmanager
def without_first_values() -> Iterator[None]:
    """Make layers whose parameters take no memory yet, for a program that is about to set them."""
    token = _WITHOUT_FIRST_VALUES.set(True)
    try:
        yield
    finally:
        _WITHOUT_FIRST_VALUES.reset(token)


def is_testing(phase: str | bool) -> bool:
    """Whether a phase is the testing phase: True and "test" are, False and "train" are not."""
    if isinstance(phase, bool | np.bool_):
        return bool(phase)
    if phase in (Phase.train, Phase.test):
        return phase == Phase.test
    raise ValueError(f"expected a phase: True or 'test' for testing, False or 'train' for training; got {phase!r}")
