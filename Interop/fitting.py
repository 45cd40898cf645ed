"""How an estimator's settings become a network, and when its training has converged."""

import copy
import inspect
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from Foundation import Checks
from Layers.ELU import ELU
from Layers.FullyConnected import FullyConnected
from Layers.GELU import GELU
from Layers.Initializers import Constant, XavierUniform
from Layers.ReLU import ReLU
from Layers.Sigmoid import Sigmoid
from Layers.SiLU import SiLU
from Layers.TanH import TanH
from Network.weights import named
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L2_Regularizer
from Optimization.Optimizers import Adam, Optimizer
from Training.callbacks import Callback

#: What stands between two layers, by the name of the activation.
ACTIVATIONS: dict[str, list[Any]] = {
    "relu": [ReLU],
    "tanh": [TanH],
    "logistic": [Sigmoid],
    "elu": [ELU],
    "gelu": [GELU],
    "silu": [SiLU],
    "identity": [],
}
#: What settles the network; a warm start can't change it.
_OF_THE_NETWORK = ("hidden", "activation", "build", "optimizer", "alpha")
#: What a network that is built by somebody else brings along.
_BROUGHT_ALONG = ("hidden", "activation", "optimizer", "learning_rate", "alpha")


def settings(estimator: Any) -> dict[str, Any]:
    """What settles the network; of an optimizer, what it is now."""
    found = {name: getattr(estimator, name) for name in _OF_THE_NETWORK}
    return {name: copy.deepcopy(one) if isinstance(one, Optimizer) else one for name, one in found.items()}


def check_as_built(estimator: Any) -> None:
    """Raise ValueError where a warm start would have to be another network than the one that there is."""
    for name, value in estimator._built.items():
        if not _are_alike(getattr(estimator, name), value):
            raise ValueError(
                f"{type(estimator).__name__}: expected the {name} of the network that is trained further, {value!r}, "
                f"got {getattr(estimator, name)!r}; fit a new network with warm_start=False"
            )
    _refuse_what_is_brought_along(estimator)


def first_learning_rate(estimator: Any) -> Any:
    """The learning rate of an estimator's own optimizer; None where somebody else's has one."""
    own = estimator.optimizer is None and estimator.build is None
    return 1e-3 if own and estimator.learning_rate is None else estimator.learning_rate


def _are_alike(one: Any, other: Any) -> bool:
    if isinstance(one, Optimizer) and isinstance(other, Optimizer):
        return repr(one) == repr(other)
    return one is other or np.array_equal(one, other)


def network(estimator: Any, X: np.ndarray, outputs: int, end: tuple[list[Any], Any], rng: Any) -> NeuralNetwork:
    """A new network for an estimator's settings.

    Args:
        estimator: whose settings they are.
        X: the samples, float32 or float64, which is what the network computes in.
        outputs: how many numbers the network gives for a sample.
        end: the layers at its end, and the loss; a network that is built by somebody else has its own layers, and may
            have another loss.
        rng: draws the first weights.
    """
    output, loss = end
    if estimator.build is not None:
        return _built(estimator, X, outputs, loss, rng)
    owner = type(estimator).__name__
    hidden = Checks.positive_integers(estimator.hidden, owner, "hidden")
    between = ACTIVATIONS[Checks.one_of(estimator.activation, owner, "activation", ACTIVATIONS)]
    # As scikit-learn's own: small first weights, from which few epochs lead to a smooth function.
    net = NeuralNetwork(_optimizer(estimator, owner), XavierUniform(rng), Constant(0), X.dtype.name)
    for sizes in pairwise((X.shape[1], *hidden, outputs)):
        for activation in between if net.layers else ():
            net.append_layer(activation())
        net.append_layer(FullyConnected(*sizes))
    for layer in output:
        net.append_layer(layer)
    net.loss_layer = loss
    return net


def _optimizer(estimator: Any, owner: str) -> Optimizer:
    alpha = Checks.number(estimator.alpha, owner, "alpha", least=0)
    if estimator.optimizer is None:
        return Adam(first_learning_rate(estimator), regularizer=L2_Regularizer(alpha, biases=False) if alpha else None)
    if not isinstance(estimator.optimizer, Optimizer):
        raise TypeError(
            f"{owner}: expected optimizer to be one of Optimization.Optimizers, got {estimator.optimizer!r}"
        )
    _refuse_what_is_brought_along(estimator)
    return copy.deepcopy(estimator.optimizer)  # what an estimator is given stays what it is


def _built(estimator: Any, X: np.ndarray, outputs: int, loss: Any, rng: Any) -> NeuralNetwork:
    owner, build = type(estimator).__name__, estimator.build
    if not callable(build):
        raise TypeError(f"{owner}: expected build to be a function (n_features, n_outputs), got {build!r}")
    _refuse_what_is_brought_along(estimator)
    known = {"rng": rng, "dtype": X.dtype.name}
    told = {name: known[name] for name in inspect.signature(build).parameters if name in known}
    # A copy, as it may be a network that somebody has, and that others are built from too.
    net = copy.deepcopy(build(X.shape[1] if X.ndim == 2 else X.shape[1:], outputs, **told))
    if not isinstance(net, NeuralNetwork):
        raise TypeError(f"{owner}: expected build to give a NeuralNetwork, got {net!r:.80}")
    if net.loss_layer is None:
        net.loss_layer = loss
    shape = net.test(X[:1]).shape if not _measures(net) else (1, outputs)
    if shape != (1, outputs):
        raise ValueError(
            f"{owner}: expected build to give a network with {outputs} outputs for each sample, got output {shape}"
        )
    return net


def _measures(net: NeuralNetwork) -> bool:
    """Whether the network can't be asked before it has met a batch."""
    return any(weight.array is None for weight in named(net.layers))


def _refuse_what_is_brought_along(estimator: Any) -> None:
    if estimator.build is not None:
        _refuse_settings(estimator, _BROUGHT_ALONG, "build")
    elif estimator.optimizer is not None:
        _refuse_settings(estimator, ("learning_rate", "alpha"), "optimizer")


def _refuse_settings(estimator: Any, names: tuple[str, ...], beside: str) -> None:
    """Raise ValueError for settings that nobody would look at."""
    defaults = inspect.signature(type(estimator)).parameters
    for name in names:
        value = getattr(estimator, name)
        if name != beside and not _are_alike(value, defaults[name].default):
            raise ValueError(
                f"{type(estimator).__name__}: expected {name} or {beside}, which brings its own, got both; leave "
                f"{name} out"
            )


@contextmanager
def all_or_nothing(estimator: Any) -> Iterator[None]:
    """After an error, an estimator is what it was."""
    before = dict(vars(estimator))
    try:
        yield
    except Exception:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


class Convergence(Callback):
    """Ends a training whose loss has not got better by `tol` than the best so far, for some epochs in a row.

    It is scikit-learn's rule: a loss that falls by less than `tol` in each of the epochs counts as one that doesn't.
    """

    def __init__(self, monitor: str, tol: float, patience: int) -> None:
        self.monitor, self.tol, self.patience = monitor, tol, patience
        self._best, self._waited = np.inf, 0

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Look at the loss."""
        loss = logs[self.monitor]
        self._waited = self._waited + 1 if loss > self._best - self.tol else 0
        self._best = min(self._best, loss)
        if self._waited > self.patience:
            self.trainer.stop(f"{self.monitor} has converged")


def warn_of_no_end(owner: str, epochs: int) -> None:
    """Say that the training was still getting somewhere."""
    warnings.warn(
        f"{owner}: the loss was still falling after max_iter={epochs} epochs; set it higher", ConvergenceWarning, 4
    )


try:
    from sklearn.utils.validation import validate_data
except ImportError:  # before scikit-learn 1.6

    def validate_data(estimator: Any, *arrays: Any, **options: Any) -> Any:
        """What newer versions have as a function."""
        return estimator._validate_data(*arrays, **options)


Build = Callable[..., NeuralNetwork]
