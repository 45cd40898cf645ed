"""How fast batches come, beside what else moves the same bytes, and beside the network that consumes them.

Run as `python -m benchmarks.generator`; about two minutes.

Each line is the median of several rounds. The two targets: batches of 64 images of 32 x 32, mirrored and turned
by quarters, come faster than LeNet consumes batches on the same machine; and a batch that is only assembled,
from an array, takes no more than three times as long as a plain copy of the same bytes.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np

from benchmarks import folders
from Foundation.Labels import one_hot
from Foundation.Parallel import thread_count
from Generator import sources
from Generator.data_layer import ImageData
from Generator.draw_sample_data import draw_sample_data
from Generator.generator import ImageGenerator
from Models import LeNet
from NeuralNetwork import NeuralNetwork

BATCH = 64
IMAGES = 4096
ROUNDS = 7


def milliseconds(step: Callable[[], Any], repetitions: int = 20) -> float:
    """Return how long one step takes: the median over rounds of so many repetitions each."""
    step()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(repetitions):
            step()
        taken.append((time.perf_counter() - start) / repetitions)
    return 1000 * statistics.median(taken)


def report(name: str, each: float, remark: str = "") -> None:
    """Print one line: the step, milliseconds for a batch, batches a second, and a remark."""
    print(f"  {name:<58}{each:9.3f} ms {1000 / each:9.0f} /s  {remark}", flush=True)


def copies(images: np.ndarray) -> Callable[[], np.ndarray]:
    """Return a step that copies the next 64 images, as a loop over an array without any generator would."""
    starts = _forever(range(0, len(images) - BATCH, BATCH))
    return lambda: images[(start := next(starts)) : start + BATCH].copy()


def _forever(numbers: range) -> Iterator[int]:
    while True:
        yield from numbers


def assembly(pixels: np.ndarray, labels: np.ndarray) -> None:
    """Compare assembling batches with copying the bytes that are delivered."""
    print(f"\nAssembling batches of {BATCH} images of 32 x 32 x 3 from an array of {IMAGES}:")
    for dtype in ("float32", "float64"):
        floats = (pixels / 255).astype(dtype)
        plain = milliseconds(copies(floats), 100)
        report(f"{dtype}: plain copy of the bytes delivered", plain)
        for kind, stored in ((dtype, floats), ("uint8", pixels)):
            for shuffle in (False, True):
                generator = ImageGenerator.from_arrays(stored, labels, BATCH, shuffle=shuffle, dtype=dtype, rng=0)
                each = milliseconds(generator.next, 100)
                name = f"{dtype}: from {kind}{', shuffled' if shuffle else ''}"
                report(name, each, f"{each / plain:.2f} x the copy (target: at most 3)")


def augmentation(pixels: np.ndarray, labels: np.ndarray) -> float:
    """Time kinds of augmentation, and return the milliseconds of mirroring with quarter turns."""
    print(f"\nAugmenting batches of {BATCH} images of 32 x 32 x 3, stored as uint8, delivered as float32:")
    courses = {"rotation": True, "mirroring": True, "shuffle": True}
    plane = {"angle": 10, "shift": 0.1, "zoom": 0.1}
    values = {"brightness": 0.1, "contrast": 0.2}
    asked = 0.0
    for name, options in (
        ("mirroring and quarter turns", courses),
        ("any angle, shift, zoom", plane),
        ("brightness, contrast", values),
        ("noise", {"noise": 0.05}),
        ("everything", {**courses, **plane, **values, "noise": 0.05}),
        ("resized to 28 x 28, grey", {"image_size": [28, 28, 1]}),
        ("resized to 64 x 64", {"image_size": [64, 64, 3]}),
    ):
        generator = ImageGenerator.from_arrays(pixels, labels, BATCH, dtype="float32", rng=0, **options)
        each = milliseconds(generator.next)
        asked = asked or each
        report(name, each)
    return asked


def files(pixels: np.ndarray, labels: np.ndarray) -> None:
    """Time reading small pictures and photographs from files, without and with the cache."""
    print(
        f"\nReading batches of {BATCH} pictures from files, mirrored and turned by quarters, delivered as 32 x 32 x 3:"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, pictures, suffix in (
            ("npy of 32 x 32", pixels[:1024], "npy"),
            ("PNG of 32 x 32", pixels[:1024], "png"),
            ("JPEG of 256 x 256", photographs(pixels, 256), "jpg"),
        ):
            path = Path(folder) / suffix
            write(path, pictures, labels, suffix)
            report(f"{name}, nothing in the cache", milliseconds(reader(path, cache_bytes=0).next, 6))
            cached = reader(path)
            cached.read()
            report(f"{name}, everything in the cache", milliseconds(cached.next))


def workers(pixels: np.ndarray, labels: np.ndarray) -> None:
    """Time what a user waits for: a training step and the batch that it needs, while 0 to 4 workers work ahead.

    The step keeps all cores busy by itself. So workers pay where reading is waiting, or takes much longer than the
    step; elsewhere they fill little more than the step's gaps.
    """
    print(f"\nLeNet, float32, trained on batches of {BATCH} pictures of 32 x 32 x 3: a step and its batch:")
    plane: dict[str, Any] = {"angle": 10, "shift": 0.1, "zoom": 0.1, "shuffle": True, "dtype": "float32", "rng": 0}
    compare("array, any angle, shift, zoom", partial(ImageGenerator.from_arrays, pixels, labels, BATCH, **plane))
    read = sources.read_picture

    def late(*arguments: Any) -> np.ndarray:
        time.sleep(0.002)
        return read(*arguments)

    with tempfile.TemporaryDirectory() as folder:
        for side in (256, 800):
            write(Path(folder) / str(side), photographs(pixels, side), labels, "jpg")
            compare(f"JPEG of {side} x {side}", partial(reader, Path(folder) / str(side), cache_bytes=0))
        with mock.patch.object(sources, "read_picture", late):
            name = "JPEG of 256 x 256, each 2 ms late, simulated"
            compare(name, partial(reader, Path(folder) / "256", cache_bytes=0))


def compare(name: str, build: Callable[..., ImageGenerator]) -> None:
    """Train with 0, 1, 2 and 4 workers and print how long a step takes together with its batch."""
    none = 0.0
    for count in (0, 1, 2, 4):
        with build(workers=count) as generator:
            net = lenet((3, 32, 32))
            net.data_layer = ImageData(generator, normalize=False)
            each = milliseconds(partial(net.train, 1), 6)
        none = none or each
        report(f"{name}, {count} workers", each, f"{none / each:.2f} x as fast" if count else "")


def photographs(pixels: np.ndarray, side: int) -> list[np.ndarray]:
    """Return large pictures with grain, which take about as long to decode as what a camera delivers."""
    from PIL import Image

    rng = np.random.default_rng(0)
    large = [Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC) for picture in pixels[:128]]
    return [np.clip(rng.normal(np.asarray(picture), 8), 0, 255).astype(np.uint8) for picture in large]


def write(folder: Path, pictures: Iterable[np.ndarray], labels: np.ndarray, suffix: str) -> None:
    """Write pictures into folders named after their labels."""
    from PIL import Image

    for label in range(10):
        (folder / str(label)).mkdir(parents=True)
    for number, (picture, label) in enumerate(zip(pictures, labels, strict=False)):
        path = folder / str(label) / f"{number}.{suffix}"
        if suffix == "npy":
            np.save(path, picture)
        else:
            Image.fromarray(picture).save(path)


def reader(folder: Path, workers: int = 0, cache_bytes: int = 2**28) -> ImageGenerator:
    """Return a generator of the pictures in a folder, shuffled, mirrored and turned by quarters."""
    return ImageGenerator(
        folder, None, BATCH, [32, 32, 3], True, True, True,
        dtype="float32", rng=0, workers=workers, cache_bytes=cache_bytes,
    )  # fmt: skip


def lenet(image_shape: tuple[int, int, int]) -> NeuralNetwork:
    """LeNet for images (channels, height, width), float32."""
    return LeNet.build(image_shape=image_shape, dtype="float32", rng=0)


def lenet_step() -> Callable[[], Any]:
    """One training step of LeNet on a batch of digits that is there already."""
    rng = np.random.default_rng(0)
    batch = rng.random((BATCH, 1, 28, 28), dtype=np.float32), one_hot(rng.integers(0, 10, BATCH), 10)
    net = lenet((1, 28, 28))
    net.data_layer = SimpleNamespace(next=lambda: batch)
    return lambda: net.train(1)


def beside_the_network(asked: float) -> None:
    """Compare the time for a batch with the time that LeNet needs to consume one."""
    print(f"\nBeside the network, on {thread_count()} cores, batches of {BATCH}:")
    consumed = milliseconds(lenet_step(), 20)
    report("LeNet, float32, one training step", consumed)
    report("a batch of 32 x 32 x 3, mirrored and turned by quarters", asked, f"{consumed / asked:.1f} x as fast")


def main() -> None:
    """Run everything and print it."""
    drawn, labels = draw_sample_data(512, seed=1)
    pixels, labels = np.tile(drawn, (IMAGES // 512, 1, 1, 1)), np.tile(labels, IMAGES // 512)
    assembly(pixels, labels)
    asked = augmentation(pixels, labels)
    files(pixels, labels)
    workers(pixels, labels)
    beside_the_network(asked)
    folders.main()
    start = time.perf_counter()
    count = 1_000_000
    many = ImageGenerator.from_arrays(
        np.broadcast_to(np.uint8(0), (count, 1, 1, 1)), np.arange(count), 1000, shuffle=True, rng=0
    )
    for _ in range(many.batches_per_epoch):
        many.next()
    print(f"\nAn epoch over a million labels, shuffled, in batches of 1000: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
