"""Batch normalization: every channel gets the mean and the spread that suit the next layer."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from Foundation import Checks
from Foundation.Pieces import in_pieces
from Layers.Base import TrainableLayer


class BatchNormalization(TrainableLayer):
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

    Attributes:
        moving_mean: moving average of the batches' means; None before the first training batch.
        moving_variance: moving average of their (population) variances.
        input_shape: shape of the last image that came, which `reformat` returns to.

    γ starts as ones and β as zeros; `initialize` sets them back to that, whatever it is given. ε = 1e-11.

    Raises:
        TypeError, ValueError: where `channels`, an input or assigned parameters do not fit.
        RuntimeError: where `backward` is called before `forward`, or the testing phase comes before any
            training batch.

    Source: S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", ICML 2015.

    >>> layer = BatchNormalization(2)
    >>> layer.forward([[1.0, 10.0], [3.0, 30.0]]).round(6)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> layer.moving_mean, layer.moving_variance
    (array([ 2., 20.]), array([  1., 100.]))
    >>> layer.testing_phase = True
    >>> layer.forward([[4.0, 20.0]]).round(6)
    array([[2., 0.]])
    """

    DECAY = 0.8
    EPSILON = 1e-11

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = Checks.positive_integer(channels, "BatchNormalization", "channels")
        self.moving_mean: Any = None
        self.moving_variance: Any = None
        self.input_shape: tuple[int, ...] | None = None
        self.weights = self._first_values((self.channels,), 1.0)
        self.bias = self._first_values((self.channels,), 0.0)

    def initialize(self, weights_initializer: Any = None, bias_initializer: Any = None) -> None:
        """Set γ to ones and β to zeros; the initializers are not used."""
        self.weights = np.ones(self.channels, Checks.floating_dtype(np.asarray(self.weights).dtype))
        self.bias = np.zeros_like(self.weights)

    def forward(self, input_tensor: ArrayLike) -> np.ndarray:
        """Normalize a batch, in its own shape."""
        weights = self._parameter("weights", (self.channels,))
        bias = self._parameter("bias", (self.channels,))
        tensor = self._receive(input_tensor)
        axes = ("batch", self.channels, "y", "x")[: max(2, tensor.ndim)]
        tensor = self._receive(tensor, axes, weights.dtype)
        values = tensor.reshape(len(tensor), self.channels, -1)
        if self.testing_phase:
            Checks.require_finite(tensor, self, "input")
            mean, variance = self._moving("moving_mean"), self._moving("moving_variance")
            shift = mean.astype(values.dtype)
            rest = mean - shift
        else:
            shift, rest, variance = self._statistics(values)
            self._move(shift + rest, variance)
        scale = 1 / np.sqrt(variance + self.EPSILON)
        self._remember(tensor.shape, values, shift, rest, scale, weights, self.testing_phase)
        if tensor.ndim > 2:
            self.input_shape = tensor.shape
        centre, factor, offset = _columns(values.dtype, shift, scale * weights, bias - rest * scale * weights)
        output = np.empty_like(values)

        def normalize(part: slice) -> None:
            piece = output[part]
            np.subtract(values[part], centre, out=piece)
            piece *= factor
            piece += offset

        in_pieces(normalize, values, long_rows=True)
        return output.reshape(tensor.shape)

    def backward(self, error_tensor: ArrayLike) -> np.ndarray | None:
        """The error of the input, in its shape; set `gradient_weights` and `gradient_bias`; update."""
        shape, values, shift, rest, scale, weights, testing = self._recall()
        error_tensor = self._receive(error_tensor, shape, weights.dtype, "error tensor")
        errors = error_tensor.reshape(values.shape)
        gradient_bias, products = self._sums(values, shift, errors)
        gradient_weights = scale * (products - rest * gradient_bias)
        input_error = None
        if self.needs_input_error:
            share = 0.0 if testing else self.channels / values.size
            slope = share * scale * gradient_weights
            level = share * gradient_bias - rest * slope
            centre, slope, level, factor = _columns(values.dtype, shift, slope, level, scale * weights)
            result = np.empty_like(values)

            def differentiate(part: slice) -> None:
                piece = result[part]
                np.subtract(values[part], centre, out=piece)
                piece *= -slope
                piece += errors[part]
                piece -= level
                piece *= factor

            in_pieces(differentiate, values, long_rows=True)
            input_error = result.reshape(shape)
        self.gradient_weights = gradient_weights.astype(weights.dtype)
        self.gradient_bias = gradient_bias.astype(weights.dtype)
        self.update()
        return input_error

    def reformat(self, tensor: ArrayLike) -> np.ndarray:
        """Images `(batch, channels, y, x)` as rows `(batch · y · x, channels)`, and such rows as images again.

        The way back needs the shape of the images: that of the last that came, or `input_shape` set by hand.
        """
        tensor = self._receive(tensor)
        if tensor.ndim != 2:
            tensor = self._receive(tensor, ("batch", self.channels, "y", "x"))
            self.input_shape = tensor.shape
            return np.moveaxis(tensor, 1, -1).reshape(-1, self.channels)
        if self.input_shape is None:
            raise RuntimeError(f"{self!r}: reformat needs the images' shape; reformat images first or set input_shape")
        batch, channels, *positions = self.input_shape
        rows = self._receive(tensor, (batch * math.prod(positions), channels))
        return np.moveaxis(rows.reshape(batch, *positions, channels), -1, 1)

    def _statistics(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The mean of each channel, in two parts that add up to it, and the variance.

        The mean of the squares minus the square of the mean would cancel where the mean is large. Both are
        therefore taken of the values minus their first, which is hardly ever far from the others; where
        it is, the mean found with it is a better choice. What is left of the mean is small and precise.
        """
        count = values.size / self.channels
        shift = values[0, :, 0].copy()
        rest, squares = self._sums(values, shift) / count
        if (rest**2 > 0.9 * squares).any():
            shift = (shift + rest).astype(values.dtype)
            rest, squares = self._sums(values, shift) / count
        return shift, rest, np.maximum(squares - rest**2, 0)

    def _sums(self, values: np.ndarray, shift: np.ndarray, errors: np.ndarray | None = None) -> np.ndarray:
        """Two sums for each channel, over e and over e · (x - shift), in float64; e = x - shift without errors."""
        (centre,) = _columns(values.dtype, shift)

        def add(part: slice) -> list[np.ndarray]:
            centred = values[part] - centre
            summands = centred if errors is None else errors[part]
            return [np.einsum("bcn->c", summands), np.einsum("bcn,bcn->c", summands, centred)]

        with np.errstate(invalid="ignore", over="ignore"):
            sums = np.sum(in_pieces(add, values, long_rows=True), axis=0, dtype=float)
        if not np.isfinite(sums).all():  # costs nothing, while looking at every element would
            what, array = ("input", values) if errors is None else ("error tensor", errors)
            Checks.require_finite(array, self, what)
            raise Checks.NonFiniteError(
                f"{self!r}: expected {what} with finite sums, got {sums.max()} in {array.dtype}"
            )
        return sums

    def _moving(self, name: str) -> np.ndarray:
        """A moving average, once there is one."""
        if getattr(self, name) is None:
            raise RuntimeError(f"{self!r}: the testing phase needs moving averages; train on at least one batch first")
        return self._receive(getattr(self, name), (self.channels,), float, name)

    def _move(self, mean: np.ndarray, variance: np.ndarray) -> None:
        """Take a batch's statistics into the moving averages."""
        if self.moving_mean is not None:
            mean = self.DECAY * self._moving("moving_mean") + (1 - self.DECAY) * mean
            variance = self.DECAY * self._moving("moving_variance") + (1 - self.DECAY) * variance
        dtype = Checks.floating_dtype(np.asarray(self.weights).dtype)
        self.moving_mean, self.moving_variance = mean.astype(dtype), variance.astype(dtype)


def _columns(dtype: DTypeLike, *per_channel: np.ndarray) -> list[np.ndarray]:
    """Numbers for each channel so that they meet `(batch, channels, positions)`."""
    return [numbers.astype(dtype)[:, np.newaxis] for numbers in per_channel]
