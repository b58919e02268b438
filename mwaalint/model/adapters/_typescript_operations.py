"""Computing with TypeScript values: text, numbers, comparisons."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.documents.typescript_syntax import (
    AT_RUN_TIME,
    Binary,
    Call,
    Expression,
    ListOf,
    Literal,
    ObjectOf,
    Opaque,
    Property,
    Spread,
    Template,
    Unary,
)
from mwaalint.model.adapters._options import added, combined, put_together
from mwaalint.model.values import ABSENT, Absent, Known, OneOf, Unresolved, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mwaalint.model.adapters._typescript_sites import Site
    from mwaalint.model.adapters._typescript_values import TypeScriptValues

MAX_CHARACTERS = 10_000

_LARGEST = 10**30
_COMPARISONS = frozenset({"===", "!==", "==", "!="})
_CONVERSIONS = frozenset({".Number", ".parseInt", ".String"})


def computed(node: Expression, site: Site, values: TypeScriptValues) -> Value:
    """What something written comes to, without names to follow; what is not data is only known when the app runs."""
    match node:
        case Opaque(reason=reason):
            return site.missing(reason)
        case ObjectOf(members=written):
            return _object(written, site, values)
        case ListOf(items=items):
            return _list(items, site, values)
        case Literal(value=None):
            return ABSENT
        case Literal(value=literal):
            return site.known(literal)
        case Template(parts=parts):
            pieces = [_piece(values.value(site.to(part)), site.to(part)) for part in parts]
            return put_together(pieces, _text, site.missing)
        case Unary(operator="-", operand=operand):
            return combined([values.value(site.to(operand))], lambda parts: _negative(parts[0]), site.missing)
        case Unary(operator="!", operand=operand):
            true = truth(values.value(site.to(operand)))
            return site.missing(AT_RUN_TIME) if true is None else site.known(not true)
        case Binary(operator=operator, left=left, right=right):
            return _binary(operator, [values.value(site.to(side)) for side in (left, right)], site)
        case Call(new=False, function=function, arguments=[argument, *_]):
            kind = values.qualified(site.to(function))
            if kind in _CONVERSIONS:
                given = values.value(site.to(argument))
                return combined([given], lambda parts: _converted(kind, parts[0]), site.missing)
        case _:
            pass
    return site.missing(AT_RUN_TIME)


def _object(written: Sequence[Property | Spread], site: Site, values: TypeScriptValues) -> Value:
    members: dict[str, Value] = {}
    for member in written:
        if isinstance(member, Spread):
            spread = values.value(site.to(member.value))
            if isinstance(spread, Known) and isinstance(spread.value, dict):
                members.update(spread.value)
            elif truth(spread) is not False:
                return site.missing("what is spread into it is not known")
            continue
        key = values.value(site.to(member.key))
        if not (isinstance(key, Known) and isinstance(key.value, str)):
            return site.missing("one of its keys is not known")
        members[key.value] = values.value(site.to(member.value, f".{key.value}"))
    return site.known({name: member for name, member in members.items() if not isinstance(member, Absent)})


def _list(items: Sequence[Expression], site: Site, values: TypeScriptValues) -> Value:
    found: list[Value] = []
    for index, item in enumerate(items):
        value = values.value(site.to(item.value if isinstance(item, Spread) else item, f"[{index}]"))
        if not isinstance(item, Spread):
            found.append(value)
        elif isinstance(value, Known) and isinstance(value.value, tuple):
            found.extend(value.value)
        else:
            return site.missing("what is spread into it is not known")
    return site.known(tuple(found))


def truth(value: Value) -> bool | None:
    """Whether a value is true in a condition; None when that is not known. Objects and lists are, even when empty."""
    match value:
        case Known(value=dict() | tuple()):
            return True
        case Known():
            return bool(value.value)
        case Absent():
            return False
        case OneOf(options=options) if len(truths := {truth(option) for option in options}) == 1:
            return truths.pop()
        case _:
            return None


def _binary(operator: str, sides: list[Value], site: Site) -> Value:
    if operator in _COMPARISONS:
        absent = sum(isinstance(side, Absent) for side in sides)
        if absent and all(isinstance(side, Absent | Known) for side in sides):
            return site.known((absent == 2) is operator.startswith("="))
        return combined(sides, lambda both: _same(both[0], both[1], operator), site.missing)
    return (added if operator == "+" else combined)(sides, lambda both: _arithmetic(operator, both), site.missing)


def _same(left: object, right: object, operator: str) -> bool | None:
    if type(left) is not type(right) or isinstance(left, dict | tuple):
        # Numbers come as int and float, and == converts; neither is worth following.
        return None
    return (left == right) is operator.startswith("=")


def _arithmetic(operator: str, both: Sequence[object]) -> object:
    match operator, both:
        case "+", [str(), _] | [_, str()]:
            return _text(both)
        case "+" | "-" | "*", [int() as left, int() as right] if not isinstance(left, bool | str):
            result = {"+": left + right, "-": left - right, "*": left * right}[operator]
            return result if abs(result) < _LARGEST else None
        case _:
            return None


def _piece(value: Value, site: Site) -> Value:
    """A part of a template; one that is not known goes by what is written there."""
    if isinstance(value, Unresolved) and not value.parts:
        return replace(value, expression=site.missing("").expression)
    return value


def _text(parts: Sequence[object]) -> str | None:
    if not all(isinstance(part, str | int) for part in parts):
        return None
    joined = "".join(str(part).lower() if isinstance(part, bool) else str(part) for part in parts)
    return joined if len(joined) <= MAX_CHARACTERS else None


def _negative(content: object) -> object:
    return -content if isinstance(content, int | float) and not isinstance(content, bool) else None


def _converted(kind: str, content: object) -> object:
    if kind == ".String":
        return _text([content])
    return int(str(content)) if re.fullmatch(r"-?\d{1,18}", str(content)) else None
