"""All checks that scikit-learn has for an estimator, none of which is expected to fail."""

import warnings

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from Interop.Estimators import NeuralNetworkClassifier, NeuralNetworkRegressor

#: Small, so that all checks together take some seconds.
SMALL = {"hidden": (20,), "learning_rate": 0.02, "max_iter": 50}


CHECKS = parametrize_with_checks([NeuralNetworkClassifier(**SMALL), NeuralNetworkRegressor(**SMALL)]).mark


@pytest.mark.slow
@pytest.mark.parametrize(CHECKS.args[0], list(CHECKS.args[1]), **CHECKS.kwargs)  # older versions have no list
def test_what_scikit_learn_asks_of_an_estimator(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of trainings that end early, of which most are two epochs long
        check(estimator)
