"""The reports: each module here whose name has no underscore is a format, with ``render(result, options)``."""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from mwaalint.inventory import modules
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from mwaalint.engine.result import RunResult
    from mwaalint.report._kept import Keeper

# What an audit shows of environments, no other report knows.
AUDITS = frozenset({"html", "markdown"})
FORMATS = tuple(modules(__path__))


def _unheard(_sentence: str) -> None:
    """Nobody listens."""


def _has_links(environment: Mapping[str, str]) -> bool:
    """Whether the terminal makes links of the sequences for them, or at least passes over these in silence."""
    if environment.get("CI") or environment.get("TERM") == "linux":
        return False
    return sys.platform != "win32" or "WT_SESSION" in environment or "TERM_PROGRAM" in environment


def _terminal_width() -> int:
    import shutil

    return min(shutil.get_terminal_size().columns, 120)


@record
class ReportOptions:
    """What a report may vary.

    ``width`` is in terminal columns; ``color`` and ``hyperlinks`` are for terminals only. ``file_links`` is for those
    that do not themselves find places such as ``main.tf:4:1``, as VS Code's does, which leads to the very line.
    ``path_prefix`` leads from the repository's top to the project's root ("infra/", "" when they are the same), for the
    formats whose paths belong to the repository; None looks for ``.git`` from the root upwards. ``base`` leads from the
    reader's folder to the project's root, for the text: a path that can be clicked. ``category`` sets a SARIF log apart
    from others of the same repository. ``remark`` is told in a sentence what a format had to leave out. ``keeper`` is
    where a format keeps for the next run what takes long to write.
    """

    color: bool = False
    width: int = 100
    hyperlinks: bool = False
    file_links: bool = False
    show_suppressed: bool = False
    path_prefix: str | None = None
    base: str = ""
    category: str = ""
    remark: Callable[[str], None] = _unheard
    keeper: Keeper | None = None

    @classmethod
    def detect(cls, *, color: bool | None = None, show_suppressed: bool = False) -> ReportOptions:
        """What suits standard output: on a terminal its width, colour unless NO_COLOR or ``color`` forbids it, and with
        colour links, where it is known to have them.
        """
        terminal, environment = sys.stdout.isatty(), os.environ
        able = terminal and environment.get("TERM") != "dumb"
        wanted = able and not environment.get("NO_COLOR") if color is None else color
        return cls(
            color=wanted,
            width=_terminal_width() if terminal else cls().width,
            hyperlinks=able and wanted and _has_links(environment),
            file_links=able and wanted and _has_links(environment) and environment.get("TERM_PROGRAM") != "vscode",
            show_suppressed=show_suppressed,
        )

    def for_file(self) -> ReportOptions:
        """The same for a report that no terminal shows."""
        return replace(self, color=False, hyperlinks=False, file_links=False, width=ReportOptions().width)


class Render(Protocol):
    """A format: the report in pieces, in order."""

    def __call__(self, result: RunResult, options: ReportOptions) -> Iterator[str]: ...


def formats() -> tuple[str, ...]:
    """The names of the formats, sorted."""
    return FORMATS


def load(name: str) -> Render:
    """The format of a name; imports its module only. Raises KeyError for no such format."""
    render: Render = _module(name).render
    return render


def shows_edits(name: str) -> bool:
    """Whether a format tells what each fix would change. Raises KeyError for no such format."""
    return bool(getattr(_module(name), "SHOWS_EDITS", False))


def _module(name: str) -> ModuleType:
    if name not in FORMATS:
        raise KeyError(name)
    return importlib.import_module(f"{__name__}.{name}")
