"""The trainer: what an epoch is, what the history says of it, and what stays as it was."""

import signal

import numpy as np
import pytest

from Generator.arrays import ArrayData
from Generator.generator import ImageGenerator
from Layers.Dropout import Dropout
from Layers.RNN import RNN
from NeuralNetwork import NeuralNetwork
from Optimization import Constraints, Schedules
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Sgd
from tests.training_cases import BATCH, CLASSES, FEATURES, SAMPLES, Spy, arrays, bits, data, network, trainer
from Training.callbacks import EarlyStopping, StopAt
from Training.history import History
from Training.metrics import get
from Training.trainer import Trainer


class Stream:
    """A data layer that only knows next()."""

    def next(self):
        return np.ones((BATCH, FEATURES)), np.eye(CLASSES)[np.zeros(BATCH, int)]


def pictures():
    """A generator of images, which isn't a data set before ImageData has made one of it."""
    return ImageGenerator.from_arrays(np.zeros((6, 2, 2)), [0, 1, 2, 0, 1, 2], 2)


def mean_loss(net, X, y):
    """The mean cross-entropy, written out."""
    return -np.log(net.test(X)[np.arange(len(X)), y]).mean()


def test_an_epoch_takes_the_steps_of_a_bare_loop():
    by_hand, trained = network(), network()
    by_hand.data_layer = data()
    by_hand.train(8)
    trainer(trained).fit(2)
    assert bits(trained) == bits(by_hand)


def test_the_history_s_losses_are_means_over_samples():
    net = network()
    history = trainer(net).fit(2)
    np.testing.assert_allclose(history["loss"], [sum(net.loss[:4]) / SAMPLES, sum(net.loss[4:]) / SAMPLES], rtol=1e-12)


def test_the_validation_loss_is_the_mean_of_the_network_as_it_is_at_the_end_of_the_epoch():
    net = network(Dropout(0.5, rng=0))
    history = trainer(net).fit(1)
    X, y = arrays(seed=1)
    np.testing.assert_allclose(history["validation_loss"], [mean_loss(net, X, y)], rtol=1e-12)
    assert history["validation_accuracy"] == [(net.test(X).argmax(axis=1) == y).mean()]


def test_the_training_accuracy_counts_what_was_predicted_before_each_step():
    by_hand, hits = network(), 0
    layer = data()
    for _ in range(4):
        inputs, labels = layer.next()
        by_hand.forward(batch=(inputs, labels))
        hits += (by_hand.prediction_tensor.argmax(axis=1) == labels.argmax(axis=1)).sum()
        by_hand.backward()
    assert trainer().fit(1)["accuracy"] == [hits / SAMPLES]


class WeighingLoss(CrossEntropyLoss):
    """A cross-entropy in which samples count as much as they are said to."""

    def forward(self, prediction_tensor, label_tensor, sample_weights=None):
        loss = super().forward(prediction_tensor, label_tensor)
        if sample_weights is None:
            return loss
        each = -np.log((prediction_tensor * label_tensor).sum(axis=1))
        return float(each @ sample_weights)


def test_with_weights_the_mean_is_over_the_sum_of_weights():
    net, (X, y) = network(), arrays()
    net.loss_layer = WeighingLoss()
    weights = np.arange(1.0, SAMPLES + 1)
    each = -np.log(net.test(X)[np.arange(SAMPLES), y])
    expected = {"loss": each @ weights / weights.sum()}
    expected["accuracy"] = weights @ (net.test(X).argmax(axis=1) == y) / weights.sum()
    assert net.evaluate((X, y, weights)) == pytest.approx(expected, rel=1e-12)


def test_the_training_s_mean_is_over_the_sum_of_weights_too():
    net, weights = network(), np.arange(1.0, SAMPLES + 1)
    net.loss_layer = WeighingLoss()
    history = trainer(net, training=data(weights=weights)).fit(1)
    np.testing.assert_allclose(history["loss"], [sum(net.loss) / weights.sum()], rtol=1e-12)


def test_the_history_is_keras_s_dictionary_of_lists():
    history = trainer().fit(3)
    assert isinstance(history, dict)
    assert list(history) == ["loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate"]
    assert {len(values) for values in history.values()} == {3}
    assert all(type(value) is float for values in history.values() for value in values)


def test_the_learning_rate_is_that_of_the_epoch_s_last_step():
    rate = Schedules.LinearDecay(0.1, steps=10)
    assert trainer(network(optimizer=Sgd(rate))).fit(2)["learning_rate"] == [rate(3), rate(7)]


def test_fit_called_again_goes_on():
    once, twice = trainer(), trainer()
    expected = once.fit(3)
    twice.fit(1)
    assert twice.fit(2) == expected
    assert bits(twice.net) == bits(once.net)
    assert twice.epoch == 3


def test_regularizers_are_in_the_training_loss_alone():
    free, held = network(), network(optimizer=Sgd(0.0, regularizer=Constraints.L2_Regularizer(1.0)))
    free.optimizer = Sgd(0.0)
    one, other = trainer(free).fit(1), trainer(held).fit(1)
    assert other["loss"] > one["loss"]
    assert other["validation_loss"] == one["validation_loss"]


def test_the_phase_of_each_layer_is_as_it_was():
    net = network(Dropout(0.5))
    net.phase = True
    net.layers[0].testing_phase = False
    trainer(net).fit(1)
    assert [layer.testing_phase for layer in net.layers] == [False] + [True] * (len(net.layers) - 1)


def test_layers_are_trained_in_the_training_phase_and_validated_in_the_testing_phase():
    phases = []

    class Curious(Dropout):
        def forward(self, input_tensor):
            phases.append(self.testing_phase)
            return super().forward(input_tensor)

    net = network(Curious(0.5))
    net.phase = True
    trainer(net).fit(1)
    assert phases == [False] * 4 + [True] * 4


def test_a_callback_that_tests_does_not_keep_the_rest_of_the_epoch_in_the_testing_phase():
    net, plain = network(Dropout(0.5, rng=0)), network(Dropout(0.5, rng=0))
    tests = Spy(("batch ends", 0, 0), lambda spy: spy.trainer.net.test(arrays()[0]))
    trainer(net, [tests]).fit(1)
    trainer(plain).fit(1)
    assert bits(net) == bits(plain)


def test_validation_draws_from_no_random_stream():
    with_it, without = network(Dropout(0.5)), network(Dropout(0.5))
    np.random.seed(3)  # noqa: NPY002
    trainer(with_it).fit(2)
    after = np.random.random()  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    trainer(without, validation=None).fit(2)
    assert bits(with_it) == bits(without)
    assert np.random.random() == after  # noqa: NPY002


def test_numpy_s_random_state_is_as_it_was_where_nothing_draws_from_it():
    one = trainer()
    before = np.random.get_state()  # noqa: NPY002
    one.fit(2)
    after = np.random.get_state()  # noqa: NPY002
    assert before[2:] == after[2:]
    np.testing.assert_array_equal(before[1], after[1])


def test_validation_leaves_what_a_recurrent_layer_remembers():
    net = NeuralNetwork(None)
    net.loss_layer = CrossEntropyLoss()
    layer = RNN(FEATURES, 2, CLASSES)
    layer.memorize = True
    net.append_layer(layer)
    net.test(np.ones((3, FEATURES)))
    before = layer.hidden_state.copy()
    net.evaluate(ArrayData(np.ones((4, 5, FEATURES)), np.full((4, 5, CLASSES), 1 / 3)))
    np.testing.assert_array_equal(layer.hidden_state, before)


@pytest.mark.parametrize("batch_size", [1, 2, 4])
def test_arrays_are_evaluated_as_their_batches_are_whatever_a_recurrent_layer_remembers(batch_size):
    """Nothing that looks at a sample of them before leaves a state from which the first batch would begin."""
    net = NeuralNetwork(None)
    net.loss_layer = CrossEntropyLoss()
    layer = RNN(FEATURES, 2, CLASSES)
    layer.memorize = True
    net.append_layer(layer)
    X, y = np.random.default_rng(0).standard_normal((4, 5, FEATURES)), np.full((4, 5, CLASSES), 1 / 3)
    losses = []
    for begin in range(0, 4, batch_size):
        outputs = net.test(X[begin : begin + batch_size])
        losses.append(CrossEntropyLoss().forward(outputs, y[begin : begin + batch_size]))
    assert net.evaluate(X, y, batch_size=batch_size)["loss"] == pytest.approx(sum(losses) / 4, rel=1e-12)


@pytest.fixture(autouse=True)
def usual_ctrl_c():
    """Python's own handler, which a shell that runs the tests in the background takes away."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt(spy):
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_ends_after_the_batch_that_is_being_trained_on():
    one = trainer(callbacks=[Spy(("batch begins", 1, 2), interrupt)])
    history = one.fit(5)
    assert history.interrupted
    assert (one.epoch, one.batch, len(one.net.loss)) == (1, 3, 7)


def test_after_ctrl_c_the_history_has_what_was_trained():
    one = trainer(callbacks=[Spy(("batch end", 1, 2), interrupt), Spy(("batch ends", 1, 2), interrupt)])
    history = one.fit(5)
    assert history["loss"][1] == pytest.approx(sum(one.net.loss[4:]) / (3 * BATCH), rel=1e-12)
    assert np.isnan(history["validation_loss"][1])


def test_after_ctrl_c_fit_goes_on_in_the_middle_of_the_epoch_to_the_same_bits():
    spy = Spy(("batch ends", 1, 2), interrupt)
    one, undisturbed = trainer(callbacks=[spy]), trainer()
    one.fit(5)
    spy.at = None
    assert one.fit(2) == undisturbed.fit(3)
    assert bits(one.net) == bits(undisturbed.net)
    assert not one.history.interrupted


def test_after_ctrl_c_fit_goes_on_from_the_weights_as_they_are_rather_than_the_best_ones():
    spy = Spy(("batch ends", 1, 2), interrupt)
    one = trainer(callbacks=[EarlyStopping("loss", patience=9, direction="max"), spy])
    undisturbed = trainer(callbacks=[EarlyStopping("loss", patience=9, direction="max")])
    one.fit(5)
    spy.at = None
    one.fit(2)
    undisturbed.fit(3)
    assert bits(one.net) == bits(undisturbed.net)


def test_a_batch_without_weights_after_one_with_weights_counts_whole():
    class Mixed:
        """Every other batch has weights."""

        number_of_batches, at = 2, 0

        def next(self):
            self.at += 1
            X, y = arrays(seed=1, samples=BATCH)
            pair = X, np.eye(CLASSES)[y]
            return (*pair, np.full(BATCH, 3.0)) if self.at % 2 else pair

    one = trainer(training=Mixed(), validation=None, metrics=())
    history = one.fit(1)
    assert history["loss"][0] == pytest.approx(sum(one.net.loss) / (3 * BATCH + BATCH), rel=1e-12)


@pytest.mark.parametrize("moment", [("batch ends", 1, 3), ("epoch ends", 0), ("train begins",)])
def test_ctrl_c_at_an_edge_loses_nothing_either(moment):
    spy = Spy(moment, interrupt)
    one, undisturbed = trainer(callbacks=[spy]), trainer()
    one.fit(3)
    spy.at = None
    one.fit(3 - one.epoch)
    assert one.history == undisturbed.fit(3)
    assert bits(one.net) == bits(undisturbed.net)


def test_ctrl_c_during_validation_lets_the_next_fit_validate_the_epoch():
    class Slow(ArrayData):
        ask = True

        def batches(self):
            for batch in super().batches():
                if self.ask:
                    signal.raise_signal(signal.SIGINT)
                yield batch

    validation = Slow(*arrays(seed=1), BATCH)
    one, undisturbed = trainer(validation=validation), trainer()
    one.fit(1)
    assert np.isnan(one.history["validation_loss"][0])
    validation.ask = False
    assert one.fit(1) == undisturbed.fit(1)


def test_a_second_ctrl_c_ends_it_at_once():
    def twice(spy):
        interrupt(spy)
        interrupt(spy)

    spy = Spy(("batch begins", 1, 2), twice)
    one = trainer(callbacks=[spy])
    with pytest.raises(KeyboardInterrupt):
        one.fit(5)
    assert len(one.net.loss) == 6
    assert one.history.epochs == 1
    assert one.history.interrupted


def test_the_handler_of_ctrl_c_is_as_it_was():
    trainer(callbacks=[Spy(("batch begins", 0, 2), interrupt)]).fit(1)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_program_s_own_handler_of_ctrl_c_stays():
    asked = []
    before = signal.signal(signal.SIGINT, lambda *_: asked.append(True))
    try:
        assert trainer(callbacks=[Spy(("batch begins", 0, 2), interrupt)]).fit(2).epochs == 2
    finally:
        signal.signal(signal.SIGINT, before)
    assert asked == [True]


def test_a_loss_that_is_not_finite_is_said_and_the_epochs_before_stay():
    spy = Spy(("epoch ends", 0), lambda spy: spy.trainer.net.layers[0].weights.fill(np.nan))
    one = trainer(callbacks=[spy])
    with pytest.raises(RuntimeError, match="its loss is not finite; it began in layer 1 of 4"):
        one.fit(3)
    assert one.history.epochs == 1


def test_the_steps_of_the_course_have_their_names():
    one, (X, y) = trainer(), arrays()
    labels = np.eye(CLASSES)[y]
    loss, predictions = one.val_test_step(X, labels)
    assert loss == pytest.approx(SAMPLES * mean_loss(one.net, X, y), rel=1e-12)
    assert predictions.shape == (SAMPLES, CLASSES)
    assert one.train_step(X, labels) == pytest.approx(loss, rel=1e-12)
    assert one.train_step(X, labels) < loss
    assert set(one.train_epoch()) == set(one.val_test()) == {"loss", "accuracy"}


def test_a_derived_trainer_may_write_the_steps_anew():
    class Doubled(Trainer):
        def train_step(self, x, y, sample_weights=None, lengths=None):
            return 2 * super().train_step(x, y, sample_weights, lengths)

    assert Doubled(network(), data()).fit(1)["loss"] == pytest.approx([2 * trainer().fit(1)["loss"][0]])


def test_an_epoch_by_itself_is_no_epoch_of_fit():
    one = trainer()
    one.train_epoch()
    assert (one.epoch, one.batch, one.history.epochs) == (0, 0, 0)
    assert one.fit(1).epochs == 1


def test_a_data_layer_that_only_knows_next_trains_where_the_number_of_batches_is_given():
    net = network()
    Trainer(net, Stream(), batches_per_epoch=3).fit(2)
    assert len(net.loss) == 6


def test_the_data_layer_of_the_network_stays_what_it_is():
    net = network()
    layer = net.data_layer = Stream()
    trainer(net).fit(1)
    assert net.data_layer is layer


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Trainer(network(), (np.ones((3, 4)), [0, 1])), ValueError, "3 samples and y with 2"),
        (lambda: Trainer(network(), data(), (np.ones((0, 4)), [])), ValueError, "validation data with at least one"),
        (lambda: Trainer(network(), data(), Stream()), TypeError, r"data set with batches\(\).*got Stream"),
        (lambda: Trainer(network(), Stream()), TypeError, r"batches_per_epoch=100"),
        (lambda: Trainer(network(), Stream(), batches_per_epoch=0), ValueError, "batches_per_epoch to be at least 1"),
        (lambda: Trainer(network(), 7), TypeError, r"training data \(X, y\), or a data set with next\(\), got int"),
        (lambda: Trainer(network(), pictures()), TypeError, r"got ImageGenerator; write ImageData\(generator, test\)"),
        (lambda: Trainer(network(), data(), pictures()), TypeError, r"got ImageGenerator; .* data\.validation"),
        (lambda: network().evaluate(pictures()), TypeError, r"^evaluate: .*got ImageGenerator; .* data\.validation"),
        (lambda: Trainer(network(), (np.ones((3, 4)),)), TypeError, r"expected \(X, y\).*got 1 parts"),
        (lambda: Trainer(network(), data(), metrics=["acuracy"]), ValueError, "there is no 'acuracy'; expected one of"),
        (lambda: Trainer(network(), data(), callbacks=[StopAt]), TypeError, r"write StopAt\(…\)"),
        (lambda: Trainer(network(), data(), callbacks=[print]), TypeError, "derived from Training.callbacks.Callback"),
        (lambda: trainer(training=data(weights=-np.ones(20))), ValueError, "weights of at least 0"),
        (lambda: trainer(training=data(weights=np.zeros(20))), ValueError, "nothing but 0"),
        (lambda: trainer().fit(-1), ValueError, "epochs to be at least 0"),
        (lambda: trainer().fit(1.5), TypeError, "epochs to be a whole number"),
        (lambda: trainer(validation=None).val_test(), RuntimeError, "expected a validation set"),
    ],
)
def test_bad_input_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_fit_of_arrays_is_a_trainer_on_them():
    net, (X, y) = network(), arrays()
    history = net.fit(X, y, 2, validation_data=arrays(seed=1), batch_size=BATCH, rng=0)
    assert history == trainer().fit(2)


def test_fit_keeps_back_a_share():
    history = network().fit(*arrays(samples=40), 2, validation_split=0.25, rng=0)
    assert not np.isnan(history["validation_loss"]).any()


def test_fit_takes_a_data_set_too():
    assert network().fit(data(), epochs=2)["loss"] == trainer(validation=None).fit(2)["loss"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"validation_split": 1.0}, "validation_split to be finite, at least 0, below 1"),
        ({"validation_split": 0.5, "validation_data": arrays()}, "got both"),
        ({"batch_size": 0}, "batch_size to be at least 1"),
        ({"sample_weights": -np.ones(SAMPLES)}, "weights of at least 0"),
    ],
)
def test_fit_refuses_bad_options_before_anything_is_trained(options, message):
    net = network()
    before = bits(net)
    with pytest.raises(ValueError, match=message):
        net.fit(*arrays(), 2, **options)
    assert bits(net) == before


def test_evaluate_gives_the_means_whatever_the_batches():
    net, (X, y) = network(Dropout(0.5)), arrays()
    expected = {"loss": mean_loss(net, X, y), "accuracy": (net.test(X).argmax(axis=1) == y).mean()}
    net.phase = False
    for size in (1, 7, 100):
        assert net.evaluate((X, y), batch_size=size) == pytest.approx(expected, rel=1e-12)
    assert not net.phase


def test_evaluate_needs_no_more_memory_than_a_batch():
    seen = []

    class Many:
        number_of_samples = 1000

        def batches(self):
            for _ in range(200):
                seen.append(True)
                yield np.ones((BATCH, FEATURES)), np.eye(CLASSES)[[0] * BATCH]

    assert set(network().evaluate(Many())) == {"loss", "accuracy"}
    assert len(seen) == 200


def test_evaluate_knows_classes_that_the_data_lack():
    net, (X, _) = network(), arrays()
    assert net.evaluate((X, np.zeros(SAMPLES, int)))["loss"] == pytest.approx(mean_loss(net, X, np.zeros(SAMPLES, int)))


def test_the_history_is_written_as_a_table(tmp_path):
    history = History(loss=[0.5, 0.25])
    history.append({"loss": 0.125, "accuracy": 1.0})
    history.to_csv(tmp_path / "log.csv")
    assert (tmp_path / "log.csv").read_text() == "epoch,loss,accuracy\n1,0.5,nan\n2,0.25,nan\n3,0.125,1.0\n"


def test_the_history_draws_itself():
    axes = trainer().fit(2).draw()
    assert [part.get_ylabel() for part in np.ravel(axes)] == ["loss", "accuracy", "learning rate"]


@pytest.mark.parametrize("name", ["accuracy", "auc", "own"])
def test_metrics_of_a_training_are_those_of_all_its_batches_whatever_keeps_them(name):
    def own(predictions, labels):
        return float((predictions * labels).sum())

    def predicted():
        net, layer = network(), data(samples=4000)
        for _ in range(layer.number_of_batches):
            inputs, labels = layer.next()
            net.forward(batch=(inputs, labels))
            yield net.prediction_tensor, labels
            net.backward()

    metric = get(own if name == "own" else name)
    for predictions, labels in predicted():
        metric.update(predictions, labels)
    one = trainer(training=data(samples=4000), metrics=[own if name == "own" else name])
    assert one.train_epoch()[metric.name] == pytest.approx(metric.result(), rel=1e-12)


def test_a_fit_inside_a_fit_is_refused():
    class Nested(Spy):
        def on_batch_end(self, batch, logs):
            self.trainer.fit(1)

    one = trainer(callbacks=[Nested()])
    with pytest.raises(RuntimeError, match="fit: expected a trainer that isn't training"):
        one.fit(1)
    assert (one.epoch, one.batch) == (0, 1)


@pytest.fixture
def interrupted():
    class Breaker(Spy):
        def on_batch_end(self, batch, logs):
            if len(self.trainer.net.loss) == 2:
                signal.raise_signal(signal.SIGINT)

    one = trainer(callbacks=[Breaker()])
    one.fit(1)
    assert (one.history.interrupted, one.batch) == (True, 2)
    return one


def test_after_ctrl_c_the_validation_is_still_measured(interrupted):
    X, y = arrays(seed=1)
    np.testing.assert_allclose(interrupted.val_test()["loss"], mean_loss(interrupted.net, X, y), rtol=1e-12)


def test_after_ctrl_c_an_epoch_by_itself_has_all_batches_and_leaves_no_half_one_in_the_history(interrupted):
    interrupted.train_epoch()
    assert len(interrupted.net.loss) == 2 + 4
    assert interrupted.fit(1).epochs == interrupted.epoch == 1


def test_after_a_stop_an_epoch_by_itself_has_all_batches():
    one = trainer(callbacks=[StopAt(loss=100)])
    one.fit(3)
    one.train_epoch()
    assert len(one.net.loss) == 2 * 4


@pytest.mark.parametrize(
    "validation",
    [
        (np.ones((2, FEATURES + 1)), [0, 1]),
        (np.ones((2, FEATURES)), [0, CLASSES]),
        (np.ones((2, FEATURES)), np.eye(CLASSES + 1)[:2]),
        (),
        (1, 2),
    ],
    ids=["features", "classes", "columns", "nothing", "no arrays"],
)
def test_validation_data_that_cannot_belong_to_the_training_are_refused_at_once(validation):
    net = network()
    with pytest.raises((TypeError, ValueError), match="expected"):
        Trainer(net, arrays(), validation)
    assert net.preparation is None and not net.loss


def test_class_numbers_validate_where_the_training_set_has_names():
    X, y = arrays()
    history = Trainer(network(), (X, np.array(["a", "b", "c"])[y]), (X, y)).fit(1)
    assert history["validation_loss"] == trainer(training=ArrayData(X, y), validation=(X, y)).fit(1)["validation_loss"]


@pytest.mark.parametrize(
    "arguments",
    [{"validation_data": ()}, {"metrics": ["none"]}, {"callbacks": [EarlyStopping()]}, {"resume": "missing"}, {"X": 1}],
    ids=lambda arguments: next(iter(arguments)),
)
def test_a_fit_that_is_refused_leaves_no_preparation(arguments):
    net = network()
    X, y = arrays()
    with pytest.raises((TypeError, ValueError, FileNotFoundError)):
        net.fit(**{"X": X, "y": y, **arguments})
    assert net.preparation is None


def test_a_batch_that_does_not_fit_leaves_no_preparation():
    net = network()
    with pytest.raises(ValueError, match="layer 1 of 4"):
        net.fit(np.ones((4, FEATURES + 1)), [0, 1, 2, 0])
    assert net.preparation is None


def test_evaluate_without_a_loss_says_so():
    net = network()
    net.loss_layer = None
    with pytest.raises(RuntimeError, match="expected a loss layer"):
        net.evaluate(arrays())


def test_one_callback_without_a_list_is_told_to_be_in_one():
    with pytest.raises(TypeError, match=r"a list of callbacks, got StopAt.*; write \[…\]"):
        Trainer(network(), arrays(), callbacks=StopAt(loss=1))


def test_evaluate_takes_arrays_as_fit_does_and_refuses_labels_beside_a_data_set():
    net, (X, y), weights = network(), arrays(), np.arange(1.0, SAMPLES + 1)
    assert net.evaluate(X, y, sample_weights=weights) == net.evaluate((X, y, weights))
    with pytest.raises(TypeError, match=r"got them beside a ArrayData; leave y out"):
        net.evaluate(data(), y)
    with pytest.raises(ValueError, match="sample_weights beside arrays"):
        net.evaluate(data(), sample_weights=weights)
