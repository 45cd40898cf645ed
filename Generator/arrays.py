"""Arrays as a data layer: features, images or sequences with their labels, in batches.

One line connects a network with its data::

    net.data_layer = ArrayData(X, y)        # or, with nothing else to say: net.data_layer = (X, y)
"""

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks
from Foundation.Labels import balanced
from Foundation.Randomness import as_generator
from Foundation.Shares import check_share, part

from .checksums import checksum
from .epochs import EpochOrder
from .preparation import ArrayPreparation
from .randomness import Seed, draw_seed
from .samples import Samples, are_sequences
from .splitting import choose_held_back
from .state import read_state, written_state
from .targets import Targets

__all__ = ["ArrayData"]

_OWNER = "ArrayData"
_LAST_BATCHES = ("completed", "short")


class ArrayData:
    """A data layer made of arrays: samples, their labels and, where there are any, weights and lengths.

    In an epoch every sample comes once, in a new random order or in the stored one. What labels are is found out from
    them and from the loss of the network, and said by `print(data)`: class numbers and names become one-hot rows, one
    number for each sample a column. Nothing is copied but the rows of a batch: an array may be larger than the memory
    and mapped from a file, `np.load("X.npy", mmap_mode="r")`.

    Shapes:
        X (samples, …), or a list of sequences (time, features) of different lengths, of which a batch is padded to the
        longest of its own; y (samples,) or (samples, …), or for each time step (samples, time, …) or a list.
        A batch is `(inputs, labels)`; with weights `(inputs, labels, weights)`; with lengths `(inputs, labels,
        weights or None, lengths)`, see `Foundation.Batches.Batch`. Where labels are of each time step, weights
        are (batch, time) and 0 on padding.

    Args:
        X: numbers; their type stays, integers and float32 too.
        y: class numbers, names of classes, one-hot rows, 0 or 1 for each of several labels, or numbers to be predicted.
        batch_size: samples in a batch (default 32); a smaller set is one batch.
        shuffle: whether each epoch has an order of its own (default True).
        rng: a seed or a `numpy.random.Generator` (default None: NumPy's global state, from which one seed is drawn when
            the first shuffled batch is asked for).
        weights: (samples,), how much each sample counts in the loss, at least 0 (default None: all alike); or
            "balanced": classes count alike, however few samples they have, see `Foundation.Labels.balanced`.
        lengths: (samples,), the time steps of each sequence of an array (samples, time, features); what lies behind
            them is padding (default None: there is none).
        targets: what y is, one of "classes", "one-hot", "multi-label", "binary" (0 or 1 in one column) and "regression"
            (default None: what it looks like, and what the loss takes).
        classes: how many classes there are, or their names in their order (default None: as many as y has).
        last_batch: "completed" with the first samples of the epoch, as `ImageGenerator` does (default), or "short".

    Attributes:
        class_names: the names of the classes, () where they have none.

    Raises TypeError or ValueError, saying which, for arrays that don't belong together, are empty, or hold NaN or
    infinity; for weights that are negative or all 0; for labels that aren't what they are said to be.

    >>> data = ArrayData([[5.1, 3.5], [4.9, 3.0], [6.2, 2.9]], ["setosa", "setosa", "virginica"], 2, shuffle=False)
    >>> data
    ArrayData(3 samples (2,), 2 classes as one-hot rows, batch_size=2, shuffle=False, last_batch='completed')
    >>> inputs, labels = data.next()
    >>> labels.tolist()
    [[1.0, 0.0], [1.0, 0.0]]
    >>> words = ArrayData([np.ones((2, 4)), np.ones((3, 4))], [1, 0], shuffle=False).next()
    >>> words[0].shape, words[3]
    ((2, 3, 4), array([2, 3]))
    """

    def __init__(
        self,
        X: Any,
        y: Any,
        batch_size: int = 32,
        shuffle: bool = True,
        rng: int | np.random.Generator | None = None,
        weights: Any = None,
        *,
        lengths: Any = None,
        targets: str | None = None,
        classes: Any = None,
        last_batch: str = "completed",
    ) -> None:
        self.batch_size = Checks.positive_integer(batch_size, _OWNER, "batch_size")
        self.shuffle = Checks.truth(shuffle, _OWNER, "shuffle")
        self.rng = as_generator(rng, _OWNER)
        if last_batch not in _LAST_BATCHES:
            raise ValueError(f"{_OWNER}: expected last_batch to be 'completed' or 'short', got {last_batch!r}")
        self.last_batch = last_batch
        sequences = lengths is None and are_sequences(X, y)
        self._inputs = Samples(X, "X", _OWNER, lengths, sequences)
        if len(self._inputs.shape) < 2:
            raise ValueError(
                f"{_OWNER}: expected X (samples, features), got shape {self._inputs.shape}; X.reshape(-1, 1) makes one "
                "feature of numbers"
            )
        self._targets = Targets(y, _OWNER, targets, classes, self._inputs)
        self._chosen: NDArray[np.int64] | None = None
        self._share = 0, 1
        self._preparation: tuple[Any, ArrayPreparation] | None = None
        self._weights = None if weights is None else self._read_weights(weights)
        self._begin(self._inputs.shape[0])

    def _begin(self, size: int) -> None:
        self._order = EpochOrder(size, min(self.batch_size, size), self.shuffle)
        self._seed: Seed | None = None
        self._delivered = 0

    def next(self) -> tuple[Any, ...]:
        """Return the next batch; all arrays are the caller's own.

        Raises ValueError where a file that X or y is mapped from holds NaN or infinity there.

        >>> data = ArrayData(np.arange(6).reshape(3, 2), [0.5, 1.5, 2.5], 2, shuffle=False, weights=[1, 2, 3])
        >>> [array.tolist() for array in data.next()]
        [[[0, 1], [2, 3]], [[0.5], [1.5]], [1.0, 2.0]]
        """
        indices = self._order.indices(self._delivered, self._current_seed())
        if self.last_batch == "short":
            place = self._delivered % self._order.batches_per_epoch
            indices = indices[: self._order.size - place * self._order.batch_size]
        batch = self._batch(indices, part(len(indices), *self._share))
        self._delivered += 1
        return batch

    def batches(self) -> Iterator[tuple[Any, ...]]:
        """Give everything once, in the stored order, the last batch short; where `next` stands doesn't change.

        >>> data = ArrayData(np.zeros((3, 1)), [0, 1, 2], 2)
        >>> [labels.argmax(axis=1).tolist() for _, labels in data.batches()]
        [[0, 1], [2]]
        """
        rank, size = self._share
        for start in range(rank * self.batch_size, self._order.size, size * self.batch_size):
            yield self._batch(np.arange(start, min(start + self.batch_size, self._order.size)))

    def split(
        self, share: float, stratify: Any = None, rng: int | np.random.Generator | None = None
    ) -> tuple["ArrayData", "ArrayData"]:
        """Return two parts: one to train with, and one to validate or test with, which is never shuffled.

        Both begin at their beginning, and neither copies anything. The first draws from the same `rng`.

        Args:
            share: between 0 and 1, how much of the whole the second part is.
            stratify: whether the share is taken of each class, of which one sample at least stays in the first part; or
                (samples,), the groups to take it of (default None: of each class where there are classes).
            rng: a seed or generator for the choice (default None: the data's own, or NumPy's global state).

        Raises TypeError or ValueError where nothing would be kept back, or samples have no classes to take it of.

        >>> training, validation = ArrayData(np.zeros((10, 1)), [0, 1] * 5, rng=0).split(0.4)
        >>> training.number_of_samples, validation.number_of_samples
        (6, 4)
        """
        owner = f"{_OWNER}.split"
        source = self.rng if rng is None else as_generator(rng, owner)
        held_back = choose_held_back(self._groups(stratify, owner), share, source, owner)
        training = self._part(np.flatnonzero(~held_back), self.shuffle)
        return training, self._part(np.flatnonzero(held_back), False)

    def shard(self, rank: int, size: int) -> "ArrayData":
        """Return the part of one of several processes: `next` gives its samples of every batch.

        The parts make up the whole batch, one after the other in the order of the processes; sequences are as long in
        each as in the whole. `batches` gives every so-manieth batch as a whole. It begins where this data stands.

        Args:
            rank: the number of the process, from 0.
            size: how many there are; of a batch that doesn't divide, some have one sample more.

        Raises TypeError or ValueError where there is no such process.

        >>> whole = ArrayData(np.arange(6).reshape(3, 2), [0.5, 1.5, 2.5], 3, shuffle=False)
        >>> [whole.shard(rank, 2).next()[0].tolist() for rank in range(2)]
        [[[0, 1]], [[2, 3], [4, 5]]]
        """
        share = check_share(rank, size, _OWNER)
        self._current_seed()  # which all parts have
        shard = copy.copy(self)
        shard._share = share
        return shard

    @property
    def smallest_batch(self) -> int:
        """How many samples the smallest batch of `next` has."""
        last = self._order.size - (self._order.batches_per_epoch - 1) * self._order.batch_size
        return last if self.last_batch == "short" else self._order.batch_size

    def checksum(self) -> str:
        """Return a text that tells these samples and labels from others, by a part of them where they are many.

        >>> ArrayData([[1.0]], [0.5]).checksum() == ArrayData([[2.0]], [0.5]).checksum()
        False
        """
        return checksum(self.number_of_samples, self._batch, self.class_names)

    def bind(self, loss_layer: Any) -> None:
        """Give labels from now on as this loss takes them; a network does so when it is trained.

        Raises ValueError, naming both and changing nothing, where the labels are nothing that the loss takes.

        >>> class SquaredError:
        ...     wanted_labels = "numbers"
        >>> data = ArrayData(np.zeros((3, 2)), [20, 30, 40])
        >>> data.bind(SquaredError())
        >>> data
        ArrayData(3 samples (2,), targets of a regression, (1,), batch_size=32, shuffle=True, last_batch='completed')
        """
        self._targets.take_from(loss_layer)

    @property
    def epoch(self) -> int:
        """How often the set has been started over: it rises with the batch that does so.

        >>> data = ArrayData(np.zeros((4, 1)), [0, 1, 0, 1], 2)
        >>> [data.next() and data.epoch for _ in range(3)]
        [0, 0, 1]
        """
        return self._order.epoch(max(self._delivered - 1, 0))

    @property
    def number_of_batches(self) -> int:
        """How many batches an epoch has."""
        return self._order.batches_per_epoch

    @property
    def number_of_samples(self) -> int:
        """How many samples there are, each of which comes once in an epoch."""
        return self._order.size

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes, () where they have none."""
        return self._targets.class_names

    @property
    def preparation(self) -> ArrayPreparation:
        """The shape of a sample and the names of the classes, which a network keeps for `classify`.

        >>> ArrayData([[5.1, 3.5], [4.9, 3.0]], ["setosa", "virginica"]).preparation
        ArrayPreparation(sample_shape=(2,), class_names=('setosa', 'virginica'))
        """
        made_for = self._targets, self.targets  # which a loss may change
        if self._preparation is None or self._preparation[0] != made_for:
            shape = self._inputs.shape[1:] if self._inputs.lengths is None else (None, *self._inputs.shape[2:])
            count = 2 if self.targets == "binary" else self.number_of_classes or 0
            self._preparation = made_for, ArrayPreparation(shape, self.class_names or tuple(map(str, range(count))))
        return self._preparation[1]

    @property
    def number_of_classes(self) -> int | None:
        """How many classes there are, None where numbers are to be learnt."""
        return self._targets.number_of_classes

    @property
    def class_counts(self) -> NDArray[np.int64] | None:
        """How many samples each class has, (classes,); None where samples have no class.

        >>> ArrayData(np.zeros((3, 1)), ["cat", "dog", "cat"]).class_counts.tolist()
        [2, 1]
        """
        chosen = np.arange(self.number_of_samples) if self._chosen is None else self._chosen
        groups = self._targets.groups(chosen)
        return None if groups is None else np.bincount(groups, minlength=self.number_of_classes or 0)

    @property
    def targets(self) -> str:
        """What the labels are: one of the words that the argument may be."""
        return self._targets.kind

    @property
    def state(self) -> dict[str, Any]:
        """The place and everything random, for a checkpoint: assign it to go on from there, see `ImageGenerator.state`.

        It fits data of the same size and options. Assigning raises TypeError or ValueError, before anything has
        changed, for what is no such dictionary.

        >>> data = ArrayData(np.arange(9).reshape(9, 1), np.zeros(9), 2, rng=0)
        >>> saved = data.state
        >>> following = data.next()
        >>> data.state = saved
        >>> bool((data.next()[0] == following[0]).all())
        True
        """
        return written_state(self._delivered, self._current_seed(), self.rng)

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        self._delivered, self._seed = read_state(state, self.rng, _OWNER)

    def __repr__(self) -> str:
        kind = f"sequences of up to {self._inputs.shape[1]} steps" if self._inputs.lengths is not None else "samples"
        axes = Checks.shape_text(self._inputs.shape[2 if self._inputs.lengths is not None else 1 :])
        weighted = ", weighted" if self._weights is not None else ""
        return (
            f"ArrayData({self.number_of_samples} {kind} {axes}, {self._targets.description}{weighted}, "
            f"batch_size={self.batch_size}, shuffle={self.shuffle}, last_batch={self.last_batch!r})"
        )

    def _current_seed(self) -> Seed | None:
        if self._seed is None and self.shuffle:
            self._seed = draw_seed(self.rng)
        return self._seed

    def _batch(self, indices: NDArray[np.int64], here: slice = slice(None)) -> tuple[Any, ...]:
        """The samples at these places, or only some of them; sequences are as long as all of them make them."""
        places = indices if self._chosen is None else self._chosen[indices]
        lengths = self._inputs.lengths
        if lengths is None:
            places = places[here]
            batch = self._inputs.read(places), self._targets.read(places)
            return batch if self._weights is None else (*batch, self._weights.read(places))
        inputs, targets = self._inputs.read(places), self._targets.read(places)
        weights = self._weights_of_sequences(places, inputs.shape[1])
        whole = inputs, targets, weights, lengths[places]
        return whole if here == slice(None) else tuple(None if one is None else one[here] for one in whole)

    def _weights_of_sequences(self, places: NDArray[np.int64], steps: int) -> NDArray[Any] | None:
        weights = None if self._weights is None else self._weights.read(places)
        lengths = self._inputs.lengths
        if not self._targets.of_each_step or lengths is None:
            return weights
        shown = (np.arange(steps) < lengths[places, np.newaxis]).astype(float)
        return (
            shown if weights is None else shown * (weights[:, :steps] if weights.ndim == 2 else weights[:, np.newaxis])
        )

    def _read_weights(self, weights: Any) -> Samples:
        if isinstance(weights, str) and weights == "balanced":
            groups = self._targets.groups(np.arange(self._inputs.shape[0]))
            if groups is None:
                raise ValueError(
                    f"{_OWNER}: expected samples with classes to balance, got {self._targets.description}; give a "
                    "weight for each sample"
                )
            weights = balanced(np.bincount(groups), _OWNER)[groups]
        array = Checks.number_array(weights, _OWNER, "weights")
        shape = self._inputs.shape[:2] if self._targets.of_each_step and array.ndim == 2 else self._inputs.shape[:1]
        if array.shape != shape:
            raise ValueError(
                f"{_OWNER}: expected weights of shape {Checks.shape_text(shape)}, one for each label, got {array.shape}"
            )
        read = Samples(array if array.dtype.kind == "f" else array.astype(float), "weights", _OWNER)
        least, most = read.extremes
        if least < 0 or most == 0:
            got = f"{least:g}" if least < 0 else "nothing but 0, with which there is nothing to learn"
            raise ValueError(f"{_OWNER}: expected weights of at least 0, one of them above it, got {got}")
        return read

    def _groups(self, stratify: Any, owner: str) -> NDArray[np.int64]:
        everything = np.arange(self.number_of_samples) if self._chosen is None else self._chosen
        if stratify is None or isinstance(stratify, bool | np.bool_):
            groups = None if stratify is False else self._targets.groups(everything)
            if groups is None and stratify:
                raise ValueError(
                    f"{owner}: expected samples with classes to stratify by, got {self._targets.description}; pass "
                    "groups as stratify, or stratify=False"
                )
            return np.zeros(len(everything), dtype=np.int64) if groups is None else groups
        groups = Checks.plain_array(stratify, owner, "stratify")
        if groups.shape != (len(everything),):
            raise ValueError(f"{owner}: expected stratify (samples,), {len(everything)} of them, got {groups.shape}")
        return np.unique(groups, return_inverse=True)[1]

    def _part(self, chosen: NDArray[np.int64], shuffle: bool) -> "ArrayData":
        part = copy.copy(self)
        part._chosen = chosen if self._chosen is None else self._chosen[chosen]
        part.shuffle = shuffle
        part._begin(len(chosen))
        return part
