"""`python NeuralNetwork.py predict`: what a trained network takes pictures for."""

import sys
from collections.abc import Sequence
from pathlib import Path

from Foundation.CommandLine import Parser
from Foundation.Preparation import Classification
from NeuralNetwork import NeuralNetwork

#: How many of the classes a line names, the most probable first.
_NAMED = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = _argument_parser()
    options = parser.parse_args(arguments)
    try:
        net = NeuralNetwork.load(options.network, None)
    except FileNotFoundError:
        parser.error(
            f"expected a trained network in '{options.network}', found none; train one by python NeuralNetwork.py, or "
            "say where it is: --network FILE"
        )
    except (OSError, ValueError) as error:
        parser.error(str(error))
    status = 0
    for file in options.files:
        try:
            (answer,) = net.classify([file])
            print(f"{file}: {described(answer)}")
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            print(f"{parser.prog}: {error}", file=sys.stderr)
            status = 1
    return status


def described(answer: Classification) -> str:
    """The most probable classes, each with its probability.

    >>> described(Classification("cat", 0.75, {"dog": 0.25, "cat": 0.75}))
    'cat 75.0 %, dog 25.0 %'
    """
    ranked = sorted(answer.probabilities.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {100 * probability:.1f} %" for name, probability in ranked[:_NAMED])


def _argument_parser() -> Parser:
    parser = Parser(
        prog="python NeuralNetwork.py predict",
        description="Say what a trained network takes pictures for: the three most probable classes of each. Pictures "
        "may have any size. A network trained on digits or mnist expects light strokes on a dark ground.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a picture: .png, .jpg, or .npy")
    parser.add_argument(
        "--network",
        type=Path,
        default=Path("results/network"),
        metavar="FILE",
        help="what python NeuralNetwork.py has saved (default: results/network)",
    )
    return parser
