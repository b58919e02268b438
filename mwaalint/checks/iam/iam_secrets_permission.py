"""MW302: a secrets backend that the role may not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._secrets import backends
from mwaalint.checks.iam._grants import Grants, at_role, documented
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.checks.environment._secrets import Backend
    from mwaalint.findings import Finding

# With these the backend asks as somebody else.
_OTHERS = ("role_arn", "profile_name", "aws_access_key_id", "endpoint_url")
_KINDS = ("connections", "variables")


@check("MW302", on=Environment)
def iam_secrets_permission(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports roles that may read nothing below the prefixes of the environment's backend."""
    role = ctx.deployment.related.role
    if role is None:
        return
    grants = Grants(role, ctx.catalog)
    for backend in backends(environment, ctx.catalog) if grants.whole else ():
        facts: Mapping[str, str] | None = documented(ctx.catalog)["secrets"].get(backend.row["service"])
        if facts is None or any(backend.given.get(name) for name in _OTHERS):
            continue
        prefixes = _prefixes(backend)
        unread = [each for each in prefixes if not grants.may(facts["action"], facts["resource"] + _below(each))]
        if prefixes and len(unread) == len(prefixes):
            where, related = at_role(role, environment)
            yield ctx.report(
                where,
                related=[*related, backend.value.origin.noted("the backend")],
                subject=backend.entry,
                role=role.address,
                action=facts["action"],
                prefixes=" and ".join(unread),
            )


def _prefixes(backend: Backend) -> list[str]:
    """Below which prefixes it looks; none where that is not one plain text each."""
    found = [backend.prefix(kind) for kind in _KINDS]
    return [each for each in found if isinstance(each, str) and each]


def _below(prefix: str) -> str:
    return f"{prefix.strip('/')}*"
