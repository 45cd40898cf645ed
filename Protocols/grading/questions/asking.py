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


def ask(student: Student, question: Question) -> str:
    """Put a question; gives what is wrong with the answer, and nothing where it is right."""
    rng = np.random.default_rng(secrets.randbits(128))
    what = "the first number"
    try:
        for answer in question(student, rng):
            what = answer.what
            if said := _difference(answer):
                return f"{what}: {said}"
    except NoAnswer as error:
        return f"after {what}: {error}"
    return ""


def _difference(answer: Answer) -> str:
    expected = np.asarray(answer.expected, dtype=float)
    if not isinstance(answer.received, (np.ndarray, np.number, float)):
        return "expected numbers, received something else"
    received = np.asarray(answer.received, dtype=float)
    if received.shape != expected.shape:
        return f"expected an array of shape {expected.shape}, received one of {received.shape}"
    if suite.close(received, expected, answer.tolerance):
        return ""
    distance = np.where(np.isnan(received), np.inf, np.abs(received - expected))
    at = tuple(int(index) for index in np.unravel_index(np.argmax(distance), expected.shape))
    where = f" at {list(at)}" if at else ""
    return f"expected {expected[at]:.6g}{where}, received {received[at]:.6g}"
