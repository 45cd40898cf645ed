"""What a submission runs in: the strongest box that the machine offers.

A box lets a process read the interpreter with its packages, the submission's copy and a file or two, write into a
scratch folder, and nothing else: no network, no neighbour, no home, no parent to signal.
"""

import marshal
import os
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache

import NeuralNetworkTests as suite
from Protocols.grading import launcher
from Protocols.grading.programs import write_program

#: Address space, size of a file, dumps of memory, and open files of a task's process.
LIMITS = {
    "RLIMIT_AS": suite.MEMORY_LIMIT,
    "RLIMIT_FSIZE": suite.FILE_SIZE_LIMIT,
    "RLIMIT_CORE": 0,
    "RLIMIT_NOFILE": 512,
}

#: The exit status by which a process in a box says that it can't read this file.
CLOSED = 77

#: How many processes a task may have at the same time, and, where the user isn't root, all of them together.
PROCESSES, PROCESSES_OF_ALL = 24, 1000

#: Of the system: libraries, programs, fonts, and what they look up about the processor and the time.
SYSTEM = (
    *("/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts"),
    *("/etc/alternatives", "/sys/devices/system/cpu"),
)
#: Rooms of this library that an installation has beside other packages: right answers.
ANSWERS = {"Foundation", "Interop", "Layers", "Models", "Network", "Optimization", "Generator", "Training", "Protocols"}


class Box:
    """No box: limits, a clean environment, and on Linux an end for everything that a task has started."""

    name, called = "none", "no box"
    status_of_signal = 0  # what is added to a signal's number in the exit status; 0 where the status is negative

    def command(self, command: Sequence[str], readable: Sequence[str], place: str) -> list[str]:
        """A command that runs another one in the box, with `place` to write into."""
        if not sys.platform.startswith("linux"):
            return list(command)
        return _launched(command, place, signals=True)


class Landlock(Box):
    """Files, sockets and signals are closed by the process itself before it begins: Linux 5.13, no rights needed."""

    name, called = "landlock", "Landlock"

    def command(self, command: Sequence[str], readable: Sequence[str], place: str) -> list[str]:
        """A command that runs another one in the box, with `place` to write into."""
        files = [*SYSTEM, *_interpreter(), *readable, "/proc", "/dev/urandom", "/dev/random", "/dev/zero"]
        # Since version 6 Landlock itself keeps signals inside
        doors = {"landlock": True, "network": True, "others": True, "signals": launcher.landlock_version() < 6}
        return _launched(command, place, readable=files, writable=[place, "/dev/null"], **doors)


class Bubblewrap(Box):
    """Namespaces of its own for files, processes and the network: what is not bound isn't there.

    What is written to the usual places for passing files and memory goes to the scratch folder.
    """

    name, called = "bubblewrap", "bubblewrap"
    status_of_signal = 128

    def command(self, command: Sequence[str], readable: Sequence[str], place: str) -> list[str]:
        """A command that runs another one in the box, with `place` to write into."""
        bound = [part for path in (*SYSTEM, *_interpreter(), *readable) for part in _bind(path)]
        usual = {"/tmp": os.path.join(place, "tmp"), "/dev/shm": os.path.join(place, "shm")}
        for folder in usual.values():
            os.mkdir(folder)
        return [
            _bubblewrap(),
            *("--unshare-all", "--die-with-parent", "--proc", "/proc", "--dev", "/dev"),
            *(part for path, folder in usual.items() for part in ("--bind", folder, path)),
            *bound,
            *("--bind", place, place, "--remount-ro", "/dev", "--remount-ro", "/", "--"),
            *_launched(command, place, network=True, signals=True, alone=True),
        ]


def _bubblewrap() -> str:
    return shutil.which("bwrap") or "bwrap"


def _bind(path: str) -> tuple[str, ...]:
    return ("--ro-bind-try", path, path)


def _launched(
    command: Sequence[str],
    place: str,
    landlock: bool = False,
    network: bool = False,
    signals: bool = False,
    others: bool = False,
    alone: bool = False,
    readable: Sequence[str] = (),
    writable: Sequence[str] = (),
) -> list[str]:
    settings = {
        "limits": {**LIMITS, **_most_processes()},
        "processes": PROCESSES,
        "landlock": landlock,
        "network": network,
        "signals": signals,
        "others": others,
        "alone": alone,
        "readable": list(readable),
        "writable": list(writable),
    }
    program = write_program(launcher.__file__, place)
    return [sys.executable, "-I", "-S", program, marshal.dumps(settings).hex(), *command]


@cache
def _most_processes() -> dict[str, int]:
    """A limit far above what the user has running, who may have a desk full of other programs; root has none."""
    if not hasattr(os, "getuid") or os.getuid() == 0:
        return {}
    running = 0
    for process in os.listdir("/proc"):
        with suppress(OSError):
            if process.isdigit() and os.stat(f"/proc/{process}").st_uid == os.getuid():
                running += len(os.listdir(f"/proc/{process}/task"))
    return {"RLIMIT_NPROC": running + PROCESSES_OF_ALL}


@cache
def _interpreter() -> tuple[str, ...]:
    """Where Python and the installed packages lie, without this library where it is one of them."""
    folders = {os.path.realpath(folder) for folder in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    packages = {os.path.realpath(path) for path in (*site.getsitepackages(), site.getusersitepackages())}
    packages = {path for path in packages if os.path.isdir(path)}
    found = {os.path.dirname(sys.executable), os.path.realpath(sys.executable)}
    for folder in folders | packages:
        found |= _without_answers(folder, packages)
    return tuple(sorted(found))


def _without_answers(folder: str, packages: set[str]) -> set[str]:
    """A folder, or what lies in it where packages lie somewhere below: those that hold no right answers."""
    inside = [path for path in packages if path == folder or path.startswith(folder + os.sep)]
    if not any(os.path.exists(os.path.join(path, name)) for path in inside for name in suite.CONTRACT_NAMES):
        return {folder}
    found = set()
    for entry in os.scandir(folder):
        if folder in packages and entry.name.removesuffix(".py") in ANSWERS | {"NeuralNetwork", "NeuralNetworkTests"}:
            continue
        if entry.is_dir() and any(path == entry.path or path.startswith(entry.path + os.sep) for path in packages):
            found |= _without_answers(entry.path, packages)
        else:
            found.add(entry.path)
    return found


def environment(place: str) -> dict[str, str]:
    """The environment of a process in any box: nothing of the teacher's."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    home = {"HOME": place, "USER": "student", "LOGNAME": "student", "PYTHONUSERBASE": site.getuserbase()}
    return {**kept, **home, **suite.ENVIRONMENT, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), place)}


def choose(name: str) -> Box:
    """The box of a name; "auto" for the strongest that works here. Raises WrongUsage where it doesn't."""
    boxes: dict[str, type[Box]] = {box.name: box for box in (Bubblewrap, Landlock, Box)}
    if sys.platform.startswith("linux"):
        launcher.keep_to_itself()
    for box in boxes.values() if name == "auto" else [boxes[name]]:
        if works(box()):
            return box()
    raise suite.WrongUsage(f"the sandbox {name} does not work on this machine; --sandbox auto takes what does")


def works(box: Box) -> bool:
    """Whether a box can be closed here, and keeps what is outside from being read."""
    if type(box) is Box:
        return True
    if isinstance(box, Bubblewrap) and shutil.which("bwrap") is None:
        return False
    if isinstance(box, Landlock) and not (sys.platform.startswith("linux") and launcher.landlock_version()):
        return False
    look = f"""
try:
    open({os.path.abspath(__file__)!r}).close()
except OSError:
    raise SystemExit({CLOSED})"""
    with tempfile.TemporaryDirectory() as place, suppress(OSError, subprocess.SubprocessError):
        command = box.command([sys.executable, "-I", "-S", "-c", look], (), place)
        done = subprocess.run(command, capture_output=True, timeout=120, check=False, cwd=place)
        return done.returncode == CLOSED
    return False
