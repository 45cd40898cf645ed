"""A look at every picture of a folder before training: what there is, what is broken, what stands there twice."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from Foundation import Checks

from .check_table import table_of
from .decoding import open_picture
from .layouts import Part, parts_of
from .listing import Leftovers
from .picture_files import MAX_PIXELS, read_picture
from .picture_formats import HEAD_BYTES, described, format_of
from .picture_set_files import PictureFiles, labels_of_parts, require_same_classes
from .progress import in_parallel

__all__ = ["CheckedPicture", "FolderReport", "check_folder"]

_CHANNELS = {1: "grey", 2: "grey with opacity", 3: "colour", 4: "colour with opacity"}


@dataclass(frozen=True)
class CheckedPicture:
    """What is known of a file after it was read.

    Args:
        name: relative to the folder.
        part: `"training"`, `"validation"`, `"test"`, or `"whole"` where the folder isn't divided.
        label: the name of its class, or its number.
        problem: why it can't be read; empty where it can.
        remark: what else is worth knowing, such as a suffix of another format.
        size: (height, width) in pixels, after turning; (0, 0) where it can't be read.
        kind: what its pixels are, such as `"colour, uint8"`.
        format: the name of its format.
        bytes_digest: the same for files with the same bytes.
        pixels_digest: the same for pictures with the same pixels.

    >>> CheckedPicture("cat/0.png", "whole", "cat").problem
    ''
    """

    name: str
    part: str
    label: str
    problem: str = ""
    remark: str = ""
    size: tuple[int, int] = (0, 0)
    kind: str = ""
    format: str = ""
    bytes_digest: bytes = b""
    pixels_digest: bytes = b""


@dataclass
class FolderReport:
    """What a look at a folder has found; as text, a table of it all.

    Args:
        folder: that was looked at.
        pictures: one for each file.
        leftovers: files that aren't used.
        layout_problem: why the folder is no set at all; empty where it is one.
        class_problem: which classes are in one part only, of training and another one; empty where all have the same.
        class_remark: that labels are counted from 1, or all pictures of one class; empty where they aren't.

    >>> report = FolderReport("pets", [CheckedPicture("cat/0.png", "whole", "cat")])
    >>> report.is_clean, report.classes
    (True, {'cat': {'whole': 1}})
    """

    folder: str
    pictures: Sequence[CheckedPicture] = ()
    leftovers: Leftovers = field(default_factory=Leftovers)
    layout_problem: str = ""
    class_problem: str = ""
    class_remark: str = ""

    @property
    def broken(self) -> list[CheckedPicture]:
        """The files that can't be read.

        >>> FolderReport("pets").broken
        []
        """
        return [picture for picture in self.pictures if picture.problem]

    @property
    def classes(self) -> dict[str, dict[str, int]]:
        """How many pictures that can be read each class has in each part.

        >>> FolderReport("pets").classes
        {}
        """
        found: dict[str, dict[str, int]] = {}
        for picture in self.pictures:
            of_class = found.setdefault(picture.label, {})
            of_class[picture.part] = of_class.get(picture.part, 0) + (not picture.problem)
        return found

    @property
    def twice(self) -> list[list[CheckedPicture]]:
        """Pictures with the same pixels, in groups; files with the same bytes are among them.

        >>> FolderReport("pets").twice
        []
        """
        groups: dict[bytes, list[CheckedPicture]] = {}
        for picture in self.pictures:
            if picture.pixels_digest:
                groups.setdefault(picture.pixels_digest, []).append(picture)
        return [group for group in groups.values() if len(group) > 1]

    @property
    def leaks(self) -> list[list[CheckedPicture]]:
        """Groups of the same picture that stand in several parts: the test would be of what was learnt by heart.

        >>> FolderReport("pets").leaks
        []
        """
        return [group for group in self.twice if len({picture.part for picture in group}) > 1]

    @property
    def contradictions(self) -> list[list[CheckedPicture]]:
        """Groups of the same picture that stand in several classes.

        >>> FolderReport("pets").contradictions
        []
        """
        return [group for group in self.twice if len({picture.label for picture in group}) > 1]

    @property
    def is_clean(self) -> bool:
        """Whether nothing has to be mended before training.

        >>> FolderReport("pets", layout_problem="nothing in it").is_clean
        False
        """
        return not (self.layout_problem or self.class_problem or self.broken or self.leaks or self.contradictions)

    @property
    def balance(self) -> float:
        """How many times as many pictures the largest class has as the smallest, of those to train with.

        >>> FolderReport("pets").balance
        1.0
        """
        counts = [of_class.get("whole", of_class.get("training", 0)) for of_class in self.classes.values()]
        return max(counts) / max(min(counts), 1) if counts else 1.0

    def __str__(self) -> str:
        return table_of(self)


def check_folder(
    folder: str | os.PathLike[str],
    label_path: str | os.PathLike[str] | None = None,
    recursive: bool = True,
    max_pixels: int = MAX_PIXELS,
) -> FolderReport:
    """Read every picture of a folder, in any layout that `datasets.picture_folder` takes, and report what is there.

    All cores read; where it takes longer and a terminal is there, a bar shows how far it is. What is broken ends up in
    the report, and is no error.

    Args:
        folder: where the pictures are.
        label_path: a list of their labels (default None: it is found, or the names of folders are the labels).
        recursive: whether pictures in folders below those of the classes count (default True).
        max_pixels: the largest height times width that is accepted (default 64 million).

    Raises FileNotFoundError where there is no such folder.

    >>> report = check_folder("Generator/Sample_data", "Generator/Labels.json")
    >>> report.is_clean, report.classes["3"], report.pictures[0].kind
    (True, {'whole': 10}, 'colour, uint8')
    """
    folder = Path(Checks.path(folder, "check_folder", "folder"))
    recursive = Checks.truth(recursive, "check_folder", "recursive")
    max_pixels = Checks.positive_integer(max_pixels, "check_folder", "max_pixels")
    if not folder.is_dir():
        raise FileNotFoundError(f"check_folder: expected a folder with pictures at '{folder}', found none")
    report = FolderReport(os.fspath(folder))
    try:
        if label_path is None:
            parts, report.leftovers = parts_of(folder)
        else:
            parts = {"whole": Part(folder, Path(Checks.path(label_path, "check_folder", "label_path")))}
        found = labels_of_parts(parts, recursive, folder, report.leftovers)
    except (ValueError, TypeError, FileNotFoundError) as problem:
        report.layout_problem = str(problem)
        return report
    try:
        require_same_classes(parts, {role: (labels, names) for role, (_, labels, names) in found.items()}, folder)
    except ValueError as problem:
        report.class_problem = str(problem)
    for role in {"whole", "training"} & found.keys():
        report.class_remark = PictureFiles(parts[role].folder, parts[role].label_path, *found[role]).remark
    waiting = [
        (parts[role].folder / name, role, class_names[label] if class_names else str(label))
        for role, (names, labels, class_names) in found.items()
        for name, label in zip(names, labels.tolist(), strict=True)
    ]

    def look(item: tuple[Path, str, str]) -> CheckedPicture:
        path, part, label = item
        return _checked(path, os.path.relpath(path, folder), part, label, max_pixels)

    report.pictures = in_parallel(look, waiting, "reading pictures")
    return report


def _checked(path: Path, name: str, part: str, label: str, max_pixels: int) -> CheckedPicture:
    try:
        content = path.read_bytes()
        pixels = read_picture(path, max_pixels=max_pixels)
        remarks = _remarks(content, path, max_pixels)
    except (ValueError, TypeError, OSError) as problem:
        return CheckedPicture(name, part, label, problem=str(problem).removeprefix(f"picture '{path}': "))
    kind = format_of(content[:HEAD_BYTES], path.suffix)
    shape = f"{pixels.shape} {pixels.dtype}".encode()
    return CheckedPicture(
        name,
        part,
        label,
        remark="; ".join(remarks),
        size=(pixels.shape[0], pixels.shape[1]),
        kind=f"{_CHANNELS.get(pixels.shape[2], f'{pixels.shape[2]} channels')}, {pixels.dtype}",
        format=kind.name if kind else "",
        bytes_digest=hashlib.blake2b(content, digest_size=16).digest(),
        pixels_digest=hashlib.blake2b(np.ascontiguousarray(pixels).data, digest_size=16, salt=_salt(shape)).digest(),
    )


def _salt(shape: bytes) -> bytes:
    return hashlib.blake2b(shape, digest_size=16).digest()


def _remarks(content: bytes, path: Path, max_pixels: int) -> Iterable[str]:
    """What is worth knowing of a picture that can be read."""
    kind = format_of(content[:HEAD_BYTES], path.suffix)
    if kind is None or (path.suffix.lower() not in kind.suffixes and path.suffix):
        yield f"{described(content[:HEAD_BYTES])} named {path.suffix}"
    if kind is None or kind.decoder is None:
        return
    with open_picture(os.fspath(path), content, kind, max_pixels) as picture:
        profile = picture.info.get("icc_profile") or b""
        if profile and not any(name in profile for name in (b"sRGB", "sRGB".encode("utf-16-be"))):
            yield "a colour profile other than sRGB, which isn't applied"
        if getattr(picture, "is_animated", False):
            yield "several pictures in one file, of which the first is read"
