"""The laws of the house, each written once and run over every layer."""

import copy
import importlib
import inspect
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import Layers
import NeuralNetwork
from Layers.Base import BaseLayer
from Layers.Composite import CompositeLayer, everything
from Optimization.Optimizers import Adam, Sgd
from tests.layer_cases import CASES, LayerCase, gradients, owners, parameters, set_parameter
from tests.numerical import derivative_along

every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_dtype = pytest.mark.parametrize("dtype", ["float64", "float32"])


class Scale(BaseLayer):
    """A neighbour for the layer under test: multiplies each element by a factor of its own."""

    def __init__(self, factors: np.ndarray) -> None:
        self.factors = factors

    def forward(self, input_tensor):
        return input_tensor * self.factors

    def backward(self, error_tensor):
        return error_tensor * self.factors


def random_factors(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.5, 2, shape)


def forward(layer: BaseLayer, inputs: np.ndarray) -> np.ndarray:
    """The output, from the same random numbers at every call."""
    np.random.seed(9)  # noqa: NPY002 - a layer may draw from the global state
    if getattr(layer, "rng", None) is not None:
        layer.rng = np.random.default_rng(9)
    return layer.forward(inputs)


def errors_there_are(input_error: np.ndarray | None) -> list[np.ndarray]:
    """The input's error, or nothing where the input is no number that could be a little larger."""
    return [] if input_error is None else [input_error]


def results(layer: BaseLayer, case: LayerCase, dtype: str = "float64", seed: int = 0) -> list[np.ndarray]:
    """Everything that a forward and a backward pass deliver."""
    output = forward(layer, case.inputs(dtype, seed))
    error = layer.backward(case.errors(dtype))
    assert (error is None) == (case.vocabulary is not None)
    return [output, *errors_there_are(error), *gradients(layer).values()]


def memory_layouts(array: np.ndarray) -> dict[str, np.ndarray]:
    """The same values in other orders of memory."""
    wide, channels = np.repeat(array, 2, axis=-1), min(1, array.ndim - 1)
    layouts = {
        "column-major": np.asfortranarray(array),
        "every second": wide[..., ::2],
        "backwards": array[::-1].copy()[::-1],
        "channels last": np.moveaxis(np.moveaxis(array, channels, -1).copy(), -1, channels),
    }
    for layout in layouts.values():
        layout.flags.writeable = False
    return layouts


def test_every_layer_is_on_the_list():
    tested = {type(case.make()) for case in CASES}
    for file in Path(Layers.__file__).parent.glob("*.py"):
        module = importlib.import_module(f"Layers.{file.stem}")
        for name, member in inspect.getmembers(module, inspect.isclass):
            concrete = issubclass(member, BaseLayer) and not inspect.isabstract(member)
            if concrete and member.__module__ == module.__name__:
                assert member in tested, f"{name} is missing from tests/layer_cases.py: no law is checked for it"
                assert name == file.stem, f"{name} belongs into a file of its own name, not {file.name}"


def assert_is_derivative(gradient: np.ndarray, loss: Callable[[], float], values: np.ndarray, size: float) -> None:
    """Compare along a random direction; `size` is that of the numbers which the loss adds up."""
    direction = np.random.default_rng(7).standard_normal(values.shape)
    share = gradient * direction
    tolerance = 1e-7 * np.abs(share).sum() + 1e-10 * size
    assert gradient.shape == values.shape
    np.testing.assert_allclose(share.sum(), derivative_along(loss, values, direction), rtol=1e-6, atol=tolerance)


@every_case
def test_law_1_the_input_error_is_the_derivative_of_the_loss(case):
    layer, upstream = case.build(), case.errors()
    if case.vocabulary is not None:
        return  # where there is none
    before, after = Scale(random_factors(case.shape, 5)), Scale(random_factors(case.output_shape, 6))
    inputs = case.inputs() / before.factors

    def products() -> np.ndarray:
        return upstream * after.forward(forward(layer, before.forward(inputs)))

    size = np.abs(products()).sum()
    analytical = before.backward(layer.backward(after.backward(upstream)))
    assert_is_derivative(analytical, lambda: products().sum(), inputs, size)


@every_case
def test_law_2_every_gradient_is_the_derivative_of_the_loss(case):
    layer, inputs, upstream = case.build(), case.inputs(), case.errors()
    size = np.abs(upstream * forward(layer, inputs)).sum()
    layer.backward(upstream)
    for name, gradient in gradients(layer).items():
        parameter = parameters(layer)[name]
        assert_is_derivative(gradient, lambda: np.sum(upstream * forward(layer, inputs)), parameter, size)


@every_case
@pytest.mark.parametrize("optimizer", [Sgd(0.1), Adam(0.1)], ids=str)
def test_law_3_the_optimizer_moves_the_parameters_and_nothing_else(case, optimizer):
    still, moving = case.build(), case.build()
    if not moving.trainable:
        assert getattr(moving, "optimizer", None) is None
        return
    moving.optimizer = optimizer
    starting_points = {name: value.copy() for name, value in parameters(moving).items()}
    for without, with_optimizer in zip(results(still, case), results(moving, case), strict=True):
        np.testing.assert_array_equal(without, with_optimizer)
    for name, start in starting_points.items():
        np.testing.assert_array_equal(parameters(still)[name], start)
        expected = copy.deepcopy(optimizer).calculate_update(start, gradients(moving)[name])
        np.testing.assert_allclose(parameters(moving)[name], expected, err_msg=f"{name} after one step")


@every_case
@every_dtype
def test_law_4_arguments_are_not_changed(case, dtype):
    layer, inputs, errors = case.build(dtype), case.inputs(dtype), case.errors(dtype)
    original_inputs, original_errors = inputs.copy(), errors.copy()
    layer.forward(inputs)
    layer.backward(errors)
    np.testing.assert_array_equal(inputs, original_inputs)
    np.testing.assert_array_equal(errors, original_errors)


@every_case
@every_dtype
def test_law_4_results_are_not_changed_by_later_calls(case, dtype):
    layer = case.build(dtype)
    first = results(layer, case, dtype, seed=0)
    kept = [result.copy() for result in first]
    results(layer, case, dtype, seed=1)
    for result, copy_of_it in zip(first, kept, strict=True):
        np.testing.assert_array_equal(result, copy_of_it)


@every_case
def test_law_4_results_do_not_depend_on_earlier_calls(case):
    used = case.build()
    results(used, case, seed=8)
    after_use = results(used, case)
    fresh = results(case.build(), case)
    for one, other in zip(after_use, fresh, strict=True):
        np.testing.assert_array_equal(one, other)


@every_case
def test_law_4_backward_uses_the_weights_of_the_forward_pass(case):
    reference, layer = case.build(), case.build()
    expected = results(reference, case)[1]
    if case.vocabulary is not None:
        return  # whose error meets no weights
    forward(layer, case.inputs())
    for name, value in parameters(layer).items():
        set_parameter(layer, name, value + 1)
    np.testing.assert_array_equal(layer.backward(case.errors()), expected)


@every_case
@every_dtype
def test_law_5_results_have_the_documented_shape_and_the_parameters_dtype(case, dtype):
    layer = case.build(dtype)
    output, *others = results(layer, case, dtype)
    assert output.shape == case.output_shape
    assert case.vocabulary is not None or others[0].shape == case.shape
    assert {result.dtype.name for result in (output, *others)} == {dtype}


@every_case
def test_law_5_parameters_decide_the_dtype_of_the_computation(case):
    layer = case.build("float32")
    if not layer.trainable:
        return
    layer.optimizer = Adam(0.1)
    assert {result.dtype.name for result in results(layer, case, "float64")} == {"float32"}
    assert {parameter.dtype.name for parameter in parameters(layer).values()} == {"float32"}


@every_case
def test_law_5_integers_are_computed_in_float64(case):
    layer = case.build()
    inputs = np.random.default_rng(0).integers(-3, 4, case.shape)
    if case.vocabulary is not None:
        inputs %= case.vocabulary
    output = layer.forward(inputs)
    assert output.dtype == np.float64
    np.testing.assert_array_equal(output, case.build().forward(inputs.astype(float)))


@every_case
@every_dtype
def test_law_5_the_order_of_memory_does_not_matter(case, dtype):
    expected = results(case.build(dtype), case, dtype)
    errors = memory_layouts(case.errors(dtype))
    for name, inputs in memory_layouts(case.inputs(dtype)).items():
        layer = case.build(dtype)
        found = [forward(layer, inputs), *errors_there_are(layer.backward(errors[name])), *gradients(layer).values()]
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5 if dtype == "float32" else 1e-12, atol=1e-6, err_msg=name)


@every_case
def test_law_6_a_batch_equals_its_samples_one_by_one(case):
    if not case.samples_are_independent:
        return
    inputs, errors = case.inputs(), case.errors()
    whole = results(case.build(), case)
    outputs, input_errors, sums = [], [], {}
    for sample in range(case.shape[0]):
        layer = case.build()
        outputs.append(layer.forward(inputs[sample : sample + 1]))
        input_errors += errors_there_are(layer.backward(errors[sample : sample + 1]))
        for name, gradient in gradients(layer).items():
            sums[name] = sums.get(name, 0) + gradient
    together = [np.concatenate(parts) for parts in (outputs, input_errors) if parts]
    for one, other in zip([*together, *sums.values()], whole, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


@every_case
def test_law_7_the_testing_phase_is_deterministic_and_changes_nothing(case):
    layer = case.build()
    results(layer, case)
    layer.testing_phase = True
    layer.forget()
    before = pickle.dumps(layer)
    first = layer.forward(case.inputs())
    second = layer.forward(case.inputs())
    layer.forget()
    np.testing.assert_array_equal(first, second)
    assert pickle.dumps(layer) == before


@every_case
def test_law_8_the_printed_form_makes_the_layer_again(case):
    layer = case.make()
    if getattr(layer, "rng", None) is not None:
        return  # which has no form that makes it again
    again = eval(repr(layer), {type(one).__name__: type(one) for one in everything([layer])})
    assert repr(again) == repr(layer)
    if not isinstance(layer, CompositeLayer):  # whose arguments are layers, each equal to itself alone
        assert again.configuration() == layer.configuration()


@every_case
def test_law_8_a_clone_is_as_new_and_a_copy_is_as_used(case):
    layer = case.build()
    if layer.trainable:
        layer.optimizer = Adam(0.1)
    results(layer, case)
    assert type(layer.clone()) is type(layer)
    assert repr(layer.clone()) == repr(layer)
    for copied in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        for name, value in parameters(layer).items():
            np.testing.assert_array_equal(parameters(copied)[name], value)
        with pytest.raises(RuntimeError, match="call forward first"):
            copied.backward(case.errors())
        for one, other in zip(results(copied, case), results(copy.deepcopy(layer), case), strict=True):
            np.testing.assert_array_equal(one, other)


@every_case
def test_law_8_a_saved_layer_comes_back_as_used(case, tmp_path):
    layer = case.build()
    if layer.trainable:
        layer.optimizer = Adam(0.1)
    results(layer, case)
    net = NeuralNetwork.NeuralNetwork()
    net.layers.append(layer)
    NeuralNetwork.save(tmp_path / "net", net)
    (restored,) = NeuralNetwork.load(tmp_path / "net", None).layers
    for one, other in zip(results(restored, case), results(layer, case), strict=True):
        np.testing.assert_array_equal(one, other)
    for name, value in parameters(layer).items():
        np.testing.assert_array_equal(parameters(restored)[name], value)


@every_case
@pytest.mark.parametrize(
    ("value", "error"),
    [
        (None, TypeError),
        ("picture", TypeError),
        ([["a", "b"]], TypeError),
        ([[1.0], [1.0, 2.0]], ValueError),
        (np.array([[1 + 2j]]), TypeError),
        (np.array([[None]]), TypeError),
    ],
    ids=str,
)
def test_law_9_what_is_no_array_of_numbers_is_refused_by_name(case, value, error):
    layer = case.build()
    with pytest.raises(error, match=type(layer).__name__):
        layer.forward(value)
    layer.forward(case.inputs())
    with pytest.raises((TypeError, ValueError), match=type(layer).__name__):
        layer.backward(value)


@every_case
def test_law_9_wrong_shapes_and_empty_batches_are_refused_by_name(case):
    layer = case.build()
    with pytest.raises(ValueError, match=type(layer).__name__):
        layer.forward(np.empty((0, *case.shape[1:])))
    if case.wrong_shape:
        with pytest.raises(ValueError, match=r"expected .*got \("):
            layer.forward(np.ones(case.wrong_shape))
    layer.forward(case.inputs())
    with pytest.raises(ValueError, match="error tensor"):
        layer.backward(np.ones((*case.output_shape, 2)))


@every_case
def test_law_9_backward_before_forward_is_refused_by_name(case):
    layer = case.build()
    with pytest.raises(RuntimeError, match=f"{type(layer).__name__}.*call forward first"):
        layer.backward(case.errors())


@every_case
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_law_9_a_number_that_is_not_finite_never_reaches_the_parameters(case, value):
    layer = case.build()
    if not layer.trainable:
        return
    layer.optimizer = Sgd(0.1)
    starting_points = {name: parameter.copy() for name, parameter in parameters(layer).items()}
    spoiled_inputs, spoiled_errors = case.inputs(), case.errors()
    spoiled_inputs.flat[-1] = spoiled_errors.flat[-1] = value
    with pytest.raises(ValueError, match="finite"):
        layer.forward(spoiled_inputs)
    layer.forward(case.inputs())
    with pytest.raises(ValueError, match="finite"):
        layer.backward(spoiled_errors)
    for name, start in starting_points.items():
        np.testing.assert_array_equal(parameters(layer)[name], start)


@every_case
def test_law_9_nan_is_never_swallowed(case):
    layer = case.build()
    if layer.trainable:
        return
    inputs = case.inputs()
    inputs[0] = np.nan
    layer.testing_phase = hasattr(layer, "probability")  # in training, dropout may drop it
    assert np.isnan(layer.forward(inputs)).any()


@every_case
def test_law_9_assigned_parameters_that_do_not_fit_are_reported_when_used(case):
    layer = case.build()
    for name, value in parameters(layer).items():
        set_parameter(layer, name, np.ones((*value.shape, 2)))
        with pytest.raises(ValueError, match=f"expected {owners(layer)[name][1]}"):
            layer.forward(case.inputs())
        set_parameter(layer, name, value)
    layer.forward(case.inputs())
