"""Sharing work among threads: results in order, errors delivered, settings carried along and put back."""

import _thread
import threading
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from Foundation import Parallel, Pieces
from Foundation.Parallel import share
from Foundation.Pieces import in_pieces


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    """Threads are used whatever the machine has."""
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    Parallel._helpers.cache_clear()


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


@pytest.mark.skipif(
    "openblas" not in np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"],
    reason="threadpoolctl doesn't know every matrix library",
)
def test_the_matrix_library_is_found_and_stays_on_the_calling_thread():
    with Parallel.products_on_the_calling_thread():
        within = [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]
    assert within and set(within) == {1}


def test_pieces_do_not_depend_on_the_number_of_threads(monkeypatch):
    monkeypatch.setattr(Pieces, "LARGE", 2**11)
    array = np.random.default_rng(0).random((100, 50))
    by_two = in_pieces(lambda part: (part, array[part].sum()), array)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    Parallel._helpers.cache_clear()
    assert in_pieces(lambda part: (part, array[part].sum()), array) == by_two
    assert len(by_two) > 1
