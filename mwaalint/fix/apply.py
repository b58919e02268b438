"""Applies fixes in memory, round after round until nothing changes, and writes the outcome file by file, atomically."""

from __future__ import annotations

from bisect import bisect_left, insort
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from mwaalint.atomic import beside
from mwaalint.findings import Safety
from mwaalint.fix import FixError
from mwaalint.records import record
from mwaalint.source import SourceFile, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Edit, Finding, Fix
    from mwaalint.source import Span

# Each round may bring up what the one before uncovered: a list of pins that nobody needs goes from its leaves inwards.
MAX_ROUNDS = 100


@record
class Outcome:
    """What fixing made of a project: the new and the old bytes of each changed file, how many findings it repaired,
    the results of the first and of the last run.
    """

    changed: Mapping[str, bytes]
    original: Mapping[str, bytes]
    fixed: int
    first: RunResult
    result: RunResult


def fix_all(check: Callable[[Mapping[str, bytes]], RunResult], *, unsafe: bool) -> Outcome:
    """Checks and repairs in turn. ``check`` takes the bytes of files changed so far; nothing is written.

    Stops when a round has nothing to apply, when a state comes back that was seen before (which is then the outcome, so
    that another run ends there too), and after a hundred rounds. Raises FixError.
    """
    first = result = check({})
    original: dict[str, bytes] = {}
    current: dict[str, bytes] = {}
    fixed = 0
    seen: dict[frozenset[tuple[str, bytes]], int] = {frozenset(): 0}
    for _ in range(MAX_ROUNDS):
        fixes = _compatible(_applicable(result.findings, unsafe=unsafe))
        for path in {edit.path for fix, _ in fixes for edit in fix.edits}:
            original.setdefault(path, _bytes(result.sources[path]))
        before = original | current
        fixes = [(fix, count) for fix, count in fixes if _fits(fix, before)]
        if not fixes:
            break
        after = _edited(before, [fix for fix, _ in fixes])
        current = {path: data for path, data in after.items() if data != original[path]}
        state = frozenset(current.items())
        result = check(current)
        if state in seen:
            fixed = seen[state]
            break
        fixed = seen[state] = fixed + sum(count for _, count in fixes)
    return Outcome(current, {path: original[path] for path in current}, fixed, first, result)


def _bytes(file: SourceFile) -> bytes:
    try:
        return file.data
    except UnreadableFileError as error:
        raise FixError(f"{file.path}: the fix could not be made: {error}") from error


def _applicable(findings: Iterable[Finding], *, unsafe: bool) -> Iterator[Fix]:
    for finding in findings:
        fix = next((fix for fix in finding.fixes if unsafe or fix.safety is Safety.SAFE), None)
        if fix is not None:
            yield fix


def _compatible(fixes: Iterable[Fix]) -> list[tuple[Fix, int]]:
    """The fixes that do not touch each other, with how many findings share each; the others wait for the next round.
    The very same edit is shared: two fixes may want the same import.
    """
    taken = _Taken()
    chosen: dict[tuple[Edit, ...], tuple[Fix, int]] = {}
    for fix in fixes:
        if fix.edits in chosen:
            chosen[fix.edits] = (fix, chosen[fix.edits][1] + 1)
        elif all(map(taken.leaves_room, fix.edits)):
            chosen[fix.edits] = (fix, 1)
            taken.add(fix.edits)
    return list(chosen.values())


class _Taken:
    """The edits that are chosen already."""

    def __init__(self) -> None:
        self._edits: set[Edit] = set()
        self._spans: dict[str, list[Span]] = {}

    def leaves_room(self, edit: Edit) -> bool:
        """Whether an edit touches none of them, or is one of them."""
        spans = self._spans.get(edit.path, [])
        at = bisect_left(spans, edit.span)
        before = at > 0 and spans[at - 1].end >= edit.span.start
        return edit in self._edits or not (before or (at < len(spans) and spans[at].start <= edit.span.end))

    def add(self, edits: Iterable[Edit]) -> None:
        """Takes edits that belong together, among themselves as near as they like."""
        for edit in edits:
            if edit not in self._edits:
                self._edits.add(edit)
                insort(self._spans.setdefault(edit.path, []), edit.span)


def _fits(fix: Fix, files: Mapping[str, bytes]) -> bool:
    """Whether the bytes that the fix expects are there; else it is left out as a whole."""
    return all(files[edit.path][edit.span.start : edit.span.end] == edit.expected for edit in fix.edits)


def _edited(files: Mapping[str, bytes], fixes: Sequence[Fix]) -> dict[str, bytes]:
    """The bytes of the files after the fixes."""
    result = dict(files)
    # From the end to the start, so that the offsets of the edits before stay right.
    for edit in sorted({edit for fix in fixes for edit in fix.edits}, key=lambda edit: edit.span, reverse=True):
        data = result[edit.path]
        result[edit.path] = data[: edit.span.start] + edit.text + data[edit.span.end :]
    return result


def write(root: Path, changed: Mapping[str, bytes]) -> None:
    """Writes each file through a temporary one beside it, keeping its mode. Raises FixError.

    A file is either old or new, never half; and when one of them cannot be written, none is.
    """
    written: list[tuple[Path, Path]] = []
    try:
        for path, data in changed.items():
            # The target of a link is what changes, not the link.
            target = (root / path).resolve()
            try:
                written.append((beside(target, data), target))
            except OSError as error:
                raise FixError(f"{path}: the fix could not be written: {error.strerror or error}") from error
        for temporary, target in written:
            try:
                temporary.replace(target)
            except OSError as error:
                raise FixError(f"{target}: the fix could not be written: {error.strerror or error}") from error
    finally:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)


def diff(outcome: Outcome) -> Iterator[str]:
    """The changes as a unified diff, a line at a time."""
    from difflib import unified_diff

    for path in sorted(outcome.changed):
        before, after = _lines(path, outcome.original[path]), _lines(path, outcome.changed[path])
        for line in unified_diff(before, after, f"a/{path}", f"b/{path}"):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(path: str, data: bytes) -> list[str]:
    return list(StringIO(SourceFile(path, Path(path), data).text, newline="\n"))
