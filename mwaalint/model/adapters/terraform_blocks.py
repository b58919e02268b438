"""Blocks of Terraform with their values: attributes, and nested blocks also where ``dynamic`` makes them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.findings import Location
from mwaalint.model.adapters.terraform_eval import evaluate, truth
from mwaalint.model.adapters.terraform_values import Site, number_of, settled
from mwaalint.model.values import ABSENT, Absent, Known, OneOf, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mwaalint.documents.terraform_syntax import Block
    from mwaalint.model.adapters.terraform_scope import Scope

_MOST_BLOCKS = 500


class Body(NamedTuple):
    """A block and the scope that its attributes are evaluated in."""

    block: Block
    scope: Scope

    @property
    def place(self) -> Location:
        """Where it starts."""
        return Location(self.block.file.path, self.block.header, self.scope.symbol)

    @property
    def whole(self) -> Location:
        """The place up to its last line, for what people write in the middle of it."""
        return Location(self.block.file.path, self.block.span, self.scope.symbol)

    @property
    def site(self) -> Site:
        """The place, for values that are computed of the block as a whole."""
        return Site(self.place, self.scope.symbol)

    def raw(self, name: str) -> Value:
        """An attribute as the evaluator gives it."""
        attribute = self.block.attributes.get(name)
        return evaluate(attribute.expression, self.scope.of(attribute)) if attribute else ABSENT

    def value(self, name: str) -> Value:
        """An attribute, fit to leave the adapter."""
        return settled(self.raw(name))

    def first(self, *names: str) -> Value:
        """The first attribute of several that is set."""
        return next((value for name in names if not isinstance(value := self.value(name), Absent)), ABSENT)

    def items(self, name: str) -> tuple[Value, ...]:
        """The elements of a list; one that is not resolved where the list is not."""
        return elements(self.value(name))

    def text(self, name: str) -> Value:
        """An attribute that Terraform leaves out when it is empty."""
        value = self.value(name)
        return ABSENT if isinstance(value, Known) and value.value == "" else value

    def flag(self, name: str) -> Value:
        """A bool, also where it is written as text."""
        return as_flag(self.value(name))

    def number(self, name: str) -> Value:
        """A whole number, also where it is written as text."""
        return as_number(self.value(name))

    def at(self, name: str) -> Location:
        """Where an attribute stands, or the block where it does not."""
        attribute = self.block.attributes.get(name)
        return Location(attribute.file.path, attribute.span, f"{self.scope.symbol}.{name}") if attribute else self.place

    def rows(self, name: str) -> Iterator[Row]:
        """The nested blocks of a name, or the maps of a list where they are written as an attribute."""
        for body in self.nested(name):
            yield Row(body.place, {key: body.value(key) for key in body.block.attributes})
        for value in self.items(name):
            if isinstance(value, Known) and isinstance(value.value, dict):
                yield Row(value.origin, value.value)

    def inner(self, name: str) -> Body | None:
        """The nested block of a name that may stand but once."""
        return next(self.nested(name), None)

    def nested(self, name: str) -> Iterator[Body]:
        """The nested blocks of a name. One that ``dynamic`` makes for values not known comes with such values."""
        for block in self.block.blocks:
            scope = replace(self.scope, file=block.file, symbol=f"{self.scope.symbol}.{name}")
            if block.type == name:
                yield Body(block, scope)
            elif block.type == "dynamic" and block.labels == (name,):
                yield from _dynamic(block, scope, name)

    def unknown(self, name: str) -> bool:
        """Whether it is not known how many nested blocks of a name there are."""
        dynamic = [block for block in self.block.blocks if block.type == "dynamic" and block.labels == (name,)]
        return any(_repeated(block, self.scope) is None for block in dynamic) or not all(
            isinstance(value, Known) and isinstance(value.value, dict) for value in self.items(name)
        )


class Row(NamedTuple):
    """The members of one nested block, or of a map in its place."""

    place: Location
    values: Mapping[str, Value]

    def value(self, *names: str) -> Value:
        """The first of some members that is set and not empty."""
        found = [self.values.get(name, ABSENT) for name in names]
        return next((it for it in found if not isinstance(it, Absent) and getattr(it, "value", None) != ""), ABSENT)

    def items(self, *names: str) -> tuple[Value, ...]:
        """The elements of some members, each a list or a single value."""
        return tuple(item for name in names for item in elements(self.value(name)))


def elements(value: Value) -> tuple[Value, ...]:
    """The elements of a list; one that is not resolved where the list is not."""
    match value:
        case Absent():
            return ()
        case Known(value=tuple() as found):
            return found
        case _:
            return (value,)


def as_flag(value: Value) -> Value:
    """A bool, also where it is written as text."""
    return _converted(value, truth)


def as_number(value: Value) -> Value:
    """A whole number, also where it is written as text."""
    return _converted(value, _whole)


def _dynamic(block: Block, scope: Scope, name: str) -> Iterator[Body]:
    content = next((inner for inner in block.blocks if inner.type == "content"), None)
    if content is None:
        return
    iterator = block.attributes.get("iterator")
    key = block.file.slice(iterator.expression.span) if iterator else name
    repeated = _repeated(block, scope)
    unknown = Site(Location(block.file.path, block.header, scope.symbol), name).unresolved("the blocks are not known")
    for each in repeated if repeated is not None else [(unknown, unknown)]:
        bindings = {**scope.bindings, f"{key}.key": each[0], f"{key}.value": each[1]}
        yield Body(content, replace(scope, file=content.file, bindings=bindings))


def _repeated(block: Block, scope: Scope) -> list[tuple[Value, Value]] | None:
    """Keys and values that a dynamic block is repeated for; None when they are not known."""
    attribute = block.attributes.get("for_each")
    if attribute is None:
        return []
    match evaluate(attribute.expression, scope.of(attribute)):
        case Known(value=dict() as entries, origin=origin) if len(entries) <= _MOST_BLOCKS:
            return [(Known(key, origin), item) for key, item in entries.items()]
        case Known(value=tuple() as items) if len(items) <= _MOST_BLOCKS:
            # The key is a list's index and a set's element, and here both look the same.
            key = scope.site(attribute.expression).unresolved("it is an index or an element")
            return [(key, item) for item in items]
        case Absent():
            return []
        case _:
            return None


def _converted(value: Value, convert: Callable[[Value], object]) -> Value:
    match value:
        case Known(origin=origin) if (found := convert(value)) is not None:
            return Known(found, origin)
        case OneOf(options=options, origin=origin):
            return OneOf(tuple(it for each in options if isinstance(it := _converted(each, convert), Known)), origin)
        case _:
            return value


def _whole(value: Value) -> int | None:
    number = number_of(value.value) if isinstance(value, Known) else None
    return int(number) if number is not None and number == int(number) else None
