"""The course's Exercise 4 with this library in PyTorch's place: defects of solar cells, graded through ONNX.

The cells are drawn here: a crack is a dark line, an inactive part a dark square, and a cell may have both. Whoever
grades has the exported file alone, and asks it by onnxruntime: `pip install "classic-deep-learning[onnx]" onnxruntime`.
"""

import numpy as np
import onnxruntime
from sklearn.metrics import f1_score

from Interop import Onnx
from Layers.Sigmoid import Sigmoid
from Models import ResNet
from Optimization.Loss import BinaryCrossEntropy


def cells(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Grey images in three channels, and which of both defects each has."""
    images, labels = rng.normal(0, 0.5, (count, 3, 32, 32)), rng.random((count, 2)) < 0.4
    for image, (crack, inactive) in zip(images, labels, strict=True):
        steps, (row, column), (top, left) = np.arange(12), *rng.integers(0, 20, (2, 2))
        image[:, row + steps, column + steps] -= 1.5 * crack
        image[:, top : top + 10, left : left + 10] -= inactive
    return images, labels.astype(float)


def main(count: int = 500, epochs: int = 8, file: str = "results/checkpoint.onnx") -> None:
    """Train, export, and grade: the F1 of both defects on cells that the network has never seen."""
    rng = np.random.default_rng(0)
    net = ResNet.build((3, 32, 32), classes=2, depth=8, width=8, dtype="float32", rng=0)
    net.layers[-1], net.loss_layer = Sigmoid(), BinaryCrossEntropy()
    net.fit(*cells(count, rng), epochs, metrics=["f1"], rng=0)
    Onnx.export(net, file, (3, 32, 32))
    images, labels = cells(300, rng)
    (outputs,) = onnxruntime.InferenceSession(file).run(None, {"input": images.astype("float32")})
    print("F1 of crack and inactive: {:.3f} and {:.3f}".format(*f1_score(labels, outputs > 0.5, average=None)))


if __name__ == "__main__":
    main()
