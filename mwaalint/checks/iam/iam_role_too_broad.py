"""MW305: an execution role that may do far more than its environment needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.iam._grants import allows, at_statement, conditional, listed, managed_name
from mwaalint.checks.iam._patterns import GAP, is_every, meets, texts
from mwaalint.model.environment import Environment
from mwaalint.model.values import Absent, Known

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.findings import Finding, Location
    from mwaalint.model.resources import Role, Statement
    from mwaalint.model.values import Value

_SHOWN = 4


@check("MW305", on=Environment)
def iam_role_too_broad(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports statements that allow everything, all of a service, or a grave action on all there is of it.

    A condition narrows a statement in a way that is not judged here.
    """
    role = ctx.deployment.related.role
    if role is None:
        return
    yield from _managed(role, environment, ctx)
    for policy in role.policies:
        for statement in policy.statements:
            if allows(statement) and not conditional(statement):
                yield from _statement(statement, role, environment, ctx)


def _managed(role: Role, environment: Environment, ctx: Context) -> Iterator[Finding]:
    broad = ctx.catalog.table("narrowable-actions")["managed"]
    for arn in role.managed:
        name = managed_name(arn)
        if name is not None and name in broad and isinstance(arn, Known):
            place = environment.declared.get("execution_role_arn", environment.location)
            yield ctx.report(
                arn.origin,
                "managed",
                related=[place.noted("the environment runs as this role")],
                subject=name,
                role=role.address,
                policy=name,
            )


def _statement(statement: Statement, role: Role, environment: Environment, ctx: Context) -> Iterator[Finding]:
    wide = [(text, place) for text, place in _placed(statement.resources) if is_every(text)]
    given = {text: place for text, place in _placed(statement.actions) if GAP not in text}
    message, actions = _broad(list(given), ctx) if wide else ("", [])
    if not message:
        return
    where, related = at_statement(statement, environment)
    resource, place = wide[0]
    exact = place if message == "resource" else given.get(actions[0], place)
    # The places of JSON in a text are those of the text.
    if exact.path != where.path or exact.span.start > where.span.start:
        related = [exact.noted("what is too broad"), *related]
    yield ctx.report(
        where,
        message,
        related=related,
        subject=" ".join(actions),
        role=role.address,
        actions=_named(actions),
        resource=_readable(resource),
    )


def _placed(values: Sequence[Value]) -> Iterator[tuple[str, Location]]:
    """What each value may be, with the place where it is written."""
    for value in values:
        if not isinstance(value, Absent):
            yield from ((text, value.origin) for text in texts(value))


def _broad(given: Sequence[str], ctx: Context) -> tuple[str, list[str]]:
    """How broad actions are that are allowed on everything, and which of them."""
    if any(not action.strip("*:") for action in given):
        return "default", ["*"]
    services = [action for action in given if action.endswith(":*")]
    if services:
        return "service", services
    table = ctx.catalog.table("narrowable-actions")["rows"]
    return ("resource", found) if (found := [each for each in given if _grave(each.lower(), table)]) else ("", [])


def _grave(action: str, table: dict[str, list[str]]) -> bool:
    service, _, name = action.partition(":")
    return any(meets(name, each.lower()) for each in table.get(service, ()))


def _named(actions: Sequence[str]) -> str:
    unique = list(dict.fromkeys(actions))
    if len(unique) > _SHOWN:
        return f"{', '.join(unique[:_SHOWN])} and {len(unique) - _SHOWN} more"
    return listed(unique)


def _readable(resource: str) -> str:
    return "".join(letter if letter.isprintable() else "..." for letter in resource)
