"""The face that all data sets have: one list of them, and laws that each keeps, so that a trainer treats them alike.

`next()`, `epoch`, `number_of_batches`, `number_of_samples`, `batch_size`, `batches()` and `state`.
"""

import copy
import gzip
import os

import numpy as np
import pytest

from Generator.arrays import ArrayData
from Generator.data_layer import ImageData
from Generator.generator import ImageGenerator
from Layers.Helpers import DigitData, IrisData, MNISTData
from NeuralNetwork import NeuralNetwork

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(23, 4))
LABELS = RNG.integers(0, 3, 23)
SEQUENCES = [RNG.normal(size=(length, 2)) for length in RNG.integers(1, 6, 23)]
PICTURES = RNG.random((23, 6, 5, 1))


def images(**options):
    return ImageGenerator.from_arrays(PICTURES, LABELS, 5, **options)


def mnist():
    """The course's reader over files of its format with few and small images."""
    os.makedirs("Data", exist_ok=True)
    for part, count in (("train", 23), ("t10k", 3)):
        numbers = np.arange(count * 784).reshape(count, 28, 28) % 251
        for kind, values in (("images-idx3", numbers), ("labels-idx1", np.arange(count) % 10)):
            header = np.array([0x0800 + values.ndim, *values.shape], ">u4").tobytes()
            with gzip.open(f"Data/{part}-{kind}-ubyte.gz", "wb") as file:
                file.write(header + values.astype(np.uint8).tobytes())
    return MNISTData(5)


DATA_SETS = {
    "arrays": lambda: ArrayData(FEATURES, LABELS, 5),
    "arrays with a seed": lambda: ArrayData(FEATURES, LABELS, 5, rng=3),
    "arrays with a generator of another kind": lambda: ArrayData(
        FEATURES, LABELS, 5, rng=np.random.Generator(np.random.MT19937(4))
    ),
    "arrays in their order": lambda: ArrayData(FEATURES, LABELS, 5, shuffle=False),
    "arrays with a short last batch": lambda: ArrayData(FEATURES, LABELS, 5, last_batch="short"),
    "arrays with weights": lambda: ArrayData(FEATURES, LABELS, 5, weights=np.arange(23)),
    "sequences": lambda: ArrayData(SEQUENCES, LABELS, 5),
    "sequences with labels of each step": lambda: ArrayData(SEQUENCES, SEQUENCES, 5, rng=1),
    "a part to train with": lambda: ArrayData(FEATURES, LABELS, 5).split(0.3, rng=0)[0],
    "a part to validate with": lambda: ArrayData(FEATURES, LABELS, 5).split(0.3, rng=0)[1],
    "fewer samples than a batch": lambda: ArrayData(FEATURES, LABELS, 50, rng=0),
    "pictures": lambda: ImageData(images()),
    "pictures, augmented": lambda: ImageData(images(shuffle=True, mirroring=True, noise=0.1, rng=5)),
    "pictures to validate with": lambda: ImageData(images(), (PICTURES[:7], LABELS[:7])).validation,
    "pictures kept back": lambda: ImageData(*images(shuffle=True).split(0.4, rng=0)).validation,
    "irises": lambda: IrisData(30),
    "irises in their order": lambda: IrisData(30, random=False),
    "digits": lambda: DigitData(500),
    "MNIST": mnist,
}


@pytest.fixture(params=DATA_SETS, ids=str)
def make(request, tmp_path, monkeypatch):
    """Makes the data set of that name, the same each time."""
    monkeypatch.chdir(tmp_path)

    def seeded():
        np.random.seed(7)  # noqa: NPY002 - from which data sets without an rng draw
        return DATA_SETS[request.param]()

    return seeded


def same(one, other):
    assert len(one) == len(other)
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(first, second)


def test_an_epoch_has_its_number_of_batches(make):
    data = make()
    epochs = []
    for _ in range(2 * data.number_of_batches + 1):
        batch = data.next()
        epochs.append(data.epoch)
        assert 1 <= len(batch[0]) == len(batch[1]) <= data.batch_size
    assert epochs == [0] * data.number_of_batches + [1] * data.number_of_batches + [2]


def test_batches_go_once_through_everything_in_one_order(make):
    data = make()
    once, again = list(data.batches()), list(data.batches())
    assert [len(batch[0]) for batch in once[:-1]] == [data.batch_size] * (len(once) - 1)
    assert sum(len(batch[0]) for batch in once) == data.number_of_samples
    for one, other in zip(once, again, strict=True):
        same(one, other)


def test_batches_have_the_form_of_next(make):
    data = make()
    taken, (first, *_) = data.next(), data.batches()
    assert [type(part) for part in taken] == [type(part) for part in first]
    assert [part.dtype for part in taken if part is not None] == [part.dtype for part in first if part is not None]
    assert taken[0].shape[2:] == first[0].shape[2:] and taken[1].shape[2:] == first[1].shape[2:]


def test_batches_leave_next_alone(make):
    data, other = make(), make()
    before = data.state
    list(data.batches())
    np.testing.assert_equal(data.state, before)
    np.random.seed(9)  # noqa: NPY002
    other.state = before
    expected = [other.next() for _ in range(3)]
    data.state = before
    for batch in expected:
        same(data.next(), batch)
        list(data.batches())


def test_state_brings_back_every_place_exactly(make):
    data = make()
    count = 2 * data.number_of_batches + 2
    states, batches = [], []
    for _ in range(count):
        states.append(copy.deepcopy(data.state))
        batches.append(data.next())
    resumed = make()
    for place in reversed(range(count)):
        resumed.state = states[place]
        for batch in batches[place : place + data.number_of_batches + 1]:
            same(resumed.next(), batch)


def test_a_network_file_holds_the_state(make):
    data, net = make(), NeuralNetwork()
    data.next()
    net.progress = {"data": data.state}
    net.save("network", net)
    expected = data.next()
    data.state = net.load("network", None).progress["data"]
    same(data.next(), expected)


@pytest.mark.parametrize(
    "change",
    [
        lambda state: 3,
        lambda state: {},
        lambda state: {**state, "more": 1},
        lambda state: {**state, "delivered": -1},
        lambda state: {**state, "delivered": 1.5},
        lambda state: {**state, "delivered": "1"},
        lambda state: {**state, next(name for name in ("random", "rng") if name in state): {"bit_generator": "Dice"}},
    ],
)
def test_a_state_that_is_none_is_refused_and_changes_nothing(make, change):
    data = make()
    data.next()
    before = copy.deepcopy(data.state)
    with pytest.raises((TypeError, ValueError), match=r"\.state: expected"):
        data.state = change(before)
    np.testing.assert_equal(data.state, before)


@pytest.mark.parametrize("position", [-1, 625, 10**9])
def test_a_random_state_that_points_outside_of_itself_is_refused(position):
    """NumPy follows it into memory that isn't its own."""
    for data in (DATA_SETS["arrays with a generator of another kind"](), IrisData(30)):
        data.next()
        state = data.state
        state["random" if "random" in state else "rng"]["state"]["pos"] = position
        with pytest.raises(ValueError, match=r"\.state: expected"):
            data.state = state


def test_what_is_handed_out_is_the_caller_s_own(make):
    data, untouched = make(), make()
    for part in (*data.next(), *next(data.batches())):
        if part is not None:
            part[:] = 1 - part
    untouched.next()
    data.state = copy.deepcopy(untouched.state)
    same(data.next(), untouched.next())
    same(next(data.batches()), next(untouched.batches()))


def test_a_copy_goes_on_by_itself(make):
    data = make()
    data.next()
    state = data.state
    other = copy.deepcopy(data)
    expected = data.next()
    other.state = state
    same(other.next(), expected)
