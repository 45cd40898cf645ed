"""PyTorch's weights here, and ours there: the same predictions, nothing left over, and no file that does anything."""

import copy
import sys

import numpy as np
import pytest

from Interop import PyTorch, tensors
from Layers import (
    GRU,
    LSTM,
    RNN,
    BatchNormalization,
    Bidirectional,
    Chain,
    Conv,
    Embedding,
    Flatten,
    FullyConnected,
    LastStep,
    LayerNormalization,
    ReLU,
    TransposedConv,
)
from Layers.Base import TrainableLayer
from Models import Autoencoder, CharacterRNN, LeNet, LeNet5, MultilayerPerceptron, ResNet
from NeuralNetwork import NeuralNetwork

MODELS = {
    "LeNet": lambda seed: LeNet.build((1, 8, 8), 3, rng=seed),
    "LeNet5": lambda seed: LeNet5.build((1, 12, 12), 3, rng=seed),
    "MultilayerPerceptron": lambda seed: MultilayerPerceptron.build((6,), 3, (5, 4), rng=seed),
    "Autoencoder": lambda seed: Autoencoder.build((6,), 2, (4,), rng=seed),
    "ResNet": lambda seed: ResNet.build((1, 8, 8), 3, 8, 2, rng=seed),
    "CharacterRNN": lambda seed: CharacterRNN.build(9, (4, 5), "LSTM", 3, rng=seed),
}


def network(*layers):
    net = NeuralNetwork()
    net.layers = list(layers)
    return net


def head():
    """A network of two matrices, and the names and shapes of the same in PyTorch."""
    net = network(FullyConnected.FullyConnected(3, 4), ReLU.ReLU(), FullyConnected.FullyConnected(4, 2))
    rng = np.random.default_rng(0)
    shapes = {"fc1.weight": (4, 3), "fc1.bias": (4,), "fc2.weight": (2, 4), "fc2.bias": (2,)}
    return net, {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def refused(net, state, message, mapping=None, kind=ValueError):
    before = net.weights()
    with pytest.raises(kind, match=message):
        PyTorch.from_state_dict(net, state, mapping)
    for name, array in net.weights().items():
        np.testing.assert_array_equal(array, before[name])


# With PyTorch.


def built_with_torch():
    torch = pytest.importorskip("torch")
    from torch import nn

    class Read(nn.Module):
        """A recurrent module of whose results the outputs count."""

        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, x):
            return self.inner(x)[0]

    class Block(nn.Module):
        def __init__(self, before, after, stride):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after)
            self.conv2, self.bn2 = nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after)
            self.downsample = None
            if stride > 1:
                self.downsample = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

        def forward(self, x):
            y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
            return torch.relu(y + (x if self.downsample is None else self.downsample(x)))

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(1, 2, 3, padding=1, bias=False), nn.BatchNorm2d(2)
            self.layer1, self.layer2, self.layer3 = Block(2, 2, 1), Block(2, 4, 2), Block(4, 8, 2)
            self.fc = nn.Linear(8, 3)

        def forward(self, x):
            x = self.layer3(self.layer2(self.layer1(torch.relu(self.bn1(self.conv1(x))))))
            return torch.softmax(self.fc(x.mean((2, 3))), 1)

    def residual():
        net = ResNet.build((1, 8, 8), 3, 8, 2, rng=0)
        for layer in everything(net.layers):
            if hasattr(layer, "epsilon"):
                layer.epsilon = 1e-5
        return net

    from Layers.Composite import everything

    lenet = nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5, padding=2), nn.ReLU()),
        *(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()),
        *(nn.Linear(84, 3), nn.Softmax(1)),
    )
    normalization = BatchNormalization.BatchNormalization(4, epsilon=1e-5)
    return {
        "LeNet": (lenet, MODELS["LeNet"](0), (5, 1, 8, 8)),
        "ResNet": (Residual(), residual(), (5, 1, 8, 8)),
        "LSTM, two levels, both directions": (
            Read(nn.LSTM(3, 4, 2, batch_first=True, bidirectional=True)),
            network(Bidirectional.Bidirectional(LSTM.LSTM(3, 4)), Bidirectional.Bidirectional(LSTM.LSTM(8, 4))),
            (2, 5, 3),
        ),
        "LSTM with a matrix behind": (
            nn.Sequential(Read(nn.LSTM(3, 4, batch_first=True)), nn.Linear(4, 2)),
            network(LSTM.LSTM(3, 4, 2, output="linear")),
            (2, 5, 3),
        ),
        "GRU": (Read(nn.GRU(3, 4, 2, batch_first=True)), network(GRU.GRU(3, 4), GRU.GRU(4, 4)), (2, 5, 3)),
        "RNN": (Read(nn.RNN(3, 4, batch_first=True)), network(RNN.RNN(3, 4)), (2, 5, 3)),
        "RNN without biases": (Read(nn.RNN(3, 4, bias=False, batch_first=True)), network(RNN.RNN(3, 4)), (2, 5, 3)),
        "transposed": (
            nn.Sequential(nn.ConvTranspose2d(2, 4, 3, groups=2), nn.BatchNorm2d(4)),
            network(TransposedConv.TransposedConv(1, (2, 3, 3), 4, padding="valid", groups=2), normalization),
            (2, 2, 5, 4),
        ),
        "matrices with and without biases": (
            nn.Sequential(nn.Linear(3, 4, bias=False), nn.LayerNorm(4), nn.Linear(4, 2)),
            network(
                FullyConnected.FullyConnected(3, 4),
                LayerNormalization.LayerNormalization(4, epsilon=1e-5),
                FullyConnected.FullyConnected(4, 2),
            ),
            (5, 3),
        ),
    }


CASES = (
    *("LeNet", "ResNet", "LSTM, two levels, both directions", "LSTM with a matrix behind", "GRU", "RNN"),
    *("RNN without biases", "transposed", "matrices with and without biases"),
)


@pytest.fixture(scope="module")
def cases():
    return built_with_torch()


@pytest.fixture
def case(cases, request):
    import torch

    model, net, shape = copy.deepcopy(cases[request.param])
    torch.manual_seed(0)
    model = model.double()
    for _ in range(2):  # running averages that are not those of the beginning
        model.train()(3 * torch.randn(shape, dtype=torch.float64) + 1)
    return model.eval(), net, torch.randn(shape, dtype=torch.float64)


@pytest.mark.parametrize("case", CASES, indirect=True)
def test_a_network_with_pytorch_s_weights_predicts_what_the_model_does(case):
    model, net, inputs = case
    PyTorch.from_state_dict(net, model.state_dict())
    np.testing.assert_allclose(net.test(inputs.numpy()), model(inputs).detach().numpy(), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("case", [case for case in CASES if "without" not in case], indirect=True)
def test_a_model_with_our_weights_predicts_what_the_network_does(case):
    import torch

    model, net, inputs = case
    mapping = PyTorch.from_state_dict(net, model.state_dict())
    for name, array in net.weights().items():
        rng = np.random.default_rng(len(name))
        net.load_weights({name: array + 0.1 * rng.random(array.shape)}, strict=False)
    ours = PyTorch.to_state_dict(net, mapping)
    model.load_state_dict({name: torch.from_numpy(array) for name, array in ours.items()})
    np.testing.assert_allclose(model(inputs).detach().numpy(), net.test(inputs.numpy()), rtol=1e-10, atol=1e-13)


def test_float32_and_bfloat16_tensors_are_read():
    torch = pytest.importorskip("torch")
    net, state = head()
    half = {name: torch.from_numpy(array).bfloat16() for name, array in state.items()}
    PyTorch.from_state_dict(net, half)
    np.testing.assert_array_equal(net.layers[0].weights[:-1], half["fc1.weight"].float().numpy().T)


# Without PyTorch.


@pytest.mark.parametrize("model", MODELS)
def test_models_go_there_and_come_back_to_the_same_bits(model, tmp_path):
    net, other = MODELS[model](0), MODELS[model](1)
    state = PyTorch.to_state_dict(net, file=tmp_path / "model.npz")
    assert all(array.flags.c_contiguous for array in state.values())
    if any("moving_mean" in name for name in state) or model == "ResNet":
        state["1.running_mean"][:] = [3, 4]
        tensors.write(state, tmp_path / "model.npz")
    PyTorch.from_state_dict(other, tmp_path / "model.npz")
    for name, array in PyTorch.to_state_dict(other).items():
        np.testing.assert_array_equal(array, state[name])


@pytest.mark.parametrize("model", MODELS)
def test_models_go_through_safetensors(model, tmp_path):
    pytest.importorskip("safetensors")
    net, other = MODELS[model](0), MODELS[model](1)
    state = PyTorch.to_state_dict(net, file=tmp_path / "model.safetensors")
    mapping = PyTorch.mapping(other, tmp_path / "model.safetensors")
    PyTorch.from_state_dict(other, tmp_path / "model.safetensors", mapping)
    for name, array in PyTorch.to_state_dict(other).items():
        np.testing.assert_array_equal(array, state[name])


def test_types_of_number_that_numpy_does_not_have_are_named(tmp_path, monkeypatch):
    files = pytest.importorskip("safetensors.numpy")

    def load_file(path):  # as it is unless another package has told NumPy of such a type
        raise TypeError("data type 'bfloat16' not understood")

    monkeypatch.setattr(files, "load_file", load_file)
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(ValueError, match=r"expected types of number that NumPy has.*\.float\(\)"):
        PyTorch.mapping(MODELS["LeNet"](0), tmp_path / "model.safetensors")


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_arrays_that_lie_in_any_order_in_memory_are_written_as_what_they_are(ending, tmp_path):
    if ending == "safetensors":
        pytest.importorskip("safetensors")
    array = np.arange(24.0).reshape(2, 3, 4)
    turned = {"turned": array.T, "some": array[:, ::2], "backwards": array[::-1], "foreign": array.astype(">f8")}
    tensors.write(turned, tmp_path / f"arrays.{ending}")
    read = tensors.read(tmp_path / f"arrays.{ending}")
    assert read.keys() == turned.keys()
    for name, one in turned.items():
        np.testing.assert_array_equal(read[name], one)


def test_a_mapping_shows_what_becomes_what():
    net, state = head()
    lines = str(PyTorch.from_state_dict(net, state)).splitlines()
    note = "turned, the bias in the last row"
    assert [" ".join(line.split()) for line in lines] == [
        "theirs ours",
        "fc1.weight (4, 3)",
        f"fc1.bias (4,) 1.FullyConnected.weights {note}",
        "fc2.weight (2, 4)",
        f"fc2.bias (2,) 3.FullyConnected.weights {note}",
    ]


def test_a_mapping_of_one_s_own_says_which_module_is_which_layer():
    net = network(FullyConnected.FullyConnected(3, 3), FullyConnected.FullyConnected(3, 3))
    arrays = {"b.weight": np.eye(3), "b.bias": np.zeros(3), "a.weight": 2 * np.eye(3), "a.bias": np.ones(3)}
    PyTorch.from_state_dict(net, arrays, {"a": "1.FullyConnected", "b": "2.FullyConnected"})
    assert net.layers[0].weights[-1].tolist() == [1, 1, 1]
    back = PyTorch.to_state_dict(net, {"a": "1.FullyConnected", "b": "2.FullyConnected"})
    assert {name: array.tolist() for name, array in back.items()} == {n: a.tolist() for n, a in arrays.items()}


def test_a_name_stands_for_all_that_it_holds():
    net = CharacterRNN.build(9, (4,), "GRU", 3, rng=0)
    state = {f"body.{name}": array for name, array in PyTorch.to_state_dict(net).items()}
    net.layers[0] = Embedding.Embedding(9, 3)
    PyTorch.from_state_dict(net, state, {"body.0": "1.Embedding", "body.1": "2.GRU", "body.2": "3.FullyConnected"})
    np.testing.assert_array_equal(net.layers[0].weights, state["body.0.weight"])


def test_what_is_left_over_on_either_side_is_refused():
    net, state = head()
    refused(net, {**state, "fc3.weight": np.ones((2, 2)), "fc3.bias": np.ones(2)}, r"matrix there .*'fc3'.* and here")
    refused(net, {name: array for name, array in state.items() if "fc2" not in name}, "here .*3.FullyConnected")
    refused(net, {**state, "fc1.gain": np.ones(4)}, "1.FullyConnected, which has nothing for fc1.gain")
    refused(net, state, "left over", {"fc1": "1.FullyConnected"})
    refused(net, state, "twice", {"fc1": "1.FullyConnected", "fc2": "3.FullyConnected", "": ""})


def test_other_shapes_and_numbers_are_refused():
    net, state = head()
    refused(net, {**state, "fc1.weight": np.ones((3, 4))}, r"fc1.weight \(4, 3\) for 1.FullyConnected, got \(3, 4\)")
    refused(net, {**state, "fc2.bias": np.full(2, np.nan)}, "3.FullyConnected.weights .*finite")
    refused(net, {**state, "fc2.bias": np.array(["a", "b"])}, "fc2.bias", kind=TypeError)
    refused(net, [("fc1.weight", 1)], "arrays by name, or a file, got list", kind=TypeError)
    refused(net, state, "mapping to be a dictionary", mapping=["fc1"], kind=TypeError)


def test_a_mapping_of_other_arrays_is_refused():
    net, state = head()
    mapping = PyTorch.mapping(net, state)
    refused(net, {**state, "fc3.bias": np.ones(2)}, r"others: \['fc3.bias'\]", mapping)
    refused(net, {**state, "fc2.bias": np.ones(3)}, r"fc2.bias \(2,\)", mapping)


def test_a_batch_normalization_without_averages_is_refused():
    net = network(BatchNormalization.BatchNormalization(2))
    state = {"0.weight": np.ones(2), "0.bias": np.ones(2), "0.running_mean": np.ones(2)}
    refused(net, state, "running_var, which 1.BatchNormalization needs")
    PyTorch.from_state_dict(net, {"0.running_mean": np.ones(2), "0.running_var": np.ones(2)})
    assert net.layers[0].weights.tolist() == [1, 1]


def test_modules_that_the_alphabet_may_have_exchanged_are_refused_until_somebody_has_looked(tmp_path):
    pytest.importorskip("safetensors")
    net = network(FullyConnected.FullyConnected(3, 3), FullyConnected.FullyConnected(3, 3))
    arrays = {f"{name}.{end}": np.ones((3, 3) if end == "weight" else 3) for name in "ab" for end in ("weight", "bias")}
    tensors.write(arrays, tmp_path / "model.safetensors")
    refused(net, tmp_path / "model.safetensors", "order of the alphabet.*a or b.*print")
    looked_at = PyTorch.mapping(net, tmp_path / "model.safetensors")
    PyTorch.from_state_dict(net, tmp_path / "model.safetensors", looked_at)


def test_numbers_in_names_count_by_their_size(tmp_path):
    pytest.importorskip("safetensors")
    layers = [FullyConnected.FullyConnected(2, 2) for _ in range(12)]
    state = PyTorch.to_state_dict(network(*layers), file=tmp_path / "model.safetensors")
    other = network(*(FullyConnected.FullyConnected(2, 2) for _ in range(12)))
    PyTorch.from_state_dict(other, tmp_path / "model.safetensors")
    np.testing.assert_array_equal(PyTorch.to_state_dict(other)["10.weight"], state["10.weight"])


class Own(TrainableLayer):
    """A layer of somebody's own."""

    def __init__(self):
        super().__init__()
        self.weights, self.bias = np.ones(2), np.zeros(2)

    def initialize(self, weights_initializer, bias_initializer):
        pass

    def forward(self, input_tensor):
        return input_tensor

    def backward(self, error_tensor):
        return error_tensor


def test_a_layer_of_one_s_own_is_named():
    with pytest.raises(TypeError, match=r"got 1.Own of tests.*net.load_weights"):
        PyTorch.to_state_dict(network(Own()))


def test_layers_without_parameters_need_no_rule():
    assert PyTorch.to_state_dict(network(Flatten.Flatten(), LastStep.LastStep())) == {}


def test_names_say_where_a_module_stands():
    names = list(PyTorch.to_state_dict(network(Conv.Conv(1, (1, 3, 3), 2), LSTM.LSTM(2, 3, 1))))
    assert names[:3] == ["0.weight", "0.bias", "1.weight_ih_l0"]
    assert names[-2:] == ["1.output.weight", "1.output.bias"]


# Files from strangers.


@pytest.mark.parametrize("ending", ["pt", "pth", "bin", "pkl"])
def test_pickles_are_refused_unread(tmp_path, ending):
    with pytest.raises(ValueError, match=r"a pickle, which may do anything.*save_file"):
        tensors.read(tmp_path / f"model.{ending}")


def test_files_that_are_none_are_refused_by_name(tmp_path):
    for name in ("model.npz", "model.safetensors"):
        if name.endswith("safetensors"):
            pytest.importorskip("safetensors")
        (tmp_path / name).write_bytes(b"no file of arrays")
        with pytest.raises(ValueError, match=name):
            tensors.read(tmp_path / name)
    with pytest.raises(ValueError, match=r"ends in \.safetensors or \.npz"):
        tensors.read(tmp_path / "model.h5")


def test_objects_in_an_npz_file_are_refused(tmp_path):
    np.savez(tmp_path / "model.npz", a=np.array([print], dtype=object))
    with pytest.raises(ValueError, match="no numbers"):
        tensors.read(tmp_path / "model.npz")


def test_an_array_that_declares_more_than_it_holds_is_refused(tmp_path):
    np.savez(tmp_path / "model.npz", a=np.ones(8))
    content = (tmp_path / "model.npz").read_bytes()
    (tmp_path / "model.npz").write_bytes(content.replace(b"(8,)", b"(9,)"))
    with pytest.raises(ValueError, match=r"model\.npz.*checksum"):
        tensors.read(tmp_path / "model.npz")


def test_a_missing_extra_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install .*\[safetensors\]"):
        tensors.write({"a": np.ones(1)}, tmp_path / "a.safetensors")


HELD = {"one": {"m": "1.Chain"}, "none": {"a": "1.1.FullyConnected", "b": "1.2.FullyConnected", "c": "9.Conv"}}


@pytest.mark.parametrize(("mapping", "message"), [(HELD["one"], "a module for each layer, got 'm' for"),
                                                  (HELD["none"], r"got \['9.Conv'\], which it hasn't")])  # fmt: skip
def test_no_layer_goes_out_over_another_one_and_no_name_is_passed_over(mapping, message):
    net = NeuralNetwork()
    net.layers = [Chain.Chain([FullyConnected.FullyConnected(2, 2), FullyConnected.FullyConnected(2, 2)])]
    with pytest.raises(ValueError, match=f"to_state_dict: expected .*{message}"):
        PyTorch.to_state_dict(net, mapping)


@pytest.mark.parametrize("function", [PyTorch.from_state_dict, PyTorch.mapping])
def test_what_is_no_network_has_no_weights_to_be_moved(function):
    layers = [FullyConnected.FullyConnected(1, 1)]
    with pytest.raises(TypeError, match=f"{function.__name__}: expected a network, got"):
        function(layers, {})
    with pytest.raises(TypeError, match="to_state_dict: expected a network, got"):
        PyTorch.to_state_dict(layers)


def test_a_file_that_is_to_be_written_is_refused_in_words_of_writing(tmp_path):
    net = NeuralNetwork()
    with pytest.raises(ValueError, match=r"net\.pt: a pickle, which is never written here; .*load_file"):
        PyTorch.to_state_dict(net, file=tmp_path / "net.pt")
    with pytest.raises(TypeError, match="to_state_dict: expected file to be"):
        PyTorch.to_state_dict(net, file=3)
    assert not list(tmp_path.iterdir())
