"""How data sets are laid out: divided for training, validation and test or not, in folders of classes or with lists."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from .label_rows import LABEL_SUFFIXES
from .listing import Leftovers, Place, folders_in, pictures_beside, pictures_in, reason_against_link, some

__all__ = ["Part", "parts_of", "refuse_division", "role_of", "unwrapped"]

_ROLES = {
    "training": ("train", "training", "trainset", "trainingset"),
    "validation": ("val", "valid", "validation", "dev", "valset", "validset", "validationset"),
    "test": ("test", "testing", "testset"),
}


@dataclass(frozen=True)
class Part:
    """A part of a set.

    Args:
        folder: where its pictures are.
        label_path: the file with their labels, or None where they lie in folders named after classes.

    >>> Part(Path("pets/train")).label_path is None
    True
    """

    folder: Path
    label_path: Path | None = None


def role_of(name: str) -> tuple[str, str] | None:
    """Return what a folder or list is for by its name, and the rest of the name, which all parts of a set share.

    Args:
        name: without a suffix.

    >>> role_of("Train"), role_of("seg_test"), role_of("validation_set"), role_of("cat")
    (('training', ''), ('test', 'seg'), ('validation', 'set'), None)
    """
    words = re.findall(r"[a-z]+", name.lower())
    found = [(role, word) for word in words for role, spellings in _ROLES.items() if word in spellings]
    if len(found) != 1:
        return None
    role, word = found[0]
    words.remove(word)
    return role, " ".join(words)


def _divided(names: dict[str, str]) -> dict[str, str]:
    """Of names, written and as they are, those that divide a set, by what they are for; {} where none do."""
    groups: dict[str, dict[str, list[str]]] = {}
    for plain, name in names.items():
        found = role_of(plain)
        if found is not None:
            groups.setdefault(found[1], {}).setdefault(found[0], []).append(name)
    several = [roles for roles in groups.values() if len(roles) > 1]
    divisions = [roles for roles in several if "training" in roles]
    if several and not divisions:
        every = [name for roles in several for found in roles.values() for name in found]
        raise ValueError(
            f"expected a part for training beside {some(sorted(every))}, found none; add it, named 'train', or pass "
            f"one of them, or rename what isn't meant"
        )
    if not divisions:
        return {}
    if len(divisions) > 1 or any(len(found) > 1 for found in divisions[0].values()):
        every = [name for roles in divisions for found in roles.values() for name in found]
        raise ValueError(
            f"expected one part each for training, validation and test, found {some(sorted(every))}; pass one folder "
            f"of them, or rename what isn't meant"
        )
    return {role: found[0] for role, found in divisions[0].items()}


def divided_folders(folder: Path) -> dict[str, str]:
    """Return the names of the folders for training, validation and test, by these words; {} where there are none.

    Args:
        folder: of the whole set.

    Raises ValueError where several could be meant, or where none is for training.

    >>> divided_folders(Path("Generator"))
    {}
    """
    try:
        return _divided({name: name for name in folders_in(folder)})
    except ValueError as error:
        raise ValueError(f"folder '{folder}': {error}") from None


def refuse_division(folder: Path) -> None:
    """Refuse a folder whose folders aren't classes but the parts of a divided set.

    Args:
        folder: which is asked for its classes.

    >>> refuse_division(Path("Generator"))
    """
    division = divided_folders(folder)
    if division:
        raise ValueError(
            f"folder '{folder}': expected one folder for each class in it, found {some(sorted(division.values()))}, "
            f"which divide a set; pass one of them, or call Generator.datasets.picture_folder('{folder}', …)"
        )


def unwrapped(folder: Path) -> Path:
    """Return the folder in which a set really begins, where archives have put a folder around it.

    A folder is one around others if nothing else is in it but files that are no pictures, and it has several folders
    in it, or again one around others.

    Args:
        folder: that was named.

    >>> unwrapped(Path("Generator")) == Path("Generator")
    True
    """
    inner = folder
    while True:
        below = folders_in(inner)
        if not below or (inner / below[0]).is_symlink() or (inner != folder and pictures_beside(inner)):
            return folder
        if len(below) > 1:
            return inner
        inner = inner / below[0]


def parts_of(folder: Path) -> tuple[dict[str, Part], Leftovers]:
    """Return the parts of a set by what they are for; the whole of it as "whole" where it isn't divided.

    Args:
        folder: of the set, with class folders or pictures and lists, divided by folders or lists, or not.

    Raises ValueError, naming what was seen, where it isn't clear what is meant.

    >>> parts_of(Path("Generator"))[0]["whole"].folder == Path("Generator")
    True
    """
    leftovers, inner = Leftovers(), unwrapped(folder)
    division = divided_folders(inner)
    if division:
        roles, parts = {name: role for role, name in division.items()}, {}
        for name in folders_in(inner):
            if reason := reason_against_link(inner / name, Place(folder).root):
                leftovers.add(reason, name)
            elif name in roles:
                parts[roles[name]] = _part(inner / name, roles[name], inner)
            elif beside := pictures_in(Place(inner, folder), name, Leftovers(), others_count=False):
                leftovers.add("in a folder beside those of the parts", name, len(beside))
        if "training" not in parts:
            raise ValueError(
                f"folder '{inner}': expected a part for training in it, found {leftovers}; copy there what it leads to"
            )
        for name in pictures_beside(inner):
            leftovers.add("beside the folders of the parts", name)
        return parts, leftovers
    base = _with_lists(folder)
    lists = _lists_in(base)
    if lists and (pictures_beside(base) or _only_pictures(base)):
        try:
            divided_lists = _divided({path.stem: path.name for path in lists})
        except ValueError as error:
            raise ValueError(f"folder '{base}': {error}") from None
        if divided_lists:
            return {role: Part(base, base / name) for role, name in divided_lists.items()}, leftovers
        if len(lists) > 1:
            raise ValueError(
                f"folder '{base}': expected one list of labels beside the pictures, found "
                f"{some([path.name for path in lists])}; pass the right one as label_path to ImageGenerator"
            )
        return {"whole": Part(base, lists[0])}, leftovers
    return {"whole": Part(folder)}, leftovers


def _part(folder: Path, role: str, whole: Path) -> Part:
    """A part in a folder of its own: of class folders, or pictures with a list in it or beside it."""
    beside = pictures_beside(folder)
    if not beside and not _only_pictures(folder):
        return Part(folder)
    lists = _lists_in(folder)
    if not lists:
        lists = [path for path in _lists_in(whole) if (role_of(path.stem) or ("", ""))[0] == role]
    if not beside and not lists:
        return Part(folder)
    if len(lists) != 1:
        raise ValueError(
            f"folder '{folder}': expected folders named after classes, or one list of labels in it or beside it, found "
            f"{some([path.name for path in lists]) if lists else 'pictures and no list'}; pass folder and list to "
            f"ImageGenerator yourself"
        )
    return Part(folder, lists[0])


def _lists_in(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return sorted(
            folder / entry.name
            for entry in entries
            if os.path.splitext(entry.name)[1].lower() in LABEL_SUFFIXES and entry.name[0] != "." and entry.is_file()
        )


def _with_lists(folder: Path) -> Path:
    """The folder in which lists lie, where archives have put others around it; else the same."""
    inner = folder
    while not _lists_in(inner):
        below = folders_in(inner)
        if len(below) != 1 or (inner / below[0]).is_symlink() or pictures_beside(inner):
            return folder
        inner = inner / below[0]
    return inner


def _only_pictures(folder: Path) -> bool:
    """Whether a folder has one folder in it, which has pictures and no folders, as lists have them beside them.

    So has it where that folder again has only one such folder in it.
    """
    below = folders_in(folder)
    if len(below) != 1:
        return False
    inner = folder / below[0]
    return not folders_in(inner) or (not inner.is_symlink() and _only_pictures(inner))
