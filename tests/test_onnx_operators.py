"""Operators of ONNX one by one: which layers they become, and what of them no layer has."""

import numpy as np
import pytest

from Interop.Onnx import load
from tests.onnx_cases import model, relu

onnx = pytest.importorskip("onnx")

PICTURES, SEQUENCES = (("x", [None, 2, 6, 6]),), (("x", [None, 5, 4]),)
WORDS = {"inputs": (("x", [None, 3]),), "kind": 7}
KERNELS = [("w", np.ones((3, 2, 3, 3), np.float32))]
SQUARE = [("w", np.ones((4, 4), np.float32))]
ROW, ONE = np.ones(4, np.float32), np.float32(1)
SHAPE = np.array


def of(kind, *inputs, **settings):
    return kind, ["x", *inputs], ["y"], settings


def cell(kind, gates, outputs=("y",), constants=(), **settings):
    """A recurrent operator, time first."""
    weights = [("w", np.ones((1, gates * 3, 4), np.float32)), ("r", np.ones((1, gates * 3, 3), np.float32))]
    settings = {"hidden_size": 3} | settings
    return model([(kind, ["x", "w", "r", *(name for name, _ in constants)], [*outputs], settings)],
                 [*weights, *((name, array) for name, array in constants if name)], SEQUENCES)  # fmt: skip


def resized(kind="Resize", scales=(1, 1, 2, 3), sizes=None, opset=17, **settings):
    constants = [("s", np.array(scales, np.float32))] if sizes is None else [("s", np.array(sizes))]
    inputs = ["s"] if kind == "Upsample" else ["", "s"] if sizes is None else ["", "", "s"]
    return model([of(kind, *inputs, **settings)], constants, PICTURES, opset=opset)


FLOOR = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
#: What becomes of models: the names of the layers.
TAKEN = {
    "Clip of a ReLU": (model([of("Clip", "w")], [("w", np.float32(0))]), "ReLU"),
    "an old Clip": (model([of("Clip", min=0.0)], opset=10), "ReLU"),
    "Celu": (model([of("Celu")]), "ELU"),
    "Cast to its own type": (model([of("Cast", to=1)]), "Dropout"),
    "Sum of one": (model([of("Sum")]), "Dropout"),
    "PRelu": (model([of("PRelu", "w")], [("w", np.full((1, 1), 0.2, np.float32))]), "LeakyReLU"),
    "Gemm with factors": (model([of("Gemm", "w", "b", alpha=2.0, beta=3.0)], [*SQUARE, ("b", ROW)]), "FullyConnected"),
    "a scaling": (model([of("Div", "w")], [("w", ROW)]), "BatchNormalization"),
    "Cast to the numbers of words": (
        model([("Cast", ["x"], ["i"], {"to": 7}), ("Gather", ["w", "i"], ["y"], {})], SQUARE), "Embedding"),
    "Cast of words": (
        model([("Cast", ["x"], ["i"], {"to": 6}), ("Cast", ["i"], ["j"], {"to": 7}), ("Gather", ["w", "j"], ["y"], {})],
              SQUARE, **WORDS), "Embedding"),
    "Gather of a table": (model([("Gather", ["w", "x"], ["y"], {})], SQUARE, **WORDS), "Embedding"),
    "Slice of the last step": (
        model([of("Slice", "a", "b", "c")],
              [("a", SHAPE([-1])), ("b", SHAPE([2**62])), ("c", SHAPE([1]))], SEQUENCES), "LastStep"),
    "an old Upsample": (resized("Upsample", opset=9, mode="nearest"), "Upsampling"),
    "the oldest Upsample": (
        model([of("Upsample", scales=[1.0, 1.0, 2.0, 2.0])], inputs=PICTURES, opset=8), "Upsampling"),
    "Resize to sizes": (resized(sizes=(1, 2, 12, 18), mode="nearest", **FLOOR), "Upsampling"),
    "pads that are computed": (
        model([("Shape", ["x"], ["s"], {}), ("Gather", ["s", "two"], ["g"], {}), ("Div", ["g", "six"], ["one"], {}),
               ("Unsqueeze", ["one", "zero"], ["u"], {}), ("Concat", ["z", "u", "u", "z", "u", "u"], ["p"], {"axis": 0}),
               ("Pad", ["x", "p"], ["q"], {}), ("Conv", ["q", "w"], ["y"], {})],
              [*KERNELS, ("two", SHAPE(2)), ("six", SHAPE(6)), ("zero", SHAPE([0])), ("z", SHAPE([0, 0]))], PICTURES),
        "Conv"),
    "Conv of the same size": (model([of("Conv", "w", auto_pad="SAME_UPPER")], KERNELS, PICTURES), "Conv"),
    "a shape of batch and time as one": (
        model([("Shape", ["x"], ["s"], {}), ("Gather", ["s", "i"], ["b"], {}), ("Gather", ["s", "j"], ["t"], {}),
               ("Mul", ["b", "t"], ["n"], {}), ("Mul", ["n", "one"], ["m"], {}), ("Concat", ["m", "f"], ["r"], {"axis": 0}),
               ("Reshape", ["x", "r"], ["z"], {}), ("Concat", ["b", "t", "f"], ["q"], {"axis": 0}),
               ("Reshape", ["z", "q"], ["w"], {}), relu("w", "y")],
              [("i", SHAPE([0])), ("j", SHAPE([1])), ("one", SHAPE([1])), ("f", SHAPE([4]))], (("x", [None, None, 4]),)),
        "ReLU"),
    "weights that are computed": (
        model([("Constant", [], ["c"], {"value_float": 2.0}), ("Mul", ["w", "c"], ["v"], {}),
               ("Sqrt", ["v"], ["u"], {}), ("Transpose", ["u"], ["t"], {}), of("MatMul", "t")], SQUARE),
        "FullyConnected"),
    "a ConvTranspose of a told size": (
        model([of("ConvTranspose", "w", output_shape=[12, 12], strides=[2, 2])],
              [("w", np.ones((2, 3, 3, 3), np.float32))], PICTURES), "TransposedConv"),
    "states of zeros": (
        cell("GRU", 3, constants=[("", 0), ("", 0), ("h", np.zeros((1, 1, 3), np.float32))], linear_before_reset=1), "GRU"),
    "lengths of all steps": (cell("RNN", 1, constants=[("", 0), ("l", np.full(5, 0) + 5)], layout=1), "RNN"),
    "ReduceMean of pixels": (model([of("ReduceMean", axes=[2, 3], keepdims=0)], inputs=PICTURES), "GlobalAveragePooling"),
    "Squeeze of all": (
        model([("GlobalAveragePool", ["x"], ["g"], {}), ("Squeeze", ["g"], ["y"], {})], inputs=PICTURES),
        "GlobalAveragePooling"),
    "BatchNormalization without epsilon": (
        model([of("BatchNormalization", "w", "w", "w", "w", epsilon=0.0)], [("w", ROW)]), "BatchNormalization"),
    "LayerNormalization without a bias": (model([of("LayerNormalization", "w")], [("w", ROW)]), "LayerNormalization"),
    "an input in ways of its own": (
        model([relu("x", "a"), ("Concat", ["x", "a"], ["y"], {"axis": 1})]), "Parallel"),
    "a way around two": (
        model([("Sigmoid", ["x"], ["a"], {}), ("Tanh", ["x"], ["b"], {}), ("Sum", ["a", "x", "b"], ["y"], {})]), "Residual"),
}  # fmt: skip

ENDS = [("a", SHAPE([0])), ("b", SHAPE([1])), ("c", SHAPE([1]))]
#: What is refused, and why.
REFUSED = {
    "Clip at 6": (model([of("Clip", min=0.0, max=6.0)], opset=10), "bounds of a ReLU, 0 and none, got 0 and 6"),
    "Cast to text": (model([of("Cast", to=8)]), "a type that a network computes in"),
    "Cast of a constant to text": (model([("Cast", ["w"], ["v"], {"to": 8}), of("MatMul", "v")], SQUARE), "got ONNX's"),
    "Cast that cuts fractions off": (
        model([("Cast", ["x"], ["w"], {"to": 6}), ("Cast", ["w"], ["y"], {"to": 1})]), "alone or together, got Cast"),
    "more than memory holds": (
        model([("Concat", [f"{n}"] * 8, [f"{n + 1}"], {"axis": 1}) for n in range(12)],
              inputs=(("0", [None, 4]),), outputs=("12",)), "at most 2,147,483,648 numbers for each sample"),
    "slopes": (model([of("PRelu", "w")], [("w", np.arange(4, dtype=np.float32))]), "one slope for all"),
    "training": (model([of("Dropout", "w", "t")], [("w", ONE / 2), ("t", np.array(True))]), "a model in use"),
    "a BatchNormalization in training": (
        model([of("BatchNormalization", "w", "w", "w", "w", training_mode=1)], [("w", ROW)]), "training_mode=0"),
    "negative variances": (
        model([of("BatchNormalization", "w", "w", "w", "v")], [("w", ROW), ("v", -ROW)]), "aren't negative"),
    "other channels": (model([of("BatchNormalization", *"wwww")], [("w", ROW[:3])]), "input of 3 channels"),
    "a scale of other features": (model([of("LayerNormalization", "w")], [("w", ROW[:3])]), "expected 3 features"),
    "kernels of other channels": (model([of("Conv", "w")], KERNELS, (("x", [None, 3, 6, 6]),)), "input of 2 channels"),
    "no kernels": (model([of("Conv", "w")], [("w", np.ones((0, 2, 3, 3), np.float32))], PICTURES), "numbers in them"),
    "another kernel_shape": (model([of("Conv", "w", kernel_shape=[2, 2])], KERNELS, PICTURES), "that of its kernels"),
    "strides of 0": (model([of("Conv", "w", strides=[0, 1])], KERNELS, PICTURES), "strides to be 2 numbers of at least 1"),
    "pads of one side": (model([of("Conv", "w", pads=[1, 1])], KERNELS, PICTURES), "pads to be 4 numbers"),
    "an auto_pad": (model([of("Conv", "w", auto_pad="MOST")], KERNELS, PICTURES), "one of ONNX's, got 'MOST'"),
    "auto_pad of unknown sizes": (
        model([of("Conv", "w", auto_pad="SAME_LOWER", strides=[2, 2])], KERNELS, (("x", [1, 2, None, 6]),)), "known size"),
    "a number for words": (model([of("Conv", "w", auto_pad=1)], KERNELS, PICTURES), "auto_pad of another type"),
    "words for numbers": (model([of("Conv", "w", strides=["a", "b"])], KERNELS, PICTURES), "strides to be whole numbers"),
    "an output of unknown size": (
        model([of("ConvTranspose", "w", output_shape=[9, 9])],
              [("w", np.ones((2, 3, 3, 3), np.float32))], (("x", [1, 2, None, 6]),)), "where output_shape is given"),
    "ceil_mode of unknown sizes": (
        model([of("MaxPool", kernel_shape=[2, 2], ceil_mode=1)], inputs=(("x", [1, 2, None, 6]),)), "where ceil_mode=1"),
    "ceil_mode that counts": (
        model([of("AveragePool", kernel_shape=[4, 4], strides=[3, 3], ceil_mode=1, count_include_pad=1)], inputs=PICTURES),
        "all count or none"),
    "a window without a size": (model([of("MaxPool")], inputs=PICTURES), "kernel_shape to be 2 numbers"),
    "pads of ones": (
        model([of("Pad", "p", "v")], [("p", SHAPE([0, 0, 1, 1, 0, 0, 1, 1])), ("v", ONE)], PICTURES), "zeros around images"),
    "pads of channels": (
        model([of("Pad", "p")], [("p", SHAPE([0, 1, 0, 0, 0, 0, 0, 0]))], PICTURES), "the pixels of images alone"),
    "pads alone": (model([of("Pad", "p")], [("p", SHAPE([0, 0, 1, 1, 0, 0, 1, 1]))], PICTURES), "alone or together, got Pad"),
    "halves of pixels": (resized(scales=(1, 1, 1.5, 2)), "whole factors"),
    "more channels": (resized(scales=(1, 2, 2, 2)), "not the batch or its channels"),
    "a way of rounding": (resized(mode="nearest", nearest_mode="ceil"), "each pixel several times"),
    "corners": (resized(mode="linear", coordinate_transformation_mode="align_corners"), "expected half_pixel"),
    "a cubic": (resized(mode="cubic"), "nearest or linear, got cubic"),
    "sizes of unknown images": (
        model([of("Resize", "", "", "s")], [("s", SHAPE([1, 2, 8, 12]))], (("x", [1, 2, None, 6]),)), "where sizes are given"),
    "a matrix of biases": (model([of("Gemm", "w", "w")], SQUARE), "one for each output"),
    "no weights": (model([of("MatMul", "w")], [("w", np.ones((4, 0), np.float32))]), "numbers in them"),
    "an input of too many axes": (model([of("Gemm", "w")], SQUARE, SEQUENCES), "input of 2 axes"),
    "whole weights": (model([of("MatMul", "w")], [("w", np.ones((4, 4), int))]), "of shape .any, any., got"),
    "a table of whole numbers": (model([("Gather", ["w", "x"], ["y"], {})], [("w", SHAPE([[1]]))], **WORDS), "of floats"),
    "columns of a table": (model([("Gather", ["w", "x"], ["y"], {"axis": 1})], SQUARE, **WORDS), "rows of the table"),
    "several steps": (model([of("Gather", "a", axis=1)], [("a", SHAPE([0, 1]))], SEQUENCES), "the last step alone"),
    "the first step": (model([of("Gather", "a", axis=1)], [("a", SHAPE(0))], SEQUENCES), "the last step, -1"),
    "the last feature of vectors": (model([of("Gather", "a", axis=1)], [("a", SHAPE(-1))]), "sequences .batch, time"),
    "part of the steps": (model([of("Slice", "a", "b", "c")], ENDS, SEQUENCES), "last step or sequences turned round"),
    "features turned round": (
        model([of("Slice", "a", "b", "c", "s")],
              [("a", SHAPE([-1])), ("b", SHAPE([-(2**63)])), ("c", SHAPE([2])), ("s", SHAPE([-1]))], SEQUENCES),
        "the time to be turned round"),
    "time turned round": (
        model([of("Slice", "a", "b", "c", "s")],
              [("a", SHAPE([-1])), ("b", SHAPE([-(2**63)])), ("c", SHAPE([1])), ("s", SHAPE([-1]))], SEQUENCES),
        "got it turned round"),
    "a Slice of no sense": (model([of("Slice", "a", "b")], [("a", SHAPE([0, 0])), ("b", SHAPE([1]))]), "for each axis"),
    "an axis that isn't there": (model([of("Softmax", axis=5)]), "expected an axis of 2, got 5"),
    "a Flatten at nowhere": (model([of("Flatten", axis=9)]), "expected an axis of 2, got 9"),
    "an order of no axes": (model([of("Transpose", perm=[0, 0])]), "an order of 2 axes"),
    "Squeeze of features": (model([of("Squeeze", "a")], [("a", SHAPE([1]))]), "axis 1 to be of length 1"),
    "a shape of two unknowns": (model([of("Reshape", "s")], [("s", SHAPE([-1, -1, 4]))]), "no layer divides axes"),
    "means of nothing": (model([of("ReduceMean")], inputs=PICTURES), "expected axes of pixels"),
    "means of channels": (model([of("ReduceMean", axes=[1], keepdims=0)], inputs=PICTURES), "mean of all pixels"),
    "a join of other shapes": (
        model([(*of("MatMul", "w")[:2], ["a"], {}), ("Concat", ["x", "a"], ["b"], {"axis": 1}),
               ("Sum", ["b", "x"], ["y"], {})], SQUARE), "of one shape"),
    "a join along the batch": (model([relu("x", "a"), ("Concat", ["x", "a"], ["y"], {"axis": 0})]), "behind the batch's"),
    "twice the input": (model([("Sum", ["x", "x"], ["y"], {})]), "got none on several"),
    "activations": (cell("RNN", 1, activations=["Relu"]), "expected the activations Tanh, got"),
    "a clip": (cell("RNN", 1, clip=1.0), "expected clip=None"),
    "a reset before": (cell("GRU", 3), "linear_before_reset=1"),
    "a first state": (cell("RNN", 1, constants=[("", 0), ("", 0), ("h", np.ones((1, 1, 3), np.float32))]), "to be zeros"),
    "lengths": (cell("RNN", 1, constants=[("", 0), ("l", SHAPE([1]))]), "got sequence_lens"),
    "a direction": (cell("RNN", 1, direction="sideways"), "a direction of ONNX's"),
    "a way back alone": (cell("RNN", 1, direction="reverse"), "got it turned round"),
    "the end of a way back": (cell("RNN", 1, ("", "y"), direction="reverse"), "that none has"),
    "another hidden_size": (cell("RNN", 1, hidden_size=4), "to be that of R, 3, got 4"),
    "two axes": (
        model([of("RNN", "w", "r")],
              [("w", np.ones((1, 3, 4), np.float32)), ("r", np.ones((1, 3, 3), np.float32))]), "three axes, got 2"),
    "a circle of nothing": (model([("Constant", [], ["y"], {"value_int": 1}), relu("x", "z")]), "depends on the input"),
    "a text as a constant": (model([("Constant", [], ["c"], {"value_string": "a"}), of("MatMul", "c")]), "constant of numbers"),
    "a list of graphs": (model([of("Relu", body=onnx.GraphProto())]), "no setting body"),
    "a giant Gather": (
        model([("Gather", ["w", "i"], ["v"], {}), of("MatMul", "v")], [*SQUARE, ("i", np.zeros(100_000, int))]), "constant of fewer"),
    "places that are no numbers": (
        model([("Gather", ["w", "w"], ["v"], {}), of("MatMul", "v")], SQUARE), "places to be whole numbers"),
    "two numbers everywhere": (
        model([("Expand", ["w", "s"], ["v"], {}), of("MatMul", "v")], [("w", np.arange(4.0)), ("s", SHAPE([4, 4]))]),
        "one number everywhere"),
    "a filling of two": (
        model([("ConstantOfShape", ["s"], ["v"], {"value": onnx.numpy_helper.from_array(ROW)}), of("MatMul", "v")],
              [("s", SHAPE([4, 4]))]), "expected one number"),
    "a factor of infinity": (model([of("Mul", "w")], [("w", np.float32(np.inf))]), "alone or together, got Mul"),
    "a division by zero": (model([of("Div", "w")], [("w", np.float32(0))]), "alone or together, got Div"),
    "a formula of other axes": (
        model([("Transpose", ["x"], ["t"], {"perm": [1, 0]}), ("Sigmoid", ["x"], ["a"], {}), ("Mul", ["t", "a"], ["y"], {})],
              inputs=(("x", [4, 4]),)), "lie differently"),
    "a formula that repeats the batch": (
        model([("Unsqueeze", ["x", "a"], ["u"], {}), ("Sigmoid", ["x"], ["s"], {}), ("Mul", ["u", "s"], ["y"], {})],
              [("a", SHAPE([1]))]), "lie differently"),
    "a LayerNormalization of other shapes": (
        model([("ReduceMean", ["x"], ["m"], {"axes": [-1]}), ("Sub", ["x", "m"], ["d"], {}), ("Mul", ["d", "d"], ["q"], {}),
               ("ReduceMean", ["q"], ["v"], {"axes": [-1]}), ("Add", ["v", "e"], ["p"], {}), ("Sqrt", ["p"], ["r"], {}),
               ("Div", ["d", "r"], ["n"], {}), ("Mul", ["n", "w"], ["s"], {}), ("Add", ["s", "b"], ["y"], {})],
              [("e", ONE), ("w", ROW), ("b", np.ones((1, 4), np.float32))]), "alone or together, got ReduceMean"),
    "a shape that isn't known": (
        model([("Shape", ["x"], ["s"], {}), ("Add", ["s", "s"], ["t"], {}), of("Reshape", "t")]), "that are known"),
    "a length times another": (
        model([("Shape", ["x"], ["s"], {}), ("Mul", ["s", "two"], ["t"], {}), of("Reshape", "t")], [("two", SHAPE([2, 2]))]),
        "known, or only joined"),
}  # fmt: skip


@pytest.fixture
def file(tmp_path):
    return tmp_path / "model.onnx"


@pytest.mark.filterwarnings("ignore:load. the axes of the network")
@pytest.mark.parametrize("what", TAKEN)
def test_an_operator_becomes_a_layer(what, file):
    found, name = TAKEN[what]
    file.write_bytes(found.SerializeToString())
    assert [type(layer).__name__ for layer in load(file).layers] == [name]


@pytest.mark.parametrize("what", REFUSED)
def test_what_no_layer_has_is_refused_by_name(what, file):
    found, words = REFUSED[what]
    file.write_bytes(found.SerializeToString())
    with pytest.raises(ValueError, match=words) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}: ")
