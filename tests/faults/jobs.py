"""What is broken off at random moments: training, saving, loading and the generator, again and again.

Each job has a folder of its own, and says afterwards whether everything in it is whole.
"""

import hashlib
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from Foundation.Supervision import running_network
from Foundation.Underflow import underflow_is_ignored
from Generator.generator import ImageGenerator
from Layers.BatchNormalization import BatchNormalization
from Layers.Conv import Conv
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.ReLU import ReLU
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L2_Regularizer
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam

ROOT = Path(__file__).parent.parent.parent
PICTURES, LABELS = ROOT / "Generator" / "Sample_data", ROOT / "Generator" / "Labels.json"


class OneBatch:
    """The same pictures again and again."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.batch = rng.standard_normal((8, 1, 8, 8)), np.eye(3)[np.arange(8) % 3]

    def next(self) -> tuple[np.ndarray, np.ndarray]:
        """The batch."""
        return self.batch


def network() -> NeuralNetwork:
    """One in which every kind of state is: moments, counts, moving averages, and work that threads share."""
    net = NeuralNetwork(Adam(0.001, regularizer=L2_Regularizer(1e-3)), He(rng=0), Constant(0.1))
    net.data_layer, net.loss_layer = OneBatch(), CrossEntropyLoss()
    layers = Conv(1, (1, 3, 3), 4), BatchNormalization(4), ReLU(), Flatten(), FullyConnected(256, 40), ReLU()
    for layer in (*layers, FullyConnected(40, 3), SoftMax()):
        net.append_layer(layer)
    return net


def learnt(net: NeuralNetwork) -> str:
    """The sum of all that the steps have moved, and the numbers of steps."""
    found = hashlib.sha256()
    for layer in net.layers:
        for name, optimizer in getattr(layer, "optimizers", {}).items():
            for part in (vars(layer)[name], *(getattr(optimizer, moment) for moment in optimizer.remembered)):
                found.update(np.asarray(0.0 if part is None else part).tobytes())
            found.update(str(optimizer.steps_taken).encode())
    found.update(str(len(net.loss)).encode())
    return found.hexdigest()


def settings() -> dict[str, Any]:
    """The settings of the process that a library that was broken off must have put back."""
    from threadpoolctl import threadpool_info

    return {
        "NumPy's errors": np.geterr(),
        "NumPy's buffers": np.getbufsize(),
        "threads": [(library["internal_api"], library["num_threads"]) for library in threadpool_info()],
        "whether underflow is ignored": underflow_is_ignored(),
        "which network runs": running_network(),
        "Ctrl-C": signal.getsignal(signal.SIGINT),
        "whether layers have first values": FullyConnected(1, 1).weights.flags.writeable,
    }


class Job:
    """What is done again and again in a folder, and what has to hold whenever it was broken off."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def work(self) -> None:
        """Do it once."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise AssertionError where something is lost or half done, in the process that was interrupted."""

    @classmethod
    def check_folder(cls, folder: Path) -> None:
        """The same for what a process leaves that was killed."""


class Train(Job):
    """Train a network."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.net, self.reference, self.known = network(), network(), {}
        self.known[0] = learnt(self.reference)

    def work(self) -> None:
        """Take three steps."""
        self.net.train(3)

    def check(self) -> None:
        """As many steps as have been taken lead where they lead when nobody interrupts them."""
        steps = self.net.layers[0].optimizer.steps_taken
        while len(self.known) <= steps:
            self.reference.train(1)
            self.known[len(self.known)] = learnt(self.reference)
        assert learnt(self.net) == self.known[steps], f"the network isn't what {steps} steps make of it"


class Save(Train):
    """Train a network, save it, and go on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.saved = 0
        if (folder / "net").exists():
            self.net = NeuralNetwork.load(folder / "net", OneBatch())

    def work(self) -> None:
        """Take a step and save."""
        self.net.train(1)
        NeuralNetwork.save(self.folder / "net", self.net)
        self.saved = self.net.layers[0].optimizer.steps_taken

    def check(self) -> None:
        """The network is whole, and so is the file, which is no older than the last that was saved to the end."""
        super().check()
        if (self.folder / "net").exists():
            saved = NeuralNetwork.load(self.folder / "net", OneBatch())
            steps = saved.layers[0].optimizer.steps_taken
            assert learnt(saved) == self.known[steps], f"the file isn't what {steps} steps make of the network"
            assert steps >= self.saved, "the file is older than the last save"

    @classmethod
    def check_folder(cls, folder: Path) -> None:
        """The file is whole; after the next save nothing else is there."""
        job = cls(folder)
        job.check()
        job.work()
        assert [path.name for path in folder.iterdir()] == ["net"], "the next save leaves parts of a file"


class Load(Job):
    """Load a network."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        net = network()
        net.train(2)
        self.expected = learnt(net)
        if not (folder / "net").exists():
            NeuralNetwork.save(folder / "net", net)

    def work(self) -> None:
        """Load it, and see what it is."""
        self.check()

    def check(self) -> None:
        """The file is what it was."""
        assert learnt(NeuralNetwork.load(self.folder / "net", None)) == self.expected, "the file is another"

    @classmethod
    def check_folder(cls, folder: Path) -> None:
        """The file is what it was, and nothing else is there."""
        cls(folder).check()
        assert [path.name for path in folder.iterdir()] == ["net"]


class Generate(Job):
    """Take batches from a generator whose workers read pictures ahead."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.generator = self.made()
        self.others = self.made(workers=0)

    @staticmethod
    def made(workers: int = 2) -> ImageGenerator:
        """A generator that always gives the same batches."""
        return ImageGenerator(PICTURES, LABELS, 7, [16, 16, 3], mirroring=True, shuffle=True, rng=0, workers=workers)

    def work(self) -> None:
        """Take four batches."""
        for _ in range(4):
            self.generator.next()

    def check(self) -> None:
        """The next batch is one that a generator without workers gives: none is lost, torn or doubled."""
        images, labels = self.generator.next()
        for _ in range(2000):  # as many as an interrupt may have let pass
            other, other_labels = self.others.next()
            if np.array_equal(other, images) and np.array_equal(other_labels, labels):
                return
        raise AssertionError("the next batch is not among the next ones of a generator that nobody interrupted")


JOBS: dict[str, Callable[[Path], Job]] = {"train": Train, "save": Save, "load": Load, "generator": Generate}
