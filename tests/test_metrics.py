"""Metrics against scikit-learn, which sees all samples at once where ours see batches."""

import functools
import math
import subprocess
import sys

import numpy as np
import pytest

from NeuralNetwork import NeuralNetwork
from Optimization.Loss import BinaryCrossEntropy, CrossEntropyLoss, MeanSquaredError
from Training import metrics

sklearn = pytest.importorskip("sklearn.metrics")

SEEDS = range(4)


def rows(seed, classes, several=False, samples=120, weighted=False):
    """Predictions, labels and weights of random samples; some weights are 0."""
    rng = np.random.default_rng(seed)
    predictions = rng.random((samples, classes))
    if several:
        labels = (rng.random((samples, classes)) < rng.uniform(0.2, 0.8, classes)).astype(float)
        return predictions, labels, rng.integers(0, 3, samples).astype(float) if weighted else None
    if classes == 1:
        labels = (rng.random((samples, 1)) < 0.4).astype(float)
    else:
        # The last class is rare, so that some batches lack it.
        chances = np.arange(classes, 0, -1) ** 2.0
        labels = np.eye(classes)[rng.choice(classes, samples, p=chances / chances.sum())]
        predictions = (predictions + 0.7 * labels) / (predictions + 0.7 * labels).sum(axis=1, keepdims=True)
    return predictions, labels, rng.integers(0, 3, samples) * 0.5 if weighted else None


def in_batches(metric, predictions, labels, weights=None, parts=(1, 20, 21, 90)):
    """The metric's result after batches of different size."""
    for part in np.split(np.arange(len(predictions)), parts):
        metric.update(predictions[part], labels[part], None if weights is None else weights[part])
    return metric.result()


def classes_of(predictions, labels):
    """True and predicted classes as scikit-learn takes them."""
    if labels.shape[1] == 1:
        return labels[:, 0] > 0.5, predictions[:, 0] > 0.5
    return labels.argmax(axis=1), predictions.argmax(axis=1)


everywhere = pytest.mark.parametrize(
    ("classes", "weighted", "seed"), [(c, w, s) for c in (1, 2, 3, 20) for w in (False, True) for s in SEEDS]
)


@everywhere
def test_accuracy(classes, weighted, seed):
    predictions, labels, weights = rows(seed, classes, weighted=weighted)
    expected = sklearn.accuracy_score(*classes_of(predictions, labels), sample_weight=weights)
    assert in_batches(metrics.get("accuracy"), predictions, labels, weights) == pytest.approx(expected, rel=1e-12)


@everywhere
def test_balanced_accuracy(classes, weighted, seed):
    predictions, labels, weights = rows(seed, classes, weighted=weighted)
    true, predicted = classes_of(predictions, labels)
    kept = np.ones(len(true), bool) if weights is None else weights > 0
    # scikit-learn's own warns of classes that are only predicted.
    shares = [
        np.average(
            predicted[kept & (true == each)] == each,
            weights=(1 + 0 * true if weights is None else weights)[kept & (true == each)],
        )
        for each in np.unique(true[kept])
    ]
    result = in_batches(metrics.get("balanced_accuracy"), predictions, labels, weights)
    assert result == pytest.approx(np.mean(shares), rel=1e-12)


@everywhere
@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
def test_precision_recall_and_f1(classes, weighted, seed, name):
    predictions, labels, weights = rows(seed, classes, weighted=weighted)
    kept = slice(None) if weights is None else weights > 0
    true, predicted = (each[kept] for each in classes_of(predictions, labels))
    score = functools.partial(
        getattr(sklearn, f"{name}_score"),
        true,
        predicted,
        zero_division=0,
        sample_weight=None if weights is None else weights[kept],
    )
    expected = score(average="binary" if classes <= 2 else "macro")
    assert in_batches(metrics.get(name), predictions, labels, weights) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
@pytest.mark.parametrize("kind", [metrics.Precision, metrics.Recall, metrics.F1])
@pytest.mark.parametrize("several", [False, True])
def test_averages(kind, average, several):
    predictions, labels, weights = rows(5, 4, several, weighted=True)
    true, predicted = (labels, predictions > 0.5) if several else classes_of(predictions, labels)
    score = getattr(sklearn, f"{kind.name}_score")
    expected = score(true, predicted, average=average, sample_weight=weights, zero_division=0)
    result = in_batches(kind(several=several, average=average), predictions, labels, weights)
    assert result == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
def test_several_classes_at_once_are_counted_each_for_itself(name, seed):
    predictions, labels, weights = rows(seed, 6, several=True, weighted=True)
    score = getattr(sklearn, f"{name}_score")
    expected = score(labels, predictions > 0.5, average="macro", sample_weight=weights, zero_division=0)
    metric = type(metrics.get(name))(several=True)
    assert in_batches(metric, predictions, labels, weights) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_accuracy_of_several_classes_wants_all_of_them_right(seed):
    predictions, labels, weights = rows(seed, 2, several=True, weighted=True)
    expected = sklearn.accuracy_score(labels, predictions > 0.5, sample_weight=weights)
    assert in_batches(metrics.Accuracy(several=True), predictions, labels, weights) == pytest.approx(expected)


@pytest.mark.parametrize(("classes", "k"), [(3, 2), (20, 1), (20, 5)])
@pytest.mark.parametrize("weighted", [False, True])
def test_top_k(classes, k, weighted):
    predictions, labels, weights = rows(1, classes, weighted=weighted)
    expected = sklearn.top_k_accuracy_score(
        labels.argmax(axis=1), predictions, k=k, sample_weight=weights, labels=np.arange(classes)
    )
    assert in_batches(metrics.get(f"top_{k}"), predictions, labels, weights) == pytest.approx(expected)


def test_a_network_that_says_the_same_of_all_classes_is_not_among_the_first_k():
    labels = np.eye(10)
    assert in_batches(metrics.get("top_3"), np.full((10, 10), 0.1), labels, parts=()) == pytest.approx(0.3)


@everywhere
def test_area_under_the_curve(classes, weighted, seed):
    predictions, labels, weights = rows(seed, classes, samples=400, weighted=weighted)
    if classes <= 2:
        expected = sklearn.roc_auc_score(labels[:, -1], predictions[:, -1], sample_weight=weights)
    else:
        true = labels.argmax(axis=1)
        expected = np.mean(
            [
                sklearn.roc_auc_score(true == each, predictions[:, each], sample_weight=weights)
                for each in np.unique(true if weights is None else true[weights > 0])
            ]
        )
    assert in_batches(metrics.get("auc"), predictions, labels, weights) == pytest.approx(expected, rel=1e-12)


def test_area_under_the_curve_of_many_classes_is_scikit_learn_s():
    predictions, labels, _ = rows(0, 3, samples=400)
    expected = sklearn.roc_auc_score(labels.argmax(axis=1), predictions, multi_class="ovr")
    assert in_batches(metrics.get("auc"), predictions, labels) == pytest.approx(expected)


def test_area_under_the_curve_of_several_classes_at_once():
    predictions, labels, weights = rows(0, 4, several=True, weighted=True)
    expected = sklearn.roc_auc_score(labels, predictions, sample_weight=weights)
    assert in_batches(metrics.AreaUnderCurve(several=True), predictions, labels, weights) == pytest.approx(expected)


def test_area_under_the_curve_of_one_class_alone_is_not_a_number():
    assert math.isnan(
        in_batches(metrics.get("auc"), np.random.default_rng(0).random((5, 1)), np.ones((5, 1)), parts=())
    )


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", ["r2", "mean_absolute_error"])
def test_regression(name, weighted, columns):
    rng = np.random.default_rng(columns)
    targets = 1e4 + rng.standard_normal((120, columns)) * [1.0, 20.0, 3.0][:columns]
    predictions = targets + rng.standard_normal((120, columns))
    weights = rng.integers(0, 3, 120) * 0.5 if weighted else None
    score = {"r2": sklearn.r2_score, "mean_absolute_error": sklearn.mean_absolute_error}[name]
    expected = score(targets, predictions, sample_weight=weights)
    assert in_batches(metrics.get(name), predictions, targets, weights) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("prediction", "expected"), [(2.0, 1.0), (3.0, 0.0)])
def test_r2_of_targets_that_are_all_equal(prediction, expected):
    assert in_batches(metrics.get("r2"), np.full((4, 1), prediction), np.full((4, 1), 2.0), parts=(2,)) == expected


def test_r2_of_one_sample_is_not_a_number():
    assert math.isnan(in_batches(metrics.get("r2"), np.ones((1, 1)), np.ones((1, 1)), parts=()))


def test_targets_of_float32_are_summed_in_float64():
    rng = np.random.default_rng(0)
    targets = (1e3 + rng.standard_normal((2000, 1))).astype("float32")
    predictions = (targets + rng.standard_normal((2000, 1))).astype("float32")
    expected = sklearn.r2_score(targets.astype(float), predictions.astype(float))
    assert in_batches(metrics.get("r2"), predictions, targets) == pytest.approx(expected, rel=1e-9)


def random_batch(name, rng, samples=30):
    """A batch that fits a metric of a name, in floats."""
    predictions = rng.random((samples, 7))
    if name in ("r2", "mean_absolute_error"):
        return predictions, rng.standard_normal((samples, 7))
    return predictions, np.eye(7)[rng.integers(0, 7, samples)]


every = pytest.mark.parametrize("name", metrics.names())


@every
def test_help_lists_every_metric(name):
    assert f'- "{name}", `{type(metrics.get(name)).__name__}`:' in metrics.__doc__


@every
def test_sequences_count_by_their_time_steps_without_padding(name):
    rng = np.random.default_rng(0)
    predictions, labels = random_batch(name, rng)
    weights = (rng.random((6, 5)) < 0.7).astype(float)
    padded, of_sequences = metrics.get(name), metrics.get(name)
    padded.update(
        np.where(weights[..., np.newaxis] > 0, predictions.reshape(6, 5, 7), np.nan), labels.reshape(6, 5, 7), weights
    )
    counted = weights.ravel() > 0
    of_sequences.update(predictions[counted], labels[counted])
    assert padded.result() == pytest.approx(of_sequences.result(), rel=1e-12)


@every
def test_a_weight_for_each_sequence_counts_for_all_of_its_steps(name):
    rng = np.random.default_rng(0)
    predictions, labels = random_batch(name, rng)
    one, other = metrics.get(name), metrics.get(name)
    one.update(predictions.reshape(6, 5, 7), labels.reshape(6, 5, 7), np.arange(6))
    other.update(predictions, labels, np.repeat(np.arange(6), 5))
    assert one.result() == other.result()


@every
def test_sequences_of_different_length_follow_each_other(name):
    rng = np.random.default_rng(0)
    predictions, labels = random_batch(name, rng, 26)
    one, other = metrics.get(name), metrics.get(name)
    one.update(predictions[:20].reshape(4, 5, 7), labels[:20].reshape(4, 5, 7))
    one.update(predictions[20:].reshape(2, 3, 7), labels[20:].reshape(2, 3, 7))
    other.update(predictions, labels)
    assert one.result() == pytest.approx(other.result(), rel=1e-12)


@every
def test_nothing_gives_not_a_number(name):
    assert math.isnan(metrics.get(name).result())


@every
def test_only_padding_gives_not_a_number(name):
    metric = metrics.get(name)
    metric.update(*random_batch(name, np.random.default_rng(0)), np.zeros(30))
    assert math.isnan(metric.result())


@every
def test_reset_forgets(name):
    rng = np.random.default_rng(0)
    metric, fresh = metrics.get(name), metrics.get(name)
    metric.update(*random_batch(name, rng))
    metric.reset()
    batch = random_batch(name, rng)
    metric.update(*batch)
    fresh.update(*batch)
    assert metric.result() == fresh.result()


@every
def test_a_result_in_between_changes_nothing(name):
    rng = np.random.default_rng(0)
    metric, other = metrics.get(name), metrics.get(name)
    for batch in [random_batch(name, rng) for _ in range(3)]:
        metric.update(*batch)
        metric.result()
        other.update(*batch)
    assert metric.result() == pytest.approx(other.result(), rel=1e-12)


@every
def test_from_a_state_in_a_file_it_goes_on_to_the_same_number(name, tmp_path):
    rng = np.random.default_rng(0)
    batches = [random_batch(name, rng) for _ in range(3)]
    metric, other = metrics.get(name), metrics.get(name)
    metric.update(*batches[0])
    net = NeuralNetwork()
    net.progress = {"metric": metric.state}
    NeuralNetwork.save(tmp_path / "net", net)
    other.state = NeuralNetwork.load(tmp_path / "net", None).progress["metric"]
    for batch in batches[1:]:
        metric.update(*batch)
        other.update(*batch)
    assert other.result() == metric.result()


@every
def test_the_state_that_was_read_is_not_changed_by_what_comes(name):
    rng = np.random.default_rng(0)
    metric = metrics.get(name)
    metric.update(*random_batch(name, rng))
    state = metric.state
    result = metric.result()
    metric.update(*random_batch(name, rng))
    metric.result()
    other = metrics.get(name)
    other.state = state
    assert other.result() == result


def test_the_state_of_another_metric_is_refused():
    with pytest.raises(ValueError, match="another metric"):
        metrics.get("accuracy").state = metrics.get("r2").state


@pytest.mark.skipif(np.dtype(np.longdouble) == np.float64, reason="there are no longer numbers here")
def test_a_state_of_numbers_that_scikit_learn_does_not_take_is_refused():
    metric = metrics.get("f1")
    metric.update([[0.9, 0.1], [0.2, 0.8]], [0, 0])
    with pytest.raises(TypeError, match=r"numbers that float64 holds, got longdouble|got float128"):
        metric.state = {**metric.state, "hits": metric.state["hits"].astype(np.longdouble)}


@pytest.mark.parametrize("name", sorted({*metrics.names()} - {"auc"}))
def test_memory_stays_bounded(name):
    metric, rng = metrics.get(name), np.random.default_rng(0)
    batch = random_batch(name, rng)
    for _ in range(3000):
        metric.update(*batch)
    assert len(metric._batches) < 1000
    assert sum(np.size(value) for value in metric.state.values()) < 100


def test_what_a_metric_of_numbers_counts_may_be_an_image():
    images = np.random.default_rng(0).random((5, 1, 4, 4))
    metric = metrics.get("mean_absolute_error")
    metric.update(images, images + 0.25)
    assert metric.result() == pytest.approx(0.25)


def test_class_numbers_are_as_good_as_rows():
    predictions, labels, _ = rows(0, 4)
    one, other = metrics.get("accuracy"), metrics.get("accuracy")
    one.update(predictions, labels.argmax(axis=1))
    other.update(predictions, labels)
    assert one.result() == other.result()


def test_a_function_gets_all_samples_that_count():
    def furthest(predictions, labels):
        return np.abs(predictions - labels).max()

    metric = metrics.get(furthest)
    metric.update(np.array([[1.0], [2.0]]), np.array([[1.0], [9.0]]), np.array([1.0, 0.0]))
    metric.update(np.array([[1.0], [2.0]]), np.array([[1.0], [5.0]]))
    assert (metric.name, metric.result()) == ("furthest", 3.0)


def test_a_metric_of_somebody_s_own_is_taken_as_it_is():
    class Count:
        name = "count"

        def update(self, predictions, labels, sample_weights=None): ...
        def result(self): ...
        def reset(self): ...

    own = Count()
    assert metrics.get(own) is own


def test_an_unknown_name_is_told_which_there_are():
    with pytest.raises(ValueError, match=r"no 'acuracy'; expected one of accuracy, auc, .*top_5, or a function"):
        metrics.get("acuracy")


def test_what_can_not_count_several_classes_does_not_advise_to():
    with pytest.raises(ValueError, match=r"sums to 2$"):
        metrics.get("top_1").update(np.ones((1, 2)), np.ones((1, 2)))


def test_predictions_of_another_width_are_refused():
    metric = metrics.get("accuracy")
    metric.update(np.eye(3), np.eye(3))
    metric.update(np.eye(3), np.eye(3))
    metric.update(np.eye(4), np.eye(4))
    with pytest.raises(ValueError, match=r"same width in all batches, got \[3, 4\]"):
        metric.result()


@pytest.mark.parametrize("wrong", [3, None, dict])
def test_what_is_no_metric_is_refused(wrong):
    with pytest.raises(TypeError, match="expected a name, a metric"):
        metrics.get(wrong)


@pytest.mark.parametrize(
    ("predictions", "labels", "weights", "message"),
    [
        ([[0.5, 0.5]], [[1, 0], [0, 1]], None, "labels of the predictions' shape"),
        ([[0.5, 0.5]], [[1, 1]], None, r"several classes: Accuracy\(several=True\)"),
        ([[0.5]], [[2.5]], None, "r2, mean_absolute_error"),
        ([[0.5, 0.5]], [[float("nan"), 0]], None, "from 0 to 1"),
        ([[float("nan"), 0.5]], [[1, 0]], None, "predictions of finite numbers"),
        ([[0.5, 0.5]], [[1, 0]], [-1], "not negative"),
        ([[0.5, 0.5]], [[1, 0]], [1, 2], r"sample weights \(1,\)"),
        ([[0.5, 0.5]], [5], None, "from 0 to 1"),
    ],
)
def test_a_batch_that_is_wrong_is_refused_and_counts_nothing(predictions, labels, weights, message):
    metric = metrics.get("accuracy")
    metric.update([[0.9, 0.1]], [[1, 0]])
    with pytest.raises(ValueError, match=message):
        metric.update(predictions, labels, weights)
    assert metric.result() == 1


@pytest.mark.parametrize("average", ["mean", "samples"])
def test_an_unknown_average_is_refused(average):
    with pytest.raises(ValueError, match="expected average"):
        metrics.F1(average=average)


def test_accuracy_is_left_out_of_a_regression_where_nobody_asked_for_it():
    assert metrics.suited(metrics.DEFAULT, MeanSquaredError()) == []


def test_accuracy_stays_where_somebody_asked_for_it():
    (metric,) = metrics.suited(["accuracy"], MeanSquaredError())
    assert metric.name == "accuracy"


def test_metrics_know_of_a_loss_that_takes_several_classes_at_once():
    assert [metric.several for metric in metrics.suited(["accuracy", "f1"], BinaryCrossEntropy())] == [True, True]


def test_metrics_know_of_a_loss_that_takes_one_class():
    assert [metric.several for metric in metrics.suited(["accuracy", "f1"], CrossEntropyLoss())] == [False, False]


def test_a_name_alone_is_a_list_of_one():
    (metric,) = metrics.suited("accuracy", CrossEntropyLoss())
    assert metric.name == "accuracy"


def test_two_metrics_of_one_name_are_refused():
    with pytest.raises(ValueError, match="'accuracy' twice"):
        metrics.suited(["accuracy", metrics.Accuracy()])


def test_metrics_load_nothing_before_they_are_asked():
    code = "import sys; from Training import metrics; print('sklearn' in sys.modules, 'scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
