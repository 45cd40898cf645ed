"""The gradients of all processes, added up while the layers below still compute theirs.

They are put into buckets in the order in which `backward` comes by, so that few messages are sent; a full bucket is on
its way at once. Each process adds up its share of the numbers of a bucket, in the order of the processes, and all
collect the sums: twice the bytes of the gradients go through each process, whatever the number of them.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

from Foundation.Shares import Processes, SharedSteps
from Foundation.SparseRows import SparseRows
from Layers.Composite import leaves
from Training.together.exchange import Exchange


class SummedSteps(SharedSteps):
    """The steps that layers ask for; each whose gradients are there has them added up.

    Args:
        processes: who has the rest of the batch.
        exchange: their messages.
        layers: of the network.
        bucket_bytes: of gradients, which are sent together.
    """

    def __init__(self, processes: Processes, exchange: Exchange, layers: Sequence[Any], bucket_bytes: int) -> None:
        super().__init__(processes, dict.fromkeys(map(id, layers), False))
        self._waiting_for = {id(layer): layer for layer in leaves(layers)}
        self._exchange, self._bucket_bytes = exchange, bucket_bytes
        self._filling: list[tuple[Any, str, np.ndarray]] = []
        self._bytes = 0
        self._sent: deque[_Bucket] = deque()
        self._collected: deque[_Bucket] = deque()
        self._sparse: list[tuple[Any, str, SparseRows]] = []

    def __setitem__(self, layer: int, due: bool) -> None:
        super().__setitem__(layer, due)
        if due and layer in self._waiting_for:
            self._add(self._waiting_for.pop(layer))

    def finish(self) -> dict[int, bool]:
        """Wait for all sums, which the layers have then in the place of their gradients; gives the steps."""
        self._send()
        while self._sent or self._collected:
            self._go_on(wait=True)
        if self._sparse:
            found = self._exchange.objects([rows.parts for _, _, rows in self._sparse])
            for (layer, name, own), parts in zip(self._sparse, zip(*found, strict=True), strict=True):
                rows, values = (np.concatenate([part[place] for part in parts]) for place in (0, 1))
                setattr(layer, name, SparseRows.summed(own.shape, rows, values, own.lazy))
        return dict(self)

    def _add(self, layer: Any) -> None:
        for parameter in layer.parameter_names:
            name = f"gradient_{parameter}"
            gradient = getattr(layer, name, None)
            if isinstance(gradient, SparseRows):
                self._sparse.append((layer, name, gradient))
            elif gradient is not None:
                gradient = np.asarray(gradient)
                if self._filling and self._filling[0][2].dtype != gradient.dtype:
                    self._send()
                self._filling.append((layer, name, gradient))
                self._bytes += gradient.nbytes
                if self._bytes >= self._bucket_bytes:
                    self._send()
        self._go_on()

    def _send(self) -> None:
        if self._filling:
            self._sent.append(_Bucket(self._exchange, self._filling))
            self._filling, self._bytes = [], 0

    def _go_on(self, wait: bool = False) -> None:
        """Take each bucket as far as it goes without waiting, or else the first one to the end."""
        while self._sent and self._sent[0].has_come(wait):
            self._sent[0].collect()
            self._collected.append(self._sent.popleft())
        while self._collected and self._collected[0].has_come(wait):
            self._collected.popleft().hand_out()


class _Bucket:
    """Gradients on their way.

    Args:
        exchange: the messages.
        gradients: the layer, the name of the attribute and the array of each, all of one type.
    """

    def __init__(self, exchange: Exchange, gradients: list[tuple[Any, str, np.ndarray]]) -> None:
        self._exchange, self._places = exchange, [(layer, name, array.shape) for layer, name, array in gradients]
        length = sum(array.size for _, _, array in gradients)
        share = -(-length // exchange.size)
        own = np.empty((exchange.size, share), gradients[0][2].dtype)
        np.concatenate([array.ravel() for _, _, array in gradients], out=own.ravel()[:length])
        own.ravel()[length:] = 0
        self._numbers, self._parts = own, np.empty_like(own)
        self._request = exchange.scatter.Ialltoall(own, self._parts)

    def has_come(self, wait: bool) -> bool:
        if wait:
            self._exchange.wait(self._request)
            return True
        return bool(self._request.Test())

    def collect(self) -> None:
        """Add up this process's share, and have all the others'."""
        total = self._parts[0]
        for part in self._parts[1:]:
            total += part
        self._request = self._exchange.collect.Iallgather(total, self._numbers)

    def hand_out(self) -> None:
        """Give the layers the sums."""
        numbers, begin = self._numbers.ravel(), 0
        for layer, name, shape in self._places:
            end = begin + int(np.prod(shape))
            setattr(layer, name, numbers[begin:end].reshape(shape))
            begin = end
