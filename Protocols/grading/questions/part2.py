"""Part 2: initializers, optimizers with a memory, and the layers that see."""

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from Protocols.grading.questions.asking import Answer, Question
from Protocols.grading.questions.part1 import affine_map, drawn_map
from Protocols.grading.student import NoAnswer, Student

#: Of a distribution: so many numbers lie below each of its tenths.
TENTHS = np.arange(1, 10) / 10


def tenths(name: str) -> np.ndarray:
    """Where the tenths of an initializer's distribution lie, in standard deviations from the mean."""
    if name == "UniformRandom":
        return (TENTHS - 0.5) * 12**0.5
    return np.array([NormalDist().inv_cdf(share) for share in TENTHS])


def initializers(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """A constant, uniform numbers, and normal ones whose deviation follows from the fans."""
    fan_in, fan_out = (int(number) for number in rng.integers(50, 200, 2))
    value = float(rng.normal())
    shape, count = (fan_in, fan_out), fan_in * fan_out
    received = student.create("Constant", value).call("initialize", shape, fan_in, fan_out)
    yield Answer("Constant.initialize", received, np.full(shape, value))
    deviations = {
        "Xavier": np.sqrt(2 / (fan_in + fan_out)),
        "He": np.sqrt(2 / fan_in),
        "UniformRandom": np.sqrt(1 / 12),
    }
    for name, deviation in deviations.items():
        received = student.create(name).call("initialize", shape, fan_in, fan_out)
        if not isinstance(received, np.ndarray) or received.shape != shape:
            raise NoAnswer(f"{name}.initialize gives no array of shape {shape}")
        mean = 0.5 if name == "UniformRandom" else 0.0
        yield Answer(
            f"the mean of {name}, in standard errors", (received.mean() - mean) / deviation * count**0.5 / 8, 0, 1
        )
        yield Answer(f"the standard deviation of {name}", received.std(), deviation, 8 / (2 * count) ** 0.5)
        below = np.searchsorted(np.sort(received, None), mean + deviation * tenths(name)) / count
        yield Answer(f"how many of {name} lie below each tenth", below, TENTHS, 8 * 0.5 / count**0.5 / 0.9)


def optimizers(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """Momentum: v ← μ·v - η·g; Adam with its corrected moments."""
    rate, momentum, mu, rho = rng.uniform(0.01, 0.1), *rng.uniform(0.5, 0.99, 3)
    gradients = rng.normal(size=(4, 3, 2))
    start = rng.normal(size=(3, 2))
    optimizer, weights, velocity = student.create("SgdWithMomentum", rate, momentum), start, np.zeros((3, 2))
    for gradient in gradients:
        received = optimizer.call("calculate_update", weights, gradient)
        velocity = momentum * velocity - rate * gradient
        weights = weights + velocity
        yield Answer("SgdWithMomentum.calculate_update", received, weights)
    optimizer, weights, first, second = student.create("Adam", rate, mu, rho), start, 0.0, 0.0
    for step, gradient in enumerate(gradients, start=1):
        received = optimizer.call("calculate_update", weights, gradient)
        first, second = mu * first + (1 - mu) * gradient, rho * second + (1 - rho) * gradient**2
        weights = weights - rate * (first / (1 - mu**step)) / (np.sqrt(second / (1 - rho**step)) + 1e-8)
        yield Answer("Adam.calculate_update", received, weights, 1e-5)


def flatten(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """One row for each image, and back."""
    x, errors = rng.normal(size=(2, 3, 2, 4, 5))
    layer = student.create("Flatten")
    yield Answer("Flatten.forward", layer.call("forward", x), x.reshape(3, -1))
    yield Answer("Flatten.backward", layer.call("backward", errors.reshape(3, -1)), errors)


def correlate(
    x: np.ndarray, weights: np.ndarray, errors: np.ndarray, stride: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Output without bias, error of the input and gradient of the kernels, position by position."""
    rows, columns = weights.shape[2:]
    border = [(0, 0), (0, 0), (rows // 2, (rows - 1) // 2), (columns // 2, (columns - 1) // 2)]
    padded = np.pad(x, border)
    output, padded_error, gradient = np.zeros(errors.shape), np.zeros(padded.shape), np.zeros(weights.shape)
    for i, j in np.ndindex(errors.shape[2:]):
        y0, x0 = i * stride[0], j * stride[1]
        window = (slice(None), slice(None), slice(y0, y0 + rows), slice(x0, x0 + columns))
        output[:, :, i, j] = np.einsum("bcyx,kcyx->bk", padded[window], weights)
        padded_error[window] += np.einsum("bk,kcyx->bcyx", errors[:, :, i, j], weights)
        gradient += np.einsum("bk,bcyx->kcyx", errors[:, :, i, j], padded[window])
    inside = tuple(slice(before, length - after) for (before, after), length in zip(border, padded.shape, strict=True))
    return output, padded_error[inside], gradient


def convolution(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """Images and signals, odd and even kernels, with strides: forward, backward, both gradients and the step."""
    for signal in (False, True):
        rows, columns, channels, kernels = (int(number) for number in rng.integers(1, 5, 4))
        stride = (int(rng.integers(1, 4)), 1 if signal else int(rng.integers(1, 4)))
        columns = 1 if signal else columns
        height, width = int(rng.integers(5, 9)), 1 if signal else int(rng.integers(5, 9))
        x = rng.normal(size=(2, channels, height, width))
        errors = rng.normal(size=(2, kernels, -(-height // stride[0]), -(-width // stride[1])))
        weights, bias = rng.normal(size=(kernels, channels, rows, columns)), rng.normal(size=kernels)
        output, error, gradient = correlate(x, weights, errors, stride)
        cut = (lambda array: array[..., 0]) if signal else (lambda array: array)
        shape = (channels, rows) if signal else (channels, rows, columns)
        layer = student.create("Conv", stride[:1] if signal else stride, shape, kernels)
        layer["weights"], layer["bias"] = cut(weights), bias
        layer["optimizer"] = student.stand_in("FixedStep", 0.25)
        received = layer.call("forward", cut(x))
        yield Answer("Conv.forward", received, cut(output + bias[:, None, None]))
        yield Answer("Conv.backward", layer.call("backward", cut(errors)), cut(error))
        yield Answer("Conv.gradient_weights", layer["gradient_weights"], cut(gradient))
        yield Answer("Conv.gradient_bias", layer["gradient_bias"], errors.sum(axis=(0, 2, 3)))
        yield Answer("Conv.weights after a step", layer["weights"], cut(weights - 0.25 * gradient))
        yield Answer("Conv.bias after a step", layer["bias"], bias - 0.25 * errors.sum(axis=(0, 2, 3)))


def pooling(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """The largest number of each window, and its error back to where it came from."""
    rows, columns, down, right = (int(number) for number in rng.integers(1, 4, 4))
    x = rng.normal(size=(2, 3, *(int(number) for number in rng.integers(4, 8, 2))))
    shape = (2, 3, (x.shape[2] - rows) // down + 1, (x.shape[3] - columns) // right + 1)
    errors, output, error = rng.normal(size=shape), np.zeros(shape), np.zeros(x.shape)
    for b, c, i, j in np.ndindex(shape):
        window = x[b, c, i * down : i * down + rows, j * right : j * right + columns]
        y, z = np.unravel_index(window.argmax(), window.shape)
        output[b, c, i, j] = window[y, z]
        error[b, c, i * down + y, j * right + z] += errors[b, c, i, j]
    layer = student.create("Pooling", (down, right), (rows, columns))
    yield Answer("Pooling.forward", layer.call("forward", x), output)
    yield Answer("Pooling.backward", layer.call("backward", errors), error)


def convolutional_network(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """Convolution, ReLU and a fully connected layer: the loss, and all weights after a step."""
    x, labels = rng.normal(size=(3, 2, 4, 5)), rng.normal(size=(3, 2))
    starts = [student.stand_in("Start", int(rng.integers(2**31))) for _ in range(2)]
    net = student.create("NeuralNetwork", student.stand_in("FixedStep", 0.01), *starts)
    net["data_layer"] = student.stand_in("Batches", x, labels)
    net["loss_layer"] = student.stand_in("SquaredError")
    conv, dense = student.create("Conv", (1, 1), (2, 3, 3), 3), student.create("FullyConnected", 60, 2)
    for layer in (conv, student.create("ReLU"), student.create("Flatten"), dense):
        net.call("append_layer", layer)
    weights, bias = rng.normal(0, 0.3, (3, 2, 3, 3)), rng.normal(0, 0.3, 3)
    conv["weights"], conv["bias"] = weights, bias
    yield from drawn_map(dense, 60, rng, 0.2)
    rows = affine_map(dense, 60)
    before = correlate(x, weights, np.zeros((3, 3, 4, 5)), (1, 1))[0] + bias[:, None, None]
    features = np.column_stack([np.maximum(before, 0).reshape(3, -1), np.ones(3)])
    difference = features @ rows - labels
    yield Answer("NeuralNetwork.test", net.call("test", x), features @ rows)
    net.call("train", 1)
    yield Answer("NeuralNetwork.loss", net["loss"], [(difference**2).sum() / 2])
    errors = (difference @ rows[:-1].T).reshape(before.shape) * (before > 0)
    gradient = correlate(x, weights, errors, (1, 1))[2]
    yield Answer("the kernels after a step", conv["weights"], weights - 0.01 * gradient)
    yield Answer("the weights after a step", affine_map(dense, 60), rows - 0.01 * features.T @ difference)


QUESTIONS: dict[str, Question] = {
    "TestInitializers": initializers,
    "TestOptimizers2": optimizers,
    "TestFlatten": flatten,
    "TestConv": convolution,
    "TestPooling": pooling,
    "TestNeuralNetwork2": convolutional_network,
}
