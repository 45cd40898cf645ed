"""Names that strangers chose, fit for a table, a file and a screen: any bytes, any length, on one line."""

import hashlib
import os
import re
import unicodedata
from collections.abc import Sequence


def printable(name: str, longest: int = 80) -> str:
    """A name on one line, without control characters, shortened in its middle.

    Bytes that are no UTF-8 are read as Latin-1, which every byte is.
    """
    try:
        raw = name.encode("utf-8", "surrogateescape")
        text = raw.decode("utf-8")
    except UnicodeError:
        text = raw.decode("latin-1")
    text = "".join("�" if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") else letter for letter in text)
    text = " ".join(text.split()) or "�"
    return text if len(text) <= longest else f"{text[: longest // 2]}…{text[-(longest // 2) + 1 :]}"


def file_name(name: str) -> str:
    """A name for a file of a report: short enough for every file system, different for different names."""
    text = re.sub(r'[/\\:*?"<>|]', "_", printable(name, 60)).strip(". ") or "_"
    return text if text == name else f"{text}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"


def cell(text: str) -> str:
    """A text for a table: no spreadsheet is to take it for a formula, nor begin another line in it."""
    line = " ".join("".join("�" if ord(letter) < 32 and letter not in "\n\t\r" else letter for letter in text).split())
    return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line


def row_name(name: str) -> str:
    """What a submission is called in a table."""
    return cell(printable(name, 200))


def shortened(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
