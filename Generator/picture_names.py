"""Finding the picture that a list means: with its suffix or without, with accents in one letter or two."""

import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path

__all__ = ["PictureNames"]


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
        #: names that lists use, and the pictures that they could mean
        self._meant: dict[str, str | list[str]] = {}
        for name in self.names:
            plain = _plain(name)
            alone = plain.rpartition("/")[2]
            for key in {plain, os.path.splitext(plain)[0], alone, os.path.splitext(alone)[0]}:
                known = self._meant.setdefault(key, name)
                if known is not name:
                    self._meant[key] = [*(known if isinstance(known, list) else [known]), name]

    def find(self, name: str) -> str | None:
        r"""Return the picture that a name means, or None where it means none.

        Args:
            name: as it stands in a list.

        Raises ValueError where it could mean several.

        >>> PictureNames(["cafe\u0301.png"], Path("pets")).find("caf\u00e9") == "cafe\u0301.png"
        True
        """
        if name in self._exact:
            return name
        plain = _plain(name)
        found = self._meant.get(plain)
        if found is None and plain.startswith(self._folder):
            found = self._meant.get(plain.removeprefix(self._folder))
        if isinstance(found, list):
            shown = ", ".join(f"'{each[:80]}'" for each in found[:5])
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
        plain = _plain(name)
        return plain in self._meant or plain.removeprefix(self._folder) in self._meant


def _plain(name: str) -> str:
    plain = name if name.isascii() else unicodedata.normalize("NFC", name)
    return plain.replace("\\", "/").removeprefix("./")
