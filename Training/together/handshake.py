"""What has to be the same in all processes before the first step, as checksums."""

import hashlib
import platform
import sys
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

from Layers.Base import BaseLayer
from Layers.Composite import leaves
from Training.together.exchange import Exchange

_LIBRARY = Path(__file__).resolve().parents[2]
_ROOMS = ("Foundation", "Generator", "Layers", "Models", "Network", "Optimization", "Training")
#: What a layer remembers of the rows that came last, which are other ones in each process.
_OF_ROWS = {"input_shape"}
#: What decides, beside images, labels and seeds, what a batch of a generator or data set holds.
_OF_BATCHES = ("batch_size", "shuffle", "last_batch", "augmentation", "image_size", "dtype")
_ADVICE = {
    "versions": "install the same ones everywhere",
    "code": "have the same files everywhere",
    "network": "have the same layers, loss, optimizer and preparation of the data everywhere, and give initializers "
    "and layers a seed, rng=0, or call numpy.random.seed(0) first",
    "data": "let all read the same files",
    "seeds": "give the data and the layers a seed, rng=0, or call numpy.random.seed(0) first",
    "settings": "give the trainer, and the training data (augmentation, shuffle), the same everywhere",
}


def compare(exchange: Exchange, trainer: Any) -> None:
    """Raise RuntimeError, in all processes, where one differs from the first."""
    found = exchange.objects(checksums(trainer))
    for rank, theirs in enumerate(found):
        different = [name for name in _ADVICE if theirs[name] != found[0][name]]
        if different:
            versions = f" ({theirs['versions']}, not {found[0]['versions']})" * ("versions" in different)
            raise RuntimeError(
                f"process {rank + 1} of {exchange.size} (rank {rank}) has other {', '.join(different)} than the first"
                f"{versions}; {'; '.join(_ADVICE[name] for name in different)}"
            )


def checksums(trainer: Any) -> dict[str, str]:
    """What is compared, by name."""
    net, data = trainer.net, trainer.training
    state = {name: value for name, value in net.__getstate__().items() if name not in ("loss", "progress")}
    settings = [trainer.epoch, trainer.batch, trainer.batches, *map(_described, trainer.callbacks)]
    return {
        "versions": ", ".join((f"Python {platform.python_version()}", f"NumPy {np.__version__}", *_of_mpi())),
        "code": _checksum([path.read_bytes() for path in _files()]),
        "network": _checksum(state),
        "data": _checksum([_of_data(data), _of_data(trainer.validation)]),
        "seeds": _checksum([getattr(data, "state", None), _global_state(net)]),
        "settings": _checksum([settings, _of_batches(data)]),
    }


def _of_mpi() -> list[str]:
    return [f"mpi4py {sys.modules['mpi4py'].__version__}"] if "mpi4py" in sys.modules else []


def _of_data(data: Any) -> Any:
    return data.checksum() if hasattr(data, "checksum") else type(data).__name__


def _of_batches(data: Any) -> list[Any]:
    generator = getattr(data, "generator", data)
    return [getattr(generator, name, None) for name in _OF_BATCHES]


def _global_state(net: Any) -> Any:
    """That of NumPy's global random numbers, where a layer draws from them."""
    drawing = any(vars(layer).get("rng", layer) is None for layer in leaves(net.layers))
    return np.random.get_state(legacy=False) if drawing else None  # noqa: NPY002


def _described(callback: Any) -> list[Any]:
    settings = () if callback.only_first else callback.configuration().values()
    return [type(callback).__qualname__, *(value for value in settings if isinstance(value, str | int | float))]


def _files() -> list[Path]:
    """Those of this library that a training is made of, and the program's own."""
    found = [_LIBRARY / "NeuralNetwork.py", *(path for room in _ROOMS for path in (_LIBRARY / room).rglob("*.py"))]
    main = vars(sys.modules["__main__"]).get("__file__")
    return [path for path in [*sorted(found), *([Path(main)] if main else [])] if path.is_file()]


def _checksum(value: Any) -> str:
    """A checksum of numbers, texts, arrays, collections and objects that are made of these."""
    found = hashlib.blake2b(digest_size=16)
    known: dict[int, int] = {}
    alive: list[Any] = []  # so that no other object gets the number of one that is known

    def add(value: Any) -> None:
        if isinstance(value, np.ndarray) and value.dtype != object:
            found.update(f"{value.shape}{value.dtype.str}".encode())
            found.update(np.ascontiguousarray(value).data)
        elif isinstance(value, bytes):
            found.update(b"%d:" % len(value) + value)
        elif value is None or isinstance(value, str | bool | int | float | complex | np.generic | np.dtype | type):
            found.update(f"{type(value).__name__}={value!r};".encode())
        elif id(value) in known:
            found.update(b"again %d;" % known[id(value)])
        else:
            known[id(value)] = len(known)
            alive.append(value)
            found.update(f"{type(value).__qualname__}(".encode())
            for part in _parts(value):
                add(part)
            found.update(b")")

    add(value)
    return found.hexdigest()


def _parts(value: Any) -> list[Any]:
    if isinstance(value, BaseLayer):
        passing = _OF_ROWS | set(getattr(value, "state_names", ()))
        return [part for name, part in value.__getstate__().items() if name not in passing]
    if hasattr(value, "items"):
        return [part for item in value.items() for part in item]
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if isinstance(value, np.random.Generator):
        return [value.bit_generator.state]
    if isinstance(value, FunctionType):
        return [value.__qualname__, value.__code__.co_code]
    state = value.__getstate__() if hasattr(value, "__getstate__") else None
    if isinstance(state, tuple):  # of a class with slots
        return [part for part in state if part is not None]
    return [] if state is None or state is value else [state]
