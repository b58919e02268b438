"""Every example of every page, executed: what it promises is found, and nothing else is."""

from __future__ import annotations

from datetime import date
from difflib import ndiff
from typing import TYPE_CHECKING

import pytest

from mwaalint import api
from mwaalint.fix.apply import fix_all
from tests.deployments import write_all
from tests.history import committed
from tests.pages import Example, Expectation, all_examples

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding

TODAY = date(2026, 11, 22)
EXAMPLES = all_examples()


def write(example: Example, folder: Path) -> None:
    """The example's files; where it tells what they were before, as changes to a commit."""
    if example.before:
        write_all(folder, example.files | example.before)
        committed(folder)
        for path in example.before.keys() - example.files.keys():
            (folder / path).unlink()
    for path in example.files:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(example.content(path))


def run(example: Example, folder: Path, overlay: Mapping[str, bytes] | None = None) -> RunResult:
    return api.check(folder, today=TODAY, overlay=overlay, since="HEAD" if example.before else None)


def shown(result: RunResult, finding: Finding) -> str:
    line = result.sources[finding.primary.path].position(finding.primary.span.start).line
    return f"{finding.primary.path}:{line} {finding.code} {finding.message}"


def matches(result: RunResult, finding: Finding, wanted: Expectation) -> bool:
    file = result.sources[finding.primary.path]
    line = file.position(finding.primary.span.start).line
    return (finding.code, finding.primary.path, line) == (
        wanted.code,
        wanted.path,
        wanted.line,
    ) and wanted.fragment in finding.message


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example_finds_what_it_promises_and_nothing_else(example: Example, tmp_path: Path) -> None:
    write(example, tmp_path)
    result = run(example, tmp_path)
    missing = [
        wanted
        for wanted in example.expected
        if not any(matches(result, finding, wanted) for finding in result.findings)
    ]
    extra = [
        shown(result, finding)
        for finding in result.findings
        if finding.code not in example.allowed
        and not any(matches(result, finding, wanted) for wanted in example.expected)
    ]
    assert not missing, f"not found: {missing}\nfound: {[shown(result, finding) for finding in result.findings]}"
    assert not extra, "found beside what the page promises"


@pytest.mark.parametrize("example", [example for example in EXAMPLES if example.expected], ids=str)
def test_flagged_example_speaks_of_its_own_rule(example: Example) -> None:
    assert example.code in {wanted.code for wanted in example.expected}


@pytest.mark.parametrize("example", [example for example in EXAMPLES if example.diff is not None], ids=str)
def test_fix_does_what_the_diff_shows(example: Example, tmp_path: Path) -> None:
    """The diff is of the one file that changes, whole: lines that stay, lines with - and lines with +."""
    write(example, tmp_path)
    outcome = fix_all(lambda overlay: run(example, tmp_path, overlay), unsafe="unsafe" in _fix_of(example))
    assert example.diff is not None
    after = [line[1:] for line in example.diff.splitlines() if not line.startswith("-")]
    assert len(outcome.changed) == 1, f"the fix changed {sorted(outcome.changed)}"
    (changed,) = outcome.changed.values()
    found = changed.decode().splitlines()
    assert found == after, "\n".join(ndiff(after, found))
    assert not any(finding.code == example.code and finding.fixes for finding in outcome.result.findings), (
        "the fix does not converge"
    )


def _fix_of(example: Example) -> str:
    from mwaalint.rulebook import read_page

    return read_page(example.page).fix
