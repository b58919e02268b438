"""The edits that move options of ``airflow.cfg`` into other sections."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.findings import Edit
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.documents.airflow_cfg import AirflowCfg, Option
    from mwaalint.source import SourceFile


def moved_into_sections(settings: AirflowCfg, names: Mapping[Option, str]) -> tuple[Edit, ...]:
    """Takes the line of each option away and writes it, under its new name, below the header of its new section, which
    is added at the end where there is none. What has more than one line stays where it is.
    """
    file = settings.file
    if file.encoding != "utf-8":
        return ()
    added: dict[str, list[str]] = {}
    edits: list[Edit] = []
    for option, name in names.items():
        section, _, key = name.partition(".")
        if section == option.name.partition(".")[0]:
            edits.append(Edit(file.path, option.key_span, key.encode(), file.slice(option.key_span).encode()))
        elif (line := _whole_line(file, option)) is not None:
            edits.append(line)
            text = file.slice(Span(option.key_span.end, option.span.end))
            added.setdefault(section, []).append(f"{key}{text}{file.newline}")
    return (*edits, *_additions(file, added))


def _whole_line(file: SourceFile, option: Option) -> Edit | None:
    """Deletes an option; None for the last line of the file, and for a value that goes on behind its line."""
    number = file.position(option.key_span.start).line
    if number >= len(file.line_starts) or file.line_text(number + 1)[:1] in (" ", "\t"):
        return None
    span = Span(file.line_span(number).start, file.byte_offset(file.line_starts[number]))
    return Edit(file.path, span, b"", file.data[span.start : span.end])


def _additions(file: SourceFile, added: Mapping[str, list[str]]) -> Iterator[Edit]:
    """The lines below the headers of their sections; new sections, all at once, at the end of the file."""
    new = "" if file.text.endswith("\n") else file.newline
    for section, lines in added.items():
        header = _header(file, section)
        if header is None:
            new += f"{file.newline}[{section}]{file.newline}" + "".join(lines)
        else:
            yield Edit(file.path, Span(header, header), "".join(lines).encode(), b"")
    if new.strip():
        yield Edit(file.path, Span(len(file.data), len(file.data)), new.encode(), b"")


def _header(file: SourceFile, section: str) -> int | None:
    """The byte offset behind the line of a section's header, None without one."""
    pattern = re.compile(rf"\[{re.escape(section)}\]", re.IGNORECASE)
    numbers = range(1, len(file.line_starts))
    found = next((number for number in numbers if pattern.match(file.line_text(number))), None)
    return None if found is None else file.byte_offset(file.line_starts[found])
