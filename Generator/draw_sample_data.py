"""Draws the sample pictures: ten things, each time in another place, size, colour, light and surrounding.

Run as `python -m Generator.draw_sample_data` it writes `Sample_data/0.npy` to `99.npy` and
`Labels.json` beside this file: exactly what the repository holds. Any other seed gives pictures that nobody
has seen, as many as a test set needs: `draw_sample_data`.

A picture is painted like a paper collage, one shape upon the other, four times as large as needed; averaging
squares of 4 x 4 pixels then makes the edges smooth.
"""

import json
import os
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks
from Foundation.CommandLine import Parser

from .class_names import CIFAR_CLASSES

__all__ = ["SIDE", "draw_picture", "draw_sample_data", "write_picture_folder", "write_sample_data"]

SIDE = 32
_FINER = 4

Mask = NDArray[np.bool_]
Colour = NDArray[np.float64]
Point = tuple[float, float]


class _Canvas:
    """A square of paper, and the tools to put shapes on it.

    Places are (x, y), with (0, 0) in the middle, x to the right and y downwards; the paper reaches from -1 to
    1. After `place`, they are those of a thing that has been shifted, scaled, turned and perhaps mirrored.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        pixel = (np.arange(SIDE * _FINER) + 0.5) * (2 / (SIDE * _FINER)) - 1
        self.x: NDArray[np.float64] = np.broadcast_to(pixel, (pixel.size, pixel.size))
        self.y: NDArray[np.float64] = np.broadcast_to(pixel[:, np.newaxis], (pixel.size, pixel.size))
        self.paper = np.zeros((pixel.size, pixel.size, 3))

    def place(self, size: tuple[float, float], turn: float, freedom: float, feet: float | None = None) -> float:
        rng = self.rng
        scale = rng.uniform(*size)
        angle = np.deg2rad(rng.uniform(-turn, turn))
        # What has feet, or wheels, stands below every horizon; what has none may be anywhere.
        height = rng.uniform(-freedom, freedom) if feet is None else rng.uniform(0.62, 0.92) - feet * scale
        x = (self.x - rng.uniform(-freedom, freedom)) / scale
        y = (self.y - height) / scale
        side = -1.0 if rng.random() < 0.5 else 1.0
        self.x = (x * np.cos(angle) + y * np.sin(angle)) * side
        self.y = y * np.cos(angle) - x * np.sin(angle)
        return height + scale * (0 if feet is None else feet)

    def fill(self, mask: Mask, colour: Colour) -> None:
        self.paper[mask] = colour

    def ellipse(self, centre: Point, radii: Point, colour: Colour, turn: float = 0.0) -> None:
        x, y = self.x - centre[0], self.y - centre[1]
        angle = np.deg2rad(turn)
        along = (x * np.cos(angle) + y * np.sin(angle)) / radii[0]
        across = (y * np.cos(angle) - x * np.sin(angle)) / radii[1]
        self.fill(along**2 + across**2 <= 1, colour)

    def polygon(self, corners: Sequence[Point], colour: Colour) -> None:
        # A ray to the right crosses the outline an odd number of times exactly where it starts inside.
        inside = np.zeros(self.x.shape, dtype=np.bool_)
        for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
            if y0 != y1:
                crosses = (y0 > self.y) != (y1 > self.y)
                inside ^= crosses & (self.x < x0 + (self.y - y0) * ((x1 - x0) / (y1 - y0)))
        self.fill(inside, colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        for (x0, y0), (x1, y1) in pairwise(points):
            dx, dy = x1 - x0, y1 - y0
            along = ((self.x - x0) * dx + (self.y - y0) * dy) / (dx * dx + dy * dy)
            along = along.clip(0, 1)
            distance = (self.x - x0 - along * dx) ** 2 + (self.y - y0 - along * dy) ** 2
            self.fill(distance <= (width / 2) ** 2, colour)

    def fade(self, above: Colour, below: Colour) -> None:
        height = ((self.y + 1) / 2)[..., np.newaxis]
        self.paper[:] = above * (1 - height) + below * height

    def finished(self) -> NDArray[np.uint8]:
        coarse = self.paper.reshape(SIDE, _FINER, SIDE, _FINER, 3).mean(axis=(1, 3))
        light = self.rng.uniform(0.9, 1.08)
        grain = self.rng.normal(0, self.rng.uniform(0.005, 0.03), coarse.shape)
        return np.rint((coarse * light + grain).clip(0, 1) * 255).astype(np.uint8)


def _colour(*parts: float) -> Colour:
    return np.array(parts, dtype=np.float64)


_WHITE, _BLACK = _colour(0.97, 0.97, 0.95), _colour(0.08, 0.08, 0.1)
_PAINTS = np.array(
    [
        (0.85, 0.16, 0.16), (0.95, 0.55, 0.10), (0.96, 0.80, 0.18), (0.18, 0.60, 0.35), (0.12, 0.50, 0.78),
        (0.20, 0.26, 0.62), (0.55, 0.25, 0.60), (0.90, 0.90, 0.88), (0.12, 0.65, 0.65), (0.88, 0.45, 0.55),
    ]
)  # fmt: skip


def _paint(rng: np.random.Generator) -> Colour:
    return _varied(rng, _PAINTS[rng.integers(len(_PAINTS))])


def _varied(rng: np.random.Generator, colour: Sequence[float] | Colour, by: float = 0.06) -> Colour:
    return (np.asarray(colour) + rng.uniform(-by, by, 3)).clip(0, 1)


def _between(rng: np.random.Generator, first: Sequence[float], last: Sequence[float]) -> Colour:
    share = rng.random()
    return _varied(rng, np.asarray(first) * (1 - share) + np.asarray(last) * share, 0.04)


def _sky(canvas: _Canvas, clouds: int) -> None:
    rng = canvas.rng
    top = _between(rng, (0.25, 0.55, 0.90), (0.55, 0.75, 0.95))
    bottom = _between(rng, (0.75, 0.88, 0.97), (0.98, 0.82, 0.70))
    canvas.fade(top, bottom)
    for _ in range(rng.integers(0, clouds + 1)):
        x, y, size = rng.uniform(-1, 1), rng.uniform(-0.9, 0.6), rng.uniform(0.12, 0.22)
        for shift, lift, part in ((-1.0, 0.1, 0.7), (0.0, -0.2, 1.0), (1.0, 0.1, 0.75)):
            canvas.ellipse((x + shift * size, y + lift * size), (size * part * 1.2, size * part * 0.8), _WHITE)


def _ground(canvas: _Canvas, horizon: float, colour: Colour) -> None:
    canvas.fill(canvas.y > horizon, colour)


def _meadow(canvas: _Canvas) -> None:
    rng = canvas.rng
    _sky(canvas, 1)
    horizon = rng.uniform(-0.1, 0.35)
    hills = _between(rng, (0.35, 0.60, 0.35), (0.45, 0.60, 0.55))
    canvas.ellipse((rng.uniform(-1, 1), horizon + 0.1), (rng.uniform(0.7, 1.2), rng.uniform(0.2, 0.5)), hills)
    _ground(canvas, horizon, _between(rng, (0.36, 0.68, 0.25), (0.62, 0.74, 0.30)))


def _room(canvas: _Canvas) -> None:
    rng = canvas.rng
    wall = _between(rng, (0.93, 0.80, 0.66), (0.62, 0.72, 0.82))
    canvas.fade(wall, wall * 0.9)
    if rng.random() < 0.6:
        stripes = np.floor((canvas.x + rng.uniform(0, 1)) / rng.uniform(0.16, 0.3)) % 2 == 0
        canvas.fill(stripes, wall * 0.93)
    _ground(canvas, rng.uniform(0.55, 0.85), _between(rng, (0.55, 0.36, 0.24), (0.72, 0.52, 0.36)))


def _forest(canvas: _Canvas) -> None:
    rng = canvas.rng
    canvas.fade(_between(rng, (0.62, 0.78, 0.60), (0.85, 0.86, 0.68)), _colour(0.35, 0.52, 0.32))
    for x in np.linspace(-1, 1, 5) + rng.uniform(-0.2, 0.2, 5):
        width, tip = rng.uniform(0.2, 0.34), rng.uniform(-1.1, -0.4)
        green = _between(rng, (0.10, 0.32, 0.20), (0.26, 0.48, 0.24))
        canvas.polygon([(x - width, 0.7), (x, tip), (x + width, 0.7)], green)
    _ground(canvas, rng.uniform(0.4, 0.6), _between(rng, (0.40, 0.52, 0.22), (0.56, 0.50, 0.28)))


def _street(canvas: _Canvas) -> None:
    rng = canvas.rng
    _sky(canvas, 1)
    for x in np.arange(-1.1, 1.1, 0.45):
        top, wall = rng.uniform(-0.75, -0.1), _between(rng, (0.70, 0.66, 0.66), (0.84, 0.76, 0.66))
        if rng.random() < 0.75:
            canvas.polygon([(x, 1.0), (x, top), (x + 0.4, top), (x + 0.4, 1.0)], wall)
    road = rng.uniform(0.36, 0.5)
    _ground(canvas, road, _between(rng, (0.36, 0.37, 0.40), (0.50, 0.50, 0.52)))
    _ground_line(canvas, rng.uniform(0.8, 0.9))


def _ground_line(canvas: _Canvas, height: float) -> None:
    dashes = (np.abs(canvas.y - height) < 0.03) & (np.floor(canvas.x / 0.3 + 10) % 2 == 0)
    canvas.fill(dashes, _colour(0.93, 0.90, 0.80))


def _branches(canvas: _Canvas) -> None:
    rng = canvas.rng
    leaves = _between(rng, (0.72, 0.86, 0.74), (0.90, 0.92, 0.80))
    canvas.fade(leaves, _varied(rng, (0.66, 0.82, 0.86)))
    for _ in range(9):
        spot = (rng.uniform(-1, 1), rng.uniform(-1, 1))
        canvas.ellipse(spot, (0.2, 0.12), _varied(rng, leaves * (0.9, 0.96, 0.84), 0.03), rng.uniform(0, 180))


def _pond(canvas: _Canvas) -> None:
    rng = canvas.rng
    canvas.fade(_between(rng, (0.18, 0.42, 0.52), (0.30, 0.55, 0.62)), _varied(rng, (0.12, 0.34, 0.42)))
    for _ in range(6):
        x, y = rng.uniform(-1, 1, 2)
        canvas.line([(x - 0.2, y), (x + 0.2, y)], 0.04, _varied(rng, (0.42, 0.66, 0.72)))


def _somewhere(canvas: _Canvas, *places: Callable[[_Canvas], None]) -> None:
    # Shared between classes, so that looking at the background alone does not give the thing away.
    places[canvas.rng.integers(len(places))](canvas)


def _airplane(canvas: _Canvas) -> None:
    rng = canvas.rng
    _sky(canvas, 4)
    canvas.place((0.6, 0.92), 30, 0.22)
    body, trim = _varied(rng, (0.93, 0.94, 0.95), 0.04), _paint(rng)
    wing = body * 0.78
    # Seen from the side and a little from below, the nose to the right; the far wing first.
    canvas.polygon([(0.12, -0.04), (-0.22, -0.5), (-0.38, -0.5), (-0.22, 0.0)], wing * 0.9)
    canvas.line([(-0.74, -0.02), (0.62, 0.02)], 0.26, body)
    canvas.ellipse((0.66, 0.03), (0.24, 0.12), body)
    canvas.polygon([(-0.88, -0.5), (-0.66, -0.5), (-0.4, -0.08), (-0.82, -0.02)], trim)
    canvas.polygon([(-0.86, 0.02), (-0.52, 0.02), (-0.84, 0.24), (-0.98, 0.24)], wing)
    canvas.polygon([(0.26, 0.06), (-0.12, 0.06), (-0.5, 0.62), (-0.28, 0.62)], wing)
    canvas.line([(0.04, 0.3), (0.18, 0.3)], 0.12, trim)
    canvas.line([(-0.5, -0.04), (0.5, -0.01)], 0.055, _colour(0.25, 0.35, 0.5))
    canvas.ellipse((0.74, -0.02), (0.09, 0.05), _colour(0.2, 0.3, 0.45))


def _wheel(canvas: _Canvas, x: float, y: float, radius: float) -> None:
    canvas.ellipse((x, y), (radius, radius), _BLACK)
    canvas.ellipse((x, y), (radius * 0.5, radius * 0.5), _colour(0.75, 0.76, 0.78))


def _automobile(canvas: _Canvas) -> None:
    rng = canvas.rng
    _somewhere(canvas, _street, _street, _meadow, _forest)
    canvas.place((0.6, 0.92), 6, 0.2, feet=0.66)
    paint, glass = _paint(rng), _colour(0.66, 0.84, 0.93)
    canvas.ellipse((0, 0.62), (0.9, 0.07), _colour(0.24, 0.24, 0.27))
    roof = rng.uniform(-0.34, -0.22)
    canvas.polygon([(-0.62, 0.14), (-0.42, roof), (0.26, roof), (0.54, 0.14)], paint * 0.92)
    canvas.polygon([(-0.5, 0.1), (-0.36, roof + 0.08), (-0.1, roof + 0.08), (-0.1, 0.1)], glass)
    canvas.polygon([(0.0, 0.1), (0.0, roof + 0.08), (0.22, roof + 0.08), (0.4, 0.1)], glass)
    canvas.line([(-0.78, 0.26), (0.78, 0.26)], 0.32, paint)
    canvas.line([(-0.8, 0.36), (0.8, 0.36)], 0.2, paint * 0.85)
    canvas.ellipse((0.88, 0.22), (0.06, 0.07), _colour(1.0, 0.95, 0.6))
    canvas.ellipse((-0.9, 0.22), (0.04, 0.07), _colour(0.9, 0.15, 0.12))
    _wheel(canvas, -0.48, 0.46, 0.2)
    _wheel(canvas, 0.5, 0.46, 0.2)


def _truck(canvas: _Canvas) -> None:
    rng = canvas.rng
    _somewhere(canvas, _street, _street, _meadow, _forest)
    canvas.place((0.62, 0.92), 5, 0.18, feet=0.71)
    cab, box = _paint(rng), _paint(rng) * 0.4 + _WHITE * 0.6
    canvas.ellipse((0, 0.7), (0.95, 0.06), _colour(0.24, 0.24, 0.27))
    top = rng.uniform(-0.72, -0.5)
    canvas.polygon([(-0.96, 0.42), (-0.96, top), (0.36, top), (0.36, 0.42)], box)
    for x in np.linspace(-0.74, 0.14, 4):
        canvas.line([(x, top + 0.08), (x, 0.32)], 0.035, box * 0.86)
    canvas.polygon([(-0.96, 0.44), (-0.96, 0.32), (0.96, 0.32), (0.96, 0.52), (-0.96, 0.52)], _colour(0.3, 0.3, 0.33))
    canvas.polygon([(0.42, 0.48), (0.42, -0.32), (0.74, -0.32), (0.94, 0.06), (0.94, 0.48)], cab)
    canvas.polygon([(0.56, 0.02), (0.56, -0.22), (0.7, -0.22), (0.84, 0.02)], _colour(0.66, 0.84, 0.93))
    canvas.ellipse((0.92, 0.32), (0.05, 0.06), _colour(1.0, 0.95, 0.6))
    for x in (-0.74, -0.36, 0.66):
        _wheel(canvas, x, 0.54, 0.17)


def _bird(canvas: _Canvas) -> None:
    rng = canvas.rng
    _somewhere(canvas, _branches, _forest, _meadow)
    canvas.place((0.6, 0.92), 12, 0.22)
    feathers, breast = _paint(rng), _between(rng, (0.95, 0.75, 0.5), (0.96, 0.93, 0.85))
    canvas.line([(-1.6, 0.76), (1.6, 0.66)], 0.13, _varied(rng, (0.42, 0.28, 0.18)))
    for x in (0.0, 0.16):
        canvas.line([(x, 0.4), (x + 0.02, 0.7)], 0.05, _colour(0.85, 0.5, 0.15))
    canvas.polygon([(-0.3, 0.02), (-0.98, 0.3), (-0.9, 0.52), (-0.2, 0.36)], feathers * 0.75)
    canvas.ellipse((0.04, 0.12), (0.52, 0.38), feathers, 20)
    canvas.ellipse((0.2, 0.24), (0.34, 0.24), breast, 25)
    canvas.ellipse((0.4, -0.32), (0.29, 0.28), feathers)
    canvas.polygon([(0.62, -0.42), (1.0, -0.28), (0.62, -0.18)], _colour(0.96, 0.62, 0.12))
    canvas.ellipse((-0.12, 0.1), (0.36, 0.2), feathers * 0.7, 25)
    canvas.ellipse((0.48, -0.38), (0.1, 0.1), _WHITE)
    canvas.ellipse((0.5, -0.38), (0.06, 0.06), _BLACK)


def _eyes(canvas: _Canvas, x: float, y: float, white: Colour, pupil: Point, radius: float) -> None:
    for side in (-1, 1):
        canvas.ellipse((side * x, y), (radius, radius), white)
        canvas.ellipse((side * x, y), pupil, _BLACK)


def _cat(canvas: _Canvas) -> None:
    rng = canvas.rng
    _somewhere(canvas, _room, _room, _meadow, _branches)
    canvas.place((0.55, 0.88), 18, 0.22)
    kinds = [
        (0.92, 0.58, 0.22),
        (0.45, 0.45, 0.48),
        (0.16, 0.16, 0.18),
        (0.93, 0.88, 0.80),
        (0.66, 0.52, 0.40),
    ]
    fur = _varied(rng, kinds[rng.integers(len(kinds))], 0.05)
    inside = _colour(0.95, 0.66, 0.66)
    for side in (-1, 1):
        canvas.polygon([(side * 0.74, -1.0), (side * 0.82, -0.1), (side * 0.1, -0.46)], fur * 0.92)
        canvas.polygon([(side * 0.67, -0.8), (side * 0.72, -0.24), (side * 0.3, -0.46)], inside)
    canvas.ellipse((0, 0.14), (0.92, 0.7), fur)
    for x in (-0.2, 0.0, 0.2):
        canvas.line([(x, -0.58), (x * 0.8, -0.3)], 0.08, fur * 0.6)
    canvas.ellipse((0, 0.46), (0.4, 0.28), fur * 0.3 + _WHITE * 0.7)
    eyes = _between(rng, (0.55, 0.80, 0.25), (0.95, 0.80, 0.25))
    _eyes(canvas, 0.38, 0.02, eyes, (0.06, 0.17), 0.2)
    canvas.polygon([(-0.12, 0.28), (0.12, 0.28), (0, 0.42)], _colour(0.88, 0.42, 0.48))
    whiskers = _WHITE if fur.mean() < 0.6 else _colour(0.35, 0.3, 0.3)
    for side in (-1, 1):
        for end in (0.32, 0.52, 0.72):
            canvas.line([(side * 0.34, 0.46), (side * 1.05, end)], 0.04, whiskers)


def _dog(canvas: _Canvas) -> None:
    rng = canvas.rng
    _somewhere(canvas, _meadow, _room, _branches, _forest)
    canvas.place((0.55, 0.88), 16, 0.22)
    kinds = [
        (0.74, 0.52, 0.30),
        (0.93, 0.82, 0.62),
        (0.40, 0.26, 0.17),
        (0.92, 0.90, 0.87),
        (0.30, 0.30, 0.33),
    ]
    fur = _varied(rng, kinds[rng.integers(len(kinds))], 0.04)
    ears = fur * rng.uniform(0.5, 0.7)
    canvas.ellipse((0, -0.02), (0.66, 0.74), fur)
    if rng.random() < 0.5:
        canvas.ellipse((0.3, -0.16), (0.26, 0.3), ears)
    for side in (-1, 1):
        canvas.ellipse((side * 0.7, 0.02), (0.24, 0.6), ears, side * -10)
    canvas.ellipse((0.0, 0.62), (0.15, 0.28), _colour(0.92, 0.42, 0.48))
    canvas.ellipse((0, 0.36), (0.42, 0.32), fur * 0.35 + _WHITE * 0.65)
    canvas.ellipse((0, 0.2), (0.2, 0.14), _BLACK)
    canvas.line([(0, 0.3), (0, 0.5)], 0.05, _BLACK)
    _eyes(canvas, 0.28, -0.18, _WHITE, (0.09, 0.09), 0.14)


def _deer(canvas: _Canvas) -> None:
    rng = canvas.rng
    _somewhere(canvas, _forest, _forest, _meadow, _branches)
    canvas.place((0.66, 0.92), 10, 0.16)
    fur = _between(rng, (0.62, 0.38, 0.20), (0.74, 0.52, 0.32))
    antlers = _between(rng, (0.92, 0.84, 0.68), (0.80, 0.68, 0.50))
    canvas.polygon([(-0.26, 0.3), (0.26, 0.3), (0.62, 2.4), (-0.62, 2.4)], fur * 0.85)
    for side in (-1, 1):
        main = [(side * 0.14, -0.22), (side * 0.4, -0.5), (side * 0.66, -0.62), (side * 0.72, -0.98)]
        canvas.line(main, 0.11, antlers)
        canvas.line([(side * 0.4, -0.5), (side * 0.34, -0.95)], 0.1, antlers)
        canvas.line([(side * 0.64, -0.62), (side * 0.96, -0.72)], 0.09, antlers)
        canvas.ellipse((side * 0.56, -0.08), (0.3, 0.13), fur * 0.85, side * -18)
        canvas.ellipse((side * 0.58, -0.08), (0.18, 0.07), _colour(0.93, 0.78, 0.68), side * -18)
    canvas.polygon([(-0.36, -0.2), (0.36, -0.2), (0.2, 0.72), (-0.2, 0.72)], fur)
    canvas.ellipse((0, -0.12), (0.37, 0.26), fur)
    canvas.ellipse((0, 0.64), (0.24, 0.22), fur * 0.3 + _WHITE * 0.7)
    canvas.ellipse((0, 0.56), (0.13, 0.1), _BLACK)
    _eyes(canvas, 0.25, 0.02, _BLACK, (0.05, 0.05), 0.09)


def _frog(canvas: _Canvas) -> None:
    rng = canvas.rng
    _somewhere(canvas, _pond, _pond, _branches, _meadow)
    canvas.place((0.55, 0.86), 12, 0.22, feet=1.0)
    canvas.ellipse((0, 0.72), (1.15, 0.36), _between(rng, (0.20, 0.45, 0.22), (0.32, 0.56, 0.26)))
    skin = _between(rng, (0.32, 0.72, 0.20), (0.72, 0.80, 0.20))
    for side in (-1, 1):
        canvas.ellipse((side * 0.7, 0.58), (0.36, 0.3), skin * 0.85, side * 20)
        canvas.ellipse((side * 0.48, -0.5), (0.32, 0.32), skin)
    canvas.ellipse((0, 0.12), (0.86, 0.66), skin)
    canvas.ellipse((0, 0.5), (0.6, 0.3), skin * 0.4 + _colour(0.95, 0.95, 0.7) * 0.6)
    for side in (-1, 1):
        canvas.ellipse((side * 0.48, -0.52), (0.22, 0.22), _WHITE)
        canvas.ellipse((side * 0.46, -0.5), (0.12, 0.13), _BLACK)
    mouth = [(-0.62, 0.08), (-0.36, 0.24), (0, 0.3), (0.36, 0.24), (0.62, 0.08)]
    canvas.line(mouth, 0.08, skin * 0.35)
    for x in (-0.1, 0.1):
        canvas.ellipse((x, -0.06), (0.035, 0.035), skin * 0.4)


def _horse(canvas: _Canvas) -> None:
    rng = canvas.rng
    _somewhere(canvas, _meadow, _meadow, _forest)
    canvas.place((0.62, 0.94), 6, 0.2, feet=0.92)
    kinds = [
        (0.50, 0.28, 0.14),
        (0.34, 0.19, 0.11),
        (0.80, 0.62, 0.42),
        (0.90, 0.88, 0.85),
        (0.24, 0.22, 0.23),
    ]
    kind = int(rng.integers(len(kinds)))
    coat = _varied(rng, kinds[kind], 0.04)
    mane = _varied(rng, [(0.15, 0.09, 0.06), (0.09, 0.06, 0.05), (0.97, 0.92, 0.80), (0.66, 0.64, 0.62),
                         (0.06, 0.06, 0.07)][kind], 0.03)  # fmt: skip
    canvas.ellipse((-0.1, 0.9), (0.8, 0.07), _colour(0.25, 0.42, 0.2))
    canvas.line([(-0.7, 0.0), (-0.9, 0.2), (-0.92, 0.56)], 0.17, mane)
    for x, slant in ((-0.56, -0.04), (0.2, 0.05)):
        canvas.line([(x + 0.08, 0.3), (x + 0.08 + slant, 0.86)], 0.13, coat * 0.75)
    for x, slant in ((-0.5, 0.04), (0.34, 0.04)):
        canvas.line([(x - 0.1, 0.3), (x - 0.1 + slant, 0.9)], 0.14, coat)
    canvas.ellipse((-0.14, 0.12), (0.6, 0.33), coat)
    canvas.polygon([(0.08, -0.02), (0.42, -0.72), (0.7, -0.62), (0.46, 0.26)], coat)
    canvas.line([(0.02, -0.1), (0.36, -0.78)], 0.18, mane)
    canvas.polygon([(0.44, -0.7), (0.5, -0.98), (0.62, -0.72)], coat * 0.9)
    canvas.line([(0.56, -0.62), (0.88, -0.3)], 0.27, coat)
    canvas.ellipse((0.9, -0.27), (0.11, 0.12), coat * 0.7)
    canvas.ellipse((0.62, -0.6), (0.05, 0.05), _BLACK)


def _ship(canvas: _Canvas) -> None:
    rng = canvas.rng
    _sky(canvas, 2)
    sea = _between(rng, (0.08, 0.32, 0.55), (0.10, 0.48, 0.58))
    horizon = rng.uniform(0.25, 0.4)
    _ground(canvas, horizon, sea * 1.15)
    x_sea, y_sea = canvas.x, canvas.y
    keel = canvas.place((0.6, 0.92), 7, 0.18, feet=0.66)
    hull, funnel = _paint(rng) * 0.8, _paint(rng)
    if rng.random() < 0.5:
        canvas.line([(0.02, 0.3), (0.02, -0.92)], 0.06, _colour(0.4, 0.27, 0.17))
        canvas.polygon([(-0.06, -0.86), (-0.06, 0.1), (-0.72, 0.1)], _WHITE)
        canvas.polygon([(0.1, -0.7), (0.1, 0.1), (0.6, 0.1)], _varied(rng, funnel, 0.02) * 0.5 + _WHITE * 0.5)
        canvas.polygon([(0.02, -0.98), (0.3, -0.9), (0.02, -0.8)], funnel)
    else:
        for puff in range(3):
            smoke = (-0.06 - 0.2 * puff, -0.78 - 0.1 * puff)
            canvas.ellipse(smoke, (0.12 + 0.05 * puff, 0.09 + 0.03 * puff), _colour(0.82, 0.82, 0.84))
        canvas.polygon([(-0.5, 0.24), (-0.5, -0.04), (0.46, -0.04), (0.46, 0.24)], _WHITE)
        canvas.polygon([(-0.3, -0.02), (-0.3, -0.28), (0.3, -0.28), (0.3, -0.02)], _WHITE * 0.94)
        canvas.polygon([(-0.12, -0.26), (-0.12, -0.66), (0.14, -0.66), (0.14, -0.26)], funnel)
        canvas.polygon([(-0.12, -0.54), (-0.12, -0.66), (0.14, -0.66), (0.14, -0.54)], _BLACK)
        for x in np.linspace(-0.36, 0.32, 4):
            canvas.ellipse((x, 0.1), (0.06, 0.06), _colour(0.2, 0.34, 0.5))
    canvas.polygon([(-0.92, 0.18), (0.98, 0.18), (0.7, 0.66), (-0.7, 0.66)], hull)
    canvas.polygon([(-0.92, 0.18), (0.98, 0.18), (0.93, 0.27), (-0.87, 0.27)], hull * 0.3 + _WHITE * 0.7)
    canvas.x, canvas.y = x_sea, y_sea
    start = rng.uniform(0, 2)
    for below, shade in ((-0.12, 1.0), (0.12, 0.82)):
        waves = 0.045 * np.abs((canvas.x * 3 + start + 10 * below) % 2 - 1)
        canvas.fill(canvas.y > keel + below + waves, sea * shade)


_THINGS: tuple[Callable[[_Canvas], None], ...] = (
    _airplane, _automobile, _bird, _cat, _deer, _dog, _frog, _horse, _ship, _truck,
)  # fmt: skip


def draw_picture(label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw one picture of the thing that a label stands for.

    Shapes:
        out (32, 32, 3), uint8.

    Args:
        label: the place of the thing in `class_names.CIFAR_CLASSES`, 0 to 9.
        rng: where all that varies is drawn from.

    Raises TypeError and ValueError when there is no such thing.

    >>> draw_picture(3, np.random.default_rng(0)).shape
    (32, 32, 3)
    """
    label = Checks.integer(label, "draw_picture", "label", least=0)
    if label >= len(_THINGS):
        raise ValueError(f"draw_picture: expected a label from 0 to {len(_THINGS) - 1}, got {label}")
    canvas = _Canvas(rng)
    _THINGS[label](canvas)
    return canvas.finished()


def draw_sample_data(count: int = 100, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw pictures of the ten things in turn, so that every ten of them are balanced.

    Picture number i of a seed is the same whatever the count. About 3 ms for each.

    Shapes:
        out the pictures (count, 32, 32, 3), uint8, and their labels (count,).

    Args:
        count: how many (default 100).
        seed: at least 0 (default 0, that of the committed pictures).

    Raises TypeError and ValueError when either is no such number.

    >>> pictures, labels = draw_sample_data(count=3, seed=1)
    >>> pictures.shape, labels.tolist()
    ((3, 32, 32, 3), [0, 1, 2])
    """
    count = Checks.integer(count, "draw_sample_data", "count", least=1)
    seed = Checks.integer(seed, "draw_sample_data", "seed", least=0)
    labels = np.arange(count, dtype=np.int64) % len(_THINGS)
    pictures = [draw_picture(label, np.random.default_rng([seed, i])) for i, label in enumerate(labels.tolist())]
    return np.stack(pictures), labels


def write_sample_data(folder: str | os.PathLike[str], count: int = 100, seed: int = 0) -> None:
    """Write pictures as `Sample_data/0.npy`, `1.npy` … and their labels as `Labels.json` beside it.

    Args:
        folder: one that exists.
        count: how many (default 100).
        seed: as in `draw_sample_data`.

    Raises FileNotFoundError when the folder is missing, other OSErrors when it cannot be written to.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_sample_data(folder, count=2)
    ...     print((Path(folder) / "Labels.json").read_text(), end="")
    {
    "0": 0,
    "1": 1
    }
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(
            f"write_sample_data: expected a folder at '{folder}', found none; make it, or choose another"
        )
    pictures, labels = draw_sample_data(count, seed)
    (folder / "Sample_data").mkdir(exist_ok=True)
    for number, picture in enumerate(pictures):
        np.save(folder / "Sample_data" / f"{number}.npy", picture)
    table = json.dumps({str(number): label for number, label in enumerate(labels.tolist())}, indent=0)
    (folder / "Labels.json").write_text(table + "\n", encoding="utf-8")


def write_picture_folder(folder: str | os.PathLike[str], count: int = 100, seed: int = 0) -> None:
    """Write pictures as people keep theirs, in a folder for each class: `cat/3.png`, `dog/5.png`.

    Args:
        folder: where those folders go; made where it is missing.
        count: how many pictures (default 100).
        seed: as in `draw_sample_data`.

    Raises OSErrors when the folder cannot be written to.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_picture_folder(folder, count=2)
    ...     print(*sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*.png")))
    airplane/0.png automobile/1.png
    """
    from PIL import Image

    pictures, labels = draw_sample_data(count, seed)
    for number, (picture, label) in enumerate(zip(pictures, labels.tolist(), strict=True)):
        file = Path(folder) / CIFAR_CLASSES[label] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(file)


if __name__ == "__main__":
    arguments = Parser(
        prog="python -m Generator.draw_sample_data",
        description="Draw the sample pictures and write them with their labels.",
    )
    arguments.add_argument("--folder", default=Path(__file__).parent, help="where to (default: beside this file)")
    arguments.add_argument("--count", type=int, default=100, help="how many pictures (default: 100)")
    arguments.add_argument("--seed", type=int, default=0, help="another seed gives other pictures (default: 0)")
    chosen = arguments.parse_args()
    try:
        write_sample_data(chosen.folder, chosen.count, chosen.seed)
    except (OSError, ValueError) as error:
        arguments.error(str(error))
