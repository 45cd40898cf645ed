"""Networks as scikit-learn's estimators: in pipelines, grid searches, calibrations and whatever else takes one.

    model = make_pipeline(StandardScaler(), NeuralNetworkClassifier(hidden=(100,), random_state=0))
    GridSearchCV(model, {"neuralnetworkclassifier__alpha": [1e-4, 1e-2]}, n_jobs=2).fit(X, y)

The network is trained by the library's own `Trainer`, and stands in `net_` afterwards, with all that a network can do.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import column_or_1d
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels
from sklearn.utils.validation import _check_sample_weight

from Foundation.Labels import one_hot
from Interop.estimation import Estimator
from Interop.fitting import Build
from Layers.Sigmoid import Sigmoid
from Layers.SoftMax import SoftMax
from Optimization.Loss import BinaryCrossEntropy, CrossEntropyLoss, MeanSquaredError
from Optimization.Optimizers import Optimizer


class NeuralNetworkClassifier(ClassifierMixin, Estimator):
    """A network that tells classes apart, or says which of several labels hold.

    Shapes: `X` `(samples, features)`; `y` `(samples,)`, classes by any names or numbers, or for several labels at once
    `(samples, labels)` of 0 and 1.

    Args:
        hidden: sizes of the hidden layers ((100,)).
        activation: between them, "relu", "tanh", "logistic", "elu", "gelu", "silu" or "identity" ("relu").
        build: a function `(n_features, n_outputs)` that gives another network, with its optimizer, instead of what the
            settings before and after say: convolutional or recurrent ones. Where samples have more axes than one,
            n_features is their shape, so that `Models.LeNet.build` is such a function. It is given `rng`, and the type
            of X as `dtype`, if it takes them. The network gives probabilities; without a loss layer it gets one (None).
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
        early_stopping: whether it is the loss of samples kept back that has to get better; the best weights are brought
            back (False).
        validation_fraction: the share of the samples that is kept back then, of each class (0.1).
        warm_start: whether `fit` goes on with the network that there is (False).
        class_weight: how much classes count: a dictionary, or "balanced" for as much all together (None: all alike).
        verbose: whether the epochs are shown (False).

    Attributes:
        net_: the `NeuralNetwork`; `net_.save` keeps it, with the names of the classes.
        classes_: the classes in the order of the outputs, or numbers of the labels.
        history_: of the last fit, by epoch: "loss", "validation_loss", "learning_rate".
        loss_curve_, n_iter_, loss_, best_loss_: the losses of all epochs, how many the last fit took, the last loss and
            the least.
        n_features_in_, feature_names_in_, n_outputs_: as scikit-learn has them.

    Networks compute in the type of X, float32 or float64; that of `build` in the type that it was built with. Losses
    are means, with what the regularizer adds to each batch.

    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import cross_val_score
    >>> X, y = load_iris(return_X_y=True)
    >>> model = NeuralNetworkClassifier(hidden=(16,), learning_rate=0.02, batch_size=20, tol=1e-3, random_state=0)
    >>> bool(cross_val_score(model, X, y).mean() > 0.95)
    True
    """

    classes_: NDArray[Any]

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
            X: as in `fit`.
            y: as in `fit`.
            sample_weight: as in `fit`.
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
        kind = type_of_target(y, input_name="y")
        if kind not in ("binary", "multiclass"):
            check_classification_targets(y)
        if kind == "multiclass-multioutput":
            raise ValueError(
                f"{self._name}: expected y (samples,) of classes, or (samples, labels) of 0 and 1, got several columns "
                "of classes; sklearn.multioutput.MultiOutputClassifier has a network for each"
            )
        several = kind.startswith("multilabel")
        y = y if several else column_or_1d(y, warn=True)
        coming = getattr(self, "_coming", None)
        classes = np.unique(y) if coming is None else unique_labels(coming)
        if several and coming is not None and not np.array_equal(classes, np.arange(y.shape[1])):
            raise ValueError(
                f"{self._name}: expected classes of several labels to be their numbers, 0 to {y.shape[1] - 1}, or "
                f"none, got {classes}"
            )
        if again:
            if several != (self._kind == "multi-label") or (
                coming is not None and not np.array_equal(classes, self.classes_)
            ):
                raise ValueError(f"{self._name}: expected the classes {self.classes_} as before, got {classes}")
            classes = self.classes_
        elif several:
            classes = np.arange(y.shape[1])
        its_own = not again and coming is None
        if not (several or its_own) and (strangers := np.setdiff1d(y, classes)).size:
            raise ValueError(f"{self._name}: expected y to be of the classes {classes}, got {strangers[:5]}")
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        if self.class_weight is not None:
            weights = compute_sample_weight(self.class_weight, y) * (1 if weights is None else weights)
        self.classes_, self._kind = classes, "multi-label" if several else "one-hot"
        if several:
            return X, np.asarray(y, X.dtype), weights
        return X, one_hot(np.searchsorted(classes, y), len(classes), X.dtype), weights

    def _class_names(self) -> list[str]:
        return [str(one) for one in self.classes_]

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


class NeuralNetworkRegressor(RegressorMixin, Estimator):
    """A network that predicts numbers.

    Shapes: `X` `(samples, features)`; `y` `(samples,)`, or `(samples, outputs)` for several numbers at once.

    Args:
        hidden, activation, build, optimizer, learning_rate, alpha, batch_size, max_iter, shuffle, random_state, tol,
            n_iter_no_change, early_stopping, validation_fraction, warm_start, verbose: as those of
            `NeuralNetworkClassifier`; the network of `build` gives numbers, and has the mean squared error as its loss
            unless it brings another one.

    Attributes:
        net_, history_, loss_curve_, n_iter_, loss_, best_loss_, n_outputs_, n_features_in_, feature_names_in_: those of
            `NeuralNetworkClassifier`.

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
