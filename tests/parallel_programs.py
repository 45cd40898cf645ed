"""Programs that go wrong in one process or in all.

mpiexec -n 2 python -m tests.parallel_programs FILE RANK WHAT …
"""

import os
import signal
import sys
import time

import numpy as np

from Layers.LSTM import LSTM
from tests.training_cases import data, network, trainer
from Training.callbacks import Callback, Checkpoint
from Training.processes import Processes
from Training.together import handshake

EPOCHS = 3


class Wrong(Callback):
    """Something that one process does in the midst of a training, or all do (a rank of -1)."""

    def __init__(self, what, rank):
        self.what, self.rank = what, rank

    def on_batch_end(self, batch, logs):
        here = self.trainer.processes.rank
        if self.trainer.epoch < 1 or self.rank not in (here, -1):
            return
        if self.what == "raises":
            print(time.time() if here == self.rank else "", flush=True)
            raise KeyError(f"the mistake of process {here + 1}")
        if self.what == "leaves":
            os._exit(3)
        if self.what in ("is killed", "is interrupted"):
            os.kill(os.getpid(), signal.SIGKILL if self.what == "is killed" else signal.SIGINT)
        if self.what == "stops":
            self.trainer.stop(f"process {here + 1} has seen enough")


def attempt(processes, path, rank, what):
    """Train, where one process (all: -1) is or does something that it shouldn't."""
    here = processes.rank in (rank, -1)
    if what == "has no data" and here:
        raise FileNotFoundError("the data of one process")
    training = data(rng=int(what == "has other seeds" and here))
    if what == "has other data" and here:
        training = data(seed=1, rng=0)
    if what == "has too few":
        training = data(samples=1)
    rooms, version = handshake._ROOMS, np.__version__
    try:
        if what == "has other code" and here:
            handshake._ROOMS = rooms[1:]
        if what == "has another NumPy" and here:
            np.__version__ = "1.0"
        hidden = [LSTM(6, 6, 6)] if what == "memorizes" else []
        for layer in hidden:
            layer.memorize = True
        net = network(*hidden)
        callbacks = [Wrong(what, rank), Checkpoint(f"{path}.{processes.rank}")]
        one = trainer(net, callbacks, training=training, processes=processes)
        history = one.fit(EPOCHS)
        return f"{history.interrupted}, {one.stopped}, {one.epoch}, {len(net.loss)} losses"
    finally:
        handshake._ROOMS, np.__version__ = rooms, version


def main(path, rank, *everything):
    processes = Processes()
    if "ends early" in everything and processes.rank == int(rank):
        return
    said = []
    for what in everything:
        try:
            ended = attempt(processes, path, int(rank), what)
        except (ValueError, RuntimeError) as error:  # which all raise alike
            if len(everything) == 1:
                raise
            ended = str(error)
        said.append(f"rank {processes.rank} {what}: {ended}")
    every = processes._exchange.objects(said)
    if processes.is_first:  # since lines of several may be mixed up on their way
        print(*(line for lines in every for line in lines), sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
