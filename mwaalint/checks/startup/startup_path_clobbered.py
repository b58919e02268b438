"""MW612: PATH replaced, so that MWAA no longer finds its own programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.startup._script import older_wrapper, replaced, table
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.startup import StartupScript
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.shell_syntax import Word
    from mwaalint.findings import Edit
    from mwaalint.model.startup import Step


@check("MW612", on=StartupScript)
def startup_path_clobbered(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports the first assignment after which PATH lacks a folder of MWAA's own, unless it has it again at the end."""
    if older_wrapper(ctx):
        return
    steps = [(step, word) for step in script.own if (word := _path(step)) is not None]
    missing = [_missing(step.values["PATH"], ctx) for step, _ in steps]
    if not missing or not missing[-1]:
        return
    first = next(index for index, program in enumerate(missing) if program)
    step, word = steps[first]
    edit = _extended(script, word)
    yield ctx.report(
        script.location(step.span, "PATH"),
        missing[-1],
        fix=Fix("Add to PATH instead", Safety.SAFE, (edit,)) if edit else None,
        path=step.values["PATH"],
        subject="PATH",
    )


def _path(step: Step) -> Word | None:
    """What a step sets PATH to; None where it does not, or only adds to it."""
    return next((item.value for item in step.assignments if item.name == "PATH" and not item.append), None)


def _missing(path: str, ctx: Context) -> str:
    """The program of MWAA that a value of PATH does not lead to; "" when none, or when the value is not known."""
    if "$" in path or "`" in path:
        return ""
    home = str(ctx.catalog.table("container-variables")["rows"]["HOME"])
    folders = [f"{home}{entry[1:]}" if entry.startswith("~") else entry.rstrip("/") for entry in path.split(":")]
    own = table(ctx)["own_folders"]
    return next((program for program, places in own.items() if not set(places) & set(folders)), "")


def _extended(script: StartupScript, word: Word) -> Edit | None:
    written = script.file.slice(word.span)
    if written.startswith("'"):
        inner = written[1:-1]
        plain = written.endswith("'") and len(written) > 1 and not set(inner) & set("'\"\\$`")
        return replaced(script, word.span, f'"$PATH:{inner}"') if plain else None
    start = word.span.start + (1 if written.startswith('"') else 0)
    return replaced(script, Span(start, start), "$PATH:")
