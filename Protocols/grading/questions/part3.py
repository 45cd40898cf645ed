"""Part 3: regularizers, dropout, batch normalization, LeNet, and the layers with a memory."""

from collections.abc import Callable, Iterator

import numpy as np

from Protocols.grading.questions.asking import Answer, Question
from Protocols.grading.questions.part1 import affine_map, drawn_map
from Protocols.grading.questions.part2 import correlate
from Protocols.grading.student import NoAnswer, Student, Thing


def constraints(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """α·sign(w) and α·Σ|w|; α·w and α·Σw²; and the step that shrinks."""
    alpha, rate = rng.uniform(0.01, 0.5, 2)
    weights, gradient = rng.normal(size=(2, 3, 4))
    for name, slope, norm in (
        ("L1_Regularizer", np.sign(weights), np.abs(weights).sum()),
        ("L2_Regularizer", weights, (weights**2).sum()),
    ):
        regularizer = student.create(name, alpha)
        yield Answer(f"{name}.calculate_gradient", regularizer.call("calculate_gradient", weights), alpha * slope)
        yield Answer(f"{name}.norm", regularizer.call("norm", weights), alpha * norm)
        optimizer = student.create("Sgd", rate)
        optimizer.call("add_regularizer", regularizer)
        received = optimizer.call("calculate_update", weights, gradient)
        yield Answer(f"a step of Sgd with {name}", received, weights - rate * (gradient + alpha * slope))


def dropout(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """x·mask/p with a mask for each unit, the same for the error; unchanged in the testing phase."""
    probability = rng.uniform(0.3, 0.8)
    x, errors = rng.uniform(1, 2, (2, 40, 50))
    layer = student.create("Dropout", probability)
    received = layer.call("forward", x)
    if not isinstance(received, np.ndarray) or received.shape != x.shape:
        raise NoAnswer("Dropout.forward gives no array of the input's shape")
    kept = received != 0
    yield Answer("Dropout.forward", received, x * kept / probability)
    spread = (probability * (1 - probability) / x.size) ** 0.5
    yield Answer("the share of units kept, in standard errors", (kept.mean() - probability) / spread / 8, 0, 1)
    alike = [np.var(kept.mean(axis=axis)) * kept.shape[axis] / (probability * (1 - probability)) for axis in (0, 1)]
    yield Answer("how much rows and columns differ", np.array(alike) - 1, [0, 0], 1.5)
    yield Answer("Dropout.backward", layer.call("backward", errors), errors * kept / probability)
    layer["testing_phase"] = True
    yield Answer("Dropout.forward in the testing phase", layer.call("forward", x), x)


def batch_normalization(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """Vectors and images: forward, backward, both gradients, and the averages of the testing phase."""
    for images in (False, True):
        channels = int(rng.integers(2, 5))
        shape = (6, channels, 3, 2) if images else (7, channels)
        axes = (0, 2, 3) if images else (0,)
        first, x, errors = rng.normal(size=(3, *shape)) * rng.uniform(0.5, 3) + rng.normal()
        weights, bias = rng.normal(size=(2, channels))

        def each(channel: np.ndarray, rank: int = len(shape)) -> np.ndarray:
            return channel.reshape(-1, *[1] * (rank - 2))

        layer = student.create("BatchNormalization", channels)
        layer["weights"], layer["bias"] = weights, bias
        layer.call("forward", first)
        mean, variance = x.mean(axes), x.var(axes)
        normal = (x - each(mean)) / np.sqrt(each(variance))
        yield Answer("BatchNormalization.forward", layer.call("forward", x), each(weights) * normal + each(bias), 1e-5)
        through = errors - each(errors.mean(axes)) - normal * each((errors * normal).mean(axes))
        expected = each(weights) / np.sqrt(each(variance)) * through
        yield Answer("BatchNormalization.backward", layer.call("backward", errors), expected, 1e-5)
        yield Answer(
            "BatchNormalization.gradient_weights", layer["gradient_weights"], (errors * normal).sum(axes), 1e-5
        )
        yield Answer("BatchNormalization.gradient_bias", layer["gradient_bias"], errors.sum(axes))
        layer["testing_phase"] = True
        mean, variance = 0.8 * first.mean(axes) + 0.2 * mean, 0.8 * first.var(axes) + 0.2 * variance
        expected = each(weights) * (x - each(mean)) / np.sqrt(each(variance)) + each(bias)
        yield Answer("BatchNormalization.forward in the testing phase", layer.call("forward", x), expected, 1e-5)


def activation(name: str, value: Callable, slope: Callable) -> Question:
    """A function that is applied to each number, and its derivative, which follows from its value."""

    def question(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
        x, errors = rng.normal(size=(2, 4, 5))
        layer = student.create(name)
        yield Answer(f"{name}.forward", layer.call("forward", x), value(x))
        yield Answer(f"{name}.backward", layer.call("backward", errors), errors * slope(value(x)))

    return question


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


def elman(x: np.ndarray, weights: np.ndarray, hidden: int) -> np.ndarray:
    """The hidden states of a recurrent layer of Elman."""
    state, states = np.zeros(hidden, x.dtype), []
    for row in x:
        state = np.tanh(np.concatenate([row, state, [1]]) @ weights)
        states.append(state)
    return np.array(states)


def long_short_term(x: np.ndarray, weights: np.ndarray, hidden: int) -> np.ndarray:
    """The hidden states of an LSTM: forget, input, candidate, output."""
    state, cell, states = np.zeros(hidden, x.dtype), np.zeros(hidden, x.dtype), []
    for row in x:
        forget, let_in, candidate, let_out = np.split(np.concatenate([row, state, [1]]) @ weights, 4)
        cell = sigmoid(forget) * cell + sigmoid(let_in) * np.tanh(candidate)
        state = sigmoid(let_out) * np.tanh(cell)
        states.append(state)
    return np.array(states)


def derivative(function: Callable[[np.ndarray], np.ndarray], point: np.ndarray) -> np.ndarray:
    """The derivative of an analytic function to a number, by a step along the imaginary axis."""
    result = np.zeros(point.shape)
    for position in np.ndindex(point.shape):
        moved = point.astype(complex)
        moved[position] += 1e-30j
        result[position] = np.imag(function(moved)) / 1e-30
    return result


def readings(weights: np.ndarray, rows: int) -> list[tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]]:
    """The ways in which stacked weights may be stored: each with the bias last, and how to store a gradient so."""
    turn = (lambda array: array.T) if weights.shape[0] != rows else (lambda array: array)
    straight = turn(weights)
    return [(straight, turn), (np.roll(straight, -1, axis=0), lambda array: turn(np.roll(array, 1, axis=0)))]


def recurrent(name: str, states_of: Callable[[np.ndarray, np.ndarray, int], np.ndarray], gates: int) -> Question:
    """A layer with a memory: forward, backward through time, the gradient, the step, and the memory kept."""

    def question(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
        inputs, hidden, outputs = (int(number) for number in rng.integers(2, 5, 3))
        x, errors = rng.normal(size=(5, inputs)), rng.normal(size=(5, outputs))
        value, bias = (float(number) for number in rng.normal(0, 0.7, 2))
        layer = student.create(name, inputs, hidden, outputs)
        layer.call("initialize", student.stand_in("Everywhere", value), student.stand_in("Everywhere", bias))
        shape = layer["weights"].shape
        if sorted(shape) != sorted((inputs + hidden + 1, gates * hidden)):
            raise NoAnswer(f"{name}.weights has the shape {shape}")
        stored = rng.normal(0, 0.7, shape)
        layer["weights"] = stored
        received = layer.call("forward", x)

        def outputs_of(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
            sums = states_of(x, weights, hidden).sum(axis=1, keepdims=True)
            return sigmoid(value * np.repeat(sums, outputs, axis=1) + bias)

        found = readings(stored, inputs + hidden + 1)
        fits = [np.shape(received) == (5, outputs) and np.allclose(outputs_of(x, w), received) for w, _ in found]
        weights, store = found[fits.index(True) if True in fits else 0]
        yield Answer(f"{name}.forward", received, outputs_of(x, weights))
        layer["optimizer"] = student.stand_in("FixedStep", 0.25)
        expected = derivative(lambda x: (errors * outputs_of(x, weights)).sum(), x)
        yield Answer(f"{name}.backward", layer.call("backward", errors), expected)
        gradient = store(derivative(lambda w: (errors * outputs_of(x, w)).sum(), weights))
        yield Answer(f"{name}.gradient_weights", layer["gradient_weights"], gradient)
        yield Answer(f"{name}.weights after a step", layer["weights"], stored - 0.25 * gradient)
        kept = student.create(name, inputs, hidden, outputs)
        kept.call("initialize", student.stand_in("Everywhere", value), student.stand_in("Everywhere", bias))
        kept["weights"], kept["memorize"] = stored, True
        for part in (x[:2], x[2:]):
            received = kept.call("forward", part)
        yield Answer(f"{name}.forward with memorize", received, outputs_of(x, weights)[2:])

    return question


def lenet(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """What the network says of images is what its layers compute."""
    net = student.function("Models.LeNet", "build")
    layers = net["layers"] if isinstance(net, Thing) else None
    if not isinstance(layers, tuple) or len(layers) != 13 or not all(isinstance(layer, Thing) for layer in layers):
        raise NoAnswer("Models.LeNet.build() gives no network of thirteen layers")
    x = images = rng.random((2, 1, 28, 28))
    for place in (0, 3):
        shape = layers[place]["weights"].shape
        weights, bias = rng.normal(0, 0.3, shape), rng.normal(0, 0.3, shape[0])
        layers[place]["weights"], layers[place]["bias"] = weights, bias
        shape = (2, len(weights), *x.shape[2:])
        x = np.maximum(correlate(x, weights, np.zeros(shape), (1, 1))[0] + bias[:, None, None], 0)
        x = x.reshape(2, shape[1], shape[2] // 2, 2, shape[3] // 2, 2).max(axis=(3, 5))
    x = x.reshape(2, -1)
    for place, inputs in ((7, 784), (9, 120), (11, 84)):
        yield from drawn_map(layers[place], inputs, rng, 0.5 / inputs**0.5)
        x = np.column_stack([np.maximum(x, 0) if place > 7 else x, np.ones(2)]) @ affine_map(layers[place], inputs)
    scores = np.exp(x - x.max(axis=1, keepdims=True))
    yield Answer("LeNet's test", net.call("test", images), scores / scores.sum(axis=1, keepdims=True), 1e-5)


def whole_network(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """The loss with what the regularizer adds, and the phases."""
    x, labels, alpha = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), float(rng.uniform(0.1, 1))
    optimizer = student.create("Sgd", 0.0)
    optimizer.call("add_regularizer", student.create("L2_Regularizer", alpha))
    net = student.create("NeuralNetwork", optimizer, *(student.stand_in("Start", 3 + place) for place in range(2)))
    net["data_layer"] = student.stand_in("Batches", x, labels)
    net["loss_layer"] = student.stand_in("SquaredError")
    dense, drop = student.create("FullyConnected", 3, 3), student.create("Dropout", 0.5)
    for layer in (dense, student.scale(2.0), drop):
        net.call("append_layer", layer)
    yield from drawn_map(dense, 3, rng)
    rows = affine_map(dense, 3)
    outputs = 2 * np.column_stack([x, np.ones(4)]) @ rows
    yield Answer("NeuralNetwork.test", net.call("test", x), outputs)
    loss = ((outputs - labels) ** 2).sum() / 2 + alpha * (rows**2).sum()
    yield Answer("the loss with a regularizer, in the testing phase", net.call("forward"), loss)
    net.call("train", 1)
    yield Answer("whether train leaves the testing phase", drop["testing_phase"], 0)
    yield Answer("NeuralNetwork.test after training", net.call("test", x), outputs)


QUESTIONS: dict[str, Question] = {
    "TestConstraints": constraints,
    "TestDropout": dropout,
    "TestBatchNorm": batch_normalization,
    "TestLeNet": lenet,
    "TestTanH": activation("TanH", np.tanh, lambda y: 1 - y**2),
    "TestSigmoid": activation("Sigmoid", sigmoid, lambda y: y * (1 - y)),
    "TestRNN": recurrent("RNN", elman, 1),
    "TestLSTM": recurrent("LSTM", long_short_term, 4),
    "TestNeuralNetwork3": whole_network,
}
