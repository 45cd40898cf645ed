"""The trainer: epochs over a training set, each followed by a look at a validation set.

    trainer = Trainer(net, (images, labels), validation=(others, their_labels), callbacks=[EarlyStopping()])
    history = trainer.fit(epochs=50)
    history["validation_accuracy"][-1]

An epoch is `train_epoch`, which takes every batch through `train_step`, and `val_test`, which takes every batch of the
validation set through `val_test_step`: a class derived from `Trainer` may write any of them anew.
"""

import copy
import math
import os
import threading
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.Batches import total_weight, weights_of_steps
from Foundation.Underflow import leaving_errors_to_the_loss
from Network import expectations, preparation
from Optimization.Schedules import rate_of
from Training import checkpoints, data_sets
from Training.callbacks.base import Callback, Hooks
from Training.evaluation import Means, apart, as_found, average, test_step
from Training.history import History
from Training.interruption import first_one_asks
from Training.metrics import DEFAULT, suited
from Training.processes import Processes

#: How many predicted numbers may wait to be counted: fewer make the counting dear, more leave the cache.
_WAITING = 30_000


class Trainer:
    """Trains a network in epochs, with validation, callbacks, and checkpoints from which it goes on to the same bits.

    Args:
        net: the network, with its loss layer.
        training: a data set (`Generator.arrays.ArrayData`, `Generator.data_layer.ImageData`, …), arrays `(X, y)`, or
            anything with `next()` where `batches_per_epoch` says how many batches an epoch has.
        validation: a data set with `batches()`, or arrays `(X, y)`; None for none.
        callbacks: what is called on the way, see `Training.callbacks`; a `Checkpoint` always comes last.
        metrics: by name or as objects, see `Training.metrics` ("accuracy"; none where the loss is of a regression).
        batch_size: of arrays (32).
        batches_per_epoch: for a data layer that doesn't tell its `number_of_batches`.
        checkpoint_folder: where `save_checkpoint` writes ("checkpoints").
        processes: that train the network together, a `Training.processes.Processes` (None: this one alone).

    Attributes:
        history: what was reached in each epoch.
        epoch: how many epochs are complete.
        batch: how many batches of the next one are.
        batches: how many it has.
        stopped: why the last `fit` ended before its time, or None.

    Losses and metrics of the training set are those of the batches as they were trained on, while the network changed;
    the loss has in it what regularizers add to each batch. Those of the validation set are of the network as it is
    at the end of the epoch, in the testing phase, and of the predictions alone.

    Raises:
        TypeError, ValueError: for what is no data set, no callback or no metric, and for an empty validation set.

    >>> import numpy as np
    >>> from Layers import FullyConnected, Initializers, SoftMax
    >>> from NeuralNetwork import NeuralNetwork
    >>> from Optimization import Loss, Optimizers
    >>> net = NeuralNetwork(Optimizers.Adam(0.1), Initializers.He(rng=0), Initializers.Constant(0))
    >>> net.loss_layer = Loss.CrossEntropyLoss()
    >>> net.append_layer(FullyConnected.FullyConnected(2, 2))
    >>> net.append_layer(SoftMax.SoftMax())
    >>> X = np.random.default_rng(0).standard_normal((40, 2))
    >>> y = np.eye(2)[(X[:, 0] > 0).astype(int)]
    >>> history = Trainer(net, (X, y), validation=(X, y)).fit(epochs=20)
    >>> list(history)
    ['loss', 'accuracy', 'validation_loss', 'validation_accuracy', 'learning_rate']
    >>> history["validation_accuracy"][-1] > 0.9
    True
    """

    def __init__(
        self,
        net: Any,
        training: Any,
        validation: Any = None,
        callbacks: Iterable[Callback] = (),
        metrics: Any = DEFAULT,
        *,
        batch_size: int = 32,
        batches_per_epoch: int | None = None,
        checkpoint_folder: str | os.PathLike = "checkpoints",
        processes: Processes | None = None,
    ) -> None:
        size = Checks.positive_integer(batch_size, "Trainer", "batch_size")
        expectations.check_network(net, "Trainer")
        self.net = net
        self.training = data_sets.for_training(training, net, size)
        self.validation = None
        if validation is not None:
            self.validation = data_sets.for_validation(validation, net, size, like=self.training)
        self.batches = data_sets.number_of_batches(self.training, batches_per_epoch)
        if not isinstance(processes, Processes | None):
            raise TypeError(f"Trainer: expected processes to be a Training.processes.Processes, got {processes!r}")
        self.processes = processes
        self._others = None if processes is None or processes.size == 1 else processes
        if self._others is not None:
            self.training, self.validation = self._others.shares(self.training, self.validation)
        if not isinstance(callbacks, Iterable):
            raise TypeError(f"Trainer: expected a list of callbacks, got {callbacks!r}; write […] around it")
        self.callbacks = list(callbacks)
        self.checkpoint_folder = Path(Checks.path(checkpoint_folder, "Trainer", "checkpoint_folder"))
        counted = suited(metrics, net.loss_layer)
        self.means, self._validation_means = (Means(each, net.loss_layer) for each in (counted, copy.deepcopy(counted)))
        if self._others is not None:
            self.means.whole = self._others.whole
        self.history = History()
        self.epoch = self.batch = 0
        self.stopped: str | None = None
        self._hooks = Hooks(self.callbacks)
        self._fitting: int | None = None  # the thread in which fit runs
        self._in_epoch = self._checked = False
        preparation.meet(net, self.training, bound=True)  # last: data that are refused leave nothing behind

    def fit(self, epochs: int, *, resume: str | os.PathLike | None = None) -> History:
        """Train for a number of epochs, and give the history of all so far.

        Called again, it goes on. Ctrl-C ends it after the batch that is being trained on, `history.interrupted` says
        so, and the next `fit` goes on in the middle of that epoch; a second Ctrl-C raises KeyboardInterrupt at once.

        Args:
            epochs: how many more; with `resume`, how many altogether, those in the checkpoint among them.
            resume: a file that `Checkpoint` or `save` has written. The training goes on from there as if it had never
                stopped, to the same bits. None begins, or goes on from where this trainer stands.

        Raises:
            TypeError, ValueError: before anything is trained, where epochs is no such number, a callback watches what
                isn't measured, or a checkpoint is of another network.
            RuntimeError: where the loss is not finite, or a callback calls it.
        """
        epochs = Checks.integer(epochs, "fit", "epochs", least=0)
        if resume is not None:
            Checks.path(resume, "fit", "resume")
        if self._fitting:
            raise RuntimeError(
                "fit: expected a trainer that isn't training, got one inside its own fit; a callback ends the training "
                "by trainer.stop(reason)"
            )
        if self._others is None:
            self._begin(epochs, resume)
        else:
            self._others.guarded(self._begin, epochs, resume)
        return self.history

    def _begin(self, epochs: int, resume: str | os.PathLike | None) -> None:
        self._hooks = Hooks(self.callbacks, self._others is None or self._others.is_first)
        self._hooks.join(self)
        self._hooks.check(self._names())
        if resume is None:
            self.stopped, last = None, self.epoch + epochs
        else:
            self.restore(resume)
            last = epochs
        self.history.interrupted = False
        if self._others is not None:
            self._others.compare(self)
            self._hooks.watch_batches = self._others.any(self._hooks.watch_batches)
        with as_found(self.net):
            first_one_asks(self._interrupt, self._fit, last)

    def _fit(self, last: int) -> None:
        self._fitting, self._checked = threading.get_ident(), False
        try:
            self._hooks.call("on_train_begin", self._last_logs())
            self._agree()
            while self.epoch < last and self.stopped is None:
                self._one_epoch()
            self._hooks.call("on_train_end", self._last_logs())
        finally:
            self._fitting = None

    def stop(self, reason: str) -> None:
        """End the training after the current batch; what a callback calls. `stopped` holds the reason."""
        if not isinstance(reason, str):
            raise TypeError(f"stop: expected reason to be text, which says why, got {reason!r}")
        self.stopped = self.stopped or reason

    def train_step(self, x: Any, y: Any, sample_weights: Any = None, lengths: Any = None) -> float:
        """Train on one batch and give its loss, a sum."""
        if self._in_epoch:
            return self.net.iteration(batch=(x, y, sample_weights, lengths))
        return self._training(partial(self.net.iteration, batch=(x, y, sample_weights, lengths)))

    def val_test_step(
        self, x: Any, y: Any, sample_weights: Any = None, lengths: Any = None
    ) -> tuple[float, np.ndarray]:
        """The loss of a batch, a sum, and the predictions; nothing is learnt."""
        with as_found(self.net):
            return test_step(self.net, x, y, sample_weights, lengths)

    def train_epoch(self) -> dict[str, float]:
        """Train on what is left of the epoch, and give the means of loss and metrics over all of it.

        Called by itself it trains on as many batches as an epoch has. It is `fit` that counts epochs and fills the
        history.
        """
        if not self._fitting:
            self._begin_epoch()
        if not (self._fitting and self._checked):
            preparation.adopt(self.net, self.training)
        self._training(self._train_batches)
        if self._others is not None:
            self._others.have_what_the_first_has(self.net)
        if not self._fitting:
            self.batch = 0
        return self.means.result()

    def val_test(self) -> dict[str, float]:
        """The means of loss and metrics over the validation set, in the testing phase.

        Raises RuntimeError where there is no validation set.
        """
        if self.validation is None:
            raise RuntimeError(
                "val_test: expected a validation set, got none; write Trainer(net, training, validation)"
            )
        with apart(self.net):
            means = self._validation_means
            dealt = iter if self._others is None else self._others.dealt
            found = average(self._looked_at(), self.val_test_step, means, lambda: not self._is_broken_off, dealt)
        self._agree()
        return found

    def _looked_at(self) -> Any:
        """The batches of the validation set, or every so-manieth where others look at the rest."""
        validation: Any = self.validation
        batches = validation.batches()
        if self._others is None or hasattr(validation, "shard"):
            return batches
        return islice(batches, self._others.rank, None, self._others.size)

    def save(self, path: str | os.PathLike) -> None:
        """Write the network, with all that it takes to go on from here, to one file: see `NeuralNetwork.save`.

        `NeuralNetwork.load` reads it too. Of several processes, the first one writes it.
        """
        if self._others is not None and not self._others.is_first:
            return
        checkpoints.save(self, Checks.path(path, "save", "path"))

    def restore(self, path: str | os.PathLike) -> None:
        """Stand where the trainer stood that has written a file by `save`.

        Network, optimizers, history, callbacks, the place in the data, and all random states are as they were then.
        Callbacks are found by class and order; one that the file knows nothing of begins anew.

        Raises ValueError, and nothing changes, where the file is damaged, no checkpoint, or of another network: the
        message says what differs; OSError where it can't be read.
        """
        checkpoints.restore(self, Checks.path(path, "restore", "path"))

    def save_checkpoint(self, epoch: int) -> None:
        """Write `checkpoint_<epoch>` into the folder of checkpoints."""
        self.save(self._checkpoint(epoch))

    def restore_checkpoint(self, epoch: int) -> None:
        """Go back, or on, to where `save_checkpoint(epoch)` was called; see `restore`."""
        self.restore(self._checkpoint(epoch))

    @property
    def trains_elsewhere(self) -> bool:
        """Whether `fit` runs in another thread than this one."""
        return self._fitting not in (None, threading.get_ident())

    @property
    def state(self) -> dict[str, Any]:
        """Where the trainer stands: what a checkpoint holds besides the network."""
        return checkpoints.state(self)

    def _one_epoch(self) -> None:
        if self.history.epochs > self.epoch:
            self.history.drop_last()  # which has been of a part of this epoch
        if self.batch == 0:
            self._begin_epoch()
            self._hooks.call("on_epoch_begin", {}, self.epoch)
        logs = self.train_epoch() if self.batch < self.batches else self.means.result()
        if self.validation is not None:
            measured = {} if self.history.interrupted else self.val_test()
            if self.history.interrupted:
                measured = dict.fromkeys(logs, math.nan)  # rather than that of a part of the set
            logs |= {f"validation_{name}": value for name, value in measured.items()}
        logs |= self._learning_rate()
        self.history.append(logs)
        if self.history.interrupted or self.batch < self.batches:
            return
        self.epoch, self.batch = self.epoch + 1, 0
        self._hooks.call("on_epoch_end", logs, self.epoch - 1, last=False)
        self.history.amend(logs)
        self._hooks.call("on_epoch_end", logs, self.epoch - 1, last=True)
        self._agree()

    def _training(self, function: Callable[[], Any]) -> Any:
        """Call a function in the training phase; what may start threads is not said for each batch anew."""
        with as_found(self.net):
            if self._fitting and self._checked:
                self.net.phase = False
            else:
                self.net.train(0)  # which looks at the whole network
                self._checked = True
            if self._others is not None:
                function = partial(self._others.dividing, self.net, function)
            return self.net.on_cores(leaving_errors_to_the_loss, function)

    def _begin_epoch(self) -> None:
        self.batch = 0
        self.means.reset()

    def _train_batches(self) -> None:
        self._in_epoch = True
        try:
            self._train_the_rest()
        finally:
            self._in_epoch = False

    def _train_the_rest(self) -> None:
        # What is done here for each batch may cost no more than a few hundredths of the smallest network's step. So
        # batches are counted many at a time.
        others = self._others
        net, means, step, fetch = self.net, self.means, self.train_step, expectations.fetcher(self.training)
        iteration = net.iteration if type(self).train_step is Trainer.train_step else None
        waiting, wait = means.waiting, means.waiting.append
        most = 1
        watched = self._hooks.watch_batches and self._fitting is not None
        for number in range(self.batch, self.batches):
            if watched:
                self._hooks.call("on_batch_begin", {}, number)
            try:
                batch = fetch()
            except StopIteration:
                expectations.refuse_the_end(self.training)
            if type(batch) is tuple and len(batch) == 2:
                (x, y), weights, lengths = batch, None, None
            else:
                x, y, weights, lengths = expectations.parts_of(batch)
            loss = step(x, y, weights, lengths) if iteration is None else iteration(batch=batch)
            if lengths is not None:
                weights = weights_of_steps(net.prediction_tensor, np.shape(x)[1], weights, lengths)
            wait((loss, net.prediction_tensor, y, weights))
            self.batch = number + 1
            if len(waiting) >= most:
                means.fold()
                if hasattr(self.training, "batches"):  # a data set; another data layer may use its arrays again
                    size = np.size(net.prediction_tensor)
                    if others is not None:  # the same number in all of them
                        size = size // len(net.prediction_tensor) * self.training.batch_size
                    most = max(1, _WAITING // max(1, size))
            if others is not None and others.are_interrupted:
                self._break_off()
            if watched:
                samples = total_weight(net.prediction_tensor, weights)
                if others is not None:
                    means.fold()
                    samples = others.total(samples)
                mean = means.summed(loss, weights) / samples if samples else math.nan
                self._hooks.call("on_batch_end", {"loss": mean}, number)
                net.phase = False
                if means.begins:
                    most = 1
                self._agree()
            if self.stopped is not None and self._fitting:
                break

    @property
    def _is_broken_off(self) -> bool:
        """Whether Ctrl-C ends the `fit` that is running; one that has ended before says nothing of what follows."""
        asked = self.history.interrupted or (self._others is not None and self._others.is_asked)
        return self._fitting is not None and asked

    def _agree(self) -> None:
        """Let the training end in all processes where it is to end in one."""
        if self._others is not None and self._fitting is not None:
            interrupted = self.history.interrupted or self._others.is_asked
            self.stopped, interrupted = self._others.agreed(self.stopped, interrupted)
            if interrupted:
                self._break_off()

    def _interrupt(self) -> None:
        if self._others is None:
            self._break_off()
        else:
            self._others.interrupt()

    def _break_off(self) -> None:
        if self._others is not None:
            self._others.interrupt(asked=False)
        self.history.interrupted = True
        self.stop("Ctrl-C")

    def _checkpoint(self, epoch: int) -> Path:
        return self.checkpoint_folder / f"checkpoint_{Checks.integer(epoch, 'Trainer', 'epoch', least=0):03d}"

    def _last_logs(self) -> dict[str, float]:
        return {name: values[-1] for name, values in self.history.items() if values}

    def _learning_rate(self) -> dict[str, float]:
        """The rate of the last step, where all optimizers have the same."""
        try:
            rate = self.net.learning_rate
            if not callable(rate):
                return {"learning_rate": float(rate)}
            steps = max((optimizer.steps_taken for optimizer in self.net.optimizers()), default=0)
            return {"learning_rate": float(rate_of(rate, max(0, steps - 1)))}
        except (AttributeError, ValueError):
            return {}

    def _names(self) -> list[str]:
        """What is measured in each epoch."""
        measured = ["loss", *(metric.name for metric in self.means.metrics)]
        if self.validation is not None:
            measured += [f"validation_{name}" for name in measured]
        return measured + list(self._learning_rate())
