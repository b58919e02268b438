"""The operations that DagValues computes with values that are known. They raise TypeError for what they do not know."""

from __future__ import annotations

import string
from datetime import date, datetime, timedelta
from posixpath import join
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNITS = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
_FIELDS = ("year", "month", "day", "hour", "minute", "second")


def text(value: object) -> str:
    """The text itself; TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError
    return value


def concatenated(parts: Sequence[object]) -> str:
    """The parts as one text, as an f-string does."""
    if any(isinstance(part, tuple | dict) for part in parts):
        raise TypeError
    return "".join(map(str, parts))


def negative(parts: Sequence[object]) -> object:
    """``-x``."""
    (number,) = parts
    if isinstance(number, int | float | timedelta):
        return -number
    raise TypeError


def total(parts: Sequence[object]) -> object:
    """``x + y``."""
    match parts:
        case [str() as left, str() as right]:
            return left + right
        case [tuple() as left, tuple() as right]:
            return left + right
        case [(int() | float()) as left, (int() | float()) as right]:
            return left + right
        case [(timedelta() | date()) as left, timedelta() as right]:
            return left + right
        case _:
            raise TypeError


def difference(parts: Sequence[object]) -> object:
    """``x - y``."""
    match parts:
        case [(int() | float()) as left, (int() | float()) as right]:
            return left - right
        case [timedelta() as left, timedelta() as right]:
            return left - right
        case [datetime() as left, timedelta() as right]:
            return left - right
        case _:
            raise TypeError


def product(parts: Sequence[object]) -> object:
    """``x * y``."""
    match parts:
        case [(int() | float()) as left, (int() | float()) as right]:
            return left * right
        case [timedelta() as length, (int() | float()) as times] | [(int() | float()) as times, timedelta() as length]:
            return length * times
        case _:
            raise TypeError


def joined(parts: Sequence[object]) -> object:
    """``x / y``: of numbers, or the parts of a path."""
    match parts:
        case [(int() | float()) as left, (int() | float()) as right]:
            return left / right
        case _:
            return join(*map(text, parts))


def percent(parts: Sequence[object]) -> str:
    """``template % value`` with one ``%s``."""
    template, value = parts
    pieces = text(template).split("%s")
    # Widths and the like could ask for gigabytes.
    if len(pieces) != 2 or "%" in "".join(pieces) or not isinstance(value, str | int | float):
        raise TypeError
    return f"{value}".join(pieces)


def merged(parts: Sequence[object]) -> object:
    """``x | y`` of dicts."""
    left, right = parts
    if isinstance(left, dict) and isinstance(right, dict):
        return left | right
    raise TypeError


def formatted(parts: Sequence[object], count: int, words: Sequence[str]) -> str:
    """``template.format(...)`` with plain fields: the template, then ``count`` positional values, then those named by
    ``words``."""
    template, *values = parts
    if any(not isinstance(value, str | int | float) for value in values):
        raise TypeError
    named = dict(zip(words, values[count:], strict=True))
    made, position = "", 0
    for literal, name, spec, conversion in string.Formatter().parse(text(template)):
        made += literal
        if name is None:
            continue
        if spec or conversion or not (name == "" or name.isdecimal() or name.isidentifier()):
            raise TypeError
        made += str(values[int(name or position)] if name == "" or name.isdecimal() else named[name])
        position += name == ""
    return made


def replaced(parts: Sequence[object]) -> str:
    """``x.replace(old, new)``."""
    whole, old, new = map(text, parts)
    return whole.replace(old, new)


def duration(parts: Sequence[object], words: Sequence[str]) -> timedelta:
    """``timedelta(...)`` and its like; the last parts are those named by ``words``."""
    count = len(parts) - len(words)
    arguments = {**dict(zip(_UNITS, parts[:count], strict=False)), **dict(zip(words, parts[count:], strict=True))}
    if not all(isinstance(each, int | float) for each in arguments.values()) or set(arguments) - set(_UNITS):
        raise TypeError
    return timedelta(**arguments)  # type: ignore[arg-type]


def moment(parts: Sequence[object], words: Sequence[str]) -> datetime:
    """``datetime(...)`` and its like."""
    count = len(parts) - len(words)
    arguments = {**dict(zip(_FIELDS, parts[:count], strict=False)), **dict(zip(words, parts[count:], strict=True))}
    if not all(isinstance(each, int) for each in arguments.values()) or set(arguments) - set(_FIELDS):
        raise TypeError
    return datetime(**{"month": 1, "day": 1, **arguments})  # type: ignore[arg-type]
