"""The door to the network: shapes, one-hot labels, normalisation, the fixed test set."""

import numpy as np
import pytest

from Foundation.Labels import one_hot
from Generator.data_layer import ImageData
from Generator.generator import ImageGenerator


def training(count=30, **options):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, 6, 5, 3), dtype=np.uint8)
    return ImageGenerator.from_arrays(images, np.arange(count) % 4, 7, **options)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_batches_are_channels_first_and_one_hot_in_the_generators_dtype(dtype):
    data = ImageData(training(dtype=dtype), normalize=False)
    images, labels = data.next()
    plain, numbers = training(dtype=dtype).next()
    assert images.shape == (7, 3, 6, 5) and labels.shape == (7, 4)
    assert images.dtype == labels.dtype == dtype
    np.testing.assert_array_equal(images, plain.transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(labels, np.eye(4)[numbers])
    assert data.forward()[0].shape == (7, 3, 6, 5)


def test_the_training_set_gets_mean_zero_and_deviation_one():
    data = ImageData(training(angle=20, noise=0.3, shuffle=True, rng=0))
    images = data.prepare(training().read()[0])
    np.testing.assert_allclose(images.mean(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(images.std(axis=(0, 2, 3)), 1, rtol=1e-12)


def test_a_large_set_is_measured_on_a_sample_of_it():
    values = np.random.default_rng(0).random((20_000, 2, 2, 1))
    data = ImageData(ImageGenerator.from_arrays(values, np.zeros(20_000, int), 10))
    assert abs(data.mean[0] - values.mean()) < 0.01 and abs(data.deviation[0] - values.std()) < 0.01


def test_given_numbers_are_used_and_a_constant_channel_stays_finite():
    data = ImageData(training(), mean=[0.1, 0.2, 0.3], deviation=[1, 2, 4])
    plain = training().next()[0]
    np.testing.assert_allclose(data.next()[0][:, 1], (plain[..., 1] - 0.2) / 2)
    flat = ImageData(ImageGenerator.from_arrays(np.full((3, 2, 2), 0.7), [0, 1, 0], 3))
    np.testing.assert_allclose(flat.next()[0], 0, atol=1e-12)


def test_the_test_set_is_fixed_neither_shuffled_nor_augmented():
    whole = training(60, shuffle=True, rotation=False, mirroring=True, noise=0.2, rng=3)
    data = ImageData(*whole.split(0.25, rng=1))
    first = data.get_test_set()
    for _ in range(20):
        data.next()
    second = data.get_test_set()
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])
    assert not np.shares_memory(first[0], second[0])
    assert first[0].shape == (16, 3, 6, 5) and first[1].sum(axis=0).tolist() == [4, 4, 4, 4]
    # The same pictures stand in the whole set, through the same normalisation.
    everything = data.prepare(training(60).read()[0])
    for picture in first[0]:
        assert (np.abs(everything - picture).max(axis=(1, 2, 3)) < 1e-12).sum() == 1


def test_a_test_set_of_arrays():
    images = np.random.default_rng(2).random((5, 6, 5, 3))
    data = ImageData(training(), test=(images, [0, 1, 2, 3, 0]))
    np.testing.assert_allclose(data.get_test_set()[0], data.prepare(images))
    assert data.get_test_set()[1].tolist() == np.eye(4)[[0, 1, 2, 3, 0]].tolist()


@pytest.mark.parametrize("arrays", [False, True])
def test_the_test_set_in_batches_is_the_test_set(arrays):
    whole = training(60, mirroring=True, noise=0.2, class_names=list("abcd"))
    kept = whole.split(0.25, rng=1)[1]
    data = ImageData(whole, kept.read() if arrays else kept)
    assert data.validation.class_names == ("a", "b", "c", "d")
    parts = zip(*data.validation.batches(), strict=True)
    for batches, at_once in zip(parts, data.get_test_set(), strict=True):
        np.testing.assert_array_equal(np.concatenate(batches), at_once)
    assert ImageData(whole).validation is None


def test_batches_of_the_training_set_are_neither_shuffled_nor_augmented():
    data = ImageData(training(shuffle=True, mirroring=True, noise=0.2, rng=0))
    images, labels = map(np.concatenate, zip(*data.batches(), strict=True))
    plain, numbers = training().read()
    np.testing.assert_array_equal(images, data.prepare(plain))
    np.testing.assert_array_equal(labels.argmax(axis=1), numbers)


def test_state_epoch_and_workers_pass_through():
    with ImageData(training(shuffle=True, rng=0, workers=2)) as data:
        for _ in range(6):
            data.next()
        assert data.current_epoch() == 1
        state = data.state
        expected = data.next()
        data.state = state
        np.testing.assert_array_equal(data.next()[0], expected[0])


def test_batches_are_the_callers_own():
    data = ImageData(training())
    first = data.next()[0]
    kept = first.copy()
    second, _ = data.next()
    second[:] = 9
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mean": [0, 0, 0]}, "mean and deviation together"),
        ({"mean": [0, 0], "deviation": [1, 1]}, r"of shape \(3,\)"),
        ({"mean": [0, 0, 0], "deviation": [1, 0, 1]}, "deviation above 0"),
        ({"mean": [0, 0, 0], "deviation": [1, float("nan"), 1]}, "deviation above 0"),
        ({"mean": [0, float("inf"), 0], "deviation": [1, 1, 1]}, "mean and deviation"),
        ({"test": (np.zeros((2, 5, 6, 3)), [0, 1])}, r"images of shape \(images, 6, 5, 3\)"),
        ({"test": (np.zeros((2, 6, 5, 3)), [0, 4])}, "test labels from 0 to 3"),
        ({"test": (np.zeros((2, 6, 5, 3)), [0, -1])}, "test labels from 0 to 3"),
        ({"test": (np.zeros((2, 6, 5, 3)), [0.0, 1.0])}, "of dtype float64"),
        ({"test": (np.zeros((2, 6, 5, 3)), [0, 1, 2])}, "one label for each of 2 test images, got 3"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments, message):
    with pytest.raises(ValueError, match=f"expected .*{message}"):
        ImageData(training(), **arguments)


def test_without_a_test_set_the_error_says_how_to_get_one():
    with pytest.raises(RuntimeError, match=r"expected a test set.*split\(0\.2\)"):
        ImageData(training()).get_test_set()


def test_one_hot_of_many_classes():
    labels = np.random.default_rng(0).integers(0, 1000, 64)
    rows = one_hot(labels, 1000, "float32")
    assert rows.dtype == np.float32 and (rows.sum(axis=1) == 1).all() and (rows.argmax(axis=1) == labels).all()
