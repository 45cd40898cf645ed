"""The three questions, each answered by a table; each function returns whether its bar is held."""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator

from tests.mutation import operators as changes
from tests.mutation.classes import classes_of
from tests.mutation.mistakes import MISTAKES
from tests.mutation.variants import VARIANTS
from tests.mutation.workplace import Job, Outcome, Workplace, changed


def mistakes(workplace: Workplace, options: argparse.Namespace) -> bool:
    """Is every well-known mistake caught, by a message that leads to it?"""
    jobs = [
        Job(
            item.program,
            (changed(item.program, item.file, item.replace),),
            classes_of(item.file),
            until="" if options.show else item.says,
            about=(kind, item),
        )
        for kind, items in MISTAKES.items()
        for item in items
        if options.only.lower() in f"{kind} {item.name} {item.file} {item.program}".lower()
    ]
    planted, caught, explained = Counter(), Counter(), Counter()
    for job, outcome in _with_second_chance(workplace, jobs):
        kind, item = job.about
        planted[kind] += 1
        caught[kind] += outcome.caught
        explained[kind] += item.says in outcome.messages
        if item.says not in outcome.messages:
            told = f"no message says {item.says!r}; failed: {', '.join(outcome.failed)}"
            print(f"{kind}: {item.name} ({item.program}): {told if outcome.caught else 'not caught'}", flush=True)
        if options.show:
            print(f"--- {kind}: {item.name} ({item.program})\n{outcome.messages}", flush=True)
    rows = [(kind, planted[kind], caught[kind], explained[kind]) for kind in MISTAKES if planted[kind]]
    rows.append(("all", planted.total(), caught.total(), explained.total()))
    _print_table(("well-known mistake", "planted", "caught", "message leads to it"), rows)
    return bool(jobs) and explained == planted


def operators(workplace: Workplace, options: argparse.Namespace) -> bool:
    """Are changes that nobody thought of caught?"""
    known = changes.equivalent()
    mutants = [mutant for mutant in changes.population() if options.only.lower() in mutant.name.lower()]
    jobs = [Job(m.program, ((m.file, m.text),), classes_of(m.file), stop_early=True, about=m) for m in mutants]
    planted, caught, same = Counter(), Counter(), Counter()
    for job, outcome in _with_second_chance(workplace, jobs, lambda job: job.about.name in known):
        mutant = job.about
        place = f"{mutant.program}: {mutant.file}"
        planted[place] += 1
        caught[place] += outcome.caught
        if not outcome.caught:
            same[place] += mutant.name in known
            if mutant.name not in known:
                print(f"not caught: {mutant.name}", flush=True)
        elif mutant.name in known:
            print(f"caught, though equivalent.txt lists it: {mutant.name}", flush=True)
    rows = []
    for place in [*planted, "reference", "library", ""]:
        counts = [
            sum(count for file, count in counter.items() if file == place or file.startswith(place and f"{place}: "))
            for counter in (planted, caught, same)
        ]
        rows.append((place or "all", *counts, counts[0] - counts[1] - counts[2], *_shares(*counts)))
    _print_table(("changed file", "planted", "caught", "listed", "not caught", "of all", "of those not listed"), rows)
    print(
        "{} changes planted, {} caught, {} listed as changing nothing, {} not caught.\n"
        "Caught of all that were planted: {}; of those that are not listed: {}.\n".format(*rows[-1][1:]),
        flush=True,
    )
    return bool(jobs) and caught.total() >= options.bar * (planted.total() - same.total())


def variants(workplace: Workplace, options: argparse.Namespace) -> bool:
    """Is every right solution accepted?"""
    jobs = [
        Job(item.program, item.changes(), item.tests, about=item)
        for item in VARIANTS
        if options.only.lower() in f"{item.name} {item.program}".lower()
    ]
    rows = []
    for job, outcome in workplace.run(jobs, patience=4):  # right solutions may be slow, and none is endless
        rows.append((f"{job.about.name} ({job.program})", "refused" if outcome.caught else "accepted"))
        if outcome.caught:
            print(f"refused: {job.about.name}: {', '.join(outcome.failed)}\n{outcome.messages}", flush=True)
    _print_table(("right solution", "result"), rows)
    return bool(jobs) and all(result == "accepted" for _, result in rows)


def _with_second_chance(
    workplace: Workplace, jobs: list[Job], is_known: Callable[[Job], bool] = lambda job: False
) -> Iterator[tuple[Job, Outcome]]:
    """Run the tests of the changed file, then all tests where they see nothing, unless that is known."""
    unseen = []
    for job, outcome in workplace.run(jobs):
        if outcome.caught or is_known(job):
            yield job, outcome
        else:
            unseen.append(Job(job.program, job.changes, stop_early=True, about=job.about))
    yield from workplace.run(unseen)


def _shares(planted: int, caught: int, listed: int) -> list[str]:
    return [f"{caught / whole:.1%}" if whole else "–" for whole in (planted, planted - listed)]


def _print_table(head: tuple, rows: list[tuple]) -> None:
    lines = [tuple(map(str, row)) for row in [head, *rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    print()
    for line in lines:
        first, *others = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join([first.strip().ljust(widths[0]), *others]))
    print(flush=True)
