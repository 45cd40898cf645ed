"""The settings of a process that others see too, in one list: a library that was called leaves them as they were."""

import csv
import decimal
import faulthandler
import gc
import locale
import logging
import os
import random
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any

import numpy as np

from Foundation import Forks, MatrixLibrary, Parallel
from Foundation.Supervision import running_network
from Foundation.Underflow import underflow_is_ignored
from Layers.Parameter import _WITHOUT_FIRST_VALUES


def _module(name: str) -> Any:
    """A module if somebody has imported it: that is not done here."""
    return sys.modules.get(name)


def _of(module: str, name: str) -> Any:
    return getattr(_module(module), name, "unset") if _module(module) else "unset"


def _denormal() -> float:
    return float(np.array([5e-324]).sum())


def _umask() -> int:
    mask = os.umask(0o77)
    os.umask(mask)
    return mask


def _matrix_library() -> list[tuple[int, Any]]:
    from threadpoolctl import threadpool_info

    seen = {library["filepath"]: library["num_threads"] for library in threadpool_info()}
    return [(library.threads(), seen[library.file]) for library in MatrixLibrary._libraries()]


def _variables() -> dict[Any, Any]:
    """Context variables whose value isn't the one that they have where nobody sets them."""
    values = copy_context()
    return {variable: value for variable, value in values.items() if Context().run(variable.get, None) is not value}


#: What a setting is called, and what tells it.
SETTINGS: dict[str, Callable[[], Any]] = {
    "NumPy's errors": np.geterr,
    "NumPy's function for errors": np.geterrcall,
    "NumPy's buffers": np.getbufsize,
    "NumPy's way of printing": np.get_printoptions,
    "the processor's denormal numbers": _denormal,
    "the matrix library's threads, in force and as others see them": _matrix_library,
    "who limits the matrix library": lambda: (dict(MatrixLibrary._inside), dict(MatrixLibrary._others)),
    "what use_threads has said": lambda: (list(Parallel._wishes), dict(MatrixLibrary._allowed)),
    "how many threads compute": Parallel.thread_count,
    "who holds up forks": lambda: (dict(Forks.computing), Forks._forking, list(Forks._held), Forks._gate.locked()),
    "whether underflow is ignored": underflow_is_ignored,
    "which network runs": running_network,
    "whether layers are made without first values": _WITHOUT_FIRST_VALUES.get,
    "context variables": _variables,
    "filters of warnings": lambda: (list(warnings.filters), warnings.showwarning),
    "environment": lambda: dict(os.environ),
    "working directory": os.getcwd,
    "umask": _umask,
    "processors": lambda: os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None,
    "handlers of signals": lambda: {number: signal.getsignal(number) for number in signal.valid_signals()},
    "import paths": lambda: (list(sys.path), list(sys.meta_path), list(sys.path_hooks)),
    "streams": lambda: (sys.stdin, sys.stdout, sys.stderr),
    "hooks": lambda: (sys.excepthook, sys.displayhook, sys.unraisablehook, threading.excepthook, sys.breakpointhook),
    "limits of the interpreter": lambda: (
        sys.getrecursionlimit(),
        sys.getswitchinterval(),
        sys.get_int_max_str_digits(),
        threading.stack_size(),
        sys.dont_write_bytecode,
    ),
    "garbage collection": lambda: (gc.isenabled(), gc.get_threshold(), gc.get_debug(), list(gc.callbacks)),
    "locale": lambda: locale.setlocale(locale.LC_ALL),
    "sockets' patience": socket.getdefaulttimeout,
    "decimal numbers": lambda: repr(decimal.getcontext()),
    "CSV": csv.field_size_limit,
    "logging": lambda: (logging.root.level, list(logging.root.handlers), logging.root.manager.disable),
    "fault handler": faulthandler.is_enabled,
    "Matplotlib's settings": lambda: dict(_of("matplotlib", "rcParams")) if _module("matplotlib") else None,
    "Matplotlib's figures": lambda: _module("matplotlib.pyplot") and _module("matplotlib.pyplot").get_fignums(),
    "Pillow's limits": lambda: (_of("PIL.Image", "MAX_IMAGE_PIXELS"), _of("PIL.ImageFile", "LOAD_TRUNCATED_IMAGES")),
    "tqdm's lock and monitor": lambda: (
        [_of("tqdm.std", "tqdm") != "unset" and getattr(_of("tqdm.std", "tqdm"), name, None) for name in ("monitor",)]
    ),
}
#: Random numbers are drawn by some and not by others.
RANDOM: dict[str, Callable[[], Any]] = {
    "NumPy's random state": lambda: repr(np.random.get_state(legacy=False)) + str(np.random.get_state()[1].sum()),  # noqa: NPY002
    "Python's random state": random.getstate,
}


def snapshot(with_random_states: bool = True) -> dict[str, Any]:
    """All settings as they are now, by name."""
    tell = SETTINGS | RANDOM if with_random_states else SETTINGS
    return {name: ask() for name, ask in tell.items()}


def differences(before: dict[str, Any]) -> list[str]:
    """The settings that are others now."""
    now = snapshot(before.keys() >= RANDOM.keys())
    return [f"{name}: {before[name]} before, {now[name]} now" for name in before if before[name] != now[name]]
