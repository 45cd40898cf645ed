"""Who looks at a network from another thread while it trains is given what is whole, and nothing that moves."""

import copy
import ctypes
import os
import pickle
import signal
import threading
import time

import numpy as np
import pytest

from Layers.Dropout import Dropout
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant
from NeuralNetwork import NeuralNetwork
from Optimization.Optimizers import Adam, Sgd
from tests.object_cases import OPTIMIZER_CLASSES
from Training.trainer import Trainer

SIZE = 300  # parameters that take a while


class Sum:
    """A loss whose error is one everywhere, so that all weights of a layer stay alike."""

    def forward(self, prediction_tensor, label_tensor):
        return 0.0

    def backward(self, label_tensor):
        return np.ones_like(label_tensor)


class Ones:
    def next(self):
        return np.ones((1, SIZE)), np.ones((1, SIZE))


class Alike(FullyConnected):
    """Each weight has the same gradient, so that all have the same number, in every step another."""

    def backward(self, error_tensor):
        self.gradient_weights = ONES
        self.update()
        return error_tensor


ONES = np.ones((SIZE + 1, SIZE))


def network(optimizer):
    net = NeuralNetwork(optimizer, Constant(0.0), Constant(0.0))
    net.data_layer, net.loss_layer = Ones(), Sum()
    for layer in (Alike(SIZE, SIZE), Alike(SIZE, SIZE), Dropout(0.9, rng=0)):
        net.append_layer(layer)
    return net


class Training:
    """A network that trains in another thread within a `with` block."""

    def __init__(self, net):
        self.net, self.over, self.errors = net, False, []
        self.thread = threading.Thread(target=self.train)

    def train(self):
        try:
            while not self.over:
                self.net.train(5)
        except BaseException as error:
            self.errors.append(error)

    def __enter__(self):
        self.thread.start()
        while not self.net.loss:
            time.sleep(0.001)
        return self.net

    def __exit__(self, *error):
        self.over = True
        self.thread.join()
        assert not self.errors


def steps_of(net):
    """How many steps each optimizer has taken, once everything is found whole."""
    counts = set()
    for layer in net.layers[:2]:
        (optimizer,) = layer.optimizers.values()
        for array in (vars(layer)["weights"], *(getattr(optimizer, name) for name in optimizer.remembered)):
            assert array is None or np.ptp(array) == 0, "an array is torn"
        counts.add(optimizer.steps_taken)
    return counts


every_optimizer = pytest.mark.parametrize("make", OPTIMIZER_CLASSES)


def saved(net, folder):
    NeuralNetwork.save(folder / "net", net, loss_layer=False)
    return NeuralNetwork.load(folder / "net", None)


LOOKS = {
    "deepcopy": lambda net, folder: copy.deepcopy(net),
    "pickle": lambda net, folder: pickle.loads(pickle.dumps(net)),
    "file": saved,
}


@every_optimizer
def test_weights_that_another_thread_reads_are_whole_and_stay(make):
    with Training(network(make(0.001))) as net:
        held = []
        for number in range(30):
            layer = net.layers[number % 2]
            weights = layer.weights if number % 3 else layer.parameters()["weights"]
            held.append((weights, weights.copy()))
            time.sleep(0.002)
    for weights, then in held:
        assert np.ptp(then) == 0, "half old, half new"
        np.testing.assert_array_equal(weights, then)


@every_optimizer
@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
def test_a_copy_is_that_of_one_moment_between_two_steps(make, look, tmp_path):
    with Training(network(make(0.001))) as net:
        copies = [look(net, tmp_path) for _ in range(5)]
    for copied in copies:
        assert steps_of(copied) == {len(copied.loss)}


def test_who_tests_meanwhile_is_answered_by_one_moment_and_the_training_phase_stays():
    with Training(network(Sgd(0.001))) as net:
        for _ in range(10):
            assert np.ptp(net.test(np.ones((2, SIZE)))) < 1e-9
            assert np.ptp(net.predict(np.ones((9, SIZE)), batch_size=2)) < 1e-9
        assert not net.layers[2].testing_phase
    net.test(np.ones((1, SIZE)))


def test_who_waits_has_a_turn_before_long():
    with Training(network(Sgd(0.001))) as net:
        begun = time.perf_counter()
        for _ in range(20):
            net.test(np.ones((1, SIZE)))
        assert time.perf_counter() - begun < 10


def test_a_data_layer_may_ask_the_network_in_a_thread_of_its_own():
    net = network(Sgd(0.001))

    class Asking(Ones):
        def next(self):
            asking = threading.Thread(target=net.test, args=(np.ones((1, SIZE)),))
            asking.start()
            asking.join(10)
            assert not asking.is_alive(), "waits for the one who waits for it"
            return super().next()

    net.data_layer = Asking()
    net.train(2)


def test_a_thread_that_is_ended_from_outside_leaves_a_network_of_whole_steps():
    end = ctypes.pythonapi.PyThreadState_SetAsyncExc
    net = network(Adam(0.001))
    for number in range(15):
        training = Training(net)
        training.thread.start()
        time.sleep(0.002 * number)
        while training.thread.is_alive():  # what Python calls while it tidies up may swallow one
            end(ctypes.c_ulong(training.thread.ident), ctypes.py_object(SystemExit))
            training.thread.join(1)
        assert steps_of(net) == {len(net.loss)}


def test_a_checkpoint_from_another_thread_is_refused_by_name(tmp_path):
    net, refused = network(Sgd(0.001)), []

    class Elsewhere:
        def on_batch_end(self, logs, batch):
            thread = threading.Thread(target=self.save)
            thread.start()
            thread.join()

        def save(self):
            with pytest.raises(RuntimeError, match="another thread"):
                trainer.save(tmp_path / "checkpoint")
            refused.append(True)

    data = np.ones((2, SIZE)), np.ones((2, SIZE))
    trainer = Trainer(net, data, metrics=[], batch_size=1)
    trainer.callbacks.append(type("Elsewhere", (Elsewhere, trainer_callback()), {})())
    trainer.fit(1)
    assert refused


def trainer_callback():
    from Training.callbacks.base import Callback

    return Callback


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_has_a_network_of_one_moment():
    with Training(network(Adam(0.001))) as net:
        for _ in range(10):
            child = os.fork()
            if child == 0:
                signal.alarm(20)  # rather than wait for ever
                try:
                    whole = len(steps_of(net)) == 1
                    net.test(np.ones((1, SIZE)))
                    net.layers[0].weights  # noqa: B018
                finally:
                    os._exit(0 if whole else 1)
            assert os.waitpid(child, 0)[1] == 0
