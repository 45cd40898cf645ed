"""Layer normalization: every sample gets the mean and the spread that suit the next layer, whatever its batch holds."""

import sys

import numpy as np

from Foundation import Checks
from Foundation.Formulas import elementwise
from Foundation.Moments import beside, moments, sums
from Layers.Base import Parameter, backward_pass, forward_pass
from Layers.Normalization import Normalization


class LayerNormalization(Normalization):
    r"""Bring the features of each sample to mean 0 and variance 1, then scale and shift each feature as is learnt.

    $$\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad y = \gamma \hat x + \beta$$

    with the mean $\mu$ and the variance $\sigma^2$ over the N features of the sample; in a sequence, of each time step
    for itself. Both depend on every x of the sample, so that the derivative has three terms:

    $$g = \gamma e, \qquad
      \frac{\partial L}{\partial x} = \frac{1}{\sqrt{\sigma^2 + \epsilon}}
      \Bigl(g - \frac{1}{N} \sum g - \frac{\hat x}{N} \sum g \hat x\Bigr), \qquad
      \frac{\partial L}{\partial \gamma} = \sum e \hat x, \qquad
      \frac{\partial L}{\partial \beta} = \sum e ,$$

    the first two sums over the features, the last two over samples and time steps. No sample knows of another: there
    are no moving averages, and the testing phase is as the training.

    Shapes:
        input, output and errors `(batch, features)` or `(batch, time, features)`; `weights` γ, `bias` β and their
        gradients `(features,)`. The features of an image are all its numbers, or its channels at each place: put a
        `Flatten` before the layer, or move the channels to the end of `(batch, y · x, channels)`.

    Args:
        features: number of features, at least 2, as one alone is its own mean.
        epsilon: what keeps the quotient finite, ε, above 0 (1e-5).

    γ starts as ones and β as zeros; `initialize` sets them back to that, whatever it is given.

    Raises:
        TypeError, ValueError: where an argument, an input or assigned parameters do not fit.
        RuntimeError: where `backward` is called before `forward`.

    Source: J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", 2016.

    >>> from Layers import LayerNormalization
    >>> layer = LayerNormalization.LayerNormalization(2)
    >>> layer.forward([[1.0, 3.0], [10.0, 30.0]]).round(4)
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    weights = Parameter(lambda layer: (layer.features,), first=1.0)
    bias = Parameter(lambda layer: (layer.features,), first=0.0, bias_rows=None)

    def __init__(self, features: int, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.features = Checks.integer(features, "LayerNormalization", "features", least=2)
        self.epsilon = Checks.number(epsilon, "LayerNormalization", "epsilon", least=sys.float_info.min)
        self.set_first_values()

    @forward_pass("[batch]", "samples", "features", hint="put a Flatten before it?")
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Normalize each sample, or each time step of each sequence, in the input's shape."""
        weights, bias = self.used
        x = input_tensor.reshape(-1, self.features)
        x, _, rest, variance = moments(x, self, "take more features", each=(0,))
        scale = 1 / np.sqrt(variance + self.epsilon)
        output, normalized = elementwise(
            lambda x, w, b, r, f: ((n := (x - r) * f) * w + b, n),
            *(x, weights, bias, *beside(x, rest, scale, each=(0,))),
        )
        self.kept = normalized, scale
        return output.reshape(input_tensor.shape)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray | None:
        """The error of the input, in its shape; set `gradient_weights` and `gradient_bias`; update."""
        (weights, _), (x, scale) = self.used, self.kept
        e = error_tensor.reshape(x.shape)
        sum_e, sum_ex = sums(x, e, self)
        self.gradient_weights, self.gradient_bias = sum_ex.astype(x.dtype), sum_e.astype(x.dtype)
        if not self.needs_input_error:
            return None
        means = sums(x, e * weights, self, each=(0,)) / self.features
        input_error = elementwise(
            lambda x, e, w, mean, slope, f: (e * w - mean - slope * x) * f,
            *(x, e, weights, *beside(x, *means, scale, each=(0,))),
        )
        return input_error.reshape(error_tensor.shape)
