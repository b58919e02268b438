"""What ``mwaalint check`` does."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mwaalint import api, rulebook
from mwaalint import config as settings
from mwaalint.cli.caching import USUAL, Caching
from mwaalint.cli.console import plain, write
from mwaalint.cli.output import Progress, requested, write_reports
from mwaalint.engine.jobs import available_jobs
from mwaalint.fix import FixError
from mwaalint.past import PastError
from mwaalint.records import record
from mwaalint.report import AUDITS, ReportOptions, shows_edits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from mwaalint.config import Config
    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Severity


@record
class Request:
    """The words of the command line, by the names of its options."""

    paths: tuple[Path, ...] = ()
    formats: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    airflow_version: str | None = None
    fail_on: str | None = None
    profile: str | None = None
    base: str | None = None
    statistics: bool = False
    baseline: Path | None = None
    no_baseline: bool = False
    no_inline_ignores: bool = False
    fix: bool = False
    unsafe_fixes: bool = False
    show_diff: bool = False
    show_suppressed: bool = False
    color: bool | None = None
    today: datetime | None = None
    jobs: int | None = None
    category: str = ""
    caching: Caching = USUAL

    @property
    def threshold(self) -> str | None:
        return None if self.fail_on == "never" else self.fail_on


def check(request: Request) -> int:
    """Checks, fixes and reports as requested, and gives the exit code. Raises click.UsageError."""
    if request.unsafe_fixes and not (request.fix or request.show_diff):
        raise click.UsageError("--unsafe-fixes needs --fix or --diff")
    formats = [*request.formats, *(["statistics"] if request.statistics else [])]
    if formats and request.show_diff:
        raise click.UsageError("--diff shows changes instead of a report; remove --format and --statistics")
    if request.baseline and request.no_baseline:
        raise click.UsageError("--baseline and --no-baseline cannot be combined")
    wanted = requested(formats)
    changes = request.fix or request.show_diff
    root, only = project_of(request.paths)
    cache = request.caching.open(root)
    brief = AUDITS.isdisjoint(name for name, _ in wanted)
    with wrong_usage(), Progress() as progress:
        config = settings_of(request, root)

        def run(overlay: Mapping[str, bytes]) -> RunResult:
            day = request.today.date() if request.today else None
            return api.check(
                root,
                config,
                only=only,
                today=day,
                overlay=overlay,
                since=request.base,
                jobs=request.jobs or available_jobs(),
                cache=cache,
                brief=brief,
                progress=progress.show,
                edits=changes or any(shows_edits(name) for name, _ in wanted),
            )

        result = _fixed(run, root, request) if changes else run({})
        if cache is not None:
            cache.save()
    request.caching.complain(cache)
    if not request.show_diff:
        options = ReportOptions.detect(color=request.color, show_suppressed=request.show_suppressed)
        keeper = cache.beside("report") if cache is not None else None
        options = replace(options, base=shown_base(root), category=request.category, keeper=keeper)
        write_reports(result, wanted, options)
        if cache is not None:
            cache.save()
    return exit_code(result, None if request.fail_on == "never" else config.fail_on)


@contextmanager
def wrong_usage() -> Iterator[None]:
    """Turns what cannot be done as it was asked for into click.UsageError."""
    try:
        yield
    except (settings.ConfigError, api.PathError, PastError, FixError) as error:
        raise click.UsageError(plain(str(error))) from error


def settings_of(request: Request, root: Path) -> Config:
    """The settings of the project with what the command line says instead. Raises ConfigError."""
    pages = rulebook.shipped()
    return settings.overridden(
        settings.load(root.resolve(), pages),
        pages,
        select=request.select,
        ignore=request.ignore,
        airflow=request.airflow_version,
        fail_on=request.threshold,
        profile=request.profile,
        inline_ignores=not request.no_inline_ignores,
        baseline=None if request.no_baseline else str(request.baseline.resolve()) if request.baseline else "",
    )


def shown_base(root: Path) -> str:
    """The way from the current folder down to the project; from elsewhere, paths start at the project."""
    here, there = Path.cwd(), root.resolve()
    return there.relative_to(here).as_posix() if there.is_relative_to(here) and there != here else ""


def exit_code(result: RunResult, threshold: Severity | None) -> int:
    """3 when a check crashed, 1 when a finding reaches the threshold, else 0; whatever the format."""
    if result.crashed:
        return 3
    return 1 if threshold is not None and result.fails(threshold) else 0


def project_of(paths: Sequence[Path]) -> tuple[Path, Sequence[Path]]:
    """The folder to check, and the files in it that are asked for. Raises click.UsageError."""
    folders = [path for path in paths if path.is_dir()]
    if not paths:
        return Path(), ()
    if folders and len(paths) > 1:
        raise click.UsageError("give one folder, or files of one project; several folders need one run each")
    if folders:
        return folders[0], ()
    return api.project_of(paths[0]), paths


def _fixed(run: Callable[[Mapping[str, bytes]], RunResult], root: Path, request: Request) -> RunResult:
    from mwaalint.fix import apply

    outcome = apply.fix_all(run, unsafe=request.unsafe_fixes)
    if not request.show_diff:
        apply.write(root.resolve(), outcome.changed)
        if outcome.fixed:
            plural = "s" * (outcome.fixed != 1)
            files = plain(", ".join(sorted(outcome.changed)))
            click.echo(f"Fixed {outcome.fixed} problem{plural} in {files}.", err=True)
        return outcome.result
    lines, people = apply.diff(outcome), sys.stdout.isatty()
    # A program, patch say, wants the lines as they are.
    write(map(plain, lines) if people else lines, for_people=people)
    if outcome.first.crashed:
        click.echo("The result is incomplete: a check crashed (MW002); run without --diff to see it.", err=True)
    # Nothing was changed, so what was found still stands.
    return outcome.first
