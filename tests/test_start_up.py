"""A run imports what its project needs: no reader of files that it does not have."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = """\
resource "aws_mwaa_environment" "etl" {
  name            = "etl"
  airflow_version = "2.10.3"
  dag_s3_path     = "dags"
}
"""
DAG = """\
from airflow import DAG
from airflow.operators.empty import EmptyOperator

with DAG("etl", schedule=None):
    EmptyOperator(task_id="a")
"""
HEAVY = ("yaml", "libcst", "tree_sitter_bash", "tree_sitter_typescript", "pip_requirements_parser", "multiprocessing")


def imported(root: Path) -> set[str]:
    """The modules that a check of a project imports."""
    code = "import sys\nfrom mwaalint.cli import run\nrun()\nprint('MODULES', *sys.modules)"
    words = [sys.executable, "-c", code, "check", "--no-cache", str(root)]
    result = subprocess.run(words, capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "100"})
    return set(result.stdout.rpartition("MODULES")[2].split())


def test_an_environment_with_requirements_needs_the_readers_of_both(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(ENVIRONMENT)
    (tmp_path / "requirements.txt").write_text("snowflake-connector-python==3.12.0\n")
    found = imported(tmp_path)
    assert {"tree_sitter_hcl", "mwaalint.documents.requirements"} <= found
    assert found.isdisjoint(HEAVY)
    unwanted = ("documents.python", "documents.shell_syntax", "model.dag_model", "model.dag_reading", "engine.code")
    assert found.isdisjoint(f"mwaalint.{name}" for name in unwanted)
    assert not [name for name in found if name.startswith("mwaalint.checks.dags.")]


def test_dags_need_no_reader_of_shell_or_dbt_where_they_use_none(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(ENVIRONMENT)
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "etl.py").write_text(DAG)
    found = imported(tmp_path)
    assert "mwaalint.documents.python_document" in found
    assert found.isdisjoint(HEAVY)
    assert found.isdisjoint({"mwaalint.documents.shell_syntax", "mwaalint.model.dbt_shell", "mwaalint.model.dbt_runs"})
