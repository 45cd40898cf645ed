"""One image as a network takes it, from what people have: a file, a picture, pixels."""

import os
from typing import Any

import numpy as np

from Foundation import Checks


def input_of(net: Any, image: Any, owner: str) -> np.ndarray:
    """A batch of one, (1, channels, y, x), in the network's type of number.

    A path, a picture of Pillow's, or an array of pixels goes through `net.preparation`, as in `net.classify`. An array
    that has the network's input shape, channels first, is taken as it is; so is every array where the network wasn't
    trained on pictures.

    Raises TypeError and ValueError for what is no image, or several, and FileNotFoundError.

    >>> from NeuralNetwork import NeuralNetwork
    >>> input_of(NeuralNetwork(), np.zeros((1, 28, 28)), "example").shape
    (1, 1, 28, 28)
    """
    preparation = getattr(net, "preparation", None)
    given = image
    # Arrays of which only the shape of a sample is known go through nothing.
    if preparation is None or hasattr(preparation, "sample_shape"):
        if isinstance(image, str | os.PathLike) or hasattr(image, "getbands"):
            raise TypeError(
                f"{owner}: expected an image as an array (channels, y, x), got {image!r}; paths and pictures are for "
                "a network that was trained on ImageData, which knows how they are prepared"
            )
    elif not _is_prepared(preparation, image):
        given = _prepared(preparation, image, owner)
    tensor = Checks.tensor(given, owner, "an image", dtype=getattr(net, "dtype", None))
    if tensor.ndim == 3:
        tensor = tensor[np.newaxis]
    if tensor.ndim != 4 or len(tensor) != 1:
        raise ValueError(f"{owner}: expected one image (channels, y, x), got {Checks.shape_text(np.shape(image))}")
    Checks.require_finite(tensor, owner, "an image")
    return tensor


def _is_prepared(preparation: Any, image: Any) -> bool:
    """Whether an array has the shape that pictures have when they are prepared."""
    if not hasattr(preparation, "image_size"):
        return False
    height, width, channels = preparation.image_size
    shape = getattr(image, "shape", ())
    return shape in ((channels, height, width), (1, channels, height, width))


def _prepared(preparation: Any, image: Any, owner: str) -> np.ndarray:
    try:
        samples, _ = preparation.separated(image)
        if len(samples) == 1:
            return preparation.prepare(samples)
    except (TypeError, ValueError) as error:
        error.args = (str(error).replace("classify:", f"{owner}:", 1),)
        raise
    raise ValueError(f"{owner}: expected one image, got {len(samples)}")
