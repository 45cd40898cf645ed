"""The network's phase, one switch that sets the flag of every layer."""

from itertools import pairwise

from matplotlib.figure import Figure

from Protocols.pictures.style import (
    BLUE,
    GREEN,
    GREY,
    LIGHT_GREY,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    SMALL,
    Diagram,
)


def draw() -> Figure:
    """Draw `train` and `test` above, the property in the middle, the layers below."""
    diagram = Diagram(12, 5)
    train = diagram.box(2.8, 4.4, "train(iterations)", 2.6, fill=PALE_ORANGE, edge=ORANGE)
    test = diagram.box(9.2, 4.4, "test(input_tensor)", 2.6, fill=PALE_GREEN, edge=GREEN)
    phase = diagram.box(6, 3.0, "NeuralNetwork.phase", 3, fill=LIGHT_GREY, edge=GREY)
    diagram.arrow(train, phase, ORANGE)
    diagram.arrow(test, phase, GREEN)
    diagram.text(3.6, 3.45, "= False", ORANGE)
    diagram.text(8.4, 3.45, "= True", GREEN)
    layers = ("FullyConnected", "Batch-\nNormalization", "ReLU", "Dropout", "SoftMax")
    patches = []
    for place, name in enumerate(layers):
        concerned = name in ("Dropout", "Batch-\nNormalization")
        colours = {"fill": PALE_ORANGE, "edge": ORANGE} if concerned else {"fill": PALE_BLUE, "edge": BLUE}
        patches.append(diagram.box(1.2 + 2.4 * place, 0.9, name, 1.9, size=SMALL, **colours))
        diagram.arrow(phase, patches[-1], GREY, dashed=True)
    for left, right in pairwise(patches):
        diagram.arrow(left, right)
    diagram.text(6, 0.15, "testing_phase of every layer; only the orange ones behave differently", GREY, SMALL)
    return diagram.figure
