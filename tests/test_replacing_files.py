"""A file that is saved is there as a whole or not at all, and nothing is left beside it."""

import contextlib
import io
import os
import resource
import signal
import stat
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import NeuralNetwork as networks
from Foundation.Files import replacing
from Foundation.SavedArrays import NewArchive, write_array
from Layers.FullyConnected import FullyConnected
from Optimization.Optimizers import Adam
from tests.faults.interrupts import count_points, interrupt

ROOT = Path(__file__).parent.parent

HALF = """
import sys, time
from Foundation.Files import replacing
with replacing(sys.argv[1]) as file:
    file.write(b"half")
    file.flush()
    print("begun", flush=True)
    time.sleep(60)
"""


def begun(path: Path) -> subprocess.Popen:
    """A process in the middle of writing a file of this name."""
    process = subprocess.Popen([sys.executable, "-c", HALF, path], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"begun\n"
    return process


def end(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()
    process.stdout.close()


def write(path: Path, content: bytes = b"whole") -> None:
    with replacing(path) as file:
        file.write(content)


def test_what_a_killed_program_left_is_removed_by_the_next_file_of_that_name(tmp_path):
    for process in [begun(tmp_path / name) for name in ("net", "net", "other")]:
        end(process)
    assert len(os.listdir(tmp_path)) == 3
    write(tmp_path / "net")
    left = set(os.listdir(tmp_path)) - {"net"}
    assert len(left) == 1, "that of the other name stays"
    write(tmp_path / "other")
    assert sorted(os.listdir(tmp_path)) == ["net", "other"]


def test_what_another_process_is_writing_is_left_alone(tmp_path):
    process = begun(tmp_path / "net")
    try:
        write(tmp_path / "net")
        assert len(os.listdir(tmp_path)) == 2
        assert (tmp_path / "net").read_bytes() == b"whole"
    finally:
        end(process)
    write(tmp_path / "net")
    assert os.listdir(tmp_path) == ["net"]


def test_two_writers_of_one_process_do_not_take_each_others_parts(tmp_path):
    with replacing(tmp_path / "net") as first:
        first.write(b"first")
        write(tmp_path / "net", b"second")
    assert (tmp_path / "net").read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["net"]


@pytest.mark.parametrize("mode", [0o444, 0o400, 0o555])
def test_a_read_only_file_is_refused_and_stays(tmp_path, mode):
    write(tmp_path / "net", b"precious")
    (tmp_path / "net").chmod(mode)
    with pytest.raises(PermissionError, match="net: the file is read-only; take another name"):
        networks.save(tmp_path / "net", networks.NeuralNetwork())
    assert (tmp_path / "net").read_bytes() == b"precious"
    assert os.listdir(tmp_path) == ["net"]


def test_a_pipe_and_a_device_are_refused_and_stay(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to("/dev/null")
    for path in (tmp_path / "pipe", tmp_path / "null", Path("/dev/null"), Path("/dev/full")):
        with pytest.raises(OSError, match="expected the name of a file, got a device or a pipe"):
            networks.save(path, networks.NeuralNetwork())
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert sorted(os.listdir(tmp_path)) == ["null", "pipe"]


def test_a_full_disk_leaves_the_earlier_file_and_nothing_else(tmp_path):
    write(tmp_path / "net", b"earlier")
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    net = networks.NeuralNetwork()
    net.append_layer(FullyConnected(200, 200))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            networks.save(tmp_path / "net", net)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert (tmp_path / "net").read_bytes() == b"earlier"
    assert os.listdir(tmp_path) == ["net"]


@pytest.fixture
def large():
    """A network of 24 MB, two thirds of them moments; one array lies column by column, one with gaps."""
    net = networks.NeuralNetwork(Adam())
    net.append_layer(FullyConnected(999, 1000))
    optimizer = net.layers[0].optimizers["weights"]
    optimizer._first_moment = np.asfortranarray(np.random.default_rng(0).random((1000, 1000)))
    optimizer._second_moment = np.random.default_rng(1).random((1000, 2000))[:, ::2]
    return net


def peak(function) -> int:
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_saving_takes_no_second_copy_of_the_parameters(tmp_path, large):
    assert peak(lambda: networks.save(tmp_path / "net", large)) < 4e6


def test_loading_takes_the_memory_of_the_parameters_once(tmp_path, large):
    networks.save(tmp_path / "net", large)
    assert peak(lambda: networks.load(tmp_path / "net", None)) < 24e6 + 4e6
    loaded, known = (net.layers[0].optimizer for net in (networks.load(tmp_path / "net", None), large))
    np.testing.assert_array_equal(loaded._first_moment, known._first_moment)
    np.testing.assert_array_equal(loaded._second_moment, known._second_moment)


# An interrupt in what Python calls while it tidies up goes no further than a warning.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_wherever_an_array_is_interrupted_on_its_way_into_a_file_no_other_error_takes_its_place():
    def write():
        with NewArchive(io.BytesIO()) as archive:
            write_array(archive, "array", np.ones(3))

    write()
    for point in range(count_points(write)):
        with contextlib.suppress(KeyboardInterrupt):
            interrupt(write, point)
