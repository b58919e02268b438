"""The properties of ``AWS::MWAA::Environment`` as an Environment has them, whichever language set them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.values import ABSENT, Absent, Known, OneOf, Unresolved, Value
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable

_COUNTS = frozenset({"min_workers", "max_workers", "schedulers", "min_webservers", "max_webservers"})
_WORD_START = regex(r"(?<=[a-z0-9])(?=[A-Z])")
_WHOLE_NUMBER = regex(r"[-+]?[0-9]{1,18}")


def snake_case(name: str) -> str:
    """The name of a property as the API's member in snake_case: ``DagS3Path`` is ``dag_s3_path``."""
    return _WORD_START.sub("_", name).lower()


def shaped(argument: str, value: Value) -> Value:
    """A property's value in the Environment's shape: members in snake_case, counts as int, log switches as bool."""
    match argument:
        case "logging_configuration":
            return _members(value, _log_module)
        case "network_configuration":
            return _members(value, lambda _, member: member)
        case _:
            return _each(value, _count) if argument in _COUNTS else value


def merge(old: Value, new: Value, missing: Callable[[str], Unresolved]) -> Value:
    """A property's value after a change. Maps are merged, as the CDK does, and anything else is replaced."""
    if not (isinstance(new, Known) and isinstance(new.value, dict)):
        return new
    if isinstance(old, OneOf | Unresolved):
        return missing("it is merged into something that is not known")
    before = old.value if isinstance(old, Known) and isinstance(old.value, dict) else {}
    names = {snake_case(name): name for name in before}
    result = dict(before)
    for name, value in new.value.items():
        place = names.get(snake_case(name), name)
        result[place] = merge(before.get(place, ABSENT), value, missing)
    return Known({name: value for name, value in result.items() if not isinstance(value, Absent)}, new.origin)


def _members(value: Value, convert: Callable[[str, Value], Value]) -> Value:
    def members(content: object) -> object:
        if not isinstance(content, dict):
            return content
        named = {snake_case(name): member for name, member in content.items()}
        return {name: convert(name, member) for name, member in named.items()}

    return _each(value, members)


def _log_module(_: str, value: Value) -> Value:
    return _members(value, lambda name, member: _each(member, _flag) if name == "enabled" else member)


def _each(value: Value, convert: Callable[[object], object]) -> Value:
    match value:
        case Known():
            return Known(convert(value.value), value.origin)
        case OneOf():
            return OneOf(tuple(Known(convert(option.value), option.origin) for option in value.options), value.origin)
        case _:
            return value


def _count(content: object) -> object:
    return int(content) if isinstance(content, str) and _WHOLE_NUMBER.fullmatch(content) else content


def _flag(content: object) -> object:
    return {"true": True, "false": False}.get(content.lower(), content) if isinstance(content, str) else content
