"""The command ``audit``: one report to open and forward."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from mwaalint.cli.caching import Caching
    from mwaalint.engine.result import RunResult

# The formats of an audit by the ending of the file it goes to.
FORMATS = {".html": "html", ".htm": "html", ".md": "markdown", ".markdown": "markdown"}


def audit(root: Path, file: Path, airflow_version: str | None, today: date | None, caching: Caching) -> int:
    """Writes the audit of a folder and says so; the exit code. Raises click.UsageError."""
    from mwaalint import report
    from mwaalint.cli.checking import exit_code, wrong_usage

    name = _format_of(file)
    with wrong_usage():
        result = _audited(root, airflow_version, today, caching)
    _write(report.load(name)(result, report.ReportOptions()), file)
    click.echo(_told(result, file))
    return exit_code(result, None)


def _format_of(file: Path) -> str:
    """The format that a file's name asks for. Raises click.UsageError for another ending."""
    name = FORMATS.get(file.suffix.lower())
    if name is None:
        raise click.UsageError(f"{file}: an audit file ends in .html or .md")
    return name


def _audited(root: Path, airflow_version: str | None, today: date | None, caching: Caching) -> RunResult:
    """The run that an audit shows: all rules, with the project's settings, and what its baseline accepts as well.

    Raises ConfigError and PathError.
    """
    from mwaalint import api, rulebook
    from mwaalint import config as settings
    from mwaalint.cli.output import Progress

    pages = rulebook.shipped()
    config = settings.overridden(settings.load(root.resolve(), pages), pages, airflow=airflow_version, baseline=None)
    with Progress() as progress:
        cache = caching.open(root)
        return api.check(root, config, today=today, cache=cache, progress=progress.show, edits=False)


def _write(chunks: Iterable[str], file: Path) -> None:
    """Writes the whole report or, where that fails, leaves what was there. Raises click.UsageError."""
    from mwaalint import atomic

    try:
        atomic.write(file, "".join(chunks).encode())
    except OSError as error:
        raise click.UsageError(f"{file}: the report could not be written: {error.strerror or error}") from error


def _told(result: RunResult, file: Path) -> str:
    """What the terminal says at the end."""
    from mwaalint.report._summary import incomplete, nothing_concerned, summary_line

    lines = [f"Wrote {file}.", nothing_concerned(result) or summary_line(result), incomplete(result) or ""]
    return "\n".join(filter(None, lines))
