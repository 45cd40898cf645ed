"""Models in ONNX that others have made: PyTorch's exporters, Keras', scikit-learn's."""

import re
import warnings

import numpy as np
import pytest

from Interop.Onnx import export, load
from Layers.BatchNormalization import BatchNormalization
from Layers.Residual import Residual
from Layers.SoftMax import SoftMax
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam
from tests.onnx_cases import EXPECTED, FOLDER, as_the_model, run

onnx = pytest.importorskip("onnx")

#: Which output the network is to give, where the model has several.
OUTPUTS = {"three_classes": "output_probability", "two_classes": "output_probability", "scaler": "output_probability"}
FILES = sorted(FOLDER.glob("*.onnx"))


def output_of(file):
    return next((output for ending, output in OUTPUTS.items() if file.stem.endswith(ending)), None)


def expected(file):
    with np.load(EXPECTED) as arrays:
        return arrays[f"{file.stem}.inputs"], arrays[f"{file.stem}.outputs"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_model_gives_what_its_library_gives(file):
    inputs, outputs = expected(file)
    np.testing.assert_allclose(as_the_model(file, inputs, output_of(file)), outputs, rtol=1e-5, atol=1e-5)


def loaded(file):
    """The network, and the axes of its input among the model's, of which it warns."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net = load(file, output=output_of(file))
    orders = [re.search(r"input are those numbered \[([\d, ]+)\]", str(one.message)) for one in caught]
    return net, [int(axis) for axis in orders[0][1].split(",")] if orders and orders[0] else None


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_loaded_network_can_be_exported_again(file, tmp_path):
    pytest.importorskip("onnxruntime")
    net, order = loaded(file)
    inputs, outputs = expected(file)
    inputs = inputs if order is None else inputs.transpose(order)
    export(net, tmp_path / "again.onnx", inputs.shape[1:])
    np.testing.assert_allclose(run(tmp_path / "again.onnx", inputs), outputs, rtol=1e-5, atol=1e-5)


def test_ways_that_part_become_residual_layers():
    net, _ = loaded(FOLDER / "pytorch_resnet_new.onnx")
    blocks = [layer for layer in net.layers if isinstance(layer, Residual)]
    assert [block.shortcut is None for block in blocks] == [True, False]


def test_channels_last_become_channels_first_and_it_is_said():
    with pytest.warns(UserWarning, match=r"the axes of the network's input are those numbered \[0, 3, 1, 2\]"):
        load(FOLDER / "keras_pictures.onnx")


def test_a_loaded_network_goes_on_training():
    net = load(FOLDER / "pytorch_lenet_new.onnx")
    assert isinstance(net.layers[-1], SoftMax)
    net.optimizer, net.loss_layer = Adam(0.01), CrossEntropyLoss()
    inputs, _ = expected(FOLDER / "pytorch_lenet_new.onnx")
    net.data_layer = inputs, np.eye(3)[[0, 2]]
    net.train(80)
    assert net.loss[-1] < net.loss[0] / 2


def test_a_factor_and_a_number_for_each_feature_are_a_normalization():
    net, _ = loaded(FOLDER / "scikit_learn_behind_a_scaler.onnx")
    assert isinstance(net.layers[0], BatchNormalization)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size"), [("resnet18", 64), ("vgg11_bn", 224)])
def test_networks_of_torchvision_and_their_files_beside(name, size, tmp_path):
    torch, models = pytest.importorskip("torch"), pytest.importorskip("torchvision.models")
    pytest.importorskip("onnxscript")
    torch.manual_seed(0)
    net, inputs = getattr(models, name)(num_classes=10).eval(), torch.rand(1, 3, size, size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyTorch's own
        torch.onnx.export(net, (inputs,), tmp_path / "model.onnx", external_data=True, verbose=False)
    assert (tmp_path / "model.onnx.data").stat().st_size > 10_000_000
    output = load(tmp_path / "model.onnx").test(inputs.numpy())
    np.testing.assert_allclose(output, net(inputs).detach().numpy(), rtol=1e-4, atol=1e-5)
