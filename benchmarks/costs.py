"""What a class costs: code lines beside the aim, and what one training step of a small network calls.

    python -m benchmarks.costs

A code line holds something other than a comment or a docstring. Where a row is a class, the functions and constants
of its file count too, since whoever reads the class reads them; the imports at the head of a file don't. Another
checkout is measured with `PYTHONPATH=. python .../benchmarks/costs.py` in its root.

The step is one of `net.train` of FullyConnected-SoftMax-Sgd, after the first ones: the library's Python functions that
are called in it (comprehensions, generators and lambdas are functions, resuming a generator is a call), the files that
they stand in, and how often one call's file isn't that of the call before.
"""

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

import NeuralNetwork
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.SoftMax import SoftMax
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Sgd

ROOT = Path(NeuralNetwork.__file__).resolve().parent
_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True)
class Part:
    """Files, or some classes and functions of theirs.

    Args:
        files: a pattern of paths below the root.
        only: the names that count; none means everything but imports.
        without: the names that don't.
    """

    files: str
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def paths(self) -> list[Path]:
        """The files that there are."""
        return sorted(ROOT.glob(self.files))

    def lines(self) -> int:
        """The code lines of all of them."""
        return sum(code_lines(path.read_text(encoding="utf-8"), self.only, self.without) for path in self.paths())


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Args:
        name: what is counted.
        before: what it was before the mathematics stood alone.
        aim: what it should be; None for no budget.
        parts: where it stands.
        limit: what it may be, where the aim is not reached.
    """

    name: str
    before: int | None
    aim: int | None
    parts: tuple[Part, ...]
    limit: int | None = None

    def measured(self) -> int | None:
        """The code lines; None where no file of it exists."""
        found = [part.lines() for part in self.parts if part.paths()]
        return sum(found) if found else None


def _row(name: str, before: int | None, aim: int | None, *parts: str | Part, limit: int | None = None) -> Row:
    found = tuple(Part(part) if isinstance(part, str) else part for part in parts)
    return Row(name, before, aim, found, aim if limit is None else limit)


#: Every file of Layers/ belongs to a row or to OTHERS.
ROWS = (
    # What a layer is, what its parameters are, and what is run around each pass: one file each, and together more than
    # the aim, which only packed lines could reach.
    _row("bases of layers", 105, 80, "Layers/Base.py", limit=106),
    _row("parameters", None, None, "Layers/Parameter.py", "Layers/Steps.py"),
    _row("the pass around layers", None, None, "Layers/Pass.py"),
    _row("layers that hold layers", None, None, "Layers/Composite.py", "Layers/Rows.py"),
    _row("Chain", None, 45, "Layers/Chain.py"),
    _row("Residual", None, 45, "Layers/Residual.py"),
    _row("Parallel", None, 45, "Layers/Parallel.py"),
    _row("FullyConnected", 37, 22, "Layers/FullyConnected.py"),
    _row("ReLU", 23, 8, "Layers/ReLU.py"),
    _row("TanH", 18, 8, "Layers/TanH.py"),
    _row("Sigmoid", 29, 8, "Layers/Sigmoid.py"),
    _row("LeakyReLU", None, 11, "Layers/LeakyReLU.py"),
    _row("ELU", None, 14, "Layers/ELU.py"),
    _row("GELU", None, 14, "Layers/GELU.py"),
    _row("SiLU", None, 12, "Layers/SiLU.py"),
    _row("Softplus", None, 8, "Layers/Softplus.py"),
    _row("what activations share", None, None, "Layers/Activations.py"),
    _row("SoftMax", 26, 18, "Layers/SoftMax.py"),
    _row("Dropout", 31, 15, "Layers/Dropout.py"),
    _row("Conv", 46, 40, Part("Layers/Conv.py", only=("Conv",))),
    _row(
        "kernels of Conv",
        189,
        180,
        Part("Layers/Conv.py", without=("Conv",)),
        "Layers/Kernels/__init__.py",
        "Layers/Kernels/correlation.py",
        "Layers/Kernels/windows.py",
        "Layers/Kernels/Winograd.py",
    ),
    _row(
        "strides, gaps, groups",
        None,
        100,
        "Layers/Kernels/places.py",
        "Layers/Kernels/groups.py",
        "Layers/Kernels/strides.py",
    ),
    _row("Pooling", 43, 20, "Layers/Pooling.py"),
    _row("AveragePooling", None, 45, "Layers/AveragePooling.py"),
    _row("GlobalAveragePooling", None, 45, "Layers/GlobalAveragePooling.py"),
    _row("Upsampling", None, 45, "Layers/Upsampling.py"),
    _row("TransposedConv", None, 45, Part("Layers/TransposedConv.py", only=("TransposedConv",))),
    _row("base of windows", None, None, "Layers/Windows.py", "Layers/Padding.py"),
    _row("base of convolutions", None, None, "Layers/Convolutions.py"),
    _row("BatchNormalization", 112, 60, "Layers/BatchNormalization.py"),
    _row("LayerNormalization", None, 45, "Layers/LayerNormalization.py"),
    _row("base of normalizations", None, None, "Layers/Normalization.py"),
    _row("LSTM", 52, 40, "Layers/LSTM.py", limit=41),  # one makes views at once that each step would make anew
    _row("RNN", 19, 15, "Layers/RNN.py"),
    _row("Bidirectional", None, None, "Layers/Bidirectional.py", limit=40),
    _row("Embedding", None, None, "Layers/Embedding.py", limit=35),
    _row("LastStep", None, None, "Layers/LastStep.py", limit=20),
    _row("GRU", None, None, "Layers/GRU.py", limit=40),
    _row("readout of recurrent layers", None, None, "Layers/Readout.py", limit=20),
    _row(
        "shared by GRU, LSTM and RNN",
        133,
        110,
        "Layers/Recurrent.py",
        "Layers/Packing.py",
        "Layers/Gates.py",
        limit=127,  # a fifth of it reads lengths and states, with the messages that they deserve
    ),
    _row("Adam", 23, 14, Part("Optimization/Optimizers.py", only=("Adam",))),
    *(
        _row(name, None, aim, Part("Optimization/Optimizers.py", only=(name, formula)))
        for name, formula, aim in (
            ("AdamW", "_adamw_step", 20),
            ("Nesterov", "_nesterov_step", 7),
            ("AdaGrad", "_adagrad_step", 10),
            ("RMSprop", "_rmsprop_step", 11),
        )
    ),
)
#: Files of Layers/ that the table doesn't speak of.
OTHERS = {"__init__.py", "Flatten.py", "Helpers.py", "Initializers.py", "State.py"}


def code_lines(source: str, only: tuple[str, ...] = (), without: tuple[str, ...] = (), *, imports: bool = False) -> int:
    """How many lines hold code: of the definitions named, or of all but those that aren't wanted and the imports.

    With `imports`, these count too.
    """
    tree = ast.parse(source)
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    lines -= {line for node in ast.walk(tree) if _is_bare_string(node) for line in _span(node)}
    named = {name: set(_span(node)) for node in tree.body if (name := getattr(node, "name", None))}
    if missing := {*only, *without} - set(named):
        raise ValueError(f"code_lines: expected definitions of {sorted(missing)}, got {sorted(named)}")
    if only:
        return len(lines & set().union(*(named[name] for name in only)))
    unwanted = set().union(*(named[name] for name in without))
    if not imports:
        unwanted |= {line for node in tree.body if _is_import(node) for line in _span(node)}
    return len(lines - unwanted)


def _is_bare_string(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_import(node: ast.stmt) -> bool:
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        return all(map(_is_import, node.body))
    return isinstance(node, ast.Import | ast.ImportFrom)


def _span(node: Any) -> range:
    return range(min(part.lineno for part in (node, *getattr(node, "decorator_list", ()))), node.end_lineno + 1)


@dataclass(frozen=True)
class Step:
    """What one training step calls."""

    calls: int
    files: int
    changes: int


#: Files have no aim. More than the aim leads through files of one purpose each; the limit is what it may be at most.
STEP_BEFORE, STEP_AIM, STEP_LIMIT = Step(75, 9, 45), Step(45, 0, 24), Step(45, 0, 36)


class _OneBatch:
    """The same 50 samples again and again; not of the library, so that its frames don't count."""

    def __init__(self) -> None:
        self.batch = np.random.default_rng(0).random((50, 4)), np.eye(3)[np.arange(50) % 3]

    def next(self) -> tuple[np.ndarray, np.ndarray]:
        return self.batch


_NEXT_STEP = __file__, _OneBatch.next.__name__


def called_functions() -> Iterator[tuple[str, str]]:
    """File below the root and name of each function of the library that a step calls, in order."""
    net = NeuralNetwork.NeuralNetwork(Sgd(1e-3), He(rng=0), Constant(0))
    net.data_layer, net.loss_layer = _OneBatch(), CrossEntropyLoss()
    net.append_layer(FullyConnected(4, 3))
    net.append_layer(SoftMax())
    net.train(2)  # what is set up in the first steps doesn't count
    called: list[tuple[str, str]] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            called.append((frame.f_code.co_filename, frame.f_code.co_name))

    profile = sys.getprofile()
    sys.setprofile(note)
    try:
        net.train(2)
    finally:
        sys.setprofile(profile)
    one, other = [at for at, function in enumerate(called) if function == _NEXT_STEP]
    called = called[one:other]
    for file, name in called:
        path = Path(file)
        if ROOT in path.parents:
            room = path.relative_to(ROOT).parts[0]
            if room not in ("benchmarks", "tests") and not room.startswith(".venv"):
                yield str(path.relative_to(ROOT)), name


def step() -> Step:
    """What one training step calls today."""
    files = [file for file, _ in called_functions()]
    return Step(len(files), len(set(files)), sum(one != other for one, other in pairwise(files)))


def main() -> None:
    """Measure and print."""
    print(f"{'code lines':<30} {'before':>7} {'now':>7} {'aim':>7}")
    for row in ROWS:
        _print(row.name, row.before, row.measured(), row.aim)
    now = step()
    print("\none training step of FullyConnected-SoftMax-Sgd")
    _print("calls of Python functions", STEP_BEFORE.calls, now.calls, STEP_AIM.calls)
    _print("files", STEP_BEFORE.files, now.files, None)
    _print("changes of file", STEP_BEFORE.changes, now.changes, STEP_AIM.changes)


def _print(name: str, before: int | None, now: int | None, aim: int | None) -> None:
    cells = [f"{'-' if number is None else number:>7}" for number in (before, now, aim)]
    excess = f"   {now - aim} above" if now is not None and aim is not None and now > aim else ""
    print(f"{name:<30} {' '.join(cells)}{excess}")


if __name__ == "__main__":
    main()
