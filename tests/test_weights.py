"""Weights by name: what `net.weights()` gives, and what `net.load_weights` takes."""

import numpy as np
import pytest

from Layers import BatchNormalization, Conv, Flatten, FullyConnected, Initializers, ReLU, Residual
from Layers.Base import BaseLayer, TrainableLayer
from Layers.Chain import Chain
from Models import LeNet
from Network.table import rows
from NeuralNetwork import NeuralNetwork
from Optimization import Loss, Optimizers
from tests.layer_cases import CASES


def network(seed=0, dtype="float64"):
    net = NeuralNetwork(Optimizers.Adam(1e-2), Initializers.He(rng=seed), Initializers.Constant(0.1), dtype)
    block = [Conv.Conv(1, (2, 3, 3), 2), BatchNormalization.BatchNormalization(2)]
    last = FullyConnected.FullyConnected(2 * 4 * 4, 3)
    for layer in (Conv.Conv(1, (1, 3, 3), 2), ReLU.ReLU(), Residual.Residual(block), Flatten.Flatten(), last):
        net.append_layer(layer)
    net.loss_layer = Loss.MeanSquaredError()
    net.data_layer = np.random.default_rng(5).random((6, 1, 4, 4)), np.random.default_rng(6).random((6, 3))
    return net


NAMES = [
    "1.Conv.weights",
    "1.Conv.bias",
    "3.1.Conv.weights",
    "3.1.Conv.bias",
    "3.2.BatchNormalization.weights",
    "3.2.BatchNormalization.bias",
    "3.2.BatchNormalization.moving_mean",
    "3.2.BatchNormalization.moving_variance",
    "5.FullyConnected.weights",
]


def test_names_are_numbers_in_the_table_and_classes():
    net = network()
    assert list(net.weights()) == [name for name in NAMES if "moving" not in name], "nothing is measured yet"
    net.train(1)
    assert list(net.weights()) == NAMES


def test_weights_are_copies():
    net = network()
    net.weights()["1.Conv.weights"][...] = 7
    before = net.weights()
    net.train(1)
    assert not (net.layers[0].weights == 7).any()
    assert not np.array_equal(before["1.Conv.weights"], net.weights()["1.Conv.weights"])


def test_a_network_that_has_another_s_weights_predicts_as_it_does_and_goes_on_learning():
    net, other = network(), network(seed=1)
    net.train(3)
    assert other.load_weights(net.weights()) == ([], [])
    images = np.random.default_rng(7).random((2, 1, 4, 4))
    np.testing.assert_array_equal(other.test(images), net.test(images))
    before = net.weights()
    other.train(1)
    assert not np.array_equal(other.layers[0].weights, before["1.Conv.weights"])


def test_what_was_given_never_moves():
    net, given = network(), network(seed=1).weights()
    kept = {name: array.copy() for name, array in given.items()}
    net.load_weights(given)
    net.train(2)
    for name, array in kept.items():
        np.testing.assert_array_equal(given[name], array)


def test_weights_become_the_type_that_the_network_computes_in():
    net = network(dtype="float32")
    net.load_weights(network(seed=1).weights())
    assert {array.dtype for array in net.weights().values()} == {np.dtype("float32")}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda given: given.pop("1.Conv.bias"), "missing '1.Conv.bias'"),
        (lambda given: given.update({"2.Conv.weights": np.ones(1)}), "unexpected '2.Conv.weights'"),
        (lambda given: given.update({"1.Conv.bias": np.ones(3)}), r"1.Conv.bias \(2,\), got \(3,\)"),
        (lambda given: given.update({"1.Conv.bias": [1, np.nan]}), "1.Conv.bias .*finite"),
        (lambda given: given.update({"1.Conv.bias": ["a", "b"]}), "1.Conv.bias"),
        (lambda given: given.update({"3.2.BatchNormalization.moving_variance": [1.0, -1.0]}), "moving_variance"),
        (lambda given: given.update({"5.FullyConnected.weights": None}), "5.FullyConnected.weights"),
    ],
)
def test_what_does_not_fit_changes_nothing(change, message):
    net, given = network(), network(seed=1)
    given.train(1)
    given = given.weights()
    change(given)
    before = net.weights()
    with pytest.raises((TypeError, ValueError), match=message):
        net.load_weights(given)
    for name, array in net.weights().items():
        np.testing.assert_array_equal(array, before[name])


def test_one_moving_average_needs_the_other():
    net, given = network(), network(seed=1)
    given.train(1)
    given = {name: array for name, array in given.weights().items() if "variance" not in name}
    with pytest.raises(ValueError, match="both moving averages"):
        net.load_weights(given)


def test_what_fits_is_taken_where_that_is_asked_for():
    net, given = network(), network(seed=1).weights()
    last = net.layers[-1].weights.copy()
    del given["5.FullyConnected.weights"]
    left = net.load_weights({**given, "6.Head.weights": np.ones(2)}, strict=False)
    assert left.missing == ["5.FullyConnected.weights"]
    assert left.unexpected == ["6.Head.weights"]
    np.testing.assert_array_equal(net.layers[0].weights, given["1.Conv.weights"])
    np.testing.assert_array_equal(net.layers[-1].weights, last)
    with pytest.raises(ValueError, match=r"1.Conv.weights \(2, 1, 3, 3\), got \(1,\)"):
        net.load_weights({"1.Conv.weights": [1.0]}, strict=False)


@pytest.mark.parametrize("mapping", [None, [("a", 1)], "file.npz"])
def test_what_is_no_mapping_is_refused(mapping):
    with pytest.raises(TypeError, match=r"expected a mapping of names to arrays, such as net.weights\(\)"):
        network().load_weights(mapping)


def test_they_go_through_numpy_s_files(tmp_path):
    net, other = LeNet.build((1, 8, 8), 3, rng=0), LeNet.build((1, 8, 8), 3, rng=1)
    np.savez(tmp_path / "weights.npz", **net.weights())
    with np.load(tmp_path / "weights.npz") as archive:
        other.load_weights(dict(archive))
    np.testing.assert_array_equal(other.layers[0].weights, net.layers[0].weights)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_all_parameters_of_every_layer_have_names(case):
    layer = case.make()
    net = NeuralNetwork()
    net.layers = [layer]
    count = sum(np.size(array) for array in net.weights().values())
    assert count == sum(row.parameters for row in rows([layer], []))


class Half(TrainableLayer):
    """A layer of somebody's own, made of another one."""

    def __init__(self):
        super().__init__()
        self.inside = FullyConnected.FullyConnected(2, 1)
        self.weights, self.bias = np.ones(2), np.zeros(1)

    def initialize(self, weights_initializer, bias_initializer):
        pass

    def forward(self, input_tensor):
        return self.inside.forward(input_tensor)

    def backward(self, error_tensor):
        return self.inside.backward(error_tensor)


class Plain(BaseLayer):
    """Another, by the course's names alone."""

    def __init__(self):
        self.trainable, self.weights = True, np.ones(3)

    def forward(self, input_tensor):
        return input_tensor

    def backward(self, error_tensor):
        return error_tensor


def test_layers_of_one_s_own_have_names_too():
    net = NeuralNetwork()
    net.layers = [Half(), Plain()]
    assert list(net.weights()) == ["1.Half.weights", "1.Half.bias", "1.Half.inside.weights", "2.Plain.weights"]
    net.load_weights({**net.weights(), "2.Plain.weights": [1, 2, 3], "1.Half.inside.weights": np.zeros((3, 1))})
    assert net.layers[1].weights.tolist() == [1, 2, 3]
    assert not net.layers[0].inside.weights.any()


class Several(BaseLayer):
    """Another, with layers in collections."""

    def __init__(self, other):
        first, second = FullyConnected.FullyConnected(1, 1), FullyConnected.FullyConnected(2, 1)
        self.row, self.table = [Plain(), Chain([ReLU.ReLU(), first])], {"left": (second,)}
        self.other, self.table["self"] = other, self

    def forward(self, input_tensor):
        return input_tensor

    def backward(self, error_tensor):
        return error_tensor


def test_layers_in_lists_and_dictionaries_of_one_s_own_have_names_once():
    net = NeuralNetwork()
    net.layers = [ReLU.ReLU(), FullyConnected.FullyConnected(1, 1)]
    net.layers.insert(0, Several(net.layers[1]))
    row = ["1.Several.row.1.weights", "1.Several.row.2.2.FullyConnected.weights"]
    assert list(net.weights()) == [*row, "1.Several.table.left.1.weights", "3.FullyConnected.weights"]
    net.load_weights({name: np.zeros_like(array) for name, array in net.weights().items()})
    assert not any(array.any() for array in net.weights().values())


def test_numbers_that_no_layer_has_are_refused_with_its_number():
    net = NeuralNetwork()
    net.layers = [ReLU.ReLU(), BatchNormalization.BatchNormalization(2)]
    averages = {"moving_mean": [0.0, 0.0], "moving_variance": [-1.0, 1.0]}
    for given in (averages, {"moving_mean": [0.0, 0.0]}):
        named = {f"2.BatchNormalization.{name}": array for name, array in given.items()}
        with pytest.raises(ValueError, match=r"load_weights: 2\.BatchNormalization, BatchNormalization\(channels=2\)"):
            net.load_weights(named, strict=False)
        assert net.layers[1].moving_mean is None


def test_a_layer_that_stands_there_twice_has_one_set_of_numbers():
    net = NeuralNetwork()
    net.layers = [FullyConnected.FullyConnected(1, 1)] * 2
    before = net.weights()
    with pytest.raises(ValueError, match=r"several times, got others for 2\.FullyConnected\.weights"):
        net.load_weights({"1.FullyConnected.weights": [[1], [2]], "2.FullyConnected.weights": [[1], [3]]})
    assert all((array == before[name]).all() for name, array in net.weights().items())
    net.load_weights({f"{number}.FullyConnected.weights": [[1], [2]] for number in (1, 2)})
    assert net.test([[1.0]]) == 5
