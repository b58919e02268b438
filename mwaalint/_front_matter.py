"""Front matter as the rules' pages write it: a few of YAML's many ways. To import PyYAML for that takes as long as to
check a small project.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from mwaalint.patterns import regex

if TYPE_CHECKING:
    import re

_LINE = regex(r"(?P<indent> *)(?:(?P<key>[a-z_]\w*):|-)(?: (?P<value>\S.*))?")
_QUOTED = r'"(?:[^"\\]|\\["\\])*"'
_WORD = r"[A-Za-z](?:[\w./+-]| (?=\w)|:(?=//)|(?<! )#)*"
_SCALAR = rf"{_QUOTED}|{_WORD}|\d+\.\d+\.\d+|0|[1-9]\d*"
_ONE = regex(_SCALAR)
_LIST = regex(rf"\[(?:(?:{_WORD})(?:, (?:{_WORD}))*)?\]")
_ENTRY = rf"[a-z_]\w*: (?:{_SCALAR}|\[\])"
_MAPPING = regex(rf"\{{{_ENTRY}(?:, {_ENTRY})*\}}")
_PAIR = regex(rf"(?P<key>[a-z_]\w*): (?P<value>{_SCALAR}|\[\])")
# What YAML takes for a truth value or for nothing.
_NO_TEXT = frozenset({"yes", "no", "on", "off", "true", "false", "null"})


class _UnusualError(Exception):
    """Written in another way than the pages are."""


def read(text: str) -> dict[str, Any] | None:
    """What PyYAML makes of it, None where only PyYAML can tell."""
    lines = deque(map(_LINE.fullmatch, text.split("\n")))
    try:
        found = _block(lines, "") if text.replace("\n", "").isprintable() else None
    except _UnusualError:
        return None
    return found if isinstance(found, dict) and not lines else None


def _block(lines: deque[re.Match[str] | None], indent: str) -> dict[str, Any] | list[Any]:
    """The mapping or list that the next lines are, as far as they are indented alike."""
    found: dict[str, Any] = {}
    items: list[Any] = []
    while lines and (line := lines[0]) and line["indent"] == indent:
        lines.popleft()
        if line["key"]:
            found[_text(line["key"])] = _value(line["value"]) if line["value"] else _below(lines, indent)
        else:
            items.append(_scalar(line["value"] or ""))
    if bool(found) == bool(items):
        raise _UnusualError
    return found or items


def _below(lines: deque[re.Match[str] | None], indent: str) -> dict[str, Any] | list[Any]:
    line = lines[0] if lines else None
    if line is None or len(line["indent"]) <= len(indent):
        raise _UnusualError
    return _block(lines, line["indent"])


def _value(text: str) -> Any:
    if _LIST.fullmatch(text):
        return [_scalar(word) for word in text[1:-1].split(", ")] if text != "[]" else []
    if _MAPPING.fullmatch(text):
        pairs = _PAIR.finditer(text)
        return {_text(pair["key"]): [] if pair["value"] == "[]" else _scalar(pair["value"]) for pair in pairs}
    return _scalar(text)


def _scalar(text: str) -> str | int:
    if not _ONE.fullmatch(text):
        raise _UnusualError
    if text.startswith('"'):
        import json

        return str(json.loads(text))
    return int(text) if text.isdecimal() else _text(text)


def _text(word: str) -> str:
    if word.lower() in _NO_TEXT:
        raise _UnusualError
    return word
