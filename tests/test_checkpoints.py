"""Checkpoints: what goes on from one comes to the same bits, and one that doesn't fit changes nothing."""

import os
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.training import killed
from Generator.arrays import ArrayData
from Generator.data_layer import ImageData
from Generator.generator import ImageGenerator
from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.ReLU import ReLU
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam, SgdWithMomentum
from tests.training_cases import CLASSES, SAMPLES, Spy, arrays, bits, data, network, random_network, trainer
from Training.callbacks import Checkpoint, EarlyStopping, ReduceOnPlateau
from Training.trainer import Trainer


def callbacks(path, **options):
    return [EarlyStopping(patience=9), ReduceOnPlateau(patience=1, factor=0.5), Checkpoint(path, **options)]


def fitted(path, **options):
    np.random.seed(5)  # noqa: NPY002
    one = trainer(random_network(), callbacks(path, **options))
    one.fit(4)
    return one


@pytest.mark.parametrize("options", [{"keep": 4}, {"every": 3, "keep": 6}, {"every": 1, "keep": 7}])
def test_going_on_comes_to_the_same_bits(tmp_path, options):
    undisturbed = fitted(tmp_path / "run", **options)
    expected = bits(undisturbed.net), dict(undisturbed.history), undisturbed.callbacks[0].best_epoch
    for path in sorted(tmp_path.glob("run*")):
        resumed = trainer(random_network(), callbacks(tmp_path / "other")[:2])
        resumed.fit(4, resume=path)
        assert (bits(resumed.net), dict(resumed.history), resumed.callbacks[0].best_epoch) == expected, path


def images(folder, workers=0):
    rng = np.random.default_rng(0)
    generator = ImageGenerator.from_arrays(
        rng.random((12, 6, 6)), rng.integers(0, 3, 12), 5, shuffle=True, angle=20, shift=0.1, noise=0.1, rng=4,
        class_names=list("abc"), workers=workers,
    )  # fmt: skip
    net = NeuralNetwork(Adam(0.01), He(rng=0), Constant(0), "float32")
    net.loss_layer = CrossEntropyLoss()
    for layer in (Conv((1, 1), (1, 3, 3), 2), ReLU(), Flatten(), FullyConnected(72, 3), SoftMax()):
        net.append_layer(layer)
    return Trainer(net, ImageData(generator), None, [Checkpoint(folder / "run", every=2, keep=9)])


def test_augmentation_goes_on_to_the_same_bits(tmp_path):
    undisturbed = images(tmp_path)
    undisturbed.fit(4)
    for path in sorted(tmp_path.glob("run.*")):
        resumed = images(tmp_path / "other")
        resumed.fit(4, resume=path)
        assert bits(resumed.net) == bits(undisturbed.net), path


def test_a_training_that_early_stopping_has_ended_stays_ended(tmp_path):
    def one():
        return trainer(callbacks=[EarlyStopping(patience=1, direction="max"), Checkpoint(tmp_path / "run")])

    ended = one()
    ended.fit(9)
    resumed = one()
    assert resumed.fit(9, resume=tmp_path / "run") == ended.history
    assert resumed.stopped == ended.stopped
    assert bits(resumed.net) == bits(ended.net)


def test_checkpoints_change_nothing_of_the_training(tmp_path):
    with_them, without = trainer(callbacks=[Checkpoint(tmp_path / "run", every=1)]), trainer()
    assert with_them.fit(2) == without.fit(2)
    assert bits(with_them.net) == bits(without.net)
    assert with_them.net.progress is None


def test_one_can_go_back_by_the_number_of_an_epoch(tmp_path):
    one = trainer(random_network(), checkpoint_folder=tmp_path)
    one.fit(1)
    one.save_checkpoint(1)
    assert (tmp_path / "checkpoint_001").is_file()
    first = one.fit(2).csv()
    after = bits(one.net)
    one.restore_checkpoint(1)
    assert one.history.epochs == one.epoch == 1
    assert one.fit(2).csv() == first
    assert bits(one.net) == after


def test_layers_optimizer_and_generators_remain_the_objects_that_they_are(tmp_path):
    rng = np.random.default_rng(0)
    one = trainer(network(Dropout(0.5, rng=rng)))
    one.fit(1)
    one.save(tmp_path / "run")
    layers, optimizer, losses, drawn = list(one.net.layers), one.net.optimizer, one.net.loss, rng.random()
    one.restore(tmp_path / "run")
    assert all(now is before for now, before in zip(one.net.layers, layers, strict=True))
    assert one.net.optimizer is optimizer
    assert one.net.loss is losses
    assert rng.random() == drawn


def test_what_is_changed_in_the_optimizer_afterwards_takes_effect(tmp_path):
    one = trainer()
    one.fit(1)
    one.save(tmp_path / "run")
    one.restore(tmp_path / "run")
    one.net.optimizer.learning_rate = 0.5
    assert {optimizer.learning_rate for optimizer in one.net.optimizers()} == {0.5}


def test_accumulated_gradients_go_on(tmp_path):
    def one():
        made = trainer(network(), [Checkpoint(tmp_path / "run", every=3)])
        made.net.accumulate = 2
        return made

    undisturbed, resumed = one(), one()
    undisturbed.fit(2)
    resumed.fit(2, resume=tmp_path / "run.1")
    assert bits(resumed.net) == bits(undisturbed.net)


def test_what_a_prediction_needs_is_in_the_same_file(tmp_path):
    one = trainer(callbacks=[Checkpoint(tmp_path / "run")])
    one.fit(1)
    inputs = data().next()[0]
    np.testing.assert_array_equal(NeuralNetwork.load(tmp_path / "run", None).test(inputs), one.net.test(inputs))


OTHERS = [
    (lambda: network(Dropout(0.5)), "it has 4 layers there and 5 here"),
    (lambda: network(dtype="float32"), "dtype is 'float64' there and 'float32' here"),
    (lambda: network(optimizer=Adam(0.01)), r"the optimizer is Sgd with .* there and Adam with .* here"),
    (lambda: network(optimizer=SgdWithMomentum(0.01, 0.8)), "the optimizer is Sgd with"),
]


def wider():
    net = NeuralNetwork(network().optimizer, He(rng=1), Constant(0.1))
    net.loss_layer = CrossEntropyLoss()
    for layer in (FullyConnected(4, 7), ReLU(), FullyConnected(7, 3), SoftMax()):
        net.append_layer(layer)
    return net


@pytest.mark.parametrize(
    ("make", "message"),
    [
        *OTHERS,
        (wider, r"layer 1 of 4 is FullyConnected\(input_size=4, output_size=6\) there and .*output_size=7\) here"),
    ],
)
def test_a_checkpoint_of_another_network_is_refused_with_what_differs(tmp_path, make, message):
    trainer(callbacks=[Checkpoint(tmp_path / "run")]).fit(1)
    other = trainer(make())
    before, random_state = bits(other.net), np.random.get_state()[1].copy()  # noqa: NPY002
    with pytest.raises(ValueError, match=f"run: a checkpoint of another network: .*{message}"):
        other.fit(3, resume=tmp_path / "run")
    assert bits(other.net) == before
    assert other.history == {}
    np.testing.assert_array_equal(np.random.get_state()[1], random_state)  # noqa: NPY002


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: trainer(training=data(samples=40)),
            "in the middle of an epoch of 4 batches, and this trainer's has 8",
        ),
        (lambda: trainer(training=data(rng=None)), "state of a data set without an rng of its own"),
        (lambda: trainer(metrics=["top_2"]), r"metrics \['top_2'\], got \['accuracy'\]"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused_and_nothing_changes(tmp_path, make, message):
    trainer(callbacks=[Checkpoint(tmp_path / "run", every=3)]).fit(1)
    os.replace(tmp_path / "run.1", tmp_path / "run")  # the one in the middle of the epoch
    other = make()
    before = bits(other.net)
    with pytest.raises(ValueError, match=message):
        other.restore(tmp_path / "run")
    assert bits(other.net) == before
    assert (other.epoch, other.batch, other.history) == (0, 0, {})


def test_a_network_that_no_trainer_has_saved_is_no_checkpoint(tmp_path):
    NeuralNetwork.save(tmp_path / "net", network())
    with pytest.raises(ValueError, match=r"net: a network without a trainer's state.*NeuralNetwork\.load"):
        trainer().restore(tmp_path / "net")


@pytest.mark.parametrize(
    "harm",
    [
        lambda progress: progress.pop("epoch"),
        lambda progress: progress.update(batch=99),
        lambda progress: progress.update(epoch=-1),
        lambda progress: progress.update(history={"loss": [1.0, 2.0]}),
        lambda progress: progress.update(history={"loss": ["low"]}),
        lambda progress: progress.update(stopped=5),
        lambda progress: progress.update(more=1),
        lambda progress: progress["random_state"]["state"].update(pos=10**6),
        lambda progress: progress.update(callbacks=7),
        lambda progress: progress["means"].pop("loss"),
    ],
)
def test_a_damaged_state_is_refused_and_nothing_changes(tmp_path, harm):
    one = trainer()
    one.fit(1)
    one.net.progress = one.state
    harm(one.net.progress)
    NeuralNetwork.save(tmp_path / "net", one.net)
    other = trainer()
    before, counted = bits(other.net), other.means.state
    with pytest.raises(ValueError, match="net: "):
        other.restore(tmp_path / "net")
    assert bits(other.net) == before
    assert other.means.state == counted


def test_a_file_that_is_not_there_is_said():
    with pytest.raises(FileNotFoundError, match="nowhere"):
        trainer().fit(1, resume="nowhere")


def test_a_data_layer_without_a_state_is_warned_of(tmp_path):
    class Endless:
        def next(self):
            return np.ones((2, 4)), np.eye(3)[:2]

    one = Trainer(network(), Endless(), batches_per_epoch=2)
    with pytest.warns(UserWarning, match="Endless has no state"):
        one.save(tmp_path / "run")


def test_ctrl_c_is_not_in_a_checkpoint(tmp_path):
    spy = Spy(("batch ends", 0, 2), lambda spy: spy.trainer._interrupt())
    trainer(callbacks=[spy, Checkpoint(tmp_path / "run", every=1)]).fit(2)
    undisturbed, resumed = trainer(), trainer()
    assert resumed.fit(2, resume=tmp_path / "run") == undisturbed.fit(2)


@pytest.mark.slow
def test_a_training_that_is_killed_again_and_again_ends_with_the_same_bits():
    runs, unreadable, agree = killed(kills=2)
    assert runs >= 1
    assert not unreadable
    assert agree


def test_a_checkpoint_goes_on_in_another_program(tmp_path):
    program = f"from benchmarks.training import *; print(long_training(Path({str(tmp_path / 'run')!r})))"
    first, second = (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize("weights", [None, np.random.default_rng(1).random(SAMPLES) * 3], ids=["alike", "weighted"])
def test_sums_of_an_epoch_go_on_to_the_same_bits(tmp_path, weights):
    def made(every):
        X, _ = arrays(samples=SAMPLES)
        y = np.random.default_rng(3).dirichlet(np.ones(CLASSES), SAMPLES)
        training = ArrayData(X, y, 1, rng=0, weights=weights)
        kept = Checkpoint(tmp_path / "run", every=every)
        return trainer(training=training, callbacks=[kept], metrics=["mean_absolute_error"])

    undisturbed = made(7).fit(1)
    (tmp_path / "run.1").replace(tmp_path / "middle")
    assert made(7).fit(1, resume=tmp_path / "middle") == undisturbed
