"""Upsampling: more pixels, by copies or in between."""

from collections.abc import Sequence

import numpy as np

from Foundation import Checks
from Layers.Base import BaseLayer, backward_pass, forward_pass
from Layers.Padding import few
from Layers.Windows import read_axes


class Upsampling(BaseLayer):
    r"""Make images larger by whole factors: each pixel several times, or what lies between two of them.

    Along each axis an output at place y stands at (y + 1/2) / s - 1/2 of the input, as pixels are squares. `"nearest"`
    takes the pixel that covers the place, `"bilinear"` the straight line between the two beside it:

    $$Y_{s q + r} = (1 - |f_r|)\, X_q + |f_r|\, X_{q + \operatorname{sign} f_r}, \qquad
      f_r = \frac{r + 1/2}{s} - \frac{1}{2}, \quad 0 \le r < s$$

    where a pixel beyond the border is the one at the border: what `torch.nn.functional.interpolate` gives with
    `align_corners=False`.

    Shapes: input and its error `(batch, channels, y, x)`, output and error `(batch, channels, s_y · y, s_x · x)`;
    signals `(batch, channels, y)` likewise.

    Args:
        scale: how many times as many pixels, `(s_y, s_x)`. One number stands for both.
        mode: `"nearest"` or `"bilinear"`, which for signals is linear.
        axes: 2 for images, 1 for signals.

    Raises:
        TypeError, ValueError: where arguments or an input do not fit.
        RuntimeError: where `backward` is called before `forward`.

    Source: J. Long, E. Shelhamer, T. Darrell, "Fully convolutional networks for semantic segmentation", CVPR 2015.

    >>> from Layers import Upsampling
    >>> Upsampling.Upsampling(2, axes=1).forward([[[1.0, 3.0]]])
    array([[[1., 1., 3., 3.]]])
    >>> layer = Upsampling.Upsampling(2, "bilinear", axes=1)
    >>> layer.forward([[[1.0, 3.0]]])
    array([[[1. , 1.5, 2.5, 3. ]]])
    >>> layer.backward([[[0.0, 1.0, 0.0, 1.0]]])
    array([[[0.75, 1.25]]])
    """

    def __init__(self, scale: int | Sequence[int], mode: str = "nearest", *, axes: int = 2) -> None:
        self.axes = read_axes(axes, "Upsampling")
        self.scale = few(Checks.per_axis(scale, self.axes, "Upsampling", "scale"), "Upsampling", "scale")
        self.mode = Checks.one_of(mode, "Upsampling", "mode", ("nearest", "bilinear"))

    @property
    def number_of_axes(self) -> int:
        """How many axes the input has: 4 for images, 3 for signals."""
        return 2 + self.axes

    @forward_pass("batch", "channels", "y", "[x]")
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Map `(batch, channels, y[, x])` to `(batch, channels, s_y · y[, s_x · x])`."""
        for axis, scale in enumerate(self.scale, start=2):
            input_tensor = self._stretched(input_tensor, axis, scale)
        return input_tensor

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """Hand each output's error to the pixels that it is made of, in the same parts."""
        for axis, scale in enumerate(self.scale, start=2):
            error_tensor = self._gathered(error_tensor, axis, scale)
        return error_tensor

    def _stretched(self, images: np.ndarray, axis: int, scale: int) -> np.ndarray:
        """`scale` pixels for each, along an axis."""
        number = images.shape[axis]
        larger = np.empty_like(images, shape=(*images.shape[:axis], number * scale, *images.shape[axis + 1 :]))
        for place, (share, step) in enumerate(self._shares(scale)):
            every = (slice(None),) * axis + (slice(place, None, scale),)
            if share:
                beside = images.take(np.clip(np.arange(number) + step, 0, number - 1), axis)
                larger[every] = (1 - share) * images + share * beside
            else:
                larger[every] = images
        return larger

    def _gathered(self, errors: np.ndarray, axis: int, scale: int) -> np.ndarray:
        """The sum of what `scale` pixels have for each that they are made of, along an axis."""
        number = errors.shape[axis] // scale
        total = np.zeros_like(errors, shape=(*errors.shape[:axis], number, *errors.shape[axis + 1 :]))
        rows, stretched = np.moveaxis(total, axis, 0), np.moveaxis(errors, axis, 0)
        for place, (share, step) in enumerate(self._shares(scale)):
            rows += (1 - share) * stretched[place::scale]
            if share:
                beside = share * stretched[place::scale]
                rows[max(step, 0) : number + min(step, 0)] += beside[max(-step, 0) : number - max(step, 0)]
                rows[-(step > 0)] += beside[-(step > 0)]  # what is beyond the border
        return total

    def _shares(self, scale: int) -> list[tuple[float, int]]:
        """Of each pixel's place among `scale`, the share of the pixel beside, and on which side that is."""
        if self.mode == "nearest":
            return [(0.0, 0)] * scale
        places = ((place + 0.5) / scale - 0.5 for place in range(scale))
        return [(abs(place), -1 if place < 0 else 1) for place in places]
