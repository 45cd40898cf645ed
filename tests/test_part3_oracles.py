"""Regularization against loops that follow the formulas, and PyTorch where it is installed."""

import importlib.util
import itertools

import numpy as np
import pytest

from Layers.BatchNormalization import BatchNormalization
from Layers.Dropout import Dropout
from Layers.Helpers import compute_bn_gradients
from Layers.Sigmoid import Sigmoid
from Layers.TanH import TanH
from Optimization.Constraints import L1_Regularizer, L2_Regularizer
from Optimization.Optimizers import Adam, Sgd, SgdWithMomentum
from tests.numerical import numerical_derivative


@pytest.fixture
def rng():
    return np.random.default_rng(17)


# -- regularizers


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_regularizers_have_the_numbers_of_the_course(dtype):
    weights = np.array([[1, -2, 0], [0.5, -0.25, 4]], dtype)
    l1, l2 = L1_Regularizer(0.5), L2_Regularizer(0.5)
    assert l1.norm(weights) == pytest.approx(0.5 * 7.75)
    assert l2.norm(weights) == pytest.approx(0.5 * (1 + 4 + 0.25 + 0.0625 + 16))
    np.testing.assert_array_equal(l1.calculate_gradient(weights), 0.5 * np.sign(weights))
    np.testing.assert_array_equal(l2.calculate_gradient(weights), 0.5 * weights)
    assert l1.calculate_gradient(weights).dtype == l2.calculate_gradient(weights).dtype == dtype


@pytest.mark.parametrize("optimizer", [Sgd(0.1), SgdWithMomentum(0.1), Adam(0.1)], ids=str)
@pytest.mark.parametrize("regularizer", [L1_Regularizer(0.3), L2_Regularizer(0.3)], ids=str)
def test_shrinkage_is_apart_from_what_the_optimizer_remembers(optimizer, regularizer, rng):
    plain, shrinking = optimizer.clone(), optimizer.clone()
    shrinking.add_regularizer(regularizer)
    weights = rng.standard_normal(6)
    for _ in range(3):
        gradient = rng.standard_normal(6)
        expected = plain.calculate_update(weights, gradient) - 0.1 * regularizer.calculate_gradient(weights)
        weights = shrinking.calculate_update(weights, gradient)
        np.testing.assert_allclose(weights, expected, rtol=1e-12)


@pytest.mark.parametrize("kind", [L1_Regularizer, L2_Regularizer])
@pytest.mark.parametrize("alpha", [-1, np.nan, np.inf, "0.1", None, True])
def test_a_regularizer_refuses_what_is_no_alpha(kind, alpha):
    with pytest.raises((TypeError, ValueError), match="Regularizer: expected alpha"):
        kind(alpha)


# -- activations and dropout


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_activations_are_exact_and_silent_at_large_arguments(dtype):
    values = np.array([[-1000, -40, -1, 0, 1, 40, 1000]], dtype)
    exact = np.array([[0, 4.248354255291589e-18, 0.2689414213699951, 0.5, 0.7310585786300049, 1, 1]])
    np.testing.assert_allclose(Sigmoid().forward(values), exact, rtol=1e-6 if dtype == "float32" else 1e-14)
    np.testing.assert_allclose(TanH().forward(values), np.tanh(values.astype(float)), rtol=1e-6)
    for layer in (Sigmoid(), TanH()):
        layer.forward(values)
        assert np.isfinite(layer.backward(np.ones_like(values))).all()


@pytest.mark.parametrize("layer", [Sigmoid(), TanH(), Dropout(0.7, rng=1)], ids=["Sigmoid", "TanH", "Dropout"])
def test_a_large_batch_in_pieces_equals_its_parts(layer, rng):
    inputs, errors = rng.standard_normal((2, 700, 1000))
    output = layer.forward(inputs)
    input_error = layer.backward(errors)
    if isinstance(layer, Dropout):
        kept = output != 0
        np.testing.assert_array_equal(output, np.where(kept, inputs, 0) / 0.7)
        np.testing.assert_array_equal(input_error, np.where(kept, errors, 0) / 0.7)
        return
    for row in (0, 1, 349, 350, 699):
        np.testing.assert_array_equal(layer.forward(inputs[row : row + 1])[0], output[row])
        np.testing.assert_array_equal(layer.backward(errors[row : row + 1])[0], input_error[row])


@pytest.mark.parametrize("probability", [0.003, 0.5, 0.9, 1])
def test_dropout_keeps_the_share_and_the_expected_value(probability):
    layer = Dropout(probability, rng=4)
    output = layer.forward(np.ones((1000, 1000), "float32"))
    deviation = np.sqrt(probability * (1 - probability) / output.size)
    assert abs(np.mean(output != 0) - probability) <= 5 * deviation
    assert set(np.unique(output)) <= {np.float32(0), np.float32(1) / np.float32(probability)}


def test_dropout_draws_the_same_mask_for_both_number_types_and_from_the_global_seed():
    masks = []
    for dtype in ("float32", "float64", "float64"):
        np.random.seed(12)  # noqa: NPY002 - what the course's scripts do
        masks.append(Dropout(0.4).forward(np.ones((20, 30), dtype)) != 0)
    np.testing.assert_array_equal(masks[0], masks[1])
    np.testing.assert_array_equal(masks[1], masks[2])
    layer = Dropout(0.4, rng=12)
    assert not np.array_equal(layer.forward(np.ones((20, 30))), layer.forward(np.ones((20, 30))))


def test_dropout_passes_everything_in_the_testing_phase(rng):
    layer, inputs = Dropout(0.4), rng.standard_normal((3, 4))
    layer.testing_phase = True
    state = str(np.random.get_state())  # noqa: NPY002
    np.testing.assert_array_equal(layer.forward(inputs), inputs)
    np.testing.assert_array_equal(layer.backward(2 * inputs), 2 * inputs)
    assert str(np.random.get_state()) == state  # noqa: NPY002


@pytest.mark.parametrize("probability", [0, -0.1, 1.0001, np.nan, "half", None])
def test_dropout_refuses_what_is_no_probability(probability):
    with pytest.raises((TypeError, ValueError), match="Dropout: expected probability"):
        Dropout(probability)


# -- batch normalization


def normalized_by_loop(inputs, weights, bias):
    """Output, means and variances of a batch, one channel after the other."""
    output, means, variances = np.empty(inputs.shape), [], []
    for channel in range(inputs.shape[1]):
        values = inputs[:, channel]
        means.append(values.mean())
        variances.append(np.mean((values - values.mean()) ** 2))
        normalized = (values - means[-1]) / np.sqrt(variances[-1] + 1e-11)
        output[:, channel] = weights[channel] * normalized + bias[channel]
    return output, np.array(means), np.array(variances)


def batch_normalization(rng, channels=3):
    layer = BatchNormalization(channels)
    layer.weights, layer.bias = rng.standard_normal((2, channels))
    return layer


@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 5), (4, 3, 5, 2), (1, 3, 2, 2)])
def test_batch_normalization_follows_the_formula(shape, rng):
    layer, inputs = batch_normalization(rng), rng.standard_normal(shape) * 3 + 1
    errors = rng.standard_normal(shape)
    expected, means, variances = normalized_by_loop(inputs, layer.weights, layer.bias)
    np.testing.assert_allclose(layer.forward(inputs), expected, rtol=1e-10, atol=1e-12)
    rows, error_rows = (np.moveaxis(array, 1, -1).reshape(-1, 3) for array in (inputs, errors))
    theirs = compute_bn_gradients(error_rows, rows, layer.weights, means, variances, layer.epsilon)
    ours = np.moveaxis(layer.backward(errors), 1, -1).reshape(-1, 3)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    normalized = (rows - means) / np.sqrt(variances + layer.epsilon)
    np.testing.assert_allclose(layer.gradient_weights, (error_rows * normalized).sum(axis=0), rtol=1e-9)
    np.testing.assert_allclose(layer.gradient_bias, error_rows.sum(axis=0), rtol=1e-9)


def test_moving_averages_by_number():
    layer = BatchNormalization(2)
    batches = [np.array([[1, 10], [3, 30]]), np.array([[5, 0], [5, 0]]), np.array([[-2, 1], [2, 3]])]
    #          means 2, 20  variances 1, 100      5, 0       0, 0                  0, 2        4, 1
    expected = [((2, 20), (1, 100)), ((2.6, 16), (0.8, 80)), ((2.08, 13.2), (1.44, 64.2))]
    for batch, (mean, variance) in zip(batches, expected, strict=True):
        layer.forward(batch)
        np.testing.assert_allclose(layer.moving_mean, mean, rtol=1e-12)
        np.testing.assert_allclose(layer.moving_variance, variance, rtol=1e-12)
    layer.testing_phase = True
    np.testing.assert_allclose(layer.forward([[3.28, 13.2]]), [[1, 0]], atol=1e-9)
    np.testing.assert_allclose(layer.moving_mean, expected[-1][0], rtol=1e-12)
    np.testing.assert_allclose(layer.moving_variance, expected[-1][1], rtol=1e-12)


def test_batch_normalization_in_the_testing_phase_is_a_scale_and_a_shift(rng):
    layer = batch_normalization(rng)
    layer.forward(rng.standard_normal((8, 3)))
    layer.testing_phase = True
    inputs, errors = rng.standard_normal((2, 4, 3, 2, 2))
    layer.forward(inputs)
    found = [layer.backward(errors), layer.gradient_weights, layer.gradient_bias]
    for array, values in zip(found, (inputs, layer.weights, layer.bias), strict=True):
        numerical = numerical_derivative(lambda: np.sum(errors * layer.forward(inputs)), values)
        np.testing.assert_allclose(array, numerical, rtol=1e-6, atol=1e-8)


def test_batch_normalization_needs_a_training_batch_first():
    layer = BatchNormalization(2)
    layer.testing_phase = True
    with pytest.raises(RuntimeError, match=r"BatchNormalization\(channels=2\).*train on at least one batch"):
        layer.forward(np.ones((2, 2)))


def test_a_spoiled_batch_leaves_the_moving_averages_alone():
    layer = BatchNormalization(1)
    layer.forward([[1.0], [3.0]])
    for bad in ([[np.nan], [1.0]], [[np.inf], [1.0]], [[1e200], [-1e200]]):
        with pytest.raises(ValueError, match="finite"):
            layer.forward(bad)
    assert layer.moving_mean == 2
    assert layer.moving_variance == 1


@pytest.mark.parametrize("shape", [(1, 2), (1, 2, 1), (1, 2, 1, 1)])
def test_batch_normalization_learns_nothing_from_one_value(shape, rng):
    layer = BatchNormalization(2)
    layer.optimizer = Sgd(0.1)
    batch = rng.standard_normal((4, *shape[1:]))
    one = rng.standard_normal(shape)
    layer.forward(batch)
    before = layer.weights, layer.moving_mean, layer.moving_variance, layer.input_shape
    message = (
        r"BatchNormalization\(channels=2\): expected .* several values .* larger batch, or set testing_phase = True"
    )
    with pytest.raises(ValueError, match=message):
        layer.forward(one)
    assert all(
        now is then
        for now, then in zip(
            (layer.weights, layer.moving_mean, layer.moving_variance, layer.input_shape), before, strict=True
        )
    )
    layer.testing_phase = True
    together = layer.forward(np.concatenate([one, batch]))
    np.testing.assert_allclose(layer.forward(one), together[:1], rtol=1e-12)
    assert layer.backward(one).shape == shape


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_batch_normalization_of_tiny_numbers_is_silent(dtype):
    layer = BatchNormalization(1).astype(dtype)
    tiny = np.array([[1.0], [3.0]], dtype) * np.finfo(dtype).tiny
    with np.errstate(all="raise"):
        np.testing.assert_allclose(layer.forward(tiny), 0, atol=1e-30)
        assert np.isfinite(layer.backward(tiny)).all()


@pytest.mark.parametrize("constant", [0, 0.1, 1e4, -3.3, 1e15])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_constant_channel_stays_finite(constant, dtype):
    layer = BatchNormalization(2).astype(dtype)
    output = layer.forward(np.full((7, 2, 3, 3), constant, dtype))
    np.testing.assert_array_equal(output, 0)
    assert np.isfinite(layer.backward(np.ones(output.shape, dtype))).all()


@pytest.mark.parametrize("outlier", [False, True])
def test_float32_is_accurate_where_the_mean_is_large(rng, outlier):
    inputs = (rng.standard_normal((50, 3, 6, 6)) + 1e4).astype("float32")
    if outlier:
        inputs[0, :, 0, 0] = -1e4
    exact, single = batch_normalization(rng), BatchNormalization(3)
    single.weights, single.bias = exact.weights, exact.bias
    single.astype("float32")
    errors = rng.standard_normal(inputs.shape)
    np.testing.assert_allclose(single.forward(inputs), exact.forward(inputs), rtol=1e-4, atol=1e-4)
    ours, theirs = single.backward(errors), exact.backward(errors)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4 * np.abs(theirs).max())
    assert {ours.dtype, single.moving_mean.dtype, single.moving_variance.dtype} == {np.dtype("float32")}


def test_large_images_in_pieces_are_normalized_as_by_the_loop(rng):
    layer, inputs, errors = batch_normalization(rng), *rng.standard_normal((2, 40, 3, 64, 64))
    np.testing.assert_allclose(
        layer.forward(inputs), normalized_by_loop(inputs, layer.weights, layer.bias)[0], rtol=1e-9, atol=1e-12
    )
    channels_last = [np.moveaxis(np.moveaxis(array, 1, -1).copy(), -1, 1) for array in (inputs, errors)]
    input_error, gradient = layer.backward(errors), layer.gradient_weights
    layer.forward(channels_last[0])
    np.testing.assert_allclose(layer.backward(channels_last[1]), input_error, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(layer.gradient_weights, gradient, rtol=1e-9)


def test_reformat_goes_to_rows_and_back(rng):
    layer, images = BatchNormalization(3), rng.standard_normal((2, 3, 4, 5))
    with pytest.raises(RuntimeError, match="input_shape"):
        layer.reformat(np.ones((40, 3)))
    rows = layer.reformat(images)
    assert rows.shape == (40, 3)
    np.testing.assert_array_equal(rows[7], images[0, :, 1, 2])
    np.testing.assert_array_equal(layer.reformat(rows), images)


# -- PyTorch


if importlib.util.find_spec("torch"):
    import torch

    @pytest.mark.parametrize("shape", [(9, 3), (5, 3, 4), (5, 3, 4, 6)])
    def test_batch_normalization_agrees_with_pytorch(shape, rng):
        layer = batch_normalization(rng)
        kind = {2: torch.nn.BatchNorm1d, 3: torch.nn.BatchNorm1d, 4: torch.nn.BatchNorm2d}[len(shape)]
        twin = kind(3, eps=layer.epsilon, momentum=0.2, dtype=torch.float64)
        with torch.no_grad():
            twin.weight.copy_(torch.from_numpy(layer.weights))
            twin.bias.copy_(torch.from_numpy(layer.bias))
        count = np.prod(shape) // 3
        for number, testing in itertools.product(range(3), (False, True)):
            layer.testing_phase = testing
            twin.train(not testing)
            inputs, errors = rng.standard_normal((2, *shape))
            output, batch = layer.forward(inputs), torch.tensor(inputs, requires_grad=True)
            if number == 0 and not testing:
                # theirs start from 0 and 1, and average the variance of a sample; ours start from the first batch
                moments = inputs.mean(axis=(0, *range(2, len(shape)))), inputs.var(axis=(0, *range(2, len(shape))))
                twin.running_mean.copy_(torch.from_numpy(moments[0]))
                twin.running_var.copy_(torch.from_numpy(moments[1] * count / (count - 1)))
            twin.zero_grad()
            if testing:
                twin.running_var.mul_((count - 1) / count)
            theirs = twin(batch)
            theirs.backward(torch.from_numpy(errors))
            if testing:
                twin.running_var.mul_(count / (count - 1))
            pairs = [
                (output, theirs.detach()),
                (layer.backward(errors), batch.grad),
                (layer.gradient_weights, twin.weight.grad),
                (layer.gradient_bias, twin.bias.grad),
                (layer.moving_mean, twin.running_mean),
                (layer.moving_variance, twin.running_var * (count - 1) / count),
            ]
            for ours, expected in pairs:
                np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-8, atol=1e-10)

    @pytest.mark.parametrize("name", ["Sigmoid", "TanH"])
    def test_activations_agree_with_pytorch(name, rng):
        layer, function = {"Sigmoid": (Sigmoid(), torch.sigmoid), "TanH": (TanH(), torch.tanh)}[name]
        inputs, errors = rng.standard_normal((2, 6, 5)) * 4
        batch = torch.tensor(inputs, requires_grad=True)
        theirs = function(batch)
        theirs.backward(torch.from_numpy(errors))
        np.testing.assert_allclose(layer.forward(inputs), theirs.detach().numpy(), rtol=1e-13)
        np.testing.assert_allclose(layer.backward(errors), batch.grad.numpy(), rtol=1e-10, atol=1e-14)
