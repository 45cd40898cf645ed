"""What a second process is worth: images per second, and what the sum of all gradients takes by itself.

    python -m benchmarks.processes

Two processes with one thread each beside one process with two, of this library and of PyTorch
(DistributedDataParallel, gloo) where it is installed, in turn, and then the sum alone. What follows is put into the
model of `benchmarks.processes_model`, which says how far its predictions are from what was measured.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.convolutional import NETWORKS, our_layers, torch_layers
from benchmarks.measure import TORCH, machine
from benchmarks.processes_model import Links, Profile
from Foundation.CommandLine import Parser
from Foundation.Labels import one_hot
from Foundation.Memory import keep_freed_memory
from Generator.arrays import ArrayData
from Layers.Initializers import Constant, He
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Sgd
from Training.processes import Processes
from Training.together import launching
from Training.trainer import Trainer

CASES = {"LeNet": "LeNet, batch 50", "CIFAR": "CIFAR-sized network, batch 64"}
SIZES = (10**4, 10**5, 10**6, 10**7)
BATCHES, TURNS = 20, 5
ROUNDS = 3


def images(case: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Random images and labels, for some batches of a case."""
    batch, shape, _ = NETWORKS[CASES[case]]
    rng = np.random.default_rng(0)
    count = batch * BATCHES
    return rng.random((count, *shape), np.float32), one_hot(rng.integers(0, 10, count), 10, np.float32), batch


def network(case: str) -> NeuralNetwork:
    """The network of a case."""
    _, shape, description = NETWORKS[CASES[case]]
    net = NeuralNetwork(Sgd(1e-6), He(rng=0), Constant(0), "float32")
    net.loss_layer = CrossEntropyLoss()
    for layer in our_layers(shape, description):
        net.append_layer(layer)
    return net


def ours(case: str, share: float = 1.0, processes: Processes | None = None) -> float:
    """Median seconds of a batch in a trainer; of a share of one where so much of it is computed alone."""
    X, y, batch = images(case)
    data = ArrayData(X, y, max(1, round(batch * share)), shuffle=False)
    trainer = Trainer(network(case), data, processes=processes, batches_per_epoch=BATCHES)
    return _timed(trainer.train_epoch, BATCHES)


def torchs(case: str, rank: int, size: int) -> float:
    """The same of PyTorch's eager mode, in several processes by DistributedDataParallel."""
    import torch

    X, y, batch = images(case)
    _, shape, description = NETWORKS[CASES[case]]
    net: Any = torch.nn.Sequential(*torch_layers(shape, description))
    if size > 1:
        torch.distributed.init_process_group("gloo", rank=rank, world_size=size)
        net = torch.nn.parallel.DistributedDataParallel(net)
    optimizer = torch.optim.SGD(net.parameters(), 1e-6)
    share = batch // size
    labels = torch.tensor(y.argmax(axis=1))
    pictures = torch.tensor(X)

    def epoch() -> None:
        for number in range(BATCHES):
            part = slice(number * batch + rank * share, number * batch + (rank + 1) * share)
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(pictures[part]), labels[part], reduction="sum").backward()
            optimizer.step()

    return _timed(epoch, BATCHES)


class _Layer:
    """All that a sum of gradients knows of a layer."""

    parameter_names = ("weights",)
    gradient_weights: Any = None


def sums(processes: Processes) -> dict[int, float]:
    """Median seconds of the sum of so many gradients, in float32 and the usual buckets."""
    keep_freed_memory()  # as every training does
    found = {}
    for size in SIZES:
        layers = [_Layer() for _ in range(max(1, size // 10**5))]
        own = [np.ones(size // len(layers), np.float32) for _ in layers]

        def once(layers: list[_Layer] = layers, own: list[np.ndarray] = own) -> None:
            steps = processes.steps(layers)
            for layer, gradient in zip(layers, own, strict=True):
                layer.gradient_weights = gradient
                steps[id(layer)] = True
            steps.finish()

        found[size] = _timed(once, 1, turns=max(7, min(100, 10**6 // size)))
    return found


def _timed(function: Callable[[], object], of: int, turns: int = TURNS) -> float:
    function()
    times = []
    for _ in range(turns):
        start = time.perf_counter()
        function()
        times.append((time.perf_counter() - start) / of)
    return statistics.median(times)


def _job(what: str, *arguments: str, processes: int = 1, threads: int = 1) -> Any:
    """What a program has measured, which is this one in another process or several."""
    program = [sys.executable, "-m", "benchmarks.processes", "--job", what, *arguments]
    options: dict[str, Any] = {"stdout": subprocess.PIPE, "text": True}
    variables = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    if processes > 1 and what == "torch":  # which has no need of MPI
        variables |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29541", "WORLD_SIZE": str(processes)}
        each = [{**variables, "RANK": str(rank)} for rank in range(processes)]
        running = [subprocess.Popen(program, env=one, **options) for one in each]
        said = [one.communicate()[0] for one in running]
        return json.loads(said[0].splitlines()[-1])
    if processes > 1:
        program = [launching.launcher(), "-n", str(processes), *program]
    said = subprocess.run(program, env=variables, check=True, **options).stdout
    return json.loads(said.splitlines()[-1])


def _run_job(what: str, arguments: list[str]) -> None:
    if what == "torch":
        import torch

        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        rank = int(os.environ.get("RANK", 0))
        found: Any = torchs(arguments[0], rank, int(os.environ.get("WORLD_SIZE", 1)))
    elif what == "alone":  # side by side with others that know nothing of each other
        processes = Processes()
        rank, found = processes.rank, [ours(arguments[0], share) for share in (0.5, 0.25)]
    else:
        processes = Processes()
        rank, found = processes.rank, sums(processes) if what == "sums" else ours(arguments[0], processes=processes)
    if rank == 0:
        print(json.dumps(found), flush=True)


def main() -> None:
    """Measure, print, and compare with the model."""
    parser = Parser(description=__doc__)
    parser.add_argument("--job", nargs="+", help="what one of several processes measures")
    options = parser.parse_args()
    if options.job:
        _run_job(options.job[0], options.job[1:])
        return
    print(machine())
    alone: dict[str, list[float]] = {}
    times: dict[tuple[str, str, int], list[float]] = {}
    taken: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for case in CASES:
            for whose in ("ours", "torch")[: 1 + TORCH]:
                for processes in (1, 2):
                    found = _job(whose, case, processes=processes, threads=3 - processes)
                    times.setdefault((case, whose, processes), []).append(found)
            alone.setdefault(case, []).append(_job("alone", case, processes=2))
        for size, seconds in _job("sums", processes=2).items():
            taken.setdefault(size, []).append(seconds)
    medians = {size: statistics.median(values) for size, values in taken.items()}
    links = Links.measured({int(size): seconds for size, seconds in medians.items()}, bytes_each=4)
    for size, seconds in medians.items():
        guess = links.sum_of(2, 4 * int(size))
        off = f"model {guess * 1e3:8.2f} ms, {guess / seconds - 1:+.0%}"
        print(f"sum of {int(size):>10,} gradients: {seconds * 1e3:8.2f} ms, {off}")
    for case in CASES:
        batch = NETWORKS[CASES[case]][0]
        for whose in ("ours", "torch")[: 1 + TORCH]:
            one, two = (statistics.median(times[case, whose, processes]) for processes in (1, 2))
            print(
                f"{case:<6} {whose:<6} one process, two threads {batch / one:7.0f} images/s, two processes "
                f"{batch / two:7.0f}, ratio {one / two:.2f}"
            )
        half, quarter = (statistics.median(each) for each in zip(*alone[case], strict=True))
        profile = Profile.measured(case, half, quarter, batch, sum(array.nbytes for array in _gradients(case)))
        two, guess = statistics.median(times[case, "ours", 2]), profile.step(2, batch, links)
        print(f"{case:<6} model  two processes {batch / guess:7.0f} images/s, {two / guess - 1:+.0%}")


def _gradients(case: str) -> list[np.ndarray]:
    return [array for layer in network(case).layers for array in getattr(layer, "parameters", dict)().values()]


if __name__ == "__main__":
    main()
