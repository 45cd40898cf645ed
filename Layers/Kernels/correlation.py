"""Correlation and its two ways back, each as a product of matrices.

An output pixel is the scalar product of a kernel with one window of the image. With the windows as rows of one matrix
and the kernels as columns of another, all of them are one product; both derivatives are products of the same kind.

Throughout, a kernel of size k sees k // 2 pixels before its place and (k - 1) // 2 behind it, and pixels outside the
image are 0. What is returned has its channels last in memory, as the products deliver it.
"""

from collections.abc import Sequence
from itertools import product

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


def correlate(
    images: np.ndarray, kernels: np.ndarray, stride: Pair, bias: Bias = None, before: Pair = (), sums: Sums = None
) -> np.ndarray:
    r"""Each place of each image with each kernel, and the kernel's bias.

    $$Y_{b,k,y,x} = \beta_k + \sum_{c,i,j} W_{k,c,i,j}\;
      X_{b,\; c,\; s_y y + i - \lfloor m/2 \rfloor,\; s_x x + j - \lfloor n/2 \rfloor}$$

    Shapes: images `(b, c, y, x)`, kernels `(k, c, m, n)`, bias `(k,)`; result `(b, k, ⌈y / s_y⌉, ⌈x / s_x⌉)`.
    Signals `(b, c, y)` with kernels `(k, c, m)` likewise.

    >>> correlate(np.array([[[1.0, 0.0, 0.0, 1.0]]]), np.array([[[1.0, 2.0, 3.0]]]), stride=(1,))
    array([[[2., 1., 3., 2.]]])
    """
    if images.ndim == 3:  # a signal is an image of one row
        return correlate(images[:, :, np.newaxis], kernels[:, :, np.newaxis], (1, *stride), bias)[:, :, 0]
    before = before or _zeros_before(kernels.shape)
    if Winograd.suits(kernels.shape, stride, before):
        return Winograd.correlate(sums or PixelSums(images), kernels, bias)
    height, width = (-(-length // step) for length, step in zip(images.shape[2:], stride, strict=True))
    num_kernels, channels, m, n = kernels.shape
    tile, window, step = _tiling(n, num_kernels, width, stride[1])
    # the kernels for each pixel of the tile: the same, one stride further to the right
    wide = np.zeros((m, window, channels, tile, num_kernels), kernels.dtype)
    for i in range(tile):
        wide[:, stride[1] * i : stride[1] * i + n, :, i] = kernels.transpose(2, 3, 1, 0)
    wide = wide.reshape(-1, tile * num_kernels)
    output = np.empty((len(images), height, width, num_kernels), kernels.dtype)

    def work(block: slice) -> None:
        seen = windows(images[block], (m, window), (height, width // tile), before, (stride[0], step))
        np.matmul(seen, wide, out=output[block].reshape(len(seen), -1))
        if bias is not None:  # to whole rows of pixels, because NumPy is fast in long runs
            rows = output[block].reshape(-1, width * num_kernels)
            rows += np.tile(bias, width)

    images_at_a_time = block_size(height * width * (len(wide) // tile) * kernels.itemsize)
    over_batch(work, len(images), images_at_a_time, multiply_adds=output.size * len(wide))
    return output.transpose(0, 3, 1, 2)


def correlate_back(
    errors: np.ndarray, kernels: np.ndarray, stride: Pair, input_shape: Sequence[int], sums: Sums = None
) -> np.ndarray:
    r"""The images' error: each pixel collects from the windows that it was in.

    $$\frac{\partial L}{\partial X_{b,c,v,u}} = \sum_{k,i,j}\; W_{k,c,i,j}\; E_{b,k,y,x}
      \quad \text{where } s_y y + i - \lfloor m/2 \rfloor = v,\; s_x x + j - \lfloor n/2 \rfloor = u$$

    With stride 1 that is a correlation of the error with the kernels turned around.

    Shapes: errors `(b, k, ⌈y / s_y⌉, ⌈x / s_x⌉)`, kernels `(k, c, m, n)`; result `(b, c, y, x)`, which `input_shape`
    says, as several sizes lead to the same size of errors. Signals likewise.

    >>> correlate_back(np.array([[[1.0, 0.0]]]), np.array([[[1.0, 2.0, 3.0]]]), stride=(2,), input_shape=(1, 1, 4))
    array([[[2., 3., 0., 0.]]])
    """
    if errors.ndim == 3:
        shape = (*input_shape[:2], 1, input_shape[2])
        return correlate_back(errors[:, :, np.newaxis], kernels[:, :, np.newaxis], (1, *stride), shape)[:, :, 0]
    if tuple(stride) == (1, 1):
        turned = np.ascontiguousarray(kernels[:, :, ::-1, ::-1].swapaxes(0, 1))
        return correlate(errors, turned, stride, before=[(length - 1) // 2 for length in kernels.shape[2:]], sums=sums)
    return _correlate_back_with_stride(errors, kernels, stride, input_shape)


def correlate_kernels(
    images: np.ndarray, errors: np.ndarray, stride: Pair, kernel_shape: Pair, sums: Sums = None, of_errors: Sums = None
) -> tuple[np.ndarray, np.ndarray]:
    r"""The gradients of kernels and bias: each window times its error, and the error, summed over batch and places.

    $$\frac{\partial L}{\partial W_{k,c,i,j}} = \sum_{b,y,x} E_{b,k,y,x}\;
      X_{b,\; c,\; s_y y + i - \lfloor m/2 \rfloor,\; s_x x + j - \lfloor n/2 \rfloor}, \qquad
      \frac{\partial L}{\partial \beta_k} = \sum_{b,y,x} E_{b,k,y,x}$$

    Shapes: images `(b, c, y, x)`, errors `(b, k, ⌈y / s_y⌉, ⌈x / s_x⌉)`; results `(k, c, m, n)`, as `kernel_shape`
    says, and `(k,)`. Signals likewise.

    >>> images, errors = np.array([[[1.0, 2.0, 3.0]]]), np.array([[[1.0, 1.0, 0.0]]])
    >>> correlate_kernels(images, errors, stride=(1,), kernel_shape=(1, 1, 3))
    (array([[[1., 3., 5.]]]), array([2.]))
    """
    if images.ndim == 3:
        shape = (*kernel_shape[:2], 1, kernel_shape[2])
        kernels, bias = correlate_kernels(images[:, :, np.newaxis], errors[:, :, np.newaxis], (1, *stride), shape)
        return kernels[:, :, 0], bias
    num_kernels, channels, m, n = kernel_shape
    before = _zeros_before(kernel_shape)
    if Winograd.suits(kernel_shape, stride, before):
        of_both = sums or PixelSums(images), of_errors or PixelSums(errors)
        return Winograd.correlate_kernels(*of_both), channel_sums(errors)
    height, width = errors.shape[2:]
    tile, window, step = _tiling(n, num_kernels, width, stride[1])
    depth, columns = m * window * channels, tile * num_kernels

    def factors(block: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        seen = windows(images[block], (m, window), (height, width // tile), before, (stride[0], step))
        rows = errors[block].transpose(0, 2, 3, 1).reshape(-1, columns)
        return seen[np.newaxis], rows[np.newaxis], channel_sums(rows.reshape(-1, width * num_kernels))

    image_bytes, multiply_adds = height * width * (depth // tile) * errors.itemsize, errors.size * depth
    images_at_a_time = block_size(image_bytes)
    total = np.zeros((1, depth, columns), errors.dtype)
    total, bias = sum_of_products(factors, total, len(images), images_at_a_time, image_bytes, multiply_adds)
    total = total.reshape(m, window, channels, tile, num_kernels)
    gradient, *others = (total[:, stride[1] * i : stride[1] * i + n, :, i] for i in range(tile))
    return sum(others, gradient).transpose(3, 2, 0, 1), channel_sums(bias.reshape(-1, num_kernels))


def _zeros_before(kernel_shape: Sequence[int]) -> list[int]:
    return [length // 2 for length in kernel_shape[2:]]


def _tiling(kernel_width: int, num_kernels: int, output_width: int, stride: int) -> tuple[int, int, int]:
    """How many neighbouring output pixels to compute from one wider window, its width, and the step to the next.

    With few kernels the time goes into copying windows, and the product is too narrow to be fast. So `tile` pixels
    share a window: it takes less than twice the multiplications and a third of the copies. They are one pixel with
    `tile` times as many channels; the memory order is the same.
    """
    widest = max(1, min(kernel_width - 1, 32 // num_kernels))
    tile = next(tile for tile in range(widest, 0, -1) if output_width % tile == 0)
    return tile, kernel_width + stride * (tile - 1), stride * tile


def _correlate_back_with_stride(errors: np.ndarray, kernels: np.ndarray, stride: Pair, input_shape: Pair) -> np.ndarray:
    """`correlate_back` where neighbouring pixels of the image were seen by different elements of the kernels.

    They have a correlation of their own each, with every stride-th element: with stride 2, of a kernel of three rows,
    even image rows were seen by the middle one, odd ones by the two others. The pixels of a row are computed together,
    as channels of one.
    """
    channels, (y_step, x_step), (height, width) = input_shape[1], stride, errors.shape[2:]
    sizes = zip(kernels.shape[2:], _zeros_before(kernels.shape), stride, strict=True)
    (top, in_rows), (left, in_columns) = (_seen_by(*size) for size in sizes)
    window = in_rows[-1][1].stop, in_columns[-1][1].stop
    turned = np.zeros((y_step, x_step, channels, len(kernels), *window), kernels.dtype)
    for (y, (i, rows)), (x, (j, columns)) in product(enumerate(in_rows), enumerate(in_columns)):
        turned[y, x, ..., rows, columns] = kernels[:, :, i, j][:, :, ::-1, ::-1].swapaxes(0, 1)
    turned = turned.transpose(0, 4, 5, 3, 1, 2).reshape(y_step, window[0], -1, x_step * channels)
    images = np.empty((len(errors), height, y_step, width, x_step * channels), kernels.dtype)

    def work(block: slice) -> None:
        seen = windows(errors[block], window, (height, width), (top, left), (1, 1)).reshape(-1, *turned.shape[1:3])
        for y, (_, rows) in enumerate(in_rows):
            product = seen[:, rows].reshape(len(seen), -1) @ turned[y, rows].reshape(-1, x_step * channels)
            images[block, :, y] = product.reshape(-1, height, width, x_step * channels)

    images_at_a_time = block_size(height * width * turned[0, ..., 0].size * errors.itemsize)
    over_batch(work, len(errors), images_at_a_time, multiply_adds=errors[0, 0].size * len(errors) * kernels.size)
    images = images.reshape(len(errors), height * y_step, width * x_step, channels)
    return images[:, : input_shape[2], : input_shape[3]].transpose(0, 3, 1, 2)


def _seen_by(length: int, before: int, stride: int) -> tuple[int, list[tuple[slice, slice]]]:
    """Which elements of a kernel saw each of `stride` neighbouring pixels, and where those stand in a window of errors.

    Element i of output o saw pixel o · stride + i - before. The window begins so many errors before the pixels, and
    has those of the last elements first.
    """
    last = (length - 1 - before) // stride
    places = []
    for pixel in range(stride):
        first, stop = (pixel + before) % stride, last + (pixel + before) // stride + 1
        places.append((slice(first, None, stride), slice(stop - len(range(first, length, stride)), stop)))
    return last, places
