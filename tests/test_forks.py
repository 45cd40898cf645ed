"""A forked process works, whatever the threads of the other were at; and the other goes on as if nothing had been."""

import multiprocessing
import os
import signal
import threading
import time
import warnings

import numpy as np
import pytest

from Foundation import Forks, MatrixLibrary, Parallel
from Foundation.Parallel import share
from Generator.generator import ImageGenerator
from Layers import Conv, Flatten, FullyConnected, ReLU, SoftMax
from Layers.Initializers import Constant, He
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    # Python says from 3.12 on that a fork beside threads may hang: that it doesn't is what is tried here.
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]
FORKS = int(os.environ.get("FORKS", "12"))
LONGEST = 20  # seconds
PICTURES = np.random.default_rng(0).random((40, 8, 8, 1))


@pytest.fixture(autouse=True)
def two_threads_for_the_smallest_work(monkeypatch):
    monkeypatch.setattr(Parallel, "WORTH_A_THREAD", 1)
    monkeypatch.setattr("os.process_cpu_count", lambda: 2, raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


def in_a_fork(function):
    """What the function says of a forked process: None, or an error's words; a hang is one too."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(LONGEST)
        words = b""
        try:
            function()
        except BaseException as error:
            words = f"{type(error).__name__}: {error}".encode() or b"?"
        os.write(writing, words)
        os._exit(1 if words else 0)
    os.close(writing)
    with open(reading, "rb") as file:
        words = file.read().decode()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return "hangs" if status == -signal.SIGALRM else words or (f"status {status}" if status else None)


def network(*layers):
    net = NeuralNetwork(Adam(0.01), He(rng=0), Constant(0))
    net.loss_layer = CrossEntropyLoss()
    for layer in layers:
        net.append_layer(layer)
    net.data_layer = np.moveaxis(PICTURES, -1, 1), np.eye(5)[np.arange(40) % 5]
    return net


def convolutional():
    dense = FullyConnected.FullyConnected(256, 5)
    return network(Conv.Conv(1, (1, 3, 3), 4), ReLU.ReLU(), Flatten.Flatten(), dense, SoftMax.SoftMax())


def fully_connected():
    """With products for which the matrix library has threads of its own."""
    wide = FullyConnected.FullyConnected(64, 400), FullyConnected.FullyConnected(400, 5)
    return network(Flatten.Flatten(), *wide, SoftMax.SoftMax())


@pytest.mark.parametrize("make", [convolutional, fully_connected])
def test_a_fork_while_another_thread_trains(make):
    training, other = make(), make()
    library = MatrixLibrary._libraries()[0]
    other.train(1)
    expected = library.threads()
    over = threading.Event()

    def train():
        while not over.is_set():
            training.train(1)

    def use():
        assert library.threads() == expected, "the matrix library is limited in the new process"
        other.train(1)
        other.test(np.ones((2, 1, 8, 8)))
        assert in_a_fork(lambda: other.train(1)) is None, "in a process forked from the forked one"
        assert library.threads() == expected, "the matrix library is left limited"

    thread = threading.Thread(target=train)
    thread.start()
    try:
        for number in range(FORKS):
            assert in_a_fork(use) is None, f"fork {number}"
        steps = len(training.loss)
        latest = time.monotonic() + LONGEST
        while len(training.loss) < steps + 2 and time.monotonic() < latest:
            time.sleep(0.01)
        assert len(training.loss) >= steps + 2, "the training doesn't go on"
    finally:
        over.set()
        thread.join(LONGEST)
    assert not thread.is_alive()
    assert library.threads() == expected


def test_a_fork_inside_a_training_leaves_both_in_it():
    net, found = convolutional(), []

    def fork():
        if len(net.loss) == 1:
            found.append(in_a_fork(lambda: (net.train(1), net.test(np.ones((1, 1, 8, 8))))))

    net.train(3, after_each=fork)
    assert found == [None]
    assert len(net.loss) == 3


def test_a_fork_inside_work_that_is_shared():
    def fork(item):
        return in_a_fork(lambda: share(abs, range(-5, 0))) if item == 0 else item

    assert share(fork, range(4)) == [None, 1, 2, 3]


@pytest.mark.parametrize("workers", [0, 2])
def test_the_generator_gives_the_same_next_batches_in_both(workers):
    options = {"shuffle": True, "mirroring": True, "rng": 3, "workers": workers}
    with ImageGenerator.from_arrays(PICTURES, np.arange(40), 7, **options) as generator:
        generator.next()
        expected = ImageGenerator.from_arrays(PICTURES, np.arange(40), 7, **options | {"workers": 0})
        batches = [expected.next() for _ in range(8)]

        def follow():
            for images, labels in batches[1:]:
                found = generator.next()
                np.testing.assert_array_equal(found[0], images)
                np.testing.assert_array_equal(found[1], labels)

        def here_and_in_the_next():
            generator.next()
            generator.state = before
            assert in_a_fork(follow) is None
            follow()

        before = generator.state
        assert in_a_fork(follow) is None
        assert in_a_fork(here_and_in_the_next) is None
        follow()


def test_forks_while_workers_read_pictures():
    options = {"cache_bytes": 0, "workers": 2, "rng": 0, "shuffle": True}
    with ImageGenerator("Generator/Sample_data", "Generator/Labels.json", 4, [8, 8, 3], **options) as generator:
        for _ in range(FORKS):
            generator.next()
            assert in_a_fork(lambda: [generator.next() for _ in range(3)]) is None


def train_and_say(queue):
    net = convolutional()
    net.train(2)
    queue.put(len(net.loss))


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_multiprocessing(method):
    net = convolutional()
    net.train(1)
    context = multiprocessing.get_context(method)
    queue = context.SimpleQueue()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        process = context.Process(target=train_and_say, args=(queue,))
        process.start()
    process.join(6 * LONGEST)
    assert process.exitcode == 0
    assert queue.get() == 2
    net.train(1)


def test_a_fork_waits_for_what_is_computed_and_holds_off_what_begins():
    begun, go_on, order = threading.Event(), threading.Event(), []

    def compute():
        begun.set()
        go_on.wait(LONGEST)
        order.append("computed")

    first = threading.Thread(target=Forks.compute_undivided, args=(compute,))
    first.start()
    assert begun.wait(LONGEST)
    threading.Timer(0.05, go_on.set).start()
    assert in_a_fork(lambda: order.index("computed")) is None
    first.join(LONGEST)


def test_a_fork_waits_not_for_ever(monkeypatch):
    monkeypatch.setattr(Forks, "_LONGEST_WAIT", 0.1)
    begun, over = threading.Event(), threading.Event()
    thread = threading.Thread(target=Forks.compute_undivided, args=(lambda: (begun.set(), over.wait(LONGEST)),))
    thread.start()
    assert begun.wait(LONGEST)
    assert in_a_fork(lambda: None) is None
    over.set()
    thread.join(LONGEST)


def test_locks_are_free_in_the_new_process():
    lock = Forks.held_at_forks(threading.RLock())
    over = threading.Event()

    def hold():
        while not over.is_set():
            with lock:
                time.sleep(1e-4)

    thread = threading.Thread(target=hold)
    thread.start()

    def take():
        assert lock.acquire(timeout=1)

    try:
        for _ in range(5):
            assert in_a_fork(take) is None
    finally:
        over.set()
        thread.join(LONGEST)
        Forks._locks.remove(lock)


def test_what_is_to_be_called_is_called_as_long_as_its_object_lives():
    class Pool:
        forgotten = False

        def forget(self):
            self.forgotten = True

    pool, before = Pool(), len(Forks._called)
    Forks.when_forked(pool.forget)
    assert in_a_fork(lambda pool=pool: None if pool.forgotten else 1 / 0) is None
    assert not pool.forgotten
    del pool
    assert len(Forks._called) == before
