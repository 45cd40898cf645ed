"""Putting a question: numbers drawn at this moment, and what is wrong with the answer."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import NeuralNetworkTests as suite
from Protocols.grading.student import NoAnswer, Student


class Answer(NamedTuple):
    """A number that was asked for: what it is, what came, what is right, and how near it has to be."""

    what: str
    received: Any
    expected: Any
    tolerance: float = 1e-6


Question = Callable[[Student, np.random.Generator], Iterator[Answer]]


class Said(NamedTuple):
    """What came of a question: what is wrong with the answers, nothing where they are right; how many were right."""

    wrong: str
    right: int


def ask(student: Student, question: Question) -> Said:
    """Put a question, and compare until an answer is wrong."""
    rng = np.random.default_rng(secrets.randbits(128))
    what, right = "the first number", 0
    try:
        with np.errstate(all="ignore"):
            for answer in question(student, rng):
                what = answer.what
                if said := _difference(answer):
                    return Said(f"{what}: {said}", right)
                right += 1
    except NoAnswer as error:
        return Said(f"after {what}: {error}", right)
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, MemoryError):
        return Said(f"after {what}: nothing can be computed from what it answered", right)
    return Said("", right)


def _difference(answer: Answer) -> str:
    expected = np.asarray(answer.expected, dtype=float)
    if not isinstance(answer.received, (np.ndarray, np.number, float)):
        return "expected numbers, received something else"
    received = np.asarray(answer.received, dtype=float)
    if received.shape != expected.shape:
        return f"expected an array of shape {expected.shape}, received one of {received.shape}"
    if not np.isfinite(expected).all():  # it follows from what came before
        return "what came before has no finite numbers"
    if suite.close(received, expected, answer.tolerance):
        return ""
    distance = np.where(np.isnan(received), np.inf, np.abs(received - expected))
    at = tuple(int(index) for index in np.unravel_index(np.argmax(distance), expected.shape))
    where = f" at {list(at)}" if at else ""
    return f"expected {expected[at]:.6g}{where}, received {received[at]:.6g}"
