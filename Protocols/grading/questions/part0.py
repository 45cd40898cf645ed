"""Part 0: patterns and the image generator."""

from collections.abc import Iterator

import numpy as np

from Protocols.grading.questions.asking import Answer, Question
from Protocols.grading.student import NoAnswer, Student


def chess_board(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """The tile of row i and column j is i + j modulo 2."""
    tile, tiles = int(rng.integers(1, 6)), 2 * int(rng.integers(1, 5))
    tiles_of = np.arange(tile * tiles) // tile
    received = student.create("Checker", tile * tiles, tile).call("draw")
    yield Answer("Checker.draw", received, (tiles_of[:, None] + tiles_of) % 2)


def circle(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """(x - px)² + (y - py)² ≤ r²."""
    size, radius = int(rng.integers(20, 40)), int(rng.integers(3, 12))
    x, y = (int(number) for number in rng.integers(0, size, 2))
    rows, columns = np.mgrid[:size, :size]
    received = student.create("Circle", size, radius, (x, y)).call("draw")
    yield Answer("Circle.draw", received, (columns - x) ** 2 + (rows - y) ** 2 <= radius**2)


def spectrum(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """Red rises from left to right, green from top to bottom, blue from right to left."""
    size = int(rng.integers(4, 40))
    rising = np.linspace(0, 1, size)
    red, green = np.broadcast_arrays(rising, rising[:, None])
    received = student.create("Spectrum", size).call("draw")
    yield Answer("Spectrum.draw", received, np.stack([red, green, 1 - red], axis=-1))


def image_generator(student: Student, rng: np.random.Generator) -> Iterator[Answer]:
    """Each picture with its label, once in an epoch; the last batch filled up from the beginning."""
    count, batch = int(rng.integers(7, 12)), int(rng.integers(4, 7))
    images = rng.integers(0, 256, (count, 32, 32, 3)).astype(np.uint8)
    labels = rng.permutation(count) % 10
    paths = student.pictures(images, labels)
    orders = []
    for shuffle in (False, True, True):
        generator = student.create("ImageGenerator", *paths, batch, [32, 32, 3], False, False, shuffle)
        seen: list[int] = []
        for _ in range(-(-count // batch)):
            received, classes = _pair(generator.call("next"))
            chosen = [
                int(np.abs(images / 255 - one).max(axis=(1, 2, 3)).argmin()) for one in _pictures(received, batch)
            ]
            yield Answer("a batch of ImageGenerator", received, images[chosen] / 255, 1e-3)
            yield Answer("the labels of a batch", classes, labels[chosen])
            seen += chosen
        orders.append(seen[:count])
        yield Answer("how many different pictures an epoch has", float(len(set(seen[:count]))), count)
        yield Answer("what fills up the last batch", np.array(seen[count:], dtype=float), seen[: len(seen) - count])
    yield Answer("whether shuffling changes the order", float(orders[0] != orders[1] or orders[0] != orders[2]), 1)
    turned = student.create("ImageGenerator", *paths, count, [32, 32, 3], True, True, False)
    drawn = [_pictures(_pair(turned.call("next"))[0], count) for _ in range(6)]
    received = drawn[0]
    changed = any(np.abs(one - drawn[0]).max() > 0.01 for one in drawn)
    yield Answer("whether pictures are turned and mirrored", float(changed), 1)
    forms = np.array(
        [[np.rot90(way, turn) for way in (one, one[:, ::-1]) for turn in range(4)] for one in images / 255]
    )
    distances = np.abs(received[:, None, None] - forms).max(axis=(3, 4, 5))
    nearest = [np.unravel_index(distance.argmin(), distance.shape) for distance in distances]
    yield Answer("turned and mirrored pictures", received, [forms[at] for at in nearest], 1e-3)


def _pair(value: object) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(part, np.ndarray) for part in value):
        return value
    raise NoAnswer("next gives no pair of arrays")


def _pictures(received: np.ndarray, batch: int) -> np.ndarray:
    if received.shape != (batch, 32, 32, 3):
        raise NoAnswer(f"a batch has the shape {received.shape}")
    return received


QUESTIONS: dict[str, Question] = {
    "TestCheckers": chess_board,
    "TestCircle": circle,
    "TestSpectrum": spectrum,
    "TestGen": image_generator,
}
