"""What a part asks of files that are already there, and that the student therefore adds by hand."""

import ast
from collections.abc import Iterator

from Protocols import course, skeleton
from Protocols.course import Member
from Protocols.solution import Solution


def missing(solution: Solution, file: str, parts: tuple[int, ...]) -> Iterator[str]:
    """For each thing that the parts ask of a file and that isn't in it, where it goes and how it begins."""
    if file not in solution.trees:
        yield f"{file}: this is no Python yet; once it is, start again to see what it lacks"
        return
    definitions = solution.definitions(file)
    for name, members in course.members(file, parts).items():
        node = definitions.get(name)
        if not name:
            functions = [member for member in members.values() if member.name not in definitions]
            yield from (f"{file}, at its end:\n\n{skeleton.function_text(file, member)}" for member in functions)
        elif isinstance(node, ast.ClassDef):
            yield from _missing_in_class(solution, file, node, members, parts)
        else:
            yield f"{file}, a new class:\n\n{skeleton.class_text(file, name, members, parts)}"


def _missing_in_class(
    solution: Solution, file: str, node: ast.ClassDef, members: dict[str, Member], parts: tuple[int, ...]
) -> Iterator[str]:
    cls = skeleton.library_class(file, node.name)
    base = skeleton.base_class(cls, parts)
    parents = {ast.unparse(parent).split(".")[-1] for known in solution.ancestry(node) for parent in known.bases}
    if base and base not in parents:
        yield f"{file}, the class {node.name} now derives from {base}:\n\nclass {node.name}({base}):"
    found = solution.members(node)
    for name, member in members.items():
        if skeleton.is_attribute(cls, member):
            if name not in found:
                yield f"{file}, class {node.name}, an attribute:\n\n{skeleton.attribute_text(cls, name)}"
        elif name not in found:
            if name != "__init__":
                yield f"{file}, class {node.name}:\n\n{skeleton.method_text(cls, member)}"
        elif _takes_fewer(found[name], len(skeleton.signature(cls, member))):
            yield f"{file}, class {node.name}, where {name} takes more now:\n\n{skeleton.method_text(cls, member)}"


def _takes_fewer(node: ast.AST, arguments: int) -> bool:
    """Whether a method takes fewer arguments than so many, besides `self`."""
    if not isinstance(node, ast.FunctionDef) or node.args.vararg or node.decorator_list:
        return False
    return len(node.args.posonlyargs) + len(node.args.args) - 1 < arguments
