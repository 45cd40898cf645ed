"""The ten things that CIFAR-10 shows, by which the course names its classes 0 to 9."""

__all__ = ["CIFAR_CLASSES"]

CIFAR_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
