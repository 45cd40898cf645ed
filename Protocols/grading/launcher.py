"""Between the teacher's tool and a submission: limits, closed doors, and an end for everything that was started.

A program of its own, of the standard library alone: `python -I -S launcher.py SETTINGS COMMAND…`.
As the parent of the command it takes over what the command leaves behind, and ends it.
"""

from __future__ import annotations

import ctypes
import errno
import marshal
import os
import resource
import select
import signal
import sys
import time

TYPE_CHECKING = False  # what typing says as well, which takes longer to import than all of the rest
if TYPE_CHECKING:
    from typing import Any, NoReturn

PR_SET_DUMPABLE = 4
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 22, 24, 36, 38

# Landlock: landlock(7), linux/landlock.h. The numbers of its three calls are the same on every processor.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read files, list folders
OF_FILES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15  # what can be allowed for a file, not for a folder alone
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}  # of files, since which version
MAKE_DEVICES = 1 << 6 | 1 << 11  # a device would be a door to what lies behind it: never allowed

# What a filter of system calls answers for, as seccomp(2) calls the processors and as they count: x86-64, 64-bit Arm.
PROCESSORS = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
#: What stays in the system's memory when its process has ended.
LASTING = {
    **{"shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180)},
    **{"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219)},
}
NETWORK = {"socket": (41, 198), "io_uring_setup": (425, 425)}
KILL = (62, 129)
SIGNALS = {
    **{"tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240)},
    "pidfd_send_signal": (424, 424),
}
LOOKING = {"ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271)}
OTHERS = {  # the size of a file by its name, memory of no process, another's turn at the disk
    **{"truncate": (76, 45), "memfd_create": (319, 279), "ioprio_set": (251, 30)},
}
#: These change what a file is called to be, and Landlock knows nothing of them: nothing happens, without an error.
ATTRIBUTES = {
    **{"chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452)},
    **{"chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54)},
    **{"utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88)},
    **{"setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463)},
    **{"removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "removexattrat": (466, 466)},
}
#: By these a process would wait for a processor of its own will, which is no part of its time: where they are about the
#: caller, whose first or first two arguments are 0, nothing happens, without an error; about others they are refused.
PRIORITIES = {
    **{"sched_setattr": (314, 274), "sched_setaffinity": (203, 122), "sched_setparam": (142, 118)},
    **{"sched_setscheduler": (144, 119), "setpriority": (141, 140)},
}
ABOUT_TWO = "setpriority"
#: Of limits only those of the caller itself can be changed, whose first argument is 0.
PRLIMIT = (302, 261)
TGKILL = (234, 131)

#: The exit status that says that too many processes were started.
TOO_MANY = 79


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


def keep_to_itself() -> None:
    """From now on nobody without rights of root looks into this process's memory."""
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def landlock_version() -> int:
    """Which version of Landlock the system has; 0 for none."""
    return max(0, libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1)))


def close_files(readable: list[str], writable: list[str]) -> None:
    """From now on only these files and folders can be read, and only those be written; nobody outside be signalled."""
    version = landlock_version()
    handled = max(rights for since, rights in RIGHTS.items() if since <= version)
    all_but_devices = handled & ~MAKE_DEVICES
    network = 0b11 if version >= 4 else 0
    scoped = 0b11 if version >= 6 else 0
    attributes = (ctypes.c_uint64 * 3)(handled, network, scoped)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _call(CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
    for paths, rights in ((readable, READ), (writable, all_but_devices)):
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


def close_calls(network: bool, signals: bool, others: bool, alone: bool) -> None:
    """From now on a filter of system calls answers for the network, for signals, and for what else reaches others.

    A signal to itself (what `abort` sends) is let through; where nobody else is there, those to its children as well.
    """
    machine = os.uname().machine
    if machine not in PROCESSORS or sys.maxsize < 2**32:
        return
    place, processor = PROCESSORS[machine]
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    refused, nothing, allowed = 0x00050000 | errno.EACCES, 0x00050000, 0x7FFF0000
    chosen = (LASTING, LOOKING, NETWORK if network else {}, SIGNALS if signals else {}, OTHERS if others else {})
    refusals = {name: numbers for calls in chosen for name, numbers in calls.items()}
    answers: list[tuple[int | None, int]] = [(numbers[place], refused) for numbers in refusals.values()]
    answers += [(numbers[place], nothing) for numbers in ATTRIBUTES.values() if others]
    own = [(numbers[place], [0, 0] if name == ABOUT_TWO else [0], nothing) for name, numbers in PRIORITIES.items()]
    own += [(PRLIMIT[place], [0], allowed)] if others else []
    own += [(TGKILL[place], [os.getpid()], allowed)] if signals else []
    lines = [
        (load, 0, 0, 4),  # the processor
        (equal, 1, 0, processor),
        (give, 0, 0, refused),
        (load, 0, 0, 0),  # the number of the call
        (at_least, 0, 1, 0x40000000),  # another way to count them
        (give, 0, 0, refused),
    ]
    for number, answer in answers:
        if number is not None:
            lines += [(equal, 0, 1, number), (give, 0, 0, answer)]
    for number, arguments, answer in own:
        lines.append((equal, 0, 2 * len(arguments) + 2, number))
        for which, value in enumerate(arguments):
            lines += [(load, 0, 0, 16 + 8 * which), (equal, 0, 2 * (len(arguments) - which) - 1, value)]
        lines += [(give, 0, 0, answer), (give, 0, 0, refused)]
    if signals and alone:  # not to groups, nor to the first process and to the parent of this one
        lines += [(equal, 0, 7, KILL[place]), (load, 0, 0, 16), (at_least, 4, 0, 1 << 31), (equal, 3, 0, 0)]
        lines += [(equal, 2, 0, 1), (equal, 1, 0, os.getppid()), (give, 0, 0, allowed), (give, 0, 0, refused)]
    elif signals:
        lines += [(equal, 0, 1, KILL[place]), (give, 0, 0, refused)]
    lines.append((give, 0, 0, allowed))
    program = Program(len(lines), (Line * len(lines))(*(Line(*line) for line in lines)))
    if libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "the filter of system calls was refused")


def give_up_rights() -> None:
    """Whoever is root here is so by name only, and the first to go where memory is short."""
    for right in range(64):
        if libc.prctl(PR_CAPBSET_DROP, right, 0, 0, 0):
            break
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")
    except OSError:
        pass


def limit(limits: dict[str, int]) -> None:
    """Set limits by their names in `resource`; never above those that hold already."""
    for name, most in limits.items():
        kind = getattr(resource, name)
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def children(process: int) -> list[int]:
    """The processes that this one has started, by any of its threads, or that have become its own."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children", encoding="ascii") as file:
                found += [int(number) for number in file.read().split()]
    except OSError:
        pass  # it has ended meanwhile
    return found


def descendants(process: int, most: int) -> list[int]:
    """All that a process has started; no more than about `most` of them."""
    found = waiting = children(process)
    while waiting and len(found) < most:
        waiting = [child for parent in waiting for child in children(parent)]
        found = found + waiting
    return found


def end_all(seconds: float) -> None:
    """End every descendant: those of an ended child become children of this process."""
    deadline = time.monotonic() + seconds
    pause = 0.0002
    while time.monotonic() < deadline:
        for child in descendants(os.getpid(), 10_000):
            try:
                os.kill(child, signal.SIGKILL)
            except OSError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(pause)
        pause = min(2 * pause, 0.01)


def _end(number: int, frame: Any) -> NoReturn:
    end_all(2)
    os._exit(1)


def start(settings: dict[str, Any], command: list[str]) -> NoReturn:
    """In the child: close the doors and become the command."""
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    limit(settings["limits"])
    give_up_rights()
    if settings["landlock"]:
        close_files(settings["readable"], settings["writable"])
    close_calls(settings["network"], settings["signals"], settings["others"], settings["alone"])
    os.execv(command[0], command)


def watch(child: int, most: int) -> int:
    """Wait for a child; its status, or what says that it started too many processes."""
    try:
        ends = select.poll()
        ends.register(os.pidfd_open(child), select.POLLIN)
    except OSError:
        ends = None
    while True:
        if ends is not None:
            ends.poll(50)
        else:
            time.sleep(0.02)
        ended, status = os.waitpid(-1, os.WNOHANG)
        if ended == child:
            return status
        if len(descendants(os.getpid(), most + 1)) > most:
            os.write(2, f"\nended: more than {most} processes at the same time\n".encode())
            return TOO_MANY << 8


def main() -> None:
    """Run the command, wait for it, end what it leaves, and end as it ended."""
    settings, command = marshal.loads(bytes.fromhex(sys.argv[1])), sys.argv[2:]
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # it asks the command, which may have become another one
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGUSR1, signal.SIG_DFL)
        try:
            start(settings, command)
        except BaseException as error:
            os.write(2, f"the box can't be closed: {error}\n".encode())
            os._exit(125)
    status = watch(child, settings["processes"])
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if not settings["alone"]:  # the processes of a namespace end with the first of them
        end_all(10)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(number, signal.SIG_DFL) if number not in (signal.SIGKILL, signal.SIGSTOP) else None
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


if __name__ == "__main__":
    main()
