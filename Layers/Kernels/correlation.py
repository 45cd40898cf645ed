"""Correlation and its two ways back, each as a product of matrices.

An output pixel is the scalar product of a kernel with one window of the image. With the windows as rows of one matrix
and the kernels as columns of another, all of them are one product; both derivatives are products of the same kind.

Pixels outside the image are 0. What is returned has its channels last in memory, as the products deliver it.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np

from Foundation.Evenness import PixelSums
from Foundation.Parallel import over_batch
from Foundation.Pieces import block_size
from Foundation.Products import channel_sums
from Foundation.SumOfProducts import sum_of_products
from Layers.Kernels import Winograd
from Layers.Kernels.windows import windows

Bias = np.ndarray | None
Sums = PixelSums | None  # of the pixels of an array, which somebody else may have asked for
Pair = Sequence[int]  # of numbers, one for each direction in an image

_FEW_CHANNELS = 16  # that a product of matrices should have at least


class Places(NamedTuple):
    """Where windows stand in images, and what they see: for each direction a number, two for images, one for signals.

    Args:
        stride: step between neighbouring windows.
        dilation: step between neighbouring pixels of a window.
        before: zeros before the image, fewer than a window covers.
        groups: of channels; a kernel sees the channels of its own group.
    """

    stride: Pair
    dilation: Pair
    before: Pair
    groups: int = 1

    @lru_cache(1024)  # noqa: B019 - of tuples of a few numbers
    def in_rows(self) -> "Places":
        """The same for signals that are taken for images of one row."""
        return Places((1, *self.stride), (1, *self.dilation), (0, *self.before), self.groups)

    @lru_cache(1024)  # noqa: B019
    def back(self, size: Pair) -> "Places":
        """Where the errors' windows stand that have all errors to which a pixel of the image has led, with stride 1."""
        around = zip(size, self.dilation, self.before, strict=True)
        before = tuple(step * (length - 1) - zeros for length, step, zeros in around)
        return Places(self.stride, self.dilation, before, self.groups)


def correlate(
    images: np.ndarray, kernels: np.ndarray, places: Places, count: Pair, bias: Bias = None, sums: Sums = None
) -> np.ndarray:
    r"""Each place of each image with each kernel, and the kernel's bias.

    $$Y_{b,k,y,x} = \beta_k + \sum_{c,i,j} W_{k,c,i,j}\; X_{b,\; g(k) C + c,\; s_y y + d_y i - b_y,\; s_x x + d_x j - b_x}$$

    with the strides s, the dilations d, the zeros b before the image, and the C channels of the group g(k) of a kernel.

    Shapes: images `(b, groups · C, y, x)`, kernels `(k, C, m, n)`, bias `(k,)`; result `(b, k, *count)`, as windows may
    reach beyond the image. Signals `(b, c, y)` with kernels `(k, C, m)` likewise.

    >>> places = Places(stride=(1,), dilation=(1,), before=(1,))
    >>> correlate(np.array([[[1.0, 0.0, 0.0, 1.0]]]), np.array([[[1.0, 2.0, 3.0]]]), places, count=(4,))
    array([[[2., 1., 3., 2.]]])
    """
    if images.ndim == 3:  # a signal is an image of one row
        rows = images[:, :, np.newaxis], kernels[:, :, np.newaxis]
        return correlate(*rows, places.in_rows(), (1, *count), bias)[:, :, 0]
    if Winograd.suits(kernels.shape, places, images.shape[2:], count):
        return Winograd.correlate(sums or PixelSums(images), kernels, bias)
    kernels, groups = _together(kernels, places.groups)
    (height, width), (num_kernels, channels, m, n) = count, kernels.shape
    of_group = num_kernels // groups
    tile, window, step = _tiling(n, of_group, width, places)
    # the kernels for each pixel of the tile: the same, one stride further to the right
    wide = np.zeros((groups, m, window, channels, tile, of_group), kernels.dtype)
    columns = kernels.reshape(groups, of_group, channels, m, n).transpose(0, 3, 4, 2, 1)
    for i in range(tile):
        wide[:, :, places.stride[1] * i : places.stride[1] * i + n, :, i] = columns
    wide = wide.reshape(groups, -1, tile * of_group)
    output = np.empty((len(images), height, width, num_kernels), kernels.dtype)
    seen_by_tiles = (m, window), (height, width // tile), places.before, (places.stride[0], step)

    def work(block: slice) -> None:
        seen = windows(images[block], *seen_by_tiles, dilation=places.dilation, groups=groups)
        np.matmul(seen, wide, out=output[block].reshape(-1, groups, tile * of_group).swapaxes(0, 1))
        if bias is not None:
            add_bias(output[block], bias)

    depth = groups * wide.shape[1]
    images_at_a_time = block_size(height * width * (depth // tile) * kernels.itemsize)
    over_batch(work, len(images), images_at_a_time, multiply_adds=output.size * wide.shape[1])
    return output.transpose(0, 3, 1, 2)


def add_bias(output: np.ndarray, bias: np.ndarray) -> None:
    """Add a number to each channel of `(b, y, x, k)`, to whole rows of pixels, because NumPy is fast in long runs."""
    _, _, width, num_kernels = output.shape
    rows = output.reshape(-1, width * num_kernels)
    rows += np.tile(bias, width)


def correlate_back(
    errors: np.ndarray,
    kernels: np.ndarray,
    places: Places,
    input_shape: Sequence[int],
    bias: Bias = None,
    sums: Sums = None,
) -> np.ndarray:
    r"""The images' error: each pixel collects from the windows that it was in.

    $$\frac{\partial L}{\partial X_{b,\; g C + c,\; v,\; u}} = \sum_{k,i,j}\; W_{k,c,i,j}\; E_{b,k,y,x}
      \quad \text{where } g(k) = g,\; s_y y + d_y i - b_y = v,\; s_x x + d_x j - b_x = u$$

    With stride 1 that is a correlation of the error with the kernels turned around.

    Shapes: errors `(b, k, y', x')`, kernels `(k, C, m, n)`; result `(b, groups · C, y, x)`, which `input_shape` says,
    as several sizes lead to the same size of errors. Signals likewise. What is no error may have a bias, `(groups · C,)`.

    >>> places = Places(stride=(2,), dilation=(1,), before=(1,))
    >>> correlate_back(np.array([[[1.0, 0.0]]]), np.array([[[1.0, 2.0, 3.0]]]), places, input_shape=(1, 1, 4))
    array([[[2., 3., 0., 0.]]])
    """
    if errors.ndim == 3:
        rows, shape = (errors[:, :, np.newaxis], kernels[:, :, np.newaxis]), (*input_shape[:2], 1, *input_shape[2:])
        return correlate_back(*rows, places.in_rows(), shape, bias)[:, :, 0]
    if tuple(places.stride) != (1, 1):
        return _correlate_back_with_stride(errors, kernels, places, input_shape, bias)
    num_kernels, channels, *size = kernels.shape
    groups = kernels.reshape(places.groups, -1, channels, *size)[..., ::-1, ::-1].swapaxes(1, 2)
    turned = np.ascontiguousarray(groups).reshape(input_shape[1], -1, *size)
    return correlate(errors, turned, places.back(kernels.shape[2:]), input_shape[2:], bias, sums)


def correlate_kernels(
    images: np.ndarray,
    errors: np.ndarray,
    places: Places,
    kernel_shape: Sequence[int],
    sums: Sums = None,
    of_errors: Sums = None,
    of_bias: bool = True,
) -> tuple[np.ndarray, Bias]:
    r"""The gradients of kernels and bias: each window times its error, and the error, summed over batch and places.

    $$\frac{\partial L}{\partial W_{k,c,i,j}} = \sum_{b,y,x} E_{b,k,y,x}\;
      X_{b,\; g(k) C + c,\; s_y y + d_y i - b_y,\; s_x x + d_x j - b_x}, \qquad
      \frac{\partial L}{\partial \beta_k} = \sum_{b,y,x} E_{b,k,y,x}$$

    Shapes: images `(b, groups · C, y, x)`, errors `(b, k, y', x')`; results `(k, C, m, n)`, as `kernel_shape` says, and
    `(k,)`, or None where nobody asks for that `of_bias`. Signals likewise.

    >>> images, errors = np.array([[[1.0, 2.0, 3.0]]]), np.array([[[1.0, 1.0, 0.0]]])
    >>> correlate_kernels(images, errors, Places(stride=(1,), dilation=(1,), before=(1,)), kernel_shape=(1, 1, 3))
    (array([[[1., 3., 5.]]]), array([2.]))
    """
    if images.ndim == 3:
        rows, shape = (images[:, :, np.newaxis], errors[:, :, np.newaxis]), (*kernel_shape[:2], 1, *kernel_shape[2:])
        kernels, bias = correlate_kernels(*rows, places.in_rows(), shape, of_bias=of_bias)
        return kernels[:, :, 0], bias
    if Winograd.suits(kernel_shape, places, images.shape[2:], errors.shape[2:]):
        of_both = sums or PixelSums(images), of_errors or PixelSums(errors)
        return Winograd.correlate_kernels(*of_both), channel_sums(errors) if of_bias else None
    together = _how_many_together(kernel_shape, places.groups)
    groups, (num_kernels, _, m, n), (height, width) = places.groups // together, kernel_shape, errors.shape[2:]
    channels, of_group = images.shape[1] // groups, num_kernels // groups
    tile, window, step = _tiling(n, of_group, width, places)
    depth, columns = m * window * channels, tile * of_group
    seen_by_tiles = (m, window), (height, width // tile), places.before, (places.stride[0], step)

    no_bias = np.zeros(num_kernels, errors.dtype)

    def factors(block: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        seen = windows(images[block], *seen_by_tiles, dilation=places.dilation, groups=groups)
        rows = errors[block].transpose(0, 2, 3, 1).reshape(-1, groups, columns)
        rest = channel_sums(rows.reshape(-1, width * num_kernels)) if of_bias else no_bias
        return seen, rows.swapaxes(0, 1), rest

    image_bytes = height * width * (groups * depth // tile) * errors.itemsize
    images_at_a_time = block_size(image_bytes)
    total = np.zeros((groups, depth, columns), errors.dtype)
    multiply_adds = errors.size * depth
    total, bias = sum_of_products(factors, total, len(images), images_at_a_time, image_bytes, multiply_adds)
    total = total.reshape(groups, m, window, channels, tile, of_group)
    gradient, *others = (total[:, :, (at := places.stride[1] * i) : at + n, :, i] for i in range(tile))
    gradient = sum(others, gradient).transpose(0, 4, 3, 1, 2).reshape(num_kernels, channels, m, n)
    return _apart(gradient, kernel_shape, places.groups), channel_sums(bias.reshape(-1, num_kernels)) if of_bias else None


@lru_cache(1024)
def _how_many_together(kernel_shape: Sequence[int], groups: int) -> int:
    """How many groups to take for one, where a product for each would have too few channels to be fast."""
    enough = -(-_FEW_CHANNELS // kernel_shape[1])
    return next(number for number in range(min(enough, groups), groups + 1) if groups % number == 0)


def _together(kernels: np.ndarray, groups: int) -> tuple[np.ndarray, int]:
    """The same kernels for fewer groups of more channels, those of others times 0, and how many groups there are."""
    together = _how_many_together(kernels.shape, groups)
    if together == 1:
        return kernels, groups
    num_kernels, channels, m, n = kernels.shape
    wide = np.zeros((groups // together, together, num_kernels // groups, together, channels, m, n), kernels.dtype)
    own = np.arange(together)
    wide[:, own, :, own] = kernels.reshape(groups // together, together, -1, channels, m, n).swapaxes(0, 1)
    return wide.reshape(num_kernels, together * channels, m, n), groups // together


def _apart(kernels: np.ndarray, kernel_shape: Sequence[int], groups: int) -> np.ndarray:
    """Of what `_together` has made of kernels of a shape, what isn't times 0."""
    together = _how_many_together(kernel_shape, groups)
    if together == 1:
        return kernels
    shape = groups // together, together, kernel_shape[0] // groups, together, *kernel_shape[1:]
    own = np.arange(together)
    return kernels.reshape(shape)[:, own, :, own].swapaxes(0, 1).reshape(kernel_shape)


@lru_cache(1024)
def _tiling(kernel_width: int, num_kernels: int, output_width: int, places: Places) -> tuple[int, int, int]:
    """How many neighbouring output pixels to compute from one wider window, its width, and the step to the next.

    With few kernels the time goes into copying windows, and the product is too narrow to be fast. So `tile` pixels
    share a window: it takes less than twice the multiplications and a third of the copies. They are one pixel with
    `tile` times as many channels; the memory order is the same. Pixels of windows with gaps, or of several groups, don't
    lie so.
    """
    alone = places.groups > 1 or places.dilation[1] > 1
    widest = 1 if alone else max(1, min(kernel_width - 1, 32 // num_kernels))
    tile = next(tile for tile in range(widest, 0, -1) if output_width % tile == 0)
    return tile, kernel_width + places.stride[1] * (tile - 1), places.stride[1] * tile


def _correlate_back_with_stride(
    errors: np.ndarray, kernels: np.ndarray, places: Places, input_shape: Sequence[int], bias: Bias
) -> np.ndarray:
    """`correlate_back` where neighbouring pixels of the image were seen by different elements of the kernels.

    They have a correlation of their own each, with every stride-th element: with stride 2, of a kernel of three rows,
    even image rows were seen by the middle one, odd ones by the two others. The pixels of a row are computed together,
    as channels of one.
    """
    kernels, groups = _together(kernels, places.groups)
    (y_step, x_step), of_group, channels = places.stride, len(kernels) // groups, kernels.shape[1]
    height, width = (-(-length // step) for length, step in zip(input_shape[2:], places.stride, strict=True))
    sizes = zip(kernels.shape[2:], places.before, places.stride, places.dilation, strict=True)
    (top, in_rows), (left, in_columns) = (_seen_by(*size) for size in sizes)
    window = max(rows.stop for _, rows in in_rows), max(columns.stop for _, columns in in_columns)
    turned = np.zeros((y_step, x_step, groups, channels, of_group, *window), kernels.dtype)
    grouped = kernels.reshape(groups, of_group, *kernels.shape[1:]).swapaxes(1, 2)
    for (y, (i, rows)), (x, (j, columns)) in product(enumerate(in_rows), enumerate(in_columns)):
        turned[y, x, ..., rows, columns] = grouped[..., i, j][..., ::-1, ::-1]
    turned = turned.transpose(0, 2, 5, 6, 4, 1, 3).reshape(y_step, groups, window[0], -1, x_step * channels)
    images = np.empty((len(errors), height, y_step, width, x_step, groups, channels), kernels.dtype)

    def work(block: slice) -> None:
        seen = windows(errors[block], window, (height, width), (top, left), (1, 1), groups=groups)
        seen = seen.reshape(groups, -1, *turned.shape[2:4])
        for y, (_, used) in enumerate(in_rows):
            rows = slice(used.start, used.stop)
            factors = seen[:, :, rows].reshape(*seen.shape[:2], -1), turned[y, :, rows].reshape(groups, -1, x_step * channels)
            collected = np.matmul(*factors).reshape(groups, -1, height, width, x_step, channels)
            images[block, :, y] = collected.transpose(1, 2, 3, 4, 0, 5)
        if bias is not None:
            add_bias(images[block].reshape(-1, height * y_step, width * x_step, groups * channels), bias)

    images_at_a_time = block_size(height * width * turned[0, ..., 0].size * errors.itemsize)
    over_batch(work, len(errors), images_at_a_time, multiply_adds=errors[0, 0].size * len(errors) * kernels.size)
    images = images.reshape(len(errors), height * y_step, width * x_step, groups * channels)
    return images[:, : input_shape[2], : input_shape[3]].transpose(0, 3, 1, 2)


@lru_cache(1024)
def _seen_by(length: int, before: int, stride: int, dilation: int) -> tuple[int, list[tuple[slice, slice]]]:
    """Which elements of a kernel saw each of `stride` neighbouring pixels, and where those stand in a window of errors.

    Element i of output o saw pixel o · stride + i · dilation - before. The window begins so many errors before the
    pixels, and has those of the last elements first.
    """
    elements = np.arange(length)
    last = (dilation * (length - 1) - before) // stride
    found = []
    for pixel in range(stride):
        output, rest = np.divmod(pixel + before - dilation * elements, stride)
        seen = rest == 0
        found.append((_as_slice(elements[seen]), _as_slice(last + output[seen][::-1])))
    return last, found


def _as_slice(numbers: np.ndarray) -> slice:
    """The slice that takes numbers of equal steps."""
    if not numbers.size:
        return slice(0, 0)
    step = int(numbers[1] - numbers[0]) if numbers.size > 1 else 1
    return slice(int(numbers[0]), int(numbers[-1]) + 1, step)
