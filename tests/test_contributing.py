"""The layers that CONTRIBUTING.md shows: they keep the laws, and work in a program of somebody's own."""

import importlib.util
import inspect
import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import test_layer_laws as laws
from tests.law_choices import every_choice
from tests.layer_cases import LayerCase

ROOT = Path(__file__).parent.parent
(CODE,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.S | re.M)


@pytest.fixture(scope="module")
def own_layers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "own_layers.py").write_text(CODE, encoding="utf-8")
    specification = importlib.util.spec_from_file_location("own_layers", folder / "own_layers.py")
    module = importlib.util.module_from_spec(specification)
    sys.modules["own_layers"] = module
    specification.loader.exec_module(module)
    yield module
    del sys.modules["own_layers"]


def cases(own_layers):
    return [
        LayerCase(lambda: own_layers.HardTanH(0.4), (4, 5), (4, 5)),
        LayerCase(own_layers.HardTanH, (2, 3, 4, 4), (2, 3, 4, 4)),
        LayerCase(lambda: own_layers.Scale(5), (4, 5), (4, 5), wrong_shape=(4, 6)),
    ]


@pytest.mark.parametrize("law", [name for name in vars(laws) if name.startswith("test_law")])
def test_the_examples_keep_every_law(law, own_layers, tmp_path):
    function = getattr(laws, law)
    for case, chosen in itertools.product(cases(own_layers), every_choice(function, "case")):
        known = {**chosen, "case": case, "tmp_path": tmp_path}
        function(**{name: known[name] for name in inspect.signature(function).parameters})


def test_the_examples_are_trained_saved_and_loaded_in_a_new_process(tmp_path):
    (tmp_path / "own_layers.py").write_text(CODE, encoding="utf-8")
    train = """
import numpy as np
from own_layers import HardTanH, Scale
from Layers import FullyConnected, Helpers, Initializers, SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization import Loss, Optimizers

np.random.seed(1)
net = NeuralNetwork(Optimizers.Adam(0.01), Initializers.He(rng=0), Initializers.Constant(0.1), clip_norm=10)
net.data_layer, net.loss_layer = Helpers.IrisData(50), Loss.CrossEntropyLoss()
for layer in (FullyConnected.FullyConnected(4, 16), HardTanH(2), Scale(16)):
    net.append_layer(layer)
net.append_layer(FullyConnected.FullyConnected(16, 3))
net.append_layer(SoftMax.SoftMax())
net.train(500)
images, labels = net.data_layer.get_test_set()
assert Helpers.calculate_accuracy(net.test(images), labels) > 0.9
assert "HardTanH(bound=2)" in str(net) and "Scale(features=16)" in str(net)
NeuralNetwork.save("net", net)
np.savez("expected", images=images, output=net.test(images))
"""
    load = """
import numpy as np
import own_layers
from NeuralNetwork import NeuralNetwork

expected = np.load("expected.npz")
net = NeuralNetwork.load("net", None)
np.testing.assert_array_equal(net.test(expected["images"]), expected["output"])
"""
    environment = {"PYTHONPATH": f"{ROOT}:{tmp_path}", "PATH": ""}
    for code in (train, load):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
