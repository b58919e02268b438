"""Requirements that the local runner installs in the place of those that are deployed (MW851)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.deployments import check, write_all
from tests.local_runners import COMPOSE, runner

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.findings import Finding

CONSTRAINT = '-c "https://raw.githubusercontent.com/apache/airflow/constraints-2.10.3/constraints-3.11.txt"\n'
DEPLOYED = f"{CONSTRAINT}pysftp==0.2.8\npdfplumber==0.11.4\n"


def environment(name: str = "etl", source: str = "mwaa/requirements.txt") -> str:
    return f"""\
resource "aws_mwaa_environment" "{name}" {{
  name                           = "{name}"
  airflow_version                = "2.10.3"
  requirements_s3_path           = aws_s3_object.{name}.key
  requirements_s3_object_version = aws_s3_object.{name}.version_id
}}
resource "aws_s3_object" "{name}" {{
  bucket = "{name}"
  key    = "requirements.txt"
  source = "${{path.module}}/{source}"
}}
"""


def found(
    root: Path, tried: str, volume: str = "../local:/usr/local/airflow/requirements", **files: str
) -> list[Finding]:
    own = {"main.tf": environment(), "mwaa/requirements.txt": DEPLOYED, "local/requirements.txt": tried}
    compose = {COMPOSE: runner(f"command: local-runner\nvolumes:\n  - {volume}")}
    result = check(write_all(root, {**own, **compose, **files}))
    assert not result.crashed
    return [finding for finding in result.findings if finding.code == "MW851"]


class TestWhatDiffers:
    @pytest.mark.parametrize(
        "tried",
        [
            "pysftp==0.2.8\n",
            "pysftp\n",
            "pysftp>=0.2.9\n",
            "pysftp==0.2.9; python_version < '3.8'\n",
            "other==1\n",
            "",
            "==\n",
        ],
    )
    def test_silent(self, tmp_path: Path, tried: str) -> None:
        assert found(tmp_path, tried) == []

    def test_spellings_of_a_name_are_one(self, tmp_path: Path) -> None:
        assert len(found(tmp_path, "PySFTP==0.2.9\n")) == 1


class TestWhichFile:
    @pytest.mark.parametrize(
        "volume",
        [
            "../local:/usr/local/airflow/requirements/",
            "${PWD}/local:/usr/local/airflow/requirements",
            "../local/requirements.txt:/usr/local/airflow/requirements/requirements.txt:ro",
        ],
    )
    def test_mounts(self, tmp_path: Path, volume: str) -> None:
        assert len(found(tmp_path, "pysftp==0.2.9\n", volume)) == 1

    @pytest.mark.parametrize(
        "volume",
        [
            "../mwaa:/usr/local/airflow/requirements",
            "../gone:/usr/local/airflow/requirements",
            "$LOCAL:/usr/local/airflow/requirements",
            "../local:/opt/airflow/requirements",
        ],
    )
    def test_mounts_of_something_else(self, tmp_path: Path, volume: str) -> None:
        assert found(tmp_path, "pysftp==0.2.9\n", volume) == []

    @pytest.mark.parametrize("stage", ["dev", "staging", "env-test", "Prod"])
    def test_a_stage_differs_on_purpose(self, tmp_path: Path, stage: str) -> None:
        files = {f"{stage}/requirements.txt": "pysftp==0.2.9\n"}
        assert found(tmp_path, "", f"../{stage}:/usr/local/airflow/requirements", **files) == []

    def test_the_file_of_another_environment(self, tmp_path: Path) -> None:
        files = {"other.tf": environment("other", "local/requirements.txt")}
        assert found(tmp_path, f"{CONSTRAINT}pysftp==0.2.9\n", **files) == []

    def test_another_environment_with_requirements_that_nobody_knows(self, tmp_path: Path) -> None:
        other = (
            'variable "k" {}\nresource "aws_mwaa_environment" "o" {\n  name = "o"\n  requirements_s3_path = var.k\n}\n'
        )
        assert found(tmp_path, "pysftp==0.2.9\n", **{"other/main.tf": other}) == []

    @pytest.mark.parametrize("variable", ["S3_REQUIREMENTS_PATH=s3://b/r.txt", "REQUIREMENTS_FILE=x/y.txt"])
    def test_the_container_takes_another_one(self, tmp_path: Path, variable: str) -> None:
        body = f"environment: [{variable}]\nvolumes:\n  - ../local:/usr/local/airflow/requirements"
        assert found(tmp_path, "pysftp==0.2.9\n", **{COMPOSE: runner(body)}) == []

    def test_a_file_that_is_no_text(self, tmp_path: Path) -> None:
        write_all(tmp_path, {"local/requirements.txt": ""})
        assert found(tmp_path, "pysftp==0.2.9\0\n") == []
