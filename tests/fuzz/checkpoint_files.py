"""Checkpoints: a trainer goes on from a file, or refuses it before anything has changed."""

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from tests.fuzz import limits, mutators
from tests.fuzz.kinds import Kind
from tests.fuzz.network_files import DATA_DO_NOT_FIT, MEMBER, Unusable, edge_values, other_array, with_checksums
from tests.training_cases import data, random_network, trainer
from Training.callbacks import Checkpoint, EarlyStopping, ReduceOnPlateau


def fresh(folder: Path) -> Any:
    """A trainer with everything that a checkpoint may hold."""
    callbacks = [EarlyStopping(patience=3), ReduceOnPlateau(patience=1), Checkpoint(folder / "run", best="accuracy")]
    metrics = ["accuracy", "f1", "auc", "balanced_accuracy"]
    return trainer(random_network(), callbacks, training=data(seed=0), metrics=metrics)


def seeds(folder: Path) -> list[bytes]:
    """One after an epoch, one from the middle of another."""
    going = fresh(folder)
    going.fit(2)
    going.save(folder / "whole")
    going.net.data_layer = going.training
    going.train_step(*going.training.next())
    going.batch = 1
    going.save(folder / "middle")
    return [(folder / name).read_bytes() for name in ("whole", "middle")]


def use(path: Path) -> None:
    """Go on from it, for the rest of an epoch or a whole one."""
    going = fresh(path.parent)
    before = [array.tobytes() for layer in going.net.layers for array in getattr(layer, "parameters", dict)().values()]
    try:
        going.restore(path)
    except ValueError:
        after = [
            array.tobytes() for layer in going.net.layers for array in getattr(layer, "parameters", dict)().values()
        ]
        if after != before or going.epoch or going.batch or going.history or going.net.loss:
            raise Unusable("refused when something had changed") from None
        raise
    try:
        with limits.apart(), np.errstate(all="ignore"):
            going.fit(1)
            going.save(path.with_name("again"))
    except (ValueError, RuntimeError) as error:
        if not DATA_DO_NOT_FIT.search(str(error)):
            raise Unusable(f"restores and then: {type(error).__name__}: {error}") from error


@functools.lru_cache(maxsize=4)
def _members(content: bytes) -> dict[str, bytes]:
    return dict(mutators.members_of(content))


def with_other_progress(contents: Sequence[bytes], rng: Random) -> bytes:
    """A checkpoint in which one to three of the values that say where a trainer stands are others."""
    members = dict(_members(rng.choice(contents)))
    description = json.loads(members[MEMBER])
    progress = description["network"]["progress"]
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if rng.random() < 0.2:
            names = description["names"]
            arrays = [holder[key]["array"] for holder, key in mutators.places_of(progress) if _is_array(holder[key])]
            name = names[rng.choice([number for number in arrays if number in range(len(names))] or [0])]
            if name in members:
                members[name] = other_array(members[name], rng)
        elif rng.random() < 0.2:
            progress = mutators.changed_value(progress, rng)
        elif places := list(mutators.places_of(progress)):
            holder, key = rng.choice(places)
            holder[key] = rng.choice(edge_values(len(description["objects"]), len(description["checksums"])))
    description["network"]["progress"] = progress
    try:
        return with_checksums(members, description)
    except (ValueError, RecursionError):  # which contains itself, or numbers that JSON has no form for
        return contents[0]


def _is_array(item: Any) -> bool:
    return isinstance(item, dict) and item.keys() == {"array"}


KINDS = [Kind("checkpoint values", seeds, use, with_other_progress, filename="run_network", share=1, seconds=5)]
