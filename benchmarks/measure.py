"""Timing side by side: the only way to compare on a machine that other work disturbs.

Every contestant runs in turn, again and again, so that a slow moment meets all of them; the median of
each is compared with the median of the first.
"""

import importlib.util
import platform
import statistics
import time
from collections.abc import Callable

import numpy as np

TORCH = importlib.util.find_spec("torch") is not None


def median_times(
    contestants: dict[str, Callable[[], object]], rounds: int = 15, repeats: int = 10, pause: float = 0.05
) -> dict[str, float]:
    """Median seconds of one call of each contestant, taken in turn.

    The threads of a matrix library wait actively for a while for more work, 25 ms in OpenBLAS. A pause
    before each turn keeps one contestant's threads out of the other's time. After a pause a processor takes
    some 40 ms to wake up threads as quickly as in the middle of a training: calls are not counted for as
    long as the pause was.
    """
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, call in contestants.items():
            time.sleep(pause)
            call()
            awake = time.perf_counter() + pause
            while time.perf_counter() < awake:
                call()
            for _ in range(repeats):
                start = time.perf_counter()
                call()
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


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
