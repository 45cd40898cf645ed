"""Predictions for many samples, computed for some at a time."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from Foundation import Checks
from Layers import Rows
from Layers.Composite import leaves
from Network import turns


def predict(
    test: Callable[[Any, Any], np.ndarray], values: Any, size: int, lengths: Any, owner: object
) -> np.ndarray | list[np.ndarray]:
    """What `test(values, lengths)` gives, for so many samples at a time; see `NeuralNetwork.predict`."""
    from Generator.samples import Samples, are_sequences

    sequences = lengths is None and are_sequences(values)
    if lengths is None and not sequences:
        array = Checks.number_array(values, owner, "the input of predict")
        starts = range(0, max(1, len(array)), size)
        return _joined((test(array[start : start + size], None) for start in starts), len(array))
    samples = Samples(values, "the input of predict", repr(owner), lengths, sequences)
    places = [np.arange(start, min(start + size, len(values))) for start in range(0, len(values), size)]
    known: Any = samples.lengths
    outputs = (test(samples.read(part), known[part]) for part in places)
    if not sequences:
        return _joined(outputs, len(values))
    return [row for part, output in zip(places, outputs, strict=True) for row in _divided(output, known[part])]


def tested(net: Any, values: Any, lengths: Any) -> np.ndarray:
    """What the network makes of a batch. The testing phase stays on, unless another thread trains the network."""
    tensor = net._cast(values, "test")
    layers = leaves(net.layers)
    phases = [getattr(layer, "testing_phase", False) for layer in layers]
    done = False
    try:
        net.phase = True
        output, net._output_shapes = Rows.forward(net.layers, tensor, keep=False, lengths=lengths)
        done = True
    finally:
        if not done or turns.is_trained_elsewhere(net):
            for layer, phase in zip(layers, phases, strict=True):
                layer.testing_phase = phase
    return output


def _divided(output: np.ndarray, lengths: np.ndarray) -> Iterator[np.ndarray]:
    """The output of each sequence, without what belongs to padding; copies, so that the padding's memory is freed."""
    has_steps = output.ndim > 2 and output.shape[1] == lengths.max()
    for row, length in zip(output, lengths.tolist(), strict=True):
        yield (row[:length] if has_steps else row).copy()


def _joined(outputs: Iterator[np.ndarray], count: int) -> np.ndarray:
    """The parts as one array, which is made with the first of them: there is never a second copy of the whole."""
    first = next(outputs)
    if len(first) >= count:
        return first
    joined = np.empty((count, *first.shape[1:]), first.dtype)
    joined[: len(first)] = first
    start = len(first)
    for output in outputs:
        joined[start : start + len(output)] = output
        start += len(output)
    return joined
