"""What users do with a network, and what the network says when they err."""

import copy
import pickle
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from Layers.Base import BaseLayer, Phase, backward_pass, forward_pass
from Layers.BatchNormalization import BatchNormalization
from Layers.Dropout import Dropout
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.ReLU import ReLU
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam, Sgd

FEATURES, CLASSES, BATCH = 4, 3, 6


class Fixed:
    """A data layer that repeats one batch."""

    def __init__(self, inputs, labels):
        self.batch = inputs, labels

    def next(self):
        return self.batch


class Old:
    """A data layer as older scripts have it."""

    def forward(self):
        return good_batch()


class Stranger:
    """A layer that has never heard of the base class."""

    def forward(self, input_tensor):
        return 3 * input_tensor

    def backward(self, error_tensor):
        return 3 * error_tensor


def good_batch(seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((BATCH, FEATURES)), np.eye(CLASSES)[rng.integers(0, CLASSES, BATCH)]


def network(optimizer=None, dtype="float64", batch=None, hidden=()):
    net = NeuralNetwork(optimizer or Sgd(0.1), He(rng=1), Constant(0.1), dtype)
    net.data_layer, net.loss_layer = Fixed(*(batch or good_batch())), CrossEntropyLoss()
    for layer in (FullyConnected(FEATURES, 5), ReLU(), *hidden, FullyConnected(5, CLASSES), SoftMax()):
        net.append_layer(layer)
    return net


def weights(net):
    return [layer.weights.copy() for layer in net.layers if isinstance(layer, FullyConnected)]


def test_training_lowers_the_loss_and_records_it():
    net = network()
    net.train(50)
    assert len(net.loss) == 50
    assert net.loss[-1] < net.loss[0] / 2
    assert all(type(loss) is float for loss in net.loss)


def test_the_same_seed_gives_the_same_bits():
    first, second = network(), network()
    first.train(20)
    second.train(20)
    assert first.loss == second.loss


def test_each_layer_has_a_copy_of_the_optimizer():
    net = network(Adam(0.01))
    optimizers = [net.optimizer, net.layers[0].optimizer, net.layers[2].optimizer]
    assert len({id(optimizer) for optimizer in optimizers}) == 3


def test_without_initializers_layers_keep_their_values():
    layer = FullyConnected(2, 2)
    before = layer.weights.copy()
    net = NeuralNetwork(Sgd(0.1))
    net.append_layer(layer)
    np.testing.assert_array_equal(layer.weights, before)


def test_a_layer_appended_to_the_list_works_without_an_optimizer():
    net = network()
    fixed = FullyConnected(FEATURES, FEATURES)
    net.layers.insert(0, fixed)
    before = fixed.weights.copy()
    net.train(3)
    np.testing.assert_array_equal(fixed.weights, before)


def test_the_step_is_the_same_whether_or_not_the_first_input_error_is_skipped():
    net, by_hand = network(), network()
    net.train(1)
    by_hand.forward()
    error = by_hand.loss_layer.backward(by_hand.label_tensor)
    for layer in reversed(by_hand.layers):
        error = layer.backward(error)
    assert error.shape == (BATCH, FEATURES)
    for one, other in zip(weights(net), weights(by_hand), strict=True):
        np.testing.assert_array_equal(one, other)
    assert net.layers[0].needs_input_error


def test_float32_is_float32_from_end_to_end():
    net = network(Adam(0.01), dtype="float32")
    net.train(3)
    assert {layer.weights.dtype for layer in net.layers if layer.trainable} == {np.dtype("float32")}
    assert net.test(good_batch()[0]).dtype == np.float32


def test_test_leaves_the_testing_phase_on_and_gives_the_same_twice():
    net, inputs = network(), good_batch()[0]
    first = net.test(inputs)
    assert all(layer.testing_phase for layer in net.layers)
    np.testing.assert_array_equal(net.test(inputs), first)
    net.train(1)
    assert not any(layer.testing_phase for layer in net.layers)


def test_backward_after_a_test_asks_for_a_forward_of_its_own():
    net = network()
    net.forward()
    net.test(good_batch()[0])
    with pytest.raises(RuntimeError, match="call forward first"):
        net.backward()


@pytest.mark.parametrize(("phase", "testing"), [(True, True), (Phase.test, True), ("train", False), (False, False)])
def test_the_phase_is_set_for_every_layer(phase, testing):
    net = network()
    net.phase = phase
    assert [layer.testing_phase for layer in net.layers] == [testing] * 4
    assert net.phase is testing


def test_an_unknown_phase_is_refused():
    with pytest.raises(ValueError, match="expected a phase"):
        network().phase = "dreaming"


def test_a_stranger_with_forward_and_backward_is_welcome():
    net = network(hidden=[Stranger()])
    net.train(3)
    assert len(net.loss) == 3


def test_an_old_data_layer_and_the_old_name_of_append_layer_work():
    net = NeuralNetwork(Sgd(0.1))
    net.append_trainable_layer(FullyConnected(FEATURES, CLASSES))
    net.append_layer(SoftMax())
    net.data_layer, net.loss_layer = Old(), CrossEntropyLoss()
    net.train(2)
    assert len(net.loss) == 2


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_has_no_data_layer_and_trains_on_alike(duplicate):
    net = network(Adam(0.01))
    net.train(5)
    twin = duplicate(net)
    assert twin.data_layer is None
    twin.data_layer = net.data_layer
    net.train(5)
    twin.train(5)
    assert twin.loss == net.loss


def test_printing_shows_layers_arguments_shapes_and_parameters():
    net = network()
    assert "?" in str(net)
    net.test(good_batch()[0])
    table = str(net)
    for text in ("FullyConnected(input_size=4, output_size=5)", "(batch, 5)", "25", "SoftMax()", "43", "float64"):
        assert text in table


def test_importing_the_network_is_quick():
    """Under 0.3 s on top of NumPy's own import: the best of five, since other work may disturb each."""
    code = (
        "import time, numpy, copy, math, inspect, abc, numbers\n"
        "start = time.perf_counter()\nimport NeuralNetwork\nprint(time.perf_counter() - start)"
    )
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout) for _ in range(5)
    ]
    assert min(times) < 0.3


def test_importing_loads_no_heavy_package():
    code = (
        "import sys, NeuralNetwork\nfrom Layers import *\nfrom Optimization import *\n"
        "print([name for name in ('scipy', 'matplotlib', 'sklearn', 'PIL', 'tqdm') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


# What a user may get wrong. Each time: a clear error, and the weights are those of before.


def refused(error, match, batch=None, **changes):
    net = network(batch=batch)
    for name, value in changes.items():
        setattr(net, name, value)
    before = weights(net)
    with pytest.raises(error, match=match):
        net.train(1)
    for one, other in zip(weights(net), before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert net.loss == []


def test_a_wrong_feature_count_names_the_layer_and_its_place():
    batch = np.ones((BATCH, 5)), good_batch()[1]
    refused(ValueError, r"layer 1 of 4, FullyConnected\(.*expected input \(batch, 4\), got \(6, 5\)$", batch)


def test_an_image_is_told_to_be_flattened():
    batch = np.ones((BATCH, 1, 2, 2)), good_batch()[1]
    refused(ValueError, r"expected input \(batch, 4\), got \(6, 1, 2, 2\); put a Flatten before it\?", batch)


@pytest.mark.parametrize(
    "inputs", [[["a"] * 4] * BATCH, np.full((BATCH, 4), None), "text", None, [[1, 2], [3]]], ids=str
)
def test_what_is_no_array_of_numbers_is_refused(inputs):
    refused((TypeError, ValueError), "the input of the data layer", (inputs, good_batch()[1]))


def test_an_empty_batch_is_refused():
    refused(ValueError, "at least one element", (np.empty((0, FEATURES)), np.empty((0, CLASSES))))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_input_that_is_not_finite_is_refused(value):
    inputs, labels = good_batch()
    inputs[2, 1] = value
    refused(ValueError, r"the input of the data layer of finite numbers, got (nan|inf) at \(2, 1\)", (inputs, labels))


def test_class_numbers_are_told_from_one_hot_rows():
    for labels in (np.zeros(BATCH, dtype=int), np.zeros((BATCH, 1))):
        refused(ValueError, r"labels of the predictions' shape \(6, 3\).*class numbers.*eye", (good_batch()[0], labels))


def test_labels_of_another_batch_are_refused():
    refused(ValueError, r"shape \(6, 3\), got \(5, 3\)$", (good_batch()[0], np.eye(3)[[0] * 5]))


@pytest.mark.parametrize("row", [[0.5, 0.4, 0.0], [1, 1, 0], [2, -1, 0], [0, 0, 0], [np.nan, 1, 0]], ids=str)
def test_labels_that_are_no_distribution_are_refused(row):
    labels = good_batch()[1]
    labels[3] = row
    refused(ValueError, "expected every label to be a distribution", (good_batch()[0], labels))


def test_predictions_that_are_no_probabilities_are_refused():
    with pytest.raises(ValueError, match="put a SoftMax before the loss"):
        CrossEntropyLoss().forward([[1.0, -1.0]], [[0, 1]])


@pytest.mark.parametrize("batch", [np.ones((2, 2)), None, (1,), (1, 2, 3, 4, 5)], ids=str)
def test_a_data_layer_that_returns_no_pair_is_refused(batch):
    class Wrong:
        def next(self):
            return batch

    refused(TypeError, r"expected the data layer to return \(input_tensor, label_tensor\)", data_layer=Wrong())


def test_a_missing_data_layer_or_loss_layer_is_named():
    refused(RuntimeError, r"set net\.data_layer", data_layer=None)
    refused(RuntimeError, r"set net\.loss_layer", loss_layer=None)
    with pytest.raises(RuntimeError, match=r"set net\.loss_layer"):
        NeuralNetwork(Sgd(0.1)).backward()


@pytest.mark.parametrize(
    ("iterations", "error"), [(-1, ValueError), (1.5, TypeError), ("3", TypeError), (True, TypeError)]
)
def test_a_number_of_iterations_that_makes_no_sense_is_refused(iterations, error):
    with pytest.raises(error, match="iterations"):
        network().train(iterations)


def test_no_iteration_at_all_is_allowed():
    net = network()
    net.train(np.int64(0))
    assert net.loss == []


@pytest.mark.parametrize("thing", [object(), 3, None, ReLU, lambda tensor: tensor])
def test_what_is_no_layer_is_not_appended(thing):
    net = network()
    with pytest.raises(TypeError, match="append_layer: expected a layer"):
        net.append_layer(thing)
    assert len(net.layers) == 4


def test_a_layer_is_not_appended_twice():
    net = network()
    with pytest.raises(ValueError, match=r"is layer 2 of 4 already"):
        net.append_layer(net.layers[1])


@pytest.mark.parametrize("dtype", ["int32", "float16", "nonsense", complex])
def test_a_dtype_that_cannot_be_trained_in_is_refused(dtype):
    with pytest.raises(ValueError, match="float32"):
        NeuralNetwork(Sgd(0.1), dtype=dtype)


def test_one_initializer_alone_is_refused():
    with pytest.raises(ValueError, match="both weights and bias"):
        NeuralNetwork(Sgd(0.1), He())


def test_something_that_is_no_optimizer_is_refused():
    with pytest.raises(TypeError, match="calculate_update"):
        NeuralNetwork(0.1).append_layer(FullyConnected(1, 1))
    with pytest.raises(TypeError, match="calculate_update"):
        FullyConnected(1, 1).optimizer = Sgd


@pytest.mark.parametrize("size", [0, -1, 1.5, "3", None])
def test_a_layer_size_that_makes_no_sense_is_refused(size):
    with pytest.raises((TypeError, ValueError), match="input_size"):
        FullyConnected(size, 3)


def test_sizes_may_be_numpy_integers():
    assert FullyConnected(np.prod((2, 2)), np.int32(3)).weights.shape == (5, 3)


class Explosion(BaseLayer):
    """Multiplies by a number that float32 can't hold."""

    def forward(self, input_tensor):
        return input_tensor * np.inf

    def backward(self, error_tensor):
        return error_tensor


@pytest.mark.parametrize("hidden", [[Explosion()], [ReLU(), Explosion(), ReLU()]])
def test_a_loss_that_is_not_finite_stops_training_where_it_began(hidden):
    net = network(hidden=hidden)
    net.data_layer = Fixed(*good_batch())
    before = weights(net)
    place = 3 + len(hidden) // 2
    message = rf"iteration 1 .*began in the output of layer {place} of .*Explosion.*smaller learning rate"
    with pytest.raises(RuntimeError, match=message):
        net.train(5)
    for one, other in zip(weights(net), before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert net.loss == []


class Locked(Stranger):
    """A layer that can't be copied."""

    def __init__(self):
        self.lock = threading.Lock()

    def forward(self, input_tensor):
        return input_tensor * np.inf


@pytest.mark.parametrize(
    ("layer", "place"),
    [
        (BatchNormalization(FEATURES).astype("float32"), r"layer 1 of .*BatchNormalization"),
        (Locked(), r"layer 1 of .*Locked.*, or behind it"),
    ],
)
def test_a_layer_that_cannot_go_on_is_where_it_began(layer, place):
    net = network(dtype="float32")
    net.layers.insert(0, layer)
    inputs, labels = good_batch()
    net.data_layer = Fixed(np.sign(inputs) * 3e38, labels)
    with pytest.raises(RuntimeError, match="iteration 1 .*it began in " + place):
        net.train(1)


def test_looking_for_where_it_began_draws_no_random_numbers():
    net = network(hidden=[Dropout(0.5), Explosion()])
    np.random.seed(7)  # noqa: NPY002 - what the layer draws from
    with pytest.raises(RuntimeError):
        net.train(1)
    after = np.random.random()  # noqa: NPY002
    np.random.seed(7)  # noqa: NPY002
    with np.errstate(invalid="ignore"):
        net.forward()
    assert np.random.random() == after  # noqa: NPY002


def test_a_learning_rate_far_too_large_ends_in_a_clear_error():
    net = network(Sgd(1e30), dtype="float32")
    with pytest.raises(RuntimeError, match=r"iteration \d+ .*What usually helps: a smaller learning rate"):
        net.train(50)


def test_an_error_of_ones_own_layer_gets_its_place():
    class Broken(Stranger):
        def forward(self, input_tensor):
            raise KeyError("lost")

    with pytest.raises(KeyError) as caught:
        network(hidden=[Broken()]).train(1)
    assert "in layer 3 of 5" in caught.value.__notes__[0]


@pytest.mark.parametrize("error", [MemoryError(), MemoryError("Unable to allocate 9 TiB")])
def test_memory_that_runs_out_is_said_with_its_place(error):
    class Greedy(Stranger):
        def forward(self, input_tensor):
            raise error

    with pytest.raises(MemoryError, match=r"layer 3 of 5, .*Unable to allocate .*; smaller batches need less"):
        network(hidden=[Greedy()]).train(1)


def test_ctrl_c_leaves_a_usable_network():
    class Impatient(Fixed):
        calls = 0

        def next(self):
            self.calls += 1
            if self.calls == 4:
                raise KeyboardInterrupt
            return super().next()

    net = network()
    net.data_layer = Impatient(*good_batch())
    with pytest.raises(KeyboardInterrupt):
        net.train(10)
    assert len(net.loss) == 3
    net.train(2)
    assert len(net.loss) == 5


class Between(BaseLayer):
    """Lets other threads go on before each pass."""

    def forward(self, input_tensor):
        self.x = input_tensor
        time.sleep(0.001)
        return 2 * self.x

    def backward(self, error_tensor):
        return 2 * error_tensor


def test_two_threads_may_test_at_a_time():
    net = network(hidden=[Between(), BatchNormalization(5)])
    net.train(1)
    copy.deepcopy(net).test(good_batch()[0])  # the lock is no part of a copy
    inputs = [np.full((rows, FEATURES), float(rows)) for rows in (2, 3)]
    expected = [net.test(values) for values in inputs]
    assert pickle.loads(pickle.dumps(net)).test(inputs[0]).shape == expected[0].shape
    found = [[], []]

    def ask(number):
        for _ in range(10):
            found[number].append(net.test(inputs[number]))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for results, output in zip(found, expected, strict=True):
        assert len(results) == 10
        for result in results:
            np.testing.assert_array_equal(result, output)


class HalfBack(FullyConnected):
    """Takes the place of a backward that leaves the input error out where nobody reads it, and reads it."""

    def backward(self, error_tensor):
        return super().backward(error_tensor) * 0.5


class HalfBackOnThePass(FullyConnected):
    @backward_pass
    def backward(self, error_tensor):
        return super().backward(error_tensor) * 0.5


@pytest.mark.parametrize("kind", [HalfBack, HalfBackOnThePass])
def test_the_first_layer_may_build_on_the_backward_of_another(kind):
    net = network()
    net.layers[0] = kind(FEATURES, 5)
    net.layers[0].optimizer = Sgd(0.1)
    before = net.layers[0].weights.copy()
    net.train(2)
    assert (net.layers[0].weights != before).any()


def test_numbers_too_small_for_float32_are_no_error():
    net = network(dtype="float32")
    with np.errstate(all="raise"):
        net.predict(np.full((1, FEATURES), 1e-50))
        layer = FullyConnected(1, 1)
        layer.weights = np.full((2, 1), 1e-50)
        assert not layer.astype("float32").weights.any()


class Position(BaseLayer):
    """Looks whole numbers up, here in a table of their doubles."""

    takes_integers = True

    @forward_pass("batch", "1")
    def forward(self, input_tensor):
        self.seen = input_tensor
        return (2.0 * input_tensor).astype("float32")

    @backward_pass
    def backward(self, error_tensor):
        return error_tensor


@pytest.mark.parametrize("kind", [np.int64, np.uint32])
def test_whole_numbers_stay_so_where_a_layer_takes_them(kind):
    net = NeuralNetwork(dtype="float32")
    net.append_layer(Position())
    for given in (np.array([[16777217]], kind), np.array([[3]], kind)):
        net.test(given)
        np.testing.assert_array_equal(net.layers[0].seen, given)
        assert net.layers[0].seen.dtype == kind
        net.predict(given)
    net.test([[1.5]])
    assert net.layers[0].seen.dtype == np.float32
    with pytest.raises(ValueError, match=r"Position.*expected input \(batch, 1\), got \(2,\)"):
        net.test(np.array([1, 2]))
    with pytest.raises(ValueError, match="at least one element"):
        net.test(np.zeros((0, 1), int))


class KeptShare(BaseLayer):
    """A layer of somebody's own, whose argument has the name under which layers on the pass keep something."""

    def __init__(self, kept):
        self.kept = kept
        self.used = 0

    def forward(self, input_tensor):
        self.used += 1
        return input_tensor * self.kept

    def backward(self, error_tensor):
        return error_tensor * self.kept


def test_names_of_the_pass_are_free_where_a_layer_is_not_on_it(tmp_path):
    net = network(hidden=[KeptShare(0.5)])
    for _ in range(2):
        net.train(1)
        net.test(good_batch()[0])
    net.save(tmp_path / "net", net)
    for other in (net, copy.deepcopy(net), NeuralNetwork.load(tmp_path / "net", None)):
        (layer,) = (layer for layer in other.layers if isinstance(layer, KeptShare))
        assert (layer.kept, layer.used) == (0.5, 4)


def test_forward_takes_a_batch_in_place_of_the_data_layer_s():
    net = network()
    net.data_layer = None
    loss = net.forward(batch=(np.ones((2, 4)), np.eye(3)[:2]))
    assert loss == net.loss_layer.forward(net.prediction_tensor, np.eye(3)[:2])


def test_lengths_for_no_layer_and_weights_for_a_loss_that_takes_none_are_refused():
    class Plain:
        def forward(self, prediction_tensor, label_tensor):
            return 0.0

        def backward(self, label_tensor):
            return label_tensor

    inputs, labels = np.ones((2, 4)), np.eye(3)[:2]
    with pytest.raises(ValueError, match="expected a layer that takes lengths"):
        network().forward(batch=(inputs, labels, None, [1, 2]))
    net = network()
    net.loss_layer = Plain()
    with pytest.raises(TypeError, match=r"Plain\.forward takes none"):
        net.forward(batch=(inputs, labels, [1.0, 2.0]))
