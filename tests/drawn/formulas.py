"""The documented formulas written once more, slowly, by loops and by SciPy: what drawn cases are compared with."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import scipy.signal
import scipy.special

from Layers.AveragePooling import AveragePooling
from Layers.BatchNormalization import BatchNormalization
from Layers.Bidirectional import Bidirectional
from Layers.Chain import Chain
from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.ELU import ELU
from Layers.Embedding import Embedding
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.GELU import GELU
from Layers.GlobalAveragePooling import GlobalAveragePooling
from Layers.GRU import GRU
from Layers.LastStep import LastStep
from Layers.LayerNormalization import LayerNormalization
from Layers.LeakyReLU import LeakyReLU
from Layers.LSTM import LSTM
from Layers.Parallel import Parallel
from Layers.Pooling import Pooling
from Layers.ReLU import ReLU
from Layers.Residual import Residual
from Layers.RNN import RNN
from Layers.Sigmoid import Sigmoid
from Layers.SiLU import SiLU
from Layers.SoftMax import SoftMax
from Layers.Softplus import Softplus
from Layers.TanH import TanH
from Layers.TransposedConv import TransposedConv
from Layers.Upsampling import Upsampling
from Optimization.Optimizers import AdaGrad, Adam, AdamW, Nesterov, RMSprop, Sgd, SgdWithMomentum
from Optimization.Schedules import Constant, CosineDecay, ExponentialDecay, LinearDecay, StepDecay, WarmUp
from tests.strangers import Halved


def pairs(padding: Any, covered: Sequence[int]) -> list[tuple[int, int]]:
    """What a padding means, for windows that reach over so many pixels."""
    if isinstance(padding, str):
        return [(length // 2, (length - 1) // 2) if padding == "same" else (0, 0) for length in covered]
    return [(one, one) if isinstance(one, int) else one for one in padding]


def with_gaps(layer: Conv | TransposedConv) -> np.ndarray:
    """The kernels, zeros between elements that aren't neighbours."""
    axes = zip(layer.weights.shape[2:], layer.dilation, strict=True)
    wide = np.zeros((*layer.weights.shape[:2], *(gap * (length - 1) + 1 for length, gap in axes)))
    wide[(..., *(slice(None, None, gap) for gap in layer.dilation))] = layer.weights
    return wide


def convolution(layer: Conv, images: np.ndarray) -> np.ndarray:
    kernels, biases = with_gaps(layer), getattr(layer, "bias", np.zeros(layer.num_kernels))
    padded = np.pad(images, [(0, 0), (0, 0), *pairs(layer.padding, kernels.shape[2:])])
    every = tuple(slice(None, None, step) for step in layer.stride_shape)
    seen, of_group = layer.channels // layer.groups, layer.num_kernels // layer.groups
    return np.array(
        [
            [
                scipy.signal.correlate(image[(at := number // of_group * seen) : at + seen], kernel, "valid", "direct")[
                    0
                ][every]
                + bias
                for number, (kernel, bias) in enumerate(zip(kernels, biases, strict=True))
            ]
            for image in padded
        ]
    )


def transposed_convolution(layer: TransposedConv, images: np.ndarray) -> np.ndarray:
    """Each pixel puts its kernel into an image that is cut to size."""
    kernels, biases = with_gaps(layer), getattr(layer, "bias", np.zeros(layer.num_kernels))
    covered, of_group = kernels.shape[2:], layer.num_kernels // layer.groups
    axes = list(zip(images.shape[2:], layer.stride_shape, covered, layer.output_padding, strict=True))
    whole = np.zeros((len(images), layer.num_kernels, *((n - 1) * s + window + more for n, s, window, more in axes)))
    for channel, kernel in enumerate(kernels):
        group = channel // (layer.channels // layer.groups)
        put = whole[:, group * of_group : (group + 1) * of_group]
        for place in np.ndindex(images.shape[2:]):
            at = tuple(
                slice(p * s, p * s + window) for p, s, window in zip(place, layer.stride_shape, covered, strict=True)
            )
            pixel = images[(slice(None), channel, *place)]
            put[(..., *at)] += pixel.reshape(-1, *[1] * kernel.ndim) * kernel
    sides = zip(whole.shape[2:], pairs(layer.padding, covered), strict=True)
    cut = whole[(..., *(slice(before, length - after) for length, (before, after) in sides))]
    return cut + np.reshape(biases, (-1, *[1] * len(covered)))


def windows(layer: Pooling | AveragePooling, images: np.ndarray, filled: float) -> np.ndarray:
    """The windows of images in a frame, pixels last."""
    padded = np.pad(
        images, [(0, 0), (0, 0), *pairs(layer.padding, layer.pooling_shape)], constant_values=filled
    )  # fmt: skip
    axes = tuple(range(2, images.ndim))
    every = np.lib.stride_tricks.sliding_window_view(padded, layer.pooling_shape, axis=axes)
    found = every[(slice(None), slice(None), *(slice(None, None, step) for step in layer.stride_shape))]
    return found.reshape(*found.shape[: images.ndim], -1)


def means(layer: AveragePooling, images: np.ndarray) -> np.ndarray:
    if layer.count_include_pad:
        return windows(layer, images, 0).mean(axis=-1)
    return np.nanmean(windows(layer, images, np.nan), axis=-1)


def upsampled(layer: Upsampling, images: np.ndarray) -> np.ndarray:
    """Pixels are squares, seen in their middle."""
    for axis, scale in enumerate(layer.scale, start=2):
        length = images.shape[axis]
        places = (np.arange(length * scale) + 0.5) / scale - 0.5
        if layer.mode == "nearest":
            images = images.take(np.round(places).astype(int), axis)
        else:
            images = np.apply_along_axis(lambda row, at=places: np.interp(at, np.arange(len(row)), row), axis, images)
    return images


def normalized(layer: BatchNormalization, batch: np.ndarray) -> np.ndarray:
    output = np.empty_like(batch)
    for channel in range(layer.channels):
        output[:, channel] = standardized(batch[:, channel], layer.epsilon)
    columns = (1, -1, *[1] * (batch.ndim - 2))
    return output * layer.weights.reshape(columns) + layer.bias.reshape(columns)


def normalized_samples(layer: LayerNormalization, batch: np.ndarray) -> np.ndarray:
    output = np.empty_like(batch)
    for place in np.ndindex(batch.shape[:-1]):
        output[place] = standardized(batch[place], layer.epsilon)
    return output * layer.weights + layer.bias


def standardized(numbers: np.ndarray, epsilon: float) -> np.ndarray:
    values = [Fraction(value) for value in numbers.flat]  # equal ones have exactly their mean
    mean = sum(values) / len(values)
    rest = np.array([float(value - mean) for value in values]).reshape(numbers.shape)
    return rest / math.sqrt(math.fsum((rest**2).flat) / rest.size + epsilon)


def one_sequence(layer: RNN | LSTM | GRU, sequence: np.ndarray, state: list[np.ndarray]) -> tuple[np.ndarray, list]:
    """Outputs and last state of one sequence, one step after the other."""
    outputs = []
    for x in sequence:
        if isinstance(layer, GRU):
            of_input, of_state = np.split(layer.weights[:-2], [layer.input_size])
            drive, driven = x @ of_input + layer.weights[-1], state[0] @ of_state + layer.weights[-2]
            (reset, update, candidate), (product_reset, product_update, product) = (
                np.split(drive, 3),
                np.split(driven, 3),
            )
            reset, update = scipy.special.expit(reset + product_reset), scipy.special.expit(update + product_update)
            state = [(1 - update) * np.tanh(candidate + reset * product) + update * state[0]]
            outputs.append(shown(layer, state[0]))
            continue
        drive = np.concatenate([x, state[0], [1]]) @ layer.weights
        if isinstance(layer, LSTM):
            forget, write, candidate, show = np.split(drive, 4)
            cell = scipy.special.expit(forget) * state[1] + scipy.special.expit(write) * np.tanh(candidate)
            state = [scipy.special.expit(show) * np.tanh(cell), cell]
        else:
            state = [np.tanh(drive)]
        outputs.append(shown(layer, state[0]))
    return np.array(outputs).reshape(-1, layer.output_size or layer.hidden_size), state


def shown(layer: RNN | LSTM | GRU, hidden: np.ndarray) -> np.ndarray:
    if layer.output_size is None:
        return hidden
    outputs = np.append(hidden, 1) @ layer.output_weights
    return scipy.special.expit(outputs) if layer.output == "sigmoid" else outputs


def sequences(layer: RNN | LSTM | GRU, batch: np.ndarray) -> np.ndarray:
    zeros = [np.zeros(layer.hidden_size) for _ in layer.state_names]
    many = batch if batch.ndim == 3 else batch[np.newaxis]
    return np.array([one_sequence(layer, sequence, zeros)[0] for sequence in many]).reshape(*batch.shape[:-1], -1)


def masked(layer: Dropout, batch: np.ndarray) -> np.ndarray:
    """What Dropout makes of ones tells which elements it keeps, as it draws for the shape alone."""
    kept = layer.forward(np.ones(batch.shape)) != 0
    return np.where(kept, batch / layer.probability, 0)


def from_both_ends(layer: Bidirectional, batch: np.ndarray) -> np.ndarray:
    other = sequences(layer.reverse, batch[..., ::-1, :])[..., ::-1, :]
    return np.concatenate([sequences(layer.layer, batch), other], axis=-1)


def looked_up(layer: Embedding, batch: np.ndarray) -> np.ndarray:
    vectors = [
        np.zeros(layer.size) if number == layer.padding else layer.weights[int(number)] for number in batch.ravel()
    ]
    return np.array(vectors).reshape(*batch.shape, layer.size)


def in_turn(layers: Sequence[Any], x: np.ndarray) -> np.ndarray:
    for layer in layers:
        x = OUTPUTS[type(layer)](layer, x)
    return x


def joined(layer: Parallel, x: np.ndarray) -> np.ndarray:
    outputs = [in_turn([branch], x) for branch in layer.branches]
    return sum(outputs) if layer.join == "add" else np.concatenate(outputs, layer.axis)


#: What each layer makes of a batch in float64.
OUTPUTS: dict[type, Callable[[Any, np.ndarray], np.ndarray]] = {
    FullyConnected: lambda layer, x: np.einsum("...i,io->...o", x, layer.weights[:-1]) + layer.weights[-1],
    ReLU: lambda layer, x: np.where(x > 0, x, 0),
    TanH: lambda layer, x: np.vectorize(math.tanh)(x),
    Sigmoid: lambda layer, x: scipy.special.expit(x),
    SoftMax: lambda layer, x: scipy.special.softmax(x, axis=-1),
    LeakyReLU: lambda layer, x: np.where(x > 0, x, layer.slope * x),
    ELU: lambda layer, x: np.vectorize(lambda x: x if x > 0 else layer.alpha * math.expm1(x))(x),
    GELU: lambda layer, x: np.vectorize(lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2)(x),
    SiLU: lambda layer, x: x * scipy.special.expit(x),
    Softplus: lambda layer, x: np.logaddexp(x, 0),
    Flatten: lambda layer, x: np.array([list(sample.flat) for sample in x]),
    Dropout: masked,
    Conv: convolution,
    Pooling: lambda layer, x: windows(layer, x, -np.inf).max(axis=-1),
    AveragePooling: means,
    GlobalAveragePooling: lambda layer, x: x.reshape(*x.shape[:2], -1).mean(axis=2),
    TransposedConv: transposed_convolution,
    Upsampling: upsampled,
    BatchNormalization: normalized,
    LayerNormalization: normalized_samples,
    RNN: sequences,
    LSTM: sequences,
    GRU: sequences,
    LastStep: lambda layer, x: np.array([sequence[-1] for sequence in x]),
    Embedding: looked_up,
    Halved: lambda layer, x: x / 2,
    Chain: lambda layer, x: in_turn(layer.layers, x),
    Residual: lambda layer, x: in_turn(layer.layers, x) + (in_turn([layer.shortcut], x) if layer.shortcut else x),
    Parallel: joined,
    Bidirectional: from_both_ends,
}


#: The loss of a batch from its predictions and labels of the predictions' shape, both float64.
def cross_entropy(loss: Any, y: np.ndarray, labels: np.ndarray) -> float:
    targets = (1 - loss.label_smoothing) * labels + loss.label_smoothing / labels.shape[1]
    weights = np.ones(labels.shape[1]) if loss.class_weights is None else np.array(loss.class_weights)
    return -math.fsum((scipy.special.xlogy(targets * weights, y + 2.0**-52)).flat)


def binary_cross_entropy(loss: Any, y: np.ndarray, labels: np.ndarray) -> float:
    return -math.fsum((scipy.special.xlogy(labels, y) + scipy.special.xlog1py(1 - labels, -y)).flat)


def mean_over_outputs(each: np.ndarray) -> float:
    return math.fsum((each.reshape(len(each), -1)).mean(axis=1))


def pinball(loss: Any, y: np.ndarray, labels: np.ndarray) -> float:
    from sklearn.metrics import mean_pinball_loss

    shares = list(loss.quantiles) * (y.shape[1] // len(loss.quantiles))
    columns = [mean_pinball_loss(labels[:, j], y[:, j], alpha=share) for j, share in enumerate(shares)]
    return float(np.mean(columns)) * len(y)


LOSSES: dict[str, Callable[[Any, np.ndarray, np.ndarray], float]] = {
    "CrossEntropyLoss": cross_entropy,
    "BinaryCrossEntropy": binary_cross_entropy,
    "MeanSquaredError": lambda loss, y, labels: mean_over_outputs((y - labels) ** 2),
    "MeanAbsoluteError": lambda loss, y, labels: mean_over_outputs(np.abs(y - labels)),
    "Huber": lambda loss, y, labels: mean_over_outputs(scipy.special.huber(loss.delta, y - labels)),
    "QuantileLoss": pinball,
}


def rate_of(schedule: Any, step: int) -> float:
    """The learning rate of a step, from a loop or from another form of the formula."""
    if not callable(schedule):
        return float(schedule)
    if isinstance(schedule, WarmUp):
        if step >= schedule.steps:
            return rate_of(schedule.learning_rate, step - schedule.steps)
        return rate_of(schedule.learning_rate, 0) * (step + 1) / (schedule.steps + 1)
    start = schedule.learning_rate
    match schedule:
        case Constant():
            return start
        case StepDecay():
            for _ in range(step // schedule.steps):
                start *= schedule.factor
            return start
        case ExponentialDecay():
            return start * math.exp(step / schedule.steps * math.log(schedule.factor))
        case LinearDecay():
            share = min(step / schedule.steps, 1)
            return start * (1 - share) + schedule.end * share
        case CosineDecay():
            share = math.sin(math.pi / 2 * min(step / schedule.steps, 1)) ** 2
            return start * (1 - share) + schedule.end * share
    raise AssertionError(f"{type(schedule).__name__} has no second formula in tests/drawn/formulas.py")


def shrinkage(regularizer: Any, weight: float) -> float:
    if type(regularizer).__name__ == "L1_Regularizer":
        return math.copysign(regularizer.alpha, weight) if weight else 0.0
    return regularizer.alpha * weight


def steps_of(optimizer: Any, weight: float, gradients: list[float], regularized: bool) -> list[float]:
    """The path of a single number, by the papers' formulas."""
    path, velocity, first, second = [], 0.0, 0.0, 0.0
    for step, gradient in enumerate(gradients):
        rate = rate_of(optimizer.learning_rate, step)
        shrunk = weight - rate * shrinkage(optimizer.regularizer, weight) if regularized else weight
        match optimizer:
            case Sgd():
                weight = shrunk - rate * gradient
            case Nesterov():
                ahead = optimizer.momentum_rate * velocity
                velocity = ahead - rate * gradient
                weight = shrunk + (1 + optimizer.momentum_rate) * velocity - ahead
            case AdaGrad():
                second += gradient**2
                weight = shrunk - rate * gradient / (math.sqrt(second) + 1e-10)
            case RMSprop():
                second = optimizer.rho * second + (1 - optimizer.rho) * gradient**2
                weight = shrunk - rate * gradient / (math.sqrt(second) + 1e-8)
            case SgdWithMomentum():
                velocity = optimizer.momentum_rate * velocity - rate * gradient
                weight = shrunk + velocity
            case Adam():
                if isinstance(optimizer, AdamW):
                    shrunk -= rate * optimizer.decay * shrunk
                first = optimizer.mu * first + (1 - optimizer.mu) * gradient
                second = optimizer.rho * second + (1 - optimizer.rho) * gradient**2
                mean = first / (1 - optimizer.mu ** (step + 1))
                spread = math.sqrt(second / (1 - optimizer.rho ** (step + 1)))
                weight = shrunk - rate * mean / (spread + 1e-8)
            case _:
                raise AssertionError(f"{type(optimizer).__name__} has no second formula in tests/drawn/formulas.py")
        path.append(weight)
    return path
