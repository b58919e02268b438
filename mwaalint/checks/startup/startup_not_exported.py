"""MW605: a variable that Airflow is meant to get, set without ``export``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.startup._reads import variables_read
from mwaalint.checks.startup._script import option_variables, replaced, table, uses
from mwaalint.documents.shell_syntax import Command, Declaration
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.startup import StartupScript
from mwaalint.patterns import regex
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.checks.startup._reads import Read
    from mwaalint.model.startup import Program, Step

_AIRFLOW = regex(r"AIRFLOW_(_[A-Z0-9]+(_[A-Z0-9]+)*__[A-Z0-9_]+|VAR_\w+|CONN_\w+)")
_NAME = regex(r"[A-Z][A-Z0-9_]{2,}")
_PROFILE = regex(
    r"(^|/)(\.bashrc|\.bash_profile|\.profile|\.zshrc|etc/(environment|profile|bashrc)|etc/profile\.d/[^/]+)$"
)
_EXPORT = regex(r"(?:^|[\s;])(?:export\s+)?([A-Za-z_]\w*)=")


@check("MW605", on=StartupScript)
def startup_not_exported(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports the last assignment of each variable that is read in DAGs, or that Airflow itself reads."""
    exported = _exported(script)
    reads = variables_read(ctx)
    there = {*table(ctx)["container"], *option_variables(script.environment)}
    found: dict[str, Step] = {}
    for step in script.own:
        for item in step.assignments:
            name = item.name
            if name not in exported | there and _is_meant(name, step, script, reads):
                found[name] = step
    for name, step in found.items():
        read = reads.get(name)
        yield ctx.report(
            script.location(step.span, name),
            "read" if read else "default",
            related=[read.place.noted("the DAG code reads it here")] if read else [],
            fix=_fix(script, step),
            variable=name,
            subject=name,
        )
    yield from _in_profiles(script, exported, ctx)


def _exported(script: StartupScript) -> set[str]:
    """The variables that are exported anywhere: before the assignment counts as much as after it."""
    return {item.name for step in script.own if step.exports for item in step.assignments}


def _handed_on(name: str, script: StartupScript) -> bool:
    """Whether the script writes an export of the variable into a file that tasks may source."""
    return re.search(rf"\bexport[ \t][^\n]*\b{re.escape(name)}\b", script.file.text) is not None


def _is_meant(name: str, step: Step, script: StartupScript, reads: dict[str, Read]) -> bool:
    if (isinstance(step.statement, Declaration) and step.statement.keyword == "local") or _handed_on(name, script):
        return False
    if _AIRFLOW.fullmatch(name):
        return True
    read = reads.get(name)
    return (
        read is not None and _NAME.fullmatch(name) is not None and (read.strict or not uses(script, name, after=step))
    )


def _fix(script: StartupScript, step: Step) -> Fix | None:
    statement = step.statement
    if not isinstance(statement, Declaration) or statement.keyword or len(statement.items) != 1:
        return None
    if statement.items[0].value is None:  # an array cannot be exported
        return None
    edit = replaced(script, Span(step.span.start, step.span.start), "export ")
    return Fix(f"Export {statement.items[0].name}", Safety.SAFE, (edit,))


def _reads_profile(program: Program) -> bool:
    return any(_PROFILE.search(word) for word in program.arguments)


def _in_profiles(script: StartupScript, exported: set[str], ctx: Context) -> Iterator[Finding]:
    """Lines such as ``echo "export X=1" >> ~/.bashrc``: Airflow is started by no login shell. But the script itself may
    read the file.
    """
    if any(
        step.program and step.program.name in (".", "source") and _reads_profile(step.program) for step in script.own
    ):
        return
    for step in script.steps:
        if (
            step.program is None
            or step.program.name not in ("echo", "printf")
            or not isinstance(step.statement, Command)
        ):
            continue
        targets = [
            each.target.literal or script.file.slice(each.target.span).strip("\"'")
            for each in step.statement.redirections
            if each.target is not None and each.operator in (">", ">>")
        ]
        profile = next((target for target in targets if _PROFILE.search(target)), None)
        names = [name for word in step.program.arguments for name in _EXPORT.findall(word)]
        lost = [name for name in names if name not in exported]
        if profile and lost:
            yield ctx.report(
                script.location(step.span, lost[0]), "profile", variable=lost[0], profile=profile, subject=lost[0]
            )
