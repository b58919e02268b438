"""What looks like a finding in DAG code and is none: folders for a laptop, paths of last resort, names of parameters;
and what plugins look up.
"""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from tests.deployments import check, write_all
from tests.python_code import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

DAG = "import os, sys\nfrom airflow import DAG\nDAG('etl', schedule=None)\n"


def found(root: Path, code: str, text: str, path: str = "dags/etl.py") -> list[str]:
    files = {"dags/first.py": DAG, path: DAG + text} if path.startswith("dags/") else {"dags/first.py": DAG, path: text}
    result = check(write_all(root, {"main.tf": ENVIRONMENT, **files}))
    assert not result.crashed
    return [finding.message for finding in result.findings if finding.code == code]


class TestWritesForALaptop:
    WRITE = "open(os.path.join(os.environ['AIRFLOW_HOME'], 'dags', 'x.csv'), 'w')"

    def run(self, root: Path, body: str) -> int:
        return len(found(root, "MW402", f"def save(storage, is_local, ready):\n{indent(body, '    ')}\n"))

    def test_in_any_case(self, tmp_path: Path) -> None:
        assert self.run(tmp_path, self.WRITE) == 1

    @pytest.mark.parametrize(
        ("body", "hits"),
        [
            ("if storage == S3:\n    put()\nelse:\n    {}", 0),
            ("if is_local:\n    {}", 0),
            ("if os.environ.get('ENVIRONMENT') == 'dev':\n    {}", 0),
            ("if storage == S3:\n    return put()\n{}", 0),
            ("if ready:\n    {}", 1),
            ("if ready:\n    return\n{}", 1),
            ("if storage == S3:\n    put()\n{}", 1),
            ("for each in ready:\n    {}", 1),
        ],
    )
    def test_under_conditions(self, tmp_path: Path, body: str, hits: int) -> None:
        assert self.run(tmp_path, body.format(self.WRITE)) == hits


@pytest.mark.parametrize(("name", "hits"), [("save", 1), ("localise", 1), ("write_to_local", 0), ("local_copy", 0)])
def test_functions_for_a_laptop(tmp_path: Path, name: str, hits: int) -> None:
    assert len(found(tmp_path, "MW402", f"def {name}():\n    {TestWritesForALaptop.WRITE}\n")) == hits


@pytest.mark.parametrize(
    ("path", "hits"),
    [
        ("dags/etl.py", 1),
        ("dags/locality.py", 1),
        ("dags/local/etl.py", 1),
        ("dags/local_etl.py", 0),
        ("dags/x_local.py", 0),
    ],
)
def test_files_for_a_laptop(tmp_path: Path, path: str, hits: int) -> None:
    assert len(found(tmp_path, "MW413", "ROOT = '/opt/airflow/data'\n", path)) == hits


@pytest.mark.parametrize(
    ("line", "hits"),
    [
        ("D = \"{{ var.value.get('D', '/opt/airflow/dbt') }}\"", 0),
        ("D = \"{{ var.value.d | default('/opt/airflow/dbt') }}\"", 0),
        ("D = \"{{ params.d or '/opt/airflow/dbt' }}\"", 0),
        ("D = \"{{ read('/opt/airflow/dbt') }}\"", 1),
        ('D = "{{ params.d }} /opt/airflow/dbt"', 1),
        ("D = '/opt/airflow/dbt' if x else M\nM = '/usr/local/airflow/dbt'", 0),
        ("HERE = '/usr/local/airflow/dags/dbt'\nTHERE = '/opt/airflow/dags/dbt'", 0),
        ("HERE = '/usr/local/airflow/dags'\nTHERE = '/opt/airflow/data'", 1),
    ],
)
def test_paths_of_last_resort_and_alternatives(tmp_path: Path, line: str, hits: int) -> None:
    assert len(found(tmp_path, "MW413", f"{line}\n")) == hits


@pytest.mark.parametrize(
    ("secret", "hits"),
    [("/ds/airflow/db_password", 0), ("/prod/Db/password.v2", 0), ("/Kz8/qT4vLsM8", 1), ("/qM8sT4vL", 1)],
)
def test_names_of_parameters_are_no_passwords(tmp_path: Path, secret: str, hits: int) -> None:
    assert len(found(tmp_path, "MW416", f"KEYS = {{'password': '{secret}'}}\n")) == hits


def test_dbt_in_a_file_for_a_laptop(tmp_path: Path) -> None:
    task = (
        "from airflow.operators.bash import BashOperator\n"
        "with DAG('d', schedule=None):\n    BashOperator(task_id='t', bash_command='dbt run')\n"
    )
    assert found(tmp_path, "MW504", task, "dags/etl_local.py") == []
    assert len(found(tmp_path, "MW504", task, "dags/daily.py")) == 1


class TestLookUpsOfPlugins:
    GET = "from airflow.models import Variable\n"

    def test_on_import(self, tmp_path: Path) -> None:
        text = (
            self.GET
            + "def model(name):\n    return Variable.get(name)\nMODEL = model('m')\nOTHER = Variable.get('o')\n"
        )
        messages = found(tmp_path, "MW403", text, "plugins/models.py")
        assert len(messages) == 2
        assert all("whenever a process imports the plugins" in message for message in messages)

    def test_a_function_that_a_dag_calls(self, tmp_path: Path) -> None:
        helper = self.GET + "def model(name):\n    return Variable.get(name)\n"
        write_all(tmp_path, {"plugins/models.py": helper})
        (message,) = found(tmp_path, "MW403", "from models import model\nMODEL = model('m')\n")
        assert "because model() is called on import" in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "all 4 DAGs set no execution_timeout"),
        ("import dagfactory\ndagfactory.load_yaml_dags(globals_dict=globals())\n", "at least 4 DAGs set no"),
        ("for name in names():\n    DAG(name, schedule=None)\n", "at least 4 DAGs set no"),
    ],
)
def test_how_many_dags_there_are_is_said_where_it_is_known(tmp_path: Path, text: str, words: str) -> None:
    head = "from airflow.operators.bash import BashOperator\n"
    dag = "with DAG('d{}', schedule=None):\n    BashOperator(task_id='t', bash_command='true')\n"
    dags = head + "".join(dag.format(number) for number in range(4))
    write_all(tmp_path, {"dags/more.py": f"from airflow import DAG\n{text}"})
    (message,) = found(tmp_path, "MW427", dags)
    assert words in message


def test_a_path_ends_where_its_template_begins(tmp_path: Path) -> None:
    (message,) = found(tmp_path, "MW413", "P = \"/opt/airflow/files/{{ ds.format('x') }}/a.csv\"\n")
    assert message.startswith("/opt/airflow/files/ is a path")


@pytest.mark.parametrize(
    ("path", "before", "hits"),
    [
        ("dags/test_load.py", "", 1),
        ("dags/samples/test_load.py", "", 1),
        ("dags/tests/test_load.py", "", 0),
        ("dags/tests/load.py", "", 0),
        ("dags/test_load.py", "import pytest\n", 0),
        ("dags/test_load.py", "from airflow.models import DagBag\n", 0),
    ],
)
def test_files_that_are_only_called_tests(tmp_path: Path, path: str, before: str, hits: int) -> None:
    code = (
        f"{before}from airflow import DAG\nfrom airflow.models import Variable\nDAG('x', schedule=Variable.get('x'))\n"
    )
    result = check(write_all(tmp_path, {"main.tf": ENVIRONMENT, "dags/first.py": DAG, path: code}))
    assert len([each for each in result.findings if each.code == "MW403"]) == hits


def test_a_test_without_dags_is_one(tmp_path: Path) -> None:
    code = "from airflow.models import Variable\nKEY = Variable.get('key')\n\ndef test_key():\n    assert KEY\n"
    files = {"main.tf": ENVIRONMENT, "dags/first.py": DAG, "dags/test_x.py": code}
    assert not [each for each in check(write_all(tmp_path, files)).findings if each.code == "MW403"]
