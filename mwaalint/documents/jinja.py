"""Jinja's blocks in a text: where they are, and what stands for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OPENED = regex(r"\{[{%#]")
_ENDS = {"{{": "}}", "{%": "%}", "{#": "#}"}


def blocks(text: str) -> Iterator[str]:
    """Each ``{{ … }}``, ``{% … %}`` and ``{# … #}``, with its braces."""
    return (text[start:end] for start, end in _spans(text))


def replaced(text: str, by: Callable[[str], str]) -> str:
    """The text with something else for each block."""
    parts, done = [], 0
    for start, end in _spans(text):
        parts += [text[done:start], by(text[start:end])]
        done = end
    return "".join([*parts, text[done:]])


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where blocks start and end. Thousands may be opened and never closed: one search for an end tells that of all."""
    unclosed: set[str] = set()
    at = 0
    while opened := _OPENED.search(text, at):
        start, kind = opened.start(), opened[0]
        end = -1 if kind in unclosed else text.find(_ENDS[kind], opened.end())
        if end < 0:
            unclosed.add(kind)
            at = start + 1
        else:
            at = end + 2
            yield start, at
