"""What a `.npy` file says of the array in it, read without evaluating it.

In front of the numbers stands a dictionary in Python's notation, which NumPy's own reader hands to Python's parser.
Here three entries of a known form are looked for.
"""

import re
from typing import BinaryIO

import numpy as np

_MAGIC = b"\x93NUMPY"
#: How many bytes tell the length of the header, by version. Version 3 is for tables with named columns.
_LENGTH_BYTES = {b"\x01\x00": 2, b"\x02\x00": 4}
_LONGEST = 10_000
_ENTRY = re.compile(rb"""\s*(['"])(\w+)\1\s*:\s*(?:'([^']*)'|"([^"]*)"|(True|False)|\(([\dL,\s]*)\))\s*(?:,|$)""")
#: No more digits: NumPy 2.0 counts the bytes of longer texts beyond what its numbers hold, and finds a negative size.
_TYPE = re.compile(r"[<>|=]?[a-zA-Z?]\d{0,7}")
_LENGTHS = re.compile(rb"(?:\d{1,19}L?\s*,\s*)*(?:\d{1,19}L?\s*)?")


def read_array_header(file: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Read the header of a `.npy` file, up to the numbers: shape, whether they lie column by column, and type.

    Raises ValueError for what is no such header, and for arrays of Python objects or of named columns.

    >>> import io
    >>> file = io.BytesIO()
    >>> np.save(file, np.zeros((2, 3), dtype=np.uint8))
    >>> _ = file.seek(0)
    >>> read_array_header(file)
    ((2, 3), False, dtype('uint8'))
    """
    start = file.read(len(_MAGIC) + 2)
    size = _LENGTH_BYTES.get(start[len(_MAGIC) :])
    if not start.startswith(_MAGIC) or size is None:
        raise ValueError("it doesn't begin as an array in version 1 or 2 of NumPy's format does")
    length = int.from_bytes(file.read(size), "little")
    if length > _LONGEST:
        raise ValueError(f"it has a header of {length:,} bytes, more than {_LONGEST:,}")
    entries = _entries(file.read(length))
    if entries.keys() != {b"descr", b"fortran_order", b"shape"}:
        raise ValueError("its header doesn't say 'descr', 'fortran_order' and 'shape', each once")
    described, by_columns, shape = entries[b"descr"][0], entries[b"fortran_order"][1], entries[b"shape"][2]
    if described is None or by_columns is None or shape is None or not _LENGTHS.fullmatch(shape.strip()):
        raise ValueError("its header says something else than a type, an order and a shape")
    code = described.decode("latin1")
    if not _TYPE.fullmatch(code) or "O" in code:
        raise ValueError(f"it holds {code[:40]!r}, no numbers")
    try:
        dtype = np.dtype(code)
    except TypeError as error:
        raise ValueError(f"no type of number is called {code!r}") from error
    if not dtype.itemsize:  # NumPy reads without end what takes no bytes
        raise ValueError(f"it holds {code!r}, no numbers")
    return tuple(int(number) for number in re.findall(rb"\d+", shape)), by_columns == b"True", dtype


def _entries(header: bytes) -> dict[bytes, tuple[bytes | None, ...]]:
    """What a dictionary of texts, truth values and shapes says, by name."""
    text = header.strip()
    if not (text.startswith(b"{") and text.endswith(b"}")):
        raise ValueError("its header is no dictionary")
    text, place = text[1:-1].strip(), 0
    entries: dict[bytes, tuple[bytes | None, ...]] = {}
    while place < len(text):
        found = _ENTRY.match(text, place)
        if found is None or found[2] in entries:
            raise ValueError("its header says something else than a type, an order and a shape")
        entries[found[2]] = (found[3] if found[3] is not None else found[4], found[5], found[6])
        place = found.end()
    return entries
