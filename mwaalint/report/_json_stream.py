"""JSON written piece by piece: an object whose long arrays are iterators, one element a line, plain ASCII."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from mwaalint.patterns import regex

# What a file name that is not UTF-8 leaves in a string; no JSON reader is bound to accept it.
_LONE_SURROGATE = regex("[\ud800-\udfff]")


def written_object(members: Mapping[str, object]) -> Iterator[str]:
    """A JSON object; a member that is an iterator becomes an array and is written as it comes, one that is a function
    is asked when it is its turn.
    """
    yield "{"
    for index, (key, value) in enumerate(members.items()):
        yield f"{',' if index else ''}\n{json.dumps(key)}: "
        if isinstance(value, Iterator):
            yield from _written_array(value)
        else:
            yield written(value() if callable(value) else value)
    yield "\n}"


def _written_array(values: Iterator[object]) -> Iterator[str]:
    yield "["
    for index, value in enumerate(values):
        yield f"{',' if index else ''}\n{written(value)}"
    yield "]"


def written(value: object) -> str:
    """One JSON value in one line."""
    return json.dumps(_clean(value), ensure_ascii=True, allow_nan=False)


def _clean(value: object) -> object:
    match value:
        case str():
            return _LONE_SURROGATE.sub("\ufffd", value)
        case Mapping():
            return {_LONE_SURROGATE.sub("\ufffd", str(key)): _clean(one) for key, one in value.items()}
        case list() | tuple():
            return [_clean(one) for one in value]
        case _:
            return value
