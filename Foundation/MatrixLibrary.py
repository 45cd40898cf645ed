"""The matrix library below NumPy, and how many threads it takes.

NumPy's own packages bring OpenBLAS, which has one number of threads for the whole process: what it calls the number of
a thread (`openblas_set_num_threads_local`) sets that of all. Others set the number too, scikit-learn for one, by the
package threadpoolctl. It notes the number that it finds and puts it back in the end, in whatever order two of them end.
So it must never find a number that is here for a moment only: as long as that is in force, it is told the number that
holds without us, and what it sets is what holds when we are done.
"""

import ctypes
import functools
from collections.abc import Callable
from pathlib import Path
from threading import RLock, get_ident
from typing import Any, NamedTuple, TypeVar

from Foundation import Forks

Result = TypeVar("Result")

#: Numbers of which the matrix library adds and multiplies on the calling thread alone.
ON_ONE_THREAD = 10_000


class Library(NamedTuple):
    """A matrix library: its file, and two functions that tell and set its number of threads."""

    file: str
    threads: Callable[[], int]
    take: Callable[[int], object]


_lock = Forks.held_at_forks(RLock())
_inside: dict[int, bool] = {}  # the threads that want their products computed where they are
_others: dict[str, int] = {}  # by the file of a library that is held to one thread: its number in everybody else's eyes
_allowed: dict[str, tuple[int, int]] = {}  # by file: the number that `allow` has found, and the one that it has set


def on_the_calling_thread(function: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
    """What a function gives, while the matrix library starts no threads, whatever a product's size.

    It holds for the whole process, as the library knows no other way, and ends with the last of those calls that are
    at it at a time.

    >>> on_the_calling_thread(abs, -1)
    1
    """
    me = get_ident()
    if me in _inside:
        return function(*arguments, **options)
    try:
        _inside[me] = True
        _settle()
        return function(*arguments, **options)
    finally:
        del _inside[me]
        try:
            _settle()
        except BaseException:  # Ctrl-C among them
            _settle()
            raise


def divides_products() -> bool:
    """Whether the matrix library may take its threads to a product: nobody wants it on the calling thread.

    >>> divides_products(), on_the_calling_thread(divides_products)
    (True, False)
    """
    return not _inside


def allow(most: int | None) -> None:
    """Have the library take so many threads at most from now on; None gives it back its own number."""
    with _lock:
        for library in _libraries():
            number = _others[library.file] if library.file in _others else library.threads()
            before, given = _allowed.get(library.file, (number, number))
            if number != given:  # somebody else has set another since
                before = number
            number = before if most is None else min(before, most)
            _allowed[library.file] = before, number
            if library.file in _others:
                _others[library.file] = number
            else:
                library.take(number)
            if most is None:
                del _allowed[library.file]


def _settle() -> None:
    """Hold the library to one thread while anybody wants it, and to the others' number when nobody does.

    Called once more, it mends what it has left half done.
    """
    with _lock:
        for library in _libraries():
            if _inside:
                if library.file not in _others:
                    _others[library.file] = library.threads()
                library.take(1)
            elif library.file in _others:
                if library.threads() == 1:  # else somebody has set another one, past threadpoolctl
                    library.take(_others[library.file])
                del _others[library.file]


@functools.cache
def _libraries() -> list[Library]:
    """NumPy's own library; where none of its package is found, all that may be it."""
    from threadpoolctl import ThreadpoolController

    controllers = [one for one in ThreadpoolController().lib_controllers if one.user_api == "blas"]
    parts = [Path(one.filepath).parts[-3:-1] for one in controllers]
    numpys = [any(part.startswith("numpy") for part in folders) for folders in parts]
    chosen = [one for one, is_numpys in zip(controllers, numpys, strict=True) if is_numpys or not any(numpys)]
    libraries = [_library(one) for one in chosen]
    for kind in {type(one) for one in chosen}:
        _hide_ours(kind)
    return libraries


def _library(controller: Any) -> Library:
    if controller.internal_api == "openblas":
        # Called directly: an interrupt comes before it or after it, and threadpoolctl doesn't take this for a limit.
        loaded = ctypes.CDLL(controller.filepath)
        for prefix in ("scipy_", ""):
            for suffix in ("64_", "_64", ""):
                threads = getattr(loaded, f"{prefix}openblas_get_num_threads{suffix}", None)
                take = getattr(loaded, f"{prefix}openblas_set_num_threads{suffix}", None)
                if threads is not None and take is not None:
                    return Library(controller.filepath, threads, take)
    return Library(controller.filepath, controller.get_num_threads, controller.set_num_threads)


def _hide_ours(kind: Any) -> None:
    """Have threadpoolctl see, and set, the number that holds without us."""
    threads, take = kind.get_num_threads, kind.set_num_threads

    @functools.wraps(threads)
    def get_num_threads(controller: Any) -> Any:
        with _lock:
            number = threads(controller)
            return _others.get(controller.filepath, number) if number == 1 else number

    @functools.wraps(take)
    def set_num_threads(controller: Any, number: int) -> Any:
        with _lock:
            if controller.filepath not in _others:
                return take(controller, number)
            _others[controller.filepath] = number

    kind.get_num_threads, kind.set_num_threads = get_num_threads, set_num_threads


def _forget_other_threads() -> None:
    for thread in tuple(_inside):
        if thread != get_ident():
            del _inside[thread]
    if _others:
        _settle()


Forks.when_forked(_forget_other_threads)
