"""What `save` wrote, `load` reads: in a new process, for every layer, and for what users derive from our classes."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.ReLU import ReLU
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L1_Regularizer, L2_Regularizer
from Optimization.Optimizers import Adam, Sgd, SgdWithMomentum
from tests.layer_cases import CASES
from tests.strangers import (
    Counting,
    Eighth,
    Fixed,
    Ones,
    Packed,
    Scale,
    SignSgd,
    Slotted,
    SlowAdam,
    SquaredError,
    Swish,
)

ROOT = Path(__file__).parent.parent


def regularized(optimizer, regularizer):
    optimizer.add_regularizer(regularizer)
    return optimizer


#: In turn for the cases: each is met by some layer in both types.
OPTIMIZERS = [
    lambda: regularized(Adam(0.01), L2_Regularizer(0.01)),
    lambda: regularized(SgdWithMomentum(0.001, 0.8), L1_Regularizer(0.01)),
    lambda: Sgd(0.001),
]


def of_case(case, number, dtype):
    net = NeuralNetwork(OPTIMIZERS[number % 3](), dtype=dtype)
    net.append_layer(case.build(dtype))
    net.layers[0].name = f"layer {number}"
    net.loss_layer = SquaredError()
    net.data_layer = Fixed(case.inputs(dtype), case.errors(dtype))
    return net


def of_strangers(optimizer, *layers):
    net = NeuralNetwork(optimizer, He(rng=4), Ones())
    for layer in layers:
        net.append_layer(layer)
    rng = np.random.default_rng(5)
    net.loss_layer = SquaredError()
    net.data_layer = Fixed(rng.standard_normal((6, 3)), rng.standard_normal((6, 3)))
    return net


def strangers():
    shared = Counting(1.5)
    partner = Counting(np.float32(0.5), inner=shared)
    partner.friend = shared
    shared.friend = partner
    return {
        "swish": of_strangers(Adam(0.01), FullyConnected(3, 3), Swish()),
        "own parameters": of_strangers(SgdWithMomentum(0.01), Scale(3), FullyConnected(3, 3)),
        "own optimizer": of_strangers(SignSgd(np.float64(0.01)), FullyConnected(3, 4), Swish(), FullyConnected(4, 3)),
        "settings": of_strangers(None, Counting(np.float64(0.5), {1: ("a", {2.5, None}), (2, True): [np.int8(3)]})),
        "inner": of_strangers(None, shared, partner),
        "slots": of_strangers(Sgd(0.1), Slotted(), Scale(3)),
        "packed": of_strangers(None, Packed(0.5)),
        "handed to the base": of_strangers(SlowAdam(), FullyConnected(3, 3), Eighth()),
    }


PROGRAM = """
import json, pathlib, sys
import numpy as np
from NeuralNetwork import NeuralNetwork

folder = pathlib.Path(sys.argv[1])

def go_on(name, finished):
    net = NeuralNetwork.load(folder / name, None)
    class Data:
        def next(self, batch=np.load(folder / "batches" / f"{name.rpartition(' ')[0]}.npz")):
            return batch["inputs"], batch["labels"]
    net.data_layer = Data()
    net.train(finished - len(net.loss))
    results[name] = net.loss, net.test(net.data_layer.next()[0]).tolist(), [getattr(l, "name", "") for l in net.layers]

results, errors = {}, {}
for name in json.loads(sys.argv[2]):
    try:
        go_on(name, 4)
    except ValueError as error:
        errors[name] = str(error)
import tests.strangers
for name in errors:
    go_on(name, 4)
assert "tests.layer_cases" not in sys.modules
print(json.dumps([results, errors]))
"""


def test_what_save_wrote_load_reads_in_a_new_process(tmp_path):
    networks = {
        f"{number} {dtype}": of_case(case, number, dtype)
        for number, case in enumerate(CASES)
        for dtype in ("float64", "float32")
    }
    networks |= strangers()
    expected, names = {}, []
    (tmp_path / "batches").mkdir()
    for name, net in networks.items():
        inputs, labels = net.data_layer.next()
        np.savez(tmp_path / "batches" / f"{name}.npz", inputs=inputs, labels=labels)
        NeuralNetwork.save(tmp_path / f"{name} before", net)
        net.train(2)
        NeuralNetwork.save(tmp_path / f"{name} after", net)
        net.train(2)
        names += [f"{name} before", f"{name} after"]
        expected[name] = [net.loss, net.test(inputs).tolist(), [getattr(layer, "name", "") for layer in net.layers]]
    command = [sys.executable, "-c", PROGRAM, tmp_path, json.dumps(names)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    results, errors = json.loads(done.stdout)
    for name in names:
        assert results[name] == expected[name.rpartition(" ")[0]], name
    # Every network has a loss of a stranger's, which this program had not imported at first.
    assert errors.keys() == set(names)
    for error in errors.values():
        assert "of tests.strangers, which this program has not imported; import tests.strangers, then load" in error


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int8", "int64", "uint16", "bool", "longdouble"])
def test_scalars_of_numpy_come_back_with_their_type(tmp_path, dtype):
    value = np.dtype(dtype).type(1.25)
    net = NeuralNetwork()
    net.append_layer(Counting(value, [value, {"one": value}, (value,), {value: value}]))
    net.layers[0].found = value
    NeuralNetwork.save(tmp_path / "net", net)
    layer = NeuralNetwork.load(tmp_path / "net", None).layers[0]
    items = [layer.factor, layer.found, layer.settings[0], layer.settings[1]["one"], layer.settings[2][0]]
    items += [*layer.settings[3], *layer.settings[3].values()]
    assert [type(item) for item in items] == [type(value)] * 7
    assert items == [value] * 7


def test_numbers_of_numpy_are_arguments_of_ours_too(tmp_path):
    """Set after the constructor had checked them, as a changed learning rate is."""
    net = NeuralNetwork(Adam(0.1), He(rng=1), Constant(0.1), "float32")
    net.append_layer(FullyConnected(3, 2))
    net.append_layer(Dropout(0.5))
    net.append_layer(Conv(1, (1, 2, 2), 1))
    net.layers[0].optimizer.learning_rate = 0.1 * np.cos(0.5)
    net.layers[0].optimizer.mu = np.float32(0.75)
    net.layers[1].probability = np.float64(0.25)
    net.layers[2].num_kernels = np.int64(1)
    NeuralNetwork.save(tmp_path / "net", net)
    loaded = NeuralNetwork.load(tmp_path / "net", None)
    for one, other in (
        (net.layers[0].optimizer.learning_rate, loaded.layers[0].optimizer.learning_rate),
        (net.layers[0].optimizer.mu, loaded.layers[0].optimizer.mu),
        (net.layers[1].probability, loaded.layers[1].probability),
        (net.layers[2].num_kernels, loaded.layers[2].num_kernels),
    ):
        assert one == other
        assert type(one) is type(other)


# Classes are found by module and name.

OWN_RELU = """
import sys
import numpy as np
from Layers.Base import BaseLayer
import NeuralNetwork

class ReLU(BaseLayer):
    def forward(self, input_tensor):
        return -np.asarray(input_tensor)
    backward = forward
"""
LOAD = "print(NeuralNetwork.load(sys.argv[1], None).test([[1.0, -1.0]]).tolist())"
SAVE = "net = NeuralNetwork.NeuralNetwork(); net.append_layer(ReLU()); NeuralNetwork.save(sys.argv[1], net)"


def run(*arguments, fails=False):
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment)
    assert bool(done.returncode) is fails, done.stderr
    return done.stderr if fails else done.stdout.strip()


def test_a_class_of_the_same_name_does_not_take_the_place_of_ours(tmp_path):
    net = NeuralNetwork()
    net.append_layer(ReLU())
    NeuralNetwork.save(tmp_path / "net", net)
    assert run("-c", OWN_RELU + LOAD, tmp_path / "net") == "[[1.0, 0.0]]"


def test_a_class_of_the_program_that_was_started_is_found_in_another_and_ours_is_not_taken_for_it(tmp_path):
    file, (one, other) = tmp_path / "net", (tmp_path / "one.py", tmp_path / "other.py")
    one.write_text(OWN_RELU + f"if __name__ == '__main__':\n    {SAVE}\n")
    other.write_text(OWN_RELU + LOAD)
    run(one, file)
    assert run(other, file) == "[[-1.0, 1.0]]"
    importing = f"import sys, NeuralNetwork; sys.path.append({str(tmp_path)!r}); import one; "
    assert run("-c", importing + LOAD, file) == "[[-1.0, 1.0]]"
    error = run("-c", "import sys, NeuralNetwork; " + LOAD, file, fails=True)
    assert "'ReLU' of __main__, which the program that saved it had defined itself" in error
    assert "(found under this name: Layers.ReLU.ReLU)" in error
    two = (
        "import types; m = types.ModuleType('two'); sys.modules['two'] = m; exec(open(one.__file__).read(), vars(m)); "
    )
    error = run("-c", importing + two + LOAD, file, fails=True)
    assert "one.ReLU" in error
    assert "two.ReLU" in error


def test_a_class_of_a_module_is_found_where_that_module_is_the_program(tmp_path):
    file, one, other = tmp_path / "net", tmp_path / "one.py", tmp_path / "other.py"
    one.write_text(OWN_RELU + f"if __name__ == '__main__':\n    {LOAD}\n")
    other.write_text(OWN_RELU + LOAD)
    run("-c", f"import sys, NeuralNetwork; sys.path.append({str(tmp_path)!r}); from one import ReLU; {SAVE}", file)
    assert run(one, file) == "[[-1.0, 1.0]]"
    assert "import one, then load again (found under this name:" in run(other, file, fails=True)
