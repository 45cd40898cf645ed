"""Recurrent layers: a forward and a backward pass over 100 steps, 64 inputs, 128 hidden units, 10 outputs, float32.

    python -m benchmarks.recurrent

One sequence, and a batch of 32; next to PyTorch's eager mode (`torch.nn.RNN`, `LSTM` or `GRU`, a linear layer and
a sigmoid) where it is installed. Then the time that one step takes in sequences of 10 to 10,000 steps; and a training
step of two bidirectional GRUs of 128 units each way, 50 steps, batch 32, with lengths and without, a class at each
step: its time, and by how much it raises a process's memory.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable

import numpy as np

from benchmarks.convolutional import peak_memory
from benchmarks.measure import TORCH, machine, median_times, report
from Layers.Bidirectional import Bidirectional
from Layers.FullyConnected import FullyConnected
from Layers.GRU import GRU
from Layers.Initializers import Constant, Xavier
from Layers.LSTM import LSTM
from Layers.Recurrent import RecurrentLayer
from Layers.RNN import RNN
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam

INPUTS, HIDDEN, OUTPUTS = 64, 128, 10
TIME = 100
BATCHES = (1, 32)
LENGTHS = (10, 100, 1000, 10_000)
STACK_BATCH, STACK_TIME = 32, 50


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


def stack_data(padded: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Inputs, class numbers, and lengths where there are any."""
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((STACK_BATCH, STACK_TIME, INPUTS), dtype=np.float32)
    lengths = np.linspace(STACK_TIME, 1, STACK_BATCH).astype(int) if padded else None
    return inputs, rng.integers(0, OUTPUTS, (STACK_BATCH, STACK_TIME)), lengths


def our_stack(padded: bool) -> Callable[[], object]:
    """A training step of two bidirectional GRUs."""
    inputs, labels, lengths = stack_data(padded)
    net = NeuralNetwork(Adam(1e-3), Xavier(rng=0), Constant(0), dtype="float32")
    for features in (INPUTS, 2 * HIDDEN):
        net.append_layer(Bidirectional(GRU(features, HIDDEN)))
    net.append_layer(FullyConnected(2 * HIDDEN, OUTPUTS))
    net.append_layer(SoftMax())
    net.loss_layer = CrossEntropyLoss()
    rows = np.eye(OUTPUTS, dtype=np.float32)[labels]
    return lambda: net.iteration(batch=(inputs, rows, None, lengths))


def torch_stack(padded: bool) -> Callable[[], object]:
    """The same in PyTorch."""
    import torch
    from torch.nn.utils import rnn

    inputs, numbers, lengths = stack_data(padded)
    layers = torch.nn.GRU(INPUTS, HIDDEN, 2, batch_first=True, bidirectional=True)
    head = torch.nn.Linear(2 * HIDDEN, OUTPUTS)
    optimizer = torch.optim.Adam([*layers.parameters(), *head.parameters()], 1e-3)
    batch, labels = torch.from_numpy(inputs), torch.from_numpy(numbers)
    steps = torch.arange(STACK_TIME)
    shown = steps < (torch.from_numpy(lengths)[:, None] if lengths is not None else STACK_TIME)
    shown = shown.expand(STACK_BATCH, STACK_TIME)

    def step() -> object:
        optimizer.zero_grad()
        if lengths is None:
            hidden = layers(batch)[0]
        else:
            packed = rnn.pack_padded_sequence(batch, torch.from_numpy(lengths), batch_first=True)
            hidden = rnn.pad_packed_sequence(layers(packed)[0], batch_first=True)[0]
        loss = torch.nn.functional.cross_entropy(head(hidden)[shown], labels[shown], reduction="sum")
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


STACKS = {"ours": our_stack, "PyTorch": torch_stack}


def report_stacks() -> None:
    """Time and memory of a training step."""
    libraries = list(STACKS) if TORCH else ["ours"]
    for padded in (False, True):
        title = f"two bidirectional GRUs, {STACK_BATCH} × {STACK_TIME}{', lengths' if padded else ''}"
        report(title, median_times({name: STACKS[name](padded) for name in libraries}))
        command = [sys.executable, "-m", "benchmarks.recurrent", "--memory", str(int(padded))]
        memory = {
            name: subprocess.run([*command, name], check=True, capture_output=True, text=True).stdout.strip()
            for name in libraries
        }
        print("    peak memory:", ", ".join(f"{name} {megabytes} MB" for name, megabytes in memory.items()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time and memory of recurrent layers.")
    parser.add_argument("--memory", nargs=2, metavar=("PADDED", "LIBRARY"), help="print the peak memory of one stack")
    parser.add_argument("--stacks", action="store_true", help="measure the two bidirectional GRUs alone")
    options = parser.parse_args()
    if options.memory:
        padded, library = options.memory
        print(f"{peak_memory(STACKS[library](bool(int(padded)))):.1f}")
        return
    print(machine())
    if options.stacks:
        report_stacks()
        return
    for kind in (RNN, LSTM, GRU):
        for batch in BATCHES:
            contestants = {"ours": our_passes(kind, batch, TIME)}
            if TORCH:
                contestants["PyTorch"] = torch_passes(kind, batch, TIME)
            title = f"{kind.__name__}, {batch} × {TIME} steps, {INPUTS}-{HIDDEN}-{OUTPUTS}"
            report(title, median_times(contestants))
    for kind in (RNN, LSTM, GRU):
        contestants = {str(time): our_passes(kind, 1, time) for time in LENGTHS}
        medians = median_times(contestants, rounds=5, repeats=3)
        cells = [f"{name} steps {seconds / int(name) * 1e6:6.1f} µs" for name, seconds in medians.items()]
        print(f"{kind.__name__}, time for each step".ljust(44), "   ".join(cells), flush=True)
    report_stacks()


if __name__ == "__main__":
    main()
