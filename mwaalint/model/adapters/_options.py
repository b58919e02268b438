"""Values that may be one of several: joining them, and computing with each."""

from __future__ import annotations

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
    values: Sequence[Value], make: Callable[[Sequence[object]], object], unresolved: Callable[[str], Unresolved]
) -> Value:
    """What ``make`` gives for the parts. One part may have several options; two may hang together, and are not guessed.

    ``make`` answers None where it cannot tell.
    """
    options = [[option.value for option in possible(value)] for value in values]
    several = sum(len(each) > 1 for each in options)
    if several > 1 or not all(options):
        return unresolved("a part of it is only known when it is deployed")
    made = [make(parts) for parts in product(*options)]
    if None in made:
        return unresolved("a part of it is only known when it is deployed")
    return either([Known(result, unresolved("").origin) for result in made], unresolved)


def _among(option: Known, options: list[Known]) -> bool:
    return any(type(option.value) is type(other.value) and option.value == other.value for other in options)
