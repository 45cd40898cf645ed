"""What a trainer and an evaluation are handed as data."""

from typing import Any

from Foundation import Checks
from Network import expectations, preparation
from Training.evaluation import apart


def for_training(data: Any, net: Any, batch_size: int) -> Any:
    """A data layer: arrays `(X, y)` or `(X, y, sample_weights)` become one that shuffles.

    Raises TypeError for what has no `next()`, and for an image generator.
    """
    if _are_arrays(data):
        return _learnt_from(of_arrays(data, net, batch_size, shuffle=True), net)
    if isinstance(data, type) or not (hasattr(data, "next") or hasattr(data, "forward")):
        raise TypeError(f"Trainer: expected training data (X, y), or a data set with next(), got {_described(data)}")
    if _gives_pixels(data):
        raise TypeError(
            f"Trainer: expected training data in the form that a network takes, got {_described(data)}; write "
            "ImageData(generator, test)"
        )
    return _learnt_from(data, net)


def for_validation(
    data: Any, net: Any, batch_size: int, like: Any = None, owner: str = "Trainer", what: str = "validation data"
) -> Any:
    """A data set with `batches()`: arrays become one in the order in which they are stored.

    Args:
        data: what was handed over.
        net: whose loss says what labels are.
        batch_size: of arrays.
        like: the training set, whose classes there are; without one, as many as the network has outputs (None).
        owner: who asks.
        what: what for.

    Raises TypeError for what has no `batches()`, ValueError for an empty one.
    """
    if _are_arrays(data):
        if len(data) and hasattr(data[0], "__len__") and not len(data[0]):
            raise ValueError(f"{owner}: expected {what} with at least one sample, got none")
        made = of_arrays(data, net, batch_size, shuffle=False, owner=owner)
        names = getattr(net.preparation if like is None else like, "class_names", ())
        if made.class_names and names and made.class_names != names:  # there may be fewer, or in another order
            made = of_arrays(data, net, batch_size, shuffle=False, classes=names)
        if like is not None:
            classes = _classes_of(like)
        else:
            with apart(net):  # of which no layer remembers the sample
                classes = net.test(made.next()[0][:1]).shape[-1]
        if made.number_of_classes and classes and not made.class_names and made.number_of_classes < classes:
            made = of_arrays(data, net, batch_size, shuffle=False, classes=classes)
        if like is not None:
            _refuse_others(made, like, classes, f"{owner}: expected {what}")
        return made
    if isinstance(data, type) or not hasattr(data, "batches"):
        raise TypeError(
            f"{owner}: expected {what} (X, y), or a data set with batches(), which goes through everything once, got "
            f"{_described(data)}"
            + "; write data = ImageData(generator, test), of which data.validation is the test set"
            * _gives_pixels(data)
        )
    if not getattr(data, "number_of_samples", 1):
        raise ValueError(f"{owner}: expected {what} with at least one sample, got none in {data!r}")
    preparation.compare(net, _bound(data, net), 4, like)
    return data


def number_of_batches(data: Any, given: int | None) -> int:
    """How many batches an epoch has; raises TypeError where nobody says so."""
    if given is not None:
        return Checks.positive_integer(given, "Trainer", "batches_per_epoch")
    if not hasattr(data, "number_of_batches"):
        raise TypeError(
            f"Trainer: expected training data that tells its number_of_batches, got {_described(data)}; say how many "
            "an epoch has: Trainer(…, batches_per_epoch=100)"
        )
    return Checks.positive_integer(data.number_of_batches, "Trainer", "number_of_batches")


def _are_arrays(data: Any) -> bool:
    return isinstance(data, tuple | list)


def _gives_pixels(data: Any) -> bool:
    """Whether this is an image generator: what ImageData is made of, and no data set yet."""
    return all(hasattr(data, name) for name in ("read", "number_of_images", "class_names"))


def _bound(data: Any, net: Any) -> Any:
    """The data, once they know which labels the loss takes."""
    if hasattr(data, "bind"):
        data.bind(net.loss_layer)
    return data


def _learnt_from(data: Any, net: Any) -> Any:
    expectations.balance(net.loss_layer, _bound(data, net))
    return data


def _classes_of(data: Any) -> Any:
    """How many classes a data set has, as far as it knows."""
    return len(getattr(data, "class_names", None) or ()) or getattr(data, "number_of_classes", None)


def _refuse_others(data: Any, like: Any, classes: Any, expected: str) -> None:
    """Raise ValueError, before anything is learnt, for samples or classes that the training set can't have."""
    if classes and data.number_of_classes and data.number_of_classes > classes:
        raise ValueError(f"{expected} of the training set's {classes} classes, got {data.number_of_classes}")
    shape = data.preparation.sample_shape  # None for time, of which each sample may have its own
    wanted = getattr(getattr(like, "preparation", None), "sample_shape", shape)
    if len(shape) != len(wanted) or any(
        None not in pair and pair[0] != pair[1] for pair in zip(shape, wanted, strict=True)
    ):
        raise ValueError(
            f"{expected} with samples {Checks.shape_text(wanted)} as the training set's, got {Checks.shape_text(shape)}"
        )


def of_arrays(
    arrays: Any, net: Any, batch_size: int, shuffle: bool, rng: Any = None, classes: Any = None, owner: str = "Trainer"
) -> Any:
    """A data set of `(X, y)` or `(X, y, sample_weights)`, with labels as the network's loss takes them."""
    from Generator.arrays import ArrayData

    if not 2 <= len(arrays) <= 3:
        raise TypeError(f"{owner}: expected (X, y) or (X, y, sample_weights), got {len(arrays)} parts")
    weights = arrays[2] if len(arrays) > 2 else None
    return _bound(ArrayData(arrays[0], arrays[1], batch_size, shuffle, rng, weights, classes=classes), net)


def _described(data: Any) -> str:
    return f"the class {data.__name__}" if isinstance(data, type) else f"{type(data).__name__}"
