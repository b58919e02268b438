"""Records behave like frozen dataclasses, which they replace because these are slow to make."""

from __future__ import annotations

import copy
import pickle
import pkgutil
from dataclasses import field, fields, is_dataclass, replace
from importlib import import_module
from typing import Any

import pytest

import mwaalint
from mwaalint.records import entity, record


@record
class Point:
    """A place."""

    x: int
    y: int = 0
    note: str = field(default="", compare=False)
    secret: str = field(default="", repr=False, compare=False)


@record
class Named(Point):
    """A place with a name."""

    name: str = ""

    @property
    def title(self) -> str:
        """The name, or where it is."""
        return self.name or f"{self.x}/{self.y}"


@record
class One:
    """A single field."""

    value: object


@record
class Nothing:
    """No field."""


@entity
class Node:
    """Something that is the same as itself only."""

    name: str
    children: tuple[Node, ...] = ()


class TestARecord:
    def test_equals_another_with_the_same_fields(self) -> None:
        assert Point(1, 2) == Point(1, 2)
        assert Point(1, 2) != Point(1, 3)
        assert One(1) == One(1)
        assert One(1) != One(2)
        assert Nothing() == Nothing()

    def test_is_not_compared_by_fields_that_say_so(self) -> None:
        assert Point(1, note="here") == Point(1, note="there")
        assert len({Point(1, note="here"), Point(1, note="there")}) == 1

    def test_differs_from_another_kind(self) -> None:
        assert Point(1, 2) != Named(1, 2)
        assert Point(1).__eq__("1") is NotImplemented

    def test_has_a_hash_by_its_fields(self) -> None:
        assert {Point(1, 2), Point(1, 2), Point(2, 1)} == {Point(2, 1), Point(1, 2)}
        assert hash(One("a")) == hash(One("a"))
        assert len({Nothing(), Nothing()}) == 1

    def test_has_none_with_a_field_that_has_none(self) -> None:
        with pytest.raises(TypeError, match="unhashable"):
            hash(One([]))

    def test_shows_its_fields(self) -> None:
        assert repr(Point(1, note="here", secret="hush")) == "Point(x=1, y=0, note='here')"
        assert repr(Named(1, name="home")) == "Named(x=1, y=0, note='', name='home')"
        assert repr(Nothing()) == "Nothing()"

    def test_has_slots_and_no_other_attribute(self) -> None:
        place: Any = Point(1)
        with pytest.raises(AttributeError):
            place.z = 3
        assert not hasattr(place, "__dict__")

    def test_inherits_fields_and_methods(self) -> None:
        assert Named(1, 2).title == "1/2"
        assert [one.name for one in fields(Named)] == ["x", "y", "note", "secret", "name"]

    def test_can_be_replaced_copied_and_pickled(self) -> None:
        place = Named(1, 2, name="home")
        assert replace(place, x=3) == Named(3, 2, name="home")
        assert pickle.loads(pickle.dumps(place)) == copy.copy(place) == place

    def test_can_be_matched_by_position(self) -> None:
        match Point(1, 2):
            case Point(x, y):
                assert (x, y) == (1, 2)


class TestAnEntity:
    def test_equals_itself_only(self) -> None:
        node = Node("a")
        assert node == node
        assert node != Node("a")
        assert len({node, node, Node("a")}) == 2

    def test_shows_its_fields(self) -> None:
        assert repr(Node("a", (Node("b"),))) == "Node(name='a', children=(Node(name='b', children=()),))"


def test_what_could_be_a_record_is_one() -> None:
    dear = {
        f"{value.__module__}.{value.__name__}"
        for module in pkgutil.walk_packages(mwaalint.__path__, "mwaalint.")
        if module.name != "mwaalint.__main__"
        for value in vars(import_module(module.name)).values()
        if isinstance(value, type) and is_dataclass(value) and "__slots__" in vars(value)
        if getattr(value, "__dataclass_params__").frozen  # noqa: B009 - no part of what mypy knows
    }
    assert dear == set(), "use mwaalint.records"
