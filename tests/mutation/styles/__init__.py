"""Right solutions in the styles of many students: each folder has the files that are written otherwise there.

`Layers.Conv.style.py` stands for `Layers/Conv.py`: so no file name of the course exists twice.
"""

from pathlib import Path

from tests.mutation.variant import Variant

HERE = Path(__file__).parent

_NAMES = {
    "abstract": "an abstract base class, mixins for what has weights, and layers with several parents",
    "axes": "batch normalization over the axes of images as they are, without vectors",
    "closures": "ReLU with a function made in forward for the way back, left out when it is saved",
    "comprehensions": "patterns as dataclasses, by logical operations of indices and a Kronecker product",
    "dataclasses_and_hints": "a fully connected layer as a dataclass with type hints, by einsum",
    "einsum": "convolution by einsum over a view of all windows",
    "enumerations": "phases as an enumeration behind the property testing_phase",
    "foreign_function": "a fully connected layer whose matrix product is a foreign function, called through ctypes",
    "fourier": "convolution by Fourier transforms",
    "functions": "softmax and its parts as functions that are put together, its backward by Jacobian matrices",
    "helpers": "activations, recurrent layers and softmax by a module of helpers",
    "indices": "a loss by indices, dropout by a random order of thresholds, flatten by ravel",
    "loops": "small layers by plain loops over every number",
    "nested_loss": "every layer can say its regularization loss, and the network asks all of them",
    "own_files": "LeNet and the names of classes from files beside the program",
    "own_matrices": "an RNN whose time steps come from a generator, an LSTM of four matrices, no inner layers",
    "private_names": "a fully connected layer with private names and properties, weights and bias apart",
    "single_precision": "weights that begin in float32, and activations in float32",
    "slots": "optimizers with slots, made one from another, that are called as functions",
    "strides": "pooling by strides, its way back by np.add.at",
    "streams": "an image generator that is a generator inside",
    "zipped": "a network as a dataclass, saved in a compressed file",
}

_TESTS = {
    "comprehensions": ("TestCheckers", "TestCircle", "TestSpectrum"),
    "streams": ("TestGen",),
}


def _added(name: str) -> dict[str, str]:
    files = {}
    for path in sorted((HERE / name).iterdir()):
        stem, ending = path.name.split(".style.")
        files[f"{stem.replace('.', '/')}.{ending}"] = path.read_text(encoding="utf-8")
    return files


STYLES = [Variant(text, added=_added(name), tests=_TESTS.get(name, ())) for name, text in _NAMES.items()]
