"""The tests that ONNX has for each of its operators: those that our layers can express give the same, and no other."""

import importlib

import numpy as np
import pytest

from tests.onnx_cases import as_the_model
from tests.onnx_refused_nodes import REFUSED

onnx = pytest.importorskip("onnx")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:load. the axes of the network")]

#: The modules of `onnx.backend.test.case.node`, one for each operator.
OPERATORS = (
    "averagepool batch_normalization celu conv convtranspose dropout elu flatten gelu gemm globalaveragepool gru "
    "layernormalization leakyrelu lstm maxpool prelu relu rnn sigmoid softmax softplus swish tanh"
).split()


@pytest.fixture(scope="module")
def cases():
    """All of them by name; what operators are expanded to by their definition is left out."""
    node = importlib.import_module("onnx.backend.test.case.node")
    for operator in OPERATORS:
        try:
            importlib.import_module(f"{node.__name__}.{operator}")
        except ModuleNotFoundError:
            assert operator == "swish", "which older versions of onnx don't have"
    ours = {name.replace("_", "") for name in OPERATORS} - {"batchnormalization"}
    return {
        case.name: case
        for case in node._NodeTestCases
        if "_expanded" not in case.name
        and case.model.graph.node[0].op_type.lower() in ours | {"batchnormalization"}
        and len(case.model.graph.node) == 1
    }


def of_one_input(case, file):
    """The model of a case, whose parameters are constants, as those of a layer are; and its input."""
    graph, (arrays, _) = case.model.graph, case.data_sets[0]
    constants = [
        onnx.numpy_helper.from_array(np.asarray(array), one.name)
        for one, array in zip(graph.input[1:], arrays[1:], strict=True)
    ]
    made = onnx.helper.make_graph(graph.node, "graph", graph.input[:1], graph.output[:1], constants)
    options = {"opset_imports": case.model.opset_import, "ir_version": case.model.ir_version}
    file.write_bytes(onnx.helper.make_model(made, **options).SerializeToString())
    return arrays[0]


def test_what_layers_can_express_gives_the_same_numbers(cases, tmp_path):
    wrong = {}
    for name in cases.keys() - REFUSED.keys():
        inputs, expected = of_one_input(cases[name], tmp_path / "model.onnx"), cases[name].data_sets[0][1][0]
        try:
            found = as_the_model(tmp_path / "model.onnx", inputs)
            np.testing.assert_allclose(found, expected, rtol=max(1e-5, cases[name].rtol / 2), atol=1e-6)
        except (AssertionError, ValueError) as error:
            wrong[name] = str(error)
    assert not wrong
    assert len(cases.keys() - REFUSED.keys()) > 70


def test_what_they_can_t_is_refused_and_stands_in_the_table(cases, tmp_path):
    taken = []
    for name in cases.keys() & REFUSED.keys():
        inputs = of_one_input(cases[name], tmp_path / "model.onnx")
        try:
            as_the_model(tmp_path / "model.onnx", inputs)
        except ValueError:
            continue
        taken.append(name)
    assert not taken, "these aren't refused any more: take them out of the table"
