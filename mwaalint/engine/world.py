"""What all results depend on beside the project: mwaalint with its pages and catalogue, Python, and the parsers."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mwaalint import __version__
from mwaalint.engine.cache import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OURS = (".py", ".json", ".md", ".toml")


def world(package: Path, search: Sequence[str]) -> str | None:
    """A name for it; None where it cannot be told, as in an archive that Python imports from.

    ``search`` is where Python looks for packages. What pip installed is known by the hashes that pip noted; a checkout,
    whose files change without a new version, by their sizes and times.
    """
    records = sorted(package.parent.glob("mwaalint-*.dist-info/RECORD"))
    own = [one.read_bytes() for one in records] if records else list(_stamps(package))
    if not own:
        return None
    return key_of(__version__, sys.version, sys.platform, str(len(own)), *own, *_installed(search))


def _stamps(package: Path) -> Iterator[str]:
    """The files of a checkout: its code, its data, and the pages beside it."""
    for folder in (package, package.parent / "rules"):
        for where, names, files in os.walk(folder):
            names.sort()
            for name in sorted(files):
                if name.endswith(_OURS):
                    status = os.stat(f"{where}/{name}")  # noqa: PTH116 - a thousand files, and a Path takes longer
                    yield f"{where}/{name} {status.st_size} {status.st_mtime_ns}"


def _installed(search: Sequence[str]) -> Iterator[str]:
    """The packages there are, with their versions, as the names of their folders say it."""
    for folder in search:
        try:
            names = [one.name for one in os.scandir(folder or ".")]
        except OSError:
            continue
        yield from sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))


def here() -> str | None:
    """The name of the world that this process runs in."""
    try:
        return world(Path(__file__).parent.parent, sys.path)
    except OSError:
        return None
