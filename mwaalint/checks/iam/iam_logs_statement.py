"""MW301: a role that cannot write or read the environment's logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.iam._grants import Grants, at_role, at_statement, documented, listed, may_reach, named
from mwaalint.checks.iam._patterns import fields, shown, texts
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mwaalint.findings import Finding
    from mwaalint.model.resources import Role, Statement

# CloudWatch checks DescribeLogGroups on a group without a name.
_NO_GROUP = "arn:*:logs:*:*:log-group::log-stream:"
_SAMPLE = "arn:*:logs:*:*:log-group:airflow-{name}:*"


@check("MW301", on=Environment)
def iam_logs_statement(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports statements for groups of other names only, and actions that nothing grants."""
    role = ctx.deployment.related.role
    if role is None:
        return
    grants = Grants(role, ctx.catalog)
    facts: Mapping[str, Sequence[str]] = documented(ctx.catalog)["logs"]
    name, written = named(environment)
    groups = f"arn:*:logs:*:*:log-group:airflow-{name}-*" if name is not None else "arn:*:logs:*:*:log-group:*"
    if name and _is_sample(list(grants.giving(facts["write"][-1])), name, groups):
        return
    wrong = _wrong(grants, facts["write"][-1], groups) if name is not None else None
    if wrong:
        where, related = at_statement(wrong, environment)
        resource = shown(wrong.resources[0])
        yield ctx.report(where, related=related, role=role.address, resource=resource, name=written)
    elif grants.whole:
        yield from _lacking(grants, facts, groups, role, environment, ctx)


def _is_sample(given: Sequence[Statement], name: str, groups: str) -> bool:
    """One of AWS's samples has a colon after the name; nobody is blamed for having copied it."""
    reached = [may_reach(each, groups) for each in given]
    return not any(reached) and any(may_reach(each, _SAMPLE.format(name=name)) for each in given)


def _wrong(grants: Grants, action: str, groups: str) -> Statement | None:
    """The statement that is meant for the environment's logs, where no statement reaches them."""
    given = list(grants.giving(action))
    if grants.by_policy(action) or any(may_reach(each, groups) for each in given):
        return None
    return next((each for each in given if _meant(each)), None)


def _meant(statement: Statement) -> bool:
    found = [fields(text)[-1] for each in statement.resources for text in texts(each)]
    return any(text.startswith("log-group:airflow-") for text in found)


def _lacking(
    grants: Grants,
    facts: Mapping[str, Sequence[str]],
    groups: str,
    role: Role,
    environment: Environment,
    ctx: Context,
) -> Iterator[Finding]:
    where, related = at_role(role, environment)
    needed = [action for kind in ("write", "read") for action in facts[kind]]
    if missing := grants.missing(needed, groups):
        grave = not set(missing).isdisjoint((*facts["write"], facts["read"][0]))
        message = "missing" if grave else "rest"
        yield ctx.report(where, message, related=related, role=role.address, missing=listed(missing))
    if grants.missing(facts["groups"], _NO_GROUP):
        yield ctx.report(where, "groups", related=related, subject="groups", role=role.address)
    if _has_triggerer_logs(ctx) and grants.missing(facts["streams"], groups):
        yield ctx.report(where, "streams", related=related, subject="streams", role=role.address)


def _has_triggerer_logs(ctx: Context) -> bool:
    version = ctx.deployment.target.airflow or ""
    return version.startswith("3.")
