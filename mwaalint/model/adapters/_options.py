"""Values that may be one of several: joining them, and computing with each."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from mwaalint.model.values import ABSENT, Absent, Known, OneOf, Unresolved, Value, possible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MAX_OPTIONS = 16


def either(values: Iterable[Value], unresolved: Callable[[str], Unresolved]) -> Value:
    """One of several values; unresolved where one of them is not known or is "not set", for then any might hold.

    ``unresolved`` makes the answer for a reason; its origin is also that of a set of options.
    """
    values = list(values)
    if len(values) == 1:
        return values[0]
    if values and all(isinstance(value, Absent) for value in values):
        return ABSENT
    options: list[Known] = []
    for value in values:
        if not possible(value):
            return unresolved("the repository does not decide between its values")
        options += [option for option in possible(value) if not _among(option, options)]
    if not options or len(options) > MAX_OPTIONS:
        return unresolved("it may have any of many values")
    return options[0] if len(options) == 1 else OneOf(tuple(options), unresolved("").origin)


def combined(
    values: Sequence[Value],
    make: Callable[[Sequence[object]], object],
    unresolved: Callable[[str], Unresolved],
    parts: Sequence[Value] = (),
) -> Value:
    """What ``make`` gives for the parts. One part may have several options; two may hang together, and are not guessed.

    ``make`` answers None where it cannot tell. What is made of one resource's name, such as an ARN, leads to it.
    ``parts`` are those of a text, in order.
    """
    options = [[option.value for option in possible(value)] for value in values]
    several = sum(len(each) > 1 for each in options)
    made = [make(parts) for parts in product(*options)] if several <= 1 and all(options) else [None]
    if None in made:
        missing = unresolved("a part of it is only known when it is deployed")
        return replace(missing, parts=tuple(parts), resource=taken_from(parts or values))
    return either([Known(result, unresolved("").origin) for result in made], unresolved)


def put_together(
    pieces: Sequence[Value], make: Callable[[Sequence[object]], object], unresolved: Callable[[str], Unresolved]
) -> Value:
    """The text of all pieces."""
    return combined(pieces, make, unresolved, pieces)


def added(
    sides: Sequence[Value], make: Callable[[Sequence[object]], object], unresolved: Callable[[str], Unresolved]
) -> Value:
    """The sum of both sides, which may be texts."""
    return combined(sides, make, unresolved, _summands(sides))


def _summands(sides: Sequence[Value]) -> Sequence[Value]:
    """The sides of a sum that surely is one of texts, with the parts of each that is put together itself."""
    whole = any(isinstance(side, Known) and isinstance(side.value, str) for side in sides)
    split = [side.parts if isinstance(side, Unresolved) and side.parts else (side,) for side in sides]
    return [part for side in split for part in side] if whole or any(len(side) > 1 for side in split) else ()


def taken_from(parts: Sequence[Value]) -> str:
    """The address of the one resource that a text names: ``${aws_s3_bucket.dags.arn}/*`` is of that bucket, but
    ``${aws_s3_bucket.dags.id}-logs`` is another name.
    """
    parts = [part for part in parts if not (isinstance(part, Known) and part.value == "")]
    found = [index for index, part in enumerate(parts) if isinstance(part, Unresolved) and part.resource]
    if len(found) != 1:
        return ""
    before, after = parts[: found[0]][-1:], parts[found[0] + 1 :][:1]
    apart = _ends(before, ("/", ":"), str.endswith) and _ends(after, ("/", ":", "*"), str.startswith)
    part = parts[found[0]]
    return part.resource if apart and isinstance(part, Unresolved) else ""


def _ends(beside: Sequence[Value], marks: tuple[str, ...], test: Callable[[str, tuple[str, ...]], bool]) -> bool:
    return all(isinstance(it, Known) and isinstance(it.value, str) and test(it.value, marks) for it in beside)


def _among(option: Known, options: list[Known]) -> bool:
    return any(type(option.value) is type(other.value) and option.value == other.value for other in options)
