"""What ``mwaalint baseline`` does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from mwaalint import api
from mwaalint.cli.checking import Request, settings_of, wrong_usage
from mwaalint.cli.output import Progress
from mwaalint.engine import baseline

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.cli.caching import Caching


def accept(root: Path, file: Path | None, caching: Caching, *, prune: bool) -> int:
    """Writes the baseline of a folder, or drops what is repaired from it, and gives the exit code. Raises
    click.UsageError.
    """
    with wrong_usage(), Progress() as progress:
        config = settings_of(Request(baseline=file), root)
        empty = baseline.of(root.resolve(), config)
        if not empty.path.is_file():
            if prune:
                raise click.UsageError(f"no baseline {empty.name} to prune")
            config = replace(config, baseline=None)
        known = baseline.load(root.resolve(), config) or empty
        cache = caching.open(root)
        result = api.check(root, config, cache=cache, brief=True, progress=progress.show, edits=False)
        if result.crashed:
            click.echo("Nothing was written: a check crashed (MW002), so findings may be missing.", err=True)
            return 3
        stale = result.baseline.stale if result.baseline else ()
        accepted = result.baseline.findings if result.baseline else ()
        after = known.without(stale) if prune else known.holding([*result.findings, *accepted])
        after.write()
    click.echo(_said(len(after.entries), 0 if prune else len(result.findings), len(stale), after.name))
    return 0


def _said(count: int, new: int, gone: int, name: str) -> str:
    changes = [f"{number} {word}" for number, word in ((new, "new"), (gone, "repaired")) if number]
    return f"{name} holds {count} finding{'s' * (count != 1)}{': ' * bool(changes)}{', '.join(changes)}"
