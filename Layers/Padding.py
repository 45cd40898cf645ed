"""Zeros, or nothing, around images: how many, and how many windows there are then."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

from Foundation import Checks
from Foundation.Checks import shape_text

Pairs = tuple[tuple[int, int], ...]
Sizes = TypeVar("Sizes", bound=Sequence[int])

#: How many pixels a layer may make of one.
_MOST = 2**20
_FORMS = "'same', 'valid', a whole number, one for each axis, or a pair (before, after) for each axis"


def read_padding(padding: Any, covered: Sequence[int], owner: object) -> Any:
    """A padding as it is kept: a word, a number for each axis, or a pair for each axis.

    Args:
        padding: `"same"`, `"valid"`, a number of pixels for all sides, one for each axis, or a pair (before, after) for
            each axis. None is more than leaves each window a pixel of the image.
        covered: how many pixels a window reaches over, in each direction.
        owner: whose argument it is.

    >>> read_padding(1, (3, 3), "Camera"), read_padding([(2, 0)], (3,), "Camera")
    ((1, 1), ((2, 0),))
    """
    if isinstance(padding, str):
        padding = Checks.one_of(padding, owner, "padding", ("same", "valid"))
        few([1 + before + after for before, after in around(padding, covered)], owner, "padding")
        return padding
    given = tuple(padding) if hasattr(padding, "__len__") else (padding,) * len(covered)
    if len(given) == 1:
        given *= len(covered)
    if len(given) != len(covered):
        raise ValueError(f"{owner}: expected padding to be {_FORMS}, {len(covered)} of them, got {padding!r}")
    kept = tuple(_of_an_axis(one, owner) for one in given)
    for number, window in zip(kept, covered, strict=True):
        if max(number if isinstance(number, tuple) else (number,)) >= window:
            raise ValueError(
                f"{owner}: expected padding of at most {window - 1}, one less than a window reaches over, "
                f"as more would show it nothing, got {padding!r}"
            )
    few([1 + before + after for before, after in around(kept, covered)], owner, "padding")
    return kept


def few(lengths: Sizes, owner: object, name: str) -> Sizes:
    """Along each axis, how many pixels are made of one; ValueError for more than memory is likely to hold of many.

    >>> few((2, 3), "Camera", "zoom")
    (2, 3)
    >>> few((2000, 3000), "Camera", "zoom")
    Traceback (most recent call last):
        ...
    ValueError: Camera: expected zoom to make at most 1,048,576 pixels of one, got 2000×3000
    """
    if math.prod(lengths) > _MOST:
        text = "×".join(map(str, lengths))
        raise ValueError(f"{owner}: expected {name} to make at most {_MOST:,} pixels of one, got {text}")
    return lengths


def _of_an_axis(value: Any, owner: object) -> Any:
    """A number, or a pair of them."""
    if not hasattr(value, "__len__") or isinstance(value, str):
        return Checks.integer(value, owner, "padding", least=0)
    if len(value) != 2:
        raise ValueError(f"{owner}: expected padding to be {_FORMS}, got {value!r}")
    return tuple(Checks.integer(one, owner, "padding", least=0) for one in value)


@lru_cache(1024)
def around(padding: Any, covered: tuple[int, ...]) -> Pairs:
    """How many pixels before and after an image, in each direction.

    `"same"` is for windows of k pixels k // 2 before and (k - 1) // 2 after.

    >>> around("same", (4,)), around(((2, 0),), (4,))
    (((2, 1),), ((2, 0),))
    """
    if padding == "same":
        return tuple((window // 2, (window - 1) // 2) for window in covered)
    numbers = (0,) * len(covered) if padding == "valid" else padding
    return tuple(number if isinstance(number, tuple) else (number, number) for number in numbers)


def count_windows(
    size: tuple[int, ...], pads: Pairs, covered: tuple[int, ...], stride: tuple[int, ...], owner: object
) -> tuple[int, ...]:
    """How many windows there are in each direction; raises ValueError where one is larger than the padded image.

    >>> count_windows((7, 6), ((1, 1), (0, 0)), (3, 3), (2, 2), "Camera")
    (4, 2)
    """
    padded, counts = _counted(size, pads, covered, stride)
    if min(counts) < 1:
        zeros = f", {shape_text(padded)} with its padding" if padded != size else ""
        raise ValueError(
            f"{owner!r}: expected images of at least the window {shape_text(covered)}, got {shape_text(size)}{zeros}"
        )
    return counts


@lru_cache(1024)
def _counted(
    size: tuple[int, ...], pads: Pairs, covered: tuple[int, ...], stride: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The padded size, and how many windows there are; below 1 where one is larger."""
    padded = tuple(length + before + after for length, (before, after) in zip(size, pads, strict=True))
    sizes = zip(padded, covered, stride, strict=True)
    return padded, tuple((length - window) // step + 1 for length, window, step in sizes)


def read_output_padding(value: Any, stride: Sequence[int], owner: str) -> tuple[int, ...]:
    """How many pixels more than the least an output shall have in each direction: fewer than the stride."""
    more = Checks.per_axis(value, len(stride), owner, "output_padding", least=0)
    if any(number >= step for number, step in zip(more, stride, strict=True)):
        raise ValueError(f"{owner}: expected output_padding below the stride {tuple(stride)}, got {more}")
    return more


def count_pixels(
    counts: Sequence[int],
    pads: Pairs,
    covered: Sequence[int],
    stride: Sequence[int],
    more: Sequence[int],
    owner: object,
) -> tuple[int, ...]:
    """Of what size an image with so many windows is at least, and `more`; raises ValueError where nothing is left.

    >>> count_pixels((4, 2), ((1, 1), (0, 0)), (3, 3), (2, 2), (0, 1), "Camera")
    (7, 6)
    """
    axes = zip(counts, pads, covered, stride, more, strict=True)
    size = tuple((n - 1) * step + window - sum(pad) + rest for n, pad, window, step, rest in axes)
    if min(size) < 1:
        raise ValueError(
            f"{owner!r}: expected an input that leaves an output within its padding, got {shape_text(tuple(counts))}"
        )
    return size
