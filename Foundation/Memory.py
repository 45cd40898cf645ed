"""Memory that one training step frees and the next one needs again."""

import functools

import numpy as np


@functools.cache
def keep_freed_memory() -> None:
    """Let the C library keep what arrays of some megabytes leave behind, instead of handing it back at once.

    The memory that a step frees goes back to the operating system where it is more than twice the largest block
    freed before, and comes back page by page, each filled with zeros: for a small network up to a sixth of its time. So
    one block is freed first, a little smaller than the 32 MB up to which glibc, the C library of most Linux systems,
    learns from what is freed (see mallopt(3)). Nobody writes to it, so that it takes no memory. Other C libraries
    are not impressed.
    """
    np.empty(2**25 - 2**16, np.uint8)
