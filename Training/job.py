"""The main job: train a model in epochs, save it, report how good it is on unseen data, and draw pictures of that."""

import math
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from Foundation.CommandLine import INTERRUPTED
from Models import LeNet, MultilayerPerceptron
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Schedules import LinearDecay
from Training.callbacks import Callback, Checkpoint, EarlyStopping, Progress
from Training.data import Sets
from Training.processes import Processes
from Training.trainer import Trainer

MODELS: dict[str, Callable[..., NeuralNetwork]] = {"lenet": LeNet.build, "mlp": MultilayerPerceptron.build}

#: The training ends early when the validation loss has been no better for this share of all epochs.
_PATIENCE = 1 / 2
#: Or for so many epochs, where there are few.
_LEAST_PATIENCE = 10
#: The epochs over which that loss is averaged.
_STRIP = 5
#: How much time of training is lost at most where the program is killed.
_MINUTES = 1 / 6
#: What has to be the same for a training that goes on as if it had never stopped.
_SAME = ("model", "batch_size", "learning_rate", "augmentation", "seed", "class_weights")


class Budget(Callback):
    """Ends the training after a number of batches, which may be inside an epoch.

    Args:
        iterations: how many, those of an earlier run that is resumed among them.
        settings: what the run was started with, by names of options, for who resumes it.
    """

    remembered = ("settings",)

    def __init__(self, iterations: int, settings: dict[str, Any]) -> None:
        self.iterations, self.settings = iterations, settings

    def check_state(self, state: dict[str, Any]) -> None:
        """Settings by name."""
        if not isinstance(state["settings"], dict):
            raise TypeError(f"{self!r}: expected settings by name")

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """Count."""
        if len(self.trainer.net.loss) >= self.iterations:
            self.trainer.stop(f"{self.iterations} iterations are done")


class StopWhenWorse(EarlyStopping):
    """Early stopping for small validation sets, whose loss jumps: it looks at the mean of the last few epochs.

    The best weights are brought back only where it has ended the training. Where the training ends at its time, the
    learning rate has fallen to zero and the weights have settled; where it is interrupted, it goes on from there.

    Source: L. Prechelt, "Early stopping – but when?", in Neural Networks: Tricks of the Trade (1998), which looks at
    strips of five epochs.
    """

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Look at the mean."""
        recent = self.trainer.history[self.monitor][-_STRIP:]
        super().on_epoch_end(epoch, {self.monitor: sum(recent) / len(recent)})

    def on_train_end(self, logs: dict[str, float]) -> None:
        """Put the best weights back."""
        if self.waited >= self.patience:
            super().on_train_end(logs)


class CurveOfTheTest(Callback):
    """How good the network is on the test set after each epoch, for the history and nothing else.

    Args:
        test: the test set.
    """

    def __init__(self, test: Any) -> None:
        self.test = test

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Test; a picture that can't be read is for the report to complain of."""
        try:
            reached = self.trainer.net.evaluate(self.test)
        except (OSError, ValueError):
            reached = {"loss": math.nan, "accuracy": math.nan}
        logs |= {f"test_{name}": value for name, value in reached.items()}


def prepared(options: Namespace, sets: Sets, processes: Processes | None = None) -> Trainer:
    """The trainer of a run, where it begins or, with `--resume`, where its file stands.

    Raises ValueError or OSError where the file can't be read, or is of another model or other data.
    """
    height, width, channels = sets.training.preparation.image_size
    net = MODELS[options.model](
        image_shape=(channels, height, width),
        classes=sets.training.generator.number_of_classes,
        learning_rate=options.learning_rate,
        dtype="float32",
        rng=options.seed,
    )
    if options.class_weights == "balanced":
        net.loss_layer = CrossEntropyLoss(class_weights="balanced")
    net.data_layer = sets.training
    settings = {name: getattr(options, name) for name in _SAME}
    callbacks: list[Callback] = [Budget(options.iterations, settings)]
    if sets.validation is not None:
        patience = math.ceil(_epochs(options, sets) * _PATIENCE)
        callbacks.append(StopWhenWorse(patience=max(_LEAST_PATIENCE, patience)))
    callbacks += [Progress(), CurveOfTheTest(sets.test)]
    if options.save:
        callbacks.append(Checkpoint(_file(options), minutes=_MINUTES, keep=1))
    trainer = Trainer(net, sets.training, sets.validation, callbacks, processes=processes)
    if options.resume:
        if not _file(options).is_file():
            missing = f"--resume: expected a network to go on from in '{_file(options)}', found none"
            raise ValueError(f"{missing}; run it without --resume first")
        _refuse_other_settings(_file(options), settings)
        trainer.restore(_file(options))
    return trainer


def run(options: Namespace, sets: Sets, trainer: Trainer, prog: str) -> int:
    """Train, save and report; returns the exit status."""
    status = 0
    try:
        if _train(options, sets, trainer):
            status = INTERRUPTED
    except RuntimeError as error:
        print(f"{prog}: {error}", file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        # A picture that cannot be read: what has been learnt from the others is still worth a report.
        print(f"{prog}: stopped after {len(trainer.net.loss)} iterations: {error}", file=sys.stderr)
        status = 1
    try:
        if options.save:
            trainer.save(_file(options))
        if trainer.processes is None or trainer.processes.is_first:
            _report(trainer, sets, options)
    except (OSError, ValueError) as error:
        print(f"{prog}: {error}", file=sys.stderr)
        status = 1
    return status


def _train(options: Namespace, sets: Sets, trainer: Trainer) -> bool:
    """Train what is left of the iterations; returns whether Ctrl-C ended it early.

    The learning rate falls evenly to zero, so that the last steps settle instead of jumping about.
    """
    net, start, before = trainer.net, time.perf_counter(), len(trainer.net.loss)
    if before >= options.iterations:
        print(f"nothing to train: {before} iterations are done of {options.iterations}")
        return False
    net.learning_rate = LinearDecay(options.learning_rate, options.iterations)
    try:
        trainer.fit(_epochs(options, sets) - trainer.epoch)
    finally:
        net.learning_rate = options.learning_rate
    how = "interrupted after" if trainer.history.interrupted else "trained"
    earlier = f", {before} of them earlier" if before else ""
    seconds = time.perf_counter() - start
    print(f"{how} {len(net.loss)} iterations{earlier}, in {seconds:.1f} s, last loss {net.loss[-1]:.3g}")
    return trainer.history.interrupted


def _report(trainer: Trainer, sets: Sets, options: Namespace) -> None:
    from Training import pictures

    net, output = trainer.net, options.output
    generator = sets.training.generator
    images, labels = generator.read(np.arange(min(2000, generator.number_of_images)))
    test_images, test_labels = sets.training.get_test_set()
    test = test_labels.argmax(axis=1), net.predict(test_images).argmax(axis=1)
    print(f"\n{net}\n")
    _print_accuracy("training", labels, net.predict(sets.training.prepare(images)).argmax(axis=1))
    _print_accuracy("test", *test)
    drawn = _drawn(trainer, output)
    names = net.preparation.class_names
    pictures.confusion_matrix(*test, names, filename=output / "confusion_matrix.png")
    deviation, mean = (np.reshape(each, (-1, 1, 1)) for each in (net.preparation.deviation, net.preparation.mean))
    shown = (test_images * deviation + mean).clip(0, 1)
    pictures.predictions(shown, *test, names, filename=output / "predictions.png")
    print(f"pictures: {output}/{', '.join([*drawn, 'confusion_matrix.png', 'predictions.png'])}")
    if options.save:
        print(f"network: {_file(options)}")


def _drawn(trainer: Trainer, output: Path) -> list[str]:
    """Draw the curves of a training, if there was one; returns the names of their files."""
    from Training import pictures

    if not trainer.net.loss:
        return []
    pictures.batch_losses(trainer.net.loss, filename=output / "loss.png")
    history = {name: values for name, values in trainer.history.items() if name.endswith(("loss", "accuracy"))}
    pictures.curves(history, filename=output / "curves.png")
    return ["loss.png", "curves.png"]


def _print_accuracy(part: str, true: np.ndarray, predicted: np.ndarray) -> None:
    hits = np.count_nonzero(predicted == true)
    print(f"{part} accuracy: {hits / len(true):.2%} ({hits} of {len(true)})")


def _refuse_other_settings(file: Path, settings: dict[str, Any]) -> None:
    """Raise ValueError for the file of a run that was started otherwise; others are for the trainer to refuse."""
    progress = NeuralNetwork.load(file, None).progress or {}
    with suppress(TypeError, KeyError):
        # Earlier versions, which had no choice of class weights, don't tell it.
        earlier = {"class_weights": "equal"} | dict(progress["callbacks"])[Budget.__qualname__]["settings"]
        for name, value in settings.items():
            if value != earlier[name]:
                option = name.replace("_", "-")
                raise ValueError(
                    f"{file}: of a run with {option} {earlier[name]}, not {value}; resume it with the same options"
                )


def _epochs(options: Namespace, sets: Sets) -> int:
    return -(-options.iterations // sets.training.number_of_batches)


def _file(options: Namespace) -> Path:
    return options.output / "network"
