"""What a kind of files is: where valid ones come from, how they are damaged, and how a program uses them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.fuzz.mutators import damaged

#: Gives the content of a file from valid ones.
Mutate = Callable[[Sequence[bytes], Random], bytes]


@dataclass(frozen=True)
class Kind:
    """A kind of files from strangers."""

    name: str
    #: makes the contents of valid files, in a folder that may be used for it
    seeds: Callable[[Path], Sequence[bytes]]
    #: reads a file and uses what came out of it; raises one of `errors` where it refuses the file
    use: Callable[[Path], None]
    mutate: Mutate = damaged
    #: what may be raised; the message has to name the file, see `names`
    errors: tuple[type[Exception], ...] = (ValueError,)
    #: the file's own name
    filename: str = "file"
    #: puts what else there has to be into the folder of the file, once
    prepare: Callable[[Path], None] = lambda folder: None
    #: whether an error that is allowed is a good one
    says: Callable[[Exception, Path], bool] = lambda error, path: path.name in str(error)
    #: how many of a thousand files are of this kind, beside the others
    share: int = 1
    #: what may be opened besides the file: whether this path may
    may_open: Callable[[str], bool] = lambda path: False
    #: the longest time for one file, in seconds
    seconds: float = 1.0
    #: what it may take beyond its size, in MiB
    mebibytes: int = 64
