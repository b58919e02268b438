"""MW611: a script that leaves past MWAA's own ``exit``, so that the environment is not saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.startup._script import older_wrapper, replaced
from mwaalint.documents.shell_syntax import Command
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.startup import StartupScript
from mwaalint.patterns import regex
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.model.startup import Step

_DESCRIPTOR = regex(r"\{\w+\}")


@check("MW611", on=StartupScript)
def startup_exec_or_builtin_exit(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports each place where the shell ends or becomes another program."""
    if older_wrapper(ctx):
        return
    seen: set[Span] = set()
    for step in script.own:
        kind = _leaves(script, step)
        if kind and step.span not in seen:
            seen.add(step.span)
            yield ctx.report(
                script.location(step.span, kind),
                kind,
                fix=_fix(script, step) if kind == "bypass" else None,
                command=script.text(step.span),
                subject=script.text(step.span),
            )


def _leaves(script: StartupScript, step: Step) -> str:
    program, statement = step.program, step.statement
    if program is None or not isinstance(statement, Command):
        return ""
    if program.name == "exec" and program.arguments and not _DESCRIPTOR.fullmatch(program.arguments[0]):
        return "exec"
    if program.name == "exit" and (program.before or script.file.slice(statement.words[0].span) != "exit"):
        # An alias is only looked up for a plain first word.
        return "bypass" if program.before in ((), ("builtin",), ("command",)) else ""
    if program.name == "kill" and any(word in ("${$}", "${BASHPID}") for word in program.arguments):
        return "kill"
    return ""


def _fix(script: StartupScript, step: Step) -> Fix:
    assert isinstance(step.statement, Command)
    words = step.statement.words
    last = next(word for word in words if word.literal == "exit")
    edit = replaced(script, Span(words[0].span.start, last.span.end), "exit")
    return Fix("Use the exit that MWAA provides", Safety.SAFE, (edit,))
