"""Through a model's operators, each by its rule."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from Interop.onnx_in import tensors
from Interop.onnx_in.call import Anything, Call, Room
from Interop.onnx_in.file import Model
from Interop.onnx_in.points import Atom, Filled, Flow, Point
from Interop.onnx_in.rules import (
    activations,
    affine,
    constants,
    features,
    formulas,
    images,
    joins,
    normalizations,
    recurrent,
    resizing,
    shapes,
)

Rule = Callable[[Call], Any]

#: What an operator is where something of the model's input comes to it.
RULES: Mapping[str, Rule] = {
    "Add": lambda call: _joined_or_formula(call, joins.add),
    "AveragePool": images.average_pool,
    "BatchNormalization": normalizations.batch_normalization,
    "Cast": activations.cast,
    "Celu": activations.celu,
    "Clip": activations.clip,
    "Concat": joins.concat,
    "Conv": images.conv,
    "ConvTranspose": images.conv_transpose,
    "Dropout": activations.dropout,
    "Elu": activations.elu,
    "Flatten": shapes.flatten,
    "GRU": recurrent.recurrent,
    "Gather": features.gather,
    "Gelu": activations.gelu,
    "Gemm": features.gemm,
    "GlobalAveragePool": images.global_average_pool,
    "Identity": activations.same,
    "LSTM": recurrent.recurrent,
    "LayerNormalization": normalizations.layer_normalization,
    "LeakyRelu": activations.leaky_relu,
    "MatMul": features.matmul,
    "MaxPool": images.max_pool,
    "PRelu": activations.prelu,
    "Pad": images.pad,
    "RNN": recurrent.recurrent,
    "ReduceMean": shapes.reduce_mean,
    "Relu": activations.relu,
    "Reshape": shapes.reshape,
    "Resize": resizing.resize,
    "Shape": shapes.shape,
    "Sigmoid": activations.sigmoid,
    "Slice": shapes.cut,
    "Softmax": activations.softmax,
    "Softplus": activations.softplus,
    "Squeeze": shapes.squeeze,
    "Sum": joins.add,
    "Swish": activations.swish,
    "Tanh": activations.tanh,
    "Transpose": shapes.transpose,
    "Unsqueeze": shapes.unsqueeze,
    "Upsample": resizing.resize,
    **dict.fromkeys(
        ("Abs", "Div", "Erf", "Exp", "Greater", "Log", "Max", "Min", "Mul", "Neg", "Pow", "Reciprocal", "Sqrt", "Sub"),
        formulas.formula,
    ),
    "Where": formulas.formula,
    "ai.onnx.ml.Scaler": affine.scaler,
    "ai.onnx.ml.ZipMap": activations.zip_map,
}
#: The same where all that comes is constant.
OF_CONSTANTS: Mapping[str, Rule] = {
    "Cast": activations.cast,
    "Concat": constants.concatenated,
    "Constant": constants.constant,
    "ConstantOfShape": constants.constant_of_shape,
    "Expand": constants.expand,
    "Gather": constants.taken,
    "Identity": activations.same,
    "Reshape": shapes.reshape,
    "Slice": shapes.cut,
    "Squeeze": shapes.squeeze,
    "Transpose": shapes.transpose,
    "Unsqueeze": shapes.unsqueeze,
    **dict.fromkeys(constants.FUNCTIONS, constants.computed),
}
#: What an operator may give for each sample: 8 GB in float32.
_MOST_NUMBERS = 2**31
#: What changes nothing about an array of one number everywhere, but its shape.
_OF_SHAPES = {"Cast", "Concat", "Expand", "Gather", "Identity", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze"}


def read(model: Model, dtype: np.dtype) -> Flow:
    """What the model gives, as a way through layers.

    Raises ValueError with the names of all operators that there is no rule for; or of the first one whose settings no
    layer has.
    """
    unknown = [one for one in model.operators if one.kind not in RULES and one.kind not in OF_CONSTANTS]
    if unknown:
        raise ValueError(
            "expected operators that this library has layers for, got "
            + ", ".join(f"{one.kind} ({one.name!r})" for one in unknown[:20])
            + (f" and {len(unknown) - 20} more" if len(unknown) > 20 else "")
        )

    room, taken = Room(), dict[str, int]()

    def array(tensor: Any) -> np.ndarray:
        return room.widen(tensors.array(tensor, model.folder, taken))

    values: dict[str, Anything] = {"": None, model.input.name: _input(model)}
    wanted = {name for operator in model.operators for name in operator.inputs}
    values |= {name: array(tensor) for name, tensor in model.constants.items() if name in wanted}
    for operator in model.operators:
        missing = [name for name in operator.inputs if name not in values]
        if missing:
            raise ValueError(f"operator {operator.name!r} ({operator.kind}): {_not_given(model, missing[0])}")
        call = Call(operator, [values[name] for name in operator.inputs], model.opset, dtype, array, room)
        try:
            found = _rule(call)(call)
            call.refuse_what_is_unread()
            found = [*map(_as_numbers, found)] if isinstance(found, list) else [_as_numbers(found)]
        except (TypeError, ValueError, IndexError, OverflowError, ZeroDivisionError) as error:
            name = f"operator {operator.name!r} ({operator.kind})"
            text = str(error)
            raise ValueError(text if text.startswith(name) else f"{name}: {text}") from error
        for value in found:
            if isinstance(value, Flow):
                _refuse_giants(value, call)
            elif isinstance(value, np.ndarray) and not any(value is one for one in call.inputs):
                call.take_room(value.nbytes)
        for name, value in zip(operator.outputs, found, strict=False):
            if name and value is not None:
                values[name] = value
    if model.output not in values:
        raise ValueError(_not_given(model, model.output))
    last = values[model.output]
    if not isinstance(last, Flow):
        raise ValueError(f"expected an output that depends on the input, got {model.output[:50]!r}, which does not")
    return last


def _refuse_giants(flow: Flow, call: Call) -> None:
    """Raise ValueError for what no memory holds, which a few operators, each of them modest, may add up to."""
    sizes = [atom.size for axis in flow.axes for atom in axis if atom.size is not None and not atom.free]
    if (numbers := math.prod(sizes)) > _MOST_NUMBERS:
        call.refuse(
            f"expected at most {_MOST_NUMBERS:,} numbers for each sample, as memory has to hold them, got {numbers:,}"
        )


def _as_numbers(value: Anything) -> Anything:
    """Lengths of axes that are known after all, as the whole numbers that they are."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        if all(isinstance(one, int | np.integer) for one in value.flat):
            return value.astype(np.int64)
    return value


def _not_given(model: Model, name: str) -> str:
    maker = next(operator for operator in model.operators if name in operator.outputs)
    return f"expected what a layer gives, got {name[:50]!r}, an output of {maker.kind} ({maker.name!r}) that none has"


def _rule(call: Call) -> Rule:
    kind, given = call.operator.kind, [value for value in call.inputs if value is not None]
    if any(isinstance(value, Flow) for value in given):
        if kind in RULES:
            return RULES[kind]
    elif any(isinstance(value, Filled) for value in given) and kind in _OF_SHAPES:
        return _still_filled
    elif kind in OF_CONSTANTS and (given or kind == "Constant"):
        return OF_CONSTANTS[kind]
    elif kind == "Shape":
        return shapes.shape
    call.refuse("expected what comes to it to come from the model's input" if kind in RULES else "no layer does this")


def _still_filled(call: Call) -> Filled:
    call.settings_say_nothing()
    return next(value for value in call.inputs if isinstance(value, Filled))


def _joined_or_formula(call: Call, join: Rule) -> Any:
    """Two ways that come together, or a part of a formula; which of both is seen by what it ends in."""
    if all(isinstance(value, Flow) for value in call.inputs) and len(call) == 2:
        found = formulas.formula(call) if formulas.may_be_one(call) else None
        if isinstance(found, Flow) and found.point.layer is not None:
            return found
        return join(call)
    return formulas.formula(call)


def _input(model: Model) -> Flow:
    """The input as a point; its first axis may be of any length."""
    kind = model.input.type.tensor_type
    sizes = [one.dim_value if one.HasField("dim_value") else None for one in kind.shape.dim]
    if not kind.HasField("shape") or not sizes:
        raise ValueError(f"expected an input of known number of axes, got {model.input.name[:50]!r} without")
    if any(size is not None and size < 1 for size in sizes) or len(sizes) > 8:
        raise ValueError(f"expected an input of at least one number, got the shape {sizes[:10]}")
    whole = kind.elem_type in activations.WHOLE
    axes = tuple((Atom(size, free=place == 0),) for place, size in enumerate(sizes))
    return Flow(Point("input", model.input.name[:100], axes=axes, settings={"axes": axes, "whole": whole}), axes)
