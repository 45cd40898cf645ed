"""What every argument of this package has to pass, with one form of error message for all of them.

A message names who complains, what was expected, what came, and what to do about it.
"""

import math
import os
from typing import Any

import numpy as np

__all__ = ["check_path", "float_dtype", "fraction", "image_shape", "switch", "whole_number"]


def whole_number(owner: str, name: str, value: Any, least: int) -> int:
    """Return `value` as a plain integer, after making sure that it is one and not too small.

    Args:
        owner: who complains in the message.
        name: what the argument is called, for the message.
        value: the argument.
        least: the smallest allowed number. NumPy's integers count as whole numbers, `True` and `3.0` do not.

    Raises TypeError for anything that is no integer, ValueError for one below `least`.

    >>> whole_number("Camera", "exposures", 3, least=1)
    3
    >>> whole_number("Camera", "exposures", 0, least=1)
    Traceback (most recent call last):
        ...
    ValueError: Camera: expected exposures to be at least 1, got 0; choose a larger number
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(
            f"{owner}: expected {name} to be a whole number, got {value!r} of type {type(value).__name__}; pass an int"
        )
    if value < least:
        raise ValueError(f"{owner}: expected {name} to be at least {least}, got {value}; choose a larger number")
    return int(value)


def fraction(owner: str, name: str, value: Any, below: float = math.inf) -> float:
    """Return `value` as a float, after making sure that it is finite, not negative and less than `below`.

    Args:
        owner: who complains in the message.
        name: what the argument is called, for the message.
        value: the argument.
        below: a limit that the value must not reach (default: none).

    Raises TypeError for anything that is no real number, ValueError for one out of range.

    >>> fraction("Camera", "zoom", 0.25, below=1)
    0.25
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(
            f"{owner}: expected {name} to be a number, got {value!r} of type {type(value).__name__}; "
            f"pass a float, 0 switches {name} off"
        )
    if not 0 <= value < below:
        limit = "" if below == math.inf else f" and below {below:g}"
        raise ValueError(f"{owner}: expected {name} to be at least 0{limit}, got {value}; 0 switches {name} off")
    if value == math.inf:
        raise ValueError(f"{owner}: expected {name} to be finite, got {value}; 0 switches {name} off")
    return float(value)


def image_shape(owner: str, value: Any) -> tuple[int, int, int]:
    """Return an image size as three plain integers (height, width, channels), each at least 1.

    Args:
        owner: who complains in the message.
        value: any sequence of three whole numbers: height and width in pixels, and the number of channels (1 grey, 3
            colour, 4 colour and opacity).

    Raises TypeError for what is no sequence of whole numbers, ValueError for a wrong count or a size below 1.

    >>> image_shape("Camera", [32, 48, 3])
    (32, 48, 3)
    """
    if isinstance(value, str | bytes) or not hasattr(value, "__len__") or not hasattr(value, "__getitem__"):
        raise TypeError(
            f"{owner}: expected image_size to be [height, width, channels], got {value!r}; pass e.g. [32, 32, 3]"
        )
    if len(value) != 3:
        raise ValueError(
            f"{owner}: expected image_size to have three entries, [height, width, channels], got {value!r} "
            f"with {len(value)}; pass e.g. [32, 32, 3], or [28, 28, 1] for grey pictures"
        )
    names = ("height", "width", "channels")
    height, width, channels = (
        whole_number(owner, f"image_size's {name}", entry, least=1) for name, entry in zip(names, value, strict=True)
    )
    return height, width, channels


def switch(owner: str, name: str, value: Any) -> bool:
    """Return an argument that is on or off as a bool, after making sure that it is one.

    Args:
        owner: who complains in the message.
        name: what the argument is called, for the message.
        value: True or False, or 1 or 0.

    Raises TypeError for anything else, such as a number of degrees.

    >>> switch("Camera", "flash", 1)
    True
    """
    if not isinstance(value, bool | np.bool_ | int | np.integer) or value not in (0, 1):
        raise TypeError(
            f"{owner}: expected {name} to be True or False, got {value!r} of type {type(value).__name__}; "
            f"pass True to switch it on"
        )
    return bool(value)


def check_path(owner: str, name: str, value: Any) -> None:
    """Make sure that an argument is the path of a file or folder, which need not exist.

    Args:
        owner: who complains in the message.
        name: what the argument is called, for the message.
        value: the argument.

    Raises TypeError for anything but a string or a `pathlib.Path`.

    >>> check_path("Camera", "film", 3)
    Traceback (most recent call last):
        ...
    TypeError: Camera: expected film to be a path, got 3 of type int; pass a string or a pathlib.Path
    """
    if not isinstance(value, str | os.PathLike):
        raise TypeError(
            f"{owner}: expected {name} to be a path, got {value!r} of type {type(value).__name__}; "
            f"pass a string or a pathlib.Path"
        )


def float_dtype(owner: str, value: Any) -> np.dtype[Any]:
    """Return the dtype of images as NumPy's own object, after making sure that it is one of the two.

    Args:
        owner: who complains in the message.
        value: float32 or float64, as a name, a type or a dtype.

    Raises TypeError for anything else.

    >>> float_dtype("Camera", "float32")
    dtype('float32')
    """
    try:
        dtype = np.dtype(value)
    except TypeError:
        dtype = value
    if dtype not in (np.float32, np.float64):
        raise TypeError(f"{owner}: expected dtype float32 or float64, got {dtype}; images are in [0, 1]")
    return dtype
