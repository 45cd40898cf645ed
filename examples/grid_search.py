"""A grid search on a cluster: scikit-learn's search, joblib's Dask backend, and workers on this machine.

With `Client("address:8786")` in the place of `LocalCluster` the same search runs on other machines, which need this
library too. It takes `pip install "classic-deep-learning[dask]"`.
"""

import joblib
from distributed import Client, LocalCluster
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from Interop.Estimators import NeuralNetworkClassifier


def main(samples: int = 1000, workers: int = 2) -> None:
    """Search, print what was best, and how good it is on digits that were not searched with."""
    X, y = load_digits(return_X_y=True)
    model = make_pipeline(StandardScaler(), NeuralNetworkClassifier(tol=0.01, random_state=0))
    grid = {"neuralnetworkclassifier__hidden": [(16,), (100,)], "neuralnetworkclassifier__learning_rate": [3e-3, 1e-2]}
    search = GridSearchCV(model, grid, cv=3)
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        with joblib.parallel_config(backend="dask"):
            search.fit(X[:samples], y[:samples])
    print(f"best: {search.best_params_}")
    print(f"{search.score(X[samples:], y[samples:]):.1%} of new digits are read right")


if __name__ == "__main__":
    main()
