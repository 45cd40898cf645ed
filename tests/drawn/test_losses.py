"""Laws of losses that are about what is drawn: types, orders of memory, weights, and formulas written otherwise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drawn import formulas
from tests.drawn.arrays import TYPES, converted, layouts, seeds
from tests.drawn.configurations import LOSSES
from tests.test_layer_laws import assert_is_derivative

every_loss = pytest.mark.parametrize("kind", LOSSES)
drawn = given(data=st.data())


def batch_of(data, kind):
    """A loss with a batch of predictions and labels."""
    case = data.draw(LOSSES[kind])
    return case.make(), *case.tensors(seed=data.draw(seeds))


def in_predictions_shape(prediction, label):
    return np.repeat(label, prediction.shape[1] // label.shape[1], axis=1)


@every_loss
@drawn
def test_the_number_is_that_of_the_formula_written_otherwise(kind, data):
    loss, prediction, label = batch_of(data, kind)
    expected = formulas.LOSSES[kind.__name__](loss, prediction, in_predictions_shape(prediction, label))
    assert loss.forward(prediction, label) == pytest.approx(expected, rel=1e-11)


@every_loss
@drawn
def test_the_error_is_the_derivative(kind, data):
    loss, prediction, label = batch_of(data, kind)
    weights = np.random.default_rng(0).uniform(0.5, 2, len(prediction)) if data.draw(st.booleans()) else None
    value = loss.forward(prediction, label, sample_weights=weights)
    error = loss.backward(label)
    assert_is_derivative(error, lambda: loss.forward(prediction, label, sample_weights=weights), prediction, abs(value))


@every_loss
@drawn
def test_the_type_and_the_order_of_memory_decide_nothing_but_the_precision(kind, data):
    loss, prediction, label = batch_of(data, kind)
    floats = st.sampled_from([dtype for dtype in TYPES if np.dtype(dtype).kind == "f"])
    wanted = data.draw(floats)
    given_prediction = data.draw(layouts(2)).of(converted(prediction, wanted))
    label_type = data.draw(floats.filter(lambda dtype: dtype != "float16"))  # in which no row sums to 1
    given_label = data.draw(layouts(2)).of(converted(label, label_type))
    native = "float32" if wanted == "float32" else "float64"
    plain = given_prediction.astype(native), given_label.astype(native)
    assert loss.forward(given_prediction, given_label) == pytest.approx(loss.clone().forward(*plain), rel=1e-6)
    error = loss.backward(given_label)
    loss.forward(*plain)
    assert error.dtype == native
    np.testing.assert_allclose(error, loss.backward(plain[1]), rtol=1e-6)


@every_loss
@drawn
def test_a_whole_weight_counts_a_sample_so_often(kind, data):
    loss, prediction, label = batch_of(data, kind)
    counts = data.draw(st.lists(st.integers(0, 3), min_size=len(label), max_size=len(label)).filter(any))
    weighted = loss.forward(prediction, label, sample_weights=counts)
    error = loss.backward(label)
    each = np.repeat(np.arange(len(label)), counts)
    assert weighted == pytest.approx(loss.forward(prediction[each], label[each]), rel=1e-12)
    repeated = loss.backward(label[each])
    summed = np.zeros_like(prediction)
    np.add.at(summed, each, repeated)
    np.testing.assert_allclose(error, summed, rtol=1e-12)


@every_loss
@drawn
def test_arguments_stay_as_they_are_and_no_history_changes_a_result(kind, data):
    loss, prediction, label = batch_of(data, kind)
    prediction, label = (data.draw(layouts(2)).of(array) for array in (prediction, label))
    before = prediction.tobytes(), label.tobytes()
    expected = loss.forward(prediction, label), loss.backward(label)
    for event in data.draw(st.lists(st.sampled_from(["weights", "part", "float32", "refused"]), max_size=4)):
        match event:
            case "weights":
                loss.forward(prediction, label, sample_weights=np.full(len(label), 2.0))
            case "part":
                loss.forward(prediction[:1], label[:1])
                loss.backward(label[:1])
            case "float32":
                loss.forward(prediction.astype("float32"), label)
            case "refused":
                with pytest.raises(ValueError, match=kind.__name__):
                    loss.forward(prediction, label[1:])
    assert loss.forward(prediction, label) == expected[0]
    np.testing.assert_array_equal(loss.backward(label), expected[1])
    assert (prediction.tobytes(), label.tobytes()) == before
