"""Runs ``pre-commit try-repo`` with both hooks on a repository of its own: they fail, fix and pass as they should.

python tests/try_hooks.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAIN = """\
resource "aws_mwaa_environment" "etl" {
  name                           = "etl"
  airflow_version                = "2.10.3"
  requirements_s3_path           = "requirements.txt"
  requirements_s3_object_version = var.requirements_version
}
"""
CONSTRAINT = '--constraint "https://raw.githubusercontent.com/apache/airflow/constraints-2.10.3/constraints-3.11.txt"\n'


def main() -> int:
    """Exits with 0 when the hooks do what the README says."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        git(project, "init", "--quiet")
        write(project, {"main.tf": MAIN, "dags/etl.py": "import airflow\n", "requirements.txt": "requests\n"})
        failed = hook(project, "mwaalint")
        assert failed.returncode == 1, failed.stdout
        assert "MW103" in failed.stdout, failed.stdout
        write(project, {"requirements.txt": f"{CONSTRAINT}boto3==1.35.36\n"})
        fixed = hook(project, "mwaalint-fix")
        assert fixed.returncode == 0, fixed.stdout
        passed = hook(project, "mwaalint")
        assert passed.returncode == 0, passed.stdout
        write(project, {"notes.md": "nothing of MWAA\n"})
        skipped = hook(project, "mwaalint", "--files", "notes.md")
        assert "Skipped" in skipped.stdout, skipped.stdout
        # A fix is a change that pre-commit shows and stops for.
        write(project, {"requirements.txt": "requests==2.32.3\n"})
        changed = hook(project, "mwaalint-fix")
        assert changed.returncode == 1, changed.stdout
        assert "--constraint" in (project / "requirements.txt").read_text(encoding="utf-8")
    print("both hooks do what the README says")
    return 0


def hook(project: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What one hook says of all files of the project, or of those named."""
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), name, "--verbose", "--color", "never"]
    return subprocess.run(
        [*command, *(arguments or ("--all-files",))], cwd=project, capture_output=True, text=True, check=False
    )


def write(project: Path, files: dict[str, str]) -> None:
    """Writes files and stages everything, as hooks look at what is staged."""
    for name, text in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(project, "add", "--all")


def git(project: Path, *arguments: str) -> None:
    """Runs git in the project."""
    subprocess.run(["git", *arguments], cwd=project, check=True)


if __name__ == "__main__":
    sys.exit(main())
