"""NumPy's settings for errors of arithmetic and for buffers, changed for a while and surely put back.

They belong to the thread, or rather to its context: NumPy keeps them in a context variable, all in one object. Who puts
that object back needs one call of a function written in C, which Ctrl-C can't come before once the `finally` has begun.
`np.errstate` is written in Python, as a context and around a function, and an interrupt in it leaves the settings as
they shouldn't be.
"""

from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar

import numpy as np

Result = TypeVar("Result")

# NumPy has no name for its variable; it is the one that is set when settings are set where nothing else is.
_apart = Context()
_apart.run(np.seterr, under="ignore")
_variable: ContextVar[Any] = next(iter(_apart))

#: The settings that hold here, as one object; and the function that puts it back.
current = _variable.get
put_back = _variable.set

#: What holds where nobody has set anything: underflow is ignored, and of the other errors one is warned.
USUAL = Context().run(current)


def apart(function: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
    """What a function gives that changes settings and puts them back by itself, in a copy of the context.

    Some of NumPy's own do, and an interrupt in them leaves things in that copy.

    >>> apart(np.random.default_rng, 0).integers(9)
    np.int64(7)
    """
    return copy_context().run(function, *arguments, **options)


class Ignoring:
    """Calls functions in which some errors of NumPy's are none.

    >>> quietly = Ignoring("divide", "invalid")
    >>> with np.errstate(all="raise"):
    ...     print(quietly(np.divide, 1.0, np.zeros(1)))
    [inf]
    """

    def __init__(self, *errors: str) -> None:
        self._errors: dict[str, Any] = dict.fromkeys(errors, "ignore")
        self._latest: tuple[Any, Any] = None, None

    def __call__(self, function: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
        """What the function gives; afterwards the settings are what they were."""
        before = current()
        known, changed = self._latest
        try:
            put_back(changed if known is before else self._changed(before))
            return function(*arguments, **options)
        finally:
            put_back(before)

    def _changed(self, before: Any) -> Any:
        apart = Context()
        apart.run(put_back, before)
        apart.run(np.seterr, **self._errors)
        self._latest = before, apart[_variable]
        return apart[_variable]


#: Of results that are too large or too small, the infinity and the 0 that they become are right.
ignoring_range = Ignoring("over", "under")

#: Somebody looks at the numbers themselves.
ignoring_errors = Ignoring("divide", "over", "under", "invalid")
