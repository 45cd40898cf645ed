"""Saved networks: they come back bit for bit, and a bad file is refused without harm."""

import io
import json
import os
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

import NeuralNetwork as networks
from Layers.Base import BaseLayer, TrainableLayer
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


@pytest.fixture
def saved(tmp_path):
    net = network(dropout_rng=3)
    net.train(5)
    networks.save(tmp_path / "net", net)
    return tmp_path / "net"


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


@pytest.mark.parametrize("dropout_rng", [3, None])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_training_goes_on_in_a_new_process_with_the_same_bits(tmp_path, dropout_rng, dtype):
    np.random.seed(4)
    whole = network(dropout_rng, dtype)
    whole.train(100)

    np.random.seed(4)
    half = network(dropout_rng, dtype)
    half.train(50)
    networks.save(tmp_path / "half", half)
    code = (
        "import NeuralNetwork, sys\nfrom tests.test_checkpoint import Stripes\n"
        "net = NeuralNetwork.load(sys.argv[1], Stripes(50))\nnet.train(50)\nNeuralNetwork.save(sys.argv[2], net)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "half", tmp_path / "all"], cwd=ROOT, check=True)
    finished = networks.load(tmp_path / "all", None)
    assert finished.loss == whole.loss
    for one, other in zip(finished.layers, whole.layers, strict=True):
        assert repr(one) == repr(other)
        for name in getattr(one, "parameter_names", ()):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    np.testing.assert_array_equal(finished.layers[1].moving_mean, whole.layers[1].moving_mean)


def test_saving_changes_nothing_and_gives_the_same_file_twice(tmp_path):
    net = network(dropout_rng=3)
    net.train(3)
    networks.save(tmp_path / "one", net)
    networks.save(tmp_path / "two", net)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert net.data_layer is not None


def test_the_data_layer_is_not_saved_and_is_set_by_load(saved):
    data = Stripes()
    assert networks.load(saved, data).data_layer is data


def test_random_generators_that_are_shared_stay_shared(tmp_path):
    generator = np.random.default_rng(0)
    net = networks.NeuralNetwork()
    net.layers = [Dropout(0.5, rng=generator), Dropout(0.5, rng=generator)]
    networks.save(tmp_path / "net", net)
    first, second = networks.load(tmp_path / "net", None).layers
    assert first.rng is second.rng
    assert first.rng.random() == generator.random()


@pytest.mark.parametrize("bit_generator", ["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"])
def test_every_random_generator_of_numpy_goes_on(tmp_path, bit_generator):
    generator = np.random.Generator(getattr(np.random, bit_generator)(5))
    generator.random(7, dtype=np.float32)
    net = networks.NeuralNetwork()
    net.layers = [Dropout(0.5, rng=generator)]
    networks.save(tmp_path / "net", net)
    restored = networks.load(tmp_path / "net", None).layers[0].rng
    np.testing.assert_array_equal(restored.random(2000), generator.random(2000))


def test_folders_are_made_and_an_earlier_file_is_replaced(tmp_path):
    path = tmp_path / "trained" / "deep" / "net"
    networks.save(path, networks.NeuralNetwork())
    networks.save(path, network())
    assert len(networks.load(path, None).layers) == 8
    assert os.listdir(path.parent) == ["net"]


def test_numpy_can_open_the_arrays(saved):
    with np.load(saved) as archive:
        assert any(archive[name].shape == (3, 1, 3, 3) for name in archive.files if name.startswith("array"))


def test_a_crash_while_writing_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()

    def crash(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="disk full"):
        networks.save(saved, network())
    assert saved.read_bytes() == before
    assert os.listdir(saved.parent) == ["net"]


class Own(BaseLayer):
    """A layer of a user's own, with an argument and a state."""

    def __init__(self, factor):
        self.factor, self.calls = factor, 0

    def forward(self, input_tensor):
        self.calls += 1
        return self.factor * input_tensor

    def backward(self, error_tensor):
        return self.factor * error_tensor


def test_a_layer_of_ones_own_comes_back(tmp_path):
    net = networks.NeuralNetwork()
    net.append_layer(Own((2.5, 1)[0]))
    net.test(np.ones((1, 1)))
    networks.save(tmp_path / "net", net)
    layer = networks.load(tmp_path / "net", None).layers[0]
    assert (layer.factor, layer.calls) == (2.5, 1)


def test_what_cannot_be_saved_is_named_and_no_file_appears(tmp_path):
    class Stranger:
        def forward(self, input_tensor):
            return input_tensor

        backward = forward

    net = network()
    net.append_layer(Stranger())
    with pytest.raises(TypeError, match=r"the network's layers\[8\] is .*Stranger"):
        networks.save(tmp_path / "net", net)
    net.layers[-1] = Own(lambda x: x)
    with pytest.raises(TypeError, match=r"layers\[8\]\.factor is .*function"):
        networks.save(tmp_path / "net", net)
    assert os.listdir(tmp_path) == []


def test_a_folder_in_the_files_place_is_named(tmp_path):
    with pytest.raises(IsADirectoryError):
        networks.save(tmp_path, networks.NeuralNetwork())


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        networks.load(tmp_path / "nowhere", None)


# Files from strangers.


def refuses(path: Path, match: str) -> None:
    with pytest.raises(ValueError, match=match) as caught:
        networks.load(path, None)
    assert str(path) in str(caught.value)


def test_every_truncation_is_refused(saved):
    content = saved.read_bytes()
    for length in range(0, len(content), 97):
        saved.write_bytes(content[:length])
        refuses(saved, "damaged|no network")


def test_a_flipped_bit_is_refused_or_without_effect(saved):
    content, healthy = saved.read_bytes(), network(dropout_rng=3)
    healthy.train(5)
    refused, positions = 0, range(3, len(content), 53)
    for position in positions:
        flipped = bytearray(content)
        flipped[position] ^= 1 << position % 8
        saved.write_bytes(flipped)
        try:
            restored = networks.load(saved, None)
        except ValueError as error:
            assert str(saved) in str(error)
            refused += 1
        else:
            for one, other in zip(restored.layers, healthy.layers, strict=True):
                np.testing.assert_array_equal(getattr(one, "weights", None), getattr(other, "weights", None))
    assert refused > 0.7 * len(positions)  # the rest are dates and flags that an archive has beside its content


def test_a_flipped_bit_in_an_array_is_found_even_behind_a_mended_archive(saved):
    content = members(saved)
    data = bytearray(content["array_0.npy"])
    data[-1] ^= 1
    write(saved, {**content, "array_0.npy": bytes(data)})
    refuses(saved, "array_0.npy does not match its checksum")


def test_other_files_are_refused(tmp_path):
    for content in (b"", b"text", bytes(1000)):
        (tmp_path / "net").write_bytes(content)
        refuses(tmp_path / "net", "no network")
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    refuses(tmp_path / "other.npz", "no network")
    write(tmp_path / "net", {"network.json": b"[1, 2"})
    refuses(tmp_path / "net", "net")
    write(tmp_path / "net", {"network.json": b"[" * 200_000})
    refuses(tmp_path / "net", "net")


def test_a_newer_version_is_refused(saved):
    refuses(rewritten(saved, lambda d: d.update(version=99)), "version 99.*update")


def test_an_unknown_layer_is_refused_and_nothing_is_imported(saved):
    def change(description):
        object_of(description, "Conv")["class"] = "antigravity"

    refuses(rewritten(saved, change), "class 'antigravity'.*import it")
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize("name", ["os.system", "BaseLayer", "TrainableLayer", "Path", "Configurable", "eval"])
def test_names_that_are_no_concrete_class_of_the_library_are_refused(saved, name):
    def change(description):
        object_of(description, "Conv")["class"] = name

    refuses(rewritten(saved, change), name)


def test_arguments_are_checked_by_the_constructor(saved):
    def change(description):
        object_of(description, "FullyConnected")["arguments"]["input_size"] = -3

    refuses(rewritten(saved, change), "input_size of at least 1")


@pytest.mark.parametrize("name", ["forward", "_receive", "optimizer", "__class__", "unheard_of"])
def test_only_attributes_that_a_layer_has_are_set(saved, name):
    def change(description):
        object_of(description, "FullyConnected")["state"][name] = 1

    refuses(rewritten(saved, change), name)


def test_an_object_that_contains_itself_is_refused(saved):
    def change(description):
        index = description["network"]["optimizer"]["object"]
        description["objects"][index]["arguments"]["learning_rate"] = {"object": index}

    refuses(rewritten(saved, change), "contains itself")


def test_a_layer_without_its_parameters_is_refused(saved):
    refuses(rewritten(saved, lambda d: object_of(d, "Conv")["state"].pop("bias")), "without its parameters")


def test_a_random_state_that_points_outside_is_refused(tmp_path):
    net = networks.NeuralNetwork()
    net.layers = [Dropout(0.5, rng=np.random.Generator(np.random.MT19937(1)))]
    networks.save(tmp_path / "net", net)

    def change(description):
        object_of(description, "MT19937")["state"]["dict"]["state"]["dict"]["pos"] = 10**6

    refuses(rewritten(tmp_path / "net", change), "pos = 1000000")


def test_sizes_declared_in_a_file_allocate_nothing(saved):
    def change(description):
        layer = object_of(description, "FullyConnected")
        layer["arguments"] = {"input_size": 30_000, "output_size": 30_000}

    rewritten(saved, change)
    tracemalloc.start()
    try:
        net = networks.load(saved, None)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    with pytest.raises(ValueError, match="expected weights"):
        net.test(np.ones((1, 1, 4, 4)))


def test_an_array_larger_than_its_bytes_is_refused(saved):
    content = members(saved)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    data = header.getvalue() + bytes(80)
    description = json.loads(content["network.json"])
    import hashlib

    description["checksums"][0] = hashlib.sha256(data).hexdigest()
    write(saved, {**content, "array_0.npy": data, "network.json": json.dumps(description).encode()})
    refuses(saved, "array_0.npy declares")


def test_an_array_of_objects_is_refused(saved):
    import hashlib

    content = members(saved)
    stream = io.BytesIO()
    np.save(stream, np.array([print], dtype=object), allow_pickle=True)
    description = json.loads(content["network.json"])
    description["checksums"][0] = hashlib.sha256(stream.getvalue()).hexdigest()
    write(saved, {**content, "array_0.npy": stream.getvalue(), "network.json": json.dumps(description).encode()})
    refuses(saved, "array_0.npy declares")


def test_a_compressed_archive_is_refused(saved):
    content = members(saved)
    write(saved, {**content, "network.json": content["network.json"] + b" " * 10**7}, zipfile.ZIP_DEFLATED)
    refuses(saved, "without compression")


def test_every_trainable_layer_takes_no_memory_before_its_parameters_are_set():
    from Layers.Base import without_first_values
    from tests.layer_cases import CASES

    for case in CASES:
        with without_first_values():
            layer = case.make()
        if isinstance(layer, TrainableLayer):
            for name, parameter in layer.parameters().items():
                assert set(parameter.strides) == {0}, f"{layer!r} allocates its {name}: use _first_values"
