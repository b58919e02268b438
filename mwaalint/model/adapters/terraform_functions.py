"""Terraform's functions, as far as configurations of MWAA use them.

What each does: https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mwaalint.model.adapters.terraform_plain import PLAIN, json_of
from mwaalint.model.adapters.terraform_types import primitive
from mwaalint.model.adapters.terraform_values import (
    PATH_MARK,
    Document,
    Encoded,
    NotPlainError,
    Site,
    distinct,
    one_of,
    plain,
    spread,
)
from mwaalint.model.values import ABSENT, Absent, Known, OneOf, Unresolved, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MOST_ITEMS = 10_000
_OF_PATHS = frozenset({"join", "format"})


def call(name: str, arguments: Sequence[Value], site: Site) -> Value:
    """The result of a function; unresolved when the function or its arguments are not known."""
    name = name.removeprefix("core::")
    if name == "jsonencode" and len(arguments) == 1:
        return _encoded(arguments[0], site)
    if name in _STRUCTURAL:
        return spread(arguments, site, lambda values: _STRUCTURAL[name](values, site))
    if name in PLAIN:
        return spread(arguments, site, lambda values: _computed(name, values, site))
    return site.unresolved(f"the function {name} is not evaluated")


def _computed(name: str, arguments: Sequence[Value], site: Site) -> Value:
    refused = next((argument for argument in arguments if isinstance(argument, Unresolved)), None)
    try:
        marked = name in _OF_PATHS
        return site.wrap(PLAIN[name](*(plain(argument, marked) for argument in arguments)))
    except NotPlainError as error:
        return site.unresolved(refused.reason if refused else str(error), _sole_resource(name, arguments))
    except (AttributeError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError):
        return site.unresolved(f"{name} is not evaluated with these arguments")


# Functions that look at the outside of a value and hand its parts on as they are.


def _lookup(arguments: list[Value], site: Site) -> Value:
    match arguments:
        case [Known(value=dict() as entries), Known(value=str() as key), *rest]:
            if key in entries:
                return cast("Value", entries[key])
            return rest[0] if rest else site.failure(f"the map has no key {key}")
        case [Known(value=dict() as entries), Unresolved(), *rest] if entries:
            return one_of([*entries.values(), *rest[:1]], site)
        case _:
            return _blocked(arguments[:2], site)


def _coalesce(arguments: list[Value], site: Site) -> Value:
    for argument in arguments:
        if isinstance(argument, Unresolved):
            return argument
        if isinstance(argument, Known) and argument.value != "":
            return argument
    return site.failure("all its arguments are null or empty")


def _merge(arguments: list[Value], site: Site) -> Value:
    merged: dict[str, Value] = {}
    for argument in arguments:
        if isinstance(argument, Absent):
            continue
        if not isinstance(argument, Known) or not isinstance(argument.value, dict):
            return _blocked([argument], site)
        merged.update(argument.value)
    return site.known(merged)


def _concat(arguments: list[Value], site: Site) -> Value:
    items: list[Value] = []
    for argument in arguments:
        if not isinstance(argument, Known) or not isinstance(argument.value, tuple):
            return _blocked([argument], site)
        items += argument.value
        if len(items) > _MOST_ITEMS:
            return site.unresolved("the list is too long")
    return site.known(tuple(items))


def _flattened(arguments: list[Value], site: Site) -> Value:
    items: list[Value] = list(reversed(arguments))
    flat: list[Value] = []
    while items:
        item = items.pop()
        if isinstance(item, Known) and isinstance(item.value, tuple):
            items += reversed(item.value)
        elif isinstance(item, OneOf) or (isinstance(item, Unresolved) and not item.resource):
            return _blocked([item], site)
        else:
            flat.append(item)
        if len(items) + len(flat) > _MOST_ITEMS:
            return site.unresolved("the list is too long")
    return site.known(tuple(flat))


def _compacted(arguments: list[Value], site: Site) -> Value:
    """Without what is empty; an id or ARN that exists only later is not."""
    match arguments:
        case [Known(value=tuple() as items)]:
            refused = [it for it in items if isinstance(it, OneOf) or (isinstance(it, Unresolved) and not it.resource)]
            kept = [it for it in items if not isinstance(it, Absent) and not (isinstance(it, Known) and it.value == "")]
            return _blocked(refused[:1], site) if refused else site.known(tuple(kept))
        case _:
            return _blocked(arguments, site)


def _element(arguments: list[Value], site: Site) -> Value:
    match arguments:
        case [Known(value=tuple() as items), Known(value=int() as index)] if items and index >= 0:
            return cast("Value", items[index % len(items)])
        case _:
            return _blocked(arguments, site)


def _slice(arguments: list[Value], site: Site) -> Value:
    match arguments:
        case [Known(value=tuple() as items), Known(value=int() as start), Known(value=int() as end)]:
            return site.known(items[start:end]) if 0 <= start <= end <= len(items) else site.failure("no such slice")
        case _:
            return _blocked(arguments, site)


def _one(arguments: list[Value], site: Site) -> Value:
    match arguments:
        case [Known(value=tuple() as items)] if len(items) <= 1:
            return cast("Value", items[0]) if items else ABSENT
        case _:
            return _blocked(arguments, site)


def _length(arguments: list[Value], site: Site) -> Value:
    match arguments:
        case [Known(value=tuple() | dict() as items)]:
            return site.known(len(items))
        case [Known(value=str() as text)] if "\0" not in text:
            return site.known(len(text))
        case _:
            return _blocked(arguments, site)


def _keys(arguments: list[Value], site: Site) -> Value:
    match arguments:
        case [Known(value=dict() as entries)]:
            return site.wrap(sorted(entries))
        case _:
            return _blocked(arguments, site)


def _values(arguments: list[Value], site: Site) -> Value:
    match arguments:
        case [Known(value=dict() as entries)]:
            return site.known(tuple(entries[key] for key in sorted(entries)))
        case _:
            return _blocked(arguments, site)


def _zipmap(arguments: list[Value], site: Site) -> Value:
    match arguments:
        case [Known(value=tuple() as keys), Known(value=tuple() as values)] if len(keys) == len(values):
            names = [key.value if isinstance(key, Known) else None for key in keys]
            if all(isinstance(name, str) for name in names):
                return site.known(dict(zip(names, values, strict=True)))
        case _:
            pass
    return _blocked(arguments, site)


def _coalescelist(arguments: list[Value], site: Site) -> Value:
    for argument in arguments:
        if not isinstance(argument, Known | Absent):
            return _blocked([argument], site)
        if isinstance(argument, Known) and argument.value:
            return argument
    return site.failure("all its arguments are empty")


def _same(arguments: list[Value], site: Site) -> Value:
    return arguments[0] if len(arguments) == 1 else _blocked(arguments, site)


def _set(arguments: list[Value], site: Site) -> Value:
    match arguments:
        case [Known(value=tuple() as items)]:
            return distinct(items, site, ordered=True)
        case _:
            return _blocked(arguments, site)


def _distinct(arguments: list[Value], site: Site) -> Value:
    match arguments:
        case [Known(value=tuple() as items)]:
            return distinct(items, site, ordered=False)
        case _:
            return _blocked(arguments, site)


def _abspath(arguments: list[Value], site: Site) -> Value:
    match arguments:
        case [Known(value=str() as path) as value] if path.startswith(PATH_MARK):
            return value
        case _:
            return _blocked(arguments, site)


def _contains(arguments: list[Value], site: Site) -> Value:
    match arguments:
        case [Known(value=tuple() as items), Known() as wanted]:
            found: bool | None = False
            for item in items:
                same = equal(item, wanted)
                if same:
                    return site.known(True)
                found = None if same is None else found
            return site.unresolved("an element of the list is not known") if found is None else site.known(found)
        case _:
            return _blocked(arguments, site)


def _to(kind: str) -> Callable[[list[Value], Site], Value]:
    def function(arguments: list[Value], site: Site) -> Value:
        match arguments:
            case [Absent()]:
                return ABSENT
            case [Known() as value]:
                return primitive(value, kind, site)
            case _:
                return _blocked(arguments, site)

    return function


def _blocked(arguments: Sequence[Value], site: Site) -> Value:
    """Why nothing can be computed: an argument that is unresolved, else arguments that are not understood."""
    blocking = next((argument for argument in arguments if isinstance(argument, Unresolved)), None)
    return site.unresolved(blocking.reason if blocking else "the function is not evaluated with these arguments")


def equal(left: Value, right: Value) -> bool | None:
    """``left == right``, None when the project does not decide it. Values of different types are left undecided."""
    if isinstance(left, Absent) or isinstance(right, Absent):
        both = isinstance(left, Absent) and isinstance(right, Absent)
        other = right if isinstance(left, Absent) else left
        return True if both else None if not isinstance(other, Known) else False
    try:
        one, two = plain(left), plain(right)
    except NotPlainError:
        return None
    numbers = isinstance(one, int | float) and isinstance(two, int | float)
    if isinstance(one, bool) is not isinstance(two, bool) or (type(one) is not type(two) and not numbers):
        return None
    return one == two


# Functions of plain data, which terraform_plain has, and of what is not all plain.


def _encoded(argument: Value, site: Site) -> Value:
    """JSON that keeps the value it is made of: the values in it know where they stand and what is not known."""
    try:
        text = site.known(json_of(plain(argument)))
    except NotPlainError as error:
        return Document(site.text, str(error), site.location, content=argument)
    return Encoded(text.value, site.location, argument) if isinstance(text, Known) else text


def _sole_resource(name: str, arguments: Sequence[Value]) -> str:
    """The resource whose ARN or id a text is put together with: ``join("", aws_s3_bucket.dags[*].arn)``."""
    if name not in _OF_PATHS:
        return ""
    items = [item for argument in arguments for item in _elements(argument)]
    unknown = [item for item in items if isinstance(item, Unresolved)]
    return unknown[0].resource if len(unknown) == 1 else ""


def _elements(value: Value) -> Sequence[Value]:
    return value.value if isinstance(value, Known) and isinstance(value.value, tuple) else (value,)


_STRUCTURAL: dict[str, Callable[[list[Value], Site], Value]] = {
    "lookup": _lookup,
    "coalesce": _coalesce,
    "merge": _merge,
    "coalescelist": _coalescelist,
    "concat": _concat,
    "flatten": _flattened,
    "compact": _compacted,
    "element": _element,
    "one": _one,
    "slice": _slice,
    "length": _length,
    "keys": _keys,
    "values": _values,
    "zipmap": _zipmap,
    "tolist": _same,
    "tomap": _same,
    "sensitive": _same,
    "nonsensitive": _same,
    "toset": _set,
    "distinct": _distinct,
    "abspath": _abspath,
    "contains": _contains,
    "tostring": _to("string"),
    "tonumber": _to("number"),
    "tobool": _to("bool"),
}
