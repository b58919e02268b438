"""MW306: a role that cannot use the key with which the environment's queue is encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.iam._grants import Grants, at_role, at_statement, documented, listed, may_reach, stops_messages
from mwaalint.checks.iam._patterns import ACCOUNT, GAP, fields, reaches, shown, texts
from mwaalint.model.environment import Environment
from mwaalint.model.values import Absent, Known, Unresolved
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.findings import Finding
    from mwaalint.model.resources import KmsKey, Role, Statement
    from mwaalint.model.values import Value

_DIGITS = regex(r"[0-9]{12}")
_REGION = regex(r"[a-z]{2}(?:-[a-z]+)+-[0-9]+")
_SEND = "sqs:SendMessage"


@check("MW306", on=Environment)
def iam_kms_notresource(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports statements on keys of the own account, where the environment has AWS's key, and the other way round."""
    role, key = ctx.deployment.related.role, ctx.deployment.related.key
    if role is None:
        return
    if isinstance(environment.kms_key, Absent):
        yield from _of_aws_key(role, environment, ctx)
    elif key is not None and key.complete and not key.granted and not _lets_in(key, role):
        yield from _of_own_key(key, role, environment, ctx)


def _of_aws_key(role: Role, environment: Environment, ctx: Context) -> Iterator[Finding]:
    grants = Grants(role, ctx.catalog)
    actions = documented(ctx.catalog)["kms"]
    given = {action: list(grants.giving(action)) for action in actions}
    reaching = [action for action in actions if any(_reaches(each) for each in given[action])]
    own = [each for each in given[actions[0]] if not _reaches(each)]
    meant = next((each for each in own if _through_the_queue(each) or (grants.whole and _on_all_keys(each))), None)
    if meant and not reaching and not grants.by_policy(actions[0]):
        where, related = at_statement(meant, environment)
        yield ctx.report(where, related=related, role=role.address, resource=shown(meant.resources[0]))
    elif not grants.by_policy(actions[0]) and (region := _queue_elsewhere(given[actions[0]], grants, ctx)):
        astray = next(each for each in given[actions[0]] if _reaches(each))
        where, related = at_statement(astray, environment)
        through = listed(_regions_through(astray))
        yield ctx.report(where, "region", related=related, role=role.address, through=through, region=region)
    elif grants.whole and not grants.by_policy(actions[0]) and len(reaching) < len(actions):
        where, related = at_role(role, environment)
        missing = [action for action in actions if action not in reaching]
        kind = "missing" if stops_messages(missing, ctx.catalog) else "rest"
        key = "AWS's own key"
        yield ctx.report(where, kind, related=related, role=role.address, key=key, missing=listed(missing))


def _queue_elsewhere(statements: Sequence[Statement], grants: Grants, ctx: Context) -> str:
    """The one Region of the environment's queue that the role may use, if the statements are all for another one."""
    queue = documented(ctx.catalog)["queue"]
    given = [each for each in grants.giving(_SEND) if may_reach(each, queue)]
    if grants.by_policy(_SEND) or any(each.not_resources for each in given):
        return ""
    queues = [text for each in given for it in each.resources for text in texts(it) if reaches(text, queue)]
    regions = {parts[3] if len(parts := fields(text)) == 6 else "" for text in queues}
    through = [_regions_through(each) for each in statements if _reaches(each)]
    if len(regions) != 1 or not all(through) or len(set().union(*through)) != 1:
        return ""
    (region,) = regions
    return region if _REGION.fullmatch(region) and region not in through[0] else ""


def _regions_through(statement: Statement) -> set[str]:
    """The Regions of SQS in ``kms:ViaService``; none where that is not known, or where it says which are excluded."""
    content = statement.conditions.value if isinstance(statement.conditions, Known) else None
    services = _through(statement.conditions)
    if not isinstance(content, dict) or not {"StringEquals", "StringLike"}.issuperset(content):
        return set()
    regions = {parts[1] for text in services if (parts := text.split("."))[0] == "sqs" and len(parts) > 1}
    return regions if all(_REGION.fullmatch(each) for each in regions) and GAP not in "".join(services) else set()


def _of_own_key(key: KmsKey, role: Role, environment: Environment, ctx: Context) -> Iterator[Finding]:
    grants = Grants(role, ctx.catalog)
    actions = documented(ctx.catalog)["kms"]
    given = {action: list(grants.giving(action)) for action in actions}
    missing = [action for action in actions if not any(_reaches_own(each, key) for each in given[action])]
    if not grants.whole or not missing or grants.by_policy(actions[0]):
        return
    meant = next((each for each in given[missing[0]] if each.not_resources), None)
    where, related = at_statement(meant, environment) if meant else at_role(role, environment)
    grave = "excluded" if meant else "own"
    yield ctx.report(
        where,
        grave if stops_messages(missing, ctx.catalog) else "rest",
        related=[*related, key.location.noted("the environment's own key")],
        role=role.address,
        key=key.address,
        missing=listed(missing),
    )


def _lets_in(key: KmsKey, role: Role) -> bool:
    """Whether the key's policy may name the role. One that names the account leaves it to the role's own policies."""
    named = [
        name
        for statement in (key.policy.statements if key.policy else ())
        for kind, names in statement.principals
        for name in names
        if kind != "Service"
    ]
    return any(_may_be(name, role) for name in named)


def _may_be(name: Value, role: Role) -> bool:
    if isinstance(name, Unresolved) and name.resource:
        return name.resource == role.address
    return not all(text.endswith(":root") for text in texts(name))


def _reaches_own(statement: Statement, key: KmsKey) -> bool:
    """Whether it may be about a key of the project."""
    if any(_leaves_out_the_account(text) for each in statement.not_resources for text in texts(each)):
        return False
    return bool(statement.not_resources) or any(_may_be_key(each, key) for each in statement.resources)


def _leaves_out_the_account(text: str) -> bool:
    parts = fields(text)
    account_known = len(parts) == 6 and (parts[4] in (ACCOUNT, "*") or bool(_DIGITS.fullmatch(parts[4])))
    return account_known and parts[5] == "key/*"


def _may_be_key(resource: Value, key: KmsKey) -> bool:
    return not (isinstance(resource, Unresolved) and resource.resource) or resource.resource == key.address


def _reaches(statement: Statement) -> bool:
    """Whether it may be about a key of another account, which AWS's own keys are."""
    return bool(statement.not_resources) or any(_may_be_foreign(each) for each in statement.resources)


def _may_be_foreign(resource: Value) -> bool:
    if isinstance(resource, Unresolved) and resource.resource:
        return False
    return any(_is_open(text) for text in texts(resource))


def _is_open(text: str) -> bool:
    parts = fields(text)
    if len(parts) < 6:
        return "*" in text or GAP in text
    return parts[4] != ACCOUNT and not _DIGITS.fullmatch(parts[4])


def _through_the_queue(statement: Statement) -> bool:
    """Whether it is allowed through SQS: then it is meant for the environment's queue."""
    return bool(statement.resources) and any(text.startswith("sqs.") for text in _through(statement.conditions))


def _on_all_keys(statement: Statement) -> bool:
    return any(text.endswith(":key/*") for each in statement.resources for text in texts(each))


def _through(conditions: Value) -> list[str]:
    """The services of ``kms:ViaService``, under whatever operator."""
    tests = conditions.value.values() if isinstance(conditions, Known) and isinstance(conditions.value, dict) else ()
    keys = [test.value for test in tests if isinstance(test, Known) and isinstance(test.value, dict)]
    found = [value for each in keys for name, value in each.items() if name.lower() == "kms:viaservice"]
    items = [
        value.value if isinstance(value, Known) and isinstance(value.value, tuple) else (value,) for value in found
    ]
    return [text for each in items for item in each for text in texts(item)]
