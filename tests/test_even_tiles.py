"""Convolutions of 3 × 3: the rounding error of a result is in proportion to what that result is made of.

`size` is the same sum with all numbers positive: what a pixel's window, or all windows of a kernel's element, hold.
"""

import numpy as np
import pytest

from Foundation.Evenness import PixelSums, uneven_pairs, uneven_tiles
from Layers.Conv import Conv
from Layers.Kernels.correlation import Places, correlate

FLOAT32, FLOAT64 = 5e-4, 1e-11


def exact(images, kernels, errors):
    """Output, images' error and kernels' gradient in float64, as 9 products each; the bias is 0."""
    x, w, e = (array.astype(float) for array in (images, kernels, errors))
    output, back, gradient = np.zeros(errors.shape), np.zeros(np.add(images.shape, (0, 0, 2, 2))), np.empty(w.shape)
    padded = np.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)])
    height, width = images.shape[2:]
    for i, j in np.ndindex(3, 3):
        seen = padded[:, :, i : i + height, j : j + width]
        output += np.einsum("bcyx,kc->bkyx", seen, w[:, :, i, j])
        back[:, :, i : i + height, j : j + width] += np.einsum("bkyx,kc->bcyx", e, w[:, :, i, j])
        gradient[:, :, i, j] = np.einsum("bkyx,bcyx->kc", e, seen)
    return output, back[:, :, 1:-1, 1:-1], gradient


def assert_errors_stay_where_they_belong(images, kernels, errors):
    dtype = images.dtype
    layer = Conv(1, kernels.shape[1:], len(kernels))
    layer.weights, layer.bias = kernels, np.zeros(len(kernels), dtype)
    found = layer.forward(images), layer.backward(errors), layer.gradient_weights
    limit = FLOAT32 if dtype == np.float32 else FLOAT64
    sizes = exact(
        abs(images), np.broadcast_to(abs(kernels).max(axis=(2, 3), keepdims=True), kernels.shape), abs(errors)
    )
    names = "output", "error of the images", "gradient of the kernels"
    for name, result, expected, size in zip(names, found, exact(images, kernels, errors), sizes, strict=True):
        assert np.all(abs(result - expected) <= limit * size), name


def case(dtype, shape=(2, 16, 13, 10), kernels=20, seed=0):
    rng = np.random.default_rng(seed)
    batch, channels, *size = shape
    shapes = shape, (kernels, channels, 3, 3), (batch, kernels, *size)
    return [rng.uniform(-1, 1, shape).astype(dtype) for shape in shapes]


both = pytest.mark.parametrize("dtype", ["float32", "float64"])
SHAPES = [(2, 16, 13, 10), (1, 24, 8, 8), (3, 16, 5, 4), (2, 16, 3, 3), (1, 16, 2, 1), (1, 40, 16, 18)]


@both
@pytest.mark.parametrize("size", [1e2, 1e3, 1e4, 1e6, 1e10, 1e30])
@pytest.mark.parametrize("place", [(0, 0), (4, 5), (-1, -1), (3, 4), (0, 7)])
def test_a_bright_pixel_spoils_no_pixel_that_does_not_see_it(place, size, dtype):
    images, kernels, errors = case(dtype)
    images[0, 3, *place] = size
    assert_errors_stay_where_they_belong(images, kernels, errors)


@both
@pytest.mark.parametrize("image", [0, 13, -1])
def test_a_bright_pixel_of_one_image_spoils_none_of_a_batch_of_many_blocks(image, dtype):
    images, kernels, errors = case(dtype, shape=(40, 16, 16, 16))
    images[image, 3, 4, 5] = errors[image, 2, 7, 7] = 1e6
    assert_errors_stay_where_they_belong(images, kernels, errors)


@both
@pytest.mark.parametrize("size", [1e6, 1e10, 1e30])
@pytest.mark.parametrize("place", [(0, 0), (4, 5), (-1, -1)])
def test_a_large_error_spoils_no_pixel_and_no_kernel_that_does_not_meet_it(place, size, dtype):
    images, kernels, errors = case(dtype)
    errors[1, 3, *place] = size
    assert_errors_stay_where_they_belong(images, kernels, errors)


@both
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(4))
def test_numbers_of_random_magnitude_each_have_their_own_error(seed, shape, dtype):
    images, kernels, errors = case(dtype, shape, seed=seed)
    rng, (batch, _, *size) = np.random.default_rng(seed), shape
    images *= 10.0 ** rng.uniform(-8, 8, (batch, 1, *size)).astype(dtype)
    errors *= 10.0 ** rng.uniform(-8, 8, (batch, 1, *size)).astype(dtype)
    assert_errors_stay_where_they_belong(images, kernels, errors)


@both
def test_channels_of_very_different_scale_do_not_meet(dtype):
    images, kernels, errors = case(dtype)
    images *= np.logspace(-8, 8, 16).reshape(1, 16, 1, 1).astype(dtype)
    errors *= np.logspace(8, -8, 20).reshape(1, 20, 1, 1).astype(dtype)
    assert_errors_stay_where_they_belong(images, kernels, errors)


@both
def test_a_dark_hole_in_a_bright_image_keeps_its_values(dtype):
    images, kernels, errors = case(dtype)
    images[0, :, 3:6, 2:6] *= np.dtype(dtype).type(1e-7)
    images[1, :, 5:, 5:] = 0
    assert_errors_stay_where_they_belong(images, kernels, errors)


@both
def test_where_a_window_holds_nothing_but_zeros_the_output_is_the_bias(dtype):
    images, kernels, _ = case(dtype)
    images[...] = 0
    images[0, 2, 4, 4] = 1e10
    output = Conv(1, (16, 3, 3), 20)
    output.weights, output.bias = kernels, np.full(20, 0.5, dtype)
    found = output.forward(images)
    found[0, :, 3:6, 3:6] = 0.5
    assert np.all(found == 0.5)


@pytest.mark.parametrize(("image", "kernel"), [(1e20, 1e-36), (1e34, 1.0), (1e-34, 1e-2), (1e-20, 1e30), (1e36, 1e-30)])
def test_no_number_on_the_way_leaves_the_range_of_float32_where_the_result_does_not(image, kernel):
    images, kernels, errors = case("float32")
    images *= np.float32(image)
    kernels *= np.float32(kernel)
    assert_errors_stay_where_they_belong(images, kernels, errors * np.float32(1e-3))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_only_windows_that_see_what_is_no_number_have_none(value):
    images, kernels, _ = case("float32")
    images[0, 1, 5, 5] = value
    with np.errstate(invalid="ignore"):
        found = correlate(images, kernels, Places((1, 1), (1, 1), (1, 1)), images.shape[2:])
    wrong = ~np.isfinite(found).all(axis=1)
    assert wrong[0, 4:7, 4:7].all()
    assert wrong.sum() == 9


@pytest.mark.parametrize("channels", [16, 64])
def test_ordinary_images_have_no_uneven_tile(channels):
    rng = np.random.default_rng(0)
    images = np.maximum(rng.standard_normal((2, channels, 16, 16)), 0)
    errors = rng.standard_normal((2, channels, 16, 16)) * (rng.random((2, channels, 16, 16)) < 0.25)
    sums, of_errors = (PixelSums(array).begun().of(slice(0, 2)) for array in (images, errors))
    assert not uneven_tiles(sums, (16, 16), 0.0, np.inf)[0].size
    assert not uneven_tiles(of_errors, (16, 16), 0.0, np.inf)[0].size
    assert not uneven_pairs(sums, of_errors).size
