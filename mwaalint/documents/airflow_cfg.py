"""``airflow.cfg``: its options by section, with their places.

Read by hand: configparser keeps no places, and refuses a file for what Airflow's own reader passes over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.patterns import regex
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.source import SourceFile, Span

MAX_OPTIONS = 10_000

_SECTION = regex(r"\[(?P<name>[^\]\r\n]+)\]")
# A comment, a section, or a line that goes on with the value above it.
_NO_OPTION = ("#", ";", "[", " ", "\t", "=", ":")


@record
class Option:
    """One option: ``section.key`` in lower case, its first line of text, and where key and text stand."""

    name: str
    value: str
    key_span: Span
    span: Span


@record
class AirflowCfg:
    """A settings file that was read."""

    file: SourceFile
    options: tuple[Option, ...]

    def option(self, name: str) -> Option | None:
        """The option of a name; the last one counts."""
        return next((one for one in reversed(self.options) if one.name == name), None)


def read(file: SourceFile) -> AirflowCfg:
    """Reads a settings file. What is neither section nor option is passed over. Raises UnreadableFileError."""
    options: list[Option] = []
    section = ""
    for number, start in enumerate(file.line_starts, start=1):
        line = file.line_text(number)
        if header := _SECTION.match(line):
            section = header["name"].strip().lower()
        elif section and line and not line.startswith(_NO_OPTION) and len(options) < MAX_OPTIONS:
            options += _option(file, section, line, start)
    return AirflowCfg(file, tuple(options))


def _option(file: SourceFile, section: str, line: str, start: int) -> Iterator[Option]:
    ends = [end for mark in "=:" if (end := line.find(mark)) >= 0]
    if not ends:
        return
    key, value = line[: min(ends)].rstrip(), line[min(ends) + 1 :]
    at = start + min(ends) + 1 + len(value) - len(value.lstrip())
    text = value.strip()
    yield Option(f"{section}.{key.lower()}", text, file.span(start, start + len(key)), file.span(at, at + len(text)))
