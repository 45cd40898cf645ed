"""The three patterns against loops over pixels, which say the same in another way."""

import numpy as np
import pytest

from Generator.pattern import Checker, Circle, Spectrum


@pytest.mark.parametrize(("resolution", "tile"), [(2, 1), (4, 1), (12, 2), (30, 5), (250, 25)])
def test_checker(resolution, tile):
    board = Checker(resolution, tile)
    drawn = board.draw()
    expected = [[(y // tile + x // tile) % 2 for x in range(resolution)] for y in range(resolution)]
    np.testing.assert_array_equal(drawn, expected)
    assert drawn[0, 0] == 0 and drawn.sum() == resolution**2 / 2


@pytest.mark.parametrize(
    ("resolution", "radius", "position"),
    [
        (20, 5, (10, 8)), (15, 0, (3, 4)), (30, 12.5, (2.5, 29)), (10, 100, (5, 5)), (10, 2, (-5, 3)),
        (8, 3, [1, 6]),
    ],
)  # fmt: skip
def test_circle(resolution, radius, position):
    circle = Circle(resolution, radius, position)
    drawn = circle.draw()
    x0, y0 = position
    pixels = range(resolution)
    expected = [[(x - x0) ** 2 + (y - y0) ** 2 <= radius**2 for x in pixels] for y in pixels]
    assert drawn.dtype == bool
    np.testing.assert_array_equal(drawn, expected)


def test_circle_has_its_area():
    assert abs(Circle(1000, 300, (500, 500)).draw().sum() / (np.pi * 300**2) - 1) < 1e-3


@pytest.mark.parametrize("resolution", [1, 2, 7, 100])
def test_spectrum(resolution):
    drawn = Spectrum(resolution).draw()
    assert drawn.shape == (resolution, resolution, 3) and drawn.dtype == np.float64
    for y in range(resolution):
        for x in range(resolution):
            across, down = (x / max(resolution - 1, 1)), (y / max(resolution - 1, 1))
            np.testing.assert_allclose(drawn[y, x], [across, down, 1 - across], atol=1e-15)


def patterns():
    return [Checker(8, 2), Circle(8, 2, (3, 4)), Spectrum(8)]


@pytest.mark.parametrize("place", range(3))
def test_output_is_kept_and_a_copy_returned(place):
    pattern = patterns()[place]
    assert pattern.output is None
    drawn = pattern.draw()
    kept = pattern.output.copy()
    np.testing.assert_array_equal(drawn, kept)
    drawn[:] = 0
    np.testing.assert_array_equal(pattern.output, kept)
    assert kept.any()


@pytest.mark.parametrize("place", range(3))
def test_show_draws_first_if_need_be(place, monkeypatch, tmp_path):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(np.asarray(plt.gca().images[0].get_array())))
    pattern = patterns()[place]
    pattern.show()
    np.testing.assert_array_equal(shown[0], pattern.output)
    plt.close("all")
    pattern.show(tmp_path / "pattern.png")
    written = plt.imread(tmp_path / "pattern.png")[..., :3]
    reference = pattern.output if pattern.output.ndim == 3 else pattern.output[..., np.newaxis]
    np.testing.assert_allclose(written, np.broadcast_to(reference, (8, 8, 3)), atol=0.005)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: Checker(10, 3),
            ValueError,
            "Checker: expected a resolution divisible by two tiles, 6, got 10",
        ),
        (lambda: Checker(15, 5), ValueError, "choose e.g. 20"),
        (lambda: Checker(0, 1), ValueError, "Checker: expected resolution to be at least 1"),
        (lambda: Checker(4, -1), ValueError, "Checker: expected tile_size to be at least 1"),
        (lambda: Checker(4.0, 1), TypeError, "Checker: expected resolution to be a whole number"),
        (lambda: Checker("4", 1), TypeError, "Checker: expected resolution to be a whole number"),
        (lambda: Circle(10, -1, (2, 2)), ValueError, "Circle: expected a radius of at least 0"),
        (lambda: Circle(10, 1, (2, 2, 2)), ValueError, "Circle: expected a radius of at least 0"),
        (lambda: Circle(10, 1, 2), ValueError, "Circle: expected a radius of at least 0"),
        (lambda: Circle(10, float("nan"), (2, 2)), ValueError, "all finite"),
        (lambda: Circle(10, "1", (2, 2)), TypeError, "Circle: expected numbers"),
        (lambda: Circle(10, 1, ("a", "b")), TypeError, "Circle: expected numbers"),
        (lambda: Circle(10, None, (1, 1)), TypeError, "Circle: expected numbers"),
        (lambda: Circle(-1, 1, (2, 2)), ValueError, "Circle: expected resolution"),
        (lambda: Spectrum(0), ValueError, "Spectrum: expected resolution to be at least 1"),
        (lambda: Spectrum(True), TypeError, "Spectrum: expected resolution to be a whole number"),
    ],
)
def test_sizes_that_make_no_sense_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_numpy_integers_are_sizes():
    assert Checker(np.int64(4), np.int32(1)).draw().shape == (4, 4)
    assert Circle(np.int64(4), np.float32(1), np.array([1, 2])).draw().sum() == 5
    assert Spectrum(np.int64(4)).draw().shape == (4, 4, 3)
