"""The network: a chain of layers with a loss, fed by a data layer.

    net = NeuralNetwork(Sgd(0.01), He(), Constant(0.1))
    net.data_layer = data                   # anything whose next() gives (input_tensor, label_tensor)
    net.loss_layer = CrossEntropyLoss()
    net.append_layer(FullyConnected(4, 3))
    net.append_layer(SoftMax())
    net.train(1000)
    probabilities = net.test(images)

`python NeuralNetwork.py --help` tells how to train a model on real data from the command line.
"""

import copy
import math
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from Foundation import Checks, Parallel
from Foundation.Supervision import Supervised
from Foundation.Memory import keep_freed_memory
from Layers.Base import is_testing


class NeuralNetwork:
    """Layers in a row, trained by back-propagation.

    Args:
        optimizer: copied for every trainable layer that is appended. None appends layers that don't learn.
        weights_initializer: draws the weights of every trainable layer that is appended;
            None leaves a layer the values that it was made with.
        bias_initializer: the same for the biases.
        dtype: "float64" (default) or "float32": what appended layers compute in, and what the data is cast to.

    Attributes:
        layers: the layers from input to output; a list that may be changed directly.
        loss: the loss of every training iteration so far, as `forward` returned it.
        data_layer: anything with `next()` that returns `(input_tensor, label_tensor)`.
        loss_layer: `forward(prediction, label)` gives the loss, `backward(label)` the error tensor.
        label_tensor: the labels of the current batch.

    Errors that a layer raises get its place in the network in front: "layer 2 of 5, …".

    >>> from Layers import FullyConnected, SoftMax
    >>> from Layers.Initializers import Constant, He
    >>> from Optimization.Optimizers import Sgd
    >>> net = NeuralNetwork(Sgd(0.1), He(rng=0), Constant(0))
    >>> net.append_layer(FullyConnected.FullyConnected(4, 3))
    >>> net.append_layer(SoftMax.SoftMax())
    >>> net.test([[1, 2, 3, 4]]).shape
    (1, 3)
    """

    def __init__(
        self,
        optimizer: Any = None,
        weights_initializer: Any = None,
        bias_initializer: Any = None,
        dtype: DTypeLike = "float64",
    ) -> None:
        if (weights_initializer is None) != (bias_initializer is None):
            raise ValueError("NeuralNetwork: expected initializers for both weights and bias, or for neither")
        self.optimizer = optimizer
        self.weights_initializer = weights_initializer
        self.bias_initializer = bias_initializer
        self.dtype = _network_dtype(dtype)
        self.loss: list[float] = []
        self.layers: list[Any] = []
        self.data_layer: Any = None
        self.loss_layer: Any = None
        self.label_tensor: Any = None
        self._input_tensor: Any = None
        self._output_shapes: list[tuple[int, ...]] = []

    def append_layer(self, layer: Any) -> None:
        """Add a layer behind the last one.

        A trainable layer gets a copy of the network's optimizer, new parameters from the initializers and
        the network's dtype. Raises TypeError for anything without `forward` and `backward`, ValueError for
        a layer that is in the network already.
        """
        name = getattr(layer, "__name__", type(layer).__name__)
        if isinstance(layer, type):
            raise TypeError(f"append_layer: expected a layer, got the class {name}; write {name}(…)")
        for method in ("forward", "backward"):
            if not callable(getattr(layer, method, None)):
                raise TypeError(f"append_layer: expected a layer with {method}, got {name}, which has none")
        for position, known in enumerate(self.layers, start=1):
            if known is layer:
                raise ValueError(
                    f"append_layer: {layer!r} is layer {position} already; a layer keeps what its last forward "
                    "needs for backward, so that each place takes a layer of its own"
                )
        if getattr(layer, "trainable", False):
            if self.optimizer is not None:
                layer.optimizer = copy.deepcopy(self.optimizer)
            if self.weights_initializer is not None:
                layer.initialize(self.weights_initializer, self.bias_initializer)
            if hasattr(layer, "astype"):
                layer.astype(self.dtype)
        self.layers.append(layer)

    def append_trainable_layer(self, layer: Any) -> None:
        """The name of `append_layer` in older scripts."""
        self.append_layer(layer)

    def forward(self) -> float:
        """Take a batch from the data layer through all layers and return its loss.

        The loss is a sum over the batch, and includes the norms of regularized parameters.
        """
        input_tensor, label_tensor = self._next_batch()
        self._input_tensor, self.label_tensor = input_tensor, label_tensor
        # The input is finite, and the loss tells whether everything between was.
        with Supervised({}):
            prediction = self._predict(input_tensor)
        return float(self.loss_layer.forward(prediction, label_tensor)) + self._regularization_loss()

    def backward(self) -> None:
        """Take the error of the current batch back through all layers, each of which takes its step."""
        self._require_loss_layer()
        with Supervised({}):
            self._propagate_back(self.loss_layer.backward(self.label_tensor))

    def _propagate_back(self, error_tensor: np.ndarray) -> None:
        for position in range(len(self.layers), 0, -1):
            layer = self.layers[position - 1]
            needs_input_error = getattr(layer, "needs_input_error", None)
            try:
                if position == 1 and needs_input_error:
                    layer.needs_input_error = False
                error_tensor = layer.backward(error_tensor)
            except Exception as error:
                self._say_where(error, position)
            finally:
                if position == 1 and needs_input_error:
                    layer.needs_input_error = True

    def train(self, iterations: int) -> None:
        """Train on as many batches as there are iterations, appending each loss to `loss`.

        Raises TypeError or ValueError for a number of iterations that is no whole number of at least 0,
        RuntimeError where the loss is not finite: before the step, with the layer in which it began. A
        gradient that overflows while the loss is finite is noticed by the next loss only.
        """
        iterations = Checks.integer(iterations, "train", "iterations")
        if iterations < 0:
            raise ValueError(f"train: expected iterations of at least 0, got {iterations}")
        self.phase = False
        keep_freed_memory()
        with self._threads():
            self._train(iterations)

    def _train(self, iterations: int) -> None:
        # What overflows is reported below, with more to go by than NumPy's warnings have.
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(iterations):
                try:
                    loss = self.forward()
                except Checks.NonFiniteError:
                    loss = math.nan
                if not math.isfinite(loss):
                    raise self._divergence(f"its loss is not finite; it began in {self._origin()}")
                self.backward()
                self.loss.append(loss)

    def test(self, input_tensor: ArrayLike) -> np.ndarray:
        """The output of the last layer for an input.

        The layers are in the testing phase, which stays on. Nothing is kept for a `backward`: that takes a
        `forward` of its own.
        """
        self.phase = True
        with self._threads():
            return self._predict(self._cast(input_tensor, "test"), keep=False)

    @property
    def phase(self) -> bool:
        """Whether the layers are in the testing phase; setting it sets `testing_phase` of all of them.

        False and "train" mean training, True and "test" testing.
        """
        return bool(self.layers) and all(getattr(layer, "testing_phase", False) for layer in self.layers)

    @phase.setter
    def phase(self, phase: bool | str) -> None:
        testing = is_testing(phase)
        for layer in self.layers:
            layer.testing_phase = testing

    def __str__(self) -> str:
        """A table of the layers: arguments, output shape where one batch has passed, parameters."""
        shapes = [Checks.shape_text(("batch", *shape[1:])) for shape in self._output_shapes]
        shapes += ["?"] * (len(self.layers) - len(shapes))
        counts = [_parameter_count(layer) for layer in self.layers]
        rows = [("", "layer", "output", "parameters")]
        for position, (layer, shape, count) in enumerate(zip(self.layers, shapes, counts, strict=False), start=1):
            rows.append((str(position), repr(layer), shape, f"{count:,}"))
        rows.append(("", f"{self.dtype}", "total", f"{sum(counts):,}"))
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = [
            f"{number:>{widths[0]}}  {layer:<{widths[1]}}  {shape:<{widths[2]}}  {count:>{widths[3]}}"
            for number, layer, shape, count in rows
        ]
        rule = "-" * len(lines[0])
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])

    def __getstate__(self) -> dict[str, Any]:
        """What is copied and pickled: neither the data layer nor the current batch."""
        return {**self.__dict__, "data_layer": None, "label_tensor": None, "_input_tensor": None}

    def _next_batch(self) -> tuple[np.ndarray, Any]:
        self._require_loss_layer()
        fetch = getattr(self.data_layer, "next", None) or getattr(self.data_layer, "forward", None)
        if fetch is None:
            raise RuntimeError(
                "NeuralNetwork: expected a data layer with next(), "
                f"got {self.data_layer!r}; set net.data_layer before training"
            )
        batch = fetch()
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise TypeError(
                f"NeuralNetwork: expected the data layer to return (input_tensor, label_tensor), "
                f"got {type(batch).__name__}"
            )
        return self._cast(batch[0], "the data layer"), batch[1]

    def _cast(self, input_tensor: ArrayLike, source: str) -> np.ndarray:
        """The input in the network's dtype, once it is known to be finite."""
        tensor = Checks.tensor(input_tensor, self, f"the input of {source}", dtype=self.dtype)
        try:
            Checks.require_finite(tensor, self, f"the input of {source}")
        except Checks.NonFiniteError as error:
            raise ValueError(f"{error}; mend the data before the network sees it") from None
        return tensor

    def _predict(self, input_tensor: np.ndarray, keep: bool = True) -> np.ndarray:
        """The output of the last layer; with `keep=False`, layers forget at once what backward would need."""
        shapes, tensor = [], input_tensor
        for position, layer in enumerate(self.layers, start=1):
            try:
                tensor = layer.forward(tensor)
            except Exception as error:
                self._say_where(error, position)
            shapes.append(tensor.shape if isinstance(tensor, np.ndarray) else np.shape(tensor))
            if not keep and hasattr(layer, "forget"):
                layer.forget()
        self._output_shapes = shapes
        return tensor

    def _threads(self) -> AbstractContextManager:
        """Who may start threads: layers that divide the batch among threads of their own, or else the matrix library.

        Both at once would take the processor's cores from each other.
        """
        own = any(getattr(layer, "divides_the_batch", False) for layer in self.layers)
        return Parallel.products_on_the_calling_thread() if own else nullcontext()

    def _regularization_loss(self) -> float:
        loss = 0.0
        for layer in self.layers:
            if hasattr(layer, "calculate_regularization_loss"):
                loss += float(layer.calculate_regularization_loss())
        return loss

    def _require_loss_layer(self) -> None:
        if self.loss_layer is None:
            raise RuntimeError("NeuralNetwork: expected a loss layer; set net.loss_layer = CrossEntropyLoss()")

    def _say_where(self, error: Exception, position: int) -> NoReturn:
        """Raise a layer's error again, with the layer's place in the network."""
        layer = self.layers[position - 1]
        place = f"layer {position} of {len(self.layers)}"
        if type(error) not in (ValueError, TypeError, RuntimeError, Checks.NonFiniteError):
            error.add_note(f"in {place}, {layer!r}")
            raise error
        name = "" if str(error).startswith(repr(layer)) else f"{layer!r}: "
        error.args = (f"{place}, {name}{error}",)
        raise error

    def _divergence(self, what: str) -> RuntimeError:
        return RuntimeError(
            f"iteration {len(self.loss) + 1} was stopped: {what}. What usually helps: a smaller learning rate, "
            "inputs scaled to about 1, He or Xavier initialization"
        )

    def _origin(self) -> str:
        """Where the current batch first meets a number that is not finite."""
        tensor, random_state = self._input_tensor, np.random.get_state()  # noqa: NPY002 - layers draw from it
        try:
            for position, layer in enumerate(self.layers, start=1):
                place = f"layer {position} of {len(self.layers)}, {layer!r}"
                try:
                    copied = copy.deepcopy(layer)  # whose running statistics may change
                except Exception:
                    return f"{place}, or behind it"
                try:
                    tensor = copied.forward(tensor)
                except Checks.NonFiniteError:
                    return place
                if not Checks.is_finite(np.asarray(tensor)):
                    return f"the output of {place}"
            return "the loss"
        finally:
            np.random.set_state(random_state)  # noqa: NPY002

    def __repr__(self) -> str:
        return f"NeuralNetwork({len(self.layers)} layers, {self.dtype})"


def save(filename: str | os.PathLike, net: NeuralNetwork) -> None:
    """Write a network to one file, without its data layer.

    Layers with their parameters and moving averages, optimizers with their state, initializers, the
    history of the loss and the state of every random generator are in it, so that training goes on
    after `load` as if it had never stopped. Folders are made where they are missing. An earlier file
    of that name is replaced at the end, all at once: whatever happens meanwhile, the old file or the
    new one is there.

    Raises TypeError, before anything is written, where a layer or an optimizer isn't derived from this
    library's base classes or holds what can't be saved; OSError where the file can't be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(folder + "/empty", NeuralNetwork(dtype="float32"))
    ...     load(folder + "/empty", None)
    NeuralNetwork(0 layers, float32)
    """
    from Training import checkpoint

    checkpoint.save(filename, net)


def load(filename: str | os.PathLike, data_layer: Any) -> NeuralNetwork:
    """The network that `save` wrote, with `data_layer` as its data layer.

    Nothing in the file is executed: classes are looked up by name among those of this library and
    those that the program has imported, a layer of your own among them. Where a layer draws from
    NumPy's global random state, that state is set to what it was when the network was saved.

    Raises ValueError, naming the file, where it is damaged, no network, of a newer version, or needs a
    class that isn't imported; OSError where it can't be read.
    """
    from Training import checkpoint

    net = NeuralNetwork()
    checkpoint.load(filename, net)
    net.data_layer = data_layer
    return net


def _network_dtype(dtype: DTypeLike) -> str:
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = repr(dtype)
    if name not in ("float32", "float64"):
        raise ValueError(f"NeuralNetwork: expected dtype 'float32' or 'float64', got {name}")
    return name


def _parameter_count(layer: Any) -> int:
    if hasattr(layer, "parameters"):
        return sum(np.size(parameter) for parameter in layer.parameters().values())
    held = (getattr(layer, name, None) for name in ("weights", "bias"))
    return sum(np.size(parameter) for parameter in held if parameter is not None)


if __name__ == "__main__":
    from Training.command_line import main

    sys.exit(main())
