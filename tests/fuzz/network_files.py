"""Networks in files: damaged bytes, damaged archives, and edits of what they say.

A network that loads has to train, to test, to be saved and to be printed. Nothing may go wrong there but what a network
that somebody made of such layers would say of data that doesn't fit it.
"""

import functools
import hashlib
import io
import json
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

import NeuralNetwork as networks
from Foundation.Configurable import Configurable
from Layers.AveragePooling import AveragePooling
from Layers.BatchNormalization import BatchNormalization
from Layers.Bidirectional import Bidirectional
from Layers.Chain import Chain
from Layers.Composite import leaves
from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.ELU import ELU
from Layers.Embedding import Embedding
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.GELU import GELU
from Layers.GlobalAveragePooling import GlobalAveragePooling
from Layers.GRU import GRU
from Layers.Initializers import Constant, He, UniformRandom, Xavier
from Layers.LastStep import LastStep
from Layers.LayerNormalization import LayerNormalization
from Layers.LeakyReLU import LeakyReLU
from Layers.LSTM import LSTM
from Layers.Parallel import Parallel
from Layers.Pooling import Pooling
from Layers.Recurrent import RecurrentLayer
from Layers.ReLU import ReLU
from Layers.Residual import Residual
from Layers.RNN import RNN
from Layers.Sigmoid import Sigmoid
from Layers.SiLU import SiLU
from Layers.SoftMax import SoftMax
from Layers.Softplus import Softplus
from Layers.TanH import TanH
from Layers.TransposedConv import TransposedConv
from Layers.Upsampling import Upsampling
from Optimization.Constraints import L1_Regularizer, L2_Regularizer
from Optimization.Loss import CrossEntropyLoss, MeanSquaredError
from Optimization.Optimizers import Adam, AdamW, RMSprop, SgdWithMomentum
from Optimization.Schedules import ExponentialDecay, LinearDecay, WarmUp
from tests.fuzz import limits, mutators
from tests.fuzz.kinds import Kind

MEMBER = "network.json"


class Fixed:
    """The same batch again and again."""

    def __init__(self, inputs: np.ndarray, labels: np.ndarray) -> None:
        self.batch = inputs, labels

    def next(self):
        return self.batch


def _batch(shape: tuple[int, ...], outputs: int, time: bool = False) -> Fixed:
    rng = np.random.default_rng(0)
    rows = shape[:2] if time else shape[:1]
    return Fixed(rng.random(shape), np.eye(outputs)[rng.integers(0, outputs, rows)])


#: By what the first layer takes: what a network is trained with.
BATCHES = {
    "images": _batch((2, 1, 4, 4), 3),
    "sequences": _batch((2, 3, 2), 3, time=True),
    "words": Fixed(np.array([[1, 2, 3], [4, 0, 0]]), np.eye(3)[[0, 2]]),
    "rows": _batch((4, 3), 3),
}


def _convolutional() -> networks.NeuralNetwork:
    net = networks.NeuralNetwork(
        Adam(0.01, regularizer=L2_Regularizer(0.1)), He(rng=1), Constant(0.1), clip_norm=10.0, accumulate=2
    )
    for layer in (Conv(1, (1, 3, 3), 2), BatchNormalization(2), ReLU(), Pooling(2, 2), Flatten()):
        net.append_layer(layer)
    for layer in (Dropout(0.7, rng=3), FullyConnected(8, 3), SoftMax()):
        net.append_layer(layer)
    net.loss_layer = CrossEntropyLoss(class_weights=[1, 2, 1], label_smoothing=0.1)
    return _trained(net, "images")


def _recurrent() -> networks.NeuralNetwork:
    rate = WarmUp(LinearDecay(0.1, 10), 2)
    momentum = SgdWithMomentum(rate, 0.5, regularizer=L1_Regularizer(0.1, biases=False))
    net = networks.NeuralNetwork(momentum, He(rng=1), Constant(0.1), dtype="float32")
    for layer in (LSTM(2, 3, 2), RNN(2, 3, 3), Sigmoid(), TanH()):
        net.append_layer(layer)
    for layer in net.layers[:2]:
        layer.memorize = True
    net.loss_layer = MeanSquaredError()
    return _trained(net, "sequences")


def _branched() -> networks.NeuralNetwork:
    net = networks.NeuralNetwork(AdamW(0.01), Xavier(rng=1), UniformRandom(rng=2), clip_value=1.0)
    for layer in (
        Conv(1, (1, 3, 3), 4, padding=1, groups=1, bias=False),
        Residual([Conv(1, (4, 3, 3), 4, dilation=2, groups=2), GELU()]),
        Upsampling(2, "bilinear"),
        Parallel([[AveragePooling(2, 2)], [Pooling(2, 3, padding=1), LeakyReLU(0.1)]]),
        TransposedConv(2, (4, 2, 2), 2),
        GlobalAveragePooling(),
        Chain([ELU(), LayerNormalization(2), SiLU()]),
        FullyConnected(2, 3),
        Softplus(),
        SoftMax(),
    ):
        net.append_layer(layer)
    net.loss_layer = CrossEntropyLoss()
    return _trained(net, "images")


def _of_words() -> networks.NeuralNetwork:
    net = networks.NeuralNetwork(RMSprop(ExponentialDecay(0.01, 2)), He(rng=1), Constant(0.1))
    for layer in (Embedding(5, 2), Bidirectional(GRU(2, 3, None)), LastStep(), FullyConnected(6, 3), SoftMax()):
        net.append_layer(layer)
    net.loss_layer = CrossEntropyLoss()
    return _trained(net, "words")


def _trained(net: networks.NeuralNetwork, batch: str) -> networks.NeuralNetwork:
    net.data_layer = BATCHES[batch]
    net.train(3)
    return net


def seeds(folder: Path) -> list[bytes]:
    """Small networks, which have most of the library's classes in them."""
    contents = []
    for number, make in enumerate((_convolutional, _recurrent, _branched, _of_words)):
        networks.save(folder / str(number), make())
        contents.append((folder / str(number)).read_bytes())
    return contents


def use(path: Path) -> None:
    """Load a network, and do with it what one does."""
    net = networks.load(path, None)
    net.data_layer = BATCHES[_taken(net)]
    repr(net), str(net), net._repr_html_(), repr(net.layers), repr(net.optimizer)
    try:
        with np.errstate(all="ignore"):  # numbers may be anything
            _trained_or_with_states_of_zeros(net)
            net.test(net.data_layer.batch[0])
        str(net)
    except MemoryError:
        if _largest_growth(net) < 1000:
            raise
    except (ValueError, RuntimeError) as error:
        if not DATA_DO_NOT_FIT.search(str(error)):
            raise Unusable(f"loads and then: {type(error).__name__}: {error}") from error
    _reset_states(net)  # which a training that leads nowhere has filled with NaN
    with limits.apart():
        networks.save(path.with_name("again"), net)


def _trained_or_with_states_of_zeros(net: networks.NeuralNetwork) -> None:
    """Train; begin with states of zeros where the file has those of another number of sequences."""
    try:
        net.train(1)
    except ValueError as error:
        if "call reset_state() before another size" not in str(error):
            raise
        _reset_states(net)
    net.train(2)


def _reset_states(net: networks.NeuralNetwork) -> None:
    for layer in leaves(net.layers):
        if isinstance(layer, RecurrentLayer):
            layer.reset_state()


class Unusable(Exception):
    """A network that was loaded can't be used."""


#: What a network says of data that aren't for it, and of a training that leads nowhere.
DATA_DO_NOT_FIT = re.compile(
    r"expected (at least one layer|input|images|labels|predictions|\d+ classes|a training batch|a loss layer"
    r"|(branches|layers and shortcut) to give one shape)"
    r"|expected lengths of|its loss is not finite|gradient of \w+ is not finite"
)


def _largest_growth(net: networks.NeuralNetwork) -> int:
    """How many pixels a layer makes of one, at most."""
    growths = [1]
    for layer in leaves(net.layers):
        if isinstance(layer, Upsampling):
            growths.append(math.prod(layer.scale))
        elif isinstance(layer, TransposedConv):
            growths += [math.prod(layer.stride_shape), math.prod(layer.covered)]
        elif hasattr(layer, "pads"):
            growths.append(math.prod(1 + before + after for before, after in layer.pads))
    return max(growths)


def _taken(net: networks.NeuralNetwork) -> str:
    kinds = {"images": Conv | Pooling, "words": Embedding, "sequences": RecurrentLayer}
    known = (kind for layer in leaves(net.layers) for kind, classes in kinds.items() if isinstance(layer, classes))
    return next(known, "rows")


@functools.lru_cache(maxsize=16)
def _members(content: bytes) -> dict[str, bytes]:
    return dict(mutators.members_of(content))


def damaged_archive(contents: Sequence[bytes], rng: Random) -> bytes:
    """A network's file with other members, headers, or arrays, whose checksums are right again."""
    members = dict(_members(rng.choice(contents)))
    match rng.randrange(4):
        case 0:
            return mutators.archive_of(mutators.changed_members(list(members.items()), rng))
        case 1:
            return mutators.changed_headers(mutators.archive_of(list(members.items())), rng)
        case 2:
            members[MEMBER] = mutators.damaged([members[MEMBER]], rng)
            return mutators.archive_of(list(members.items()), rng.choice((0, 0, 0, 8)))
        case _:
            name = rng.choice([name for name in members if name != MEMBER])
            members[name] = mutators.damaged([members[name]], rng)
            return with_checksums(members, json.loads(members[MEMBER]))


def edited(contents: Sequence[bytes], rng: Random) -> bytes:
    """A network's file in which one to three values of its description are others."""
    members = dict(_members(rng.choice(contents)))
    description = json.loads(members[MEMBER])
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        description = mutators.changed_value(description, rng)
    members[MEMBER] = mutators.written(description, rng)
    return mutators.archive_of(list(members.items()))


def with_other_values(contents: Sequence[bytes], rng: Random) -> bytes:
    """A network's file in which one to three of the values that it holds are others, each of a kind that there is."""
    members = dict(_members(rng.choice(contents)))
    description = json.loads(members[MEMBER])
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        described = rng.choice(description["objects"])
        state = described["state"] if "arguments" in described else {}
        match rng.randrange(8):
            case 0 if "arguments" in described:
                state[rng.choice(names_of_attributes())] = _any_value(description, rng)
            case 1:
                name = rng.choice([name for name in members if name != MEMBER])
                members[name] = other_array(members[name], rng)
            case 2:
                network = description["network"]
                network[rng.choice(list(network))] = _any_value(description, rng)
            case 3 if state:
                del state[rng.choice(list(state))]
            case _:
                holder, key = rng.choice(list(places_of_values(description)))
                holder[key] = _any_value(description, rng)
    return with_checksums(members, description)


def places_of_values(description: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Where a value stands: an argument, an attribute, an item of either, a part of the network."""
    holders: list[Any] = [description["network"]]
    for described in description["objects"]:
        holders += [described["arguments"], described["state"]] if "arguments" in described else []
    while holders:
        holder = holders.pop()
        for key, value in holder.items() if isinstance(holder, dict) else enumerate(holder):
            yield holder, key
            if isinstance(value, dict):
                holders += [inside for inside in value.values() if isinstance(inside, dict | list)]


def edge_values(objects: int, arrays: int) -> list[Any]:
    """Encoded values that are read without complaint, wherever they may stand."""
    scalars = [("<f8", float("nan")), ("<f4", 0.5), ("<i8", -1), ("<i8", 3), ("|b1", True), ("<f2", float("inf"))]
    numbers = [number if np.isfinite(number) else {"float": repr(number)} for number in mutators.NUMBERS]
    kinds: list[Any] = [None, True, False, *mutators.INTEGERS, *numbers, *mutators.WORDS, "float32", "train"]
    kinds += [{"scalar": [kind, np.dtype(kind).type(value).tobytes().hex()]} for kind, value in scalars]
    kinds += [{kind: items} for kind in ("list", "tuple", "set") for items in ([], [0], [0, 0], [1, 1], [2, -1], ["a"])]
    kinds += [{"tuple": [2, 2, 2]}, {"tuple": [1, 2, 2, 2]}, {"list": [{"list": [1]}, {"list": [1, 2]}]}, {"dict": {}}]
    kinds += [
        {"dict": {"weights": 1}},
        {"dict": {"weights": {"object": 0}, "bias": {"object": 0}}},
        {"pairs": [[1, 2]]},
    ]
    kinds += [{"object": number} for number in range(objects)] + [{"array": number} for number in range(arrays)]
    return kinds


def _any_value(description: dict[str, Any], rng: Random) -> Any:
    return rng.choice(edge_values(len(description["objects"]), len(description["checksums"])))


@functools.cache
def names_of_attributes() -> list[str]:
    """Every name that a class of the library uses, or that somebody asks an object for."""
    classes: list[type] = [Configurable]
    for cls in classes:
        classes += [derived for derived in cls.__subclasses__() if not derived.__module__.startswith("tests")]
    found = {name for cls in classes for name in dir(cls)}
    found |= {name for layer in (*_convolutional().layers, *_recurrent().layers) for name in vars(layer)}
    found |= {"lengths", "memorize", "optimizer", "regularizer", "number_of_axes", "step", "batch", "y", "x", "classes"}
    return sorted(found | {"mine", "_memory", "gradient_clip", "gradient_weights", "features", "declared"})


def other_array(content: bytes, rng: Random) -> bytes:
    """An array with other numbers, of another type, or in another shape."""
    array = np.load(io.BytesIO(content))
    with np.errstate(all="ignore"):
        match rng.randrange(6):
            case 0:
                array = array.astype(rng.choice(("f2", "f4", "f8", "i8", "u1", "bool", ">f8", "longdouble")))
            case 1:
                array = np.full_like(
                    array, rng.choice((np.nan, np.inf, -np.inf, 0, -1, 1e30, 1e-30)) if array.dtype.kind == "f" else 0
                )
            case 2:
                array = -array if array.dtype.kind in "fi" else array
            case 3:
                array = rng.choice(
                    (array.T, array.ravel(), array[np.newaxis], array[..., np.newaxis], array.ravel()[:0])
                )
            case 4:
                array = np.concatenate([array.ravel(), array.ravel()])
            case _:
                array = array.ravel()[0] if array.size else array
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def with_checksums(members: dict[str, bytes], description: dict[str, Any]) -> bytes:
    """A file with this description, and the checksums of its arrays as they are now."""
    arrays = [name for name in members if name != MEMBER]
    description = dict(description)
    description["names"] = arrays
    description["checksums"] = [hashlib.sha256(members[name]).hexdigest() for name in arrays]
    return mutators.archive_of(
        [*((name, members[name]) for name in arrays), (MEMBER, json.dumps(description).encode())]
    )


KINDS = [
    Kind("network bytes", seeds, use, filename="network", share=12),
    Kind("network archives", seeds, use, damaged_archive, filename="network", share=5),
    Kind("network edits", seeds, use, edited, filename="network", share=5),
    Kind("network values", seeds, use, with_other_values, filename="network", share=6),
]
