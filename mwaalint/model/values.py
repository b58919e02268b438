"""Values as the repository states them: known, one of several, not to be resolved here, or absent."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, TypeVar

from mwaalint.records import record

if TYPE_CHECKING:
    from mwaalint.findings import Location

T = TypeVar("T")


@record
class Known:
    """A value the repository states. ``origin`` is where it is written, which may be a variable's default.

    ``value`` is a str, int, float, bool, a tuple of Values (a list) or a dict of str to Value (a map).
    """

    value: object
    origin: Location


@record
class OneOf:
    """The arms of a conditional whose condition the repository does not decide."""

    options: tuple[Known, ...]
    origin: Location


@record
class Unresolved:
    """A value that is set but that the repository does not tell: ``expression`` as written, ``reason`` in words.

    Of a text that is put together, the expression may have the parts filled in that are known.
    ``resource`` is the address of the one resource of the project that it is taken from (an ARN or id that exists once
    the resource does), "" where there is none. ``parts`` are what a text is put together of, where that is known.
    """

    expression: str
    reason: str
    origin: Location
    resource: str = ""
    parts: tuple[Value, ...] = field(default=(), compare=False)


@record
class Absent:
    """Not set (or set to null), so MWAA's default applies."""


Value = Known | OneOf | Unresolved | Absent

ABSENT = Absent()


def known(value: Value, kind: type[T]) -> T | None:
    """The single known value when it is of that type, else None. A bool is no int."""
    if (
        isinstance(value, Known)
        and isinstance(value.value, kind)
        and not (kind is int and isinstance(value.value, bool))
    ):
        return value.value
    return None


def possible(value: Value) -> tuple[Known, ...]:
    """Every value it may have: one when known, the arms of a conditional, none when not resolvable or absent."""
    match value:
        case Known():
            return (value,)
        case OneOf():
            return value.options
        case _:
            return ()


def is_set(value: Value) -> bool:
    """Whether something is written there, resolvable or not."""
    return not isinstance(value, Absent)


def member(value: Value, name: str) -> Value:
    """A member of a dict that may not be known."""
    match value:
        case Known(value=dict() as members):
            found: Value = members.get(name, ABSENT)
            return found
        case Known(value=None) | Absent():
            return ABSENT
        case Unresolved():
            return value
        case _:
            return Unresolved("", "one of several dictionaries", value.origin)
