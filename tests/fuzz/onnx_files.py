"""Models in ONNX: damaged bytes, and edits of what they say.

A model that loads has to be printed, saved, and to give numbers; of inputs that don't fit it, it says so.
"""

import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnx

import NeuralNetwork as networks
from Interop.Onnx import export, load
from Layers.Bidirectional import Bidirectional
from Layers.Composite import everything
from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.Embedding import Embedding
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.GELU import GELU
from Layers.GlobalAveragePooling import GlobalAveragePooling
from Layers.GRU import GRU
from Layers.Initializers import Constant, He
from Layers.LastStep import LastStep
from Layers.LSTM import LSTM
from Layers.Parallel import Parallel
from Layers.Pooling import Pooling
from Layers.ReLU import ReLU
from Layers.Residual import Residual
from Layers.SoftMax import SoftMax
from Layers.TransposedConv import TransposedConv
from Layers.Upsampling import Upsampling
from tests.fuzz import limits, mutators
from tests.fuzz.kinds import Kind
from tests.onnx_cases import FOLDER

#: What a network says of inputs that aren't for it, and of numbers that lead nowhere.
INPUTS_DO_NOT_FIT = re.compile(r"expected (input|images|an input|layers and shortcut|branches|axis|lengths of)|finite")
#: Beyond such strides and factors a network is not run: what it gives is as large as was asked for.
_LARGEST = 16


def _networks() -> list[tuple[list[Any], tuple[int | None, ...]]]:
    pictures = [Conv(1, (1, 3, 3), 2), ReLU(), Pooling(2, 2, padding=1), Residual([Conv(1, (2, 3, 3), 2)])]
    larger = [Upsampling(2), TransposedConv(2, (2, 3, 3), 1), Parallel([ReLU(), GELU()], "concatenate")]
    words = [Embedding(5, 3), Bidirectional(LSTM(3, 2)), GRU(4, 3, 2), LastStep(), SoftMax()]
    return [
        ([*pictures, Flatten(), Dropout(0.5), FullyConnected(18, 3), SoftMax()], (1, 5, 5)),
        ([*larger, GlobalAveragePooling()], (2, 4, 4)),
        (words, (None,)),
    ]


def seeds(folder: Path) -> list[bytes]:
    """Three models of ours, and some that others have made."""
    contents = []
    for layers, shape in _networks():
        net = networks.NeuralNetwork(None, He(rng=1), Constant(0.1))
        for layer in layers:
            net.append_layer(layer)
        export(net, folder / "model", shape)
        contents.append((folder / "model").read_bytes())
    others = ("pytorch_resnet_old", "pytorch_gru_last_new", "pytorch_activations_old", "keras_residual")
    return contents + [(FOLDER / f"{name}.onnx").read_bytes() for name in others]


class Unusable(Exception):
    """A network that was loaded can't be used."""


def use(path: Path) -> None:
    """Load a model, and do with it what one does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of axes in another order
        net = load(path)
        repr(net), str(net), repr(net.layers)
        with limits.apart():
            networks.save(path.with_name("again"), net)
        if any(max(_numbers(layer), default=0) > _LARGEST for layer in everything(net.layers)):
            return
        for shape in ((2, 1, 5, 5), (2, 2, 4, 4), (2, 3, 6, 6), (2, 3, 8, 8), (2, 5, 3), (2, 4), (2, 5)):
            try:
                with np.errstate(all="ignore"):  # numbers may be anything
                    net.test(np.zeros(shape))
            except (ValueError, RuntimeError) as error:
                if not INPUTS_DO_NOT_FIT.search(str(error)):
                    raise Unusable(f"loads and then: {type(error).__name__}: {error}") from error


def _numbers(layer: Any) -> list[int]:
    found: list[int] = []
    for name in ("stride_shape", "scale", "dilation"):
        found += getattr(layer, name, ())
    return found


def edited(contents: Sequence[bytes], rng: Random) -> bytes:
    """A model in which one to three things are others: a number, a name, an operator, a tensor's shape."""
    model = onnx.ModelProto.FromString(rng.choice(contents))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        _edit(model, rng)
    content: bytes = model.SerializeToString()
    return content


def _edit(model: Any, rng: Random) -> None:
    message = rng.choice(_messages(model))
    fields = message.ListFields()
    if not fields:
        return
    field, value = rng.choice(fields)
    if field.type == field.TYPE_MESSAGE:
        if hasattr(value, "append") or hasattr(value, "add"):
            _edit_row(value, rng)
        else:
            message.ClearField(field.name)
    elif hasattr(value, "append"):
        _edit_row(value, rng, lambda: _other(field, model, rng))
    elif rng.random() < 0.2:
        message.ClearField(field.name)
    else:
        setattr(message, field.name, _other(field, model, rng))


def _edit_row(row: Any, rng: Random, other: Any = None) -> None:
    """One of several is left out, doubled, moved, or another one."""
    place = rng.randrange(len(row))
    match rng.randrange(4):
        case 0:
            del row[place]
        case 1 if hasattr(row, "add"):
            row.add().CopyFrom(row[place])
        case 1:
            row.append(row[place])
        case 2 if not hasattr(row, "add"):
            row[place] = row[rng.randrange(len(row))]
        case 2:
            copied = [type(one).FromString(one.SerializeToString()) for one in row]
            rng.shuffle(copied)
            del row[:]
            row.extend(copied)
        case _ if other is not None:
            row[place] = other()


def _other(field: Any, model: Any, rng: Random) -> Any:
    """Another value for a field."""
    if field.type == field.TYPE_STRING:
        return rng.choice((*_words(model), *(word for word in mutators.WORDS if word != "\x00"), "a\0b"))
    if field.type == field.TYPE_BYTES:
        return rng.choice((b"", b"\0" * 8, b"SAME_UPPER", b"reverse", b"linear", b"\xff" * 40))
    if field.cpp_type in (field.CPPTYPE_FLOAT, field.CPPTYPE_DOUBLE):
        return rng.choice(mutators.NUMBERS)
    if field.cpp_type == field.CPPTYPE_ENUM:
        return rng.choice([one.number for one in field.enum_type.values])
    bits = 31 if field.cpp_type in (field.CPPTYPE_INT32, field.CPPTYPE_UINT32) else 63
    fitting = [number for number in mutators.INTEGERS if -(2**bits) <= number < 2**bits]
    least = 0 if field.cpp_type in (field.CPPTYPE_UINT32, field.CPPTYPE_UINT64) else -(2**bits)
    return rng.choice([number for number in fitting if number >= least])


def _words(model: Any) -> list[str]:
    """Names of the model, and of operators."""
    found = [name for node in model.graph.node for name in (*node.input, *node.output, node.op_type)]
    return sorted(
        {*found, "Slice", "Pad", "Resize", "Concat", "Expand", "Gather", "Transpose", "Reshape", "RNN", "Clip"}
    )


def _messages(message: Any) -> list[Any]:
    """All parts of a model."""
    found = [message]
    for one in found:
        for field, value in one.ListFields():
            if field.type == field.TYPE_MESSAGE:
                found += list(value) if hasattr(value, "add") else [value]
    return found


def is_of_the_folder(path: str) -> bool:
    """Whether a file may be opened: one beside the model, as its constants may be."""
    return "/files/" in path


KINDS = [
    Kind("onnx bytes", seeds, use, filename="model.onnx", share=2, may_open=is_of_the_folder),
    Kind("onnx edits", seeds, use, edited, filename="model.onnx", share=3, may_open=is_of_the_folder),
]
