"""Formulas that go element by element, written as formulas and computed in pieces that fit the cache.

NumPy evaluates `(1 - y * y) * e` operation by operation, each into a new array. On arrays of megabytes most of the
time then goes into memory. So a formula is *recorded* once, by calling it with objects that note what is done to
them, and *replayed* on one piece of the arrays after the other, each operation writing into the memory of the result.
The numbers are those of the plain expression, to the bit.
"""

import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from Foundation import Pieces


def elementwise(formula: Callable[..., Any], *arguments: Any, into: tuple[int, ...] = (), by_rows: bool = False) -> Any:
    """Compute a formula for each element of arrays.

    Args:
        formula: a function of the arguments alone, made of operators and of NumPy's functions of one or two arrays; it
            returns one result or a tuple of them. Recorded when it comes for the first time with such arguments.
        arguments: arrays, of which those of the first one's shape go element by element; numbers, and arrays of another
            shape that meet the last axes of the first one (a number for each channel, say), are taken as they are.
        into: the positions of the arguments that the results overwrite, in their order; empty for new arrays.
        by_rows: whether the arrays are matrices and the formula has numbers for whole rows, as
            `np.maximum.reduce(x, axis=1, keepdims=True)`.

    Returns:
        The result, or a tuple of results, in the order of memory of the first argument; None where they overwrite
        arguments.

    >>> elementwise(lambda y, e: (1 - y * y) * e, np.array([0.0, 0.5]), np.array([1.0, 1.0]))
    array([1.  , 0.75])
    >>> velocity, gradient = np.array([1.0, 2.0]), np.array([10.0, 20.0])
    >>> elementwise(lambda v, g, mu, eta: mu * v - eta * g, velocity, gradient, 0.5, 0.1, into=(0,))
    >>> velocity
    array([-0.5, -1. ])
    >>> matrix = np.array([[1.0, 3.0], [2.0, 2.0]])
    >>> elementwise(lambda x: x / np.einsum("ij->i", x)[:, np.newaxis], matrix, by_rows=True)
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """
    first = arguments[0]
    if not first.ndim:
        return _as_one_element(formula, *arguments, into=into)
    shape = first.shape
    key: list[Any] = [getattr(formula, "__code__", formula), into, len(shape)]
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            key.append(argument.dtype if argument.shape == shape else (argument.dtype, argument.ndim))
        else:
            key.append(type(argument))
    program = _programs.get(tuple(key))
    if program is None:
        program = _programs[tuple(key)] = _Recording(arguments, formula).program(into)
    results: list[Any] = []
    for dtype in program.results:
        results.append(np.empty_like(first, dtype))
    memory = [*arguments, *results, *program.constants]
    largest = results[0] if results else first
    if largest.nbytes > Pieces.LARGE:
        Pieces.in_pieces(partial(program.run, memory), largest, by_rows or program.meets_rows)
    else:
        program.run(memory)
    return None if into else results[0] if len(results) == 1 else tuple(results)


def at_least(values: Any, bound: float, out: Any = None) -> Any:
    """The maximum of each element and a bound; where nothing is below it, nothing is written in place.

    >>> at_least(np.array([1.0, 0.0]), 0.5)
    array([1. , 0.5])
    """
    if isinstance(values, _Value):
        return values.recording.record(at_least, values, bound)
    if out is values and np.minimum.reduce(values, axis=None) >= bound:
        return out
    return np.maximum(values, bound, out=out)


class _Step(NamedTuple):
    """A call of a function with what lies at one or two places, which fills a place or puts something new there."""

    function: Callable[..., Any]
    first: int
    second: Any
    result: int
    fills: bool = True


class _Program(NamedTuple):
    """A recorded formula. Its places: arguments, new results, then constants and what the steps make."""

    steps: list[_Step]
    cut: list[int]  # where arrays lie that go element by element
    scratch: list[tuple[int, np.dtype]]
    constants: list[Any]
    results: list[np.dtype]
    meets_rows: bool

    def run(self, whole: list[Any], part: slice = slice(None)) -> None:
        """Compute one piece."""
        memory = list(whole)
        for place in self.cut:
            memory[place] = memory[place][part]
        for place, dtype in self.scratch:
            memory[place] = np.empty_like(memory[0], dtype)
        for function, first, second, result, fills in self.steps:
            if not fills:
                memory[result] = function(memory[first]) if second is None else function(memory[first], memory[second])
            elif second is None:
                function(memory[first], out=memory[result])
            else:
                function(memory[first], memory[second], out=memory[result])


#: By the formula's code, what it overwrites, and the kinds of its arguments.
_programs: dict[tuple, _Program] = {}


class _Value(NDArrayOperatorsMixin):
    """Stands for an array, or for a number among the arguments, while a formula is recorded."""

    def __init__(self, recording: "_Recording", number: int) -> None:
        self.recording, self.number = recording, number

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> "_Value":
        return self.recording.record(ufunc if method == "__call__" else getattr(ufunc, method), *inputs, **options)

    def __array_function__(self, function: Any, types: Any, arguments: Sequence[Any], options: dict) -> "_Value":
        texts = [argument for argument in arguments if isinstance(argument, str)]  # einsum's subscripts come first
        return self.recording.record(partial(function, *texts), *arguments[len(texts) :], **options)

    def __getitem__(self, index: Any) -> "_Value":
        return self.recording.record(operator.getitem, self, index)


class _Recording:
    """What a formula does with small samples of its arguments, which tell type and shape of every value in it."""

    def __init__(self, arguments: Sequence[Any], formula: Callable[..., Any]) -> None:
        if getattr(formula, "__closure__", None):
            raise ValueError(
                f"expected a formula of its arguments alone, got one that uses {formula.__code__.co_freevars}"
            )
        self.shape = (2,) * arguments[0].ndim
        self.samples = [_sample(argument, arguments[0]) for argument in arguments]
        self.arguments = len(arguments)
        self.calls: list[tuple[Callable[..., Any], list[int], int]] = []
        returned = formula(*(_Value(self, number) for number in range(self.arguments)))
        self.returned = [value.number for value in (returned if isinstance(returned, tuple) else (returned,))]

    def record(self, function: Any, *inputs: Any, **options: Any) -> _Value:
        """Note a call, and make it with the samples."""
        if len(inputs) > 2:
            raise ValueError(f"expected a formula of functions of one or two arrays, got {function} of {len(inputs)}")
        numbers = [value.number if isinstance(value, _Value) else self._add(value) for value in inputs]
        function = partial(function, **options) if options else function
        with np.errstate(all="ignore"):
            sample = function(*(self.samples[number] for number in numbers))
        if not any(isinstance(self.samples[number], np.ndarray) for number in numbers):
            # Made of numbers, it stays a plain one: NumPy's own would turn float32 arrays into float64.
            function = _PLAIN.get(function) or partial(_plainly, function)
            sample = function(*(self.samples[number] for number in numbers))
        self.calls.append((function, numbers, self._add(sample)))
        return _Value(self, len(self.samples) - 1)

    def program(self, into: tuple[int, ...]) -> _Program:
        """The calls in order, each full array in the memory of a result or, where none is free, in scratch memory."""
        results = [] if into else [self.samples[number].dtype for number in self.returned]
        targets = dict(zip(self.returned, into or range(self.arguments, self.arguments + len(results)), strict=True))
        memory = {place: self.samples[place].dtype for place in into}
        memory |= {self.arguments + index: dtype for index, dtype in enumerate(results)}
        last_use = {number: at for at, (_, inputs, _) in enumerate(self.calls) for number in inputs}
        last_use |= dict.fromkeys(self.returned, len(self.calls))
        places = {number: number for number in range(self.arguments)}
        constants: list[Any] = []
        scratch: list[tuple[int, np.dtype]] = []
        steps: list[_Step] = []

        def keep(value: Any) -> int:
            constants.append(value)
            return self.arguments + len(results) + len(constants) - 1

        def room_for(number: int, at: int) -> int:
            taken = {places[other] for other, last in last_use.items() if other in places and last > at}
            for place in ([targets[number]] if number in targets else []) + list(memory):
                if place not in taken and memory[place] == self.samples[number].dtype:
                    return place
            place = keep(None)
            memory[place] = self.samples[number].dtype
            scratch.append((place, memory[place]))
            return place

        for at, (function, inputs, number) in enumerate(self.calls):
            for given in inputs:
                if given not in places:
                    places[given] = keep(self.samples[given])
            full = self._is_full(number)
            places[number] = room_for(number, at) if full else keep(None)
            step = _Step(function, places[inputs[0]], places[inputs[-1]], places[number], full)
            if len(inputs) == 1:
                steps.append(step._replace(second=None))
            else:
                steps += self._quick(step, *inputs)
        steps += [_Step(_put, places[n], None, place) for n, place in targets.items() if places[n] != place]
        arrays = [number for number in range(self.arguments) if isinstance(self.samples[number], np.ndarray)]
        cut = [number for number in arrays if self._is_full(number)]
        cut += range(self.arguments, self.arguments + len(results))
        return _Program(steps, cut, scratch, constants, results, meets_rows=any(not self._is_full(n) for n in arrays))

    def _quick(self, step: _Step, first: int, second: int) -> list[_Step]:
        """The same in two steps where NumPy is quicker then: with both operands arrays, and of one type."""
        places = {first: step.first, second: step.second}
        for this, other in ((first, second), (second, first)):
            number = step.function in (np.maximum, np.minimum) and np.ndim(self.samples[this]) == 0
            truth = self._is_full(this) and self.samples[this].dtype == bool and isinstance(step.function, np.ufunc)
            if (number or truth) and step.fills and step.result not in places.values():
                write = _Step(_fill if number else _put, places[this], None, step.result)
                return [write, step._replace(first=places[other], second=step.result)]
        return [step]

    def _add(self, sample: Any) -> int:
        self.samples.append(sample)
        return len(self.samples) - 1

    def _is_full(self, number: int) -> bool:
        return isinstance(self.samples[number], np.ndarray) and self.samples[number].shape == self.shape


def _sample(argument: Any, first: np.ndarray) -> Any:
    if not isinstance(argument, np.ndarray):
        return argument
    shape = (2,) * first.ndim if argument.shape == first.shape else tuple(min(length, 2) for length in argument.shape)
    return np.ones(shape, argument.dtype)


#: What Python has for a number and another is many times quicker than what NumPy has for arrays.
_PLAIN: dict[Any, Callable[..., Any]] = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: operator.truediv,
    np.power: operator.pow,
    np.negative: operator.neg,
}


def _plainly(function: Callable[..., Any], *numbers: Any) -> Any:
    return function(*numbers).item()


def _fill(value: Any, out: np.ndarray) -> None:
    out.fill(value)


def _put(value: Any, out: np.ndarray) -> None:
    out[...] = value


def _as_one_element(formula: Callable[..., Any], *arguments: Any, into: tuple[int, ...]) -> Any:
    vectors = (np.atleast_1d(value) if isinstance(value, np.ndarray) else value for value in arguments)
    results = elementwise(formula, *vectors, into=into)
    if isinstance(results, tuple):
        return tuple(result[0] for result in results)
    return None if results is None else results[0]
