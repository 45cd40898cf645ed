"""What both estimators share: all but what labels are."""

import copy
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from Foundation import Checks
from Generator.arrays import ArrayData
from Interop.fitting import (
    Build,
    Convergence,
    all_or_nothing,
    check_as_built,
    first_learning_rate,
    network,
    settings,
    validate_data,
    warn_of_no_end,
)
from Optimization.Optimizers import Optimizer
from Training.callbacks import Callback, EarlyStopping, Progress
from Training.trainer import Trainer


class Estimator(BaseEstimator):
    """A network that scikit-learn trains; `NeuralNetworkClassifier` tells what its arguments are."""

    net_: Any
    loss_curve_: list[float]
    n_outputs_: int
    _kind: str
    _rng: np.random.Generator
    _built: dict[str, Any]

    def __init__(
        self,
        hidden: Sequence[int],
        activation: str,
        build: Build | None,
        optimizer: Optimizer | None,
        learning_rate: Any,
        alpha: float,
        batch_size: int | str,
        max_iter: int,
        shuffle: bool,
        random_state: Any,
        tol: float,
        n_iter_no_change: int,
        early_stopping: bool,
        validation_fraction: float,
        warm_start: bool,
        verbose: bool,
    ) -> None:
        self.hidden, self.activation, self.build = hidden, activation, build
        self.optimizer, self.learning_rate, self.alpha = optimizer, learning_rate, alpha
        self.batch_size, self.max_iter, self.shuffle, self.random_state = batch_size, max_iter, shuffle, random_state
        self.tol, self.n_iter_no_change = tol, n_iter_no_change
        self.early_stopping, self.validation_fraction = early_stopping, validation_fraction
        self.warm_start, self.verbose = warm_start, verbose

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train a new network; with `warm_start`, go on with the one that there is.

        Args:
            X: the samples, `(samples, features)`, an array or a pandas frame; with `build`, of any shape that its
                network takes. Sparse matrices are refused.
            y: their labels, see the class.
            sample_weight: how much each sample counts, `(samples,)` (None: all alike).

        Raises TypeError or ValueError for data that don't fit and for settings that are none, or contradict each
        other; KeyboardInterrupt after Ctrl-C, which ends the training after a batch and leaves the network usable.
        """
        epochs = Checks.positive_integer(self.max_iter, self._name, "max_iter")
        again = Checks.truth(self.warm_start, self._name, "warm_start") and hasattr(self, "net_")
        with all_or_nothing(self):
            self._train(*self._read(X, y, sample_weight, again), epochs, again)
        return self

    @abstractmethod
    def _read(self, X: Any, y: Any, sample_weight: Any, again: bool) -> tuple[Any, Any, Any]:
        """Samples, targets as rows of numbers, and weights or None, once they are known to be such."""

    @abstractmethod
    def _output(self) -> tuple[list[Any], Any]:
        """The layers at the end, and the loss."""

    def _partial_fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None) -> Self:
        again = hasattr(self, "net_")
        if self.early_stopping:
            raise ValueError(f"{self._name}: expected early_stopping=False where partial_fit is called, got True")
        with all_or_nothing(self):
            self._train(*self._read(X, y, sample_weight, again), None, again)
        return self

    def _train(self, X: NDArray[Any], targets: NDArray[Any], weights: Any, epochs: int | None, again: bool) -> None:
        """Train for a number of epochs, or for one more, which may be followed by others."""
        net, rng = self._network(X, targets.shape[1], again)
        options: dict[str, Any] = {"targets": self._kind, "classes": self._class_names(), "last_batch": "short"}
        data = ArrayData(X, targets, self._size(len(X)), self.shuffle, rng, weights, **options)
        validation = None
        callbacks: list[Callback] = [Progress()] if Checks.truth(self.verbose, self._name, "verbose") else []
        tol = Checks.number(self.tol, self._name, "tol", least=0)
        patience = Checks.positive_integer(self.n_iter_no_change, self._name, "n_iter_no_change")
        share = Checks.number(self.validation_fraction, self._name, "validation_fraction", least=0, below=1)
        if Checks.truth(self.early_stopping, self._name, "early_stopping"):
            data, validation = data.split(share)
            callbacks.append(EarlyStopping("validation_loss", patience, tol))
        elif epochs is not None:
            callbacks.append(Convergence("loss", tol, patience))
        trainer = Trainer(net, data, validation, callbacks, metrics=())
        history = trainer.fit(epochs or 1)
        earlier = self.loss_curve_ if again else []
        self._rng, self._built, self.net_, self.history_ = rng, settings(self), net, history
        self.n_outputs_, self.loss_curve_ = targets.shape[1], earlier + history["loss"]
        self.n_iter_ = len(self.loss_curve_) if epochs is None else history.epochs
        self.loss_, self.best_loss_ = self.loss_curve_[-1], min(self.loss_curve_)
        if history.interrupted:
            raise KeyboardInterrupt
        if epochs is not None and trainer.stopped is None:
            warn_of_no_end(self._name, epochs)

    def _network(self, X: NDArray[Any], outputs: int, again: bool) -> tuple[Any, np.random.Generator]:
        """The network to train, and what is drawn from; copies of those that there are, for an error to leave alone."""
        if not again:
            rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31, size=4))
            return network(self, X, outputs, self._output(), rng), rng
        check_as_built(self)
        if outputs != self.n_outputs_:
            raise ValueError(f"{self._name}: expected {self.n_outputs_} outputs as before, got {outputs}")
        net, rng = copy.deepcopy((self.net_, self._rng))
        if (learning_rate := first_learning_rate(self)) is not None:
            net.learning_rate = learning_rate
        return net, rng

    def _class_names(self) -> list[str] | None:
        """What the network calls its outputs."""
        return None

    def _size(self, samples: int) -> int:
        if isinstance(self.batch_size, str) and self.batch_size == "auto":
            return min(200, samples)
        return Checks.positive_integer(self.batch_size, self._name, "batch_size")

    def _read_samples(self, X: Any, y: Any, again: bool, **options: Any) -> Any:
        kinds = (np.float64, np.float32)
        return validate_data(self, X, y, reset=not again, dtype=kinds, allow_nd=self.build is not None, **options)

    def _outputs(self, X: ArrayLike) -> NDArray[Any]:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=(np.float64, np.float32), allow_nd=self.build is not None)
        outputs: NDArray[Any] = self.net_.predict(X)
        return outputs

    @property
    def _name(self) -> str:
        return type(self).__name__
