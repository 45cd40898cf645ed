"""States of random generators from strangers: NumPy follows their positions wherever they point."""

import copy

import numpy as np
import pytest

from Foundation.Randomness import BIT_GENERATORS, check_global_random_state, check_random_state, made_of_seed, seed_of
from Foundation.SavedObjects import Reader
from Generator.arrays import ArrayData
from Generator.data_layer import ImageData
from Generator.generator import ImageGenerator
from Layers.Dropout import Dropout
from Layers.Helpers import IrisData
from NeuralNetwork import NeuralNetwork, load, save
from Optimization.Optimizers import Sgd
from Training.checkpoints import _checked

LARGE = 10**9


def state_of(name):
    rng = np.random.Generator(getattr(np.random, name)(3))
    rng.integers(0, 9, 5, dtype=np.uint32)
    return rng.bit_generator.state


def changed(name, path, value):
    """The state of a bit generator with one part replaced, or removed by `...`."""
    state = copy.deepcopy(state_of(name))
    *way, last = path
    part = state
    for key in way:
        part = part[key]
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return state


BAD = [
    *(("MT19937", ("state", "pos"), value) for value in (LARGE, 625, -1, 2**31, 1.5, None, "1", True, ...)),
    *(
        ("MT19937", ("state", "key"), value)
        for value in ([0] * 624, [1] * 623, [1] * 625, [-1] * 624, [2**32] * 624, 7, "k" * 624)
    ),
    *(
        ("MT19937", ("state", "key"), value)
        for value in (np.zeros(624, np.uint32), np.ones(624), np.ones((2, 312), int), [[1]] * 624, ...)
    ),
    ("MT19937", ("state", "key"), [2**31 - 1] + [0] * 623),
    *(("PCG64", ("state", part), np.int64(3)) for part in ("state", "inc")),
    *(("Philox", ("buffer_pos",), value) for value in (LARGE, 5, -1, 2**63, 0.0, ...)),
    *(("Philox", ("buffer",), value) for value in ([1] * 3, [1] * 5, np.ones(4), [2**64] * 4, [None] * 4, ...)),
    *(
        ("Philox", ("state", part), value)
        for part in ("counter", "key")
        for value in ([1], [1] * 9, np.ones((2, 2), int), "abcd", ...)
    ),
    *(("SFC64", ("state", "state"), value) for value in ([1] * 3, [1] * 5, [-1] * 4, np.ones(4), 1, None, ...)),
    *(
        ("PCG64", ("state", part), value)
        for part in ("state", "inc")
        for value in (-1, 2**128, 1.0, "1", None, [1], ...)
    ),
    ("PCG64", ("state", "inc"), 0),
    ("PCG64DXSM", ("state", "inc"), 2),
    *((name, ("has_uint32",), value) for name in BIT_GENERATORS[1:] for value in (2, -1, LARGE, "1", None, True, ...)),
    *((name, ("uinteger",), value) for name in BIT_GENERATORS[1:] for value in (-1, 2**32, 0.5, None, ...)),
    *(
        (name, ("bit_generator",), value)
        for name in BIT_GENERATORS
        for value in ("Mine", "", "BitGenerator", None, 7, ["PCG64"], ...)
    ),
    *((name, ("more",), 1) for name in BIT_GENERATORS),
    *((name, ("state", "more"), 1) for name in BIT_GENERATORS),
    *((name, ("state",), value) for name in BIT_GENERATORS for value in (None, [], {}, 7, ...)),
]
NAMES = [f"{name}-{'.'.join(path)}-{str(value)[:12]}" for name, path, value in BAD]


@pytest.mark.parametrize("name", BIT_GENERATORS)
def test_states_of_every_generator_are_taken_as_they_are_and_from_json(name):
    state = state_of(name)
    check_random_state(state)
    check_random_state(state, name)
    as_lists = copy.deepcopy(state)
    for part in (as_lists, as_lists["state"]):
        part.update({key: value.tolist() for key, value in part.items() if isinstance(value, np.ndarray)})
    check_random_state(as_lists)
    one, other = np.random.Generator(getattr(np.random, name)()), np.random.Generator(getattr(np.random, name)())
    one.bit_generator.state, other.bit_generator.state = state, as_lists
    assert one.random() == other.random()


@pytest.mark.parametrize(("name", "path", "value"), BAD, ids=NAMES)
def test_a_state_that_points_out_of_itself_is_refused(name, path, value):
    with pytest.raises(ValueError, match=r"damaged: ") as caught:
        check_random_state(changed(name, path, value))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "state", [None, 7, [], {}, "PCG64", {"bit_generator": "PCG64"}, {"state": {}}, {"state": [[[[]]]] * 9}]
)
def test_what_is_no_state_at_all_is_refused(state):
    with pytest.raises(ValueError, match="damaged: "):
        check_random_state(state)


def test_a_state_of_another_generator_is_refused():
    with pytest.raises(ValueError, match="expected a state of PCG64, got one of Philox"):
        check_random_state(state_of("Philox"), "PCG64")


def generator(name):
    rng = np.random.Generator(getattr(np.random, name)(3))
    return ImageGenerator.from_arrays(np.zeros((4, 2, 2)), [0, 1, 0, 1], 2, shuffle=True, rng=rng)


OWNERS = {
    "ImageGenerator": generator,
    "ImageData": lambda name: ImageData(generator(name)),
    "ArrayData": lambda name: ArrayData(
        np.zeros((4, 1)), [0, 1, 0, 1], 2, rng=np.random.Generator(getattr(np.random, name)(3))
    ),
}


@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize(("name", "path", "value"), BAD[::7], ids=NAMES[::7])
def test_a_data_set_refuses_such_a_state_and_goes_on_as_before(owner, name, path, value):
    data, same = OWNERS[owner](name), OWNERS[owner](name)
    good = data.state
    with pytest.raises(ValueError, match=r"(ImageGenerator|ArrayData)\.state: expected 'rng' to be a state of"):
        data.state = {**good, "rng": changed(name, path, value)}
    for one, other in zip(data.next() + data.next(), same.next() + same.next(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "seed",
    [[1, 2, 3], [1] * 5, [1, 2, 3, 2**32], [10**300] * 4, list(range(10**5)), [], [-1, 0, 0, 0], [1.5] * 4, [[1]] * 4],
)
def test_a_seed_is_four_numbers_of_32_bits(seed):
    data = generator("PCG64")
    with pytest.raises((ValueError, TypeError), match=r"ImageGenerator\.state: expected '?seed'?"):
        data.state = {**data.state, "seed": seed}


@pytest.mark.parametrize("delivered", [2**63, 10**300, -1, 1.0, "1", None, True])
def test_batches_delivered_are_a_number_that_can_be_reached(delivered):
    data = generator("PCG64")
    with pytest.raises((ValueError, TypeError), match=r"ImageGenerator\.state: expected '?delivered'?"):
        data.state = {**data.state, "delivered": delivered}


GLOBAL = [(path, value) for name, path, value in BAD if name == "MT19937"] + [
    (("gauss",), np.nan),
    (("gauss",), np.inf),
    (("gauss",), "0"),
    (("gauss",), ...),
    (("has_gauss",), 2),
    (("has_gauss",), -1),
    (("has_gauss",), None),
]


def changed_global(path, value):
    state = changed("MT19937", ("state", "pos"), 3) | {"has_gauss": 0, "gauss": 0.0}
    *way, last = path
    part = state["state"] if way else state
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return state


@pytest.mark.parametrize(("path", "value"), GLOBAL)
def test_a_state_of_numpys_global_generator_is_checked_too(path, value):
    check_global_random_state(np.random.get_state(legacy=False))  # noqa: NPY002
    with pytest.raises(ValueError, match=r"expected|damaged"):
        check_global_random_state(changed_global(path, value))


def test_the_global_generator_takes_no_state_of_another_one():
    with pytest.raises(ValueError, match="expected a state of MT19937, got one of PCG64"):
        check_global_random_state(state_of("PCG64"))


@pytest.mark.parametrize(
    ("path", "value"), [item for item in GLOBAL if item[0] != ("more",) and item[0] != ("state", "more")]
)
def test_the_data_sets_of_the_course_check_it_themselves(path, value):
    data = IrisData(50)
    data.next()
    good, before = data.state, np.random.get_state(legacy=False)["state"]["pos"]  # noqa: NPY002
    with pytest.raises(
        ValueError, match=r"IrisData\.state: expected 'random' to be a state of NumPy's global generator"
    ):
        data.state = {**good, "random": changed_global(path, value)}
    assert np.random.get_state(legacy=False)["state"]["pos"] == before  # noqa: NPY002
    data.state = good


@pytest.mark.parametrize(
    "order",
    [[0] * 100, list(range(99)), [0.0, *range(1, 100)], [None] * 100, [[0]] * 100, [True, *range(1, 100)][::-1], {}, 7],
)
def test_an_order_of_the_course_is_each_place_once(order):
    data = IrisData(50)
    data.next()
    with pytest.raises(ValueError, match=r"IrisData\.state: expected 'order' to hold each of 100 places once"):
        data.state = {**data.state, "order": order}


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [item for item in BAD if item[1][-1] in ("pos", "buffer_pos") and item[2] == LARGE],
)
def test_a_layers_generator_in_a_file_is_checked(tmp_path, name, path, value, monkeypatch):
    net = NeuralNetwork(Sgd(0.1))
    net.append_layer(Dropout(0.5, rng=np.random.Generator(getattr(np.random, name)(1))))
    decode = Reader.decode
    save(tmp_path / "net", net)
    load(tmp_path / "net", None)

    def damaged(self, encoded):
        found = decode(self, encoded)
        return changed(name, path, value) if isinstance(found, dict) and found.get("bit_generator") == name else found

    monkeypatch.setattr(Reader, "decode", damaged)
    with pytest.raises(ValueError, match=f"net: damaged: a random state with {path[-1]} = {value}"):
        load(tmp_path / "net", None)


@pytest.mark.parametrize(("path", "value"), GLOBAL[::3])
def test_a_checkpoint_is_checked(path, value):
    good = {
        "epoch": 0,
        "batch": 0,
        "batches": 3,
        "stopped": None,
        "history": {},
        "means": {},
        "callbacks": [],
        "data": None,
        "random_state": np.random.get_state(legacy=False),  # noqa: NPY002
    }
    assert _checked(good) is good
    with pytest.raises(ValueError, match="damaged: no state of a trainer"):
        _checked({**good, "random_state": changed_global(path, value)})


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("entropy", -1),
        ("entropy", "7"),
        ("entropy", None),
        ("entropy", [1.5]),
        ("entropy", 2**10_000),
        ("entropy", [1] * 10_000),
        ("spawn_key", 3),
        ("spawn_key", (-1,)),
        ("pool_size", 3),
        ("pool_size", 2**30),
        ("n_children_spawned", -1),
        ("n_children_spawned", 2**40),
        ("n_children_spawned", True),
        ("more", 1),
    ],
)
def test_what_no_random_generator_was_made_of_is_refused(part, value):
    seed = seed_of(np.random.default_rng(7))
    with pytest.raises(ValueError, match="damaged: expected what a random generator was made of"):
        made_of_seed("PCG64", {**seed, part: value})


@pytest.mark.parametrize("seed", [7, [], "seed", {}, {"entropy": 7}])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(ValueError, match="damaged: expected what a random generator was made of"):
        made_of_seed("PCG64", seed)
