"""Laws of layers that are about what is drawn: types, orders of memory, sizes of numbers, histories."""

import pickle
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from Foundation import Formulas, Pieces
from Foundation.Checks import floating_dtype
from Layers.Base import BaseLayer
from Layers.Composite import CompositeLayer
from Layers.GRU import GRU
from Layers.LSTM import LSTM
from Layers.RNN import RNN
from Optimization.Optimizers import Adam
from tests.drawn import formulas
from tests.drawn.arrays import handed, handed_to, seeds
from tests.drawn.layers import LAYERS
from tests.layer_cases import gradients, parameters, set_parameter
from tests.test_layer_laws import assert_is_derivative, errors_there_are, forward, results

every_layer = pytest.mark.parametrize("kind", LAYERS)
recurrent = pytest.mark.parametrize("kind", [RNN, LSTM, GRU])
drawn = given(data=st.data())

dtypes = st.sampled_from(["float64", "float32"])


def passes(layer: BaseLayer, inputs: np.ndarray, errors: np.ndarray) -> list[np.ndarray]:
    output = forward(layer, inputs)
    return [output, *errors_there_are(layer.backward(errors)), *gradients(layer).values()]


def assert_close(found: np.ndarray, expected: np.ndarray, relative: float, least: float = 0.0) -> None:
    """Close beside the largest element, or the summands, which sums of large numbers that cancel are measured by."""
    largest = np.abs(expected).max(initial=least)
    np.testing.assert_allclose(found, expected, rtol=relative, atol=relative * largest)


def computed_in(layer: BaseLayer, inputs: np.ndarray) -> np.dtype:
    """A layer's parameters decide, or else the input: float32 and float64 stay what they are, others become float64."""
    for parameter in parameters(layer).values():
        return parameter.dtype
    return floating_dtype(inputs.dtype)


@every_layer
@drawn
def test_the_type_and_the_order_of_memory_decide_nothing_but_the_precision(kind, data):
    case, dtype = data.draw(LAYERS[kind]), data.draw(dtypes)
    inputs, errors = data.draw(handed_to(case)), data.draw(handed(case.output_shape))
    layer, plain = case.build(dtype), case.build(dtype)
    wanted = computed_in(layer, inputs.array)
    found = passes(layer, inputs.array, errors.array)
    expected = passes(plain, inputs.exact.astype(wanted), errors.exact.astype(wanted))
    # Errors may cancel: how much becomes of others, of size 1, tells how large the summands are. No input is drawn from
    # this seed: errors equal to the input cancel too.
    others = np.random.default_rng(2**64).normal(size=case.output_shape).astype(wanted)
    sizes = passes(case.build(dtype), inputs.exact.astype(wanted), others)
    largest = np.abs(errors.exact).max()
    for one, other, size in zip(found, expected, sizes, strict=True):
        assert (one.dtype, one.shape) == (wanted, other.shape)
        assert_close(one, other, 1e-4 if wanted == np.float32 else 1e-9, least=largest * np.abs(size).max())


@every_layer
@drawn
def test_arguments_stay_as_they_are_to_the_bit(kind, data):
    case = data.draw(LAYERS[kind])
    inputs, errors = data.draw(handed_to(case)).array, data.draw(handed(case.output_shape)).array
    before = inputs.tobytes(), errors.tobytes(), inputs.flags.writeable, errors.flags.writeable
    layer = case.build(data.draw(dtypes))
    if layer.trainable:
        layer.optimizer = Adam(0.1)
    passes(layer, inputs, errors)
    assert (inputs.tobytes(), errors.tobytes(), inputs.flags.writeable, errors.flags.writeable) == before


@every_layer
@drawn
def test_the_output_is_that_of_the_formula_written_otherwise(kind, data):
    case = data.draw(LAYERS[kind])
    inputs, layer = data.draw(handed_to(case, types=["float64"])).array, case.build()
    found = forward(layer, inputs)
    np.random.seed(9)  # noqa: NPY002 - as `forward` has it
    if getattr(layer, "rng", None) is not None:
        layer.rng = np.random.default_rng(9)
    assert_close(found, formulas.OUTPUTS[kind](layer, inputs), 1e-9)


@every_layer
@drawn
def test_float32_differs_from_float64_by_rounding_alone(kind, data):
    case = data.draw(LAYERS[kind])
    inputs, errors = case.inputs("float32", data.draw(seeds)), case.errors("float32", data.draw(seeds))
    single, double = case.build("float32"), case.build()
    for name, value in parameters(single).items():
        set_parameter(double, name, value.astype("float64"))
    for one, other in zip(
        passes(single, inputs, errors), passes(double, *map(np.float64, (inputs, errors))), strict=True
    ):
        assert one.dtype == np.float32
        assert_close(one, other, 1e-4, least=1)  # as inputs and errors are around 1


def in_the_testing_phase(layer: BaseLayer, case) -> None:
    layer.testing_phase = True
    try:
        forward(layer, case.inputs(seed=6))
    except RuntimeError:
        pass  # without moving averages
    layer.testing_phase = False


@every_layer
@given(data=st.data(), large=st.sampled_from([8, 64, 300]), small=st.sampled_from([0, Formulas.SMALL]))
def test_how_the_work_is_divided_decides_nothing(kind, data, large, small):
    """Small arrays take the way of large ones: in pieces, on several threads, by recorded formulas."""
    case, dtype = data.draw(LAYERS[kind]), data.draw(dtypes)
    whole = results(case.build(dtype), case, dtype)
    with (
        patch.object(Pieces, "LARGE", large),
        patch.object(Formulas, "SMALL", small),
        patch.object(Formulas, "FEW_ROWS", small),
    ):
        divided = results(case.build(dtype), case, dtype)
    for one, other in zip(divided, whole, strict=True):
        assert_close(one, other, 1e-5 if dtype == "float32" else 1e-12, least=1)


def refused(method, value) -> None:
    with pytest.raises((TypeError, RuntimeError)):
        method(value)


HISTORY = {
    "one sample": lambda layer, case: forward(
        layer, case.inputs(seed=2)[: 1 if case.samples_are_independent else None]
    ),
    "forward and backward": lambda layer, case: results(layer, case, seed=3),
    "float32": lambda layer, case: forward(layer, case.inputs("float32", seed=4)),
    "column-major": lambda layer, case: forward(layer, np.asfortranarray(case.inputs(seed=5))),
    "refused": lambda layer, case: refused(layer.forward, "picture"),
    "refused backward": lambda layer, case: refused(layer.backward, None),
    "copied": lambda layer, case: pickle.dumps(layer),
    "tested": in_the_testing_phase,
    "forgotten": lambda layer, case: layer.forget(),
}


@every_layer
@given(data=st.data(), history=st.lists(st.sampled_from([*HISTORY]), max_size=6))
def test_no_history_changes_a_result(kind, data, history):
    case = data.draw(LAYERS[kind])
    layer = case.build()
    for event in history:
        HISTORY[event](layer, case)
    for one, other in zip(results(layer, case), results(case.build(), case), strict=True):
        np.testing.assert_array_equal(one, other)


WRONG = {
    "None": lambda shape: None,
    "text": lambda shape: "picture",
    "complex": lambda shape: np.ones(shape, complex),
    "objects": lambda shape: np.full(shape, None),
    "texts": lambda shape: np.full(shape, "a"),
    "dates": lambda shape: np.zeros(shape, "datetime64[s]"),
    "masked": lambda shape: np.ma.masked_equal(np.ones(shape), 1),
    "no samples": lambda shape: np.ones((0, *shape[1:])),
    "one number": lambda shape: 1.0,
    "too many axes": lambda shape: np.ones((*shape, 1, 1, 1)),
    "ragged": lambda shape: [[1.0], [1.0, 2.0]],
}


def state(layer: BaseLayer) -> bytes:
    return pickle.dumps(layer) + repr(np.random.get_state()).encode()  # noqa: NPY002 - a layer may draw from it


@every_layer
@given(data=st.data(), wrong=st.sampled_from([*WRONG, "wrong shape"]), back=st.booleans())
def test_what_is_wrong_is_refused_by_name_and_changes_nothing(kind, data, wrong, back):
    case = data.draw(LAYERS[kind])
    layer = case.build()
    if layer.trainable:
        layer.optimizer = Adam(0.1)
        results(layer, case)
    forward(layer, case.inputs())
    shape = case.output_shape if back else case.shape
    if wrong == "wrong shape":
        shape = (*case.output_shape, 2) if back or case.wrong_shape is None else case.wrong_shape
    value = WRONG.get(wrong, np.ones)(shape)
    if not back and case.wrong_shape is None and wrong in ("too many axes", "wrong shape"):
        return  # which the layer takes
    before = state(layer)
    with pytest.raises((TypeError, ValueError), match=kind.__name__):
        layer.backward(value) if back else layer.forward(value)
    assert state(layer) == before
    if isinstance(layer, CompositeLayer) and not back:
        return  # those before the one that refuses have forgotten their last pass
    twin = case.build()
    for name, parameter in parameters(layer).items():
        set_parameter(twin, name, parameter.copy())
    forward(twin, case.inputs())
    for one, other in zip(*(errors_there_are(used.backward(case.errors())) for used in (layer, twin)), strict=True):
        np.testing.assert_array_equal(one, other)


# -- what recurrent layers know besides


@recurrent
@drawn
def test_lengths_and_memory_are_those_of_the_loop(kind, data):
    case = data.draw(LAYERS[kind].filter(lambda case: len(case.shape) == 3))
    batch, time, _ = case.shape
    layer, rng = case.build(), np.random.default_rng(data.draw(seeds))
    states = [[np.zeros(layer.hidden_size) for _ in layer.state_names] for _ in range(batch)]
    layer.memorize = data.draw(st.booleans())
    for _ in range(data.draw(st.integers(1, 3))):
        inputs = rng.standard_normal(case.shape)
        lengths = data.draw(st.none() | st.lists(st.integers(0, time), min_size=batch, max_size=batch))
        for number, length in enumerate(lengths or []):
            inputs[number, length:] = np.nan
        layer.lengths = lengths
        output = layer.forward(inputs)
        for number, length in enumerate(lengths or [time] * batch):
            begun = states[number] if layer.memorize else [np.zeros(layer.hidden_size) for _ in layer.state_names]
            expected, states[number] = formulas.one_sequence(layer, inputs[number, :length], begun)
            np.testing.assert_allclose(output[number, :length], expected, rtol=1e-10)
            np.testing.assert_array_equal(output[number, length:], 0)
            for name, last in zip(layer.state_names, states[number], strict=True):
                np.testing.assert_allclose(getattr(layer, name)[number], last, rtol=1e-10, atol=1e-14)


@recurrent
@drawn
def test_gradients_of_padded_sequences_are_derivatives(kind, data):
    case = data.draw(LAYERS[kind].filter(lambda case: len(case.shape) == 3))
    batch, time, _ = case.shape
    lengths = data.draw(st.lists(st.integers(0, time), min_size=batch, max_size=batch))
    layer, inputs, upstream = case.build(), case.inputs(), case.errors()

    def products() -> np.ndarray:
        layer.lengths = lengths
        return upstream * layer.forward(inputs)

    size = np.abs(products()).sum()
    error = layer.backward(upstream)
    found = gradients(layer)
    assert_is_derivative(error, lambda: products().sum(), inputs, size)
    for name, gradient in found.items():
        assert_is_derivative(gradient, lambda: products().sum(), getattr(layer, name), size)
