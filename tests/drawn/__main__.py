"""Draw many cases: `python -m tests.drawn`."""

import argparse
import os
import secrets
import sys

import pytest


def main() -> int:
    """Run the deep profile; the same seed draws the same cases again."""
    parser = argparse.ArgumentParser(prog="python -m tests.drawn", description=__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="of each law for each class (1000)")
    parser.add_argument("--only", default="", help="those whose name has this in it, as pytest's -k")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    parser.add_argument("--processes", default="auto", help="as pytest-xdist's -n (auto)")
    options = parser.parse_args()
    print(f"python -m tests.drawn --cases {options.cases} --seed {options.seed} draws these again", flush=True)
    os.environ["DRAWN_CASES"] = str(options.cases)
    arguments = ["tests/drawn", "--hypothesis-profile=deep", f"--hypothesis-seed={options.seed}", "-k", options.only]
    return int(pytest.main([*arguments, "-q", "-n", options.processes, "-p", "no:cacheprovider"]))


if __name__ == "__main__":
    sys.exit(main())
