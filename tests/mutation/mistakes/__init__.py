"""The well-known mistakes by kind: each has to be caught, with a message that leads to it."""

from tests.mutation.mistake import Mistake
from tests.mutation.mistakes import further, part0, part1, part2, part3, subtle

MISTAKES: dict[str, list[Mistake]] = {
    **part0.MISTAKES,
    **part1.MISTAKES,
    **part2.MISTAKES,
    **part3.MISTAKES,
    **further.MISTAKES,
    **subtle.MISTAKES,
}
