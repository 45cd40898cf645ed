"""Finding the picture that a list means: with its suffix or without, with accents in one letter or two."""

import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path

__all__ = ["PictureNames"]

_SHOWN = 5  # of names that could be meant


class PictureNames:
    """The pictures of a folder, by the names that a list may have for them.

    Args:
        names: of the files, relative to the folder.
        folder: which a list may name too, as in `train/0.png`.

    >>> names = PictureNames(["0.png", "cat/1.png"], Path("train"))
    >>> names.find("0"), names.find("train/0.png"), names.find("cat/1"), names.find("1.png"), names.find("2")
    ('0.png', '0.png', 'cat/1.png', 'cat/1.png', None)
    """

    def __init__(self, names: Iterable[str], folder: Path) -> None:
        self.names = list(names)
        self._folder = _plain(folder.name) + "/"
        self._exact = set(self.names)
        # Made when a name isn't exactly that of a file: first of whole names, then of those without folders.
        self._tables: list[dict[str, str | list[str]]] = []

    def find(self, name: str) -> str | None:
        r"""Return the picture that a name means, or None where it means none.

        A whole name counts more than one without its folders.

        Args:
            name: as it stands in a list.

        Raises ValueError where it could mean several.

        >>> PictureNames(["cafe\u0301.png"], Path("pets")).find("caf\u00e9") == "cafe\u0301.png"
        True
        """
        found = name if name in self._exact else self._meant(_plain(name))
        if isinstance(found, list):
            shown = ", ".join(f"'{each[:80]}'" for each in found)
            raise ValueError(
                f"folder '{self._folder[:-1]}': expected names that differ by more than their suffix, found {shown} "
                f"for '{name[:80]}'; rename one of them, or write the whole name"
            )
        return found

    def is_known(self, name: str) -> bool:
        """Return whether a name means some picture, one or several.

        >>> PictureNames(["0.png", "0.jpg"], Path("pets")).is_known("0")
        True
        """
        return name in self._exact or self._meant(_plain(name)) is not None

    def in_other_case(self, name: str) -> str | None:
        """Return a picture that a name would mean if capitals and small letters were the same, or None.

        >>> PictureNames(["Cat.PNG"], Path("pets")).in_other_case("cat.png")
        'Cat.PNG'
        """
        written = {each.casefold(): each for each in self.names}
        found = PictureNames(written, Path(self._folder.casefold()))._meant(_plain(name).casefold())
        return written.get(found[0] if isinstance(found, list) else found or "")

    def _meant(self, plain: str) -> str | list[str] | None:
        for stage in (0, 1):
            if len(self._tables) == stage:
                self._tables.append(self._table(without_folders=bool(stage)))
            for key in (plain, plain.removeprefix(self._folder)):
                if (found := self._tables[stage].get(key)) is not None:
                    return found
        return None

    def _table(self, without_folders: bool) -> dict[str, str | list[str]]:
        table: dict[str, str | list[str]] = {}
        for name in self.names:
            plain = _plain(name)
            if without_folders:
                plain = plain.rpartition("/")[2]
            for key in {plain, os.path.splitext(plain)[0]}:
                known = table.setdefault(key, name)
                if isinstance(known, str) and known is not name:
                    table[key] = [known, name]
                elif isinstance(known, list) and len(known) < _SHOWN:
                    known.append(name)
        return table


def _plain(name: str) -> str:
    plain = name if name.isascii() else unicodedata.normalize("NFC", name)
    return plain.replace("\\", "/").removeprefix("./")
