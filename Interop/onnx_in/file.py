"""A stranger's file: read once, and refused where anything in it could lead elsewhere or ask for more than is there."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

#: Operators of a model; the quadratic parts of what follows stay below seconds.
MOST_OPERATORS = 10_000
#: The oldest version of the operators that is read; before it, they worked along other axes.
_FIRST_OPSET = 7


class Operator(NamedTuple):
    """An operator of a model, as it stands in the file."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


class Model(NamedTuple):
    """What a file says.

    Attributes:
        operators: as they follow each other, those alone that the output needs.
        constants: TensorProto by name.
        input: ValueInfoProto of the one input.
        output: name of the value that the network is to give.
        opset: version of the operators.
        told: the model's metadata.
        folder: where the file lies, and what it refers to has to.
    """

    operators: Sequence[Operator]
    constants: Mapping[str, Any]
    input: Any
    output: str
    opset: int
    told: Mapping[str, str]
    folder: str


def read(file: str | os.PathLike, output: str | None, onnx: Any) -> Model:
    """A model whose graph is whole: each operator takes what is there before it.

    Raises ValueError for what is none; OSError where it can't be read.
    """
    with open(file, "rb") as opened:
        content = opened.read()
    proto = onnx.ModelProto()
    try:
        proto.ParseFromString(content)
    except Exception as error:  # of protobuf, whose classes differ by version
        raise ValueError(f"is no model in ONNX, or a damaged one ({_first_line(error)})") from None
    del content
    if not proto.HasField("graph") or not proto.graph.node:
        raise ValueError("is no model in ONNX, or one without operators")
    opset = _opset(proto, onnx)
    graph = proto.graph
    for text in _texts(proto):
        if not isinstance(text, str):  # protobuf gives the bytes of what is none
            raise ValueError(f"is damaged: {text[:50]!r} stands where a name should")
    if len(graph.node) > MOST_OPERATORS:
        raise ValueError(f"expected at most {MOST_OPERATORS:,} operators, got {len(graph.node):,}")
    constants = _constants(graph)
    given = _input(graph, constants)
    operators = [_operator(node, onnx) for node in graph.node]
    _refuse_what_is_not_there(operators, {*constants, given.name})
    wanted = _output(graph, operators, output)
    told = {one.key: one.value for one in proto.metadata_props}
    needed = _needed(operators, wanted)
    return Model(needed, constants, given, wanted, opset, told, os.path.dirname(os.path.realpath(file)))


def _texts(proto: Any) -> Iterator[Any]:
    """All names in a model, and what it tells."""
    graph = proto.graph
    for node in graph.node:
        yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
        yield from (attribute.name for attribute in node.attribute)
    yield from (one.name for one in (*graph.initializer, *graph.input, *graph.output))
    yield from (axis.dim_param for one in graph.input for axis in one.type.tensor_type.shape.dim)
    yield from (text for one in proto.metadata_props for text in (one.key, one.value))


def _opset(proto: Any, onnx: Any) -> int:
    versions = [one.version for one in proto.opset_import if one.domain in ("", "ai.onnx")]
    latest = onnx.defs.onnx_opset_version()
    if len(versions) != 1 or not _FIRST_OPSET <= versions[0] <= latest:
        raise ValueError(
            f"expected operators of one version (opset) from {_FIRST_OPSET} to {latest}, got "
            f"{', '.join(map(str, versions[:5])) or 'none'}; onnx.version_converter changes it"
        )
    found: int = versions[0]
    return found


def _constants(graph: Any) -> dict[str, Any]:
    if graph.sparse_initializer:
        raise ValueError("expected constants that aren't sparse, which this library has no layers for")
    constants = {tensor.name: tensor for tensor in graph.initializer}
    if len(constants) < len(graph.initializer) or "" in constants:
        raise ValueError("has two constants of one name, or one without a name")
    return constants


def _input(graph: Any, constants: Mapping[str, Any]) -> Any:
    """The one input; older files name the constants among the inputs too."""
    inputs = [one for one in graph.input if one.name not in constants]
    if len(inputs) != 1:
        names = ", ".join(repr(one.name[:50]) for one in inputs[:10]) or "none"
        raise ValueError(
            f"expected a model with one input, as a network of this library has, got {names}; export the model with "
            "the others as constants"
        )
    if not inputs[0].type.HasField("tensor_type"):
        raise ValueError(f"expected the input {inputs[0].name[:50]!r} to be a tensor")
    return inputs[0]


def _operator(node: Any, onnx: Any) -> Operator:
    kind = node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}"
    name = node.name or next(filter(None, node.output), "")
    attributes = {one.name: _attribute(one, onnx) for one in node.attribute}
    return Operator(kind[:100], name[:100], tuple(node.input), tuple(node.output), attributes)


def _attribute(attribute: Any, onnx: Any) -> Any:
    """Its value; what is nothing but numbers, words and tensors stays what it is, and no rule knows it."""
    kinds = onnx.AttributeProto
    match attribute.type:
        case kinds.FLOAT:
            return shortest(attribute.f)
        case kinds.INT:
            return attribute.i
        case kinds.STRING:
            return attribute.s.decode("utf-8", "replace")
        case kinds.TENSOR:
            return attribute.t
        case kinds.FLOATS:
            return [shortest(one) for one in attribute.floats]
        case kinds.INTS:
            return list(attribute.ints)
        case kinds.STRINGS:
            return [one.decode("utf-8", "replace") for one in attribute.strings]
        case _:
            return attribute


def shortest(number: float) -> float:
    """The shortest decimal that float32 takes for this number: 0.01 was meant, and not 0.009999999776.

    >>> shortest(0.009999999776482582)
    0.01
    """
    import numpy as np

    return float(str(np.float32(number)))


def _refuse_what_is_not_there(operators: Sequence[Operator], known: set[str]) -> None:
    """Operators stand in their order, so that there is no circle among them."""
    made = {name for operator in operators for name in operator.outputs}
    for operator in operators:
        for name in operator.inputs:
            if name and name not in known:
                where = "only a later one, or itself, gives: a circle" if name in made else "nothing gives"
                raise ValueError(f"operator {operator.name!r} ({operator.kind}) takes {name[:50]!r}, which {where}")
        for name in operator.outputs:
            if name in known and name:
                raise ValueError(f"operator {operator.name!r} ({operator.kind}) gives {name[:50]!r}, which is there")
            known.add(name)


def _output(graph: Any, operators: Sequence[Operator], output: str | None) -> str:
    made = {name for operator in operators for name in operator.outputs if name}
    names = [one.name for one in graph.output]
    if output is None:
        if len(names) != 1:
            words = ", ".join(repr(name[:50]) for name in names[:10]) or "none"
            raise ValueError(
                f"expected a model with one output, got {words}; name one: load(…, output={(names or ['name'])[-1]!r})"
            )
        output = names[0]
    if output not in made:
        words = ", ".join(repr(name[:50]) for name in names[:10])
        raise ValueError(f"expected an output that an operator gives, got {output[:50]!r}; the model has {words}")
    return output


def _needed(operators: Sequence[Operator], output: str) -> list[Operator]:
    """Those that the output needs."""
    wanted, found = {output}, []
    for operator in reversed(operators):
        if wanted & set(operator.outputs) - {""}:
            wanted |= {*operator.inputs}
            found.append(operator)
    return found[::-1]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:100]
