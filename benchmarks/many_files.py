"""What 100,000 small pictures in 100 folders cost before the first batch: `python -m benchmarks.many_files`.

The files are written to memory where there is a folder for it. Each case runs in a process of its own, whose memory is
compared before and after.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parent.parent
QUICK = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def write_files(folder: Path, classes: int, pictures: int) -> None:
    """Write pictures of 8 x 8 in folders of classes, and two lists of them."""
    rng = np.random.default_rng(0)
    contents = []
    for _ in range(16):
        stream = io.BytesIO()
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(stream, "PNG")
        contents.append(stream.getvalue())
    labels = {}
    for number in range(classes):
        (folder / "pictures" / f"class {number}").mkdir(parents=True)
        for picture in range(pictures):
            name = f"class {number}/{number:04}_{picture:06}.png"
            (folder / "pictures" / name).write_bytes(contents[picture % len(contents)])
            labels[name] = number
    (folder / "labels.json").write_text(json.dumps(labels))
    lines = [f"{name},class {number}\n" for name, number in labels.items()]
    (folder / "labels.csv").write_text("".join(["file,label\n", *lines]))


def kilobytes(which: str) -> int:
    """Memory of this process, now ("VmRSS") or at most so far ("VmHWM")."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(which))
    return int(line.split()[1])


def measure(folder: str, labels: str) -> dict[str, float]:
    """Seconds until a generator is there, and MB that it has taken, with the first batch and without."""
    import PIL.PngImagePlugin  # noqa: F401  what is loaded once isn't the generator's

    from Generator.generator import ImageGenerator

    label_path = None if labels == "folders" else f"{folder}/{labels}"
    before, start = kilobytes("VmRSS"), time.perf_counter()
    generator = ImageGenerator(f"{folder}/pictures", label_path, 32, [8, 8, 3], shuffle=True, rng=0)
    seconds = time.perf_counter() - start
    peak = kilobytes("VmHWM")
    generator.next()
    first = time.perf_counter() - start - seconds
    return {"seconds": seconds, "MB": (peak - before) / 1024, "batch": first, "pictures": generator.number_of_images}


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description="What many small pictures cost before the first batch.")
    parser.add_argument("--classes", type=int, default=100, help="folders (100)")
    parser.add_argument("--pictures", type=int, default=1000, help="files in each (1000)")
    parser.add_argument("--measure", nargs=2, metavar=("FOLDER", "LABELS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(*given.measure)))
        return
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        write_files(Path(folder), given.classes, given.pictures)
        print("labels from    pictures   ready in    memory   first batch")
        for labels in ("folders", "labels.json", "labels.csv"):
            command = [sys.executable, "-m", "benchmarks.many_files", "--measure", folder, labels]
            done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
            found = json.loads(done.stdout)
            print(
                f"{labels:13} {found['pictures']:9,} {found['seconds']:8.2f} s {found['MB']:6.0f} MB "
                f"{1000 * found['batch']:10.1f} ms"
            )


if __name__ == "__main__":
    main()
