"""Where reports and progress go."""

from __future__ import annotations

import os
import sys
import time
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mwaalint import report
from mwaalint.cli.console import write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from mwaalint.engine.result import RunResult

# The formats that people read; the others say themselves that they are UTF-8.
_FOR_PEOPLE = frozenset({"statistics", "text"})
# After how many seconds a run is long, and how often it says how far it is.
_LONG, _OFTEN = 0.5, 0.1


def requested(formats: Sequence[str]) -> list[tuple[str, str]]:
    """The formats, each with the file it goes to or "" for stdout. Raises click.UsageError for an unknown format."""
    pairs = [(name, file) for name, _, file in (wanted.partition("=") for wanted in formats)]
    for name, _ in pairs:
        if name not in report.FORMATS:
            raise click.UsageError(f"unknown format {name!r}; known: {', '.join(report.FORMATS)}")
    return pairs or [("text", "")]


def write_reports(result: RunResult, formats: Sequence[tuple[str, str]], options: report.ReportOptions) -> None:
    """Writes each format to its file, or to stdout. Raises click.UsageError for a file that cannot be written."""
    options = replace(options, remark=_remark)
    for name, file in formats:
        chunks = report.load(name)(result, options.for_file() if file else options)
        if file:
            try:
                with Path(file).open("w", encoding="utf-8", newline="\n") as target:
                    target.writelines(chunks)
            except OSError as error:
                raise click.UsageError(f"{file}: the report could not be written: {error.strerror}") from error
        else:
            write(chunks, for_people=name in _FOR_PEOPLE, color=options.color)


def _remark(sentence: str) -> None:
    click.echo(f"notice: {sentence}", err=True)


class Progress(AbstractContextManager["Progress"]):
    """One line on stderr that says what goes on, in a terminal only and when it takes long; gone when it is done."""

    def __init__(self) -> None:
        dumb = os.environ.get("TERM") == "dumb"
        self.active = sys.stderr.isatty() and not dumb
        self._due = time.monotonic() + _LONG
        self._shown = False

    def show(self, text: str) -> None:
        """Says what goes on now; not before it takes long, and not more often than one can read."""
        now = time.monotonic()
        if self.active and now >= self._due:
            self._due, self._shown = now + _OFTEN, True
            print(f"\r\x1b[2K{text} …", end="", file=sys.stderr, flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
