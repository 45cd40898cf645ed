"""Messages among processes, by MPI: each that is sent by one is sent by all, in the same order.

What comes back is the same in every process, bit by bit: whoever adds up does so in the order of the processes, and
leaves nothing to the choice of an algorithm. Nobody waits inside MPI, which would neither hear Ctrl-C nor let another
process have the core.
"""

import os
import pickle
import time
from collections.abc import Callable
from typing import Any

import numpy as np

#: Seconds for which one waits awake: MPI moves large messages, piece by piece, only while both sides look at them.
_AWAKE, _AWAKE_ON_A_SHARED_CORE = 5e-3, 2e-4
_LONGEST_NAP = 1e-3  # seconds
_LOOK_ROUND = 0.2  # seconds, after which one looks whether all are still there
_LEFT = 1  # the tag of the message of a process that ends


class Exchange:
    """The messages of one process to all others and from them.

    Args:
        communicator: of mpi4py, whose processes these are; no message of it is touched.

    Attributes:
        rank: the number of this process, from 0.
        size: how many there are.
        has_a_core: whether no other process needs the core of this one while it waits.
    """

    def __init__(self, communicator: Any) -> None:
        self.rank, self.size = communicator.Get_rank(), communicator.Get_size()
        self.has_a_core = True
        self._given = communicator
        # One for each kind of message: on each, all processes send in one order.
        self._numbers, self.scatter, self.collect, self._alarm, self._end = (communicator.Dup() for _ in range(5))

    def stacked(self, numbers: np.ndarray) -> np.ndarray:
        """The arrays of one shape that the processes have, `(size, …)`, of float64 or whole numbers."""
        own = np.ascontiguousarray(numbers)
        all_of_them = np.empty((self.size, *own.shape), own.dtype)
        self.wait(self._numbers.Iallgather(own, all_of_them))
        return all_of_them

    def objects(self, own: Any) -> list[Any]:
        """What each process has, in their order: anything that can be pickled."""
        written = np.frombuffer(pickle.dumps(own, protocol=5), np.uint8)
        lengths = self.stacked(np.array([len(written)])).ravel()
        every = np.empty(int(lengths.sum()), np.uint8)
        places = np.cumsum(lengths) - lengths
        self.wait(self._numbers.Iallgatherv(written, [every, lengths, places, _byte()]))
        return [pickle.loads(every[place : place + count].data) for place, count in zip(places, lengths, strict=True)]

    def wait(self, request: Any) -> None:
        """Wait for a message; raises RuntimeError where a process has ended that it would have to come from."""
        begun = looked = time.perf_counter()
        nap, awake = 2e-5, _AWAKE if self.has_a_core else _AWAKE_ON_A_SHARED_CORE
        while not request.Test():
            now = time.perf_counter()
            if now - begun < awake:
                os.sched_yield() if hasattr(os, "sched_yield") else None
                continue
            time.sleep(nap)
            nap = min(1.2 * nap, _LONGEST_NAP)
            if now - looked > _LOOK_ROUND:
                looked = now
                self._refuse_to_wait_for_the_dead()

    def all_within(self, seconds: float) -> bool:
        """Whether all processes ask this within so many seconds. Where they don't, no message may follow."""
        return _done(self._alarm.Ibarrier().Test, seconds)

    def leave(self) -> None:
        """Say that this process ends, and wait until all do; whoever waits for another message hears of it."""
        told = [0] if self.rank else range(1, self.size)
        requests = [self._end.Isend(b"", rank, _LEFT) for rank in told]
        _done(self._end.Ibarrier().Test, float("inf"))
        for _ in range(self.size - 1 if self.rank == 0 else 1):
            self._end.Recv(bytearray(), tag=_LEFT)
        for request in requests:
            request.Wait()

    def abort(self) -> None:
        """End all processes at once."""
        self._given.Abort(1)

    def of_this_machine(self, own: Any) -> list[Any]:
        """What each process on this machine has."""
        here = self._given.Split_type(_mpi().COMM_TYPE_SHARED)
        try:
            found: list[Any] = here.allgather(own)
        finally:
            here.Free()
        return found

    def _refuse_to_wait_for_the_dead(self) -> None:
        status = _mpi().Status()
        if self._end.Iprobe(_mpi().ANY_SOURCE, _LEFT, status):
            raise RuntimeError(
                f"process {status.Get_source() + 1} of {self.size} has ended, and this one waits for it; all have to "
                "do the same: the same number of epochs, and none leaves early"
            )


def _done(test: Callable[[], bool], seconds: float) -> bool:
    latest = time.monotonic() + seconds
    while not test():
        if time.monotonic() > latest:
            return False
        time.sleep(_LONGEST_NAP)
    return True


def _mpi() -> Any:
    from mpi4py import MPI

    return MPI


def _byte() -> Any:
    return _mpi().BYTE
