"""Networks as models in ONNX, and such models as networks of this library's layers.

    export(net, "digits.onnx", (1, 28, 28))
    net = load("digits.onnx")

A model in ONNX runs wherever there is a runtime for it: onnxruntime, in a browser, on a phone. What is exported is the
network as it is in use, the testing phase. `onnx_out/` has the rules by which layers become operators, `onnx_in/` those
by which operators become layers. Both need the package onnx: `pip install "classic-deep-learning[onnx]"`.
"""

import copy
import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import DTypeLike

from Foundation import Checks
from Foundation.Files import replacing
from Interop.extras import needed
from Interop.onnx_in import model as reading
from Interop.onnx_out import model, rules
from Interop.onnx_out.graph import Graph as Graph
from Interop.onnx_out.graph import Value as Value
from Layers.Base import without_first_values
from Network import expectations, turns
from NeuralNetwork import NeuralNetwork

__all__ = ["Graph", "Value", "export", "export_rule", "load"]

#: What axes of any length are called, by the number of axes of a sample.
_NAMES: dict[int, tuple[str, ...]] = {1: ("time",), 2: ("time", "features"), 3: ("channels", "y", "x")}


def export(
    net: Any,
    file: str | os.PathLike,
    input_shape: Sequence[int | str | None] | None = None,
    *,
    dtype: DTypeLike = "float32",
    opset: int = model.FIRST_OPSET,
) -> None:
    """Write a network as a model in ONNX, checked by `onnx.checker`.

    Its input is called "input", its output "output". Each operator and constant is named after the layer that it is of,
    as `print(net)` numbers them: "3.Conv.weights". With it, as JSON in the model's metadata: `class_names`,
    `preparation` (what new data has to go through), `layers`, `loss_layer`, `dtype` and `iterations`.

    Shapes: the model's input is `(batch, *input_shape)`, with a batch of any length; its output the network's. For one
    sequence of a recurrent network, `(time, features)`, it is `(features,)`; for a row of whole numbers ().

    Args:
        net: a `NeuralNetwork`. It stays as it is, and may be in training.
        file: the file's name, which should end with ".onnx"; an earlier one is replaced when all is done.
        input_shape: of one sample, such as `(1, 28, 28)`; None or a name stands for an axis of any length, `(None, 8)`
            for sequences (None: that of the data that the network has learnt from).
        dtype: "float32", which every runtime computes in; or "float64", for all digits of a network of float64:
            onnxruntime has no Conv, AveragePool, GlobalAveragePool, Resize, Erf and no recurrent operators in it
            ("float32").
        opset: version of the operators; 17 is the oldest that has `LayerNormalization`, and every runtime since 2022
            reads it. With 20, `GELU` is one operator (17).

    Raises:
        ModuleNotFoundError: where the package onnx is missing.
        TypeError, ValueError: for what is no network, for layers without a rule (see `export_rule`), for an input that
            the layers don't take, and for recurrent layers that carry their state on: before a file is touched.

    >>> import tempfile
    >>> from Models import MultilayerPerceptron
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export(MultilayerPerceptron.build(rng=0), folder + "/digits.onnx", (1, 28, 28))
    ...     os.listdir(folder)
    ['digits.onnx']
    """
    expectations.check_network(net, "export")
    if not isinstance(file, str | os.PathLike):
        raise TypeError(f"export: expected a file's name as the second argument, got {file!r}")
    onnx = needed("onnx", "onnx", "export")
    expectations.check_layers(net.layers, "export")
    axes = _axes(net, input_shape)
    kind = Checks.float32_or_float64(dtype, "export")
    latest = onnx.defs.onnx_opset_version()
    opset = Checks.integer(opset, "export", "opset", least=model.FIRST_OPSET)
    if opset > latest:
        raise ValueError(f"export: expected opset from {model.FIRST_OPSET} to {latest}, which onnx knows, got {opset}")
    layers = turns.between_iterations(net, copy.deepcopy, net.layers)
    content = model.written(net, layers, axes, kind, opset, onnx)
    with replacing(file) as opened:
        opened.write(content)


def load(file: str | os.PathLike, *, output: str | None = None) -> NeuralNetwork:
    """The network that a model in ONNX is, whoever has made it: PyTorch's exporter, Keras', scikit-learn's.

    It has float64 where the model has, else float32, and whatever our layers need to go on training but an optimizer
    and a loss. The order of its axes may be another one, of which is warned: it takes `(batch, channels, y, x)` and
    `(batch, time, features)`, where some models take channels last, or time first. Axes of length 1 that a model has
    more are left out.

    Nothing in the file is executed. It may be refused, whoever it is from, and takes no more memory than a few times
    its size.

    Args:
        file: the file's name; constants in files beside it are read, from its own folder alone.
        output: the name of the output, or of any value within the model, that the network is to give; what isn't needed
            for it isn't read (None: the only output that the model has).

    Raises:
        ModuleNotFoundError: where the package onnx is missing.
        OSError: where the file can't be read.
        ValueError: naming the file, where it is damaged, has several inputs or another version of operators, and where
            operators are in the way that no layer is, with their names.

    >>> import tempfile
    >>> from Models import MultilayerPerceptron
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export(MultilayerPerceptron.build((8,), hidden=(6,), rng=0), folder + "/digits.onnx", (8,))
    ...     [type(layer).__name__ for layer in load(folder + "/digits.onnx").layers]
    ['FullyConnected', 'ReLU', 'FullyConnected', 'SoftMax']
    """
    if not isinstance(file, str | os.PathLike):
        raise TypeError(f"load: expected a file's name, got {file!r}")
    if output is not None and not isinstance(output, str):
        raise TypeError(f"load: expected output to be a name, got {output!r}")
    onnx = needed("onnx", "onnx", "load")
    found = without_first_values(reading.load, file, output, onnx)
    for what, order in (("input", found.input_order), ("output", found.output_order)):
        if order != list(range(len(order))):
            warnings.warn(
                f"load: the axes of the network's {what} are those numbered {order} of the model's", stacklevel=2
            )
    return found.network


def export_rule(layer_class: type) -> Callable[[rules.Rule], rules.Rule]:
    """Let `export` know what a layer of your own is in ONNX.

    The rule is a function of the layer, the graph and the value that comes to the layer, and gives the value that goes
    out of it. `graph.node` adds an operator, `graph.constant` a constant, `graph.layer` all that another layer needs,
    one that it holds. It holds for this class alone, not for those derived from it.

    Raises TypeError for what is no class, ValueError for one that has a rule already.

    >>> from Layers.ReLU import ReLU
    >>> class Twice(ReLU):
    ...     pass
    >>> @export_rule(Twice)
    ... def twice(layer, graph, value):
    ...     return graph.node("Mul", graph.node("Relu", value), graph.constant(2.0))
    """
    if not isinstance(layer_class, type):
        raise TypeError(f"export_rule: expected a class, got {layer_class!r}; write @export_rule(MyLayer)")
    if layer_class in rules.RULES:
        raise ValueError(f"export_rule: {layer_class.__name__} has a rule already")

    def register(rule: rules.Rule) -> rules.Rule:
        if not callable(rule):
            raise TypeError(f"export_rule: expected a function of layer, graph and value, got {rule!r}")
        rules.RULES[layer_class] = rule
        return rule

    return register


def _axes(net: Any, input_shape: Any) -> list[int | str]:
    """The axes of the input: lengths, or names of those of any length."""
    if input_shape is None:
        input_shape = _of_the_data(net.preparation)
    if isinstance(input_shape, str) or not hasattr(input_shape, "__len__"):
        raise TypeError(f"export: expected input_shape to be of one sample, (1, 28, 28) say, got {input_shape!r}")
    names = _NAMES.get(len(input_shape), ())
    axes: list[int | str] = ["batch"]
    for place, length in enumerate(input_shape):
        if length is None:
            length = names[place] if place < len(names) else f"axis_{place + 1}"
        if not isinstance(length, str):
            length = Checks.positive_integer(length, "export", "each length of input_shape")
        elif not length or length in axes:
            raise ValueError(f"export: expected a name of its own for each axis of any length, got {input_shape!r}")
        axes.append(length)
    return axes


def _of_the_data(preparation: Any) -> Sequence[int | None]:
    """The shape of a sample as it comes out of a preparation."""
    if hasattr(preparation, "image_size"):
        height, width, channels = preparation.image_size
        return channels, height, width
    if hasattr(preparation, "sample_shape"):
        shape: Sequence[int | None] = preparation.sample_shape
        return shape
    raise ValueError(
        "export: expected input_shape of one sample, (1, 28, 28) say, as the network does not know its data; got None"
    )
