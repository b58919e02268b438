"""What a role may do, as far as it is written: who asks is told yes unless it surely may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mwaalint.checks.iam._patterns import fields, meets, reaches, shown, texts
from mwaalint.model.values import Known, Unresolved, is_set, known, possible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mwaalint.catalog import Catalog
    from mwaalint.findings import Location
    from mwaalint.model.environment import Environment
    from mwaalint.model.resources import Policy, Role, Statement
    from mwaalint.model.values import Value

ANY = "*"


def documented(catalog: Catalog) -> Mapping[str, Any]:
    """What AWS documents for execution roles."""
    table: Mapping[str, Any] = catalog.table("execution-role")["rows"]
    return table


def stops_messages(missing: Iterable[str], catalog: Catalog) -> bool:
    """Whether without these actions no task gets through the environment's queue."""
    return not set(missing).isdisjoint(documented(catalog)["messages"])


def managed_name(value: Value) -> str | None:
    """The name of a managed policy of AWS; None for any other."""
    arn = known(value, str) or ""
    parts = fields(arn)
    return parts[-1].removeprefix("policy/") if len(parts) == 6 and parts[4] == "aws" else None


class Grants:
    """The statements of a role, and what its managed policies give by the table of them.

    ``whole`` tells that nothing else gives it anything: only then may a rule say that something is missing.
    """

    def __init__(self, role: Role, catalog: Catalog) -> None:
        table: Mapping[str, list[str]] = documented(catalog)["managed"]
        names = [managed_name(arn) for arn in role.managed]
        self._services = {service for name in names for service in table.get(name or "", ())}
        policies_known = all(name is not None and name in table for name in names)
        self.whole = role.complete and policies_known and bool(role.policies or role.managed)
        self.allowed = tuple(
            statement for policy in role.policies for statement in policy.statements if _may_allow(statement)
        )

    def may(self, action: str, resource: str = ANY) -> bool:
        """Whether it may be allowed an action on some resource that a pattern meets."""
        return self.by_policy(action) or any(may_reach(each, resource) for each in self.giving(action))

    def giving(self, action: str) -> Iterator[Statement]:
        """The statements that may allow an action."""
        return (each for each in self.allowed if may_do(each, action))

    def missing(self, actions: Iterable[str], resource: str = ANY) -> list[str]:
        """Those of the actions that it surely may not do."""
        return [action for action in actions if not self.may(action, resource)]

    def by_policy(self, action: str) -> bool:
        """Whether a managed policy gives something of the action's service."""
        service = action.partition(":")[0]
        return not self._services.isdisjoint({service, ANY})


def _may_allow(statement: Statement) -> bool:
    effects = possible(statement.effect)
    return not effects or any(each.value == "Allow" for each in effects)


def allows(statement: Statement) -> bool:
    """Whether it surely allows."""
    return isinstance(statement.effect, Known) and statement.effect.value == "Allow"


def may_do(statement: Statement, action: str) -> bool:
    """Whether a statement may be about an action. What it leaves out by ``NotAction`` it may leave in."""
    wanted = action.lower()
    given = [text.lower() for each in statement.actions for text in texts(each)]
    return bool(statement.not_actions) or any(meets(text, wanted) for text in given)


def may_reach(statement: Statement, resource: str) -> bool:
    """Whether a statement may be about a resource of a pattern."""
    given = [text for each in statement.resources for text in texts(each)]
    return bool(statement.not_resources) or any(reaches(text, resource) for text in given)


def conditional(statement: Statement) -> bool:
    """Whether a condition may narrow it."""
    conditions = statement.conditions
    return is_set(conditions) and not (isinstance(conditions, Known) and conditions.value == {})


def at_role(role: Role, environment: Environment) -> tuple[Location, list[Location]]:
    """Where to report what a role lacks: at the role, with the environment beside it."""
    place = environment.declared.get("execution_role_arn", environment.location)
    return role.location, [place.noted("the environment runs as it")]


def at_statement(statement: Statement, environment: Environment) -> tuple[Location, list[Location]]:
    """Where to report what is wrong in a statement."""
    place = environment.declared.get("execution_role_arn", environment.location)
    return statement.location, [place.noted("the environment runs as this role")]


def at_trust(trust: Policy, environment: Environment) -> tuple[Location, list[Location]]:
    """Where to report what is wrong in a trust policy."""
    place = environment.declared.get("execution_role_arn", environment.location)
    return trust.location, [place.noted("the environment runs as this role")]


def named(environment: Environment) -> tuple[str | None, str]:
    """The environment's name for patterns and for messages: with gaps for parts that are not known, and None where
    that is all of it.
    """
    found = texts(environment.name)
    pattern = found[0] if len(found) == 1 and any(letter.isalnum() for letter in found[0]) else None
    return pattern, shown(environment.name)


def leads_elsewhere(value: Value, address: str) -> bool:
    """Whether a value is a resource of the project that is another than the one at an address."""
    return isinstance(value, Unresolved) and value.resource not in ("", address)


def listed(words: Iterable[str]) -> str:
    """``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
