"""What is wrong with solar cells, as in the course's Exercise 4: train, export, and be graded by another program.

A picture may show a crack, an inactive area, both or neither. The exercise has a network of PyTorch's, and grades the
model that it is exported to through onnxruntime; here one of this library's takes its place.
"""

import numpy as np
from sklearn.metrics import f1_score

from Interop import Onnx
from Layers.Sigmoid import Sigmoid
from Models import ResNet
from Optimization.Loss import BinaryCrossEntropy


def draw(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pictures `(count, 1, 32, 32)` of bright cells, and for each whether it has a crack, and an inactive area."""
    cells, labels = rng.normal(0.7, 0.2, (count, 1, 32, 32)), rng.integers(0, 2, (count, 2))
    for cell, (crack, inactive) in zip(cells, labels, strict=True):
        cell[0, np.arange(4, 28), np.arange(24) + rng.integers(0, 9)] -= 0.4 * crack
        cell[:, :, 24:] -= 0.2 * inactive
    return cells.astype(np.float32), labels


def grade(file: str, pictures: np.ndarray, labels: np.ndarray) -> None:
    """Print how well a model does, as a program that knows nothing of this library."""
    import onnxruntime

    (answers,) = onnxruntime.InferenceSession(file).run(None, {"input": pictures})
    print("F1 of crack: {:.3f}, of inactive: {:.3f}".format(*f1_score(labels, answers > 0.5, average=None)))


def main(epochs: int = 6, count: int = 600) -> None:
    """Train a residual network, export it, and have it graded on 200 new pictures."""
    rng, file = np.random.default_rng(0), "results/solar_cells.onnx"
    net = ResNet.build((1, 32, 32), 2, depth=8, width=8, dtype="float32", rng=0)
    net.layers[-1], net.loss_layer = Sigmoid(), BinaryCrossEntropy()  # two answers that don't exclude each other
    net.fit(*draw(count, rng), epochs=epochs, rng=0)
    Onnx.export(net, file, (1, 32, 32))
    grade(file, *draw(200, rng))


if __name__ == "__main__":
    main()
