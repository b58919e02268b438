"""Walks from one thing to those that hang on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

T = TypeVar("T", bound="Hashable")


def reached(start: Iterable[T], following: Callable[[T], Iterable[T]]) -> frozenset[T]:
    """All that is reached from the start, which is among it."""
    found: set[T] = set()
    waiting = list(start)
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(following(each))
    return frozenset(found)
