"""Numbers at the edge, and what PyTorch makes of them in float64: the oracle of `test_special_numbers.py`."""

from typing import Any

import numpy as np

from tests.oracles.make_trainings import convolved, convolved_back, pooled

#: By the name in the tables. In float32, 1e-300 is 0 and 1e300 infinite.
NUMBERS = {
    "0": 0.0,
    "denormal": {"float32": 1e-40, "float64": 1e-310},
    "1e-30": 1e-30,
    "1e30": 1e30,
    "1e-300": 1e-300,
    "1e300": 1e300,
    "inf": np.inf,
    "nan": np.nan,
}


def number(name: str, dtype: str) -> Any:
    """A number of the tables in a type."""
    value = NUMBERS[name]
    with np.errstate(all="ignore"):
        return np.dtype(dtype).type(value[dtype] if isinstance(value, dict) else value)


def outcome_of_layer(layer: Any, inputs: np.ndarray, errors: np.ndarray, parameters: dict[str, np.ndarray]) -> Any:
    """The output, the input's error and the gradients of parameters by name, of PyTorch in float64."""
    import torch

    def wanted(array: np.ndarray) -> Any:
        return torch.tensor(np.asarray(array, float), requires_grad=True)

    x, given = wanted(inputs), {name: wanted(array) for name, array in parameters.items()}
    y = _FORMULAS[type(layer).__name__](layer, x, **given)
    y.backward(torch.tensor(np.asarray(errors, float)))
    gradients = {name: tensor.grad.numpy() for name, tensor in given.items()}
    return y.detach().numpy(), None if x.grad is None else x.grad.numpy(), gradients


def _normalization(layer: Any, x: Any, weights: Any, bias: Any) -> Any:
    import torch

    return torch.nn.functional.batch_norm(x, None, None, weights, bias, training=True, eps=layer.epsilon)


def _recurrence(layer: Any, x: Any, weights: Any, output_weights: Any = None) -> Any:
    import torch

    sequences = x if x.ndim == 3 else x[None]
    hidden = cell = torch.zeros(len(sequences), layer.hidden_size, dtype=x.dtype)
    one, outputs = torch.ones(len(sequences), 1, dtype=x.dtype), []
    for step in range(sequences.shape[1]):
        if layer.gates == 3:
            (reset, update, new), (to_reset, to_update, product) = (
                (torch.cat([inputs, one], 1) @ torch.cat([matrix, bias])).chunk(3, 1)
                for inputs, matrix, bias in (
                    (sequences[:, step], weights[: layer.input_size], weights[-1:]),
                    (hidden, weights[layer.input_size : -2], weights[-2:-1]),
                )
            )
            stays = (update + to_update).sigmoid()
            hidden = (1 - stays) * (new + (reset + to_reset).sigmoid() * product).tanh() + stays * hidden
            outputs.append(_shown(layer, hidden, one, output_weights))
            continue
        drive = torch.cat([sequences[:, step], hidden, one], 1) @ weights
        if layer.gates == 4:
            forget, write, candidate, show = drive.chunk(4, 1)
            cell = forget.sigmoid() * cell + write.sigmoid() * candidate.tanh()
            hidden = show.sigmoid() * cell.tanh()
        else:
            hidden = drive.tanh()
        outputs.append(_shown(layer, hidden, one, output_weights))
    return torch.stack(outputs, 1).reshape(*x.shape[:-1], layer.output_size or layer.hidden_size)


def _shown(layer: Any, hidden: Any, one: Any, output_weights: Any) -> Any:
    import torch

    if output_weights is None:
        return hidden
    outputs = torch.cat([hidden, one], 1) @ output_weights
    return outputs.sigmoid() if layer.output == "sigmoid" else outputs


def _looked_up(layer: Any, x: Any, weights: Any) -> Any:
    import torch

    places = x.detach().long()
    hidden = torch.full_like(x, False) if layer.padding is None else places == layer.padding
    return weights[places].masked_fill(hidden.bool()[..., None], 0)


def _dropout(layer: Any, x: Any) -> Any:
    import torch

    mask = torch.tensor(layer.kept)
    return torch.where(mask, x, 0.0) / layer.probability


def _upsampled(layer: Any, x: Any) -> Any:
    """PyTorch's own makes NaN of infinity times a share of 0, and of the pixel beyond the border."""
    import torch

    for axis, scale in enumerate(layer.scale, start=2):
        last = x.shape[axis] - 1
        places = ((torch.arange((last + 1) * scale).double() + 0.5) / scale - 0.5).clamp(0, last)
        low = (places.round() if layer.mode == "nearest" else places.floor()).long()
        share = (places - low if layer.mode == "bilinear" else torch.zeros_like(places)).reshape(
            -1, *[1] * (x.ndim - 1 - axis)
        )
        one, other = x.index_select(axis, low), x.index_select(axis, (low + 1).clamp(max=last))
        x = torch.where(share > 0, (1 - share) * one + share * other, one)
    return x


def _torch_functions() -> Any:
    import torch

    return torch.nn.functional


_FORMULAS = {
    "FullyConnected": lambda layer, x, weights: x @ weights[:-1] + weights[-1],
    "ReLU": lambda layer, x: x.relu(),
    "SoftMax": lambda layer, x: x.softmax(-1),
    "Flatten": lambda layer, x: x.flatten(1),
    "Conv": convolved,
    "TransposedConv": convolved_back,
    "Pooling": pooled,
    "AveragePooling": pooled,
    "GlobalAveragePooling": lambda layer, x: x.flatten(2).mean(2),
    "Upsampling": _upsampled,
    "TanH": lambda layer, x: x.tanh(),
    "Sigmoid": lambda layer, x: x.sigmoid(),
    "LeakyReLU": lambda layer, x: _torch_functions().leaky_relu(x, layer.slope),
    "ELU": lambda layer, x: _torch_functions().elu(x, layer.alpha),
    "GELU": lambda layer, x: _torch_functions().gelu(x),
    "SiLU": lambda layer, x: _torch_functions().silu(x),
    "Softplus": lambda layer, x: _torch_functions().softplus(x),
    "Dropout": _dropout,
    "BatchNormalization": _normalization,
    "LayerNormalization": lambda layer, x, weights, bias: _torch_functions().layer_norm(
        x, x.shape[-1:], weights, bias, layer.epsilon
    ),
    "RNN": _recurrence,
    "LSTM": _recurrence,
    "GRU": _recurrence,
    "LastStep": lambda layer, x: x[:, -1],
    "Embedding": _looked_up,
}
