"""How several processes share a batch: each takes some rows, in the order of the processes.

A layer whose formula is about the whole batch, or which draws random numbers for it, asks `others` who has the rest.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from Foundation import Checks
from Foundation.Supervision import running_network


class Processes(Protocol):
    """The processes that run one network together, as a layer knows them."""

    #: Whether statistics of a batch are those of all its rows.
    synchronized: bool

    def place_of(self, rows: int) -> tuple[int, int]:
        """How many rows the processes before this one have, which has so many, and how many all have together."""

    def stacked(self, numbers: np.ndarray) -> np.ndarray:
        """What each process has in the place of these numbers, `(processes, …)`, the same array everywhere."""


class SharedSteps(dict[int, bool]):
    """The steps that layers ask for, see `Supervision.supervised`, where other processes have the rest of the batch.

    Args:
        processes: all of them.
        steps: the layers of the network by their id.
    """

    def __init__(self, processes: Processes, steps: Mapping[int, bool]) -> None:
        super().__init__(steps)
        self.processes = processes


def others() -> Processes | None:
    """The processes that run the network on this batch; None where this one is alone.

    >>> others() is None
    True
    """
    return getattr(running_network(), "processes", None)


def part(count: int, rank: int, size: int) -> slice:
    """The places, of so many, that belong to one of several processes.

    >>> [part(7, rank, 3) for rank in range(3)]
    [slice(0, 2, None), slice(2, 4, None), slice(4, 7, None)]
    """
    return slice(count * rank // size, count * (rank + 1) // size)


def check_share(rank: Any, size: Any, owner: str) -> tuple[int, int]:
    """The number of a process and how many there are; raises TypeError or ValueError for what is none.

    >>> check_share(1, 2, "ArrayData")
    (1, 2)
    """
    size = Checks.positive_integer(size, f"{owner}.shard", "size")
    rank = Checks.integer(rank, f"{owner}.shard", "rank", least=0)
    if rank >= size:
        raise ValueError(f"{owner}.shard: expected a rank below the size of {size}, got {rank}; the first is 0")
    return rank, size
