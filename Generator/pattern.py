"""Three patterns, each made by a few operations on whole arrays: the warm-up before images are loaded.

A loop over pixels would say the same and be a hundred times slower. The tools are `numpy.meshgrid`-like
broadcasting (a column of y and a row of x meet in a plane), comparison, and integer division.
"""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Checker", "Circle", "Spectrum"]


class Checker:
    r"""A chess board, its top-left tile black.

    With $t$ the length of a tile's side, pixel (y, x) is

    $$\left(\lfloor y / t \rfloor + \lfloor x / t \rfloor\right) \bmod 2$$

    Shapes:
        `output` (resolution, resolution), float64, 0 for black and 1 for white.

    Args:
        resolution: the length of the board's side in pixels.
        tile_size: the length of a tile's side in pixels; the resolution must be divisible by two tiles, so that the
            board ends as it began.

    Raises TypeError for what is no whole number, ValueError for a size below 1 or a board that does not come
    out even.

    >>> Checker(4, 1).draw().astype(int).tolist()
    [[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]
    """

    def __init__(self, resolution: int, tile_size: int) -> None:
        self.resolution = _positive_whole_number("Checker", "resolution", resolution)
        self.tile_size = _positive_whole_number("Checker", "tile_size", tile_size)
        if self.resolution % (2 * self.tile_size):
            raise ValueError(
                f"Checker: expected a resolution divisible by two tiles, {2 * self.tile_size}, got "
                f"{self.resolution}; choose e.g. "
                f"{-(-self.resolution // (2 * self.tile_size)) * 2 * self.tile_size}"
            )
        self.output: NDArray[np.float64] | None = None

    def draw(self) -> NDArray[np.float64]:
        """Draw the board into `output`, and return a copy of it, (resolution, resolution).

        >>> board = Checker(2, 1)
        >>> board.draw()[0].tolist()
        [0.0, 1.0]
        """
        tile = np.arange(self.resolution) // self.tile_size
        self.output = ((tile[:, np.newaxis] + tile) % 2).astype(np.float64)
        return self.output.copy()

    def show(self, filename: str | os.PathLike[str] | None = None) -> None:
        """Show the board in a window. It is drawn first if need be.

        Args:
            filename: file to write to, such as `"board.png"` (default None: open a window).

        Raises ImportError when Matplotlib is not installed, OSError when the file cannot be written.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Checker(8, 1).show(f"{folder}/board.png")
        ...     os.listdir(folder)
        ['board.png']
        """
        _show(self.draw() if self.output is None else self.output, filename)


class Circle:
    r"""A filled circle.

    Pixel (y, x) is inside where, with the centre $(p_x, p_y)$ and the radius $r$,

    $$(x - p_x)^2 + (y - p_y)^2 \le r^2$$

    Shapes:
        `output` (resolution, resolution), bool, True inside.

    Args:
        resolution: the length of the picture's side in pixels.
        radius: in pixels, at least 0.
        position: the centre as (x, y) in pixels, x to the right, y downwards; the circle may reach beyond the picture.

    Raises TypeError for what is no number, ValueError for a resolution below 1, a radius below 0, or a
    position that is not two finite numbers.

    >>> print(Circle(5, 1, (3, 1)).draw().astype(int))
    [[0 0 0 1 0]
     [0 0 1 1 1]
     [0 0 0 1 0]
     [0 0 0 0 0]
     [0 0 0 0 0]]
    """

    def __init__(self, resolution: int, radius: float, position: tuple[float, float]) -> None:
        self.resolution = _positive_whole_number("Circle", "resolution", resolution)
        given = [radius, *(position if hasattr(position, "__len__") else [position])]
        if any(isinstance(one, bool) or not isinstance(one, int | float | np.integer | np.floating) for one in given):
            raise TypeError(
                f"Circle: expected numbers for radius and position, got {radius!r} and {position!r}; pass "
                f"e.g. Circle(100, 20, (50, 30))"
            )
        if len(given) != 3 or not np.isfinite(given).all() or radius < 0:
            raise ValueError(
                f"Circle: expected a radius of at least 0 and a position (x, y), all finite, got {radius!r} "
                f"and {position!r}; pass e.g. Circle(100, 20, (50, 30))"
            )
        self.radius = radius
        self.position = position
        self.output: NDArray[np.bool_] | None = None

    def draw(self) -> NDArray[np.bool_]:
        """Draw the circle into `output`, and return a copy of it, (resolution, resolution).

        >>> int(Circle(9, 2, (4, 4)).draw().sum())
        13
        """
        x_centre, y_centre = self.position
        x = np.arange(self.resolution)
        y = x[:, np.newaxis]
        self.output = (x - x_centre) ** 2 + (y - y_centre) ** 2 <= self.radius**2
        return self.output.copy()

    def show(self, filename: str | os.PathLike[str] | None = None) -> None:
        """Show the circle in a window. It is drawn first if need be.

        Args:
            filename: file to write to, such as `"circle.png"` (default None: open a window).

        Raises ImportError when Matplotlib is not installed, OSError when the file cannot be written.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Circle(100, 20, (50, 30)).show(f"{folder}/circle.png")
        ...     os.listdir(folder)
        ['circle.png']
        """
        _show(self.draw() if self.output is None else self.output, filename)


class Spectrum:
    r"""All mixtures of red, green and blue of one kind, fading into each other.

    With $n$ the resolution, pixel (y, x) is

    $$\left(\frac{x}{n - 1},\; \frac{y}{n - 1},\; 1 - \frac{x}{n - 1}\right)$$

    so that the corners are blue and red above, cyan and yellow below.

    Shapes:
        `output` (resolution, resolution, 3), float64 in [0, 1], channels red, green, blue.

    Args:
        resolution: the length of the picture's side in pixels.

    Raises TypeError for what is no whole number, ValueError for a resolution below 1.

    >>> Spectrum(2).draw().tolist()
    [[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], [[0.0, 1.0, 1.0], [1.0, 1.0, 0.0]]]
    """

    def __init__(self, resolution: int) -> None:
        self.resolution = _positive_whole_number("Spectrum", "resolution", resolution)
        self.output: NDArray[np.float64] | None = None

    def draw(self) -> NDArray[np.float64]:
        """Draw the spectrum into `output`, and return a copy of it, (resolution, resolution, 3).

        >>> Spectrum(100).draw()[0, 0].tolist()
        [0.0, 0.0, 1.0]
        """
        rising = np.linspace(0, 1, self.resolution)
        self.output = np.empty((self.resolution, self.resolution, 3))
        self.output[..., 0] = rising
        self.output[..., 1] = rising[:, np.newaxis]
        self.output[..., 2] = 1 - rising
        return self.output.copy()

    def show(self, filename: str | os.PathLike[str] | None = None) -> None:
        """Show the spectrum in a window. It is drawn first if need be.

        Args:
            filename: file to write to, such as `"spectrum.png"` (default None: open a window).

        Raises ImportError when Matplotlib is not installed, OSError when the file cannot be written.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Spectrum(100).show(f"{folder}/spectrum.png")
        ...     os.listdir(folder)
        ['spectrum.png']
        """
        _show(self.draw() if self.output is None else self.output, filename)


# This file stands alone, because a course hands it out alone: the check is not taken from elsewhere.
def _positive_whole_number(owner: str, name: str, value: Any) -> int:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(
            f"{owner}: expected {name} to be a whole number of pixels, got {value!r} of type "
            f"{type(value).__name__}; pass an int"
        )
    if value < 1:
        raise ValueError(f"{owner}: expected {name} to be at least 1 pixel, got {value}; choose a larger number")
    return int(value)


def _show(picture: NDArray[Any], filename: str | os.PathLike[str] | None) -> None:
    if filename is not None:
        if not isinstance(filename, str | os.PathLike):
            raise TypeError(f"show: expected filename to be a path, got {filename!r}; pass a string or a pathlib.Path")
        from matplotlib.image import imsave

        # One pixel of the file for each of the pattern, without a frame around it.
        imsave(filename, picture, cmap="gray", vmin=0, vmax=1)
        return
    import matplotlib.pyplot

    matplotlib.pyplot.figure()
    matplotlib.pyplot.imshow(picture, cmap="gray", vmin=0, vmax=1)
    matplotlib.pyplot.axis("off")
    matplotlib.pyplot.show()
