"""MW104 on small deployments: what is missing, and all the ways in which a package may be there after all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint import api
from mwaalint.checks.requirements._supply import installed_by
from mwaalint.config import Config
from mwaalint.fix.apply import fix_all
from tests.deployments import TODAY
from tests.requirement_rules import UPSTREAM, checked, environment, found, write

if TYPE_CHECKING:
    from pathlib import Path

DAGS = '\n  dag_s3_path = "dags"'
SPARK = "from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator\n"
VIRTUALENV = """\
from airflow.operators.python import PythonVirtualenvOperator
def f():
    import praw
PythonVirtualenvOperator(task_id='f', python_callable=f, requirements=['praw'])
"""
DAG = "from airflow import DAG\n{}\ndag = DAG('etl', schedule=None)\n"


def messages(
    root: Path, code: str, requirements: str = UPSTREAM, others: dict[str, str] | None = None, airflow: str = "2.10.3"
) -> list[str]:
    """What the rule says of dags/etl.py, a DAG with some code in it."""
    files = {"main.tf": environment(f'"{airflow}"', DAGS), "dags/etl.py": DAG.format(code), **(others or {})}
    return found(root, "MW104", requirements, files)


def test_a_provider_that_nothing_installs_is_an_error_with_the_line_to_add(tmp_path: Path) -> None:
    (message,) = messages(tmp_path, SPARK)
    assert message == (
        "dags/etl.py:2 error nothing installs apache-airflow-providers-apache-spark, which provides "
        "airflow.providers.apache.spark: the file fails to import on MWAA 2.10.3; add "
        "apache-airflow-providers-apache-spark==4.11.2 to the requirements"
    )


def test_each_package_is_reported_once_a_file(tmp_path: Path) -> None:
    code = "import yfinance\nfrom yfinance import Ticker\nimport praw\n"
    assert [message.split(" error ")[0] for message in messages(tmp_path, code)] == ["dags/etl.py:2", "dags/etl.py:4"]


def test_each_file_is_reported(tmp_path: Path) -> None:
    others = {"dags/other.py": DAG.format("import praw"), "dags/helper.py": "import praw\n"}
    places = [message.split(" ")[0] for message in messages(tmp_path, "import praw, helper", others=others)]
    assert places == ["dags/etl.py:2", "dags/helper.py:1", "dags/other.py:2"]


def test_an_import_in_a_task_fails_when_the_task_runs(tmp_path: Path) -> None:
    code = "def work():\n    import praw\n"
    (message,) = messages(tmp_path, code)
    assert "the code that imports it fails when it runs on MWAA 2.10.3; add praw to the requirements" in message


def test_plugins_count_as_well(tmp_path: Path) -> None:
    others = {"plugins/operators/reddit.py": "import praw\n"}
    assert len(messages(tmp_path, "", others=others)) == 1


def test_jobs_for_a_cluster_may_lie_among_the_plugins(tmp_path: Path) -> None:
    job = {"plugins/jobs/clean.py": "from pyspark.sql import SparkSession\n"}
    assert messages(tmp_path, "", others=job) == []
    assert len(messages(tmp_path, "from pyspark.sql import SparkSession")) == 1


@pytest.mark.parametrize(("airflow", "confidence"), [("2.10.3", "high"), ("2.8.1", "medium")])
def test_where_the_image_is_not_listed_one_inference_stands_between(
    tmp_path: Path, airflow: str, confidence: str
) -> None:
    messages(tmp_path, SPARK, "pandas\n", airflow=airflow)
    (finding,) = api.check(tmp_path, Config(select=("MW104",)), today=TODAY).findings
    assert str(finding.confidence) == confidence


@pytest.mark.parametrize(
    "code",
    [
        "import json, sqlite3, zoneinfo",
        "import boto3, botocore.exceptions, requests, pendulum, jinja2, sqlalchemy",
        "from airflow.providers.amazon.aws.hooks.s3 import S3Hook",
        "from airflow.providers.postgres.hooks.postgres import PostgresHook",
        "import dateutil.parser, yaml, psycopg2, pkg_resources",
        "from . import helper",
        "import utils, common.dates, config, acme_internal",
        "try:\n    import praw\nexcept ImportError:\n    praw = None",
        "try:\n    import praw\nexcept ImportError:\n    praw = None\nelse:\n    pass\ndef work():\n    import praw",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import praw",
        "import os\nif os.environ.get('LOCAL'):\n    import praw",
        "import sys\nsys.path.insert(0, '/usr/local/airflow/dags/vendored')\nimport praw",
        "import sys\nsys.path += ['/usr/local/airflow/dags/vendored']\nimport praw",
        "import sys\nsys.path[:0] = ['/usr/local/airflow/dags/vendored']\nimport praw",
        "import sys\nsys.path = ['/usr/local/airflow/dags/vendored', *sys.path]\nimport praw",
        "import sys\nimport utils\nsys.modules['praw'] = utils\nimport praw",
        "from airflow.decorators import task\n@task.virtualenv(requirements=['praw'])\ndef f():\n    import praw\nf()",
        "from airflow.decorators import task\n@task.external_python(python='/x')\ndef f():\n    import praw\nf()",
        "from airflow.decorators import task\n@task.kubernetes(image='x')\ndef f():\n    import praw\nf()",
        VIRTUALENV,
        "if __name__ == '__main__':\n    import praw",
    ],
)
def test_what_needs_no_requirement(tmp_path: Path, code: str) -> None:
    assert messages(tmp_path, code) == []


def test_reading_the_paths_changes_none(tmp_path: Path) -> None:
    (message,) = messages(tmp_path, "import sys\nPATHS = sys.path\nfirst = sys.path[0]\nimport praw")
    assert "nothing installs praw" in message


def test_no_path_leads_to_a_provider(tmp_path: Path) -> None:
    code = f"import sys\nsys.path.insert(0, 'lib')\nimport praw\n{SPARK}"
    (message,) = messages(tmp_path, code)
    assert "apache-airflow-providers-apache-spark" in message


@pytest.mark.parametrize(
    ("requirements", "code"),
    [
        ("apache-airflow-providers-apache-spark==4.11.2", SPARK),
        ("apache_airflow_providers_apache_spark", SPARK),
        ("apache-airflow[apache-spark]==2.10.3", SPARK),
        ("apache-airflow-providers-snowflake", "import pandas, snowflake.connector"),
        ("apache-airflow-providers-amazon[pandas]==9.0.0", "import pandas"),
        ("apache-airflow-providers-http[cncf.kubernetes]", "from airflow.providers.cncf.kubernetes import version"),
        ("snowflake-connector-python[pandas]", "import pandas"),
        ("psycopg2-binary\nPyYAML\nbeautifulsoup4", "import bs4"),
        ("scikit-learn", "import sklearn, numpy, joblib"),
        ("astronomer-cosmos", "from cosmos import DbtDag"),
        ("acme-toolbox==1.0", "import praw"),  # nobody knows what it needs
        ("acme-airflow-plugins==1.0", SPARK),
        ('praw; python_version < "3.9"\npraw; sys_platform == "linux"', "import praw"),
        ("./wheels/acme-1.0-py3-none-any.whl\nhttps://example.com/thing.zip", "import praw"),
        ("${PACKAGES}", "import praw"),
        ("-r more.txt", "import praw"),
        ("--extra-index-url https://packages.example.com/simple\nacme-private", SPARK),
    ],
)
def test_what_requirements_bring_or_may_bring(tmp_path: Path, requirements: str, code: str) -> None:
    assert messages(tmp_path, code, f"{UPSTREAM}{requirements}\n") == []


@pytest.mark.parametrize(
    ("requirements", "code"),
    [
        ("pandas", "import praw"),
        ("acme-toolbox==1.0", SPARK),
        ('praw; python_version < "3.9"', "import praw"),
        ("praw-of-somebody-else", SPARK),
        ("apache-airflow-providers-http==4.13.0", "import pandas"),
        ("--extra-index-url https://packages.example.com/simple\npandas", "import praw"),
    ],
)
def test_what_requirements_do_not_bring(tmp_path: Path, requirements: str, code: str) -> None:
    assert len(messages(tmp_path, code, f"{UPSTREAM}{requirements}\n")) == 1


@pytest.mark.parametrize(
    "path", ["dags/praw.py", "dags/praw/__init__.py", "plugins/praw/client.py", "lib/python/praw/deep/client.py"]
)
def test_modules_of_the_repository_may_be_meant(tmp_path: Path, path: str) -> None:
    assert messages(tmp_path, "import praw.client", others={path: "x = 1\n"}) == []


def test_a_folder_without_code_is_no_module(tmp_path: Path) -> None:
    assert len(messages(tmp_path, "import praw", others={"praw/notes.txt": "x\n"})) == 1


def test_pandas_came_with_the_older_images_only(tmp_path: Path) -> None:
    requirements = "-c constraints.txt\n"
    assert messages(tmp_path, "import pandas", requirements, airflow="2.2.2") == []
    assert len(messages(tmp_path, "import pandas", requirements, airflow="2.10.3")) == 1


def test_airflow_sdk_cannot_be_installed_on_airflow_2(tmp_path: Path) -> None:
    (message,) = messages(tmp_path, "from airflow.sdk import dag")
    assert message.endswith(
        "airflow.sdk is part of Airflow 3 and cannot be installed on MWAA 2.10.3: the file fails to import"
    )
    assert messages(tmp_path, "from airflow.sdk import dag", "-c constraints.txt\n", airflow="3.0.6") == []


def test_an_unknown_version_of_airflow_says_nothing(tmp_path: Path) -> None:
    files = {"main.tf": environment("var.airflow", DAGS), "dags/etl.py": DAG.format(SPARK)}
    assert found(tmp_path, "MW104", "pandas\n", files) == []


class TestNoRequirementsFile:
    ARGUMENTS = (
        'resource "aws_mwaa_environment" "etl" {{\n  airflow_version = "2.10.3"\n  dag_s3_path = "dags"\n{}\n}}\n'
    )

    def messages(self, root: Path, argument: str) -> list[str]:
        write(root, {"main.tf": self.ARGUMENTS.format(argument), "dags/etl.py": DAG.format(SPARK)})
        return [finding.message for finding in api.check(root, Config(select=("MW104",)), today=TODAY).findings]

    def test_an_environment_without_one_installs_nothing(self, tmp_path: Path) -> None:
        (message,) = self.messages(tmp_path, "")
        assert "the environment has no requirements file in which to list" in message

    @pytest.mark.parametrize(
        "argument",
        [
            "  requirements_s3_path = var.requirements",
            '  requirements_s3_path = "other/place.txt"',
            "  lifecycle {\n    ignore_changes = [requirements_s3_path]\n  }",
            '  startup_script_s3_path = "startup.sh"',
        ],
    )
    def test_one_that_is_not_here_may_install_anything(self, tmp_path: Path, argument: str) -> None:
        assert self.messages(tmp_path, argument) == []


@pytest.mark.parametrize(
    ("script", "installs"),
    [
        ("", []),
        ("export X=1\n", []),
        ("pip3 install praw\n", ["praw"]),
        ("python3 -m pip install --user praw==7.7 'snowflake-connector-python[pandas]>=3'", None),
        ("pip install praw snowflake_connector_python[pandas] && echo done", None),
        ("sudo pip3.11 install \\\n  --no-cache-dir praw \\\n  tweepy\n", ["praw", "tweepy"]),
        ("pip install -c /usr/local/airflow/dags/constraints.txt praw", ["praw"]),
        ("uv pip install praw; pip install tweepy", ["praw", "tweepy"]),
        ("pip install -r /usr/local/airflow/dags/more.txt", None),
        ('pip install "$package"', None),
        ("pip install /usr/local/airflow/plugins/acme-1.0-py3-none-any.whl", None),
        ("pip install acme-1.0-py3-none-any.whl", None),
        ("export pythonpath=/usr/local/airflow/dags/lib", None),
        (None, None),
    ],
)
def test_what_a_startup_script_installs(script: str | None, installs: list[str] | None) -> None:
    if script and "snowflake" in script:
        installs = ["praw", "snowflake-connector-python", "snowflake-connector-python[pandas]"]
    assert installed_by(script) == installs


def test_a_package_of_the_startup_script_is_there(tmp_path: Path) -> None:
    argument = f'{DAGS}\n  startup_script_s3_path = "startup.sh"'
    upload = 'resource "aws_s3_object" "s" {\n  bucket = "b"\n  key = "startup.sh"\n  source = "startup.sh"\n}\n'
    files = {
        "main.tf": environment(more=argument) + upload,
        "dags/etl.py": DAG.format("import praw\nimport tweepy"),
        "startup.sh": "#!/bin/sh\npip3 install praw\n",
    }
    (message,) = found(tmp_path, "MW104", UPSTREAM, files)
    assert "nothing installs tweepy" in message


@pytest.mark.parametrize(
    ("requirements", "after"),
    [("pandas", "pandas\n{}\n"), ("pandas\n", "pandas\n{}\n"), ("pandas\r\n", "pandas\r\n{}\r\n"), ("", "{}\n")],
)
def test_the_fix_adds_a_line_whatever_the_end_of_the_file(tmp_path: Path, requirements: str, after: str) -> None:
    checked(tmp_path, "MW104", requirements, {"main.tf": environment(more=DAGS), "dags/etl.py": DAG.format(SPARK)})
    outcome = fix_all(
        lambda overlay: api.check(tmp_path, Config(select=("MW104",)), today=TODAY, overlay=overlay), unsafe=True
    )
    added = after.format("apache-airflow-providers-apache-spark==4.11.2")
    assert outcome.changed == {"requirements.txt": added.encode()}
    assert outcome.result.findings == ()


def test_modules_that_the_settings_say_are_there(tmp_path: Path) -> None:
    messages(tmp_path, "import praw.models\nimport tweepy")
    config = Config(select=("MW104",), rule_options={"MW104": {"provided": ["praw"]}})
    result = api.check(tmp_path, config, today=TODAY)
    assert ["tweepy" in finding.message for finding in result.findings] == [True]
