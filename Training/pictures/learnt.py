"""What a network has learnt: its kernels, what they find in an image, and the pixels that decide."""

from typing import TYPE_CHECKING, Any

import numpy as np

from Foundation import Checks
from Foundation.Captions import lettering, readable
from Layers.Rows import place
from Layers.SoftMax import SoftMax
from Network import inspection
from Network.expectations import check_network
from Training.pictures.canvas import DIVERGING, SEQUENTIAL, Filename, given_or_new, written
from Training.pictures.images import mosaic, shown, size_of, without_ticks
from Training.pictures.inputs import input_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def kernels(net: Any, layer: int | None = None, axes: Any = None, filename: Filename = None) -> "Axes":
    """The kernels of a convolution: where they look at several channels, a row for each, a column for each channel.

    Orange stands for weights above zero, violet for those below. Kernels that look at the three channels of coloured
    images are small coloured images instead, with grey for zero.

    Args:
        net: a network.
        layer: the number of a convolution, from 1 on as `print(net)` shows it, or from -1 back (None: the first one).
        axes: Matplotlib's, to draw on (None: those of a new figure).
        filename: the file to write to, besides (None).

    Returns the axes. Raises ValueError where there is no such convolution.

    >>> from Models import LeNet
    >>> kernels(LeNet.build(rng=0)).images[0].get_array().shape  # 2 rows of 3 kernels, 5×5 each, and lines between them
    (11, 17)
    """
    check_network(net, "kernels")
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


def feature_maps(net: Any, image: Any, layer: int | None = None, axes: Any = None, filename: Filename = None) -> "Axes":
    """What a layer makes of an image: a picture for each of its channels, dark where it has found much.

    Args:
        net: a network.
        image: a path, a picture of Pillow's or an array of pixels, which goes through `net.preparation` as in
            `net.classify`; or an array in the network's input shape, `(channels, y, x)` or a batch of one, which is
            taken as it is. Without a preparation, only the latter.
        layer: the number of a layer whose output is images, from 1 on as `print(net)` shows it, or from -1 back (None:
            the first one).
        axes: Matplotlib's, to draw on (None: those of a new figure).
        filename: the file to write to, besides (None).

    Returns the axes. Raises ValueError where the output of that layer is no image.

    >>> from Models import LeNet
    >>> feature_maps(LeNet.build(rng=0), np.zeros((1, 28, 28))).images[0].get_array().shape  # 6 maps in 2 rows
    (57, 86)
    """
    check_network(net, "feature_maps")
    batch = input_of(net, image, "feature_maps")
    position = _position(net, layer, "feature_maps", lambda each: True, "a layer")
    output = inspection.outputs(net.layers, batch, position + 1)[-1]
    if output.ndim != 4:
        raise ValueError(
            f"feature_maps: expected a layer that gives images, got {place(net.layers, position)}, "
            f"{net.layers[position]!r}, which gives {Checks.shape_text(output.shape)}"
        )
    whole = mosaic(output[0])
    axes = given_or_new(axes, filename, *size_of(whole))
    axes.imshow(whole, cmap=SEQUENTIAL)
    without_ticks(axes)
    axes.set_title(f"{output.shape[1]} feature maps of layer {position + 1}, {type(net.layers[position]).__name__}")
    return written(axes, filename)


def saliency(
    net: Any,
    image: Any,
    class_number: int | str | None = None,
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
        image: a path, a picture or an array, as `feature_maps` takes it.
        class_number: k, or the name of the class (None: the class that the network gives).
        name: of the class, for the title (None: that in `net.preparation`, or its number).
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
    check_network(net, "saliency")
    batch = input_of(net, image, "saliency")
    count = len(net.layers) - (len(net.layers) > 0 and isinstance(net.layers[-1], SoftMax))
    scores = inspection.outputs(net.layers, batch, count)[-1]
    if scores.ndim != 2:
        raise ValueError(
            f"saliency: expected a network that gives (batch, classes), got {Checks.shape_text(scores.shape)}"
        )
    k, known = _class(net, class_number, scores[0])
    error = np.zeros_like(scores)
    error[0, k] = 1
    influence = np.abs(inspection.input_gradient(net.layers, batch, error, count))[0].max(axis=0)
    height, width = influence.shape
    axes = given_or_new(axes, filename, 6, 6 * height / (2 * width) + 0.5)
    gap = 0.08 * width
    axes.imshow(shown(batch, "saliency")[0], cmap="gray_r", extent=(0, width, height, 0))
    axes.imshow(influence, cmap=SEQUENTIAL, vmin=0, extent=(width + gap, 2 * width + gap, height, 0))
    axes.set(xlim=(0, 2 * width + gap), ylim=(height, 0))
    without_ticks(axes)
    title = f"what matters to {readable(known if name is None else name)}"
    axes.set_title(title, **lettering(title))
    return written(axes, filename)


def _class(net: Any, asked: Any, scores: np.ndarray) -> tuple[int, Any]:
    """The column of the class that is asked for, or that the network gives, and what the class is called."""
    columns, names = len(scores), getattr(getattr(net, "preparation", None), "class_names", ())
    # A single column tells the second class from the first: both depend on the same pixels.
    classes = 2 if columns == 1 and len(names) == 2 else columns
    if asked is None:
        number = int(scores.argmax()) if classes == columns else int(scores[0] > 0.5)
    elif isinstance(asked, str):
        if asked not in names:
            known = f"one of {', '.join(map(repr, names))}" if names else "a number: the network knows no names"
            raise ValueError(f"saliency: expected class_number to be {known}, got {asked!r}")
        number = names.index(asked)
    else:
        number = Checks.integer(asked, "saliency", "class_number", least=0)
    if number >= classes:
        raise ValueError(f"saliency: expected class_number to be below {classes}, got {number}")
    return min(number, columns - 1), names[number] if len(names) == classes else number


def _position(net: Any, layer: int | None, owner: str, fits: Any, what: str) -> int:
    """The position in `net.layers` of the layer whose number is asked for, or of the first one that fits."""
    numbers = [number for number, each in enumerate(net.layers, start=1) if fits(each)]
    if not numbers:
        raise ValueError(f"{owner}: expected a network with {what}, got none in {len(net.layers)} layers")
    if layer is None:
        return numbers[0] - 1
    number = Checks.integer(layer, owner, "layer")
    number += (len(net.layers) + 1) * (number < 0)
    if number not in numbers:
        inside = 0 < number <= len(net.layers)
        got = f"{place(net.layers, number - 1)}, {net.layers[number - 1]!r}" if inside else f"{layer}"
        there = ", ".join(map(str, numbers)) if len(numbers) < len(net.layers) else f"from 1 to {len(numbers)}"
        raise ValueError(
            f"{owner}: expected layer to be the number of {what}, as print(net) shows it: {there}, got {got}"
        )
    return number - 1
