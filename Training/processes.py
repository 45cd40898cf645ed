"""Several processes, on one machine or many, that train one network together.

    trainer = Trainer(net, data, validation, callbacks, processes=Processes())
    trainer.fit(epochs=50)

is the same program alone, `python script.py`, and in parallel, `mpiexec -n 4 python script.py`. Each process holds the
whole network and takes its part of every batch. A loss is a sum over the batch, and so are all gradients; they are
added up before the step, which is then the same in every process. So any number of processes does what one does, up to
the rounding of sums in another order; with the same number, every run has the same bits.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn, TypeVar

import numpy as np

from Foundation import Checks
from Foundation.Parallel import cores, use_threads
from Layers.Composite import leaves
from Network import adopting
from Training.together import failures, handshake, launching
from Training.together.exchange import Exchange
from Training.together.sums import SummedSteps

Result = TypeVar("Result")


class Processes:
    """The processes that train one network together, of which this is one; alone where nobody has started others.

    `mpiexec` starts them, or `srun` on a cluster; each runs the same program. What they say to each other goes through
    MPI, by the package mpi4py. Each keeps to its share of the cores that they have on one machine.

    Every process has the whole network, and the parameters of it have to fit into its memory: it is the batch that is
    divided. The epochs' numbers, and what follows from them, are the same in every process. Callbacks are called in all
    of them, save those that are `only_first`: files, bars and logs are written once.

    Args:
        communicator: an mpi4py communicator of those that take part (None: all that were started together).
        synchronized: whether batch normalization has its statistics of the whole batch (True), as one process has.
            False: each process has those of its own part, without a word to the others in each layer; what the
            testing phase uses, and files hold, are the moving averages of the first one.
        bucket_bytes: how many bytes of gradients are sent together (1 MiB).

    Attributes:
        rank: the number of this process, from 0.
        size: how many there are.

    Raises:
        ImportError: where others were started and there is no MPI; the message says what to install.
        TypeError, ValueError: for arguments that are none.

    >>> processes = Processes()
    >>> processes.rank, processes.size, processes.is_first
    (0, 1, True)
    """

    def __init__(self, communicator: Any = None, *, synchronized: bool = True, bucket_bytes: int = 2**20) -> None:
        self.synchronized = Checks.truth(synchronized, "Processes", "synchronized")
        self.bucket_bytes = Checks.positive_integer(bucket_bytes, "Processes", "bucket_bytes")
        if communicator is None:
            communicator = launching.world()
        elif not hasattr(communicator, "Iallgather"):
            raise TypeError(f"Processes: expected a communicator of mpi4py, such as COMM_WORLD, got {communicator!r}")
        self.rank: int = 0 if communicator is None else communicator.Get_rank()
        self.size: int = 1 if communicator is None else communicator.Get_size()
        self._places: dict[int, tuple[int, int]] = {}
        self._asked = False
        #: Whether Ctrl-C has been pressed in one of them, as all have heard with the last batch.
        self.are_interrupted = False
        if self.size > 1:
            self._exchange = Exchange(communicator)
            failures.watch(self._exchange)
            self._share_the_cores()

    @property
    def is_first(self) -> bool:
        """Whether this is the process that writes files and shows what happens."""
        return self.rank == 0

    def shares(self, training: Any, validation: Any) -> tuple[Any, Any]:
        """This process's part of the data.

        Raises TypeError for data that can't be divided, ValueError where a batch has fewer samples than there are
        processes.
        """
        if not hasattr(training, "shard"):
            raise TypeError(
                f"Trainer: expected training data with shard(rank, size), which gives each process its part of every "
                f"batch, got {type(training).__name__}; ArrayData and ImageData have it"
            )
        smallest = getattr(training, "smallest_batch", getattr(training, "batch_size", self.size))
        if smallest < self.size:
            raise ValueError(
                f"Trainer: expected a sample for each of {self.size} processes in every batch, got a batch of "
                f"{smallest}; take a larger batch_size, last_batch='completed' or fewer processes"
            )
        sharing = hasattr(validation, "shard")
        return training.shard(self.rank, self.size), validation.shard(self.rank, self.size) if sharing else validation

    def guarded(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """What a function gives that trains; an error that this process alone meets ends all of them."""
        return failures.guarded(self._exchange, function, *arguments)

    def end(self, reason: str) -> NoReturn:
        """End all processes, for a reason that is said once."""
        failures.end_all(self._exchange, reason)

    def compare(self, trainer: Any) -> None:
        """Raise RuntimeError, in all processes, where one has other code, data or seeds than the first."""
        _refuse_memories(trainer.net)
        handshake.compare(self._exchange, trainer)

    def dividing(self, net: Any, function: Callable[[], Result]) -> Result:
        """What a function gives for which every batch of a network is this process's part of one."""
        net._processes = self
        try:
            return function()
        finally:
            del net._processes

    def steps(self, layers: Sequence[Any]) -> SummedSteps:
        """Where layers of a pass ask for their steps."""
        if not layers:  # on the way forward
            self._places.clear()
        return SummedSteps(self, self._exchange, layers, self.bucket_bytes)

    def summed(self, steps: Any) -> dict[int, bool]:
        """The steps, when the layers have the gradients of the whole batch."""
        found: dict[int, bool] = steps.finish()
        return found

    def total_loss(self, loss: float) -> float:
        """The loss of the whole batch; by the way it is heard whether the training is to end."""
        parts = self.stacked(np.array([loss, self._asked]))
        self.are_interrupted = bool(parts[:, 1].any())
        return float(sum(parts[:, 0].tolist()))

    def place_of(self, rows: int) -> tuple[int, int]:
        """How many rows of the batch the processes before this one have, and how many all have together."""
        if rows not in self._places:
            counts = self.stacked(np.array([rows]))
            self._places[rows] = int(counts[: self.rank].sum()), int(counts.sum())
        return self._places[rows]

    def stacked(self, numbers: np.ndarray) -> np.ndarray:
        """What each process has in the place of these numbers, `(processes, …)`."""
        return self._exchange.stacked(numbers)

    def interrupt(self, asked: bool = True) -> None:
        """Let all processes know, with their next message, that Ctrl-C has been pressed."""
        self._asked = asked
        self.are_interrupted = False

    @property
    def is_asked(self) -> bool:
        """Whether it has been pressed here, though nobody may have heard of it."""
        return self._asked

    def agreed(self, reason: str | None, interrupted: bool) -> tuple[str | None, bool]:
        """Why the training ends, as the first says that wants it to, and whether Ctrl-C was pressed in any."""
        said = self._exchange.objects((reason, interrupted))
        return next((reason for reason, _ in said if reason is not None), None), any(pressed for _, pressed in said)

    def any(self, condition: bool) -> bool:
        """Whether a condition holds in one of them."""
        return bool(self.stacked(np.array([condition])).any())

    def total(self, number: float) -> float:
        """The sum of the numbers that they have."""
        return float(self.stacked(np.array([number])).sum())

    def whole(self, waiting: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Batches `(loss, prediction, label, sample_weights)` of which each process has a part, as one has them."""
        parts = self._exchange.objects([batch[1:] for batch in waiting])
        return [
            (batch[0], *map(_joined, zip(*those, strict=True)))
            for batch, those in zip(waiting, zip(*parts, strict=True), strict=True)
        ]

    def dealt(self, measured: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """What all processes have measured, of one batch each in turn, until one of them has no more."""
        while True:
            found = self._exchange.objects(next(measured, None))
            yield from (one for one in found if one is not None)
            if any(one is None for one in found):
                return

    def have_what_the_first_has(self, net: Any) -> None:
        """Give all processes the moving averages of the first, where each has had its own."""
        own = not self.synchronized and any(hasattr(layer, "moving_mean") for layer in leaves(net.layers))
        if own:
            (first, *_) = self._exchange.objects(adopting.held_arrays(net.layers) if self.is_first else None)
            adopting.put_back(net.layers, first)

    def _share_the_cores(self) -> None:
        """Take as many threads as there are cores for each process on this machine."""
        own = cores()
        everybodys = self._exchange.of_this_machine(own)
        share = sum(1 / sum(core in theirs for theirs in everybodys) for core in own)
        self._exchange.has_a_core = share + 1e-9 >= 1
        use_threads(max(1, int(share + 1e-9)))  # of a third of a core thrice, rounding may leave less than one


def _refuse_memories(net: Any) -> None:
    for layer in leaves(net.layers):
        if getattr(layer, "memorize", False):
            raise ValueError(
                f"{layer!r}: expected memorize = False with several processes, got True: the state that it carries on "
                "is of the rows of one process, and no file could hold it"
            )


def _joined(parts: Sequence[Any]) -> Any:
    return None if parts[0] is None else np.concatenate(parts)
