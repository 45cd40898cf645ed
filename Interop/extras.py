"""Packages that only a door needs: imported when it is used, and what to install where one is missing."""

import importlib
from types import ModuleType


def needed(package: str, extra: str, who: str) -> ModuleType:
    """The package; raises ModuleNotFoundError, with the command that installs it, where it isn't there.

    >>> needed("no_such_package", "doors", "export")
    Traceback (most recent call last):
        ...
    ModuleNotFoundError: export needs the package no_such_package: pip install "classic-deep-learning[doors]"
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name not in (package, package.partition(".")[0]):
            raise
    command = f'pip install "classic-deep-learning[{extra}]"'
    raise ModuleNotFoundError(f"{who} needs the package {package}: {command}", name=package)
