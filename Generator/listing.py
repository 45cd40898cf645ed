"""Which files of a folder are pictures: every other one is known rubbish, or is counted and named."""

import os
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .picture_formats import is_picture
from .telling import warn

__all__ = [
    "LeftOutWarning",
    "Leftovers",
    "Place",
    "class_folders_in",
    "folders_in",
    "pictures_beside",
    "pictures_in",
    "reason_against_link",
    "some",
]

_SHOWN = 5

# What systems and programs leave beside pictures. So do names that begin with a dot.
_RUBBISH = frozenset({
    "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir", "$recycle.bin",
    "system volume information", "__pycache__",
})  # fmt: skip


class LeftOutWarning(UserWarning):
    """Says how many files of a folder of pictures aren't used, and which."""


@dataclass
class Leftovers:
    """Files that aren't used, counted by the reason for it; of each reason, the first names are kept.

    >>> left = Leftovers()
    >>> left.add("no picture", "cat/notes.txt")
    >>> left.count, str(left)
    (1, "1 no picture: 'cat/notes.txt'")
    """

    counts: dict[str, int] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, name: str, count: int = 1) -> None:
        """Count a file, or a folder with several.

        Args:
            reason: why it isn't used, in words that follow a number.
            name: what it is called, for the message.
            count: how many files it stands for (default 1).

        >>> left = Leftovers()
        >>> left.add("in a folder 'raw'", "raw", 20)
        >>> left.count
        20
        """
        self.counts[reason] = self.counts.get(reason, 0) + count
        named = self.names.setdefault(reason, [])
        if len(named) < _SHOWN:
            named.append(name)

    @property
    def count(self) -> int:
        """How many files aren't used.

        >>> Leftovers().count
        0
        """
        return sum(self.counts.values())

    def __str__(self) -> str:
        return "; ".join(
            f"{count:,} {reason}: {some(self.names[reason], count)}" for reason, count in self.counts.items()
        )

    def tell(self, owner: str, strict: bool) -> None:
        """Say once what isn't used: in a warning, or in an error.

        Args:
            owner: whose files they are, for the message.
            strict: whether it is an error.

        Raises ValueError where something isn't used and `strict` is true.

        >>> Leftovers().tell("folder 'pets'", strict=True)
        """
        if not self.count:
            return
        message = f"{owner}: {self.count:,} file(s) not used: {self}"
        if strict:
            raise ValueError(f"{message}; move them, or pass strict=False")
        warn(f"{message}; strict=True makes this an error", LeftOutWarning)


@dataclass(frozen=True)
class Place:
    """A folder that is searched, and what holds for it.

    Args:
        folder: whose pictures are asked for.
        within: the folder that symbolic links may not lead out of (default None: the same).
        recursive: whether pictures in folders below count (default True); else they are left over.

    >>> Place(Path("Generator")).root == os.path.realpath("Generator")
    True
    """

    folder: Path
    within: Path | None = None
    recursive: bool = True

    @property
    def root(self) -> str:
        """The real path of what links may not lead out of.

        >>> os.path.basename(Place(Path("Generator")).root)
        'Generator'
        """
        return os.path.realpath(self.within or self.folder)


def folders_in(folder: Path) -> list[str]:
    """Return the names of the folders in a folder, in alphabetical order, without hidden ones and known rubbish.

    Args:
        folder: which has to exist.

    >>> folders_in(Path("Generator"))
    ['Sample_data']
    """
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if not _is_rubbish(entry.name) and entry.is_dir())


def class_folders_in(folder: Path, place: Place, leftovers: Leftovers) -> list[str]:
    """Return the names of the folders in a folder that are read, as `folders_in`: without links that lead out.

    Args:
        folder: which has to exist.
        place: where pictures are searched, with what links may not lead out of.
        leftovers: where links that lead out are counted.

    >>> class_folders_in(Path("Generator"), Place(Path("Generator")), Leftovers())
    ['Sample_data']
    """
    found = []
    for name in folders_in(folder):
        path = os.path.join(folder, name)
        if reason := reason_against_link(path, place.root):
            leftovers.add(reason, os.path.relpath(path, place.folder))
        else:
            found.append(name)
    return found


def pictures_in(place: Place, below: str, leftovers: Leftovers, others_count: bool = True) -> list[str]:
    """Return the names of the pictures in a folder and in those below it, in alphabetical order.

    Symbolic links are followed where they lead to something within, and each folder is read once.

    Args:
        place: where to search.
        below: the name of the folder in it that is searched, "" for all of it.
        leftovers: where files that aren't used are counted.
        others_count: whether files that are no pictures are among them (default True).

    Raises OSError for a folder that may not be read.

    >>> pictures_in(Place(Path("Generator")), "Sample_data", Leftovers())[:2] == [
    ...     os.path.join("Sample_data", name) for name in ("0.npy", "1.npy")]
    True
    """
    found: list[str] = []
    # Links after folders, and each is read where it leads to: a way through links has few of them, of which systems
    # follow some forty.
    waiting, linked, read, root = deque([below]), deque[str](), set[str](), place.root
    while waiting or linked:
        inner = (waiting or linked).popleft()
        here = os.path.realpath(os.path.join(place.folder, inner))
        if here in read:
            continue
        read.add(here)
        with os.scandir(here) as entries:
            for entry in entries:
                if _is_rubbish(entry.name):
                    continue
                name = os.path.join(inner, entry.name) if inner else entry.name
                if entry.is_symlink() and (reason := reason_against_link(entry.path, root)):
                    leftovers.add(reason, name)
                elif entry.is_dir():
                    (linked if entry.is_symlink() else waiting).append(name)
                elif not entry.is_file():
                    leftovers.add("no file but a pipe or device", name)
                elif not is_picture(entry.path, entry.name):
                    if others_count:
                        leftovers.add("no picture", name)
                elif inner != below and not place.recursive:
                    leftovers.add("in a folder below (recursive=False)", name)
                else:
                    found.append(name)
    found.sort()
    return found


def pictures_beside(folder: Path) -> list[str]:
    """Return the names of the pictures that lie in a folder itself, in alphabetical order.

    Args:
        folder: which has to exist.

    >>> pictures_beside(Path("Generator")), len(pictures_beside(Path("Generator/Sample_data")))
    ([], 100)
    """
    with os.scandir(folder) as entries:
        return sorted(
            entry.name
            for entry in entries
            if not _is_rubbish(entry.name) and entry.is_file() and is_picture(entry.path, entry.name)
        )


def reason_against_link(path: str | os.PathLike[str], root: str) -> str:
    """Return why a symbolic link isn't followed, in words that follow a number; "" for one that is, and for no link.

    Args:
        path: of a file or folder.
        root: the real path of the folder that links may not lead out of.

    >>> reason_against_link("Generator", os.path.realpath("."))
    ''
    """
    if not os.path.islink(path):
        return ""
    target = os.path.realpath(path)
    if not os.path.exists(target):
        return "a symbolic link to nothing"
    if not _holds(root, target):
        return "a symbolic link that leads out of the folder"
    if _holds(target, os.path.realpath(os.path.dirname(path))):
        return "a symbolic link to a folder that it lies in"
    return ""


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


def _is_rubbish(name: str) -> bool:
    return name[0] == "." or name.lower() in _RUBBISH


def some(names: Iterable[str], count: int = 0) -> str:
    """Return the first of some names, and how many more there are, for a message.

    Args:
        names: all of them, or the first ones.
        count: how many there are, if that are more (default 0).

    >>> some(["a", "b", "c"], 7), some("abcdefg")
    ("'a', 'b', 'c' and 4 more", "'a', 'b', 'c', 'd', 'e' and 2 more")
    """
    names = list(names)
    shown = ", ".join(f"'{name[:80]}'" for name in names[:_SHOWN])
    more = max(len(names), count) - min(len(names), _SHOWN)
    return shown if more <= 0 else f"{shown} and {more} more"
