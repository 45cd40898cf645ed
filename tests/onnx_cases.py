"""What the tests of models in ONNX share."""

from pathlib import Path
from typing import Any

import numpy as np

from Interop.onnx_in import model as reading
from Layers.Base import without_first_values
from Layers.BatchNormalization import BatchNormalization
from Layers.Composite import everything
from Models import Autoencoder, CharacterRNN, LeNet, LeNet5, MultilayerPerceptron, ResNet
from NeuralNetwork import NeuralNetwork
from tests.layer_cases import LayerCase

#: Models that others have made, see `oracles/make_onnx_models.py`.
FOLDER = Path(__file__).parent / "data" / "onnx"
#: What comes to each and what it gives, by "name.inputs" and "name.outputs".
EXPECTED = FOLDER / "expected.npz"
#: Each model, the shape of a sample for it, and how many different whole numbers its input has.
MODELS: dict[str, tuple[Any, tuple[int | None, ...], int | None]] = {
    "Autoencoder": (lambda **options: Autoencoder.build((1, 6, 6), hidden=(9,), **options), (1, 6, 6), None),
    "CharacterRNN of GRU": (lambda **options: CharacterRNN.build(12, (8, 7), **options), (None,), 12),
    "CharacterRNN of LSTM": (lambda **options: CharacterRNN.build(12, (8,), "LSTM", **options), (None,), 12),
    "CharacterRNN of RNN": (lambda **options: CharacterRNN.build(12, (8,), "RNN", **options), (None,), 12),
    "LeNet": (lambda **options: LeNet.build((1, 12, 13), **options), (1, 12, 13), None),
    "LeNet5": (lambda **options: LeNet5.build((2, 16, 14), **options), (2, 16, 14), None),
    "MultilayerPerceptron": (lambda **options: MultilayerPerceptron.build((1, 5, 5), **options), (1, 5, 5), None),
    "ResNet": (lambda **options: ResNet.build(depth=8, width=4, **options), (3, None, None), None),
}


def with_averages(net: NeuralNetwork) -> NeuralNetwork:
    """The network with moving averages such as a training leaves."""
    rng = np.random.default_rng(5)
    for layer in everything(net.layers):
        if isinstance(layer, BatchNormalization):
            layer.moving_mean = rng.normal(size=layer.channels).astype(net.dtype)
            layer.moving_variance = rng.uniform(0.5, 2, layer.channels).astype(net.dtype)
    return net


def network_of(case: LayerCase, dtype: str = "float64") -> NeuralNetwork:
    """A network of one layer."""
    net = NeuralNetwork(dtype=dtype)
    net.layers.append(case.build(dtype))
    return with_averages(net)


def inputs_of(case: LayerCase, dtype: str) -> np.ndarray:
    """A batch for it; whole numbers as they are."""
    return case.inputs("int64" if case.vocabulary else dtype)


def samples(shape: tuple[int | None, ...], vocabulary: int | None, dtype: str, batch: int, length: int) -> np.ndarray:
    """A batch for a model, whose axes of any length have this one."""
    rng, whole = np.random.default_rng(batch), (batch, *(length if axis is None else axis for axis in shape))
    return rng.integers(0, vocabulary, whole) if vocabulary else rng.random(whole).astype(dtype)


def run(file: Path | str, inputs: np.ndarray) -> np.ndarray:
    """What onnxruntime makes of an input."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), quiet(onnxruntime), providers=["CPUExecutionProvider"])
    output: np.ndarray = session.run(None, {session.get_inputs()[0].name: inputs})[0]
    return output


def quiet(onnxruntime: Any) -> Any:
    """Options of a session on one thread that says nothing of operators that it doesn't have."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    return options


def as_the_model(file: Path | str, inputs: np.ndarray, output: str | None = None) -> np.ndarray:
    """What the network of a model makes of an input, whose axes lie as in the model, and so do those that are given."""
    import onnx

    net, given, gives, axes = without_first_values(reading.load, file, output, onnx)
    rest = [axis for axis in range(inputs.ndim) if axis not in given]
    found = net.test(inputs.transpose(*given, *rest).reshape([inputs.shape[axis] for axis in given]))
    others = [axis for axis in range(axes) if axis not in gives]
    return found.reshape(*found.shape, *(1,) * len(others)).transpose(np.argsort([*gives, *others]))


def model(
    nodes: Any,
    constants: Any = (),
    inputs: Any = (("x", [None, 4]),),
    outputs: Any = ("y",),
    opset: int = 17,
    kind: Any = None,
) -> Any:
    """A model with operators as they are given."""
    from onnx import TensorProto, helper, numpy_helper

    kind = TensorProto.FLOAT if kind is None else kind
    graph = helper.make_graph(
        [helper.make_node(*node[:3], name=f"node {number}", **node[3]) for number, node in enumerate(nodes)],
        "graph",
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in inputs],
        [helper.make_tensor_value_info(name, kind, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def relu(given: str, gives: str) -> Any:
    """An operator that each network has a layer for."""
    return "Relu", [given], [gives], {}
