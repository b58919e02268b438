"""Which file is taken for the startup script of a deployment, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.deployments import check, write_all

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.model.deployment import Deployment

ENVIRONMENT = """\
resource "aws_mwaa_environment" "etl" {{
  name                   = "etl"
  airflow_version        = "2.10.3"
  startup_script_s3_path = {path}
}}
"""
UPLOAD = """
resource "aws_s3_object" "startup" {{
  key = "startup.sh"
  {content}
}}
"""
DAG = {"dags/etl.py": "from airflow import DAG\nwith DAG('etl'): pass\n", "README.md": "Runs on MWAA.\n"}


def deployment(root: Path, files: dict[str, str]) -> Deployment:
    write_all(root, files)
    (found,) = check(root).deployments
    return found


def found(root: Path, files: dict[str, str]) -> tuple[str, str] | None:
    """The script and the confidence, None where there is none."""
    result = deployment(root, files)
    if result.startup_script is None:
        return None
    assert result.startup_evidence is not None
    return result.startup_script.path, str(result.startup_evidence.confidence)


def test_an_upload_at_the_environments_path(tmp_path: Path) -> None:
    main = ENVIRONMENT.format(path="aws_s3_object.startup.key") + UPLOAD.format(content='source = "scripts/init.sh"')
    assert found(tmp_path, {"main.tf": main, "scripts/init.sh": "", "startup.sh": ""}) == ("scripts/init.sh", "high")


@pytest.mark.parametrize("function", ["file", "templatefile"])
def test_a_script_that_terraform_reads(tmp_path: Path, function: str) -> None:
    arguments = '"${path.module}/startup.sh"' + (", { stage = 1 }" if function == "templatefile" else "")
    main = ENVIRONMENT.format(path='"startup.sh"') + UPLOAD.format(content=f"content = {function}({arguments})")
    result = deployment(tmp_path, {"main.tf": main, "startup.sh": "export A=1\n"})
    assert result.startup_script is not None
    assert result.startup_rendered is (function == "templatefile")


def test_a_template_of_requirements_is_not_taken_for_what_is_uploaded(tmp_path: Path) -> None:
    main = (
        ENVIRONMENT.format(path='"startup.sh"')
        .replace("startup_script_s3_path", "requirements_s3_path")
        .replace("startup.sh", "requirements.txt")
    )
    main += UPLOAD.format(content='content = templatefile("req.txt.tpl", {})').replace("startup.sh", "requirements.txt")
    assert deployment(tmp_path, {"main.tf": main, "req.txt.tpl": "${x}\n"}).requirements is None


@pytest.mark.parametrize(
    ("path", "files", "wanted"),
    [
        ('"config/init.sh"', ["config/init.sh"], ("config/init.sh", "high")),
        ('"startup.sh"', ["startup.sh"], ("startup.sh", "medium")),
        ('"startup.sh"', ["dags/etl.py", "startup_script/startup.sh"], ("startup_script/startup.sh", "medium")),
        ("var.path", ["infra/mwaa-startup.sh"], ("infra/mwaa-startup.sh", "medium")),
        ("var.path", ["a/startup.sh", "b/startup.sh"], None),
        ("var.path", ["docker/startup.sh"], None),
        ("var.path", ["tools/build.sh"], None),
        ('"init.sh"', ["tools/init.sh", "startup.sh"], ("tools/init.sh", "medium")),
        ("null", ["startup.sh"], None),
    ],
)
def test_without_an_upload(tmp_path: Path, path: str, files: list[str], wanted: tuple[str, str] | None) -> None:
    texts = {name: "export A=1\n" for name in files if name.endswith(".sh")}
    texts |= {"main.tf": ENVIRONMENT.format(path=path) + 'variable "path" {}\n', **DAG}
    assert found(tmp_path, texts) == wanted


@pytest.mark.parametrize("text", ["docker compose up -d\n", "airflow webserver\n", 'exec "$@"\n', "gunicorn app\n"])
def test_a_script_that_starts_something_else_is_not_it(tmp_path: Path, text: str) -> None:
    main = ENVIRONMENT.format(path="var.path") + 'variable "path" {}\n'
    assert found(tmp_path, {"main.tf": main, "startup.sh": text}) is None


@pytest.mark.parametrize("path", ["startup.sh", "startup_script/startup.sh", "startup/startup.sh"])
def test_beside_the_dags_where_no_environment_is_declared(tmp_path: Path, path: str) -> None:
    assert found(tmp_path, {**DAG, path: "export A=1\n"}) == (path, "medium")


@pytest.mark.parametrize(
    ("path", "text", "script"),
    [
        ("mwaa/startup.sh", "export A=1\n", "mwaa/startup.sh"),
        ("infra/startup.sh", "# MWAA runs this in each container\nexport A=1\n", "infra/startup.sh"),
        ("infra/startup.sh", "cd /usr/local/airflow\n", "infra/startup.sh"),
        ("web/startup.sh", "export A=1\n", None),
        ("mwaa/startup.sh", "docker compose up -d\n", None),
        ("mwaa/deploy.sh", "export A=1\n", None),
    ],
)
def test_elsewhere_only_one_that_speaks_of_mwaa(tmp_path: Path, path: str, text: str, script: str | None) -> None:
    assert found(tmp_path, {**DAG, path: text}) == ((script, "medium") if script else None)


def test_of_several_that_do_none_is_taken(tmp_path: Path) -> None:
    scripts = {"mwaa/dev/startup.sh": "export A=1\n", "mwaa/prod/startup.sh": "export A=2\n"}
    assert found(tmp_path, {**DAG, **scripts}) is None


def test_an_environment_that_names_no_script_has_none(tmp_path: Path) -> None:
    main = 'resource "aws_mwaa_environment" "etl" {\n  name = "etl"\n}\n'
    assert found(tmp_path, {**DAG, "main.tf": main, "startup.sh": "export A=1\n"}) is None


@pytest.mark.parametrize("deploys", ["./put infra/startup.sh\n", "./put other.sh\n"])
def test_a_parameter_that_a_deploy_step_fills_in(tmp_path: Path, deploys: str) -> None:
    template = """\
    Parameters:
      Path: {Type: String, Default: ""}
    Conditions:
      HasScript: !Not [!Equals [!Ref Path, ""]]
    Resources:
      Etl:
        Type: AWS::MWAA::Environment
        Properties:
          Name: etl
          StartupScriptS3Path: !If [HasScript, !Ref Path, !Ref "AWS::NoValue"]
    """
    files = {"template.yaml": template, "infra/startup.sh": "export A=1\n", "scripts/deploy.sh": deploys}
    assert found(tmp_path, files) == (("infra/startup.sh", "medium") if "startup" in deploys else None)


def test_a_script_that_cannot_be_parsed_is_said_to_be_so(tmp_path: Path) -> None:
    main = ENVIRONMENT.format(path='"startup.sh"')
    write_all(tmp_path, {"main.tf": main, "startup.sh": "export A=1\nif true; then\nexport B=1\n"})
    messages = [finding.message for finding in check(tmp_path).findings if finding.code == "MW001"]
    assert messages == ["not analyzed: it cannot be parsed as a shell script from line 4 on"]


def test_a_binary_script_is_said_to_be_so(tmp_path: Path) -> None:
    write_all(tmp_path, {"main.tf": ENVIRONMENT.format(path='"startup.sh"')})
    (tmp_path / "startup.sh").write_bytes(b"\x7fELF\0\0")
    (finding,) = [finding for finding in check(tmp_path).findings if finding.primary.path == "startup.sh"]
    assert (finding.code, "binary" in finding.message) == ("MW001", True)
