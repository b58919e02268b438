"""What the rules on the local runner share: places, variables, lines to take away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.findings import Edit, Location
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.compose import Service, Text
    from mwaalint.model.local_runner import AirflowService, LocalRunner
    from mwaalint.source import SourceFile


def place(text: Text, symbol: str) -> Location:
    """Where a text of a Compose file stands."""
    return Location(text.file.path, text.span, symbol)


def every_service(local: LocalRunner) -> Iterator[Service]:
    """The services of the files that run the local runner, once each: its own and those beside."""
    seen: set[tuple[str, Span]] = set()
    for one in local.services:
        for service in (one.service, *one.beside):
            key = (service.text.file.path, service.text.span)
            if key not in seen:
                seen.add(key)
                yield service


def database(one: AirflowService) -> Service | None:
    """The service that keeps Airflow's database: the one PostgreSQL of the file."""
    found = [each for each in one.beside if each.image and re.search(r"(^|/)postgres(:|$)", each.image.value)]
    return found[0] if len(found) == 1 else None


def replaced(text: Text, old: str, new: str) -> Edit | None:
    """Replaces the one place of ``old`` in what is written of a text; None where there are none or several."""
    file = text.file
    written = file.data[text.span.start : text.span.end]
    before = old.encode(file.encoding)
    if written.count(before) != 1:
        return None
    start = text.span.start + written.index(before)
    return Edit(file.path, Span(start, start + len(before)), new.encode(file.encoding), before)


def line_of(file: SourceFile, span: Span, pattern: str) -> Edit | None:
    """Takes the whole line of a place away; None where there is more on it than the pattern says."""
    number = file.position(span.start).line
    if not re.fullmatch(pattern, file.line_text(number)) or number >= len(file.line_starts):
        return None
    whole = Span(file.line_span(number).start, file.byte_offset(file.line_starts[number]))
    return Edit(file.path, whole, b"", file.data[whole.start : whole.end])
