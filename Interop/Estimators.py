"""Networks as scikit-learn's estimators: in pipelines, grid searches, calibrations and whatever else takes one.

    model = make_pipeline(StandardScaler(), NeuralNetworkClassifier(hidden=(100,), random_state=0))
    GridSearchCV(model, {"neuralnetworkclassifier__alpha": [1e-4, 1e-2]}, n_jobs=2).fit(X, y)

The network is trained by the library's own `Trainer`, and stands in `net_` afterwards, with all that a network can do.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from Foundation import Checks
from Foundation.Labels import one_hot
from Generator.arrays import ArrayData
from Interop.fitting import (
    Build,
    Convergence,
    check_as_built,
    network,
    settings,
    validate_data,
    warn_of_no_end,
)
from Layers.Sigmoid import Sigmoid
from Layers.SoftMax import SoftMax
from Optimization.Loss import BinaryCrossEntropy, CrossEntropyLoss, MeanSquaredError
from Optimization.Optimizers import Optimizer
from Training.callbacks import Callback, EarlyStopping, Progress
from Training.trainer import Trainer


class _NeuralNetwork(BaseEstimator):
    """What both estimators share: all but what labels are."""

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
        X, targets, weights = self._read(X, y, sample_weight, again)
        self._train(X, targets, weights, epochs, again)
        return self

    def _partial_fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None) -> Self:
        again = hasattr(self, "net_")
        if self.early_stopping:
            raise ValueError(f"{self._name}: expected early_stopping=False where partial_fit is called, got True")
        X, targets, weights = self._read(X, y, sample_weight, again)
        self._train(X, targets, weights, None, again)
        return self

    def _train(self, X: NDArray[Any], targets: NDArray[Any], weights: Any, epochs: int | None, again: bool) -> None:
        """Train for a number of epochs, or for one more, which may be followed by others."""
        rng = (
            self._rng if again else np.random.default_rng(check_random_state(self.random_state).randint(2**31, size=4))
        )
        net = self._network(X, targets.shape[1], rng, again)
        data = ArrayData(
            X, targets, self._size(len(X)), self.shuffle, rng, weights, targets=self._kind, last_batch="short"
        )
        validation = None
        callbacks: list[Callback] = [Progress()] if Checks.truth(self.verbose, self._name, "verbose") else []
        tol = Checks.number(self.tol, self._name, "tol", least=0)
        patience = Checks.positive_integer(self.n_iter_no_change, self._name, "n_iter_no_change")
        if Checks.truth(self.early_stopping, self._name, "early_stopping"):
            data, validation = data.split(self.validation_fraction)
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

    def _network(self, X: NDArray[Any], outputs: int, rng: np.random.Generator, again: bool) -> Any:
        if not again:
            return network(self, X, outputs, *self._output(), rng)
        check_as_built(self)
        if outputs != self.n_outputs_:
            raise ValueError(f"{self._name}: expected {self.n_outputs_} outputs as before, got {outputs}")
        if self.learning_rate is not None:
            self.net_.learning_rate = self.learning_rate
        return self.net_

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


class NeuralNetworkClassifier(ClassifierMixin, _NeuralNetwork):
    """A network that tells classes apart, or says which of several labels hold.

    Shapes: `X` `(samples, features)`; `y` `(samples,)`, classes by any names or numbers, or for several labels at once
    `(samples, labels)` of 0 and 1.

    Args:
        hidden: sizes of the hidden layers ((100,)).
        activation: between them, "relu", "tanh", "logistic", "elu", "gelu", "silu" or "identity" ("relu").
        build: a function `(n_features, n_outputs)` that gives another network, with its optimizer, instead of what the
            settings before and after say: convolutional or recurrent ones. Where samples have more axes than one,
            n_features is their shape, so that `Models.LeNet.build` is such a function. It is given `rng` if it takes
            that. The network gives probabilities; without a loss layer it gets one (None).
        optimizer: one of `Optimization.Optimizers`, with its regularizer (None: Adam).
        learning_rate: of Adam, a number or a schedule (None: 1e-3).
        alpha: of the L2 regularizer of Adam, which leaves biases alone (0: none).
        batch_size: samples in a batch; "auto" is 200, or all where there are fewer ("auto").
        max_iter: the most epochs (200).
        shuffle: whether each epoch has an order of its own (True).
        random_state: a seed or a `numpy.random.RandomState` for weights, order and what is kept back (None: NumPy's
            global state).
        tol: by how much the loss has to get better in an epoch to count as falling (1e-4).
        n_iter_no_change: after how many epochs in a row that don't the training ends (10).
        early_stopping: whether it is the loss of samples that are kept back that has to get better; the best weights are
            brought back (False).
        validation_fraction: the share of the samples that is kept back then, of each class (0.1).
        warm_start: whether `fit` goes on with the network that there is (False).
        class_weight: how much classes count: a dictionary, or "balanced" for as much all together (None: all alike).
        verbose: whether the epochs are shown (False).

    Attributes:
        net_: the `NeuralNetwork`; `net_.save` keeps it, with the names of the classes.
        classes_: the classes in the order of the outputs, or numbers of the labels.
        history_: of the last fit, by epoch: "loss", "validation_loss", "learning_rate".
        loss_curve_, n_iter_, loss_, best_loss_: the losses of all epochs, how many the last fit took, the last, the least.
        n_features_in_, feature_names_in_, n_outputs_: as scikit-learn has them.

    Networks compute in the type of X, float32 or float64. Losses are means, with what the regularizer adds to each
    batch.

    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import cross_val_score
    >>> X, y = load_iris(return_X_y=True)
    >>> model = NeuralNetworkClassifier(hidden=(16,), learning_rate=0.02, max_iter=300, random_state=0)
    >>> bool(cross_val_score(model, X, y).mean() > 0.95)
    True
    """

    def __init__(
        self,
        hidden: Sequence[int] = (100,),
        *,
        activation: str = "relu",
        build: Build | None = None,
        optimizer: Optimizer | None = None,
        learning_rate: Any = None,
        alpha: float = 0.0,
        batch_size: int | str = "auto",
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        warm_start: bool = False,
        class_weight: Any = None,
        verbose: bool = False,
    ) -> None:
        self.class_weight = class_weight
        super().__init__(
            *(hidden, activation, build, optimizer, learning_rate, alpha, batch_size, max_iter, shuffle, random_state),
            *(tol, n_iter_no_change, early_stopping, validation_fraction, warm_start, verbose),
        )

    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train for one epoch on these samples, on top of what has been learnt.

        Args:
            X, y, sample_weight: as in `fit`.
            classes: all classes that may come, in the first call (None: those of y, or those known already).

        Raises ValueError where a class comes that wasn't there in the first call.
        """
        if isinstance(self.class_weight, str):
            raise ValueError(
                f"{self._name}: expected class_weight to be a dictionary where partial_fit is called, since the number "
                f"of samples of each class isn't known, got {self.class_weight!r}"
            )
        self._coming = classes
        try:
            return self._partial_fit(X, y, sample_weight)
        finally:
            del self._coming

    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """The probability of each class in `classes_`, or of each label, `(samples, outputs)`."""
        return self._outputs(X)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The most probable class of each sample, `(samples,)`; or 0 and 1 for each label, `(samples, labels)`."""
        outputs = self._outputs(X)
        if self._kind == "multi-label":
            return (outputs > 0.5).astype(int)
        classes: NDArray[Any] = self.classes_[outputs.argmax(axis=1)]
        return classes

    def _read(self, X: Any, y: Any, sample_weight: Any, again: bool) -> tuple[Any, Any, Any]:
        X, y = self._read_samples(X, y, again, multi_output=True)
        check_classification_targets(y)
        kind = type_of_target(y)
        if kind == "multiclass-multioutput":
            raise ValueError(
                f"{self._name}: expected y (samples,) of classes, or (samples, labels) of 0 and 1, got several columns "
                "of classes; sklearn.multioutput.MultiOutputClassifier has a network for each"
            )
        several = kind.startswith("multilabel")
        y = y if several else column_or_1d(y, warn=True)
        coming = getattr(self, "_coming", None)
        classes = unique_labels(y) if coming is None else unique_labels(coming)
        if again:
            if several != (self._kind == "multi-label") or (
                coming is not None and not np.array_equal(classes, self.classes_)
            ):
                raise ValueError(f"{self._name}: expected the classes {self.classes_} as before, got {classes}")
            classes = self.classes_
        elif several:
            classes = np.arange(y.shape[1])
        if not several and (strangers := np.setdiff1d(y, classes)).size:
            raise ValueError(f"{self._name}: expected y to be of the classes {classes}, got {strangers[:5]}")
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        if self.class_weight is not None:
            weights = compute_sample_weight(self.class_weight, y) * (1 if weights is None else weights)
        self.classes_, self._kind = classes, "multi-label" if several else "one-hot"
        if several:
            return X, np.asarray(y, X.dtype), weights
        return X, one_hot(np.searchsorted(classes, y), len(classes), X.dtype), weights

    def _output(self) -> tuple[list[Any], Any]:
        if self._kind == "multi-label":
            return [Sigmoid()], BinaryCrossEntropy()
        return [SoftMax()], CrossEntropyLoss()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _more_tags(self) -> dict[str, Any]:  # the same before scikit-learn 1.6
        return {"multilabel": True}


class NeuralNetworkRegressor(RegressorMixin, _NeuralNetwork):
    """A network that predicts numbers.

    Shapes: `X` `(samples, features)`; `y` `(samples,)`, or `(samples, outputs)` for several numbers at once.

    Args:
        hidden, activation, build, optimizer, learning_rate, alpha, batch_size, max_iter, shuffle, random_state, tol,
            n_iter_no_change, early_stopping, validation_fraction, warm_start, verbose: as those of
            `NeuralNetworkClassifier`; the network of `build` gives numbers, and has the mean squared error as its loss
            unless it brings another one.

    Attributes:
        net_, history_, loss_curve_, n_iter_, loss_, best_loss_, n_features_in_, feature_names_in_, n_outputs_: as there.

    Numbers far from 0 are learnt slowly: `sklearn.compose.TransformedTargetRegressor` with a `StandardScaler` helps.

    >>> from sklearn.datasets import make_regression
    >>> X, y = make_regression(200, 4, random_state=0)
    >>> model = NeuralNetworkRegressor(hidden=(32,), learning_rate=0.02, random_state=0).fit(X, y / 100)
    >>> bool(model.score(X, y / 100) > 0.98)
    True
    """

    _kind = "regression"

    def __init__(
        self,
        hidden: Sequence[int] = (100,),
        *,
        activation: str = "relu",
        build: Build | None = None,
        optimizer: Optimizer | None = None,
        learning_rate: Any = None,
        alpha: float = 0.0,
        batch_size: int | str = "auto",
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        warm_start: bool = False,
        verbose: bool = False,
    ) -> None:
        super().__init__(
            *(hidden, activation, build, optimizer, learning_rate, alpha, batch_size, max_iter, shuffle, random_state),
            *(tol, n_iter_no_change, early_stopping, validation_fraction, warm_start, verbose),
        )

    def partial_fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train for one epoch on these samples, on top of what has been learnt; arguments as in `fit`."""
        return self._partial_fit(X, y, sample_weight)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The numbers of each sample, in the shape that y had, `(samples,)` or `(samples, outputs)`."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self.n_outputs_ == 1 else outputs

    def _read(self, X: Any, y: Any, sample_weight: Any, again: bool) -> tuple[Any, Any, Any]:
        X, y = self._read_samples(X, y, again, multi_output=True, y_numeric=True)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        return X, np.asarray(y, X.dtype).reshape(len(y), -1), weights

    def _output(self) -> tuple[list[Any], Any]:
        return [], MeanSquaredError()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _more_tags(self) -> dict[str, Any]:  # the same before scikit-learn 1.6
        return {"multioutput": True}
