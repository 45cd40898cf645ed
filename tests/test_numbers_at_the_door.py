"""What comes to layers and losses that is no array of ordinary numbers."""

import numpy as np
import pytest

from Layers.Dropout import Dropout
from Layers.Pooling import Pooling
from Layers.ReLU import ReLU
from Optimization.Loss import BinaryCrossEntropy, CrossEntropyLoss
from tests.layer_cases import CASES
from tests.object_cases import LOSSES, OPTIMIZERS

cases = pytest.mark.parametrize("case", CASES, ids=str)
INFINITE = [np.inf, -np.inf, np.nan]


@pytest.mark.parametrize("case", [case for case in CASES if len(case.shape) == len(case.output_shape) == 2], ids=str)
def test_a_matrix_is_an_array_forward_and_back(case):
    one, other = case.build(), case.build()
    np.random.seed(0)  # noqa: NPY002 - Dropout draws from the global state
    expected = one.forward(case.inputs()), one.backward(case.errors())
    np.random.seed(0)  # noqa: NPY002
    found = other.forward(case.inputs().view(np.matrix)), other.backward(case.errors().view(np.matrix))
    for array, wanted in zip(found, expected, strict=True):
        assert type(array) is np.ndarray
        np.testing.assert_array_equal(array, wanted)


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_a_matrix_is_an_array_for_an_optimizer(make):
    weights, gradient = np.array([[1.0, -2.0], [3.0, 0.5]]), np.array([[0.5, 1.0], [-1.0, 2.0]])
    found = make().calculate_update(weights.view(np.matrix), gradient.view(np.matrix))
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, make().calculate_update(weights, gradient))


@pytest.mark.parametrize("case", LOSSES, ids=str)
def test_a_matrix_is_an_array_for_a_loss(case):
    prediction, label = case.tensors()
    loss, other = case.make(), case.make()
    assert loss.forward(prediction.view(np.matrix), label.view(np.matrix)) == other.forward(prediction, label)
    np.testing.assert_array_equal(loss.backward(label.view(np.matrix)), other.backward(label))


@cases
@pytest.mark.parametrize("alone", [1.0, 3, True, np.float32(2), np.array(1.0), np.array(2)])
def test_a_number_alone_is_no_batch(case, alone):
    layer = case.build()
    with pytest.raises(ValueError, match=rf"^{type(layer).__name__}\(.*expected input \(.*got"):
        layer.forward(alone)


@pytest.mark.parametrize("case", LOSSES, ids=str)
def test_a_label_alone_is_none_of_a_batch(case):
    prediction, _ = case.tensors()
    with pytest.raises(ValueError, match="expected labels"):
        case.make().forward(prediction, np.array(0.5))


@cases
@pytest.mark.parametrize("wrong", [1j, "1", None, b"1", {}, np.datetime64("2020-01-01")])
def test_what_is_no_real_number_is_named(case, wrong):
    layer = case.build()
    with pytest.raises(TypeError, match="expected input to hold real numbers, got"):
        layer.forward(np.full(case.shape, wrong))
    output = layer.forward(case.inputs())
    with pytest.raises(TypeError, match="expected error tensor to hold real numbers, got"):
        layer.backward(np.full(output.shape, wrong))


@pytest.mark.parametrize("case", [case for case in CASES if case.build().parameter_names], ids=str)
def test_numbers_too_large_for_float32_are_named_whatever_is_set_for_numpy_s_errors(case):
    layer = case.build().astype("float32")
    with np.errstate(all="raise"):
        output = layer.forward(case.inputs())
        with pytest.raises(ValueError, match=r"expected error tensor of finite numbers, got inf"):
            layer.backward(np.full(output.shape, 1e300))
        with pytest.raises(ValueError, match=r"expected input of (finite|whole) numbers"):
            layer.forward(np.full(case.shape, 1e300))


@cases
def test_truth_values_and_other_types_of_numbers_are_numbers(case):
    for dtype in (bool, "int8", "uint64", "float16", "longdouble"):
        np.random.seed(0)  # noqa: NPY002
        found = case.build().forward(np.ones(case.shape, dtype))
        np.random.seed(0)  # noqa: NPY002
        np.testing.assert_array_equal(found, case.build().forward(np.ones(case.shape)), str(dtype))


sizes = pytest.mark.parametrize("shape", [(3, 4), (40, 60), (700, 1000)])
both = pytest.mark.parametrize("dtype", ["float32", "float64"])


@both
@sizes
@pytest.mark.parametrize("order", "CF")
def test_an_infinite_error_is_0_where_the_input_was_not_positive(shape, dtype, order):
    rng = np.random.default_rng(0)
    inputs = np.asarray(rng.standard_normal(shape).astype(dtype), order=order)
    errors = rng.choice([*INFINITE, 1.0, -2.0], shape).astype(dtype)
    layer = ReLU()
    layer.forward(inputs)
    np.testing.assert_array_equal(layer.backward(errors), np.where(inputs > 0, errors, 0))


@both
@sizes
def test_what_dropout_drops_is_0_whatever_it_was(shape, dtype):
    numbers = np.random.default_rng(1).choice([*INFINITE, 1.0, -2.0], shape).astype(dtype)
    layer = Dropout(0.5, rng=2)
    output = layer.forward(numbers)
    kept = layer.kept.copy()
    np.testing.assert_array_equal(output, np.where(kept, numbers / 0.5, 0))
    np.testing.assert_array_equal(layer.backward(numbers[::-1].copy()), np.where(kept, numbers[::-1] / 0.5, 0))


@both
@pytest.mark.parametrize("stride", [2, 3])
@pytest.mark.parametrize("length", [5, 300])
def test_an_infinite_error_goes_to_the_largest_pixel_alone(length, stride, dtype):
    rng = np.random.default_rng(3)
    images = rng.permutation(2 * 3 * length * 7).reshape(2, 3, length, 7).astype(dtype)
    layer = Pooling(stride, (2, 2))
    errors = np.ones_like(layer.forward(images))
    errors[1, 2, 1, 0], errors[0, 0, 0, 1] = np.inf, np.nan
    found = layer.backward(errors)
    assert np.isinf(found).sum() == np.isnan(found).sum() == 1
    assert np.nansum(np.where(np.isinf(found), 0, found)) == errors.size - 2


@both
@pytest.mark.parametrize("wrong", [1.001, 1.5, 5.0, 1e30, np.inf, -0.001, -np.inf])
@pytest.mark.parametrize("make", [CrossEntropyLoss, BinaryCrossEntropy])
def test_a_prediction_that_is_no_probability_is_refused(make, wrong, dtype):
    for prediction in ([[wrong, 0.2]], [[0.2, wrong]], [[wrong, np.nan]]):
        loss = make()
        with pytest.raises(ValueError, match=r"expected predictions to be probabilities.* put a S.* before the loss"):
            loss.forward(np.array(prediction, dtype), np.array([[1, 0]], dtype))
        with pytest.raises(RuntimeError, match="call forward first"):
            loss.backward([[1, 0]])


@both
@pytest.mark.parametrize("prediction", [[0.5, 0.2], [0.0, 0.0], [1.0, 1.0], [-0.0, 1.0], [1e-310, 1]])
def test_predictions_needn_t_sum_to_one(prediction, dtype):
    given = np.array([prediction], dtype)
    expected = -np.log(float(given[0, 1]) + np.finfo(float).eps)
    assert CrossEntropyLoss().forward(given, np.array([[0, 1]], dtype)) == pytest.approx(expected)


@both
@pytest.mark.parametrize("case", LOSSES, ids=str)
def test_the_loss_of_nan_is_nan_and_so_is_its_error(case, dtype):
    prediction, label = case.tensors(dtype)
    prediction[0] = np.nan
    loss = case.make()
    assert np.isnan(loss.forward(prediction, label))
    if type(loss).__name__ != "QuantileLoss":  # which only asks on which side of the label a prediction is
        assert np.isnan(loss.backward(label)[0]).all()
