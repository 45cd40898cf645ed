"""Batch normalization as a computation graph: the values forward in blue, their errors back in red."""

from matplotlib.figure import Figure

from Protocols.pictures.style import (
    BLUE,
    GREY,
    ORANGE,
    PALE_ORANGE,
    RED,
    SMALL,
    Diagram,
)


def draw() -> Figure:
    """Draw every intermediate value; errors meet and add where a value is used twice."""
    diagram = Diagram(14, 5.6)
    main = 3.9
    x = diagram.box(0.9, main, "$x_n$", 1.0)
    d = diagram.box(4.3, main, "$d_n = x_n - \\mu$", 2.2)
    normal = diagram.box(9.0, main, "$\\hat{x}_n = d_n s$", 2.0)
    y = diagram.box(12.7, main, "$y_n = \\gamma\\hat{x}_n + \\beta$", 2.2)
    mean = diagram.box(1.9, 1.6, "$\\mu = \\frac{1}{N}\\sum x_n$", 2.1)
    variance = diagram.box(5.2, 1.6, "$v = \\frac{1}{N}\\sum d_n^2$", 2.1)
    scale = diagram.box(8.6, 1.6, "$s = (v + \\epsilon)^{-1/2}$", 2.5)
    learned = diagram.box(12.7, 1.6, "$\\gamma,\\ \\beta$", 1.4, fill=PALE_ORANGE, edge=ORANGE)
    forward = ((x, d), (x, mean), (mean, d), (d, normal), (d, variance), (variance, scale), (scale, normal))
    for start, end in (*forward, (normal, y)):
        diagram.arrow(start, end, BLUE, bend=0.12)
        diagram.arrow(end, start, RED, bend=0.12, dashed=True)
    diagram.arrow(learned, y, ORANGE, bend=0.12)
    diagram.arrow(y, learned, RED, bend=0.12, dashed=True)
    for place, what in ((10.85, "$g_n = \\gamma e_n$"), (6.6, "$s\\,g_n$")):
        diagram.text(place, main + 0.6, what, RED)
    diagram.text(12.7, 5.0, "error tensor  $e_n$", RED)
    diagram.arrow((12.7, 4.85), y, RED, dashed=True)
    diagram.text(9.75, 2.75, "$\\sum g_n d_n$", RED)
    diagram.text(6.9, 0.75, "$-s^3/2$", RED)
    diagram.text(5.65, 2.75, "$2 d_n / N$", RED)
    diagram.text(2.15, 2.7, "$-\\sum$", RED)
    diagram.text(0.75, 2.75, "$1/N$", RED)
    diagram.text(11.75, 2.75, "$\\sum e_n\\hat{x}_n$\n$\\sum e_n$", RED)
    diagram.text(
        7, 0.2, "x reaches the output on three paths: directly, through the mean, through the variance", GREY, SMALL
    )
    return diagram.figure
