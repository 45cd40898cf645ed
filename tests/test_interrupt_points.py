"""The tool that plants interrupts: it finds the points, and what runs before and after them is right."""

import contextlib
import threading

from tests.faults.interrupts import count_points, interrupt


def test_an_interrupt_arrives_at_each_point_once():
    reached = []

    def work() -> None:
        for _ in range(3):
            reached.append(len("abc"))

    for point in range(count_points(work)):
        assert interrupt(work, point)
    assert not interrupt(work, count_points(work))


def test_no_point_lies_between_a_lock_and_its_block():
    lock = threading.Lock()

    def work() -> None:
        with lock:
            len("abc")

    for point in range(count_points(work)):
        interrupt(work, point)
        assert not lock.locked()


def test_the_point_between_a_c_function_and_the_assignment_of_its_result_is_found():
    lock = threading.Lock()

    def work() -> None:
        lock.acquire()
        with contextlib.suppress(ValueError):
            pass
        lock.release()

    def left_locked(point: int) -> bool:
        interrupt(work, point)
        locked = lock.locked()
        if locked:
            lock.release()
        return locked

    assert any(left_locked(point) for point in range(count_points(work)))
