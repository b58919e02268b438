"""Where results are kept from run to run: in the platform's folder for caches unless somebody names another."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mwaalint.engine.cache import Cache


class Caching(NamedTuple):
    """What the command line says of the cache: ``folder`` is None for the usual one."""

    wanted: bool = True
    folder: Path | None = None

    def open(self, root: Path) -> Cache | None:
        """The cache of a project; None where there is none to be."""
        folder = self.folder or usual_folder(sys.platform, os.environ)
        if not self.wanted or folder is None:
            return None
        from mwaalint.engine import cache, world

        name = world.here()
        place = str(root.resolve()).encode("utf-8", "surrogateescape")
        # Unlike a Path's own, this way of following links takes those that lead in a circle.
        return cache.Cache(Path(os.path.realpath(folder), cache.key_of(place)), name) if name else None

    def complain(self, used: Cache | None) -> None:
        """Says that the folder that somebody named cannot be written. Of the usual one nobody wants to know."""
        if used is not None and used.problem and self.folder is not None:
            click.echo(f"Nothing was cached for the next run: {used.problem}.", err=True)


USUAL = Caching()


def usual_folder(platform: str, variables: Mapping[str, str]) -> Path | None:
    """The folder that a platform has for what can be deleted at any time; None when nobody can tell."""
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if not home.is_absolute():
        return None
    if platform == "win32":
        return Path(variables.get("LOCALAPPDATA") or home / "AppData" / "Local", "mwaalint", "cache")
    if platform == "darwin":
        return home / "Library" / "Caches" / "mwaalint"
    stated = Path(variables.get("XDG_CACHE_HOME", ""))
    return (stated if stated.is_absolute() else home / ".cache") / "mwaalint"


def options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options ``--no-cache`` and ``--cache-dir``."""
    folder = click.option(
        "--cache-dir",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="MWAALINT_CACHE_DIR",
        help="Cache results for the next run here.  [default: the platform's cache folder]",
    )
    none = click.option(
        "--no-cache", is_flag=True, envvar="MWAALINT_NO_CACHE", help="Neither use cached results nor cache any."
    )
    return folder(none(command))


def taken(words: dict[str, Any]) -> Caching:
    """What these options say, taken out of a command's words."""
    return Caching(not words.pop("no_cache"), words.pop("cache_dir"))
