"""Fetching a file from the network, once, and only when asked to."""

import hashlib
import http.client
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from Foundation import Checks
from Foundation.ProgressBars import progress_bar

__all__ = ["download"]

_CHUNK = 2**18


def download(
    url: str | Sequence[str],
    folder: str | os.PathLike[str] = "Data",
    sha256: str | None = None,
    progress: bool = True,
    timeout: float = 30.0,
) -> Path:
    """Fetch a file into a folder, unless it is there already, and return where it is.

    What arrives is written to a file of the same name with `.part` behind it, which gets its final name
    only when it is complete and its checksum right. After an interruption the next call goes on where the
    last one ended; without a checksum it starts again, since nothing could tell whether the halves belong
    together.

    Args:
        url: address, beginning with `http://` or `https://`, whose last part is the name of the file; or several
            mirrors, of which the next is asked where one has nothing, breaks off or delivers something else.
        folder: where to put it, made if need be (default `Data`, relative to where the program was started).
        sha256: the checksum of the file as 64 hexadecimal digits (default None: unknown, and not checked).
        progress: whether to show a bar (default True).
        timeout: seconds without any answer before giving up (default 30).

    Raises ConnectionError, saying where to put the file by hand, when it cannot be fetched; ValueError when
    the URL is of another kind or a checksum wrong, OSError when the folder cannot be written to.

    >>> download("ftp://example.org/images.zip")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: download: expected a URL that begins with http:// or https:// and ends in the name of ...
    """
    mirrors = [url] if isinstance(url, str) else list(url) if isinstance(url, Sequence) else []
    if not mirrors or not all(isinstance(mirror, str) for mirror in mirrors):
        raise TypeError(f"download: expected url to be text such as 'https://…', or a list of such, got {url!r}")
    if sha256 is not None and not (isinstance(sha256, str) and re.fullmatch("[0-9a-fA-F]{64}", sha256)):
        raise ValueError(f"download: expected sha256 to be 64 hexadecimal digits, got {sha256!r}")
    Checks.number(timeout, "download", "timeout", least=1e-3)
    progress = Checks.truth(progress, "download", "progress")
    folder = Checks.path(folder, "download", "folder")
    names = [_file_name(mirror) for mirror in mirrors]
    if len(set(names)) > 1:
        raise ValueError(f"download: expected addresses of one file, got {', '.join(map(repr, sorted(set(names))))}")
    target = Path(folder) / names[0]
    if target.is_file():
        _check(target, mirrors[0], sha256)
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    refused: list[Exception] = []
    for mirror in mirrors:
        if sha256 is None:
            part.unlink(missing_ok=True)
        try:
            _fetch_whole(mirror, part, target, sha256, progress, timeout)
        except (ConnectionError, ValueError) as error:
            refused.append(error)
        else:
            part.replace(target)
            return target
    if len(refused) == 1:
        raise refused[0]
    # A file that is another one tells more than a server that isn't there.
    kind = next((type(error) for error in refused if isinstance(error, ValueError)), ConnectionError)
    raise kind(" And then: ".join(map(str, refused))) from refused[-1]


def _file_name(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    name = Path(urllib.parse.unquote(parts.path)).name
    if parts.scheme not in ("http", "https") or name in ("", "..") or "\0" in name:
        raise ValueError(
            f"download: expected a URL that begins with http:// or https:// and ends in the name of a file, "
            f"got {url!r}; correct it"
        )
    return name


def _fetch_whole(url: str, part: Path, target: Path, sha256: str | None, progress: bool, timeout: float) -> None:
    """Fetch a file into its part; raises ConnectionError where it can't be had, ValueError where it is another one."""
    try:
        _fetch(url, part, progress, timeout)
    except urllib.error.HTTPError as error:
        raise ConnectionError(_advice(url, target, f"the server answered {error.code} {error.reason}")) from error
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, PermissionError):
            raise
        reason = getattr(error, "reason", None) or error
        raise ConnectionError(_advice(url, target, f"{type(reason).__name__}: {reason}")) from error
    try:
        _check(part, url, sha256)
    except ValueError:
        # Going on from these bytes could never end well.
        part.unlink()
        raise


def _fetch(url: str, part: Path, progress: bool, timeout: float) -> None:
    present = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "image-generator", "Accept-Encoding": "identity"})
    if present:
        request.add_header("Range", f"bytes={present}-")
    try:
        answer = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != 416 or not present:
            raise
        # Nothing lies beyond what is here: it may have been complete already, which the checksum will tell.
        return
    with answer:
        # A server is free to ignore that only the rest was asked for, and to send the whole file again.
        goes_on = answer.status == 206
        expected = answer.length
        done = present if goes_on else 0
        with open(part, "ab" if goes_on else "wb") as file, _bar(part, done, expected, progress) as bar:
            while block := answer.read(_CHUNK):
                file.write(block)
                done += len(block)
                if expected is not None:
                    expected -= len(block)
                bar.update(len(block))
    if expected:
        raise http.client.IncompleteRead(b"", expected)


def _bar(part: Path, done: int, expected: int | None, progress: bool) -> Any:
    return progress_bar()(
        desc=part.stem,
        initial=done,
        total=None if expected is None else done + expected,
        unit="B",
        unit_scale=True,
        disable=not progress,
    )


def _check(file: Path, url: str, sha256: str | None) -> None:
    if sha256 is None:
        return
    with open(file, "rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != sha256.lower():
        raise ValueError(
            f"download: expected '{file}' to have the SHA-256 checksum {sha256.lower()}, got {found}; it is "
            f"damaged or another file: delete it and call again, and check that {url} is the address that "
            f"you mean"
        )


def _advice(url: str, target: Path, reason: str) -> str:
    return (
        f"download: expected to fetch {url}, got no complete file ({reason}); check the network and call "
        f"again, or fetch the file in another way and put it at '{target}'"
    )
