"""MW246: a log group handed to MWAA, which takes none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._logs import LOGS, group_of, member
from mwaalint.findings import Edit, Finding, Fix, Location, Safety
from mwaalint.model.environment import Environment
from mwaalint.model.resources import leads_to
from mwaalint.model.values import Absent, Known, is_set, known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.model.values import Value

_MEMBER = "cloud_watch_log_group_arn"
# YAML of one member; in JSON, or inside of braces, commas would have to go with it.
_LINE = regex(r"\s*CloudWatchLogGroupArn\s*:\s*[^\s{][^{}]*")


@check("MW246", on=Environment)
def log_group_not_settable(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports each log group that is passed, unless it is the one that MWAA writes to anyway."""
    name = known(environment.name, str)
    for log in LOGS:
        value = member(environment, log, _MEMBER)
        if isinstance(value, Absent) or (name and _is_named(value, group_of(log, name, ctx.catalog), ctx)):
            continue
        yield ctx.report(
            value.origin,
            fix=_fix(value.origin, environment, ctx) if is_set(member(environment, log, "enabled")) else None,
            subject=log,
            group=group_of(log, name or "<name>", ctx.catalog),
        )


def _is_named(value: Value, group: str, ctx: Context) -> bool:
    if isinstance(value, Known):
        return f":log-group:{group}" in str(value.value)
    groups = ctx.deployment.related.log_groups
    return any(leads_to(value, each.address) and known(each.name, str) == group for each in groups)


def _fix(place: Location, environment: Environment, ctx: Context) -> Fix | None:
    """Takes the line away in a template, where the member stands on a line of its own beside others."""
    file = ctx.project.get(place.path)
    if file is None or environment.dialect != "cloudformation":
        return None
    line, after = file.position(place.span.start).line, file.position(place.span.end).line + 1
    if after != line + 1 or after > len(file.line_starts) or not _LINE.fullmatch(file.line_text(line)):
        return None
    span = type(place.span)(file.line_span(line).start, file.line_span(after).start)
    edit = Edit(file.path, span, b"", file.data[span.start : span.end])
    return Fix("Leave the log group to MWAA", Safety.SAFE, (edit,))
