"""What the data of a network goes through stays with the network."""

import warnings
from typing import Any

from Foundation.Preparation import Preparation


def adopt(net: Any, data_layer: Any) -> None:
    """Keep what the data that the network is trained on goes through."""
    preparation = _of(data_layer)
    if preparation is not None:
        net.preparation = preparation


def meet(net: Any, data_layer: Any, bound: bool = False) -> None:
    """Keep it where the network has none yet; else see whether both go together.

    The classes of data that a loss can bind are known once it has done so.
    """
    preparation = _of(data_layer)
    if preparation is None or (hasattr(data_layer, "bind") and not bound):
        return
    if net.preparation is None:
        net.preparation = preparation
    else:
        compare(net, data_layer, stacklevel=4)


def compare(net: Any, data: Any, stacklevel: int = 3, learnt_from: Any = None) -> None:
    """Warn of data that are prepared in another way than those that the network has learnt from, or is about to."""
    preparation, known = _of(data), net.preparation or _of(learnt_from)
    if preparation is not None and known is not None:
        difference = preparation.difference(known)
        if difference is not None:
            warnings.warn(
                "this data is prepared in another way than that from which the network learns or has learnt "
                f"({difference}), so that both don't fit; make it with ImageData(…, preparation=net.preparation) or "
                "ArrayData(…, classes=net.preparation.class_names), or set net.preparation = None to begin anew",
                stacklevel=stacklevel,
            )


def of_network(net: Any) -> Preparation:
    """What the network keeps; raises RuntimeError where it has nothing."""
    if net.preparation is None:
        raise RuntimeError(
            "classify: expected a network that knows how its data was prepared, got one without; train it on ImageData "
            "or on ArrayData, set net.preparation, or use net.predict"
        )
    return net.preparation


def _of(data_layer: Any) -> Preparation | None:
    preparation = getattr(data_layer, "preparation", None)
    return preparation if isinstance(preparation, Preparation) else None
