"""Who reads a file from a stranger opens that file and does nothing else: Python's audit hook hears of everything."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# The hook can't be taken away again, so that a program of its own has it.
PROGRAM = """
import json, pickle, sys, tempfile, warnings
from pathlib import Path
from tests.fuzz.data_files import KINDS
from tests.fuzz.limits import HARMLESS, Watched

class Call:
    def __init__(self, function, *arguments):
        self.call = function, arguments
    def __reduce__(self):
        return self.call

hostile = [pickle.dumps(value, protocol) for protocol in (0, 2, 4) for value in (
    Call(eval, "__import__('os').mkdir('executed')"), Call(open, "executed", "w"), Call(__import__, "this"),
    {"data": Call(print, "executed"), "labels": [1]},
)]
header = b"{'descr': __import__('os').mkdir('executed'), 'fortran_order': False, 'shape': (1, 1), }\\n"
hostile.append(b"\\x93NUMPY\\1\\0" + len(header).to_bytes(2, "little") + header)
watched, found = Watched(), {}
warnings.simplefilter("error")  # a warning that is shown opens the program that it comes from
with tempfile.TemporaryDirectory() as folder:
    for kind in KINDS:
        here = Path(folder) / kind.name
        (here / "seeds").mkdir(parents=True)
        kind.prepare(here)
        seeds, path = list(kind.seeds(here / "seeds")), here / kind.filename
        path.write_bytes(seeds[0])
        kind.use(path)  # the program's own imports are none of the file's doing
        seen, read = [], 0
        for content in [*seeds, *(seed[: len(seed) // 2] for seed in seeds), *hostile]:
            path.write_bytes(content)
            with watched.watching(lambda opened: opened == str(path)):
                try:
                    kind.use(path)
                    read += 1
                except (ValueError, TypeError, FileNotFoundError):
                    pass
            seen += watched.seen
        found[kind.name] = [read, seen]
with watched.watching(lambda opened: False):
    eval("__import__('this')")
print(json.dumps([found, watched.seen]))
"""


@pytest.fixture(scope="module")
def heard():
    ran = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert "executed" not in ran.stdout.splitlines()[:-1] and not (ROOT / "executed").exists()
    return json.loads(ran.stdout.splitlines()[-1])


def test_the_hook_hears_of_code_that_is_run(heard):
    assert any(event.startswith(("compile", "exec")) for event in heard[1])
    assert any(event.startswith("import ('this'") for event in heard[1])


def test_reading_imports_executes_opens_and_connects_nothing(heard):
    for kind, (read, seen) in heard[0].items():
        assert read, f"none of the good files of {kind} was read"
        assert not seen, f"{kind}: {seen[:3]}"
