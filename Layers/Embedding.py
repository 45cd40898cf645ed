"""Embedding: words become vectors."""

from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.SparseRows import SparseRows
from Layers.Base import Parameter, TrainableLayer, backward_pass, forward_pass


class Embedding(TrainableLayer):
    r"""Look up a vector for each whole number, in a table that is learnt.

    $$y_b = W_{x_b}, \qquad \frac{\partial L}{\partial W_i} = \sum_{b:\, x_b = i} e_b$$

    This is what a fully connected layer makes of one-hot rows, without the rows: a pass costs what the batch costs,
    however large the vocabulary is. So does a step:

    - `gradient_weights` is a `Foundation.SparseRows.SparseRows`, which holds the rows of the batch. `numpy.asarray`
      makes the whole matrix of it.
    - An optimizer by whose rule a gradient of 0 moves nothing, such as `Sgd`, moves these rows alone, which is exact.
    - `SgdWithMomentum`, `Adam` and others that remember earlier gradients move all rows at every step, also those that
      the batch doesn't have; a regularizer shrinks all of them. That is exact too, and costs what the table costs. With
      `lazy=True`, a row and what is remembered of it move in those steps alone that its word takes part in; steps are
      counted together. This is another rule, PyTorch's `SparseAdam`. A regularizer still looks at all rows.

    Who reads `weights` has an array that doesn't move: the next step copies the table once.

    Shapes:
        input whole numbers `(batch, …)`, for example `(batch, time)`; output and error tensor `(batch, …, size)`; there
        is no error of the input, `backward` gives None; `weights` `(vocabulary, size)`.

    Args:
        vocabulary: how many different numbers there are, from 0 on.
        size: number of features of a vector.
        padding: the number that stands for no word; its vector is 0 and is not learnt (None: each is a word).
        lazy: whether rows that a batch doesn't have stay as they are, whatever the optimizer (False).

    The weights are uniform in [0, 1) until `initialize` draws better ones. A network that begins with the layer hands
    whole numbers on as they come.

    Raises:
        TypeError, ValueError: where arguments, assigned weights or an error do not fit; where a number of the input
            isn't whole, or outside the vocabulary.
        RuntimeError: where `backward` is called before `forward`.

    Source: Y. Bengio et al., "A neural probabilistic language model", Journal of Machine Learning Research 3 (2003).

    >>> layer = Embedding(3, 2)
    >>> layer.weights = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    >>> layer.forward([2, 0, 2])
    array([[4., 5.],
           [0., 1.],
           [4., 5.]])
    >>> layer.backward([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    >>> np.asarray(layer.gradient_weights)
    array([[2., 2.],
           [0., 0.],
           [4., 4.]])
    """

    weights = Parameter(lambda layer: (layer.vocabulary, layer.size))
    takes_integers = True
    _made_by_passes = frozenset({"gradient_weights"})

    def __init__(self, vocabulary: int, size: int, padding: int | None = None, *, lazy: bool = False) -> None:
        super().__init__()
        self.vocabulary = Checks.positive_integer(vocabulary, "Embedding", "vocabulary")
        self.size = Checks.positive_integer(size, "Embedding", "size")
        self.padding = None if padding is None else Checks.integer(padding, "Embedding", "padding", least=0)
        if self.padding is not None and self.padding >= vocabulary:
            raise ValueError(f"Embedding: expected padding below the vocabulary of {vocabulary}, got {padding}")
        self.lazy = Checks.truth(lazy, "Embedding", "lazy")
        self.set_first_values()

    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        """Draw the vectors; the fans are 1, as each output has one number of the table in it, and `size`."""
        self.draw_parameters(weights_initializer, bias_initializer, weights=(1, self.size))

    @forward_pass()
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Map whole numbers `(batch, …)` to `(batch, …, size)`."""
        (weights,), self.kept = self.used, Checks.places(input_tensor, self, "input", self.vocabulary)
        output = weights.take(self.kept, axis=0)
        if self.padding is not None:
            output[self.kept == self.padding] = 0
        return output

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> None:
        """Set `gradient_weights` from the error `(batch, …, size)`; update."""
        rows, errors = self.kept.ravel(), error_tensor.reshape(-1, self.size)
        if self.padding is not None:
            rows, errors = rows[rows != self.padding], errors[rows != self.padding]
        self.gradient_weights = SparseRows.summed((self.vocabulary, self.size), rows, errors, self.lazy)
