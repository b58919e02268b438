"""SARIF under Microsoft's validator with GitHub's rules. It comes from npm; without it the tests say so."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mwaalint import api
from mwaalint.engine.result import Notice
from mwaalint.findings import Location, Severity, Suppression
from mwaalint.report import ReportOptions, load
from tests.reporting import finding

if TYPE_CHECKING:
    from mwaalint.engine.result import RunResult

EXAMPLE = Path(__file__).parent.parent / "examples" / "etl"
TOOL = os.environ.get("MWAALINT_SARIF_MULTITOOL")

needs_the_validator = pytest.mark.skipif(
    not TOOL, reason="MWAALINT_SARIF_MULTITOOL does not name the validator; .ci/run sets it where npm is"
)


def complaints(result: RunResult, folder: Path, **options: str) -> list[str]:
    """The errors and warnings of the validator."""
    written = folder / "out.sarif"
    written.write_text("".join(load("sarif")(result, ReportOptions(**options))), encoding="utf-8")  # type: ignore[arg-type]
    verdict = folder / "verdict.sarif"
    command = [str(TOOL), "validate", str(written), "--rule-kind", "Sarif;Ghas", "--output", str(verdict)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert verdict.is_file(), done.stdout + done.stderr
    results = json.loads(verdict.read_text(encoding="utf-8-sig"))["runs"][0].get("results", [])
    # A result without a level is a warning.
    serious = [one for one in results if one.get("level", "warning") in ("error", "warning")]
    return [f"{one['ruleId']}: {one['message']}" for one in serious]


@needs_the_validator
def test_the_example_passes(tmp_path: Path) -> None:
    assert complaints(api.check(EXAMPLE), tmp_path) == []


@needs_the_validator
def test_what_is_rare_passes_too(tmp_path: Path) -> None:
    """Suppressed findings, a crash, a file that was not read, notices, many related places, a category."""
    found = api.check(EXAMPLE)
    first, *others = found.findings
    places = tuple(Location("requirements.txt", note=f"place {number}") for number in range(150))
    crash = finding(Location("."), "MW204 crashed", code="MW002", name="check-crashed", severity=Severity.ERROR)
    unread = finding(Location("a b.tf"), "not analyzed: binary", code="MW001", name="not-analyzed")
    result = replace(
        found,
        findings=(replace(first, related=places), crash, unread),
        suppressed=tuple(replace(one, suppression=Suppression("inSource", "a reason")) for one in others),
        notices=(Notice("linked", "It is not followed.", "dags/x"), Notice("other", "No more is known.")),
        crashed=True,
    )
    assert complaints(result, tmp_path, category="etl-prod", path_prefix="infra/dev/") == []
