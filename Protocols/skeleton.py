"""The files that a student begins with: classes, signatures and docstrings, without the work.

Everything is read from the library's own classes. Of their docstrings a skeleton shows the first sentence, which
says what the course asks (what the library can do beyond stands after it), and the first one about each argument and
attribute.
"""

import importlib
import inspect
import re
import textwrap
from collections.abc import Iterable
from typing import Any

import NeuralNetworkTests as suite
from Protocols import course, tasks
from Protocols.course import Member

_WIDTH = 112
_INDENT = "    "


def module_text(file: str, parts: tuple[int, ...]) -> str:
    """A file of the skeleton, as it stands at the beginning of the last of these parts."""
    module = _module(file)
    blocks = [class_text(file, name, members, parts) for name, members in course.members(file, parts).items() if name]
    blocks += [function_text(file, member) for member in course.members(file, parts).get("", {}).values()]
    return "\n\n\n".join(["\n\n".join([_module_docstring(file, module, parts), _imports(file, parts)]), *blocks]) + "\n"


def class_text(file: str, name: str, members: dict[str, Member], parts: tuple[int, ...]) -> str:
    """A class with the given members."""
    cls = library_class(file, name)
    callables = [member for member in members.values() if not is_attribute(cls, member)]
    arguments = set(_arguments(cls, members["__init__"])) if "__init__" in members else set()
    attributes = members.keys() - {member.name for member in callables}
    docstring = [_first_sentence(cls), *_described(cls, "Args", arguments), *_described(cls, "Attributes", attributes)]
    head = f"class {name}({base}):" if (base := base_class(cls, parts)) else f"class {name}:"
    blocks = [method_text(cls, member) for member in callables]
    return "\n\n".join(["\n".join([head, textwrap.indent(_quoted(docstring), _INDENT)]), *blocks])


def method_text(cls: type, member: Member) -> str:
    """A method, or a property with its setter, indented as in its class."""
    found = inspect.getattr_static(cls, member.name)
    first = "" if member.name == "__init__" else _quoted([_first_sentence(found)])
    if not isinstance(found, property):
        return textwrap.indent(_definition(member.name, ["self", *signature(cls, member)], first), _INDENT)
    texts = [_definition(member.name, ["self"], first, "@property")]
    if found.fset is not None:
        texts.append(_definition(member.name, ["self", member.name], "", f"@{member.name}.setter"))
    return textwrap.indent("\n\n".join(texts), _INDENT)


def function_text(file: str, member: Member) -> str:
    """A function of a file."""
    function = getattr(_module(file), member.name)
    return _definition(member.name, _parameters(function, member), _quoted([_first_sentence(function)]))


def base_class(cls: type, parts: tuple[int, ...]) -> str:
    """The class of the course from which a class derives in these parts, or nothing."""
    names = (parent.__name__ for parent in cls.__mro__[1:])
    return next((name for name in names if course.BASES.get(name, max(parts) + 1) <= max(parts)), "")


def library_class(file: str, name: str) -> type:
    """The finished class."""
    found: type = getattr(_module(file), name)
    return found


def is_attribute(cls: type, member: Member) -> bool:
    """Whether a member is set by the constructor, or the class describes it as if it were; not a method or property."""
    found = inspect.getattr_static(cls, member.name, None)
    if isinstance(found, property):
        return bool(_described(cls, "Attributes", {member.name}))
    return not callable(found)


def signature(cls: type, member: Member) -> list[str]:
    """The course's arguments of a method, with the library's defaults; a property has none."""
    if isinstance(inspect.getattr_static(cls, member.name), property):
        return []
    if member.name == "__init__":
        return _parameters(cls, member)
    return _parameters(getattr(cls, member.name), member)[member.arguments is None :]


def attribute_text(cls: type, name: str) -> str:
    """What the library's class says about an attribute."""
    return textwrap.dedent("\n".join(_described(cls, "Attributes", {name})).removeprefix("Attributes:\n"))


def _module(file: str) -> Any:
    return importlib.import_module(file.removesuffix(".py").replace("/", "."))


def _module_docstring(file: str, module: Any, parts: tuple[int, ...]) -> str:
    lines = [
        f"{tasks.describe(entry)}: python NeuralNetworkTests.py {entry.test}"
        for entry in suite.TASKS
        if entry.part in parts and file in entry.files
    ]
    return _quoted([_first_sentence(module), "\n".join(lines)])


def _imports(file: str, parts: tuple[int, ...]) -> str:
    lines = ["import numpy as np"]
    bases = {base_class(library_class(file, name), parts) for name in course.members(file, parts) if name}
    if "BaseLayer" in bases:
        lines += ["", "from Layers.Base import BaseLayer"]
    return "\n".join(lines)


def _arguments(cls: type, member: Member) -> list[str]:
    return [text.split("=")[0] for text in signature(cls, member)]


def _parameters(function: Any, member: Member) -> list[str]:
    """The course's arguments of a function; those that can only be given by keyword are beyond the course."""
    known = {
        name: name if parameter.default is parameter.empty else f"{name}={parameter.default!r}"
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    }
    if member.arguments is None:
        return list(known.values())
    return [known[name[:-1]] if name.endswith("=") else known[name].split("=")[0] for name in member.arguments]


def _definition(name: str, parameters: list[str], docstring: str, decorator: str = "") -> str:
    lines = [decorator, f"def {name}({', '.join(parameters)}):", textwrap.indent(docstring, _INDENT)]
    return "\n".join([line for line in lines if line] + [f"{_INDENT}raise NotImplementedError"])


def _first_sentence(described: Any) -> str:
    """What a docstring says first."""
    return _beginning((inspect.getdoc(described) or "").split("\n\n")[0])


def _beginning(text: str) -> str:
    """The first sentence of a text, in one line."""
    return re.split(r"(?<=\.) (?=[A-ZΓ-ω`])", " ".join(text.split()))[0]


def _described(cls: type, section: str, names: Iterable[str]) -> list[str]:
    """The entries of these names in a section of a class's docstring, under the section's title."""
    found = re.search(rf"^{section}:\n((?: +.*\n?|\n(?= ))+)", inspect.getdoc(cls) or "", re.M)
    entries = re.split(r"\n(?=\w)", textwrap.dedent(found[1]).rstrip()) if found else []
    kept = [entry for entry in entries if set(re.split(r",\s*", entry.split(":")[0])) <= set(names)]
    kept = [textwrap.fill(_beginning(entry), _WIDTH - 4, subsequent_indent=_INDENT) for entry in kept]
    return [textwrap.indent("\n".join(kept), _INDENT).replace(_INDENT, f"{section}:\n{_INDENT}", 1)] if kept else []


def _quoted(paragraphs: list[str]) -> str:
    """Paragraphs as a docstring."""
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    wrapped = [part if "\n" in part else "\n".join(textwrap.wrap(part, _WIDTH)) for part in text.split("\n\n")]
    text = "\n\n".join(wrapped)
    mark = 'r"""' if "\\" in text else '"""'
    return f'{mark}{text}\n"""' if "\n" in text else f'{mark}{text}"""'
