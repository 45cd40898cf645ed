"""Formulas that go element by element, written as formulas and computed in pieces that fit the cache.

NumPy evaluates `(1 - y * y) * e` operation by operation, each into a new array. On arrays of megabytes most of the
time then goes into memory. So a formula is *recorded* once, by calling it with objects that note what is done to
them, and *replayed* on one piece of the arrays after the other, each operation writing into the memory of the result.
The numbers are those of the plain expression, to the bit.
"""

import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from Foundation import Pieces


def elementwise(formula: Callable[..., Any], *arguments: Any, into: tuple[int, ...] = (), by_rows: bool = False) -> Any:
    """Compute a formula for each element of arrays.

    Args:
        formula: a function of the arguments alone, made of operators and of NumPy's functions of one or two arrays; it
            returns one result or a tuple of them. Recorded when it comes for the first time with such arguments.
        arguments: arrays, of which those of the first one's shape go element by element. Others meet it as NumPy has
            it: numbers, and arrays of a number for each channel or, with as many axes, for each row. What NumPy's
            functions make of plain numbers alone stays a plain number, which leaves float32 arrays what they are.
        into: the positions of the arguments that the results overwrite, in their order; empty for new arrays.
        by_rows: whether the arrays are matrices and the formula has numbers for whole rows, as
            `np.maximum.reduce(x, axis=1, keepdims=True)`.

    Returns:
        The result, or a tuple of results, in the order of memory of the first argument; None where they overwrite
        arguments.

    Raises:
        ValueError, TypeError: for a formula that can't be recorded, and for arrays that don't meet the first.

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
    if into and len(set(map(id, arguments))) < len(arguments):
        arguments = _apart(arguments, into)
    key: list[Any] = [getattr(formula, "__code__", formula), into]
    for argument in arguments:
        array = isinstance(argument, np.ndarray)
        kind = array and (argument.shape == first.shape or argument.ndim < first.ndim or _meets(argument, first))
        key.append((argument.dtype, argument.ndim, kind) if array else type(argument))
    program = _programs.get(tuple(key))
    if program is None:
        program = _programs[tuple(key)] = _Recording(formula, arguments).program(into)
    results: list[Any] = []
    for dtype in program.results:
        results.append(np.empty_like(first, dtype))
    memory = [*arguments, *results, *program.constants]
    largest = results[0] if results else first
    if largest.nbytes > Pieces.LARGE:
        Pieces.in_pieces(partial(program.run_piece, memory), largest, by_rows or program.meets_rows)
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
    cut: list[int]  # where arrays lie that go row by row
    scratch: list[tuple[int, np.dtype]]
    constants: list[Any]
    results: list[np.dtype]
    meets_rows: bool

    def run(self, memory: list[Any]) -> None:
        """Compute the formula with what lies in these places."""
        for place, dtype in self.scratch:
            memory[place] = np.empty_like(memory[0], dtype)
        for function, first, second, result, fills in self.steps:
            if not fills:
                memory[result] = function(memory[first]) if second is None else function(memory[first], memory[second])
            elif second is None:
                function(memory[first], out=memory[result])
            else:
                function(memory[first], memory[second], out=memory[result])

    def run_piece(self, whole: list[Any], part: slice) -> None:
        """Compute it for some of the rows."""
        memory = list(whole)
        for place in self.cut:
            memory[place] = memory[place][part]
        self.run(memory)


#: By the formula's code, what it overwrites, and the kinds of its arguments.
_programs: dict[tuple, _Program] = {}


class _Value(NDArrayOperatorsMixin):
    """Stands for an array, or for a number among the arguments, while a formula is recorded."""

    def __init__(self, recording: "_Recording", number: int) -> None:
        self.recording, self.number = recording, number

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> "_Value":
        return self.recording.record(ufunc if method == "__call__" else getattr(ufunc, method), *inputs, **options)

    def __array_function__(self, function: Any, types: Any, arguments: Sequence[Any], options: dict) -> "_Value":
        if isinstance(arguments[0], str):  # einsum's subscripts
            function, arguments = partial(function, arguments[0]), arguments[1:]
        return self.recording.record(function, *arguments, **options)

    def __getitem__(self, index: Any) -> "_Value":
        if not isinstance(index, tuple) or any(axis not in (np.newaxis, slice(None)) for axis in index):
            raise ValueError(f"expected an index that adds axes, as [:, np.newaxis], got {index}")
        return self.recording.record(_with_axes, self, index)

    def __bool__(self) -> NoReturn:
        raise TypeError("expected a formula without conditions: they would be asked once, not for each element")


class _Recording:
    """What a formula does with small samples of its arguments, which tell type and shape of every value in it.

    Rows of a sample have another length than columns, so that one sees which axis a function has summed over.
    """

    def __init__(self, formula: Callable[..., Any], arguments: Sequence[Any]) -> None:
        if getattr(formula, "__closure__", None) or getattr(formula, "__defaults__", None):
            code = formula.__code__
            raise ValueError(
                f"expected a formula of its arguments alone, got one that uses {code.co_freevars or formula.__defaults__}"
            )
        self.shape = (2, 3, 3, 3, 3, 3, 3, 3)[: arguments[0].ndim]
        self.samples = [self._sample(argument, arguments[0]) for argument in arguments]
        self.arguments = len(arguments)
        self.calls: list[tuple[Callable[..., Any], list[int], int]] = []
        returned = formula(*(_Value(self, number) for number in range(self.arguments)))
        self.returned: list[int] = []
        for value in returned if isinstance(returned, tuple) else (returned,):
            number = value.number if isinstance(value, _Value) else self._add(value)
            if not self._is_full(number):
                raise ValueError(f"expected results for each element, got {np.shape(self.samples[number])}")
            # An argument, or a second time the same: a result is memory of its own.
            copied = number < self.arguments or number in self.returned
            self.returned.append(self.record(_put, value).number if copied else number)

    def record(self, function: Any, *inputs: Any, **options: Any) -> _Value:
        """Note a call, and make it with the samples."""
        where = any(isinstance(option, _Value) for option in options.values())
        if len(inputs) > 2 or where or "out" in options or getattr(function, "nout", 1) > 1:
            raise ValueError(f"expected functions that make one new array of one or two, got {function}")
        numbers = [value.number if isinstance(value, _Value) else self._add(value) for value in inputs]
        samples = [self.samples[number] for number in numbers]
        function = partial(function, **options) if options else function
        if any(isinstance(sample, np.ndarray) for sample in samples):
            with np.errstate(all="ignore"):
                sample = np.asarray(function(*samples))
            if any(self._has_rows(number) for number in numbers) and sample.shape[:1] != self.shape[:1]:
                raise ValueError(f"expected functions that leave rows apart, got {function}")
        else:
            function = _PLAIN.get(function) or partial(_plainly, function)
            sample = function(*samples)
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
            if number in targets:  # what another result may still need is no place for one
                taken |= set(targets.values()) - {targets[number]}
            dtype = self.samples[number].dtype
            for place in memory:
                if place not in taken and memory[place] == dtype:
                    return place
            place = keep(None)
            memory[place] = dtype
            scratch.append((place, dtype))
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
        cut = [number for number in arrays if self._has_rows(number)]
        cut += range(self.arguments, self.arguments + len(results))
        return _Program(steps, cut, scratch, constants, results, meets_rows=any(not self._is_full(n) for n in arrays))

    def _quick(self, step: _Step, *inputs: int) -> list[_Step]:
        """The same in two steps where NumPy is quicker then: with both operands arrays, and of one type."""
        places = [step.first, step.second]
        for index, number in enumerate(inputs):
            alone = step.function in (np.maximum, np.minimum) and np.ndim(self.samples[number]) == 0
            truth = self._is_full(number) and self.samples[number].dtype == bool and isinstance(step.function, np.ufunc)
            if (alone or truth) and step.fills and step.result not in places:
                write = _Step(_fill if alone else _put, places[index], None, step.result)
                places[index] = step.result
                return [write, _Step(step.function, places[0], places[1], step.result)]
        return [step]

    def _sample(self, argument: Any, first: np.ndarray) -> Any:
        if not isinstance(argument, np.ndarray):
            return argument
        lengths = self.shape[len(self.shape) - argument.ndim :]
        if argument.shape != first.shape:
            lengths = tuple(1 if given == 1 else length for given, length in zip(argument.shape, lengths, strict=True))
        return np.ones(lengths, argument.dtype)

    def _add(self, sample: Any) -> int:
        self.samples.append(sample)
        return len(self.samples) - 1

    def _is_full(self, number: int) -> bool:
        return isinstance(self.samples[number], np.ndarray) and self.samples[number].shape == self.shape

    def _has_rows(self, number: int) -> bool:
        return isinstance(self.samples[number], np.ndarray) and self.samples[number].shape[:1] == self.shape[:1]


def _meets(argument: np.ndarray, first: np.ndarray) -> str:
    """Whether an array with as many axes as the first has one row, or as many rows."""
    if argument.ndim == first.ndim and len(argument) in (1, len(first)):
        return "row" if len(argument) == 1 else "rows"
    raise ValueError(f"expected arrays that meet the first one, of shape {first.shape}, got {argument.shape}")


def _apart(arguments: Sequence[Any], into: tuple[int, ...]) -> tuple[Any, ...]:
    """The arguments, and copies of those that are also overwritten at another position."""
    overwritten = {id(arguments[place]) for place in into}
    again = [number not in into and id(argument) in overwritten for number, argument in enumerate(arguments)]
    return tuple(argument.copy() if copy else argument for argument, copy in zip(arguments, again, strict=True))


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
    result = function(*numbers)
    return result if any(isinstance(number, np.generic) for number in numbers) else result.item()


def _with_axes(value: np.ndarray, index: tuple[Any, ...]) -> np.ndarray:
    return value[index].copy()  # the memory of the value may serve another


def _fill(value: Any, out: np.ndarray) -> None:
    out.fill(value)


def _put(value: Any, out: Any = None) -> Any:
    if out is None:
        return np.array(value)
    out[...] = value
