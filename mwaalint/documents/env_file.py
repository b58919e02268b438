"""Files of environment variables, as Docker Compose reads them: ``NAME=value``, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.patterns import regex
from mwaalint.records import record

if TYPE_CHECKING:
    from mwaalint.source import SourceFile, Span

MAX_VARIABLES = 10_000

_NAME = regex(r"[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*[=:][ \t]*")
_QUOTED = regex(r"\"(?:\\.|[^\"\\])*\"|'[^']*'")


@record
class Variable:
    """A variable with its text, quotes removed, and where this is written, quotes and all."""

    name: str
    value: str
    span: Span


@record
class EnvFile:
    """A file of variables that was read."""

    file: SourceFile
    variables: tuple[Variable, ...]

    def value(self, name: str) -> str | None:
        """What a variable is set to; the last line of it counts."""
        return next((one.value for one in reversed(self.variables) if one.name == name), None)


def read(file: SourceFile) -> EnvFile:
    """Reads a file of variables. What is no such line is passed over. Raises UnreadableFileError."""
    variables: list[Variable] = []
    for number, start in enumerate(file.line_starts, start=1):
        line = file.line_text(number)
        match = _NAME.match(line)
        if match is None or len(variables) == MAX_VARIABLES:
            continue
        quoted = _QUOTED.match(line, match.end())
        value = quoted[0] if quoted else _without_comment(line[match.end() :])
        at = start + match.end()
        span = file.span(at, at + len(value))
        variables.append(Variable(match["name"], value[1:-1] if quoted else value, span))
    return EnvFile(file, tuple(variables))


def _without_comment(text: str) -> str:
    """A value without quotes ends where a comment begins, which takes a blank in front of it."""
    if text.startswith("#"):
        return ""
    ends = [end for mark in (" #", "\t#") if (end := text.find(mark)) >= 0]
    return text[: min(ends, default=None)].rstrip()
