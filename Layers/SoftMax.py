"""SoftMax: scores become probabilities."""

import numpy as np

from Foundation.Formulas import at_least, elementwise
from Foundation.Products import row_sums
from Layers.Base import BaseLayer, backward_pass, forward_pass


class SoftMax(BaseLayer):
    r"""Turn each row of scores into a probability distribution.

    $$y_j = \frac{e^{x_j - \max x}}{\sum_k e^{x_k - \max x}}, \qquad
      \frac{\partial L}{\partial x_j} = y_j \Bigl(e_j - \sum_k e_k y_k\Bigr)$$

    Subtracting the row's maximum changes nothing in the quotient and keeps the exponentials from
    overflowing. A probability too small for the number type is raised to the smallest normal number t
    (1.2e-38 in float32, 2.2e-308 in float64). This is what makes the gradient of a cross-entropy that
    follows exact: its error at the label is -1/t there, t is a power of two, and so the product
    t · (-1/t) that stands in the formula is exactly -1 instead of 0 · infinity.

    Shapes: input, output and errors `(batch, classes)`, or `(batch, time, classes)` for each step of sequences.

    Raises:
        TypeError, ValueError: where the input has other axes or no numbers, or the error has another shape.
        RuntimeError: where `backward` is called before `forward`.

    Source: J. Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990.

    >>> from Layers import SoftMax
    >>> layer = SoftMax.SoftMax()
    >>> layer.forward([[0.0, 0.0], [1000.0, 1000.0]])
    array([[0.5, 0.5],
           [0.5, 0.5]])
    >>> layer.backward([[1.0, 0.0], [0.0, 1.0]])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """

    @forward_pass("batch", "[time]", "classes", by_rows=True)
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """The probabilities of each row of scores."""
        tiny = float(np.finfo(input_tensor.dtype).tiny)
        self.kept = elementwise(_probabilities, input_tensor, tiny, by_rows=True)
        return self.kept

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """The error of the scores from the error of the probabilities."""
        return elementwise(_error, self.kept, error_tensor, by_rows=True)


def _probabilities(x: np.ndarray, tiny: float) -> np.ndarray:
    y = np.exp(x - np.maximum.reduce(x, axis=1, keepdims=True))
    return at_least(y * (1 / row_sums(y)[:, np.newaxis]), tiny)


def _error(y: np.ndarray, e: np.ndarray) -> np.ndarray:
    return y * (e - row_sums(e, y)[:, np.newaxis])
