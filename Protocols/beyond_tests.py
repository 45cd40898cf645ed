"""Tests of what Protocols/beyond.md asks, run against a folder with a solution.

    python Protocols/beyond_tests.py my_solution
    python Protocols/beyond_tests.py my_solution TestGRU

This file needs NumPy and the folder alone, of which it takes `Layers` and `Optimization`.
"""

import copy
import importlib
import os
import sys
import unittest
from collections.abc import Callable
from typing import Any

import numpy as np

#: Where each class stands in the folder; the class itself once it is needed.
MODULES = {"GRU": "Layers.GRU", "Residual": "Layers.Residual", "AdamW": "Optimization.Optimizers"}
CLASSES: dict[str, Any] = {}


def create(name: str, *arguments: Any, **options: Any) -> Any:
    """An object of a class under test."""
    if name not in CLASSES:
        try:
            module = importlib.import_module(MODULES[name])
        except ModuleNotFoundError as error:
            if error.name != MODULES[name]:
                raise
            module = None
        if not hasattr(module, name):
            raise AssertionError(f"not yet written: {name} in {MODULES[name].replace('.', '/')}.py")
        CLASSES[name] = getattr(module, name)
    return CLASSES[name](*arguments, **options)


def derivative(loss: Callable[[], float], array: np.ndarray) -> np.ndarray:
    """The numerical derivative of a loss by each element of an array, which is changed and put back."""
    result = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        value, differences = array[place], []
        for step in (1e-5, -1e-5):
            array[place] = value + step
            differences.append(loss())
        array[place] = value
        result[place] = (differences[0] - differences[1]) / 2e-5
    return result


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


class Recorder:
    """An optimizer that notes its calls and takes a plain step."""

    def __init__(self, calls: list | None = None) -> None:
        self.calls = [] if calls is None else calls
        self.gradients: list[np.ndarray] = []

    def __deepcopy__(self, memo: dict) -> "Recorder":
        return Recorder(self.calls)

    def calculate_update(self, weight_tensor: np.ndarray, gradient_tensor: np.ndarray) -> np.ndarray:
        self.gradients.append(np.array(gradient_tensor))
        self.calls.append(self)
        return weight_tensor - 0.5 * gradient_tensor


class TestCase(unittest.TestCase):
    """What the tests of all tasks share."""

    def same(self, found: Any, expected: Any, what: str, tolerance: float = 1e-10) -> None:
        found, expected = np.asarray(found, float), np.asarray(expected, float)
        self.assertEqual(found.shape, expected.shape, f"{what}: another shape")
        worst = float(np.abs(found - expected).max(initial=0))
        self.assertTrue(np.allclose(found, expected, tolerance, tolerance), f"{what}: off by up to {worst:.2g}")


class TestGRU(TestCase):
    """GRU in Layers/GRU.py."""

    sizes = 2, 3, 4

    def setUp(self) -> None:
        self.rng = np.random.default_rng(5)
        self.inputs = self.rng.standard_normal((5, self.sizes[0]))
        self.layer = self.make()

    def make(self) -> Any:
        layer, rng = create("GRU", *self.sizes), np.random.default_rng(6)
        layer.weights = rng.standard_normal((sum(self.sizes[:2]) + 2, 3 * self.sizes[1]))
        layer.output_weights = rng.standard_normal((self.sizes[1] + 1, self.sizes[2]))
        return layer

    def expected(self, inputs: np.ndarray) -> np.ndarray:
        features, hidden, _ = self.sizes
        weights, read_out = np.array(self.layer.weights), np.array(self.layer.output_weights)
        state, outputs = np.zeros(hidden), []
        for x in inputs:
            of_x = np.split(x @ weights[:features] + weights[-1], 3)
            of_state = np.split(state @ weights[features:-2] + weights[-2], 3)
            reset, update = sigmoid(of_x[0] + of_state[0]), sigmoid(of_x[1] + of_state[1])
            candidate = np.tanh(of_x[2] + reset * of_state[2])
            state = (1 - update) * candidate + update * state
            outputs.append(sigmoid(np.append(state, 1) @ read_out))
        return np.array(outputs)

    def test_construction(self) -> None:
        """It can be trained, begins without memory, and has two matrices."""
        layer = create("GRU", *self.sizes)
        self.assertIs(layer.trainable, True)
        self.assertIs(layer.memorize, False)
        self.assertEqual(np.shape(layer.weights), (7, 9), "weights: W, U, c, b below each other, r, z, n side by side")
        self.assertEqual(np.shape(layer.output_weights), (4, 4))

    def test_forward(self) -> None:
        """The outputs of one step, of two and of five are those of the formula."""
        for steps in (1, 2, 5):
            self.same(self.layer.forward(self.inputs[:steps]), self.expected(self.inputs[:steps]), f"{steps} steps")

    def check_gradients(self, steps: int) -> None:
        inputs, error = self.inputs[:steps].copy(), self.rng.standard_normal((steps, self.sizes[2]))
        self.layer.forward(inputs)
        found = self.layer.backward(error)
        gradients = self.layer.gradient_weights, self.layer.gradient_output_weights
        weights, read_out = np.array(self.layer.weights), np.array(self.layer.output_weights)

        def loss() -> float:
            self.layer.weights, self.layer.output_weights = weights.copy(), read_out.copy()
            return float((self.layer.forward(inputs) * error).sum())

        for name, array, gradient in (
            ("the input's error", inputs, found),
            ("gradient_weights", weights, gradients[0]),
            ("gradient_output_weights", read_out, gradients[1]),
        ):
            self.same(gradient, derivative(loss, array), f"{name}, {steps} steps", 1e-6)

    def test_gradients_of_one_step(self) -> None:
        """All gradients equal the numerical ones where nothing comes back through time."""
        self.check_gradients(1)

    def test_gradients_through_time(self) -> None:
        """All gradients equal the numerical ones for four steps."""
        self.check_gradients(4)

    def test_backward_again(self) -> None:
        """A second pass gives the same gradients: nothing is left of the first."""
        error = self.rng.standard_normal((5, self.sizes[2]))
        found = []
        for _ in range(2):
            self.layer.forward(self.inputs)
            self.layer.backward(error)
            found.append(np.array(self.layer.gradient_weights))
        self.same(found[1], found[0], "gradient_weights of the second pass")

    def test_state(self) -> None:
        """Without memorize every pass begins with zeros; with it, two halves are a whole."""
        whole = np.array(self.layer.forward(self.inputs))
        self.same(self.layer.forward(self.inputs), whole, "the second forward pass, without memorize")
        layer = self.make()
        layer.memorize = True
        halves = [np.array(layer.forward(self.inputs[:2])), np.array(layer.forward(self.inputs[2:]))]
        self.same(np.concatenate(halves), whole, "two halves with memorize")

    def test_arguments(self) -> None:
        """Neither pass changes its argument, nor what the last one has returned."""
        inputs, error = self.inputs.copy(), self.rng.standard_normal((5, self.sizes[2]))
        kept = error.copy()
        output = self.layer.forward(inputs)
        copied = np.array(output)
        self.layer.backward(error)
        self.same(inputs, self.inputs, "the input")
        self.same(error, kept, "the error tensor")
        self.layer.forward(-inputs)
        self.same(output, copied, "an earlier output")

    def test_step(self) -> None:
        """Each matrix steps once, along the sum over time, and the error is that of the weights before the step."""
        error, still = self.rng.standard_normal((5, self.sizes[2])), self.make()
        still.forward(self.inputs)
        wanted = still.backward(error)
        optimizer = Recorder()
        self.layer.optimizer = optimizer
        before = np.array(self.layer.weights), np.array(self.layer.output_weights)
        self.layer.forward(self.inputs)
        self.same(self.layer.backward(error), wanted, "the input's error with an optimizer")
        calls = optimizer.calls
        self.assertEqual(len(calls), 2, "calls of calculate_update: one for each matrix, after the last step")
        self.assertEqual(len({id(call) for call in calls}), 2, "each matrix needs a copy of the optimizer of its own")
        self.same(self.layer.weights, before[0] - 0.5 * np.asarray(still.gradient_weights), "weights after the step")
        after = before[1] - 0.5 * np.asarray(still.gradient_output_weights)
        self.same(self.layer.output_weights, after, "output_weights after the step")

    def test_initialize(self) -> None:
        """The biases come from one initializer and the weights from the other."""

        class Filling:
            def __init__(self, value: float) -> None:
                self.value = value

            def initialize(self, weights_shape: tuple, fan_in: int, fan_out: int) -> np.ndarray:
                return np.full(weights_shape, self.value)

        self.layer.initialize(Filling(2.0), Filling(7.0))
        for matrix, rows in ((self.layer.weights, 2), (self.layer.output_weights, 1)):
            wanted = np.full(np.shape(matrix), 2.0)
            wanted[-rows:] = 7
            self.same(matrix, wanted, "what initialize has drawn")


class Affine:
    """A layer for the inside of a block: x @ weights, with a gradient and a step."""

    trainable = True
    testing_phase = False

    def __init__(self, weights: Any) -> None:
        self.weights, self.optimizer, self.initialized = np.array(weights, float), None, 0

    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        self.initialized += 1

    def calculate_regularization_loss(self) -> float:
        return float(np.abs(self.weights).sum())

    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        self.input = input_tensor
        return input_tensor @ self.weights

    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        error = error_tensor @ self.weights.T
        self.gradient_weights = self.input.T @ error_tensor
        if self.optimizer is not None:
            self.weights = self.optimizer.calculate_update(self.weights, self.gradient_weights)
        return error


class Same:
    """A layer for the inside of a block that hands on what it gets, as dropout does in the testing phase."""

    trainable = False
    testing_phase = False

    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        return input_tensor

    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        return error_tensor


class Square(Same):
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        self.input = input_tensor
        return input_tensor**2

    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        return 2 * self.input * error_tensor


class TestResidual(TestCase):
    """Residual in Layers/Residual.py."""

    def setUp(self) -> None:
        self.rng = np.random.default_rng(7)
        self.x, self.e = self.rng.standard_normal((2, 4, 3))
        self.first, self.last = (Affine(self.rng.standard_normal((3, 3))) for _ in range(2))
        self.block = create("Residual", [self.first, Square(), self.last])

    def expected(self, x: np.ndarray) -> np.ndarray:
        return (x @ self.first.weights) ** 2 @ self.last.weights + x

    def test_forward(self) -> None:
        """The output is what the layers make of the input, one after the other, and the input."""
        self.same(self.block.forward(self.x), self.expected(self.x), "the output")

    def test_one_layer(self) -> None:
        """A block of one layer adds the input to its output."""
        block = create("Residual", [Affine(2 * np.eye(3))])
        self.same(block.forward(self.x), 3 * self.x, "the output")
        self.same(block.backward(self.e), 3 * self.e, "the input's error")

    def test_backward(self) -> None:
        """The input's error equals the numerical derivative."""
        x = self.x.copy()
        self.block.forward(x)
        found = self.block.backward(self.e)
        self.same(found, derivative(lambda: float((self.expected(x) * self.e).sum()), x), "the input's error", 1e-6)

    def test_inner_gradients(self) -> None:
        """The layers inside get the whole error, and keep their gradients."""
        self.block.forward(self.x)
        self.block.backward(self.e)
        for layer in (self.first, self.last):
            loss = derivative(lambda: float((self.expected(self.x) * self.e).sum()), layer.weights)
            self.same(layer.gradient_weights, loss, "a gradient inside", 1e-6)

    def test_arguments(self) -> None:
        """Neither pass changes its argument, whatever the layers inside return."""
        block = create("Residual", [Same()])
        x, e = self.x.copy(), self.e.copy()
        self.same(block.forward(x), 2 * self.x, "the output of a block that holds nothing but the identity")
        self.same(x, self.x, "the input (is something added to it in place?)")
        self.same(block.backward(e), 2 * self.e, "the error of a block that holds nothing but the identity")
        self.same(e, self.e, "the error tensor (is something added to it in place?)")

    def test_trainable(self) -> None:
        """A block can be trained, so that the network initializes it and gives it an optimizer."""
        self.assertTrue(self.block.trainable)

    def test_optimizer(self) -> None:
        """Each layer inside that can be trained gets an optimizer of its own, and steps once."""
        optimizer = Recorder()
        self.block.optimizer = optimizer
        before = self.first.weights.copy(), self.last.weights.copy()
        expected = self.expected(self.x)
        self.same(self.block.forward(self.x), expected, "the output")
        self.block.backward(self.e)
        self.assertEqual(len(optimizer.calls), 2, "steps of the layers inside")
        self.assertIsNot(self.first.optimizer, self.last.optimizer, "each layer needs a copy of the optimizer")
        self.assertIsNotNone(self.block.optimizer, "optimizer has a getter too")
        for layer, weights in zip((self.first, self.last), before, strict=True):
            self.same(layer.weights, weights - 0.5 * layer.gradient_weights, "weights after the step")

    def test_phase(self) -> None:
        """The layers inside are told of the testing phase, and of its end."""
        for phase in (True, False):
            self.block.testing_phase = phase
            self.assertEqual([layer.testing_phase for layer in (self.first, self.last)], [phase] * 2)
            self.assertEqual(self.block.testing_phase, phase)

    def test_initialize(self) -> None:
        """Each layer inside that can be trained is initialized once."""
        self.block.initialize(None, None)
        self.assertEqual((self.first.initialized, self.last.initialized), (1, 1))

    def test_regularization_loss(self) -> None:
        """The prices of the layers inside add up."""
        wanted = self.first.calculate_regularization_loss() + self.last.calculate_regularization_loss()
        self.same(self.block.calculate_regularization_loss(), wanted, "calculate_regularization_loss()")

    def test_shapes(self) -> None:
        """Layers that change the shape are refused: numbers must not be repeated until it fits."""
        with self.assertRaises(ValueError, msg="(4, 3) and (4, 1) can't be added up"):
            create("Residual", [Affine(np.ones((3, 1)))]).forward(self.x)


def adam_path(w: Any, gradients: Any, eta: float, mu: float, rho: float, decay: float, price: float = 0.0) -> list:
    path, v, r = [], 0.0, 0.0
    for k, g in enumerate(gradients, 1):
        v, r = mu * v + (1 - mu) * g, rho * r + (1 - rho) * g * g
        step = v / (1 - mu**k) / (np.sqrt(r / (1 - rho**k)) + 1e-8)
        w = w - eta * (decay + price) * w - eta * step
        path.append(w)
    return path


class Price:
    """A regularizer whose gradient is 0.3 w."""

    def calculate_gradient(self, weights: np.ndarray) -> np.ndarray:
        return 0.3 * np.asarray(weights)

    def norm(self, weights: np.ndarray) -> float:
        return 0.15 * float(np.square(weights).sum())


class TestAdamW(TestCase):
    """AdamW in Optimization/Optimizers.py."""

    def setUp(self) -> None:
        rng = np.random.default_rng(8)
        self.weights, self.gradients = rng.standard_normal((3, 2)), rng.standard_normal((6, 3, 2))

    def follow(self, optimizer: Any, weights: Any, gradients: Any) -> list:
        path = []
        for gradient in gradients:
            weights = optimizer.calculate_update(weights, gradient)
            path.append(np.array(weights))
        return path

    def test_one_step_by_hand(self) -> None:
        """From 2 with the gradient 5 and decay 0.5: 2 - 0.1 · 0.5 · 2 - 0.1."""
        found = create("AdamW", 0.1, 0.9, 0.999, 0.5).calculate_update(2.0, 5.0)
        self.same(found, 1.8, "AdamW(0.1, 0.9, 0.999, 0.5)", 1e-8)

    def test_path(self) -> None:
        """Six steps of a matrix."""
        expected = adam_path(self.weights, self.gradients, 0.1, 0.8, 0.95, 0.4)
        found = self.follow(create("AdamW", 0.1, 0.8, 0.95, 0.4), self.weights, self.gradients)
        for step, (one, other) in enumerate(zip(found, expected, strict=True), 1):
            self.same(one, other, f"step {step}")

    def test_defaults(self) -> None:
        """0.001, 0.9, 0.999 and a decay of 0.01."""
        expected = adam_path(self.weights, self.gradients, 0.001, 0.9, 0.999, 0.01)
        self.same(self.follow(create("AdamW"), self.weights, self.gradients), expected, "AdamW()")

    def test_decay_alone(self) -> None:
        """Where the gradient is 0, weights shrink by the factor 1 - η · decay in each step."""
        found = self.follow(create("AdamW", 0.1, decay=0.5), self.weights, np.zeros((3, 3, 2)))
        self.same(found, [self.weights * 0.95**k for k in (1, 2, 3)], "three steps without a gradient")

    def test_the_decay_is_not_in_the_moments(self) -> None:
        """Weights that are a million times as large take the same step of the gradient."""
        large = 1e6 * self.weights
        found = self.follow(create("AdamW", 0.1, decay=0.5), large, self.gradients)
        self.same(found, adam_path(large, self.gradients, 0.1, 0.9, 0.999, 0.5), "large weights", 1e-12)

    def test_no_decay_is_adam(self) -> None:
        """With a decay of 0 the steps are Adam's."""
        expected = adam_path(self.weights, self.gradients, 0.1, 0.9, 0.999, 0)
        self.same(self.follow(create("AdamW", 0.1, decay=0), self.weights, self.gradients), expected, "decay=0")

    def test_regularizer(self) -> None:
        """A regularizer shrinks the weights beside the decay, both from the weights before the step."""
        optimizer = create("AdamW", 0.1, decay=0.5)
        optimizer.add_regularizer(Price())
        expected = adam_path(self.weights, self.gradients, 0.1, 0.9, 0.999, 0.5, 0.3)
        found = self.follow(optimizer, self.weights, self.gradients)
        # The decay may take the weights before or after the regularizer: that differs by η² · 0.5 · 0.3 of them.
        self.same(found[0], expected[0], "a step with a regularizer", 5e-3)
        plain = adam_path(self.weights, self.gradients, 0.1, 0.9, 0.999, 0.5)[0]
        self.assertGreater(np.abs(found[0] - plain).max(), 0.02, "the regularizer has no effect")

    def test_arguments(self) -> None:
        """Neither the weights nor the gradient are changed, and an earlier result isn't either."""
        weights, gradient = self.weights.copy(), self.gradients[0].copy()
        optimizer = create("AdamW", 0.1)
        result = optimizer.calculate_update(weights, gradient)
        kept = np.array(result)
        optimizer.calculate_update(result, gradient)
        self.same(weights, self.weights, "the weights that were handed over")
        self.same(gradient, self.gradients[0], "the gradient")
        self.same(result, kept, "an earlier result")

    def test_copies(self) -> None:
        """A copy goes on where the original is, and knows nothing of it afterwards."""
        optimizer = create("AdamW", 0.1, decay=0.5)
        weights = self.follow(optimizer, self.weights, self.gradients[:3])[-1]
        twin = copy.deepcopy(optimizer)
        found = [self.follow(one, weights, self.gradients[3:]) for one in (optimizer, twin)]
        self.same(found[0], adam_path(self.weights, self.gradients, 0.1, 0.9, 0.999, 0.5)[3:], "the original")
        self.same(found[1], found[0], "the copy")


def main() -> None:
    """Test the folder that the command line names."""
    if len(sys.argv) < 2:
        sys.exit("beyond_tests.py: expected a folder, and names such as TestGRU where not all tasks are to be tested")
    if not os.path.isdir(os.path.join(sys.argv[1], "Layers")):  # or that of an installed library would be tested
        sys.exit(f"beyond_tests.py: expected a folder with Layers in it, got {sys.argv[1]}")
    sys.path.insert(0, sys.argv[1])
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])


if __name__ == "__main__":
    main()
