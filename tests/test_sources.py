"""What the sources of a generator keep: pictures read from files, and images of an array that were resized."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from Generator import sources
from Generator.generator import ImageGenerator
from Generator.pixels import fit
from Generator.sources import ArraySource

ROOT = Path(__file__).parent.parent
SAMPLE = (ROOT / "Generator" / "Sample_data", ROOT / "Generator" / "Labels.json")


def test_the_cache_is_bounded_and_changes_nothing():
    def run(cache_bytes):
        generator = ImageGenerator(*SAMPLE, 30, [32, 32, 3], shuffle=True, rng=0, cache_bytes=cache_bytes)
        batches = [generator.next()[0] for _ in range(8)]
        kept = sum(picture.nbytes for picture in generator._source._kept.values())
        assert kept <= cache_bytes
        return batches, kept

    nothing, kept_nothing = run(0)
    some, kept_some = run(40 * 3072 + 100)
    everything, kept_everything = run(10**7)
    assert (kept_nothing, kept_some, kept_everything) == (0, 40 * 3072, 100 * 3072)
    np.testing.assert_array_equal(nothing, some)
    np.testing.assert_array_equal(nothing, everything)


def test_what_the_cache_holds_is_not_read_again(tmp_path):
    for number in range(4):
        np.save(tmp_path / f"{number}.npy", np.full((2, 2), number, dtype=np.uint8))
    (tmp_path / "labels.json").write_text('{"0": 0, "1": 1, "2": 2, "3": 3}')
    cached = ImageGenerator(tmp_path, tmp_path / "labels.json", 4, [2, 2, 1])
    uncached = ImageGenerator(tmp_path, tmp_path / "labels.json", 4, [2, 2, 1], cache_bytes=0)
    first = cached.next()[0]
    uncached.next()
    (tmp_path / "2.npy").unlink()
    np.testing.assert_array_equal(cached.next()[0], first)
    with pytest.raises(FileNotFoundError, match=r"2\.npy"):
        uncached.next()


def resized(cache_bytes=10**6, count=6):
    images = np.random.default_rng(3).integers(0, 256, (count, 4, 4, 1), dtype=np.uint8)
    return ArraySource(images, np.arange(count), (8, 8, 1), cache_bytes)


def test_images_of_an_array_are_resized_once(monkeypatch):
    source, count = resized(), []
    monkeypatch.setattr(sources, "fit", lambda images, *rest: count.append(len(images)) or fit(images, *rest))
    for places in ([0, 1, 1], [1, 2], [2, 0, 1], [5]):
        np.testing.assert_array_equal(
            source.read(np.array(places)), fit(source.images[places], (8, 8, 1), "the test"), strict=True
        )
    assert count == [2, 1, 1]


def test_what_is_kept_of_an_array_belongs_to_nobody_else():
    source, places = resized(), np.array([3, 4])
    before = source.read(places).copy()
    source.read(places)[:] = 0
    np.testing.assert_array_equal(source.read(places), before)


def test_images_of_an_array_are_kept_if_there_is_room_for_all():
    enough, too_little = resized(6 * 64), resized(6 * 64 - 1)
    places = np.arange(6)
    expected = enough.read(places)
    np.testing.assert_array_equal(too_little.read(places), expected)
    for source in (enough, too_little):
        source.images = 255 - source.images  # what is kept does not follow
    np.testing.assert_array_equal(enough.read(places), expected)
    assert (too_little.read(places) != expected).any()


def test_copies_of_an_array_leave_behind_what_is_kept():
    source, places = resized(count=100), np.arange(100)
    expected = source.read(places)
    packed = pickle.dumps(source)
    assert len(packed) < source.images.nbytes + 3000
    np.testing.assert_array_equal(pickle.loads(packed).read(places), expected)
