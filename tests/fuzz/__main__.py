"""The command line: see `tests/fuzz/__init__.py`."""

import argparse
import os
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy is imported: files are small

from tests.fuzz.kinds import Kind
from tests.fuzz.running import Report, content_of, run


def all_kinds() -> list[Kind]:
    """Every kind of files that a stranger can hand to this library."""
    from tests.fuzz import checkpoint_files, data_files, network_files

    kinds = [*network_files.KINDS, *checkpoint_files.KINDS, *data_files.KINDS]
    if find_spec("onnx"):
        from tests.fuzz import onnx_files

        kinds += onnx_files.KINDS
    return kinds


def main(arguments: list[str] | None = None) -> int:
    """Make files, read them, say what became of them; 0 where nothing went wrong."""
    kinds = {kind.name: kind for kind in all_kinds()}
    parser = argparse.ArgumentParser("python -m tests.fuzz", description="Read mutated files.")
    parser.add_argument("--files", type=int, default=10_000, help="how many altogether (10000)")
    parser.add_argument("--only", choices=kinds, help="one kind of files (all)")
    parser.add_argument("--seed", type=int, default=0, help="of the mutations (0)")
    parser.add_argument("--number", type=int, help="one file alone, of the kind given by --only")
    parser.add_argument("--keep", type=Path, help="a folder for files that went wrong, or for the one")
    parser.add_argument("--most", type=int, default=12, help="how many messages to show of each kind (12)")
    options = parser.parse_args(arguments)
    chosen = [kinds[options.only]] if options.only else list(kinds.values())
    shares, failed = sum(kind.share for kind in chosen), 0
    for kind in chosen:
        numbers = range(-(-options.files * kind.share // shares))
        if options.number is not None:
            numbers = range(options.number, options.number + 1)
        begun = time.perf_counter()
        report = run(kind, numbers, options.seed)
        _print(report, time.perf_counter() - begun, options.most)
        if options.keep:
            _keep(report, options, options.number)
        failed += len(report.failed)
    return min(failed, 1)


def _print(report: Report, seconds: float, most: int) -> None:
    print(
        f"{report.kind.name}: {report.count} files in {seconds:.1f} s; {report.loaded} loaded, "
        f"{report.refused.total()} refused in {len(report.refused)} ways, {len(report.failed)} went wrong"
    )
    for message, count in report.refused.most_common(most):
        print(f"    {count:7} {message}")
    for number, what in report.failed[:most]:
        print(f"    WRONG number {number}: {what[:300]}")
    sys.stdout.flush()


def _keep(report: Report, options: argparse.Namespace, number: int | None) -> None:
    options.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        seeds = list(report.kind.seeds(Path(folder)))
    for wrong in [number] if number is not None else [wrong for wrong, _ in report.failed]:
        name = f"{report.kind.name.replace(' ', '_')}_{options.seed}_{wrong}"
        (options.keep / name).write_bytes(content_of(report.kind, seeds, options.seed, wrong))


if __name__ == "__main__":
    sys.exit(main())
