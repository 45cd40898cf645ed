"""What a file of labels says, line by line: names of pictures and what they show, from JSON or CSV.

Nothing else is ever made of the file, however large or nested it is.
"""

import csv
import json
import re
import reprlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO

from .listing import some
from .picture_formats import PICTURE_SUFFIXES
from .pixel_tables import refuse_pixel_table

__all__ = ["LABEL_SUFFIXES", "Row", "label_rows"]

Row = tuple[str, int | str]

LABEL_SUFFIXES = frozenset({".json", ".csv", ".tsv"})

_UTF_8_MARK = b"\xef\xbb\xbf"

# No name of a file is as long as a text here may be.
_TEXT = rb'"((?:[^"\\\0-\x1f]++|\\.){0,4096})"'
_SPACE = rb"[ \t\n\r]*"
_NAME = _SPACE + _TEXT + _SPACE + rb":" + _SPACE
# A name, a colon, a whole number or another name, and what goes on or ends.
_ENTRY = re.compile(_NAME + rb"(?:(-?(?:0|[1-9][0-9]{0,99}))|" + _TEXT + rb")" + _SPACE + rb"([,}])")
_BROKEN_ENTRY = re.compile(_NAME)
# An object or a list in which there is no other one.
_ITEM = re.compile(_SPACE + rb'([\[{](?:[^"\[\]{}]++|"(?:[^"\\]++|\\.){0,4096}"){0,999}[\]}])' + _SPACE + rb"([,\]])")
# As much of a broken file is looked at to say what is wrong with it.
_LOOKED_AT = 2**14
_LONGEST_ROW = 2**20

# What columns are called where people publish data sets; in lower case, without what isn't a letter.
_FILE_COLUMNS = (
    "file",
    "filename",
    "filepath",
    "image",
    "imagename",
    "imageid",
    "imagepath",
    "img",
    "path",
    "name",
    "id",
)
_LABEL_COLUMNS = (
    "label", "labels", "class", "classname", "classlabel", "classid", "category", "target", "species", "breed",
    "diagnosis", "dx", "y",
)  # fmt: skip

# What a column is called that says which pictures are to be learnt from, and which to test with.
_PART_COLUMNS = frozenset({"split", "subset", "partition", "dataset", "usage"})


def label_rows(path: Path, owner: str, is_known: Callable[[str], object]) -> Iterator[Row]:
    """Give the names and labels of a file one by one.

    JSON is an object `{"name": label, …}`, or a list of objects `[{"file": "name", "label": label}, …]` or of pairs.
    CSV has one line for each picture, a column with its name and one with its label, with or without a heading;
    columns are separated by comma, semicolon or tabulator. A byte order mark is passed over.

    Args:
        path: the file; what isn't called `.csv` or `.tsv` is JSON.
        owner: whose labels these are, for messages.
        is_known: whether there is a picture of a name, by which the columns of CSV are told apart.

    Raises ValueError for what is no such file and for a list whose column `split` names several parts, TypeError for a
    label that is neither a whole number nor a name.

    >>> list(label_rows(Path("Generator/Labels.json"), "labels", lambda name: True))[:2]
    [('0', 0), ('1', 1)]
    """
    if path.suffix.lower() in (".csv", ".tsv"):
        yield from _lines(path, owner, is_known)
        return
    content = path.read_bytes().removeprefix(_UTF_8_MARK)
    place = len(content) - len(content.lstrip(b" \t\n\r"))
    if content[place : place + 1] == b"[":
        yield from _items(content, place, owner)
    else:
        yield from _entries(content, place, owner)


# JSON.


def _entries(content: bytes, place: int, owner: str) -> Iterator[Row]:
    if content[place : place + 1] != b"{":
        _refuse_other_json(content, owner)
    if re.compile(rb"\{[ \t\n\r]*\}[ \t\n\r]*").fullmatch(content, place):
        return
    place, end = place + 1, b","
    while end == b",":
        found = _ENTRY.match(content, place)
        if found is None:
            _refuse_entry(content, place, owner)
        written, number, name, end = found.groups()
        yield _read_text(written, owner), int(number) if name is None else _read_text(name, owner)
        place = found.end()
    _require_end(content, place, owner)


def _items(content: bytes, place: int, owner: str) -> Iterator[Row]:
    place, end, titles = place + 1, b",", None
    parts: dict[str, str] = {}
    while end == b",":
        found = _ITEM.match(content, place)
        if found is None:
            _refuse_other_json(content, owner)
        written, end = found.groups()
        try:
            item = json.loads(written.decode())  # of bytes, json would guess the encoding
        except (ValueError, RecursionError) as error:
            _refuse_text(error, owner)
        if isinstance(item, dict):
            if titles is None:
                titles = _columns(list(item), owner)
            for title in filter(_divides, item):
                _require_one_part(parts, title, str(item[title]), owner)
            item = [item.get(title) for title in titles]
        if len(item) != 2 or not isinstance(item[0], str) or type(item[1]) not in (int, str):
            raise TypeError(
                f"{owner}: expected a name and a whole number or the name of a class in each item, got "
                f'{reprlib.repr(item)}; write e.g. {{"file": "0.png", "label": 3}}'
            )
        yield item[0], item[1]
        place = found.end()
    _require_end(content, place, owner)


def _require_end(content: bytes, place: int, owner: str) -> None:
    if content[place:].strip(b" \t\n\r"):
        _refuse_text("something behind its end", owner)


def _read_text(written: bytes, owner: str) -> str:
    try:
        return json.loads(b'"' + written + b'"') if b"\\" in written else written.decode()
    except ValueError as error:
        _refuse_text(error, owner)


def _refuse_other_json(content: bytes, owner: str) -> NoReturn:
    try:
        found = json.loads(content[:_LOOKED_AT].decode())
    except (ValueError, RecursionError) as error:
        _refuse_text(error, owner)
    raise ValueError(
        f'{owner}: expected an object such as {{"0": 3, "1": 7}}, got a {type(found).__name__}; map the '
        f"name of each picture to its label"
    )


def _refuse_entry(content: bytes, place: int, owner: str) -> NoReturn:
    """Say what is wrong with the entry at a place: its label, or that it is none."""
    name = _BROKEN_ENTRY.match(content, place)
    try:
        start = place if name is None else name.end()
        label, _ = json.JSONDecoder().raw_decode(content[start : start + _LOOKED_AT].decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        _refuse_text(error, owner)
    if name is None or type(label) in (int, str):
        _refuse_text(f"something else at byte {place:,}", owner)
    raise TypeError(
        f"{owner}: expected each label to be a whole number or the name of a class, got {reprlib.repr(label)} for "
        f"{some([_read_text(name[1], owner)])}; write the number of its class"
    )


def _refuse_text(what: Any, owner: str) -> NoReturn:
    raise ValueError(f'{owner}: expected JSON such as {{"0": 3, "1": 7}}, got other text ({what}); is it complete?')


# CSV.


class _Pieces:
    """The lines of a file, of which no row has more than a million letters: each cell of it takes memory of its own.

    Attributes:
        read: the letters of this row, which its reader sets to 0 behind it.
    """

    def __init__(self, file: TextIO) -> None:
        self._file, self.read = file, 0

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(_LONGEST_ROW):
            self.read += len(line)
            if self.read >= _LONGEST_ROW:
                raise csv.Error(f"a line of more than {_LONGEST_ROW:,} letters")
            yield line


def _lines(path: Path, owner: str, is_known: Callable[[str], object]) -> Iterator[Row]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        try:
            beginning = file.readline(_LOOKED_AT)
            file.seek(0)
            delimiter = max("\t;,", key=beginning.count)
            pieces = _Pieces(file)
            lines = csv.reader(pieces, delimiter=delimiter, strict=True)
            places: tuple[int, int] | None = None
            dividing: dict[int, str] = {}
            parts: dict[str, str] = {}
            number_of_cells = 0
            for cells in lines:
                pieces.read = 0
                if not any(cell.strip() for cell in cells):
                    continue
                if places is None:
                    number_of_cells = len(cells)
                    plain = {_letters(cell) for cell in cells}
                    titled = not plain.isdisjoint(_FILE_COLUMNS) or not plain.isdisjoint(_LABEL_COLUMNS)
                    known = [] if titled else [place for place, cell in enumerate(cells) if is_known(cell.strip())]
                    if known and len(cells) == 2:
                        # Beside '3.png', 3 is a label, though it may be a picture's name too.
                        known.sort(key=lambda place: not cells[place].strip().lower().endswith(tuple(PICTURE_SUFFIXES)))
                        places = (known[0], 1 - known[0])
                    elif known:
                        raise ValueError(
                            f"{owner}: expected a heading above {len(cells)} columns, got the picture "
                            f"{some([cells[known[0]]])} in the first line; name the columns, file and label among them"
                        )
                    else:
                        refuse_pixel_table(path, owner)
                        titles = [cell.strip() for cell in cells]
                        first, second = _columns(titles, owner)
                        places = titles.index(first), titles.index(second)
                        dividing = {place: title for place, title in enumerate(titles) if _divides(title)}
                        dividing.pop(places[0], None)
                        dividing.pop(places[1], None)
                        continue
                if len(cells) != number_of_cells:
                    raise ValueError(
                        f"{owner}: expected {number_of_cells} columns in each line, got {len(cells)} in line "
                        f"{lines.line_num}; is it complete, and is a name with a comma in quotes?"
                    )
                name, label = (cells[place].strip() for place in places)
                if not name or not label:
                    raise ValueError(
                        f"{owner}: expected a name and a label in each line, got {reprlib.repr(name)} and "
                        f"{reprlib.repr(label)} in line {lines.line_num}; add what is missing"
                    )
                for place, title in dividing.items():
                    _require_one_part(parts, title, cells[place].strip(), owner)
                yield name, label
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(
                f"{owner}: expected CSV in UTF-8 such as 'file,label', got other text ({error}); save it as CSV UTF-8"
            ) from error


def _columns(titles: Sequence[str], owner: str) -> tuple[str, str]:
    """The titles of two columns: that of the pictures, and that of their labels."""
    plain = {title: _letters(title) for title in titles}
    found: list[str] = []
    for kinds in (_FILE_COLUMNS, _LABEL_COLUMNS):
        named = [title for title in titles if plain[title] in kinds]
        if not named and len(titles) == 2 and found:
            named = [title for title in titles if title != found[0]]
        if len(named) != 1:
            raise ValueError(
                f"{owner}: expected one column with the names of the pictures and one with their labels, such as "
                f"'file,label', got {some(titles)}; rename the two, and others that are called like them"
            )
        found.append(named[0])
    return found[0], found[1]


def _divides(title: str) -> bool:
    return _letters(title) in _PART_COLUMNS


def _require_one_part(parts: dict[str, str], title: str, part: str, owner: str) -> None:
    """Refuse a list of several parts, of which nobody would know any more: one would test with what was learnt."""
    first = parts.setdefault(title, part)
    if part != first:
        raise ValueError(
            f"{owner}: expected pictures of one part, got '{first[:80]}' and '{part[:80]}' in the column "
            f"'{title[:80]}'; write a list for each part, train.csv and test.csv say, or leave the column out"
        )


def _letters(title: str) -> str:
    return re.sub(r"[^a-z]", "", title.lower())
