"""Between the teacher's tool and a submission: limits, closed doors, and an end for everything that was started.

A program of its own, of the standard library alone: `python -I -S launcher.py SETTINGS COMMAND…`.
As the parent of the command it takes over what the command leaves behind, and ends it.
"""

import ctypes
import errno
import json
import os
import platform
import resource
import signal
import sys
import time
from typing import Any, NoReturn

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 22, 36, 38

# Landlock: landlock(7), linux/landlock.h. The numbers of its three calls are the same on every processor.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read files, list folders
OF_FILES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15  # what can be allowed for a file, not for a folder alone
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}  # of files, since which version

# The numbers of socket, and the processors as seccomp calls them; io_uring_setup is 425 on all of them.
SOCKET = {"x86_64": (41, 0xC000003E), "aarch64": (198, 0xC00000B7)}
IO_URING_SETUP = 425


class PathRule(ctypes.Structure):
    """What is allowed beneath a file or folder: struct landlock_path_beneath_attr."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("handle", ctypes.c_int32))


class Line(ctypes.Structure):
    """One instruction of a filter of system calls: struct sock_filter."""

    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("value", ctypes.c_uint32))


class Program(ctypes.Structure):
    """A filter of system calls: struct sock_fprog."""

    _fields_ = (("length", ctypes.c_uint16), ("lines", ctypes.POINTER(Line)))


libc = ctypes.CDLL(None, use_errno=True)


def landlock_version() -> int:
    """Which version of Landlock the system has; 0 for none."""
    return max(0, libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1)))


def close_files(readable: list[str], writable: list[str]) -> None:
    """From now on only these files and folders can be read, and only those be written; nobody outside be signalled."""
    version = landlock_version()
    handled = max(rights for since, rights in RIGHTS.items() if since <= version)
    network = 0b11 if version >= 4 else 0
    scoped = 0b11 if version >= 6 else 0
    attributes = (ctypes.c_uint64 * 3)(handled, network, scoped)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _call(CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
    for paths, rights in ((readable, READ), (writable, handled)):
        for path in paths:
            try:
                handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue  # what isn't there needs no permission
            allowed = rights & handled & (handled if os.path.isdir(path) else OF_FILES)
            rule = PathRule(allowed, handle)
            _call(ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(1), ctypes.byref(rule), ctypes.c_uint32(0))
            os.close(handle)
    _call(RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    os.close(ruleset)


def _call(number: int, *arguments: Any) -> int:
    result: int = libc.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def close_network() -> None:
    """From now on no socket can be made: a filter of system calls answers for them."""
    if platform.machine() not in SOCKET or sys.maxsize < 2**32:
        return
    socket, machine = SOCKET[platform.machine()]
    refused = 0x00050000 | errno.EACCES
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    lines = [
        (load, 0, 0, 4),  # the processor
        (equal, 1, 0, machine),
        (give, 0, 0, refused),
        (load, 0, 0, 0),  # the number of the call
        (at_least, 2, 0, 0x40000000),  # another way to count them
        (equal, 1, 0, socket),
        (equal, 0, 1, IO_URING_SETUP),
        (give, 0, 0, refused),
        (give, 0, 0, 0x7FFF0000),
    ]
    program = Program(len(lines), (Line * len(lines))(*(Line(*line) for line in lines)))
    if libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "the filter of system calls was refused")


def limit(limits: dict[str, int]) -> None:
    """Set limits by their names in `resource`; never above those that hold already."""
    for name, most in limits.items():
        kind = getattr(resource, name)
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def children() -> list[int]:
    """The processes whose parent this one is, or has become."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return [int(number) for number in file.read().split()]
    except OSError:
        return []


def end_all(seconds: float) -> None:
    """End every descendant: those of an ended child become children of this process."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for child in children():
            try:
                os.kill(child, signal.SIGKILL)
            except OSError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)


def _end(number: int, frame: Any) -> NoReturn:
    end_all(2)
    os._exit(1)


def start(settings: dict[str, Any], command: list[str]) -> NoReturn:
    """In the child: close the doors and become the command."""
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    limit(settings["limits"])
    if settings["landlock"]:
        close_files(settings["readable"], settings["writable"])
    if settings["network"]:
        close_network()
    os.execv(command[0], command)


def main() -> None:
    """Run the command, wait for it, end what it leaves, and end as it ended."""
    settings, command = json.loads(sys.argv[1]), sys.argv[2:]
    if settings["alone"]:  # the processes of a namespace end with the first of them
        start(settings, command)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    signal.signal(signal.SIGTERM, _end)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            start(settings, command)
        except BaseException as error:
            os.write(2, f"the box can't be closed: {error}\n".encode())
            os._exit(125)
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == child:
            break
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_all(2)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(number, signal.SIG_DFL) if number not in (signal.SIGKILL, signal.SIGSTOP) else None
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


if __name__ == "__main__":
    main()
