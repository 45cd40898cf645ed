"""Timing side by side: the only way to compare on a machine that other work disturbs.

Every contestant runs in turn, again and again, so that a slow moment meets all of them; the median of
each is compared with the median of the first.
"""

import importlib.util
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import numpy as np

TORCH = importlib.util.find_spec("torch") is not None

#: Gives the seconds of each call, for so many calls and a pause before.
Turn = Callable[[int, float], list[float]]


def median_times(
    contestants: dict[str, Callable[[], object]], rounds: int = 15, repeats: int = 10, pause: float = 0.05
) -> dict[str, float]:
    """Median seconds of one call of each contestant, taken in turn."""
    turns: dict[str, Turn] = {name: partial(_turn, call) for name, call in contestants.items()}
    return _medians(turns, rounds, repeats, pause)


def median_times_apart(
    commands: dict[str, list[str]], rounds: int = 15, repeats: int = 10, pause: float = 0.05
) -> dict[str, float]:
    """The same for programs that `take_turns`: each contestant in a process of its own.

    There it has the settings of the process that it makes itself, and not those that another library makes.
    """
    with ExitStack() as running:
        turns: dict[str, Turn] = {}
        for name, command in commands.items():
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            running.enter_context(child)
            turns[name] = partial(_asked, child)
        return _medians(turns, rounds, repeats, pause)


def take_turns(call: Callable[[], object]) -> None:
    """Be a contestant: for each line of input, a turn, and a line with the seconds of its calls."""
    for line in sys.stdin:
        print(json.dumps(_turn(call, *json.loads(line))), flush=True)


def _asked(child: "subprocess.Popen[str]", repeats: int, pause: float) -> list[float]:
    assert child.stdin is not None and child.stdout is not None
    print(json.dumps([repeats, pause]), file=child.stdin, flush=True)
    seconds: list[float] = json.loads(child.stdout.readline())
    return seconds


def _medians(turns: dict[str, Turn], rounds: int, repeats: int, pause: float) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, turn in turns.items():
            times[name] += turn(repeats, pause)
    return {name: statistics.median(values) for name, values in times.items()}


def _turn(call: Callable[[], object], repeats: int, pause: float) -> list[float]:
    """The seconds of each of some calls.

    The threads of a matrix library wait actively for a while for more work, 25 ms in OpenBLAS. A pause
    before each turn keeps one contestant's threads out of the other's time. After a pause a processor takes
    some 40 ms to wake up threads as quickly as in the middle of a training: calls are not counted for as
    long as the pause was.
    """
    time.sleep(pause)
    call()
    awake = time.perf_counter() + pause
    while time.perf_counter() < awake:
        call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


def report(title: str, medians: dict[str, float]) -> None:
    """Print one line: the medians in milliseconds and the ratio of the first to the second."""
    cells = [f"{name} {seconds * 1e3:8.2f} ms" for name, seconds in medians.items()]
    first, *others = medians.values()
    ratio = f"   ratio {first / others[0]:.2f}" if others else ""
    print(f"{title:<44} {'   '.join(cells)}{ratio}", flush=True)


def machine() -> str:
    """What the numbers were measured on."""
    versions = [f"Python {platform.python_version()}", f"NumPy {np.__version__}"]
    if TORCH:
        import torch

        versions.append(f"PyTorch {torch.__version__} with {torch.get_num_threads()} threads")
    return ", ".join(versions)
