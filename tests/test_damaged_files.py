"""Files that are damaged, or say what no network has, are refused by name."""

import io
import json
import sys
import tracemalloc
import zipfile

import numpy as np
import pytest

import NeuralNetwork as networks
from Layers.Dropout import Dropout
from tests.saved_networks import members, network, object_of, refuses, rewritten, saved_in, write


@pytest.fixture
def saved(tmp_path):
    return saved_in(tmp_path)


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
    data = bytearray(content["loss.npy"])
    data[-1] ^= 1
    write(saved, {**content, "loss.npy": bytes(data)})
    refuses(saved, "loss.npy does not match its checksum")


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
    for module, name, match in (
        ("antigravity", "Conv", "has not imported; import antigravity"),
        ("Layers.Conv", "antigravity", "'antigravity' of Layers.Conv, which this library does not have; update it"),
        ("os", "system", "although imported, has not made"),
    ):

        def change(description, module=module, name=name):
            index = description["network"]["layers"]["list"][0]["object"]
            description["objects"][index].update({"module": module, "class": name})

        refuses(rewritten(saved, change), match)
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize("name", ["os.system", "BaseLayer", "TrainableLayer", "Path", "Configurable", "eval"])
def test_names_that_are_no_concrete_class_of_the_library_are_refused(saved, name):
    def change(description):
        object_of(description, "Conv")["class"] = name

    refuses(rewritten(saved, change), name)


def test_arguments_are_checked_by_the_constructor(saved):
    def change(description):
        object_of(description, "FullyConnected")["arguments"]["input_size"] = -3

    refuses(rewritten(saved, change), "input_size to be at least 1")


@pytest.mark.parametrize("name", ["forward", "forget", "optimizer", "__class__", "__dict__", "input_size", "a.b", ""])
def test_what_is_no_data_of_an_object_is_not_set(saved, name):
    def change(description):
        object_of(description, "FullyConnected")["state"][name] = 1

    refuses(rewritten(saved, change), f"sets {name!r}")


def test_an_array_is_read_once(saved):
    """A few bytes that refer to one array again and again would fill the memory."""

    def change(description):
        state = object_of(description, "FullyConnected")["state"]
        state["again"] = {"list": [state["weights"]] * 1000}

    refuses(rewritten(saved, change), "damaged")


def test_parts_that_are_none_are_refused(saved):
    def change(description):
        network = description["network"]
        network["optimizer"] = network["layers"]["list"][0]

    refuses(rewritten(saved, change), "the network's optimizer is Layers.Conv.Conv.*with calculate_update")
    refuses(rewritten(saved, lambda d: d["network"].update(optimizer=None, layers=3)), "layers to be a list")
    refuses(rewritten(saved, lambda d: d["network"].update(future=1)), "part 'future'.*update")


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
        refuses(saved, "expected weights")
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_an_array_larger_than_its_bytes_is_refused(saved):
    content = members(saved)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    data = header.getvalue() + bytes(80)
    description = json.loads(content["network.json"])
    import hashlib

    description["checksums"][0] = hashlib.sha256(data).hexdigest()
    write(saved, {**content, "loss.npy": data, "network.json": json.dumps(description).encode()})
    refuses(saved, "loss.npy.*(declares|no numbers)")


def test_an_array_of_objects_is_refused(saved):
    import hashlib

    content = members(saved)
    stream = io.BytesIO()
    np.save(stream, np.array([print], dtype=object), allow_pickle=True)
    description = json.loads(content["network.json"])
    description["checksums"][0] = hashlib.sha256(stream.getvalue()).hexdigest()
    write(saved, {**content, "loss.npy": stream.getvalue(), "network.json": json.dumps(description).encode()})
    refuses(saved, "loss.npy.*(declares|no numbers)")


def test_a_compressed_archive_is_refused(saved):
    content = members(saved)
    write(saved, {**content, "network.json": content["network.json"] + b" " * 10**7}, zipfile.ZIP_DEFLATED)
    refuses(saved, "without compression")
