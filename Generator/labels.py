"""Which pictures there are and what they show: from a JSON file, or from the names of folders."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks

from .picture_files import PICTURE_SUFFIXES

__all__ = ["check_labels", "labels_from_file", "labels_from_folders"]

_SHOWN = 5


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
    table = _read_table(Path(label_path))
    files = _pictures_by_stem(_existing_folder(folder))
    missing = [stem for stem in table if stem not in files]
    if missing:
        raise ValueError(
            f"label file '{label_path}': expected a picture in '{folder}' for each label, found none for "
            f"{_some(missing)}; add the pictures or remove the labels"
        )
    unlabelled = [name for stem, name in files.items() if stem not in table]
    if unlabelled:
        raise ValueError(
            f"folder '{folder}': expected a label in '{label_path}' for each picture, found none for "
            f"{_some(unlabelled)}; add the labels or move the pictures"
        )
    try:
        labels = np.array(list(table.values()), dtype=np.int64)
    except OverflowError as error:
        raise ValueError(
            f"label file '{label_path}': expected labels that fit 64 bits, got {max(table.values())}; count "
            f"classes from 0"
        ) from error
    if labels.min() < 0:
        stem, label = next((stem, label) for stem, label in table.items() if label < 0)
        raise ValueError(
            f"label file '{label_path}': expected labels of at least 0, got {label} for '{stem}'; count classes from 0"
        )
    return [files[stem] for stem in table], labels


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


def _read_table(label_path: Path) -> dict[str, int]:
    if not label_path.is_file():
        raise FileNotFoundError(
            f"ImageGenerator: expected a JSON file with labels at '{label_path}', found none; is the path "
            f"relative to the folder that the program was started in, '{Path.cwd().name}'?"
        )
    owner = f"label file '{label_path}'"

    def without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) < len(pairs):
            seen: set[str] = set()
            twice = [key for key, _ in pairs if key in seen or seen.add(key)]  # type: ignore[func-returns-value]
            raise _RepeatedNameError(
                f"{owner}: expected each picture once, got {_some(twice)} more than once; remove the surplus lines"
            )
        return table

    try:
        with open(label_path, encoding="utf-8") as file:
            table = json.load(file, object_pairs_hook=without_repetition)
    except _RepeatedNameError as refusal:
        raise ValueError(str(refusal)) from None
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f'{owner}: expected JSON such as {{"0": 3, "1": 7}}, got other text ({error}); is it complete?'
        ) from error
    if not isinstance(table, dict):
        raise ValueError(
            f'{owner}: expected an object such as {{"0": 3, "1": 7}}, got a {type(table).__name__}; map the '
            f"name of each picture to its label"
        )
    if not table:
        raise ValueError(f"{owner}: expected at least one label, got none; an empty set has no batches")
    # bool is a kind of int to isinstance, but `true` is no label.
    if set(map(type, table.values())) != {int}:
        stem, label = next((stem, label) for stem, label in table.items() if type(label) is not int)
        raise TypeError(
            f"{owner}: expected each label to be a whole number, got {label!r} for '{stem}'; write the "
            f"number of its class"
        )
    return table


class _RepeatedNameError(Exception):
    """Tells a name that stands twice from text that is no JSON at all."""


def _some(names: list[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
