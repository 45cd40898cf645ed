"""Data sets and callbacks that somebody has written, and written wrong: it is said what, and by whom."""

import numpy as np
import pytest

from tests.training_cases import CLASSES, FEATURES, network, trainer
from Training.callbacks import Callback
from Training.history import History
from Training.trainer import Trainer

X, Y = np.ones((2, FEATURES)), np.eye(CLASSES)[:2]


class Given:
    """A data set that gives what it is told to."""

    number_of_batches = 3

    def __init__(self, *given):
        self.given = iter(given)

    def next(self):
        return next(self.given)

    def batches(self):
        return self.given


@pytest.mark.parametrize("batch", [X, X[:1], {"x": X}], ids=["rows for input and labels", "one row", "a dictionary"])
def test_what_is_no_batch_is_not_taken_apart(batch):
    with pytest.raises(TypeError, match=r"expected batches\(\) to give \(input_tensor, label_tensor\)"):
        network().evaluate(Given(batch))


def test_batches_that_are_there_only_once_are_missed_the_second_time():
    validation = Given((X, Y))
    net = network()
    assert net.evaluate(validation)["loss"] > 0
    with pytest.raises(ValueError, match="expected at least one batch, got none; it has to give all of them each time"):
        net.evaluate(validation)


def test_a_data_layer_that_ends_is_named_where_a_loop_would_take_it_for_its_own_end():
    net = network()
    net.data_layer = Given((X, Y))
    with pytest.raises(RuntimeError, match=r"Given: expected next\(\) to begin anew after the last batch"):
        net.train(2)
    with pytest.raises(RuntimeError, match=r"Given: expected next\(\) to begin anew after the last batch"):
        Trainer(network(), Given((X, Y))).fit(1)


def test_a_text_in_the_logs_is_named_and_leaves_the_history_as_it_was():
    class Noting(Callback):
        def on_epoch_end(self, epoch, logs):
            logs["mood"] = "good"

    with pytest.raises(TypeError, match=r"history: expected logs\['mood'\] to be a number, got 'good'"):
        trainer(network(), callbacks=[Noting()]).fit(1)
    history = History(loss=[0.5])
    with pytest.raises(TypeError, match="mood"):
        history.append({"loss": 0.25, "mood": "good"})
    assert history == {"loss": [0.5]}
