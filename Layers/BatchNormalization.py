"""Batch normalization: every channel gets the mean and the spread that suit the next layer."""

import math
import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.Attributes import OlderName, refuse_other_values
from Foundation.Formulas import elementwise
from Foundation.Moments import beside, known, moments_of_all, sums, sums_of_all
from Layers.Base import Parameter, backward_pass, forward_pass
from Layers.Normalization import Normalization


class BatchNormalization(Normalization):
    r"""Bring each channel to mean 0 and variance 1 over the batch, then scale and shift it as is learnt.

    $$\hat x = \frac{x - \mu_B}{\sqrt{\sigma_B^2 + \epsilon}}, \qquad y = \gamma \hat x + \beta$$

    with the mean $\mu_B$ and the variance $\sigma_B^2$ of the channel, over the N = batch · y · x values
    that it has in the batch. Both depend on every x, so that the derivative has three terms:

    $$\frac{\partial L}{\partial x} = \frac{\gamma}{\sqrt{\sigma_B^2 + \epsilon}}
      \Bigl(e - \frac{1}{N} \sum e - \frac{\hat x}{N} \sum e \hat x\Bigr), \qquad
      \frac{\partial L}{\partial \gamma} = \sum e \hat x, \qquad
      \frac{\partial L}{\partial \beta} = \sum e .$$

    The testing phase knows no batch: it takes moving averages of mean and variance, which the first
    training batch starts and each later one moves by a fifth,
    $\tilde\mu \leftarrow \alpha \tilde\mu + (1 - \alpha) \mu_B$ with α = 0.8. There they are constants, and
    the derivative is the first term alone.

    Shapes:
        input, output and errors `(batch, channels)`, `(batch, channels, y)` or `(batch, channels, y, x)`;
        `weights` γ, `bias` β, their gradients, `moving_mean` and `moving_variance` `(channels,)`.

    Args:
        channels: number of channels, or of features of a vector.
        decay: share α of the moving averages that stays when a batch comes, 0 < α ≤ 1 (0.8); PyTorch's and Keras's
            defaults are 0.9 and 0.99, where PyTorch calls 1 - α the momentum.
        epsilon: what keeps the quotient finite, ε, above 0 (1e-11).

    Attributes:
        moving_mean: moving average of the batches' means; None before the first training batch.
        moving_variance: moving average of their (population) variances.
        input_shape: shape of the last image that came, which `reformat` returns to.

    γ starts as ones and β as zeros; `initialize` sets them back to that, whatever it is given. Older scripts have
    `DECAY` and `EPSILON` for a layer's `decay` and `epsilon`.

    Raises:
        TypeError, ValueError: where an argument, an input or assigned parameters do not fit, and for a training batch
            of one value for each channel (N = 1), which is its own mean and tells nothing about the spread.
        RuntimeError: where `backward` is called before `forward`, or the testing phase comes before any
            training batch.

    Source: S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", ICML 2015.

    >>> from Layers import BatchNormalization
    >>> layer = BatchNormalization.BatchNormalization(2)
    >>> layer.forward([[1.0, 10.0], [3.0, 30.0]]).round(6)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> layer.moving_mean, layer.moving_variance
    (array([ 2., 20.]), array([  1., 100.]))
    >>> layer.testing_phase = True
    >>> layer.forward([[4.0, 20.0]]).round(6)
    array([[2., 0.]])
    """

    DECAY, EPSILON = OlderName("decay"), OlderName("epsilon")
    refuses_nan = False  # the sums tell
    weights = Parameter(lambda layer: (layer.channels,), first=1.0)
    bias = Parameter(lambda layer: (layer.channels,), first=0.0, bias_rows=None)

    def __init__(self, channels: int, *, decay: float = 0.8, epsilon: float = 1e-11) -> None:
        super().__init__()
        self.channels = Checks.positive_integer(channels, "BatchNormalization", "channels")
        self.decay = Checks.share(decay, "BatchNormalization", "decay", "the share that stays")
        self.epsilon = Checks.number(epsilon, "BatchNormalization", "epsilon", least=sys.float_info.min)
        refuse_other_values(self, "DECAY", "EPSILON")
        self.moving_mean: Any = None
        self.moving_variance: Any = None
        self.input_shape: tuple[int, ...] | None = None
        self.set_first_values()

    @forward_pass("batch", "channels", "[y]", "[x]")
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Normalize a batch, in its own shape."""
        weights, bias = self.used
        if self.testing_phase:
            x, rest, variance = known(input_tensor, self._read("moving_mean"), self._read("moving_variance"), self)
        else:
            x, mean, rest, variance = moments_of_all(input_tensor, self)
            self._move(mean, variance, x.dtype)
        if x.ndim > 2:
            self.input_shape = x.shape
        scale = 1 / np.sqrt(variance + self.epsilon)
        self.kept = x, rest, scale, self.testing_phase
        columns = beside(x, scale * weights, bias - rest * scale * weights)
        return elementwise(lambda x, f, offset: x * f + offset, x, *columns)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray | None:
        """The error of the input, in its shape; set `gradient_weights` and `gradient_bias`; update."""
        (weights, _), (x, rest, scale, testing) = self.used, self.kept
        sum_e, products = sums(x, error_tensor, self)
        sum_ex = scale * (products - rest * sum_e)
        self.gradient_weights, self.gradient_bias = sum_ex.astype(x.dtype), sum_e.astype(x.dtype)
        if not self.needs_input_error:
            return None
        share, sum_e, sum_ex = (0.0, sum_e, sum_ex) if testing else sums_of_all(x, sum_e, sum_ex)
        slope = share * scale * sum_ex
        columns = beside(x, slope, share * sum_e - rest * slope, scale * weights)
        return elementwise(lambda x, e, slope, mean, f: (e - slope * x - mean) * f, x, error_tensor, *columns)

    def reformat(self, tensor: ArrayLike) -> np.ndarray:
        """Images `(batch, channels, y, x)` as rows `(batch · y · x, channels)`, and such rows as images again.

        The way back needs the shape of the images: that of the last that came, or `input_shape` set by hand.
        """
        array = Checks.tensor(tensor, self, "input")
        if array.ndim != 2:
            self.input_shape = Checks.tensor(array, self, "input", ("batch", self.channels, "y", "x")).shape
            return np.moveaxis(array, 1, -1).reshape(-1, self.channels)
        if self.input_shape is None:
            raise RuntimeError(f"{self!r}: reformat needs the images' shape; reformat images first or set input_shape")
        batch, channels, *positions = Checks.positive_integers(self.input_shape, self, "input_shape")
        rows = Checks.tensor(array, self, "input", (batch * math.prod(positions), channels))
        return np.moveaxis(rows.reshape(batch, *positions, channels), -1, 1)

    def _read(self, name: str) -> np.ndarray:
        """A moving average, once there is one."""
        if getattr(self, name) is None:
            raise RuntimeError(f"{self!r}: the testing phase needs moving averages; train on at least one batch first")
        return Checks.tensor(getattr(self, name), self, name, (self.channels,), float)

    def _move(self, mean: np.ndarray, variance: np.ndarray, dtype: np.dtype) -> None:
        """Take a batch's statistics into the moving averages."""
        if self.moving_mean is not None:
            mean = self.decay * self._read("moving_mean") + (1 - self.decay) * mean
            variance = self.decay * self._read("moving_variance") + (1 - self.decay) * variance
        self.moving_mean, self.moving_variance = mean.astype(dtype), variance.astype(dtype)
