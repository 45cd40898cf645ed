"""The three channels of the spectrum as grey pictures, and the colours that they make together."""

from matplotlib.figure import Figure

from Generator.pattern import Spectrum
from Protocols.pictures.style import add_image_axes, make_figure


def draw() -> Figure:
    """Red, green and blue for themselves, then all of them."""
    figure = make_figure(2.0)
    spectrum = Spectrum(150).draw()
    for channel, name in enumerate(("red: [..., 0]", "green: [..., 1]", "blue: [..., 2]")):
        axes = add_image_axes(figure, 1, 4, channel + 1, name)
        axes.imshow(spectrum[..., channel], cmap="gray", vmin=0, vmax=1)
    add_image_axes(figure, 1, 4, 4, "together").imshow(spectrum)
    return figure
