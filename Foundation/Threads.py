"""Threads are begun here, whatever is to come of one that can't be."""

import threading

__all__ = ["started"]


def started(thread: threading.Thread) -> bool:
    """Start a thread; says whether the system has let it begin.

    Raises KeyboardInterrupt as it comes. While one waits for a thread to begin, `threading.Condition` would make a
    RuntimeError of a Ctrl-C that falls where it holds no lock.

    >>> started(threading.Thread(target=int))
    True
    """
    try:
        thread.start()
    except (RuntimeError, MemoryError) as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise error.__context__ from None
        return False
    return True
