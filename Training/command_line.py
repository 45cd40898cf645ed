"""`python NeuralNetwork.py`: train a model on real data, report how good it is, draw pictures of it, and use it."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import NeuralNetwork
from Foundation.CommandLine import INTERRUPTED, Parser, print_whatever_comes
from Training import data, job, prediction
from Training.processes import Processes
from Training.together import launching


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    print_whatever_comes()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["predict"]:
        return prediction.main(given[1:])
    parser = _argument_parser()
    options = parser.parse_args(given)
    processes = None
    try:
        if options.processes > 1 and not launching.are_several():
            launching.start(options.processes, NeuralNetwork.__file__, given)
        processes = Processes()
        if options.processes not in (1, processes.size):
            raise ValueError(f"--processes: expected {processes.size}, as were started, got {options.processes}")
        sets = data.load(options.data, options.batch_size, options.seed, options.augmentation)
        trainer = job.prepared(options, sets, processes)
        options.output.mkdir(parents=True, exist_ok=True)
    except (ImportError, OSError, ValueError) as error:
        if processes is not None and processes.size > 1:
            processes.end(f"{parser.prog}: error: {error}")
        parser.error(str(error))
    try:
        if processes.is_first:
            return job.run(options, sets, trainer, parser.prog)
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
            return job.run(options, sets, trainer, parser.prog)
    except KeyboardInterrupt:
        print(f"{parser.prog}: broken off", file=sys.stderr)
        return INTERRUPTED


def _argument_parser() -> Parser:
    parser = Parser(
        prog="python NeuralNetwork.py",
        description="Train a classifier of images in epochs, save it, report how good it is on unseen images, and draw "
        "pictures of that. Of 500 training images or more, a tenth is kept back for the validation: where the network "
        "gets no better on them, the training ends early. Ctrl-C ends it after the current batch; --resume goes on.",
        epilog="The saved network tells what other pictures show: python NeuralNetwork.py predict FILE… "
        "[--network results/network]",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--data",
        default="digits",
        metavar="DATA",
        help="digits (1,797 handwritten ones), sample (100 pictures of ten things), mnist (read from Data/), "
        "or a folder with a folder of pictures for each class",
    )
    parser.add_argument("--model", choices=job.MODELS, default="lenet", help="LeNet or a multilayer perceptron")
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
    parser.add_argument(
        "--class-weights",
        choices=("equal", "balanced"),
        default="equal",
        help="balanced: each class counts as much as another in training, however few pictures it has",
    )
    parser.add_argument("--seed", type=_whole_number(0), default=0, metavar="N", help="same seed, same numbers")
    parser.add_argument(
        "--processes",
        type=_whole_number(1),
        default=1,
        metavar="N",
        help="train in so many processes, each on its part of every batch, to the same numbers; needs mpi4py and MPI",
    )
    parser.add_argument(
        "--save",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="write the network, with all that a prediction needs, to the file 'network' now and then and at the end",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on from that file, to the numbers of a training that was never stopped; the other options are to be "
        "the same, but --iterations may be more: the learning rate then falls over all of them",
    )
    parser.add_argument(
        "--output", type=Path, default=Path("results"), metavar="FOLDER", help="where network and pictures go"
    )
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
