from dataclasses import dataclass, field

import numpy as np


@dataclass
class Drawing:
    resolution: int
    output: np.ndarray | None = field(default=None, init=False)

    def draw(self):
        self.output = self._pixels()
        return np.array(self.output)

    def show(self):
        import matplotlib.pyplot as plt

        axes = plt.subplots()[1]
        axes.imshow(self.output, cmap="gray")
        plt.show()


@dataclass
class Checker(Drawing):
    tile_size: int

    def __post_init__(self):
        times, rest = divmod(self.resolution, 2 * self.tile_size)
        if rest:
            raise ValueError(f"{self.resolution} / {2 * self.tile_size} leaves {rest}")
        self.times = times

    def _pixels(self):
        y, x = np.indices((2 * self.times, 2 * self.times)) & 1
        return np.kron(y ^ x, np.ones((self.tile_size,) * 2, dtype=np.uint8))


@dataclass
class Circle(Drawing):
    radius: float
    position: tuple

    def _pixels(self):
        x = np.arange(self.resolution)
        return np.hypot(*np.ix_(x - self.position[1], x - self.position[0])) <= self.radius


@dataclass
class Spectrum(Drawing):
    def _pixels(self):
        n = self.resolution
        return np.array([[[x / (n - 1), y / (n - 1), 1 - x / (n - 1)] for x in range(n)] for y in range(n)])
