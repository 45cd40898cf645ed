"""Arrays as people hand them over: drawn values, in a drawn type, in a drawn order of memory."""

import functools
import itertools
import math
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

seeds = st.integers(0, 2**32 - 1)

#: Types of numbers in which arrays come; ">" means the other byte order.
TYPES = ["float64", "float32", "float16", ">f8", ">f4", "longdouble", "int8", "int64", ">i4", "uint8", "bool"]

#: What numbers an array has, from a random generator and a shape.
VALUES = {
    "usual": lambda rng, shape: rng.standard_normal(shape),
    "whole": lambda rng, shape: rng.integers(-3, 4, shape).astype(float),
    "zero": lambda rng, shape: np.zeros(shape),
    "with zeros": lambda rng, shape: rng.standard_normal(shape) * rng.integers(0, 2, shape),
    "signed zeros": lambda rng, shape: np.copysign(0.0, rng.standard_normal(shape)),
    "alike": lambda rng, shape: np.full(shape, rng.standard_normal()),
    "denormal": lambda rng, shape: rng.standard_normal(shape) * 1e-310,
    "tiny": lambda rng, shape: rng.standard_normal(shape) * 1e-30,
    "large": lambda rng, shape: rng.standard_normal(shape) * 1e4,
    "of all sizes": lambda rng, shape: rng.standard_normal(shape) * 10.0 ** rng.integers(-12, 4, shape),
    "one large": lambda rng, shape: (
        rng.standard_normal(shape) + 1e4 * (np.arange(math.prod(shape)) == 0).reshape(shape)
    ),
}


@dataclass(frozen=True)
class Layout:
    """An order of memory: which axis follows which, how far apart elements are, and whether they may be written."""

    order: tuple[int, ...]
    steps: tuple[int, ...]
    aligned: bool
    writeable: bool

    def of(self, array: np.ndarray) -> np.ndarray:
        """The same values, with something else between them where there are gaps."""
        lengths = [length * abs(step) for length, step in zip(array.shape, self.steps, strict=True)]
        size = math.prod(lengths) * array.itemsize
        memory = np.frombuffer(bytearray(b"\xff" * (size + 1)), np.uint8)[0 if self.aligned else 1 :][:size]
        turned = memory.view(array.dtype).reshape([lengths[axis] for axis in self.order])
        view = turned.transpose(np.argsort(self.order))[tuple(slice(None, None, step) for step in self.steps)]
        view[...] = array
        view.flags.writeable = self.writeable
        return view


@functools.cache
def layouts(axes: int) -> st.SearchStrategy[Layout]:
    """From few choices among many, since each choice takes Hypothesis its time."""
    orders = st.sampled_from(list(itertools.permutations(range(axes))))
    steps = st.sampled_from(list(itertools.product([1, 2, -1, -2], repeat=axes)))
    return st.builds(Layout, orders, steps, aligned=st.booleans(), writeable=st.booleans())


@dataclass(frozen=True)
class Handed:
    """An array as it is handed over, and the same numbers as plain float64."""

    array: np.ndarray

    @property
    def exact(self) -> np.ndarray:
        return np.array(self.array, dtype=np.float64, order="C")

    def __repr__(self) -> str:
        return f"Handed({self.array!r}, strides={self.array.strides})"


def converted(values: np.ndarray, dtype: str) -> np.ndarray:
    """Numbers in a type, without those that it can't hold."""
    wanted = np.dtype(dtype)
    if wanted.kind in "iu":
        bounds = np.iinfo(wanted)
        values = np.clip(np.round(values), max(bounds.min, -100), min(bounds.max, 100))
    elif wanted.kind == "f":
        values = np.clip(values, -np.finfo(wanted).max, np.finfo(wanted).max)
    with np.errstate(under="ignore"):
        return values.astype(wanted)


@st.composite
def handed(draw, shape: tuple[int, ...], types=tuple(TYPES), values=tuple(VALUES)) -> Handed:
    """An array of a shape; now and then one row repeated without memory of its own."""
    rng = np.random.default_rng(draw(seeds))
    array = converted(VALUES[draw(st.sampled_from(values))](rng, shape), draw(st.sampled_from(types)))
    if draw(st.integers(0, 7)) == 7:
        return Handed(np.broadcast_to(array[:1], shape))
    return Handed(draw(layouts(len(shape))).of(array))


@st.composite
def handed_to(draw, case, types=tuple(TYPES)) -> Handed:
    """An input for the layer of a case, which may take whole numbers alone."""
    if case.vocabulary is None:
        return draw(handed(case.shape, types))
    numbers = case.inputs(seed=draw(seeds)).astype(draw(st.sampled_from(types)))
    return Handed(draw(layouts(len(case.shape))).of(numbers))


def shapes(least_axes: int = 1, most_axes: int = 4, longest: int = 5) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(1, longest), min_size=least_axes, max_size=most_axes).map(tuple)
