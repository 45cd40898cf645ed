"""How good a network is on data that it does not learn from."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from Network import expectations


class Means:
    """The mean loss and the metrics of batches that come one after the other.

    A mean is the sum of the batches' losses, divided by the number of samples, or by the sum of their weights.
    """

    def __init__(self, metrics: Sequence[Any]) -> None:
        self.metrics = metrics
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self.loss, self.samples = 0.0, 0.0
        for metric in self.metrics:
            metric.reset()

    def add(self, loss: float, prediction: Any, label: Any, sample_weights: Any = None) -> None:
        """Count a batch."""
        self.loss += loss
        self.samples += len(prediction) if sample_weights is None else float(np.sum(sample_weights))
        for metric in self.metrics:
            metric.update(prediction, label, sample_weights)

    def result(self) -> dict[str, float]:
        """The means so far, NaN where no sample has come."""
        loss = self.loss / self.samples if self.samples else float("nan")
        return {"loss": loss} | {metric.name: metric.result() for metric in self.metrics}

    @property
    def state(self) -> dict[str, Any]:
        """What has been counted; setting it goes on from there."""
        states = [[metric.name, metric.state] for metric in self.metrics]
        return {"loss": self.loss, "samples": float(self.samples), "metrics": states}

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        names = [name for name, _ in state["metrics"]]
        if names != [metric.name for metric in self.metrics]:
            own = [metric.name for metric in self.metrics]
            raise ValueError(f"Trainer: expected the checkpoint's metrics {own}, got {names}; use the same ones")
        for metric, (_, counted) in zip(self.metrics, state["metrics"], strict=True):
            metric.state = counted
        self.loss, self.samples = state["loss"], state["samples"]


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
