"""The well-known mistakes by kind: each has to be caught, with a message that leads to it."""

from tests.mutation.mistake import Mistake
from tests.mutation.mistakes import (
    drawing,
    feeding,
    further,
    learning,
    part0,
    part1,
    part2,
    part3,
    regularizing,
    remembering,
    seeing,
    starting,
    subtle,
)

MISTAKES: dict[str, list[Mistake]] = {
    **part0.MISTAKES,
    **part1.MISTAKES,
    **part2.MISTAKES,
    **part3.MISTAKES,
    **further.MISTAKES,
    **subtle.MISTAKES,
    **drawing.MISTAKES,
    **feeding.MISTAKES,
    **learning.MISTAKES,
    **starting.MISTAKES,
    **seeing.MISTAKES,
    **regularizing.MISTAKES,
    **remembering.MISTAKES,
}
