"""Regular expressions that are compiled when they are first asked behave like any other."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from typing import Any, cast

import pytest

import mwaalint
from mwaalint.patterns import Later, regex


def behind(pattern: object) -> Later:
    return cast("Later", pattern)


def every_pattern() -> dict[str, Later]:
    """All patterns of all modules, also those in tuples and dicts, by where they are."""
    found: dict[str, Later] = {}
    for module in pkgutil.walk_packages(mwaalint.__path__, "mwaalint."):
        if module.name != "mwaalint.__main__":
            for name, value in vars(import_module(module.name)).items():
                found |= {f"{module.name}.{name}#{index}": one for index, one in enumerate(within(value))}
    return found


def within(value: Any) -> list[Later]:
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple):
        return [pattern for each in value for pattern in within(each)]
    return [value] if isinstance(value, Later) else []


class TestAPattern:
    def test_is_not_compiled_before_it_is_asked(self) -> None:
        pattern = regex(r"a+")
        assert "compiled" not in vars(pattern)
        assert pattern.search("baa")
        assert "compiled" in vars(pattern)

    def test_answers_all_questions_of_a_compiled_one(self) -> None:
        pattern = regex(r"(?P<letter>[a-c])(\d)", re.IGNORECASE)
        compiled = re.compile(r"(?P<letter>[a-c])(\d)", re.IGNORECASE)
        text = "A1 b2 d4"
        assert pattern.findall(text) == compiled.findall(text) == [("A", "1"), ("b", "2")]
        assert pattern.sub(r"\2", text) == compiled.sub(r"\2", text) == "1 2 d4"
        assert pattern.split(text) == compiled.split(text)
        assert [match["letter"] for match in pattern.finditer(text)] == ["A", "b"]
        assert pattern.match("d4") is None
        assert pattern.fullmatch("b2") is not None
        assert pattern.fullmatch("b2 ") is None
        assert (pattern.pattern, pattern.flags, pattern.groups) == (compiled.pattern, compiled.flags, compiled.groups)

    def test_looks_from_a_place_to_another(self) -> None:
        assert regex(r"^a").match("ba", 1) is None
        assert regex(r"a").match("ba", 1)
        assert regex(r"a").search("baa", 0, 1) is None

    def test_reads_bytes(self) -> None:
        assert regex(rb"\d+").findall(b"1 22") == [b"1", b"22"]

    def test_is_asked_directly_from_the_second_time_on(self) -> None:
        pattern = regex(r"a")
        first = pattern.search
        assert vars(pattern)["search"] is first
        assert pattern.search is first

    def test_has_no_attribute_that_patterns_do_not_have(self) -> None:
        pattern: Any = regex(r"a")
        with pytest.raises(AttributeError):
            _ = pattern.serach

    def test_is_not_compiled_by_who_looks_for_something_else(self) -> None:
        pattern: Any = regex(r"a")
        assert getattr(pattern, "__mwaalint_check__", None) is None
        assert "compiled" not in vars(pattern)

    def test_with_a_mistake_says_so_when_it_is_asked(self) -> None:
        pattern = regex(r"(a")
        with pytest.raises(re.error, match="unterminated"):
            pattern.search("a")


def test_every_pattern_of_the_program_can_be_compiled() -> None:
    patterns = every_pattern()
    assert len(patterns) > 300
    for where, pattern in patterns.items():
        assert isinstance(pattern.compiled, re.Pattern), where


def test_no_module_compiles_one_when_it_is_imported() -> None:
    ready = [
        f"{module.name}.{name}"
        for module in pkgutil.walk_packages(mwaalint.__path__, "mwaalint.")
        if module.name != "mwaalint.__main__"
        for name, value in vars(import_module(module.name)).items()
        if isinstance(value, re.Pattern)
    ]
    assert ready == [], "use mwaalint.patterns.regex"
