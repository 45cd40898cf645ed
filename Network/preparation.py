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
    """Keep it where the network has none yet; warn where the network was trained on data prepared otherwise.

    The classes of data that a loss can bind are known once it has done so.
    """
    preparation = _of(data_layer)
    if preparation is None or (hasattr(data_layer, "bind") and not bound):
        return
    if net.preparation is None:
        net.preparation = preparation
    elif difference := preparation.difference(net.preparation):
        warnings.warn(
            "data_layer: this data is prepared in another way than that on which the network was trained "
            f"({difference}), so that what it has learnt does not fit; make the data with "
            "preparation=net.preparation, or set net.preparation = None first to begin anew",
            stacklevel=3,
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
