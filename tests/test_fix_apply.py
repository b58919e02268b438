"""Fixes: applied as promised, in rounds, and never half."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mwaalint import rulebook
from mwaalint.engine.result import RunResult
from mwaalint.findings import Edit, Finding, Fix, Location, Safety, Severity
from mwaalint.fix import FixError
from mwaalint.fix.apply import MAX_ROUNDS, diff, fix_all, write
from mwaalint.source import SourceFile, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ORIGINAL = b"alpha\nbeta\ngamma\n"


def fix(*replacements: tuple[int, int, bytes], expected: bytes | None = None, safety: Safety = Safety.SAFE) -> Fix:
    edits = tuple(
        Edit("file.txt", Span(start, end), text, ORIGINAL[start:end] if expected is None else expected)
        for start, end, text in replacements
    )
    return Fix("a fix", safety, edits)


def result(content: bytes, *fixes: Fix) -> RunResult:
    findings = tuple(Finding("MW103", "x", "m", Location("file.txt"), Severity.ERROR, fixes=(one,)) for one in fixes)
    files = {"file.txt": SourceFile("file.txt", Path("file.txt"), content)}
    return RunResult(Path(), findings, (), files, (), (), False, rulebook.shipped(), "0", 1)


def once(*fixes: Fix) -> Callable[[Mapping[str, bytes]], RunResult]:
    """A run that finds the fixes in the original text and nothing after a change."""
    return lambda overlay: result(overlay["file.txt"]) if overlay else result(ORIGINAL, *fixes)


def test_an_edit_replaces_its_bytes_and_nothing_else() -> None:
    outcome = fix_all(once(fix((6, 10, b"BETA"))), unsafe=False)
    assert outcome.changed == {"file.txt": b"alpha\nBETA\ngamma\n"}
    assert outcome.original == {"file.txt": ORIGINAL}
    assert outcome.fixed == 1


def test_two_fixes_apart_from_each_other_are_applied_in_one_round() -> None:
    outcome = fix_all(once(fix((0, 5, b"a")), fix((11, 16, b"g"))), unsafe=False)
    assert outcome.changed == {"file.txt": b"a\nbeta\ng\n"}
    assert outcome.fixed == 2


def test_fixes_that_touch_wait_for_the_next_round() -> None:
    outcome = fix_all(once(fix((0, 10, b"one")), fix((6, 16, b"two"))), unsafe=False)
    assert outcome.changed == {"file.txt": b"one\ngamma\n"}
    assert outcome.fixed == 1


def test_findings_with_the_same_fix_are_repaired_together() -> None:
    insertion = fix((0, 0, b"first\n"))
    outcome = fix_all(once(insertion, insertion), unsafe=False)
    assert outcome.changed == {"file.txt": b"first\n" + ORIGINAL}
    assert outcome.fixed == 2


def test_an_unsafe_fix_needs_to_be_asked_for() -> None:
    unsafe = fix((0, 5, b"a"), safety=Safety.UNSAFE)
    assert fix_all(once(unsafe), unsafe=False).changed == {}
    assert fix_all(once(unsafe), unsafe=True).changed == {"file.txt": b"a\nbeta\ngamma\n"}


def test_bytes_that_are_not_the_expected_ones_are_left_alone() -> None:
    outcome = fix_all(once(fix((0, 5, b"a"), expected=b"omega")), unsafe=False)
    assert (outcome.changed, outcome.fixed) == ({}, 0)


def test_a_fix_of_several_edits_is_applied_whole_or_not_at_all() -> None:
    half = Fix(
        "a fix",
        Safety.SAFE,
        (Edit("file.txt", Span(0, 5), b"a", b"alpha"), Edit("file.txt", Span(6, 10), b"b", b"nope")),
    )
    assert fix_all(once(half), unsafe=False).changed == {}


def test_rounds_go_on_until_nothing_is_left() -> None:
    def shrinking(overlay: Mapping[str, bytes]) -> RunResult:
        content = overlay.get("file.txt", b"aaaa")
        edits = [Fix("x", Safety.SAFE, (Edit("file.txt", Span(0, 1), b"", content[:1]),))] if content else []
        return result(content, *edits)

    outcome = fix_all(shrinking, unsafe=False)
    assert outcome.changed == {"file.txt": b""}
    assert outcome.fixed == 4
    assert outcome.result.findings == ()


def test_two_fixes_that_undo_each_other_do_not_run_for_ever() -> None:
    runs = 0

    def swinging(overlay: Mapping[str, bytes]) -> RunResult:
        nonlocal runs
        runs += 1
        content = overlay.get("file.txt", b"left")
        other = b"right" if content == b"left" else b"left"
        return result(content, Fix("x", Safety.SAFE, (Edit("file.txt", Span(0, len(content)), other, content),)))

    outcome = fix_all(swinging, unsafe=False)
    assert runs <= 3
    assert (outcome.changed, outcome.fixed) == ({}, 0)
    assert [file.text for file in outcome.result.sources.values()] == ["left"]


def test_where_fixes_end_up_in_a_circle_another_run_stays_there() -> None:
    """one becomes two, two becomes three, and three becomes two again."""
    follow = {b"one": b"two", b"two": b"three", b"three": b"two"}

    def circling(start: bytes) -> Callable[[Mapping[str, bytes]], RunResult]:
        def run(overlay: Mapping[str, bytes]) -> RunResult:
            content = overlay.get("file.txt", start)
            edit = Edit("file.txt", Span(0, len(content)), follow[content], content)
            return result(content, Fix("x", Safety.SAFE, (edit,)))

        return run

    assert fix_all(circling(b"one"), unsafe=False).changed == {"file.txt": b"two"}
    assert fix_all(circling(b"two"), unsafe=False).changed == {}


def test_a_fix_that_always_finds_more_stops_after_ten_rounds() -> None:
    def growing(overlay: Mapping[str, bytes]) -> RunResult:
        content = overlay.get("file.txt", b"")
        return result(content, Fix("x", Safety.SAFE, (Edit("file.txt", Span(0, 0), b"+", b""),)))

    assert fix_all(growing, unsafe=False).changed == {"file.txt": b"+" * MAX_ROUNDS}


def test_a_change_that_ends_where_it_began_is_no_change() -> None:
    assert fix_all(once(fix((0, 5, b"alpha"))), unsafe=False).changed == {}


def test_writing_keeps_the_mode_and_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "startup.sh"
    target.write_bytes(b"old")
    target.chmod(0o750)
    write(tmp_path, {"startup.sh": b"new"})
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o750
    assert [path.name for path in tmp_path.iterdir()] == ["startup.sh"]


def test_writing_through_a_link_changes_the_file_and_keeps_the_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_bytes(b"old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    write(tmp_path, {"link.txt": b"new"})
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_bytes() == b"new"


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements.txt").write_bytes(b"old")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(FixError, match=r"requirements\.txt: the fix could not be written: No space left on device"):
        write(tmp_path, {"requirements.txt": b"new"})
    assert (tmp_path / "requirements.txt").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["requirements.txt"]


def test_a_diff_reads_as_git_would_show_it() -> None:
    outcome = fix_all(once(fix((6, 10, b"BETA"))), unsafe=False)
    assert list(diff(outcome)) == [
        "--- a/file.txt\n",
        "+++ b/file.txt\n",
        "@@ -1,3 +1,3 @@\n",
        " alpha\n",
        "-beta\n",
        "+BETA\n",
        " gamma\n",
    ]


def test_a_diff_says_when_the_last_line_has_no_newline() -> None:
    outcome = fix_all(once(fix((16, 17, b""))), unsafe=False)
    assert list(diff(outcome))[-1] == "+gamma\n\\ No newline at end of file\n"


def test_a_diff_of_a_file_that_changes_its_encoding_can_be_read() -> None:
    utf16 = codecs.BOM_UTF16_LE + "six\r\n".encode("utf-16-le")
    change = Fix("x", Safety.SAFE, (Edit("file.txt", Span(0, len(utf16)), b"six==1.16.0\r\n", utf16),))
    outcome = fix_all(lambda overlay: result(overlay["file.txt"]) if overlay else result(utf16, change), unsafe=False)
    assert list(diff(outcome))[2:] == ["@@ -1 +1 @@\n", "-six\r\n", "+six==1.16.0\r\n"]


def test_a_diff_has_lines_where_the_file_has_newlines() -> None:
    """A form feed, say, ends no line."""
    content = b"a\x0cb\nc\n"
    change = Fix("x", Safety.SAFE, (Edit("file.txt", Span(4, 5), b"d", b"c"),))
    outcome = fix_all(lambda overlay: result(overlay["file.txt"]) if overlay else result(content, change), unsafe=False)
    assert list(diff(outcome))[2:] == ["@@ -1,2 +1,2 @@\n", " a\x0cb\n", "-c\n", "+d\n"]


def test_a_read_only_file_is_left_alone_and_so_are_the_others(tmp_path: Path) -> None:
    for name in ("main.tf", "requirements.txt"):
        (tmp_path / name).write_bytes(b"old")
    (tmp_path / "requirements.txt").chmod(0o444)
    with pytest.raises(FixError, match=r"^requirements\.txt: the fix could not be written: it is read-only$"):
        write(tmp_path, {"main.tf": b"new", "requirements.txt": b"new"})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "main.tf": b"old",
        "requirements.txt": b"old",
    }
