"""How valid files are damaged: every function gives a new content, and draws from nothing but its random source."""

import copy
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

#: Whole numbers at the edges of types, of sizes and of what people count to.
INTEGERS = (
    0, 1, -1, 2, 3, 7, 100, 127, 128, 255, 256, 1000, 32767, 32768, 65535, 65536, 10**6, 10**9, 2**31 - 1, 2**31,
    2**32 - 1, 2**32, 4 * 10**9, 2**62, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**31), -(2**63), 10**30, 10**300,
    10**400,
)  # fmt: skip
NUMBERS = (0.0, -0.0, 0.5, 1.0, -1.0, 1e-320, 1e-30, 1e30, 1e308, -1e308, float("nan"), float("inf"), float("-inf"))
WORDS = (
    "",
    "a",
    "nan",
    "inf",
    "None",
    "0",
    "-1",
    "__class__",
    "__init__",
    "\x00",
    "ä" * 40,
    "../../etc/passwd",
    "x" * 5000,
)
#: What stands in the place of a number in text.
DIGITS = (
    b"0",
    b"-1",
    b"00",
    b"1e999",
    b"NaN",
    b"-Infinity",
    b"4000000000",
    b"99999999999999999999",
    b"1" * 5000,
    b"0.5",
)


def edge_values() -> list[Any]:
    """Values for JSON that nobody expects."""
    deep: Any = []
    for _ in range(60):
        deep = [deep]
    return [None, True, False, *INTEGERS, *NUMBERS, *WORDS, [], {}, [[]] * 50, deep, {"": None}, list(range(300))]


EDGES = edge_values()


# Bytes.


def damaged(seeds: Sequence[bytes], rng: Random) -> bytes:
    """One of the seeds after one to three mutations of its bytes."""
    content = rng.choice(seeds)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        content = rng.choice(BYTES)(content, rng, seeds)
    return content


def flip_bits(content: bytes, rng: Random, seeds: Sequence[bytes]) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def set_bytes(content: bytes, rng: Random, seeds: Sequence[bytes]) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    return bytes(changed)


def set_number(content: bytes, rng: Random, seeds: Sequence[bytes]) -> bytes:
    """A binary number at some place, preferably near an end, where headers are, becomes another."""
    size, kind = rng.choice(((2, "H"), (4, "I"), (4, "i"), (8, "Q")))
    if len(content) < size:
        return content
    place = rng.randrange(len(content) - size + 1)
    if rng.random() < 0.5:
        place = (
            min(place, rng.randrange(64)) if rng.random() < 0.5 else max(place, len(content) - size - rng.randrange(64))
        )
    number = rng.choice(INTEGERS) % 256**size
    if kind == "i":
        number -= 256**size // 2
    return content[:place] + struct.pack(rng.choice("<>") + kind, number) + content[place + size :]


def set_digits(content: bytes, rng: Random, seeds: Sequence[bytes]) -> bytes:
    """A number that is written out becomes another."""
    found = [match.span() for match in re.finditer(rb"-?\d+", content[:20_000])]
    if not found:
        return content
    start, end = rng.choice(found)
    return content[:start] + rng.choice(DIGITS) + content[end:]


def truncate(content: bytes, rng: Random, seeds: Sequence[bytes]) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def cut_out(content: bytes, rng: Random, seeds: Sequence[bytes]) -> bytes:
    start, end = _slice(content, rng)
    return content[:start] + content[end:]


def repeat(content: bytes, rng: Random, seeds: Sequence[bytes]) -> bytes:
    """A part stands there many times; at most 64 KiB more."""
    start, end = _slice(content, rng)
    times = min(rng.choice((2, 3, 10, 1000)), 1 + 2**16 // max(1, end - start))
    return content[:start] + content[start:end] * times + content[end:]


def splice(content: bytes, rng: Random, seeds: Sequence[bytes]) -> bytes:
    """The beginning of one file and the end of another."""
    other = rng.choice(seeds)
    return content[: rng.randrange(len(content) + 1)] + other[rng.randrange(len(other) + 1) :]


def insert_noise(content: bytes, rng: Random, seeds: Sequence[bytes]) -> bytes:
    place = rng.randrange(len(content) + 1)
    return content[:place] + rng.randbytes(rng.choice((1, 2, 4, 16, 300))) + content[place:]


#: Every mutation of bytes.
BYTES: tuple[Callable[[bytes, Random, Sequence[bytes]], bytes], ...] = (
    flip_bits, set_bytes, set_number, set_digits, truncate, cut_out, repeat, splice, insert_noise,
)  # fmt: skip


def _slice(content: bytes, rng: Random) -> tuple[int, int]:
    start = rng.randrange(len(content) + 1)
    return start, min(len(content), start + rng.choice((1, 4, 16, 256, 4096)))


# JSON.


def damaged_json(seeds: Sequence[bytes], rng: Random) -> bytes:
    """One of the seeds, which are JSON, with one to three of its values changed."""
    value = json.loads(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        value = changed_value(value, rng)
    return written(value, rng)


def changed_value(value: Any, rng: Random) -> Any:
    """The same with one value replaced, dropped, repeated, renamed, nested, or exchanged for another."""
    places = list(places_of(value))
    if not places:
        return copy.deepcopy(rng.choice(EDGES))
    holder, key = rng.choice(places)
    match rng.randrange(8):
        case 0 | 1 | 2:
            holder[key] = copy.deepcopy(rng.choice(EDGES))  # a later mutation may change it
        case 3:
            del holder[key]
        case 4 if isinstance(holder, list):
            holder[key:key] = [holder[key]] * rng.choice((1, 2, 50))
        case 4:
            holder[rng.choice((*holder, *WORDS[:8]))] = holder.pop(key)
        case 5:
            others, other = rng.choice(places)
            holder[key], others[other] = others[other], holder[key]  # may make a circle, see `written`
        case 6:
            for _ in range(rng.choice((1, 2, 150))):
                holder[key] = [holder[key]]
        case _:
            others, other = rng.choice(places)
            holder[key] = others[other]
    return value


def places_of(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every list or dictionary in it with each of its indices or keys."""
    waiting, met = [value], {id(value)}  # mutations may have made a circle
    while waiting:
        holder = waiting.pop()
        inside = holder.items() if isinstance(holder, dict) else enumerate(holder) if isinstance(holder, list) else ()
        for key, item in inside:
            yield holder, key
            if isinstance(item, dict | list) and id(item) not in met:
                met.add(id(item))
                waiting.append(item)


def written(value: Any, rng: Random) -> bytes:
    """JSON, sometimes with a key twice; nothing for what contains itself."""
    try:
        text = json.dumps(value).encode()
    except (ValueError, RecursionError):
        return b"[" * rng.choice((1, 1000, 100_000))
    if rng.random() < 0.05:
        first = re.search(rb'"[^"\\]*": ', text)
        if first:
            text = text[: first.start()] + first.group() + b"0, " + text[first.start() :]
    return text


# Archives.


def members_of(content: bytes) -> list[tuple[str, bytes]]:
    """Names and contents of an archive's members."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(member.filename, archive.read(member)) for member in archive.infolist()]


def archive_of(members: Sequence[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> bytes:
    """An archive with these members; two of one name too."""
    import warnings

    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", compression) as archive:
        warnings.simplefilter("ignore")  # of duplicate names
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return stream.getvalue()


def changed_members(members: list[tuple[str, bytes]], rng: Random) -> list[tuple[str, bytes]]:
    """The same with a member dropped, doubled, renamed, or one with another's content."""
    changed, place = list(members), rng.randrange(len(members))
    name, data = changed[place]
    match rng.randrange(5):
        case 0:
            del changed[place]
        case 1:
            changed.insert(rng.randrange(len(changed) + 1), (name, rng.choice(members)[1]))
        case 2:
            changed[place] = rng.choice((*(other for other, _ in members), "", "..", "x" * 300)), data
        case 3:
            changed[place] = name, rng.choice(members)[1]
        case _:
            changed.append((rng.choice(("more", f"{name}x", "/etc/passwd")), data * rng.choice((1, 10))))
    return changed


def changed_headers(content: bytes, rng: Random) -> bytes:
    """An archive whose directory says something else: sizes, places, a method of compression, flags."""
    start = content.rfind(b"PK\x05\x06")
    entries = [match.start() for match in re.finditer(rb"PK\x01\x02", content)]
    local = [match.start() for match in re.finditer(rb"PK\x03\x04", content)]
    if start < 0 or not entries or not local:
        return content
    base, fields = rng.choice(
        (
            (
                rng.choice(entries),
                ((8, "H"), (10, "H"), (16, "I"), (20, "I"), (24, "I"), (28, "H"), (30, "H"), (42, "I")),
            ),
            (rng.choice(local), ((6, "H"), (8, "H"), (14, "I"), (18, "I"), (22, "I"), (26, "H"), (28, "H"))),
            (start, ((8, "H"), (10, "H"), (12, "I"), (16, "I"), (20, "H"))),
        )
    )
    offset, kind = rng.choice(fields)
    size = struct.calcsize(kind)
    number = rng.choice((*INTEGERS, *local, len(content))) % 256**size
    return content[: base + offset] + struct.pack("<" + kind, number) + content[base + offset + size :]
