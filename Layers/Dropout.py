"""Dropout: a different random part of the units rests in every step."""

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.Pieces import in_pieces
from Foundation.Randomness import as_generator, random_source
from Layers.Base import BaseLayer


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

    >>> layer = Dropout(0.5, rng=6)
    >>> layer.forward([[1.0, 2.0, 3.0, 4.0]])
    array([[2., 0., 0., 8.]])
    >>> layer.backward([[1.0, 1.0, 1.0, 1.0]])
    array([[2., 0., 0., 2.]])
    """

    def __init__(self, probability: float, rng: int | np.random.Generator | None = None) -> None:
        self.probability = Checks.number(probability, "Dropout", "probability", least=0)
        if not 0 < self.probability <= 1:
            raise ValueError(
                f"Dropout: expected probability, the share that is kept, above 0 and at most 1, got {probability!r}"
            )
        self.rng = as_generator(rng)

    def forward(self, input_tensor: ArrayLike) -> np.ndarray:
        """The input with random elements set to zero and the others scaled; in the testing phase the input."""
        input_tensor = self._receive(input_tensor)
        if self.testing_phase:
            self._remember(input_tensor.shape, None)
            return input_tensor
        mask = self._draw_mask(input_tensor.shape)
        self._remember(input_tensor.shape, mask)
        return self._apply(mask, input_tensor)

    def backward(self, error_tensor: ArrayLike) -> np.ndarray:
        """The error, masked and scaled as the input was."""
        shape, mask = self._recall()
        error_tensor = self._receive(error_tensor, shape, what="error tensor")
        return error_tensor if mask is None else self._apply(mask, error_tensor)

    def _draw_mask(self, shape: tuple[int, ...]) -> np.ndarray:
        """True where an element is kept."""
        # 32 random bits for each element cost half of what a float64 does, and give the same mask for
        # every number type. The limit is met by 2³²·p of the 2³² possible values: by all of them for p = 1.
        bits = np.frombuffer(random_source(self.rng).bytes(4 * int(np.prod(shape))), np.uint32).reshape(shape)
        return bits <= np.uint32(max(0, round(self.probability * 2**32) - 1))

    def _apply(self, mask: np.ndarray, tensor: np.ndarray) -> np.ndarray:
        scaled = np.empty_like(tensor)

        def compute(part: slice) -> None:
            piece = scaled[part]
            np.multiply(tensor[part], mask[part], out=piece)
            piece /= self.probability

        in_pieces(compute, tensor)
        return scaled
