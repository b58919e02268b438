"""MW307: a role that cannot use the queue between scheduler and workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.iam._grants import (
    Grants,
    at_role,
    at_statement,
    documented,
    listed,
    may_reach,
    stops_messages,
)
from mwaalint.checks.iam._patterns import ACCOUNT, fields, shown, texts
from mwaalint.model.environment import Environment
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.resources import Statement
    from mwaalint.model.values import Value

_DIGITS = regex(r"[0-9]{12}")


@check("MW307", on=Environment)
def iam_sqs_statement(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a queue statement for the own account, which has no such queue, and actions that nothing grants."""
    role = ctx.deployment.related.role
    if role is None:
        return
    grants = Grants(role, ctx.catalog)
    actions, queue = documented(ctx.catalog)["sqs"], documented(ctx.catalog)["queue"]
    own = [each for each in grants.giving(actions[-1]) if may_reach(each, queue) and _of_one_account(each)]
    if own and not any(may_reach(each, queue) and not _of_one_account(each) for each in grants.giving(actions[-1])):
        where, related = at_statement(own[0], environment)
        resource = next(each for each in own[0].resources if _is_of_one_account(each))
        yield ctx.report(where, related=related, role=role.address, resource=shown(resource))
        return
    missing = grants.missing(actions, queue) if grants.whole else []
    if missing:
        where, related = at_role(role, environment)
        kind = "missing" if stops_messages(missing, ctx.catalog) else "rest"
        yield ctx.report(where, kind, related=related, role=role.address, missing=listed(missing))


def _of_one_account(statement: Statement) -> bool:
    """Whether every resource of it that may be a queue is one of an account that is named."""
    return not statement.not_resources and all(_is_of_one_account(each) for each in statement.resources)


def _is_of_one_account(resource: Value) -> bool:
    accounts = [fields(text)[4] if len(fields(text)) == 6 else "" for text in texts(resource)]
    return bool(accounts) and all(each == ACCOUNT or bool(_DIGITS.fullmatch(each)) for each in accounts)
