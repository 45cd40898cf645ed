"""The report on a folder of pictures, as a table to read."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["printable", "table_of"]

_PARTS = ("whole", "training", "validation", "test")
_SHOWN = 20
_WIDEST_NAME = 40


def table_of(report: Any) -> str:
    """Return a report as text: classes, sizes and kinds, what to mend, and what is worth knowing.

    Args:
        report: a `checking.FolderReport`.

    >>> from Generator.checking import FolderReport
    >>> print(table_of(FolderReport("pets", layout_problem="folder 'pets': expected folders, found none")))
    pets: folder 'pets': expected folders, found none
    """
    if report.layout_problem:
        return printable(f"{report.folder}: {report.layout_problem}")
    good = [picture for picture in report.pictures if not picture.problem]
    lines = [f"{report.folder}: {len(report.pictures):,} pictures of {len(report.classes):,} classes", ""]
    lines += _classes(report)
    lines += ["", *_summary(good)]
    lines += _listed("to mend", _to_mend(report))
    lines += _listed("worth knowing", _worth_knowing(report))
    return printable("\n".join(lines))


def printable(text: str) -> str:
    r"""Return a text that every terminal takes: bytes that are no letters, as in names of files, are written out.

    Args:
        text: any.

    >>> printable("caf\udce9")
    'caf\\udce9'
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _classes(report: Any) -> list[str]:
    parts = [part for part in _PARTS if any(picture.part == part for picture in report.pictures)]
    titles = ["class", *("pictures" if part == "whole" else part for part in parts), "share"]
    counts = report.classes
    total = max(sum(sum(of_class.values()) for of_class in counts.values()), 1)
    rows = [
        [
            printable(name)[:_WIDEST_NAME],
            *(f"{of_class.get(part, 0):,}" for part in parts),
            f"{sum(of_class.values()) / total:.1%}",
        ]
        for name, of_class in counts.items()
    ]
    sums = (sum(of_class.get(part, 0) for of_class in counts.values()) for part in parts)
    rows.append(["all", *(f"{number:,}" for number in sums), "100.0%"])
    widths = [max(len(row[place]) for row in [titles, *rows]) for place in range(len(titles))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in [titles, *rows]
    ]


def _summary(good: Sequence[Any]) -> list[str]:
    if not good:
        return ["no picture can be read"]
    sizes = Counter(picture.size for picture in good)
    smallest, largest = min(sizes, key=_area), max(sizes, key=_area)
    (usual, count), *_ = sizes.most_common(1)
    many = f", from {_size(smallest)} to {_size(largest)}; {count:,} have {_size(usual)}" if len(sizes) > 1 else ""
    return [
        f"sizes (height x width): {f'{len(sizes):,} different' if many else _size(usual)}{many}",
        f"pixels: {_counted(picture.kind for picture in good)}",
        f"formats: {_counted(picture.format for picture in good)}",
    ]


def _to_mend(report: Any) -> list[tuple[str, list[str]]]:
    return [
        ("other classes in training than elsewhere", [report.class_problem] if report.class_problem else []),
        ("cannot be read", [f"{picture.name}: {picture.problem}" for picture in report.broken]),
        ("the same picture in several parts of the set", [_group(group) for group in report.leaks]),
        ("the same picture in several classes", [_group(group) for group in report.contradictions]),
    ]


def _worth_knowing(report: Any) -> list[tuple[str, list[str]]]:
    known = [*report.leaks, *report.contradictions]
    twice = [group for group in report.twice if group not in known]
    balance = report.balance
    lonely = [name for name, of_class in report.classes.items() if 0 < sum(of_class.values()) < 2]
    return [
        (f"more than once, {_same_bytes(twice):,} of them byte by byte", [_group(group) for group in twice]),
        ("remarks", [f"{picture.name}: {picture.remark}" for picture in report.pictures if picture.remark]),
        ("files not used", [str(report.leftovers)] if report.leftovers.count else []),
        ("classes of one picture", lonely),
        ("labels", [report.class_remark] if report.class_remark else []),
        ("balance", [f"the largest class has {balance:.1f} times as many pictures as the smallest"] * (balance >= 2)),
    ]  # fmt: skip


def _listed(title: str, findings: Iterable[tuple[str, list[str]]]) -> list[str]:
    lines = []
    for what, found in findings:
        if found:
            lines.append(f"  {what} ({len(found):,}):" if len(found) > 1 else f"  {what}:")
            lines += [f"    {line}" for line in found[:_SHOWN]]
            if len(found) > _SHOWN:
                lines.append(f"    and {len(found) - _SHOWN:,} more")
    return ["", f"{title}:", *lines] if lines else []


def _group(group: Sequence[Any]) -> str:
    return " = ".join(picture.name for picture in group[:5]) + f" and {len(group) - 5} more" * (len(group) > 5)


def _same_bytes(groups: Iterable[Sequence[Any]]) -> int:
    """In how many groups of the same picture all files have the same bytes."""
    return sum(max(Counter(picture.bytes_digest for picture in group).values()) == len(group) for group in groups)


def _counted(values: Iterable[str]) -> str:
    return "; ".join(f"{count:,} {value}" for value, count in Counter(values).most_common())


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"
