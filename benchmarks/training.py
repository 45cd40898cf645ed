"""What a trainer costs beside the network, and what a training that is killed costs: nothing but time.

    python -m benchmarks.training
    python -m benchmarks.training --kills 100
    python -m benchmarks.training --kills 30 --processes 2

The first compares an epoch of `Trainer`, with its default metrics, with a bare loop of `forward` and `backward` over
the same batches, on networks so small that everything around them shows. The second kills (SIGKILL) a training that
writes checkpoints every epoch and every few batches, at random moments, again and again, goes on from the file each
time, and compares what comes out with the undisturbed training, bit by bit. The third does so with one of several
processes that train together.
"""

import argparse
import hashlib
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.measure import machine
from Foundation.Labels import one_hot
from Generator.arrays import ArrayData
from Layers.BatchNormalization import BatchNormalization
from Layers.Dropout import Dropout
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.ReLU import ReLU
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam, Sgd
from Training.callbacks import Checkpoint, EarlyStopping
from Training.processes import Processes
from Training.together import launching
from Training.trainer import Trainer

CASES = ((4, 3), (4, 16, 3))
BATCH, BATCHES, ROUNDS = 50, 1000, 51
EPOCHS = 12


class Batches:
    """A data set that has its batches ready."""

    number_of_batches = BATCHES

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.batch = rng.random((BATCH, 4)), one_hot(rng.integers(0, 3, BATCH), 3)

    def next(self) -> tuple[np.ndarray, np.ndarray]:
        """The batch."""
        return self.batch

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The batch, once."""
        yield self.batch


def network(sizes: tuple[int, ...]) -> NeuralNetwork:
    """Fully connected layers of these sizes."""
    net = NeuralNetwork(Sgd(1e-5), He(rng=0), Constant(0))
    net.data_layer, net.loss_layer = Batches(), CrossEntropyLoss()
    for features, outputs in pairwise(sizes):
        net.append_layer(FullyConnected(features, outputs))
        net.append_layer(ReLU() if outputs != sizes[-1] else SoftMax())
    return net


def overhead(sizes: tuple[int, ...], rounds: int = ROUNDS) -> tuple[float, float, float]:
    """Median microseconds of a batch in a bare loop and in a trainer, and the median of their ratios, in turn.

    Of the thread's processor time: nothing here is worth a second thread, and other programs are left out of it.
    """
    net = network(sizes)
    trainer = Trainer(network(sizes), Batches())
    times: dict[str, list[float]] = {"bare": [], "trainer": []}
    for _ in range(rounds + 3):
        start = time.thread_time()
        for _ in range(BATCHES):
            net.forward()
            net.backward()
        between = time.thread_time()
        trainer.train_epoch()
        times["bare"].append((between - start) / BATCHES)
        times["trainer"].append((time.thread_time() - between) / BATCHES)
    bare, with_trainer = (values[3:] for values in times.values())  # the first ones warm up
    ratio = statistics.median(one / other for one, other in zip(with_trainer, bare, strict=True))
    return statistics.median(bare) * 1e6, statistics.median(with_trainer) * 1e6, ratio


def long_training(path: Path, processes: Processes | None = None) -> str:
    """A training with everything random that there is; goes on from its checkpoint, and gives a sum of all its bits."""
    rng = np.random.default_rng(0)
    net = NeuralNetwork(Adam(1e-2), He(rng=0), Constant(0))
    net.loss_layer = CrossEntropyLoss()
    for layer in (
        FullyConnected(4, 16),
        BatchNormalization(16),
        ReLU(),
        Dropout(0.8),
        FullyConnected(16, 3),
        SoftMax(),
    ):
        net.append_layer(layer)
    np.random.seed(0)  # noqa: NPY002 - from which Dropout draws
    X = rng.standard_normal((200, 4))
    data = ArrayData(X, np.abs(X[:, :3]).argmax(axis=1), 10, rng=1)
    training, validation = data.split(0.25)
    callbacks = [
        EarlyStopping(patience=5),
        Checkpoint(path, every=4),
        Checkpoint(f"{path}.epoch", best="validation_loss"),
    ]
    trainer = Trainer(net, training, validation, callbacks, processes=processes)
    history = trainer.fit(EPOCHS, resume=path if path.exists() else None)
    total = hashlib.sha256(repr((dict(history), net.loss)).encode())
    for layer in net.layers:
        for parameter in getattr(layer, "parameters", dict)().values():
            total.update(parameter.tobytes())
    return total.hexdigest()


def killed(kills: int, seed: int = 0, processes: int = 1) -> tuple[int, int, bool]:
    """Kill a training, or one of several processes that train together, so many times.

    Gives how many trainings that took, how many of them could not go on, and whether all came to the same bits.
    """
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        first = _started(Path(folder) / "undisturbed", processes)
        _begun(first)
        start = time.perf_counter()
        undisturbed = first.communicate()[0].strip()
        longest = (time.perf_counter() - start) / 2
        done = runs = unreadable = 0
        agree = True
        while done < kills:
            path = Path(folder) / f"run{runs}"
            runs += 1
            while True:
                process = _started(path, processes)
                numbers = _begun(process)
                if done < kills:
                    time.sleep(moments.uniform(0, longest))
                    with suppress(ProcessLookupError):  # which has ended before
                        os.kill(moments.choice(numbers), signal.SIGKILL)
                output, errors = process.communicate()
                if abs(process.returncode) == signal.SIGKILL:  # mpiexec says so as a number above 0
                    done += 1
                    continue
                if process.returncode:
                    unreadable += 1
                    print(errors, file=sys.stderr)
                    break
                agree = agree and output.strip() == undisturbed
                break
    return runs, unreadable, agree


def _started(path: Path, processes: int) -> subprocess.Popen[str]:
    program = [sys.executable, "-m", "benchmarks.training", "--run", str(path)]
    if processes > 1:
        program = [launching.launcher(), "-n", str(processes), *program]
    return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _begun(process: subprocess.Popen[str]) -> list[int]:
    """The numbers that the system has given the processes, when everything is imported and they begin."""
    assert process.stdout is not None
    return list(map(int, process.stdout.readline().split()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What a trainer costs, and whether a killed training goes on exactly.")
    parser.add_argument("--kills", type=int, default=0, metavar="N", help="kill a training so many times instead")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="of which one is killed each time (1)")
    parser.add_argument("--run", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        together = Processes()
        own = np.array([os.getpid()])
        numbers = own if together.size == 1 else together.stacked(own).ravel()
        if together.is_first:
            print(*numbers, flush=True)
        reached = long_training(options.run, together)
        if together.is_first:
            print(reached)
        return
    if options.kills:
        runs, unreadable, agree = killed(options.kills, processes=options.processes)
        verdict = "the bits of the undisturbed run" if agree else "OTHER BITS than the undisturbed run"
        print(
            f"{options.kills} kills in {runs} trainings: {unreadable} checkpoints could not be read; "
            f"all trainings end with {verdict}"
        )
        return
    print(machine())
    for sizes in CASES:
        bare, with_trainer, ratio = overhead(sizes)
        name = f"{'-'.join(map(str, sizes))}, batch {BATCH}, float64"
        print(f"{name:<28} bare loop {bare:6.1f} µs   trainer {with_trainer:6.1f} µs   ratio {ratio:.3f}", flush=True)


if __name__ == "__main__":
    main()
