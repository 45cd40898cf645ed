"""Random changes that leave what a picture shows the same, so that a network learns to look past them.

Three steps, each image its own:

1. quarter turns and mirror images move whole pixels: exact, on pixels of any kind;
2. turning by any angle, shifting, zooming and cropping are put together to *one* map of the plane,
   so that the picture is interpolated, and thereby softened, only once;
3. brightness, contrast and noise change the values, which stay in [0, 1].
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks

from .pixels import from_unit, resize, to_unit, working_dtype
from .plane_maps import map_planes
from .randomness import PartOfAStream

__all__ = ["Augmentation"]

Pixels = NDArray[Any]

# Values that stay in the cache while they are changed several times.
_NUMBERS_AT_A_TIME = 2**16

# Which bits of a number 0…3 count: the first mirrors left and right, the second top and bottom.
_MIRRORS: dict[bool | str, int] = {"horizontal": 1, "vertical": 2}


class Augmentation:
    r"""Draws and carries out random changes, each image its own.

    Quarter turns: $k \in \{0, 1, 2, 3\}$ times 90 degrees, anticlockwise. Mirror images: horizontally
    or not, vertically or not, each with probability 1/2. Then pixel $p$ of the result, measured in
    pixels from the centre, is read from the picture at

    $$q = R(\alpha)\, \frac{w p}{z} + t, \quad
      \alpha \sim U(-\text{angle}, \text{angle}), \;
      z = 1 + U(-\text{zoom}, \text{zoom}), \;
      t = U(-\text{shift}, \text{shift}) \cdot (\text{height}, \text{width})$$

    with what lies outside continued from the border; for a crop, $w = 1 - U(0, \text{crop})$, drawn for
    each of the two directions, is the length of the window and $t$ also moves its centre (else w = 1).
    Last, with the image's own mean $\bar x$,

    $$x' = \text{clip}\big(\bar x + c (x - \bar x) + b + n,\; 0,\; 1\big), \quad
      c = 1 + U(-\text{contrast}, \text{contrast}), \;
      b \sim U(-\text{brightness}, \text{brightness}), \;
      n \sim N(0, \text{noise}^2)$$

    Args:
        rotation: quarter turns (bool). Where height and width differ, a turned picture is stretched back.
        mirroring: mirror images (bool), or only `"horizontal"` or `"vertical"` ones.
        angle: largest turn in either direction, in degrees, below 360.
        shift: largest shift in each direction, as a share of height and width, below 1.
        zoom: largest relative change of size, below 1: 0.2 is between 80 % and 120 %.
        crop: largest share of each side that is cut away, below 1; the window lies anywhere in the picture, its two
            sides are drawn independently, and it is stretched to the full size.
        brightness: largest change of all values, at most 1 (black to white).
        contrast: largest relative change of the distance from the image's mean, at most 1.
        noise: standard deviation of noise added to each pixel and channel, in units of black to white.

    Raises TypeError and ValueError for parameters that are not of this kind.

    Source: Simard, Steinkraus, Platt: "Best Practices for Convolutional Neural Networks Applied to Visual
    Document Analysis", ICDAR 2003; Krizhevsky, Sutskever, Hinton: "ImageNet Classification with Deep
    Convolutional Neural Networks", NIPS 2012, section 4.1.

    >>> changes = Augmentation(mirroring=True, angle=10)
    >>> images = np.zeros((4, 32, 32, 3), dtype=np.uint8)
    >>> changes(images, np.random.default_rng(0)).shape
    (4, 32, 32, 3)
    """

    def __init__(
        self,
        rotation: bool = False,
        mirroring: bool | str = False,
        *,
        angle: float = 0.0,
        shift: float = 0.0,
        zoom: float = 0.0,
        crop: float = 0.0,
        brightness: float = 0.0,
        contrast: float = 0.0,
        noise: float = 0.0,
    ) -> None:
        owner = "ImageGenerator"
        self.rotation = Checks.truth(rotation, owner, "rotation")
        only_one = isinstance(mirroring, str) and mirroring in _MIRRORS
        self.mirroring = mirroring if only_one else Checks.truth(mirroring, owner, "mirroring")
        self.angle = _strength("angle", angle, below=360)
        self.shift = _strength("shift", shift, below=1)
        self.zoom = _strength("zoom", zoom, below=1)
        self.crop = _strength("crop", crop, below=1)
        just_above_one = float(np.nextafter(1, 2))
        self.brightness = _strength("brightness", brightness, below=just_above_one)
        self.contrast = _strength("contrast", contrast, below=just_above_one)
        self.noise = _strength("noise", noise)

    @property
    def moves_pixels_exactly(self) -> bool:
        """Whether nothing beyond quarter turns and mirror images is on, so that no value changes.

        >>> Augmentation(rotation=True).moves_pixels_exactly, Augmentation(angle=1).moves_pixels_exactly
        (True, False)
        """
        return not (self._maps_the_plane or self._changes_values)

    @property
    def is_random(self) -> bool:
        """Whether anything is on at all.

        >>> Augmentation().is_random, Augmentation(mirroring=True).is_random
        (False, True)
        """
        return bool(self.rotation or self.mirroring) or not self.moves_pixels_exactly

    @property
    def _maps_the_plane(self) -> bool:
        return bool(self.angle or self.shift or self.zoom or self.crop)

    @property
    def _changes_values(self) -> bool:
        return bool(self.brightness or self.contrast or self.noise)

    def __call__(self, images: Pixels, rng: np.random.Generator | PartOfAStream, dtype: Any = None) -> Pixels:
        """Return changed images; those passed in stay as they are.

        Shapes:
            (batch, height, width, channels), the same comes out.

        Args:
            images: pixels of any kind.
            rng: the stream of random numbers for this batch.
            dtype: a float dtype to return values in [0, 1] (default None: pixels of the same kind as came in).

        >>> images = np.arange(4, dtype=np.uint8).reshape(1, 2, 2, 1)
        >>> Augmentation(rotation=True)(images, np.random.default_rng(0))[0, :, :, 0].tolist()
        [[2, 0], [3, 1]]
        """
        count = len(images)
        quarters = rng.integers(0, 4, size=count) if self.rotation else np.zeros(count, dtype=np.int64)
        mirrors = rng.integers(0, 4, size=count) if self.mirroring else np.zeros(count, dtype=np.int64)
        mirrors &= _MIRRORS.get(self.mirroring, 3)
        moved = images
        if self._maps_the_plane:  # which mirrors on the way
            moved = _turned_and_mirrored(images, quarters, 0 * mirrors) if self.rotation else images
        elif self.rotation or self.mirroring:
            moved = _turned_and_mirrored(images, quarters, mirrors)
        if self.moves_pixels_exactly:
            return moved if dtype is None else to_unit(moved, dtype)
        working = np.dtype(dtype) if dtype is not None else working_dtype(images)
        values = self._mapped(moved, rng, working, mirrors) if self._maps_the_plane else to_unit(moved, working)
        if self._changes_values:
            # In place, but for what belongs to the caller.
            values = self._revalued(values.copy() if values is images else values, rng)
        return values if dtype is not None else from_unit(values, images.dtype)

    def _mapped(
        self, images: Pixels, rng: np.random.Generator | PartOfAStream, dtype: Any = None, mirrors: Any = 0
    ) -> Pixels:
        count, height, width, _ = images.shape

        def between(limit: float, *shape: int) -> NDArray[np.float64]:
            return rng.uniform(-limit, limit, size=(count, *shape))

        # Drawn in float64 whatever the dtype of the pixels: float32 sees the same picture, rounded.
        angle = np.deg2rad(between(self.angle)) if self.angle else np.zeros(count)
        scale = 1 / (1 + between(self.zoom, 1)) if self.zoom else np.ones((count, 1))
        sides = np.array([height, width], dtype=np.float64)
        offset = between(self.shift, 2) * sides if self.shift else np.zeros((count, 2))
        if self.crop:
            window = 1 - rng.uniform(0, self.crop, size=(count, 2))
            offset = offset + rng.uniform(-0.5, 0.5, size=(count, 2)) * (1 - window) * sides
            scale = scale * window
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
        matrix = turn * scale[:, np.newaxis, :]
        # Read upside down, or from right to left, a picture is mirrored.
        signs = np.broadcast_to(1.0 - 2.0 * (np.bitwise_and.outer(mirrors, [2, 1]) > 0), (count, 2))
        matrix, offset = signs[:, :, np.newaxis] * matrix, signs * offset
        # SciPy measures from the first pixel, not from the centre.
        centre = (sides - 1) / 2
        offset = offset + centre - matrix @ centre
        values = images if images.dtype == np.uint8 else to_unit(images, dtype or images.dtype)
        return map_planes(values, matrix, offset, dtype or values.dtype)

    def _revalued(self, values: Pixels, rng: np.random.Generator | PartOfAStream) -> Pixels:
        each = (len(values), 1, 1, 1)
        contrast = (1 + rng.uniform(-self.contrast, self.contrast, size=each)).astype(values.dtype)
        added = rng.uniform(-self.brightness, self.brightness, size=each).astype(values.dtype)
        step = max(1, _NUMBERS_AT_A_TIME // max(1, values[0].size))
        for start in range(0, len(values), step):
            chosen = slice(start, start + step)
            images = values[chosen]
            if self.contrast:
                added[chosen] += images.mean(axis=(1, 2, 3), keepdims=True) * (1 - contrast[chosen])
                images *= contrast[chosen]
            images += added[chosen]
            if self.noise:
                # Always drawn in single precision, so that float32 and float64 see the same noise.
                noise = rng.standard_normal(size=images.shape, dtype=np.float32)
                noise *= np.float32(self.noise)
                images += noise
            np.clip(images, 0, 1, out=images)
        return values


def _turned_and_mirrored(images: Pixels, quarters: NDArray[np.int64], mirrors: NDArray[np.int64]) -> Pixels:
    # Sixteen ways at most to turn and mirror: one strided copy for each moves all images that share it.
    ways = 4 * quarters + mirrors
    result = np.empty_like(images, order="C")
    for way in np.unique(ways).tolist():
        quarter, mirror = divmod(way, 4)
        chosen = np.flatnonzero(ways == way)
        moved = np.rot90(images[chosen], quarter, axes=(1, 2))
        if mirror & 1:
            moved = moved[:, :, ::-1]
        if mirror & 2:
            moved = moved[:, ::-1]
        fitted = resize(moved, images.shape[1], images.shape[2])
        # Channel by channel: copying backwards three bytes at a time takes three times as long.
        for channel in range(images.shape[3]):
            result[chosen, :, :, channel] = fitted[..., channel]
    return result


def _strength(name: str, value: Any, below: float = float("inf")) -> float:
    """How strong a change is, from 0; the message for anything else says how it is switched off."""
    return Checks.number(value, "ImageGenerator", name, least=0, below=below, hint=f"0 switches {name} off")
