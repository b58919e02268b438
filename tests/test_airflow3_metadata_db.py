"""MW401 and MW708: what DAG code may no longer do to the metadata database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.migration_rules import as_task, found

if TYPE_CHECKING:
    from pathlib import Path

COPY = "connection = settings.engine.raw_connection()\nconnection.cursor().copy_expert('COPY log FROM STDIN', rows)"


def asks(tmp_path: Path, text: str, *, airflow: str = "3.0.6") -> bool:
    return bool(found(tmp_path, "MW401", text, airflow=airflow))


@pytest.mark.parametrize(
    "body",
    [
        "with settings.Session() as session:\n    session.query(Variable)",
        "settings.engine.raw_connection()",
        "from airflow.utils.session import create_session\nwith create_session() as session:\n    pass",
        "from airflow.models import DagRun as Run\nRun.find(dag_id='etl')",
        "from airflow.models.dag import DagModel\nDagModel.get_dagmodel('etl')",
        "import airflow.settings\nairflow.settings.Session()",
    ],
)
def test_the_database_is_kept_from_tasks(tmp_path: Path, body: str) -> None:
    assert asks(tmp_path, as_task(body))
    assert not asks(tmp_path, as_task(body), airflow="2.11.0")


@pytest.mark.parametrize(
    "body",
    [
        "import requests\nrequests.Session()",
        "if AIRFLOW_VERSION < Version('3'):\n    settings.Session()",
        "try:\n    from airflow.settings import Session\nexcept ImportError:\n    Session = None\nSession()",
        "Variable.get('a')",
        "session.query(Variable)",
    ],
)
def test_other_sessions_and_other_versions(tmp_path: Path, body: str) -> None:
    assert not asks(tmp_path, as_task(body))


def test_a_function_that_is_handed_a_session(tmp_path: Path) -> None:
    text = "from airflow.utils.session import provide_session\n@provide_session\ndef last(session=None):\n    pass\n"
    assert found(tmp_path, "MW401", text + as_task("last()"), airflow="3.0.6") == [2]


@pytest.mark.parametrize(
    ("command", "fails"),
    [
        ("airflow db clean -y", True),
        ("set -e; airflow dags trigger etl", True),
        ("airflow variables export /tmp/v.json", True),
        ("airflow version", False),
        ("airflow info", False),
        ("echo airflow db clean", False),
        ("my-airflow db clean", False),
    ],
)
def test_commands_inherit_no_database(tmp_path: Path, command: str, fails: bool) -> None:
    start = "from airflow.providers.standard.operators.bash import BashOperator\n"
    text = f'{start}BashOperator(task_id="a", bash_command="{command}")\n'
    assert asks(tmp_path, text) == fails
    assert not asks(tmp_path, text.replace('")\n', '", env={"A": "b"})\n'))


class TestScriptsThatCopy:
    def test_are_told_once(self, tmp_path: Path) -> None:
        text = as_task(COPY + "\nsettings.Session()")
        assert len(found(tmp_path, "MW708", text, airflow="3.0.6")) == 1
        assert found(tmp_path, "MW401", text, airflow="3.0.6") == []

    def test_work_on_airflow_2(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW708", as_task(COPY)) == []

    def test_of_a_database_of_ones_own(self, tmp_path: Path) -> None:
        own = COPY.replace("settings.engine.raw_connection", "psycopg2.connect")
        assert found(tmp_path, "MW708", as_task(own), airflow="3.0.6") == []

    @pytest.mark.parametrize(
        ("imported", "told"),
        [
            ("from mwaa_dr.v_2_10.dr_factory import DRFactory_2_10", True),
            ("import mwaa_dr.v_2_7.dr_factory", True),
            ("from mwaa_dr.framework.model.base_table import BaseTable", False),
            ("from own.dr_factory import DRFactory", False),
            ("if version < '3':\n    from mwaa_dr.v_2_7.dr_factory import DRFactory_2_7", False),
        ],
    )
    def test_by_the_package_for_it(self, tmp_path: Path, imported: str, told: bool) -> None:
        assert bool(found(tmp_path, "MW708", f"{imported}\n", airflow="3.0.6")) == told
