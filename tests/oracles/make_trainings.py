"""Write `trainings.npz`: how the trainings of `trainings.py` end in PyTorch.

    python -m tests.oracles.make_trainings

The file is committed, so that the tests need no PyTorch. Layers, losses, optimizers and schedules are PyTorch's. By
hand is what the course defines otherwise: the shrinkage by a regularizer, which is apart from the step of the gradient,
and the norm to which gradients are cut, which PyTorch divides by a millionth more.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from Layers.Composite import CompositeLayer
from Layers.Dropout import Dropout
from tests.oracles.trainings import FILE, STEPS, TRAININGS, Training


def layer_of(layer: Any, weights: dict[str, Any]) -> Callable[[Any], Any]:
    """PyTorch's function for a layer, of tensors with the layer's weights."""
    import torch
    from torch.nn import functional

    def recurrent(x: Any) -> Any:
        # PyTorch has the input gate of an LSTM before the forget gate
        gates = (1, 0, 2, 3) if layer.gates == 4 else tuple(range(layer.gates))
        blocks = weights["weights"].chunk(len(gates), dim=1)
        stacked = torch.cat([blocks[gate] for gate in gates], dim=1)
        twin = getattr(torch.nn, type(layer).__name__)(
            layer.input_size, layer.hidden_size, batch_first=True, dtype=torch.float64
        )
        values = {
            "weight_ih_l0": stacked[: layer.input_size].T,
            "weight_hh_l0": stacked[layer.input_size : layer.input_size + layer.hidden_size].T,
            "bias_ih_l0": stacked[-1],
            "bias_hh_l0": stacked[-2] if layer.gates == 3 else torch.zeros_like(stacked[-1]),
        }
        hidden, _ = torch.func.functional_call(twin, values, (x,))
        if layer.output_size is None:
            return hidden
        outputs = hidden @ weights["output_weights"][:-1] + weights["output_weights"][-1]
        return torch.sigmoid(outputs) if layer.output == "sigmoid" else outputs

    def from_both_ends(x: Any) -> Any:
        of_both = [
            {name.removeprefix(f"{place}."): value for name, value in weights.items() if name.startswith(place)}
            for place in layer.parts()
        ]
        one, other = (layer_of(held, its) for held, its in zip(layer.inner_layers, of_both, strict=True))
        return torch.cat([one(x), other(x.flip(-2)).flip(-2)], dim=-1)

    def convolution(x: Any) -> Any:
        return convolved(layer, x, **weights)

    def normalized(x: Any) -> Any:
        axes = [axis for axis in range(x.ndim) if axis != 1]
        statistics = x.detach().mean(axes), x.detach().var(axes, unbiased=False)
        for name, value in zip(("moving_mean", "moving_variance"), statistics, strict=True):
            weights[name] = layer.decay * weights[name] + (1 - layer.decay) * value if name in weights else value
        scale, shift = weights["weights"], weights["bias"]
        return functional.batch_norm(x, None, None, scale, shift, training=True, eps=layer.epsilon)

    def masked(x: Any) -> Any:
        kept = torch.from_numpy(masks.forward(np.ones(tuple(x.shape))) != 0)
        return x * kept / layer.probability

    if type(layer).__name__ == "Embedding":  # PyTorch leaves it to whoever draws the vectors that padding has zeros
        padding = torch.arange(layer.vocabulary)[:, None] == (-1 if layer.padding is None else layer.padding)
        words = weights["weights"].masked_fill(padding, 0)

    def within(x: Any, names: Any) -> Any:
        for name in names:
            x = inside[name](x)
        return x

    def residual(x: Any) -> Any:
        beside = inside["shortcut"](x) if "shortcut" in inside else x
        return within(x, [name for name in inside if name != "shortcut"]) + beside

    def parallel(x: Any) -> Any:
        outputs = [branch(x) for branch in inside.values()]
        return sum(outputs) if layer.join == "add" else torch.cat(outputs, layer.axis)

    inside = {}
    for place, one in layer.parts().items() if isinstance(layer, CompositeLayer) else ():
        starts = (f"{place}.", f"{place}, {type(one).__name__}: ")  # a parameter of its own, or of what it holds
        own = {key.removeprefix(start): weights[key] for key in weights for start in starts if key.startswith(start)}
        inside[place] = layer_of(one, own)
    masks = layer.clone() if isinstance(layer, Dropout) else None
    functions = {
        "FullyConnected": lambda x: functional.linear(x, weights["weights"][:-1].T, weights["weights"][-1]),
        "ReLU": torch.relu,
        "TanH": torch.tanh,
        "Sigmoid": torch.sigmoid,
        "SoftMax": lambda x: torch.softmax(x, dim=-1),
        "LeakyReLU": lambda x: functional.leaky_relu(x, layer.slope),
        "ELU": lambda x: functional.elu(x, layer.alpha),
        "GELU": functional.gelu,
        "SiLU": functional.silu,
        "Softplus": functional.softplus,
        "Flatten": lambda x: x.reshape(len(x), -1),
        "Dropout": masked,
        "Conv": convolution,
        "Pooling": lambda x: pooled(layer, x),
        "AveragePooling": lambda x: pooled(layer, x),
        "GlobalAveragePooling": lambda x: x.flatten(2).mean(2),
        "TransposedConv": lambda x: convolved_back(layer, x, **weights),
        "Upsampling": lambda x: interpolated(layer, x),
        "BatchNormalization": normalized,
        "LayerNormalization": lambda x: functional.layer_norm(
            x, x.shape[-1:], weights["weights"], weights["bias"], layer.epsilon
        ),
        "Halved": lambda x: x / 2,
        "Chain": lambda x: within(x, inside),
        "Residual": residual,
        "Parallel": parallel,
        "RNN": recurrent,
        "LSTM": recurrent,
        "GRU": recurrent,
        "LastStep": lambda x: x[:, -1],
        "Bidirectional": from_both_ends,
        "Embedding": lambda x: functional.embedding(x.long(), words, layer.padding),
    }
    return functions[type(layer).__name__]


def sides(layer: Any, covered: Any) -> list[tuple[int, int]]:
    """The padding of a layer whose windows reach over so many pixels, before and after, for each axis."""
    if isinstance(layer.padding, str):
        return [(window // 2, (window - 1) // 2) if layer.padding == "same" else (0, 0) for window in covered]
    return [(one, one) if isinstance(one, int) else one for one in layer.padding]


def padded(layer: Any, x: Any, covered: Any, value: float = 0.0) -> Any:
    """A tensor in its frame, which PyTorch wants from the last axis on."""
    from torch.nn import functional

    return functional.pad(x, [pad for pair in reversed(sides(layer, covered)) for pad in pair], value=value)


def reached(layer: Any) -> list[int]:
    """How many pixels a kernel reaches over."""
    axes = zip(layer.convolution_shape[1:], layer.dilation, strict=True)
    return [gap * (length - 1) + 1 for length, gap in axes]


def convolved(layer: Any, x: Any, weights: Any, bias: Any = None) -> Any:
    """PyTorch's convolution."""
    from torch.nn import functional

    function = functional.conv1d if x.ndim == 3 else functional.conv2d
    framed = padded(layer, x, reached(layer))
    return function(framed, weights, bias, layer.stride_shape, 0, layer.dilation, layer.groups)


def convolved_back(layer: Any, x: Any, weights: Any, bias: Any = None) -> Any:
    """PyTorch's transposed convolution, whose padding is the same before and after: cut by hand."""
    from torch.nn import functional

    function = functional.conv_transpose1d if x.ndim == 3 else functional.conv_transpose2d
    whole = function(x, weights, None, layer.stride_shape, groups=layer.groups, dilation=layer.dilation)
    whole = functional.pad(whole, [pad for more in reversed(layer.output_padding) for pad in (0, more)])
    for axis, (before, after) in enumerate(sides(layer, reached(layer)), start=2):
        whole = whole.narrow(axis, before, whole.shape[axis] - before - after)
    return whole if bias is None else whole + bias.reshape(-1, *[1] * (x.ndim - 2))


def pooled(layer: Any, x: Any) -> Any:
    """PyTorch's pooling, whose padding is the same before and after, and half of a window at most: framed by hand."""
    import torch
    from torch.nn import functional

    size, stride, signals = layer.pooling_shape, layer.stride_shape, x.ndim == 3
    if type(layer).__name__ == "Pooling":
        function = functional.max_pool1d if signals else functional.max_pool2d
        return function(padded(layer, x, size, -math.inf), size, stride)
    function = functional.avg_pool1d if signals else functional.avg_pool2d
    means = function(padded(layer, x, size), size, stride)
    if layer.count_include_pad:
        return means
    return means / function(padded(layer, torch.ones_like(x), size), size, stride)


def interpolated(layer: Any, x: Any) -> Any:
    """PyTorch's interpolation."""
    from torch.nn import functional

    mode = "linear" if x.ndim == 3 and layer.mode == "bilinear" else layer.mode
    scales = [float(scale) for scale in layer.scale]
    return functional.interpolate(x, scale_factor=scales, mode=mode)


def loss_of(loss: Any, y: Any, label: Any, scores: Any) -> Any:
    """The loss of each sample; that of classes from the scores that SoftMax gets."""
    import torch
    from torch.nn import functional

    match type(loss).__name__:
        case "CrossEntropyLoss":
            weights = None if loss.class_weights is None else torch.tensor(loss.class_weights, dtype=torch.float64)
            return functional.cross_entropy(
                scores, label, weights, reduction="none", label_smoothing=loss.label_smoothing
            )
        case "BinaryCrossEntropy":
            return functional.binary_cross_entropy(y, label, reduction="none").flatten(1).sum(1)
        case "MeanSquaredError":
            each = functional.mse_loss(y, label, reduction="none")
        case "MeanAbsoluteError":
            each = functional.l1_loss(y, label, reduction="none")
        case "Huber":
            each = functional.huber_loss(y, label, reduction="none", delta=loss.delta)
        case "QuantileLoss":
            shares = torch.tensor(loss.quantiles, dtype=torch.float64).repeat(y.shape[1] // len(loss.quantiles))
            each = torch.maximum(shares * (label - y), (shares - 1) * (label - y))
    return each.flatten(1).mean(1)


def optimizer_of(optimizer: Any, tensors: list[Any]) -> tuple[Any, Any]:
    """PyTorch's optimizer, and its schedule where there is one."""
    import torch
    from torch.optim import lr_scheduler

    def schedule_of(schedule: Any, twin: Any) -> Any:
        match type(schedule).__name__:
            case "LinearDecay":
                return lr_scheduler.LinearLR(twin, 1, schedule.end / schedule.learning_rate, schedule.steps)
            case "StepDecay":
                return lr_scheduler.StepLR(twin, schedule.steps, schedule.factor)
            case "ExponentialDecay":
                return lr_scheduler.ExponentialLR(twin, schedule.factor ** (1 / schedule.steps))
            case "CosineDecay":
                return lr_scheduler.CosineAnnealingLR(twin, schedule.steps, schedule.end)
            case "WarmUp":
                rise = lr_scheduler.LinearLR(twin, 1 / (schedule.steps + 1), 1, schedule.steps)
                behind = schedule_of(schedule.learning_rate, twin)
                return lr_scheduler.SequentialLR(twin, [rise, behind], [schedule.steps])
        raise ValueError(schedule)

    schedule, rate = optimizer.learning_rate, optimizer.learning_rate
    while callable(rate):
        rate = rate.learning_rate
    match type(optimizer).__name__:
        case "Sgd":
            twin = torch.optim.SGD(tensors, rate)
        case "SgdWithMomentum":
            twin = torch.optim.SGD(tensors, rate, momentum=optimizer.momentum_rate)
        case "Nesterov":
            twin = torch.optim.SGD(tensors, rate, momentum=optimizer.momentum_rate, nesterov=True)
        case "AdaGrad":
            twin = torch.optim.Adagrad(tensors, rate)
        case "RMSprop":
            twin = torch.optim.RMSprop(tensors, rate, optimizer.rho)
        case "AdamW":
            twin = torch.optim.AdamW(
                tensors, rate, betas=(optimizer.mu, optimizer.rho), eps=1e-8, weight_decay=optimizer.decay
            )
        case "Adam":
            twin = torch.optim.Adam(tensors, rate, betas=(optimizer.mu, optimizer.rho), eps=1e-8)
    return twin, schedule_of(schedule, twin) if callable(schedule) else None


def shrinkable(layer: Any, name: str, tensor: Any, regularizer: Any) -> Any:
    """The rows of a parameter that have a price."""
    if regularizer.biases:
        return tensor
    biases = {"bias": len(tensor)}.get(name, 0 if hasattr(layer, "bias") else 1)
    return tensor[: len(tensor) - biases]


def trained(training: Training) -> dict[str, np.ndarray]:
    """How the training ends in PyTorch, on one thread: for so small networks several only wait for each other."""
    import torch

    torch.set_num_threads(1)
    net = training.network()
    layers, loss, ours = net.layers, net.loss_layer, net.optimizer
    weights = [
        {name: torch.tensor(array, requires_grad=True) for name, array in getattr(layer, "parameters", dict)().items()}
        for layer in layers
    ]
    named = [(layer, name, tensor) for layer, own in zip(layers, weights, strict=True) for name, tensor in own.items()]
    tensors = [tensor for _, _, tensor in named]
    functions = [layer_of(layer, own) for layer, own in zip(layers, weights, strict=True)]
    optimizer, schedule = optimizer_of(ours, tensors)
    losses, batches = [], training.batches()
    for _ in range(STEPS):
        optimizer.zero_grad()
        for _ in range(training.batches_per_step):
            inputs, label, *rest = next(batches)
            y = scores = torch.from_numpy(inputs)
            for function in functions:
                scores, y = y, function(y)
            each = loss_of(loss, y, torch.from_numpy(label), scores)
            total = (each * torch.from_numpy(rest[0]) if training.weighted else each).sum()
            total.backward()
            losses.append(total.item())
            if ours.regularizer is not None:
                for layer, name, tensor in named:
                    priced = shrinkable(layer, name, tensor.detach(), ours.regularizer)
                    power = 1 if type(ours.regularizer).__name__.startswith("L1") else 2
                    losses[-1] += ours.regularizer.alpha * priced.abs().pow(power).sum().item()
        longest, largest = training.options.get("clip_norm", math.inf), training.options.get("clip_value")
        length = torch.nn.utils.get_total_norm([tensor.grad for tensor in tensors]).item()
        for tensor in tensors:
            tensor.grad *= min(1, longest / length)
        if largest is not None:
            torch.nn.utils.clip_grad_value_(tensors, largest)
        if ours.regularizer is not None:
            for layer, name, tensor in named:
                priced = shrinkable(layer, name, tensor.data, ours.regularizer)
                direction = priced.sign() if type(ours.regularizer).__name__.startswith("L1") else priced.clone()
                priced -= optimizer.param_groups[0]["lr"] * ours.regularizer.alpha * direction
        optimizer.step()
        if schedule is not None:
            schedule.step()
    ends = {f"{number}.{name}": tensor for number, own in enumerate(weights) for name, tensor in own.items()}
    return {"loss": np.array(losses)} | {name: tensor.detach().numpy() for name, tensor in ends.items()}


def main() -> None:
    """Compute and write."""
    ends = {name: trained(training) for name, training in TRAININGS.items()}
    np.savez_compressed(FILE, **{f"{name}: {part}": array for name, end in ends.items() for part, array in end.items()})


if __name__ == "__main__":
    main()
