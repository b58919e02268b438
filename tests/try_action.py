"""Runs the scripts of action.yml by hand, as a runner would, on a clean and on a broken deployment.

python tests/try_action.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
CLEAN = 'resource "aws_mwaa_environment" "etl" {\n  name = "etl"\n  airflow_version = var.version\n}\n'


def main() -> int:
    """Exits with 0 when the steps do what the action's page says."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    install, check, _ = action["runs"]["steps"]
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(Path(folder))
        runner.run(install, {})
        clean = runner.root / "clean"
        clean.mkdir()
        (clean / "main.tf").write_text(CLEAN, encoding="utf-8")
        expect(runner.run(check, runner.inputs(check, path=clean)), 0, "a clean deployment passes")
        broken = runner.inputs(check, path=ROOT / "examples" / "etl")
        expect(runner.run(check, broken), 1, "errors fail the job")
        found = json.loads(Path(runner.outputs["sarif"]).read_text(encoding="utf-8"))["runs"][0]["results"]
        expect("MW103" in {result["ruleId"] for result in found}, True, "the SARIF has them")
        expect(runner.run(check, broken | {"CHECK_FAIL_ON": "never"}), 0, "fail-on is heard")
        expect(runner.run(check, broken | {"CHECK_ARGUMENTS": "--select MW106 --ignore MW2"}), 0, "arguments are heard")
        expect(runner.run(check, broken | {"CHECK_PATH": "nowhere"}), 2, "a wrong path is wrong usage")
    print("the action's steps do what it says")
    return 0


class Runner:
    """What GitHub's runner gives a step: folders, files for outputs, and the shell it runs scripts with."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.outputs: dict[str, str] = {}

    def inputs(self, step: Any, *, path: Path) -> dict[str, str]:
        """The variables of the check step, with the action's defaults."""
        named = dict.fromkeys(step["env"], "")
        return {**named, "MWAALINT": self.outputs["mwaalint"], "CHECK_PATH": str(path)}

    def run(self, step: Any, variables: dict[str, str]) -> int:
        """The exit code of a step's script; its outputs are kept."""
        outputs = self.root / "outputs"
        outputs.write_text("", encoding="utf-8")
        given = {"RUNNER_TEMP": str(self.root), "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_OUTPUT": str(outputs)}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            env={**os.environ, **given, **variables},
            cwd=self.root,
            check=False,
            stdout=subprocess.DEVNULL,
        )
        lines = outputs.read_text(encoding="utf-8").splitlines()
        self.outputs |= dict(line.split("=", 1) for line in lines)
        return done.returncode


def expect(found: object, wanted: object, what: str) -> None:
    """Raises AssertionError when something is not as the action's page says."""
    assert found == wanted, f"{what}: {found!r} in place of {wanted!r}"


if __name__ == "__main__":
    sys.exit(main())
