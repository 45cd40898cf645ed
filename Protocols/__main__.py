"""`python -m Protocols`: a student's folder, its tests, what to hand in, and the pictures of the pages."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from Foundation.CommandLine import INTERRUPTED, Parser
from Protocols import course
from Protocols.problems import Problem


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["grade"]:
        from Protocols.grading.command import main as grade

        return grade(arguments[1:])
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except (Problem, OSError) as error:
        told = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) and error.filename else str(error)
        print(f"{options.command}: {told}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _parser() -> Parser:
    parser = Parser(prog="python -m Protocols", description="The course's workbench; Protocols/README.md explains.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="start|check|submit|grade|show|figures")

    start = commands.add_parser("start", help="prepare a folder for a part")
    start.add_argument("part", help="0, 1, 2 or 3")
    start.add_argument("folder", type=Path, help="a new folder, or the one with your earlier parts")
    start.set_defaults(run=_start)

    check = commands.add_parser("check", help="run the tests: what is done, what comes next")
    check.add_argument("folder", type=Path)
    check.add_argument("tasks", nargs="*", metavar="TASK", help="such as 2.4, TestConv or Conv, or a part, such as 2")
    check.set_defaults(run=_check)

    submit = commands.add_parser("submit", help="write the zip file to hand in")
    submit.add_argument("folder", type=Path)
    submit.add_argument("--part", help="an earlier part than the last that was begun")
    submit.add_argument("--output", type=Path, metavar="FILE", help="default: beside the folder, named after it")
    submit.add_argument("--incomplete", action="store_true", help="hand in what there is, whatever is missing")
    submit.set_defaults(run=_submit)

    commands.add_parser("grade", help="for teachers: test strangers' solutions, and write tables of marks")

    show = commands.add_parser("show", help="draw a picture of the pages; without a name: list them")
    show.add_argument("name", nargs="?")
    show.add_argument("--output", type=Path, metavar="FILE.png", help="write a file instead of opening a window")
    show.set_defaults(run=_show)

    figures = commands.add_parser("figures", help="draw the pictures of the pages into Protocols/figures")
    figures.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    figures.set_defaults(run=_figures)
    return parser


def _start(options: argparse.Namespace) -> int:
    from Protocols.start import start

    part, folder = course.parse_part(options.part), options.folder
    added, by_hand = start(part, folder)
    if not added:
        print(f"start: {folder} has Part {part} already; nothing was changed", file=sys.stderr)
    else:
        print(f"{folder} has Part {part} now. New:")
        print("\n".join(f"  {file}" for file in _without_long_folders(added)))
    for text in by_hand:
        print(f"\nTo be added by hand to {text}")
    if added:
        print(f"\nNext: read Protocols/part{part}.md, then python -m Protocols check {folder}")
    return 0 if added else 2


def _without_long_folders(files: Sequence[str]) -> list[str]:
    """The names of files; where a folder has many, the folder alone."""
    folders = [os.path.dirname(file) for file in files]
    shown = (f"{name}/" if folders.count(name) > 20 else file for file, name in zip(files, folders, strict=True))
    return list(dict.fromkeys(shown))


def _check(options: argparse.Namespace) -> int:
    from Protocols.check import check

    return 0 if check(options.folder, options.tasks) else 1


def _submit(options: argparse.Namespace) -> int:
    from Protocols.submit import submit

    part = None if options.part is None else course.parse_part(options.part)
    path, lacking = submit(options.folder, options.output, options.incomplete, part)
    for line in lacking:
        print(line, file=sys.stderr)
    if lacking and not options.incomplete:
        print(f"submit: {options.folder} is not complete; --incomplete packs it as it is", file=sys.stderr)
        return 1
    print(f"{path} ({path.stat().st_size / 1024:.0f} KiB) is ready to hand in")
    return 0


def _show(options: argparse.Namespace) -> int:
    from Protocols import show

    if options.name is None:
        width = max(map(len, show.names()), default=0)
        print("\n".join(f"{name:<{width}}  {show.description(name)}" for name in show.names()))
    elif options.output is None:
        show.to_screen(options.name)
    else:
        show.to_file(options.name, options.output)
    return 0


def _figures(options: argparse.Namespace) -> int:
    from Protocols import show

    for name in options.names or show.names():
        show.to_file(name, show.FIGURES / f"{name}.png")
        print(f"{name}: {(show.FIGURES / f'{name}.png').stat().st_size / 1000:.0f} kB", flush=True)
    return 0


if __name__ == "__main__":
    # The library's modules, not those of a student in whose folder the command runs.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console may lack the letters of a formula
    if sys.argv[1:2] == ["grade"]:
        from NeuralNetworkTests import end_tasks_with_this_program

        end_tasks_with_this_program()
    sys.exit(main())
