"""What the rules on Airflow's configuration options share: numbers, places and edits of an entry."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.checks.environment._sizing import configuration
from mwaalint.findings import Edit
from mwaalint.model.values import Absent, Known, is_set, known
from mwaalint.source import Span, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mwaalint.checks._api import Context
    from mwaalint.findings import Location
    from mwaalint.model.environment import Environment
    from mwaalint.model.values import OneOf, Unresolved, Value
    from mwaalint.source import SourceFile

_LONGEST_NUMBER = 9
_ALIKE = 0.8


def alike(word: str, known: Iterable[str]) -> list[str]:
    """The known name that a misspelt one most resembles, none where none does."""
    from difflib import get_close_matches

    return get_close_matches(word, list(known), 1, _ALIKE)


def options(environment: Environment) -> Mapping[str, Known | OneOf | Unresolved]:
    """The options that are set, by name; those whose names the repository does not tell are left out."""
    found = configuration(environment) or {}
    return {name: value for name, value in found.items() if not isinstance(value, Absent)}


def number(value: Value) -> int | None:
    """The whole number an option is set to, as a number or as text; None when it is not known or none."""
    text = known(value, str)
    if text is None:
        return known(value, int)
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None


def set_at_startup(name: str, environment: Environment, ctx: Context) -> bool:
    """Whether the startup script sets an option, or might: it is not in the repository."""
    script = ctx.deployment.startup_script
    if script is None:
        return is_set(environment.startup_script_s3_path)
    try:
        return f"AIRFLOW__{name.replace('.', '__', 1).upper()}".encode() in script.data
    except UnreadableFileError:
        return True


def entry(name: str, origin: Location, environment: Environment, ctx: Context) -> Location:
    """Where the entry of an option stands: its value, or its name when the value is written outside of the options."""
    argument = environment.declared.get("airflow_configuration_options")
    file = ctx.project.get(argument.path) if argument else None
    if (
        argument is None
        or file is None
        or (argument.path == origin.path and origin.span.start in range(*argument.span))
    ):
        return origin
    pattern = rb"(?<![\w.])" + re.escape(name.encode(file.encoding)) + rb"(?![\w.])"
    matches = list(re.finditer(pattern, file.data[slice(*argument.span)]))
    if len(matches) != 1:
        return origin
    start = argument.span.start + matches[0].start()
    return replace(argument, span=Span(start, start + len(matches[0][0])))


def for_one_version(environment: Environment, origin: Location) -> bool:
    """Whether an entry is this environment's alone, so that what holds for its version may be written into it."""
    version = environment.airflow_version
    return not environment.variant and isinstance(version, Known) and version.origin.path == origin.path


def rename(name: str, to: str, origin: Location, ctx: Context) -> Edit | None:
    """The edit that renames the entry whose value is written at ``origin``; None when its name is not on that line."""
    file = ctx.project.get(origin.path)
    if file is None:
        return None
    head = file.data[_line_start(file, origin) : origin.span.start]
    old, new = name.encode(file.encoding), to.encode(file.encoding)
    match = re.fullmatch(rb"(.*?[\s{,\"'(]|)" + re.escape(old) + rb"[\"')]?\s*[=:]\s*", head, re.DOTALL)
    if match is None or head.count(old) != 1:
        return None
    start = _line_start(file, origin) + len(match[1])
    return Edit(file.path, Span(start, start + len(old)), new, old)


def removal(name: str, origin: Location, ctx: Context) -> Edit | None:
    """The edit that deletes the line of an entry; None when there is more on it, or in JSON, where commas matter."""
    file = ctx.project.get(origin.path)
    if file is None or file.path.endswith(".json"):
        return None
    start = _line_start(file, origin)
    newline = file.newline.encode(file.encoding)
    end = file.data.find(newline, origin.span.end)
    if end < 0:
        return None
    head, tail = file.data[start : origin.span.start], file.data[origin.span.end : end]
    named = re.fullmatch(rb"\s*[\"'(]*" + re.escape(name.encode(file.encoding)) + rb"[\"')]*\s*[=:]\s*", head)
    if named is None or tail.strip() not in (b"", b","):
        return None
    span = Span(start, end + len(newline))
    return Edit(file.path, span, b"", file.data[span.start : span.end])


def _line_start(file: SourceFile, origin: Location) -> int:
    return file.data.rfind(b"\n", 0, origin.span.start) + 1
