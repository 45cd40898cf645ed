"""KeyboardInterrupt at the n-th of the points where the interpreter looks for signals.

CPython looks when it enters a Python function, when it jumps back in a loop, and when a call of something written in C
has returned, before its result is stored. It doesn't look anywhere else, so that a signal can't arrive between
`lock.__enter__` of a `with` statement and its first line, or between the return of a Python function and the assignment
of what it returned.
"""

import opcode
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

CALLS = {code for name, code in opcode.opmap.items() if name in ("CALL", "CALL_FUNCTION_EX", "CALL_KW")}
JUMPS_BACK = {opcode.opmap["JUMP_BACKWARD"]}


class _Points:
    """Counts the points that go by, and raises at one of them."""

    def __init__(self, raise_at: int | None, error: BaseException) -> None:
        self.count, self.raise_at, self.error = 0, raise_at, error
        self.reached = False
        self._calling: dict[FrameType, str] = {}  # what is known of the call that each frame is in
        # One object for all frames, which lives as long as this one: Python borrows it while it calls it.
        self.tracer, self.profiler = self._trace, self._profile

    def _pass(self) -> None:
        self.count += 1
        if self.count - 1 == self.raise_at:
            self.reached = True
            raise self.error

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "call":
            if frame.f_code.co_filename == __file__:
                return None
            frame.f_trace_opcodes = True
            if frame.f_back is not None and self._calling.get(frame.f_back) == "unknown":
                self._calling[frame.f_back] = "Python"
            self._pass()
        elif event == "opcode":
            called = self._calling.pop(frame, None)
            code = frame.f_code.co_code[frame.f_lasti]
            if code in CALLS:
                self._calling[frame] = "unknown"
            if called in ("C", "unknown") or code in JUMPS_BACK:
                self._pass()
        elif event in ("return", "exception"):
            self._calling.pop(frame, None)
        return self.tracer

    def forget_frames(self) -> None:
        """Let go of them, and of what their variables hold."""
        self._calling.clear()

    def _profile(self, frame: FrameType, event: str, argument: Any) -> None:
        if event == "c_call" and frame in self._calling:
            self._calling[frame] = "C"


def _run(work: Callable[[], object], points: _Points) -> None:
    trace, profile = sys.gettrace(), sys.getprofile()
    sys.setprofile(points.profiler)
    sys.settrace(points.tracer)
    try:
        work()
    finally:
        sys.settrace(trace)
        sys.setprofile(profile)
        points.forget_frames()


def count_points(work: Callable[[], object]) -> int:
    """At how many points an interrupt can arrive on this thread while `work` runs."""
    points = _Points(None, KeyboardInterrupt())
    _run(work, points)
    return points.count


def interrupt(work: Callable[[], object], point: int, error: BaseException | None = None) -> bool:
    """Run `work` and raise KeyboardInterrupt (or `error`) at the point of that number, from 0 on, once.

    Gives whether there was such a point. That very error is caught here where `work` lets it through.
    """
    planted = KeyboardInterrupt("planted") if error is None else error
    points = _Points(point, planted)
    try:
        _run(work, points)
    except BaseException as raised:
        if raised is not planted:
            raise
        planted.__traceback__ = None  # whose frames would keep what they hold alive
    return points.reached
