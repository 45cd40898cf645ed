"""Arrays as a data layer: what batches hold, what labels become, weights, lengths, files, and what is refused."""

import itertools
import tracemalloc

import numpy as np
import pytest

from Generator.arrays import ArrayData
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, Xavier
from Layers.RNN import RNN
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss, Loss
from Optimization.Optimizers import Sgd

SAMPLES = 11
LENGTHS = (3, 5, 1, 4)


class Wanting(Loss):
    """A loss that says which labels it takes."""

    def __init__(self, wanted_labels):
        vars(self)["wanted_labels"] = wanted_labels

    wanted_labels = property(lambda self: vars(self)["wanted_labels"])

    def check_labels(self, label):
        if self.wanted_labels == "distributions" and np.abs(label.sum(axis=-1) - 1).max() > 1e-4:
            raise ValueError("expected distributions")
        if self.wanted_labels == "memberships" and (label.min() < 0 or label.max() > 1):
            raise ValueError("expected labels from 0 to 1")

    def forward(self, prediction_tensor, label_tensor):
        return 0.0

    def backward(self, label_tensor):
        return label_tensor


class SquaredError(Loss):
    """A loss of numbers that weighs samples by itself."""

    wanted_labels = "numbers"

    def forward(self, prediction_tensor, label_tensor, *, sample_weights=None):
        difference = prediction_tensor - label_tensor
        weights = np.ones(len(difference)) if sample_weights is None else np.asarray(sample_weights)
        self.error = 2 * difference * weights.reshape(weights.shape + (1,) * (difference.ndim - weights.ndim))
        return float((self.error * difference).sum() / 2)

    def backward(self, label_tensor):
        return self.error


def numbered(count=SAMPLES, **options):
    """Data of which each sample is its own number, and so is its label."""
    numbers = np.arange(count)
    return ArrayData(numbers[:, np.newaxis], numbers.astype(float), **{"batch_size": 4, "rng": 0, **options})


def epoch_of(data):
    return [data.next()[0].ravel().tolist() for _ in range(data.number_of_batches)]


def sequences(rng, features=2):
    return [rng.normal(size=(length, features)) for length in LENGTHS]


# -- batches


def test_every_sample_comes_once_in_an_epoch_and_brings_its_label():
    data = numbered(last_batch="short")
    for _ in range(3):
        batches = [data.next() for _ in range(data.number_of_batches)]
        assert sorted(np.concatenate([inputs.ravel() for inputs, _ in batches])) == list(range(SAMPLES))
        assert all((inputs == labels).all() for inputs, labels in batches)


def test_epochs_differ_and_a_seed_repeats_them():
    first, second = numbered(), numbered()
    epochs = [epoch_of(first) for _ in range(3)]
    assert epochs[0] != epochs[1] != epochs[2]
    assert [epoch_of(second) for _ in range(3)] == epochs
    assert [epoch_of(numbered(rng=1)) for _ in range(3)] != epochs


def test_without_an_rng_numpys_seed_decides():
    def epoch(seed):
        np.random.seed(seed)  # noqa: NPY002 - as the course's scripts do
        return epoch_of(numbered(rng=None))

    assert epoch(3) == epoch(3) != epoch(4)


@pytest.mark.parametrize("last", [[8, 9, 10, 0], [8, 9, 10]], ids=["completed", "short"])
def test_the_last_batch_is_completed_with_the_first_samples_or_short(last):
    data = numbered(shuffle=False, last_batch="completed" if len(last) == 4 else "short")
    assert epoch_of(data) == [[0, 1, 2, 3], [4, 5, 6, 7], last]
    assert data.next()[0].ravel().tolist() == [0, 1, 2, 3]


def test_a_set_smaller_than_a_batch_is_one_batch():
    data = numbered(3, batch_size=32, shuffle=False)
    assert epoch_of(data) == [[0, 1, 2]]


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint8", bool])
def test_numbers_keep_their_type(dtype):
    inputs, labels = ArrayData(np.ones((4, 2), dtype), [0, 1, 0, 1], 2).next()
    assert inputs.dtype == dtype and labels.dtype == ("float32" if dtype == "float32" else "float64")


# -- what labels become


@pytest.mark.parametrize(
    ("y", "wanted", "kind", "first"),
    [
        ([2, 0, 1], None, "classes", [0, 0, 1]),
        ([2, 0, 1], "distributions", "classes", [0, 0, 1]),
        ([2, 0, 1], "numbers", "regression", [2]),
        ([1, 0, 1], "memberships", "binary", [1]),
        ([[2], [0], [1]], "distributions", "classes", [0, 0, 1]),
        ([True, False, True], None, "classes", [0, 1]),
        ([-2, 0, 1], None, "regression", [-2]),
        (["dog", "cat", "emu"], "distributions", "classes", [0, 1, 0]),
        (["dog", "cat", "dog"], "memberships", "binary", [1]),
        ([0.5, 1.5, 2.5], None, "regression", [0.5]),
        ([0.5, 1.5, 2.5], "numbers", "regression", [0.5]),
        ([[1, 0], [0, 1], [0, 1]], "distributions", "one-hot", [1, 0]),
        ([[0.25, 0.75], [0, 1], [0, 1]], "distributions", "one-hot", [0.25, 0.75]),
        ([[1, 1], [0, 1], [0, 0]], "memberships", "multi-label", [1, 1]),
        ([[1, 1], [0, 1], [0, 0]], None, "multi-label", [1, 1]),
        ([[1, 1], [0, 1], [0, 0]], "numbers", "regression", [1, 1]),
        ([[1.5, 1], [0, 1], [0, 0]], None, "regression", [1.5, 1]),
    ],
)
def test_labels_are_what_the_loss_wants(y, wanted, kind, first):
    data = ArrayData(np.zeros((3, 1)), y, 3, shuffle=False)
    if wanted is not None:
        data.bind(Wanting(wanted))
    assert data.targets == kind
    labels = data.next()[1]
    assert labels[0].tolist() == first and labels.dtype == float


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("classes", "2 classes as one-hot rows"),
        ("binary", "numbers from 0 to 1 in one column"),
        ("regression", "targets of a regression"),
    ],
)
def test_what_is_said_about_labels_beats_what_they_look_like_and_is_shown(kind, words):
    data = ArrayData(np.zeros((3, 1)), [0.0, 1.0, 1.0], targets=kind)
    assert data.targets == kind and words in repr(data)
    assert words in repr(data.split(0.5, stratify=False, rng=0)[1])


@pytest.mark.parametrize(
    ("y", "loss", "words"),
    [
        ([0.5, 1.5, 2.5], CrossEntropyLoss(), "targets of a regression"),
        ([[1, 1], [0, 1], [0, 0]], CrossEntropyLoss(), "rows of 2 labels"),
        (["a", "b", "c"], Wanting("numbers"), "names of 3 classes"),
        ([0, 1, 2], Wanting("memberships"), "0 to 2"),
        ([-1, 1, -1], Wanting("distributions"), "-1 to 1"),
    ],
)
def test_labels_that_contradict_the_loss_are_refused_with_both_names(y, loss, words):
    data = ArrayData(np.zeros((3, 1)), y)
    before = repr(data)
    with pytest.raises(ValueError, match=rf"ArrayData: y holds .*{type(loss).__name__}") as refusal:
        data.bind(loss)
    assert words in str(refusal.value)
    assert repr(data) == before


def test_names_are_numbered_in_their_order():
    words = ["two", "one", "two"]
    assert ArrayData(np.zeros((3, 1)), words).class_names == ("one", "two")
    data = ArrayData(np.zeros((3, 1)), words, shuffle=False, classes=["zero", "one", "two"])
    assert data.class_names == ("zero", "one", "two") and data.number_of_classes == 3
    assert data.next()[1].tolist() == [[0, 0, 1], [0, 1, 0], [0, 0, 1]]


def test_classes_that_a_part_lacks_are_counted():
    assert ArrayData(np.zeros((2, 1)), [0, 1], classes=4).next()[1].shape == (2, 4)
    training, validation = ArrayData(np.zeros((9, 1)), [0, 1] * 4 + [7], rng=0).split(0.5)
    assert training.next()[1].shape[1] == validation.next()[1].shape[1] == 8


def test_tables_enter_as_arrays():
    class Table:
        """What a pandas DataFrame or Series is to NumPy."""

        def __init__(self, values):
            self.values = np.array(values)

        def __len__(self):
            return len(self.values)

        def __array__(self, dtype=None, copy=None):
            return self.values

    data = ArrayData(Table([[1.0, 2.0], [3.0, 4.0]]), Table(["no", "yes"]), shuffle=False)
    inputs, labels = data.next()
    assert inputs.tolist() == [[1, 2], [3, 4]] and labels.tolist() == [[1, 0], [0, 1]]
    with pytest.raises(TypeError, match="expected X to hold real numbers"):
        ArrayData(Table([["a", 1.0]]), [0])


# -- splitting


def test_a_split_takes_its_share_of_each_class_and_shares_nothing():
    whole = ArrayData(np.arange(40)[:, np.newaxis], np.arange(40) % 4, 8, rng=0)
    training, validation = whole.split(0.25)
    seen = [np.concatenate([inputs.ravel() for inputs, _ in part.batches()]) for part in (training, validation)]
    assert sorted([*seen[0], *seen[1]]) == list(range(40))
    assert np.bincount(seen[1] % 4).tolist() == [2, 2, 2, 2]
    assert training.shuffle and not validation.shuffle


def test_a_class_of_one_sample_is_for_training():
    for seed in range(5):
        _, validation = ArrayData(np.zeros((7, 1)), [0, 0, 0, 1, 1, 1, 2], rng=seed).split(0.6)
        labels = np.concatenate([labels for _, labels in validation.batches()])
        assert labels[:, 2].sum() == 0 and labels.shape[1] == 3


def test_groups_of_ones_own_stratify():
    groups = np.array(list("aaaabbbb"))
    _, validation = ArrayData(np.arange(8)[:, np.newaxis], np.arange(8.0), rng=0).split(0.5, stratify=groups)
    chosen = np.concatenate([inputs.ravel() for inputs, _ in validation.batches()])
    assert sorted(groups[chosen]) == ["a", "a", "b", "b"]


def test_a_part_can_be_split_again_and_keeps_weights():
    weights = np.arange(1.0, 21)
    whole = ArrayData(np.arange(20)[:, np.newaxis], np.arange(20.0), rng=0, weights=weights)
    rest, test = whole.split(0.25)
    training, validation = rest.split(0.2)
    parts = [np.concatenate([batch[0].ravel() for batch in part.batches()]) for part in (training, validation, test)]
    assert list(map(len, parts)) == [12, 3, 5] and sorted(np.concatenate(parts)) == list(range(20))
    assert all((batch[2] == weights[batch[0].ravel()]).all() for batch in validation.batches())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0,), "a share that leaves"),
        ((1.0,), "below 1"),
        ((-0.5,), "at least 0"),
        ((0.5, True), "samples with classes"),
        ((0.5, [1, 2]), r"stratify \(samples,\)"),
    ],
)
def test_a_split_that_makes_no_sense_is_refused(arguments, message):
    with pytest.raises(ValueError, match=rf"ArrayData\.split: expected.*{message}"):
        numbered().split(*arguments)


# -- weights and lengths reach loss and layer


def test_weights_travel_with_their_samples():
    data = numbered(weights=np.arange(SAMPLES) + 0.5)
    for inputs, _, weights in itertools.islice(iter(data.next, None), 6):
        assert (weights == inputs.ravel() + 0.5).all()


def test_a_weight_of_two_is_a_sample_that_comes_twice():
    rng = np.random.default_rng(0)
    inputs, labels = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    weights = np.array([1, 2, 0, 1, 3])
    gradients = []
    for data in (
        ArrayData(inputs, labels, weights=weights, shuffle=False),
        ArrayData(np.repeat(inputs, weights, axis=0), np.repeat(labels, weights, axis=0), shuffle=False),
    ):
        net = NeuralNetwork(Sgd(0.1), Xavier(rng=1), Constant(0))
        net.append_layer(FullyConnected(3, 2))
        net.data_layer, net.loss_layer = data, SquaredError()
        loss = net.forward()
        net.backward(step=False)
        gradients.append((loss, net.layers[0].gradient_weights))
    assert gradients[0][0] == pytest.approx(gradients[1][0], rel=1e-12)
    np.testing.assert_allclose(gradients[0][1], gradients[1][1], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("padded", [False, True])
def test_training_on_ragged_sequences_is_training_on_each_of_them(padded):
    rng = np.random.default_rng(0)
    inputs, labels = sequences(rng), sequences(rng, features=3)
    if padded:
        arrays = [np.full((4, 7, width), np.nan) for width in (2, 3)]
        for values, lists in zip(arrays, (inputs, labels), strict=True):
            for row, sequence in zip(values, lists, strict=True):
                row[: len(sequence)] = sequence
        data = ArrayData(*arrays, lengths=LENGTHS, shuffle=False)
    else:
        data = ArrayData(inputs, labels, shuffle=False)
    net = NeuralNetwork(Sgd(0.1), Xavier(rng=1), Constant(0))
    net.append_layer(RNN(2, 4, 3))
    net.data_layer, net.loss_layer = data, SquaredError()
    loss = net.forward()
    net.backward(step=False)
    together = [gradient.array.copy() for gradient in net.gradients()]
    apart, losses = [np.zeros_like(gradient) for gradient in together], 0.0
    for sequence, label in zip(inputs, labels, strict=True):
        losses += net.forward(batch=(sequence, label))
        net.accumulated = 0, []
        net.backward(step=False)
        for total, gradient in zip(apart, net.gradients(), strict=True):
            total += gradient.array
    assert loss == pytest.approx(losses, rel=1e-12)
    for one, other in zip(together, apart, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_labels_of_each_step_have_no_weight_on_padding():
    rng = np.random.default_rng(0)
    labels = [rng.integers(0, 3, length) for length in LENGTHS]
    data = ArrayData(sequences(rng), labels, shuffle=False, weights=[1, 2, 3, 4])
    inputs, rows, weights, lengths = data.next()
    assert inputs.shape == (4, 5, 2) and rows.shape == (4, 5, 3) and lengths.tolist() == list(LENGTHS)
    shown = np.arange(5) < np.array(LENGTHS)[:, np.newaxis]
    np.testing.assert_array_equal(weights, shown * np.array([[1], [2], [3], [4]]))
    np.testing.assert_array_equal(rows[shown].argmax(axis=-1), np.concatenate(labels))
    np.testing.assert_array_equal(rows.sum(axis=-1), 1)  # distributions there too, which a loss may check


def test_padding_may_hold_anything_and_is_not_handed_on():
    inputs = np.ones((2, 3, 1))
    inputs[0, 1:] = np.nan
    batch = ArrayData(inputs, np.array([[0, -1, -1], [1, 0, 2]]), lengths=[1, 3], shuffle=False).next()
    assert np.isfinite(batch[0]).all() and batch[1].argmax(axis=-1).tolist() == [[0, 0, 0], [1, 0, 2]]
    inputs[1, 2] = np.nan
    with pytest.raises(ValueError, match="nan in sample 1"):
        ArrayData(inputs, [0, 1], lengths=[1, 3])


def test_labels_of_whole_sequences_have_no_weights_of_steps():
    batch = ArrayData(sequences(np.random.default_rng(0)), [0, 1, 0, 1], shuffle=False).next()
    assert batch[1].shape == (4, 2) and batch[2] is None


def test_lengths_do_not_outlive_their_batch():
    net = NeuralNetwork(Sgd(0.1), Xavier(rng=1), Constant(0))
    for layer in (RNN(2, 4, 3), FullyConnected(9, 2), RNN(3, 4, 3)):
        net.append_layer(layer)
    net.loss_layer = SquaredError()
    with pytest.raises(ValueError, match="layer 2 of 3"):
        net.forward(batch=(np.zeros((2, 3, 2)), np.zeros((2, 3, 3)), None, [1, 3]))
    assert net.layers[0].lengths is None and net.layers[2].lengths is None


def test_divergence_is_found_where_there_are_lengths_and_weights():
    rng = np.random.default_rng(0)
    net = NeuralNetwork(Sgd(0.1), Xavier(rng=1), Constant(0))
    net.append_layer(RNN(2, 4, 3))
    net.append_layer(Overflowing())
    net.data_layer = ArrayData(sequences(rng), sequences(rng, features=3), weights=[1, 2, 3, 4])
    net.loss_layer = SquaredError()
    with pytest.raises(RuntimeError, match="it began in the output of layer 2 of 2, Overflowing"):
        net.train(1)


class Overflowing(SoftMax):
    """A layer that grows beyond all numbers."""

    def forward(self, input_tensor):
        return (input_tensor + 1) * 1e308 * 1e308

    def backward(self, error_tensor):
        return error_tensor


# -- files larger than the memory


@pytest.fixture
def mapped(tmp_path):
    """32 MB on the disk, mapped into memory."""
    values = np.lib.format.open_memmap(tmp_path / "X.npy", "w+", np.float32, (2000, 4096))
    values[:] = np.arange(2000, dtype=np.float32)[:, np.newaxis]
    values.flush()
    return np.load(tmp_path / "X.npy", mmap_mode="r+")


def test_of_a_mapped_file_only_the_rows_of_a_batch_are_read(mapped):
    tracemalloc.start()
    try:
        data = ArrayData(mapped, mapped, 10, rng=0)
        training, validation = data.split(0.1)
        data.bind(Wanting("numbers"))
        for part in (data, training, validation):
            for _ in range(3):
                inputs, targets = part.next()
                assert inputs.dtype == np.float32 and (inputs == targets).all()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 16 * 2**20


def test_what_is_not_finite_in_a_file_is_found_with_its_batch(mapped):
    mapped[7, 100] = np.nan
    data = ArrayData(mapped, np.zeros(2000), 5, shuffle=False)
    data.next()
    state = data.state
    with pytest.raises(ValueError, match="expected X of finite numbers, got nan in sample 7"):
        data.next()
    assert data.state == state


def test_an_array_is_not_copied(mapped):
    values = np.asarray(mapped)
    data = ArrayData(values, values, 4, shuffle=False)
    values[0, 0] = 5
    assert data.next()[0][0, 0] == 5


# -- predictions in parts


def recurrent():
    net = NeuralNetwork(Sgd(0.1), Xavier(rng=1), Constant(0))
    net.append_layer(RNN(2, 4, 3))
    return net


def test_sequences_of_different_lengths_come_back_as_a_list():
    inputs, net = sequences(np.random.default_rng(0)), recurrent()
    outputs = net.predict(inputs, batch_size=3)
    assert isinstance(outputs, list) and [len(output) for output in outputs] == list(LENGTHS)
    for sequence, output in zip(inputs, outputs, strict=True):
        np.testing.assert_allclose(output, net.test(sequence), rtol=1e-12)


def test_lengths_of_an_array_are_those_of_its_parts():
    net = recurrent()
    inputs = np.random.default_rng(0).normal(size=(4, 5, 2))
    outputs = net.predict(inputs, batch_size=3, lengths=LENGTHS)
    assert outputs.shape == (4, 5, 3)
    for sequence, output, length in zip(inputs, outputs, LENGTHS, strict=True):
        np.testing.assert_allclose(output[:length], net.test(sequence[:length]), rtol=1e-12)
        assert (output[length:] == 0).all()


def test_predictions_in_parts_are_those_of_the_whole():
    net = NeuralNetwork(Sgd(0.1), Xavier(rng=1), Constant(0))
    net.append_layer(FullyConnected(3, 2))
    inputs = np.random.default_rng(0).normal(size=(11, 3))
    for size in (1, 4, 11, 500):
        np.testing.assert_allclose(net.predict(inputs, batch_size=size), net.test(inputs), rtol=1e-12)


def test_predicting_from_a_file_takes_no_more_memory_than_a_part(mapped):
    net = NeuralNetwork(Sgd(0.1), Xavier(rng=1), Constant(0), dtype="float32")
    net.append_layer(FullyConnected(4096, 2))
    tracemalloc.start()
    try:
        assert net.predict(mapped, batch_size=50).shape == (2000, 2)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4 * 2**20


def test_lengths_for_a_network_without_sequences_are_refused():
    net = NeuralNetwork()
    net.append_layer(FullyConnected(2, 2))
    with pytest.raises(ValueError, match="expected a layer that takes lengths"):
        net.predict(sequences(np.random.default_rng(0)))


# -- arrays set as a network's data layer


@pytest.mark.parametrize("loss_first", [True, False])
def test_arrays_are_a_data_layer_whatever_is_set_first(loss_first):
    net = NeuralNetwork(Sgd(0.01), Xavier(rng=1), Constant(0))
    net.append_layer(FullyConnected(3, 1))
    if loss_first:
        net.loss_layer = SquaredError()
    net.data_layer = (np.ones((40, 3)), np.arange(40))
    net.loss_layer = SquaredError()
    net.train(2)
    assert isinstance(net.data_layer, ArrayData) and net.data_layer.targets == "regression"
    assert net.label_tensor.shape == (32, 1)


def test_the_third_of_the_arrays_is_weights():
    net = NeuralNetwork(Sgd(0.01), Xavier(rng=1), Constant(0))
    net.append_layer(FullyConnected(3, 1))
    net.data_layer, net.loss_layer = (np.ones((4, 3)), np.arange(4.0), [1, 2, 3, 4]), SquaredError()
    net.train(1)
    assert len(net.data_layer.next()) == 3


def test_another_loss_is_asked_anew():
    net = NeuralNetwork(Sgd(0.01), Xavier(rng=1), Constant(0))
    net.append_layer(FullyConnected(3, 1))
    net.data_layer, net.loss_layer = (np.ones((4, 3)), [0, 1, 0, 1]), SquaredError()
    net.train(1)
    net.loss_layer = Wanting("distributions")
    net.forward()
    assert net.label_tensor.shape == (4, 2)


@pytest.mark.parametrize("arrays", [(np.ones((4, 3)),), (1, 2, 3, 4), (np.ones((4, 3)), [1, 2])], ids=len)
def test_arrays_that_are_no_data_are_refused_and_change_nothing(arrays):
    net = NeuralNetwork()
    net.data_layer = known = numbered()
    with pytest.raises((TypeError, ValueError), match="expected"):
        net.data_layer = arrays
    assert net.data_layer is known


def test_a_list_is_told_how_to_be_one():
    net = NeuralNetwork(Sgd(0.01))
    net.append_layer(FullyConnected(3, 1))
    net.loss_layer, net.data_layer = SquaredError(), [np.ones((4, 3)), [1, 2, 3, 4]]
    with pytest.raises(RuntimeError, match=r"write net\.data_layer = \(X, y\)"):
        net.train(1)


# -- what is refused

X, Y = np.ones((4, 2)), [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X, [0, 1]), "a label for each sample, got X with 4 samples and y with 2"),
        ((np.zeros((0, 2)), []), "X with at least one sample"),
        ((np.ones(4), Y), r"X \(samples, features\)"),
        ((X * np.nan, Y), "X of finite numbers, got nan in sample 0"),
        ((X, [0.0, np.inf, 0, 1]), "y of finite numbers, got inf in sample 1"),
        ((X, Y, 0), "batch_size to be at least 1"),
        ((X, Y, 2, True, -1), "the seed rng to be at least 0"),
        ((X, Y, 2, True, None, [1, 1]), r"weights of shape \(4,\).*got \(2,\)"),
        ((X, Y, 2, True, None, [1, 1, -1, 1]), "weights of at least 0.*got -1"),
        ((X, Y, 2, True, None, [0, 0, 0, 0]), "weights of at least 0.*nothing but 0"),
        ((X, Y, 2, True, None, [1, 1, np.nan, 1]), "weights of finite numbers, got nan in sample 2"),
        (([X, X[:3]], [Y, [1, 1]]), "a label for each time step, got 2 for 3 steps in sample 1"),
        (
            ([X, X[:3, :1]], [0, 1]),
            r"X to be arrays.*the same features, got shape \(4, 2\) for sample 0 and \(3, 1\) for sample 1",
        ),
    ],
)
def test_arrays_that_do_not_go_together_are_refused(arguments, message):
    with pytest.raises(ValueError, match=f"ArrayData: expected {message}"):
        ArrayData(*arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"targets": "words"}, "targets to be one of"),
        ({"targets": "one-hot"}, r"\(samples, classes\) as 'one-hot' targets"),
        ({"classes": 1}, "from 0 to 0 as 'classes' targets, got 0 to 1"),
        ({"classes": ["a", "a"]}, "names that differ"),
        ({"last_batch": "dropped"}, "last_batch to be 'completed' or 'short'"),
        ({"lengths": [1, 1, 1, 3]}, "lengths.*from 1 to 3"),
        ({"lengths": [1, 1]}, "lengths"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=f"ArrayData: expected .*{message}"):
        ArrayData(X, Y, **options)
