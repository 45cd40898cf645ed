"""Systematic changes: every operator, comparison, constant, axis, sign and statement of a file, one at a time.

In the reference, everything is changed. In the library, what the course asks for: all of `Layers/`, losses, optimizers
and regularizers, `NeuralNetwork.py` with the way through its layers, and what `ImageGenerator` and the patterns are
made of. No test of the course can see the rest, and `tests/` has its own for it:

- within these files, `_LEFT_OUT` and `_ASSIGNED` below, each with the reason, and reports of bad arguments (`raise`,
  what only leads to one, `Checks.…`, texts);
- in `Generator/`, what stands beside the course's generator: `data_layer.py`, `preparation.py`, `datasets.py`,
  `cifar.py`, `idx.py`, `download.py` (data sets and loaders of our own), `arrays.py`, `samples.py`, `targets.py` (data
  from arrays), `splitting.py` (training and test parts), `state.py` (checkpoints), `workers.py` (threads that prepare
  batches), `draw_sample_data.py` (made the sample pictures once), and `class_names.py`, which is ten words;
- in `Network/`, what the course's network can't do or say: `steps.py` (clipping, several batches for a step),
  `parts.py` (predictions in parts), `preparation.py` (what data goes through), `divergence.py` (where NaN began),
  `inspection.py` (a look that changes nothing), `table.py`, and `files.py`; in `Optimization/`, `Schedules.py`
  (learning rates that change);
- `Foundation/`, which checks arguments, saves objects, and computes formulas in pieces that fit the cache, on all
  cores; but for `Moments.py`, part of batch normalization, `Products.py` of the layers with matrices, the mask of
  dropout in `Randomness.py`, and `Supervision.py`, which tells layers who takes the step.
"""

import ast
import textwrap
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.mutation.workplace import sources

Change = AbstractContextManager[ast.stmt | None]

BAR = 0.95
EQUIVALENT = Path(__file__).parent / "equivalent.txt"
#: The library's files that the course's tests can reach.
LIBRARY = """
    Foundation/Moments.py Foundation/Products.py Foundation/Randomness.py Foundation/Supervision.py
    Generator/augmentation.py Generator/epochs.py Generator/generator.py Generator/labels.py Generator/pattern.py
    Generator/picture_files.py Generator/picture_grid.py Generator/pixels.py Generator/randomness.py
    Generator/sources.py Layers/Activations.py Layers/Base.py Layers/BatchNormalization.py Layers/Conv.py
    Layers/Dropout.py Layers/Flatten.py Layers/FullyConnected.py Layers/Gates.py Layers/Helpers.py
    Layers/Initializers.py Layers/Kernels/Winograd.py Layers/Kernels/correlation.py Layers/Kernels/windows.py
    Layers/LSTM.py Layers/Normalization.py Layers/Packing.py Layers/Parameter.py Layers/Pass.py Layers/Pooling.py
    Layers/RNN.py Layers/ReLU.py Layers/Readout.py Layers/Recurrent.py Layers/Sigmoid.py Layers/SoftMax.py
    Layers/TanH.py Layers/Windows.py Models/LeNet.py Layers/Rows.py Network/expectations.py NeuralNetwork.py
    Optimization/Constraints.py Optimization/Loss.py Optimization/LossBase.py Optimization/Optimizers.py
""".split()

#: Functions and classes of these files that the course does not ask for.
_LEFT_OUT = {
    "checks arguments": "_check_size _existing_folder _read_input _some _too_large _can_be_called takes "
    "as_generator BatchNormalization._read Loss._labels check_image_size check_initializers check_labels check_layer "
    "check_optimizer check_pixels check_predictions check_that_something_is_learnt distributions probabilities "
    "refuse_a_step refuse_loss_layer check_positions",
    "says where something went wrong": "_described place raise_with_place",
    "describes itself to the reader": "__repr__ __str__ _repr_html_",
    "what is kept in a saved file": "__getstate__ __setstate__ BaseLayer.__init_subclass__ ImageGenerator.state "
    "Loss.__init_subclass__ "
    "_say_whether_it_can_be_saved load note_what_passes_make save",
    "arranges work for speed": "Parameter.holds _are_held _image_bytes _threads block_size without_first_values",
    "losses that the course does not have, and labels of other shapes": "BinaryCrossEntropy Huber MeanAbsoluteError "
    "MeanSquaredError QuantileLoss CrossEntropyLoss.__init__ CrossEntropyLoss._smooth CrossEntropyLoss._weights_of "
    "Loss._in_shape _class_weights _outputs _without_ones memberships numbers probabilities_each wanted_labels",
    "weights of samples and classes": "Loss._read_weights _refuse_a_backward_that_does_not_weigh _weighted "
    "bounded_product",
    "a choice of float32 or float64": "Parameter.convert network_dtype TrainableLayer.astype",
    "numbers too small for their type, where NumPy is asked to report them": "_alone",
    "learning rates and steps that the course does not have": "Optimizer._regularized clipping current_learning_rate "
    "with_learning_rate",
    "optimizers and initializers that the course does not have": "AdaGrad AdamW HeUniform Nesterov Orthogonal RMSprop "
    "XavierUniform _adagrad_step _adamw_step _nesterov_step _rmsprop_step normal_distribution",
    "optimizers of somebody's own": "Optimizer.rule Optimizer._step",
    "an older name": "BaseLayer.phase append_trainable_layer",
    "an attribute of ours": "NeuralNetwork.gradients NeuralNetwork.learning_rate NeuralNetwork.optimizers "
    "NeuralNetwork._copies NeuralNetwork.predict NeuralNetwork.classify TrainableLayer.optimizers",
    "what a trainer asks of data sets": "_Epochs.batches _Epochs.epoch _Epochs.state",
    "data from arrays, with lengths": "NeuralNetwork.data_layer NeuralNetwork._bind data_layer_of with_lengths",
    "many sequences at a time, where the course has one": "read_lengths",
    "more than the course's generator can do": "__enter__ __exit__ _part batches_per_epoch close from_arrays "
    "number_of_images split ImageGenerator.read ArraySource Subset _one_array labels_from_folders",
    "further changes of pictures, where the course has quarter turns and mirror images": "_mapped _revalued",
    "further kinds of pictures, where the course has bytes in .npy files": "pixels_of decode "
    "_match_channels from_unit working_dtype",
}

#: What these files assign for other ends than mathematics.
_ASSIGNED = {
    "for speed": "_BLOCK_BYTES CACHE_BYTES divides_the_batch image_bytes images_at_a_time multiply_adds refuses_nan",
    "a type": "Batch",
    "a text in messages": "owner",
    "an older name": "DECAY EPSILON",
    "a check of arguments": "check_labels check_predictions _LIMITS",
    "for labels and lengths of data from arrays": "self._bound_to self._lengths",
    "for settings that somebody changes when layers have copies of them already": "self._known_settings",
    "for gradients of several batches, and shortened ones": "apart self.accumulated",
    "for the table of layers alone": "self._output_shapes",
    "for a part of a generator, which the course does not ask for": "self._options",
}

#: Calls that return their argument or say what is wrong with it.
_CHECKS = (
    "Checks.", "_strength", "chain.raise_", "check_", "expectations.check_", "expectations.refuse_", "raise_with_place",
    "refuse_a_step", "refuse_other_values", "self._check", "self._say_whether", "self.check_", "steps.refuse_",
)  # fmt: skip

_OPERATORS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
}
_COMPARISONS: dict[type, tuple[type, ...]] = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}


@dataclass(frozen=True)
class Mutant:
    """A file with one change.

    Attributes:
        program: "reference" or "library".
        file: the changed file.
        name: program, file, line of code before and after; does not depend on line numbers.
        text: the changed file's text.
    """

    program: str
    file: str
    name: str
    text: str


@cache
def population() -> tuple[Mutant, ...]:
    """All changes of both programs."""
    return tuple(
        mutant
        for program in ("reference", "library")
        for file, text in sorted(sources(program).items())
        if program == "reference" or file in LIBRARY
        for mutant in mutants(program, file, text)
    )


@cache
def equivalent() -> dict[str, str]:
    """The changes that change nothing: name to reason."""
    entries = [line for line in EQUIVALENT.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return {name.strip(): reason.strip() for name, reason in (entry.rsplit(" # ", 1) for entry in entries)}


def mutants(program: str, file: str, text: str) -> Iterator[Mutant]:
    """All changes of a file."""
    text = ast.unparse(_without_documentation(ast.parse(text)))
    tree, lines = ast.parse(text), text.splitlines()
    left_out = set(_left_out(tree)) if program == "library" else set()
    seen: dict[str, int] = {}
    for place, change in list(_changes(tree, left_out)):
        before = _first_line(place)
        with change as replacement:
            name = f"{program}: {file}: {before}  →  {_first_line(replacement or place)}"
            changed_text = _changed_text(tree, lines, place, replacement or place)
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name += f"  ({seen[name]})"
        yield Mutant(program, file, name, changed_text)


def _changed_text(tree: ast.Module, lines: list[str], place: ast.stmt, replacement: ast.stmt) -> str:
    """The text of a changed tree: `lines`, that of the tree as it was, with one statement's lines replaced."""
    first, last = place.lineno - 1, place.end_lineno
    if lines[first].lstrip().startswith("elif") or getattr(place, "decorator_list", None):
        return ast.unparse(tree)  # more than the statement's own lines change
    changed = textwrap.indent(ast.unparse(replacement), " " * place.col_offset).splitlines()
    return "\n".join([*lines[:first], *changed, *lines[last:]])


def _left_out(tree: ast.Module) -> Iterator[ast.AST]:
    """The functions and classes of `_LEFT_OUT`, which names some of them together with their class."""
    names = " ".join(_LEFT_OUT.values()).split()
    for owner in ast.walk(tree):
        for child in ast.iter_child_nodes(owner):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                whole_name = f"{owner.name}.{child.name}" if isinstance(owner, ast.ClassDef) else child.name
                if child.name in names or whole_name in names:
                    yield child


def _first_line(statement: ast.AST) -> str:
    return ast.unparse(statement).splitlines()[0]


def _without_documentation(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body[0] = ast.copy_location(ast.Pass(), node.body[0])
    return tree


def _changes(tree: ast.AST, left_out: set[ast.AST]) -> Iterator[tuple[ast.stmt, Change]]:
    """Pairs of a statement and a change of it, which holds inside a `with` block."""
    waiting = [tree]
    while waiting:
        owner = waiting.pop(0)
        if isinstance(owner, ast.stmt) and _is_left_alone(owner, left_out):
            continue
        waiting += ast.iter_child_nodes(owner)
        for block in (getattr(owner, name, None) for name in ("body", "orelse", "finalbody")):
            for position, statement in enumerate(block if isinstance(block, list) else []):
                if _is_left_alone(statement, left_out):
                    continue
                if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
                    yield statement, _replacing(block, position, ast.Pass())
                if isinstance(statement, ast.AugAssign):
                    plain = ast.Assign([statement.target], statement.value, lineno=statement.lineno)
                    yield statement, _replacing(block, position, plain)
                for node in [statement, *_expressions(statement)]:
                    yield from ((statement, change) for change in _expression_changes(node))


def _is_left_alone(statement: ast.stmt, left_out: set[ast.AST]) -> bool:
    """Functions left out, imports, errors and their conditions, the command line, names for the reader."""
    if statement in left_out:
        return True
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Raise | ast.Assert | ast.Pass):
        return True
    if isinstance(statement, ast.If) and _is_complaint(statement.body[-1]):
        return not statement.orelse
    if isinstance(statement, ast.If) and ast.unparse(statement.test) == "__name__ == '__main__'":
        return True
    if isinstance(statement, ast.For) and all(_is_left_alone(inner, left_out) for inner in statement.body):
        return True
    if isinstance(statement, ast.Expr | ast.Assign) and _is_check(statement.value):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.AnnAssign) and statement.value is None:
        return True
    if isinstance(statement, ast.Assign):
        names = ast.unparse(statement.targets[0]).strip("()").split(", ")
        return {*names} <= {"__all__", *" ".join(_ASSIGNED.values()).split()}
    return False


def _is_complaint(statement: ast.stmt) -> bool:
    """Whether a statement raises an error, or calls what does and nothing else."""
    return isinstance(statement, ast.Raise) or (isinstance(statement, ast.Expr) and _is_check(statement.value))


def _is_check(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).startswith(_CHECKS)


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement, without those of the statements within it, of annotations and of checks."""
    waiting = [
        child
        for name, value in ast.iter_fields(statement)
        if name not in ("body", "orelse", "finalbody", "handlers", "annotation", "returns", "decorator_list", "args")
        for child in (value if isinstance(value, list) else [value])
        if isinstance(child, ast.AST)
    ]
    if isinstance(statement, ast.FunctionDef):
        waiting += [*statement.args.defaults, *(default for default in statement.args.kw_defaults if default)]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.JoinedStr) or _is_check(node):
            continue
        yield node
        waiting += list(ast.iter_child_nodes(node))


def _expression_changes(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _OPERATORS:
        yield _setting(node, "op", _OPERATORS[type(node.op)]())
    elif isinstance(node, ast.Compare):
        for other in _COMPARISONS.get(type(node.ops[0]), ()):
            yield _setting(node, "ops", [other(), *node.ops[1:]])
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield _setting(node, "op", ast.UAdd())
    elif isinstance(node, ast.BoolOp):
        yield _setting(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.IfExp | ast.If):
        yield _setting(node, "test", ast.Constant(True))
        yield _setting(node, "test", ast.Constant(False))
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield _setting(node, "value", not node.value)
        elif isinstance(node.value, int):
            yield _setting(node, "value", node.value + 1)
        elif isinstance(node.value, float):
            yield _setting(node, "value", 1.5 * node.value + 0.1)


@contextmanager
def _setting(node: ast.AST, name: str, value: object) -> Iterator[None]:
    """A node with another value of an attribute."""
    before = getattr(node, name)
    setattr(node, name, value)
    yield
    setattr(node, name, before)


@contextmanager
def _replacing(block: list[ast.stmt], position: int, other: ast.stmt) -> Iterator[ast.stmt]:
    """A block with another statement at a position."""
    before = block[position]
    block[position] = other
    yield other
    block[position] = before
