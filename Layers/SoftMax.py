"""SoftMax: scores become probabilities."""

import numpy as np
from numpy.typing import ArrayLike

from Foundation.Pieces import in_pieces
from Layers.Base import BaseLayer


class SoftMax(BaseLayer):
    r"""Turn each row of scores into a probability distribution.

    $$y_j = \frac{e^{x_j - \max x}}{\sum_k e^{x_k - \max x}}, \qquad
      \frac{\partial L}{\partial x_j} = y_j \Bigl(e_j - \sum_k e_k y_k\Bigr)$$

    Subtracting the row's maximum changes nothing in the quotient and keeps the exponentials from
    overflowing. A probability too small for the number type is raised to the smallest normal number t
    (1.2e-38 in float32, 2.2e-308 in float64). This is what makes the gradient of a cross-entropy that
    follows exact: its error at the label is -1/t there, t is a power of two, and so the product
    t · (-1/t) that stands in the formula is exactly -1 instead of 0 · infinity.

    Shapes: input, output and errors `(batch, classes)`.

    Raises:
        TypeError, ValueError: where the input is no matrix of numbers, or the error has another shape.
        RuntimeError: where `backward` is called before `forward`.

    Source: J. Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990.

    >>> layer = SoftMax()
    >>> layer.forward([[0.0, 0.0], [1000.0, 1000.0]])
    array([[0.5, 0.5],
           [0.5, 0.5]])
    >>> layer.backward([[1.0, 0.0], [0.0, 1.0]])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """

    def forward(self, input_tensor: ArrayLike) -> np.ndarray:
        """The probabilities of each row of scores."""
        scores = self._receive(input_tensor, ("batch", "classes"))
        probabilities = np.empty(scores.shape, scores.dtype)  # row by row, whatever the scores' order of memory
        tiny = np.finfo(scores.dtype).tiny

        def compute(part: slice) -> None:
            piece = probabilities[part]
            np.subtract(scores[part], np.maximum.reduce(scores[part], axis=1, keepdims=True), out=piece)
            np.exp(piece, out=piece)
            piece *= 1 / np.einsum("ij->i", piece)[:, np.newaxis]
            if np.minimum.reduce(piece, axis=None) < tiny:
                np.maximum(piece, tiny, out=piece)

        in_pieces(compute, scores, long_rows=True)
        self._remember(probabilities)
        return probabilities

    def backward(self, error_tensor: ArrayLike) -> np.ndarray:
        """The error of the scores from the error of the probabilities."""
        (probabilities,) = self._recall()
        error_tensor = self._receive(error_tensor, probabilities.shape, probabilities.dtype, "error tensor")
        input_error = np.empty_like(probabilities)

        def compute(part: slice) -> None:
            piece = input_error[part]
            mean_error = np.einsum("ij,ij->i", error_tensor[part], probabilities[part])
            np.subtract(error_tensor[part], mean_error[:, np.newaxis], out=piece)
            piece *= probabilities[part]

        in_pieces(compute, probabilities, long_rows=True)
        return input_error
