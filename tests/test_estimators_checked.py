"""All checks that scikit-learn has for an estimator, none of which is expected to fail."""

import warnings

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from Interop.Estimators import NeuralNetworkClassifier, NeuralNetworkRegressor


@pytest.mark.slow
@parametrize_with_checks([NeuralNetworkClassifier(), NeuralNetworkRegressor()])
def test_what_scikit_learn_asks_of_an_estimator(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of trainings that end early, of which most are two epochs long
        check(estimator)
