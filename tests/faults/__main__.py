"""Kills and interrupts at random moments: `python -m tests.faults --kills 300 --interrupts 300`."""

import argparse
import time
import warnings

from tests.faults import kills
from tests.faults.jobs import JOBS


def main() -> int:
    """Try them on every job; the exit code is 1 where something was lost or half done."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="how many processes are killed (300)")
    parser.add_argument("--interrupts", type=int, default=300, help="how many interrupts there are (300)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (0)")
    parser.add_argument("--job", choices=list(JOBS), action="append", help="what is broken off (all)")
    options = parser.parse_args()
    warnings.simplefilter("error")
    failed = 0
    jobs = options.job or list(JOBS)
    for what, fault, times in (
        ("kills", kills.kill, options.kills),
        ("interrupts", kills.interrupt, options.interrupts),
    ):
        for number, job in enumerate(jobs):
            count = times // len(jobs) + (number < times % len(jobs))
            begun = time.perf_counter()
            try:
                fault(job, count, options.seed)
                result = "all whole"
            except kills.Broken as broken:
                failed, result = 1, str(broken)
            print(f"{job:<10} {count:4} {what:<11} {time.perf_counter() - begun:6.1f} s  {result}", flush=True)
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
