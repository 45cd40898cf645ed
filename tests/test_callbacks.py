"""Callbacks: when they are called, what they decide, and that none of their errors loses anything."""

import io
import sys
import types

import numpy as np
import pytest

from Layers.BatchNormalization import BatchNormalization
from NeuralNetwork import NeuralNetwork
from Optimization import Schedules
from Optimization.Optimizers import Adam, Sgd
from tests.training_cases import BATCH, Spy, bits, data, network, trainer
from Training import callbacks
from Training.callbacks import (
    Callback,
    Checkpoint,
    CsvLog,
    EarlyStopping,
    Progress,
    ReduceOnPlateau,
    StopAt,
    TensorBoard,
    Watch,
)

ALL = [
    lambda: EarlyStopping(patience=3),
    lambda: ReduceOnPlateau(factor=0.5),
    lambda: Checkpoint("results/run", keep=2),
    lambda: CsvLog("results/log.csv"),
    lambda: Progress("none"),
    lambda: StopAt(loss=0.1),
    lambda: TensorBoard("runs/one"),
    lambda: Watch("loss"),
]


class Fed(Callback):
    """Replaces a number of each epoch by a given one, before others look at it."""

    def __init__(self, name, values):
        self.name, self.values = name, values

    def on_epoch_end(self, epoch, logs):
        logs[self.name] = self.values[epoch]


@pytest.mark.parametrize("make", ALL, ids=lambda make: repr(make()))
def test_a_callback_is_printed_as_it_is_made_and_cloned(make):
    callback = make()
    assert repr(callback.clone()) == repr(callback) == repr(eval(repr(callback)))


def test_help_lists_every_callback():
    kinds = [name for name, value in vars(callbacks).items() if isinstance(value, type)]
    assert all(f"- `{kind}`:" in callbacks.__doc__ for kind in kinds)


def test_hooks_are_called_in_keras_s_order():
    spy = Spy()
    trainer(callbacks=[spy], training=data(samples=10)).fit(2)
    epoch = [
        [
            ("epoch begins", number),
            ("batch begins", number, 0),
            ("batch ends", number, 0),
            ("batch begins", number, 1),
            ("batch ends", number, 1),
            ("epoch ends", number),
        ]
        for number in (0, 1)
    ]
    assert spy.calls == [("train begins",), *epoch[0], *epoch[1], ("train ends",)]


def test_a_batch_s_loss_is_a_mean():
    losses = []

    class Watching(Callback):
        def on_batch_end(self, batch, logs):
            losses.append(logs["loss"])

    one = trainer(callbacks=[Watching()])
    one.fit(1)
    np.testing.assert_allclose(losses, np.array(one.net.loss) / BATCH, rtol=1e-12)


def test_a_hook_that_no_trainer_calls_is_warned_of():
    class OfKeras(Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise NotImplementedError

    with pytest.warns(
        UserWarning, match=r"OfKeras\(\): no trainer calls on_train_batch_end; the hooks are .*on_batch_end"
    ):
        trainer(callbacks=[OfKeras()])


def test_hooks_of_other_arguments_are_refused_before_anything_is_trained():
    class WithTheTrainer(Callback):
        def on_epoch_end(self, trainer, epoch, logs):
            raise NotImplementedError

    with pytest.raises(
        TypeError, match=r"expected on_epoch_end\(epoch, logs\), got on_epoch_end\(trainer, epoch, logs\)"
    ):
        trainer(callbacks=[WithTheTrainer()])


def test_batch_hooks_are_only_called_where_they_are_overridden():
    one = trainer(callbacks=[EarlyStopping(), CsvLog("log.csv"), Checkpoint("run"), StopAt(loss=0), Progress("lines")])
    assert not one._hooks.watch_batches


def test_what_a_callback_adds_goes_into_the_history():
    assert trainer(callbacks=[Fed("temperature", [20, 21])]).fit(2)["temperature"] == [20, 21]


@pytest.mark.parametrize(
    "moment", [("batch ends", 1, 2), ("batch begins", 1, 2), ("epoch begins", 1), ("epoch ends", 1), ("train ends",)]
)
def test_a_callback_that_raises_is_named_and_loses_nothing(moment):
    def fail(spy):
        raise LookupError("no such thing")

    spy = Spy(moment, fail)
    one, undisturbed = trainer(callbacks=[spy]), trainer()
    with pytest.raises(LookupError, match="no such thing") as caught:
        one.fit(3)
    assert "Spy(" in caught.value.__notes__[0]
    assert (
        "on_" + "_".join(moment[0].replace("ends", "end").replace("begins", "begin").split())
        in caught.value.__notes__[0]
    )
    spy.at = None
    one.fit(3 - one.epoch)
    assert one.history == undisturbed.fit(3)
    assert bits(one.net) == bits(undisturbed.net)


def test_early_stopping_waits_for_as_many_epochs_as_it_has_patience():
    fed = Fed("validation_loss", [3, 2, 2.5, 2, 1.5, 1.6, 1.7, 1.8, 0])
    one = trainer(callbacks=[fed, EarlyStopping(patience=3)])
    assert one.fit(9)["validation_loss"] == [3, 2, 2.5, 2, 1.5, 1.6, 1.7, 1.8]
    assert one.stopped == "validation_loss was best in epoch 5 of 8"


def test_a_better_number_has_to_be_better_by_more_than_min_delta():
    one = trainer(callbacks=[Fed("loss", [1, 0.95, 0.91, 0]), EarlyStopping("loss", patience=2, min_delta=0.1)])
    assert one.fit(4).epochs == 3


def test_a_number_that_is_nan_is_not_better():
    one = trainer(callbacks=[Fed("loss", [np.nan, np.nan, 1]), EarlyStopping("loss", patience=2)])
    assert one.fit(3).epochs == 2


def test_the_direction_is_inferred_from_the_name():
    one = trainer(callbacks=[Fed("validation_accuracy", [0.5, 0.6, 0.7, 0.7]), EarlyStopping("validation_accuracy", 1)])
    assert one.fit(5).epochs == 4


def test_the_direction_may_be_said():
    rising = Fed("validation_loss", [0.5, 0.6, 0.5])
    assert trainer(callbacks=[rising, EarlyStopping(patience=1, direction="max")]).fit(3).epochs == 3


def test_a_name_that_does_not_tell_its_direction_is_refused():
    with pytest.raises(ValueError, match="can't tell whether less or more of 'temperature' is better"):
        EarlyStopping("temperature")


@pytest.mark.parametrize("stops", [True, False])
def test_the_best_weights_come_back_with_their_moving_averages(stops):
    kept = []

    class Keep(Callback):
        def on_epoch_end(self, epoch, logs):
            if epoch == 1:
                layer = self.trainer.net.layers[1]
                kept.extend([self.trainer.net.layers[0].weights.copy(), layer.weights.copy(), layer.moving_mean.copy()])

    fed = Fed("validation_loss", [2, 1, 3, 3, 3])
    one = trainer(network(BatchNormalization(6), optimizer=Adam(0.1)), [Keep(), fed, EarlyStopping(patience=3)])
    one.fit(9 if stops else 4)
    layer = one.net.layers[1]
    for array, other in zip((one.net.layers[0].weights, layer.weights, layer.moving_mean), kept, strict=True):
        np.testing.assert_array_equal(array, other)


def test_without_restore_best_the_weights_stay():
    fed = Fed("validation_loss", [1, 2, 3])
    stopped, plain = trainer(callbacks=[fed, EarlyStopping(patience=2, restore_best=False)]), trainer()
    stopped.fit(9)
    plain.fit(3)
    assert bits(stopped.net) == bits(plain.net)


def test_a_training_that_was_stopped_goes_on_with_new_patience():
    one = trainer(callbacks=[Fed("validation_loss", [1, 2, 3, 4, 5, 6]), EarlyStopping(patience=2)])
    assert one.fit(6).epochs == 3
    assert one.fit(3).epochs == 5


@pytest.mark.parametrize(
    "make",
    [
        lambda path: EarlyStopping(patience=2),
        lambda path: ReduceOnPlateau(patience=2),
        lambda path: Checkpoint(path, best="validation_loss"),
    ],
)
def test_what_one_training_has_reached_is_nothing_to_another(make, tmp_path):
    """A callback used twice does for the second network what a new one does, whatever was better in the first."""
    found = []
    for used in (True, False):
        callback = make(tmp_path / str(used))
        if used:
            trainer(callbacks=[Fed("validation_loss", [0.5, 0.1, 0.2]), callback]).fit(3)
            (tmp_path / "True.best").unlink(missing_ok=True)
        one = trainer(network(optimizer=Sgd(0.01)), [Fed("validation_loss", [3, 2, 1, 2, 3, 4]), callback])
        history = one.fit(6)
        written = NeuralNetwork.load(tmp_path / f"{used}.best", None) if isinstance(callback, Checkpoint) else one.net
        found.append((history.epochs, history["learning_rate"], callback.state, bits(one.net), bits(written)))
    again, new = found
    assert again[:2] == new[:2]
    assert again[3:] == new[3:]
    assert repr(again[2]) == repr(new[2])


def test_the_learning_rate_falls_on_a_plateau():
    fed = Fed("validation_loss", [1, 2, 2, 0.5, 1, 1, 1, 1])
    callbacks = [fed, ReduceOnPlateau(factor=0.5, patience=2, least=0.3)]
    history = trainer(network(optimizer=Sgd(1.0)), callbacks).fit(8)
    assert history["learning_rate"] == [1, 1, 1, 0.5, 0.5, 0.5, 0.3, 0.3]


def test_a_rate_below_the_least_stays():
    fed = Fed("validation_loss", [1, 2, 3])
    one = trainer(network(optimizer=Sgd(0.01)), [fed, ReduceOnPlateau(patience=1, least=0.1)])
    assert one.fit(3)["learning_rate"] == [0.01] * 3


def test_a_schedule_and_a_plateau_can_t_both_decide():
    one = trainer(network(optimizer=Sgd(Schedules.LinearDecay(0.1, 10))), [ReduceOnPlateau()])
    with pytest.raises(
        ValueError, match=r"ReduceOnPlateau.*expected a learning rate that is a number, got LinearDecay"
    ):
        one.fit(1)
    assert not one.net.loss


def test_it_stops_at_a_loss():
    one = trainer(callbacks=[Fed("loss", [3, 1, 0.5, 0.1]), StopAt(loss=0.5)])
    assert one.fit(4).epochs == 3


def test_it_stops_when_time_is_up_after_the_batch_and_validates():
    one = trainer(callbacks=[StopAt(seconds=0)])
    history = one.fit(4)
    assert (one.epoch, one.batch, history.epochs) == (0, 1, 1)
    assert np.isfinite(history["validation_loss"][0])
    assert not history.interrupted


@pytest.mark.parametrize("watching", [EarlyStopping("validation_lost_loss"), ReduceOnPlateau("other_loss")])
def test_a_monitor_that_nobody_measures_is_refused_with_those_that_are(watching):
    one = trainer(callbacks=[watching])
    known = "loss, accuracy, validation_loss, validation_accuracy, learning_rate"
    with pytest.raises(ValueError, match=f"expected monitor to be one of {known}, got '{watching.monitor}'"):
        one.fit(1)
    assert not one.net.loss


def test_without_validation_data_the_message_asks_for_some():
    with pytest.raises(ValueError, match="got 'validation_loss'; give the trainer validation data"):
        trainer(validation=None, callbacks=[EarlyStopping()]).fit(1)


def test_a_monitor_that_another_callback_adds_is_found():
    assert trainer(callbacks=[Fed("own_loss", [1, 2]), EarlyStopping("own_loss", 1)]).fit(2).epochs == 2


def test_a_monitor_that_no_callback_adds_is_refused_when_it_is_missed_and_loses_nothing():
    one = trainer(callbacks=[Fed("own_loss", [1, 2]), EarlyStopping("other_loss")])
    with pytest.raises(ValueError, match="own_loss, got 'other_loss'"):
        one.fit(2)
    assert one.history.epochs == 1


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: EarlyStopping(patience=0), ValueError, "EarlyStopping: expected patience to be at least 1, got 0"),
        (lambda: ReduceOnPlateau(patience=0), ValueError, "patience to be at least 1"),
        (lambda: ReduceOnPlateau(factor=1), ValueError, "factor to be finite.* below 1"),
        (lambda: EarlyStopping(5), TypeError, "monitor to be a name such as 'validation_loss', got 5"),
        (lambda: EarlyStopping(min_delta=-1), ValueError, "min_delta to be finite, at least 0"),
        (lambda: EarlyStopping(direction="down"), ValueError, "direction 'min' or 'max', got 'down'"),
        (lambda: StopAt(), ValueError, "expected loss or seconds, got neither"),
        (lambda: Checkpoint("run", every=0), ValueError, "every to be at least 1"),
        (lambda: Checkpoint("run", every=5, minutes=1), ValueError, "every or minutes, got both"),
        (lambda: Checkpoint("run", keep=0), ValueError, "keep to be at least 1"),
        (lambda: Checkpoint(7), TypeError, "path to be a path"),
        (lambda: Progress("fancy"), ValueError, "style to be one of bar, notebook, lines, none"),
    ],
)
def test_bad_arguments_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_the_csv_log_is_the_history_s_table(tmp_path):
    one = trainer(callbacks=[Fed("temperature", [20, 21]), CsvLog(tmp_path / "new" / "log.csv")])
    one.fit(2)
    assert (tmp_path / "new" / "log.csv").read_text() == one.history.csv()


def test_in_a_log_progress_is_a_line_each_epoch(capsys):
    trainer(callbacks=[Progress(), Fed("loss", [0.5, 0.25]), EarlyStopping(patience=1, direction="max")]).fit(2)
    first, second, end = capsys.readouterr().out.splitlines()
    assert first.startswith("epoch 1: loss ")
    assert "validation accuracy" in second
    assert end.startswith("stopped: validation_loss was best in epoch 1")


def test_in_a_terminal_progress_is_a_bar(capsys, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    trainer(callbacks=[Progress()]).fit(2)
    assert "epoch 2: 100%" in terminal.getvalue()
    assert "4/4" in terminal.getvalue()
    assert not capsys.readouterr().out


def test_in_a_notebook_progress_is_a_widget(monkeypatch):
    class ZMQInteractiveShell:
        pass

    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=ZMQInteractiveShell))
    assert Progress()._chosen() == "notebook"


def test_progress_says_nothing_where_it_is_asked_to(capsys):
    trainer(callbacks=[Progress("none")]).fit(1)
    assert capsys.readouterr() == ("", "")


class Writer:
    """Stands in for tensorboardX's."""

    def __init__(self, folder):
        self.folder, self.scalars, self.closed = folder, [], False

    def add_scalar(self, *scalar):
        self.scalars.append(scalar)

    def flush(self):
        pass

    def close(self):
        self.closed = True


def test_tensorboard_gets_each_number_beside_that_of_the_validation(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", types.SimpleNamespace(SummaryWriter=Writer))
    callback = TensorBoard("runs/x")
    history, writer = trainer(callbacks=[callback]).fit(2), callback._writer
    assert ("loss/training", history["loss"][0], 1) in writer.scalars
    assert ("loss/validation", history["validation_loss"][1], 2) in writer.scalars
    assert writer.closed


def test_without_tensorboardx_it_is_said_before_anything_is_trained(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    one = trainer(callbacks=[TensorBoard()])
    with pytest.raises(ImportError, match="pip install tensorboardX"):
        one.fit(1)
    assert not one.net.loss


def test_a_network_that_can_t_be_saved_is_refused_before_anything_is_trained(tmp_path):
    class Stranger:
        def forward(self, input_tensor):
            return input_tensor

        def backward(self, error_tensor):
            return error_tensor

    one = trainer(network(Stranger()), [Checkpoint(tmp_path / "run")])
    with pytest.raises(TypeError, match=r"expected a network that can be saved; .*Stranger"):
        one.fit(1)
    assert not one.net.loss


def test_the_newest_checkpoints_are_kept_and_the_best_one(tmp_path):
    fed = Fed("validation_loss", [3, 1, 2, 2])
    trainer(callbacks=[fed, Checkpoint(tmp_path / "run", keep=3, best="validation_loss")]).fit(4)
    epochs = {path.name: NeuralNetwork.load(path, None).progress["epoch"] for path in tmp_path.iterdir()}
    assert epochs == {"run": 4, "run.1": 3, "run.2": 2, "run.best": 2}


def stands(path):
    progress = NeuralNetwork.load(path, None).progress
    return progress["epoch"], progress["batch"]


def test_checkpoints_by_the_clock_come_with_the_first_batch_after_it(tmp_path):
    trainer(callbacks=[Checkpoint(tmp_path / "run", minutes=0)]).fit(1)
    assert [stands(tmp_path / name) for name in ("run.2", "run.1")] == [(0, 3), (0, 4)]


def test_by_the_clock_the_first_checkpoint_comes_with_the_first_epoch(tmp_path):
    seen = []
    look = Spy(("epoch begins", 1), lambda spy: seen.append(stands(tmp_path / "run")))
    trainer(callbacks=[look, Checkpoint(tmp_path / "run", minutes=5)]).fit(3)
    assert seen == [(1, 0)]


@pytest.mark.parametrize("options", [{"minutes": 5}, {"every": 3}, {"every": "epoch"}], ids=str)
def test_the_end_of_a_training_is_in_the_checkpoint(tmp_path, options):
    trainer(callbacks=[Checkpoint(tmp_path / "run", **options)]).fit(2)
    assert stands(tmp_path / "run") == (2, 0)


def test_a_training_that_goes_no_further_writes_no_checkpoint(tmp_path):
    one = trainer(callbacks=[Checkpoint(tmp_path / "run", keep=9)])
    one.fit(2)
    one.fit(0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "run.1"]


def test_a_checkpoint_that_can_t_be_written_is_named_and_loses_nothing(tmp_path):
    one = trainer(callbacks=[Checkpoint(tmp_path)])
    with pytest.raises(IsADirectoryError) as caught:
        one.fit(2)
    assert "Checkpoint(" in caught.value.__notes__[0]
    assert one.history.epochs == 1


def test_the_best_one_is_written_before_a_newest_that_knows_of_it(tmp_path):
    written = []
    one = trainer(callbacks=[Checkpoint(tmp_path / "run", best="loss")])
    one.save = lambda path: written.append(str(path).removeprefix(str(tmp_path)))
    one.fit(1)
    assert written == ["/run.best", "/run"]
