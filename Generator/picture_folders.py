"""Folders of pictures, in any layout that is usual, as generators to train, to validate and to test with."""

import inspect
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from Foundation import Checks

from .generator import ImageGenerator
from .layouts import parts_of
from .picture_set_files import PictureFiles, labels_of_parts, require_same_classes, without_broken

__all__ = ["picture_folder"]

# Every keyword of a generator but those that `picture_folder` has itself, or finds out.
_OWN = {"file_path", "label_path", "batch_size", "image_size", "rng"}
_OPTIONS = [name for name in inspect.signature(ImageGenerator).parameters if name not in _OWN]


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

    Raises FileNotFoundError and ValueError as `ImageGenerator` does, TypeError for an option that there isn't, and
    ValueError when the parts do not show the same classes, or when it isn't clear which folders and lists are meant;
    the message names them.

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
    Checks.options(options, "picture_folder", _OPTIONS)
    if not folder.is_dir():
        raise FileNotFoundError(
            f"picture_folder: expected a folder with pictures at '{folder}', found "
            f"{'a file' if folder.exists() else 'nothing'}; is the path relative to the folder that the program was "
            f"started in, '{Path.cwd().name}'?"
        )
    parts, leftovers = parts_of(folder)
    recursive = Checks.truth(options.pop("recursive", True), "picture_folder", "recursive")
    strict = Checks.truth(options.pop("strict", False), "picture_folder", "strict")
    on_error = Checks.one_of(options.pop("on_error", "raise"), "picture_folder", "on_error", ("raise", "skip"))
    found = labels_of_parts(parts, recursive, folder, leftovers)
    leftovers.tell(f"folder '{folder}'", strict)

    def generator(role: str, **options: Any) -> ImageGenerator:
        files = PictureFiles(parts[role].folder, parts[role].label_path, *found[role])
        if on_error == "skip":
            files = without_broken(files, options.get("max_pixels"))
        if role in ("whole", "training") and options.get("class_names") is None:
            files.tell_doubts()
        return ImageGenerator._of_files(files, batch_size, image_size, **options)

    if "whole" in parts:
        whole = generator("whole", rng=rng, **options)
        return whole.split(test_share, rng=whole.rng)
    training = generator("training", rng=rng, **options)
    kept = ("class_names", "dtype", "workers", "cache_bytes", "max_pixels")
    of_others = {name: options[name] for name in kept if name in options}
    if found["training"][2] is None and training.class_names:
        of_others["class_names"] = training.class_names
    others: dict[str, ImageGenerator] = {
        role: generator(role, **of_others) for role in ("validation", "test") if role in parts
    }
    everyone = {"training": training, **others}
    shown = {role: (each.labels, each.class_names) for role, each in everyone.items()}
    require_same_classes(parts, shown, folder, training.number_of_classes)
    for other in others.values():
        # Not counted anew: a part may lack the class with the largest number.
        other.number_of_classes = training.number_of_classes
    return training, *others.values()
