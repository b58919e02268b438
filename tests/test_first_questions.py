"""What a rule asks of a file before it looks closer: never so much that something is missed.

Each file holds one thing to be found and next to nothing else.
"""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.deployments import check, write_all
from tests.python_code import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

BASH = "from airflow.operators.bash import BashOperator\n"


def found(folder: Path, text: str, *codes: str) -> list[str]:
    """The findings of these rules in a project with one DAG file."""
    files = {"main.tf": ENVIRONMENT, "dags/etl.py": f"from airflow import DAG\n{dedent(text)}"}
    result = check(write_all(folder, files))
    assert not result.crashed
    return [finding.code for finding in result.findings if finding.code in codes]


class TestWritesBelowTheDags:
    """MW402, wherever the path comes from."""

    IMPORTS = (
        "import os\nfrom pathlib import Path\nfrom airflow import settings\n"
        "from airflow.settings import DAGS_FOLDER as folder"
    )

    @pytest.mark.parametrize(
        "path",
        [
            "'/usr/local/airflow/dags/out.csv'",
            "'/usr/local' '/airflow/dags/x'",
            "os.path.join('/usr', 'local', 'airflow', 'dags', 'out.csv')",
            "os.path.join(os.path.dirname(__file__), 'out.csv')",
            "Path(__file__).parent / 'out.csv'",
            "os.environ['AIRFLOW_HOME'] + '/dags/out.csv'",
            "f\"{os.getenv('AIRFLOW__CORE__DAGS_FOLDER')}/out.csv\"",
            "os.path.expanduser('~/dags/out.csv')",
            "settings.AIRFLOW_HOME + '/dags/out.csv'",
            "folder + '/out.csv'",
        ],
    )
    def test_in_each_way(self, tmp_path: Path, path: str) -> None:
        assert found(tmp_path, f"{self.IMPORTS}\ndef work():\n    open({path}, 'w')\n", "MW402") == ["MW402"]

    def test_what_comes_from_nowhere(self, tmp_path: Path) -> None:
        text = f"{self.IMPORTS}\ndef work(path):\n    open(path, 'w')\n    open('/data/x', 'w')\n"
        assert found(tmp_path, text, "MW402") == []


class TestSecrets:
    """MW416 and MW431, whatever else is not there."""

    @pytest.mark.parametrize(
        "line",
        [
            "connect(password='h7Kq!zP2')",
            "connect(PASSWD='h7Kq!zP2')",
            "dbPwd = db_pwd = x\nPwd = 'h7Kq!zP2'",
            "{'secretAccessKey': 'h7Kq!zP2', 'url': 's3://etl'}",
            "self.AWS_SECRET_ACCESS_KEY = 'h7Kq!zP2'\nurl = 's3://etl'",
            "url = 'postgresql://etl:h7Kq!zP2@warehouse/x'",
            "url = 'postgresql://etl:'  'h7Kq!zP2@warehouse/x'",
            "f'{x}://{y}' + 'mysql://etl:h7Kq!zP2@warehouse/x'",
            "key = 'AKIAZZZZZZZZZZZZ2345'",
            "key = 'ASIAZZZZZZZZZZZZ2345'",
        ],
    )
    def test_in_code(self, tmp_path: Path, line: str) -> None:
        assert found(tmp_path, line, "MW416") == ["MW416"]

    @pytest.mark.parametrize(
        "line",
        [
            "connect(path='h7Kq!zP2', pwdx='h7Kq!zP2')",
            "connect(password=b'h7Kq!zP2', pwd=3)",
            "see = 'https://airflow.apache.org'\nmail = 'etl@example.com'",
            "first, password = 'h7Kq!zP2', 'h7Kq!zP2'",
        ],
    )
    def test_none_in_code(self, tmp_path: Path, line: str) -> None:
        assert found(tmp_path, line, "MW416") == []

    @pytest.mark.parametrize(
        "text",
        [
            "BaseHook.get_connection('x').password",
            "BaseHook.get_connection('x').get_uri()",
            "client.get_secret_value(SecretId='x')['SecretString']",
            "C.get('x').password",
        ],
    )
    def test_that_are_printed(self, tmp_path: Path, text: str) -> None:
        imports = "from airflow.hooks.base import BaseHook\nfrom airflow.sdk import Connection as C"
        assert found(tmp_path, f"{imports}\ndef work(client):\n    print({text})\n", "MW431") == ["MW431"]


class TestArguments:
    """MW404 and MW414, which ask for a word."""

    @pytest.mark.parametrize(
        ("argument", "code"), [("queue='fast'", "MW404"), ("execution_timeout=timedelta(hours=13)", "MW414")]
    )
    @pytest.mark.parametrize(
        ("before", "of_dag", "of_task"),
        [("", "", "{}"), ("", "default_args=dict({})", ""), ("more = dict({})", "", "**more")],
    )
    def test_wherever_they_are_passed(
        self, tmp_path: Path, argument: str, code: str, before: str, of_dag: str, of_task: str
    ) -> None:
        text = (
            f"from datetime import timedelta\n{BASH}{before}\n"
            f"with DAG('a', schedule=None, {of_dag}):\n    BashOperator(task_id='b', bash_command='true', {of_task})\n"
        )
        assert found(tmp_path, text.replace("{}", argument), "MW404", "MW414") == [code]


def test_what_a_check_finds_does_not_depend_on_the_checks_before_it(tmp_path: Path) -> None:
    """They share what they look at: its code, options and confidence are each check's own."""
    text = f"""\
import os
{BASH}
with DAG('a', schedule=None):
    BashOperator(task_id='b', bash_command='docker run x', queue='fast')
def work():
    open(os.path.join(os.path.dirname(__file__), 'x'), 'w')
connect(password='h7Kq!zP2')
"""
    every = ("MW402", "MW404", "MW406", "MW416")
    assert sorted(found(tmp_path, text, *every)) == [*every]
    assert [found(tmp_path, text, code) for code in every] == [[code] for code in every]
