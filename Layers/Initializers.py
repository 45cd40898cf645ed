"""Where weights begin.

A layer that starts with weights too small or too large makes the signal fade or grow from layer to
layer. Xavier and He choose the spread from the number of connections, so that it stays about the same.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.Configurable import Configurable
from Foundation.Randomness import as_generator, random_source


class Initializer(Configurable, ABC):
    """Draws the values that a parameter starts with."""

    @abstractmethod
    def initialize(self, weights_shape: tuple[int, ...], fan_in: int, fan_out: int) -> np.ndarray:
        """New values of `weights_shape`, float64.

        Args:
            weights_shape: shape of the parameter.
            fan_in: number of inputs that each output sees.
            fan_out: number of outputs that each input reaches.
        """


class Constant(Initializer):
    """The same value everywhere: usual for a bias, useless for weights, which would all learn alike.

    >>> from Layers import Initializers
    >>> Initializers.Constant(0.5).initialize((1, 3), 2, 3)
    array([[0.5, 0.5, 0.5]])
    """

    def __init__(self, value: float = 0.1) -> None:
        self.value = Checks.number(value, "Constant", "value")

    def initialize(self, weights_shape: tuple[int, ...], fan_in: int, fan_out: int) -> np.ndarray:
        """`value` in the given shape; the fans are not used."""
        return np.full(_shape(self, weights_shape), self.value)


class UniformRandom(Initializer):
    """Uniform in [0, 1).

    Args:
        rng: a seed or a `numpy.random.Generator`; None draws from NumPy's global state.

    >>> from Layers import Initializers
    >>> Initializers.UniformRandom(rng=1).initialize((2,), 1, 1).round(2)
    array([0.51, 0.95])
    """

    def __init__(self, rng: int | np.random.Generator | None = None) -> None:
        self.rng = as_generator(rng, type(self).__name__)

    def initialize(self, weights_shape: tuple[int, ...], fan_in: int, fan_out: int) -> np.ndarray:
        """Uniform numbers in the given shape; the fans are not used."""
        return random_source(self.rng).random(_shape(self, weights_shape))


class Xavier(Initializer):
    r"""Normal with mean 0 and standard deviation $\sigma = \sqrt{2 / (\text{fan\_in} + \text{fan\_out})}$.

    The compromise between keeping the signal's spread on the way forward and the error's on the way
    back; made for activations that are linear around zero, as the hyperbolic tangent.

    Args:
        rng: a seed or a `numpy.random.Generator`; None draws from NumPy's global state.

    Source: X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010.

    >>> from Layers import Initializers
    >>> round(float(Initializers.Xavier(rng=0).initialize((300, 100), 300, 100).std()), 2)
    0.07
    """

    def __init__(self, rng: int | np.random.Generator | None = None) -> None:
        self.rng = as_generator(rng, type(self).__name__)

    def initialize(self, weights_shape: tuple[int, ...], fan_in: int, fan_out: int) -> np.ndarray:
        """Normal numbers in the given shape, their spread from both fans."""
        fans = _fan(self, fan_in, "fan_in") + _fan(self, fan_out, "fan_out")
        return random_source(self.rng).normal(0.0, np.sqrt(2.0 / fans), _shape(self, weights_shape))


class XavierUniform(Xavier):
    r"""Uniform in [-a, a) with $a = \sqrt{6 / (\text{fan\_in} + \text{fan\_out})}$: `Xavier`'s spread, no outliers.

    This is the form that the paper has, and Keras's default.

    Args:
        rng: a seed or a `numpy.random.Generator`; None draws from NumPy's global state.

    Source: X. Glorot, Y. Bengio, as `Xavier`.

    >>> from Layers import Initializers
    >>> round(float(Initializers.XavierUniform(rng=0).initialize((300, 100), 300, 100).max()), 3)
    0.122
    """

    def initialize(self, weights_shape: tuple[int, ...], fan_in: int, fan_out: int) -> np.ndarray:
        """Uniform numbers in the given shape, their bound from both fans."""
        bound = np.sqrt(6.0 / (_fan(self, fan_in, "fan_in") + _fan(self, fan_out, "fan_out")))
        return random_source(self.rng).uniform(-bound, bound, _shape(self, weights_shape))


class He(Initializer):
    r"""Normal with mean 0 and standard deviation $\sigma = \sqrt{2 / \text{fan\_in}}$.

    Twice the variance that a linear layer needs, since the ReLU behind it sets half of the signal to zero.

    Args:
        rng: a seed or a `numpy.random.Generator`; None draws from NumPy's global state.

    Source: K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", ICCV 2015.

    >>> from Layers import Initializers
    >>> round(float(Initializers.He(rng=0).initialize((200, 100), 200, 100).std()), 2)
    0.1
    """

    def __init__(self, rng: int | np.random.Generator | None = None) -> None:
        self.rng = as_generator(rng, type(self).__name__)

    def initialize(self, weights_shape: tuple[int, ...], fan_in: int, fan_out: int) -> np.ndarray:
        """Normal numbers in the given shape, their spread from `fan_in`."""
        spread = np.sqrt(2.0 / _fan(self, fan_in, "fan_in"))
        return random_source(self.rng).normal(0.0, spread, _shape(self, weights_shape))


class HeUniform(He):
    r"""Uniform in [-a, a) with $a = \sqrt{6 / \text{fan\_in}}$: the spread of `He`, no outliers.

    Args:
        rng: a seed or a `numpy.random.Generator`; None draws from NumPy's global state.

    Source: K. He, X. Zhang, S. Ren, J. Sun, as `He`.

    >>> from Layers import Initializers
    >>> round(float(Initializers.HeUniform(rng=0).initialize((200, 100), 200, 100).max()), 3)
    0.173
    """

    def initialize(self, weights_shape: tuple[int, ...], fan_in: int, fan_out: int) -> np.ndarray:
        """Uniform numbers in the given shape, their bound from `fan_in`."""
        bound = np.sqrt(6.0 / _fan(self, fan_in, "fan_in"))
        return random_source(self.rng).uniform(-bound, bound, _shape(self, weights_shape))


class Orthogonal(Initializer):
    r"""A random matrix with orthonormal rows or columns, whichever are fewer, times a gain.

    $$W W^T = g^2 I \quad \text{or} \quad W^T W = g^2 I$$

    It leaves lengths as they are, through however many linear layers or time steps. All such matrices are equally
    likely: Q of the QR decomposition of normal numbers, where the diagonal of R is made positive. What has more than
    two axes is the matrix `(first, all others)`: a convolution's kernels are its rows, each flattened. The matrix of a
    recurrent layer is drawn as a whole, inputs and all gates together.

    Args:
        gain: what the matrix is multiplied by, g; √2 before a ReLU (1).
        rng: a seed or a `numpy.random.Generator`; None draws from NumPy's global state.

    Source: A. M. Saxe, J. L. McClelland, S. Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks", ICLR 2014; F. Mezzadri, "How to generate random matrices from the classical compact
    groups", Notices of the AMS 54 (2007).

    >>> from Layers import Initializers
    >>> matrix = Initializers.Orthogonal(rng=0).initialize((2, 3), 2, 3)
    >>> (matrix @ matrix.T).round(6) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """

    def __init__(self, gain: float = 1.0, rng: int | np.random.Generator | None = None) -> None:
        self.gain = Checks.number(gain, "Orthogonal", "gain")
        self.rng = as_generator(rng, "Orthogonal")

    def initialize(self, weights_shape: tuple[int, ...], fan_in: int, fan_out: int) -> np.ndarray:
        """An orthogonal matrix in the given shape; the fans are not used."""
        values = np.empty(_shape(self, weights_shape, least=1))
        matrix = values.reshape(len(values), -1)
        fewer, more = sorted(matrix.shape)
        q, r = np.linalg.qr(random_source(self.rng).normal(size=(more, fewer)))
        q *= self.gain * np.copysign(1, np.diagonal(r))
        matrix[...] = q if matrix.shape == q.shape else q.T
        return values


def _shape(initializer: Initializer, shape: Any, least: int = 0) -> tuple[int, ...]:
    found = Checks.positive_integers(shape if hasattr(shape, "__len__") else (shape,), initializer, "weights_shape")
    if len(found) < least:
        raise ValueError(f"{initializer!r}: expected weights_shape of at least {least} axis, got {found}")
    return found


def _fan(initializer: Initializer, value: Any, name: str) -> float:
    return Checks.number(value, initializer, name, least=1)
