"""MW227: logs that cost more than they tell: at DEBUG, or kept for ever."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._logs import LOGS, member
from mwaalint.checks.environment._related import does
from mwaalint.checks.environment._values import arms
from mwaalint.model.environment import Environment
from mwaalint.model.values import known, possible
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding, Location

_FOR_TRIALS = regex(r"(?:^|[^a-z])(?:dev|test|tst|sandbox|sbx|poc|demo|play|local|debug|lab|exp|tmp|trial)", re.I)
_SETS_RETENTION = regex(rb"put[-_]?retention[-_]?policy|log[-_]?retention", re.IGNORECASE)


@check("MW227", on=Environment)
def debug_logs_retention(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports logs at DEBUG where nobody tries things out, and logs for which the project sets no retention."""
    if "logging_configuration" in environment.ignored_changes:
        return
    if not _FOR_TRIALS.search(f"{environment.label} {environment.stack}"):
        yield from _debug(environment, ctx)
    if _is_forgotten(environment, ctx):
        place = environment.declared.get("logging_configuration", environment.location)
        yield ctx.report(place, "kept", subject="retention", related=_others(ctx))


def _debug(environment: Environment, ctx: Context) -> Iterator[Finding]:
    for log in LOGS:
        levels = arms(member(environment, log, "log_level"), str)
        off = any(str(option.value).lower() == "false" for option in possible(member(environment, log, "enabled")))
        if levels and not off and all(level == "DEBUG" for level, _ in levels):
            yield ctx.report(levels[0][1].origin, subject=log, logs=log.removesuffix("_logs").replace("_", " "))


def _others(ctx: Context) -> list[Location]:
    """Log groups beside the environment that are given an end."""
    groups = ctx.deployment.related.log_groups
    return [each.location.noted("has a retention") for each in groups if known(each.retention_in_days, int)]


def _is_forgotten(environment: Environment, ctx: Context) -> bool:
    """Whether logs are on and other groups of the stack have a retention, while nothing can be what gives these one."""
    if not any(known(member(environment, log, "enabled"), bool) for log in LOGS) or not _others(ctx):
        return False
    # A published module may declare the groups itself.
    if environment.by_terraform and "aws_mwaa_environment." not in environment.symbol:
        return False
    names = [(known(group.name, str) or "").lower() for group in ctx.deployment.related.log_groups]
    if any(not name or "airflow" in name or "mwaa" in name for name in names):
        return False
    return not does(ctx.project, _SETS_RETENTION)
