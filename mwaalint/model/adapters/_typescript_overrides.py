"""What a CDK app in TypeScript changes on an environment after it made it: escape hatches and assignments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.documents.typescript_syntax import Call, Expression, Member, Name, Scope, This
from mwaalint.model.adapters._properties import merge, snake_case
from mwaalint.model.adapters._typescript_sites import Site
from mwaalint.model.values import ABSENT, Known, Value
from mwaalint.patterns import regex
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mwaalint.model.adapters._typescript_values import TypeScriptValues

_PATH_DOT = regex(r"(?<!\\)\.")
_SETTERS = frozenset({"addOverride", "addPropertyOverride"})
_DELETERS = frozenset({"addDeletionOverride", "addPropertyDeletionOverride"})


@record
class Override:
    """A change: the argument (None: any), the members on the way (``("TaskLogs", "LogLevel")``), the new value."""

    argument: str | None
    members: tuple[str, ...]
    value: Value
    site: Site


def overrides(creation: Site, values: TypeScriptValues) -> Iterator[Override]:
    """The changes to what an expression makes, in the order they are written."""
    is_it = _reference(creation)
    script, found = creation.script, []
    for call, scope in script.calls:
        site = Site(call, scope, script, creation.symbol)
        match call:
            case Call(function=Member(base=target, name=method)) if method in _SETTERS | _DELETERS:
                if is_it(target, scope) and (change := _escape(call, method, site, values)):
                    found.append(change)
            case _:
                pass
    for each in script.assignments:
        match each.target:
            case Member(base=target, name=name) if is_it(target, each.scope):
                argument = snake_case(name)
                site = Site(each.target, each.scope, script, f"{creation.symbol}.{argument}")
                value = values.value(site.to(each.value)) if each.value and each.operator == "=" else None
                found.append(Override(argument, (), value or site.missing("it is changed in place"), site))
            case _:
                pass
    for change in sorted(found, key=lambda each: each.site.node.span.start):
        yield _certain(change, creation.scope)


def merged(old: Value, override: Override) -> Value:
    """A property's value after a change."""
    value = override.value
    for member in reversed(override.members):
        value = Known({member: value}, override.site.at())
    return merge(old, value, override.site.missing)


def _certain(change: Override, scope: Scope) -> Override:
    if change.site.scope is scope:
        return change
    value = change.site.missing("it is changed under a condition or elsewhere")
    return Override(change.argument, change.members, value, change.site)


def _reference(creation: Site) -> Callable[[Expression, Scope], bool]:
    """How the code names what an expression makes, as a test."""
    made = creation.node
    homes = [
        (name, scope)
        for scope in creation.scope.chain()
        for name, bound in scope.names.items()
        if any(each.value is made for each in bound)
    ]
    fields = set()
    for each in creation.script.assignments:
        if each.value is made and isinstance(each.target, Name):
            home = each.scope.declaring(each.target.name)
            homes += [(each.target.name, home)] if home is not None else []
        elif each.value is made and isinstance(each.target, Member) and isinstance(each.target.base, This):
            fields.add(each.target.name)
    owner = creation.scope.this()
    if owner is not None:
        fields |= {name for name, bound in owner.members.items() if any(each.value is made for each in bound)}

    def is_it(node: Expression, scope: Scope) -> bool:
        match node:
            case Name(name=name):
                return any(name == each and scope.declaring(name) is home for each, home in homes)
            case Member(base=This(), name=name):
                return name in fields and scope.this() is owner
            case _:
                return False

    return is_it


def _escape(call: Call, method: str, site: Site, values: TypeScriptValues) -> Override | None:
    setter = method in _SETTERS
    if len(call.arguments) != (2 if setter else 1):
        return Override(None, (), site.missing("what is overridden is not known"), site)
    found = values.value(site.to(call.arguments[0]))
    if not (isinstance(found, Known) and isinstance(found.value, str)):
        return Override(None, (), site.missing("what is overridden is not known"), site)
    parts = [part.replace("\\.", ".") for part in _PATH_DOT.split(found.value)]
    if "Property" not in method:
        if parts[0] != "Properties" or len(parts) == 1:
            return None
        parts = parts[1:]
    argument = snake_case(parts[0])
    place = site.to(site.node, f".{argument}")
    value = values.value(place.to(call.arguments[1])) if setter else ABSENT
    return Override(argument, tuple(parts[1:]), value, place)
