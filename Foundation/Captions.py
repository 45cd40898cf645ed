"""Names as they can be drawn: whatever somebody calls a class, a picture says it, and no report is lost for it."""

import functools
import re
import unicodedata
from typing import Any

__all__ = ["lettering", "readable"]

# Letters of Hebrew, Arabic and what else is written from right to left.
_LEFTWARDS = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"


def readable(name: Any, longest: int = 40) -> str:
    r"""A name as Matplotlib can draw it, shortened in its middle.

    What is no character becomes �, what no installed font has is written as its number, marks that can't be seen are
    left out, and what is written from right to left stands in the order in which it is read.

    Args:
        name: anything; its text is taken.
        longest: how many characters are shown (40).

    >>> readable("tab" + chr(9) + "s"), readable("x" * 50, longest=7)
    ('tab�s', 'xxx…xxx')
    """
    text = str(name)
    if not (text.isascii() and text.isprintable()):
        kept = (character for character in text if unicodedata.category(character) != "Cf")
        text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in kept)
        text = "".join(c if c.isascii() or _family(c) is not None else _number(c) for c in text)
    if len(text) > longest:
        text = f"{text[: (longest - 1) - (longest - 1) // 2]}…{text[len(text) - (longest - 1) // 2 :]}"
    return _in_order(text)


def lettering(*texts: str) -> dict[str, Any]:
    """Arguments for whatever of Matplotlib's draws these texts: no sign in them is a formula's, and a font has each.

    >>> lettering("$5", "x_1")
    {'parse_math': False}
    """
    families = {_family(character) for text in texts if not text.isascii() for character in text}
    further = sorted(family for family in families if family)
    if not further:
        return {"parse_math": False}
    from matplotlib import rcParams

    return {"parse_math": False, "fontfamily": [*rcParams["font.family"], *further]}


def _number(character: str) -> str:
    return character.encode("ascii", "backslashreplace").decode()


def _family(character: str) -> str | None:
    """The name of a font that has a character, "" where it is the usual one, None where there is none."""
    from matplotlib import font_manager

    return _family_beside(font_manager.findfont(font_manager.FontProperties()), character)


@functools.lru_cache(2**14)
def _family_beside(usual: str, character: str) -> str | None:
    from matplotlib import font_manager

    if _has(usual, character):
        return ""
    installed = {font.name: font.fname for font in font_manager.fontManager.ttflist if font.style == "normal"}
    # Fonts of the last resort have a box for each character.
    return next(
        (name for name, file in installed.items() if "Last" not in name and _has(file, character)), None
    )  # fmt: skip


def _has(file: str, character: str) -> bool:
    from matplotlib import font_manager

    try:
        return font_manager.get_font(file).get_char_index(ord(character)) != 0
    except (OSError, RuntimeError):  # no longer there, or of a kind that can't be drawn
        return False


def _in_order(text: str) -> str:
    """A text in the order in which its characters stand from left to right, which older Matplotlib takes it in."""
    found = next((character for character in text if character.isalpha()), "")
    if not re.search(_LEFTWARDS, text) or _matplotlib_orders():
        return text
    if re.match(_LEFTWARDS, found):
        text = text[::-1]
        kind = rf"[^\W{_LEFTWARDS[1:-1]}]"
    else:
        kind = _LEFTWARDS
    # What goes the other way than the whole is turned, with all that stands inside of it.
    return re.sub(rf"{kind}+(?:\W+{kind}+)*", lambda run: run[0][::-1], text)


def _matplotlib_orders() -> bool:
    import matplotlib

    return matplotlib.__version_info__[:2] >= (3, 11)
