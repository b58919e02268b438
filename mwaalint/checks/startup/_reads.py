"""Which environment variables the DAG code and the dbt projects of a deployment read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.findings import Location
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.checks._api import Context
    from mwaalint.source import SourceFile

_NAME = r"[\"'](?P<name>[A-Za-z_]\w*)[\"']"
# os.environ["X"] and dbt's env_var('X') fail without the variable; the others are given something else then.
_STRICT = regex(
    rf"^[^#\n]*?\bos\.environ\[\s*{_NAME}\s*\](?!\s*=[^=])|\benv_var\(\s*{_NAME.replace('name', 'dbt')}\s*\)", re.M
)
_LENIENT = regex(rf"\b(?:os\.environ\.get|(?:os\.)?getenv|env_var)\(\s*{_NAME}", re.M)
# One of them is in whatever these find: most files need not be opened.
_WORDS = (b"os.environ", b"getenv", b"env_var")
_CODE = (".py", ".yml", ".yaml", ".sql")


class Read(NamedTuple):
    """A place that reads a variable; ``strict`` when it fails without it."""

    name: str
    place: Location
    strict: bool


def variables_read(ctx: Context) -> dict[str, Read]:
    """The first place for each variable, one that fails without it before all others."""
    found: dict[str, Read] = {}
    folder = ctx.deployment.dags_folder
    if folder is None:
        return found
    for file in ctx.project.below(folder):
        if file.path.endswith(_CODE):
            for read in _reads(file):
                if read.name not in found or (read.strict and not found[read.name].strict):
                    found[read.name] = read
    return found


def _reads(file: SourceFile) -> Iterator[Read]:
    try:
        text = file.text if any(file.holds(word) for word in _WORDS) else ""
    except UnreadableFileError:
        return
    for pattern in (_STRICT, _LENIENT):
        for match in pattern.finditer(text):
            group = "name" if match["name"] else "dbt"
            place = Location(file.path, file.span(match.start(group), match.end(group)))
            yield Read(match[group], place, pattern is _STRICT)
