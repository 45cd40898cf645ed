"""Convolution and pooling against SciPy and plain loops on hundreds of random configurations, and against PyTorch."""

import importlib.util

import numpy as np
import pytest
import scipy.signal

from Layers.Conv import Conv
from Layers.Pooling import Pooling

SEEDS = range(300)


def random_convolution(seed: int) -> tuple[Conv, np.ndarray, np.ndarray]:
    """A layer with random parameters, an input and an error tensor for it."""
    rng = np.random.default_rng(seed)
    axes = int(rng.integers(1, 3))
    channels, kernels, batch = (int(rng.integers(1, high)) for high in (9, 7, 4))
    size, window = tuple(rng.integers(1, 13, axes).tolist()), tuple(rng.integers(1, 8, axes).tolist())
    if seed % 5 == 0:  # square kernels of many channels, as most networks have
        channels, kernels, window = 16, 17, (3,) * axes
    stride = tuple(rng.integers(1, 5, axes).tolist()) if seed % 3 else (1,) * axes
    layer = Conv(stride, (channels, *window), kernels)
    layer.weights = rng.standard_normal(layer.weights.shape)
    layer.bias = rng.standard_normal(layer.bias.shape)
    inputs = rng.standard_normal((batch, channels, *size))
    output_size = [-(-length // step) for length, step in zip(size, stride, strict=True)]
    return layer, inputs, rng.standard_normal((batch, kernels, *output_size))


def correlate(inputs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Every image with every kernel, summed over channels, by SciPy; "same" padding as the course defines it."""
    before = [length // 2 for length in weights.shape[2:]]
    after = [(length - 1) // 2 for length in weights.shape[2:]]
    padded = np.pad(inputs, [(0, 0), (0, 0), *zip(before, after, strict=True)])
    return np.array([[scipy.signal.correlate(image, kernel, "valid")[0] for kernel in weights] for image in padded])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_convolution_is_the_correlation_of_scipy(seed):
    layer, inputs, _ = random_convolution(seed)
    every = tuple(slice(None, None, step) for step in layer.stride_shape)
    expected = correlate(inputs, layer.weights)[(slice(None), slice(None), *every)]
    expected = expected + layer.bias.reshape(-1, *[1] * len(layer.stride_shape))
    np.testing.assert_allclose(layer.forward(inputs), expected, rtol=0, atol=1e-10, err_msg=repr(layer))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradients_of_a_convolution_are_those_of_a_linear_map(seed):
    """The output is linear in each: what <error, output> gains along a direction is the gradient's share in it."""
    layer, inputs, error = random_convolution(seed)
    output = layer.forward(inputs)
    input_error = layer.backward(error)
    rng = np.random.default_rng(seed + 1000)
    direction = rng.standard_normal(inputs.shape)
    change = np.sum(error * (layer.forward(inputs + direction) - output))
    np.testing.assert_allclose(np.sum(input_error * direction), change, rtol=1e-9, atol=1e-9)
    for name, gradient in (("weights", layer.gradient_weights), ("bias", layer.gradient_bias)):
        original = getattr(layer, name)
        direction = rng.standard_normal(original.shape)
        setattr(layer, name, original + direction)
        change = np.sum(error * (layer.forward(inputs) - output))
        setattr(layer, name, original)
        np.testing.assert_allclose(np.sum(gradient * direction), change, rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("batch", [1, 2, 3, 64])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_convolutions_are_right_whatever_part_of_the_batch_a_thread_takes(batch, dtype):
    rng = np.random.default_rng(batch)
    layer = Conv(1, (16, 3, 3), 32)
    layer.weights = rng.standard_normal(layer.weights.shape).astype(dtype)
    layer.bias = rng.standard_normal(32).astype(dtype)
    inputs = rng.standard_normal((batch, 16, 18, 17)).astype(dtype)
    expected = correlate(inputs[-1:].astype(float), layer.weights.astype(float)) + layer.bias.reshape(-1, 1, 1)
    tolerance = 1e-10 if dtype == "float64" else 2e-4
    np.testing.assert_allclose(layer.forward(inputs)[-1:], expected, rtol=tolerance, atol=tolerance)


def random_pooling(seed: int) -> tuple[Pooling, np.ndarray, np.ndarray]:
    """A layer, an input of which every third has ties, and an error tensor."""
    rng = np.random.default_rng(seed)
    window, stride = rng.integers(1, 5, 2), rng.integers(1, 5, 2)
    size = window + rng.integers(0, 9, 2)
    shape = (int(rng.integers(1, 4)), int(rng.integers(1, 4)), *size.tolist())
    inputs = rng.integers(0, 3, shape).astype(float) if seed % 3 == 0 else rng.standard_normal(shape)
    output_size = (size - window) // stride + 1
    return Pooling(stride.tolist(), window.tolist()), inputs, rng.standard_normal((*shape[:2], *output_size.tolist()))


@pytest.mark.parametrize("seed", SEEDS)
def test_pooling_is_that_of_plain_loops(seed):
    layer, inputs, error = random_pooling(seed)
    (step_y, step_x), (window_y, window_x) = layer.stride_shape, layer.pooling_shape
    output, input_error = np.empty(error.shape), np.zeros(inputs.shape)
    for b, c, y, x in np.ndindex(error.shape):
        top, left = y * step_y, x * step_x
        window = inputs[b, c, top : top + window_y, left : left + window_x]
        output[b, c, y, x] = window.max()
        row, column = np.unravel_index(window.argmax(), window.shape)
        input_error[b, c, top + row, left + column] += error[b, c, y, x]
    np.testing.assert_array_equal(layer.forward(inputs), output)
    np.testing.assert_allclose(layer.backward(error), input_error, rtol=0, atol=1e-12)


def test_pooling_passes_nan_on_from_every_place_of_a_window():
    for place in range(4):
        images = np.zeros((1, 1, 2, 2))
        images.flat[place] = np.nan
        assert np.isnan(Pooling(2, 2).forward(images)).all()


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: Conv(0, (1, 3, 3), 1), ValueError),
        (lambda: Conv((1, -1), (1, 3, 3), 1), ValueError),
        (lambda: Conv((1, 1, 1), (1, 3, 3), 1), ValueError),
        (lambda: Conv((1, 2), (1, 3), 1), ValueError),
        (lambda: Conv(1, (3,), 1), ValueError),
        (lambda: Conv(1, 3, 1), TypeError),
        (lambda: Conv("1", (1, 3), 1), TypeError),
        (lambda: Conv(1, (1, 3), 0), ValueError),
        (lambda: Conv(1.5, (1, 3), 1), TypeError),
        (lambda: Pooling(0, 2), ValueError),
        (lambda: Pooling(2, (2, 2, 2)), ValueError),
        (lambda: Pooling(2, None), TypeError),
    ],
)
def test_arguments_that_make_no_sense_are_refused(make, error):
    with pytest.raises(error, match=r"Conv|Pooling"):
        make()


@pytest.mark.parametrize(
    ("layer", "shape", "match"),
    [
        (Conv(1, (3, 5, 5), 2), (2, 1, 8, 8), r"\(3, 5, 5\).*expected input \(batch, 3, y, x\), got \(2, 1, 8, 8\)"),
        (Conv(1, (3, 5), 2), (2, 3, 8, 8), r"\(3, 5\).*expected input \(batch, 3, y\), got \(2, 3, 8, 8\)"),
        (Conv(1, (3, 5, 5), 2), (2, 3, 8), r"\(3, 5, 5\).*expected input \(batch, 3, y, x\), got \(2, 3, 8\)"),
        (Pooling(2, (3, 3)), (2, 1, 2, 8), r"at least the window \(3, 3\), got \(2, 8\)"),
    ],
)
def test_images_that_do_not_fit_are_refused_with_both_shapes(layer, shape, match):
    with pytest.raises(ValueError, match=match):
        layer.forward(np.ones(shape))


def test_strides_may_be_given_in_every_form_of_the_course():
    for stride in (2, [2], (2,), np.int64(2)):
        assert Conv(stride, [1, 3], 1).forward(np.ones((1, 1, 5))).shape == (1, 1, 3)
    for stride in (2, [2], (2, 2), np.array([2, 2])):
        assert Conv(stride, (1, 3, 3), 1).forward(np.ones((1, 1, 5, 6))).shape == (1, 1, 3, 3)


if importlib.util.find_spec("torch"):

    @pytest.mark.parametrize("seed", SEEDS[:100])
    def test_convolution_and_all_gradients_are_those_of_pytorch(seed):
        import torch
        from torch.nn import functional

        layer, inputs, error = random_convolution(seed)
        weights, bias, tensor = (
            torch.tensor(array, requires_grad=True) for array in (layer.weights, layer.bias, inputs)
        )
        padding = [pad for length in layer.weights.shape[:1:-1] for pad in (length // 2, (length - 1) // 2)]
        function = functional.conv1d if len(layer.stride_shape) == 1 else functional.conv2d
        output = function(functional.pad(tensor, padding), weights, bias, stride=layer.stride_shape)
        output.backward(torch.tensor(error))
        np.testing.assert_allclose(layer.forward(inputs), output.detach(), rtol=0, atol=1e-10)
        np.testing.assert_allclose(layer.backward(error), tensor.grad, rtol=0, atol=1e-9)
        np.testing.assert_allclose(layer.gradient_weights, weights.grad, rtol=0, atol=1e-9)
        np.testing.assert_allclose(layer.gradient_bias, bias.grad, rtol=0, atol=1e-9)

    @pytest.mark.parametrize("seed", SEEDS[:100])
    def test_pooling_is_that_of_pytorch(seed):
        import torch

        layer, inputs, error = random_pooling(seed)
        if any(stride > window for stride, window in zip(layer.stride_shape, layer.pooling_shape, strict=True)):
            inputs = np.random.default_rng(seed).permutation(inputs.size).reshape(inputs.shape) / inputs.size
        tensor = torch.tensor(inputs, requires_grad=True)
        output = torch.nn.functional.max_pool2d(tensor, layer.pooling_shape, layer.stride_shape)
        output.backward(torch.tensor(error))
        np.testing.assert_array_equal(layer.forward(inputs), output.detach())
        np.testing.assert_allclose(layer.backward(error), tensor.grad, rtol=0, atol=1e-12)
