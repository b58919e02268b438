"""A variable's type constraint applied to its value: strings, numbers, bools, collections and objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.documents.terraform_syntax import Call, ListOf, Literal, ObjectOf, Reference
from mwaalint.model.adapters.terraform_values import NotPlainError, Site, distinct, number_of, one_of, text_of
from mwaalint.model.values import ABSENT, Absent, Known, OneOf, Unresolved, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from mwaalint.documents.terraform_syntax import Expression

_PRIMITIVES = frozenset({"string", "number", "bool"})


def convert(value: Value, constraint: Expression | None, default: Callable[[Expression], Value], site: Site) -> Value:
    """The value as the constraint makes it; ``default`` evaluates the defaults of ``optional(...)``."""
    if constraint is None or isinstance(value, Absent | Unresolved):
        return value
    if isinstance(value, OneOf):
        return one_of([convert(option, constraint, default, site) for option in value.options], site)
    match constraint:
        case Reference(root=name, steps=()) | Literal(value=str() as name) if name in _PRIMITIVES:
            return primitive(value, name, site)
        case Call(name="list", arguments=(inner,)):
            return _list(value, inner, default, site)
        case Call(name="set", arguments=(inner,)):
            return _set(_list(value, inner, default, site), site)
        case Call(name="map", arguments=(inner,)):
            return _map(value, inner, default, site)
        case Call(name="object", arguments=(ObjectOf(items=items),)):
            return _object(value, items, default, site)
        case Call(name="tuple", arguments=(ListOf(),)) | Reference() | Literal():
            return value
        case _:
            return value


def _set(value: Value, site: Site) -> Value:
    if isinstance(value, Known) and isinstance(value.value, tuple):
        return distinct(value.value, site, ordered=True)
    return value


def primitive(value: Known, kind: str, site: Site) -> Value:
    """A known value as a string, number or bool; a failure when Terraform would refuse."""
    data = value.value
    if isinstance(data, tuple | dict):
        return site.failure(f"it is no {kind}")
    converted: object = None
    if kind == "string":
        if isinstance(data, str):
            return value
        try:
            converted = text_of(data)
        except NotPlainError as error:
            return site.failure(str(error))
    elif kind == "number":
        converted = number_of(data)
    elif isinstance(data, bool):
        converted = data
    elif data in ("true", "false"):
        converted = data == "true"
    return site.failure(f"it is no {kind}") if converted is None else Known(converted, value.origin)


def _list(value: Known, inner: Expression, default: Callable[[Expression], Value], site: Site) -> Value:
    if not isinstance(value.value, tuple):
        return site.failure("it is no list")
    return Known(tuple(convert(item, inner, default, site) for item in value.value), value.origin)


def _map(value: Known, inner: Expression, default: Callable[[Expression], Value], site: Site) -> Value:
    if not isinstance(value.value, dict):
        return site.failure("it is no map")
    return Known({key: convert(item, inner, default, site) for key, item in value.value.items()}, value.origin)


def _object(
    value: Known, items: tuple[tuple[Expression, Expression], ...], default: Callable[[Expression], Value], site: Site
) -> Value:
    if not isinstance(value.value, dict):
        return site.failure("it is no object")
    result: dict[str, Value] = {}
    for key, constraint in items:
        if not isinstance(key, Literal):
            continue
        name = str(key.value)
        given = value.value.get(name, ABSENT)
        optional = isinstance(constraint, Call) and constraint.name == "optional" and constraint.arguments
        if isinstance(constraint, Call) and optional:
            if isinstance(given, Absent) and len(constraint.arguments) > 1:
                given = default(constraint.arguments[1])
            constraint = constraint.arguments[0]
        elif name not in value.value:
            return site.failure(f"the attribute {name} is missing")
        result[name] = convert(given, constraint, default, site)
    return Known(result, value.origin)
