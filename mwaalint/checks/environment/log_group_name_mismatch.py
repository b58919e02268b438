"""MW247: a log group for MWAA's logs under a name that MWAA does not write to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._logs import LOGS, group_of
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known, known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding, Location
    from mwaalint.model.resources import LogGroup

# Names in the way of AWS's services, which MWAA is none of.
_LIKE_A_SERVICE = regex(r"/(?:aws/)?(?:mwaa|airflow)/")
# What else may write there: groups of other services that work for Airflow.
_OF_OTHERS = regex(r"lambda|ecs|eks|emr|glue|batch|flow-?log|vpc|code|event|api|step|fargate|container|dms|rds")
_MEANT = regex(r"(?:dag-?process(?:ing|or)|scheduler|task|web-?server|worker)s?")


@check("MW247", on=Environment)
def log_group_name_mismatch(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports groups of the environment's own stack that are named for MWAA's logs and are none of its five."""
    name = known(environment.name, str)
    expected = [group_of(log, name or "<name>", ctx.catalog) for log in LOGS]
    for group in ctx.deployment.related.log_groups:
        written = known(group.name, str)
        if not written or written in expected:
            continue
        if _is_meant(written, name) or (name and _is_of_no_environment(written, group, environment, ctx)):
            first, *others, last = expected
            shared = len(f"airflow-{name or '<name>'}")
            groups = f"{first}, {', '.join(each[shared:] for each in others)} and {last[shared:]}"
            yield ctx.report(group.location, related=_named(group), subject=written, group=written, groups=groups)


def _named(group: LogGroup) -> list[Location]:
    return [group.name.origin.noted("its name")] if isinstance(group.name, Known) else []


def _is_meant(written: str, name: str | None) -> bool:
    """Whether a group is surely meant for what MWAA writes of an environment."""
    lowered = written.lower()
    if (match := _LIKE_A_SERVICE.match(lowered)) and not _OF_OTHERS.search(lowered[match.end() :]):
        return True
    own = f"airflow-{name.lower()}" if name else ""
    rest = lowered.removeprefix(own)
    return bool(own) and rest != lowered and (not rest or bool(_MEANT.fullmatch(rest.lstrip("-/_"))))


def _is_of_no_environment(written: str, group: LogGroup, environment: Environment, ctx: Context) -> bool:
    """Whether an environment waits for a group that would be MWAA's, were the environment called otherwise."""
    endings = tuple(group_of(log, "", ctx.catalog).removeprefix("airflow-") for log in LOGS)
    waited_for = group.address in (environment.depends_on or ())
    return waited_for and written.startswith("airflow-") and written.endswith(endings)
