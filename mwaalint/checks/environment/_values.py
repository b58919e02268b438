"""Values of an environment as its rules need them: every possible value, where it is written, how it is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from mwaalint.findings import Edit
from mwaalint.model.values import Known, possible

if TYPE_CHECKING:
    from mwaalint.discover import Project
    from mwaalint.findings import Location
    from mwaalint.model.environment import Environment
    from mwaalint.model.values import Value
    from mwaalint.source import SourceFile

T = TypeVar("T")


def arms(value: Value, kind: type[T]) -> list[tuple[T, Known]]:
    """Every value an argument may have, with where it is written; nothing when one is of another type.

    An empty text is no value.
    """
    found: list[tuple[T, Known]] = []
    for option in possible(value):
        if not isinstance(option.value, kind) or isinstance(option.value, bool) or option.value == "":
            return []
        found.append((option.value, option))
    return found


def argument_elsewhere(environment: Environment, argument: str, origin: Location, project: Project) -> list[Location]:
    """The argument in the resource, when its value is written on another line than the argument is."""
    declared = environment.declared.get(argument)
    if declared is None or _line(declared, project) == _line(origin, project):
        return []
    return [declared.noted("the environment takes it from there")]


def _line(location: Location, project: Project) -> tuple[str, int]:
    file = project.get(location.path)
    return location.path, file.position(location.span.start).line if file else 0


def replacement(value: Known, text: str, project: Project) -> Edit | None:
    """The edit that writes another literal in place of a value; None when the value is not written there as such."""
    file = project.get(value.origin.path)
    if file is None:
        return None
    start, end = value.origin.span
    old = str(value.value).encode(file.encoding, "replace")
    for quote in ("", '"', "'"):
        mark = quote.encode(file.encoding)
        if file.data[start:end] == mark + old + mark:
            return Edit(file.path, value.origin.span, mark + text.encode(file.encoding) + mark, file.data[start:end])
    return None


def line_after(place: Location, text: str, file: SourceFile) -> Edit:
    """A line of its own after what stands at a place, as far in as that."""
    first = file.position(place.span.start).line
    last = file.position(place.span.end).line
    line = file.line_text(first)
    indent = line[: len(line) - len(line.lstrip())]
    end = file.line_span(last).end
    return Edit(file.path, type(place.span)(end, end), f"{file.newline}{indent}{text}".encode(file.encoding), b"")
