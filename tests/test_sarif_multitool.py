"""The example's SARIF under Microsoft's validator with GitHub's rules. It comes from npm; without it the test says
so.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from mwaalint import api
from mwaalint.report import ReportOptions, load

EXAMPLE = Path(__file__).parent.parent / "examples" / "etl"
TOOL = os.environ.get("MWAALINT_SARIF_MULTITOOL")


@pytest.mark.skipif(
    not TOOL, reason="MWAALINT_SARIF_MULTITOOL does not name the validator; .ci/run sets it where npm is"
)
def test_the_examples_sarif_passes_the_validator_without_errors(tmp_path: Path) -> None:
    written = tmp_path / "out.sarif"
    written.write_text("".join(load("sarif")(api.check(EXAMPLE), ReportOptions())), encoding="utf-8")
    verdict = tmp_path / "verdict.sarif"
    command = [str(TOOL), "validate", str(written), "--rule-kind", "Sarif;Ghas", "--output", str(verdict)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert verdict.is_file(), done.stdout + done.stderr
    results = json.loads(verdict.read_text(encoding="utf-8-sig"))["runs"][0].get("results", [])
    serious = [
        f"{result['ruleId']}: {result['message']}" for result in results if result.get("level") in ("error", "warning")
    ]
    assert serious == []
