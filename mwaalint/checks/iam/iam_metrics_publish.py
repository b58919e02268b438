"""MW309: a role that cannot publish the environment's health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.iam._grants import Grants, at_role, at_statement, documented, named
from mwaalint.checks.iam._patterns import shown
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding


@check("MW309", on=Environment)
def iam_metrics_publish(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports statements for environments of other names only, and roles without any."""
    role = ctx.deployment.related.role
    if role is None:
        return
    grants = Grants(role, ctx.catalog)
    action = documented(ctx.catalog)["metrics"]
    name, written = named(environment)
    wanted = f"arn:*:airflow:*:*:environment/{name if name is not None else '*'}"
    if grants.may(action, wanted):
        return
    given = list(grants.giving(action))
    if given and name is not None:
        where, related = at_statement(given[0], environment)
        resource = shown(given[0].resources[0]) if given[0].resources else ""
        yield ctx.report(where, related=related, role=role.address, name=written, resource=resource)
    elif grants.whole:
        where, related = at_role(role, environment)
        yield ctx.report(where, "missing", related=related, role=role.address)
