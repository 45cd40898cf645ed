"""Recurrent layers: a forward and a backward pass over 100 steps, 64 inputs, 128 hidden units, 10 outputs, float32.

    python -m benchmarks.recurrent

One sequence, and a batch of 32; next to PyTorch's eager mode (`torch.nn.RNN` or `LSTM`, a linear layer and
a sigmoid) where it is installed. Then the time that one step takes in sequences of 10 to 10,000 steps.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.measure import TORCH, machine, median_times, report
from Layers.LSTM import LSTM
from Layers.Recurrent import RecurrentLayer
from Layers.RNN import RNN

INPUTS, HIDDEN, OUTPUTS = 64, 128, 10
TIME = 100
BATCHES = (1, 32)
LENGTHS = (10, 100, 1000, 10_000)


def our_passes(kind: type[RecurrentLayer], batch: int, time: int) -> Callable[[], object]:
    """A forward and a backward pass of one of this library's layers."""
    rng = np.random.default_rng(0)
    layer = kind(INPUTS, HIDDEN, OUTPUTS).astype("float32")
    for name, parameter in layer.parameters().items():
        setattr(layer, name, rng.uniform(-0.1, 0.1, parameter.shape).astype("float32"))
    inputs = rng.standard_normal((batch, time, INPUTS), dtype=np.float32)
    errors = rng.standard_normal((batch, time, OUTPUTS), dtype=np.float32)

    def passes() -> object:
        layer.forward(inputs)
        return layer.backward(errors)

    return passes


def torch_passes(kind: type[RecurrentLayer], batch: int, time: int) -> Callable[[], object]:
    """The same in PyTorch."""
    import torch

    layer = getattr(torch.nn, kind.__name__)(INPUTS, HIDDEN, batch_first=True)
    head = torch.nn.Linear(HIDDEN, OUTPUTS)
    inputs = torch.randn(batch, time, INPUTS, requires_grad=True)
    errors = torch.randn(batch, time, OUTPUTS)

    def passes() -> object:
        inputs.grad = None
        layer.zero_grad()
        head.zero_grad()
        torch.sigmoid(head(layer(inputs)[0])).backward(errors)
        return inputs.grad

    return passes


def main() -> None:
    """Measure and print."""
    print(machine())
    for kind in (RNN, LSTM):
        for batch in BATCHES:
            contestants = {"ours": our_passes(kind, batch, TIME)}
            if TORCH:
                contestants["PyTorch"] = torch_passes(kind, batch, TIME)
            title = f"{kind.__name__}, {batch} × {TIME} steps, {INPUTS}-{HIDDEN}-{OUTPUTS}"
            report(title, median_times(contestants))
    for kind in (RNN, LSTM):
        contestants = {str(time): our_passes(kind, 1, time) for time in LENGTHS}
        medians = median_times(contestants, rounds=5, repeats=3)
        cells = [f"{name} steps {seconds / int(name) * 1e6:6.1f} µs" for name, seconds in medians.items()]
        print(f"{kind.__name__}, time for each step".ljust(44), "   ".join(cells), flush=True)


if __name__ == "__main__":
    main()
