"""Photographs in folders, read and augmented for a network, beside torchvision's transforms where it is installed.

Run as `python -m benchmarks.folders`; about two minutes, and part of `benchmarks.generator`. Both get the same JPEG
files of 224 x 224, deliver batches of 64 as float32, and neither keeps what it has read. All take turns, and each line
is the median over rounds: what a picture takes, and how much of that is beyond reading it, as a share of reading it.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from Generator.draw_sample_data import draw_sample_data
from Generator.generator import ImageGenerator

BATCH, IMAGES, SIDE, ROUNDS = 64, 256, 224, 5

#: What is done to each picture, from nothing on: ours, and torchvision's of the same kind and strength.
RECIPES: dict[str, tuple[dict[str, Any], Callable[[Any], list[Any]]]] = {
    "as they are": ({}, lambda transforms: []),
    "mirrored": ({"mirroring": "horizontal"}, lambda transforms: [transforms.RandomHorizontalFlip()]),
    "brightness, contrast": (
        {"brightness": 0.2, "contrast": 0.2},
        lambda transforms: [transforms.ColorJitter(0.2, 0.2)],
    ),
    "cropped": (
        {"crop": 0.3},
        lambda transforms: [transforms.RandomResizedCrop(SIDE, (0.49, 1), (0.7, 1 / 0.7))],
    ),
    "turned": (
        {"angle": 10},
        lambda transforms: [transforms.RandomRotation(10, transforms.InterpolationMode.BILINEAR)],
    ),
    "mirrored, turned, shifted, zoomed": (
        {"mirroring": "horizontal", "angle": 10, "shift": 0.1, "zoom": 0.1},
        lambda transforms: [
            transforms.RandomHorizontalFlip(),
            transforms.RandomAffine(10, (0.1, 0.1), (0.9, 1.1), interpolation=transforms.InterpolationMode.BILINEAR),
        ],
    ),
}


def write(folder: Path) -> None:
    """Write photographs with grain, in ten folders."""
    from PIL import Image

    rng = np.random.default_rng(0)
    pixels, labels = draw_sample_data(IMAGES, seed=1)
    for number, (picture, label) in enumerate(zip(pixels, labels, strict=True)):
        (folder / str(label)).mkdir(parents=True, exist_ok=True)
        large = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        grain = np.clip(rng.normal(np.asarray(large), 8), 0, 255).astype(np.uint8)
        Image.fromarray(grain).save(folder / str(label) / f"{number}.jpg", quality=90)


def ours(folder: Path, workers: int, options: dict[str, Any]) -> Callable[[], None]:
    """An epoch of our generator."""
    generator = ImageGenerator(
        folder, None, BATCH, [SIDE, SIDE, 3], shuffle=True, rng=0, dtype="float32", workers=workers,
        cache_bytes=0, **options,
    )  # fmt: skip

    def epoch() -> None:
        for _ in range(generator.batches_per_epoch):
            generator.next()
        generator.close()

    return epoch


def theirs(folder: Path, workers: int, transforms: Callable[[Any], list[Any]]) -> Callable[[], None]:
    """An epoch of torchvision's `ImageFolder` behind PyTorch's loader."""
    import torch
    import torchvision

    torch.set_num_threads(1)
    known = torchvision.transforms
    steps = known.Compose([*transforms(known), known.ToTensor()])
    loader = torch.utils.data.DataLoader(
        torchvision.datasets.ImageFolder(folder, steps), BATCH, shuffle=True, num_workers=workers,
        persistent_workers=workers > 0,
    )  # fmt: skip

    def epoch() -> None:
        for _ in loader:
            pass

    return epoch


def in_turns(*steps: Callable[[], None]) -> list[float]:
    """Milliseconds for a picture, the median over rounds in which all take turns."""
    taken: list[list[float]] = [[] for _ in steps]
    for number in range(ROUNDS + 1):
        for place, step in enumerate(steps):
            start = time.perf_counter()
            step()
            if number:  # the first one warms up
                taken[place].append(1000 * (time.perf_counter() - start) / IMAGES)
    return [statistics.median(each) for each in taken]


def lines(folder: Path, workers: int) -> Iterator[str]:
    """A line for each recipe: milliseconds for a picture, how it compares with reading it, and with torchvision."""
    steps = [ours(folder, workers, options) for options, _ in RECIPES.values()]
    with suppress(ImportError):
        steps += [theirs(folder, workers, transforms) for _, transforms in RECIPES.values()]
    taken = in_turns(*steps)
    reading, others = taken[0], taken[len(RECIPES) :]
    for number, (name, each) in enumerate(zip(RECIPES, taken, strict=False)):
        beside = f"   torchvision {others[number]:6.3f} ms: {each / others[number]:.2f} of it" if others else ""
        yield f"  {name:<34}{each:7.3f} ms, {each / reading - 1:5.2f} beyond reading{beside}"


def main() -> None:
    """Run everything and print it."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        for workers in (0, 2):
            print(
                f"\nFolders of JPEG of {SIDE} x {SIDE}, a picture in batches of {BATCH}, {workers} workers:", flush=True
            )
            for line in lines(Path(folder), workers):
                print(line, flush=True)


if __name__ == "__main__":
    main()
