"""How good a network is on data that it does not learn from."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.Batches import total_weight, weights_of_a_sample, weights_of_steps
from Layers.Composite import leaves
from Network import expectations


class Means:
    """The mean loss and the metrics of batches that come one after the other.

    A mean is the sum of the batches' losses, divided by the number of samples, or by the sum of their weights.

    Args:
        metrics: objects with `update`, `result`, `reset` and `state`.
        loss_layer: whose losses they are.

    Attributes:
        waiting: batches that are not counted yet, `(loss, prediction, label, sample_weights)`. Many at once are counted
            in a fraction of the time; nobody may change their arrays before `fold`.
    """

    def __init__(self, metrics: Sequence[Any], loss_layer: Any = None) -> None:
        self.metrics = metrics
        self._averages_outputs = getattr(loss_layer, "averages_outputs", False)
        self.waiting: list[tuple[float, Any, Any, Any]] = []
        #: Of batches that several processes share, the whole from the part that this one has (None: it is alone).
        self.whole: Callable[[Any], Any] | None = None
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self.waiting.clear()
        self._loss, self._samples, self._looked_at = 0.0, 0.0, False
        for metric in self.metrics:
            metric.reset()

    @property
    def begins(self) -> bool:
        """Whether the next batch is counted alone, as the first one is, and the first after a checkpoint."""
        return not self._looked_at

    def fold(self) -> None:
        """Count the batches that wait."""
        if not self.waiting:
            return
        batches = self.waiting if self.whole is None else self.whole(self.waiting)
        losses, predictions, labels, weights = zip(*batches, strict=True)
        self.waiting.clear()
        for loss in map(self.summed, losses, weights):  # one by one: the sum depends on nothing but their order
            self._loss += loss
        plain = set(map(type, weights)) == {type(None)}
        for samples in map(len, predictions) if plain else map(total_weight, predictions, weights):
            self._samples += samples
        one_by_one = self.whole is not None  # whatever a checkpoint has looked at, which only the first process writes
        alike = plain and self._looked_at and not one_by_one and self.metrics and _are_alike(predictions, labels)
        rows = (np.concatenate(predictions), np.concatenate(labels)) if alike else None
        for metric in self.metrics:
            if rows is not None and hasattr(metric, "add_rows"):
                metric.add_rows(*rows)
            else:
                for batch in zip(predictions, labels, weights, strict=True):
                    metric.update(*batch)
        self._looked_at = True

    def summed(self, loss: float, sample_weights: Any) -> float:
        """A batch's loss as a sum over what has a weight, where the loss averages over the outputs of a sample."""
        return loss * weights_of_a_sample(sample_weights) if self._averages_outputs else loss

    def result(self) -> dict[str, float]:
        """The means so far, NaN where no sample has come."""
        self.fold()
        loss = self._loss / self._samples if self._samples else float("nan")
        return {"loss": loss} | {metric.name: metric.result() for metric in self.metrics}

    @property
    def state(self) -> dict[str, Any]:
        """What has been counted; setting it goes on from there."""
        self.fold()
        self._looked_at = False  # as after setting it, so that both go on to the same bits
        states = [[metric.name, metric.state] for metric in self.metrics]
        return {"loss": self._loss, "samples": float(self._samples), "metrics": states}

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        names, own = [name for name, _ in state["metrics"]], [metric.name for metric in self.metrics]
        if names != own:
            raise ValueError(f"Trainer: expected the checkpoint's metrics {own}, got {names}; use the same ones")
        samples = Checks.number(state["samples"], "Trainer", "the checkpoint's number of samples", least=0)
        loss = state["loss"]
        if not isinstance(loss, float):
            raise TypeError(f"Trainer: expected the checkpoint's loss to be a number, got {type(loss).__name__}")
        for metric, (_, counted) in zip(self.metrics, state["metrics"], strict=True):
            metric.state = counted
        self.waiting.clear()
        self._loss, self._samples, self._looked_at = loss, samples, False


def _are_alike(predictions: Sequence[Any], labels: Sequence[Any]) -> bool:
    """Whether all of these are arrays of rows of the same width."""
    if {*map(type, predictions), *map(type, labels)} != {np.ndarray}:
        return False
    shapes = [prediction.shape for prediction in predictions]
    same = shapes == [label.shape for label in labels]
    return same and set(map(len, shapes)) == {2} and len({width for _, width in shapes}) == 1


@contextmanager
def as_found(net: Any) -> Iterator[None]:
    """Afterwards, each layer is in the phase that it was in."""
    layers = leaves(net.layers)
    phases = [getattr(layer, "testing_phase", False) for layer in layers]
    try:
        yield
    finally:
        for layer, phase in zip(layers, phases, strict=True):
            layer.testing_phase = phase


@contextmanager
def apart(net: Any) -> Iterator[None]:
    """Afterwards, layers with a memory remember what they did before, and the phase is as it was."""
    remembering = [
        layer for layer in leaves(net.layers) if getattr(layer, "memorize", False) and hasattr(layer, "state_names")
    ]
    memories = [{name: getattr(layer, name) for name in layer.state_names} for layer in remembering]
    for layer in remembering:
        layer.reset_state()
    try:
        with as_found(net):
            yield
    finally:
        for layer, memory in zip(remembering, memories, strict=True):
            for name, value in memory.items():
                setattr(layer, name, value)


def test_step(net: Any, x: Any, y: Any, sample_weights: Any = None, lengths: Any = None) -> tuple[float, np.ndarray]:
    """The loss of a batch in the testing phase, a sum, and the predictions."""
    prediction = net.test(x) if lengths is None else net.predict(x, batch_size=len(x), lengths=lengths)
    weights = {}
    if lengths is not None:
        sample_weights = weights_of_steps(prediction, np.shape(x)[1], sample_weights, lengths)
    if sample_weights is not None:
        expectations.check_that_it_weighs(net.loss_layer)
        weights = {"sample_weights": sample_weights}
    loss = net.loss_layer.forward(prediction, y, **weights)
    return Checks.one_number(loss, net.loss_layer, "the loss that forward gives"), prediction


def average(
    batches: Iterable[Sequence[Any]],
    step: Callable[..., tuple[float, Any]],
    means: Means,
    go_on: Callable[[], bool],
    dealt: Callable[[Iterator[Any]], Iterable[Any]] = iter,
) -> dict[str, float]:
    """The means over batches, of which one at a time is in memory.

    Args:
        batches: what a data set's `batches()` gives.
        step: gives loss and predictions of a batch.
        means: what is counted; begun anew.
        go_on: asked before each batch.
        dealt: adds what other processes have measured of theirs (nothing).

    Raises TypeError for what is no batch, ValueError where none comes.
    """
    means.reset()
    for measured in dealt(_measured(batch, step) for batch in takewhile(lambda _: go_on(), batches)):
        means.waiting.append(measured)
        means.fold()
    if means.begins and dealt is iter and go_on():
        raise ValueError(
            "batches(): expected at least one batch, got none; it has to give all of them each time that it is called"
        )
    return means.result()


def _measured(batch: Sequence[Any], step: Callable[..., tuple[float, Any]]) -> tuple[float, Any, Any, Any]:
    _, label, weights, lengths = expectations.parts_of(batch, "batches()", "give")
    loss, prediction = step(*batch)
    if lengths is not None:
        weights = weights_of_steps(prediction, np.shape(batch[0])[1], weights, lengths)
    return loss, prediction, label, weights
