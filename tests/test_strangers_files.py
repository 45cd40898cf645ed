"""Networks from strangers: a file takes little more memory than it has, runs nothing, and trains if it loads."""

import hashlib
import json
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

import NeuralNetwork as networks
from Layers.BatchNormalization import BatchNormalization
from Layers.Dropout import Dropout
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.LSTM import LSTM
from Layers.Pooling import Pooling
from Layers.ReLU import ReLU
from Optimization.Loss import MeanSquaredError
from Optimization.Optimizers import Adam
from tests.saved_networks import members, object_of, refuses, rewritten, write
from tests.strangers import SlowAdam
from tests.test_derived_classes import Square

ROOT = Path(__file__).parent.parent


@pytest.fixture
def saved(tmp_path):
    net = networks.NeuralNetwork(Adam(0.01), He(rng=1), Constant(0.1))
    for layer in (Pooling(1, 1), BatchNormalization(1), ReLU(), Flatten(), Dropout(0.5, rng=1), FullyConnected(4, 2)):
        net.append_layer(layer)
    net.loss_layer, net.data_layer = (
        MeanSquaredError(),
        (np.random.default_rng(0).random((4, 1, 2, 2)), np.ones((4, 2))),
    )
    net.train(2)
    networks.save(tmp_path / "net", net)
    return tmp_path / "net"


def peak_of(path: Path) -> int:
    """How many bytes are taken at most while a file is loaded or refused."""
    tracemalloc.start()
    try:
        networks.load(path, None)
    except ValueError as error:
        assert str(path) in str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


# Memory is bounded by the size of the file.


def test_one_array_that_is_referred_to_3000_times_is_read_once(saved):
    content = members(saved)
    description = json.loads(content["network.json"])
    array = np.lib.format.magic(1, 0), np.zeros(2**17)
    with zipfile.ZipFile(saved, "w") as archive:
        for name, data in content.items():
            if name != "network.json":
                archive.writestr(name, data)
        number = len(description["checksums"])
        with archive.open("many.npy", "w") as member:
            np.save(member, array[1])
        description["names"].append("many.npy")
        description["checksums"].append(hashlib.sha256(archive.read("many.npy")).hexdigest())
        object_of(description, "ReLU")["state"]["many"] = {"list": [{"array": number}] * 3000}
        archive.writestr("network.json", json.dumps(description))
    refuses(saved, "damaged")
    assert peak_of(saved) < saved.stat().st_size + 2**24


@pytest.mark.parametrize("item", ["{}", '{"a":1}', "[]", "[[]]", '"é"', "1.5", '{"list":[]}'])
def test_json_takes_little_more_than_it_has(saved, item):
    def change(description):
        object_of(description, "ReLU")["state"]["many"] = {"list": ["MANY"]}

    content = members(rewritten(saved, change))
    for size in (10**6, 10**7):
        many = ",".join([item] * (size // (len(item) + 1)))
        text = content["network.json"].decode().replace('"MANY"', many)
        write(saved, {**content, "network.json": text.encode()})
        assert peak_of(saved) < saved.stat().st_size + 2**26


def test_a_member_that_announces_much_takes_nothing(saved):
    """Python's own reader would ask for all of it."""
    content = bytearray(saved.read_bytes())
    entry, end = content.rfind(b"PK\x01\x02"), content.rfind(b"PK\x05\x06")
    for place in (entry + 20, entry + 24, end + 12, end + 16):
        changed = bytearray(content)
        struct.pack_into("<I", changed, place, 2**32 - 2)
        saved.write_bytes(changed)
        refuses(saved, "damaged|without compression")
        assert peak_of(saved) < saved.stat().st_size + 2**20


def test_members_that_overlap_are_refused(saved):
    content = bytearray(saved.read_bytes())
    first = content.find(b"PK\x01\x02")
    second = content.find(b"PK\x01\x02", first + 4)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    saved.write_bytes(content)
    refuses(saved, "overlaps")


def test_two_members_of_one_name_are_refused(saved):
    with zipfile.ZipFile(saved, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("network.json", "{}")
    refuses(saved, "two members of one name")


def test_values_that_are_nested_deeper_than_save_writes_them_are_refused(saved):
    def change(description):
        value = None
        for _ in range(105):
            value = {"list": [value]}
        object_of(description, "ReLU")["state"]["deep"] = value

    refuses(rewritten(saved, change), "nested more than 100 deep")


@pytest.mark.parametrize("beside", [0, 20_000])
def test_numbers_that_were_chosen_to_make_a_set_slow_are_refused(saved, beside):
    def change(description):
        alike = [k * (2**61 - 1) for k in range(20_000)]
        object_of(description, "ReLU")["state"]["set"] = {"set": [*alike, *range(1, beside)]}

    refuses(rewritten(saved, change), "a set whose items are alike")


def test_a_whole_number_with_too_many_digits_is_refused(saved):
    content = members(saved)
    text = content["network.json"].decode().replace('"_steps": 2', '"_steps": ' + "9" * 10**6)
    write(saved, {**content, "network.json": text.encode()})
    refuses(saved, "Exceeds the limit")


# State is checked as arguments are: a file that loads trains.

NAN = {"float": "nan"}
WRONG_STATES = [
    ("Pooling", "pooling_shape", {"tuple": [0, 0]}),
    ("Dropout", "probability", NAN),
    ("FullyConnected", "parameter_names", {"tuple": []}),
    ("FullyConnected", "declared", {"tuple": []}),
    ("FullyConnected", "owned", {"frozenset": ["weights"]}),
    ("FullyConnected", "used", {"tuple": [1]}),
    ("FullyConnected", "_read_before", {"tuple": [1, 2]}),
    ("FullyConnected", "_made_by_passes", {"frozenset": ["weights"]}),
    ("FullyConnected", "trainable", "no"),
    ("FullyConnected", "weights", {"list": [{"list": [1.0]}]}),
    ("FullyConnected", "weights", None),
    ("FullyConnected", "gradient_weights", 3),
    ("FullyConnected", "_optimizers", {"dict": {"bias": None}}),
    ("FullyConnected", "_optimizers", {"dict": {"weights": 1}}),
    ("ReLU", "testing_phase", 0.5),
    ("ReLU", "takes_integers", "yes"),
    ("ReLU", "step", 3),
    ("ReLU", "number_of_axes", 17),
    ("ReLU", "keeping_nothing", {"dict": {}}),
    ("ReLU", "optimizer", None),
    ("ReLU", "needs_input_error", False),
    ("ReLU", "memorize", "x"),
    ("BatchNormalization", "moving_mean", {"list": [1.0, 2.0]}),
    ("BatchNormalization", "moving_variance", {"list": [-1.0]}),
    ("BatchNormalization", "moving_variance", {"list": [NAN]}),
    ("BatchNormalization", "moving_mean", None),
    ("BatchNormalization", "input_shape", {"tuple": [4, 3, 2, 2]}),
    ("BatchNormalization", "EPSILON", -1.0),
    ("BatchNormalization", "DECAY", 2.0),
    ("Adam", "_steps", -1),
    ("Adam", "_steps", 2.5),
    ("Adam", "_first_moment", {"list": [1.0]}),
    ("Adam", "bias_rows", "all"),
    ("Adam", "remembered", {"tuple": []}),
    ("Adam", "regularizer", 3),
    ("MeanSquaredError", "prediction_tensor", 3),
    ("He", "rng", 5),
]


@pytest.mark.parametrize(("name", "attribute", "value"), WRONG_STATES)
def test_state_that_an_object_cannot_have_is_refused(saved, name, attribute, value):
    def change(description):
        described = [entry for entry in description["objects"] if entry["class"] == name]
        assert described
        for entry in described:
            entry["state"][attribute] = value

    refuses(rewritten(saved, change), f"{attribute}|an optimizer|both moving averages")


@pytest.mark.parametrize(
    ("argument", "value"), [("learning_rate", "fast"), ("mu", NAN), ("regularizer", 3), ("learning_rate", {"list": []})]
)
def test_arguments_that_an_optimizer_cannot_have_are_refused(saved, argument, value):
    def change(description):
        object_of(description, "Adam")["arguments"][argument] = value

    refuses(rewritten(saved, change), "no Adam can be made")


def test_the_size_that_a_class_hands_its_base_is_that_of_its_parameters(tmp_path):
    net = networks.NeuralNetwork()
    net.append_layer(Square(2))
    networks.save(tmp_path / "net", net)

    def change(description):
        object_of(description, "Square")["state"]["input_size"] = 1

    refuses(rewritten(tmp_path / "net", change), r"expected weights \(2, 2\), got \(3, 2\)")


def test_an_argument_that_a_class_hands_its_base_comes_back_and_is_looked_at(tmp_path):
    optimizer = SlowAdam()
    optimizer.mu = 0.25
    networks.save(tmp_path / "net", networks.NeuralNetwork(optimizer))
    assert networks.load(tmp_path / "net", None).optimizer.mu == 0.25

    def change(description):
        object_of(description, "SlowAdam")["state"]["mu"] = 2

    refuses(rewritten(tmp_path / "net", change), "SlowAdam: expected mu to be finite, at least 0, below 1, got 2")


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("clip_norm", "x"),
        ("accumulate", 0),
        ("loss", {"list": ["a"]}),
        ("loss", {"dict": {}}),
        ("progress", 3),
        ("accumulated", {"list": [-1, {"list": []}]}),
        ("layers", {"list": [1]}),
        ("dtype", "float16"),
    ],
)
def test_parts_that_a_network_cannot_have_are_refused(saved, part, value):
    refuses(
        rewritten(saved, lambda description: description["network"].update({part: value})),
        f"{part.removesuffix('s')}|batches",
    )


@pytest.mark.parametrize("part", ["optimizer", "loss_layer", "weights_initializer", "preparation"])
@pytest.mark.parametrize("name", ["FullyConnected", "ReLU", "Adam", "MeanSquaredError", "He"])
def test_an_object_in_the_place_of_another_kind_is_refused(saved, part, name):
    """A layer has forward and backward as a loss has, and `initialize` as an initializer."""
    if (part, name) in {("optimizer", "Adam"), ("loss_layer", "MeanSquaredError"), ("weights_initializer", "He")}:
        return

    def change(description):
        index = [entry["class"] for entry in description["objects"]].index(name)
        description["network"][part] = {"object": index}

    refuses(rewritten(saved, change), f"the network's {part} is")


def test_moments_of_another_shape_than_the_parameter_are_refused(saved):
    def change(description):
        first, *_, last = (
            entry["state"]
            for entry in description["objects"]
            if entry["class"] == "Adam" and entry["state"]["_first_moment"]
        )
        first["_first_moment"], last["_first_moment"] = last["_first_moment"], first["_first_moment"]

    refuses(rewritten(saved, change), "to remember _first_moment in the shape")


def test_an_optimizer_of_two_layers_is_refused(saved):
    def change(description):
        of_layers = [object_of(description, name)["state"]["_optimizers"]["dict"] for name in ("BatchNormalization",)]
        of_layers[0]["weights"] = of_layers[0]["bias"]

    refuses(rewritten(saved, change), "an optimizer of its own for each parameter")


def test_a_layer_twice_is_refused(saved):
    def change(description):
        layers = description["network"]["layers"]["list"]
        layers.append(layers[2])

    refuses(rewritten(saved, change), r"is layer 3 of 7 already")


def test_a_state_that_is_not_finite_is_refused_where_the_next_sequence_begins_with_it(tmp_path):
    net = networks.NeuralNetwork()
    net.layers = [LSTM(1, 2, 1)]
    net.layers[0].hidden_state = np.full(2, np.nan)
    networks.save(tmp_path / "net", net)
    networks.load(tmp_path / "net", None)
    net.layers[0].memorize = True
    with pytest.raises(TypeError, match=r"hidden_state of finite numbers; call reset_state"):
        networks.save(tmp_path / "other", net)

    def change(description):
        object_of(description, "LSTM")["state"]["memorize"] = True

    refuses(rewritten(tmp_path / "net", change), "hidden_state of finite numbers")


def test_what_somebody_has_noted_on_a_layer_comes_back(tmp_path):
    net = networks.NeuralNetwork()
    net.layers = [ReLU(), FullyConnected(1, 1), LSTM(1, 1, 1)]
    for layer in net.layers:
        layer.name, layer.gradient_clip, layer.note = "a", 0.5, None
    networks.save(tmp_path / "net", net)
    for layer in networks.load(tmp_path / "net", None).layers:
        assert (layer.name, layer.gradient_clip, layer.note) == ("a", 0.5, None)


# Nothing is imported, executed or opened.

WATCHED = """
import sys, NeuralNetwork
healthy, *others = sys.argv[1:]
seen, active = [], False
def hear(event, arguments):
    if active and not event.startswith(("builtins.id", "object.__", "sys._getframe", "array.__new__")):
        seen.append(f"{event} {arguments[:1]}")
sys.addaudithook(hear)
NeuralNetwork.load(healthy, None)  # the first time, the library's own modules are imported
for name in others:
    active = True
    try:
        NeuralNetwork.load(name, None)
    except ValueError:
        pass
    active = False
print([event for event in seen if event not in {f"open ('{name}',)" for name in others}])
"""


def test_an_audit_hook_sees_nothing_but_the_file_opened(saved, tmp_path):
    def named(module, name):
        def change(description):
            object_of(description, "ReLU").update({"module": module, "class": name})

        path = tmp_path / f"{module}_{name}"
        path.write_bytes(saved.read_bytes())
        return rewritten(path, change)

    files = [named("antigravity", "x"), named("os", "system"), named("Layers.Nothing", "Nothing"), named("this", "s")]
    healthy = tmp_path / "healthy"
    healthy.write_bytes(saved.read_bytes())
    command = [sys.executable, "-c", WATCHED, saved, healthy, *files]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


COLD = """
import sys, NeuralNetwork
before = set(sys.modules)
try:
    NeuralNetwork.load(sys.argv[1], None)
except ValueError:
    pass
print(sorted(set(sys.modules) - before))
"""


def test_what_the_first_load_imports_does_not_depend_on_the_file(saved, tmp_path):
    """It is the library itself, whose classes a file may name."""
    other = tmp_path / "other"
    other.write_bytes(saved.read_bytes())
    rewritten(other, lambda d: object_of(d, "ReLU").update({"module": "antigravity", "class": "x"}))
    first, second = (
        subprocess.run([sys.executable, "-c", COLD, path], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for path in (saved, other)
    )
    assert first == second
    assert "Layers.ReLU" in first
