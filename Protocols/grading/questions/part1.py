"""Part 1: gradient descent, the first layers, the loss, the network."""

from collections.abc import Iterator

import numpy as np

from Foundation.Labels import one_hot
from Protocols.grading.questions.asking import Answer, Question
from Protocols.grading.student import Student, Thing


def gradient_descent(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """Two steps of w - η·g."""
    rate, weights, gradients = rng.uniform(0.1, 1), rng.normal(size=(3, 2)), rng.normal(size=(2, 3, 2))
    optimizer = student.create("Sgd", rate)
    for gradient in gradients:
        received = optimizer.call("calculate_update", weights, gradient)
        weights = weights - rate * gradient
        yield Answer("Sgd.calculate_update", received, weights)


def affine_map(layer: Thing, inputs: int) -> np.ndarray:
    """Matrix and bias of a fully connected layer, as rows, from its answers to zeros and to unit vectors."""
    outputs = layer.call("forward", np.vstack([np.eye(inputs), np.zeros(inputs)]))
    rows = np.array(outputs, dtype=float)
    rows[:-1] -= rows[-1]
    return rows


def drawn_map(layer: Thing, inputs: int, rng: np.random.Generator, deviation: float = 1.0) -> Iterator[Answer]:
    """Give a fully connected layer drawn weights: its map then consists of these numbers, in whatever order."""
    stored = rng.normal(0, deviation, layer["weights"].shape)
    layer["weights"] = stored
    yield Answer(
        "FullyConnected.forward of unit vectors", np.sort(affine_map(layer, inputs), None), np.sort(stored, None)
    )


def fully_connected(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """[X, 1]·W, E·Wᵀ, and the step along [X, 1]ᵀ·E."""
    inputs, outputs, batch = (int(size) for size in rng.integers(2, 7, 3))
    x, errors = rng.normal(size=(batch, inputs)), rng.normal(size=(batch, outputs))
    extended = np.column_stack([x, np.ones(batch)])
    layer = student.create("FullyConnected", inputs, outputs)
    yield from drawn_map(layer, inputs, rng)
    rows = affine_map(layer, inputs)
    yield Answer("FullyConnected.forward", layer.call("forward", x), extended @ rows)
    layer["optimizer"] = student.stand_in("FixedStep", 0.25)
    yield Answer("FullyConnected.backward", layer.call("backward", errors), errors @ rows[:-1].T)
    gradient = extended.T @ errors
    received = layer["gradient_weights"]
    yield Answer("the sum of |gradient_weights|", np.abs(received).sum(), np.abs(gradient).sum())
    yield Answer("the weights after a step", affine_map(layer, inputs), rows - 0.25 * gradient)


def relu(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """max(0, x), and the error where x was positive."""
    x, errors = rng.normal(size=(2, 4, 5))
    layer = student.create("ReLU")
    yield Answer("ReLU.forward", layer.call("forward", x), np.maximum(x, 0))
    yield Answer("ReLU.backward", layer.call("backward", errors), errors * (x > 0))


def softmax(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """exp(x) over its sum in each row, and y·(E - Σ E·y)."""
    x, errors = 3 * rng.normal(size=(2, 4, 5))
    y = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    layer = student.create("SoftMax")
    yield Answer("SoftMax.forward", layer.call("forward", x), y)
    expected = y * (errors - (errors * y).sum(axis=1, keepdims=True))
    yield Answer("SoftMax.backward", layer.call("backward", errors), expected)


def cross_entropy(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """The sum of -ln ŷ at the labels, and -1/ŷ there."""
    predictions = rng.dirichlet(np.ones(4), 5) * 0.9 + 0.025
    labels = one_hot(rng.integers(0, 4, 5), 4)
    loss = student.create("CrossEntropyLoss")
    yield Answer(
        "CrossEntropyLoss.forward", loss.call("forward", predictions, labels), -np.log(predictions[labels > 0]).sum()
    )
    yield Answer("CrossEntropyLoss.backward", loss.call("backward", labels), -labels / predictions)


def network(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """Layers one after the other, and the loss of each iteration."""
    factors, x, labels = rng.uniform(0.5, 2, 3), rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    starts = [student.stand_in("Start", int(rng.integers(2**31))) for _ in range(2)]
    net = student.create("NeuralNetwork", student.stand_in("FixedStep", 0.1), *starts)
    net["data_layer"] = student.stand_in("Batches", x, labels)
    net["loss_layer"] = student.stand_in("SquaredError")
    layers = [student.scale(float(factor)) for factor in factors]
    for layer in layers:
        net.call("append_layer", layer)
    outputs = x * np.prod(factors)
    expected = ((outputs - labels) ** 2).sum() / 2
    yield Answer("NeuralNetwork.forward", net.call("forward"), expected)
    net.call("train", 2)
    yield Answer("NeuralNetwork.loss", net["loss"], [expected] * 2)
    yield Answer(
        "the error that reaches the first layer", layers[0]["error"], (outputs - labels) * np.prod(factors[1:])
    )
    yield Answer("NeuralNetwork.test", net.call("test", x), outputs)


QUESTIONS: dict[str, Question] = {
    "TestOptimizers": gradient_descent,
    "TestFullyConnected": fully_connected,
    "TestReLU": relu,
    "TestSoftMax": softmax,
    "TestCrossEntropyLoss": cross_entropy,
    "TestNeuralNetwork": network,
}
