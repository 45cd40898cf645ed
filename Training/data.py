"""The data that the command line trains on, each as a data layer with a test set."""

from pathlib import Path
from typing import Any

from Generator.data_layer import ImageData
from Generator.datasets import digits, mnist, picture_folder, sample_pictures

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


def load(name: str, batch_size: int, seed: int, augmentation: bool = True) -> ImageData:
    """A data layer by name: "digits", "sample", "mnist", or a folder of pictures.

    Digits come from scikit-learn, enlarged to 16×16 pixels, a third of them for the test, the same third
    for every seed. The sample pictures are tested with fresh ones. MNIST is read from `Data/`. A folder
    has one folder for each class, of which a fifth is kept for the test.

    Args:
        name: one of `NAMES`, or a path.
        batch_size: number of images in a batch.
        seed: of the order of the images and of their augmentation.
        augmentation: whether training images are turned, shifted and so on, a little and at random.

    Raises:
        ValueError, OSError: where the data is missing or doesn't fit; the message says what to do.
    """
    options: dict[str, Any] = {"shuffle": True, "rng": seed, "dtype": "float32"}
    changes = _OF_DIGITS if name in ("digits", "mnist") else _OF_PICTURES
    options |= changes if augmentation else {}
    if name == "digits":
        return digits().data_layer(batch_size, (16, 16, 1), **options)
    if name == "mnist":
        return mnist("Data").data_layer(batch_size, **options)
    if name == "sample":
        return sample_pictures().data_layer(batch_size, **options)
    if not Path(name).is_dir():
        raise FileNotFoundError(f"expected --data to be {', '.join(NAMES)} or a folder of pictures, got {name!r}")
    return ImageData(*picture_folder(name, batch_size, _FOLDER_IMAGE_SIZE, **options))
