"""The laws of losses, each written once and run over every loss."""

import copy
import pickle

import numpy as np
import pytest

import NeuralNetwork as networks
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.SoftMax import SoftMax
from Optimization.Loss import CrossEntropyLoss, Loss, backward_pass, distributions, forward_pass
from Optimization.Optimizers import Sgd
from tests.numerical import numerical_derivative
from tests.object_cases import LOSSES, LossCase

every_case = pytest.mark.parametrize("case", LOSSES, ids=str)
every_dtype = pytest.mark.parametrize("dtype", ["float64", "float32"])


class SquaredError(Loss):
    """A loss of somebody's own, written with the two formulas alone."""

    @forward_pass
    def forward(self, prediction_tensor, label_tensor):
        return np.square(prediction_tensor - label_tensor)

    @backward_pass
    def backward(self, label_tensor):
        return 2 * (self.prediction_tensor - label_tensor)


class Hinge(Loss):
    """A loss of somebody's own with an argument and a demand on its labels, written without what is put around."""

    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, prediction_tensor, label_tensor):
        self.prediction = prediction_tensor
        return float(np.maximum(0, self.margin - prediction_tensor * label_tensor).sum())

    def backward(self, label_tensor):
        return np.where(self.prediction * label_tensor < self.margin, -label_tensor, 0.0)


CASES = [*LOSSES, LossCase(SquaredError, lambda rng: tuple(rng.standard_normal((2, 4, 3))))]
every_case_and_ones_own = pytest.mark.parametrize("case", CASES, ids=str)


@every_case_and_ones_own
def test_the_error_is_the_derivative_of_the_loss(case):
    loss, (prediction, label) = case.make(), case.tensors()
    loss.forward(prediction, label)
    error = loss.backward(label)
    numerical = numerical_derivative(lambda: case.make().forward(prediction, label), prediction)
    np.testing.assert_allclose(error, numerical, rtol=1e-4, atol=1e-7)


@every_case_and_ones_own
def test_the_loss_of_a_batch_is_the_sum_of_its_samples(case):
    loss, (prediction, label) = case.make(), case.tensors()
    whole = loss.forward(prediction, label)
    error = loss.backward(label)
    parts, errors = [], []
    for sample in range(len(prediction)):
        part = case.make()
        parts.append(part.forward(prediction[sample : sample + 1], label[sample : sample + 1]))
        errors.append(part.backward(label[sample : sample + 1]))
    assert sum(parts) == pytest.approx(whole, rel=1e-12)
    np.testing.assert_array_equal(np.concatenate(errors), error)


@every_case_and_ones_own
@every_dtype
def test_the_loss_is_a_float_and_the_error_has_the_predictions_shape_and_type(case, dtype):
    loss, (prediction, label) = case.make(), case.tensors(dtype)
    assert type(loss.forward(prediction, label)) is float
    for labels in (label, label.astype("float64"), label.tolist()):
        error = loss.backward(labels)
        assert error.shape == prediction.shape
        assert error.dtype == dtype


@every_case_and_ones_own
def test_float32_differs_by_rounding_alone(case):
    double, single = case.make(), case.make()
    value = double.forward(*case.tensors())
    assert single.forward(*case.tensors("float32")) == pytest.approx(value, rel=1e-5)
    errors = double.backward(case.tensors()[1]), single.backward(case.tensors("float32")[1])
    np.testing.assert_allclose(errors[1], errors[0], rtol=1e-4, atol=1e-5)


@every_case_and_ones_own
@every_dtype
def test_arguments_and_earlier_results_stay_as_they_were(case, dtype):
    loss, (prediction, label) = case.make(), case.tensors(dtype)
    kept = prediction.copy(), label.copy()
    loss.forward(prediction, label)
    error = loss.backward(label)
    first = error.copy()
    loss.forward(*case.tensors(dtype, seed=1))
    loss.backward(case.tensors(dtype, seed=1)[1])
    for array, copied in ((prediction, kept[0]), (label, kept[1]), (error, first)):
        np.testing.assert_array_equal(array, copied)
    assert not np.shares_memory(error, prediction) and not np.shares_memory(error, label)


@every_case_and_ones_own
def test_the_same_batch_gives_the_same_bits_whatever_came_before(case):
    used, fresh = case.make(), case.make()
    used.forward(*case.tensors(seed=5))
    prediction, label = case.tensors()
    assert used.forward(prediction, label) == fresh.forward(prediction, label)
    for _ in range(2):
        np.testing.assert_array_equal(used.backward(label), fresh.backward(label))


@every_case_and_ones_own
def test_the_order_of_memory_does_not_matter(case):
    loss, (prediction, label) = case.make(), case.tensors()
    value = loss.forward(prediction, label)
    error = loss.backward(label)
    for order in (np.asfortranarray, lambda array: np.repeat(array, 2, axis=1)[:, ::2]):
        assert loss.forward(order(prediction), order(label)) == pytest.approx(value, rel=1e-12)
        np.testing.assert_array_equal(loss.backward(order(label)), error)


@every_case_and_ones_own
def test_labels_may_be_integers_or_lists(case):
    prediction, _ = case.tensors()
    labels = np.eye(prediction.shape[1], dtype=int)[np.zeros(len(prediction), dtype=int)]
    loss = case.make()
    value = loss.forward(prediction, labels.astype(float))
    assert loss.forward(prediction.tolist(), labels.tolist()) == loss.forward(prediction, labels) == value


@every_case_and_ones_own
def test_backward_before_forward_is_refused_by_name(case):
    with pytest.raises(RuntimeError, match=f"{type(case.make()).__name__}.*call forward first"):
        case.make().backward(case.tensors()[1])


@every_case_and_ones_own
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda loss: pickle.loads(pickle.dumps(loss))])
def test_what_forward_keeps_is_no_part_of_a_copy(case, duplicate):
    loss = case.make()
    loss.forward(*case.tensors())
    copied = duplicate(loss)
    assert not any(isinstance(value, np.ndarray) for value in vars(copied).values())
    with pytest.raises(RuntimeError, match="call forward first"):
        copied.backward(case.tensors()[1])


@every_case_and_ones_own
@pytest.mark.parametrize("value", ["text", None, [["a", "b"]], [[1.0], [1.0, 2.0]], [[1j]], [[None]], []], ids=str)
def test_what_is_no_array_of_numbers_is_refused_by_name(case, value):
    loss, (prediction, label) = case.make(), case.tensors()
    name = type(loss).__name__
    with pytest.raises((TypeError, ValueError), match=f"{name}.*expected predictions"):
        loss.forward(value, label)
    with pytest.raises((TypeError, ValueError), match=f"{name}.*expected labels"):
        loss.forward(prediction, value)
    loss.forward(prediction, label)
    with pytest.raises((TypeError, ValueError), match=f"{name}.*expected labels"):
        loss.backward(value)


@every_case_and_ones_own
def test_labels_of_another_shape_are_refused_in_both_passes(case):
    loss, (prediction, label) = case.make(), case.tensors()
    loss.forward(prediction, label)
    for wrong in (label[:-1], label[:, :-1], label[..., np.newaxis], label[0]):
        with pytest.raises(ValueError, match=r"labels of the predictions' shape \(\d, \d\), got \("):
            loss.forward(prediction, wrong)
        with pytest.raises(ValueError, match=r"labels of the predictions' shape \(\d, \d\), got \("):
            loss.backward(wrong)


@every_case
def test_what_the_loss_is_not_defined_for_is_refused_in_both_passes(case):
    loss, (prediction, label) = case.make(), case.tensors()
    for predictions, message in case.refused_predictions:
        with pytest.raises(ValueError, match=message):
            loss.forward(predictions, np.eye(len(predictions[0]))[: len(predictions)])
    loss.forward(prediction, label)
    for labels, message in case.refused_labels:
        with pytest.raises(ValueError, match=message):
            loss.forward(np.full(np.shape(labels), 1 / len(labels[0])), labels)
    for labels, message in case.refused_labels:
        loss.forward(np.full(np.shape(labels), 1 / len(labels[0])), np.eye(len(labels[0]))[: len(labels)])
        with pytest.raises(ValueError, match=message):
            loss.backward(labels)


@every_case
def test_an_error_leaves_what_forward_has_kept(case):
    loss, (prediction, label) = case.make(), case.tensors()
    loss.forward(prediction, label)
    error = loss.backward(label)
    with pytest.raises(ValueError, match="shape"):
        loss.forward(prediction[:1], label)
    np.testing.assert_array_equal(loss.backward(label), error)


@every_case_and_ones_own
def test_numbers_that_are_too_small_are_no_error(case):
    for dtype, small in (("float64", 1e-320), ("float32", 1e-42)):
        loss, (prediction, label) = case.make(), case.tensors(dtype)
        prediction[0], label[0] = small, 0
        prediction[0, 0], label[0, :2] = 1, (1, small)
        with np.errstate(all="raise"):
            assert np.isfinite(loss.forward(prediction, label))
            assert np.isfinite(loss.backward(label)).all()


def test_labels_are_looked_at_again_where_they_could_have_changed():
    loss, prediction, label = CrossEntropyLoss(), np.full((2, 2), 0.5), np.eye(2)
    for other in (label.copy(), label.astype(int), label.tolist()):
        loss.forward(prediction, label)
        other[0][0] = 3
        with pytest.raises(ValueError, match="sums to 3"):
            loss.backward(other)
    loss.forward(prediction, label)
    label[0] = 0, 1  # the same array with other labels: its numbers are those that count
    np.testing.assert_array_equal(loss.backward(label), [[0, -2], [0, -2]])
    with pytest.raises(ValueError, match="distribution"):
        loss.forward(prediction, np.multiply(label, 2, out=label))
    label /= 2
    loss.forward(prediction, label)
    label.resize((1, 4))
    with pytest.raises(ValueError, match=r"shape \(2, 2\), got \(1, 4\)"):
        loss.backward(label)


def test_labels_that_were_converted_are_read_anew():
    loss, label = CrossEntropyLoss(), [[1, 0], [0, 1]]
    loss.forward([[0.5, 0.5], [0.5, 0.5]], label)
    label[0] = [0, 1]
    np.testing.assert_array_equal(loss.backward(label), [[0, -2], [0, -2]])
    label[0] = [0, 2]
    with pytest.raises(ValueError, match="distribution"):
        loss.backward(label)


def test_a_loss_of_float32_is_summed_in_float64():
    count = 2**16
    loss = SquaredError().forward(np.full((count, 1), 1e-3, "float32"), np.zeros((count, 1), "float32"))
    assert loss == pytest.approx(count * float(np.float32(1e-3) * np.float32(1e-3)), rel=1e-12)


def test_a_demand_on_labels_can_be_borrowed():
    class Weighted(SquaredError):
        check_labels = distributions

    Weighted().forward([[0.5, 0.5]], [[1, 0]])
    with pytest.raises(ValueError, match=r"Weighted\(\): expected every label to be a distribution"):
        Weighted().forward([[0.5, 0.5]], [[1, 1]])


def test_a_loss_without_its_formulas_cannot_be_made():
    class Half(Loss):
        def forward(self, prediction_tensor, label_tensor):
            return 0.0

    for unfinished in (Loss, Half):
        with pytest.raises(TypeError, match="abstract"):
            unfinished()


class Plain:
    """A loss that is derived from nothing."""

    def forward(self, prediction_tensor, label_tensor):
        self.prediction = prediction_tensor
        return float(np.square(prediction_tensor - label_tensor).sum())

    def backward(self, label_tensor):
        return 2 * (self.prediction - label_tensor)


class Batches:
    def next(self):
        rng = np.random.default_rng(0)
        return rng.standard_normal((5, 3)), np.eye(2)[[0, 1, 0, 1, 1]]


def trained_with(loss):
    net = networks.NeuralNetwork(Sgd(0.05), He(rng=0), Constant(0.1))
    net.loss_layer, net.data_layer = loss, Batches()
    net.append_layer(FullyConnected(3, 2))
    net.append_layer(SoftMax())
    net.train(20)
    return net


@pytest.mark.parametrize("make", [SquaredError, Hinge, Plain])
def test_a_loss_of_ones_own_trains(make):
    net = trained_with(make())
    assert net.loss[-1] < net.loss[0]


def test_one_with_the_formulas_alone_does_what_a_plain_class_does():
    assert trained_with(SquaredError()).loss == trained_with(Plain()).loss


@pytest.mark.parametrize("loss", [SquaredError(), Hinge(0.5)], ids=repr)
def test_a_loss_derived_from_the_base_is_saved_and_loaded(loss, tmp_path):
    net = networks.NeuralNetwork()
    net.loss_layer = loss
    networks.save(tmp_path / "net", net)
    loaded = networks.load(tmp_path / "net", None).loss_layer
    assert type(loaded) is type(loss)
    assert loaded.configuration() == loss.configuration()


def test_one_that_was_used_is_saved_and_loaded(tmp_path):
    net = trained_with(SquaredError())
    networks.save(tmp_path / "net", net)
    loaded = networks.load(tmp_path / "net", Batches())
    loaded.train(3)
    net.train(3)
    assert loaded.loss == net.loss
