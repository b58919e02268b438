"""Makes the smallest edits of what checks want changed in Python code.

Only the expression or import that changes is taken apart. What comes of it is believed when the whole file still
parses, to the same syntax tree but for the change that was asked for; else there is no fix.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.documents import python
from mwaalint.fix._batches import batches
from mwaalint.fix._changes import Changes
from mwaalint.fix._same_tree import same_but
from mwaalint.source import SourceFile, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Edit, Finding, Fix
    from mwaalint.fix._batches import Change
    from mwaalint.rewrites import Rewrite

    Rewrites = tuple[Rewrite, ...]
    EditsOf = Callable[[SourceFile, Sequence[Rewrites]], dict[Rewrites, tuple[Edit, ...]]]

_MOST_TRIALS = 100


def with_edits(result: RunResult, edits_of: EditsOf) -> RunResult:
    """The result with edits in place of rewrites. A fix that cannot be made is left out."""
    fixes = [fix for finding in (*result.findings, *result.suppressed) for fix in finding.fixes if fix.rewrites]
    if not fixes:
        return result
    wanted: dict[str, dict[Rewrites, None]] = {}
    for fix in fixes:
        wanted.setdefault(fix.rewrites[0].path, {})[fix.rewrites] = None
    made: dict[Rewrites, tuple[Edit, ...]] = {}
    for path, those in wanted.items():
        # Who changed the file meanwhile may have repaired it.
        with suppress(UnreadableFileError):
            made |= edits_of(result.sources[path], list(those)) if path in result.sources else {}

    def finished(finding: Finding) -> Finding:
        possible = (fix for fix in finding.fixes if not fix.rewrites or fix.rewrites in made)
        return replace(finding, fixes=tuple(_made(fix, made.get(fix.rewrites, ())) for fix in possible))

    findings, suppressed = map(finished, result.findings), map(finished, result.suppressed)
    return replace(result, findings=tuple(findings), suppressed=tuple(suppressed))


def edits_of(file: SourceFile, wanted: Sequence[Rewrites]) -> dict[Rewrites, tuple[Edit, ...]]:
    """The edits of each group of rewrites of a file; groups that cannot be done are left out. Raises
    UnreadableFileError.
    """
    rewriter = Rewriter(file)
    try:
        return rewriter.all_edits(wanted)
    finally:
        rewriter.close()


def _made(fix: Fix, edits: tuple[Edit, ...]) -> Fix:
    return replace(fix, edits=(*fix.edits, *edits), rewrites=()) if fix.rewrites else fix


class Rewriter:
    """Makes edits of rewrites of one file."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._changes = Changes(file)
        # Each trial parses the file: one where nearly every change fails is odd, and not worth hours.
        self._trials = _MOST_TRIALS

    def close(self) -> None:
        """Lets go of the syntax tree, so that memory is free at once."""
        self._changes.close()

    def edits(self, rewrites: Rewrites) -> tuple[Edit, ...] | None:
        """The edits of rewrites that belong together; None where one of them is not plain to do."""
        return self.all_edits([rewrites]).get(rewrites)

    def all_edits(self, wanted: Sequence[Rewrites]) -> dict[Rewrites, tuple[Edit, ...]]:
        """The edits of each group of rewrites. Groups where one is not plain to do are left out."""
        planned = {at: changes for at, rewrites in enumerate(wanted) if (changes := self._planned(rewrites))}
        right = [at for batch in batches(planned) for at in self._right(batch, planned)]
        return {wanted[at]: _edits(planned[at]) for at in sorted(right)}

    def _planned(self, rewrites: Rewrites) -> list[Change]:
        """The changes of rewrites that belong together, none when one of them cannot be done."""
        try:
            changes = [change for rewrite in rewrites for change in self._changes.of(rewrite)]
        except (ValueError, RecursionError, MemoryError):
            return []
        return changes if _edits(changes) else []

    def _right(self, members: Sequence[int], planned: Mapping[int, Sequence[Change]]) -> Sequence[int]:
        """The members of a batch that do what they should: all of them, or those of its halves."""
        self._trials -= 1
        if self._trials < 0:
            return ()
        if self._holds([change for at in members for change in planned[at]]):
            return members
        half = len(members) // 2
        return [*self._right(members[:half], planned), *self._right(members[half:], planned)] if half else ()

    def _holds(self, changes: Sequence[Change]) -> bool:
        """Whether the file after the changes is what it was, but for what should change."""
        pieces, end = [], 0
        for edit in sorted(_edits(changes), key=lambda edit: edit.span):
            pieces += [self._file.data[end : edit.span.start], edit.text]
            end = edit.span.end
        data = b"".join([*pieces, self._file.data[end:]])
        after = python.parse(SourceFile(self._file.path, self._file.absolute, data))
        try:
            return after is not None and same_but(
                self._changes.tree, after, {one.node: one.expected for one in changes}
            )
        except RecursionError:
            return False


def _edits(changes: Sequence[Change]) -> tuple[Edit, ...]:
    """The edits of changes, each once, without those that change nothing."""
    return tuple(dict.fromkeys(one.edit for one in changes if one.edit.text != one.edit.expected))
