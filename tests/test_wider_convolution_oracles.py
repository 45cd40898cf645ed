"""Padding, dilation, groups, and what goes the other way, against PyTorch on random configurations, to 1e-10."""

import numpy as np
import pytest

from Layers.AveragePooling import AveragePooling
from Layers.Conv import Conv
from Layers.GlobalAveragePooling import GlobalAveragePooling
from Layers.Pooling import Pooling
from Layers.TransposedConv import TransposedConv
from Layers.Upsampling import Upsampling
from tests.oracles.make_trainings import layer_of
from tests.test_layer_laws import gradients, parameters

torch = pytest.importorskip("torch")

every_seed = pytest.mark.parametrize("seed", range(200))


def assert_is_pytorch_s(layer, inputs, function=None):
    """Output, input error and all gradients."""
    rng = np.random.default_rng(1)
    for name, array in parameters(layer).items():
        setattr(layer, name, rng.standard_normal(array.shape))
    weights = {name: torch.tensor(array, requires_grad=True) for name, array in parameters(layer).items()}
    tensor = torch.tensor(inputs, requires_grad=True)
    output = (function or layer_of(layer, weights))(tensor, *(weights.values() if function else ()))
    error = rng.standard_normal(tuple(output.shape))
    output.backward(torch.tensor(error))
    theirs = [output.detach(), tensor.grad, *(weights[name].grad for name in weights)]
    ours = [layer.forward(inputs), layer.backward(error), *gradients(layer).values()]
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other.numpy(), rtol=1e-10, atol=1e-11, err_msg=repr(layer))


def drawn(seed):
    """A function for whole numbers from a seed, how many axes there are, and some of their lengths."""
    rng = np.random.default_rng(seed)

    def whole(least, most):
        return int(rng.integers(least, most + 1))

    axes = whole(1, 2)
    return rng, whole, axes, lambda least, most: tuple(whole(least, most) for _ in range(axes))


def kernels(whole, each):
    """Arguments of a convolution, with paddings that PyTorch knows."""
    groups = whole(1, 4) if whole(0, 1) else 1
    window, dilation = each(1, 5), each(1, 3)
    padding = tuple(whole(0, gap * (length - 1)) for length, gap in zip(window, dilation, strict=True))
    options = {"padding": padding, "dilation": dilation, "groups": groups, "bias": bool(whole(0, 1))}
    return each(1, 3), (groups * whole(1, 4), *window), groups * whole(1, 4), options


@every_seed
def test_a_convolution_is_that_of_pytorch(seed):
    rng, whole, axes, each = drawn(seed)
    stride, shape, number, options = kernels(whole, each)
    layer = Conv(stride, shape, number, **options)
    size = tuple(max(1, window - 2 * pad) for window, pad in zip(layer.covered, options["padding"], strict=True))
    inputs = rng.standard_normal((whole(1, 3), shape[0], *(length + whole(0, 6) for length in size)))
    function = (torch.nn.functional.conv1d, torch.nn.functional.conv2d)[axes - 1]
    rest = stride, options["padding"], options["dilation"], options["groups"]
    assert_is_pytorch_s(layer, inputs, lambda x, weights, bias=None: function(x, weights, bias, *rest))


@every_seed
def test_a_transposed_convolution_is_that_of_pytorch(seed):
    rng, whole, axes, each = drawn(seed)
    stride, shape, number, options = kernels(whole, each)
    more = tuple(whole(0, step - 1) for step in stride)
    layer = TransposedConv(stride, shape, number, output_padding=more, **options)
    inputs = rng.standard_normal((whole(1, 3), shape[0], *(whole(1, 5) + pad for pad in options["padding"])))
    function = (torch.nn.functional.conv_transpose1d, torch.nn.functional.conv_transpose2d)[axes - 1]
    padding, dilation, groups = options["padding"], options["dilation"], options["groups"]
    rest = stride, padding, more, groups, dilation
    try:
        assert_is_pytorch_s(layer, inputs, lambda x, weights, bias=None: function(x, weights, bias, *rest))
    except RuntimeError as error:
        assert "output_padding" in str(error) or "too small" in str(error)  # which PyTorch refuses
        assert_is_pytorch_s(layer, inputs)


@every_seed
def test_pooling_averages_and_upsampling_are_those_of_pytorch(seed):
    rng, whole, axes, each = drawn(seed)
    functional = torch.nn.functional
    window, stride, scale = each(1, 5), each(1, 4), each(1, 4)
    padding = tuple(whole(0, length // 2) for length in window)
    inputs = rng.standard_normal((2, 3, *(length + whole(0, 6) for length in window)))
    largest = (functional.max_pool1d, functional.max_pool2d)[axes - 1]
    mean = (functional.avg_pool1d, functional.avg_pool2d)[axes - 1]
    count = bool(seed % 2)
    options = {"padding": padding, "axes": axes}
    scales = [float(number) for number in scale]
    linear = ("linear", "bilinear")[axes - 1]
    average = AveragePooling(stride, window, count_include_pad=count, **options)
    assert_is_pytorch_s(Pooling(stride, window, **options), inputs, lambda x: largest(x, window, stride, padding))
    assert_is_pytorch_s(average, inputs, lambda x: mean(x, window, stride, padding, False, count))
    assert_is_pytorch_s(GlobalAveragePooling(), inputs, lambda x: x.flatten(2).mean(2))
    assert_is_pytorch_s(Upsampling(scale, axes=axes), inputs, lambda x: functional.interpolate(x, scale_factor=scales))
    assert_is_pytorch_s(
        Upsampling(scale, "bilinear", axes=axes),
        inputs,
        lambda x: functional.interpolate(x, scale_factor=scales, mode=linear, align_corners=False),
    )


@pytest.mark.parametrize("groups", [1, 2, 16, 32])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_grouped_convolutions_are_right_on_several_threads(groups, dtype):
    rng = np.random.default_rng(0)
    layer = Conv(1, (32, 3, 3), 64, padding=1, groups=groups, dilation=(1, 2)).astype(dtype)
    layer.padding = (1, 2)
    inputs = rng.standard_normal((16, 32, 18, 17)).astype(dtype)
    expected = torch.nn.functional.conv2d(
        *(torch.tensor(array, dtype=torch.float64) for array in (inputs, layer.weights, layer.bias)),
        padding=(1, 2), dilation=(1, 2), groups=groups,
    )  # fmt: skip
    tolerance = {"float32": 1e-4, "float64": 1e-11}[dtype]
    np.testing.assert_allclose(layer.forward(inputs), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("filled", [-np.inf, np.nan])
def test_padding_is_never_the_largest_and_its_error_goes_to_a_pixel(filled):
    images = np.full((1, 1, 3, 3), filled)
    layer = Pooling(2, 2, padding=1)
    np.testing.assert_array_equal(layer.forward(images), np.full((1, 1, 2, 2), filled))
    np.testing.assert_array_equal(layer.backward(np.ones((1, 1, 2, 2))).sum(), 4)
