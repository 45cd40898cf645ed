"""`python NeuralNetwork.py`: train a model on real data, report how good it is, and draw pictures of it."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from Foundation.CommandLine import INTERRUPTED, Parser
from Generator.data_layer import ImageData
from Models import LeNet, MultilayerPerceptron
from NeuralNetwork import NeuralNetwork
from Optimization.Schedules import LinearDecay
from Training import data

_MODELS: dict[str, Callable[..., NeuralNetwork]] = {"lenet": LeNet.build, "mlp": MultilayerPerceptron.build}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = _argument_parser()
    options = parser.parse_args(arguments)
    try:
        options.output.mkdir(parents=True, exist_ok=True)
        layer = data.load(options.data, options.batch_size, options.seed, options.augmentation)
        net = _network(options, layer)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    status = 0
    try:
        if train(net, options.iterations):
            status = INTERRUPTED
    except RuntimeError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        # A picture that cannot be read: what has been learnt from the others is still worth a report.
        print(f"{parser.prog}: stopped after {len(net.loss)} iterations: {error}", file=sys.stderr)
        status = 1
    try:
        _report(net, layer, options.output)
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        status = 1
    return status


def train(net: NeuralNetwork, iterations: int) -> bool:
    """Train with a progress bar, where there is a terminal to show it; returns whether Ctrl-C ended it early.

    The learning rate falls evenly to zero, so that the last steps settle instead of jumping about.
    """
    from tqdm import tqdm

    rate, start, interrupted = net.learning_rate, time.perf_counter(), False
    net.learning_rate = LinearDecay(rate, max(1, iterations))
    with tqdm(total=iterations, unit="batch", disable=not sys.stderr.isatty()) as bar:

        def show() -> None:
            bar.update()
            bar.set_postfix(loss=f"{net.loss[-1]:.3g}", refresh=False)

        try:
            net.train(iterations, after_each=show)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            net.learning_rate = rate
    how = "interrupted after" if interrupted else "trained"
    last = f", last loss {net.loss[-1]:.3g}" if net.loss else ""
    print(f"{how} {len(net.loss)} iterations in {time.perf_counter() - start:.1f} s{last}")
    return interrupted


def _network(options: argparse.Namespace, layer: ImageData) -> NeuralNetwork:
    """The model that was asked for, in the size of the images, ready to train on them."""
    net = _MODELS[options.model](
        image_shape=layer.next()[0].shape[1:],
        classes=layer.generator.number_of_classes,
        learning_rate=options.learning_rate,
        dtype="float32",
        rng=options.seed,
    )
    net.data_layer = layer
    return net


def _report(net: NeuralNetwork, layer: ImageData, output: Path) -> None:
    from Training import pictures

    training_images, training_labels = layer.generator.read(np.arange(min(2000, layer.generator.number_of_images)))
    training = net.predict(layer.prepare(training_images)).argmax(axis=1), training_labels
    test_images, test_labels = layer.get_test_set()
    test = net.predict(test_images).argmax(axis=1), test_labels.argmax(axis=1)
    print(f"\n{net}\n")
    for part, (predicted, true) in {"training": training, "test": test}.items():
        hits = np.count_nonzero(predicted == true)
        print(f"{part} accuracy: {hits / len(true):.2%} ({hits} of {len(true)})")
    if net.loss:
        pictures.batch_losses(net.loss, filename=output / "loss.png")
    names = layer.generator.class_names
    pictures.confusion_matrix(*test, names, filename=output / "confusion_matrix.png")
    images = test_images * layer.deviation[:, np.newaxis, np.newaxis] + layer.mean[:, np.newaxis, np.newaxis]
    pictures.predictions(images.clip(0, 1), *test, names, filename=output / "predictions.png")
    print(f"pictures: {output}/loss.png, confusion_matrix.png, predictions.png")


def _argument_parser() -> Parser:
    parser = Parser(
        prog="python NeuralNetwork.py",
        description="Train a classifier of images, report how good it is on unseen ones, and draw pictures.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--data",
        default="digits",
        metavar="DATA",
        help="digits (1,797 handwritten ones), sample (100 pictures of ten things), mnist (read from Data/), "
        "or a folder with a folder of pictures for each class",
    )
    parser.add_argument("--model", choices=_MODELS, default="lenet", help="LeNet or a multilayer perceptron")
    parser.add_argument("--iterations", type=_whole_number(0), default=1500, metavar="N", help="batches to train on")
    parser.add_argument("--batch-size", type=_whole_number(1), default=50, metavar="N", help="images in a batch")
    parser.add_argument(
        "--learning-rate", type=_positive_number, default=1e-3, metavar="X", help="step width at first; falls to zero"
    )
    parser.add_argument(
        "--augmentation",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="turn, shift and zoom training images a little, at random",
    )
    parser.add_argument("--seed", type=_whole_number(0), default=0, metavar="N", help="same seed, same numbers")
    parser.add_argument("--output", type=Path, default=Path("results"), metavar="FOLDER", help="where the pictures go")
    return parser


def _whole_number(least: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"expected a whole number of at least {least}, got {text!r}")
        return value

    return convert


def _positive_number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a positive number, got {text!r}")
    return value
