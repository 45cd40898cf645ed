"""What is called during a training, and by what it is called."""

import copy
import inspect
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from Foundation.Calls import takes
from Foundation.Configurable import Configurable

#: What each hook is handed.
_HOOKS = {
    "on_train_begin": ("logs",),
    "on_train_end": ("logs",),
    "on_epoch_begin": ("epoch", "logs"),
    "on_epoch_end": ("epoch", "logs"),
    "on_batch_begin": ("batch", "logs"),
    "on_batch_end": ("batch", "logs"),
}


class Callback(Configurable):
    """Something that happens during a training: any of six hooks, each of which does nothing here.

    Epochs and batches are counted from 0. `logs` holds numbers by name: the mean loss of a batch, or, at the end of an
    epoch, all that the history shows of it; what is added there goes into the history. A hook that isn't overridden
    costs nothing.

    Attributes:
        trainer: the trainer that trains: its `net`, `history`, `epoch`, and `stop(reason)`.
        remembered: names of the attributes that go into a checkpoint, numbers, text, arrays and collections of them.
            With another trainer they begin anew: what one network has reached says nothing of the next.
        comes_last: whether it is called when all others have been (False).
        only_first: whether only the first of several processes calls it (False), as it writes or shows something.

    >>> class Greeting(Callback):
    ...     def on_epoch_end(self, epoch, logs):
    ...         print(f"epoch {epoch}: {logs['loss']:.2f}")
    >>> Greeting()
    Greeting()
    """

    trainer: Any = None
    remembered: tuple[str, ...] = ()
    comes_last = False
    only_first = False
    _first: Any = None  # what it remembers before its first training

    def on_train_begin(self, logs: dict[str, float]) -> None:
        """Called once, before the first epoch; `logs` are those of the last epoch so far."""

    def on_train_end(self, logs: dict[str, float]) -> None:
        """Called once, when the training has ended without an error."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, float]) -> None:
        """Called before the first batch of an epoch."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Called when an epoch is complete, its validation included."""

    def on_batch_begin(self, batch: int, logs: dict[str, float]) -> None:
        """Called before a batch."""

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """Called after the step of a batch."""

    def check(self, names: Sequence[str], complete: bool) -> None:
        """Raise an error, before the training begins, for what can't work; the trainer is known.

        Args:
            names: what will be in the logs of an epoch.
            complete: whether nothing else can be; callbacks of one's own may add to them.
        """

    def overrides(self, hook: str) -> bool:
        """Whether it does something in a hook."""
        return getattr(type(self), hook) is not getattr(Callback, hook)

    @property
    def state(self) -> dict[str, Any]:
        """What a checkpoint holds; setting it goes on from there."""
        return {name: getattr(self, name) for name in self.remembered}

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        if not isinstance(state, dict) or state.keys() != set(self.remembered):
            got = sorted(state) if isinstance(state, dict) else type(state).__name__
            raise ValueError(f"{self!r}: expected a state with {sorted(self.remembered)}, got {got}")
        self.check_state(state)
        for name, value in state.items():
            setattr(self, name, value)

    def check_state(self, state: dict[str, Any]) -> None:
        """Raise TypeError or ValueError where a checkpoint says what this callback can't have remembered.

        Args:
            state: a value for each of `remembered`.
        """


def _check_hooks(callback: Callback) -> None:
    for name in dir(callback):
        if name.startswith("on_") and name not in _HOOKS and callable(getattr(callback, name)):
            # A warning, for it may be a method of somebody's own, who calls it.
            text = f"{callback!r}: no trainer calls {name}; the hooks are {', '.join(_HOOKS)}"
            warnings.warn(text, UserWarning, stacklevel=2)
    for hook, handed in _HOOKS.items():
        if callback.overrides(hook) and not takes(getattr(callback, hook), len(handed)):
            wanted, got = ", ".join(handed), inspect.signature(getattr(callback, hook))
            raise TypeError(f"{callback!r}: expected {hook}({wanted}), got {hook}{got}; the trainer is self.trainer")


def join(callback: Callback, trainer: Any) -> None:
    """Let a callback know by whom it is called; nothing is left in it of what another trainer has reached."""
    if callback._first is None:
        callback._first = {name: copy.deepcopy(getattr(callback, name)) for name in callback.remembered}
    elif callback.trainer is not trainer:
        for name, value in callback._first.items():
            setattr(callback, name, copy.deepcopy(value))
    callback.trainer = trainer


class Hooks:
    """The callbacks of a training; in another process than the first, only those that are called in all.

    Raises TypeError for what is no callback, and for hooks of other arguments than they are handed; warns of others.
    """

    def __init__(self, callbacks: Iterable[Any], is_first: bool = True) -> None:
        found = list(callbacks)
        for callback in found:
            if not isinstance(callback, Callback):
                name = getattr(callback, "__name__", type(callback).__name__)
                raise TypeError(
                    f"Trainer: expected callbacks derived from Training.callbacks.Callback, got {name}"
                    + f"; write {name}(…)" * isinstance(callback, type)
                )
            _check_hooks(callback)
        self.callbacks = sorted(found, key=lambda callback: callback.comes_last)
        called = [one for one in self.callbacks if is_first or not one.only_first]
        self._of = {hook: [one for one in called if one.overrides(hook)] for hook in _HOOKS}
        self.watch_batches = bool(self._of["on_batch_begin"] or self._of["on_batch_end"])

    def check(self, names: Sequence[str]) -> None:
        """Let each callback refuse what can't work."""
        strangers = [
            one
            for one in self.callbacks
            if one.overrides("on_epoch_end") and not type(one).__module__.startswith(__package__)
        ]
        for callback in self.callbacks:
            callback.check(names, complete=not strangers)

    def join(self, trainer: Any) -> None:
        """Let each callback know by whom it is called."""
        for callback in self.callbacks:
            join(callback, trainer)

    def call(self, hook: str, logs: dict[str, float], *position: int, last: bool | None = None) -> None:
        """Call a hook of all callbacks that have it; an error says in whose.

        Args:
            hook: its name.
            logs: what it is handed.
            position: the number of the epoch or the batch, where there is one.
            last: only those that come last (True), or all others (False).
        """
        for callback in self._of[hook]:
            if last is None or callback.comes_last is last:
                try:
                    getattr(callback, hook)(*position, logs)
                except Exception as error:
                    number = f" {position[0]}" if position else ""
                    error.add_note(
                        f"in {hook}{number} of {callback!r}; the network and the history are as they were when it was "
                        "called, and fit goes on from there"
                    )
                    raise
