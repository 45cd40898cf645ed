"""TransposedConv is the adjoint of Conv: ⟨Conv(x), y⟩ = ⟨x, TransposedConv(y)⟩, and each is the other's way back."""

import numpy as np
import pytest
from hypothesis import given

from Layers.Conv import Conv
from Layers.TransposedConv import TransposedConv
from tests.drawn.arrays import seeds
from tests.drawn.layers import LAYERS


def pair_of(case, seed):
    """A transposed convolution that a case makes, the convolution with its weights, an input and an output."""
    rng = np.random.default_rng(seed)
    transposed = case.make()
    transposed.weights = rng.standard_normal(transposed.weights.shape)
    arguments = {**transposed.configuration(), "bias": False, "num_kernels": transposed.channels}
    arguments["convolution_shape"] = (transposed.num_kernels, *transposed.convolution_shape[1:])
    del arguments["output_padding"]
    conv = Conv(**arguments)
    conv.weights = transposed.weights
    if transposed.has_bias:
        transposed.bias = np.zeros(transposed.num_kernels)
    return conv, transposed, rng.standard_normal(case.output_shape), rng.standard_normal(case.shape)


adjoint = given(case=LAYERS[TransposedConv], seed=seeds)


@adjoint
def test_a_transposed_convolution_is_the_adjoint_of_the_convolution_with_its_weights(case, seed):
    conv, transposed, x, y = pair_of(case, seed)
    seen = conv.forward(x)
    assert seen.shape == y.shape
    terms = seen * y
    assert np.sum(x * transposed.forward(y)) == pytest.approx(np.sum(terms), rel=1e-11, abs=1e-11 * np.abs(terms).sum())


@adjoint
def test_each_does_forwards_what_the_other_does_backwards(case, seed):
    conv, transposed, x, y = pair_of(case, seed)
    conv.forward(x), transposed.forward(y)
    np.testing.assert_allclose(conv.backward(y), transposed.forward(y), rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(transposed.backward(x), conv.forward(x), rtol=1e-11, atol=1e-11)


@adjoint
def test_both_have_the_same_gradient_of_their_weights(case, seed):
    conv, transposed, x, y = pair_of(case, seed)
    conv.forward(x), transposed.forward(y)
    conv.backward(y), transposed.backward(x)
    np.testing.assert_allclose(transposed.gradient_weights, conv.gradient_weights, rtol=1e-10, atol=1e-10)


def test_same_padding_and_one_less_than_the_stride_give_so_many_times_as_many_pixels():
    for stride in (1, 2, 3):
        layer = TransposedConv(stride, (2, 3, 4), 1, output_padding=stride - 1)
        assert layer.forward(np.ones((1, 2, 5, 6))).shape == (1, 1, 5 * stride, 6 * stride)
