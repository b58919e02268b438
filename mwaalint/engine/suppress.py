"""Ignore comments: ``# mwaalint: ignore[MW204] reason`` on a line of the finding or alone above it,
``ignore-file[...]`` anywhere.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mwaalint.findings import Finding, Location, Suppression
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping, Sequence

    from mwaalint.rulebook import Rulebook
    from mwaalint.source import SourceFile

_COMMENT = regex(r"(?:#|//)\s*mwaalint:\s*(?P<kind>ignore-file|ignore)\[(?P<rules>[^\]\n]*)\](?P<reason>[^\n]*)")
_BARE = regex(r"(?:#|//)\s*mwaalint:\s*ignore(-file)?(?![\w-]|\[[^\]\n]*\])")


_WORD = regex(r"\w")


@dataclass(slots=True)
class IgnoreComment:
    """One comment and which of its codes silenced something."""

    file: SourceFile
    line: int
    location: Location
    codes: Mapping[str, str]  # code -> as written
    unknown: Sequence[str]
    reason: str
    whole_file: bool
    alone: bool
    used: set[str] = field(default_factory=set)

    def covers(self, code: str, first_line: int, last_line: int) -> bool:
        if code not in self.codes:
            return False
        if self.whole_file or first_line <= self.line <= last_line:
            return True
        return self.alone and self.line == first_line - 1


def may_be_commented(file: SourceFile) -> bool:
    """Whether a file may hold ignore comments; in other encodings these have other bytes. Raises
    UnreadableFileError.
    """
    return b"mwaalint:" in file.data or bool(file.mark)


def read_comments(files: Iterable[SourceFile], rulebook: Rulebook) -> dict[str, list[IgnoreComment]]:
    """The ignore comments of each file, by path."""
    found: dict[str, list[IgnoreComment]] = defaultdict(list)
    for file in files:
        try:
            text = file.text if may_be_commented(file) else ""
        except UnreadableFileError:
            continue
        for match in _COMMENT.finditer(text):
            found[file.path].append(_comment(file, match, rulebook))
        for match in _BARE.finditer(text):
            found[file.path].append(_without_codes(file, match))
    return found


def _comment(file: SourceFile, match: re.Match[str], rulebook: Rulebook) -> IgnoreComment:
    words = [word.strip() for word in match["rules"].split(",") if word.strip()]
    codes = {code: word for word in words if (code := rulebook.code_of(word))}
    return _placed(
        file, match, codes, [word for word in words if rulebook.code_of(word) is None], match["reason"].strip()
    )


def _without_codes(file: SourceFile, match: re.Match[str]) -> IgnoreComment:
    return _placed(file, match, {}, [], "")


def _placed(
    file: SourceFile, match: re.Match[str], codes: Mapping[str, str], unknown: Sequence[str], reason: str
) -> IgnoreComment:
    location = Location(file.path, file.span(match.start(), match.end()))
    line = file.position(location.span.start).line
    before = file.line_text(line)[: match.start() - file.line_starts[line - 1]]
    whole_file = "ignore-file" in match[0].partition("[")[0]
    return IgnoreComment(file, line, location, codes, unknown, reason, whole_file, alone=not before.strip())


def suppress(
    findings: Iterable[Finding], comments: Mapping[str, list[IgnoreComment]], files: Mapping[str, SourceFile]
) -> tuple[list[Finding], list[Finding]]:
    """The findings that stay and those that a comment silences, the latter with the reason. Marks the comments as used.

    A comment works at the finding's own place and at a related one: where a value is written and where it is used.
    """
    kept, silenced = [], []
    for finding in findings:
        try:
            comment = _covering(finding, comments, files)
        except UnreadableFileError:  # it changed since its comments were read
            comment = None
        if comment is None:
            kept.append(finding)
        else:
            comment.used.add(finding.code)
            silenced.append(replace(finding, suppression=Suppression("inSource", comment.reason)))
    return kept, silenced


def _covering(
    finding: Finding, comments: Mapping[str, list[IgnoreComment]], files: Mapping[str, SourceFile]
) -> IgnoreComment | None:
    for place in (finding.primary, *finding.related):
        for comment in comments.get(place.path, ()):
            first, last = _lines(place, files[place.path])
            if comment.covers(finding.code, first, last):
                return comment
    return None


def _lines(place: Location, file: SourceFile) -> tuple[int, int]:
    first = file.position(place.span.start).line
    # A resource is found at its header; the comment stands on it, not somewhere in its body.
    return first, max(first, file.position(max(place.span.end - 1, place.span.start)).line)


def useless(
    comments: Mapping[str, list[IgnoreComment]], ran: Iterable[str], *, require_reason: bool = False
) -> list[tuple[IgnoreComment, str, str]]:
    """What is wrong with ignore comments: (comment, message key, the word concerned).

    A code whose rule did not run is left alone: it may be needed in another run.
    """
    active = set(ran)
    found: list[tuple[IgnoreComment, str, str]] = []
    for comment in (comment for group in comments.values() for comment in group):
        found += [(comment, "unknown", word) for word in comment.unknown]
        found += [
            (comment, "unused", word)
            for code, word in comment.codes.items()
            if code in active and code not in comment.used
        ]
        if not comment.codes and not comment.unknown:
            found.append((comment, "empty", ""))
        if require_reason and comment.used and not _WORD.search(comment.reason):
            found.append((comment, "reason", ", ".join(comment.codes[code] for code in sorted(comment.used))))
    return found
