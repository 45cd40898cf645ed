"""Convolution: a few weights that look at every place of an image.

An output pixel is the scalar product of a kernel with one window of the image. With the windows as
rows of one matrix and the kernels as columns of another, the layer is their product, and backward is
two more of the same kind. A matrix of windows repeats each pixel m · n times, so it is built for a few
images at a time, as many as a core's cache holds, and never kept.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks, Winograd
from Foundation.Parallel import blocks, over_batch
from Layers.Base import TrainableLayer

_WINDOWS_BYTES = 2**20  # of a matrix of windows: half of a core's second-level cache


class Conv(TrainableLayer):
    r"""Slide learned kernels over images or signals: every output tells how well a place fits a kernel.

    $$Y_{b,k,y,x} = \beta_k + \sum_{c,i,j} W_{k,c,i,j}\;
      X_{b,\; c,\; s_y y + i - \lfloor m/2 \rfloor,\; s_x x + j - \lfloor n/2 \rfloor}$$

    where pixels outside the image are 0. Strictly speaking this is a cross-correlation; a convolution
    would turn the kernel upside down, which makes no difference to a kernel that is learned. The
    derivatives are correlations too: of the error with the turned kernels for the input, of the
    input with the error for the kernels,

    $$\frac{\partial L}{\partial W_{k,c,i,j}} = \sum_{b,y,x} E_{b,k,y,x}\;
      X_{b,\; c,\; s_y y + i - \lfloor m/2 \rfloor,\; s_x x + j - \lfloor n/2 \rfloor}, \qquad
      \frac{\partial L}{\partial \beta_k} = \sum_{b,y,x} E_{b,k,y,x} .$$

    The padding is that of stride 1, k // 2 zeros before and (k - 1) // 2 after for a kernel of size k,
    and a larger stride takes every s-th output from the first on. For even kernels that is what
    `scipy.signal.correlate(mode="same")` does, and the opposite of TensorFlow.

    Shapes:
        images: input `(batch, c, y, x)`, output and error `(batch, num_kernels, ⌈y / s_y⌉, ⌈x / s_x⌉)`,
        `weights` and `gradient_weights` `(num_kernels, c, m, n)`;
        signals: input `(batch, c, y)`, output and error `(batch, num_kernels, ⌈y / s⌉)`,
        `weights` and `gradient_weights` `(num_kernels, c, m)`;
        `bias` and `gradient_bias` `(num_kernels,)`.

    Args:
        stride_shape: step between neighbouring windows: one number, or one for each spatial axis.
        convolution_shape: channels and size of a kernel, `(c, m, n)` for images, `(c, m)` for signals.
        num_kernels: number of kernels, the channels of the output.

    Weights and bias are uniform in [0, 1) until `initialize` draws better ones. What `forward` returns
    has its channels last in memory, as the matrix product delivers them; its shape is as said above.

    Raises:
        TypeError, ValueError: where arguments, an input or assigned parameters do not fit.
        RuntimeError: where `backward` is called before `forward`.

    Source: Y. LeCun et al., "Backpropagation applied to handwritten zip code recognition", Neural
    Computation 1 (1989).

    >>> layer = Conv(1, (1, 3), 1)
    >>> layer.weights, layer.bias = np.array([[[1.0, 2.0, 3.0]]]), np.array([0.5])
    >>> layer.forward([[[1.0, 0.0, 0.0, 1.0]]])
    array([[[2.5, 1.5, 3.5, 2.5]]])
    >>> layer.backward([[[1.0, 0.0, 0.0, 0.0]]])
    array([[[2., 3., 0., 0.]]])
    """

    divides_the_batch = True

    def __init__(self, stride_shape: int | Sequence[int], convolution_shape: Sequence[int], num_kernels: int) -> None:
        super().__init__()
        self.convolution_shape = Checks.positive_integers(convolution_shape, "Conv", "convolution_shape")
        if len(self.convolution_shape) not in (2, 3):
            raise ValueError(
                "Conv: expected convolution_shape (channels, m) for signals or (channels, m, n) for images, "
                f"got {self.convolution_shape}"
            )
        self.stride_shape = Checks.per_axis(stride_shape, len(self.convolution_shape) - 1, "Conv", "stride_shape")
        self.num_kernels = Checks.positive_integer(num_kernels, "Conv", "num_kernels")
        self.weights = self._first_values((self.num_kernels, *self.convolution_shape))
        self.bias = self._first_values((self.num_kernels,))

    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        """Draw kernels and bias; the fans are c · m · n and num_kernels · m · n."""
        channels, *size = self.convolution_shape
        fans = channels * int(np.prod(size)), self.num_kernels * int(np.prod(size))
        shape = (self.num_kernels, *self.convolution_shape)
        self.weights = self._draw(weights_initializer, shape, *fans, like="weights")
        self.bias = self._draw(bias_initializer, (self.num_kernels,), *fans, like="bias")

    def forward(self, input_tensor: ArrayLike) -> np.ndarray:
        """Map `(batch, c, y[, x])` to `(batch, num_kernels, ⌈y / s_y⌉[, ⌈x / s_x⌉])`."""
        weights = self._parameter("weights", (self.num_kernels, *self.convolution_shape))
        bias = self._parameter("bias", (self.num_kernels,)).astype(weights.dtype, copy=False)
        axes = ("batch", self.convolution_shape[0], "y", "x")[: weights.ndim]
        images = _as_images(self._receive_finite(input_tensor, axes, weights.dtype))
        kernels, stride = _as_images(weights), (1, *self.stride_shape)[-2:]
        output_size = [-(-length // step) for length, step in zip(images.shape[2:], stride, strict=True)]
        output = np.empty((len(images), *output_size, self.num_kernels), weights.dtype)
        _correlate(images, kernels, output, _zeros_before(kernels), stride, bias)
        self._remember(images, kernels, stride)
        return self._channels_second(output)

    def backward(self, error_tensor: ArrayLike) -> np.ndarray | None:
        """Map the output's error to the input's; set `gradient_weights` and `gradient_bias`; update."""
        images, kernels, stride = self._recall()
        output_size = [-(-length // step) for length, step in zip(images.shape[2:], stride, strict=True)]
        shape = (len(images), self.num_kernels, *output_size[3 - len(self.convolution_shape) :])
        errors = _as_images(self._receive_finite(error_tensor, shape, kernels.dtype, "error tensor"))
        input_error = None
        if self.needs_input_error:
            input_error = self._channels_second(_input_error(images, kernels, errors, stride))
        gradient_weights, self.gradient_bias = _gradients(images, kernels, errors, stride)
        self.gradient_weights = gradient_weights.reshape(self.num_kernels, *self.convolution_shape)
        self.update()
        return input_error

    def _channels_second(self, images: np.ndarray) -> np.ndarray:
        """From (b, y, x, c) to the library's order of axes; a signal loses its y again."""
        images = images.transpose(0, 3, 1, 2)
        return images if len(self.convolution_shape) == 3 else images[:, :, 0]


def _as_images(array: np.ndarray) -> np.ndarray:
    """A signal is an image of one row."""
    return array[:, :, np.newaxis] if array.ndim == 3 else array


def _zeros_before(kernels: np.ndarray) -> list[int]:
    return [length // 2 for length in kernels.shape[2:]]


def _input_error(images: np.ndarray, kernels: np.ndarray, errors: np.ndarray, stride: Sequence[int]) -> np.ndarray:
    """Each input pixel collects the error of every window that it was in, (b, y, x, c).

    Kernel element i of output o saw input pixel o · stride + i - before. So this is a correlation of the
    error with reversed kernels, but of `stride` neighbouring pixels each was seen by other elements.
    """
    batch, channels, *size = images.shape
    (m, n), (y_stride, x_stride), (y_before, x_before) = kernels.shape[2:], stride, _zeros_before(kernels)
    y_last, x_last = (m - 1 - y_before) // y_stride, (n - 1 - x_before) // x_stride
    y_next, x_next = (y_stride - 1 + y_before) // y_stride, (x_stride - 1 + x_before) // x_stride
    window = y_last + 1 + y_next, x_last + 1 + x_next
    reversed_kernels = np.zeros((y_stride, x_stride, channels, len(kernels), *window), kernels.dtype)
    for i, j in np.ndindex(m, n):
        y, x = (i - y_before) % y_stride, (j - x_before) % x_stride  # the pixel that (i, j) saw
        window_y, window_x = (y + y_before - i) // y_stride, (x + x_before - j) // x_stride
        reversed_kernels[y, x, :, :, y_last + window_y, x_last + window_x] = kernels[:, :, i, j].T
    if y_stride == x_stride == 1:
        input_error = np.empty((batch, *size, channels), kernels.dtype)
        _correlate(errors, reversed_kernels[0, 0], input_error, (y_last, x_last))
        return input_error

    # The `stride` pixels of a row are computed together, as channels of one. Of the kernel's rows, each of `stride`
    # image rows was seen by every `stride`-th: with stride 2, of a kernel of three rows, the even image rows by the
    # middle one and the odd ones by the two others. They stand in neighbouring rows of the windows, the last first.
    height, width = errors.shape[2:]
    wide = reversed_kernels.transpose(0, 4, 5, 3, 1, 2).reshape(y_stride, window[0], -1, x_stride * channels)
    input_error = np.empty((batch, height, y_stride, width, wide.shape[3]), kernels.dtype)

    def work(block: slice) -> None:
        windows = _windows(errors[block], window, (height, width), (y_last, x_last), (1, 1), 1)
        windows = windows.reshape(-1, *wide.shape[1:3])
        for y in range(y_stride):
            first = (y + y_before) % y_stride
            stop = y_last + (y + y_before - first) // y_stride + 1
            rows = slice(stop - len(range(first, m, y_stride)), stop)
            product = windows[:, rows].reshape(len(windows), -1) @ wide[y, rows].reshape(-1, wide.shape[3])
            input_error[block, :, y] = product.reshape(-1, height, width, wide.shape[3])

    depth = window[0] * wide.shape[2]
    over_batch(work, batch, _block_size(errors, (height, width), depth), errors[0, 0].size * batch * kernels.size)
    return input_error.reshape(batch, height * y_stride, width * x_stride, channels)[:, : size[0], : size[1]]


def _gradients(
    images: np.ndarray, kernels: np.ndarray, errors: np.ndarray, stride: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Of kernels and bias: sums of window times error, and of the error, over batch and pixels."""
    if Winograd.suits(kernels, stride, _zeros_before(kernels)):
        return Winograd.gradient(images, errors), errors.sum(axis=(0, 2, 3))
    num_kernels, channels, m, n = kernels.shape
    tile = _tile(n, num_kernels, errors.shape[3])
    width, columns = n + stride[1] * (tile - 1), tile * num_kernels
    depth = m * width * channels
    block_size = _block_size(images, errors.shape[2:], depth // tile)

    def work(part: slice) -> tuple[np.ndarray, np.ndarray]:
        wide = np.zeros((depth, columns), errors.dtype)
        bias = np.zeros(errors.shape[3] * num_kernels, errors.dtype)
        for block in blocks(part, block_size):
            windows = _windows(images[block], (m, n), errors.shape[2:], _zeros_before(kernels), stride, tile)
            rows = errors[block].transpose(0, 2, 3, 1).reshape(-1, columns)
            wide += windows.T @ rows
            bias += rows.reshape(-1, len(bias)).sum(axis=0)
        return wide, bias

    results = over_batch(work, len(errors), len(errors), errors.size * depth)
    wide, bias = (np.sum(parts, axis=0) for parts in zip(*results, strict=True))
    wide = wide.reshape(m, width, channels, tile, num_kernels)
    steps = range(0, stride[1] * tile, stride[1])
    gradient = sum(wide[:, step : step + n, :, i] for i, step in enumerate(steps))
    return gradient.transpose(3, 2, 0, 1), bias.reshape(-1, num_kernels).sum(axis=0)


def _tile(kernel_width: int, num_kernels: int, output_width: int) -> int:
    """How many neighbouring output pixels to compute from one wider window.

    With few kernels the time goes into copying windows, and the product is too narrow to be fast. So
    `tile` pixels share a window: it takes less than twice the multiplications and a third of the
    copies. They are one pixel with `tile` times as many channels; the memory order is the same.
    """
    widest = max(1, min(kernel_width - 1, 32 // num_kernels))
    return next(tile for tile in range(widest, 0, -1) if output_width % tile == 0)


def _block_size(images: np.ndarray, output_size: Sequence[int], depth: int) -> int:
    """How many images to take at a time, so that their windows stay in the cache."""
    return max(1, _WINDOWS_BYTES // (output_size[0] * output_size[1] * depth * images.itemsize))


def _windows(
    images: np.ndarray,
    kernel_size: tuple[int, int],
    output_size: Sequence[int],
    before: Sequence[int],
    stride: Sequence[int],
    tile: int,
) -> np.ndarray:
    """Matrix with a row for each window of images (b, c, y, x); its columns are ordered (i, j, c)."""
    batch, channels = images.shape[:2]
    size = [k + step * (o - 1) for k, step, o in zip(kernel_size, stride, output_size, strict=True)]
    padded = np.zeros((batch, *size, channels), images.dtype)
    # `before` zeros, then the image; a negative number leaves out the image's first pixels
    y, x = before
    inside = images[:, :, max(0, -y) : max(0, size[0] - y), max(0, -x) : max(0, size[1] - x)]
    padded[:, max(0, y) :, max(0, x) :][:, : inside.shape[2], : inside.shape[3]] = inside.transpose(0, 2, 3, 1)
    # NumPy copies number by number, or element by element: a window's row, numbers in succession, is
    # made one element.
    m, width = kernel_size[0], kernel_size[1] + stride[1] * (tile - 1)
    row = np.dtype((np.void, width * channels * images.itemsize))
    image_step, y_step, x_step, _ = padded.strides
    shape = (batch, output_size[0], output_size[1] // tile, m)
    steps = (image_step, y_step * stride[0], x_step * stride[1] * tile, y_step)
    return np.ndarray(shape, row, padded, strides=steps).copy().view(images.dtype).reshape(-1, m * width * channels)


def _correlate(
    images: np.ndarray,
    kernels: np.ndarray,
    output: np.ndarray,
    before: Sequence[int],
    stride: Sequence[int] = (1, 1),
    bias: np.ndarray | None = None,
) -> None:
    """Fill output (b, y, x, k) = images (b, c, y, x) correlated with kernels (k, c, m, n) [+ bias]."""
    if Winograd.suits(kernels, stride, before):
        Winograd.correlate(images, kernels, output, bias)
        return
    num_kernels, channels, m, n = kernels.shape
    output_size = output.shape[1:3]
    tile = _tile(n, num_kernels, output_size[1])
    # the kernels for each pixel of the tile: the same, one stride further to the right
    wide = np.zeros((m, n + stride[1] * (tile - 1), channels, tile, num_kernels), kernels.dtype)
    for i in range(tile):
        wide[:, stride[1] * i : stride[1] * i + n, :, i] = kernels.transpose(2, 3, 1, 0)
    wide = wide.reshape(-1, tile * num_kernels)

    def work(block: slice) -> None:
        windows = _windows(images[block], (m, n), output_size, before, stride, tile)
        product = output[block]
        np.matmul(windows, wide, out=product.reshape(len(windows), -1))
        if bias is not None:  # to whole rows of pixels, because NumPy is fast in long runs
            rows = product.reshape(-1, output_size[1] * num_kernels)
            rows += np.tile(bias, output_size[1])

    multiply_adds = output.size * len(wide)
    over_batch(work, len(images), _block_size(images, output_size, len(wide) // tile), multiply_adds)
