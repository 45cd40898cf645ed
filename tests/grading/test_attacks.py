"""Hostile submissions: no point that isn't deserved, in no box; and everybody else's stay as they are."""

import textwrap

import pytest

from tests.grading.places import RIGHT, each_box, grade, hostile, marks, write

pytestmark = pytest.mark.slow

#: What the tests of this task are called, without looking.
NAMES = "[name for name in dir(tests.TestReLU) if name.startswith('test_')]"
FORGED = f"""
def forge(path):
    import json, sys
    tests = sys.modules["__main__"]
    with open(path, "w") as file:
        for name in {NAMES}:
            file.write(json.dumps({{"started": name}}) + "\\n")
            file.write(json.dumps({{"name": name, "status": "passed", "message": ""}}) + "\\n")
        file.write('{{"finished": true}}\\n')
"""
RECORD = (
    "import json, os, sys\nif sys.argv[1:2] == ['--in-this-process']:\n    record = json.loads(sys.argv[2])['record']\n"
)


def in_tests(code: str) -> str:
    """Code that runs in a task's process alone, where the record's path is known."""
    return RECORD + textwrap.indent(textwrap.dedent(code), "    ")


#: Each gives itself all points of a task that it hasn't solved, or would.
FORGERIES = {
    "a forged record": FORGED + in_tests("forge(record); os._exit(0)"),
    "at exit": FORGED + in_tests("import atexit; atexit.register(forge, record)\nraise KeyboardInterrupt"),
    "when an object is deleted": FORGED
    + in_tests("""
        class Last:
            def __del__(self): forge(record); os._exit(0)
        sys.modules['last'] = Last()
        raise SystemExit(0)"""),
    "from a thread": FORGED
    + in_tests("""
        import threading, time
        def late():
            time.sleep(0.05)
            forge(record)
            os._exit(0)
        threading.Thread(target=late).start()
        time.sleep(1)"""),
    "by a signal's handler": FORGED
    + in_tests("""
        import signal
        signal.signal(signal.SIGALRM, lambda *_: (forge(record), os._exit(0)))
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        import time; time.sleep(1)"""),
    "a recorder that never fails": in_tests("""
        tests = sys.modules["__main__"]
        tests.Recorder.addFailure = tests.Recorder.addError = lambda self, test, error: self.addSuccess(test)
        tests.Recorder.addSubTest = lambda *_: None"""),
    "a describer who says passed": in_tests("""
        sys.modules["__main__"].describe.__code__ = (lambda error: ("passed", "")).__code__"""),
    "tests that don't test": in_tests("""
        import unittest
        unittest.TestCase.run = lambda self, result=None: (
            result.startTest(self), result.addSuccess(self), result.stopTest(self))"""),
    "a check that agrees": in_tests("""
        tests = sys.modules["__main__"]
        for name, item in list(vars(tests).items()):
            if callable(item) and name.startswith(("check", "close", "same", "assert")):
                setattr(tests, name, lambda *_, **__: True)
        for name in dir(tests.TestReLU):
            if name.startswith(("assert", "check", "fail")):
                setattr(tests.TestReLU, name, lambda *_, **__: None)"""),
    "numbers that equal all": in_tests("""
        import numpy as np
        np.testing.assert_allclose = np.testing.assert_array_equal = lambda *_, **__: None
        np.allclose = np.array_equal = np.all = lambda *_, **__: True
        np.max = np.min = lambda *_, **__: 0.0"""),
    "an array that equals all": """
import numpy as np
class Agreeable(np.ndarray):
    def __sub__(self, other): return np.zeros(self.shape)
    __rsub__ = __sub__
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __array_ufunc__(self, *_, **__): return np.zeros(self.shape)
ReLU.forward = ReLU.backward = lambda self, x: np.array(x).view(Agreeable)
""",
    "through the garbage collector": in_tests("""
        import gc
        for item in gc.get_objects():
            if type(item).__name__ == "Recorder":
                type(item).addFailure = type(item).addError = lambda self, test, error: None
                type(item).stopTest = lambda self, test: self.write(
                    name=test._testMethodName, status="passed", message="")"""),
    "through the frames of the callers": in_tests("""
        frame = sys._getframe()
        while frame:
            for item in list(frame.f_locals.values()):
                if hasattr(item, "addFailure"):
                    item.addFailure = item.addError = lambda *_: None
                    item.addSubTest = lambda *_: None
            frame = frame.f_back"""),
    "the expected value from the caller": """
import sys, numpy as np
def wanted(self, tensor):
    frame = sys._getframe(1)
    while frame:
        for name, value in frame.f_locals.items():
            if "expected" in name and getattr(value, "shape", None) == tensor.shape:
                return value
        frame = frame.f_back
    return tensor
ReLU.forward = ReLU.backward = wanted
""",
    "answers from a table": """
import pickle, os, numpy as np
answers = {}
def remembered(self, tensor):
    return answers.setdefault(tensor.tobytes(), np.zeros(tensor.shape))
ReLU.forward = ReLU.backward = remembered
""",
}


#: Each answers the fresh question in a way of its own, after a forged record.
ANSWERS = {
    "nothing is a number": "np.full(tensor.shape, np.nan)",
    "infinite": "np.full(tensor.shape, np.inf)",
    "complex": "tensor + 1j",
    "giant": "np.full(tensor.shape, 1e308)",
    "endless": "np.zeros(10**7)",
    "of words": "'numbers'",
    "of objects": "np.full(tensor.shape, None)",
    "a class": "type('Number', (float,), {})(0)",
    "the layer itself": "self",
    "a list of itself": "nest()",
    "an exit": "os._exit(0)",
    "an error": "1 / 0",
    "a deep error": "deep()",
}
LIES = """
import os, numpy as np
def deep(): return deep()
def nest():
    made = []
    made.append(made)
    return made
ReLU.forward = ReLU.backward = lambda self, tensor: {answer}
"""


@pytest.fixture(scope="module")
def forged(tmp_path_factory):
    """What came out for all of them and a right one, by box."""
    place = tmp_path_factory.mktemp("forged")
    everybody = {"right": write(place / "right", RIGHT)}
    for name, code in FORGERIES.items():
        everybody[name] = hostile(place / name.replace(" ", "_"), code)
    for name, answer in ANSWERS.items():
        code = FORGED + in_tests("forge(record); os._exit(0)") + LIES.format(answer=answer)
        everybody[name] = hostile(place / name.replace(" ", "_"), code)
    results = {}

    def result(box):
        if box not in results:
            table = place / f"{box}.csv"
            done = grade(*everybody.values(), "TestReLU", "--sandbox", box, "--csv", table)
            results[box] = done, marks(table)
        return results[box]

    return result


@each_box()
@pytest.mark.parametrize("attack", [*FORGERIES, *ANSWERS])
def test_a_forgery_earns_nothing(forged, box, attack):
    _, rows = forged(box)
    assert rows[attack.replace(" ", "_")]["TestReLU"] == "0"


@each_box()
def test_a_forgery_costs_nothing_else(forged, box):
    done, rows = forged(box)
    assert done.returncode == 1
    assert done.stderr == ""
    assert len(rows) == 1 + len(FORGERIES) + len(ANSWERS)
    assert (rows["right"]["TestReLU"], rows["right"]["remark"]) == ("10", "")
