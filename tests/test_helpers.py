"""What the course hands out in `Layers/Helpers.py`: how many answers are right."""

import numpy as np
import pytest

from Layers.Helpers import calculate_accuracy


@pytest.mark.parametrize(
    ("results", "labels", "accuracy"),
    [
        ([[0.9], [0.9]], [[0], [0]], 0.0),
        ([[0.9], [0.1]], [[1], [0]], 1.0),
        ([[0.9], [0.1], [0.6], [0.4]], [[1], [1], [1], [0]], 0.75),
        ([[0.5]], [[0]], 1.0),  # as the first of two equal entries is the largest
        ([[0.2, 0.8], [0.5, 0.5]], [[0, 1], [1, 0]], 1.0),
        (np.zeros((2, 3, 4, 4)), np.zeros((2, 3, 4, 4)), 1.0),
    ],
)
def test_right_answers_are_counted(results, labels, accuracy):
    assert calculate_accuracy(results, labels) == accuracy


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_are_no_answers(columns, number):
    good, bad = np.eye(3)[:, :columns], np.eye(3)[:, :columns] + [number, 0][:columns]
    for arguments in ((bad, good), (good, bad)):
        with pytest.raises(ValueError, match="expected finite numbers"):
            calculate_accuracy(*arguments)


@pytest.mark.parametrize(
    "shapes", [((3, 2), (3,)), ((3,), (3,)), ((3, 2), (2, 3)), ((3, 1), (3, 2)), ((0, 2), (0, 2)), ((), ())]
)
def test_shapes_that_do_not_fit_are_named(shapes):
    with pytest.raises(ValueError, match=r"expected results \(batch, classes\) and labels.* got \("):
        calculate_accuracy(*map(np.zeros, shapes))
