"""MW407: what Airflow 3 no longer has, in DAG and plugin code, and what it still has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mwaalint import api
from mwaalint.catalog import load
from mwaalint.checks.dags._removed import Removed
from mwaalint.config import Config
from mwaalint.fix.apply import fix_all
from tests.deployments import TODAY, write_all

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.engine.result import RunResult

ENVIRONMENT = 'resource "aws_mwaa_environment" "e" {{\n  airflow_version = "{}"\n  dag_s3_path = "dags"\n}}\n'
DAG = "from airflow import DAG\ndag = DAG('etl', schedule=None)\n"
PYTHON = "from airflow.providers.standard.operators.python import PythonOperator\n"
BASH = "from airflow.providers.standard.operators.bash import BashOperator\n"
TRIGGER = "from airflow.operators.trigger_dagrun import TriggerDagRunOperator\n"
TEMPLATE = "BashOperator(task_id='é', bash_command='x {{{{ {} }}}} {{{{ {} }}}} next_ds')\n"
MANY = "from {} import (\n    PythonOperator,  # this\n    BranchPythonOperator,\n)"
REMOVED = Removed(load(), "3.0.6")


def run(root: Path, code: str, airflow: str = "3.0.6", path: str = "dags/etl.py") -> RunResult:
    write_all(root, {"main.tf": ENVIRONMENT.format(airflow), "dags/first.py": DAG})
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(DAG + code, encoding="utf-8")
    result = api.check(root, Config(select=("MW407",)), today=TODAY)
    assert not result.crashed
    return result


def messages(root: Path, code: str, airflow: str = "3.0.6", path: str = "dags/etl.py") -> list[str]:
    return [finding.message for finding in run(root, code, airflow, path).findings if finding.code == "MW407"]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (
            "from airflow.operators.python_operator import PythonOperator",
            "it is airflow.providers.standard.operators.python.PythonOperator now",
        ),
        ("from airflow.operators.dummy import DummyOperator", "operators.empty.EmptyOperator now"),
        ("from airflow.hooks.base_hook import BaseHook as B", "it is airflow.hooks.base.BaseHook now"),
        (
            "from airflow.contrib.hooks.aws_hook import AwsHook",
            "it is airflow.providers.amazon.aws.hooks.base_aws.AwsBaseHook now",
        ),
        ("from airflow.contrib.hooks.never_heard import Hook", "nothing replaces it"),
        ("import airflow.contrib.operators", "airflow.contrib.operators does not exist"),
        ("from airflow.utils.dates import days_ago", "write a fixed date"),
        ("from airflow.utils import dates\nx = dates.days_ago(1)", "airflow.utils.dates.days_ago does not exist"),
        ("from airflow.operators.subdag import SubDagOperator", "use a TaskGroup"),
        ("from airflow.utils.decorators import apply_defaults", "leave the decorator out"),
        ("from airflow.www.app import csrf", "FastAPI"),
        ("def work():\n    from airflow.models import TaskFail", "airflow.models.TaskFail does not exist"),
        ("DAG('x', schedule_interval='@daily')", "schedule_interval is not an argument of a DAG"),
        ("DAG('x', concurrency=3)", "it is called max_active_tasks now"),
        ("DAG('x', default_view='graph')", "remove it"),
        ("from airflow.decorators import dag\n@dag(fail_stop=True)\ndef x(): ...\nx()", "it is called fail_fast now"),
        (f"{BASH}BashOperator(task_id='a', bash_command='', task_concurrency=1)", "max_active_tis_per_dag"),
        (
            f"{TRIGGER}TriggerDagRunOperator(task_id='a', trigger_dag_id='b', execution_date='{{{{ ds }}}}')",
            "execution_date is not an argument of TriggerDagRunOperator",
        ),
        (f"{BASH}BashOperator(task_id='a', bash_command='x {{{{ execution_date }}}}')", "use logical_date"),
        (f"{BASH}BashOperator(task_id='a', bash_command='x {{{{ prev_ds }}}}')", "nothing replaces it"),
        (f"{BASH}C = '{{% if tomorrow_ds %}}'\nBashOperator(task_id='a', bash_command=C)", "macros.ds_add(ds, 1)"),
        (
            f"{BASH}C = '{{{{ next_ds }}}}'\nBashOperator(task_id='a', bash_command=f'x {{C}}')",
            "use data_interval_end",
        ),
        (
            f"{PYTHON}def f(execution_date): ...\nPythonOperator(task_id='a', python_callable=f)",
            "it passes logical_date",
        ),
        (f"{PYTHON}def f(prev_ds, x=1): ...\nPythonOperator(task_id='a', python_callable=f)", "does not pass prev_ds"),
        (
            f"{PYTHON}def f(**kw):\n    kw['execution_date']\nPythonOperator(task_id='a', python_callable=f)",
            "KeyError when the task runs; use logical_date",
        ),
        ("def failed(context):\n    print(context['conf'])", "context has no conf in Airflow 3"),
        (
            "from airflow.decorators import task\n@task\ndef f(**kwargs):\n    return kwargs['next_ds']\nf()",
            "this raises KeyError when the task runs",
        ),
    ],
)
def test_what_is_gone(tmp_path: Path, code: str, says: str) -> None:
    (message,) = messages(tmp_path, code)
    assert says in message
    assert "3.0.6" in message


@pytest.mark.parametrize(
    "code",
    [
        "from airflow.operators.bash import BashOperator",
        "from airflow.operators.python import PythonOperator, get_current_context",
        "from airflow.decorators import dag, task, task_group, setup, teardown",
        "from airflow.models import DAG, Variable, BaseOperator, Connection",
        "from airflow.models.baseoperator import chain, cross_downstream",
        "from airflow.utils.task_group import TaskGroup",
        "from airflow.utils.trigger_rule import TriggerRule",
        "from airflow.utils import timezone",
        "from airflow.datasets import Dataset",
        "from airflow.sdk import dag, Asset",
        "from airflow.providers.amazon.aws.hooks.s3 import S3Hook",
        "try:\n    from airflow.sdk import X\nexcept ImportError:\n    from airflow.hooks.base_hook import X",
        "import airflow\nif airflow.__version__ < '3':\n    from airflow.utils.dates import days_ago\n    days_ago(1)",
        "from my.contrib import days_ago\ndays_ago(1)",
        "DAG('x', schedule='@daily', sla_miss_callback=None, max_active_tasks=3)",
        f"{BASH}BashOperator(task_id='a', bash_command='{{{{ ds }}}} {{{{ dag_run.conf }}}} {{{{ logical_date }}}}')",
        f"{BASH}BashOperator(task_id='a', bash_command='{{{{ params.execution_date }}}} {{{{ \"next_ds\" }}}}')",
        f"{BASH}BashOperator(task_id='a', bash_command='{{% set conf = ds %}}{{{{ conf }}}}')",
        f"{BASH}BashOperator(task_id='a', bash_command='echo execution_date', doc_md='{{{{ execution_date }}}}')",
        f"{PYTHON}def f(execution_date): ...\nPythonOperator(task_id='a', python_callable=f, op_args=[1])",
        f"{PYTHON}def f(execution_date=None): ...\nPythonOperator(task_id='a', python_callable=f)",
        f"{PYTHON}def f(**kw):\n    kw.get('execution_date')\nPythonOperator(task_id='a', python_callable=f)",
        "def f(context):\n    context['execution_date'] = 1",
        "def f(**kw):\n    return kw['execution_date']",
        "context = {}\nprint(context['conf'])",
    ],
)
def test_what_is_not(tmp_path: Path, code: str) -> None:
    assert messages(tmp_path, code) == []


@pytest.mark.parametrize("airflow", ["2.10.3", "2.11.2", "9.9.9"])
def test_other_versions_say_nothing(tmp_path: Path, airflow: str) -> None:
    assert messages(tmp_path, "from airflow.contrib.hooks import x\nDAG('x', schedule_interval=None)", airflow) == []


def test_a_later_version_of_airflow_3_has_less(tmp_path: Path) -> None:
    code = "from airflow.datasets import Dataset"
    assert messages(tmp_path, code, "3.0.6") == []
    assert "it is airflow.sdk.Asset now" in messages(tmp_path, code, "3.2.1")[0]


def test_plugins_are_read_as_well(tmp_path: Path) -> None:
    assert len(messages(tmp_path, "from airflow.www.app import csrf", path="plugins/views.py")) == 1


def test_an_import_is_told_once_however_often_its_name_is_used(tmp_path: Path) -> None:
    code = "from airflow.hooks.S3_hook import S3Hook\nS3Hook().read_key('x')\nhook = S3Hook()\nhook.get_conn()"
    assert len(messages(tmp_path, code)) == 1


def test_an_upgrade_can_be_tried_from_the_command_line(tmp_path: Path) -> None:
    run(tmp_path, "from airflow.utils.dates import days_ago", "2.10.3")
    result = api.check(tmp_path, Config(select=("MW407",), airflow_version="3.0.6"), today=TODAY)
    assert [finding.code for finding in result.findings] == ["MW407"]


class TestFixes:
    def fixed(self, root: Path, code: str, *, unsafe: bool = False) -> str:
        run(root, code)
        outcome = fix_all(
            lambda overlay: api.check(root, Config(select=("MW407",)), today=TODAY, overlay=overlay), unsafe=unsafe
        )
        changed = outcome.changed.get("dags/etl.py", (DAG + code).encode())
        compile(changed, "etl.py", "exec")
        return changed.decode().removeprefix(DAG)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("DAG('é', schedule_interval = '@daily')", "DAG('é', schedule = '@daily')"),
            ("DAG('x',\n    concurrency=3,  # few\n)", "DAG('x',\n    max_active_tasks=3,  # few\n)"),
            (
                MANY.format("airflow.operators.python_operator"),
                MANY.format("airflow.providers.standard.operators.python"),
            ),
            (
                "from airflow.hooks.S3_hook import S3Hook as Hook",
                "from airflow.providers.amazon.aws.hooks.s3 import S3Hook as Hook",
            ),
            ("DAG('x', default_view='graph', tags=[])", "DAG('x', tags=[])"),
            (
                BASH + TEMPLATE.format("execution_date.year", "next_ds"),
                BASH + TEMPLATE.format("logical_date.year", "data_interval_end | ds"),
            ),
            (
                f"{BASH}BashOperator(task_id='a', bash_command=f'{{BASH}} {{{{{{{{ execution_date }}}}}}}}')\n",
                f"{BASH}BashOperator(task_id='a', bash_command=f'{{BASH}} {{{{{{{{ logical_date }}}}}}}}')\n",
            ),
            (
                "from airflow.operators.dummy import DummyOperator\nDummyOperator(task_id='é')  # nothing\n",
                (
                    "from airflow.providers.standard.operators.empty import EmptyOperator\n"
                    "EmptyOperator(task_id='é')  # nothing\n"
                ),
            ),
            (
                "from airflow.operators.dummy import DummyOperator\nOPERATORS = {'DummyOperator': DummyOperator}\n",
                (
                    "from airflow.providers.standard.operators.empty import EmptyOperator as DummyOperator\n"
                    "OPERATORS = {'DummyOperator': DummyOperator}\n"
                ),
            ),
        ],
    )
    def test_names_and_places_change_and_nothing_else(self, tmp_path: Path, before: str, after: str) -> None:
        assert self.fixed(tmp_path, before) == after

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (
                (
                    "from airflow.models.baseoperator import (\n"
                    "    BaseOperator,  # the usual\n"
                    "    BaseOperatorLink as Link,  # noqa: F401\n"
                    "    chain,\n"
                    ")\n"
                ),
                (
                    "from airflow.models.baseoperator import (\n"
                    "    BaseOperator,  # the usual\n"
                    "    chain,\n"
                    ")\n"
                    "from airflow.sdk import BaseOperatorLink as Link  # noqa: F401\n"
                ),
            ),
            (
                "def f():\n\tfrom airflow.utils.helpers import chain, exactly_one, cross_downstream  # x\n\tchain()\n",
                (
                    "def f():\n\tfrom airflow.utils.helpers import exactly_one  # x\n"
                    "\tfrom airflow.sdk import chain, cross_downstream\n\tchain()\n"
                ),
            ),
            (
                "from airflow.contrib.operators.awsbatch_operator import BatchOperator, BatchProtocol\n",
                (
                    "from airflow.providers.amazon.aws.operators.batch import BatchOperator\n"
                    "from airflow.providers.amazon.aws.hooks.batch_client import BatchProtocol\n"
                ),
            ),
            ("from airflow.utils.helpers import chain; chain()\n", "from airflow.sdk import chain; chain()\n"),
        ],
    )
    def test_names_that_went_apart_get_an_import_each(self, tmp_path: Path, before: str, after: str) -> None:
        assert self.fixed(tmp_path, before) == after

    def test_a_class_of_another_name_is_for_those_who_look(self, tmp_path: Path) -> None:
        code = "from airflow.contrib.hooks.aws_hook import AwsHook\nhook = AwsHook('x')\n"
        assert self.fixed(tmp_path, code) == code
        assert self.fixed(tmp_path, code, unsafe=True) == (
            "from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook\nhook = AwsBaseHook('x')\n"
        )

    @pytest.mark.parametrize(
        "code",
        [
            "DAG('x', schedule=None, schedule_interval=None)",
            "import airflow.operators.bash_operator as b",
            f"{BASH}BashOperator(task_id='a', bash_command='{{{{ macros.ds_add(next_ds, 1) }}}}')",
            "from airflow.contrib.hooks.aws_hook import AwsHook",
            "x = 1; from airflow.operators.python_operator import PythonOperator, days",
            "from airflow.contrib.hooks.snowflake_hook import SnowflakeHook",
            "from airflow.utils.dates import days_ago",
            "import airflow.operators.bash_operator",
        ],
    )
    def test_what_needs_a_person_stays(self, tmp_path: Path, code: str) -> None:
        assert self.fixed(tmp_path, code) == code


@given(st.text(alphabet="{}%ab_. execution_date|'\"=()\n", max_size=80))
def test_any_template_can_be_read(text: str) -> None:
    assert set(REMOVED.words_in(text)) <= {"conf", "execution_date", "ds"}


@given(st.text(max_size=40))
def test_any_name_has_an_answer(name: str) -> None:
    assert REMOVED.name(name) == "" or name.startswith("airflow.")
    assert isinstance(REMOVED.instead(name) + REMOVED.advice(name), str)
