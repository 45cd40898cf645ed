"""What a part asks of files that are already there, and that the student therefore adds by hand."""

import ast
from collections.abc import Iterator

from Protocols import course, skeleton
from Protocols.course import Member
from Protocols.solution import Solution


def missing(solution: Solution, file: str, parts: tuple[int, ...], new: tuple[int, ...]) -> Iterator[str]:
    """For each thing that the new parts ask of a file and that isn't in it, where it goes and what it is."""
    if file not in solution.trees:
        yield f"{file}: this is no Python yet; once it is, start again to see what it lacks"
        return
    definitions = solution.definitions(file)
    for name in course.members(file, parts):
        node = definitions.get(name)
        if isinstance(node, ast.ClassDef):
            base = skeleton.base_class(skeleton.library_class(file, name), parts)
            if course.BASES.get(base) in new and base not in solution.parents(node):
                yield f"{file}, class {name}, which derives from {base}:\n\nclass {name}({base}):"
    for name, members in course.members(file, new).items():
        node = definitions.get(name)
        if not name:
            functions = [member for member in members.values() if member.name not in definitions]
            yield from (f"{file}, at its end:\n\n{skeleton.function_text(file, member)}" for member in functions)
        elif isinstance(node, ast.ClassDef):
            yield from _missing_in_class(solution, file, node, members)
        else:
            yield f"{file}, a new class:\n\n{skeleton.class_text(file, name, members, parts)}"


def _missing_in_class(solution: Solution, file: str, node: ast.ClassDef, members: dict[str, Member]) -> Iterator[str]:
    cls, found = skeleton.library_class(file, node.name), solution.members(node)
    described = ast.get_docstring(node) or ""  # the skeleton names attributes that a constructor has yet to set
    for name, member in members.items():
        if skeleton.is_attribute(cls, member):
            if name not in found and name not in described:
                yield f"{file}, class {node.name}, an attribute:\n\n{skeleton.attribute_text(cls, name)}"
        elif name not in found:
            # A class may do without a constructor of its own where it has nothing to set.
            if name != "__init__" or skeleton.signature(cls, member):
                yield f"{file}, class {node.name}:\n\n{skeleton.method_text(cls, member)}"
        elif _takes_fewer(found[name], len(skeleton.signature(cls, member))):
            yield f"{file}, class {node.name}, where {name} takes more:\n\n{skeleton.method_text(cls, member)}"


def _takes_fewer(node: ast.AST, arguments: int) -> bool:
    """Whether a method takes fewer arguments than so many, besides `self`."""
    if not isinstance(node, ast.FunctionDef) or node.args.vararg or node.decorator_list:
        return False
    return len(node.args.posonlyargs) + len(node.args.args) - 1 < arguments
