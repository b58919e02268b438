"""Policy documents of IAM, KMS and S3, written as JSON or as a map of the same members, as a Policy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mwaalint.model.resources import Policy, Statement
from mwaalint.model.values import ABSENT, Absent, Known, OneOf, Unresolved, Value, is_set

if TYPE_CHECKING:
    from mwaalint.findings import Location

MAX_CHARACTERS = 200_000

Written = Known | OneOf | Unresolved


def policy(document: Value, location: Location, address: str = "") -> Policy:
    """The policy of a document; not complete where the document, or a part that a reader needs, is not known."""
    content = _members(document)
    if content is None:
        return Policy(location, complete=False, address=address)
    written = content.get("Statement", ABSENT)
    items = as_list(written)
    statements = tuple(found for item in items if (found := _statement(item)))
    whole = len(statements) == len(items) and not any("NotPrincipal" in (_members(item) or {}) for item in items)
    known_principals = all(kind for each in statements for kind, _ in each.principals)
    return Policy(location, statements, whole and known_principals, address)


def as_list(value: Value) -> tuple[Written, ...]:
    """The items of a list, or the one value that may stand for a list of one; what is not known is one item."""
    match value:
        case Absent():
            return ()
        case Known(value=tuple() as items):
            return tuple(item for item in items if is_set(item))
        case OneOf(options=options, origin=origin) if any(isinstance(option.value, tuple) for option in options):
            return (Unresolved("", "the repository does not decide between its values", origin),)
        case _:
            return (value,)


def _statement(value: Value) -> Statement | None:
    content = _members(value)
    if content is None or not isinstance(value, Known):
        return None
    effect = content.get("Effect", ABSENT)
    return Statement(
        value.origin,
        effect=effect if is_set(effect) else Known("Allow", value.origin),
        sid=content.get("Sid", ABSENT),
        actions=as_list(content.get("Action", ABSENT)),
        not_actions=as_list(content.get("NotAction", ABSENT)),
        resources=as_list(content.get("Resource", ABSENT)),
        not_resources=as_list(content.get("NotResource", ABSENT)),
        principals=_principals(content.get("Principal", ABSENT)),
        conditions=content.get("Condition", ABSENT),
    )


def _principals(value: Value) -> tuple[tuple[str, tuple[Value, ...]], ...]:
    """The pairs of a ``Principal``; one with the type "" where it is not known."""
    match value:
        case Absent():
            return ()
        case Known(value="*"):
            return (("*", (value,)),)
        case Known(value=dict() as kinds):
            return tuple((kind, as_list(identifiers)) for kind, identifiers in kinds.items())
        case _:
            return (("", (value,)),)


def _members(value: Value) -> dict[str, Value] | None:
    """The members of a map, or of the JSON that a text is; None for anything else."""
    match value:
        case Known(value=dict() as content):
            return content
        case Known(value=str() as text) if len(text) <= MAX_CHARACTERS:
            try:
                parsed = from_json(json.loads(text), value.origin)
            except (ValueError, RecursionError):
                return None
            return _members(parsed) if isinstance(parsed, Known) and isinstance(parsed.value, dict) else None
        case _:
            return None


def from_json(content: object, origin: Location) -> Value:
    """JSON of a text that has no places of its own, as a Value that stands where the text does."""
    match content:
        case None:
            return ABSENT
        case dict():
            members = {str(name): from_json(member, origin) for name, member in content.items()}
            return Known({name: member for name, member in members.items() if is_set(member)}, origin)
        case list():
            return Known(tuple(from_json(item, origin) for item in content), origin)
        case _:
            return Known(content, origin)
