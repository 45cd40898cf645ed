"""Dropout: a different random part of the units rests in every step."""

import numpy as np

from Foundation import Checks
from Foundation.Formulas import elementwise, only_where
from Foundation.Randomness import as_generator, random_mask
from Layers.Base import BaseLayer, backward_pass, forward_pass


class Dropout(BaseLayer):
    r"""Set random elements to zero while training, so that no unit can rely on a particular other one.

    $$y = \frac{m\, x}{p}, \qquad \frac{\partial L}{\partial x} = \frac{m\, e}{p}, \qquad
      m = \begin{cases} 1 & \text{with probability } p \\ 0 & \text{else} \end{cases}$$

    Dividing by p keeps the expected value ("inverted" dropout), so that in the testing phase the input
    passes as it is.

    Shapes: input, output and errors `(batch, …)`, any number of axes.

    Args:
        probability: of an element to be **kept**, not dropped: 0 < probability ≤ 1.
        rng: a seed or a `numpy.random.Generator`; None draws from NumPy's global state.

    Raises:
        TypeError, ValueError: where the probability is no such number, the input is empty or not made of
            numbers, or the error has another shape.
        RuntimeError: where `backward` is called before `forward`.

    Source: N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a simple
    way to prevent neural networks from overfitting", JMLR 15 (2014).

    >>> from Layers import Dropout
    >>> layer = Dropout.Dropout(0.5, rng=6)
    >>> layer.forward([[1.0, 2.0, 3.0, 4.0]])
    array([[2., 0., 0., 8.]])
    >>> layer.backward([[1.0, 1.0, 1.0, 1.0]])
    array([[2., 0., 0., 2.]])
    """

    def __init__(self, probability: float, rng: int | np.random.Generator | None = None) -> None:
        self.probability = Checks.share(probability, "Dropout", "probability", "the share that is kept")
        self.rng = as_generator(rng, "Dropout")

    @forward_pass()
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """The input with random elements set to zero and the others scaled; in the testing phase the input."""
        if self.testing_phase:
            return input_tensor
        self.kept = random_mask(self.rng, self.probability, input_tensor)
        return elementwise(lambda x, m, p: only_where(m, x) / p, input_tensor, self.kept, self.probability)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """The error, masked and scaled as the input was."""
        if self.kept is None:
            return error_tensor
        return elementwise(lambda e, m, p: only_where(m, e) / p, error_tensor, self.kept, self.probability)
