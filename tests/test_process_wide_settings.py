"""Nothing that is set for a whole process stays set: after each use of the library, and wherever Ctrl-C ends it."""

import os
import signal

import numpy as np
import pytest

from Foundation import Parallel
from Foundation.Parallel import use_threads
from Generator.data_layer import ImageData
from Generator.generator import ImageGenerator
from Layers import (
    LSTM,
    RNN,
    BatchNormalization,
    Conv,
    Dropout,
    Flatten,
    FullyConnected,
    Pooling,
    ReLU,
    Sigmoid,
    SoftMax,
)
from Layers.Initializers import Constant, He
from Network import divergence, inspection
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L2_Regularizer
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam
from tests.faults.interrupts import count_points, interrupt
from tests.faults.settings import differences, snapshot

#: Points that are tried in each use; all of them where this is 0, which takes minutes.
MOST_POINTS = int(os.environ.get("POINTS", "60"))
PICTURES = np.random.default_rng(0).random((8, 6, 6, 2))
LABELS = np.arange(8) % 3


def network():
    net = NeuralNetwork(Adam(0.01, regularizer=L2_Regularizer(1e-3)), He(rng=0), Constant(0.1), clip_norm=1.0)
    net.loss_layer = CrossEntropyLoss()
    layers = [
        Conv.Conv((1, 1), (2, 3, 3), 3),
        BatchNormalization.BatchNormalization(3),
        ReLU.ReLU(),
        Pooling.Pooling((2, 2), (2, 2)),
        Dropout.Dropout(0.5),
        Flatten.Flatten(),
        FullyConnected.FullyConnected(27, 5),
        Sigmoid.Sigmoid(),
        FullyConnected.FullyConnected(5, 3),
        SoftMax.SoftMax(),
    ]
    for layer in layers:
        net.append_layer(layer)
    net.data_layer = data(rng=0, shuffle=True)
    net.train(1)
    return net


def data(**options):
    return ImageData(ImageGenerator.from_arrays(PICTURES, LABELS, 4, **options), (PICTURES, LABELS))


class Uses:
    """What the library is used for; each method makes what it takes, and gives a function that does it."""

    def __init__(self, folder):
        self.folder = folder

    def train(self):
        net = network()
        return lambda: net.train(1)

    def fit(self):
        net, images = network(), data(rng=0)
        return lambda: net.fit(images, epochs=1, validation_data=images.validation)

    def test(self):
        net = network()
        images = np.moveaxis(PICTURES, -1, 1)
        return lambda: (net.test(images), net.predict(images, batch_size=3))

    def evaluate(self):
        net = network()
        return lambda: net.evaluate(np.moveaxis(PICTURES, -1, 1), np.eye(3)[LABELS])

    def lone_layers(self):
        layers = [Conv.Conv(1, (2, 3, 3), 3), Sigmoid.Sigmoid(), Flatten.Flatten(), SoftMax.SoftMax()]
        layers[0].optimizer = Adam()

        def there_and_back():
            tensor = np.moveaxis(PICTURES, -1, 1)
            for layer in layers:
                tensor = layer.forward(tensor)
            for layer in reversed(layers):
                tensor = layer.backward(tensor)

        return there_and_back

    def recurrent_layers(self):
        layers = RNN.RNN(3, 4, 2), LSTM.LSTM(3, 4, 2)
        return lambda: [layer.backward(layer.forward(np.ones((2, 5, 3)))) for layer in layers]

    def save_and_load(self):
        net, file = network(), self.folder / "network"
        return lambda: (net.save(file, net), NeuralNetwork.load(file, None))

    def look_into_a_network(self):
        net, images = network(), np.moveaxis(PICTURES, -1, 1)
        net.test(images)
        return lambda: (inspection.outputs(net.layers, images), divergence.origin(net.layers, images))

    def generator(self):
        generator = ImageGenerator(
            "Generator/Sample_data", "Generator/Labels.json", 4, [8, 8, 3], mirroring=True, angle=5, noise=0.1, rng=0
        )
        return lambda: generator.next()

    def generator_with_workers(self):
        def some():
            with ImageGenerator.from_arrays(PICTURES, LABELS, 4, mirroring=True, rng=0, workers=2) as generator:
                generator.next()

        return some

    def pictures(self):
        from Training import pictures

        return lambda: pictures.batch_losses(np.arange(200.0))

    def setting_of_threads(self):
        def within():
            setting = use_threads(1)
            try:
                Parallel.thread_count()
            finally:
                try:
                    setting.__exit__(None, None, None)
                except BaseException:
                    setting.__exit__(None, None, None)
                    raise

        return within


@pytest.fixture(autouse=True)
def usual_ctrl_c():
    """Python's own handler, which a shell that runs the tests in the background takes away."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


USES = [name for name in vars(Uses) if name[0] != "_"]


@pytest.fixture(autouse=True)
def threads_for_the_smallest_work(monkeypatch):
    monkeypatch.setattr(Parallel, "WORTH_A_THREAD", 1)
    monkeypatch.setattr("os.process_cpu_count", lambda: 2, raising=False)


@pytest.mark.parametrize("use", USES)
def test_each_use_leaves_all_settings_as_they_were(use, tmp_path):
    work = getattr(Uses(tmp_path), use)()
    work()  # what is imported first makes settings of its own
    before = snapshot(with_random_states=use not in ("train", "fit"))
    work()
    assert differences(before) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # one while Python tidies up
@pytest.mark.parametrize("errors", ["warn", "raise"])
@pytest.mark.parametrize("use", USES)
def test_wherever_an_interrupt_comes_all_settings_are_as_they_were(use, errors, tmp_path):
    work = getattr(Uses(tmp_path), use)()
    with np.errstate(all=errors, under="ignore" if errors == "warn" else errors):
        work()
        count = count_points(work)
        tries = min(count, max(5, min(MOST_POINTS, 300_000 // count))) if MOST_POINTS else count
        step = count // tries
        before = snapshot(with_random_states=False)
        for point in range(count % step, count, step):
            try:
                interrupt(work, point)
            except KeyboardInterrupt:  # which decoders raise anew
                pass
            assert differences(before) == [], f"after an interrupt at point {point} of {count}"
