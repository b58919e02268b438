"""Which modules and packages a package has. ``pkgutil`` tells that too, and asks ``inspect`` about each file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def modules(package: Iterable[str]) -> list[str]:
    """The names of the modules in a package (its ``__path__``), in order, without those that begin with _."""
    names = [entry.name for folder in package for entry in os.scandir(folder)]
    return sorted(name.removesuffix(".py") for name in names if name.endswith(".py") and not name.startswith("_"))


def packages(package: Iterable[str]) -> list[str]:
    """The names of the packages in a package, in order."""
    folders = [entry for folder in package for entry in os.scandir(folder) if entry.is_dir()]
    return sorted(folder.name for folder in folders if "__init__.py" in os.listdir(folder.path))  # noqa: PTH208
