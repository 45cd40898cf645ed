"""Sharing work among threads: results in order, errors delivered, settings carried along and put back."""

import _thread
import os
import queue
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest

from Foundation import Parallel, Pieces
from Foundation.Parallel import WORTH_A_THREAD, add_up, over_batch, share, thread_count, use_threads
from Foundation.Pieces import in_pieces


def report(monkeypatch, processors):
    """Let the system say that this process may use so many."""
    monkeypatch.setattr("os.process_cpu_count", lambda: processors, raising=False)


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    """Threads are used whatever the machine has, and whatever it was told."""
    report(monkeypatch, 2)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


def test_results_come_in_the_order_of_the_items():
    def slow_for_the_first(item):
        time.sleep(0.02 if item == 0 else 0)
        return item

    assert share(slow_for_the_first, range(20)) == list(range(20))


def test_an_error_is_raised_when_no_thread_works_any_more():
    at_work = []

    def fail_for_the_first(item):
        at_work.append(item)
        time.sleep(0 if item == 0 else 0.02)
        at_work.remove(item)
        if item == 0:
            raise ValueError("the first")

    with pytest.raises(ValueError, match="the first"):
        share(fail_for_the_first, range(4))
    assert not at_work


def test_a_thread_that_wakes_up_when_all_is_done_keeps_nothing_in_memory(monkeypatch):
    class Late:
        def __init__(self):
            self.tasks = queue.SimpleQueue()

        def up_to(self, count):
            return count

    monkeypatch.setattr(Parallel, "_helpers", Late())
    arrays = [np.ones(2), np.zeros(2)]
    watched = [weakref.ref(array) for array in [*arrays, *share(np.negative, arrays)]]
    del arrays
    assert [reference() for reference in watched] == [None] * 4
    Parallel._helpers.tasks.get()()


def test_every_thread_has_the_callers_settings():
    meet = threading.Barrier(2, timeout=10)  # passed only by two threads that work at a time

    def settings(_):
        meet.wait()
        return np.geterr()["divide"]

    with np.errstate(divide="raise"):
        assert share(settings, range(2)) == ["raise"] * 2


def test_every_thread_calls_what_the_caller_wants_to_be_called():
    meet, calls = threading.Barrier(2, timeout=10), []

    def divide(_):
        meet.wait()
        return float(np.ones(1)[0] / np.zeros(1)[0])

    with np.errstate(divide="call", call=lambda kind, flag: calls.append(kind)):
        share(divide, range(2))
    assert calls == ["divide by zero"] * 2


def test_an_interruption_waits_until_no_thread_works_any_more():
    main, done = threading.current_thread(), []

    def slow_for_the_helper(_):
        if threading.current_thread() is not main:
            started.set()
            time.sleep(0.1)
            done.append(True)
        else:
            assert started.wait(10)

    started = threading.Event()
    threading.Timer(0.05, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        share(slow_for_the_helper, range(2))
    assert done


def test_the_buffer_for_long_rows_is_put_back(monkeypatch):
    monkeypatch.setattr(Pieces, "LARGE", 2**11)
    before, within = np.getbufsize(), []

    def fail(_):
        within.append(np.getbufsize())
        raise RuntimeError("in a piece")

    with pytest.raises(RuntimeError, match="in a piece"):
        in_pieces(fail, np.zeros((100, 50)), long_rows=True)
    assert set(within) == {512}
    assert np.getbufsize() == before


def test_pieces_do_not_depend_on_the_number_of_threads(monkeypatch):
    monkeypatch.setattr(Pieces, "LARGE", 2**11)
    array = np.random.default_rng(0).random((100, 50))
    by_two = in_pieces(lambda part: (part, array[part].sum()), array)
    report(monkeypatch, 1)
    assert in_pieces(lambda part: (part, array[part].sum()), array) == by_two
    assert len(by_two) > 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [("1", 1), ("3", 3), ("3,2", 3), ("100", 8), ("0", 8), ("-1", 8), ("", 8), ("many", 8)],
)
def test_omp_num_threads_counts_where_it_says_less(monkeypatch, words, expected):
    report(monkeypatch, 8)
    monkeypatch.setenv("OMP_NUM_THREADS", words)
    assert thread_count() == expected


def test_our_own_setting_counts_where_it_says_less(monkeypatch):
    report(monkeypatch, 8)
    with use_threads(5):
        assert thread_count() == 5
        monkeypatch.setenv("OMP_NUM_THREADS", "3")
        assert thread_count() == 3
        report(monkeypatch, 2)
        assert thread_count() == 2
        with use_threads(np.int64(1)):
            assert thread_count() == 1
            with use_threads(None):
                assert thread_count() == 2
        assert thread_count() == 2
    monkeypatch.delenv("OMP_NUM_THREADS")
    report(monkeypatch, 8)
    assert thread_count() == 8


@pytest.mark.parametrize(("count", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError), ("2", TypeError)])
def test_no_number_of_threads_is_refused_and_changes_nothing(count, error):
    with pytest.raises(error, match="use_threads: expected count to be"):
        use_threads(count)
    assert thread_count() == 2


def test_the_affinity_counts_where_python_does_not_count_itself(monkeypatch):
    monkeypatch.delattr("os.process_cpu_count")
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {3, 5, 6}, raising=False)
    assert thread_count() == 3
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: 7)
    assert thread_count() == 7
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert thread_count() == 1


def names_at_work(items=4):
    """The names of the threads that take part when everyone has time to."""
    names = set()

    def work(_):
        names.add(threading.current_thread().name)
        time.sleep(0.02)

    share(work, range(items))
    return names


def test_a_changed_setting_holds_for_the_next_call(monkeypatch):
    report(monkeypatch, 3)
    assert len(names_at_work(6)) == 3
    before = threading.active_count()
    with use_threads(1):
        assert names_at_work() == {threading.current_thread().name}
    with use_threads(2):
        assert len(names_at_work()) == 2
    assert len(names_at_work(6)) == 3
    assert threading.active_count() == before


def test_threads_that_cannot_be_started_are_done_without(monkeypatch):
    monkeypatch.setattr(Parallel, "_helpers", Parallel._Helpers())
    start, started = threading.Thread.start, []

    def start_only_one(thread):
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    report(monkeypatch, 4)
    with monkeypatch.context() as limited:
        limited.setattr(threading.Thread, "start", start_only_one)
        assert share(abs, range(-9, 0)) == list(range(9, 0, -1))
        assert len(names_at_work()) == 2
    assert len(names_at_work(8)) == 4  # as soon as there is room for them


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_has_threads_of_its_own():
    script = """
        import os, sys, threading, time
        from Foundation import Parallel
        os.process_cpu_count = lambda: 2
        Parallel.share(abs, range(4))
        child = os.fork()
        if child == 0:
            names = set()
            Parallel.share(lambda _: (names.add(threading.current_thread().name), time.sleep(0.05)), range(4))
            os._exit(len(names))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    assert run(script) == "2"


def run(script):
    code = "\n".join(line[8:] for line in script.splitlines())
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs a system that pins processes")
def test_a_process_pinned_to_one_core_has_one_thread():
    script = """
        import os
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        import threading
        import numpy as np
        from Layers import Conv, FullyConnected, ReLU
        from Optimization.Optimizers import Adam
        layer, dense, activation = Conv.Conv(1, (16, 3, 3), 16), FullyConnected.FullyConnected(600, 600), ReLU.ReLU()
        layer.optimizer = dense.optimizer = Adam()
        for _ in range(2):
            output = activation.forward(layer.forward(np.ones((32, 16, 32, 32))))
            layer.backward(activation.backward(output))
            dense.backward(dense.forward(np.ones((600, 600))))
        tasks = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1
        print(threading.active_count(), tasks)
    """
    assert run(script) == "1 1"


def parts(batch, threads):
    with pytest.MonkeyPatch.context() as monkeypatch:
        report(monkeypatch, threads)
        return over_batch(lambda part: part, batch, batch, WORTH_A_THREAD)


def test_all_threads_have_as_many_parts_of_the_batch_and_two_at_least():
    for batch, threads, count in ((128, 2, 4), (128, 3, 6), (128, 64, 128), (5, 2, 4), (3, 2, 3), (7, 1, 1)):
        found = parts(batch, threads)
        assert len(found) == count
        assert [place for part in found for place in range(batch)[part]] == list(range(batch))


def test_partial_results_are_added_up_in_their_order():
    rows = [*np.random.default_rng(0).standard_normal((7, 1000)).astype(np.float32)]
    expected = np.sum(rows, axis=0)
    assert add_up(rows) is rows[0]
    np.testing.assert_array_equal(rows[0], expected)
