"""A report for each student: what passed, what failed and why, and where to read in the course; as text and as HTML."""

from functools import cache
from html import escape

import NeuralNetworkTests as suite
from Protocols.grading.marks import Graded
from Protocols.grading.names import printable
from Protocols.tasks import FOLDER, PAGE, sections

HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font-family: sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }}
td {{ padding: 0.1em 1em 0.1em 0; }}
pre {{ white-space: pre-wrap; background: #f4f4f4; padding: 0.7em; }}
</style>
</head>
<body>
<h1>{title}</h1>
"""


@cache
def where_to_read(entry: suite.Entry) -> str:
    """The section of the course's pages in which a task stands."""
    page = PAGE.format(entry.part)
    try:
        found = [section for section in sections(FOLDER / page.rpartition("/")[2]) if entry.test in section.tests]
    except OSError:  # the pages are not everywhere where this tool is
        found = []
    return "".join(f"{page}, Task {section.number}: {section.title}" for section in found[:1]) or page


def as_text(graded: Graded) -> str:
    """The report as plain text."""
    lines = [printable(graded.submission.name, 200), ""]
    for part, points in suite.percentages(graded.outcomes).items():
        lines.append(f"Part {part}: {points:g} %")
    lines += [graded.problem or suite.summary(graded.outcomes), ""]
    lines += [suite.row(outcome, with_points=True) for outcome in graded.outcomes]
    for outcome in _to_be_read(graded):
        lines += ["", "-" * 70, f"{outcome.entry.title}: read {where_to_read(outcome.entry)}", "", _said(outcome)]
    return "\n".join(lines) + "\n"


def as_html(graded: Graded) -> str:
    """The report as one page, without anything from elsewhere."""
    parts = [HEAD.format(title=escape(printable(graded.submission.name, 200)))]
    reached = (f"Part {part}: {points:g} %" for part, points in suite.percentages(graded.outcomes).items())
    parts += [f"<p>{escape(line)}</p>\n" for line in (*reached, graded.problem or suite.summary(graded.outcomes))]
    if graded.outcomes:
        parts += ["<table>\n", *map(_row, graded.outcomes), "</table>\n"]
    for outcome in _to_be_read(graded):
        parts.append(f'<h2 id="{outcome.entry.test}">{escape(outcome.entry.title)}</h2>\n')
        parts.append(f"<p>Read: {escape(where_to_read(outcome.entry))}</p>\n<pre>{escape(_said(outcome))}</pre>\n")
    return "".join(parts) + "</body>\n</html>\n"


def _row(outcome: suite.Outcome) -> str:
    entry = outcome.entry
    points = f"{outcome.points:g} of {entry.points:g} %{', bonus' if entry.bonus else ''}"
    title = escape(entry.title) if outcome.done else f'<a href="#{entry.test}">{escape(entry.title)}</a>'
    passed = "not yet" if outcome.not_yet and not outcome.passed else f"{outcome.passed} of {len(outcome.results)}"
    return f"<tr><td>{suite.number(entry)}</td><td>{title}</td><td>{passed}</td><td>{points}</td></tr>\n"


def _to_be_read(graded: Graded) -> list[suite.Outcome]:
    return [outcome for outcome in graded.outcomes if not outcome.done]


def _said(outcome: suite.Outcome) -> str:
    return str(suite.details(outcome))
