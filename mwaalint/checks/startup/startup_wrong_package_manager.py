"""MW610: packages that a startup script cannot install the way it tries to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.startup._script import replaced, table
from mwaalint.documents.shell_syntax import Command
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.startup import StartupScript
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from mwaalint.model.startup import Program, Step

_ROOT = frozenset({"sudo", "su", "doas"})


@check("MW610", on=StartupScript)
def startup_wrong_package_manager(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports what surely runs: a command under a condition may be one for another system."""
    seen: set[Span] = set()
    for step in script.steps:
        kind = _problem(step, script, ctx) if step.certain and step.program else ""
        if kind and step.program is not None and step.span not in seen:
            seen.add(step.span)
            yield ctx.report(
                script.location(step.span, step.program.name),
                kind,
                fix=_fix(script, step, kind, table(ctx)),
                program=step.program.name,
                command=script.text(step.span),
                subject=script.text(step.span),
            )


def _problem(step: Step, script: StartupScript, ctx: Context) -> str:
    rows, program = table(ctx), step.program
    assert program is not None
    if program.name in rows["missing_programs"]:
        return "missing"
    if program.name in rows["removed_programs"]:
        release = ctx.catalog.release(ctx.deployment.target.airflow or "")
        return "removed" if release and release.os == rows["removed_programs"][program.name]["os"] else ""
    if program.name not in rows["asking"] or not _asks(program, rows):
        return ""
    if not _ROOT & {word.rpartition("/")[2] for word in program.before} and not _becomes_root(script):
        return "root"
    return "" if _answered(step, program, rows, script) else "asks"


def _asks(program: Program, rows: Mapping[str, Any]) -> bool:
    """Whether it installs or removes something, and does not only tell about it."""
    return bool(program.operands) and program.operands[0] in rows["asking"][program.name]


def _becomes_root(script: StartupScript) -> bool:
    """Whether the script may be root by then."""
    return any(
        step.program is not None
        and (step.program.name in _ROOT or (step.program.name == "exec" and step.program.arguments))
        for step in script.steps
    )


def _answered(step: Step, program: Program, rows: Mapping[str, Any], script: StartupScript) -> bool:
    """Whether somebody says yes: an option, the input, or the package manager's own settings."""
    if any(word.startswith("-") and not word.startswith("--") and "y" in word[1:] for word in program.arguments):
        return True
    if program.has_option(*rows["answers"]) or step.apart or "assumeyes" in script.file.text:
        return True
    redirections = step.statement.redirections if isinstance(step.statement, Command) else ()
    return any(each.operator.startswith("<") for each in redirections)


def _fix(script: StartupScript, step: Step, kind: str, rows: Mapping[str, Any]) -> Fix | None:
    """Adds the option after the subcommand, and ``sudo`` in front where it is missing."""
    program, statement = step.program, step.statement
    if program is None or not isinstance(statement, Command) or kind not in ("asks", "root"):
        return None
    if kind == "root" and program.before:
        return None
    start = statement.words[0].span.start
    edits = [replaced(script, Span(start, start), "sudo ")] if kind == "root" else []
    if not _answered(step, program, rows, script):
        word = next((word for word in statement.words if word.literal == program.operands[0]), None)
        if word is None:
            return None
        edits.append(replaced(script, Span(word.span.end, word.span.end), " -y"))
    return Fix("Install as root" if kind == "root" else "Answer yes", Safety.SAFE, tuple(edits))
