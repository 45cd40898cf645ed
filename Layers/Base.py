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

What surrounds the mathematics of this library's own layers stands in `forward_pass` and `backward_pass`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from Foundation import Moves
from Foundation.Attributes import Switch as Switch
from Foundation.Configurable import Configurable
from Foundation.Passing import note_what_passes_make
from Foundation.Phases import Phase as Phase
from Foundation.Phases import is_testing
from Foundation.Settings import pass_on, settings
from Foundation.Supervision import APART, refuse_a_step, running_network
from Foundation.Underflow import ignoring_underflow
from Layers import Steps
from Layers.Parameter import Parameter as Parameter
from Layers.Parameter import step_alone
from Layers.Parameter import without_first_values as without_first_values
from Layers.Pass import NOTHING
from Layers.Pass import backward_pass as backward_pass
from Layers.Pass import forward_pass as forward_pass

#: What belongs to a pass, or to one object alone: no part of a copied or saved layer.
_PASSING = frozenset(
    {"owned", "used", "kept", "_passed", "_leading", "_read_before", "_shapes", "_met", "_made_by_passes"}
)


class BaseLayer(Configurable, ABC):
    """A layer: `forward` maps the input, `backward` maps the error tensor.

    What has to be saved with a layer is made in its constructor. What `forward` and `backward` make anew, `self.x = x`,
    belongs to the pass: neither a saved nor a copied layer has it.

    Attributes:
        trainable: whether the layer has parameters (False).
        testing_phase: whether the layer is used rather than trained (False).
        needs_input_error: whether anybody reads what `backward` returns (True). The network sets it to
            False for its first layer, whose `backward` may then skip that work and return None; not where it takes
            the place of another concrete one, which it may call.
        divides_the_batch: whether the layer divides its work among threads of its own (False). A network with
            such a layer keeps the matrix library from starting threads too.
        refuses_nan: whether the pass looks for NaN and infinity in what comes to a layer with parameters (True), or the
            layer does so itself.
        takes_integers: whether whole numbers reach `forward` as they came (False), such as positions in a table, which
            float32 can't hold beyond 16,777,216. Else they become the type of number that the layer computes in.
        used: the parameters as the last forward pass used them, in the order of `parameter_names`.
        kept: what `forward` keeps for `backward`, in whatever form.
    """

    trainable = False
    testing_phase = False
    needs_input_error = True
    divides_the_batch = False
    refuses_nan = True
    takes_integers = False
    weights: Any = None
    parameter_names: tuple[str, ...] = ()
    used: tuple[np.ndarray, ...] = ()
    kept: Any = None
    _passed: Any = None  # shape and type of the output
    _leading: tuple[int, ...] | None = None  # of sequences whose steps the formulas get as rows
    _read_before: tuple[Any, ...] = NOTHING
    _made_by_passes: frozenset[str] = frozenset()
    _builds_on_backward = False  # whether another class's backward may be asked by this one, for what it returns

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        note_what_passes_make(cls)
        cls._builds_on_backward = sum("backward" in vars(parent) for parent in cls.__mro__) > 2  # its own, the abstract

    @abstractmethod
    def forward(self, input_tensor: ArrayLike) -> np.ndarray:
        """The layer's output for a batch."""

    @abstractmethod
    def backward(self, error_tensor: ArrayLike) -> np.ndarray | None:
        """The error tensor of the layer's input, from that of its output."""

    @property
    def phase(self) -> bool:
        """`testing_phase` under the name of older scripts, which set it by words too: "train" or "test"."""
        return self.testing_phase

    @phase.setter
    def phase(self, phase: str | bool) -> None:
        self.testing_phase = is_testing(phase)

    def require_room(self, shape: tuple[int, ...]) -> None:
        """Raise ValueError where nothing fits into an input of this shape: before the last pass is forgotten."""

    def forget(self) -> None:
        """Drop what `forward` has kept for `backward`, where it is `forward_pass` that keeps."""
        if "_passed" in vars(self):  # else `used` and `kept` are somebody's own
            self.used, self.kept, self._passed = (), None, None

    def __getstate__(self) -> dict[str, Any]:
        passing = self._made_by_passes | (_PASSING if "_passed" in vars(self) else _PASSING - {"used", "kept"})
        return {name: value for name, value in vars(self).items() if name not in passing}


class TrainableLayer(BaseLayer):
    """A layer with parameters.

    A parameter is the attribute of its name, its gradient the attribute `gradient_<name>`, summed over
    the batch. Both are read anew at every call, so that assigning `layer.weights` takes effect at once.
    Each parameter has an optimizer of its own, since optimizers remember earlier gradients.

    A class declares its parameters by `Parameter`, or gives their names alone: `parameter_names`. One that declares
    any declares all of them, inherited ones too. It calls the constructor of this class, and sets the parameters itself
    or by `set_first_values`.

    Attributes:
        parameter_names: the parameters in their order.
        trainable: True; False freezes the layer: it computes gradients and takes no step.
        owned: the parameters that nobody else holds, by name, see `Parameter`.
    """

    trainable = True
    parameter_names: tuple[str, ...] = ("weights", "bias")
    owned: Mapping[str, Any] = Moves.NOTHING_OWNED
    declared: ClassVar[tuple[Parameter, ...]] = ()
    _optimizers: Mapping[str, Any] = MappingProxyType({})
    _known_settings: Mapping[str, Any] = _optimizers

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        Parameter.declare(cls)

    def __init__(self) -> None:
        for name in self.parameter_names:
            setattr(self, f"gradient_{name}", None)

    @abstractmethod
    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        """Draw the parameters anew."""

    @property
    def optimizer(self) -> Any:
        """The optimizer that was set, or a copy of it; None where the layer is not to learn.

        Setting it gives every parameter a copy of its own, and this one is that of the first parameter: settings that
        are changed here hold for all of them. `optimizers` holds them by name.
        """
        return next(iter(self._optimizers.values()), None)

    @optimizer.setter
    def optimizer(self, optimizer: Any) -> None:
        self._optimizers = {} if optimizer is None else Parameter.optimizers(self, optimizer)
        self._known_settings = settings(self.optimizer)

    @property
    def optimizers(self) -> dict[str, Any]:
        """The optimizer of each parameter, by the parameter's name."""
        self.receive_settings()  # before somebody changes one of them alone
        return dict(self._optimizers)

    def parameters(self) -> dict[str, np.ndarray]:
        """The parameters by name, as far as they have been made."""
        return {name: getattr(self, name) for name in self.parameter_names if hasattr(self, name)}

    def astype(self, dtype: DTypeLike) -> Self:
        """Convert every parameter, and with them what the layer computes in."""
        held = [parameter for parameter in self.declared if hasattr(self, parameter.name)]
        Moves.run([call for parameter in held for call in parameter.convert(self, dtype)])
        return self

    def update(self) -> None:
        """One step of every parameter that has an optimizer: at once, or later with all others of a network."""
        steps = running_network()
        if steps is not None and id(self) in steps:
            steps[id(self)] = bool(self.trainable and self._optimizers)
        elif steps and APART in steps and self.trainable and self._optimizers:
            refuse_a_step(self)
        else:
            ignoring_underflow(step_alone, self)

    def step(self) -> None:
        """One step of every parameter that has an optimizer, along the gradients of the last backward pass."""
        if self.trainable and self._optimizers:
            self.forget()
            self.receive_settings()
            Steps.take((self,))

    def receive_settings(self) -> None:
        """Let all optimizers have what was set in the first."""
        if len(self._optimizers) > 1:
            self._known_settings = pass_on(self.optimizer, self._optimizers.values, self._known_settings)

    def calculate_regularization_loss(self) -> float:
        """The sum of the regularizer's norms of the parameters; 0 without an optimizer or a regularizer."""
        loss = 0.0
        for parameter in self.declared:
            if getattr(self._optimizers.get(parameter.name), "regularizer", None) is not None:
                loss += parameter.regularization_loss(self, self._optimizers[parameter.name])
        return loss

    def set_first_values(self) -> None:
        """Give every declared parameter its first values, as the last thing that a constructor does."""
        for parameter in self.declared:
            parameter.begin(self)

    def draw_parameters(self, weights_initializer: Any, bias_initializer: Any, **fans: tuple[int, int]) -> None:
        """Draw the declared parameters anew, each with its fan_in and fan_out."""
        makers = weights_initializer, bias_initializer
        drawn = [parameter.draw(self, *makers, fans[parameter.name]) for parameter in self.declared]
        Moves.run([call for calls in drawn for call in calls])

    def __getstate__(self) -> dict[str, Any]:
        with Moves.moving:  # whoever copies the layer or saves it has the arrays now
            vars(self).pop("owned", None)
            return super().__getstate__()
