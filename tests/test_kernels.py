"""Convolution's kernels: large gradients, whose sum all threads share, and memory that doesn't grow with processors."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from Foundation import Evenness, SumOfProducts
from Foundation.SumOfProducts import sum_of_products
from Layers.Conv import Conv
from Layers.Kernels import Winograd
from Layers.Kernels.correlation import correlate_kernels
from Layers.Kernels.windows import windows
from tests.test_convolution_oracles import random_convolution


@pytest.fixture
def every_sum_is_large(monkeypatch):
    """Threads share one sum, a group of few images and a few columns at a time."""
    monkeypatch.setattr(SumOfProducts, "_SUMS_BYTES", 0)
    monkeypatch.setattr(SumOfProducts, "_FACTORS_BYTES", 2**13)
    monkeypatch.setattr(SumOfProducts, "_PRODUCT_BYTES", 2**9)


@pytest.mark.parametrize("seed", range(0, 300, 3))
def test_the_gradients_are_the_same_whether_threads_share_a_sum_or_not(seed, request):
    layer, inputs, error = random_convolution(seed)
    layer.forward(inputs)
    layer.backward(error)
    small = layer.gradient_weights, layer.gradient_bias
    request.getfixturevalue("every_sum_is_large")
    layer.backward(error)
    for gradient, expected in zip((layer.gradient_weights, layer.gradient_bias), small, strict=True):
        np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-10, err_msg=repr(layer))
        assert gradient.shape == expected.shape


def sum_in_blocks(dtype="float64"):
    """A sum over 13 items, in blocks of 2, with what it should be."""
    rng = np.random.default_rng(0)
    left, right = rng.standard_normal((3, 13 * 4, 50)).astype(dtype), rng.standard_normal((3, 13 * 4, 7)).astype(dtype)

    def factors(block):
        rows = slice(4 * block.start, 4 * block.stop)
        return left[:, rows], right[:, rows], right[0, rows].sum(axis=0)

    total = np.zeros((3, 50, 7), dtype)
    results = sum_of_products(factors, total, 13, block_size=2, item_bytes=4 * 3 * 57 * 8, multiply_adds=2**30)
    return results, (np.einsum("pri,prj->pij", left, right), right[0].sum(axis=0))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_a_sum_of_products_is_that_of_einsum(dtype, large, threads, request, monkeypatch):
    monkeypatch.setattr(SumOfProducts, "thread_count", lambda: threads)
    if large:
        request.getfixturevalue("every_sum_is_large")
    results, expected = sum_in_blocks(dtype)
    for result, right in zip(results, expected, strict=True):
        assert result.dtype == dtype
        np.testing.assert_allclose(result, right, rtol=1e-4 if dtype == "float32" else 1e-12, atol=1e-4)


@pytest.mark.parametrize("large", [False, True])
def test_the_same_bits_come_every_time(large, request):
    if large:
        request.getfixturevalue("every_sum_is_large")
    first = sum_in_blocks()[0]
    for _ in range(5):
        for result, before in zip(sum_in_blocks()[0], first, strict=True):
            np.testing.assert_array_equal(result, before)


def test_threads_have_sums_of_their_own_only_while_all_fit(monkeypatch):
    calls = []
    monkeypatch.setattr(
        SumOfProducts,
        "over_batch",
        lambda work, batch, block, multiply_adds: calls.append(1) or [work(slice(0, batch))],
    )
    size = 3 * 50 * 7 * 8
    for threads, budget, own in ((2, 4 * size, 1), (2, 4 * size - 1, 0), (64, 4 * size, 0), (64, 128 * size, 1)):
        monkeypatch.setattr(SumOfProducts, "thread_count", lambda threads=threads: threads)
        monkeypatch.setattr(SumOfProducts, "_SUMS_BYTES", budget)
        calls.clear()
        sum_in_blocks()
        assert len(calls) == own


PEAK = """
import os, sys, tracemalloc
os.process_cpu_count = lambda: int(sys.argv[1])
import numpy as np
from Layers.Conv import Conv

layer = Conv(1, (128, 3, 3), 128).astype("float32")
images = np.ones((64, 128, 8, 8), "float32")
errors = layer.forward(images)
tracemalloc.start()
layer.backward(errors)
print(tracemalloc.get_traced_memory()[1] / 2**20)
"""


def test_memory_does_not_grow_with_the_number_of_processors():
    two, many = (
        float(
            subprocess.run(
                [sys.executable, "-c", PEAK, processors],
                cwd=Path(__file__).parent.parent,
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for processors in ("2", "64")
    )
    assert many < two + 64, "the gradient alone takes 2.25 MiB, as much as each of 64 threads' sums would"


@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
@pytest.mark.parametrize("before", [(0, 0), (1, 2), (-1, -2)])
@pytest.mark.parametrize("channels_last", [False, True])
def test_windows_are_cut_out_of_zeros(stride, before, channels_last):
    images = np.random.default_rng(0).standard_normal((2, 3, 7, 8))
    images = np.moveaxis(np.moveaxis(images, 1, -1).copy(), -1, 1) if channels_last else images
    padded = np.pad(images, [(0, 0), (0, 0), (9, 9), (9, 9)])
    found = windows(images, size=(3, 2), count=(3, 2), before=before, stride=stride).reshape(2, 3, 2, 3, 2, 3)
    for y, x in np.ndindex(3, 2):
        top, left = 9 + y * stride[0] - before[0], 9 + x * stride[1] - before[1]
        expected = padded[:, :, top : top + 3, left : left + 2].transpose(0, 2, 3, 1)
        np.testing.assert_array_equal(found[:, y, x], expected)


@pytest.mark.parametrize("channels_last", [False, True])
def test_windows_that_need_no_zeros_are_cut_out_of_the_images_and_are_a_copy(channels_last):
    images = np.random.default_rng(0).standard_normal((2, 3, 4, 6))
    images = np.moveaxis(np.moveaxis(images, 1, -1).copy(), -1, 1) if channels_last else images
    images.flags.writeable = False
    found = windows(images, size=(2, 3), count=(2, 2), before=(0, 0), stride=(2, 3))
    expected = images.reshape(2, 3, 2, 2, 2, 3).transpose(0, 2, 4, 3, 5, 1).reshape(1, 8, 18)
    np.testing.assert_array_equal(found, expected)
    assert found.flags.writeable and not np.shares_memory(found, images)


def test_winograds_matrices_are_those_of_lavin_and_gray():
    tile = [[4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0]]
    kernel = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24
    output = [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]
    np.testing.assert_array_equal(Winograd._FROM_TILE, [*tile, [0, 4, 0, -5, 0, 1]])
    np.testing.assert_array_equal(Winograd._FROM_KERNEL, kernel)
    np.testing.assert_array_equal(Winograd._TO_OUTPUT, output)


def squares_with_one_bright_pixel():
    rng = np.random.default_rng(5)
    layer = Conv(1, (16, 3, 3), 20)
    images, errors = rng.standard_normal((6, 16, 8, 8)), rng.standard_normal((6, 20, 8, 8))
    images[1, 3, 2, 2] = 1e8
    return layer, images, errors


@pytest.mark.parametrize("budget", [0, 2**25])
def test_the_kernels_gradient_is_the_same_whether_points_are_kept_or_not_and_the_second_time(budget, monkeypatch):
    monkeypatch.setattr(Evenness, "_KEPT_BYTES", budget)
    layer, images, errors = squares_with_one_bright_pixel()
    layer.forward(images)
    expected, _ = correlate_kernels(images, errors, layer.places, layer.weights.shape)
    for _ in range(2):
        layer.backward(errors)
        np.testing.assert_array_equal(layer.gradient_weights, expected)


def test_points_are_kept_while_all_together_take_little_memory_and_never_for_testing(monkeypatch):
    layer, images, errors = squares_with_one_bright_pixel()
    monkeypatch.setattr(Evenness, "_KEPT_BYTES", 3 * 6 * 4 * 36 * 16 * 8 // 2)  # of one layer and a half
    first, second, testing = layer, layer.clone(), layer.clone()
    testing.testing_phase = True

    def keeps(one):
        return one.kept[1].points_of(slice(None)) is not None

    for one in (testing, first, second):
        one.forward(images)
    assert [keeps(one) for one in (testing, first, second)] == [False, True, False]
    first.backward(errors)
    second.forward(images)
    assert [keeps(one) for one in (first, second)] == [False, True]
