"""Which pictures there are and what they show: from a JSON or CSV file, or from the names of folders."""

import os
import reprlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks

from .label_numbers import check_label, numbered
from .label_rows import label_rows
from .layouts import refuse_division, unwrapped
from .listing import Leftovers, Place, class_folders_in, pictures_beside, pictures_in, some
from .picture_names import PictureNames
from .pixel_tables import refuse_pixel_table

__all__ = ["Labelled", "check_labels", "labels_from_file", "labels_from_folders"]

_SHOWN = 5

# The names of the files, relative to their folder; their labels, (images,); the names of the classes, if they have any.
Labelled = tuple[list[str], NDArray[np.int64], tuple[str, ...] | None]


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
    folder: str | os.PathLike[str],
    label_path: str | os.PathLike[str],
    recursive: bool = True,
    strict: bool = False,
    within: Path | None = None,
    leftovers: Leftovers | None = None,
    complete: bool = True,
) -> Labelled:
    """Match the pictures of a folder with a file of labels, such as JSON `{"name": label, …}`.

    The order is that of the label file. A name may have a suffix or not, and an accent may be one letter or two. Labels
    are whole numbers, or names of classes, which are then numbered in alphabetical order.

    Shapes:
        out the names of the files, relative to the folder, the labels (images,), and the names of the classes, or None
        where they are numbers.

    Args:
        folder: where the pictures are.
        label_path: the file, see `label_rows.label_rows`.
        recursive: whether it may name pictures in folders below (default True), as `cat/0.png`, or by their name alone
            where there is only one.
        strict: whether pictures in folders below that have no label are an error (default False: a warning).
        within: the folder that symbolic links may not lead out of (default None: `folder`).
        leftovers: where files that aren't used are counted, for somebody else to tell (default None: told here).
        complete: whether it has to have all pictures beside each other (default True); else other files have theirs.

    Raises FileNotFoundError when either is missing; ValueError, naming the file, for broken JSON or CSV, a label
    without picture, a picture without label, a name that stands twice, no labels at all, or a negative label;
    TypeError for a label that is neither a whole number nor a name.

    >>> names, labels, _ = labels_from_file("Generator/Sample_data", "Generator/Labels.json")
    >>> names[:2], labels[:2].tolist()
    (['0.npy', '1.npy'], [0, 1])
    """
    owner, path = f"label file '{label_path}'", _existing_file(Path(label_path))
    left = Leftovers() if leftovers is None else leftovers
    place = Place(_existing_folder(folder), within, recursive)
    pictures = PictureNames(pictures_in(place, "", left, others_count=False), place.folder)
    table: dict[str, int | str] = {}
    # Of names that stand for no picture, only the first ones are kept: a file has any number of them.
    missing: list[str] = []
    count = 0
    kind: type | None = None
    # A column of names in other capitals is one too: of these, the message below tells.
    for name, label in label_rows(path, owner, lambda name: pictures.is_known(name) or pictures.in_other_case(name)):
        kind = kind or type(label)
        if type(label) is not kind:
            raise TypeError(
                f"{owner}: expected either numbers or names of classes, got {reprlib.repr(label)} for '{name[:80]}' "
                f"after the other kind; write all labels alike"
            )
        if isinstance(label, int):
            check_label(name, label, owner)
        found = pictures.find(name)
        if found in table:
            raise ValueError(
                f"{owner}: expected each picture once, got '{name[:80]}' more than once; remove surplus lines"
            )
        if found is not None:
            table[found] = label
            continue
        count += 1
        if count <= _SHOWN:
            missing.append(name)
    if count:
        alike = pictures.in_other_case(missing[0])
        raise ValueError(
            f"{owner}: expected a picture in '{folder}' for each label, found none for {some(missing, count)}; "
            + (f"'{alike[:80]}' is there: mind the capitals" if alike else "add the pictures or remove the labels")
        )
    if not table:
        raise ValueError(f"{owner}: expected at least one label, got none; an empty set has no batches")
    unlabelled = [name for name in pictures.names if name not in table] if complete else []
    beside = [name for name in unlabelled if os.sep not in name]
    if beside:
        raise ValueError(
            f"folder '{folder}': expected a label in '{label_path}' for each picture, found none for "
            f"{some(beside)}; add the labels or move the pictures"
        )
    for name in unlabelled:
        left.add("picture without a label", name)
    if leftovers is None:
        left.tell(f"folder '{folder}'", strict)
    return list(table), *numbered(table, owner)


def labels_from_folders(
    folder: str | os.PathLike[str],
    recursive: bool = True,
    strict: bool = False,
    within: Path | None = None,
    leftovers: Leftovers | None = None,
) -> Labelled:
    """Take the labels from the folders that the pictures lie in, as in `folder/cat/1.png`.

    Classes are numbered in the alphabetical order of their folders, and the order of the images is that of
    the classes, then of the file names. A folder around all of them is looked through.

    Shapes:
        out the names of the files, relative to the folder, the labels (images,), the names of the classes.

    Args:
        folder: one that has one folder for each class in it. Hidden names and what systems leave behind are left out.
        recursive: whether pictures in folders below those of the classes count (default True).
        strict: whether files in the folders of classes that aren't used, because they are no pictures or links that
            lead out, are an error (default False: a warning that counts and names them).
        within: the folder that symbolic links may not lead out of (default None: `folder`).
        leftovers: where files that aren't used are counted, for somebody else to tell (default None: told here).

    Raises FileNotFoundError when the folder is missing; ValueError when it has no folders, when one of them
    has no pictures, when a picture lies beside them and so has no label, or when the folders are those of a set that is
    divided for training and test.

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
    inner = unwrapped(folder)
    left, place = Leftovers() if leftovers is None else leftovers, Place(folder, within, recursive)
    _require_no_pictures_beside(inner)
    before = left.count
    class_names = class_folders_in(inner, place, left)
    if not class_names:
        for path in sorted(inner.glob("*.csv")):
            refuse_pixel_table(path, f"folder '{inner}'")
        raise ValueError(
            f"folder '{inner}': expected one folder for each class in it, found none"
            f"{f' ({left})' if left.count > before else ''}; make them, or pass a label file as label_path"
        )
    refuse_division(inner)
    names: list[str] = []
    counts = []
    for class_name in class_names:
        before = left.count
        pictures = pictures_in(place, os.path.relpath(inner / class_name, folder), left)
        if not pictures:
            raise ValueError(
                f"folder '{inner / class_name}': expected pictures of the class '{class_name}', found none"
                f"{f' ({left})' if left.count > before else ', it is empty'}; put some there, or pass "
                f"another folder, of which the classes are {some(class_names)}"
            )
        names.extend(pictures)
        counts.append(len(pictures))
    if leftovers is None:
        left.tell(f"folder '{folder}'", strict)
    return names, np.repeat(np.arange(len(counts), dtype=np.int64), counts), tuple(class_names)


def _require_no_pictures_beside(folder: Path) -> None:
    stray = pictures_beside(folder)
    if stray:
        raise ValueError(
            f"folder '{folder}': expected every picture inside a folder named after its class, found "
            f"{some(stray)} beside them; move them, or pass a label file as label_path"
        )


def _existing_folder(folder: str | os.PathLike[str]) -> Path:
    if not os.path.isdir(folder):
        found = "a file" if os.path.exists(folder) else "nothing"
        raise FileNotFoundError(
            f"ImageGenerator: expected a folder with pictures at '{folder}', found {found}; is the path "
            f"relative to the folder that the program was started in, '{Path.cwd().name}'?"
        )
    return Path(folder)


def _existing_file(label_path: Path) -> Path:
    if not label_path.is_file():
        raise FileNotFoundError(
            f"ImageGenerator: expected a JSON or CSV file with labels at '{label_path}', found none; is the path "
            f"relative to the folder that the program was started in, '{Path.cwd().name}'?"
        )
    return label_path
