"""`python NeuralNetwork.py`: train a model on real data, report how good it is, and draw pictures of it."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np

from Models import LeNet, MultilayerPerceptron
from NeuralNetwork import NeuralNetwork
from Training.data import Batches, digits

_MODELS: dict[str, Callable[..., NeuralNetwork]] = {"lenet": LeNet.build, "mlp": MultilayerPerceptron.build}
_INTERRUPTED = 130  # the exit status by which a shell knows that Ctrl-C ended a program


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help explains)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = _argument_parser()
    options = parser.parse_args(arguments)
    try:
        options.output.mkdir(parents=True, exist_ok=True)
        data = Batches(*digits(), held_out=1 / 3, batch_size=options.batch_size, rng=options.seed)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    settings = {} if options.learning_rate is None else {"learning_rate": options.learning_rate}
    image_shape = data.training_set[0].shape[1:]
    net = _MODELS[options.model](image_shape=image_shape, dtype="float32", rng=options.seed, **settings)
    net.data_layer = data

    try:
        interrupted = train(net, options.iterations)
    except RuntimeError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    _report(net, data, options.output)
    return _INTERRUPTED if interrupted else 0


def train(net: NeuralNetwork, iterations: int) -> bool:
    """Train with a progress bar, where there is a terminal to show it; returns whether Ctrl-C ended it early."""
    from tqdm import tqdm

    start, interrupted = time.perf_counter(), False
    with tqdm(total=iterations, unit="batch", disable=not sys.stderr.isatty()) as bar:
        try:
            for _ in range(iterations):
                net.train(1)
                bar.update()
                bar.set_postfix(loss=f"{net.loss[-1]:.3g}", refresh=False)
        except KeyboardInterrupt:
            interrupted = True
    how = "interrupted after" if interrupted else "trained"
    last = f", last loss {net.loss[-1]:.3g}" if net.loss else ""
    print(f"{how} {len(net.loss)} iterations in {time.perf_counter() - start:.1f} s{last}")
    return interrupted


def _report(net: NeuralNetwork, data: Batches, output: Path) -> None:
    from Training import plots

    predicted, true = {}, {}
    for part, (inputs, labels) in {"training": data.training_set, "test": data.test_set}.items():
        predicted[part], true[part] = net.test(inputs).argmax(axis=1), labels.argmax(axis=1)
    print(f"\n{net}\n")
    for part in predicted:
        hits = np.count_nonzero(predicted[part] == true[part])
        samples = len(true[part])
        print(f"{part} accuracy: {hits / samples:.2%} ({hits} of {samples})")
    names = [str(number) for number in range(data.test_set[1].shape[1])]
    if net.loss:
        plots.loss_curve(net.loss, output / "loss.png")
    plots.confusion_matrix(predicted["test"], true["test"], names, output / "confusion_matrix.png")
    plots.prediction_sheet(data.test_set[0], predicted["test"], true["test"], names, output / "predictions.png")
    print(f"pictures: {output}/loss.png, confusion_matrix.png, predictions.png")


def _argument_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python NeuralNetwork.py",
        description="Train a classifier on 1,797 handwritten digits, of which a third is held out for the test.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--model", choices=_MODELS, default="lenet", help="LeNet or a multilayer perceptron")
    parser.add_argument("--iterations", type=_whole_number(0), default=1500, metavar="N", help="batches to train on")
    parser.add_argument("--batch-size", type=_whole_number(1), default=50, metavar="N", help="images in a batch")
    parser.add_argument(
        "--learning-rate", type=_positive_number, metavar="X", help="step width; without it, the model's own"
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
