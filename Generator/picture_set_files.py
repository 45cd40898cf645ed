"""The files of a set of pictures: which there are, what they show, and which of them can't be read."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks

from .labels import labels_from_file, labels_from_folders
from .listing import some
from .picture_files import read_picture
from .progress import in_parallel

__all__ = ["PictureFiles", "find_files"]

Location = str | os.PathLike[str]


@dataclass
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


def find_files(
    folder: Location,
    label_path: Location | None,
    recursive: bool = True,
    strict: bool = False,
    on_error: str = "raise",
    max_pixels: int | None = None,
    within: Path | None = None,
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
        within: the folder that symbolic links may not lead out of (default None: `folder`).

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
        found = labels_from_folders(folder, recursive, strict, within)
    else:
        found = labels_from_file(folder, Checks.path(label_path, owner, "label_path"), recursive, strict, within)
    files = PictureFiles(folder, label_path, *found)
    if on_error == "skip":
        _leave_out_broken(files, max_pixels)
    return files


def _leave_out_broken(files: PictureFiles, max_pixels: int | None) -> None:
    limits = {} if max_pixels is None else {"max_pixels": max_pixels}

    def problem(name: str) -> str:
        try:
            read_picture(os.path.join(files.folder, name), **limits)
        except (ValueError, TypeError, OSError) as error:
            return str(error)
        return ""

    problems = in_parallel(problem, files.names, "reading pictures")
    files.skipped = {name: found for name, found in zip(files.names, problems, strict=True) if found}
    if not files.skipped:
        return
    whole = np.array([not found for found in problems])
    lost = sorted(set(files.labels.tolist()) - set(files.labels[whole].tolist()))
    if lost:
        names = [files.class_names[label] if files.class_names else str(label) for label in lost]
        raise ValueError(
            f"folder '{files.folder}': expected pictures that can be read in each class, found none in {some(names)}, "
            f"of {len(files.skipped):,} that can't, such as: {next(iter(files.skipped.values()))}"
        )
    print(
        f"folder '{files.folder}': skipped {len(files.skipped):,} of {len(files.names):,} pictures, which cannot be "
        f"read: {some(files.skipped)}",
        file=sys.stderr,
    )
    files.names = [name for name, good in zip(files.names, whole.tolist(), strict=True) if good]
    files.labels = files.labels[whole]
