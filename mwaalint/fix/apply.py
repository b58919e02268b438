"""Applies fixes in memory, round after round until nothing changes, and writes the outcome file by file, atomically."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mwaalint.findings import Safety
from mwaalint.fix import FixError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Edit, Finding, Fix

MAX_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What fixing made of a project: the new and the old bytes of each changed file, how many findings it repaired,
    the last result.
    """

    changed: Mapping[str, bytes]
    original: Mapping[str, bytes]
    fixed: int
    result: RunResult


def fix_all(check: Callable[[Mapping[str, bytes]], RunResult], *, unsafe: bool) -> Outcome:
    """Checks and repairs in turn. ``check`` takes the bytes of files changed so far; nothing is written.

    Stops when a round has nothing to apply, when a state comes back that was seen before, and after ten rounds.
    """
    result = check({})
    original: dict[str, bytes] = {}
    current: dict[str, bytes] = {}
    seen: set[frozenset[tuple[str, bytes]]] = {frozenset()}
    fixed = 0
    for _ in range(MAX_ROUNDS):
        fixes = _compatible(_applicable(result.findings, unsafe=unsafe))
        if not fixes:
            break
        for path in {edit.path for fix, _ in fixes for edit in fix.edits}:
            original.setdefault(path, result.sources[path].data)
        after = current | _edited(
            {path: current.get(path, original[path]) for path in original}, [fix for fix, _ in fixes]
        )
        state = frozenset(after.items())
        if state in seen:
            break
        seen.add(state)
        current = after
        fixed += sum(count for _, count in fixes)
        result = check(current)
    changed = {path: data for path, data in current.items() if data != original[path]}
    return Outcome(changed, {path: original[path] for path in changed}, fixed, result)


def _applicable(findings: Iterable[Finding], *, unsafe: bool) -> Iterator[Fix]:
    for finding in findings:
        fix = next((fix for fix in finding.fixes if unsafe or fix.safety is Safety.SAFE), None)
        if fix is not None:
            yield fix


def _compatible(fixes: Iterable[Fix]) -> list[tuple[Fix, int]]:
    """The fixes that do not touch each other, with how many findings share each; the others wait for the next round."""
    taken: list[Edit] = []
    chosen: dict[tuple[Edit, ...], tuple[Fix, int]] = {}
    for fix in fixes:
        if fix.edits in chosen:
            chosen[fix.edits] = (fix, chosen[fix.edits][1] + 1)
        elif not any(_touch(edit, other) for edit in fix.edits for other in taken):
            chosen[fix.edits] = (fix, 1)
            taken += fix.edits
    return list(chosen.values())


def _touch(left: Edit, right: Edit) -> bool:
    return left.path == right.path and left.span.start <= right.span.end and right.span.start <= left.span.end


def _edited(files: Mapping[str, bytes], fixes: Sequence[Fix]) -> dict[str, bytes]:
    """The bytes of the files after the fixes. A fix whose expected bytes are not there is left out as a whole."""
    edits = [
        edit
        for fix in fixes
        if all(files[edit.path][edit.span.start : edit.span.end] == edit.expected for edit in fix.edits)
        for edit in fix.edits
    ]
    result = dict(files)
    # From the end to the start, so that the offsets of the edits before stay right.
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        data = result[edit.path]
        result[edit.path] = data[: edit.span.start] + edit.text + data[edit.span.end :]
    return result


def write(root: Path, changed: Mapping[str, bytes]) -> None:
    """Writes each file through a temporary one beside it, keeping its mode. Raises FixError; a file is either old or
    new, never half.
    """
    import os
    import tempfile

    for path, data in changed.items():
        # The target of a link is what changes, not the link.
        target = (root / path).resolve()
        try:
            mode = target.stat().st_mode
            handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                Path(temporary).chmod(mode)
                Path(temporary).replace(target)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise FixError(f"{path}: the fix could not be written: {error.strerror or error}") from error


def diff(outcome: Outcome, encodings: Mapping[str, str]) -> Iterator[str]:
    """The changes as a unified diff, a line at a time."""
    from difflib import unified_diff

    for path in sorted(outcome.changed):
        codec = encodings.get(path, "utf-8")
        before = outcome.original[path].decode(codec, "replace").splitlines(keepends=True)
        after = outcome.changed[path].decode(codec, "replace").splitlines(keepends=True)
        for line in unified_diff(before, after, f"a/{path}", f"b/{path}"):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
