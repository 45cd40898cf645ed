"""The pictures that belong to the pages: drawn on the screen, into a file, or all of them for the pages."""

import difflib
import importlib
import io
import pkgutil
import re
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from Protocols import pictures
from Protocols.problems import Problem

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES = Path(__file__).parent / "figures"

#: Modules beside the pictures that draw nothing by themselves.
_HELPERS = {"digits", "style"}

#: Bytes of a picture up to which its colours stay as they are: smooth ones compress well, and show every reduction.
_SMALL = 20_000


def names() -> list[str]:
    """The names of all pictures."""
    return sorted(module.name for module in pkgutil.iter_modules(pictures.__path__) if module.name not in _HELPERS)


def find(name: str) -> ModuleType:
    """The module of a picture."""
    if name not in names():
        near = difflib.get_close_matches(name, names(), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "python -m Protocols show lists the pictures"
        raise Problem(f"there is no picture {name!r}; {hint}")
    return importlib.import_module(f"Protocols.pictures.{name}")


def description(name: str) -> str:
    """What a picture shows: the first sentence of its module."""
    text = " ".join((find(name).__doc__ or "").split("\n\n")[0].split())
    return re.split(r"(?<=\.) ", text)[0]


def draw(name: str) -> "Figure":
    """The picture of this name."""
    figure: Figure = find(name).draw()
    return figure


def to_screen(name: str) -> None:
    """Open a window with the picture, and wait until it is closed."""
    from matplotlib import pyplot

    figure = draw(name)
    try:
        window = pyplot.figure(figsize=tuple(figure.get_size_inches()), dpi=figure.dpi)
    except ImportError as error:
        raise Problem(f"no window can be opened here ({error}); --output {name}.png writes a file") from None
    if window.canvas.required_interactive_framework is None or window.canvas.manager is None:
        raise Problem(f"no window can be opened here; --output {name}.png writes a file")
    manager = window.canvas.manager
    manager.canvas.figure = figure
    figure.set_canvas(manager.canvas)
    manager.set_window_title(description(name))
    pyplot.show()


def to_file(name: str, path: Path) -> None:
    """Write the picture as PNG; the file appears once it is complete."""
    content = png(draw(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.part")
    try:
        scratch.write_bytes(content)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def png(figure: "Figure") -> bytes:
    """A figure as a small PNG: in all its colours where that takes little, else in 256 of them."""
    from PIL import Image

    drawn, exact, reduced = io.BytesIO(), io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png")
    image = Image.open(drawn).convert("RGB")
    image.save(exact, "PNG", optimize=True)
    if len(exact.getvalue()) <= _SMALL:
        return exact.getvalue()
    image.quantize(256, dither=Image.Dither.NONE).save(reduced, "PNG", optimize=True)
    return reduced.getvalue()
