"""Augmentation and resizing: exact where pixels only move, and against the documented formulas, written out
pixel by pixel, where they do not."""

import numpy as np
import pytest
from PIL import Image

from Generator.augmentation import Augmentation
from Generator.generator import ImageGenerator
from Generator.pixels import check_pixels, fit, from_unit, resize, to_unit


def pictures(count=200, height=6, width=6, channels=3, dtype="uint8", seed=0):
    rng = np.random.default_rng(seed)
    values = rng.random((count, height, width, channels))
    return from_unit(values, dtype)


def orbit(image):
    """The eight pictures that quarter turns and mirror images make of one."""
    turned = [np.rot90(image, quarter) for quarter in range(4)]
    return turned + [picture[:, ::-1] for picture in turned]


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64", "bool"])
@pytest.mark.parametrize("options", [{"rotation": True}, {"mirroring": True}, {"rotation": True, "mirroring": True}])
def test_quarter_turns_and_mirror_images_are_pixel_exact(options, dtype):
    images = pictures(dtype=dtype)
    changed = Augmentation(**options)(images, np.random.default_rng(1))
    assert changed.dtype == images.dtype
    if options == {"rotation": True}:
        allowed = [[np.rot90(image, quarter) for quarter in range(4)] for image in images]
    elif options == {"mirroring": True}:
        allowed = [[image, image[:, ::-1], image[::-1], image[::-1, ::-1]] for image in images]
    else:
        allowed = [orbit(image) for image in images]
    which = [
        [place for place, candidate in enumerate(candidates) if np.array_equal(candidate, result)]
        for candidates, result in zip(allowed, changed, strict=True)
    ]
    assert all(len(places) == 1 for places in which)
    counts = np.bincount([places[0] for places in which], minlength=len(allowed[0]))
    # Each way is drawn, none much more often than its share.
    assert (counts > 0.5 * len(images) / len(counts)).all() and (counts < 1.6 * len(images) / len(counts)).all()


@pytest.mark.parametrize(("side", "axis"), [("horizontal", 1), ("vertical", 0)])
def test_mirroring_can_be_kept_to_one_direction(side, axis):
    images = pictures()
    changed = Augmentation(mirroring=side)(images, np.random.default_rng(2))
    mirrored = [np.array_equal(result, np.flip(image, axis)) for image, result in zip(images, changed, strict=True)]
    same = [np.array_equal(result, image) for image, result in zip(images, changed, strict=True)]
    assert np.array_equal(np.array(mirrored), ~np.array(same)) and 70 < sum(mirrored) < 130


def test_generated_batches_are_turned_and_mirrored_exactly():
    images = pictures(count=40)
    generator = ImageGenerator.from_arrays(images, np.arange(40), 40, rotation=True, mirroring=True, rng=0)
    for _ in range(3):
        changed, labels = generator.next()
        for result, label in zip(changed, labels, strict=True):
            assert any(np.array_equal(result, candidate / 255) for candidate in orbit(images[label]))


def test_turning_pictures_that_are_not_square_keeps_their_size():
    images = pictures(count=60, height=8, width=4)
    changed = Augmentation(rotation=True)(images, np.random.default_rng(0))
    assert changed.shape == images.shape
    stretched = [fit(np.rot90(images, quarter, axes=(1, 2)), (8, 4, 3), "test") for quarter in range(4)]
    used = {
        next(quarter for quarter in range(4) if np.array_equal(stretched[quarter][place], changed[place]))
        for place in range(60)
    }
    assert used == {0, 1, 2, 3}


def test_a_picture_is_mirrored_alike_whether_or_not_it_is_turned_as_well():
    images = pictures(count=40)
    mirrored = Augmentation(mirroring=True)(images, np.random.default_rng(4))
    hardly_turned = Augmentation(mirroring=True, angle=1e-9)(images, np.random.default_rng(4))
    np.testing.assert_array_equal(mirrored, hardly_turned)


def test_what_comes_in_is_never_changed():
    images = pictures(dtype="float64")
    untouched = images.copy()
    every = Augmentation(True, True, angle=30, shift=0.2, zoom=0.2, crop=0.3, brightness=0.3, contrast=0.5, noise=0.2)
    changed = every(images, np.random.default_rng(0))
    np.testing.assert_array_equal(images, untouched)
    assert not np.shares_memory(changed, images)
    assert 0 <= changed.min() and changed.max() <= 1


def test_single_and_double_precision_see_the_same_changes():
    images = pictures(count=20, height=16, width=16)
    every = Augmentation(True, True, angle=30, shift=0.2, zoom=0.2, crop=0.3, brightness=0.1, contrast=0.2, noise=0.05)
    single = every(images, np.random.default_rng(3), "float32")
    double = every(images, np.random.default_rng(3), "float64")
    assert single.dtype == np.float32 and double.dtype == np.float64
    np.testing.assert_allclose(single, double, atol=2e-5)


class Prescribed:
    """A stream of random numbers that are known beforehand: evenly spread over what may be drawn."""

    def uniform(self, low, high, size):
        return np.linspace(low, high, int(np.prod(size))).reshape(size)


class Largest:
    """A stream of random numbers that always draws the largest value."""

    def uniform(self, low, high, size):
        return np.full(size, high)


def read_between(image, rows, columns):
    """Linear interpolation as a textbook has it: every pixel counts by its distance, as far as the next one."""
    height, width = image.shape[:2]
    down = np.maximum(0, 1 - np.abs(np.clip(rows, 0, height - 1)[..., None] - np.arange(height)))
    right = np.maximum(0, 1 - np.abs(np.clip(columns, 0, width - 1)[..., None] - np.arange(width)))
    return np.einsum("yxi,yxj,ijc->yxc", down, right, image)


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
@pytest.mark.parametrize("shape", [(20, 20), (12, 30), (1, 5)])
@pytest.mark.parametrize(
    "options",
    [
        {"angle": 25}, {"zoom": 0.3}, {"shift": 0.2}, {"crop": 0.4},
        {"angle": 40, "zoom": 0.2, "shift": 0.1, "crop": 0.3},
    ],
)  # fmt: skip
def test_mirroring_turning_zooming_shifting_and_cropping_follow_the_formula(options, shape, dtype):
    count, (height, width) = 5, shape
    images = pictures(count, *shape, dtype=dtype)
    mirrors = np.arange(count) % 4
    changed = Augmentation(**options)._mapped(images, Prescribed(), None if dtype != "uint8" else "float64", mirrors)
    assert changed.dtype == ("float64" if dtype == "uint8" else dtype)
    images = to_unit(images, "float64")
    images[mirrors & 1 > 0] = images[mirrors & 1 > 0][:, :, ::-1]
    images[mirrors & 2 > 0] = images[mirrors & 2 > 0][:, ::-1]

    def drawn(low, high, *size):
        return Prescribed().uniform(low, high, (count, *size))

    angle = np.deg2rad(drawn(-options.get("angle", 0), options.get("angle", 0)))
    zoom = 1 + drawn(-options.get("zoom", 0), options.get("zoom", 0))
    shift = drawn(-options.get("shift", 0), options.get("shift", 0), 2)
    window = 1 - drawn(0, options.get("crop", 0), 2)
    moved = (shift + drawn(-0.5, 0.5, 2) * (1 - window)) * shape
    down, right = np.mgrid[:height, :width].astype(float)
    down, right = down - (height - 1) / 2, right - (width - 1) / 2
    for place in range(count):
        y, x = window[place, 0] * down / zoom[place], window[place, 1] * right / zoom[place]
        rows = np.cos(angle[place]) * y + np.sin(angle[place]) * x + moved[place, 0]
        columns = -np.sin(angle[place]) * y + np.cos(angle[place]) * x + moved[place, 1]
        expected = read_between(images[place], rows + (height - 1) / 2, columns + (width - 1) / 2)
        # Of bytes, places and weights are rounded to 1/256: three times half of that at most.
        atol = {"float64": 1e-12, "float32": 1e-6, "uint8": 3 / 512}[dtype]
        np.testing.assert_allclose(changed[place], expected, atol=atol)
        assert np.abs(changed[place] - expected).mean() <= atol / 4


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("shape", [(9, 300, 260), (300, 7, 5), (1, 1, 1)])
def test_bytes_and_floats_are_mapped_alike_however_many_and_large(shape, channels):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (*shape, channels), dtype=np.uint8)
    every = Augmentation(angle=180, shift=0.4, zoom=0.5, crop=0.5)
    of_bytes = every(images, np.random.default_rng(1), "float64")
    of_floats = every(images / 255, np.random.default_rng(1))
    np.testing.assert_allclose(of_bytes, of_floats, atol=3 / 512)
    assert abs((of_bytes - of_floats).mean()) < 1e-3


def test_a_turn_by_ninety_degrees_and_a_shift_by_whole_pixels_only_move_pixels():
    images = pictures(3, 8, 8, dtype="float64")
    turned = Augmentation(angle=90)._mapped(images, Largest())
    np.testing.assert_allclose(turned, np.rot90(images, axes=(1, 2)), atol=1e-12)
    shifted = Augmentation(shift=0.25)._mapped(images, Largest())
    border = np.minimum(np.arange(8) + 2, 7)
    np.testing.assert_allclose(shifted, images[:, border][:, :, border], atol=1e-12)


def test_turning_there_and_back_returns_the_middle_of_a_smooth_picture():
    y, x = np.mgrid[:41, :41] / 40
    image = (0.5 + 0.2 * np.sin(3 * y) * np.cos(2 * x))[np.newaxis, ..., np.newaxis]

    class Smallest:
        def uniform(self, low, high, size):
            return np.full(size, low)

    there = Augmentation(angle=35)._mapped(image, Largest())
    back = Augmentation(angle=35)._mapped(there, Smallest())
    middle = np.s_[:, 12:29, 12:29]
    assert np.abs(there - image)[middle].max() > 0.05
    np.testing.assert_allclose(back[middle], image[middle], atol=1e-3)


def test_a_crop_is_a_window_of_the_picture_stretched_to_its_size():
    # A slope in both directions shows where a window begins and how long it is.
    slope = np.zeros((1, 101, 101, 2))
    slope[..., 0] = np.linspace(0, 1, 101)[:, np.newaxis]
    slope[..., 1] = np.linspace(0, 1, 101)
    images = np.repeat(slope, 300, axis=0)
    changed = Augmentation(crop=0.4)(images, np.random.default_rng(0))
    for axis in (1, 2):
        channel = changed[..., axis - 1]
        first, last = np.take(channel, 0, axis=axis)[:, 50], np.take(channel, -1, axis=axis)[:, 50]
        length = last - first
        assert first.min() >= 0 and last.max() <= 1
        assert 0.595 < length.min() < 0.62 and 0.98 < length.max() <= 1
        # Windows lie anywhere, also at both borders.
        assert first.min() < 0.01 and last.max() > 0.99
    sides = [changed[:, -1, 50, 0] - changed[:, 0, 50, 0], changed[:, 50, -1, 1] - changed[:, 50, 0, 1]]
    assert abs(np.corrcoef(sides)[0, 1]) < 0.2


def test_strengths_are_limits_and_reach_them():
    grey = np.full((2000, 3, 3, 1), 0.5)
    rng = np.random.default_rng(0)
    brightness = Augmentation(brightness=0.2)(grey, rng)[:, 0, 0, 0] - 0.5
    assert -0.2 <= brightness.min() < -0.19 and 0.19 < brightness.max() <= 0.2
    steps = np.broadcast_to(np.array([0.4, 0.6]).reshape(1, 1, 2, 1), (2000, 1, 2, 1))
    contrast = np.diff(Augmentation(contrast=0.5)(steps, rng)[:, 0, :, 0], axis=1) / 0.2
    assert 0.5 <= contrast.min() < 0.51 and 1.49 < contrast.max() <= 1.5 + 1e-12
    np.testing.assert_allclose(Augmentation(contrast=0.5)(steps, rng).mean(axis=(1, 2, 3)), 0.5)
    noise = Augmentation(noise=0.1)(grey, rng) - 0.5
    assert abs(noise.std() - 0.1) < 0.002 and abs(noise.mean()) < 0.002
    assert len(np.unique(noise)) > 0.9 * noise.size


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "bool", "float32", "float64"])
def test_a_constant_picture_stays_constant_under_every_map(dtype):
    for value in (0.0, 1.0, 0.3):
        images = from_unit(np.full((50, 11, 13, 3), value), dtype)
        changed = Augmentation(angle=180, shift=0.5, zoom=0.5, crop=0.5)(images, np.random.default_rng(0))
        assert changed.dtype == dtype and to_unit(changed, "float64").max() <= 1
        np.testing.assert_allclose(changed, images, rtol=1e-15)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"angle": -1}, ValueError), ({"angle": 360}, ValueError), ({"angle": "10"}, TypeError),
        ({"shift": 1}, ValueError), ({"zoom": 1.0}, ValueError), ({"crop": 1}, ValueError),
        ({"brightness": 1.1}, ValueError), ({"contrast": float("nan")}, ValueError),
        ({"noise": float("inf")}, ValueError), ({"noise": True}, TypeError),
        ({"rotation": 90}, TypeError), ({"mirroring": "left"}, TypeError), ({"rotation": None}, TypeError),
    ],
)  # fmt: skip
def test_strengths_that_make_no_sense_are_refused(options, error):
    with pytest.raises(error, match=f"ImageGenerator: expected {next(iter(options))} to be"):
        ImageGenerator.from_arrays(np.zeros((2, 4, 4)), [0, 1], 1, **options)


def triangle(old, new):
    """The documented weights as a matrix, one row for each new pixel."""
    scale = old / new
    distance = np.abs(np.arange(old) + 0.5 - (np.arange(new)[:, np.newaxis] + 0.5) * scale)
    weights = np.maximum(0, 1 - distance / max(scale, 1))
    return weights / weights.sum(axis=1, keepdims=True)


SIZES = [
    ((32, 32), (50, 50)), ((32, 32), (28, 28)), ((64, 48), (16, 24)), ((301, 200), (32, 32)),
    ((5, 7), (1, 1)), ((1, 1), (4, 4)), ((40, 10), (10, 40)),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), SIZES)
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "bool", "float32", "float64"])
def test_resizing_follows_the_formula(dtype, channels, old, new):
    images = pictures(2, *old, channels, dtype)
    resized = resize(images, *new)
    assert resized.dtype == dtype and resized.shape == (2, *new, channels)
    exact = np.einsum("yi,nijc->nyjc", triangle(old[0], new[0]), to_unit(images, "float64"))
    exact = np.einsum("xj,nyjc->nyxc", triangle(old[1], new[1]), exact)
    if dtype == "bool":
        sure = np.abs(exact - 0.5) > 1e-6
        np.testing.assert_array_equal(resized[sure], exact[sure] > 0.5)
    elif dtype == "uint8":
        # Rounded to whole numbers between the two axes, and once more at the end; the weights have 22 bits.
        assert np.abs(resized - 255 * exact).max() < 1.001
    else:
        np.testing.assert_allclose(to_unit(resized, "float64"), exact, atol=0.51 / 65535 if dtype == "uint16" else 1e-6)


def test_resizing_by_hand():
    image = np.array([[0, 80, 160, 240]], np.uint8)[..., np.newaxis]
    # Half the size: pixels at distances 1/4 and 3/4 of the reach count 3/4 and 1/4, beyond the border nothing.
    assert resize(image, 1, 2)[0, :, 0].tolist() == [round((0.75 * 80 + 0.25 * 160) / 1.75), 183]
    assert resize(image, 2, 8)[1, :, 0].tolist() == [0, 20, 60, 100, 140, 180, 220, 240]


@pytest.mark.parametrize(("old", "new"), SIZES)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_resizing_bytes_is_what_pillow_does(mode, old, new):
    image = pictures(1, *old, len(mode))[0]
    expected = Image.fromarray(image.squeeze(-1) if mode == "L" else image).resize(new[::-1], Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(fit(image, (*new, len(mode)), "test"), np.asarray(expected).reshape(*new, len(mode)))


def test_resizing_does_not_alias():
    # Stripes finer than the new pixels must fade to grey, not turn into broad ones.
    stripes = np.broadcast_to(np.arange(96) % 2, (96, 96)).astype(np.float64)[..., np.newaxis]
    assert np.abs(resize(stripes, 17, 17)[:, 1:-1] - 0.5).max() < 0.05


def test_resizing_a_batch_is_resizing_each_image():
    for dtype in ("uint8", "float64"):
        images = pictures(count=9, height=13, width=17, dtype=dtype)
        together = resize(images, 20, 5)
        for image, result in zip(images, together, strict=True):
            np.testing.assert_array_equal(resize(image, 20, 5), result)
        assert resize(images[:0], 20, 5).shape == (0, 20, 5, 3)


def test_channels_are_converted():
    grey, colour = np.full((2, 2, 1), 100, np.uint8), np.zeros((2, 2, 3), np.uint8)
    colour[:] = [200, 100, 50]
    assert fit(grey, (2, 2, 3), "test").tolist() == [[[100] * 3] * 2] * 2
    assert fit(colour, (2, 2, 1), "test")[0, 0, 0] == round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)
    assert fit(colour, (2, 2, 4), "test")[0, 0].tolist() == [200, 100, 50, 255]
    half = np.concatenate([colour, np.full((2, 2, 1), 51, np.uint8)], axis=-1)
    assert fit(half, (2, 2, 3), "test")[0, 0].tolist() == [round(0.2 * v + 0.8 * 255) for v in (200, 100, 50)]
    clear = np.zeros((2, 2, 2), np.uint8)
    assert fit(clear, (2, 2, 1), "test")[0, 0, 0] == 255
    assert fit(np.full((2, 2, 3), 40000, np.uint16), (2, 2, 1), "test")[0, 0, 0] == 40000
    with pytest.raises(ValueError, match=r"test: expected pictures with 3 channels, got 7"):
        fit(np.zeros((2, 2, 7), np.uint8), (2, 2, 3), "test")


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "bool"])
def test_units_there_and_back(dtype):
    every = np.arange(2 if dtype == "bool" else np.iinfo(dtype).max + 1).astype(dtype)
    for working in ("float32", "float64"):
        unit = to_unit(every, working)
        assert unit.dtype == working and unit.min() == 0 and unit.max() == 1
        np.testing.assert_array_equal(from_unit(unit, dtype), every)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        (np.array([0.5, 255.0]), ValueError), (np.array([-0.1]), ValueError),
        (np.array([np.nan]), ValueError),
        (np.array([0.2, np.inf]), ValueError), (np.array([3], dtype=np.int64), TypeError),
        (np.array([1j]), TypeError), (np.array(["a"]), TypeError), (np.array([None]), TypeError),
    ],
)  # fmt: skip
def test_pixels_of_another_kind_are_refused(values, error):
    with pytest.raises(error, match=r"cat\.npy: expected (floats|pixels)"):
        check_pixels("cat.npy", values)
