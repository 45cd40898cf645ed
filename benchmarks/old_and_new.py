"""An old checkout beside this one, case by case: time and memory of what `benchmarks/cases.py` lists.

    git worktree add ../old COMMIT
    python -m benchmarks.old_and_new --old ../old

Three processes for each case - old, new, and old once more, which shows the noise - each import their own checkout,
prepare the case, and take turns in random order: one computes, the others sleep. A turn is some calls that aren't
counted, until the processor's cores are awake, and then as many calls that are, the same number on all sides. The
ratio of two turns of one round is one pair; the medians of all pairs are printed, with their quartiles. New processes
are started several times for each case, since where things lie in a process's memory makes a difference of its own.

Memory is by how much a process grows at most while it repeats the call, over what it held after the imports.
"""

import argparse
import importlib.util
import json
import math
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SIDES = ("old", "new", "old again")
LIMIT = 1.05
WAKING = 0.03  # seconds of calls that aren't counted before each turn


class CaseFailed(Exception):
    """A worker couldn't prepare or run a case."""


# In the worker: nothing of this checkout is imported but the list of cases.


def work(root: str, cores: int) -> None:
    """Do what comes in, line by line; what a case prints goes to the error stream."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program that started this one ends it
    if cores:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    sys.path.insert(0, root)
    cases = _load_cases()
    import NeuralNetwork

    if Path(NeuralNetwork.__file__).resolve().parent != Path(root).resolve():
        raise RuntimeError(f"expected the library of {root}, got {NeuralNetwork.__file__}")
    call: Callable[[], object] = lambda: None  # noqa: E731
    before = _memory("VmRSS")
    print(json.dumps({"cases": list(cases)}), file=answers)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            if "prepare" in order:
                call = cases[order["prepare"]]()
                Path("/proc/self/clear_refs").write_text("5")  # the peak of preparing is forgotten
                answer: dict[str, Any] = {"seconds": _seconds(call, 1)}
            elif "calls" in order:
                awake = time.perf_counter() + WAKING
                while time.perf_counter() < awake:
                    call()
                answer = {"seconds": _seconds(call, order["calls"])}
            else:
                answer = {"megabytes": (_memory("VmHWM") - before) / 1024}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers)


def _load_cases() -> dict[str, Callable[[], Callable[[], object]]]:
    specification = importlib.util.spec_from_file_location("cases", HERE / "cases.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.CASES


def _seconds(call: Callable[[], object], calls: int) -> float:
    """For each of so many calls."""
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - start) / calls


def _memory(key: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(key)).split()[1])


# In the program that compares.


class Worker:
    """A process that has imported one checkout."""

    def __init__(self, side: str, root: Path, cores: int, environment: dict[str, str]) -> None:
        self._side = side
        command = [sys.executable, "-P", str(HERE / "old_and_new.py"), "--work", str(root), "--cores", str(cores)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root, env=environment
        )

    def answer(self) -> dict[str, Any]:
        """Wait for the next answer."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._side}: the process ended with {self._process.wait()}; its error is above")
        answer = json.loads(line)
        if "error" in answer:
            raise CaseFailed(f"{self._side}: {answer['error']}")
        return answer

    def ask(self, **order: Any) -> Any:
        """Give an order, wait for what comes of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        (value,) = self.answer().values()
        return value

    def end(self) -> None:
        """Let the process end by itself."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@contextmanager
def workers(options: argparse.Namespace) -> Iterator[dict[str, Worker]]:
    """A new process for each side, all of which are ready."""
    environment = {**os.environ, **settings(options)}
    environment.pop("PYTHONPATH", None)
    with ExitStack() as stack:
        started = {}
        for side in SIDES:
            root = options.new if side == "new" else options.old
            started[side] = Worker(side, root, options.cores, environment)
            stack.callback(started[side].end)
        for worker in started.values():
            worker.answer()
        yield started


def settings(options: argparse.Namespace) -> dict[str, str]:
    """Of the workers' surroundings: the matrix library's threads sleep at once, and what the machine is taken for."""
    chosen = {"OPENBLAS_THREAD_TIMEOUT": "4", "PYTHONHASHSEED": "0"}
    if options.machine == "avx2":
        numpy: Any = importlib.import_module("numpy._core._multiarray_umath")
        has, chooses_among = numpy.__cpu_features__, numpy.__cpu_dispatch__
        wider = [name for name in chooses_among if name.startswith(("AVX512", "X86_V4")) and has.get(name)]
        chosen |= {"NPY_DISABLE_CPU_FEATURES": " ".join(wider), "OPENBLAS_CORETYPE": "Haswell"}
    return chosen


@dataclass
class Comparison:
    """What was measured of one case."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {side: [] for side in SIDES})
    megabytes: dict[str, list[float]] = field(default_factory=lambda: {side: [] for side in SIDES})

    def ratios(self, one: str, other: str = "old") -> list[float]:
        """Of the turns in which both had the same number of calls, one after the other."""
        return [a / b for a, b in zip(self.seconds[one], self.seconds[other], strict=True)]

    def memory(self, side: str) -> float:
        """In MB, of the process that took least: what another happened to reserve beyond is chance."""
        return min(self.megabytes[side])

    def memory_ratio(self, side: str) -> float:
        """Beside the old one; what lies below 2 MB is chance."""
        return max(2.0, self.memory(side)) / max(2.0, self.memory("old"))


def compare(case: str, options: argparse.Namespace) -> Comparison:
    """Run one case on all sides."""
    found = Comparison()
    for start in range(options.starts):
        rounds = [options.pairs * i // options.starts for i in (start, start + 1)]
        with workers(options) as started:
            first = [started[side].ask(prepare=case) for side in SIDES]
            once = started["old"].ask(calls=max(1, int(0.01 / first[0])))
            calls = max(1, round(options.turn / once))
            for _ in range(*rounds):
                for side in random.sample(SIDES, len(SIDES)):
                    found.seconds[side].append(started[side].ask(calls=calls))
            for side in SIDES:
                found.megabytes[side].append(started[side].ask(memory=True))
    return found


def report(case: str, found: Comparison) -> None:
    """One line: times, ratio with quartiles, noise, memory."""
    ratios = found.ratios("new")
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    times = [_time(statistics.median(found.seconds[side])) for side in ("old", "new")]
    memory = "  ".join(f"{found.memory(side):7.1f}" for side in SIDES)
    noise = statistics.median(found.ratios("old again"))
    mark = " slower" * (middle > LIMIT) + " larger" * (found.memory_ratio("new") > LIMIT)
    print(f"{case:<62} {times[0]} {times[1]}   {middle:5.3f} ({low:5.3f} {high:5.3f})   {noise:5.3f}   {memory}{mark}")
    sys.stdout.flush()


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:8.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:8.2f} µs"


def chosen_cases(options: argparse.Namespace) -> list[str]:
    """The names of the cases in which one of the words stands, as the new checkout lists them."""
    worker = Worker("new", options.new, options.cores, dict(os.environ))
    names = worker.answer()["cases"]
    worker.end()
    chosen = [name for name in names if not options.only or any(word.lower() in name.lower() for word in options.only)]
    if not chosen:
        raise SystemExit(f"no case has {' or '.join(options.only)} in its name; there are:\n" + "\n".join(names))
    return chosen


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.old_and_new", description=__doc__.split("\n\n")[0])
    parser.add_argument("--old", type=Path, help="a checkout of the commit to compare with")
    parser.add_argument("--new", type=Path, default=HERE.parent, help="a checkout of the new one (this one)")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="cases in whose name one of these stands")
    parser.add_argument("--pairs", type=int, default=21, help="turns of each side (21)")
    parser.add_argument("--starts", type=int, default=3, help="on how many processes the pairs are spread (3)")
    parser.add_argument("--turn", type=float, default=0.05, help="seconds that the counted calls of a turn take (0.05)")
    parser.add_argument("--as", dest="machine", choices=["avx2"], help="as a machine without AVX-512 would")
    parser.add_argument("--cores", type=int, default=0, help="how many cores the processes may use (all)")
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work, options.cores)
        return
    options.starts = min(options.starts, options.pairs)
    options.new = options.new.resolve()
    cases = chosen_cases(options)
    if options.list:
        print("\n".join(cases))
        return
    if options.old is None:
        parser.error("expected --old, a checkout of the commit to compare with")
    options.old = options.old.resolve()
    print(f"old: {options.old}\nnew: {options.new}")
    print(", ".join(f"{key}={value}" for key, value in settings(options).items()))
    print(f"{'':<62} {'old':>11} {'new':>11}   new/old (quartiles)     old/old   MB: old    new   old again")
    compared: dict[str, Comparison] = {}
    for case in cases:
        try:
            compared[case] = compare(case, options)
        except CaseFailed as error:
            print(f"{case:<62} failed: {error}", flush=True)
            continue
        report(case, compared[case])
    summary(compared)
    if len(compared) < len(cases):
        raise SystemExit(f"{len(cases) - len(compared)} cases failed")


def summary(compared: dict[str, Comparison]) -> None:
    """Geometric means, and how many cases are above the limit."""
    for side, name in (("new", "new/old"), ("old again", "old/old")):
        _print_mean(f"time, {name}", [statistics.median(found.ratios(side)) for found in compared.values()])
        _print_mean(f"memory, {name}", [found.memory_ratio(side) for found in compared.values()])


def _print_mean(name: str, ratios: list[float]) -> None:
    if ratios:
        mean = math.exp(statistics.fmean(map(math.log, ratios)))
        above = sum(ratio > LIMIT for ratio in ratios)
        print(f"{name}: geometric mean {mean:.4f} of {len(ratios)} cases, {above} above {LIMIT}")


if __name__ == "__main__":
    main()
