"""A class costs its mathematics: no row of the table that `python -m benchmarks.costs` prints is above its limit."""

import pytest

from benchmarks.costs import OTHERS, ROOT, ROWS, STEP_LIMIT, code_lines, step

pytestmark = pytest.mark.newest

BUDGETS = [row for row in ROWS if row.limit is not None]

SOURCE = '''"""A module."""

import math  # not counted
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

ONE = 1  # counted


@staticmethod
def helper(
    x,
):
    """Not counted."""
    # nor this
    return """two
lines"""


class Formula:
    """Not
    counted."""

    size = 3
    """Nor this."""

    def f(self, x):
        import os

        return x
'''


def test_code_lines_are_neither_blank_nor_comments_nor_docstrings():
    assert code_lines(SOURCE) == 1 + 6 + 5
    assert code_lines(SOURCE, only=("Formula",)) == 5
    assert code_lines(SOURCE, without=("Formula",)) == 1 + 6
    with pytest.raises(ValueError, match="Formular"):
        code_lines(SOURCE, only=("Formular",))


@pytest.mark.parametrize("row", BUDGETS, ids=lambda row: row.name)
def test_a_class_costs_its_mathematics(row):
    lines = row.measured()
    assert lines is not None, f"{row.name}: no such file"
    assert lines <= row.limit, f"{row.name}: {lines} code lines, of which {lines - row.limit} aren't the lesson"


def test_every_file_of_the_layers_is_in_the_table():
    counted = {path for row in ROWS for part in row.parts for path in part.paths()}
    left_out = [path for path in (ROOT / "Layers").rglob("*.py") if path not in counted and path.name not in OTHERS]
    assert not left_out, "add them to a row of ROWS in benchmarks/costs.py, or to OTHERS"


def test_one_training_step_is_short():
    measured = step()
    assert measured.calls <= STEP_LIMIT.calls
    assert measured.changes <= STEP_LIMIT.changes
