"""Mistakes in Part 0 by people at their first arrays: chess board, circle, spectrum."""

from tests.mutation.mistake import Mistake

PATTERN = "Generator/pattern.py"
BLOCK = "[[0 * tile, tile], [tile, 0 * tile]]"
BOARD = "        self.output = np.tile(two_by_two, (repeats, repeats))\n        return self.output.copy()\n"
DISC = "        self.output = distance <= self.radius**2\n        return self.output.copy()\n"
COLOURS = "        self.output = np.stack([red, green, 1 - red], axis=2)\n        return self.output.copy()\n"
SHOWN = '        plt.imshow(self.output, cmap="gray")\n        plt.show()\n'


def _pattern(name: str, old: str, new: str, says: str) -> Mistake:
    return Mistake(name, PATTERN, {old: new}, says)


MISTAKES = {
    "chess boards of another kind": [
        _pattern("inverted", BLOCK, "[[tile, 0 * tile], [0 * tile, tile]]", "the board is inverted"),
        _pattern("stripes downwards", BLOCK, "[[0 * tile, tile], [0 * tile, tile]]", "the columns alternate alone"),
        _pattern("stripes across", BLOCK, "[[0 * tile, 0 * tile], [tile, tile]]", "the rows alternate alone"),
        _pattern("as large as its tiles are many", "self.resolution // (2 * self.tile_size)", "self.resolution // 2", "not in tiles"),
        _pattern("half as large", "self.resolution // (2 * self.tile_size)", "self.resolution // (4 * self.tile_size)", "resolution is in pixels"),
        _pattern("tiles as many as they should be large", "(self.tile_size, self.tile_size), dtype", "2 * [self.resolution // (2 * self.tile_size)], dtype", "Checker(4, 1).output"),
        _pattern("tiles of one pixel more", "np.ones((self.tile_size, self.tile_size)", "np.ones((self.tile_size + 1, self.tile_size + 1)", "resolution is in pixels"),
        _pattern("white is 255", "np.ones((self.tile_size, self.tile_size), dtype=int)", "np.full((self.tile_size, self.tile_size), 255)", "values are 0 and 1"),
        _pattern("black is -1", "[[0 * tile, tile], [tile, 0 * tile]]", "[[-tile, tile], [tile, -tile]]", "values are 0 and 1"),
        _pattern("of halves", "resolution % (2 * tile_size) != 0", "resolution % tile_size != 0", "15 is not divisible by two tiles of 5 pixels"),
        _pattern("of a remainder", "if resolution % (2 * tile_size) != 0:", "if resolution < tile_size:", "should raise a ValueError"),
        _pattern("refused by a print", 'raise ValueError("the resolution', 'print("the resolution', "should raise a ValueError"),
        _pattern("refused by another error", 'raise ValueError("the resolution', 'raise RuntimeError("the resolution', "should raise a ValueError"),
        _pattern("refused when it would come out", "if resolution % (2 * tile_size) != 0:", "if resolution % (2 * tile_size) == 0:", "the resolution is not divisible by two tiles"),
    ],
    "what draw leaves and gives": [
        _pattern("the board itself is returned", BOARD, BOARD.replace(".copy()", ""), "Return self.output.copy()"),
        _pattern("the circle itself is returned", DISC, DISC.replace(".copy()", ""), "Return self.output.copy()"),
        _pattern("the spectrum itself is returned", COLOURS, COLOURS.replace(".copy()", ""), "Return self.output.copy()"),
        _pattern("no board is returned", BOARD, BOARD.split("        return")[0], "Checker.draw(): expected numbers, received None"),
        _pattern("no circle is returned", DISC, DISC.split("        return")[0], "Circle.draw(): expected numbers, received None"),
        _pattern("no spectrum is returned", COLOURS, COLOURS.split("        return")[0], "Spectrum.draw(): expected numbers, received None"),
        _pattern("the board is not kept", BOARD, BOARD.replace("self.output", "output"), "draw() stores it in self.output"),
        _pattern("the circle is not kept", DISC, DISC.replace("self.output", "output"), "draw() stores it in self.output"),
        _pattern("the spectrum is not kept", COLOURS, COLOURS.replace("self.output", "output"), "draw() stores it in self.output"),
        _pattern("the copy is kept, the original returned", BOARD, BOARD.replace("return self.output.copy()", "drawn = self.output\n        self.output = drawn.view()\n        return drawn"), "Return self.output.copy()"),
    ],
    "circles of another kind": [
        _pattern("x and y exchanged", "x, y = np.meshgrid", "y, x = np.meshgrid", "x and y are exchanged"),
        _pattern("without its border", "distance <= self", "distance < self", "the border is left out"),
        _pattern("of a radius without its square", "self.radius**2", "self.radius", "the radius is not squared"),
        _pattern("of twice the radius", "self.radius**2", "(2 * self.radius) ** 2", "the radius is taken for the diameter"),
        _pattern("of half the radius", "self.radius**2", "(self.radius / 2) ** 2", "half the radius"),
        _pattern("always in the middle", "x - self.position[0]) ** 2 + (y - self.position[1])", "x - self.resolution / 2) ** 2 + (y - self.resolution / 2)", "the position is not used"),
        _pattern("y counted from below", "(y - self.position[1])", "(self.resolution - 1 - y - self.position[1])", "y is counted from below"),
        _pattern("a square", "(x - self.position[0]) ** 2 + (y - self.position[1]) ** 2", "np.maximum((x - self.position[0]) ** 2, (y - self.position[1]) ** 2)", "it is a square"),
        _pattern("a diamond", "(x - self.position[0]) ** 2 + (y - self.position[1]) ** 2", "(abs(x - self.position[0]) + abs(y - self.position[1])) ** 2", "it is a diamond"),
        _pattern("a ring", "distance <= self.radius**2", "np.abs(distance - self.radius**2) <= self.radius", "only the border is drawn"),
        _pattern("what is outside", "distance <= self", "distance > self", "inside and outside are exchanged"),
        _pattern("in numbers", "distance <= self.radius**2\n", "(distance <= self.radius**2).astype(float)\n", "already gives booleans"),
        _pattern("that goes on at the other side", "(x - self.position[0]) ** 2 + (y - self.position[1]) ** 2", "sum(np.minimum(abs(a - b), self.resolution - abs(a - b)) ** 2 for a, b in zip((x, y), self.position))", "nothing wraps around"),
        _pattern("on a grid that is too long", "pixels = np.arange(self.resolution)", "pixels = np.linspace(0, self.resolution, self.resolution)", "np.arange(resolution)"),
        _pattern("on a grid that counts from 1", "pixels = np.arange(self.resolution)", "pixels = np.arange(1, self.resolution + 1)", "counted from 0"),
        _pattern("on a grid of radii", "pixels = np.arange(self.resolution)", "pixels = np.arange(self.resolution) - self.resolution // 2", "(x - 50)²"),
    ],
    "colours of another kind": [
        _pattern("arange for linspace", "np.linspace(0, 1, self.resolution)", "np.arange(self.resolution) / self.resolution", "numpy.linspace(0, 1, resolution)"),
        _pattern("without the last value", "np.linspace(0, 1, self.resolution)", "np.linspace(0, 1, self.resolution, endpoint=False)", "numpy.linspace(0, 1, resolution)"),
        _pattern("rows and columns exchanged", "red, green = np.meshgrid", "green, red = np.meshgrid", "are rows and columns swapped"),
        _pattern("blue falls downwards", "1 - red]", "1 - green]", "blue falls to the right"),
        _pattern("no blue", "1 - red]", "0 * red]", "blue falls to the right"),
        _pattern("blue rises", "1 - red]", "red]", "blue falls to the right"),
        _pattern("bytes", "np.linspace(0, 1, self", "np.linspace(0, 255, self", "not 0 to 255"),
        _pattern("as whole numbers", "[red, green, 1 - red], axis=2)\n", "[red, green, 1 - red], axis=2).astype(int)\n", "numpy.linspace"),
        _pattern("channels first", "[red, green, 1 - red], axis=2)", "[red, green, 1 - red])", "Three channels come last"),
        _pattern("blue, green, red", "[red, green, 1 - red]", "[1 - red, green, red]", "(red, green, blue)"),
        _pattern("with a fourth channel", "[red, green, 1 - red]", "[red, green, 1 - red, np.ones_like(red)]", "Three channels come last"),
        _pattern("squared", "[red, green, 1 - red]", "[red**2, green, 1 - red]", "Red should rise evenly"),
        _pattern("green upwards", "[red, green, 1 - red]", "[red, 1 - green, 1 - red]", "downwards"),
    ],
    "patterns that are not shown": [
        _pattern("no imshow", SHOWN, "        plt.show()\n", "pyplot.imshow(self.output), then pyplot.show()"),
        _pattern("no show", SHOWN, SHOWN.splitlines()[0] + "\n", "pyplot.imshow(self.output), then pyplot.show()"),
        _pattern("another picture", SHOWN, SHOWN.replace("self.output", "self.output[::-1]"), "show self.output"),
        _pattern("twice", SHOWN, SHOWN + SHOWN, "number of pictures"),
        _pattern("as a curve", SHOWN, SHOWN.replace('imshow(self.output, cmap="gray")', "plot(self.output[0].ravel())"), "pyplot.imshow(self.output)"),
    ],
}  # fmt: skip
