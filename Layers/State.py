"""What the attributes of layers may be that are no arguments."""

import sys
from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.SavedState import Check, OfClass, Table, absent, anything, none_or, unchanged
from Layers.Base import BaseLayer, TrainableLayer
from Layers.Composite import CompositeLayer
from Layers.Parameter import require_optimizer

_SWITCHES = ("trainable", "testing_phase", "divides_the_batch", "refuses_nan", "takes_integers")


def parameter(value: Any, layer: Any, name: str) -> None:
    """An array of the declared shape, of any numbers, where the layer has such a parameter."""
    declared = {one.name: one for one in layer.declared}.get(name.removeprefix("gradient_"))
    if declared is None:
        unchanged(value, layer, name)
    elif declared.shape(layer) is None:
        Checks.number_array(value, layer, name)
    else:
        Checks.tensor(value, layer, name, declared.shape(layer))


def of_parameters(cls: type[TrainableLayer]) -> OfClass:
    """The checks of a layer's parameters, gradients and optimizers."""
    names = [declared.name for declared in cls.declared]
    checks: dict[str, Check] = dict.fromkeys(names, parameter)
    checks |= dict.fromkeys((f"gradient_{name}" for name in names), none_or(parameter))
    return checks | {"_optimizers": _optimizers, "*": _memories}


def _optimizers(value: Any, layer: Any, name: str) -> None:
    """None at all, or one for each parameter."""
    names = {declared.name for declared in layer.declared}
    if not isinstance(value, dict) or (value and value.keys() != names):
        raise ValueError(f"{layer!r}: expected an optimizer for each of {', '.join(sorted(names))}, or none")
    for optimizer in value.values():
        require_optimizer(optimizer, layer)
    if len(set(map(id, value.values()))) < len(value):
        raise ValueError(f"{layer!r}: expected an optimizer of its own for each parameter, got one for several")


def _memories(state: Any, layer: Any, name: str) -> None:
    """What the optimizers remember has the shape of their parameters."""
    for of_one, optimizer in state.get("_optimizers", {}).items():
        for memory in getattr(optimizer, "remembered", ()):
            remembered = getattr(optimizer, memory, None)
            if remembered is None or of_one not in state:
                continue
            shape = np.shape(remembered)
            if shape != np.shape(state[of_one]):
                raise ValueError(
                    f"{layer!r}: expected the optimizer of {of_one} to remember {memory} in the shape "
                    f"{np.shape(state[of_one])}, got {shape}; set layer.optimizer anew where the parameter is another"
                )


def _model(value: Any, layer: Any, name: str) -> None:
    """The optimizer of which all that a layer holds has copies."""
    require_optimizer(value, layer)


def _both_averages(state: Any, layer: Any, name: str) -> None:
    """The mean and the variance, or neither; and what every layer with parameters has."""
    _memories(state, layer, name)
    mean, variance = (state.get(average, getattr(layer, average)) for average in ("moving_mean", "moving_variance"))
    if (mean is None) != (variance is None):
        raise ValueError(f"{layer!r}: expected both moving averages, or neither")


def _between_passes(value: Any, layer: Any, name: str) -> None:
    """As it is when no network is at work: of the layer behind it, each one is asked for its input's error."""
    if value is not True:
        raise ValueError(f"{layer!r}: expected {name} to be True, got {value!r}; a network sets it for its first layer")


def _off_the_pass(value: Any, layer: Any, name: str) -> None:
    """Of a pass that a layer of somebody's own has written without `forward_pass`, any data."""
    if type(layer).__module__.startswith(f"{__package__}."):
        unchanged(value, layer, name)


def _averages(value: Any, layer: Any, name: str) -> None:
    """Finite numbers, one for each channel; variances are not negative."""
    averages = Checks.tensor(value, layer, name, (layer.channels,))
    if not Checks.is_finite(averages) or (name == "moving_variance" and averages.min() < 0):
        raise ValueError(f"{layer!r}: expected {name} to be finite, a variance not negative, got {averages.min():g}")


def _constant(value: Any, layer: Any, name: str) -> None:
    """DECAY is a share, EPSILON above 0."""
    if name == "DECAY":
        Checks.share(value, layer, name, "the share that stays")
    else:
        Checks.number(value, layer, name, least=sys.float_info.min)


def _image_shape(value: Any, layer: Any, name: str) -> None:
    """Of the last images that came."""
    shape = Checks.positive_integers(value, layer, name)
    if len(shape) not in (3, 4) or shape[1] != layer.channels:
        raise ValueError(f"{layer!r}: expected {name} to be (batch, {layer.channels}, y, x), got {shape}")


def _lengths(value: Any, layer: Any, name: str) -> None:
    """Of the next batch's sequences."""
    lengths = Checks.whole_numbers(value, layer, name)
    if lengths.ndim != 1 or (lengths < 0).any():
        raise ValueError(f"{layer!r}: expected {name} to be whole numbers of at least 0, one for each sequence")


def _hidden(value: Any, layer: Any, name: str) -> None:
    """A state, of one sequence or of many."""
    state = Checks.tensor(value, layer, name)
    if state.ndim not in (1, 2) or state.shape[-1] != layer.hidden_size:
        raise ValueError(
            f"{layer!r}: expected {name} ({layer.hidden_size},) or (batch, {layer.hidden_size}), "
            f"got {Checks.shape_text(state.shape)}"
        )


def _state_to_go_on_from(state: Any, layer: Any, name: str) -> None:
    """Finite where the next pass begins with it; all its parts are of as many sequences."""
    _memories(state, layer, name)
    if not state.get("memorize", layer.memorize):
        return
    parts = {name: state.get(name, getattr(layer, name)) for name in layer.state_names}
    for name, part in parts.items():
        if part is not None and not Checks.is_finite(np.asarray(part)):
            raise ValueError(f"{layer!r}: expected {name} of finite numbers; call reset_state()")
    if len({np.shape(part) for part in parts.values() if part is not None}) > 1:
        raise ValueError(f"{layer!r}: expected {' and '.join(parts)} of one shape; call reset_state()")


#: What a network asks any layer for; `getattr` would find data there.
ASKED: OfClass = {
    **dict.fromkeys(
        (
            "append_layer",
            "astype",
            "calculate_regularization_loss",
            "forget",
            "initialize",
            "keeping_nothing",
            "parameters",
            "parts",
            "step",
            "declared",
            "gates",
            "number_of_axes",
            "optimizer",
            "output_size",
            "parameter_names",
            "regularizer",
            "state_names",
        ),
        absent,
    ),
    **dict.fromkeys(("batch", "time", "channels", "classes", "features", "y", "x"), Checks.positive_integer),
    "memorize": Checks.truth,
    "lengths": none_or(_lengths),
}

TABLE: Table = {
    "Layers.LastStep.LastStep": {"lengths": none_or(_lengths)},
    BaseLayer: {
        **dict.fromkeys(_SWITCHES, Checks.truth),
        "needs_input_error": _between_passes,
        "weights": anything,
        "used": _off_the_pass,
        "kept": _off_the_pass,
    },
    CompositeLayer: {"_optimizer": none_or(_model), "_lengths": none_or(_lengths)},
    TrainableLayer: of_parameters,
    "Layers.Convolutions.Convolution": {"has_bias": unchanged},
    "Layers.BatchNormalization.BatchNormalization": {
        "*": _both_averages,
        "moving_mean": none_or(_averages),
        "moving_variance": none_or(_averages),
        "input_shape": none_or(_image_shape),
        "DECAY": _constant,
        "EPSILON": _constant,
    },
    "Layers.Recurrent.RecurrentLayer": {
        "*": _state_to_go_on_from,
        "memorize": Checks.truth,
        "lengths": none_or(_lengths),
        "hidden_state": none_or(_hidden),
        "cell_state": none_or(_hidden),
    },
}
