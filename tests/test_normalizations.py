"""Normalizations beyond the course: layer normalization, and the constants of batch normalization as arguments."""

import numpy as np
import pytest

from Foundation.Moments import add_up_values
from Layers.BatchNormalization import BatchNormalization
from Layers.LayerNormalization import LayerNormalization


@pytest.fixture
def rng():
    return np.random.default_rng(8)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(6, 4), (3, 5, 4), (64, 50, 130), (300, 1000)], ids=str)
def test_layer_normalization_is_that_of_pytorch(shape, dtype, rng):
    torch = pytest.importorskip("torch")
    x, e = (rng.standard_normal((2, *shape)) * 3 + 10).astype(dtype)
    layer, twin = LayerNormalization(shape[-1]), torch.nn.LayerNorm(shape[-1], dtype=torch.float64)
    layer.weights, layer.bias = rng.standard_normal((2, shape[-1])).astype(dtype)
    twin.weight.data, twin.bias.data = torch.tensor(layer.weights).double(), torch.tensor(layer.bias).double()
    tensor = torch.tensor(x).double().requires_grad_()
    output = twin(tensor)
    output.backward(torch.tensor(e).double())
    found = layer.forward(x), layer.backward(e), layer.gradient_weights, layer.gradient_bias
    theirs = output.detach(), tensor.grad, twin.weight.grad, twin.bias.grad
    relative = 2e-6 if dtype == "float32" else 1e-12
    for one, other in zip(found, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=relative, atol=relative * float(other.abs().max()))


def test_a_large_mean_costs_no_digits(rng):
    x = rng.standard_normal((4, 100)) + 1e4
    found = LayerNormalization(100).forward(x.astype("float32"))
    exact = x.astype("float32").astype(float)
    expected = (exact - exact.mean(axis=1, keepdims=True)) / np.sqrt(exact.var(axis=1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_equal_features_become_the_bias():
    layer = LayerNormalization(3)
    layer.bias = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(layer.forward(np.full((2, 3), 7.0)), [[1, 2, 3]] * 2)


def test_the_testing_phase_is_as_the_training(rng):
    layer, x = LayerNormalization(4), rng.standard_normal((2, 4))
    trained = layer.forward(x)
    layer.testing_phase = True
    np.testing.assert_array_equal(layer.forward(x), trained)


def test_images_are_refused_with_advice():
    with pytest.raises(ValueError, match=r"LayerNormalization.*expected input .*got \(2, 3, 4, 4\); put a Flatten"):
        LayerNormalization(4).forward(np.ones((2, 3, 4, 4)))


def test_one_feature_alone_is_refused():
    with pytest.raises(ValueError, match="LayerNormalization: expected features to be at least 2, got 1"):
        LayerNormalization(1)


@pytest.mark.parametrize("each", [(2,), (1, 2)])
def test_many_float32_values_are_added_up_where_the_last_axis_is_left(each, rng):
    x = rng.standard_normal((64, 50, 130)).astype("float32")
    axes = tuple(axis for axis in range(3) if axis not in each)
    np.testing.assert_allclose(add_up_values(each, x), x.astype(float).sum(axes), rtol=1e-6, atol=1e-4)


# -- batch normalization


def test_the_moving_averages_move_by_what_decay_leaves(rng):
    layer, batches = BatchNormalization(2, decay=0.5), rng.standard_normal((3, 6, 2))
    for batch in batches:
        layer.forward(batch)
    means = batches.mean(axis=1)
    np.testing.assert_allclose(layer.moving_mean, means[0] / 4 + means[1] / 4 + means[2] / 2, rtol=1e-12)


def test_epsilon_is_in_both_phases(rng):
    layer, batch = BatchNormalization(2, epsilon=0.5), rng.standard_normal((6, 2))
    expected = (batch - batch.mean(axis=0)) / np.sqrt(batch.var(axis=0) + 0.5)
    np.testing.assert_allclose(layer.forward(batch), expected, rtol=1e-12)
    layer.testing_phase = True
    np.testing.assert_allclose(layer.forward(batch), expected, rtol=1e-12)


def test_the_defaults_are_the_courses():
    assert BatchNormalization(3).configuration() == {"channels": 3, "decay": 0.8, "epsilon": 1e-11}
    assert (BatchNormalization.DECAY, BatchNormalization.EPSILON) == (0.8, 1e-11)
    with pytest.raises(TypeError, match="positional"):
        BatchNormalization(3, 0.8)


def test_the_older_names_are_the_arguments():
    layer = BatchNormalization(3, decay=0.9)
    assert (layer.DECAY, layer.EPSILON) == (0.9, 1e-11)
    layer.DECAY, layer.EPSILON = 0.7, 1e-3
    assert (layer.decay, layer.epsilon) == (0.7, 1e-3)
    with pytest.raises(ValueError, match="BatchNormalization: expected epsilon"):
        layer.EPSILON = -1


def test_an_older_constant_of_a_class_is_refused_rather_than_ignored(monkeypatch):
    class Slow(BatchNormalization):
        DECAY = 0.99

    with pytest.raises(TypeError, match=r"Slow: DECAY is an argument now; write Slow\(…, decay=0.99\)"):
        Slow(3)
    monkeypatch.setattr(BatchNormalization, "EPSILON", 1e-5)
    with pytest.raises(TypeError, match=r"EPSILON is an argument now; write BatchNormalization\(…, epsilon=1e-05\)"):
        BatchNormalization(3)
