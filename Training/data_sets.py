"""What a trainer and an evaluation are handed as data."""

from typing import Any

from Foundation import Checks


def for_training(data: Any, net: Any, batch_size: int) -> Any:
    """A data layer: arrays `(X, y)` or `(X, y, sample_weights)` become one that shuffles.

    Raises TypeError for what has no `next()`.
    """
    if _are_arrays(data):
        return _array_data(data, net, batch_size, shuffle=True)
    if isinstance(data, type) or not (hasattr(data, "next") or hasattr(data, "forward")):
        raise TypeError(f"Trainer: expected training data (X, y), or a data set with next(), got {_described(data)}")
    return data


def for_validation(data: Any, net: Any, batch_size: int, owner: str = "Trainer", what: str = "validation data") -> Any:
    """A data set with `batches()`: arrays become one in the order in which they are stored.

    Raises TypeError for what has no `batches()`, ValueError for an empty one.
    """
    if _are_arrays(data):
        if not len(data[0]):
            raise ValueError(f"{owner}: expected {what} with at least one sample, got none")
        return _array_data(data, net, batch_size, shuffle=False)
    if isinstance(data, type) or not hasattr(data, "batches"):
        raise TypeError(
            f"{owner}: expected {what} (X, y), or a data set with batches(), which goes through everything once, got "
            f"{_described(data)}"
        )
    if not getattr(data, "number_of_samples", 1):
        raise ValueError(f"{owner}: expected {what} with at least one sample, got none in {data!r}")
    return data


def number_of_batches(data: Any, given: int | None) -> int:
    """How many batches an epoch has; raises TypeError where nobody says so."""
    if given is not None:
        return Checks.positive_integer(given, "Trainer", "batches_per_epoch")
    if not hasattr(data, "number_of_batches"):
        raise TypeError(
            f"Trainer: expected training data that tells its number_of_batches, got {_described(data)}; say how many an "
            "epoch has: Trainer(…, batches_per_epoch=100)"
        )
    return Checks.positive_integer(data.number_of_batches, "Trainer", "number_of_batches")


def _are_arrays(data: Any) -> bool:
    return isinstance(data, tuple | list)


def _array_data(arrays: Any, net: Any, batch_size: int, shuffle: bool) -> Any:
    from Generator.arrays import ArrayData

    if not 2 <= len(arrays) <= 3:
        raise TypeError(f"Trainer: expected (X, y) or (X, y, sample_weights), got {len(arrays)} parts")
    weights = arrays[2] if len(arrays) > 2 else None
    return ArrayData(arrays[0], arrays[1], batch_size, shuffle, weights=weights)


def _described(data: Any) -> str:
    return f"the class {data.__name__}" if isinstance(data, type) else f"{type(data).__name__}"
