"""What a network has learnt: its kernels, what they find in an image, and the pixels that decide."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Layers.SoftMax import SoftMax
from Network import inspection
from Training.pictures.canvas import DIVERGING, SEQUENTIAL, Filename, given_or_new, readable, written
from Training.pictures.images import mosaic, shown, size_of, without_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def kernels(net: Any, layer: int | None = None, axes: Any = None, filename: Filename = None) -> "Axes":
    """The kernels of a convolution: where they look at several channels, a row for each, a column for each channel.

    Orange stands for weights above zero, violet for those below. Kernels that look at the three channels of coloured
    images are small coloured images instead, with grey for zero.

    Args:
        net: a network.
        layer: the position of a convolution in `net.layers` (None: the first one).
        axes: Matplotlib's, to draw on (None: those of a new figure).
        filename: the file to write to, besides (None).

    Returns the axes. Raises ValueError where there is no such convolution.

    >>> from Models import LeNet
    >>> kernels(LeNet.build(rng=0)).images[0].get_array().shape  # 2 rows of 3 kernels, 5×5 each, and lines between them
    (11, 17)
    """
    position = _position(net, layer, "kernels", lambda each: hasattr(each, "num_kernels"), "a convolution")
    convolution = net.layers[position]
    weights = np.asarray(convolution.weights, dtype=float)
    if weights.ndim == 3:
        weights = weights[:, :, np.newaxis]  # those of signals are one pixel high
    count, channels, height, width = weights.shape
    largest = float(np.abs(weights).max()) or 1.0
    coloured = channels == 3
    if coloured:
        whole = mosaic(np.moveaxis(weights, 1, -1) / (2 * largest) + 0.5)
        whole = np.where(np.isnan(whole), 1.0, whole)
    else:
        whole = mosaic(weights.reshape(-1, height, width), columns=channels if channels > 1 else None)
    axes = given_or_new(axes, filename, *size_of(whole))
    drawn = axes.imshow(whole, cmap=DIVERGING, vmin=-largest, vmax=largest)
    without_ticks(axes)
    axes.set_title(f"{count} kernels of layer {position + 1}")
    if not coloured:
        if channels > 1:
            axes.set(xlabel="channel", ylabel="kernel")
        figure: Any = axes.get_figure()
        figure.colorbar(drawn, ax=axes, shrink=0.6)
    return written(axes, filename)


def feature_maps(
    net: Any, image: ArrayLike, layer: int | None = None, axes: Any = None, filename: Filename = None
) -> "Axes":
    """What a layer makes of an image: a picture for each of its channels, dark where it has found much.

    Args:
        net: a network.
        image: as the network takes it, `(channels, y, x)`, or a batch of one.
        layer: the position of a layer in `net.layers` whose output is images (None: the first one).
        axes: Matplotlib's, to draw on (None: those of a new figure).
        filename: the file to write to, besides (None).

    Returns the axes. Raises ValueError where the output of that layer is no image.

    >>> from Models import LeNet
    >>> feature_maps(LeNet.build(rng=0), np.zeros((1, 28, 28))).images[0].get_array().shape  # 6 maps in 2 rows
    (57, 86)
    """
    batch = _batch(net, image, "feature_maps")
    position = _position(net, 0 if layer is None else layer, "feature_maps", lambda each: True, "a layer")
    output = inspection.outputs(net.layers[: position + 1], batch)[-1]
    if output.ndim != 4:
        raise ValueError(
            f"feature_maps: expected a layer that gives images, got {net.layers[position]!r}, which gives "
            f"{Checks.shape_text(output.shape)}"
        )
    whole = mosaic(output[0])
    axes = given_or_new(axes, filename, *size_of(whole))
    axes.imshow(whole, cmap=SEQUENTIAL)
    without_ticks(axes)
    axes.set_title(f"{output.shape[1]} feature maps of layer {position + 1}, {type(net.layers[position]).__name__}")
    return written(axes, filename)


def saliency(
    net: Any,
    image: ArrayLike,
    class_number: int | None = None,
    name: Any = None,
    axes: Any = None,
    filename: Filename = None,
) -> "Axes":
    r"""An image, and beside it how much each of its pixels matters to a class.

    $$\max_c \left| \frac{\partial s_k}{\partial x_{c,y,x}} \right|$$

    where $s_k$ is what the network gives for class k, before its SoftMax where it ends with one: a probability that
    is 1 already can't be raised by any pixel.

    Args:
        net: a network that classifies images.
        image: as the network takes it, `(channels, y, x)`, or a batch of one.
        class_number: k (None: the class that the network gives).
        name: of the class, for the title (None: its number).
        axes: Matplotlib's, to draw on (None: those of a new figure).
        filename: the file to write to, besides (None).

    Returns the axes. Raises TypeError and ValueError for a class that there isn't, and what is no image.

    Source: K. Simonyan, A. Vedaldi, A. Zisserman, "Deep inside convolutional networks: visualising image
    classification models and saliency maps", ICLR workshop 2014.

    >>> from Models import LeNet
    >>> axes = saliency(LeNet.build(rng=0), np.zeros((1, 28, 28)), class_number=3)
    >>> axes.get_title(), axes.images[1].get_array().shape
    ('what matters to 3', (28, 28))
    """
    batch = _batch(net, image, "saliency")
    layers = net.layers[:-1] if net.layers and isinstance(net.layers[-1], SoftMax) else net.layers
    scores = inspection.outputs(layers, batch)[-1]
    if scores.ndim != 2:
        raise ValueError(
            f"saliency: expected a network that gives (batch, classes), got {Checks.shape_text(scores.shape)}"
        )
    k = int(scores[0].argmax()) if class_number is None else Checks.integer(class_number, "saliency", "class_number", 0)
    if k >= scores.shape[1]:
        raise ValueError(f"saliency: expected class_number to be below {scores.shape[1]}, got {k}")
    error = np.zeros_like(scores)
    error[0, k] = 1
    influence = np.abs(inspection.input_gradient(layers, batch, error))[0].max(axis=0)
    height, width = influence.shape
    axes = given_or_new(axes, filename, 6, 6 * height / (2 * width) + 0.5)
    gap = 0.08 * width
    axes.imshow(shown(batch, "saliency")[0], cmap="gray_r", extent=(0, width, height, 0))
    axes.imshow(influence, cmap=SEQUENTIAL, vmin=0, extent=(width + gap, 2 * width + gap, height, 0))
    axes.set(xlim=(0, 2 * width + gap), ylim=(height, 0))
    without_ticks(axes)
    axes.set_title(f"what matters to {readable(k if name is None else name)}", parse_math=False)
    return written(axes, filename)


def _batch(net: Any, image: ArrayLike, owner: str) -> np.ndarray:
    tensor = Checks.tensor(image, owner, "an image", dtype=getattr(net, "dtype", None))
    if tensor.ndim == 3:
        tensor = tensor[np.newaxis]
    if tensor.ndim != 4 or len(tensor) != 1:
        raise ValueError(f"{owner}: expected one image (channels, y, x), got {Checks.shape_text(np.shape(image))}")
    Checks.require_finite(tensor, owner, "an image")
    return tensor


def _position(net: Any, layer: int | None, owner: str, fits: Any, what: str) -> int:
    """The position of the layer that is asked for, or of the first one that fits."""
    positions = [position for position, each in enumerate(net.layers) if fits(each)]
    if layer is not None:
        layer = Checks.integer(layer, owner, "layer")
        layer += len(net.layers) * (layer < 0)
    if not positions or (layer is not None and layer not in positions):
        there = f"; there is one at {', '.join(map(str, positions))}" if positions else ""
        asked = f"{layer} in a network of {len(net.layers)}"
        raise ValueError(f"{owner}: expected layer to be the position of {what}, got {asked}{there}")
    return positions[0] if layer is None else layer
