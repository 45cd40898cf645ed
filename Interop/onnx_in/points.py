"""What operators give, as a network has it: points on the way through the layers, and how axes lie there."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class Atom:
    """A part of an axis that is never divided further; the pixels of a row, say.

    Attributes:
        size: how long it is (None: not known before data come).
        free: whether it may be of any length in a network, whatever the model says: the batch.
    """

    size: int | None
    free: bool = False


#: An axis is the product of atoms: rows times columns, once images are flattened. Without any it has length 1.
Axis = tuple[Atom, ...]
Axes = tuple[Axis, ...]


@dataclass(eq=False)
class Point:
    """A value of the network to be.

    Attributes:
        kind: the operator that gives it; "input" for the input.
        name: of that operator.
        layer: that makes it of its one source (None: the input, a join, or a part of a formula).
        sources: the points that it is made of.
        axes: as the layer gives them.
        settings: of a join or a part of a formula: constants, an axis.
    """

    kind: str
    name: str
    layer: Any = None
    sources: tuple["Point", ...] = ()
    axes: Axes = ()
    settings: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name!r} ({self.kind})"


@dataclass(frozen=True, eq=False)
class Flow:
    """What an operator gives: a point, and how its axes lie in the model, transposed or flattened say."""

    point: Point
    axes: Axes

    @property
    def sizes(self) -> list[Any]:
        """The length of each axis, or its atoms where it isn't known."""
        return [size_of(axis) for axis in self.axes]


@dataclass(frozen=True)
class Unknown:
    """The length of an axis that isn't known before data come."""

    axis: Axis


@dataclass(frozen=True)
class Filled:
    """An array of one number everywhere, of a shape that may not be known."""

    number: float


def size_of(axis: Axis) -> int | Unknown:
    """How long an axis is; for the batch, whatever the model says, not known."""
    sizes = [None if atom.free else atom.size for atom in axis]
    return Unknown(axis) if None in sizes else math.prod(one for one in sizes if one is not None)


def new_axes(sizes: Sequence[int | None]) -> Axes:
    """Axes of these lengths, of one atom each."""
    return tuple((Atom(size),) for size in sizes)


def longer(axis: Axis) -> Axis:
    """An axis without the atoms of length 1, which may be anywhere."""
    return tuple(atom for atom in axis if atom.size != 1 or atom.free)


def same(one: Axes, other: Axes) -> bool:
    """Whether two lists of axes are the same, but for atoms of length 1."""
    return len(one) == len(other) and all(longer(a) == longer(b) for a, b in zip(one, other, strict=True))


def in_order(point: Point) -> Iterator[Point]:
    """All points that one is made of, and itself: each behind its sources."""
    done: set[int] = set()
    waiting = [(point, iter(point.sources))]
    while waiting:
        one, sources = waiting[-1]
        source = next(sources, None)
        if source is None:
            waiting.pop()
            if id(one) not in done:
                done.add(id(one))
                yield one
        elif id(source) not in done:
            waiting.append((source, iter(source.sources)))


def places_of(axes: Axes, wanted: Axes) -> list[int] | None:
    """Where each of the wanted axes stands among others; None where one isn't there, or others are beside them."""
    rest = [place for place, axis in enumerate(axes) if longer(axis)]
    places = []
    for axis in wanted:
        found = [place for place in rest if longer(axes[place]) == longer(axis)]
        if not longer(axis):
            continue
        if len(found) != 1:
            return None
        places.append(found[0])
        rest.remove(found[0])
    return None if rest else places
