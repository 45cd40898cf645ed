"""The cell of an LSTM: the content runs along the top, and three gates decide what is lost, added and shown."""

from matplotlib.figure import Figure

from Protocols.pictures.style import BLUE, GREEN, GREY, INK, ORANGE, PALE_GREEN, PALE_ORANGE, RED, SMALL, Diagram


def draw() -> Figure:
    """Draw one time step; the path on which the cell's error returns is red."""
    diagram = Diagram(15, 7.4)
    cell, low = 6.2, 1.0
    forget = diagram.circle(3.6, cell, "×")
    add = diagram.circle(7.0, cell, "+")
    write = diagram.circle(7.0, 4.6, "×")
    squash = diagram.box(11.7, 5.0, "tanh", 1.1, 0.6, size=SMALL)
    show = diagram.circle(11.7, 3.6, "×")
    diagram.text(0.8, cell, "$C_{t-1}$", BLUE, 12)
    diagram.text(14.2, cell, "$C_t$", BLUE, 12)
    diagram.arrow((1.4, cell), forget, BLUE, width=2.4)
    diagram.arrow(forget, add, BLUE, width=2.4)
    diagram.arrow(add, (13.8, cell), BLUE, width=2.4)
    diagram.arrow((11.7, cell), squash)
    diagram.arrow(squash, show)
    diagram.arrow(write, add)
    gates = []
    for place, text in (
        (3.6, "forget $f_t$\nσ"),
        (5.8, "input $i_t$\nσ"),
        (8.2, "candidate $\\tilde{C}_t$\ntanh"),
        (10.4, "output $o_t$\nσ"),
    ):
        gates.append(diagram.box(place, 2.6, text, 2.0, 1.0, fill=PALE_ORANGE, edge=ORANGE, size=SMALL))
        diagram.arrow((place, low), gates[-1], GREY, gap=0)
    diagram.arrow(gates[0], forget, ORANGE)
    diagram.arrow(gates[1], write, ORANGE)
    diagram.arrow(gates[2], write, ORANGE)
    diagram.arrow(gates[3], show, ORANGE, corner="vertical")
    diagram.arrow(show, (13.8, 3.6))
    diagram.text(14.2, 3.6, "$h_t$", BLUE, 12)
    diagram.text(14.2, 2.95, "to $y_t$ and to\nthe next step", GREY, SMALL)
    diagram.text(0.8, 1.0, "$h_{t-1}$", BLUE, 12)
    diagram.box(0.8, 2.0, "$x_t$", 0.9, 0.6, fill=PALE_GREEN, edge=GREEN)
    joined = diagram.circle(1.9, low, "", 0.16, INK, INK)
    diagram.arrow((1.25, low), joined, GREY)
    diagram.arrow((1.2, 1.75), joined, GREY)
    diagram.axes.plot([1.9, 10.4], [low, low], color=GREY, linewidth=1.4, zorder=1)
    diagram.text(
        5.6, 0.45, "$\\tilde{x}_t = (x_t, h_{t-1}, 1)$ goes to all four, each with its quarter of the weights", INK
    )
    diagram.arrow((13.6, 6.75), (1.4, 6.75), RED, dashed=True)
    diagram.text(7.4, 7.05, "the error of the cell returns through a product with $f_t$ alone", RED)
    return diagram.figure
