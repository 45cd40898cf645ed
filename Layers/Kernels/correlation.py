"""Correlation and its two ways back, each as a product of matrices.

An output pixel is the scalar product of a kernel with one window of the image. With the windows as rows of one matrix
and the kernels as columns of another, all of them are one product; both derivatives are products of the same kind.

Pixels outside the image are 0. What is returned has its channels last in memory, as the products deliver it.
"""

from collections.abc import Sequence

import numpy as np

from Foundation.Evenness import PixelSums
from Foundation.Parallel import over_batch
from Foundation.Pieces import block_size
from Foundation.Products import add_bias, channel_sums
from Foundation.SumOfProducts import sum_of_products
from Layers.Kernels import Winograd
from Layers.Kernels.groups import apart, groups_together, together
from Layers.Kernels.places import Pair, Places, tiling
from Layers.Kernels.strides import correlate_back_with_stride
from Layers.Kernels.windows import windows

Bias = np.ndarray | None
Sums = PixelSums | None  # of the pixels of an array, which somebody else may have asked for


def correlate(
    images: np.ndarray, kernels: np.ndarray, places: Places, count: Pair, bias: Bias = None, sums: Sums = None
) -> np.ndarray:
    r"""Each place of each image with each kernel, and the kernel's bias.

    $$Y_{b,k,y,x} = \beta_k + \sum_{c,i,j} W_{k,c,i,j}\;
      X_{b,\; g(k) C + c,\; s_y y + d_y i - b_y,\; s_x x + d_x j - b_x}$$

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
    kernels, groups = together(kernels, places.groups)
    (height, width), (num_kernels, channels, m, n) = count, kernels.shape
    of_group = num_kernels // groups
    tile, window, step = tiling(n, of_group, width, places)
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
    as several sizes lead to the same size of errors. Signals likewise. What is no error may have a bias.

    >>> places = Places(stride=(2,), dilation=(1,), before=(1,))
    >>> correlate_back(np.array([[[1.0, 0.0]]]), np.array([[[1.0, 2.0, 3.0]]]), places, input_shape=(1, 1, 4))
    array([[[2., 3., 0., 0.]]])
    """
    if errors.ndim == 3:
        rows, shape = (errors[:, :, np.newaxis], kernels[:, :, np.newaxis]), (*input_shape[:2], 1, *input_shape[2:])
        return correlate_back(*rows, places.in_rows(), shape, bias)[:, :, 0]
    if tuple(places.stride) != (1, 1):
        return correlate_back_with_stride(errors, kernels, places, input_shape, bias)
    _, channels, *size = kernels.shape
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
    bias = channel_sums(errors) if of_bias else None
    if Winograd.suits(kernel_shape, places, images.shape[2:], errors.shape[2:]):
        return Winograd.correlate_kernels(sums or PixelSums(images), of_errors or PixelSums(errors)), bias
    as_one = groups_together(kernel_shape, places.groups)
    groups, (num_kernels, _, m, n), (height, width) = places.groups // as_one, kernel_shape, errors.shape[2:]
    channels, of_group = images.shape[1] // groups, num_kernels // groups
    tile, window, step = tiling(n, of_group, width, places)
    depth, columns = m * window * channels, tile * of_group
    seen_by_tiles = (m, window), (height, width // tile), places.before, (places.stride[0], step)
    nothing = np.zeros(1, errors.dtype)

    def factors(block: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        seen = windows(images[block], *seen_by_tiles, dilation=places.dilation, groups=groups)
        rows = errors[block].transpose(0, 2, 3, 1).reshape(-1, groups, columns)
        return seen, rows.swapaxes(0, 1), nothing

    image_bytes = height * width * (groups * depth // tile) * errors.itemsize
    images_at_a_time = block_size(image_bytes)
    total = np.zeros((groups, depth, columns), errors.dtype)
    multiply_adds = errors.size * depth
    total, _ = sum_of_products(factors, total, len(images), images_at_a_time, image_bytes, multiply_adds)
    total = total.reshape(groups, m, window, channels, tile, of_group)
    gradient, *others = (total[:, :, (at := places.stride[1] * i) : at + n, :, i] for i in range(tile))
    gradient = sum(others, gradient).transpose(0, 4, 3, 1, 2).reshape(num_kernels, channels, m, n)
    return apart(gradient, kernel_shape, places.groups), bias
