"""The commands and their options."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mwaalint import __version__
from mwaalint.cli import caching

if TYPE_CHECKING:
    from datetime import datetime

    from click.shell_completion import CompletionItem

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, prog_name="mwaalint")
def app() -> None:
    """Find what will break, leak or waste money on Amazon MWAA before an environment update does."""


def _rules(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The codes and names of rules that go on as typed."""
    from click.shell_completion import CompletionItem

    from mwaalint import rulebook

    names = rulebook.shipped().names
    return [
        CompletionItem(code if code.startswith(typed.upper()) else name, help=name)
        for code, name in names.items()
        if code.startswith(typed.upper()) or name.startswith(typed.lower())
    ]


@app.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME[=FILE]",
    help="text, json, sarif, github, gitlab, junit, html, markdown or statistics; repeatable.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    shell_complete=_rules,
    help="Run only these rules: codes, names or prefixes such as MW1.",
)
@click.option("--ignore", multiple=True, metavar="RULES", shell_complete=_rules, help="Skip these rules.")
@click.option(
    "--airflow-version",
    metavar="VERSION",
    help="The Airflow version of the environment, instead of the one in the repository.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["never", "note", "warning", "error"]),
    help="Exit with 1 at or above this severity.  [default: warning]",
)
@click.option("--profile", metavar="NAME", help="default, strict, cost or airflow-3-upgrade; overrides the settings.")
@click.option("--base", metavar="REF", help="Report only what was not there at this commit or branch.")
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Leave out what this file accepts.  [default: .mwaalint-baseline.json, where it exists]",
)
@click.option("--no-baseline", is_flag=True, help="Also report what the baseline accepts.")
@click.option("--no-inline-ignores", is_flag=True, help="Also report what comments in the files ignore.")
@click.option("--fix", is_flag=True, help="Apply safe fixes, then report the rest.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: include fixes that may change behavior.")
@click.option("--diff", "show_diff", is_flag=True, help="Show what --fix would change without changing it.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule; --format statistics.")
@click.option("--show-suppressed", is_flag=True, help="Also list what ignore comments and settings silence.")
@click.option(
    "--category",
    default="",
    metavar="NAME",
    help="Tell this SARIF report from others of the same repository.  [default: the folder]",
)
@click.option("--color/--no-color", default=None, help="Color the text.  [default: on a terminal]")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Judge support dates as of this day.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    help="How many processes may check DAG and plugin code.  [default: one per processor]",
)
@caching.options
def check(paths: tuple[Path, ...], **options: Any) -> None:
    """Check the project in a folder (by default the current one), or only some of its files.

    Exit codes: 0 clean, 1 findings at or above --fail-on, 2 wrong usage or settings, 3 internal error.
    """
    from mwaalint.cli.checking import Request, check

    sys.exit(check(Request(paths, caching=caching.taken(options), **options)))


@app.command()
@click.argument("path", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--prune", is_flag=True, help="Only drop entries that have been fixed; accept nothing new.")
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write.  [default: the one in the settings, else .mwaalint-baseline.json]",
)
@caching.options
def baseline(path: Path, prune: bool, baseline: Path | None, **words: Any) -> None:
    """Accept what is found today, so that check reports only what comes after.

    Exit codes: 0 written, 2 wrong usage or settings, 3 a check crashed and nothing was written.
    """
    from mwaalint.cli.baselining import accept

    sys.exit(accept(path, baseline, caching.taken(words), prune=prune))


@app.command()
@click.argument("path", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--profile", metavar="NAME", help="The profile to put into the settings.")
@click.option("--yes", is_flag=True, help="Write without asking.")
def init(path: Path, profile: str | None, yes: bool) -> None:
    """Set up a repository: settings with what is found in it, a pre-commit hook, a GitHub workflow.

    Shows what it would add and asks first; existing content is never overwritten.
    """
    from mwaalint.cli.init import init

    sys.exit(init(path, yes=yes, profile=profile))


@app.command()
@click.option("--family", help="Only the rules of one family, such as requirements.")
def rules(family: str | None) -> None:
    """List the rules: code, severity, whether it can be fixed, name and what it finds."""
    from mwaalint import rulebook

    book = rulebook.shipped()
    listed = [rule for rule in book.all() if family in (None, rule.family)]
    if not listed:
        families = sorted({page.parent.name for page in book.pages.values()})
        raise click.UsageError(f"unknown family {family!r}; known: {', '.join(families)}")
    width = max(len(rule.name) for rule in listed)
    for rule in listed:
        click.echo(f"{rule.code}  {rule.severity!s:<7}  {rule.fix:<6}  {rule.name:<{width}}  {rule.title}")


@app.command()
@click.argument("shell", type=click.Choice(["bash", "fish", "zsh"]))
def completion(shell: str) -> None:
    """Print a shell's completion script for commands, options and rules.

    \b
    bash:  eval "$(mwaalint completion bash)"  in ~/.bashrc
    zsh:   eval "$(mwaalint completion zsh)"  in ~/.zshrc
    fish:  mwaalint completion fish > ~/.config/fish/completions/mwaalint.fish
    """
    from click.shell_completion import ShellComplete, get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    # Without its own test of the shell's version, which would start the shell.
    click.echo(ShellComplete.source(made(app, {}, "mwaalint", "_MWAALINT_COMPLETE")))


@app.command()
@click.argument("rule", shell_complete=_rules)
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
        raise click.UsageError(f"{rule!r} matches {len(codes)} rules; choose one, for example {codes[0]}")
    from mwaalint.cli.explain import explain

    explain(book.rule(codes[0]))


@app.command()
@click.argument("path", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    default="mwaa-audit.html",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write: .html or .md.",
)
@click.option(
    "--airflow-version",
    metavar="VERSION",
    help="Audit an upgrade: judge everything by this Airflow version instead of the environments' own.",
)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Judge support dates as of this day.")
@caching.options
def audit(path: Path, output: Path, airflow_version: str | None, today: datetime | None, **words: Any) -> None:
    """Write a report to open and forward: environments, cost, findings, and what was not analyzed.

    Exit codes: 0 written, whatever was found; 2 wrong usage or settings; 3 internal error.
    """
    from mwaalint.cli.audit import audit

    sys.exit(audit(path, output, airflow_version, today.date() if today else None, caching.taken(words)))
