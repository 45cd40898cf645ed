"""A training that writes files, or goes on from one.

mpiexec -n 3 python -m tests.parallel_checkpoints FOLDER [FILE]
"""

import sys

import numpy as np

from Layers.Dropout import Dropout
from Optimization.Optimizers import SgdWithMomentum
from tests.training_cases import network, trainer
from Training.callbacks import Checkpoint, EarlyStopping, ReduceOnPlateau
from Training.processes import Processes

EPOCHS = 4


def trained(folder, resume=None, processes=None):
    """The losses, the parameters and the history in the end."""
    net = network(Dropout(0.7), Dropout(0.9, rng=3), optimizer=SgdWithMomentum(0.02, 0.9))
    net.accumulate = 3
    watching = [EarlyStopping(patience=9), ReduceOnPlateau(patience=1, factor=0.5)]
    np.random.seed(5)  # noqa: NPY002
    one = trainer(net, [*watching, Checkpoint(f"{folder}/run", every=2, keep=9)], processes=processes)
    history = one.fit(EPOCHS, resume=resume)
    return [*net.loss, *np.concatenate([net.layers[place].weights.ravel() for place in (0, 4)])], dict(history)


if __name__ == "__main__":
    processes = Processes()
    numbers, history = trained(*sys.argv[1:], processes=processes)
    if processes.is_first:
        print(repr((numbers, history)).replace("np.float64", ""))
