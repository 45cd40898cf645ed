"""One picture in the eight ways in which turning and mirroring may deliver it."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import Generator
from Generator.generator import ImageGenerator
from Protocols.pictures.style import add_image_axes, make_figure

_LABEL = 8  # a ship: up and down are easy to tell apart


def draw() -> Figure:
    """The four turns, and below them their mirror images."""
    figure = make_figure(3.6)
    folder = Path(Generator.__path__[0])
    generator = ImageGenerator(folder / "Sample_data", folder / "Labels.json", 10, [32, 32, 3])
    images, labels = generator.next()
    picture = images[list(labels).index(_LABEL)]
    for quarter in range(4):
        turned = np.rot90(picture, quarter)
        add_image_axes(figure, 2, 4, quarter + 1, f"rot90(image, {quarter})").imshow(turned)
        add_image_axes(figure, 2, 4, quarter + 5, "mirrored: [:, ::-1]").imshow(turned[:, ::-1])
    return figure
