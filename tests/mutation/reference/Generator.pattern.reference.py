import matplotlib.pyplot as plt
import numpy as np


class Pattern:
    def show(self):
        plt.imshow(self.output, cmap="gray")
        plt.show()


class Checker(Pattern):
    def __init__(self, resolution, tile_size):
        if resolution % (2 * tile_size) != 0:
            raise ValueError("the resolution is not divisible by two tiles")
        self.resolution = resolution
        self.tile_size = tile_size
        self.output = None

    def draw(self):
        tile = np.ones((self.tile_size, self.tile_size), dtype=int)
        two_by_two = np.block([[0 * tile, tile], [tile, 0 * tile]])
        repeats = self.resolution // (2 * self.tile_size)
        self.output = np.tile(two_by_two, (repeats, repeats))
        return self.output.copy()


class Circle(Pattern):
    def __init__(self, resolution, radius, position):
        self.resolution = resolution
        self.radius = radius
        self.position = position
        self.output = None

    def draw(self):
        pixels = np.arange(self.resolution)
        x, y = np.meshgrid(pixels, pixels)
        distance = (x - self.position[0]) ** 2 + (y - self.position[1]) ** 2
        self.output = distance <= self.radius**2
        return self.output.copy()


class Spectrum(Pattern):
    def __init__(self, resolution):
        self.resolution = resolution
        self.output = None

    def draw(self):
        rising = np.linspace(0, 1, self.resolution)
        red, green = np.meshgrid(rising, rising)
        self.output = np.stack([red, green, 1 - red], axis=2)
        return self.output.copy()
