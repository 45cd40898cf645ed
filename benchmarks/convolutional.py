"""Training steps of convolutional networks, and convolution and pooling alone, in float32.

    python -m benchmarks.convolutional

Each next to PyTorch's eager mode where it is installed, and next to the *limit*: the time that the
step's multiplications take at the speed of this machine's largest matrix product. Each library has a
process of its own, as in a program that uses one: ours has the C library keep freed memory, which makes
PyTorch faster too where both share a process. Peak memory is measured in another one.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.feed_forward import OneBatch, torch_iteration
from benchmarks.measure import TORCH, machine, median_times_apart, report, take_turns
from Foundation.CommandLine import Parser
from Foundation.Labels import one_hot
from Layers.BatchNormalization import BatchNormalization
from Layers.Chain import Chain
from Layers.Conv import Conv
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.GlobalAveragePooling import GlobalAveragePooling
from Layers.Initializers import Constant, He
from Layers.Pooling import Pooling
from Layers.ReLU import ReLU
from Layers.Residual import Residual
from Layers.SoftMax import SoftMax
from Models import ResNet
from Network.table import rows
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Sgd

#: Batch, image shape, and the layers: ("conv", kernels, size, stride), ("pool", size), ("dense", outputs); or
#: ("resnet", depth) for all of them.
Case = tuple[int, tuple[int, int, int], list]
LENET = [("conv", 6, 5, 1), ("pool", 2), ("conv", 16, 5, 1), ("pool", 2), ("dense", 120), ("dense", 84), ("dense", 10)]
CIFAR = [("conv", 32, 3, 1), ("pool", 2), ("conv", 64, 3, 1), ("pool", 2), ("dense", 10)]
NETWORKS: dict[str, Case] = {
    "LeNet, batch 50": (50, (1, 28, 28), LENET),
    "LeNet, batch 256": (256, (1, 28, 28), LENET),
    "CIFAR-sized network, batch 64": (64, (3, 32, 32), CIFAR),
    "ResNet-8, batch 64": (64, (3, 32, 32), [("resnet", 8)]),
}
LAYERS: dict[str, Case] = {
    "Conv 32→64 3×3 on 64×32×16×16": (64, (32, 16, 16), [("conv", 64, 3, 1)]),
    "Conv 32→64 3×3 on 64×32×16×16, stride 2": (64, (32, 16, 16), [("conv", 64, 3, 2)]),
    "Pooling 2×2 on 64×32×32×32": (64, (32, 32, 32), [("pool", 2)]),
}
CASES = NETWORKS | LAYERS
LEARNING_RATE = 1e-6


def our_layers(shape: tuple[int, int, int], description: list) -> list:
    """The layers of a case, ReLU behind all but the last matrix product of a network."""
    if description[0][0] == "resnet":
        return ResNet.build(shape, depth=description[0][1], rng=0).layers
    channels, y, x = shape
    layers: list = []
    flat = False
    for kind, *sizes in description:
        if kind == "conv":
            kernels, size, stride = sizes
            layers.append(Conv(stride, (channels, size, size), kernels))
            channels, y, x = kernels, -(-y // stride), -(-x // stride)
        elif kind == "pool":
            layers.append(Pooling(sizes[0], sizes[0]))
            y, x = y // sizes[0], x // sizes[0]
        else:
            if not flat:
                layers.append(Flatten())
                flat, features = True, channels * y * x
            layers.append(FullyConnected(features, sizes[0]))
            features = sizes[0]
        if len(description) > 1 and kind != "pool":
            layers.append(ReLU())
    return [*layers[:-1], SoftMax()] if flat else layers


def torch_layers(shape: tuple[int, int, int], description: list) -> list:
    """The same as PyTorch modules, without the SoftMax that its loss contains."""
    return [torch_module(layer) for layer in our_layers(shape, description) if not isinstance(layer, SoftMax)]


def torch_module(layer: Any) -> Any:
    """The same as a module of PyTorch's."""
    from torch import nn

    class Around(nn.Module):
        def __init__(self, layers: Any, shortcut: Any) -> None:
            super().__init__()
            self.layers, self.shortcut = layers, shortcut

        def forward(self, x: Any) -> Any:
            return self.layers(x) + self.shortcut(x)

    match layer:
        case Conv():
            channels, size, _ = layer.convolution_shape
            stride, padding = layer.stride_shape[0], size // 2
            return nn.Conv2d(channels, layer.num_kernels, size, stride, padding, bias=layer.has_bias)
        case Pooling():
            return nn.MaxPool2d(layer.pooling_shape, layer.stride_shape)
        case FullyConnected():
            return nn.Linear(layer.input_size, layer.output_size)
        case BatchNormalization():
            return nn.BatchNorm2d(layer.channels)
        case Chain():
            return nn.Sequential(*map(torch_module, layer.layers))
        case Residual():
            shortcut = nn.Identity() if layer.shortcut is None else torch_module(layer.shortcut)
            return Around(nn.Sequential(*map(torch_module, layer.layers)), shortcut)
        case GlobalAveragePooling():
            return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        case Flatten():
            return nn.Flatten()
    return nn.ReLU()


def data(case: str) -> tuple[np.ndarray, np.ndarray]:
    """A random batch of images and the one-hot labels of a network."""
    batch, shape, _ = CASES[case]
    rng = np.random.default_rng(0)
    return rng.random((batch, *shape), dtype=np.float32), one_hot(rng.integers(0, 10, batch), 10, np.float32)


def our_step(case: str) -> Callable[[], object]:
    """One training step of a network; forward and backward, input error included, of a single layer."""
    (_, shape, description), (images, labels) = CASES[case], data(case)
    if case in LAYERS:
        (layer,) = our_layers(shape, description)
        if layer.trainable:
            layer.initialize(He(rng=0), Constant(0))
            layer.astype("float32")
        errors = np.ones_like(layer.forward(images))
        return lambda: (layer.forward(images), layer.backward(errors))
    net = NeuralNetwork(Sgd(LEARNING_RATE), He(rng=0), Constant(0), dtype="float32")
    net.data_layer, net.loss_layer = OneBatch(images, labels), CrossEntropyLoss()
    for layer in our_layers(shape, description):
        net.append_layer(layer)
    return lambda: net.train(1)


def torch_step(case: str) -> Callable[[], object]:
    """The same in PyTorch."""
    import torch

    (_, shape, description), (images, labels) = CASES[case], data(case)
    net = torch.nn.Sequential(*torch_layers(shape, description))
    if case in NETWORKS:
        return torch_iteration(net, images, labels, LEARNING_RATE)
    batch = torch.from_numpy(images).requires_grad_()
    errors = torch.ones_like(net(batch))

    def passes() -> None:
        net.zero_grad()
        batch.grad = None
        net(batch).backward(errors)

    return passes


def multiplications(case: str) -> int:
    """Multiply-adds of a step: forward, gradients, and the input error where it is needed."""
    batch, shape, description = CASES[case]
    tensor = np.zeros((2, *shape), np.float32)
    layers, shapes = our_layers(shape, description), []
    for layer in layers:
        tensor = layer.forward(tensor)
        shapes.append(tensor.shape)
    once = [row.multiplications or 0 for row in rows(layers, shapes) if not row.layer.startswith("BatchNormalization")]
    return batch * (3 * sum(once) - (once[0] if case in NETWORKS else 0))


def multiplications_per_second() -> float:
    """Multiply-adds per second in a large matrix product."""
    matrix = np.random.default_rng(0).random((2048, 2048), dtype=np.float32)
    times = []
    for _ in range(9):
        start = time.perf_counter()
        matrix @ matrix
        times.append(time.perf_counter() - start)
    return 2048**3 / min(times)


def peak_memory(step: Callable[[], object]) -> float:
    """By how many MB a process grows at most while it repeats a step."""
    before = _status("VmRSS")
    for _ in range(5):
        step()
    return (_status("VmHWM") - before) / 1024


def _status(key: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(key)).split()[1])


def _command(what: str, case: str, library: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.convolutional", what, case, library]


def _memory_elsewhere(case: str, library: str) -> str:
    done = subprocess.run(_command("--memory", case, library), capture_output=True, text=True, check=True)
    return f"{float(done.stdout):.0f} MB"


def main() -> None:
    """Measure and print."""
    parser = Parser(description=__doc__)
    parser.add_argument("--memory", nargs=2, metavar=("CASE", "LIBRARY"), help="print the peak memory of one case")
    parser.add_argument("--turns", nargs=2, metavar=("CASE", "LIBRARY"), help="take turns beside another process")
    options = parser.parse_args()
    steps = {"ours": our_step, "PyTorch": torch_step}
    if options.memory:
        case, library = options.memory
        print(peak_memory(steps[library](case)))
        return
    if options.turns:
        case, library = options.turns
        take_turns(steps[library](case))
        return
    libraries = list(steps) if TORCH else ["ours"]
    print(machine())
    speed = multiplications_per_second()
    for case in CASES:
        commands = {name: _command("--turns", case, name) for name in libraries}
        report(case, median_times_apart(commands, rounds=7, repeats=5, pause=0.05))
        memory = ", ".join(f"{name} {_memory_elsewhere(case, name)}" for name in libraries)
        print(f"    limit {multiplications(case) / speed * 1e3:.2f} ms; peak memory: {memory}")


if __name__ == "__main__":
    main()
