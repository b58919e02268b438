"""What the rules on the local runner share: places, variables, lines to take away."""

from __future__ import annotations

import re
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from mwaalint.documents.compose import filled
from mwaalint.findings import Edit, Location
from mwaalint.source import Span, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.discover import Project
    from mwaalint.documents.compose import Mount, Service, Text
    from mwaalint.model.local_runner import AirflowService, LocalRunner
    from mwaalint.source import SourceFile


def data_of(file: SourceFile) -> bytes:
    """The bytes of a file, none where it cannot be read: its reader has said so."""
    try:
        return file.data
    except UnreadableFileError:
        return b""


def mentions(file: SourceFile, word: bytes) -> bool:
    """Whether a file holds a word, for which nobody opens it."""
    try:
        return file.holds(word)
    except UnreadableFileError:
        return False


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


def mounted_file(one: AirflowService, mount: Mount, name: str, project: Project) -> SourceFile | None:
    """The file that a container finds under a name where a folder is mounted; "" for a mounted file itself."""
    source = filled(mount.source, {"PWD": ".", "HOME": "?"})
    folder = dirname(one.service.text.file.path)
    # $PWD is where Compose is started: the folder with mwaa-local-env, above that of the Compose file.
    bases = (folder, dirname(folder)) if source is not None and "PWD" in mount.source else (folder,)
    paths = (normpath(join(base, source, name)) for base in bases if source is not None)
    return next((file for path in paths if (file := project.get(path))), None)


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
