"""Which pictures there are and what they show: from a JSON file, or from the names of folders."""

import json
import os
import re
import reprlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks
from Foundation.Labels import MOST_CLASSES, check_largest

from .picture_files import PICTURE_SUFFIXES

__all__ = ["check_labels", "labels_from_file", "labels_from_folders"]

_SHOWN = 5

# A name, a colon, a whole number, and what goes on or ends; no name of a file is as long as a name here may be.
_NAME = rb'[ \t\n\r]*"((?:[^"\\\0-\x1f]++|\\.){0,4096})"[ \t\n\r]*:[ \t\n\r]*'
_ENTRY = re.compile(_NAME + rb"(-?(?:0|[1-9][0-9]{0,99}))[ \t\n\r]*([,}])")
_BROKEN_ENTRY = re.compile(_NAME)
# As much of a broken file is looked at to say what is wrong with it.
_LOOKED_AT = 2**14


def check_labels(owner: str, labels: Any, count: int) -> NDArray[np.int64]:
    """Return labels as integers, shape (images,), after making sure that they are that.

    Args:
        owner: whose labels these are, for the message.
        labels: a sequence of whole numbers, at least 0.
        count: the number of images that they belong to.

    Raises TypeError for what is not a whole number, ValueError for a wrong number of labels or a negative
    one.

    >>> check_labels("pets", [0, 1, 1], count=3).tolist()
    [0, 1, 1]
    """
    array = Checks.plain_array(labels, owner, "labels")
    if array.ndim == 2 and array.shape[1] > 1:
        raise ValueError(
            f"{owner}: expected one whole number for each image, got labels of shape {array.shape}; if they "
            f"are one-hot, pass labels.argmax(axis=1)"
        )
    if array.ndim != 1 or len(array) != count:
        raise ValueError(
            f"{owner}: expected one label for each of {count} images, shape ({count},), got shape {array.shape}"
        )
    if array.dtype.kind not in "iu":
        raise TypeError(
            f"{owner}: expected labels to be whole numbers, got dtype {array.dtype}; convert them with "
            f".astype(int) if they are"
        )
    if array.min() < 0:
        place = int(array.argmin())
        raise ValueError(
            f"{owner}: expected labels of at least 0, got {array[place]} for image {place}; count classes from 0"
        )
    return array.astype(np.int64)


def labels_from_file(
    folder: str | os.PathLike[str], label_path: str | os.PathLike[str]
) -> tuple[list[str], NDArray[np.int64]]:
    """Match the pictures of a folder with a JSON file of labels, `{"name without suffix": label, …}`.

    The order is that of the label file.

    Shapes:
        out the names of the files, relative to the folder, and the labels (images,).

    Args:
        folder: where the pictures are.
        label_path: the JSON file.

    Raises FileNotFoundError when either is missing; ValueError, naming the file, for broken JSON, a label
    without picture, a picture without label, a name that stands twice, no labels at all, or a negative label;
    TypeError for a label that is no whole number.

    >>> names, labels = labels_from_file("Generator/Sample_data", "Generator/Labels.json")
    >>> names[:2], labels[:2].tolist()
    (['0.npy', '1.npy'], [0, 1])
    """
    owner, content = f"label file '{label_path}'", _content(Path(label_path))
    files = _pictures_by_stem(_existing_folder(folder))
    table: dict[str, int] = {}
    # Of names that stand for no picture, only the first ones are kept: a file has any number of them.
    missing: list[str] = []
    count = 0
    for stem, label in _entries(content, owner):
        if not 0 <= label < MOST_CLASSES:
            _refuse_label(stem, label, owner)
        if stem in table:
            raise ValueError(f"{owner}: expected each picture once, got '{stem}' more than once; remove surplus lines")
        if stem in files:
            table[stem] = label
            continue
        count += 1
        if count <= _SHOWN:
            missing.append(stem)
    if count:
        raise ValueError(
            f"{owner}: expected a picture in '{folder}' for each label, found none for "
            f"{_some(missing, count)}; add the pictures or remove the labels"
        )
    if not table:
        raise ValueError(f"{owner}: expected at least one label, got none; an empty set has no batches")
    unlabelled = [name for stem, name in files.items() if stem not in table]
    if unlabelled:
        raise ValueError(
            f"folder '{folder}': expected a label in '{label_path}' for each picture, found none for "
            f"{_some(unlabelled)}; add the labels or move the pictures"
        )
    return [files[stem] for stem in table], np.array(list(table.values()), dtype=np.int64)


def labels_from_folders(
    folder: str | os.PathLike[str],
) -> tuple[list[str], NDArray[np.int64], tuple[str, ...]]:
    """Take the labels from the folders that the pictures lie in, as in `folder/cat/1.png`.

    Classes are numbered in the alphabetical order of their folders, and the order of the images is that of
    the classes, then of the file names.

    Shapes:
        out the names of the files, relative to the folder, the labels (images,), the names of the classes.

    Args:
        folder: one that has one folder for each class in it. Names that begin with a dot are left out.

    Raises FileNotFoundError when the folder is missing; ValueError when it has no folders, when one of them
    has no pictures, or when a picture lies beside them and so has no label.

    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("dog", "cat"):
    ...         os.mkdir(f"{folder}/{name}")
    ...         np.save(f"{folder}/{name}/first.npy", np.zeros((2, 2)))
    ...     names, labels, class_names = labels_from_folders(folder)
    >>> [name.replace(os.sep, "/") for name in names], labels.tolist(), class_names
    (['cat/first.npy', 'dog/first.npy'], [0, 1], ('cat', 'dog'))
    """
    folder = _existing_folder(folder)
    stray = sorted(_picture_names(folder))
    if stray:
        raise ValueError(
            f"folder '{folder}': expected every picture inside a folder named after its class, found "
            f"{_some(stray)} beside them; move them, or pass a label file as label_path"
        )
    with os.scandir(folder) as entries:
        class_names = sorted(entry.name for entry in entries if entry.is_dir() and entry.name[0] != ".")
    if not class_names:
        raise ValueError(
            f"folder '{folder}': expected one folder for each class in it, found none; make them, or pass a "
            f"label file as label_path"
        )
    names: list[str] = []
    counts = []
    for class_name in class_names:
        pictures = sorted(_picture_names(folder / class_name))
        if not pictures:
            raise ValueError(
                f"folder '{folder / class_name}': expected pictures ({', '.join(sorted(PICTURE_SUFFIXES))}), "
                f"found none; add some or remove the folder"
            )
        names.extend(os.path.join(class_name, name) for name in pictures)
        counts.append(len(pictures))
    return names, np.repeat(np.arange(len(counts), dtype=np.int64), counts), tuple(class_names)


def _existing_folder(folder: str | os.PathLike[str]) -> Path:
    if not os.path.isdir(folder):
        found = "a file" if os.path.exists(folder) else "nothing"
        raise FileNotFoundError(
            f"ImageGenerator: expected a folder with pictures at '{folder}', found {found}; is the path "
            f"relative to the folder that the program was started in, '{Path.cwd().name}'?"
        )
    return Path(folder)


def _picture_names(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return [
            entry.name
            for entry in entries
            # A leading dot marks what some systems leave beside a picture, such as '._cat.png'.
            if os.path.splitext(entry.name)[1].lower() in PICTURE_SUFFIXES
            and entry.name[0] != "."
            and not entry.is_dir()
        ]


def _pictures_by_stem(folder: Path) -> dict[str, str]:
    names = sorted(_picture_names(folder))
    files = {os.path.splitext(name)[0]: name for name in names}
    if len(files) < len(names):
        twice = [name for name in names if files[os.path.splitext(name)[0]] != name]
        raise ValueError(
            f"folder '{folder}': expected names that differ by more than their suffix, found {_some(twice)} "
            f"beside a picture of the same name; rename one of the two"
        )
    return files


def _content(label_path: Path) -> bytes:
    if not label_path.is_file():
        raise FileNotFoundError(
            f"ImageGenerator: expected a JSON file with labels at '{label_path}', found none; is the path "
            f"relative to the folder that the program was started in, '{Path.cwd().name}'?"
        )
    return label_path.read_bytes()


def _refuse_label(stem: str, label: int, owner: str) -> None:
    if label < 0:
        raise ValueError(f"{owner}: expected labels of at least 0, got {label} for '{stem}'; count classes from 0")
    if label >= 2**63:
        raise ValueError(f"{owner}: expected labels that fit 64 bits, got {label}; count classes from 0")
    check_largest(label, owner)


def _entries(content: bytes, owner: str) -> Iterator[tuple[str, int]]:
    """Give names and numbers one by one: nothing else is ever made of the file, however large or nested it is."""
    place = len(content) - len(content.lstrip(b" \t\n\r"))
    if content[place : place + 1] != b"{":
        _refuse_other_json(content, owner)
    if re.compile(rb"\{[ \t\n\r]*\}[ \t\n\r]*").fullmatch(content, place):
        return
    place, end = place + 1, b","
    while end == b",":
        found = _ENTRY.match(content, place)
        if found is None:
            _refuse_entry(content, place, owner)
        written, number, end = found.groups()
        yield _read_name(written, owner), int(number)
        place = found.end()
    if content[place:].strip(b" \t\n\r"):
        _refuse_text("something behind its end", owner)


def _read_name(written: bytes, owner: str) -> str:
    try:
        return json.loads(b'"' + written + b'"') if b"\\" in written else written.decode()
    except ValueError as error:
        _refuse_text(error, owner)


def _refuse_other_json(content: bytes, owner: str) -> NoReturn:
    try:
        found = json.loads(content[:_LOOKED_AT].decode())
    except (ValueError, RecursionError) as error:
        _refuse_text(error, owner)
    raise ValueError(
        f'{owner}: expected an object such as {{"0": 3, "1": 7}}, got a {type(found).__name__}; map the '
        f"name of each picture to its label"
    )


def _refuse_entry(content: bytes, place: int, owner: str) -> NoReturn:
    """Say what is wrong with the entry at a place: its label, or that it is none."""
    name = _BROKEN_ENTRY.match(content, place)
    try:
        start = place if name is None else name.end()
        label, _ = json.JSONDecoder().raw_decode(content[start : start + _LOOKED_AT].decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        _refuse_text(error, owner)
    if name is None or type(label) is int:
        _refuse_text(f"something else at byte {place:,}", owner)
    raise TypeError(
        f"{owner}: expected each label to be a whole number, got {reprlib.repr(label)} for "
        f"{_some([_read_name(name[1], owner)])}; write the number of its class"
    )


def _refuse_text(what: Any, owner: str) -> NoReturn:
    raise ValueError(f'{owner}: expected JSON such as {{"0": 3, "1": 7}}, got other text ({what}); is it complete?')


def _some(names: list[str], count: int = 0) -> str:
    """The first of some names, and how many more there are."""
    shown = ", ".join(f"'{name[:80]}'" for name in names[:_SHOWN])
    more = max(len(names), count) - _SHOWN
    return shown if more <= 0 else f"{shown} and {more} more"
