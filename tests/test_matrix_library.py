"""The matrix library's number of threads: limited for a while, never for good, and never for anybody else."""

import itertools
import threading
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from Foundation import MatrixLibrary
from Foundation.MatrixLibrary import on_the_calling_thread
from Foundation.Parallel import use_threads
from Layers import Conv

pytestmark = pytest.mark.skipif(
    "openblas" not in np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"],
    reason="threadpoolctl doesn't know every matrix library",
)


@pytest.fixture(autouse=True)
def three_threads(monkeypatch):
    """The library begins with three, whatever the machine has."""
    monkeypatch.setattr("os.process_cpu_count", lambda: 3, raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    (library,) = MatrixLibrary._libraries()
    before = library.threads()
    library.take(3)
    yield
    assert library.threads() == 3, "the library has another number of threads than before"
    library.take(before)


def in_force():
    """The number of threads that the library really has."""
    return MatrixLibrary._libraries()[0].threads()


def seen_by_others():
    file = MatrixLibrary._libraries()[0].file
    return next(library["num_threads"] for library in threadpool_info() if library["filepath"] == file)


def test_products_stay_on_the_calling_thread():
    assert on_the_calling_thread(in_force) == 1
    assert on_the_calling_thread(on_the_calling_thread, in_force) == 1
    assert in_force() == 3


def test_nobody_else_sees_the_limit():
    assert on_the_calling_thread(seen_by_others) == 3


def test_it_obeys_the_setting_as_well():
    with use_threads(2):
        assert in_force() == seen_by_others() == 2
        assert on_the_calling_thread(in_force) == 1

        def more():
            with use_threads(3):
                return in_force()

        assert on_the_calling_thread(more) == 1
        assert in_force() == 2
        with use_threads(1):
            assert in_force() == 1
        assert in_force() == 2
    assert in_force() == 3


def test_a_setting_made_while_the_batch_is_divided_holds_afterwards():
    setting = on_the_calling_thread(use_threads, 1)
    assert in_force() == 1
    setting.__exit__(None, None, None)
    assert in_force() == 3


class Ours:
    """What a layer does, in steps; `__exit__` in an order of somebody else's."""

    def __enter__(self):
        MatrixLibrary._inside[id(self)] = True
        MatrixLibrary._settle()

    def __exit__(self, *error):
        del MatrixLibrary._inside[id(self)]
        MatrixLibrary._settle()


def orders(count):
    """All orders in which so many contexts can begin and end."""
    for order in set(itertools.permutations([*range(count)] * 2)):
        yield [(number, at in (order.index(number),)) for at, number in enumerate(order)]


@pytest.mark.parametrize("theirs", [1, 2])
@pytest.mark.parametrize("ours", [1, 2])
def test_in_whatever_order_we_and_another_end_the_number_is_theirs_and_then_the_first_one(ours, theirs):
    """Theirs is a limit of threadpoolctl's, as scikit-learn sets it in another thread."""
    for order in orders(ours + 1):
        contexts, open_ones = {}, set()
        for number, begins in order:
            if begins:
                contexts[number] = Ours() if number else threadpool_limits(theirs, "blas")
                contexts[number].__enter__()
                open_ones.add(number)
            else:
                contexts[number].__exit__(None, None, None)
                open_ones.discard(number)
            expected = theirs if 0 in open_ones else 3
            assert seen_by_others() == expected, f"after {order}"
            assert in_force() == (1 if open_ones - {0} else expected), f"after {order}"


def test_others_limit_it_in_their_threads_while_a_layer_computes_in_ours():
    images, over = np.ones((4, 1, 8, 8)), threading.Event()

    def compute():
        layer = Conv.Conv(1, (1, 3, 3), 2)
        while not over.is_set():
            layer.backward(layer.forward(images))

    def limit(number):
        with threadpool_limits(number, "blas"):
            time.sleep(1e-3)

    threads = [threading.Thread(target=compute), threading.Thread(target=compute)]
    for thread in threads:
        thread.start()
    for number in range(200):
        limit(1 + number % 2)
    over.set()
    for thread in threads:
        thread.join(20)
    assert in_force() == seen_by_others() == 3


def test_in_whatever_order_two_settings_end_the_one_that_is_left_holds():
    for order in orders(2):
        settings, limits = {}, [1, 2]
        for number, begins in order:
            if begins:
                settings[number] = use_threads(limits[number])
            else:
                settings.pop(number).__exit__(None, None, None)
            expected = limits[list(settings)[-1]] if settings else 3
            assert in_force() == expected, f"after {order}"


def test_what_is_set_past_threadpoolctl_stays():
    library = MatrixLibrary._libraries()[0]
    on_the_calling_thread(library.take, 2)
    assert library.threads() == 2
    library.take(3)
