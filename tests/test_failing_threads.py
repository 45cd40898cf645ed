"""Threads that can't be started are done without, those that are ended are replaced, and none holds up the end."""

import ctypes
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from Foundation import Parallel
from Foundation.Parallel import share
from Generator.download import _bar
from Generator.generator import ImageGenerator
from Generator.workers import WorkAhead
from Layers import Conv
from Training.callbacks import Progress

ENDS = int(os.environ.get("ENDS", "3"))
LONGEST = 20  # seconds
PICTURES = np.random.default_rng(0).random((10, 8, 8, 1))


@pytest.fixture(autouse=True)
def three_threads_and_none_yet(monkeypatch):
    monkeypatch.setattr(Parallel, "WORTH_A_THREAD", 1)
    monkeypatch.setattr(Parallel, "_helpers", Parallel._Helpers())
    monkeypatch.setattr("os.process_cpu_count", lambda: 3, raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


@pytest.fixture(params=[RuntimeError("can't start new thread"), MemoryError()], ids=["limit", "memory"])
def no_new_threads(request, monkeypatch):
    """As where a limit is reached, or the interpreter is about to end."""

    def refuse(thread):
        raise request.param

    monkeypatch.setattr(threading.Thread, "start", refuse)


def passes():
    layer = Conv.Conv(1, (1, 3, 3), 2)
    layer.weights, layer.bias = np.ones((2, 1, 3, 3)), np.ones(2)
    output = layer.forward(np.moveaxis(PICTURES, -1, 1))
    return output, layer.backward(output), layer.gradient_weights


def batches(**options):
    with ImageGenerator.from_arrays(PICTURES, np.arange(10), 4, rng=0, shuffle=True, **options) as generator:
        return [generator.next() for _ in range(4)]


def test_layers_work_without_threads(no_new_threads):
    found = passes()
    assert threading.active_count() == 1 or not Parallel._helpers._threads
    with Parallel.use_threads(1):
        for array, expected in zip(found, passes(), strict=True):
            np.testing.assert_allclose(array, expected, rtol=1e-12)


def test_the_generator_works_without_threads(no_new_threads):
    for (images, labels), (expected, expected_labels) in zip(batches(workers=2), batches(), strict=True):
        np.testing.assert_array_equal(images, expected)
        np.testing.assert_array_equal(labels, expected_labels)


def test_bars_work_without_threads(no_new_threads, capsys):
    with _bar(Path("file"), 0, 10, True) as bar:
        bar.update(10)

    class Trainer:
        batches, epoch, stopped = 3, 0, None

    progress = Progress("bar")
    progress.trainer = Trainer()
    progress.on_batch_end(0, {"loss": 1.0})
    progress.on_train_end({})
    assert "1/3" in capsys.readouterr().err


def test_a_generator_has_the_workers_that_could_be_started(monkeypatch):
    start, started = threading.Thread.start, []

    def start_only_one(thread):
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_only_one)
    ahead, names = WorkAhead(3), set()

    def work(number):
        names.add(threading.current_thread().name)
        return number

    assert [ahead.take(number, lambda number: (number,), work) for number in range(5)] == [*range(5)]
    assert names == {"image-worker-0"}
    ahead.stop(wait=True)


def ends_threads(test):
    """Python complains of a thread that is ended wherever it was."""
    for warning in ("PytestUnhandledThreadExceptionWarning", "PytestUnraisableExceptionWarning"):
        test = pytest.mark.filterwarnings(f"ignore::pytest.{warning}")(test)
    return test


class Ended(BaseException):
    """What somebody raises in a thread to end it."""


def end(thread):
    """End a thread from outside, as tools for time limits do."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Ended))


@ends_threads
def test_a_helper_that_is_ended_is_replaced():
    slow = lambda item: time.sleep(0.02) or item  # noqa: E731
    assert share(slow, range(6)) == [*range(6)]
    helpers = list(Parallel._helpers._threads)
    assert len(helpers) == 2
    for thread in helpers:
        end(thread)
    Parallel._helpers.tasks.put(int)  # they wake up, and end
    Parallel._helpers.tasks.put(int)
    for thread in helpers:
        thread.join(LONGEST)
        assert not thread.is_alive()
    assert share(slow, range(6)) == [*range(6)]
    assert len(Parallel._helpers._threads) == 2


@ends_threads
def test_helpers_that_are_ended_at_any_moment_keep_nobody_waiting():
    over = threading.Event()

    def end_them():
        while not over.is_set():
            for thread in list(Parallel._helpers._threads):
                if thread.ident is not None:
                    end(thread)
            time.sleep(1e-3)

    killer = threading.Thread(target=end_them)
    killer.start()
    done = 0
    latest = time.monotonic() + 1
    try:
        while time.monotonic() < latest:
            try:
                assert share(abs, range(-9, 0)) == [*range(9, 0, -1)]
            except Ended:  # in the work itself, whose caller is told
                pass
            done += 1
    finally:
        over.set()
        killer.join(LONGEST)
    assert done > 1


@ends_threads
def test_a_generator_whose_worker_is_ended_goes_on():
    with ImageGenerator.from_arrays(PICTURES, np.arange(10), 4, rng=0, shuffle=True, workers=1) as generator:
        expected = batches()
        for number, (images, labels) in enumerate(expected):
            pool = generator._ahead._pool
            if number and pool is not None:
                end(pool._threads[0])
                for _ in range(2):  # so that it wakes up, and ends
                    pool.submit(int)
            found = generator.next()
            np.testing.assert_array_equal(found[0], images)
            np.testing.assert_array_equal(found[1], labels)


ENDINGS = {
    "a generator has workers": """
        generator = ImageGenerator("Generator/Sample_data", "Generator/Labels.json", 4, [64, 64, 3], workers=2, rng=0)
        generator.next()
    """,
    "a layer computes in another thread": """
        layer, images = Conv.Conv(1, (3, 3, 3), 8), np.ones((8, 3, 32, 32))
        def compute():
            while True:
                layer.backward(layer.forward(images))
        threading.Thread(target=compute, daemon=True).start()
        time.sleep(0.2)
    """,
    "a network trains in another thread": """
        net = NeuralNetwork(Adam(1e-3), He(rng=0), Constant(0))
        net.loss_layer = CrossEntropyLoss()
        net.append_layer(Flatten.Flatten())
        net.append_layer(FullyConnected.FullyConnected(192, 400))
        net.append_layer(FullyConnected.FullyConnected(400, 4))
        net.append_layer(SoftMax.SoftMax())
        net.data_layer = ImageData(ImageGenerator.from_arrays(np.ones((50, 8, 8, 3)), np.arange(50) % 4, 50, workers=2))
        threading.Thread(target=net.train, args=(10**6,), daemon=True).start()
        time.sleep(0.2)
    """,
    "layers begin when the interpreter has begun to end": """
        layer, images = Conv.Conv(1, (3, 3, 3), 8), np.ones((8, 3, 32, 32))
        generator = ImageGenerator.from_arrays(np.ones((50, 8, 8, 3)), np.arange(50) % 4, 50, workers=2, rng=0)
        def last():
            layer.backward(layer.forward(images))
            generator.next()
            print("done")
        atexit.register(last)
        class Late:
            def __del__(self):
                layer.forward(images)
                generator.next()
        kept = Late()
    """,
}
IMPORTS = """
import atexit, os, threading, time
os.process_cpu_count = lambda: 2
import numpy as np
from Foundation import Parallel
Parallel.WORTH_A_THREAD = 1
from Generator.data_layer import ImageData
from Generator.generator import ImageGenerator
from Layers import Conv, Flatten, FullyConnected, SoftMax
from Layers.Initializers import Constant, He
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam
"""


@pytest.mark.parametrize("what", ENDINGS)
def test_a_program_ends_while(what):
    code = IMPORTS + "\n".join(line[8:] for line in ENDINGS[what].splitlines())
    for _ in range(ENDS):
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux")
def test_the_system_refuses_threads():
    """Under a real limit, which holds for who isn't root: none of a process's memory is left for another stack."""
    code = (
        IMPORTS
        + """
import resource
threading.stack_size(2**30)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**29, used + 2**29))
layer, images = Conv.Conv(1, (3, 3, 3), 8), np.ones((8, 3, 32, 32))
layer.backward(layer.forward(images))
generator = ImageGenerator.from_arrays(np.ones((50, 8, 8, 3)), np.arange(50) % 4, 50, workers=2, rng=0)
for _ in range(3):
    generator.next()
print(threading.active_count())
"""
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "1\n")
