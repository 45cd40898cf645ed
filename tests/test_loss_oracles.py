"""The losses against independent implementations: scikit-learn, SciPy, and PyTorch where it is installed."""

import numpy as np
import pytest
import scipy.special
import sklearn.metrics

from Layers.RNN import RNN
from Layers.Sigmoid import Sigmoid
from Layers.SoftMax import SoftMax
from Optimization.Loss import (
    BinaryCrossEntropy,
    CrossEntropyLoss,
    Huber,
    MeanAbsoluteError,
    MeanSquaredError,
    QuantileLoss,
)

every_dtype = pytest.mark.parametrize("dtype", ["float64", "float32"])
NUMBERS = [MeanSquaredError, MeanAbsoluteError, Huber, lambda: QuantileLoss([0.3])]


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def theirs(function, prediction, *others):
    """The loss and its derivative as PyTorch has them."""
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(prediction, requires_grad=True)
    loss = function(torch, tensor, *map(torch.tensor, others))
    loss.backward()
    return loss.item(), tensor.grad.numpy()


def compare(loss, prediction, label, expected, weights=None):
    value, error = expected
    assert loss.forward(prediction, label, sample_weights=weights) == pytest.approx(value, rel=1e-10)
    np.testing.assert_allclose(loss.backward(label), error, rtol=1e-9, atol=1e-13)


# -- numbers


@pytest.mark.parametrize("shape", [(6, 1), (6, 3), (4, 5, 2)])
@pytest.mark.parametrize(
    ("loss", "name", "options"),
    [
        (MeanSquaredError(), "mse_loss", {}),
        (MeanAbsoluteError(), "l1_loss", {}),
        (Huber(), "huber_loss", {}),
        (Huber(0.25), "huber_loss", {"delta": 0.25}),
    ],
    ids=str,
)
def test_losses_of_numbers_are_those_of_pytorch(rng, loss, name, options, shape):
    prediction, label = rng.standard_normal((2, *shape))

    def function(torch, prediction, label):
        return getattr(torch.nn.functional, name)(prediction, label, reduction="mean", **options) * len(label)

    compare(loss, prediction, label, theirs(function, prediction, label))


@pytest.mark.parametrize(
    ("loss", "function"),
    [
        (MeanSquaredError(), sklearn.metrics.mean_squared_error),
        (MeanAbsoluteError(), sklearn.metrics.mean_absolute_error),
    ],
    ids=["squared", "absolute"],
)
def test_weighted_losses_of_numbers_are_those_of_scikit_learn(rng, loss, function):
    prediction, label, weights = *rng.standard_normal((2, 7, 3)), rng.random(7)
    expected = function(label, prediction, sample_weight=weights)
    assert loss.forward(prediction, label, sample_weights=weights) / weights.sum() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("scale", [1e-200, 1e-3, 1, 1e3, 1e200])
def test_huber_is_scipy_s_near_and_far(rng, scale):
    prediction, label = rng.standard_normal((2, 8, 2)) * scale
    expected = scipy.special.huber(1.5, prediction - label).sum() / 2
    assert Huber(1.5).forward(prediction, label) == pytest.approx(expected, rel=1e-12)


@every_dtype
def test_huber_does_not_overflow(dtype):
    loss, far = Huber(2.0), np.array([[-1e30, 1e30]], dtype)
    with np.errstate(all="raise"):
        assert loss.forward(far, np.zeros((1, 2))) == pytest.approx(2e30)
        np.testing.assert_array_equal(loss.backward(np.zeros((1, 2))), np.array([[-1, 1]], dtype))


@every_dtype
def test_huber_is_half_the_square_at_its_corner_and_the_absolute_distance_behind_it(dtype):
    loss, zeros = Huber(2.0), np.zeros((1, 3), dtype)
    assert loss.forward(np.array([[0, 2, 5]], dtype), zeros) == pytest.approx((0 + 2 + (2 * 5 - 2)) / 3)
    np.testing.assert_array_equal(loss.backward(zeros), np.array([[0, 2, 2]], dtype) / 3)


@pytest.mark.parametrize("quantile", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_quantile_is_judged_as_by_scikit_learn(rng, quantile, weighted):
    prediction, label, weights = *rng.standard_normal((2, 9, 1)), rng.random(9)
    weights = weights if weighted else None
    expected = sklearn.metrics.mean_pinball_loss(label, prediction, alpha=quantile, sample_weight=weights)
    total = weights.sum() if weighted else 9
    value = QuantileLoss([quantile]).forward(prediction, label, sample_weights=weights)
    assert value / total == pytest.approx(expected, rel=1e-12)


def test_several_quantiles_of_several_targets_are_a_mean(rng):
    prediction, label, shares = rng.standard_normal((9, 6)), rng.standard_normal((9, 2)), (0.1, 0.5, 0.8)
    expected = np.mean(
        [
            sklearn.metrics.mean_pinball_loss(label[:, target], prediction[:, 3 * target + index], alpha=share)
            for target in range(2)
            for index, share in enumerate(shares)
        ]
    )
    assert QuantileLoss(shares).forward(prediction, label) / 9 == pytest.approx(expected, rel=1e-12)


def test_the_error_of_quantiles_is_pytorch_s(rng):
    prediction, label, shares = rng.standard_normal((9, 6)), rng.standard_normal((9, 2)), np.array([0.1, 0.5, 0.8])

    def function(torch, prediction, label, shares):
        missing = label[:, :, None] - prediction.reshape(9, 2, 3)
        return torch.maximum(shares * missing, (shares - 1) * missing).mean() * 9

    compare(QuantileLoss(shares), prediction, label, theirs(function, prediction, label, shares))


@every_dtype
def test_the_error_of_a_label_that_is_hit_is_zero(dtype):
    for loss in (MeanSquaredError(), MeanAbsoluteError(), Huber(), QuantileLoss([0.1, 0.9])):
        label = np.array([[1, 2]], dtype)
        assert loss.forward(label.copy(), label) == 0
        np.testing.assert_array_equal(loss.backward(label), np.zeros((1, 2), dtype))


@pytest.mark.parametrize("make", [*NUMBERS, BinaryCrossEntropy])
def test_labels_in_one_axis_are_those_of_one_output(rng, make):
    prediction, label = rng.random((2, 5, 1))
    loss, flat = make(), make()
    assert flat.forward(prediction, label[:, 0]) == loss.forward(prediction, label)
    assert flat.backward(label[:, 0]).shape == (5, 1)
    np.testing.assert_array_equal(flat.backward(label[:, 0]), loss.backward(label))


def test_labels_in_one_axis_are_those_of_all_quantiles(rng):
    prediction, label = rng.random((5, 2)), rng.random(5)
    loss, flat = QuantileLoss([0.1, 0.9]), QuantileLoss([0.1, 0.9])
    assert flat.forward(prediction, label) == loss.forward(prediction, label[:, np.newaxis])
    np.testing.assert_array_equal(flat.backward(label), loss.backward(label[:, np.newaxis]))


@pytest.mark.parametrize("make", NUMBERS)
def test_what_would_be_broadcast_is_refused_with_advice(rng, make):
    loss = make()
    for shape, advice in (((1, 5), r"labels\.reshape\(5, 1\) has it"), ((1,), r"got \(1,\)$"), ((3,), r"got \(3,\)$")):
        with pytest.raises(ValueError, match=advice):
            loss.forward(rng.random((5, 1)), np.zeros(shape))


@pytest.mark.parametrize("predictions", [np.zeros((4, 3)), np.zeros(4)], ids=np.shape)
def test_predictions_that_are_not_all_quantiles_of_each_target_are_refused(predictions):
    for labels in (predictions, np.zeros((4, 1))):
        with pytest.raises(ValueError, match=r"expected predictions \(batch, targets \* 2\)"):
            QuantileLoss([0.1, 0.9]).forward(predictions, labels)


# -- yes and no


@pytest.mark.parametrize("shape", [(8, 1), (8, 3), (2, 3, 4)])
@pytest.mark.parametrize("soft", [False, True])
def test_binary_cross_entropy_is_pytorch_s(rng, shape, soft):
    prediction = rng.uniform(0.01, 0.99, shape)
    label = rng.random(shape) if soft else rng.integers(0, 2, shape).astype(float)

    def function(torch, prediction, label):
        return torch.nn.functional.binary_cross_entropy(prediction, label, reduction="sum")

    compare(BinaryCrossEntropy(), prediction, label, theirs(function, prediction, label))


def test_weighted_binary_cross_entropy_is_pytorch_s(rng):
    prediction, weights = rng.uniform(0.01, 0.99, (5, 3)), rng.random((5, 3))
    label = rng.integers(0, 2, (5, 3)).astype(float)

    def function(torch, prediction, label, weights):
        return torch.nn.functional.binary_cross_entropy(prediction, label, weights, reduction="sum")

    compare(BinaryCrossEntropy(), prediction, label, theirs(function, prediction, label, weights), weights)


@pytest.mark.parametrize("label", [0, 1])
@every_dtype
def test_certain_predictions_cost_what_scikit_learn_says(label, dtype):
    prediction = np.array([[0.0], [0.25], [1.0]], dtype)
    labels = np.full((3, 1), label)
    expected = sklearn.metrics.log_loss(labels, prediction.astype(float), labels=[0, 1], normalize=False)
    assert BinaryCrossEntropy().forward(prediction, labels) == pytest.approx(expected, rel=1e-6)


@every_dtype
def test_certain_and_right_costs_nothing(dtype):
    label = np.array([[0, 1]], dtype)
    assert BinaryCrossEntropy().forward(label.copy(), label) == 0


SCORES = [[-1e4, -800, -745, -100, -88, -40, -17, -1, 0, 1, 17, 36.5, 40, 88, 100, 800, 1e4]]


@pytest.mark.parametrize("label", [0, 1, 0.3])
@every_dtype
def test_sigmoid_and_binary_cross_entropy_give_prediction_minus_label_however_certain(label, dtype):
    layer, loss, scores = Sigmoid(), BinaryCrossEntropy(), np.array(SCORES, dtype)
    labels = np.full_like(scores, label)
    with np.errstate(all="raise"):
        assert np.isfinite(loss.forward(layer.forward(scores), labels))
        error = layer.backward(loss.backward(labels))
    assert error.dtype == dtype
    expected = scipy.special.expit(scores.astype(float)) - labels
    np.testing.assert_allclose(error, expected, rtol=0, atol=8 * np.finfo(dtype).eps)


@every_dtype
def test_so_do_the_outputs_of_a_recurrent_layer(dtype):
    layer, loss = RNN(1, 1, 2).astype(dtype), BinaryCrossEntropy()
    layer.output_weights = np.array([[0, 0], [2000, -2000]], dtype)
    prediction = layer.forward(np.zeros((3, 1), dtype))
    np.testing.assert_array_equal(prediction, np.tile([[1, 0]], (3, 1)))
    labels = np.tile([[0, 1]], (3, 1))
    loss.forward(prediction, labels)
    layer.backward(loss.backward(labels))
    np.testing.assert_allclose(layer.gradient_output_weights[-1], [3, -3], rtol=1e-6)


def test_weights_do_not_change_that():
    layer, loss, labels = Sigmoid(), BinaryCrossEntropy(), np.array([[1.0, 0.0]])
    loss.forward(layer.forward([[-2000.0, 2000.0]]), labels, sample_weights=[3.0])
    np.testing.assert_allclose(layer.backward(loss.backward(labels)), [[-3, 3]])


def test_the_derivative_of_sigmoid_is_the_plain_one_for_every_other_error():
    layer = Sigmoid()
    layer.forward([[-2000.0, 0.0, 2000.0]])
    np.testing.assert_array_equal(layer.backward([[4.0, 4.0, 4.0]]), [[0, 1, 0]])


# -- classes


def smoothed(rng, soft):
    return rng.dirichlet(np.ones(4), 6) if soft else np.eye(4)[rng.integers(0, 4, 6)]


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.75])
@pytest.mark.parametrize("class_weights", [None, (1.0, 0.0, 2.5, 3.0)])
def test_cross_entropy_with_class_weights_and_smoothing_is_pytorch_s(rng, class_weights, smoothing, soft):
    scores, label = rng.standard_normal((6, 4)), smoothed(rng, soft)
    loss, layer = CrossEntropyLoss(class_weights=class_weights, label_smoothing=smoothing), SoftMax()

    def function(torch, scores, label):
        weights = None if class_weights is None else torch.tensor(class_weights, dtype=torch.float64)
        return torch.nn.functional.cross_entropy(
            scores, label, weight=weights, label_smoothing=smoothing, reduction="sum"
        )

    value, error = theirs(function, scores, label)
    assert loss.forward(layer.forward(scores), label) == pytest.approx(value, rel=1e-10)
    np.testing.assert_allclose(layer.backward(loss.backward(label)), error, rtol=1e-9, atol=1e-12)


def test_weighted_cross_entropy_is_scikit_learn_s(rng):
    prediction, numbers, weights = rng.dirichlet(np.ones(4), 6), np.array([0, 1, 2, 3, 0, 1]), rng.random(6)
    expected = sklearn.metrics.log_loss(numbers, prediction, sample_weight=weights, normalize=False)
    loss = CrossEntropyLoss().forward(prediction, np.eye(4)[numbers], sample_weights=weights)
    assert loss == pytest.approx(expected, rel=1e-12)


@every_dtype
def test_defaults_are_the_loss_of_the_course_to_the_bit(rng, dtype):
    prediction = SoftMax().forward(rng.standard_normal((40, 9)).astype(dtype))
    label = np.eye(9, dtype=dtype)[rng.integers(0, 9, 40)]
    picked = np.log(prediction[label > 0] + float(np.finfo(float).eps), dtype=float)
    loss = CrossEntropyLoss()
    assert loss.forward(prediction, label) == float(-np.ones(40, dtype) @ picked)
    np.testing.assert_array_equal(loss.backward(label), -label / prediction)


def test_the_number_of_class_weights_is_that_of_the_classes():
    loss = CrossEntropyLoss(class_weights=[1, 2])
    with pytest.raises(ValueError, match="expected 2 classes, one for each of the class weights, got 3"):
        loss.forward(np.full((1, 3), 1 / 3), np.eye(3)[:1])


# -- arguments


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CrossEntropyLoss(class_weights=[1, -1]), "class_weights.*at least 0"),
        (lambda: CrossEntropyLoss(class_weights=[1, np.nan]), "class_weights.*finite"),
        (lambda: CrossEntropyLoss(class_weights=[1, np.inf]), "class_weights.*finite"),
        (lambda: CrossEntropyLoss(class_weights=[0, 0]), "class_weights.*aren't all 0"),
        (lambda: CrossEntropyLoss(class_weights=[]), "class_weights"),
        (lambda: CrossEntropyLoss(class_weights=2.0), "class_weights, a list"),
        (lambda: CrossEntropyLoss(class_weights="even"), "class_weights to hold real numbers"),
        (lambda: CrossEntropyLoss(label_smoothing=1), "label_smoothing.*below 1"),
        (lambda: CrossEntropyLoss(label_smoothing=-0.1), "label_smoothing.*at least 0"),
        (lambda: CrossEntropyLoss(label_smoothing="a lot"), "label_smoothing to be a number"),
        (lambda: Huber(0), "Huber: expected delta"),
        (lambda: Huber(-1), "Huber: expected delta"),
        (lambda: Huber(np.inf), "Huber: expected delta"),
        (lambda: Huber("far"), "Huber: expected delta to be a number"),
        (lambda: QuantileLoss([0.5, 0]), "quantiles.*above 0 and below 1"),
        (lambda: QuantileLoss([0.5, 1]), "quantiles.*above 0 and below 1"),
        (lambda: QuantileLoss([np.nan]), "quantiles.*above 0 and below 1"),
        (lambda: QuantileLoss([]), "quantiles"),
        (lambda: QuantileLoss(0.5), "quantiles, a list"),
        (lambda: QuantileLoss([[0.5]]), "quantiles, a list"),
        (lambda: QuantileLoss(["half"]), "quantiles to hold real numbers"),
    ],
)
def test_an_argument_out_of_range_is_refused(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_arguments_are_given_by_name():
    with pytest.raises(TypeError, match="positional"):
        CrossEntropyLoss([1, 2])


@pytest.mark.parametrize(
    ("loss", "wanted"),
    [
        (CrossEntropyLoss(), "distributions"),
        (BinaryCrossEntropy(), "memberships"),
        (MeanSquaredError(), "numbers"),
        (MeanAbsoluteError(), "numbers"),
        (Huber(), "numbers"),
        (QuantileLoss([0.5]), "numbers"),
    ],
    ids=str,
)
def test_a_loss_tells_which_labels_it_wants(loss, wanted):
    assert loss.wanted_labels == wanted


def test_a_class_may_say_so_itself():
    class OneOfMany(MeanSquaredError):
        wanted_labels = "distributions"

    assert OneOfMany().wanted_labels == "distributions"
