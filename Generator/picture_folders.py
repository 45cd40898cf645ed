"""Folders of pictures, in any layout that is usual, as generators to train, to validate and to test with."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from Foundation import Checks

from .generator import ImageGenerator
from .layouts import Part, parts_of
from .picture_set_files import find_files

__all__ = ["picture_folder"]


def picture_folder(
    folder: str | os.PathLike[str],
    batch_size: int,
    image_size: Sequence[int],
    test_share: float = 0.2,
    rng: int | np.random.Generator | None = None,
    **options: Any,
) -> tuple[ImageGenerator, ...]:
    """Return generators of pictures in folders named after classes: to train and to test with, and to validate with.

    The folder has one folder for each class, `folder/cat/1.png`, of which a share is kept back for testing: the result
    is (training, test). Or it is divided, and the division is kept: into folders `train`, `test` and `val`, each with
    one folder for each class, or with pictures and a list of labels in it or beside it (see `label_rows.label_rows`),
    or by lists such as `train.csv`. The result then is what there is of (training, validation, test), in this order.
    `training` and `validation` may be written out, with capitals, or with the same word before or behind, as
    `seg_train`; and there may be a folder around it all. Training pictures are shuffled anew for each epoch: class
    after class, as they lie there, they would teach little but the last one.

    Args:
        folder: where the pictures are.
        batch_size: images in a batch.
        image_size: [height, width, channels] in pixels.
        test_share: between 0 and 1, of each class (default 0.2), where the folder isn't divided.
        rng: a seed or generator, for the division and for everything random in training (default None: NumPy's global
            state).
        options: every further keyword of `ImageGenerator`, of which `shuffle` (here True by default) and augmentation
            do not touch the other images.

    Raises FileNotFoundError and ValueError as `ImageGenerator` does, and ValueError when the parts do not show the same
    classes, or when it isn't clear which folders and lists are meant; the message names them.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("cat", "dog"):
    ...         os.mkdir(f"{folder}/{name}")
    ...         for number in range(5):
    ...             np.save(f"{folder}/{name}/{number}.npy", np.zeros((8, 8), dtype=np.uint8))
    ...     training, test = picture_folder(folder, batch_size=4, image_size=[8, 8, 1])
    >>> training, test.number_of_images
    (ImageGenerator(8 images of 2 classes, batch_size=4, image_size=[8, 8, 1]), 2)
    """
    folder, options = Path(Checks.path(folder, "picture_folder", "folder")), {"shuffle": True, **options}
    if not folder.is_dir():
        raise FileNotFoundError(
            f"picture_folder: expected a folder with pictures at '{folder}', found "
            f"{'a file' if folder.exists() else 'nothing'}; is the path relative to the folder that the program was "
            f"started in, '{Path.cwd().name}'?"
        )
    parts, leftovers = parts_of(folder)
    leftovers.tell(f"folder '{folder}'", bool(options.get("strict", False)))
    of_files = {name: options.pop(name) for name in ("recursive", "strict", "on_error") if name in options}

    named: tuple[str, ...] | None = None

    def generator(part: Part, **options: Any) -> ImageGenerator:
        limit = options.get("max_pixels")
        files = find_files(part.folder, part.label_path, **of_files, max_pixels=limit, within=folder)
        if files.class_names is None and options.get("class_names") is None:
            options["class_names"] = named
        return ImageGenerator._of_files(files, batch_size, image_size, **options)

    if "whole" in parts:
        whole = generator(parts["whole"], rng=rng, **options)
        return whole.split(test_share, rng=whole.rng)
    kept = ("class_names", "dtype", "workers", "cache_bytes", "max_pixels")
    of_others = {name: options[name] for name in kept if name in options}
    training = generator(parts["training"], rng=rng, **options)
    named = training.class_names or None
    others = {role: generator(parts[role], **of_others) for role in ("validation", "test") if role in parts}
    for role, other in others.items():
        _require_same_classes(training, other, parts["training"], parts[role])
        # Not counted anew: a part may lack the class with the largest number.
        other.number_of_classes = training.number_of_classes
    return training, *others.values()


def _require_same_classes(training: ImageGenerator, other: ImageGenerator, part: Part, other_part: Part) -> None:
    named, others = set(training.class_names), set(other.class_names)
    known = training.number_of_classes
    if named == others and other.labels.max() < max(known, 1):
        return
    places = [os.fspath(each.label_path or each.folder) for each in (part, other_part)]
    odd = sorted(named ^ others) or [str(label) for label in np.unique(other.labels) if label >= known]
    raise ValueError(
        f"picture_folder: expected the same classes in '{places[0]}' and '{places[1]}', got "
        f"{', '.join(odd[:5])} in one only; rename or remove folders"
    )
