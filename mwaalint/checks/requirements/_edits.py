"""Edits of a requirements file that leave every other byte, its newlines and its encoding as they are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from mwaalint.findings import Edit, Fix, Safety
from mwaalint.patterns import regex
from mwaalint.source import Span

if TYPE_CHECKING:
    from mwaalint.documents.requirements import Option, Requirement
    from mwaalint.source import SourceFile

# pip reads the encoding from such a comment in the first two lines, so nothing may push it down.
_CODING_COMMENT = regex(r"#.*coding[:=]\s*[-\w.]+")
_EXTRAS = regex(r"\s*\[[^\]\\]*\]")
_EXACT = regex(r"(?P<operator>==\s*)[^\s=,;()\\]+")


def replaced(file: SourceFile, span: Span, text: str) -> Edit:
    """Puts ``text``, in the file's encoding, in place of the bytes at ``span``."""
    return Edit(file.path, span, text.encode(file.encoding), file.data[span.start : span.end])


def with_first_line(file: SourceFile, line: str) -> Edit:
    """Puts a line (without newline) above all others, below the byte order mark and a comment that names the
    encoding.
    """
    start = end = 0
    for text in file.text.splitlines(keepends=True)[:2]:
        end += len(text)
        start = end if _CODING_COMMENT.match(text) else start
    unended = start > 0 and file.text[start - 1] not in "\r\n"
    text = f"{file.newline}{line}" if unended else f"{line}{file.newline}"
    return replaced(file, file.span(start, start), text)


def with_last_line(file: SourceFile, line: str) -> Edit:
    """Puts a line (without newline) below all others."""
    end = len(file.text)
    unended = file.text and file.text[-1] not in "\r\n"
    text = f"{file.newline}{line}" if unended else line
    return replaced(file, file.span(end, end), f"{text}{file.newline}")


def with_version(requirement: Requirement, version: str) -> Edit | None:
    """Makes it ``==version``; spelling, extras, marker and comment stay.

    None where that cannot be done by itself: hashes belong to one version, a URL or a path names its own.
    """
    file = requirement.file
    if requirement.hashes or requirement.url is not None or requirement.name_span is None:
        return None
    if requirement.specifier_span is not None:
        exact = _EXACT.fullmatch(file.slice(requirement.specifier_span))
        return replaced(file, requirement.specifier_span, f"{exact['operator'] if exact else '=='}{version}")
    rest = file.slice(Span(requirement.name_span.end, requirement.span.end))
    extras = _EXTRAS.match(rest)
    if requirement.extras and extras is None:
        return None
    end = requirement.name_span.end + len((extras[0] if extras else "").encode(file.encoding))
    return replaced(file, Span(end, end), f"=={version}")


def without(part: Requirement | Option) -> Edit:
    """Deletes every line the part stands on, with their newlines and a comment at their end."""
    file = part.file
    starts = _line_starts(file)
    first, after = bisect_right(starts, part.span.start) - 1, bisect_left(starts, part.span.end)
    end = starts[after] if after < len(starts) else len(file.data)
    return replaced(file, Span(starts[first], end), "")


def with_value(option: Option, value: str) -> Edit | None:
    """Gives an option another value between the same quotes; None for a flag."""
    return replaced(option.file, option.value_span, value) if option.value_span is not None else None


def safe(title: str, *edits: Edit | None) -> Fix | None:
    """A fix that keeps what the author meant; None when one of its edits is not possible."""
    return _fix(title, Safety.SAFE, edits)


def unsafe(title: str, *edits: Edit | None) -> Fix | None:
    """A fix that changes what gets installed; None when one of its edits is not possible."""
    return _fix(title, Safety.UNSAFE, edits)


def _fix(title: str, safety: Safety, edits: tuple[Edit | None, ...]) -> Fix | None:
    possible = tuple(edit for edit in edits if edit is not None)
    return Fix(title, safety, possible) if len(possible) == len(edits) else None


@lru_cache(maxsize=1)
def _line_starts(file: SourceFile) -> list[int]:
    """The byte offsets at which pip's lines start: it also ends lines at characters other than newlines, as form feeds.

    Kept for the file at hand: a rule may delete every line of it.
    """
    lengths = accumulate((len(line) for line in file.text.splitlines(keepends=True)), initial=0)
    return [file.byte_offset(start) for start in list(lengths)[:-1]] if file.text else []
