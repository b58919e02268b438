"""The rules on what a DAG file says of itself: look-ups on import, ids, circles, start dates, catch-up."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.findings import Confidence, Severity
from tests.deployments import check, write_all
from tests.python_code import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.findings import Finding

HEAD = """\
import datetime as dt
from datetime import date, datetime, timedelta
import pendulum
import airflow
from airflow import DAG
from airflow.decorators import dag, task, task_group
from airflow.hooks.base import BaseHook
from airflow.models import Connection, Variable
from airflow.models.baseoperator import chain, cross_downstream
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.utils import timezone
from airflow.utils.dates import days_ago
from airflow.utils.task_group import TaskGroup
"""
LINES = HEAD.count("\n")
OPEN_GROUP = "with TaskGroup('g', prefix_group_id=False):"


def found(folder: Path, code: str, text: str, *, main: str = ENVIRONMENT, **files: str) -> list[Finding]:
    """The findings of one rule in a project with one DAG file."""
    more = {name.replace("__", "/") + ".py": content for name, content in files.items()}
    result = check(write_all(folder, {"main.tf": main, "dags/etl.py": HEAD + dedent(text), **more}))
    assert not result.crashed
    return [finding for finding in result.findings if finding.code == code]


def places(folder: Path, code: str, text: str, **options: Any) -> list[int]:
    """The lines of the findings, counted from the text."""
    result = check(write_all(folder, {"main.tf": options.get("main", ENVIRONMENT), "dags/etl.py": HEAD + dedent(text)}))
    assert not result.crashed
    source = result.sources.get("dags/etl.py")
    return [
        source.position(finding.primary.span.start).line - LINES
        for finding in result.findings
        if finding.code == code and source is not None
    ]


def messages(folder: Path, code: str, text: str, **options: Any) -> list[str]:
    return [finding.message for finding in found(folder, code, text, **options)]


class TestLookUpsOnImport:
    """MW403."""

    @pytest.mark.parametrize(
        "text",
        [
            'Variable.get("a")',
            'x = Variable.get("a", default_var=None)',
            'x = Variable.get(key="a")',
            'airflow.models.Variable.get("a")',
            'from airflow.models.variable import Variable as V\nV.get("a")',
            'from airflow.sdk import Variable as V\nV.get("a")',
            'def f(x=Variable.get("a")): ...',
            'class A:\n    x = Variable.get("a")',
            '[Variable.get(x) for x in "ab"]',
            'if Variable.get("a"): ...',
            'BaseHook.get_connection("a").host',
            'from airflow.hooks.base_hook import BaseHook as B\nB.get_connection("a")',
            'Connection.get_connection_from_secrets("a")',
            'PostgresHook("a").get_conn()',
            'hook = PostgresHook("a")\nrows = hook.get_records("select 1")',
            'with DAG("a", schedule=None):\n    BashOperator(task_id="a", bash_command=Variable.get("a"))',
            'with DAG("a", schedule=None):\n    BashOperator(task_id="a", bash_command=f"echo {Variable.get(0)}")',
            "def f():\n    return Variable.get('a')\nx = f()",
            "def f():\n    return g()\ndef g():\n    return Variable.get('a')\nx = f()",
        ],
    )
    def test_runs_whenever_airflow_reads_the_file(self, tmp_path: Path, text: str) -> None:
        assert len(places(tmp_path, "MW403", text)) == 1

    @pytest.mark.parametrize(
        "text",
        [
            'def f():\n    Variable.get("a")',
            '@task\ndef f():\n    Variable.get("a")\nwith DAG("a", schedule=None):\n    f()',
            'f = lambda: Variable.get("a")',
            'class A:\n    def f(self):\n        Variable.get("a")',
            'if __name__ == "__main__":\n    Variable.get("a")',
            'Variable.set("a", "b")',
            'PostgresHook("a")',
            'x = "{{ var.value.a }}"',
            'from acme import Variable\nVariable.get("a")',
            'settings = {}\nsettings.get("a")',
            "hook.get_conn()",
            'PythonOperator(task_id="a", python_callable=lambda: Variable.get("a"))',
        ],
    )
    def test_what_only_a_task_runs_or_nobody_knows(self, tmp_path: Path, text: str) -> None:
        assert places(tmp_path, "MW403", text) == []

    def test_the_message_names_the_call_and_the_function(self, tmp_path: Path) -> None:
        text = """
            def settings():
                return Variable.get("bucket", deserialize_json=True)
            settings()
            Variable.get(name)
            PostgresHook().get_conn()
        """
        found = messages(tmp_path, "MW403", text)
        assert [message.partition(" runs ")[0].partition(" looks ")[0] for message in found] == [
            'Variable.get("bucket")',
            "Variable.get(…)",
            "PostgresHook().get_conn()",
        ]
        assert "because settings() is called on import" in found[0]


class TestDuplicateTaskIds:
    """MW432."""

    def tasks(self, folder: Path, text: str) -> list[int]:
        body = indent(dedent(text).strip("\n"), "    ")
        return places(folder, "MW432", f'with DAG("a", schedule=None):\n{body}\n')

    @pytest.mark.parametrize(
        ("text", "lines"),
        [
            ("EmptyOperator(task_id='a')\nEmptyOperator(task_id='a')", [3]),
            ("EmptyOperator(task_id='a')\nBashOperator(task_id='b')\nBashOperator(task_id='a')", [4]),
            ("N = 'a'\nEmptyOperator(task_id=N)\nEmptyOperator(task_id='a')", [4]),
            ("with TaskGroup('g'):\n    EmptyOperator(task_id='a')\nEmptyOperator(task_id='g.a')", [4]),
            (f"{OPEN_GROUP}\n    EmptyOperator(task_id='a')\nEmptyOperator(task_id='a')", [4]),
            ("if x:\n    EmptyOperator(task_id='a')\nEmptyOperator(task_id='a')", [4]),
            ("EmptyOperator.partial(task_id='a').expand(x=[1])\nEmptyOperator(task_id='a')", [3]),
            ("EmptyOperator(task_id='a')\n" * 3, [3]),
        ],
    )
    def test_break_the_import(self, tmp_path: Path, text: str, lines: list[int]) -> None:
        assert self.tasks(tmp_path, text) == lines

    @pytest.mark.parametrize(
        "text",
        [
            "EmptyOperator(task_id='a')\nEmptyOperator(task_id='b')",
            "with TaskGroup('g'):\n    EmptyOperator(task_id='a')\nEmptyOperator(task_id='a')",
            "with TaskGroup('g'):\n    EmptyOperator(task_id='a')\nwith TaskGroup('h'):\n    BashOperator(task_id='a')",
            "with TaskGroup(x):\n    EmptyOperator(task_id='a')\nwith TaskGroup(x):\n    EmptyOperator(task_id='a')",
            "if x:\n    EmptyOperator(task_id='a')\nelse:\n    EmptyOperator(task_id='a')",
            "try:\n    EmptyOperator(task_id='a')\nexcept E:\n    EmptyOperator(task_id='a')",
            "for x in y:\n    EmptyOperator(task_id='a')\nEmptyOperator(task_id='a')",
            "@task\ndef a(): ...\na()\na()",
            "@task(task_id='a')\ndef b(): ...\nb()\nEmptyOperator(task_id='c')",
            "EmptyOperator(task_id=x)\nEmptyOperator(task_id=x)",
            "EmptyOperator(task_id='a')\nother = DAG('b', schedule=None)\nEmptyOperator(task_id='a', dag=other)",
            "def f():\n    return EmptyOperator(task_id='a')\nf()\nEmptyOperator(task_id='a')",
            "Alert(task_id='a')\nAlert(task_id='a')",
        ],
    )
    def test_no_two_tasks_that_are_both_made(self, tmp_path: Path, text: str) -> None:
        assert self.tasks(tmp_path, text) == []

    def test_the_message_leads_to_the_first(self, tmp_path: Path) -> None:
        text = "with DAG('etl', schedule=None):\n    EmptyOperator(task_id='a')\n    EmptyOperator(task_id='a')\n"
        (finding,) = found(tmp_path, "MW432", text)
        assert finding.message.startswith(f"the task ID 'a' is already used by the task in line {LINES + 2}:")
        assert finding.message.endswith("and etl does not run")
        assert [place.note for place in finding.related] == ["the first task with this id"]
        assert finding.severity is Severity.ERROR


class TestCircles:
    """MW433."""

    def order(self, folder: Path, text: str) -> list[str]:
        made = "".join(f'    {name} = EmptyOperator(task_id="{name}")\n' for name in "abcd")
        body = indent(dedent(text).strip("\n"), "    ")
        found = messages(folder, "MW433", f'with DAG("etl", schedule=None):\n{made}{body}\n')
        return [message.partition(", ")[2].partition(":")[0] for message in found]

    @pytest.mark.parametrize(
        ("text", "cycle"),
        [
            ("a >> b >> a", "a → b → a"),
            ("a >> a", "a → a"),
            ("a >> b\nb >> c\nc >> a", "a → b → c → a"),
            ("a << b\nb << a", "a → b → a"),
            ("a >> [b, c]\nc >> a", "a → c → a"),
            ("a.set_downstream(b)\na.set_upstream(b)", "a → b → a"),
            ("chain(a, b, c)\nc >> b", "b → c → b"),
            ("cross_downstream([a, b], [c, d])\nd >> a", "a → d → a"),
            ("with TaskGroup('g') as g:\n    x = EmptyOperator(task_id='x')\na >> g\nx >> a", "a → g.x → a"),
            ("@task\ndef f(x): ...\ny = f(a.output)\ny >> a", "a → f → a"),
            ("a >> b >> c >> d >> a\nb >> a", "a → b → a"),
        ],
    )
    def test_break_the_import(self, tmp_path: Path, text: str, cycle: str) -> None:
        assert self.order(tmp_path, text) == [cycle]

    @pytest.mark.parametrize(
        "text",
        [
            "a >> b >> c >> d",
            "a >> [b, c] >> d",
            "a >> b\na >> b",
            "if x:\n    a >> b\nelse:\n    b >> a",
            "for x in y:\n    a >> b\n    b >> a",
            "a >> unknown >> a",
            "a >> f(b) >> a",
            "a = EmptyOperator(task_id='new')\na >> b",
            "b >> a\na = EmptyOperator(task_id='new')\na >> b",
            "later = [a, b]\nlater.append(c)\nlater >> a",
            "a >> b\n(b, a) == (c, d)",
            "with TaskGroup('g') as g:\n    EmptyOperator(task_id='x') >> EmptyOperator(task_id='y')\na >> g >> b",
        ],
    )
    def test_no_circle_that_is_surely_drawn(self, tmp_path: Path, text: str) -> None:
        assert self.order(tmp_path, text) == []

    def test_two_dags_of_one_file_are_apart(self, tmp_path: Path) -> None:
        text = """
            with DAG("one", schedule=None):
                a = EmptyOperator(task_id="a")
                b = EmptyOperator(task_id="b")
                a >> b
            with DAG("two", schedule=None):
                a = EmptyOperator(task_id="a")
                b = EmptyOperator(task_id="b")
                b >> a
        """
        assert messages(tmp_path, "MW433", text) == []

    def test_it_stands_at_the_last_arrow(self, tmp_path: Path) -> None:
        text = """\
            with DAG("one", schedule=None):
                a = EmptyOperator(task_id="a")
                b = EmptyOperator(task_id="b")
                a >> b
                b >> a
        """
        (finding,) = found(tmp_path, "MW433", text)
        assert places(tmp_path, "MW433", text) == [5]
        assert [place.note for place in finding.related] == ["the other way round"]


NAMES = "abcdef"


@settings(max_examples=60, deadline=None)
@given(st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=8))
def test_a_circle_is_found_exactly_where_there_is_one(
    tmp_path_factory: pytest.TempPathFactory, arrows: set[tuple[str, str]]
) -> None:
    made = "".join(f'    {name} = EmptyOperator(task_id="{name}")\n' for name in NAMES)
    drawn = "".join(f"    {up} >> {down}\n" for up, down in sorted(arrows))
    text = f'with DAG("etl", schedule=None):\n{made}{drawn}'
    assert bool(found(tmp_path_factory.mktemp("p"), "MW433", text)) is has_circle(arrows)


def has_circle(arrows: set[tuple[str, str]]) -> bool:
    """Takes tasks without anything before them away until none is left, or only a circle."""
    left = set(NAMES)
    while True:
        free = {name for name in left if not any(down == name and up in left for up, down in arrows)}
        if not free:
            return bool(left)
        left -= free


class TestStartDates:
    """MW418."""

    @pytest.mark.parametrize(
        ("start", "word"),
        [
            ("datetime.now()", "later each time"),
            ("dt.datetime.now()", "later each time"),
            ("datetime.utcnow()", "later each time"),
            ("datetime.now() - timedelta(days=1)", "later each time"),
            ("pendulum.now()", "later each time"),
            ("timezone.utcnow()", "later each time"),
            ("datetime.now().replace(hour=0)", "a different date every day"),
            ("datetime.combine(date.today(), datetime.min.time())", "a different date every day"),
            ("days_ago(1)", "a different date every day"),
            ("airflow.utils.dates.days_ago(2)", "a different date every day"),
            ("pendulum.today('UTC').add(days=-1)", "a different date every day"),
            ("pendulum.yesterday()", "a different date every day"),
        ],
    )
    def test_move_with_the_clock(self, tmp_path: Path, start: str, word: str) -> None:
        (message,) = messages(tmp_path, "MW418", f'DAG("a", schedule="@daily", start_date={start})')
        assert word in message
        assert message.startswith(f"'a' starts at {start}, which" if "later" in word else f"'a' starts at {start}, ")

    @pytest.mark.parametrize(
        "start",
        ["datetime(2024, 1, 1)", "pendulum.datetime(2024, 1, 1, tz='UTC')", "None", "START", "start()", "datetime.max"],
    )
    def test_that_stay_or_that_nobody_knows(self, tmp_path: Path, start: str) -> None:
        assert messages(tmp_path, "MW418", f'DAG("a", schedule="@daily", start_date={start}, catchup=False)') == []

    @pytest.mark.parametrize(
        ("arguments", "confidence"),
        [
            ("schedule='@hourly'", Confidence.HIGH),
            ("schedule_interval='0 * * * *'", Confidence.HIGH),
            ("schedule=timedelta(hours=1)", Confidence.HIGH),
            ("catchup=False", Confidence.HIGH),
            ("schedule=SCHEDULE", Confidence.MEDIUM),
            ("schedule=None", None),
            ("schedule_interval=None", None),
            ("schedule='@once'", None),
            ("schedule='@continuous', max_active_runs=1", None),
        ],
    )
    def test_matter_with_a_schedule(self, tmp_path: Path, arguments: str, confidence: Confidence | None) -> None:
        findings = found(tmp_path, "MW418", f'DAG("a", {arguments}, start_date=days_ago(1))')
        assert [finding.confidence for finding in findings] == ([confidence] if confidence else [])

    @pytest.mark.parametrize(
        "text",
        [
            'args = {"start_date": days_ago(1)}\nDAG("a", schedule="@daily", default_args=args)',
            'DAG("a", schedule="@daily", default_args=dict(start_date=days_ago(1)))',
            'args = {"start_date": days_ago(1)}\nDAG("a", schedule="@daily", **args)',
            'start = days_ago(1)\nDAG("a", schedule="@daily", start_date=start)',
            '@dag(schedule="@daily", start_date=days_ago(1))\ndef a(): ...\na()',
        ],
    )
    def test_wherever_they_are_written(self, tmp_path: Path, text: str) -> None:
        assert len(messages(tmp_path, "MW418", text)) == 1

    def test_without_a_schedule_argument_it_depends_on_the_version(self, tmp_path: Path) -> None:
        text = 'DAG("a", start_date=days_ago(1), catchup=False)'
        assert len(messages(tmp_path / "2", "MW418", text)) == 1
        assert messages(tmp_path / "3", "MW418", text, main=ENVIRONMENT.replace("2.10.3", "3.0.6")) == []


class TestCatchup:
    """MW412."""

    @pytest.mark.parametrize(
        ("arguments", "runs"),
        [
            ("schedule='@daily', start_date=datetime(2026, 11, 1)", "21"),
            ("schedule='@hourly', start_date=datetime(2026, 11, 1)", "504"),
            ("schedule='0 * * * *', start_date=datetime(2026, 11, 1)", "504"),
            ("schedule='0 3 * * *', start_date=datetime(2026, 11, 1)", "21"),
            ("schedule='0 3 * * 1', start_date=datetime(2026, 10, 1)", "7"),
            ("schedule='0 3 1 * *', start_date=datetime(2025, 11, 1)", "12"),
            ("schedule=timedelta(days=2), start_date=datetime(2026, 11, 1)", "10"),
            ("schedule_interval='@daily', start_date=datetime(2026, 11, 1)", "21"),
            ("start_date=datetime(2026, 11, 1)", "21"),
            ("schedule='@daily', default_args={'start_date': datetime(2026, 11, 1)}", "21"),
            ("schedule='@daily', start_date=datetime(2026, 1, 1), end_date=datetime(2026, 1, 11)", "10"),
        ],
    )
    def test_runs_for_each_interval_since(self, tmp_path: Path, arguments: str, runs: str) -> None:
        (message,) = messages(tmp_path, "MW412", f'DAG("a", {arguments})')
        assert f", about {runs}; Airflow 3" in message

    @pytest.mark.parametrize(
        "arguments",
        [
            "schedule='@daily', start_date=datetime(2020, 1, 1), catchup=False",
            "schedule='@daily', start_date=datetime(2026, 11, 21)",
            "schedule='@monthly', start_date=datetime(2026, 10, 1)",
            "schedule=None, start_date=datetime(2020, 1, 1)",
            "schedule='@once', start_date=datetime(2020, 1, 1)",
            "schedule=SCHEDULE, start_date=datetime(2020, 1, 1)",
            "schedule='@daily', start_date=START",
            "schedule='@daily'",
            "schedule='@daily', start_date=datetime(2020, 1, 1), catchup=CATCHUP",
            "schedule='@daily', start_date=datetime(2020, 1, 1), **more()",
            "schedule='@daily', start_date=datetime(2020, 1, 1), is_paused_upon_creation=True",
            "schedule='@daily', start_date=datetime(2020, 1, 1), end_date=END",
            "schedule='@daily', start_date=datetime(2026, 11, 1), catchup=True",
            "schedule=[], start_date=datetime(2020, 1, 1)",
            "schedule='what', start_date=datetime(2020, 1, 1)",
            "schedule=timedelta(0), start_date=datetime(2020, 1, 1)",
            "schedule='@daily', start_date=datetime(2030, 1, 1)",
        ],
    )
    def test_nothing_to_catch_up_with_or_nobody_knows(self, tmp_path: Path, arguments: str) -> None:
        assert messages(tmp_path, "MW412", f'DAG("a", {arguments})') == []

    def test_on_purpose_it_is_a_note_from_a_hundred_runs_on(self, tmp_path: Path) -> None:
        text = 'DAG("a", schedule="@daily", start_date=datetime(2026, 1, 1), catchup=True)'
        (finding,) = found(tmp_path, "MW412", text)
        assert (finding.severity, "starts about 325 runs" in finding.message) == (Severity.NOTE, True)

    @pytest.mark.parametrize(
        ("main", "count"),
        [
            (ENVIRONMENT, 1),
            (ENVIRONMENT.replace("2.10.3", "3.0.6"), 0),
            (ENVIRONMENT.replace('"2.10.3"', "var.version"), 0),
            (
                ENVIRONMENT.rstrip()[:-1]
                + 'airflow_configuration_options = { "scheduler.catchup_by_default" = "False" }\n}',
                0,
            ),
        ],
    )
    def test_the_version_and_the_environment_decide(self, tmp_path: Path, main: str, count: int) -> None:
        text = 'DAG("a", schedule="@daily", start_date=datetime(2020, 1, 1))'
        assert len(messages(tmp_path, "MW412", text, main=main)) == count


class TestDuplicateDagIds:
    """MW425."""

    def ids(self, folder: Path, files: dict[str, str], main: str = ENVIRONMENT) -> list[str]:
        result = check(write_all(folder, {"main.tf": main, **{path: HEAD + text for path, text in files.items()}}))
        assert not result.crashed
        return [
            f"{f.primary.path}: {f.message.split(' also defines ')[0]}" for f in result.findings if f.code == "MW425"
        ]

    def test_in_two_files(self, tmp_path: Path) -> None:
        one = 'DAG("etl", schedule=None)\n'
        files = {"dags/b.py": one, "dags/a.py": one, "dags/old/c.py": "@dag(schedule=None)\ndef etl(): ...\netl()\n"}
        assert self.ids(tmp_path, files) == ["dags/b.py: dags/a.py", "dags/old/c.py: dags/a.py"]

    @pytest.mark.parametrize(
        "second",
        [
            'DAG("other", schedule=None)',
            "DAG(NAME, schedule=None)",
            'if x:\n    DAG("etl", schedule=None)',
            'for x in y:\n    DAG("etl", schedule=None)',
            'def f():\n    return DAG("etl", schedule=None)',
            'for x in ["etl", "b"]:\n    DAG(x, schedule=None)',
        ],
    )
    def test_not_the_same_or_perhaps_not_made(self, tmp_path: Path, second: str) -> None:
        assert self.ids(tmp_path, {"dags/a.py": 'DAG("etl", schedule=None)\n', "dags/b.py": second + "\n"}) == []

    def test_twice_in_one_file_is_another_matter(self, tmp_path: Path) -> None:
        assert self.ids(tmp_path, {"dags/a.py": 'DAG("etl", schedule=None)\n' * 2}) == []

    def test_side_by_side_in_a_folder_that_is_only_likely(self, tmp_path: Path) -> None:
        one = 'DAG("etl", schedule=None)\n'
        main = ENVIRONMENT.replace('dag_s3_path     = "dags"', 'dag_s3_path     = "airflow/code"')
        files = {"dags/first/a.py": one, "dags/second/a.py": one, "dags/second/old/a.py": one}
        assert self.ids(tmp_path / "likely", files, main) == ["dags/second/old/a.py: dags/second/a.py"]
        assert len(self.ids(tmp_path / "named", files)) == 2
