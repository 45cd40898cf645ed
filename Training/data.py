"""The data that the command line trains on: a training set, a validation set, a test set."""

from pathlib import Path
from typing import Any, NamedTuple

from Generator.data_layer import ImageData
from Generator.datasets import digits, mnist, picture_folder, sample_pictures
from Generator.generator import ImageGenerator

NAMES = ("digits", "sample", "mnist")

#: What may happen to a digit without its becoming another one, and to a photograph, which has an up and a down.
_OF_DIGITS = {"angle": 10, "shift": 0.08, "zoom": 0.1}
_OF_PICTURES = {
    "mirroring": "horizontal",
    "angle": 10,
    "shift": 0.15,
    "zoom": 0.2,
    "brightness": 0.1,
    "contrast": 0.2,
}
_FOLDER_IMAGE_SIZE = (32, 32, 3)
#: Of the training images; enough to see when a network begins to get worse, and few enough to be spared.
_VALIDATION_SHARE = 0.1
#: Among fewer than these, one mistake more or less is chance, and each is needed for training.
_LEAST_VALIDATION = 50


class Sets(NamedTuple):
    """What a network trains on, what tells when to stop, and what nothing is decided by."""

    training: ImageData
    #: None where there would be too few.
    validation: ImageData | None
    test: ImageData


def load(name: str, batch_size: int, seed: int, augmentation: bool = True) -> Sets:
    """The data by name: "digits", "sample", "mnist", or a folder of pictures.

    Digits come from scikit-learn, enlarged to 16×16 pixels, a third of them for the test, the same third
    for every seed. The sample pictures are tested with fresh ones. MNIST is read from `Data/`. A folder
    has one folder for each class, of which a fifth is kept for the test, or is divided already, see `picture_folder`.
    Of what is there to train on, a tenth is kept for the validation, unless that is less than 50 pictures or the folder
    has a part of its own for it.

    Args:
        name: one of `NAMES`, or a path.
        batch_size: number of images in a batch.
        seed: of the order of the images, of their augmentation, and of what is kept for the validation.
        augmentation: whether training images are turned, shifted and so on, a little and at random.

    Raises:
        ValueError, OSError: where the data is missing or doesn't fit; the message says what to do.
    """
    options: dict[str, Any] = {"shuffle": True, "rng": seed, "dtype": "float32"}
    changes = _OF_DIGITS if name in ("digits", "mnist") else _OF_PICTURES
    whole, *own, test = _generators(name, batch_size, options | (changes if augmentation else {}))
    part, validation = whole, own[0] if own else None
    if not own and whole.number_of_images * _VALIDATION_SHARE >= _LEAST_VALIDATION:
        part, validation = whole.split(_VALIDATION_SHARE, rng=seed)
    training = ImageData(part, test)
    kept_back = None if validation is None else ImageData(validation, preparation=training.preparation)
    return Sets(training, kept_back, ImageData(test, preparation=training.preparation))


def _generators(name: str, batch_size: int, options: dict[str, Any]) -> tuple[ImageGenerator, ...]:
    if name == "digits":
        return digits().generators(batch_size, (16, 16, 1), **options)
    if name == "mnist":
        return mnist("Data").generators(batch_size, **options)
    if name == "sample":
        return sample_pictures().generators(batch_size, **options)
    if not Path(name).is_dir():
        raise FileNotFoundError(f"expected --data to be {', '.join(NAMES)} or a folder of pictures, got {name!r}")
    return picture_folder(name, batch_size, _FOLDER_IMAGE_SIZE, **options)
