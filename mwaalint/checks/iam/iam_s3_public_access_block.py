"""MW303: a role that cannot read whether the bucket is closed to the public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.iam._grants import Grants, at_role, documented
from mwaalint.checks.iam._patterns import GAP, texts
from mwaalint.model.environment import Environment
from mwaalint.model.values import Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.values import Value


@check("MW303", on=Environment)
def iam_s3_public_access_block(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports roles that may read neither, or only the bucket's own settings."""
    role = ctx.deployment.related.role
    if role is None:
        return
    grants = Grants(role, ctx.catalog)
    actions = documented(ctx.catalog)["s3"]
    if not grants.whole:
        return
    where, related = at_role(role, environment)
    if not grants.may(actions["bucket"]):
        yield ctx.report(where, related=related, role=role.address)
    elif not _on_all(grants, actions["account"]):
        yield ctx.report(where, "account", related=related, role=role.address)


def _on_all(grants: Grants, action: str) -> bool:
    """Whether an action that knows no resources may be allowed: only a statement on all of them does."""
    if grants.by_policy(action):
        return True
    statements = list(grants.giving(action))
    resources = [resource for each in statements for resource in each.resources if not _is_of_project(resource)]
    given = [text for resource in resources for text in texts(resource)]
    return any(each.not_resources for each in statements) or any(not text.strip(f"*{GAP}") for text in given)


def _is_of_project(resource: Value) -> bool:
    """Whether it is the ARN of a resource that the project declares: not known, but surely not ``*``."""
    return isinstance(resource, Unresolved) and bool(resource.resource)
