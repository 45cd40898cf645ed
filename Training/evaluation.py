"""How good a network is on data that it does not learn from."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from Network import expectations

#: How many predicted numbers may wait for the metrics: so many of float64 lie in memory that the C library has at hand.
_ROOM = 15_000


class Means:
    """The mean loss and the metrics of batches that come one after the other.

    A mean is the sum of the batches' losses, divided by the number of samples, or by the sum of their weights.

    Predictions and labels of usual batches are copied to where metrics look at many of them at once: that takes a
    fraction of the time, and the arrays themselves are free for the next batch, which finds their memory in the cache.
    """

    def __init__(self, metrics: Sequence[Any]) -> None:
        self.metrics = metrics
        self._predictions = self._labels = np.empty((0, 0))
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self._loss, self._samples, self._waiting = 0.0, 0.0, 0
        for metric in self.metrics:
            metric.reset()

    def add(self, loss: float, prediction: Any, label: Any, sample_weights: Any = None) -> None:
        """Count a batch."""
        start = self._waiting
        stop = start + len(prediction)
        rows, labels = self._predictions, self._labels
        if sample_weights is None and type(label) is np.ndarray and stop <= len(rows) and label.dtype == labels.dtype:
            if prediction.shape[1:] == rows.shape[1:] and label.shape == prediction.shape:
                rows[start:stop], labels[start:stop] = prediction, label
                self._waiting = stop
                self._loss += loss
                self._samples += stop - start
                return
        self._add_other(loss, prediction, label, sample_weights)

    def _add_other(self, loss: float, prediction: Any, label: Any, sample_weights: Any) -> None:
        """Count a batch for which there is no room, or never will be."""
        self.fold()
        self._loss += loss
        self._samples += samples_of(prediction, sample_weights)
        for metric in self.metrics:
            metric.update(prediction, label, sample_weights)
        if self.metrics and type(prediction) is type(label) is np.ndarray and prediction.ndim == 2:
            most = _ROOM // prediction.shape[1] if label.shape == prediction.shape else 0
            if (most, *prediction.shape[1:]) != self._predictions.shape or label.dtype != self._labels.dtype:
                self._predictions = np.empty((most, *prediction.shape[1:]), prediction.dtype)
                self._labels = np.empty_like(self._predictions, label.dtype)

    def fold(self) -> None:
        """Let the metrics look at what waits for them."""
        stop, self._waiting = self._waiting, 0
        if stop:
            rows, labels = self._predictions[:stop], self._labels[:stop]
            for metric in self.metrics:
                if not getattr(metric, "keeps_rows", True):
                    metric.add_rows(rows, labels)
                else:
                    metric.update(rows.copy(), labels.copy())

    def result(self) -> dict[str, float]:
        """The means so far, NaN where no sample has come."""
        self.fold()
        loss = self._loss / self._samples if self._samples else float("nan")
        return {"loss": loss} | {metric.name: metric.result() for metric in self.metrics}

    @property
    def state(self) -> dict[str, Any]:
        """What has been counted; setting it goes on from there."""
        self.fold()
        states = [[metric.name, metric.state] for metric in self.metrics]
        return {"loss": self._loss, "samples": float(self._samples), "metrics": states}

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        names, own = [name for name, _ in state["metrics"]], [metric.name for metric in self.metrics]
        if names != own:
            raise ValueError(f"Trainer: expected the checkpoint's metrics {own}, got {names}; use the same ones")
        loss, samples = state["loss"], state["samples"]
        for metric, (_, counted) in zip(self.metrics, state["metrics"], strict=True):
            metric.state = counted
        self._loss, self._samples, self._waiting = loss, samples, 0


def samples_of(prediction: Any, sample_weights: Any) -> float:
    """How many samples a batch counts for: their number, or the sum of their weights."""
    return len(prediction) if sample_weights is None else float(np.sum(sample_weights))


@contextmanager
def as_found(net: Any) -> Iterator[None]:
    """Afterwards, each layer is in the phase that it was in."""
    layers = list(net.layers)
    phases = [getattr(layer, "testing_phase", False) for layer in layers]
    try:
        yield
    finally:
        for layer, phase in zip(layers, phases, strict=True):
            layer.testing_phase = phase


@contextmanager
def apart(net: Any) -> Iterator[None]:
    """Afterwards, layers with a memory remember what they did before, and the phase is as it was."""
    remembering = [layer for layer in net.layers if getattr(layer, "memorize", False)]
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
    if sample_weights is not None:
        expectations.check_that_it_weighs(net.loss_layer)
        weights = {"sample_weights": sample_weights}
    return float(net.loss_layer.forward(prediction, y, **weights)), prediction


def average(
    batches: Iterable[Sequence[Any]], step: Callable[..., tuple[float, Any]], means: Means, go_on: Callable[[], bool]
) -> dict[str, float]:
    """The means over batches, of which one at a time is in memory.

    Args:
        batches: what a data set's `batches()` gives.
        step: gives loss and predictions of a batch.
        means: what is counted; begun anew.
        go_on: asked before each batch.
    """
    means.reset()
    for batch in batches:
        if not go_on():
            break
        loss, prediction = step(*batch)
        means.add(loss, prediction, batch[1], batch[2] if len(batch) > 2 else None)
    return means.result()
