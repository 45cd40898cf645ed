"""`python -m Generator check FOLDER`: a look at every picture before training."""

import sys
from collections.abc import Sequence

from Foundation.CommandLine import INTERRUPTED, Parser

from .checking import check_folder
from .picture_files import MAX_PIXELS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 where training can begin, 1 where something has to be mended.

    Args:
        arguments: of the command line (default None: those of the program).
    """
    parser = Parser(prog="python -m Generator", description="What is there to know of a folder of pictures.")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser(
        "check",
        help="read every picture: classes, sizes, what is broken, twice, or in training and test",
        description="Read every picture of a folder. Exit status: 0 where training can begin; 1 where files are "
        "broken, where the same picture is in several classes or parts of the set, where parts have other classes than "
        "training, or where the folder is no set; 2 for wrong arguments.",
    )
    check.add_argument("folder", help="with a folder for each class, divided or not")
    check.add_argument("--labels", metavar="FILE", help="a list of labels, JSON or CSV (default: those of folders)")
    check.add_argument("--strict", action="store_true", help="exit status 1 for files that aren't used, too")
    check.add_argument(
        "--max-pixels", type=int, default=MAX_PIXELS, help="largest height x width (default %(default)s)"
    )
    given = parser.parse_args(arguments)
    try:
        report = check_folder(given.folder, given.labels, max_pixels=given.max_pixels)
    except (OSError, ValueError, TypeError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    print(report)
    return 0 if report.is_clean and not (given.strict and report.leftovers.count) else 1


if __name__ == "__main__":
    sys.exit(main())
