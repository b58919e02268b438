"""The properties of CloudFormation resources, whichever language wrote them: a template's text or CDK objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.adapters._policy_documents import Written, as_list
from mwaalint.model.values import ABSENT, Known, OneOf, Unresolved, Value
from mwaalint.records import entity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mwaalint.findings import Location

_FLAGS = {"true": True, "false": False}


@entity
class Declared:
    """A resource of a template.

    ``condition`` is what decides whether there is one at all, "" where nothing does or it is known to hold;
    ``complete`` is False where the program does things to it that are not followed; ``rest`` is what any other property
    may be: absent, or not known.

    Names are asked for in snake_case, whatever case they are written in.
    """

    type: str
    address: str
    location: Location
    properties: dict[str, Value]
    condition: str = ""
    complete: bool = True
    rest: Value = ABSENT

    def get(self, *names: str) -> Value:
        """A property, or the member of one that the names lead to."""
        value = member(Known(self.properties, self.location), names[0])
        if value is ABSENT:
            value = self.rest
        for name in names[1:]:
            value = member(value, name)
        return value

    def items(self, name: str) -> tuple[Written, ...]:
        """The items of a list."""
        return as_list(self.get(name))


class Joins:
    """Resources by those that one of their properties refers to, such as the rules of security groups.

    ``all_lead_somewhere``: of each it is known which these are.
    """

    def __init__(self, candidates: Iterable[Declared], property_: Callable[[Declared], str]) -> None:
        self._by_target: dict[str, list[Declared]] = {}
        self.all_lead_somewhere = True
        for each in candidates:
            for item in each.items(property_(each)):
                target = _target(item)
                if target is None:
                    self.all_lead_somewhere = False
                elif each not in (its := self._by_target.setdefault(target, [])):
                    its.append(each)

    def of(self, target: Declared, name: str = "") -> tuple[list[Declared], bool]:
        """The resources that refer to one, by reference or its property ``name``, and whether that is all of them."""
        named = target.get(name) if name else ABSENT
        its = list(self._by_target.get(target.address, ()))
        if isinstance(named, Known) and named.value != target.address:
            its += self._by_target.get(str(named.value), ())
        return its, self.all_lead_somewhere and all(each.condition in ("", target.condition) for each in its)


def _target(value: Written) -> str | None:
    """The address or name that a value leads to; None where that is not known."""
    match value:
        case Known(value=content):
            return str(content)
        case Unresolved(resource=address) if address:
            return address
        case _:
            return None


def member(value: Value, name: str) -> Value:
    """The member of a map by its name in snake_case; what is not known has members that are not known."""
    match value:
        case Known(value=dict() as members):
            wanted = name.replace("_", "")
            return next((found for key, found in members.items() if key.replace("_", "").lower() == wanted), ABSENT)
        case Unresolved():
            return Unresolved(value.expression, value.reason, value.origin)
        case OneOf(origin=origin):
            return Unresolved("", "the repository does not decide between its values", origin)
        case _:
            return ABSENT


def mapped(value: Value, convert: Callable[[object], object]) -> Value:
    """A value with its content, or that of each option, converted; unresolved where that gives None."""
    match value:
        case Known():
            content = convert(value.value)
            missing = Unresolved(str(value.value)[:80], "it is not of the type it must be", value.origin)
            return missing if content is None else Known(content, value.origin)
        case OneOf(options=options, origin=origin):
            made = [mapped(option, convert) for option in options]
            known = tuple(each for each in made if isinstance(each, Known))
            return OneOf(known, origin) if len(known) == len(made) else Unresolved("", "it is not plain", origin)
        case _:
            return value


def flag(value: Value) -> Value:
    """A boolean, which templates may write as text."""
    return mapped(value, lambda content: _FLAGS.get(str(content).lower()))


def number(value: Value) -> Value:
    """A whole number, which templates may write as text."""
    return mapped(value, _whole)


def text(value: Value) -> Value:
    """A text, which templates may write as a number."""
    return mapped(value, lambda content: str(content) if isinstance(content, str | int) else None)


def _whole(content: object) -> int | None:
    try:
        return int(str(content))
    except ValueError:
        return None
