"""MW304: a trust policy that does not let MWAA have the role, or lets others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.iam._grants import at_trust, documented, listed
from mwaalint.checks.iam._patterns import GAP, meets, texts
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.resources import Policy


@check("MW304", on=Environment)
def iam_trust_policy_principals(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports the principals that a trust policy lacks, and those of services that never assume the role."""
    role = ctx.deployment.related.role
    if role is None or role.trust is None:
        return
    where, related = at_trust(role.trust, environment)
    facts = documented(ctx.catalog)["trust"]
    trusted = _trusted(role.trust)
    unrelated = [each for each in facts["unrelated"] if each in trusted]
    missing = [each for each in (facts["required"], facts["documented"]) if not _among(each, trusted)]
    if role.trust.complete and missing:
        message = "default" if missing[0] == facts["required"] else "documented"
        yield ctx.report(where, message, related=related, subject="missing", role=role.address, missing=listed(missing))
    if unrelated:
        others = listed(unrelated)
        yield ctx.report(where, "unrelated", related=related, subject=others, role=role.address, others=others)


def _trusted(trust: Policy) -> list[str]:
    """The services and others that are named, with gaps where one is not known."""
    found = []
    for statement in trust.statements:
        if any(text != "Deny" for text in texts(statement.effect)):
            found += [text for _, names in statement.principals for name in names for text in texts(name)]
    return found


def _among(service: str, trusted: list[str]) -> bool:
    # Partitions and URL suffixes vary; whatever follows may be one.
    return any(meets(each, service) or (each == "*") or GAP in each for each in trusted)
