"""Where reports and progress go."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mwaalint import report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from mwaalint.engine.result import RunResult


def requested(formats: Sequence[str]) -> list[tuple[str, str]]:
    """The formats, each with the file it goes to or "" for stdout. Raises click.UsageError for an unknown format."""
    pairs = [(name, file) for name, _, file in (wanted.partition("=") for wanted in formats)]
    for name, _ in pairs:
        if name not in report.FORMATS:
            raise click.UsageError(f"there is no format {name!r}; known: {', '.join(report.FORMATS)}")
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
            for chunk in chunks:
                click.echo(chunk, nl=False, color=options.color)


def _remark(sentence: str) -> None:
    click.echo(f"notice: {sentence}", err=True)


class Progress(AbstractContextManager["Progress"]):
    """One line on stderr that says what goes on, in a terminal only; gone when the work is done."""

    def __init__(self) -> None:
        self.active = sys.stderr.isatty()

    def show(self, text: str) -> None:
        if self.active:
            print(f"\r\x1b[2K{text} …", end="", file=sys.stderr, flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.active:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
