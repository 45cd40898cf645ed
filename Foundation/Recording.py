"""Recording a formula: what it does with its arguments, as steps that can be replayed in memory that is there.

The formula is called with objects that stand for its arguments. Whatever is done to them, an operator or a function of
NumPy's, comes to `Recording.record`, which notes the call and gives an object that stands for the result. Then each
result that is an array is given a place: one of those that the formula's results will have, as long as nothing that is
still needed lies there, or scratch memory.
"""

import dis
import operator
from collections.abc import Callable, Sequence
from functools import partial
from numbers import Number
from operator import itemgetter, setitem
from types import FunctionType, MethodType
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from Foundation.Moves import Calls
from Foundation.NumPySettings import ignoring_errors


class Step(NamedTuple):
    """A call of a function with what lies at one or two places, which fills a place or puts something new there."""

    function: Callable[..., Any]
    first: int
    second: Any
    result: int
    fills: bool = True


class Program(NamedTuple):
    """A recorded formula. Its places: arguments, new results, then constants and what the steps make."""

    steps: list[Step]
    of_numbers: list[Step]  # those of them that plain numbers come from, which nobody waits for
    calls_of: list[Callable[[list[Any]], tuple[Any, ...]]]  # makes the call of each other step, see `calls`
    cut: list[int]  # where arrays lie that go row by row
    scratch: list[tuple[int, np.dtype]]
    constants: list[Any]
    results: list[np.dtype]
    meets_rows: bool
    gives_what_is_written: bool  # no result that is an argument, no number that stays plain unlike in NumPy

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
        self.run(self._cut(whole, part))

    def scratch_like(self, array: np.ndarray) -> list[np.ndarray]:
        """The memory beside its arguments that it takes for such an array."""
        return [np.empty_like(array, dtype) for _, dtype in self.scratch]

    def calls(self, memory: list[Any], scratch: list[np.ndarray]) -> Calls:
        """What computes it later with what lies in these places then, see `Foundation.Moves`; plain numbers now."""
        for (place, _), array in zip(self.scratch, scratch, strict=True):
            memory[place] = array
        for function, first, second, result, _ in self.of_numbers:
            memory[result] = function(memory[first]) if second is None else function(memory[first], memory[second])
        return [call_of(memory) for call_of in self.calls_of]

    def calls_for_piece(self, whole: list[Any], part: slice, scratch: list[np.ndarray]) -> Calls:
        """The same for some of the rows."""
        memory = self._cut(whole, part)
        rows = len(memory[self.cut[0]])
        return self.calls(memory, [array[:rows] for array in scratch])

    def _cut(self, whole: list[Any], part: slice) -> list[Any]:
        memory = list(whole)
        for place in self.cut:
            memory[place] = memory[place][part]
        return memory


class Value(NDArrayOperatorsMixin):
    """Stands for an array, or for a number among the arguments, while a formula is recorded."""

    def __init__(self, recording: "Recording", number: int) -> None:
        self.recording, self.number = recording, number

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> "Value":
        return self.recording.record(ufunc if method == "__call__" else getattr(ufunc, method), *inputs, **options)

    def __array_function__(self, function: Any, types: Any, arguments: Sequence[Any], options: dict) -> "Value":
        if isinstance(arguments[0], str):  # einsum's subscripts
            function, arguments = partial(function, arguments[0]), arguments[1:]
        return self.recording.record(function, *arguments, **options)

    def __pow__(self, exponent: Any) -> "Value":
        # As the operator of arrays has it: its numbers aren't those of np.power in every version of NumPy.
        array = isinstance(self.recording.samples[self.number], np.ndarray)
        if array and type(exponent) is float and exponent in _POWERS:
            return self.recording.record(_POWERS[exponent], self)
        return self.recording.record(np.power, self, exponent)

    def __getitem__(self, index: Any) -> "Value":
        if not isinstance(index, tuple) or any(axis not in (np.newaxis, slice(None)) for axis in index):
            raise ValueError(f"expected an index that adds axes, as [:, np.newaxis], got {index}")
        return self.recording.record(_with_axes, self, index)

    def __bool__(self) -> NoReturn:
        raise TypeError("expected a formula without conditions: they would be asked once, not for each element")


class Recording:
    """What a formula does with small samples of its arguments, which tell type and shape of every value in it.

    Rows of a sample have another length than columns, so that one sees which axis a function has summed over.
    """

    def __init__(self, formula: Callable[..., Any], arguments: Sequence[Any]) -> None:
        others = _beside_its_arguments(formula)
        if others:
            raise ValueError(f"expected a formula of its arguments alone, got one that uses {others}")
        self.shape = (2, 3, 3, 3, 3, 3, 3, 3)[: arguments[0].ndim]
        self.samples = [self._sample(argument, arguments[0]) for argument in arguments]
        self.arguments = len(arguments)
        self.calls: list[tuple[Callable[..., Any], list[int], int]] = []
        returned = formula(*(Value(self, number) for number in range(self.arguments)))
        self.returned: list[int] = []
        for value in returned if isinstance(returned, tuple) else (returned,):
            number = value.number if isinstance(value, Value) else self._add(value)
            if not self._is_full(number):
                raise ValueError(f"expected results for each element, got {np.shape(self.samples[number])}")
            # An argument, or a second time the same: a result is memory of its own.
            copied = number < self.arguments or number in self.returned
            self.returned.append(self.record(_put, value).number if copied else number)

    def record(self, function: Any, *inputs: Any, **options: Any) -> Value:
        """Note a call, and make it with the samples."""
        where = any(isinstance(option, Value) for option in options.values())
        if len(inputs) > 2 or where or "out" in options or getattr(function, "nout", 1) > 1:
            raise ValueError(
                f"expected functions that make one new array of one or two, got {function}; instead of np.where there "
                "is only_where, of np.clip np.minimum and np.maximum"
            )
        numbers = [value.number if isinstance(value, Value) else self._add(value) for value in inputs]
        samples = [self.samples[number] for number in numbers]
        function = partial(function, **options) if options else function
        if any(isinstance(sample, np.ndarray) for sample in samples):
            sample = np.asarray(ignoring_errors(function, *samples))
            if any(self._has_rows(number) for number in numbers) and sample.shape[:1] != self.shape[:1]:
                raise ValueError(f"expected functions that leave rows apart, got {function}")
        else:
            function = _PLAIN.get(function) or partial(_plainly, function)
            sample = function(*samples)
        self.calls.append((function, numbers, self._add(sample)))
        return Value(self, len(self.samples) - 1)

    def program(self, into: tuple[int, ...]) -> Program:
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
        steps: list[Step] = []

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
            for constant in inputs:
                if constant not in places:
                    places[constant] = keep(self._as_array(constant, inputs))
            full = self._is_full(number)
            places[number] = room_for(number, at) if full else keep(None)
            step = Step(function, places[inputs[0]], places[inputs[-1]], places[number], full)
            if len(inputs) == 1:
                steps.append(step._replace(second=None))
            else:
                steps += self._quick(step, *inputs)
        steps += [Step(_put, places[n], None, place) for n, place in targets.items() if places[n] != place]
        given = self.samples[: self.arguments]
        cut = [place for place in range(self.arguments) if self._has_rows(place)]
        cut += range(self.arguments, self.arguments + len(results))
        meets_rows = any(isinstance(sample, np.ndarray) and sample.shape != self.shape for sample in given)
        kept_plain = any(getattr(function, "func", function) in (_plainly, _put) for function, *_ in self.calls)
        of_numbers = [step for step in steps if not step.fills]
        calls_of = [_call_of(step, keep) for step in steps if step.fills]
        return Program(steps, of_numbers, calls_of, cut, scratch, constants, results, meets_rows, not kept_plain)

    def _quick(self, step: Step, *inputs: int) -> list[Step]:
        """The same in two steps where NumPy is quicker then: with both operands arrays, and of one type."""
        places = [step.first, step.second]
        if step.function in QUICKER_APART and step.fills and step.result not in places:
            return [step._replace(function=QUICKER_APART[step.function])]
        for index, number in enumerate(inputs):
            alone = step.function in (np.maximum, np.minimum) and np.ndim(self.samples[number]) == 0
            truth = self._is_full(number) and self.samples[number].dtype == bool and isinstance(step.function, np.ufunc)
            if (alone or truth) and step.fills and step.result not in places:
                write = Step(_fill if alone else _put, places[index], None, step.result)
                places[index] = step.result
                return [write, Step(step.function, places[0], places[1], step.result)]
        return [step]

    def _as_array(self, constant: int, inputs: list[int]) -> Any:
        """A number in the type of the array that it meets, as NumPy would make it each time."""
        value, other = self.samples[constant], self.samples[inputs[0] if inputs[-1] == constant else inputs[-1]]
        meets = type(value) in (int, float) and isinstance(other, np.ndarray) and other.dtype.kind == "f"
        return np.array(value, other.dtype) if meets else value

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


def _beside_its_arguments(formula: Any) -> Any:
    """What a formula uses that may be another value the next time, when only the recorded calls are made again."""
    if not hasattr(formula, "__name__"):
        return f"what {formula!r} holds; write a function"
    if isinstance(formula, MethodType):
        return f"{formula.__self__!r}; hand over its attributes as arguments of a function"
    if not isinstance(formula, FunctionType):
        return None
    code, known = formula.__code__, formula.__globals__
    looked_up = {step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL"}
    values = sorted(name for name in looked_up & known.keys() if isinstance(known[name], Number | np.ndarray))
    return code.co_freevars or formula.__defaults__ or formula.__kwdefaults__ or values


#: What Python has for a number and another is many times quicker than what NumPy has for arrays.
_PLAIN: dict[Any, Callable[..., Any]] = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: operator.truediv,
    np.power: operator.pow,
    np.negative: operator.neg,
}


#: Functions that may fill memory that is none of their arguments' more quickly, and how.
QUICKER_APART: dict[Callable[..., Any], Callable[..., Any]] = {}

_POWERS: dict[float, np.ufunc] = {0.5: np.sqrt, 2.0: np.square}


def _plainly(function: Callable[..., Any], *numbers: Any) -> Any:
    result = function(*numbers)
    return result if any(isinstance(number, np.generic) for number in numbers) else result.item()


def _call_of(step: Step, keep: Callable[[Any], int]) -> Callable[[list[Any]], tuple[Any, ...]]:
    """What makes of memory the call of a step, in one function written in C where NumPy's function allows it."""
    function, first, second, result, _ = step
    inputs = (first,) if second is None else (first, second)
    if function is _put:
        return itemgetter(keep(setitem), result, keep(...), first)
    if isinstance(function, np.ufunc) and function not in (np.maximum, np.minimum):  # of which NumPy is about to ask it
        return itemgetter(keep(function), *inputs, result)
    return partial(_call_by_name, function, inputs, result)


def _call_by_name(function: Callable[..., Any], inputs: tuple[int, ...], result: int, memory: list[Any]) -> Any:
    if function is _fill:
        return memory[result].fill, memory[inputs[0]]
    return partial(function, out=memory[result]), *(memory[place] for place in inputs)


def _with_axes(value: np.ndarray, index: tuple[Any, ...]) -> np.ndarray:
    return value[index].copy()  # the memory of the value may serve another


def _fill(value: Any, out: np.ndarray) -> None:
    out.fill(value)


def _put(value: Any, out: Any = None) -> Any:
    if out is None:
        return np.array(value)
    out[...] = value
