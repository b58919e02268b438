"""Where things are, as reports say it: lines and columns, and paths as the repository has them."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.findings import WHOLE_FILE
from mwaalint.source import Position, UnreadableFileError

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Location
    from mwaalint.report import ReportOptions
    from mwaalint.source import SourceFile, Span


class Range(NamedTuple):
    """From one position up to, but not including, another."""

    start: Position
    end: Position


def place_of(result: RunResult, location: Location) -> Range | None:
    """Lines and columns of a location; None for a whole file and for a file that cannot be read."""
    return None if location.span == WHOLE_FILE else range_of(result, location.path, location.span)


def start_of(result: RunResult, location: Location) -> Position | None:
    """Where a location begins; None for a whole file and for a file that cannot be read."""
    source = result.sources.get(location.path)
    if source is None or location.span == WHOLE_FILE:
        return None
    try:
        return source.position(location.span.start)
    except UnreadableFileError:
        return None


def range_of(result: RunResult, path: str, span: Span) -> Range | None:
    """Lines and columns of a byte span; None when the file cannot be read."""
    source = result.sources.get(path)
    if source is None:
        return None
    try:
        return Range(source.position(span.start), source.position(span.end))
    except UnreadableFileError:
        return None


def exact_range_of(result: RunResult, path: str, span: Span) -> Range | None:
    """The same, and None when lines and columns cannot say it, as between the two characters of a Windows newline."""
    place = range_of(result, path, span)
    return place if place is not None and _span_of(result.sources[path], place) == span else None


def _span_of(source: SourceFile, place: Range) -> Span:
    start, end = (source.line_starts[line - 1] + column - 1 for line, column in place)
    return source.span(start, end)


def decoded(result: RunResult, path: str, content: bytes) -> str | None:
    """Bytes that belong into a file, as text in that file's encoding; None when they are no text there."""
    source = result.sources.get(path)
    try:
        return content.decode(source.encoding if source else "utf-8")
    except (UnreadableFileError, UnicodeDecodeError):
        return None


def path_prefix(result: RunResult, options: ReportOptions) -> str:
    """What stands before the project's paths to make them the repository's."""
    return repository_prefix(result.root) if options.path_prefix is None else options.path_prefix


def in_repository(prefix: str, path: str) -> str:
    """A path of the project as the repository has it."""
    return str(PurePosixPath(prefix + path))


def repository_prefix(root: Path) -> str:
    """The way from the top of the git work tree down to ``root`` ("infra/dev/"), "" at the top and outside of git."""
    try:
        here = root.resolve()
        top = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)
    except OSError:
        return ""
    way = PurePosixPath(here.relative_to(top).as_posix())
    return "" if way == PurePosixPath(".") else f"{way}/"
