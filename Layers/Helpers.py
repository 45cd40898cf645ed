"""What the course hands its students: gradient checks, small data sets, accuracy.

This file stands alone, so that it can be handed out and another edition of it dropped in its place:
it needs NumPy, and scikit-learn for the data sets, and nothing of the library imports it.
"""

import gzip
import math
import reprlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

_STEP = 1e-5
#: The bytes of MNIST's 60,000 training images.
_LARGEST_SET = 60_000 * 28 * 28


def gradient_check(
    layers: Sequence[Any], input_tensor: np.ndarray, label_tensor: np.ndarray, seed: int | None = None
) -> np.ndarray:
    """Compare the input error of a chain of layers with the numerical derivative.

    The derivative of element x is (L(x + ε) - L(x - ε)) / 2ε with ε = 1e-5; the result is
    |analytical - numerical| / max(|analytical|, |numerical|), in the shape of the input. Good layers
    stay below 1e-4, wrong ones come out near 1.

    Args:
        layers: the layers from input to output, the last one a loss.
        input_tensor: the input at which to check, float64.
        label_tensor: the labels for the loss.
        seed: set in NumPy's global state before every forward pass, for layers that draw random numbers.
    """
    input_tensor = np.array(input_tensor, dtype=float)
    _loss(layers, input_tensor, label_tensor, seed)
    analytical = _backward(layers, label_tensor)

    def loss_at(position: tuple[int, ...], value: float) -> float:
        shifted = input_tensor.copy()
        shifted[position] = value
        return _loss(layers, shifted, label_tensor, seed)

    return _relative_difference(np.asarray(analytical), input_tensor, loss_at)


def gradient_check_weights(
    layers: Sequence[Any], input_tensor: np.ndarray, label_tensor: np.ndarray, bias: bool
) -> np.ndarray:
    """Compare a gradient of the first layer with the numerical derivative, as `gradient_check` does.

    Args:
        layers: the layers from input to output, the last one a loss; no optimizer may be set.
        input_tensor: the input at which to check.
        label_tensor: the labels for the loss.
        bias: whether to check `layers[0].bias` rather than `layers[0].weights`.
    """
    name = "bias" if bias else "weights"
    original = getattr(layers[0], name)
    parameter = np.array(original, dtype=float)
    _loss(layers, input_tensor, label_tensor)
    _backward(layers, label_tensor)
    analytical = np.array(getattr(layers[0], f"gradient_{name}"))

    def loss_at(position: tuple[int, ...], value: float) -> float:
        shifted = parameter.copy()
        shifted[position] = value
        setattr(layers[0], name, shifted)
        return _loss(layers, input_tensor, label_tensor)

    try:
        return _relative_difference(analytical, parameter, loss_at)
    finally:
        setattr(layers[0], name, original)


def compute_bn_gradients(
    error_tensor: np.ndarray,
    input_tensor: np.ndarray,
    weights: np.ndarray,
    mean: np.ndarray,
    var: np.ndarray,
    eps: float = np.finfo(float).eps,
) -> np.ndarray:
    r"""The input error of a batch normalization.

    Mean and variance depend on every sample of the batch, so that the derivative has three terms:

    $$\frac{\partial L}{\partial x} = \frac{1}{B \sqrt{\sigma^2 + \epsilon}}
      \Bigl(B g - \sum_b g - \hat x \sum_b g \hat x\Bigr), \qquad g = \gamma e, \qquad
      \hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}$$

    Args:
        error_tensor: error of the output, `(batch, channels)`.
        input_tensor: the input x, `(batch, channels)`.
        weights: the scale γ, `(channels,)`.
        mean: mean of the batch μ, `(channels,)`.
        var: variance of the batch σ² (not the standard deviation), `(channels,)`.
        eps: the ε of the forward pass, at most 1e-10.

    Raises:
        ArithmeticError: where eps is above 1e-10, which would make the numerical check fail.
    """
    if eps > 1e-10:
        raise ArithmeticError(f"compute_bn_gradients: expected eps of at most 1e-10, got {eps:g}")
    deviation = np.sqrt(var + eps)
    normalized = (input_tensor - mean) / deviation
    scaled = error_tensor * weights
    batch = len(input_tensor)
    through_statistics = scaled.sum(axis=0) + normalized * (scaled * normalized).sum(axis=0)
    return (scaled - through_statistics / batch) / deviation


def calculate_accuracy(results: np.ndarray, labels: np.ndarray) -> float:
    """The share of samples whose largest entry stands where that of the label does.

    A single column is the probability of the one class of two: there, both are compared with 0.5.

    Args:
        results: what the network says, `(batch, classes)`.
        labels: one-hot, of the same shape.

    Raises:
        ValueError: where shapes differ, there is no sample, or an entry is not finite.

    >>> calculate_accuracy(np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([[1, 0], [0, 1]]))
    0.5
    >>> calculate_accuracy(np.array([[0.9], [0.2], [0.7], [0.6]]), np.array([[1], [0], [0], [1]]))
    0.75
    """
    results, labels = np.asarray(results), np.asarray(labels)
    if results.shape != labels.shape or results.ndim < 2 or results.size == 0:
        raise ValueError(
            "calculate_accuracy: expected results (batch, classes) and labels, one-hot, of the same shape, "
            f"got {results.shape} and {labels.shape}"
        )
    if not (np.isfinite(results).all() and np.isfinite(labels).all()):
        raise ValueError("calculate_accuracy: expected finite numbers, got NaN or infinity; has training diverged?")
    if results.shape[1] == 1:
        return float(np.mean((results > 0.5) == (labels > 0.5)))
    return float(np.mean(np.argmax(results, axis=1) == np.argmax(labels, axis=1)))


def shuffle_data(input_tensor: np.ndarray, label_tensor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both arrays in one common random order, drawn from NumPy's global state."""
    order = np.random.permutation(len(input_tensor))
    return np.asarray(input_tensor)[order], np.asarray(label_tensor)[order]


def _whole(owner: str, name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{owner}: expected {name} to be a whole number, got {value!r} of type {type(value).__name__}")
    if value < 1:
        raise ValueError(f"{owner}: expected {name} to be at least 1, got {value}")
    return int(value)


class RandomData:
    """Endless batches of random vectors with random one-hot labels.

    Args:
        input_size: number of features.
        batch_size: number of samples in a batch.
        categories: number of classes.
    """

    def __init__(self, input_size: int, batch_size: int, categories: int) -> None:
        self.input_size = _whole("RandomData", "input_size", input_size)
        self.batch_size = _whole("RandomData", "batch_size", batch_size)
        self.categories = _whole("RandomData", "categories", categories)

    def next(self) -> tuple[np.ndarray, np.ndarray]:
        """A batch `(batch_size, input_size)` and its labels `(batch_size, categories)`."""
        labels = np.eye(self.categories)[np.random.randint(self.categories, size=self.batch_size)]
        return np.random.random((self.batch_size, self.input_size)), labels

    def forward(self) -> tuple[np.ndarray, np.ndarray]:
        """The name of `next` in older scripts."""
        return self.next()


class _Epochs:
    """Batches from a training set, epoch after epoch, beside a test set that stays apart.

    Args:
        training_set: inputs and labels.
        batch_size: number of samples in a batch.
        completed: whether the last batch of an epoch is filled up from its beginning; otherwise it is dropped.
    """

    def __init__(self, training_set: tuple[np.ndarray, np.ndarray], batch_size: int, completed: bool = True) -> None:
        samples = len(training_set[0])
        if _whole(type(self).__name__, "batch_size", batch_size) > samples:
            raise ValueError(f"{type(self).__name__}: expected a batch size from 1 to {samples}, got {batch_size}")
        self.batch_size = batch_size
        self.number_of_samples = samples
        self.number_of_batches = -(-samples // batch_size) if completed else samples // batch_size
        self._delivered = 0
        self._places: Any = None

    def _training_set(self) -> tuple[np.ndarray, np.ndarray]:
        raise NotImplementedError

    def _order(self, samples: int) -> np.ndarray:
        return np.random.permutation(samples)

    def next(self) -> tuple[np.ndarray, np.ndarray]:
        """The next batch of the training set and its labels."""
        place = self._delivered % self.number_of_batches
        if place == 0:
            self._places = self._order(self.number_of_samples)
        batch = self._places[place * self.batch_size : (place + 1) * self.batch_size]
        positions = np.concatenate([batch, self._places[: self.batch_size - len(batch)]])
        self._delivered += 1
        inputs, labels = self._training_set()
        return inputs[positions], labels[positions]

    def forward(self) -> tuple[np.ndarray, np.ndarray]:
        """The name of `next` in older scripts."""
        return self.next()

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The training set once, in the stored order, the last batch short; `next` goes on as before."""
        inputs, labels = self._training_set()
        for start in range(0, self.number_of_samples, self.batch_size):
            batch = slice(start, start + self.batch_size)
            yield inputs[batch].copy(), labels[batch].copy()

    @property
    def epoch(self) -> int:
        """How often the training set has been started over: it rises with the batch that does so."""
        return max(self._delivered - 1, 0) // self.number_of_batches

    @property
    def state(self) -> dict[str, Any]:
        """The place in the epoch, its order, and NumPy's global random state: assign it to go on from there.

        It fits the same data, which another program finds by setting the same seed before. Assigning raises TypeError
        or ValueError, before anything has changed, for what is no such dictionary.
        """
        random = np.random.get_state(legacy=False)
        random["state"] = {name: np.asarray(value).tolist() for name, value in random["state"].items()}
        order = None if self._places is None else self._places.tolist()
        return {"delivered": self._delivered, "order": order, "random": random}

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        name = f"{type(self).__name__}.state: expected"
        if not isinstance(state, dict) or state.keys() != {"delivered", "order", "random"}:
            raise TypeError(f"{name} what was read from state before, got {reprlib.repr(state)}")
        delivered, order, random = state["delivered"], state["order"], state["random"]
        if type(delivered) is not int or delivered < 0 or (order is None) != (delivered == 0):
            raise ValueError(
                f"{name} a number of batches 'delivered', and their 'order', got {reprlib.repr(delivered)}"
            )
        whole = order is None or (isinstance(order, list) and set(map(type, order)) == {int})
        if not whole or (order is not None and sorted(order) != list(range(self.number_of_samples))):
            raise ValueError(f"{name} 'order' to hold each of {self.number_of_samples} places once")
        try:
            _check_random_state(random)
            np.random.RandomState().set_state(random)
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            raise ValueError(
                f"{name} 'random' to be a state of NumPy's global generator, got another ({error})"
            ) from error
        np.random.set_state(random)
        self._delivered, self._places = delivered, None if order is None else np.array(order)


class _Divided(_Epochs):
    """Samples of which the first ones are for training and the others for the test."""

    def __init__(self, inputs: np.ndarray, labels: np.ndarray, training: int, batch_size: int) -> None:
        self._training = inputs[:training], labels[:training]
        self._test_set = inputs[training:], labels[training:]
        super().__init__(self._training, batch_size)

    def _training_set(self) -> tuple[np.ndarray, np.ndarray]:
        return self._training

    def get_test_set(self) -> tuple[np.ndarray, np.ndarray]:
        """The samples that `next` never returns, and their labels."""
        inputs, labels = self._test_set
        return inputs.copy(), labels.copy()


class IrisData(_Divided):
    """Fisher's irises: 4 measurements of 150 flowers of 3 species, 100 for training and 50 for the test.

    Args:
        batch_size: number of flowers in a batch.
        random: whether every epoch has an order of its own (True).

    The measurements are divided by the largest of all; which flowers are held out is drawn from NumPy's
    global state.
    """

    def __init__(self, batch_size: int, random: bool = True) -> None:
        from sklearn.datasets import load_iris

        _whole("IrisData", "batch_size", batch_size)
        if random is not True and random is not False:
            raise TypeError(f"IrisData: expected random to be True or False, got {random!r}")
        self.random = random
        data = load_iris()
        inputs, labels = shuffle_data(data.data / np.abs(data.data).max(), np.eye(3)[data.target])
        super().__init__(inputs, labels, 100, batch_size)

    def _order(self, samples: int) -> np.ndarray:
        return super()._order(samples) if self.random else np.arange(samples)


class DigitData(_Divided):
    """1,797 handwritten digits of 8×8 pixels in [0, 1], `(batch, 1, 8, 8)`: two thirds for training.

    Args:
        batch_size: number of digits in a batch.

    Which digits are held out, and the order of every epoch, is drawn from NumPy's global state.
    """

    def __init__(self, batch_size: int) -> None:
        from sklearn.datasets import load_digits

        _whole("DigitData", "batch_size", batch_size)
        data = load_digits()
        images = data.data.reshape(-1, 1, 8, 8) / data.data.max()
        inputs, labels = shuffle_data(images, np.eye(10)[data.target])
        super().__init__(inputs, labels, len(inputs) * 2 // 3, batch_size)


class MNISTData(_Epochs):
    """The 70,000 handwritten digits of MNIST, 28×28 pixels in [0, 1]: 60,000 to train and 10,000 to test with.

    Args:
        batch_size: number of digits in a batch.

    Attributes:
        train, test: images `(60000, 1, 28, 28)` and `(10000, 1, 28, 28)`.
        labels, testLabels: their one-hot labels `(60000, 10)` and `(10000, 10)`.

    The four files `train-images-idx3-ubyte.gz`, `train-labels-idx1-ubyte.gz`, `t10k-images-idx3-ubyte.gz`
    and `t10k-labels-idx1-ubyte.gz` are expected in the folder `Data`. The order of every epoch is drawn
    from NumPy's global state; what remains of an epoch after its last whole batch is dropped.

    Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits" (1998).
    """

    def __init__(self, batch_size: int) -> None:
        self.train, self.labels = self._read("train")
        self.test, self.testLabels = self._read("t10k")
        super().__init__((self.train, self.labels), batch_size, completed=False)

    def _training_set(self) -> tuple[np.ndarray, np.ndarray]:
        return self.train, self.labels

    def get_test_set(self) -> tuple[np.ndarray, np.ndarray]:
        """The test images and their labels."""
        return self.test.copy(), self.testLabels.copy()

    def show_random_training_image(self) -> None:
        """Draw one of the training images."""
        self.show_image(np.random.randint(len(self.train)), test=False)

    def show_image(self, index: int, test: bool = True) -> None:
        """Draw an image of the test set, or of the training set, with its class."""
        from matplotlib import pyplot

        images, labels = (self.test, self.testLabels) if test else (self.train, self.labels)
        pyplot.imshow(images[index, 0], cmap="gray")
        pyplot.title(f"class {labels[index].argmax()}")
        pyplot.show()

    @staticmethod
    def _read(part: str) -> tuple[np.ndarray, np.ndarray]:
        images = _read_idx(f"Data/{part}-images-idx3-ubyte.gz", axes=3)
        path = f"Data/{part}-labels-idx1-ubyte.gz"
        labels = _read_idx(path, axes=1)
        if len(labels) != len(images) or labels.max() > 9:
            raise ValueError(
                f"MNISTData: {path} has {len(labels)} labels up to {labels.max()} for {len(images)} images"
            )
        return images[:, np.newaxis] / 255, np.eye(10)[labels]


def _check_random_state(state: Any) -> None:
    """Refuse what NumPy doesn't: it reads beyond its numbers, and draws for ever where all of them are 0."""
    key, position = np.asarray(state["state"]["key"]), state["state"]["pos"]
    if key.shape != (624,) or key.dtype.kind not in "iu" or not (key[1:].any() or key[0] >> 31):
        raise ValueError("expected a key of 624 whole numbers that aren't all 0")
    if type(position) is not int or not 0 <= position <= 624 or state["has_gauss"] not in (0, 1):
        raise ValueError("expected a position from 0 to 624, and 'has_gauss' to be 0 or 1")
    if not math.isfinite(state["gauss"]):
        raise ValueError("expected 'gauss' to be finite")


def _read_idx(path: str, axes: int) -> np.ndarray:
    """The bytes of an IDX file: a magic number, one length for each axis, then the values."""
    refusal = ValueError(f"MNISTData: {path} is damaged or none of the four files of MNIST; fetch it again")
    header, content = 4 * (1 + axes), bytearray()
    try:
        with gzip.open(path) as file:
            magic, *shape = np.frombuffer(file.read(header).ljust(header, b"\0"), ">u4").tolist()
            size = math.prod(shape)
            if magic != 0x0800 + axes or not 0 < size <= _LARGEST_SET or shape[1:] not in ([], [28, 28]):
                raise refusal
            # In pieces, and one byte more than there should be: a few kilobytes can unfold to gigabytes.
            while piece := file.read(min(2**18, size + 1 - len(content))):
                content += piece
    except FileNotFoundError:
        raise FileNotFoundError(f"MNISTData: expected the file {path}; put the four files of MNIST there") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise refusal from error
    if len(content) != size:
        raise refusal
    return np.frombuffer(content, np.uint8).reshape(shape)


def _loss(layers: Sequence[Any], tensor: np.ndarray, label_tensor: np.ndarray, seed: int | None = None) -> float:
    if seed is not None:
        np.random.seed(seed)
    for layer in layers[:-1]:
        tensor = layer.forward(tensor)
    return float(layers[-1].forward(tensor, label_tensor))


def _backward(layers: Sequence[Any], label_tensor: np.ndarray) -> np.ndarray:
    error_tensor = layers[-1].backward(label_tensor)
    for layer in reversed(layers[:-1]):
        error_tensor = layer.backward(error_tensor)
    return error_tensor


def _relative_difference(
    analytical: np.ndarray, values: np.ndarray, loss_at: Callable[[tuple[int, ...], float], float]
) -> np.ndarray:
    difference = np.zeros(values.shape)
    for position in np.ndindex(values.shape):
        above = loss_at(position, float(values[position]) + _STEP)
        below = loss_at(position, float(values[position]) - _STEP)
        numerical = (above - below) / (2 * _STEP)
        derivative = float(analytical[position])
        size = max(abs(numerical), abs(derivative))
        # Two derivatives of (almost) nothing agree, whatever their quotient.
        difference[position] = 0 if size < 1e-15 else abs(numerical - derivative) / size
    return difference
