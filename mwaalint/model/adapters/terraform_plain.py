"""Terraform's functions of plain data: text, numbers, lists and maps. Wrong arguments raise."""

from __future__ import annotations

import json
import math
import posixpath
from typing import TYPE_CHECKING

from mwaalint.model.adapters.terraform_values import NotPlainError, number_of, text_of
from mwaalint.patterns import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

_VERB = regex(r"%(?:%|(0?)([0-9]{0,3})([sdv]))")


def _joined(separator: str, *lists: list[object]) -> str:
    return separator.join(text_of(item) for items in lists for item in items)


def _formatted(pattern: str, *arguments: object) -> str:
    rest = list(arguments)
    if "%" in _VERB.sub("", pattern):
        raise NotPlainError("the format is not evaluated")

    def verb(match: re.Match[str]) -> str:
        zero, width, kind = match.groups()
        if match.group() == "%%":
            return "%"
        item = rest.pop(0)
        if kind == "d" and not isinstance(item, int):
            raise ValueError("no whole number")
        text = text_of(item)
        return text.rjust(int(width or 0), "0" if zero else " ")

    result = _VERB.sub(verb, pattern)
    if rest:
        raise ValueError("too many arguments")
    return result


def _replaced(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old[0] == old[-1] == "/":
        raise NotPlainError("a regular expression is not evaluated")
    return text.replace(old, new)


def json_of(data: object) -> str:
    """``jsonencode``."""
    text = json.dumps(_whole(data), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    # Terraform's jsonencode escapes these for HTML, as Go's encoder does.
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _whole(data: object) -> object:
    match data:
        case dict():
            return {key: _whole(item) for key, item in data.items()}
        case list():
            return [_whole(item) for item in data]
        case float() if data.is_integer():
            return int(data)
        case _:
            return data


def _substring(text: str, offset: int, length: int) -> str:
    start = offset if offset >= 0 else len(text) + offset
    return text[start:] if length < 0 else text[start : start + length]


def _numbers(items: tuple[object, ...]) -> list[int | float]:
    numbers = [number for item in items if (number := number_of(item)) is not None]
    if len(numbers) != len(items):
        raise ValueError("no number")
    return numbers


def _texts(items: list[object]) -> list[str]:
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) != len(items):
        raise TypeError("no text")
    return texts


def _booleans(items: list[object]) -> list[bool]:
    flags = [item for item in items if isinstance(item, bool)]
    if len(flags) != len(items):
        raise TypeError("no bool")
    return flags


PLAIN: dict[str, Callable[..., object]] = {
    "join": _joined,
    "format": _formatted,
    "reverse": lambda items: items[::-1],
    "split": lambda separator, text: text.split(separator) if separator else list(text),
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
    "trimspace": lambda text: text.strip(),
    "trimsuffix": lambda text, suffix: text.removesuffix(suffix),
    "trimprefix": lambda text, prefix: text.removeprefix(prefix),
    "startswith": lambda text, prefix: text.startswith(prefix),
    "endswith": lambda text, suffix: text.endswith(suffix),
    "strcontains": lambda text, part: part in text,
    "replace": _replaced,
    "substr": _substring,
    "basename": posixpath.basename,
    "dirname": posixpath.dirname,
    "abs": abs,
    "alltrue": lambda items: all(_booleans(items)),
    "anytrue": lambda items: any(_booleans(items)),
    "ceil": math.ceil,
    "chomp": lambda text: text.rstrip("\r\n"),
    "floor": math.floor,
    "sort": lambda items: sorted(_texts(items)),
    "sum": lambda items: sum(_numbers(tuple(items))),
    "trim": lambda text, characters: text.strip(characters),
    "max": lambda *items: max(_numbers(items)),
    "min": lambda *items: min(_numbers(items)),
}
