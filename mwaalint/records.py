"""Classes that only hold fields, as most of mwaalint's do.

A frozen dataclass takes Python a millisecond to make, because each of its methods is written and compiled anew, and a
run makes a hundred of them before it reads a file. Of a record only ``__init__`` is. That nobody assigns to its fields
is held by mypy, not at run time, which makes records three times as fast to fill, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, cast, dataclass_transform

_Class = TypeVar("_Class")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def entity(cls: type[_Class]) -> type[_Class]:
    """A class with slots for its fields, each of whose objects equals itself only."""
    made: Any = dataclass(slots=True, eq=False, repr=False)(cls)
    made.__repr__ = _shown
    return cast("type[_Class]", made)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[_Class]) -> type[_Class]:
    """A class with slots for its fields, whose objects are equal where their fields are."""
    made: Any = entity(cls)
    names = [one.name for one in fields(made) if one.compare]
    values = attrgetter(*names) if names else type

    def equal(self: object, other: object) -> bool:
        return bool(values(self) == values(other)) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: object) -> int:
        return hash(values(self))

    made.__eq__, made.__hash__ = equal, hashed
    return cast("type[_Class]", made)


def _shown(self: Any) -> str:
    parts = [f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr]
    return f"{type(self).__qualname__}({', '.join(parts)})"
