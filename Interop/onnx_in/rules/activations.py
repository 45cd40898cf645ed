"""Operators that look at each number for itself, and Softmax."""

import numpy as np

from Interop.onnx_in.call import Anything, Call
from Interop.onnx_in.points import Flow, Point
from Layers.Dropout import Dropout
from Layers.ELU import ELU
from Layers.GELU import GELU
from Layers.LeakyReLU import LeakyReLU
from Layers.ReLU import ReLU
from Layers.Sigmoid import Sigmoid
from Layers.SiLU import SiLU
from Layers.SoftMax import SoftMax
from Layers.Softplus import Softplus
from Layers.TanH import TanH

#: ONNX's types of whole numbers.
WHOLE = (6, 7)


def relu(call: Call) -> Anything:
    """ReLU."""
    return call.elementwise(ReLU())


def sigmoid(call: Call) -> Anything:
    """Sigmoid."""
    return call.elementwise(Sigmoid())


def tanh(call: Call) -> Anything:
    """TanH."""
    return call.elementwise(TanH())


def leaky_relu(call: Call) -> Anything:
    """LeakyReLU."""
    return call.elementwise(LeakyReLU(call.number("alpha", 0.01)))


def prelu(call: Call) -> Anything:
    """LeakyReLU, where there is one slope for all."""
    slopes = call.array(1, "the slopes")
    if not slopes.size or (slopes != slopes.flat[0]).any():
        call.refuse("expected one slope for all numbers, as LeakyReLU has")
    return call.elementwise(LeakyReLU(float(slopes.flat[0])))


def elu(call: Call) -> Anything:
    """ELU."""
    return call.elementwise(ELU(call.number("alpha", 1.0)))


def celu(call: Call) -> Anything:
    """ELU, which is the same for α = 1."""
    call.require("alpha", 1.0, 1.0, "with another one it is no ELU")
    return call.elementwise(ELU())


def softplus(call: Call) -> Anything:
    """Softplus."""
    return call.elementwise(Softplus())


def gelu(call: Call) -> Anything:
    """GELU."""
    call.require("approximate", "none", "none", "GELU is the exact one")
    return call.elementwise(GELU())


def swish(call: Call) -> Anything:
    """SiLU."""
    call.require("alpha", 1.0, 1.0, "SiLU has 1")
    return call.elementwise(SiLU())


def softmax(call: Call) -> Anything:
    """SoftMax along the last axis."""
    flow = call.flow()
    axis = call.axis(call.integer("axis", -1 if call.opset >= 13 else 1), len(flow.axes))
    if axis != len(flow.axes) - 1:
        call.refuse(f"expected the last axis, as SoftMax has it, got axis {axis} of {len(flow.axes)}")
    return call.on_features(SoftMax(), flow)


def clip(call: Call) -> Anything:
    """ReLU, where it cuts off nothing but what is below 0."""
    least = call.number("min", -np.inf) if call.opset < 11 else _bound(call, 1, -np.inf)
    most = call.number("max", np.inf) if call.opset < 11 else _bound(call, 2, np.inf)
    if least != 0 or most < 3.4e38:
        call.refuse(f"expected the bounds of a ReLU, 0 and none, got {least:g} and {most:g}")
    return call.elementwise(ReLU())


def _bound(call: Call, place: int, default: float) -> float:
    return default if call.given(place) is None else float(call.array(place, "the bound").reshape(-1)[0])


def dropout(call: Call) -> Anything:
    """Dropout, which only trains."""
    share = call.number("ratio", 0.5)
    if call.given(1) is not None:
        share = float(str(call.array(1, "the ratio").reshape(-1)[0]))  # the decimal that float32 stands for
    if call.given(2) is not None and call.array(2, "training_mode").any():
        if share:
            call.refuse("expected a model in use, got training_mode=True")
    call.integer("seed")
    return call.elementwise(Dropout(1 - share))


def same(call: Call) -> Anything:
    """Nothing is changed."""
    return call.given(0)


def zip_map(call: Call) -> Anything:
    """Probabilities, which scikit-learn's gives by the names of their classes."""
    for name in ("classlabels_int64s", "classlabels_strings"):
        call.setting(name, list, None)
    return call.given(0)


def cast(call: Call) -> Anything:
    """Another type of number, where the network has one alone."""
    value, kind = call.given(0), call.integer("to")
    call.integer("saturate", 1)
    call.word("round_mode", "up")
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return value
        types = {1: np.float32, 6: np.int32, 7: np.int64, 9: np.bool_, 11: np.float64}
        if kind not in types:
            call.refuse(f"expected float32, float64, int32, int64 or bool, got ONNX's type {kind}")
        return value.astype(types[kind])
    if kind not in (1, 6, 7, 11):
        call.refuse(f"expected a type that a network computes in, got ONNX's type {kind}")
    if isinstance(value, Flow) and kind in WHOLE and not value.point.settings.get("whole"):
        # Cuts fractions off, which no layer does; a table looked up in takes none.
        return Flow(
            Point("Cast", call.operator.name, None, (value.point,), value.point.axes, {"whole": True}), value.axes
        )
    return value
