"""Networks as models in ONNX: what a runtime makes of them, what they tell, and what is refused."""

import json
import sys

import numpy as np
import pytest

from Foundation.Formulas import elementwise
from Generator.preparation import ArrayPreparation, PicturePreparation
from Interop.Onnx import export, export_rule
from Layers.Base import BaseLayer
from Layers.BatchNormalization import BatchNormalization
from Layers.Chain import Chain
from Layers.Composite import CompositeLayer, held_layers
from Layers.Conv import Conv
from Layers.FullyConnected import FullyConnected
from Layers.GELU import GELU
from Layers.GRU import GRU
from Layers.Initializers import Constant, He
from Layers.ReLU import ReLU
from Layers.SoftMax import SoftMax
from Layers.TransposedConv import TransposedConv
from Models import LeNet
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam
from tests.layer_cases import CASES
from tests.onnx_cases import MODELS, inputs_of, network_of, run, samples, with_averages

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
ReferenceEvaluator = pytest.importorskip("onnx.reference").ReferenceEvaluator

#: Operators that onnxruntime doesn't compute in float64, but onnx's own evaluator does.
NOT_IN_FLOAT64 = {"Conv", "ConvTranspose", "AveragePool", "GlobalAveragePool", "Resize", "RNN", "LSTM", "GRU"}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "model.onnx"


class Bent(BaseLayer):
    """A layer of somebody's own."""

    def forward(self, input_tensor):
        return elementwise(lambda x: x / (1 + np.abs(x)), np.asarray(input_tensor))

    def backward(self, error_tensor):
        raise NotImplementedError


class Twice(CompositeLayer):
    """A layer of somebody's own that holds another."""

    def __init__(self, layer):
        (self.layer,) = held_layers([layer], self)

    def parts(self):
        return {"layer": self.layer}

    def forward(self, input_tensor):
        return 2 * self.through(self.layer, input_tensor)

    def backward(self, error_tensor):
        return self.back(self.layer, 2 * error_tensor)


@export_rule(Twice)
def twice(layer, graph, value):
    return graph.node("Mul", graph.layer(layer.layer, value), graph.constant(2.0))


def network(*layers, dtype="float64"):
    net = NeuralNetwork(None, He(rng=1), Constant(0.1), dtype)
    for layer in layers:
        net.append_layer(layer)
    return net


# What a runtime computes.


@pytest.mark.parametrize("case", CASES, ids=str)
def test_onnxruntime_gives_what_a_layer_gives(case, file):
    net, inputs = network_of(case, "float32"), inputs_of(case, "float32")
    export(net, file, case.shape[1:])
    np.testing.assert_allclose(run(file, inputs), net.test(inputs), rtol=1e-5, atol=1e-5)


def operators(file) -> set[str]:
    return {node.op_type for node in onnx.load(file).graph.node}


def is_computed_in_float64(case) -> bool:
    """By onnxruntime or by onnx's own evaluator: neither has Erf in it, nor a ConvTranspose with groups."""
    layer = case.make()
    return not isinstance(layer, GELU) and not (isinstance(layer, TransposedConv) and layer.groups > 1)


@pytest.mark.parametrize("case", [*filter(is_computed_in_float64, CASES)], ids=str)
def test_in_float64_a_layer_is_the_same_to_twelve_digits(case, file):
    net, inputs = network_of(case), inputs_of(case, "float64")
    export(net, file, case.shape[1:], dtype="float64")
    if operators(file) & NOT_IN_FLOAT64:
        (output,) = ReferenceEvaluator(str(file)).run(None, {"input": inputs})
    else:
        output = run(file, inputs)
    assert output.dtype == np.float64
    np.testing.assert_allclose(output, net.test(inputs), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_onnxruntime_gives_what_a_model_gives_for_batches_and_times_of_any_length(name, file):
    build, shape, vocabulary = MODELS[name]
    net = with_averages(build(dtype="float32", rng=0))
    export(net, file, shape)
    for batch, length in ((1, 8), (3, 12)):
        inputs = samples(shape, vocabulary, "float32", batch, length)
        np.testing.assert_allclose(run(file, inputs), net.test(inputs), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("opset", [18, 20, 21])
def test_with_newer_operators_the_numbers_are_the_same(opset, file):
    net = network(Conv(1, (1, 3, 3), 2), GELU(), dtype="float32")
    export(net, file, (1, 6, 6), opset=opset)
    inputs = samples((1, 6, 6), None, "float32", 2, 6)
    np.testing.assert_allclose(run(file, inputs), net.test(inputs), rtol=1e-5, atol=1e-5)
    assert ("Gelu" in operators(file)) == (opset >= 20)


def test_a_network_of_float64_becomes_a_model_of_float32_that_every_runtime_computes(file):
    net = LeNet.build((1, 12, 12), rng=0)
    export(net, file, (1, 12, 12))
    inputs = samples((1, 12, 12), None, "float32", 2, 12)
    output = run(file, inputs)
    assert output.dtype == np.float32
    np.testing.assert_allclose(output, net.test(inputs), rtol=1e-5, atol=1e-5)


def test_a_layer_of_one_s_own_that_has_a_rule(file):
    net = network(FullyConnected(3, 4), Twice(Chain([ReLU(), FullyConnected(4, 2)])), dtype="float32")
    export(net, file, (3,))
    inputs = samples((3,), None, "float32", 4, 0)
    np.testing.assert_allclose(run(file, inputs), net.test(inputs), rtol=1e-5, atol=1e-5)


def test_a_network_in_training_stays_as_it_is(file):
    net = network(FullyConnected(3, 4), BatchNormalization(4), SoftMax())
    net.optimizer, net.loss_layer = Adam(0.01), CrossEntropyLoss()
    net.data_layer = np.random.default_rng(0).random((6, 3)), np.eye(4)[[0, 1, 2, 3, 0, 1]]
    net.train(3)
    before = net.layers[0].weights
    export(net, file, (3,))
    assert not net.phase
    assert net.layers[0].weights is before
    net.train(2)


# What the model tells.


def test_images_of_any_size_may_have_to_be_large(file):
    net = network(Conv(1, (1, 40, 40), 1, padding="valid"), dtype="float32")
    export(net, file, (1, None, None))
    inputs = samples((1, 41, 42), None, "float32", 1, 0)
    np.testing.assert_allclose(run(file, inputs), net.test(inputs), rtol=1e-5, atol=1e-5)


def test_operators_and_constants_are_named_after_their_layers(file):
    export(network(Conv(1, (1, 3, 3), 2), Chain([ReLU(), Conv(1, (2, 3, 3), 1)])), file, (1, 6, 6))
    model = onnx.load(file)
    assert [node.name for node in model.graph.node] == ["1.Conv", "2.1.ReLU", "2.2.Conv", "output"]
    assert {tensor.name for tensor in model.graph.initializer} >= {"1.Conv.weights", "2.2.Conv.bias"}


@pytest.mark.parametrize(
    ("input_shape", "axes"),
    [((None, 2), ["batch", "time", 2]), (("steps", 2), ["batch", "steps", 2]), ((5, 2), ["batch", 5, 2])],
)
def test_axes_of_any_length_have_names(input_shape, axes, file):
    export(network(GRU(2, 3, 4)), file, input_shape)
    session = onnxruntime.InferenceSession(file)
    assert session.get_inputs()[0].shape == axes
    assert session.get_outputs()[0].shape[1:] == [axes[1], 4]


def told(file, key):
    return next(json.loads(one.value) for one in onnx.load(file).metadata_props if one.key == key)


def test_the_model_tells_class_names_and_what_pictures_go_through(file):
    net = LeNet.build((1, 12, 12), classes=2, rng=0)
    net.preparation = PicturePreparation([12, 12, 1], [0.25], [0.5], ["cat", "dög"])
    export(net, file)
    assert told(file, "class_names") == ["cat", "dög"]
    preparation = told(file, "preparation")["PicturePreparation"]
    assert preparation == {"image_size": [12, 12, 1], "mean": [0.25], "deviation": [0.5], "dtype": "float64"}
    assert onnxruntime.InferenceSession(file).get_inputs()[0].shape == ["batch", 1, 12, 12]


def test_the_model_tells_what_our_own_file_tells(file):
    net = network(FullyConnected(2, 3), SoftMax(), dtype="float32")
    net.loss_layer, net.optimizer, net.data_layer = CrossEntropyLoss(), Adam(0.01), (np.ones((2, 2)), np.eye(3)[:2])
    net.train(4)
    net.preparation = ArrayPreparation([2], ["a", "b", "c"])
    export(net, file)
    assert told(file, "layers") == {"1": "FullyConnected(input_size=2, output_size=3)", "2": "SoftMax()"}
    assert (told(file, "iterations"), told(file, "dtype"), told(file, "class_names")) == (4, "float32", ["a", "b", "c"])
    assert told(file, "loss_layer").startswith("CrossEntropyLoss(")
    assert onnx.load(file).producer_name == "classic-deep-learning"


def test_the_same_network_gives_the_same_bytes(tmp_path):
    for name in ("one", "other"):
        export(LeNet.build((1, 12, 12), rng=0), tmp_path / name, (1, 12, 12))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


# What is refused, before a file is touched.


def remembering():
    net = network(GRU(2, 3))
    net.layers[0].memorize = True
    return net


def too_large():
    net = network(FullyConnected(2, 3))
    net.layers[0].weights = np.full((3, 3), 1e300)
    return net


@pytest.mark.parametrize(
    ("net", "options", "error", "words"),
    [
        (lambda: network(Bent()), {}, TypeError, r"layer 1 of 1, Bent\(\): there is no rule.*@export_rule\(Bent\)"),
        (lambda: network(Chain([ReLU(), Bent()])), {}, TypeError, "layer 1 of 1, Chain: layer 2 of 2, Bent"),
        (lambda: network(ReLU(), FullyConnected(3, 2)), {}, ValueError, "layer 2 of 2, FullyConnected.*got .1, 2"),
        (lambda: network(BatchNormalization(2)), {}, RuntimeError, "train on at least one batch first"),
        (remembering, {"input_shape": (None, 2)}, ValueError, "set memorize = False"),
        (too_large, {}, ValueError, 'expected weights of numbers that float32 can hold; export.*dtype="float64"'),
        (lambda: NeuralNetwork(), {}, RuntimeError, "at least one layer"),
        (lambda: ReLU(), {}, TypeError, "export: expected a network, got ReLU"),
        (lambda: network(ReLU()), {"opset": 16}, ValueError, "opset"),
        (lambda: network(ReLU()), {"opset": 1000}, ValueError, "expected opset from 17 to"),
        (lambda: network(ReLU()), {"opset": "17"}, TypeError, "opset"),
        (lambda: network(ReLU()), {"dtype": "float16"}, TypeError, "float32 or float64"),
        (lambda: network(ReLU()), {"input_shape": 2}, TypeError, "expected input_shape to be of one sample"),
        (lambda: network(ReLU()), {"input_shape": (0,)}, ValueError, "each length of input_shape"),
        (lambda: network(ReLU()), {"input_shape": ("batch",)}, ValueError, "a name of its own for each axis"),
        (lambda: network(ReLU()), {"input_shape": None}, ValueError, "does not know its data"),
    ],
)
def test_what_can_t_be_exported_is_refused(net, options, error, words, file):
    with pytest.raises(error, match=words):
        export(net(), file, **{"input_shape": (2,)} | options)
    assert not file.exists()


def test_a_rule_holds_for_its_class_alone():
    class Own(ReLU):
        pass

    with pytest.raises(TypeError, match="there is no rule for this class"):
        export(network(Own()), "nowhere.onnx", (2,))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (lambda layer, graph, value: None, "Forgetful: expected its rule to return what graph.node gives, got None"),
        (lambda layer, graph, value: graph.node("Mul", value, 2.0), r"Forgetful: expected values as inputs of Mul"),
    ],
)
def test_a_rule_that_is_wrong_is_named_with_its_layer(rule, words, file):
    class Forgetful(ReLU):
        pass

    export_rule(Forgetful)(rule)
    with pytest.raises(TypeError, match=words):
        export(network(Forgetful()), file, (2,))


def test_a_rule_that_is_no_function_is_refused():
    with pytest.raises(TypeError, match="expected a function of layer, graph and value, got 5"):
        export_rule(type("Without", (ReLU,), {}))(5)


@pytest.mark.parametrize(
    ("layer_class", "error", "words"),
    [(ReLU(), TypeError, "expected a class"), (ReLU, ValueError, "ReLU has a rule already")],
)
def test_a_rule_that_can_t_be_is_refused(layer_class, error, words):
    with pytest.raises(error, match=words):
        export_rule(layer_class)


def test_a_missing_package_is_named_with_what_installs_it(monkeypatch, file):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModuleNotFoundError, match=r'export needs the package onnx: pip install "classic-deep-learn'):
        export(network(ReLU()), file, (2,))


def test_a_network_without_layers_is_refused_by_who_was_asked(tmp_path):
    with pytest.raises(RuntimeError, match="export: expected at least one layer, got none"):
        export(NeuralNetwork(), tmp_path / "none.onnx", (3,))
