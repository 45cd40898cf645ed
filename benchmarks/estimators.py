"""`NeuralNetworkClassifier` and `NeuralNetworkRegressor` beside scikit-learn's own, on five of its data sets.

    python -m benchmarks.estimators

All have one hidden layer of 100 units, Adam, batches of 200 and float64, and everything else as it is by default.
Scores (accuracy, or R² of the regression) are means over splits, with the standard error of the mean of the
differences. Times are of the processor, of so many epochs in turn, with one thread, which is what a batch of this size
has work for; the ratio is the median of those of the rounds.
"""

import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from benchmarks.measure import machine
from Foundation.Parallel import use_threads
from Interop.Estimators import NeuralNetworkClassifier, NeuralNetworkRegressor

SETS = {
    "digits": datasets.load_digits,
    "breast cancer": datasets.load_breast_cancer,
    "wine": datasets.load_wine,
    "iris": datasets.load_iris,
    "diabetes": datasets.load_diabetes,
}


def scaled(name: str) -> tuple[Any, Any, tuple[Any, Any]]:
    """Samples and labels, numbers with mean 0 and deviation 1, and the two that learn them."""
    X, y = SETS[name](return_X_y=True)
    X = StandardScaler().fit_transform(X)
    if name == "diabetes":
        return X, (y - y.mean()) / y.std(), (NeuralNetworkRegressor, MLPRegressor)
    return X, y, (NeuralNetworkClassifier, MLPClassifier)


def scores(X: Any, y: Any, makers: tuple[Any, Any], seeds: int) -> np.ndarray:
    """What each gets on a quarter that it hasn't seen, a row for each seed."""
    found = []
    for seed in range(seeds):
        stratify = y if y.dtype.kind in "iu" else None
        X_train, X_test, *labels = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=stratify)
        fitted = [make(random_state=seed).fit(X_train, labels[0]) for make in makers]
        found.append([model.score(X_test, labels[1]) for model in fitted])
    return np.array(found)


def seconds(call: Callable[[], object]) -> float:
    """Of the processor."""
    start = time.process_time()
    call()
    return time.process_time() - start


def times(X: Any, y: Any, makers: tuple[Any, Any], epochs: int, rounds: int) -> list[list[float]]:
    """Seconds of so many epochs of each in turn, a row for each round."""
    models = [make(max_iter=epochs, n_iter_no_change=epochs, random_state=0) for make in makers]
    for model in models:
        model.fit(X, y)
    return [[seconds(lambda model=model: model.fit(X, y)) for model in models] for _ in range(rounds)]  # type: ignore[misc]


def main(seeds: int = 20, epochs: int = 200, rounds: int = 15) -> None:
    """Print a line for each data set."""
    print(machine())
    warnings.simplefilter("ignore", ConvergenceWarning)
    for name in SETS:
        X, y, makers = scaled(name)
        with use_threads(1):
            measured = times(X, y, makers, epochs, rounds)
            scored = scores(X, y, makers, seeds)
        ours, theirs = (statistics.median(row[place] for row in measured) * 1e3 for place in range(2))
        ratio = statistics.median(row[0] / row[1] for row in measured)
        error = (scored[:, 0] - scored[:, 1]).std(ddof=1) / seeds**0.5
        print(
            f"{name:<14} score {scored[:, 0].mean():.4f} beside {scored[:, 1].mean():.4f} ± {error:.4f}   "
            f"{ours:7.1f} ms beside {theirs:7.1f} ms   ratio {ratio:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
