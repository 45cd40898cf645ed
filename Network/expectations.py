"""What a network is handed, and what nobody can have meant."""

import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import DTypeLike

from Foundation import Checks
from Foundation.Calls import takes
from Foundation.Labels import balanced
from Layers.Base import TrainableLayer
from Layers.Composite import in_a_row, leaves, require_layer, require_layers_once
from Layers.Parameter import require_optimizer


def check_layer(layer: Any, layers: Sequence[Any]) -> None:
    """Raise TypeError for what is no layer, ValueError for one that is in the network already."""
    require_layer(layer, "append_layer")
    require_layers_once(in_a_row(layers) | {"the new one": layer}, "append_layer")


def check_layers(layers: Any, owner: str = "train") -> None:
    """Raise TypeError for what is no list of layers, since anybody may change it; RuntimeError for an empty one."""
    if not isinstance(layers, list):
        raise TypeError(f"NeuralNetwork: expected layers to be a list, got {layers!r}; append_layer adds to it")
    if not layers:
        raise RuntimeError(f"{owner}: expected at least one layer, got none; append_layer adds them")
    for position, layer in enumerate(layers, start=1):
        if isinstance(layer, type) or not (hasattr(layer, "forward") and hasattr(layer, "backward")):
            raise TypeError(
                f"layer {position} of {len(layers)}: expected a layer with forward and backward, got {layer!r}"
            )


def check_network(net: Any, owner: str) -> None:
    """Raise TypeError for what is no network."""
    if isinstance(net, type) or not (hasattr(net, "layers") and hasattr(net, "gradients")):
        raise TypeError(f"{owner}: expected a network, got {net!r}")


def check_function(function: Any, owner: str, name: str) -> None:
    """Raise TypeError for what can't be called without arguments; None stands for nothing to call."""
    if function is not None and not takes(function, 0):
        raise TypeError(f"{owner}: expected {name} to be a function without arguments, got {function!r}")


def check_optimizer(optimizer: Any) -> None:
    """Raise TypeError for what is no optimizer; None is one that takes no steps."""
    if optimizer is not None:
        require_optimizer(optimizer, "NeuralNetwork")


def with_learning_rate(optimizers: Sequence[Any]) -> list[Any]:
    """Those that are there; raises AttributeError where there are none, or one of them has no learning rate."""
    found = [optimizer for optimizer in optimizers if optimizer is not None]
    if not found:
        raise AttributeError("learning_rate: expected an optimizer that has one, got none; set net.optimizer first")
    for optimizer in found:
        if not hasattr(optimizer, "learning_rate"):
            raise AttributeError(f"learning_rate: {optimizer!r} has no setting of this name; set its own")
    return found


def check_initializers(weights_initializer: Any, bias_initializer: Any) -> None:
    """Raise ValueError where one is missing, TypeError for what is none."""
    if (weights_initializer is None) != (bias_initializer is None):
        raise ValueError("NeuralNetwork: expected initializers for both weights and bias, or for neither")
    for name, initializer in (("weights", weights_initializer), ("bias", bias_initializer)):
        if initializer is not None:
            signature = "initialize(weights_shape, fan_in, fan_out)"
            Checks.methods(initializer, "NeuralNetwork", f"an initializer of the {name}", "He()", signature)


def refuse_loss_layer(loss_layer: Any, signature: str) -> None:
    """Raise RuntimeError where there is no loss layer, TypeError for what is none."""
    if loss_layer is None:
        raise RuntimeError("NeuralNetwork: expected a loss layer; set net.loss_layer = CrossEntropyLoss()")
    Checks.methods(loss_layer, "NeuralNetwork", "a loss layer", "CrossEntropyLoss()", signature)


def refuse_batch_without_loss() -> None:
    """Raise RuntimeError: layers may hold one batch, and the loss another."""
    raise RuntimeError(
        "NeuralNetwork: backward expected a batch that forward has taken to its loss, got one that was refused or "
        "interrupted on the way; call forward again"
    )


def fetcher(data_layer: Any) -> Callable[[], Any]:
    """What gives the next batch of a data layer; older ones call it `forward`."""
    fetch = getattr(data_layer, "next", None) or getattr(data_layer, "forward", None)
    if fetch is None or isinstance(data_layer, type):
        raise RuntimeError(f"NeuralNetwork: expected a data layer with next(), got {_described(data_layer)}")
    return fetch


def refuse_the_end(data_layer: Any) -> NoReturn:
    """Raise RuntimeError where `next` ends by StopIteration, which a loop around it would take for its own end."""
    name = type(data_layer).__name__
    raise RuntimeError(f"{name}: expected next() to begin anew after the last batch, got StopIteration") from None


def balance(loss_layer: Any, data: Any) -> None:
    """Let class weights that are to be "balanced" become numbers, those of the data that the network learns from.

    Raises ValueError for data that doesn't tell how many samples each class has.
    """
    if not isinstance(asked := getattr(loss_layer, "class_weights", None), str) or asked != "balanced":
        return
    counts = getattr(data, "class_counts", None)
    if counts is None:
        raise ValueError(
            f"{loss_layer!r}: expected data that tells the class_counts to balance, an ArrayData or ImageData with "
            f"classes, got {_described(data)}; give class_weights as numbers"
        )
    loss_layer.class_weights = balanced(counts, repr(loss_layer)).tolist()


def data_layer_of(data_layer: Any) -> Any:
    """The data layer that arrays `(X, y)` or `(X, y, weights)` become; anything else is one already."""
    if type(data_layer) is not tuple:
        return data_layer
    if len(data_layer) not in (2, 3):
        raise TypeError(
            f"NeuralNetwork: expected net.data_layer = (X, y) or (X, y, weights), got a tuple of {len(data_layer)}"
        )
    from Generator.arrays import ArrayData

    inputs, labels, weights = (*data_layer, None)[:3]
    return ArrayData(inputs, labels, weights=weights)


def parts_of(batch: Any, who: str = "the data layer", does: str = "return") -> tuple[Any, Any, Any, Any]:
    """What a batch holds, see `Foundation.Batches.Batch`; raises TypeError for what is none."""
    if not isinstance(batch, tuple | list) or not 2 <= len(batch) <= 4:
        size = f" of {len(batch)}" if isinstance(batch, tuple | list) else ""
        raise TypeError(
            f"NeuralNetwork: expected {who} to {does} (input_tensor, label_tensor), and behind them sample weights "
            f"and lengths where there are any, got {type(batch).__name__}{size}"
        )
    return (*batch, None, None)[:4]


def check_that_lengths_are_taken(layers: Sequence[Any]) -> None:
    """Raise ValueError where no layer takes the lengths of sequences."""
    if not any(hasattr(layer, "lengths") for layer in layers):
        raise ValueError("NeuralNetwork: expected a layer that takes lengths of sequences, a GRU or LSTM say, got none")


def check_that_it_weighs(loss_layer: Any) -> None:
    """Raise TypeError for a loss that can't give samples different weights."""
    try:
        inspect.signature(loss_layer.forward).bind(None, None, sample_weights=None)
    except TypeError:
        raise TypeError(
            f"NeuralNetwork: the data gives sample weights or lengths, and {type(loss_layer).__name__}.forward takes "
            "none; derive the loss from Optimization.Loss.Loss, or leave them out"
        ) from None
    except ValueError:  # a function that doesn't tell
        pass


def check_that_something_is_learnt(layers: Sequence[Any]) -> None:
    """Raise RuntimeError where every layer with parameters is known to stay as it is."""
    known_to_stay = False
    for layer in leaves(layers):
        if not isinstance(layer, TrainableLayer):
            if getattr(layer, "trainable", False):
                return
        elif layer.optimizer is not None:
            return
        else:
            known_to_stay = True
    if known_to_stay:
        raise RuntimeError(
            "train: expected a layer that learns, got none with an optimizer; write NeuralNetwork(Sgd(0.01), …), or "
            "set net.optimizer"
        )


def clipping(norm: float | None, value: float | None) -> tuple[float | None, float | None]:
    """The limits of gradients; raises ValueError for two at a time, or one that isn't above 0."""
    if norm is not None and value is not None:
        raise ValueError(f"NeuralNetwork: expected clip_norm or clip_value, got both ({norm!r} and {value!r})")
    limits = {"clip_norm": norm, "clip_value": value}
    for name, limit in limits.items():
        if limit is not None:
            limits[name] = Checks.number(limit, "NeuralNetwork", name, least=sys.float_info.min)
    return limits["clip_norm"], limits["clip_value"]


def network_dtype(dtype: DTypeLike) -> str:
    """The name of the type that a network computes in; raises ValueError for any but float32 and float64."""
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = repr(dtype)
    if name not in ("float32", "float64"):
        raise ValueError(f"NeuralNetwork: expected dtype 'float32' or 'float64', got {name}")
    return name


def _described(data_layer: Any) -> str:
    if data_layer is None:
        return "None; set net.data_layer before training. A copied or loaded network has none: it would take turns"
    if isinstance(data_layer, list):
        return "a list; write net.data_layer = (X, y), a tuple"
    return f"{data_layer!r}; set net.data_layer before training"
