"""Checkpoints from strangers: what can't be a trainer's is refused when the file is read, and nothing has changed."""

import json
import re

import numpy as np
import pytest

from Layers.FullyConnected import FullyConnected
from Network.adopting import check_held_arrays
from tests.saved_networks import members, write
from tests.training_cases import data, random_network, trainer
from Training.callbacks import Checkpoint, EarlyStopping, ReduceOnPlateau

NAN = {"float": "nan"}


def fresh(folder):
    callbacks = [EarlyStopping(patience=3), ReduceOnPlateau(patience=1), Checkpoint(folder / "run", best="accuracy")]
    return trainer(random_network(), callbacks, training=data(seed=0), metrics=["accuracy", "f1", "auc"])


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoint")
    going = fresh(folder)
    going.fit(2)
    going.save(folder / "saved")
    return (folder / "saved").read_bytes()


def of_callback(name, attribute):
    """The place of what a callback remembers."""

    def find(progress):
        for item in progress["callbacks"]["list"]:
            called, state = item["list"]
            if called == name:
                return state["dict"], attribute
        raise LookupError(name)

    return find


def of_metric(name, attribute):
    """The place of what a metric has counted."""

    def find(progress):
        for item in progress["means"]["dict"]["metrics"]["list"]:
            called, state = item["list"]
            if called == name:
                return state["dict"], attribute
        raise LookupError(name)

    return find


def of_trainer(*path):
    """The place of something else."""

    def find(progress):
        holder = progress
        for name in path[:-1]:
            holder = holder[name]["dict"]
        return holder, path[-1]

    return find


DAMAGES = [
    (of_callback("EarlyStopping", "best"), "good"),
    (of_callback("EarlyStopping", "best"), NAN),
    (of_callback("EarlyStopping", "waited"), -1),
    (of_callback("EarlyStopping", "waited"), 0.5),
    (of_callback("EarlyStopping", "best_epoch"), "first"),
    (of_callback("EarlyStopping", "best_arrays"), {"list": []}),
    (of_callback("EarlyStopping", "best_arrays"), 3),
    (of_callback("ReduceOnPlateau", "waited"), None),
    (of_callback("Checkpoint", "best_so_far"), 3),
    (of_callback("Checkpoint", "best_so_far"), {"dict": {"best": "x", "waited": 0}}),
    (of_metric("accuracy", "hits"), "many"),
    (of_metric("accuracy", "weight"), -1.0),
    (of_metric("f1", "hits"), {"list": [1.0]}),
    (of_metric("f1", "columns"), 1.5),
    (of_metric("auc", "labels"), {"list": []}),
    (of_trainer("means", "loss"), "small"),
    (of_trainer("means", "samples"), -3.0),
    (of_trainer("epoch"), 3),
    (of_trainer("epoch"), "two"),
    (of_trainer("batches"), -1),
    (of_trainer("stopped"), 3),
    (of_trainer("history"), {"list": []}),
    (of_trainer("history", "loss"), {"list": ["a", "b"]}),
    (of_trainer("history", "loss"), {"list": [0.5]}),
    (of_trainer("callbacks"), {"list": [3]}),
    (of_trainer("data"), {"dict": {}}),
    (of_trainer("data", "delivered"), -1),
    (of_trainer("random_state"), {"dict": {}}),
]


@pytest.mark.parametrize(("find", "value"), DAMAGES)
def test_what_a_trainer_cannot_have_written_is_refused_before_anything_changes(tmp_path, saved, find, value):
    path = tmp_path / "checkpoint"
    path.write_bytes(saved)
    content = members(path)
    description = json.loads(content["network.json"])
    holder, key = find(description["network"]["progress"]["dict"])
    assert key in holder
    holder[key] = value
    write(path, {**content, "network.json": json.dumps(description).encode()})
    going = fresh(tmp_path)
    weights, random_state = going.net.layers[0].weights.copy(), np.random.get_state(legacy=False)  # noqa: NPY002
    states = [callback.state for callback in going.callbacks]
    with pytest.raises(ValueError, match=re.escape(str(path))):
        going.restore(path)
    assert (going.epoch, going.batch, going.history, going.net.loss) == (0, 0, {}, [])
    assert [callback.state for callback in going.callbacks] == states
    np.testing.assert_array_equal(going.net.layers[0].weights, weights)
    assert str(np.random.get_state(legacy=False)) == str(random_state)  # noqa: NPY002


@pytest.mark.parametrize("name", ["", "0", "__class__", "forward", "optimizer"])
def test_what_is_put_back_into_a_layer_is_nothing_that_save_refuses(name):
    layer = FullyConnected(2, 1)
    with pytest.raises(ValueError, match=r"expected .* of FullyConnected.* to be an array"):
        check_held_arrays([layer], [{"weights": layer.weights.copy(), name: np.zeros(2)}], "EarlyStopping()")


def test_a_long_history_takes_little_of_the_file(tmp_path):
    """Numbers of many epochs stand there as an array; in JSON they would take three times as much."""
    going = fresh(tmp_path)
    going.fit(1)
    going.history["loss"] = np.random.default_rng(0).random(10_000).tolist()
    for name in going.history:
        going.history[name] = going.history["loss"]
    going.epoch = 10_000
    going.save(tmp_path / "long")
    other = fresh(tmp_path)
    other.restore(tmp_path / "long")
    assert other.history == going.history
    assert len(members(tmp_path / "long")["network.json"]) < 100_000
