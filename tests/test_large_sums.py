"""float32 sums over many numbers, against float64 and, where it is installed, PyTorch."""

import numpy as np
import pytest

from Foundation.Moments import add_up_values
from Foundation.Products import channel_sums
from Layers.BatchNormalization import BatchNormalization
from Layers.Conv import Conv
from Layers.FullyConnected import FullyConnected
from Layers.SoftMax import SoftMax
from Optimization.Loss import CrossEntropyLoss, MeanSquaredError


def channels_last(array):
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(array, 1, -1)), -1, 1)


orders = pytest.mark.parametrize("order", [np.ascontiguousarray, channels_last])


@orders
@pytest.mark.parametrize(
    "shape",
    [(1, 3, 2048, 1024), (64, 4, 32, 32), (9, 3, 100, 97), (8, 2, 50_001), (70_001, 3), (5000, 8), (300, 16, 7, 7)],
)
def test_batch_normalization_is_exact_to_a_millionth_however_many_values_there_are(shape, order):
    rng = np.random.default_rng(0)
    inputs, errors = order((rng.standard_normal(shape) * 2 + 5).astype("float32")), rng.random(shape, "float32")
    layer = BatchNormalization(shape[1]).astype("float32")
    axes = tuple(axis for axis in range(len(shape)) if axis != 1)
    wide = inputs.astype(float)
    expected = (wide - wide.mean(axes, keepdims=True)) / np.sqrt(wide.var(axes, keepdims=True) + layer.epsilon)
    assert np.abs(layer.forward(inputs) - expected).max() < (2.5e-6 if len(shape) == 2 else 1e-6)
    layer.backward(order(errors))
    np.testing.assert_allclose(layer.gradient_bias, errors.sum(axes, dtype=float), 3e-7)
    scale = errors.sum(axes, dtype=float).max()
    np.testing.assert_allclose(layer.gradient_weights, (errors * expected).sum(axes), atol=1e-6 * scale)


@orders
@pytest.mark.parametrize(
    "shape", [(100_000, 3), (257, 5), (30_000, 1), (3, 4, 200, 201), (2000, 16, 5, 5), (2, 3, 70_000)]
)
def test_sums_of_channels_have_the_digits_of_float32(shape, order):
    errors = order(np.random.default_rng(1).random(shape, "float32"))
    axes = tuple(axis for axis in range(len(shape)) if axis != 1)
    np.testing.assert_allclose(channel_sums(errors), errors.sum(axes, dtype=float), 5e-7)
    found = add_up_values((0,), errors.reshape(1, -1).repeat(2, axis=0))
    np.testing.assert_allclose(found, errors.sum(dtype=float), 1e-6)


def test_the_gradient_of_a_bias_sums_up_a_large_batch():
    rng = np.random.default_rng(2)
    layer = FullyConnected(1, 3).astype("float32")
    errors = rng.random((100_000, 3), "float32")
    layer.forward(rng.random((100_000, 1), "float32"))
    layer.backward(errors)
    np.testing.assert_allclose(layer.gradient_weights[-1], errors.sum(axis=0, dtype=float), 2e-7)


@orders
@pytest.mark.parametrize(("channels", "kernels"), [(1, 6), (16, 16)])
def test_the_gradient_of_a_convolutions_bias_sums_up_large_images(channels, kernels, order):
    rng = np.random.default_rng(3)
    layer = Conv(1, (channels, 3, 3), kernels).astype("float32")
    errors = order(rng.random((3, kernels, 300, 300), "float32"))
    layer.forward(rng.random((3, channels, 300, 300), "float32"))
    layer.backward(errors)
    np.testing.assert_allclose(layer.gradient_bias, errors.sum(axis=(0, 2, 3), dtype=float), 5e-7)


@pytest.mark.parametrize("classes", [1000, 100_000])
def test_probabilities_of_many_classes_sum_to_one(classes):
    scores = np.random.default_rng(4).standard_normal((3, classes)).astype("float32")
    found = SoftMax().forward(scores)
    exponentials = np.exp(scores.astype(float) - scores.max(axis=1, keepdims=True))
    np.testing.assert_allclose(found, exponentials / exponentials.sum(axis=1, keepdims=True), 2e-6)


def test_losses_sum_up_a_large_batch_in_float64():
    rng = np.random.default_rng(5)
    prediction, label = rng.random((500_000, 2), "float32"), np.eye(2, dtype="float32")[rng.integers(0, 2, 500_000)]
    wide = prediction.astype(float)
    assert MeanSquaredError().forward(prediction, label) == pytest.approx(((wide - label) ** 2).sum() / 2, rel=1e-7)
    expected = -np.log((wide * label).sum(axis=1)).sum()
    assert CrossEntropyLoss().forward(prediction, label) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("shape", [(100_000, 3), (4, 3, 128, 128)])
def test_sums_are_as_good_as_pytorchs(shape):
    torch = pytest.importorskip("torch")
    errors = np.random.default_rng(6).random(shape, "float32")
    axes = tuple(axis for axis in range(len(shape)) if axis != 1)
    expected = errors.sum(axes, dtype=float)
    theirs = torch.from_numpy(errors).sum(axes).numpy()
    assert np.abs(channel_sums(errors) - expected).max() <= max(
        np.abs(theirs - expected).max(), np.spacing(np.float32(expected.max()))
    )
