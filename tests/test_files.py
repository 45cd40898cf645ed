"""Saved networks: they come back bit for bit, and a bad file is refused without harm."""

import collections
import copy
import enum
import inspect
import os
import re
import stat
import subprocess
import sys

import numpy as np
import pytest

import NeuralNetwork as networks
from Foundation.Configurable import Configurable
from Layers.Base import BaseLayer, TrainableLayer
from Layers.Dropout import Dropout
from Layers.FullyConnected import FullyConnected
from Layers.ReLU import ReLU
from Network import files
from Optimization.Constraints import L2_Regularizer
from Optimization.Optimizers import Adam
from tests.saved_networks import DATA, ROOT, Stripes, network, object_of, refuses, rewritten, saved_in
from tests.strangers import Fixed, PlainLoss


@pytest.fixture
def saved(tmp_path):
    return saved_in(tmp_path)


@pytest.mark.parametrize("dropout_rng", [3, None])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_training_goes_on_in_a_new_process_with_the_same_bits(tmp_path, dropout_rng, dtype):
    np.random.seed(4)
    whole = network(dropout_rng, dtype)
    whole.train(100)

    np.random.seed(4)
    half = network(dropout_rng, dtype)
    half.train(50)
    networks.save(tmp_path / "half", half)
    code = (
        "import NeuralNetwork, sys\nfrom tests.saved_networks import Stripes\n"
        "net = NeuralNetwork.load(sys.argv[1], Stripes(50))\nnet.train(50)\nNeuralNetwork.save(sys.argv[2], net)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "half", tmp_path / "all"], cwd=ROOT, check=True)
    finished = networks.load(tmp_path / "all", None)
    assert finished.loss == whole.loss
    for one, other in zip(finished.layers, whole.layers, strict=True):
        assert repr(one) == repr(other)
        for name in getattr(one, "parameter_names", ()):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    np.testing.assert_array_equal(finished.layers[1].moving_mean, whole.layers[1].moving_mean)


def test_saving_changes_nothing_and_gives_the_same_file_twice(tmp_path):
    net = network(dropout_rng=3)
    net.train(3)
    networks.save(tmp_path / "one", net)
    networks.save(tmp_path / "two", net)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert net.data_layer is not None


def test_the_data_layer_is_not_saved_and_is_set_by_load(saved):
    data = Stripes()
    assert networks.load(saved, data).data_layer is data


def test_random_generators_that_are_shared_stay_shared(tmp_path):
    generator = np.random.default_rng(0)
    net = networks.NeuralNetwork()
    net.layers = [Dropout(0.5, rng=generator), Dropout(0.5, rng=generator)]
    networks.save(tmp_path / "net", net)
    first, second = networks.load(tmp_path / "net", None).layers
    assert first.rng is second.rng
    assert first.rng.random() == generator.random()


@pytest.mark.parametrize("bit_generator", ["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"])
def test_every_random_generator_of_numpy_goes_on(tmp_path, bit_generator):
    generator = np.random.Generator(getattr(np.random, bit_generator)(5)).spawn(3)[2]
    generator.random(7, dtype=np.float32)
    generator.spawn(2)
    net = networks.NeuralNetwork()
    net.layers = [Dropout(0.5, rng=generator)]
    networks.save(tmp_path / "net", net)
    restored = networks.load(tmp_path / "net", None).layers[0].rng
    np.testing.assert_array_equal(restored.random(2000), generator.random(2000))
    assert restored.spawn(1)[0].random() == generator.spawn(1)[0].random()


def test_folders_are_made_and_an_earlier_file_is_replaced(tmp_path):
    path = tmp_path / "trained" / "deep" / "net"
    networks.save(path, networks.NeuralNetwork())
    networks.save(path, network())
    assert len(networks.load(path, None).layers) == 8
    assert os.listdir(path.parent) == ["net"]


@pytest.mark.parametrize(
    ("position", "name", "value"),
    [
        (0, "step", 3), (0, "optimizer", None), (0, "keeping_nothing", True),
        (1, "regularizer", None), (1, "parameter_names", ()), (1, "needs_input_error", False),
    ],
)  # fmt: skip
def test_what_load_would_refuse_to_set_save_refuses_to_write(position, name, value, tmp_path):
    net = networks.NeuralNetwork()
    net.layers = [ReLU(), FullyConnected(1, 1)]
    setattr(net.layers[position], name, value)
    with pytest.raises(TypeError, match=name):
        networks.save(tmp_path / "net", net)
    assert not list(tmp_path.iterdir())


def test_numpy_opens_the_weights_by_the_names_that_the_network_gives_them(saved):
    weights = networks.load(saved, None).weights()
    with np.load(saved) as archive:
        assert set(weights) < set(archive.files)
        for name, array in weights.items():
            np.testing.assert_array_equal(archive[name], array)


def test_what_optimizers_remember_has_a_name_too(saved):
    with np.load(saved) as archive:
        assert archive["7.FullyConnected.optimizers.weights.first_moment"].shape == (13, 4)
        assert "loss" in archive.files


def test_arrays_whose_names_would_be_alike_are_told_apart(tmp_path):
    net = networks.NeuralNetwork()
    net.progress = {"a b": np.zeros(1), "a.b": np.ones(1), "a/b": np.full(1, 2.0)}
    networks.save(tmp_path / "net", net)
    assert networks.load(tmp_path / "net", None).progress == net.progress
    with np.load(tmp_path / "net") as archive:
        assert [name for name in archive.files if "progress" in name] == [
            "progress.a.b",
            "progress.a.b.2",
            "progress.a.b.3",
        ]


def test_a_crash_while_writing_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()

    def crash(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="disk full"):
        networks.save(saved, network())
    assert saved.read_bytes() == before
    assert os.listdir(saved.parent) == ["net"]


class Own(BaseLayer):
    """A layer of a user's own, with an argument and a state."""

    def __init__(self, factor):
        self.factor, self.calls = factor, 0

    def forward(self, input_tensor):
        self.calls += 1
        return self.factor * input_tensor

    def backward(self, error_tensor):
        return self.factor * error_tensor


def test_a_layer_of_ones_own_comes_back(tmp_path):
    net = networks.NeuralNetwork()
    net.append_layer(Own((2.5, 1)[0]))
    net.test(np.ones((1, 1)))
    networks.save(tmp_path / "net", net)
    layer = networks.load(tmp_path / "net", None).layers[0]
    assert (layer.factor, layer.calls) == (2.5, 1)


def test_what_cannot_be_saved_is_named_and_no_file_appears(tmp_path):
    class Stranger:
        def forward(self, input_tensor):
            return input_tensor

        backward = forward

    net = network()
    net.append_layer(Stranger())
    with pytest.raises(TypeError, match=r"the network's layer 9 of 9 is .*Stranger"):
        networks.save(tmp_path / "net", net)
    net.layers[-1] = Own(lambda x: x)
    with pytest.raises(TypeError, match=r"layers\[8\]\.factor is .*function"):
        networks.save(tmp_path / "net", net)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_the_permissions_of_an_earlier_file_are_kept(tmp_path, mode):
    path = tmp_path / "net"
    path.touch()
    path.chmod(mode)
    networks.save(path, networks.NeuralNetwork())
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_has_the_permissions_of_new_files(tmp_path):
    before = os.umask(0o027)
    try:
        networks.save(tmp_path / "net", networks.NeuralNetwork())
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "net").stat().st_mode) == 0o640


def test_a_private_file_is_private_while_it_is_written(tmp_path, monkeypatch):
    path, modes = tmp_path / "net", []
    path.touch()
    path.chmod(0o600)
    monkeypatch.setattr(os, "fsync", lambda number: modes.append(stat.S_IMODE(os.fstat(number).st_mode)))
    networks.save(path, networks.NeuralNetwork())
    assert modes == [0o600]


def test_the_longest_names_are_saved(tmp_path):
    for path in (tmp_path / ("n" * 255), tmp_path / ("ä" * 127)):
        networks.save(path, networks.NeuralNetwork())
        networks.save(path, networks.NeuralNetwork())
        assert networks.load(path, None).layers == []


def test_a_symbolic_link_goes_on_pointing(tmp_path):
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "target", tmp_path / "link"
    link.symlink_to(target)
    for _ in range(2):
        networks.save(link, networks.NeuralNetwork())
        assert link.is_symlink()
        assert not target.is_symlink()
    assert networks.load(link, None).layers == []


def test_save_and_load_are_functions_of_the_module_and_of_the_class(tmp_path):
    assert networks.save is networks.NeuralNetwork.save
    networks.NeuralNetwork.save(tmp_path / "net", network())
    assert len(networks.NeuralNetwork.load(tmp_path / "net", None).layers) == 8


def test_swapped_arguments_are_named(tmp_path):
    net = networks.NeuralNetwork()
    with pytest.raises(TypeError, match=r"save\(filename, net\); got NeuralNetwork and str"):
        networks.save(net, str(tmp_path / "net"))
    with pytest.raises(TypeError, match=r"save\(filename, net\); got str and list"):
        networks.save(str(tmp_path / "net"), net.layers)
    with pytest.raises(TypeError, match=r"load\(filename, data_layer\); got Stripes and str"):
        networks.load(Stripes(), str(tmp_path / "net"))


def test_every_argument_of_the_network_is_saved():
    assert set(files.ARGUMENTS) == set(inspect.signature(networks.NeuralNetwork).parameters)


def test_a_plain_loss_is_refused_before_training_is_lost_and_can_be_left_out(tmp_path):
    net = network()
    assert files.cannot_be_saved(net) is None
    net.loss_layer = PlainLoss()
    advice = r"loss_layer is tests.strangers.PlainLoss.*Optimization.Loss.Loss.*save\(filename, net, loss_layer=False\)"
    assert re.search(advice, files.cannot_be_saved(net))
    with pytest.raises(TypeError, match=advice):
        networks.save(tmp_path / "net", net)
    assert os.listdir(tmp_path) == []
    networks.save(tmp_path / "net", net, loss_layer=False)
    assert networks.load(tmp_path / "net", None).loss_layer is None
    assert isinstance(net.loss_layer, PlainLoss)


def test_asking_whether_a_network_can_be_saved_raises_nothing():
    class Broken(Own):
        def __getstate__(self):
            raise ZeroDivisionError("no state")

    net = networks.NeuralNetwork()
    net.append_layer(Broken(1.0))
    assert files.cannot_be_saved(net) == "save: ZeroDivisionError: no state"


class Colour(enum.IntEnum):
    red = 1


class NoName(BaseLayer):
    def __init__(self, *sizes):
        self.sizes = sizes

    def forward(self, input_tensor):
        return input_tensor

    backward = forward


class Forgetful(NoName):
    def __init__(self, size):
        self.sizes = size


class Both(Configurable, dict):
    pass


def containing_itself():
    values = []
    values.append(values)
    return values


@pytest.mark.parametrize(
    ("value", "match"),
    [
        (np.ones(2, complex), "an array of complex128"),
        (np.array(["2026-01-01"], "datetime64[D]"), "datetime64"),
        (np.array([None]), "an array of object"),
        (np.array(["a"]), "an array of <U1"),
        (np.ma.ones(2), "MaskedArray"),
        (np.ones(2).view(np.recarray), "recarray"),
        (np.complex64(1), "numpy.complex64"),
        (np.datetime64("2026-01-01"), "datetime64"),
        (np.str_("a"), "numpy.str_"),
        (1j, "complex"),
        (b"a", "bytes"),
        (10**5000, "int"),
        (Colour.red, "Colour"),
        (collections.OrderedDict(a=1), "OrderedDict"),
        (collections.namedtuple("Point", "x y")(1, 2), "Point"),
        ({Colour.red: 1}, "Colour"),
        ({(1, Colour.red)}, "Colour"),
        (np.random.RandomState(1), "RandomState"),
        (Own, "the class Own"),
        (print, "builtin_function"),
        (containing_itself(), "nested more than 100 deep, or contains itself"),
        (NoName(3), r"whose arguments have names, got \*sizes"),
        (Forgetful(3), r"does not keep its argument 'size'; write self\.size = size"),
        (Both(a=1), "Both"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("place", ["factor", "found"])
def test_what_would_come_back_as_something_else_is_refused_by_name(tmp_path, place, value, match):
    layer = Own(1.0)
    setattr(layer, place, value)
    net = networks.NeuralNetwork()
    net.append_layer(layer)
    with pytest.raises(TypeError, match=rf"layers\[0\]\.{place}.*{match}"):
        networks.save(tmp_path / "net", net)
    assert re.search(match, files.cannot_be_saved(net))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["forget", "phase", "__name", "two words"])
def test_attributes_that_load_would_refuse_are_refused_by_save(tmp_path, name):
    layer = Own(1.0)
    vars(layer)[name] = 1
    net = networks.NeuralNetwork()
    net.append_layer(Own(2.0))
    net.layers[0] = layer
    with pytest.raises(TypeError, match=rf"layers\[0\]: '{name}' hides a method"):
        networks.save(tmp_path / "net", net)


def test_values_that_a_layer_holds_come_back_as_they_are(tmp_path):
    layer, values = (
        Own(1.0),
        [None, True, 2**100, -0.0, 1e-310, "ä\ud800", (), [], {}, set(), frozenset({(2, None)})],
    )
    layer.names = {"a", 1, (2, "b")}, frozenset({"c", "d"})
    layer.values = {"values": values, 1: (2, [3]), None: {(1, True): -np.inf}, "nan": np.nan}
    layer.arrays = [np.float32(0.1), np.array(0.1), np.ones((0, 3)), np.arange(6).reshape(2, 3).T, np.array([1], ">i2")]
    layer.unset = None
    net = networks.NeuralNetwork()
    net.append_layer(layer)
    networks.save(tmp_path / "net", net)
    loaded = networks.load(tmp_path / "net", None).layers[0]
    assert repr(loaded.values) == repr(layer.values)
    assert loaded.names == layer.names
    assert loaded.unset is None
    for one, other in zip(loaded.arrays, layer.arrays, strict=True):
        assert (type(one), one.dtype, one.shape, one.strides) == (type(other), other.dtype, other.shape, other.strides)
        np.testing.assert_array_equal(one, other)


def test_what_a_constructor_sets_and_somebody_unsets_stays_unset(tmp_path):
    net = networks.NeuralNetwork()
    net.append_layer(Own(1.0))
    net.layers[0].calls = None
    networks.save(tmp_path / "net", net)
    assert networks.load(tmp_path / "net", None).layers[0].calls is None


def test_objects_that_know_each_other_come_back_and_one_that_makes_itself_is_refused(tmp_path):
    one, other = Own(1.0), Own(2.0)
    one.other, other.other = other, one
    net = networks.NeuralNetwork()
    net.layers = [one, other]
    networks.save(tmp_path / "net", net)
    first, second = networks.load(tmp_path / "net", None).layers
    assert first.other is second
    assert second.other is first
    one.factor = other
    with pytest.raises(TypeError, match="an argument of its own constructor"):
        networks.save(tmp_path / "net", net)


def test_a_class_that_was_defined_again_is_the_one_that_its_module_has(tmp_path):
    class Again(BaseLayer):
        __qualname__ = "Again"
        forward = backward = Own.backward

    first = Again
    globals()["Again"] = first

    class Again(TrainableLayer):  # a later one, of another base
        __qualname__ = "Again"
        initialize = None
        forward = backward = Own.backward

    net = networks.NeuralNetwork()
    net.append_layer(first())
    networks.save(tmp_path / "net", net)
    try:
        assert type(networks.load(tmp_path / "net", None).layers[0]) is first
    finally:
        del globals()["Again"]


def test_a_file_of_version_1_is_still_read():
    """Written by the library as it was before version 2, with what its network held and did then."""
    expected = np.load(DATA / "version_1_expected.npz")
    net = networks.load(DATA / "version_1", Stripes(6))
    np.testing.assert_array_equal(net.loss, expected["loss"])
    for number, name in ((0, "weights"), (0, "bias"), (1, "weights"), (1, "bias"), (6, "weights")):
        layer, key = net.layers[number], f"{number}.{name}"
        np.testing.assert_array_equal(getattr(layer, name), expected[key])
        optimizer = layer.optimizers[name]
        np.testing.assert_array_equal(optimizer._first_moment, expected[f"{key}.first_moment"])
        np.testing.assert_array_equal(optimizer._second_moment, expected[f"{key}.second_moment"])
        assert isinstance(optimizer.regularizer, L2_Regularizer)
        assert (optimizer.mu, optimizer.rho, optimizer.regularizer.alpha) == (0.8, 0.99, 1e-3)
    assert net.layers[6].optimizer.learning_rate == 0.1 * np.cos(0.5)
    np.testing.assert_array_equal(net.layers[1].moving_mean, expected["1.moving_mean"])
    np.testing.assert_array_equal(net.layers[1].moving_variance, expected["1.moving_variance"])
    np.testing.assert_array_equal(copy.deepcopy(net.layers[5].rng).random(4), expected["mask_random"])
    # What is computed from here on may differ in its last digits where the machine is another one.
    np.testing.assert_allclose(net.test(expected["images"]), expected["prediction"], rtol=1e-12)
    net.train(4)
    np.testing.assert_allclose(net.loss, expected["loss_further"], rtol=1e-10)


def test_a_file_of_version_2_is_still_read():
    """Written by the library as it was before version 3, with what its network held and did then."""
    expected = np.load(DATA / "version_2_expected.npz")
    inputs = np.random.default_rng(0).random((20, 4))
    net = networks.load(DATA / "version_2", Fixed(inputs, np.eye(3)[np.arange(20) % 3]))
    assert net.loss == expected["loss"].tolist()
    assert net.layers[0].name == "first"
    assert net.progress == {"history": {"loss": np.random.default_rng(1).random(100).tolist()}}
    np.testing.assert_array_equal(net.layers[0].weights, expected["weights"])
    np.testing.assert_array_equal(net.layers[0].optimizer._first_moment, expected["first_moment"])
    np.testing.assert_allclose(net.test(inputs), expected["prediction"], rtol=1e-12)
    net.train(4)
    np.testing.assert_allclose(net.loss, expected["loss_further"], rtol=1e-10)


def test_a_file_of_version_3_is_still_read():
    """Written by the library as it was before version 4, whose arrays have numbers for names."""
    expected = np.load(DATA / "version_3_expected.npz")
    net = networks.load(DATA / "version_3", None)
    np.testing.assert_array_equal(net.loss, expected["loss"])
    for name, array in net.weights().items():
        np.testing.assert_array_equal(array, expected[name])
    np.testing.assert_allclose(net.test(expected["images"]), expected["prediction"], rtol=1e-12)


def test_names_alone_mean_our_classes_in_a_file_of_version_1(tmp_path):
    class ReLU(BaseLayer):
        forward = backward = Own.backward

    path = tmp_path / "net"
    path.write_bytes((DATA / "version_1").read_bytes())
    loaded = networks.load(path, None)
    assert ReLU.__module__ != type(loaded.layers[2]).__module__ == "Layers.ReLU"

    def change(description):
        object_of(description, "ReLU")["class"] = "Unheard"

    refuses(rewritten(path, change), "class 'Unheard'.*import it")


def test_a_folder_in_the_files_place_is_named(tmp_path):
    with pytest.raises(IsADirectoryError):
        networks.save(tmp_path, networks.NeuralNetwork())


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        networks.load(tmp_path / "nowhere", None)


def test_every_trainable_layer_takes_no_memory_before_its_parameters_are_set():
    from Layers.Base import without_first_values
    from tests.layer_cases import CASES

    for case in CASES:
        layer = without_first_values(case.make)
        if isinstance(layer, TrainableLayer):
            for name, parameter in layer.parameters().items():
                assert set(parameter.strides) == {0}, f"{layer!r} allocates its {name}: use _first_values"


def test_who_trains_what_cannot_be_saved_is_told_before_it_is_lost():
    class Difference:
        def forward(self, prediction_tensor, label_tensor):
            self.difference = prediction_tensor - label_tensor
            return float(np.sum(self.difference**2))

        def backward(self, label_tensor):
            return 2 * self.difference

    net = network()
    net.loss_layer = Difference()
    with pytest.warns(UserWarning, match=r"can't be saved.*loss_layer is .*Difference.*loss_layer=False") as caught:
        net.train(1)
        net.train(1)
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_nobody_is_told_where_a_network_can_be_saved(recwarn):
    network().train(1)
    assert not recwarn.list


class Lazy(TrainableLayer):
    """A layer that makes its weights when it sees the first input."""

    parameter_names = ("weights",)

    def initialize(self, weights_initializer, bias_initializer):
        pass

    def forward(self, input_tensor):
        self.x = input_tensor
        if not hasattr(self, "weights"):
            self.weights = np.eye(input_tensor.shape[1])
        return input_tensor @ self.weights

    def backward(self, error_tensor):
        error = error_tensor @ self.weights.T
        self.gradient_weights = self.x.T @ error_tensor
        self.update()
        return error


def test_parameters_that_a_pass_has_made_are_kept(tmp_path):
    net = networks.NeuralNetwork(Adam())
    net.append_layer(Lazy())
    net.save(tmp_path / "before", net)
    assert networks.load(tmp_path / "before", None).test([[1.0, 2.0]]).tolist() == [[1, 2]]
    layer = net.layers[0]
    layer.forward([[1.0, 2.0]] * np.ones((1, 1)))
    layer.backward(np.ones((1, 2)))
    net.save(tmp_path / "after", net)
    for other in (networks.load(tmp_path / "after", None).layers[0], copy.deepcopy(layer)):
        np.testing.assert_array_equal(other.weights, layer.weights)
        assert not hasattr(other, "x")
