"""Arrows between the library's rooms run one way, and no import runs in a circle."""

import ast
import functools
from pathlib import Path

import pytest

pytestmark = pytest.mark.newest

ROOT = Path(__file__).parent.parent

_BELOW_THE_NETWORK = {"Foundation", "Layers", "Optimization"}
_NETWORK = _BELOW_THE_NETWORK | {"Network", "NeuralNetwork"}
#: What each room may import beside itself.
ROOMS: dict[str, set[str]] = {
    "Foundation": set(),
    "Layers": {"Foundation"},
    "Optimization": {"Foundation"},
    "Network": _BELOW_THE_NETWORK | {"Generator"},  # which makes data layers and batches of arrays, and prepares data
    "NeuralNetwork": _BELOW_THE_NETWORK | {"Network"},
    "Generator": {"Foundation"},  # which `generator` finds from inside its own folder, too
    "Models": _NETWORK,
    "Training": _NETWORK | {"Models", "Generator"},
    "Interop": _NETWORK | {"Models", "Generator", "Training"},  # estimators are trained by what trains networks
    "Protocols": _NETWORK | {"Models", "Generator", "NeuralNetworkTests"},
    "NeuralNetworkTests": set(),  # handed out alone
}
#: Arrows up, in last lines: `python NeuralNetwork.py` trains a model, the tests hand over to the teacher's tool.
ARROWS_UP = {("NeuralNetwork", "Training.command_line"), ("NeuralNetworkTests", "Protocols.grading.command")}
#: The others: `net.fit` and `net.evaluate` are the short forms of what is above.
SHORT_FORMS = {("NeuralNetwork", "Training.short_form")}


def modules():
    """The file of each module of the library by the module's name."""
    files = {}
    for room in ROOMS:
        for path in [*ROOT.glob(f"{room}.py"), *sorted((ROOT / room).rglob("*.py"))]:
            parts = path.relative_to(ROOT).with_suffix("").parts
            files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


MODULES = modules()


def imports(module, tree):
    """The library's modules that a tree of statements imports, wherever it does so."""
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: package.count(".") + 2 - node.level] if node.level else []
            origin = ".".join([*parents, *([node.module] if node.module else [])])
            for alias in node.names:
                submodule = f"{origin}.{alias.name}"
                names.add(submodule if submodule in MODULES else origin)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            names.update(argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant))
    return {name for name in names if name in MODULES and name != module}


@functools.cache
def divided(module):
    """The statements of a module, and those which only run when it is the program."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    program = [node for node in tree.body if isinstance(node, ast.If) and "__name__ ==" in ast.unparse(node.test)]
    return ast.Module([node for node in tree.body if node not in program], []), ast.Module(program, [])


def room_of(module):
    return module.partition(".")[0]


@functools.cache
def as_module():
    """What each module imports when another imports it."""
    return {module: imports(module, divided(module)[0]) for module in MODULES}


def test_the_rooms_are_found():
    assert {room_of(module) for module in MODULES} >= {"Foundation", "Layers", "Optimization", "NeuralNetwork"}
    assert imports("Layers.RNN", divided("Layers.RNN")[0]) >= {"Layers.Recurrent"}
    assert "Generator.idx" in imports("Generator.mnist_family", divided("Generator.mnist_family")[0])


def forbidden(arrows):
    """The arrows that point to a room above or beside the one that they start from."""
    return {
        (module, name)
        for module, imported in arrows.items()
        for name in imported
        if room_of(name) not in ROOMS[room_of(module)] | {room_of(module)}
    }


@pytest.mark.parametrize("room", ROOMS)
def test_arrows_run_one_way(room):
    assert not {arrow for arrow in forbidden(as_module()) - SHORT_FORMS if room_of(arrow[0]) == room}


def test_the_network_s_short_forms_are_imported_in_their_methods():
    tree = divided("NeuralNetwork")[0]
    at_the_top = ast.Module([node for node in tree.body if not isinstance(node, ast.ClassDef)], [])
    assert not imports("NeuralNetwork", at_the_top) & {name for _, name in SHORT_FORMS}
    assert imports("NeuralNetwork", tree) >= {name for _, name in SHORT_FORMS}


def test_only_last_lines_point_up():
    assert forbidden({module: imports(module, divided(module)[1]) for module in MODULES}) == ARROWS_UP


def test_no_import_runs_in_a_circle():
    remaining = dict(as_module())
    while free := {module for module, imported in remaining.items() if not imported & set(remaining)}:
        for module in free:
            del remaining[module]
    while ends := set(remaining) - {name for imported in remaining.values() for name in imported}:
        for module in ends:  # whoever only imports what stands in a circle is none of it
            del remaining[module]
    assert not remaining, "these import each other in circles"


def test_nothing_imports_the_course_s_helpers():
    """A course's own Helpers.py may be dropped over ours."""
    importing = {module for module, imported in as_module().items() if "Layers.Helpers" in imported}
    assert not {module for module in importing if not module.startswith("Protocols.pictures.")}
    assert as_module()["Layers.Helpers"] == set()
