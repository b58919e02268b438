"""Small deployments for tests, written to a folder."""

from __future__ import annotations

from datetime import date
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from mwaalint import api
from mwaalint.config import Config

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding

TODAY = date(2026, 11, 22)
CONSTRAINT = '--constraint "https://raw.githubusercontent.com/apache/airflow/constraints-2.10.3/constraints-3.11.txt"\n'
ENVIRONMENT = """\
resource "aws_mwaa_environment" "etl" {
  name                           = "etl"
  airflow_version                = "2.10.3"
  environment_class              = "mw1.small"
  requirements_s3_path           = aws_s3_object.requirements.key
  requirements_s3_object_version = aws_s3_object.requirements.version_id

  airflow_configuration_options = { "celery.worker_autoscale" = "4,4" }
}

resource "aws_s3_object" "requirements" {
  bucket = "bucket"
  key    = "requirements.txt"
  source = "${path.module}/requirements.txt"
}
"""


def write(root: Path, **files: str) -> Path:
    """Writes files named by keyword: ``main__tf`` is main.tf, ``dags___etl__py`` is dags/etl.py."""
    return write_all(root, {name.replace("___", "/").replace("__", "."): text for name, text in files.items()})


def write_all(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(dedent(text).encode())
    return root


def check(root: Path, config: Config | None = None, **options: Any) -> RunResult:
    """A run as of a fixed day."""
    return api.check(root, config or Config(), today=TODAY, **options)


def lines(result: RunResult, findings: tuple[Finding, ...] | None = None) -> list[str]:
    """Findings as ``path:line CODE``, in order."""
    return [line(result, finding) for finding in (result.findings if findings is None else findings)]


def line(result: RunResult, finding: Finding) -> str:
    file = result.sources.get(finding.primary.path)
    number = file.position(finding.primary.span.start).line if file else 0
    return f"{finding.primary.path}:{number} {finding.code}"
