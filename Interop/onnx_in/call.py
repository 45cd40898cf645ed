"""One operator with what comes to it, as a rule sees it."""

import math
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from Foundation.Checks import shape_text
from Interop.onnx_in.file import Operator
from Interop.onnx_in.points import Atom, Axes, Axis, Filled, Flow, Point, longer, places_of, same
from Layers.Flatten import Flatten

#: What an operator takes and gives: constants, or what comes from the input; None where it is left out.
Anything = np.ndarray | Filled | Flow | None


#: What may be made of a model's constants: so many bytes, and as many times as many as they have.
_ROOM, _TIMES = 2**26, 4


class Room:
    """How many bytes may still be made of constants: a few operators may double them, and many copy them."""

    def __init__(self) -> None:
        self.left = _ROOM

    def widen(self, constant: np.ndarray) -> np.ndarray:
        """The constant, which has come from the file."""
        self.left += _TIMES * constant.nbytes
        return constant


class RefusedError(ValueError):
    """An operator does something that no layer does."""


class Call:
    """An operator, its inputs, and its settings, of which none may remain unread.

    Args:
        operator: as it stands in the file.
        inputs: what comes to it.
        opset: version of the operators.
        dtype: what the network computes in.
        array: makes an array of a TensorProto.
        room: what all operators share.
    """

    def __init__(
        self, operator: Operator, inputs: Sequence[Anything], opset: int, dtype: np.dtype, array: Any, room: Room
    ) -> None:
        self.operator, self.inputs, self.opset, self.dtype = operator, list(inputs), opset, dtype
        self._array, self._room = array, room
        self._unread = dict(operator.attributes)

    def refuse(self, why: str) -> NoReturn:
        """Raise ValueError with the operator's name in front."""
        raise RefusedError(f"operator {self.operator.name!r} ({self.operator.kind}): {why}")

    def refuse_what_is_unread(self) -> None:
        """Raise ValueError for a setting that the rule doesn't know."""
        if self._unread:
            names = ", ".join(sorted(map(str, self._unread))[:10])
            self.refuse(f"expected no setting {names}, which this library doesn't know here")

    def settings_say_nothing(self) -> None:
        """Whatever the settings are, they change nothing here."""
        self._unread.clear()

    # What it takes.

    def __len__(self) -> int:
        return len(self.inputs)

    def given(self, place: int) -> Anything:
        """An input, or None."""
        return self.inputs[place] if place < len(self.inputs) else None

    def flow(self, place: int = 0) -> Flow:
        """An input that comes from the model's."""
        value = self.given(place)
        if not isinstance(value, Flow):
            self.refuse(f"expected what comes from the model's input as input {place + 1}, got a constant")
        return value

    def array(self, place: int, what: str) -> np.ndarray:
        """An input that is a constant."""
        value = self.given(place)
        if not isinstance(value, np.ndarray):
            self.refuse(f"expected {what} to be a constant, as a layer's parameters are")
        return value

    def parameter(self, place: int, what: str, shape: Sequence[int | None]) -> np.ndarray:
        """A constant of floats, of a shape in which None is any length."""
        array = self.array(place, what)
        fits = array.ndim == len(shape) and all(b in (None, a) for a, b in zip(array.shape, shape, strict=True))
        if not fits or array.dtype.kind != "f":
            wanted = shape_text(tuple("any" if one is None else one for one in shape))
            self.refuse(f"expected {what} of shape {wanted}, got {shape_text(array.shape)} of {array.dtype}")
        return array

    def whole(self, place: int, setting: str, what: str) -> list[int] | None:
        """Whole numbers that are an input in newer versions, and a setting in older ones; None where left out."""
        if place >= len(self.inputs) or self.inputs[place] is None:
            return self.integers(setting)
        return self.numbers(place, what)

    def numbers(self, place: int, what: str) -> list[int]:
        """A constant of whole numbers, as a list."""
        array = self.array(place, what)
        if array.dtype.kind not in "iu" or array.ndim > 1:
            self.refuse(f"expected {what} to be known whole numbers")
        found: list[int] = np.atleast_1d(array).tolist()
        return found

    # Its settings.

    def setting(self, name: str, kind: type | tuple[type, ...], default: Any) -> Any:
        """A setting, as it stands in the file."""
        value = self._unread.pop(name, default)
        if value is not default and not isinstance(value, kind):
            self.refuse(f"expected {name} of another type, got {str(value)[:50]!r}")
        return value

    def integer(self, name: str, default: int = 0) -> int:
        """A setting that is a whole number."""
        found: int = self.setting(name, int, default)
        return found

    def number(self, name: str, default: float) -> float:
        """A setting that is a number."""
        found: float = self.setting(name, float, default)
        return found

    def word(self, name: str, default: str) -> str:
        """A setting that is a word."""
        found: str = self.setting(name, str, default)
        return found

    def integers(self, name: str) -> list[int] | None:
        """A setting that is whole numbers; None where it is left out."""
        found: list[int] | None = self.setting(name, list, None)
        if found is not None and not all(isinstance(one, int) for one in found):
            self.refuse(f"expected {name} to be whole numbers, got {found[:5]}")
        return found

    def words(self, name: str) -> list[str] | None:
        """A setting that is words."""
        found: list[str] | None = self.setting(name, list, None)
        return found

    def tensor(self, name: str) -> np.ndarray:
        """A setting that is a constant."""
        value = self._unread.pop(name, None)
        if not hasattr(value, "data_type"):
            self.refuse(f"expected {name} to be a tensor")
        found: np.ndarray = self._array(value)
        return found

    def require(self, name: str, wanted: Any, default: Any, why: str) -> None:
        """Raise ValueError where a setting is another one than a layer has."""
        value = self._unread.pop(name, default)
        if value != wanted:
            self.refuse(f"expected {name}={wanted!r}, got {str(value)[:50]!r}; {why}")

    def axis(self, axis: int, ndim: int) -> int:
        """An axis, counted from the first one."""
        if not -ndim <= axis < ndim:
            self.refuse(f"expected an axis of {ndim}, got {axis}")
        return axis % ndim

    # What it gives.

    def point(self, layer: Any, source: Point, axes: Axes) -> Point:
        """What a layer makes of a point."""
        return Point(self.operator.kind, self.operator.name, layer, (source,), axes)

    def made(self, layer: Any, source: Point, axes: Axes) -> Flow:
        """The same, with its axes as they lie in the model."""
        return Flow(self.point(layer, source, axes), axes)

    def elementwise(self, layer: Any, flow: Flow | None = None) -> Flow:
        """What a layer makes of each number for itself: axes lie as before."""
        flow = self.flow() if flow is None else flow
        return Flow(self.point(layer, flow.point, flow.point.axes), flow.axes)

    def require_room(self, size: int) -> None:
        """Raise ValueError where so many bytes are more than may still be made of the model's constants."""
        if size > self._room.left:
            self.refuse("expected layers and constants of a few times what the model's constants take, got more")

    def take_room(self, size: int) -> None:
        """The same, and from now on there are so many less."""
        self.require_room(size)
        self._room.left -= size

    def own(self, array: np.ndarray) -> np.ndarray:
        """A layer's own parameter, in the type of the network and in the order of memory that layers have."""
        self.take_room(array.size * self.dtype.itemsize)
        return np.array(array, self.dtype, order="C")

    def on_features(self, layer: Any, flow: Flow, features: int | None = None) -> Flow:
        """What a layer makes of the last axis, which gets another length; the others may be in any order.

        Args:
            layer: that looks at each row of features for itself.
            flow: what comes to it, of 2 or 3 axes.
            features: how many there are then (None: as many).
        """
        axes = flow.point.axes
        last = ((Atom(features),),) if features is not None else axes[-1:]
        places = places_of(axes, flow.axes)
        if len(axes) == len(flow.axes) == 3 and places is not None and flow.point.kind != "input":
            if has_one_axis_like(axes[-1], flow.axes[-1]):
                return Flow(self.point(layer, flow.point, axes[:-1] + last), flow.axes[:-1] + last)
        point = self.settled(flow, 2, 3)
        return self.made(layer, point, point.axes[:-1] + (last if features is not None else point.axes[-1:]))

    def settled(self, flow: Flow, *axes: int) -> Point:
        """A point that has the axes as the operator takes them, of which there are as many as one of these numbers."""
        if axes and len(flow.axes) not in axes:
            wanted = " or ".join(map(str, axes))
            self.refuse(f"expected an input of {wanted} axes, as the layer takes it, got {len(flow.axes)}")
        point = settled(flow)
        if point is None:
            self.refuse("its input's axes are transposed, divided or joined in a way that no layer has")
        return point

    def seen_as(self, flow: Flow, axes: Axes) -> Point:
        """A point that has these axes, which the flow has in another order."""
        return self.settled(Flow(flow.point, axes))


def settled(flow: Flow) -> Point | None:
    """The point whose axes are those of the flow, perhaps with another order of the input's axes; else None."""
    point = flow.point
    if same(flow.axes, point.axes):
        point.settings["fixed"] = True
        return point
    places = places_of(point.axes, flow.axes)
    if point.kind == "input" and places is not None and not point.settings.get("fixed"):
        point.axes = flow.axes
        point.settings["fixed"] = True
        return point
    return None


def flattened(flow: Flow) -> Flow:
    """The flow, with a Flatten where its two axes are the first of a point's and all others."""
    point, axes = flow.point, flow.axes
    if len(axes) != 2 or len(point.axes) < 3 or same(axes, point.axes):
        return flow
    if not same(axes, (point.axes[0], tuple(atom for axis in point.axes[1:] for atom in axis))):
        return flow
    point.settings["fixed"] = True
    return Flow(Point("Flatten", point.name, Flatten(), (point,), axes), axes)


def length(axis: Axis) -> int | None:
    """How long an axis is, as far as it is known."""
    if any(atom.size is None for atom in axis):
        return None
    return math.prod(atom.size for atom in axis if atom.size is not None)


def has_one_axis_like(axis: Axis, other: Axis) -> bool:
    """Whether two axes are the same one."""
    return longer(axis) == longer(other)
