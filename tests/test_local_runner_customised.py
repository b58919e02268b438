"""What only the local runner has (MW804), and requirements that it installs without constraints (MW805)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.deployments import check, write_all
from tests.local_runners import COMPOSE, runner

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.findings import Finding

REQUIREMENTS = """\
  requirements_s3_path           = aws_s3_object.requirements.key
  requirements_s3_object_version = aws_s3_object.requirements.version_id
}
resource "aws_s3_object" "requirements" {
  bucket = "b"
  key    = "requirements.txt"
  source = "${path.module}/requirements.txt"
}
"""
STARTUP = """\
resource "aws_s3_object" "startup" {
  bucket = "b"
  key    = "startup.sh"
  source = "${path.module}/startup.sh"
}
"""
CONSTRAINED = (
    '-c "https://raw.githubusercontent.com/apache/airflow/constraints-2.10.3/constraints-3.11.txt"\npysftp==0.2.9\n'
)
DOCKERFILE = "FROM amazonlinux:2023\n# docker build -t amazon/mwaa-local .\n"
DAG = "import os\nfrom airflow import DAG\ndag = DAG('etl', schedule=None)\n"


def environment(*lines: str, version: str = "2.10.3") -> str:
    own = "".join(f"  {line}\n" for line in lines)
    return f'resource "aws_mwaa_environment" "e" {{\n  name = "e"\n  airflow_version = "{version}"\n{own}{REQUIREMENTS}'


def found(root: Path, files: dict[str, str], code: str = "MW804") -> list[Finding]:
    write_all(root, {"main.tf": environment(), "requirements.txt": CONSTRAINED, "dags/first.py": DAG, **files})
    result = check(root)
    assert not result.crashed
    return [finding for finding in result.findings if finding.code == code]


def names(root: Path, run: str, **files: str) -> list[str]:
    """What a line of the Dockerfile is said to install."""
    findings = found(root, {"docker/Dockerfile": f"{DOCKERFILE}{run}\n", **files})
    return [str(finding.args["names"]) for finding in findings]


class TestPackages:
    @pytest.mark.parametrize(
        ("run", "expected"),
        [
            ("RUN pip3 install pdfplumber", "pdfplumber"),
            ("RUN sudo -u airflow pip3 install --user 'pdfplumber==0.10'", "pdfplumber"),
            ("RUN python3 -V && \\\n    # for reports\n    pip install pdfplumber tabula-py", "pdfplumber, tabula-py"),
            ("RUN --mount=type=cache,target=/x pip install pdfplumber", "pdfplumber"),
            ("RUN <<EOF\npip install pdfplumber\nEOF", "pdfplumber"),
            ("RUN pip install a-b-1 a-b-2 a-b-3 a-b-4", "a-b-1, a-b-2, a-b-3 and 1 more"),
            ("RUN pip install a-b-1\nRUN pip install a-b-2", "a-b-1, a-b-2"),
        ],
    )
    def test_found(self, tmp_path: Path, run: str, expected: str) -> None:
        assert names(tmp_path, run) == [expected]

    @pytest.mark.parametrize(
        "run",
        [
            "RUN pip3 install pysftp",
            "RUN pip3 install PySFTP==0.1",
            "RUN pip3 install boto3",
            "RUN pip3 install ipython pytest debugpy pydevd-pycharm",
            "RUN pip3 install --use-deprecated legacy-resolver celery[sqs]",
            'RUN pip3 install $PIP_OPTION "${PYTHON_DEPS}"',
            "RUN pip3 install -r /requirements.txt",
            "RUN echo pip install pdfplumber",
            "CMD pip install pdfplumber",
            "RUN pip download pdfplumber",
        ],
    )
    def test_silent(self, tmp_path: Path, run: str) -> None:
        assert names(tmp_path, run) == []

    def test_scripts_of_the_image(self, tmp_path: Path) -> None:
        files = {"docker/script/bootstrap.sh": "pip3 install wheel\npip3 install pdfplumber\n"}
        (finding,) = found(tmp_path, {"docker/Dockerfile": f"{DOCKERFILE}COPY script/bootstrap.sh /\n", **files})
        assert finding.primary.path == "docker/script/bootstrap.sh"

    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ("pdfplumber==0.1\n", 1),
            ("apache-airflow-providers-ftp==1\n", 0),
            ("apache-airflow==2.10.3\npdfplumber\n", 0),
            ("", 0),
        ],
    )
    def test_files_that_the_image_copies(self, tmp_path: Path, text: str, count: int) -> None:
        image = f"{DOCKERFILE}COPY config/base-requirements.txt /\n"
        files = {"docker/Dockerfile": image, "docker/config/base-requirements.txt": text}
        assert len(found(tmp_path, files)) == count

    def test_what_the_startup_script_installs(self, tmp_path: Path) -> None:
        startup = 'startup_script_s3_path = aws_s3_object.startup.key\n  startup_script_s3_object_version = "1"'
        files = {"main.tf": environment(startup) + STARTUP, "startup.sh": "pip3 install pdfplumber\n"}
        assert names(tmp_path, "RUN pip install pdfplumber", **files) == []

    @pytest.mark.parametrize(
        "line", ['airflow_version = "2.10.3"\n  requirements_s3_path = var.v', "airflow_version = var.v"]
    )
    def test_nobody_knows_what_is_installed(self, tmp_path: Path, line: str) -> None:
        image = f"{DOCKERFILE}RUN pip install pdfplumber\n"
        text = f'variable "v" {{}}\nresource "aws_mwaa_environment" "e" {{\n  {line}\n}}\n'
        write_all(tmp_path, {"docker/Dockerfile": image, "main.tf": text, "dags/first.py": DAG})
        assert [finding for finding in check(tmp_path).findings if finding.code == "MW804"] == []


class TestPrograms:
    @pytest.mark.parametrize(
        "run",
        [
            "RUN dnf install -y ffmpeg",
            "RUN yum -y install jq ffmpeg vim",
            "RUN apt-get update && apt-get install -y ffmpeg",
        ],
    )
    def test_found(self, tmp_path: Path, run: str) -> None:
        assert names(tmp_path, run) == ["ffmpeg"]

    @pytest.mark.parametrize(
        "run",
        [
            "RUN dnf install -y jq unzip vim less git",
            "RUN dnf install -y $PACKAGES https://x.org/a.rpm ./b.rpm",
            "RUN dnf update -y",
            "RUN yum remove ffmpeg",
        ],
    )
    def test_silent(self, tmp_path: Path, run: str) -> None:
        assert names(tmp_path, run) == []

    def test_the_startup_script_names_it(self, tmp_path: Path) -> None:
        startup = 'startup_script_s3_path = aws_s3_object.startup.key\n  startup_script_s3_object_version = "1"'
        files = {"main.tf": environment(startup) + STARTUP, "startup.sh": "sudo dnf install -y ffmpeg\n"}
        assert names(tmp_path, "RUN dnf install -y ffmpeg", **files) == []


def with_variable(code: str, variable: str = "STAGE=dev", **files: str) -> dict[str, str]:
    return {COMPOSE: runner(f"environment:\n  - {variable}"), "dags/etl.py": DAG + code, **files}


class TestVariables:
    @pytest.mark.parametrize(
        "code",
        [
            "x = os.environ['STAGE']\n",
            "def f():\n    return [os.environ['STAGE']]\n",
            "from os import environ\nx = environ['STAGE']\n",
        ],
    )
    def test_found(self, tmp_path: Path, code: str) -> None:
        (finding,) = found(tmp_path, with_variable(code))
        assert (finding.args["name"], finding.args["path"]) == ("STAGE", "dags/etl.py")

    @pytest.mark.parametrize(
        "code",
        [
            "x = os.environ.get('STAGE')\n",
            "x = os.getenv('STAGE')\n",
            "if True:\n    x = os.environ['STAGE']\n",
            "try:\n    x = os.environ['STAGE']\nexcept KeyError:\n    x = ''\n",
            "x = 'STAGE' in os.environ and os.environ['STAGE']\n",
            "os.environ['STAGE'] = 'x'\ny = os.environ['STAGE']\n",
            "from dotenv import load_dotenv\nload_dotenv()\nx = os.environ['STAGE']\n",
            "x = os.environ['OTHER']\n",
            "# os.environ['STAGE']\n",
            "x = os.environ[STAGE]\n",
            "x = (\n",
        ],
    )
    def test_silent(self, tmp_path: Path, code: str) -> None:
        assert found(tmp_path, with_variable(code)) == []

    @pytest.mark.parametrize("variable", ["STAGE", "STAGE=", "AWS_REGION=x", "AIRFLOW_HOME=x", "MWAA__X=y"])
    def test_variables_that_are_set_elsewhere_or_not_at_all(self, tmp_path: Path, variable: str) -> None:
        name = variable.partition("=")[0]
        assert found(tmp_path, with_variable(f"x = os.environ['{name}']\n", variable)) == []

    def test_a_file_of_variables(self, tmp_path: Path) -> None:
        files = {
            COMPOSE: runner("env_file: a.env"),
            "docker/a.env": "STAGE=dev\n",
            "dags/etl.py": f"{DAG}os.environ['STAGE']\n",
        }
        (finding,) = found(tmp_path, files)
        assert finding.primary.path == "docker/a.env"

    def test_the_startup_script_exports_it(self, tmp_path: Path) -> None:
        startup = 'startup_script_s3_path = aws_s3_object.startup.key\n  startup_script_s3_object_version = "1"'
        files = {"main.tf": environment(startup) + STARTUP, "startup.sh": "export STAGE=prod\n"}
        assert found(tmp_path, with_variable("x = os.environ['STAGE']\n", **files)) == []

    def test_a_startup_script_that_is_elsewhere(self, tmp_path: Path) -> None:
        files = {
            "main.tf": environment('startup_script_s3_path = "startup.sh"', 'startup_script_s3_object_version = "1"')
        }
        assert found(tmp_path, with_variable("x = os.environ['STAGE']\n", **files)) == []


class TestOptions:
    @pytest.mark.parametrize(
        "variable",
        [
            "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=120",
            "AIRFLOW__CORE__ENABLE_XCOM_PICKLING=True",
            "AIRFLOW__CORE__XCOM_BACKEND=own.S3",
        ],
    )
    def test_found(self, tmp_path: Path, variable: str) -> None:
        (finding,) = found(tmp_path, with_variable("", variable))
        assert finding.args["variable"] == variable.partition("=")[0]

    @pytest.mark.parametrize(
        "variable",
        [
            "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=30.0",
            "AIRFLOW__CORE__ENABLE_XCOM_PICKLING=false",
            "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=$T",
            "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT",
            "AIRFLOW__CORE__LOAD_EXAMPLES=True",
            "AIRFLOW__WEBSERVER__EXPOSE_CONFIG=True",
            "AIRFLOW__SECRETS__BACKEND=airflow.secrets.local_filesystem.LocalFilesystemBackend",
        ],
    )
    def test_silent(self, tmp_path: Path, variable: str) -> None:
        assert found(tmp_path, with_variable("", variable)) == []

    @pytest.mark.parametrize(
        "options",
        [
            'airflow_configuration_options = { "core.dagbag_import_timeout" = "45" }',
            "airflow_configuration_options = var.o",
        ],
    )
    def test_the_environment_has_it_or_may(self, tmp_path: Path, options: str) -> None:
        files = {"main.tf": 'variable "o" {}\n' + environment(options)}
        assert found(tmp_path, with_variable("", "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=45", **files)) == []


def entry_point(command: str, **files: str) -> dict[str, str]:
    image = f"{DOCKERFILE}COPY script/entrypoint.sh /\n"
    return {
        "docker/Dockerfile": image,
        "docker/script/entrypoint.sh": f"{command}\n",
        "requirements.txt": "pysftp==0.2.9\n",
        **files,
    }


class TestNoConstraints:
    @pytest.mark.parametrize(
        "command",
        [
            'pip3 install --user -r "$AIRFLOW_HOME/$REQUIREMENTS_FILE"',
            "pip install -r /usr/local/airflow/requirements/requirements.txt",
            'install() {\n  if [ -e x ]; then\n    pip3 install -r "${AIRFLOW_HOME}/dags/requirements.txt"\n  fi\n}',
        ],
    )
    def test_found(self, tmp_path: Path, command: str) -> None:
        (finding,) = found(tmp_path, entry_point(command), "MW805")
        assert finding.primary.path == "docker/script/entrypoint.sh"

    @pytest.mark.parametrize(
        "command",
        [
            'pip3 install -r "$AIRFLOW_HOME/requirements.txt" -c /constraints.txt',
            'pip3 install --constraint=/c.txt -r "$AIRFLOW_HOME/requirements.txt"',
            'pip3 install $CONSTRAINT_OPTION -r "$AIRFLOW_HOME/requirements.txt"',
            "pip3 install -r /base-requirements.txt",
            'pip3 download -r "$AIRFLOW_HOME/requirements.txt"',
            "pip3 install wheel",
        ],
    )
    def test_silent(self, tmp_path: Path, command: str) -> None:
        assert found(tmp_path, entry_point(command), "MW805") == []

    @pytest.mark.parametrize(
        "files",
        [
            {"requirements.txt": CONSTRAINED},
            {"requirements.txt": "# --constraint is not needed\npysftp==0.2.9\n"},
            {"requirements.txt": ""},
            {"main.tf": environment(version="2.2.2")},
            {COMPOSE: runner("environment: {PIP_CONSTRAINT: /c.txt}")},
            {"docker/Dockerfile": f"{DOCKERFILE}ENV PIP_CONSTRAINT=/c.txt\nCOPY script/entrypoint.sh /\n"},
        ],
    )
    def test_nothing_differs(self, tmp_path: Path, files: dict[str, str]) -> None:
        command = 'pip3 install --user -r "$AIRFLOW_HOME/requirements.txt"'
        assert found(tmp_path, {**entry_point(command), **files}, "MW805") == []
