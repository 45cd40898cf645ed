"""A look into a network that leaves no trace: phase, gradients, states and random numbers stay what they are.

Copies of the layers are asked, in the testing phase, and thrown away.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from Foundation.Supervision import supervised
from Layers.Rows import place, raise_with_place

Result = TypeVar("Result")


def outputs(layers: Sequence[Any], tensor: np.ndarray, count: int | None = None) -> list[np.ndarray]:
    """What each of the layers, from the input of a network on, makes of a batch.

    Args:
        layers: of a network, from its input on.
        tensor: the input, a batch.
        count: how many of the layers to ask (None: all).

    Raises what a layer raises, with its place among all layers.

    >>> from Layers import ReLU, TanH
    >>> outputs([ReLU.ReLU(), TanH.TanH()], np.array([[-1.0, 0.0]]))
    [array([[0., 0.]]), array([[0., 0.]])]
    """
    return _with_copies(layers[:count], lambda copied: supervised({}, _through, copied, tensor, layers))


def input_gradient(
    layers: Sequence[Any], tensor: np.ndarray, error_tensor: np.ndarray, count: int | None = None
) -> np.ndarray:
    r"""The derivative of a weighted sum of the last layer's outputs with respect to the input.

    $$\frac{\partial}{\partial x_i} \sum_j e_j\, y_j(x)$$

    No layer steps, and no gradient of a parameter is there afterwards that hasn't been before.

    Shapes: as the input.

    Args:
        layers: of a network, from its input on.
        tensor: the input x, a batch.
        error_tensor: the weights e, in the shape of the last layer's output.
        count: how many of the layers to ask, the last of which gives y (None: all).

    Raises what a layer raises, with its place among all layers.

    >>> from Layers import ReLU
    >>> input_gradient([ReLU.ReLU()], np.array([[-1.0, 2.0]]), np.array([[3.0, 5.0]]))
    array([[0., 5.]])
    """

    def there_and_back(copied: list[Any]) -> np.ndarray:
        steps = dict.fromkeys(map(id, copied), False)  # a layer that would step says so here instead
        supervised(steps, _through, copied, tensor, layers)
        return supervised(steps, _back, copied, error_tensor, layers)

    return _with_copies(layers[:count], there_and_back)


def _with_copies(layers: Sequence[Any], function: Callable[[list[Any]], Result]) -> Result:
    random_state = np.random.get_state()  # noqa: NPY002 - layers draw from it
    try:
        copied = copy.deepcopy(list(layers))
        for layer in copied:
            layer.testing_phase = True
        return function(copied)
    finally:
        np.random.set_state(random_state)  # noqa: NPY002


def _through(layers: Sequence[Any], tensor: np.ndarray, among: Sequence[Any]) -> list[np.ndarray]:
    found = []
    for position, layer in enumerate(layers):
        try:
            tensor = layer.forward(tensor)
        except Exception as error:
            raise_with_place(error, place(among, position), layers[position])
        found.append(tensor)
    return found


def _back(layers: Sequence[Any], error_tensor: np.ndarray, among: Sequence[Any]) -> np.ndarray:
    for position in range(len(layers) - 1, -1, -1):
        try:
            error_tensor = layers[position].backward(error_tensor)
        except Exception as error:
            raise_with_place(error, place(among, position), layers[position])
    return error_tensor
