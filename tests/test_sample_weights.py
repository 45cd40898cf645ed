"""How much samples count: the laws of sample weights, run over every loss, and what is refused."""

import copy
import pickle

import numpy as np
import pytest

import NeuralNetwork as networks
from Foundation.Batches import Batch, total_weight
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Optimization.Loss import CrossEntropyLoss, Loss, MeanSquaredError, QuantileLoss, backward_pass, forward_pass
from Optimization.Optimizers import Sgd
from tests.numerical import numerical_derivative
from tests.object_cases import LOSSES, LossCase


class RowWise(Loss):
    """A loss of somebody's own, whose formula gives a number for each sample."""

    @forward_pass
    def forward(self, prediction_tensor, label_tensor):
        return np.square(prediction_tensor - label_tensor).sum(axis=1)

    @backward_pass
    def backward(self, label_tensor):
        return 2 * (self.prediction_tensor - label_tensor)


class KeptAxes(RowWise):
    @forward_pass
    def forward(self, prediction_tensor, label_tensor):
        return np.square(prediction_tensor - label_tensor).sum(axis=1, keepdims=True)


class Summed(RowWise):
    @forward_pass
    def forward(self, prediction_tensor, label_tensor):
        return np.square(prediction_tensor - label_tensor).sum()


class PlainBackward(Loss):
    @forward_pass
    def forward(self, prediction_tensor, label_tensor):
        return np.square(prediction_tensor - label_tensor)

    def backward(self, label_tensor):
        return 2 * (self.prediction_tensor - label_tensor)


def normal(rng):
    return tuple(rng.standard_normal((2, 4, 3)))


OWN = [LossCase(RowWise, normal), LossCase(KeptAxes, normal)]
every_case = pytest.mark.parametrize("case", [*LOSSES, *OWN], ids=str)
every_case_of_elements = pytest.mark.parametrize("case", LOSSES, ids=str)
every_dtype = pytest.mark.parametrize("dtype", ["float64", "float32"])


def weights_of(label, axes=1, seed=3):
    return np.random.default_rng(seed).uniform(0.1, 3, label.shape[:axes])


def passed(loss, prediction, label, weights=None):
    return loss.forward(prediction, label, sample_weights=weights), loss.backward(label)


@every_case
def test_a_sample_of_weight_two_is_two_samples(case):
    prediction, label = case.tensors()
    counts = np.arange(len(label)) % 3
    value, error = passed(case.make(), prediction, label, counts)
    repeated, errors = passed(case.make(), prediction.repeat(counts, axis=0), label.repeat(counts, axis=0))
    assert value == pytest.approx(repeated, rel=1e-12)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    for sample, count in enumerate(counts):
        expected = count * errors[first[sample]] if count else np.zeros_like(error[sample])
        np.testing.assert_allclose(error[sample], expected, rtol=1e-12)


@every_case
def test_the_error_is_the_derivative_of_the_weighted_loss(case):
    prediction, label = case.tensors()
    weights = weights_of(label)
    _, error = passed(case.make(), prediction, label, weights)
    numerical = numerical_derivative(lambda: case.make().forward(prediction, label, sample_weights=weights), prediction)
    np.testing.assert_allclose(error, numerical, rtol=1e-4, atol=1e-7)


@every_case_of_elements
def test_each_label_may_have_a_weight_of_its_own(case):
    prediction, label = case.tensors()
    weights = weights_of(label, axes=2)
    _, error = passed(case.make(), prediction, label, weights)
    numerical = numerical_derivative(lambda: case.make().forward(prediction, label, sample_weights=weights), prediction)
    np.testing.assert_allclose(error, numerical, rtol=1e-4, atol=1e-7)


@every_case
@every_dtype
def test_weights_of_one_change_nothing(case, dtype):
    prediction, label = case.tensors(dtype)
    value, error = passed(case.make(), prediction, label)
    for ones in (np.ones(len(label)), [1] * len(label), np.ones(len(label), dtype)):
        weighted, weighted_error = passed(case.make(), prediction, label, ones)
        assert weighted == pytest.approx(value, rel=1e-12)
        assert weighted_error.dtype == dtype
        np.testing.assert_array_equal(weighted_error, error)


@every_case
def test_parts_of_a_weighted_batch_add_up(case):
    prediction, label = case.tensors()
    weights = weights_of(label)
    value, error = passed(case.make(), prediction, label, weights)
    parts = [
        passed(case.make(), prediction[i : i + 1], label[i : i + 1], weights[i : i + 1]) for i in range(len(label))
    ]
    assert sum(part for part, _ in parts) == pytest.approx(value, rel=1e-12)
    np.testing.assert_array_equal(np.concatenate([errors for _, errors in parts]), error)


@every_case
def test_weights_belong_to_one_batch(case):
    loss, (prediction, label) = case.make(), case.tensors()
    before = passed(loss, prediction, label)
    passed(loss, prediction, label, weights_of(label))
    value, error = passed(loss, prediction, label)
    assert value == before[0]
    np.testing.assert_array_equal(error, before[1])


@every_case
def test_backward_may_be_asked_again(case):
    loss, (prediction, label) = case.make(), case.tensors()
    _, error = passed(loss, prediction, label, weights_of(label))
    np.testing.assert_array_equal(loss.backward(label.tolist()), error)


@every_case
def test_nobody_s_weights_are_changed_and_all_may_be_zero(case):
    loss, (prediction, label) = case.make(), case.tensors()
    for weights in (weights_of(label), np.zeros(len(label))):
        kept = weights.copy()
        value, error = passed(loss, prediction, label, weights)
        np.testing.assert_array_equal(weights, kept)
    assert value == 0
    assert not error.any()


@every_case
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda loss: pickle.loads(pickle.dumps(loss))])
def test_weights_are_no_part_of_a_copy(case, duplicate):
    loss, (prediction, label) = case.make(), case.tensors()
    passed(loss, prediction, label, weights_of(label))
    assert not any(isinstance(value, np.ndarray) for value in vars(duplicate(loss)).values())


@every_case
@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, 1.0, -0.5], "finite and not negative, got -0.5"),
        ([1.0, np.nan, 1.0], "finite and not negative, got nan"),
        ([1.0, np.inf, 1.0], "finite and not negative, got inf"),
        ([1.0, 1.0], r"sample weights \(3,\), one for each sample, or one for each label of \(3, \d\), got \(2,\)"),
        ([[1.0], [1.0], [1.0]], r"sample weights \(3,\).*got \(3, 1\)"),
        (2.0, r"sample weights \(3,\).*got \(\)"),
        ([], "sample weights with at least one element"),
        ("heavy", "sample weights to hold real numbers"),
    ],
    ids=str,
)
def test_what_are_no_weights_is_refused_and_changes_nothing(case, weights, message):
    loss, (prediction, label) = case.make(), case.tensors()
    _, error = passed(loss, prediction, label, weights_of(label))
    with pytest.raises((TypeError, ValueError), match=f"{type(loss).__name__}.*{message}"):
        loss.forward(prediction[:3], label[:3], sample_weights=weights)
    np.testing.assert_array_equal(loss.backward(label), error)


@every_case
def test_weights_can_only_be_given_by_name(case):
    prediction, label = case.tensors()
    with pytest.raises(TypeError, match="positional"):
        case.make().forward(prediction, label, weights_of(label))


def test_a_formula_that_gives_the_sum_cannot_be_weighed():
    loss, (prediction, label) = Summed(), OWN[0].tensors()
    value = loss.forward(prediction, label)
    assert value == pytest.approx(RowWise().forward(prediction, label))
    with pytest.raises(ValueError, match=r"Summed\(\): expected losses .* or of each sample, got \(\).*leave the sum"):
        loss.forward(prediction, label, sample_weights=weights_of(label))


@pytest.mark.parametrize("case", OWN, ids=str)
def test_weights_of_elements_need_losses_of_elements(case):
    prediction, label = case.tensors()
    with pytest.raises(ValueError, match="expected losses that can be weighed"):
        case.make().forward(prediction, label, sample_weights=weights_of(label, axes=2))


def test_a_backward_that_does_not_weigh_is_refused():
    prediction, label = OWN[0].tensors()
    assert PlainBackward().forward(prediction, label) > 0
    with pytest.raises(TypeError, match=r"PlainBackward\(\): got sample weights.*write @backward_pass"):
        PlainBackward().forward(prediction, label, sample_weights=weights_of(label))


def test_a_backward_that_asks_the_one_it_is_derived_from_weighs():
    class Doubled(MeanSquaredError):
        def backward(self, label_tensor):
            return 2 * super().backward(label_tensor)

    prediction, label = OWN[0].tensors()
    _, error = passed(MeanSquaredError(), prediction, label, weights_of(label))
    np.testing.assert_array_equal(passed(Doubled(), prediction, label, weights_of(label))[1], 2 * error)


def test_weights_of_time_steps_hold_for_all_outputs_of_a_step():
    prediction, label = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    weights = weights_of(label, axes=2)
    _, error = passed(MeanSquaredError(), prediction, label, weights)
    _, each = passed(MeanSquaredError(), prediction, label, np.broadcast_to(weights[..., np.newaxis], label.shape))
    np.testing.assert_array_equal(error, each)


@pytest.mark.parametrize("loss", [MeanSquaredError(), QuantileLoss([0.5])], ids=repr)
def test_labels_without_the_axis_of_outputs_have_weights_without_it(loss):
    prediction, label = np.random.default_rng(0).standard_normal((2, 4, 1))
    weights = weights_of(label)
    value, error = passed(loss, prediction, label, weights)
    without, errors = passed(loss, prediction, label[:, 0], weights)
    assert without == value
    np.testing.assert_array_equal(errors, error)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_error_of_a_prediction_without_chance_stays_finite(dtype):
    loss = CrossEntropyLoss(class_weights=[50, 50])
    for weights in (None, [1000.0]):
        _, error = passed(loss, np.array([[0, 1]], dtype), np.array([[1, 0]], dtype), weights)
        assert error.dtype == dtype
        assert np.isfinite(error).all() and error[0, 0] == -np.finfo(dtype).max


class Weighted:
    def __init__(self, batch):
        self.batch = batch

    def next(self):
        return self.batch


@pytest.mark.parametrize("own", [RowWise, MeanSquaredError])
def test_a_network_trains_with_weights_as_with_repeated_samples(own):
    rng = np.random.default_rng(0)
    inputs, labels, counts = rng.standard_normal((6, 3)), rng.standard_normal((6, 2)), np.array([3, 1, 0, 2, 1, 1])
    trained = []
    for batch in (Batch(inputs, labels, counts), (inputs.repeat(counts, axis=0), labels.repeat(counts, axis=0))):
        net = networks.NeuralNetwork(Sgd(0.01), He(rng=0), Constant(0.1))
        net.loss_layer, net.data_layer = own(), Weighted(batch)
        net.append_layer(FullyConnected(3, 2))
        net.train(10)
        trained.append(net)
    np.testing.assert_allclose(trained[0].loss, trained[1].loss, rtol=1e-12)
    np.testing.assert_allclose(trained[0].layers[0].weights, trained[1].layers[0].weights, rtol=1e-12)


def test_a_mean_is_over_weights_or_samples():
    prediction, label = np.array([[1.0], [3.0]]), np.array([[0.0], [0.0]])
    loss = MeanSquaredError()
    assert loss.forward(prediction, label) / total_weight(label) == 5
    weights = [3, 1]
    assert loss.forward(prediction, label, sample_weights=weights) / total_weight(label, weights) == 3


def test_a_formula_that_weighs_for_itself_gets_none_where_there_are_no_weights():
    class Weighing(Loss):
        @forward_pass
        def forward(self, prediction, label, sample_weights):
            return np.abs(prediction - label) * (1 if sample_weights is None else sample_weights)

        @backward_pass
        def backward(self, label):
            return np.sign(self.prediction_tensor - label)

    prediction, label = np.array([[3.0], [5.0]]), np.zeros((2, 1))
    assert Weighing().forward(prediction, label) == 8
    assert Weighing().forward(prediction, label, sample_weights=[1, 2]) == 13
    assert Weighing().forward(prediction.astype("float32") * 1e-38, label) == pytest.approx(8e-38)


def test_a_backward_that_takes_the_place_of_one_that_weighs_is_refused():
    class Half(MeanSquaredError):
        def backward(self, label_tensor):
            return self.prediction_tensor - label_tensor

    loss, label = Half(), np.zeros((2, 1))
    loss.forward(np.ones((2, 1)), label)
    np.testing.assert_array_equal(loss.backward(label), np.ones((2, 1)))
    loss.forward(np.ones((2, 1)), label, sample_weights=[1, 0])
    with pytest.raises(TypeError, match=r"Half\(\): got sample weights, which its backward knows nothing of"):
        loss.backward(label)
