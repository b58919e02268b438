"""The commands ``check``, ``rules`` and ``explain``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mwaalint import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Severity

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, prog_name="mwaalint")
def app() -> None:
    """Find what will break, leak or waste money on Amazon MWAA before an environment update does."""


@app.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME[=FILE]",
    help="text, json, sarif, github, gitlab or junit; repeatable.",
)
@click.option(
    "--select", multiple=True, metavar="RULES", help="Run only these rules: codes, names or prefixes such as MW1."
)
@click.option("--ignore", multiple=True, metavar="RULES", help="Leave these rules out.")
@click.option(
    "--airflow-version",
    metavar="VERSION",
    help="The Airflow version of the environment, in place of what the repository says.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["never", "note", "warning", "error"]),
    help="Exit with 1 from this severity on.  [default: warning]",
)
@click.option("--base", metavar="REF", help="Report only what was not there at this commit, a branch say.")
@click.option("--fix", is_flag=True, help="Repair what has a safe fix, then report the rest.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also fixes that may change behaviour.")
@click.option("--diff", "show_diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--show-suppressed", is_flag=True, help="Also list what ignore comments and settings silence.")
@click.option("--color/--no-color", default=None, help="Colour the text.  [default: on a terminal]")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Judge support dates as of this day.")
def check(
    paths: tuple[Path, ...],
    formats: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    airflow_version: str | None,
    fail_on: str | None,
    base: str | None,
    fix: bool,
    unsafe_fixes: bool,
    show_diff: bool,
    show_suppressed: bool,
    color: bool | None,
    today: datetime | None,
) -> None:
    """Check the project in a folder (by default this one), or only some of its files.

    Exit codes: 0 clean, 1 findings at or above --fail-on, 2 wrong usage or settings, 3 internal error.
    """
    from mwaalint import api, rulebook
    from mwaalint import config as settings
    from mwaalint.cli.output import Progress, requested, write_reports
    from mwaalint.fix import FixError
    from mwaalint.past import PastError
    from mwaalint.report import ReportOptions

    if unsafe_fixes and not (fix or show_diff):
        raise click.UsageError("--unsafe-fixes goes with --fix or --diff")
    if formats and show_diff:
        raise click.UsageError("--diff shows changes in place of a report; leave --format out")
    wanted = requested(formats)
    root, only = _project(paths)
    pages = rulebook.shipped()
    try:
        config = settings.overridden(
            settings.load(root.resolve(), pages),
            pages,
            select=select,
            ignore=ignore,
            airflow=airflow_version,
            fail_on=None if fail_on == "never" else fail_on,
        )
        with Progress() as progress:

            def run(overlay: Mapping[str, bytes]) -> RunResult:
                day = today.date() if today else None
                return api.check(
                    root, config, only=only, today=day, overlay=overlay, since=base, progress=progress.show
                )

            if show_diff or fix:
                result = _fixed(run, root, write=fix and not show_diff, unsafe=unsafe_fixes)
            else:
                result = run({})
        if not show_diff:
            write_reports(
                result,
                wanted,
                replace(ReportOptions.detect(color=color, show_suppressed=show_suppressed), base=shown_base(root)),
            )
    except (settings.ConfigError, api.PathError, PastError, FixError) as error:
        raise click.UsageError(str(error)) from error
    sys.exit(exit_code(result, None if fail_on == "never" else config.fail_on))


def shown_base(root: Path) -> str:
    """The way from the current folder down to the project; from elsewhere, paths start at the project."""
    here, there = Path.cwd(), root.resolve()
    return there.relative_to(here).as_posix() if there.is_relative_to(here) and there != here else ""


def exit_code(result: RunResult, threshold: Severity | None) -> int:
    """3 when a check crashed, 1 when a finding reaches the threshold, else 0; whatever the format."""
    if result.crashed:
        return 3
    return 1 if threshold is not None and result.fails(threshold) else 0


def _project(paths: Sequence[Path]) -> tuple[Path, Sequence[Path]]:
    from mwaalint import api

    folders = [path for path in paths if path.is_dir()]
    if not paths:
        return Path(), ()
    if folders and len(paths) > 1:
        raise click.UsageError(
            "name one folder, or files of one project; several folders are several projects, one run each"
        )
    if folders:
        return folders[0], ()
    return api.project_of(paths[0]), paths


def _fixed(run: object, root: Path, *, write: bool, unsafe: bool) -> RunResult:
    from mwaalint.fix import apply

    outcome = apply.fix_all(run, unsafe=unsafe)  # type: ignore[arg-type]
    if write:
        apply.write(root.resolve(), outcome.changed)
        if outcome.fixed:
            click.echo(
                f"Fixed {outcome.fixed} problem{'s' * (outcome.fixed != 1)} in {', '.join(sorted(outcome.changed))}.",
                err=True,
            )
        return outcome.result
    for line in apply.diff(outcome):
        click.echo(line, nl=False)
    if outcome.first.crashed:
        click.echo("The result is incomplete: a check crashed (MW002); run without --diff to see it.", err=True)
    # Nothing was changed, so what was found still stands.
    return outcome.first


@app.command()
@click.option("--family", help="Only the rules of one family, such as requirements.")
def rules(family: str | None) -> None:
    """List the rules: code, severity, whether it can be fixed, name and what it finds."""
    from mwaalint import rulebook

    book = rulebook.shipped()
    listed = [rule for rule in book.all() if family in (None, rule.family)]
    if not listed:
        families = sorted({page.parent.name for page in book.pages.values()})
        raise click.UsageError(f"there is no family {family!r}; known: {', '.join(families)}")
    width = max(len(rule.name) for rule in listed)
    for rule in listed:
        click.echo(f"{rule.code}  {rule.severity!s:<7}  {rule.fix:<6}  {rule.name:<{width}}  {rule.title}")


@app.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Explain a rule by its code or name: what it finds, why it matters on MWAA, examples, and how to fix it."""
    from mwaalint import rulebook
    from mwaalint.config import ConfigError, selection

    book = rulebook.shipped()
    try:
        codes = selection([rule], "explain", book)
    except ConfigError as error:
        raise click.UsageError(str(error).removeprefix("explain: ")) from error
    if len(codes) > 1:
        raise click.UsageError(f"{rule!r} stands for {len(codes)} rules; name one, for example {codes[0]}")
    from mwaalint.cli.explain import explained

    click.echo_via_pager(explained(book.rule(codes[0]))) if sys.stdout.isatty() else click.echo(
        explained(book.rule(codes[0]))
    )
