"""What is said of a file that is refused, and that it took little to say it."""

import time
import tracemalloc

import pytest


def refusal(call, name, mebibytes=8, kinds=(ValueError,)):
    """The message of an error of one of these kinds, which names the file, within so much memory and two seconds."""
    begun = time.process_time()
    tracemalloc.start()
    try:
        with pytest.raises(kinds) as caught:
            call()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < mebibytes * 2**20, f"{peak:,} bytes"
    assert time.process_time() - begun < 2  # most take a millisecond; counting memory makes it ten times as long
    assert type(caught.value) in kinds
    assert name in str(caught.value) and len(str(caught.value)) < 1500
    return str(caught.value)
