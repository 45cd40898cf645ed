"""A checkpoint: a network's file that also says where its trainer stood.

    {"epoch": 3, "batch": 40, "batches": 100, "stopped": None, "history": {"loss": [2.1, 1.4, 0.9]}, "means": {…},
     "callbacks": [["EarlyStopping", {…}]], "data": {…}, "random_state": {…}}

stands in `net.progress` there: the epochs that are complete, the batches of the next one and how many it has, what has
been counted in it so far, and the states of callbacks, of the data set and of NumPy's global random numbers.
"""

import os
import warnings
from typing import Any

import numpy as np

from Foundation import Checks, Moves
from Foundation.Randomness import check_global_random_state
from Network import adopting
from Training.callbacks.base import join

_PARTS = ("epoch", "batch", "batches", "stopped", "history", "means", "callbacks", "data", "random_state")


def state(trainer: Any) -> dict[str, Any]:
    """Where a trainer stands."""
    interrupted = trainer.history.interrupted
    return {
        "epoch": trainer.epoch,
        "batch": trainer.batch,
        "batches": trainer.batches,
        "stopped": None if interrupted else trainer.stopped,
        "history": {name: values[: trainer.epoch] for name, values in trainer.history.items()},
        "means": trainer.means.state,
        "callbacks": _states_of(trainer.callbacks),
        "data": getattr(trainer.training, "state", None),
        "random_state": np.random.get_state(legacy=False),  # noqa: NPY002
    }


def save(trainer: Any, path: str | os.PathLike) -> None:
    """Write a checkpoint; see `Trainer.save`."""
    if trainer.trains_elsewhere:
        raise RuntimeError(
            "checkpoint: expected a trainer that isn't training, or a callback that saves, got one whose fit runs in "
            "another thread; NeuralNetwork.save saves its network meanwhile"
        )
    net, before = trainer.net, trainer.net.progress
    if not hasattr(trainer.training, "state"):
        warnings.warn(
            f"checkpoint: {type(trainer.training).__name__} has no state; a training that goes on from the file takes "
            "the data wherever they stand then",
            stacklevel=4,
        )
    net.progress = state(trainer)
    try:
        net.save(path, net)
    finally:
        net.progress = before


def restore(trainer: Any, path: str | os.PathLike) -> None:
    """Go on from a checkpoint; see `Trainer.restore`. What can be refused is, before anything changes."""
    random_state = np.random.get_state(legacy=False)  # noqa: NPY002
    try:
        loaded = trainer.net.load(path, None)
    finally:  # reading a network may set it
        np.random.set_state(random_state)  # noqa: NPY002
    different = adopting.differences(trainer.net, loaded)
    if different:
        raise ValueError(f"{os.fspath(path)}: a checkpoint of another network: {'; '.join(different)}")
    try:
        _set(trainer, _checked(loaded.progress), loaded)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{os.fspath(path)}: {error}") from error
    except (LookupError, AttributeError) as error:
        raise ValueError(f"{os.fspath(path)}: damaged: no state of a trainer ({error!r})") from error


def _set(trainer: Any, progress: dict[str, Any], loaded: Any) -> None:
    if progress["batch"] and progress["batches"] != trainer.batches:
        raise ValueError(
            f"stands in the middle of an epoch of {progress['batches']} batches, and this trainer's has "
            f"{trainer.batches}; give it the same data and batch size"
        )
    for callback in trainer.callbacks:
        join(callback, trainer)  # at which it may look
    means, callbacks, done = trainer.means.state, _states_of(trainer.callbacks), list[bool]()
    try:
        trainer.means.state = progress["means"]
        _set_callbacks(trainer, progress["callbacks"])
        if progress["data"] is not None and hasattr(trainer.training, "state"):
            trainer.training.state = progress["data"]
        history = {name: list(values) for name, values in progress["history"].items()}
        Moves.run(
            [
                *adopting.adopting(trainer.net, loaded),
                (np.random.set_state, progress["random_state"]),
                *((setattr, trainer, name, progress[name]) for name in ("epoch", "batch", "stopped")),
                (trainer.history.clear,),
                (trainer.history.update, history),
                (done.append, True),
            ]
        )
    except BaseException:
        if not done:
            trainer.means.state = means
            _set_callbacks(trainer, callbacks)
        raise


def _states_of(callbacks: list[Any]) -> list[Any]:
    return [[type(callback).__qualname__, callback.state] for callback in callbacks]


def _set_callbacks(trainer: Any, states: list[Any]) -> None:
    """Give each callback the first state of its class that is left."""
    left = [tuple(item) for item in states]
    for callback in trainer.callbacks:
        mine = next((item for item in left if item[0] == type(callback).__qualname__), None)
        if mine is not None:
            left.remove(mine)
            callback.state = mine[1]


def _checked(progress: Any) -> dict[str, Any]:
    """What a trainer has written; raises ValueError for anything else."""
    if progress is None:
        raise ValueError(
            "a network without a trainer's state, which NeuralNetwork.save has written; read it by NeuralNetwork.load "
            "and train from there"
        )
    try:
        _, rest = [progress[name] for name in _PARTS], progress.keys() - set(_PARTS)
        epoch, batch, batches = (Checks.integer(progress[name], "file", name, least=0) for name in _PARTS[:3])
        history = progress["history"]
        whole = not rest and batch <= batches and isinstance(progress["stopped"], str | None)
        whole = whole and isinstance(history, dict) and all(type(name) is str for name in history)
        whole = whole and {len(values) for values in history.values()} == ({epoch} if history or epoch else set())
        reached = [number for values in history.values() for number in values]
        whole = whole and all(isinstance(number, float) or type(number) is int for number in reached)
        list(map(float, reached))
        whole = whole and all(len(item) == 2 for item in progress["callbacks"])
        check_global_random_state(progress["random_state"])
    except (TypeError, LookupError, AttributeError, ValueError, OverflowError) as error:
        raise ValueError(f"damaged: no state of a trainer ({type(error).__name__}: {error})") from None
    if not whole:
        raise ValueError("damaged: no state of a trainer")
    return progress
