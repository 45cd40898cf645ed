"""A network of many kinds of layers in a file, and ways to rewrite the file."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

import NeuralNetwork as networks
from Layers.BatchNormalization import BatchNormalization
from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.Pooling import Pooling
from Layers.ReLU import ReLU
from Layers.SoftMax import SoftMax
from Optimization.Constraints import L2_Regularizer
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam

ROOT = Path(__file__).parent.parent
DATA = Path(__file__).parent / "data"


class Stripes:
    """Endless images of which the class is the brighter column: batch number n is always the same."""

    def __init__(self, start: int = 0) -> None:
        self.number = start

    def next(self):
        rng = np.random.default_rng(self.number)
        self.number += 1
        classes = rng.integers(0, 4, 8)
        images = rng.random((8, 1, 4, 4))
        images[np.arange(8), 0, :, classes] += 0.5
        return images, np.eye(4)[classes]


def network(dropout_rng=None, dtype="float64"):
    optimizer = Adam(0.01)
    optimizer.add_regularizer(L2_Regularizer(1e-3))
    net = networks.NeuralNetwork(optimizer, He(rng=1), Constant(0.1), dtype)
    for layer in (
        Conv(1, (1, 3, 3), 3),
        BatchNormalization(3),
        ReLU(),
        Pooling(2, 2),
        Flatten(),
        Dropout(0.7, rng=dropout_rng),
        FullyConnected(12, 4),
        SoftMax(),
    ):
        net.append_layer(layer)
    net.data_layer, net.loss_layer = Stripes(), CrossEntropyLoss()
    return net


def saved_in(folder: Path):
    net = network(dropout_rng=3)
    net.train(5)
    networks.save(folder / "net", net)
    return folder / "net"


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, content: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def rewritten(path: Path, change) -> Path:
    """The file with its description changed: what somebody could have made by hand."""
    content = members(path)
    description = json.loads(content["network.json"])
    change(description)
    content["network.json"] = json.dumps(description).encode()
    write(path, content)
    return path


def object_of(description: dict, name: str) -> dict:
    return next(described for described in description["objects"] if described["class"] == name)


def refuses(path: Path, match: str) -> None:
    with pytest.raises(ValueError, match=match) as caught:
        networks.load(path, None)
    assert str(path) in str(caught.value)
