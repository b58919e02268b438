"""Results as what JSON has words for, and back: by the annotations of their classes, so that a new field needs no code.

Reading trusts nothing: the data may come from a file that somebody made to do harm. Whatever is not of the annotated
type is a CodecError, and so is a place in a file that the project does not have.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from mwaalint.findings import Location
from mwaalint.source import Offset, Span


class CodecError(Exception):
    """A value that cannot be written, or data that is not what was written."""


class Places(NamedTuple):
    """The files that locations may speak of. Those in ``home`` are written without their path."""

    exists: Callable[[str], bool]
    home: str = ""


# What reading raises for data that looks right and is not, a date of the 13th month, say; and NameError is for a class
# that the modules do not have.
_WRONG = (CodecError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError, NameError)


class Coder(NamedTuple):
    """How values of one type are written and read. ``same`` is the type of those that are written as they are."""

    write: Callable[[Any, Places], Any]
    read: Callable[[Any, Places], Any]
    same: type | None = None


def refused(_: object, __: Places) -> Any:
    """Reads what can only be written."""
    raise CodecError("it is not read")


class Codec:
    """Writes and reads values of annotated types; ``modules`` have the names that annotations use. ``place`` is another
    way to write where something is, ``records`` are the classes that values of any type may be of.
    """

    def __init__(self, *modules: types.ModuleType, place: Coder | None = None, records: tuple[type, ...] = ()) -> None:
        self._names: dict[str, Any] = {"Mapping": Mapping, "date": date}
        for module in modules:
            self._names |= vars(module)
        plain = _Plain({one.__name__: one for one in records}, self.coder)
        self._coders: dict[Any, Coder] = {
            object: Coder(plain.write, plain.read),
            Location: place or Coder(_write_place, _read_place),
            Offset: place or _exactly(int),
        }

    def write(self, value: object, kind: Any, places: Places) -> Any:
        """The value as lists, texts, numbers. Raises CodecError."""
        try:
            return self.coder(kind).write(value, places)
        except _WRONG as error:
            raise CodecError(str(error)) from error

    def read(self, data: object, kind: Any, places: Places) -> Any:
        """The value that was written. Raises CodecError."""
        try:
            return self.coder(kind).read(data, places)
        except _WRONG as error:
            raise CodecError(str(error)) from error

    def coder(self, kind: Any) -> Coder:
        """The coder of a type, made when it is first asked for. Types may be parts of themselves."""
        if kind not in self._coders:
            made: list[Coder] = []
            self._coders[kind] = Coder(
                lambda value, places: made[0].write(value, places), lambda data, places: made[0].read(data, places)
            )
            try:
                made.append(self._made(kind))
            finally:
                del self._coders[kind]
            self._coders[kind] = made[0]
        return self._coders[kind]

    def _made(self, kind: Any) -> Coder:
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is tuple and arguments[-1] is not ...:
            return _row(tuple, [self.coder(one) for one in arguments])
        if origin in (tuple, list, frozenset, set):
            return _collection(origin, self.coder(arguments[0]))
        if origin in (types.UnionType, typing.Union):
            return self._union(arguments)
        if origin is Mapping:
            return _mapping(*map(self.coder, arguments))
        if kind in (str, int, bool, float, date):
            return _dates() if kind is date else _exactly(kind)
        if kind is bytes:
            return _bytes()
        if kind is Path:
            return Coder(lambda value, _: str(value), lambda data, _: Path(_is(data, str)))
        if isinstance(kind, type) and issubclass(kind, Enum):
            return _enumeration(kind)
        return self._record(kind)

    def _union(self, arguments: tuple[Any, ...]) -> Coder:
        others = [one for one in arguments if one is not types.NoneType]
        inner = (
            self.coder(others[0]) if len(others) == 1 else _one_of({one.__name__: self.coder(one) for one in others})
        )
        return inner if len(others) == len(arguments) else _optional(inner)

    def _record(self, kind: Any) -> Coder:
        """A dataclass or NamedTuple, written as the list of its fields."""
        if not is_dataclass(kind) and not hasattr(kind, "_fields"):
            raise CodecError(f"{kind} is no type that is written")
        names = [one.name for one in fields(kind)] if is_dataclass(kind) else list(kind._fields)
        hints = get_type_hints(kind, localns=self._names)
        return _row(kind, [self.coder(hints[name]) for name in names], names)


def _is(data: object, kind: type) -> Any:
    if type(data) is not kind:
        raise CodecError(f"{type(data).__name__} is no {kind.__name__}")
    return data


def _exactly(kind: type) -> Coder:
    def same(value: object, _: Places) -> Any:
        if type(value) is not kind:
            raise CodecError(f"{type(value).__name__} is no {kind.__name__}")
        return value

    return Coder(same, same, kind)


def _row(kind: Any, coders: list[Coder], names: list[str] | None = None) -> Coder:
    writers, count = [one.write for one in coders], len(coders)
    # Most parts are texts and numbers: for these, to call no function takes a third of the time.
    same = [(index, one.same) for index, one in enumerate(coders) if one.same is not None]
    others = [(index, one.read) for index, one in enumerate(coders) if one.same is None]

    def write(value: Any, places: Places) -> list[Any]:
        if type(value) is not kind:
            raise CodecError(f"{type(value).__name__} is no {kind.__name__}")
        parts = value if names is None else [getattr(value, name) for name in names]
        return [writer(part, places) for writer, part in zip(writers, parts, strict=True)]

    def read(data: Any, places: Places) -> Any:
        if type(data) is not list or len(data) != count:
            raise CodecError(f"no {kind.__name__} of {count} parts")
        for index, wanted in same:
            if type(data[index]) is not wanted:
                raise CodecError(f"{type(data[index]).__name__} is no {wanted.__name__}")
        parts = data.copy()
        for index, reader in others:
            parts[index] = reader(data[index], places)
        return tuple(parts) if kind is tuple else kind(*parts)

    return Coder(write, read)


def _collection(kind: Any, item: Coder) -> Coder:
    def write(value: Any, places: Places) -> list[Any]:
        written = [item.write(one, places) for one in _is(value, kind)]
        return sorted(written, key=json.dumps) if kind in (set, frozenset) else written

    def read(data: Any, places: Places) -> Any:
        return kind([item.read(one, places) for one in _is(data, list)])

    return Coder(write, read)


def _mapping(key: Coder, item: Coder) -> Coder:
    def write(value: Any, places: Places) -> list[Any]:
        return [[key.write(name, places), item.write(one, places)] for name, one in _is(value, dict).items()]

    def read(data: Any, places: Places) -> Any:
        return {key.read(name, places): item.read(one, places) for name, one in _is(data, list)}

    return Coder(write, read)


def _optional(inner: Coder) -> Coder:
    return Coder(
        lambda value, places: None if value is None else inner.write(value, places),
        lambda data, places: None if data is None else inner.read(data, places),
    )


def _one_of(kinds: Mapping[str, Coder]) -> Coder:
    """One of several classes, written with the name of its own."""

    def write(value: Any, places: Places) -> list[Any]:
        name = type(value).__name__
        return [name, kinds[name].write(value, places)]

    def read(data: Any, places: Places) -> Any:
        name, content = _is(data, list)
        return kinds[name].read(content, places)

    return Coder(write, read)


def _enumeration(kind: type[Enum]) -> Coder:
    members = {one.value: one for one in kind}

    def read(data: Any, _: Places) -> Enum:
        if type(data) is bool or data not in members:
            raise CodecError(f"no {kind.__name__}")
        return members[data]

    return Coder(lambda value, _: _is(value, kind).value, read)


def _bytes() -> Coder:
    return Coder(
        lambda value, _: _is(value, bytes).decode("latin-1"), lambda data, _: str.encode(_is(data, str), "latin-1")
    )


def _dates() -> Coder:
    return Coder(lambda value, _: _is(value, date).isoformat(), lambda data, _: date.fromisoformat(_is(data, str)))


def _write_place(value: Any, places: Places) -> list[Any]:
    place: Location = _is(value, Location)
    start, end = place.span
    path = [] if place.path == places.home else [place.path]
    return [*path, start, end, *([place.symbol, place.note] if place.symbol or place.note else [])]


def _read_place(data: Any, places: Places) -> Location:
    path, *rest = [places.home, *data] if type(_is(data, list)[0]) is int else data
    if not places.exists(_is(path, str)):
        raise CodecError(f"there is no file {path!r}")
    start, end, symbol, note = rest if len(rest) == 4 else (*rest, "", "")
    if not 0 <= _is(start, int) <= _is(end, int):
        raise CodecError("no span")
    return Location(path, Span(start, end), _is(symbol, str), _is(note, str))


_LETTERS: dict[type, str] = {tuple: "T", list: "L", set: "S", frozenset: "F"}


def _number(text: str) -> object:
    # Hardly any value is one, and to import it takes a while.
    from decimal import Decimal

    return Decimal(text)


_FROM_TEXT: dict[Any, Callable[[str], object]] = {
    "n": _number,
    "D": date.fromisoformat,
    "t": datetime.fromisoformat,
}
_COLLECTIONS: dict[Any, Any] = {letter: kind for kind, letter in _LETTERS.items()}


class _Plain:
    """Values of any type, those that are no words of JSON with a letter before them. ``records`` has the classes whose
    values may be among them, by name.
    """

    def __init__(self, records: Mapping[str, type], coder: Callable[[Any], Coder]) -> None:
        self._records = records
        self._coder = coder

    def write(self, value: Any, places: Places) -> Any:
        kind = type(value)
        if value is None or kind in (bool, int, float, str):
            return value
        if kind in _LETTERS:
            items = [self.write(one, places) for one in value]
            return [_LETTERS[kind], sorted(items, key=json.dumps) if kind in (set, frozenset) else items]
        if kind is dict:
            return ["d", [[self.write(name, places), self.write(one, places)] for name, one in value.items()]]
        if self._records.get(kind.__name__) is kind:
            return ["r", kind.__name__, self._coder(kind).write(value, places)]
        if kind is date:
            return ["D", value.isoformat()]
        if kind is timedelta:
            return ["i", [value.days, value.seconds, value.microseconds]]
        # A time zone by its name would come back as a plain distance from UTC.
        if kind is datetime and repr(datetime.fromisoformat(value.isoformat())) == repr(value):
            return ["t", value.isoformat()]
        if kind is type(_number("0")):
            return ["n", str(value)]
        raise CodecError(f"a {kind.__name__} is not written")

    def read(self, data: Any, places: Places) -> Any:
        if data is None or type(data) in (bool, int, float, str):
            return data
        if _is(data, list)[0] == "r":
            _, name, content = data
            return self._coder(self._records[_is(name, str)]).read(content, places)
        letter, content = data
        if letter in _COLLECTIONS:
            return _COLLECTIONS[letter]([self.read(one, places) for one in _is(content, list)])
        if letter == "d":
            return {self.read(name, places): self.read(one, places) for name, one in _is(content, list)}
        if letter == "i":
            days, seconds, microseconds = (_is(one, int) for one in _is(content, list))
            return timedelta(days, seconds, microseconds)
        if letter not in _FROM_TEXT:
            raise CodecError("no value")
        return _FROM_TEXT[letter](_is(content, str))
