"""What a program passes to what makes a resource, and the reasons why a resource is no value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint.model.values import ABSENT, Known, Unresolved, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Why the value of an expression that is a resource itself, or something taken from it, is not known.
ITSELF = "it is a resource"
TAKEN = "it is only known when it is deployed"


class Given(NamedTuple):
    """The arguments of a call. ``rest`` is what an argument may be that is not among them: absent, or not known."""

    positional: tuple[Value, ...] = ()
    named: Mapping[str, Value] = {}
    rest: Value = ABSENT

    def get(self, name: str, position: int = -1) -> Value:
        """An argument by its name in snake_case, or by its position."""
        wanted = name.replace("_", "")
        for key, value in self.named.items():
            if key.replace("_", "").lower() == wanted:
                return value
        return self.positional[position] if 0 <= position < len(self.positional) else self.rest


def resources_in(value: Value) -> Iterator[str]:
    """The addresses of the resources that a value, or a part of it, leads to."""
    match value:
        case Unresolved(resource=address) if address:
            yield address
        case Known(value=dict() as members):
            yield from (found for each in members.values() for found in resources_in(each))
        case Known(value=tuple() as items):
            yield from (found for each in items for found in resources_in(each))
        case _:
            pass
