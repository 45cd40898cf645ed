"""scikit-learn's estimators: what they learn, what they take, and what they refuse."""

import pickle
import signal
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris, make_multilabel_classification, make_regression
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from Interop.Estimators import NeuralNetworkClassifier, NeuralNetworkRegressor
from Layers import GRU, FullyConnected, Initializers, LastStep, SoftMax
from Models import LeNet
from NeuralNetwork import NeuralNetwork
from Optimization import Optimizers

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
NAMES = np.array(["setosa", "versicolor", "virginica"])[y]


def classifier(**options):
    return NeuralNetworkClassifier(
        **{"hidden": (16,), "learning_rate": 0.03, "max_iter": 40, "random_state": 0, **options}
    )


def regressor(**options):
    return NeuralNetworkRegressor(
        **{"hidden": (16,), "learning_rate": 0.03, "max_iter": 60, "random_state": 0, **options}
    )


def test_classes_have_the_names_that_they_have():
    model = classifier().fit(X, NAMES)
    assert model.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert model.score(X, NAMES) > 0.95
    probabilities = model.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert (model.classes_[probabilities.argmax(axis=1)] == model.predict(X)).all()


def test_the_network_knows_the_names_too(tmp_path):
    model = classifier().fit(X, NAMES)
    model.net_.save(tmp_path / "net", model.net_)
    assert NeuralNetwork.load(tmp_path / "net", None).classify(X[0]).name == model.predict(X[:1])[0] == "setosa"


def test_several_labels_at_once():
    words, topics = make_multilabel_classification(300, n_classes=4, random_state=0)
    model = classifier(max_iter=200).fit(words, topics)
    assert model.predict(words).shape == model.predict_proba(words).shape == (300, 4)
    assert (model.predict(words) == topics).mean() > 0.9


@pytest.mark.parametrize("outputs", [1, 3])
def test_one_number_or_several(outputs):
    inputs, numbers = make_regression(200, 5, n_targets=outputs, random_state=0)
    model = regressor().fit(inputs, numbers / 100)
    assert model.predict(inputs).shape == numbers.shape
    assert model.score(inputs, numbers / 100) > 0.95


def test_a_weight_of_two_is_a_sample_that_comes_twice():
    weights = np.where(y == 1, 2.0, 1.0)
    weighted = classifier(batch_size=500).fit(X, y, sample_weight=weights)
    twice = classifier(batch_size=500).fit(np.concatenate([X, X[y == 1]]), np.concatenate([y, y[y == 1]]))
    np.testing.assert_allclose(weighted.predict_proba(X), twice.predict_proba(X), rtol=1e-8)


def test_class_weights_are_weights_of_the_samples():
    of_classes = classifier(class_weight={0: 1, 1: 5, 2: 1}).fit(X, y)
    of_samples = classifier().fit(X, y, sample_weight=np.where(y == 1, 5.0, 1.0))
    np.testing.assert_array_equal(of_classes.predict_proba(X), of_samples.predict_proba(X))
    rare = np.concatenate([X[:50], X[50:55]]), np.concatenate([y[:50], y[50:55]])
    plain, balanced = (classifier(class_weight=one, max_iter=3).fit(*rare) for one in (None, "balanced"))
    assert balanced.predict_proba(X[50:])[:, 1].mean() > plain.predict_proba(X[50:])[:, 1].mean()


def test_a_seed_settles_everything():
    one, other, another = (classifier(random_state=seed, batch_size=20).fit(X, y) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    assert not np.array_equal(one.predict_proba(X), another.predict_proba(X))


def test_early_stopping_watches_what_is_kept_back():
    model = classifier(early_stopping=True, max_iter=500, n_iter_no_change=3, batch_size=20).fit(X, y)
    assert model.n_iter_ < 500
    assert len(model.history_["validation_loss"]) == model.n_iter_ == len(model.loss_curve_)
    assert model.score(X, y) > 0.9


def test_a_training_ends_when_the_loss_has_converged_and_else_says_so():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = classifier(max_iter=1000, tol=0.01).fit(X, y)
    assert model.n_iter_ < 1000
    assert model.loss_ == model.loss_curve_[-1]
    assert model.best_loss_ == min(model.loss_curve_)
    with pytest.warns(ConvergenceWarning, match="after max_iter=2 epochs"):
        classifier(max_iter=2).fit(X, y)


def test_a_warm_start_goes_on():
    model = classifier(warm_start=True, max_iter=5).fit(X, y)
    before = list(model.loss_curve_)
    model.fit(X, y)
    assert model.loss_curve_[:5] == before
    assert len(model.loss_curve_) == 10
    assert model.loss_ < before[-1]
    cold = classifier(max_iter=5).fit(X, y).fit(X, y)
    assert cold.loss_curve_ == before


def test_a_warm_start_takes_another_learning_rate_and_no_other_network():
    model = classifier(warm_start=True, max_iter=2).fit(X, y)
    model.set_params(learning_rate=0.001).fit(X, y)
    assert model.net_.learning_rate == 0.001
    with pytest.raises(ValueError, match=r"hidden of the network that is trained further, \(16,\), got \(8,\)"):
        model.set_params(hidden=(8,)).fit(X, y)
    with pytest.raises(ValueError, match=r"classes \[0 1 2\]"):
        model.set_params(hidden=(16,)).fit(X, y + 1)


def test_each_fit_begins_with_what_build_gives_though_it_gives_the_same_network_twice():
    net = recurrent((4, 2), 3)
    model = classifier(build=lambda n_features, n_outputs: net, hidden=(100,), learning_rate=None, max_iter=2)
    sequences = np.stack([X, -X], axis=2)
    first = model.fit(sequences, y).predict_proba(sequences)
    np.testing.assert_array_equal(model.fit(sequences, y).predict_proba(sequences), first)


def test_the_optimizer_that_an_estimator_is_given_stays_what_it_is():
    optimizer = Optimizers.Sgd(0.01)
    model = classifier(optimizer=optimizer, learning_rate=None, max_iter=2).fit(X, y)
    model.net_.learning_rate = 0.7
    assert optimizer.learning_rate == 0.01


def test_a_warm_start_that_fails_leaves_the_network_as_it_was():
    model = classifier(warm_start=True, batch_size=10, shuffle=False, max_iter=5).fit(X, y)
    before = model.predict_proba(X)
    enormous = X.copy()
    enormous[75:] *= 1e250
    with np.errstate(all="ignore"), pytest.raises((RuntimeError, ValueError)):
        model.fit(enormous, y)
    np.testing.assert_array_equal(model.predict_proba(X), before)


def test_a_warm_start_refuses_what_a_cold_one_does():
    model = classifier(optimizer=Optimizers.Sgd(0.01), learning_rate=None, warm_start=True, max_iter=2).fit(X, y)
    with pytest.raises(ValueError, match="expected learning_rate or optimizer"):
        model.set_params(learning_rate=0.5).fit(X, y)


def test_a_warm_start_takes_settings_that_are_made_again():
    model = classifier(hidden=np.array([8]), optimizer=Optimizers.Sgd(0.01), learning_rate=None).fit(X, y)
    model.set_params(hidden=np.array([8]), optimizer=Optimizers.Sgd(0.01), warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="expected the optimizer of the network"):
        model.set_params(optimizer=Optimizers.Sgd(0.02)).fit(X, y)


def test_no_learning_rate_is_the_default_one_in_a_warm_start_too():
    model = classifier(warm_start=True, learning_rate=0.1, max_iter=2).fit(X, y)
    assert model.set_params(learning_rate=None).fit(X, y).net_.learning_rate == 1e-3


def test_several_labels_have_no_other_classes_than_their_numbers():
    labels = (X[:, :3] > 0).astype(int)
    with pytest.raises(ValueError, match="to be their numbers, 0 to 2, or none"):
        classifier().partial_fit(X, labels, classes=["a", "b", "c"])


def test_samples_come_a_few_at_a_time():
    model = classifier()
    for _ in range(30):
        for part in range(3):
            model.partial_fit(X[part::3], NAMES[part::3], classes=np.unique(NAMES))
    assert model.score(X, NAMES) > 0.95
    assert model.n_iter_ == len(model.loss_curve_) == 90
    numbers = regressor()
    for _ in range(200):
        numbers.partial_fit(X, X[:, 0])
    assert numbers.score(X, X[:, 0]) > 0.95


def test_classes_that_come_later_have_to_be_known():
    model = classifier().partial_fit(X[:50], y[:50], classes=[0, 1, 2])
    model.partial_fit(X[50:100], y[50:100])
    with pytest.raises(ValueError, match=r"of the classes \[0 1 2\], got \[7\]"):
        model.partial_fit(X[:1], [7])
    with pytest.raises(ValueError, match=r"classes .* as before"):
        model.partial_fit(X[:1], [1], classes=[0, 1])


def test_columns_of_a_frame_have_names():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b", "c", "d"])
    pipeline = make_pipeline(StandardScaler(), classifier()).set_output(transform="pandas").fit(frame, NAMES)
    assert pipeline[-1].feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert pipeline[-1].n_features_in_ == 4
    with pytest.raises(ValueError, match="feature names"):
        pipeline[-1].predict(frame[["b", "a", "c", "d"]])


def test_sparse_matrices_are_refused_by_name():
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match="Sparse data was passed"):
        classifier().fit(sparse.csr_matrix(X), y)


def test_numbers_stay_of_the_type_that_they_are():
    model = classifier().fit(X.astype("float32"), y)
    assert model.net_.dtype == "float32"
    assert model.predict_proba(X).dtype == np.float32
    assert regressor().fit(X, X[:, 0]).predict(X).dtype == np.float64


@pytest.mark.slow
def test_a_search_over_a_pipeline_on_two_processes():
    grid = {"neuralnetworkclassifier__hidden": [(2,), (16,)]}
    search = GridSearchCV(make_pipeline(StandardScaler(), classifier()), grid, cv=2, n_jobs=2).fit(X, NAMES)
    assert search.best_score_ > 0.85
    assert search.predict(X[:1]) == ["setosa"]


def test_calibration_and_cross_validation():
    assert cross_val_score(classifier(), X, y, cv=3).mean() > 0.9
    assert CalibratedClassifierCV(classifier(), cv=2).fit(X, NAMES).score(X, NAMES) > 0.9


def cores():
    from Foundation.Parallel import thread_count

    return thread_count()


def test_each_of_joblib_s_workers_keeps_to_its_cores():
    joblib = pytest.importorskip("joblib")
    found = joblib.Parallel(n_jobs=2, backend="loky")(joblib.delayed(cores)() for _ in range(2))
    assert found == [max(1, joblib.cpu_count() // 2)] * 2


def test_a_model_is_copied_and_pickled():
    model = classifier(class_weight="balanced").fit(X, y)
    assert clone(model).get_params() == model.get_params()
    assert not hasattr(clone(model), "net_")
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))


def recurrent(n_features, n_outputs):
    time, features = n_features
    assert time == 4
    net = NeuralNetwork(Optimizers.Adam(0.02), Initializers.Xavier(rng=0), Initializers.Constant(0))
    for layer in (
        GRU.GRU(features, 8),
        LastStep.LastStep(),
        FullyConnected.FullyConnected(8, n_outputs),
        SoftMax.SoftMax(),
    ):
        net.append_layer(layer)
    return net


def test_networks_of_every_kind_are_built_by_a_function():
    assert classifier(build=recurrent, hidden=(100,), learning_rate=None).fit(X[:, :, np.newaxis], NAMES).score(
        X[:, :, np.newaxis], NAMES
    ) > 0.8  # fmt: skip
    images = np.kron(X.reshape(-1, 1, 2, 2), np.ones((4, 4)))
    model = NeuralNetworkClassifier(build=LeNet.build, max_iter=5, random_state=0).fit(images, y)
    assert model.score(images, y) > 0.6
    again = NeuralNetworkClassifier(build=LeNet.build, max_iter=5, random_state=0).fit(images, y)
    np.testing.assert_array_equal(model.predict_proba(images), again.predict_proba(images))


def test_ctrl_c_ends_the_training_and_leaves_what_has_been_learnt():
    asked = []

    def rate(step):
        asked.append(step)
        if len(asked) == 5:
            signal.raise_signal(signal.SIGINT)
        return 0.03

    model = classifier(learning_rate=rate)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert model.predict(X).shape == y.shape


def missing(n_features, n_outputs):
    return None


def narrow(n_features, n_outputs):
    net = NeuralNetwork()
    net.append_layer(FullyConnected.FullyConnected(n_features, 2))
    return net


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"hidden": (0,)}, ValueError, "NeuralNetworkClassifier: expected hidden"),
        ({"hidden": "many"}, TypeError, "NeuralNetworkClassifier: expected hidden"),
        ({"activation": "step"}, ValueError, "expected activation to be one of"),
        ({"alpha": -1}, ValueError, "expected alpha"),
        ({"learning_rate": -1.0}, ValueError, "learning_rate"),
        ({"optimizer": "adam"}, TypeError, "expected optimizer to be one of Optimization.Optimizers"),
        ({"optimizer": Optimizers.Sgd(0.1)}, ValueError, "learning_rate or optimizer, which brings its own"),
        ({"build": LeNet.build}, ValueError, "hidden or build, which brings its own"),
        ({"build": 3, "hidden": (100,), "learning_rate": None}, TypeError, "expected build to be a function"),
        ({"build": missing, "hidden": (100,), "learning_rate": None}, TypeError, "to give a NeuralNetwork, got None"),
        ({"build": narrow, "hidden": (100,), "learning_rate": None}, ValueError, "3 outputs for each sample"),
        ({"batch_size": 0}, ValueError, "expected batch_size"),
        ({"batch_size": "all"}, TypeError, "expected batch_size"),
        ({"max_iter": 0}, ValueError, "expected max_iter"),
        ({"tol": -1}, ValueError, "expected tol"),
        ({"n_iter_no_change": 0}, ValueError, "expected n_iter_no_change"),
        ({"shuffle": "yes"}, TypeError, "shuffle"),
        ({"early_stopping": "yes"}, TypeError, "early_stopping"),
        ({"early_stopping": True, "validation_fraction": 1.5}, ValueError, "validation_fraction"),
        ({"validation_fraction": 1.5}, ValueError, "validation_fraction"),
        ({"warm_start": "yes"}, TypeError, "warm_start"),
        ({"verbose": 2}, TypeError, "verbose"),
        ({"class_weight": "even"}, ValueError, "class_weight"),
        ({"random_state": "seed"}, ValueError, "seed"),
    ],
)
def test_settings_that_are_none_are_refused_and_nothing_changes(options, error, message):
    model = classifier().fit(X, y)
    before, predicted = dict(vars(model)), model.predict_proba(X)
    model.set_params(**options)
    with pytest.raises(error, match=message):
        model.fit(X[:, :3], NAMES) if "build" not in options else model.fit(X, NAMES)
    model.set_params(**{name: before[name] for name in options})
    assert vars(model) == before
    np.testing.assert_array_equal(model.predict_proba(X), predicted)


@pytest.mark.parametrize(
    ("inputs", "labels", "error", "message"),
    [
        (X[:, 0], y, ValueError, "Expected 2D array"),
        (X[:, :, np.newaxis], y, ValueError, "dim 3"),
        (X, y[:9], ValueError, "inconsistent"),
        (np.full((2, 2), np.nan), [0, 1], ValueError, "NaN"),
        (X, X[:, 0], ValueError, "Unknown label type"),
        (X, np.stack([y, y], axis=1), ValueError, "MultiOutputClassifier"),
        ([["a"]], [0], ValueError, "could not convert"),
    ],
)
def test_data_that_do_not_fit_are_refused(inputs, labels, error, message):
    with pytest.raises(error, match=message):
        classifier().fit(inputs, labels)


def test_what_a_few_samples_can_t_tell_is_refused():
    with pytest.raises(ValueError, match="class_weight to be a dictionary where partial_fit"):
        classifier(class_weight="balanced").partial_fit(X, y)
    with pytest.raises(ValueError, match="early_stopping=False where partial_fit"):
        classifier(early_stopping=True).partial_fit(X, y)
    with pytest.raises(ValueError, match="weights"):
        classifier().fit(X, y, sample_weight=np.zeros(len(X)))
    with pytest.raises(NotFittedError):
        classifier().predict(X)


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_a_built_network_computes_in_the_type_of_the_samples_if_it_can(kind):
    pictures = np.random.default_rng(0).random((20, 1, 8, 8)).astype(kind)
    model = NeuralNetworkClassifier(build=LeNet.build, max_iter=1).fit(pictures, np.arange(20) % 2)
    assert model.net_.dtype == model.predict_proba(pictures).dtype == kind
