"""The files of a set of pictures: which there are, what they show, and which of them can't be read."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks

from .label_numbers import remark_on_classes
from .labels import Labelled, labels_from_file, labels_from_folders
from .layouts import Part
from .listing import Leftovers, Place, pictures_in, some
from .picture_files import read_picture
from .progress import in_parallel
from .telling import warn

__all__ = ["PictureFiles", "find_files", "labels_of_parts", "require_same_classes", "without_broken"]

Location = str | os.PathLike[str]


@dataclass(frozen=True)
class PictureFiles:
    """The files of a set.

    Args:
        folder: where they are.
        label_path: where their labels are, or None.
        names: of the files, relative to the folder.
        labels: (images,), in the same order.
        class_names: of the folders or in the list, or None where labels are numbers.
        skipped: what is wrong with each file that can't be read and was left out, by its name.

    >>> find_files("Generator/Sample_data", "Generator/Labels.json").names[3]
    '3.npy'
    """

    folder: Location
    label_path: Location | None
    names: list[str]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...] | None
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def remark(self) -> str:
        """What to say of the labels, see `label_numbers.remark_on_classes`.

        >>> find_files("Generator/Sample_data", "Generator/Labels.json").remark
        ''
        """
        owner = f"folder '{self.folder}'" if self.label_path is None else f"label file '{self.label_path}'"
        return remark_on_classes(self.labels, self.class_names, owner)

    def tell_doubts(self) -> None:
        """Warn where there is something to say of the labels: who names the classes doesn't need to be told.

        >>> find_files("Generator/Sample_data", "Generator/Labels.json").tell_doubts()
        """
        if remark := self.remark:
            warn(remark)


def find_files(
    folder: Location,
    label_path: Location | None,
    recursive: bool = True,
    strict: bool = False,
    on_error: str = "raise",
    max_pixels: int | None = None,
) -> PictureFiles:
    """Return the files of a set; see `generator.ImageGenerator` for what is read and what isn't.

    Args:
        folder: where the pictures are.
        label_path: a file with their labels, or None where they lie in folders named after their classes.
        recursive: whether folders below count (default True).
        strict: whether files that aren't used are an error (default False: a warning).
        on_error: "skip" to read each file once, now, and to leave out those that can't be read; their number is printed
            (default "raise": they are an error once they are read).
        max_pixels: see `picture_files.read_picture`, where files are read now.

    Raises what `labels_from_folders` and `labels_from_file` raise, and ValueError where no picture can be read.

    >>> len(find_files("Generator/Sample_data", "Generator/Labels.json").names)
    100
    """
    owner = "ImageGenerator"
    folder = Checks.path(folder, owner, "file_path")
    recursive = Checks.truth(recursive, owner, "recursive")
    strict = Checks.truth(strict, owner, "strict")
    on_error = Checks.one_of(on_error, owner, "on_error", ("raise", "skip"))
    if label_path is None:
        found = labels_from_folders(folder, recursive, strict)
    else:
        found = labels_from_file(folder, Checks.path(label_path, owner, "label_path"), recursive, strict)
    files = PictureFiles(folder, label_path, *found)
    return without_broken(files, max_pixels) if on_error == "skip" else files


def labels_of_parts(
    parts: Mapping[str, Part], recursive: bool, within: Path, leftovers: Leftovers
) -> dict[str, Labelled]:
    """Return what the pictures of each part of a set show.

    Args:
        parts: by what they are for, see `layouts.parts_of`.
        recursive: whether folders below count.
        within: the folder that symbolic links may not lead out of.
        leftovers: where files that aren't used are counted.

    Raises what `labels_from_folders` and `labels_from_file` raise.

    >>> part = Part(Path("Generator/Sample_data"), Path("Generator/Labels.json"))
    >>> labels_of_parts({"whole": part}, True, Path("Generator"), Leftovers())["whole"][0][3]
    '3.npy'
    """
    found: dict[str, Labelled] = {}
    # Where lists divide the pictures of one folder, those in none of them are without a label.
    shared = len({part.folder for part in parts.values()}) < len(parts)
    for role, part in parts.items():
        if part.label_path is None:
            found[role] = labels_from_folders(part.folder, recursive, within=within, leftovers=leftovers)
        else:
            found[role] = labels_from_file(
                part.folder, part.label_path, recursive, within=within, leftovers=leftovers, complete=not shared
            )
    if shared:
        named: dict[str, str] = {}
        for role, (names, _, _) in found.items():
            again = [name for name in names if named.setdefault(name, role) != role]
            if again:
                first, second = parts[named[again[0]]].label_path, parts[role].label_path
                raise ValueError(
                    f"folder '{within}': expected each picture in one list, or one would test with what was learnt, "
                    f"found {some(again)} in '{first}' and '{second}'; remove the lines from one of them"
                )
        for name in pictures_in(Place(part.folder, within, recursive), "", Leftovers(), others_count=False):
            if name not in named:
                leftovers.add("picture without a label", name)
    return found


def require_same_classes(
    parts: Mapping[str, Part],
    shown: Mapping[str, tuple[NDArray[np.int64], Sequence[str] | None]],
    folder: Path,
    number_of_classes: int | None = None,
) -> None:
    """Refuse a divided set whose other parts show other classes than the one for training.

    Args:
        parts: by what they are for, see `layouts.parts_of`.
        shown: the labels of each part, and the names of its classes, or none where labels are numbers.
        folder: of the whole set.
        number_of_classes: in training, where labels are numbers (default None: up to the largest).

    Raises ValueError, naming the two parts and what is in one only.

    >>> part = Part(Path("train"))
    >>> labels = np.array([0, 1])
    >>> require_same_classes({"training": part}, {"training": (labels, ("cat", "dog"))}, Path("pets"))
    """
    if "training" not in parts:
        return
    training_labels, training_names = shown["training"]
    known = number_of_classes or len(training_names or ()) or int(training_labels.max()) + 1
    for role, (labels, names) in shown.items():
        odd = sorted(set(training_names or ()) ^ set(names or ()))
        odd = odd or [str(label) for label in np.unique(labels) if label >= known]
        if odd:
            both = parts["training"], parts[role]
            first, second = (os.fspath(part.label_path or part.folder) for part in both)
            lists = [part.label_path is not None for part in both]
            advice = "correct the lists" if all(lists) else "rename or remove folders"
            if any(lists) and not all(lists):
                advice += ", or correct the list"
            raise ValueError(
                f"folder '{folder}': expected the same classes in '{first}' and '{second}', got {', '.join(odd[:5])} "
                f"in one only; {advice}"
            )


def without_broken(files: PictureFiles, max_pixels: int | None) -> PictureFiles:
    """Return the files of a set that can be read, each of which is read once now; how many can't is printed.

    Args:
        files: of the set.
        max_pixels: see `picture_files.read_picture`.

    Raises ValueError where a class has no picture that can be read.

    >>> len(without_broken(find_files("Generator/Sample_data", "Generator/Labels.json"), None).names)
    100
    """
    limits = {} if max_pixels is None else {"max_pixels": max_pixels}

    def problem(name: str) -> str:
        try:
            read_picture(os.path.join(files.folder, name), **limits)
        except (ValueError, TypeError, OSError) as error:
            return str(error)
        return ""

    problems = in_parallel(problem, files.names, "reading pictures")
    skipped = {name: found for name, found in zip(files.names, problems, strict=True) if found}
    if not skipped:
        return files
    whole = np.array([not found for found in problems])
    lost = sorted(set(files.labels.tolist()) - set(files.labels[whole].tolist()))
    if lost:
        classes = [files.class_names[label] if files.class_names else str(label) for label in lost]
        raise ValueError(
            f"folder '{files.folder}': expected pictures that can be read in each class, found none in "
            f"{some(classes)}, of {len(skipped):,} that can't, such as: {next(iter(skipped.values()))}"
        )
    print(
        f"folder '{files.folder}': skipped {len(skipped):,} of {len(files.names):,} pictures, which cannot be "
        f"read: {some(skipped)}",
        file=sys.stderr,
    )
    names = [name for name, good in zip(files.names, whole.tolist(), strict=True) if good]
    return replace(files, names=names, labels=files.labels[whole], skipped=skipped)
