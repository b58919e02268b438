"""Tells findings that were known before from new ones, though lines have moved and files have other names."""

from __future__ import annotations

from collections import defaultdict
from posixpath import dirname
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.findings import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mwaalint.findings import Finding


class Entry(NamedTuple):
    """A finding as it is remembered; all but path, symbol and fingerprint is for people."""

    path: str
    code: str
    symbol: str
    message: str
    fingerprint: str


class Sorted(NamedTuple):
    """Findings told apart; ``gone`` are the entries that no finding answers to."""

    new: list[Finding]
    known: list[Finding]
    gone: list[Entry]


def remembered(finding: Finding, path: str | None = None) -> Entry:
    """The finding as an entry, under another path where the reader counts paths from elsewhere."""
    place = finding.primary
    return Entry(place.path if path is None else path, finding.code, place.symbol, finding.message, finding.fingerprint)


def told_apart(findings: Sequence[Finding], entries: Iterable[Entry], exists: Callable[[str], bool]) -> Sorted:
    """Which findings the entries speak of: as many of a kind in a file as there are entries.

    One in another file than its entry counts as moved when that file is gone, or when the same symbol moved within its
    folder; else it is a new one of the same kind, and the old one was repaired.
    """
    at_home: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        at_home[kind_of(entry.fingerprint), entry.path].append(entry)
    homes = [at_home.get((kind_of(finding.fingerprint), finding.primary.path)) for finding in findings]
    answered = [bool(home and home.pop(0)) for home in homes]
    elsewhere: dict[str, list[Entry]] = defaultdict(list)
    for (kind, _), group in at_home.items():
        elsewhere[kind] += group
    found = Sorted([], [], [])
    for finding, known in zip(findings, answered, strict=True):
        is_known = known or _came_from(finding, elsewhere[kind_of(finding.fingerprint)], exists)
        (found.known if is_known else found.new).append(finding)
    found.gone.extend(sorted(entry for group in elsewhere.values() for entry in group))
    return found


def _came_from(finding: Finding, entries: list[Entry], exists: Callable[[str], bool]) -> bool:
    """Whether one of the entries is of the same finding before it moved; takes that entry away."""
    folder = dirname(finding.primary.path)
    for index, entry in enumerate(entries):
        if not exists(entry.path) or (entry.symbol and dirname(entry.path) == folder):
            del entries[index]
            return True
    return False
