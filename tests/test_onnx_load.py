"""Models in ONNX as networks: round trips, what a formula is, and what is refused."""

import os
import sys
import time
import tracemalloc
import warnings

import numpy as np
import pytest

from Generator.preparation import ArrayPreparation, PicturePreparation
from Interop.Onnx import export, load
from Layers.Bidirectional import Bidirectional
from Layers.Chain import Chain
from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.ELU import ELU
from Layers.FullyConnected import FullyConnected
from Layers.GELU import GELU
from Layers.LayerNormalization import LayerNormalization
from Layers.LeakyReLU import LeakyReLU
from Layers.LSTM import LSTM
from Layers.Parallel import Parallel
from Layers.ReLU import ReLU
from Layers.Residual import Residual
from Layers.RNN import RNN
from Layers.SiLU import SiLU
from Layers.SoftMax import SoftMax
from Layers.Softplus import Softplus
from Layers.TanH import TanH
from NeuralNetwork import NeuralNetwork
from tests.layer_cases import CASES
from tests.onnx_cases import MODELS, inputs_of, model, network_of, relu, samples, with_averages

onnx = pytest.importorskip("onnx")
helper, TensorProto = onnx.helper, onnx.TensorProto


@pytest.fixture
def file(tmp_path):
    return tmp_path / "model.onnx"


# There and back.


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_layer_comes_back_to_the_bit(case, dtype, file):
    net, inputs = network_of(case, dtype), inputs_of(case, dtype)
    export(net, file, case.shape[1:], dtype=dtype)
    back = load(file)
    assert back.dtype == dtype
    np.testing.assert_array_equal(back.test(inputs), net.test(inputs))


@pytest.mark.parametrize("name", MODELS)
def test_a_model_comes_back_to_the_bit(name, file):
    build, shape, vocabulary = MODELS[name]
    net, inputs = with_averages(build(rng=0)), samples(shape, vocabulary, "float64", 2, 9)
    export(net, file, shape, dtype="float64")
    np.testing.assert_array_equal(load(file).test(inputs), net.test(inputs))


def network(*layers, dtype="float64"):
    net = NeuralNetwork(dtype=dtype)
    for layer in layers:
        net.append_layer(layer)
    return net


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "layer", [SiLU(), GELU(), ELU(0.3), LeakyReLU(0.3), Softplus(), LayerNormalization(4, 0.3)], ids=repr
)
def test_a_formula_of_several_operators_is_the_layer(layer, dtype, file):
    export(network(layer, dtype=dtype), file, (4,), dtype=dtype)
    assert repr(load(file).layers) == f"[{layer!r}]"


def test_settings_that_only_train_come_back(file):
    export(network(Dropout(0.7), Conv(2, (1, 3), 2, padding="valid", dilation=2)), file, (1, 9))
    assert [repr(layer) for layer in load(file).layers] == [
        "Dropout(probability=0.7)",
        "Conv(stride_shape=(2,), convolution_shape=(1, 3), num_kernels=2, padding=((0, 0),), dilation=(2,))",
    ]


@pytest.mark.parametrize(
    ("layer", "kinds"),
    [
        (lambda: Residual([FullyConnected(4, 4)]), ["Residual"]),
        (lambda: Residual([FullyConnected(4, 4), ReLU()], FullyConnected(4, 4)), ["Residual"]),
        (lambda: Parallel([TanH(), ReLU(), SoftMax()]), ["Parallel"]),
        (lambda: Parallel([TanH(), [FullyConnected(4, 2), ReLU()]], "concatenate"), ["Parallel"]),
        (lambda: Chain([TanH(), Chain([FullyConnected(4, 2)])]), ["TanH", "FullyConnected"]),
        (lambda: Residual([Residual([TanH()]), Parallel([ReLU(), SoftMax()])]), ["Residual"]),
        (lambda: Bidirectional(LSTM(4, 3)), ["Bidirectional"]),
        (lambda: Bidirectional(LSTM(4, 3), RNN(4, 2)), ["Bidirectional"]),
    ],
)
def test_ways_that_part_come_back_in_layers_that_hold_them(layer, kinds, file):
    made = layer()
    net = network(made)
    sequences = isinstance(made, Bidirectional)
    export(net, file, (None, 4) if sequences else (4,), dtype="float64")
    back, inputs = load(file), np.random.default_rng(0).normal(size=(3, 5, 4) if sequences else (3, 4))
    assert [type(one).__name__ for one in back.layers] == kinds
    np.testing.assert_array_equal(back.test(inputs), net.test(inputs))


@pytest.mark.parametrize(
    "preparation",
    [PicturePreparation([4, 4, 1], [0.25], [0.5], ["cat", "dög"]), ArrayPreparation([3], ["a", "b"])],
    ids=lambda one: type(one).__name__,
)
def test_what_new_data_go_through_comes_back(preparation, file):
    net = network(ReLU())
    net.preparation = preparation
    export(net, file)
    assert repr(load(file).preparation) == repr(preparation)


def test_a_model_of_which_one_value_is_wanted(file):
    export(network(FullyConnected(3, 4), ReLU(), FullyConnected(4, 2)), file, (3,))
    assert [type(layer).__name__ for layer in load(file, output="2.ReLU").layers] == ["FullyConnected", "ReLU"]


# What is refused.


ONES = np.ones((4, 4), np.float32)
DENSE = "MatMul", ["x", "w"], ["y"], {}


def with_domain(found):
    found.graph.node[0].domain = "com.example"
    return found


def with_tensor(**changed):
    found = model([DENSE], [("w", ONES)])
    for name, value in changed.items():
        field = getattr(found.graph.initializer[0], name)
        if name == "dims":
            field[:] = value
        else:
            setattr(found.graph.initializer[0], name, value)
    return found


def deep(times):
    """Ways that part again and again, one inside the other."""
    nodes, inside = [], "x"
    for number in range(times):
        nodes += [relu(inside, f"a{number}")]
        inside = f"a{number}"
    for number in reversed(range(times)):
        nodes += [("Add", [inside, f"a{number}"], [f"b{number}"], {}), relu(f"b{number}", f"c{number}")]
        inside = f"c{number}"
    return model(nodes, outputs=(inside,))


REFUSED = {
    "several inputs": (model([("Add", ["x", "z"], ["y"], {})], inputs=(("x", [4]), ("z", [4]))), "one input.*'x', 'z'"),
    "several outputs": (model([relu("x", "y"), relu("y", "z")], outputs=("y", "z")), "one output, got 'y', 'z'"),
    "an old opset": (model([relu("x", "y")], opset=6), "opset. from 7 to"),
    "a new opset": (model([relu("x", "y")], opset=999), "opset. from 7 to"),
    "an unknown operator": (model([("Sin", ["x"], ["y"], {})]), r"got Sin \('node 0'\)"),
    "all unknown operators": (
        model([("Sin", ["x"], ["a"], {}), ("Cos", ["a"], ["y"], {})]),
        r"Sin \('node 0'\), Cos \('node 1'\)",
    ),
    "another's operators": (with_domain(model([relu("x", "y")])), r"com.example.Relu \('node 0'\)"),
    "a circle": (model([relu("z", "y"), relu("y", "z")]), "takes 'z', which only a later one.* gives: a circle"),
    "a missing node": (model([relu("z", "y")]), "takes 'z', which nothing gives"),
    "a value that is there": (model([relu("x", "y"), relu("x", "y")]), "gives 'y', which is there"),
    "no operators": (model([]), "without operators"),
    "what no layer does": (model([("Exp", ["x"], ["y"], {})]), r"alone or together, got Exp \('node 0'\)"),
    "ways that cross": (
        model([relu("x", "a"), relu("x", "b"), ("Add", ["a", "b"], ["c"], {}), ("Add", ["c", "b"], ["y"], {})]),
        "used in another way",
    ),
    "ways too deep": (deep(40), "ways that part no more than"),
    "a setting that nobody knows": (model([("Relu", ["x"], ["y"], {"strength": 2})]), "no setting strength"),
    "a giant shape": (with_tensor(dims=[2**40, 2**20]), "constant 'w': expected"),
    "another shape": (with_tensor(dims=[4, 5]), "expected 20 numbers of float32, got 64 bytes"),
    "a negative shape": (with_tensor(dims=[-4, -4]), "expected a shape"),
    "a type that isn't computed in": (with_tensor(data_type=TensorProto.FLOAT16), "got ONNX's type 10"),
    "weights that come from the input": (model([("MatMul", ["x", "x"], ["y"], {})]), "the weights to be a constant"),
    "weights of other features": (model([DENSE], [("w", ONES[:3])]), "expected an input of 3 features.*got 4"),
    "axes that are divided": (
        model([("Reshape", ["x", "s"], ["z"], {}), relu("z", "y")], [("s", np.array([-1, 2, 2]))]),
        "no layer divides axes|divided or joined",
    ),
    "a constant output": (model([relu("w", "y"), relu("x", "z")], [("w", ONES)]), "Relu.*from the model's input"),
    "text as input": (model([relu("x", "y")], kind=TensorProto.STRING), "got ONNX's type 8"),
    "an input of no shape": (model([relu("x", "y")], inputs=(("x", None),)), "known number of axes"),
    "a number for each of a giant input": (
        model([("Mul", ["x", "w"], ["y"], {})], [("w", np.float32(2))], inputs=(("x", [None, 2**40]),)),
        "at most 2,147,483,648 numbers for each sample",
    ),
    "a giant constant": (
        model([("Add", ["a", "b"], ["c"], {}), ("MatMul", ["x", "c"], ["y"], {})],
              [("a", np.ones((1, 4000), np.float32)), ("b", np.ones((4000, 1), np.float32))]),
        "a constant of fewer than 16,000,000 numbers",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ["node 0", "x", "y", "Relu"])
def test_a_name_that_is_no_text_is_refused(name, file):
    content = model([relu("x", "y")]).SerializeToString()
    wanted, broken = (bytes([len(text)]) + text for text in (name.encode(), b"\xff" * len(name)))
    assert wanted in content
    file.write_bytes(content.replace(wanted, broken))
    with pytest.raises(ValueError, match=r"damaged: b'\\xff.* stands where a name should"):
        load(file)


@pytest.mark.parametrize("what", REFUSED)
def test_a_model_that_is_no_network_is_refused_by_name(what, file):
    found, words = REFUSED[what]
    file.write_bytes(found.SerializeToString())
    with pytest.raises(ValueError, match=words) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}: ")


def test_more_operators_than_anybody_needs_are_refused(file):
    nodes = [relu("x" if number == 0 else f"v{number}", f"v{number + 1}") for number in range(10_001)]
    file.write_bytes(model(nodes, outputs=("v10001",)).SerializeToString())
    with pytest.raises(ValueError, match="at most 10,000 operators, got 10,001"):
        load(file)


@pytest.mark.parametrize("content", [b"", b"something else", b"\x08\x08", bytes(range(256)) * 20])
def test_what_is_no_model_is_refused(content, file):
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"is no model in ONNX"):
        load(file)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [((3,), TypeError, "expected a file's name"), (("nowhere.onnx",), FileNotFoundError, "nowhere.onnx")],
)
def test_what_is_no_file(arguments, error, words):
    with pytest.raises(error, match=words):
        load(*arguments)


def test_an_output_that_is_none(file):
    export(network(ReLU()), file, (3,))
    with pytest.raises(ValueError, match="expected an output that an operator gives, got 'z'"):
        load(file, output="z")
    with pytest.raises(TypeError, match="expected output to be a name"):
        load(file, output=1)


def test_a_missing_package_is_named_with_what_installs_it(monkeypatch, file):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModuleNotFoundError, match=r"load needs the package onnx: pip install"):
        load(file)


# Numbers in a file beside.


def beside(file, **told):
    """A model whose weights are in another file."""
    found = with_tensor(data_location=TensorProto.EXTERNAL)
    found.graph.initializer[0].ClearField("raw_data")
    for key, value in {"location": "weights", **told}.items():
        found.graph.initializer[0].external_data.add(key=key, value=str(value))
    file.write_bytes(found.SerializeToString())
    (file.parent / "weights").write_bytes(ONES.tobytes())


@pytest.mark.parametrize("told", [{}, {"offset": 0}, {"offset": 0, "length": 64}])
def test_numbers_from_a_file_beside_the_model(told, file):
    beside(file, **told)
    np.testing.assert_array_equal(load(file).test([[1, 2, 3, 4]]), [[10, 10, 10, 10]])


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"location": "../other"}, "in the model's folder, got the file '../other'"),
        ({"location": "/etc/hostname"}, "in the model's folder"),
        ({"location": "sub/../../x"}, "in the model's folder"),
        ({"location": ""}, "in the model's folder"),
        ({"location": "a\0b"}, "in the model's folder"),
        ({"location": "link"}, "in the model's folder, got the file 'link'"),
        ({"location": "missing"}, "can't be read: No such file"),
        ({"location": "folder"}, "can't be read|from place 0"),
        ({"location": "pipe"}, "expected 64 bytes from place 0 of the file 'pipe'"),
        ({"offset": 1}, "expected 64 bytes from place 1"),
        ({"offset": -1}, "expected offset of its numbers"),
        ({"offset": "9" * 30}, "expected offset of its numbers"),
        ({"length": 63}, "expected 64 bytes"),
        ({"length": "x"}, "expected length of its numbers"),
    ],
)
def test_numbers_from_elsewhere_are_refused(told, words, file):
    (file.parent / "folder").mkdir()
    os.symlink("/etc/hostname", file.parent / "link")
    os.mkfifo(file.parent / "pipe")
    beside(file, **told)
    with pytest.raises(ValueError, match=words):
        load(file)


def test_a_giant_shape_beside_takes_no_memory(file):
    beside(file)
    found = onnx.load(file, load_external_data=False)
    found.graph.initializer[0].dims[:] = [2**30, 2**30]
    file.write_bytes(found.SerializeToString())
    with pytest.raises(ValueError, match="expected 4,611,686,018,427,387,904 bytes"):
        load(file)


def test_one_part_of_a_file_beside_for_many_constants(file):
    beside(file)
    found = onnx.load(file, load_external_data=False)
    found.graph.node[0].output[0] = "half"
    found.graph.node.append(helper.make_node("MatMul", ["half", "other"], [found.graph.output[0].name]))
    found.graph.initializer.append(found.graph.initializer[0])
    found.graph.initializer[1].name = "other"
    file.write_bytes(found.SerializeToString())
    with pytest.raises(ValueError, match="constant 'other': expected numbers of its own in the file 'weights'"):
        load(file)


def doubled(times):
    return [("Concat", [f"{place}"] * 2, [f"{place + 1}"], {"axis": 0}) for place in range(times)]


def shared(times):
    return [("MatMul", [f"x{place}" if place else "x", "0"], [f"x{place + 1}"], {}) for place in range(times)]


@pytest.mark.parametrize("nodes", [doubled(40), shared(500)], ids=["doubled", "shared"])
def test_what_is_made_of_constants_is_bounded_by_what_they_take(nodes, file):
    nodes = [*nodes, ("Add", ["x", nodes[-1][2][0]], ["y"], {})]
    constants = [("0", np.ones((256, 256), np.float32))]
    file.write_bytes(model(nodes, constants, [("x", [None, 256])]).SerializeToString())
    tracemalloc.start()
    with pytest.raises(ValueError, match="of a few times what the model's constants take, got more"):
        load(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**27


def test_lengths_are_not_multiplied_without_end(file):
    nodes = [("Shape", ["x"], ["0"], {})]
    nodes += [("Mul", [f"{place}"] * 2, [f"{place + 1}"], {}) for place in range(60)]
    file.write_bytes(model([*nodes, ("Reshape", ["x", "60"], ["y"], {})], inputs=[("x", [7, 4])]).SerializeToString())
    with pytest.raises(ValueError, match=r"'node \d' \(Mul\): expected lengths up to"):
        load(file)


def test_the_time_for_a_layer_does_not_grow_with_their_number(file):
    found = model([relu(f"{place}", f"{place + 1}") for place in range(3000)], (), [("0", [None, 4])], ["3000"])
    file.write_bytes(found.SerializeToString())
    begun = time.process_time()
    assert len(load(file).layers) == 3000
    assert time.process_time() - begun < 3  # 10 of them take a millisecond


# What a stranger tells of the data.


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"preparation": '{"PicturePreparation": {"image_size": [1, 1, 1]}}'}, "preparation can't be"),
        ({"preparation": '{"ArrayPreparation": {"sample_shape": [-1]}}'}, "preparation can't be"),
        ({"class_names": f"[{'[],' * 10**6}[]]"}, "expected at most 1,048,576 letters that tell class_names"),
        ({"preparation": '{"ArrayPreparation": {"sample_shape": [1], "rows": 2}}'}, "preparation can't be"),
    ],
)
def test_a_preparation_that_can_t_be_is_refused(told, words, file):
    export(network(ReLU()), file, (3,))
    found = onnx.load(file)
    helper.set_model_props(found, told)
    file.write_bytes(found.SerializeToString())
    with pytest.raises(ValueError, match=words):
        load(file)


@pytest.mark.parametrize("told", [{"preparation": "[1]"}, {"preparation": "{"}, {"class_names": "[" * 100_000}, {}])
def test_other_words_of_a_stranger_are_left(told, file):
    export(network(ReLU()), file, (3,))
    found = onnx.load(file)
    helper.set_model_props(found, told)
    file.write_bytes(found.SerializeToString())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load(file).preparation is None


def test_a_preparation_of_somebody_s_own_is_warned_of(file):
    export(network(ReLU()), file, (3,))
    found = onnx.load(file)
    helper.set_model_props(found, {"preparation": '{"Mine": {}}'})
    file.write_bytes(found.SerializeToString())
    with pytest.warns(UserWarning, match="preparation 'Mine' is none that this library knows"):
        load(file)
