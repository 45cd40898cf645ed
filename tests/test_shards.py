"""The parts of several processes make up what one process would see, in its order."""

import numpy as np
import pytest

from Foundation.Randomness import as_generator, part_of_bits
from Generator.arrays import ArrayData
from Generator.data_layer import ImageData
from Generator.generator import ImageGenerator


def arrays(**options):
    X = np.random.default_rng(0).standard_normal((11, 3))
    return ArrayData(X, np.arange(11) % 3, 4, rng=1, **options)


def sequences(**options):
    rng = np.random.default_rng(0)
    return ArrayData([rng.standard_normal((steps, 2)) for steps in (1, 2, 3, 4, 5, 2)], [0, 1, 2, 0, 1, 2], 5, rng=1)


def pictures(workers=0):
    rng = np.random.default_rng(0)
    changes = {"rotation": True, "angle": 9, "shift": 0.2, "zoom": 0.1, "crop": 0.1, "contrast": 0.3, "noise": 0.1}
    images = rng.random((9, 6, 6, 3))
    return ImageData(
        ImageGenerator.from_arrays(images, np.arange(9) % 3, 5, shuffle=True, rng=1, workers=workers, **changes)
    )


SETS = {
    "arrays": arrays,
    "weighted": lambda: arrays(weights=np.arange(1.0, 12.0)),
    "short batches": lambda: arrays(last_batch="short"),
    "sequences": sequences,
    "pictures": pictures,
    "pictures by workers": lambda: pictures(workers=1),
}


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("name", SETS)
def test_parts_joined_are_the_batches_of_one_process(name, size):
    whole, parts = SETS[name](), [SETS[name]().shard(rank, size) for rank in range(size)]
    for _ in range(7):
        for expected, *found in zip(whole.next(), *(part.next() for part in parts), strict=True):
            assert expected is None or np.array_equal(np.concatenate(found), expected)
    assert all(part.state == whole.state for part in parts), "a checkpoint is the same for any number of processes"


@pytest.mark.parametrize("name", SETS)
def test_batches_for_the_validation_are_dealt_whole(name):
    whole, parts = list(SETS[name]().batches()), [list(SETS[name]().shard(rank, 2).batches()) for rank in range(2)]
    dealt = [parts[place % 2][place // 2] for place in range(len(whole))]
    for expected, found in zip(whole, dealt, strict=True):
        assert all(one is None or np.array_equal(one, other) for one, other in zip(expected, found, strict=True))


@pytest.mark.parametrize("kind", ["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64", None])
@pytest.mark.parametrize(("before", "count", "behind"), [(0, 4, 0), (2, 4, 6), (3, 5, 1), (0, 3, 4), (7, 1, 0)])
def test_a_part_of_a_mask_is_that_of_the_whole_and_leaves_the_stream_where_it_is_then(kind, before, count, behind):
    def stream():
        if kind is None:
            np.random.seed(3)  # noqa: NPY002
            return None
        return np.random.Generator(getattr(np.random, kind)(3))

    def draw(rng, words):
        return (rng or np.random).bytes(4 * words)

    one = stream()
    whole, following = draw(one, before + count + behind), draw(one, 3)
    other = stream()
    assert part_of_bits(other, before, count, behind) == whole[4 * before : 4 * (before + count)]
    assert draw(other, 3) == following


def test_a_part_of_a_mask_begins_in_the_middle_of_a_number():
    one, other = as_generator(3), as_generator(3)
    one.bytes(4)
    other.bytes(4)
    assert part_of_bits(other, 2, 2, 2) == one.bytes(24)[8:16]


def test_checksums_tell_one_label_or_one_number_from_another():
    X, y = np.zeros((300, 2)), np.zeros(300)
    others = [(np.where(np.arange(300)[:, np.newaxis] == 7, 1.0, X), y), (X, np.arange(300) == 7.0), (X[:-1], y[:-1])]
    sums = {ArrayData(*data, targets="regression").checksum() for data in [(X, y), *others]}
    assert len(sums) == 4
