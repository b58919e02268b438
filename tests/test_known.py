"""Findings that were known before: by what they are, wherever they are now."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.engine.known import Entry, remembered, told_apart
from mwaalint.engine.merge import finished
from mwaalint.findings import Finding, Location, Severity, kind_of
from mwaalint.source import Span

FILES = ("a/main.tf", "a/mwaa.tf", "b/main.tf", "requirements.txt")


def finding(path: str, symbol: str = "", subject: str = "", line: int = 0, code: str = "MW109") -> Finding:
    place = Location(path, Span(line, line + 1), symbol)
    return Finding(code, "x", f"{symbol} {subject}", place, Severity.NOTE, subject=subject)


def entries(*findings: Finding) -> list[Entry]:
    return [remembered(one) for one in finished(findings)]


def new(now: list[Finding], known: list[Entry], files: tuple[str, ...] = FILES) -> list[Finding]:
    return told_apart(list(finished(now)), known, lambda path: path in files).new


def test_another_line_is_the_same_finding() -> None:
    known = entries(finding("requirements.txt", "six", line=3), finding("requirements.txt", "black", line=4))
    assert new([finding("requirements.txt", "black", line=9), finding("requirements.txt", "six", line=12)], known) == []


def test_one_more_of_a_kind_is_one_new_finding() -> None:
    known = entries(finding("requirements.txt", "six"))
    now = [finding("requirements.txt", "six", line=line) for line in (1, 5)]
    assert len(new(now, known)) == 1


def test_a_finding_follows_its_file_under_another_name() -> None:
    known = entries(finding("old.txt"), finding("old.txt", "six"))
    assert new([finding("requirements.txt"), finding("requirements.txt", "six")], known) == []


def test_a_finding_of_a_file_that_stays_does_not_excuse_another_file() -> None:
    known = entries(finding("a/main.tf", "this.min_workers"), finding("requirements.txt"))
    assert len(new([finding("b/main.tf", "this.min_workers"), finding("a/mwaa.tf")], known)) == 2


def test_a_resource_that_moves_within_its_folder_is_the_same() -> None:
    known = entries(finding("a/main.tf", "this.min_workers"))
    assert new([finding("a/mwaa.tf", "this.min_workers")], known) == []


def test_what_was_repaired_is_told() -> None:
    known = entries(finding("requirements.txt", "six"), finding("requirements.txt", "black"))
    found = told_apart(list(finished([finding("requirements.txt", "six")])), known, FILES.__contains__)
    assert [entry.symbol for entry in found.gone] == ["black"]
    assert [one.primary.symbol for one in found.known] == ["six"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.builds(finding, st.sampled_from(FILES), st.sampled_from(["", "a", "b"]), st.sampled_from(["", "x"])),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_the_same_findings_are_all_known_in_any_order_and_none_is_counted_twice(
    findings: list[Finding], random: object
) -> None:
    known = entries(*findings)
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    found = told_apart(list(finished(shuffled)), known, FILES.__contains__)
    assert (found.new, found.gone, len(found.known)) == ([], [], len(findings))
    again = told_apart(list(finished([*findings, finding("b/main.tf", "c")])), known, FILES.__contains__)
    assert [one.primary.symbol for one in again.new] == ["c"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.builds(finding, st.sampled_from(FILES), st.sampled_from(["", "a"]), line=st.integers(0, 9)), max_size=9)
)
def test_fingerprints_are_unique_and_tell_their_kind(findings: list[Finding]) -> None:
    named = list(finished(findings))
    assert len({one.fingerprint for one in named}) == len(named)
    kinds = Counter(kind_of(one.fingerprint) for one in named)
    assert sorted(kinds.values()) == sorted(Counter(one.primary.symbol for one in findings).values())


def test_fingerprints_stay_when_a_file_moves() -> None:
    before = {one.fingerprint for one in finished([finding("a/main.tf", "x"), finding("requirements.txt")])}
    after = {one.fingerprint for one in finished([finding("b/main.tf", "x"), finding("airflow/requirements.txt")])}
    assert after == before
