"""DAGs and tasks as the code writes them: ids, merged arguments, groups, mapping, order."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.documents.python_document import PythonDocument, read_python
from mwaalint.model.dag_model import Dag, Task
from mwaalint.model.dag_names import decorator_name
from mwaalint.model.dag_reading import DagCode
from tests.python_code import dag_code, document, plain
from tests.test_python_index import programs

HEAD = """
from datetime import datetime, timedelta
from airflow import DAG
from airflow.decorators import dag, task, task_group
from airflow.models.baseoperator import chain, cross_downstream
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
from airflow.utils.task_group import TaskGroup
"""


def code(text: str) -> DagCode:
    from textwrap import dedent

    return dag_code(HEAD + dedent(text))


def the_dag(text: str) -> Dag:
    (dag,) = code(text).dags
    return dag


def ids(dag: Dag) -> list[object]:
    return [plain(task.task_id) for task in dag.tasks]


def edges(dag: Dag) -> list[str]:
    return sorted({f"{plain(edge.up.task_id)}>{plain(edge.down.task_id)}" for edge in dag.edges})


class TestTasksThatNameNoDag:
    def test_join_the_dag_of_a_task_before_or_after_them(self) -> None:
        dag = the_dag(
            """
            d = DAG("d")
            a = EmptyOperator(task_id="a")
            b = EmptyOperator(task_id="b", dag=d)
            c = EmptyOperator(task_id="c")
            EmptyOperator(task_id="alone")
            a >> b
            c << a
            """
        )
        assert ids(dag) == ["a", "b", "c"]
        assert edges(dag) == ["a>b", "a>c"]

    def test_were_made_without_its_default_arguments(self) -> None:
        dag = the_dag(
            """
            d = DAG("d", default_args={"retries": 3})
            a = EmptyOperator(task_id="a")
            b = EmptyOperator(task_id="b", dag=d)
            a >> b
            """
        )
        assert [plain(task.argument("retries")) for task in dag.tasks] == ["-", 3]

    def test_are_left_where_the_dag_is_told_and_not_known(self) -> None:
        dag = the_dag(
            """
            d = DAG("d")
            a = EmptyOperator(task_id="a", dag=other())
            b = EmptyOperator(task_id="b", dag=d)
            a >> b
            """
        )
        assert ids(dag) == ["b"]

    def test_are_the_same_whatever_is_asked_first(self) -> None:
        text = 'd = DAG("d")\na = EmptyOperator(task_id="a")\nb = EmptyOperator(task_id="b", dag=d)\na >> b'
        assert [task.dag is not None for task in code(text).tasks] == [True, True]


class TestDags:
    @pytest.mark.parametrize(
        ("text", "kind", "dag_id"),
        [
            ('DAG("a")', "DAG", "a"),
            ('x = DAG(dag_id="a")', "DAG", "a"),
            ('with DAG("a") as d: pass', "DAG", "a"),
            ('import airflow\nairflow.DAG("a")', "DAG", "a"),
            ('from airflow.models.dag import DAG as D\nD("a")', "DAG", "a"),
            ('from airflow.sdk import DAG as D\nD("a")', "DAG", "a"),
            ('NAME = "a"\nDAG(NAME + "_b")', "DAG", "a_b"),
            ('DAG(**{"dag_id": "a"})', "DAG", "a"),
            ("DAG(unknown())", "DAG", "?"),
            ("DAG(**unknown())", "DAG", "?"),
            ("@dag()\ndef a(): pass", "dag", "a"),
            ("@dag\ndef a(): pass", "dag", "a"),
            ('@dag("b")\ndef a(): pass', "dag", "b"),
            ('@dag(dag_id="b")\ndef a(): pass', "dag", "b"),
            ("import airflow.decorators\n@airflow.decorators.dag\ndef a(): pass", "dag", "a"),
            ("from airflow.sdk import dag as d\n@d()\ndef a(): pass", "dag", "a"),
            ('from cosmos import DbtDag\nDbtDag(dag_id="a")', "DbtDag", "a"),
            ('from cosmos.airflow.dag import DbtDag\nDbtDag(dag_id="a")', "DbtDag", "a"),
        ],
    )
    def test_each_way_to_write_one(self, text: str, kind: str, dag_id: str) -> None:
        dag = the_dag(text)
        assert (dag.kind, plain(dag.dag_id)) == (kind, dag_id)

    def test_what_only_looks_like_one(self) -> None:
        text = """
            from acme import DAG as Other, dag as other
            Other("a")
            @other
            def b(): pass
            print("DAG")
        """
        assert code(text).dags == []

    def test_arguments_are_values(self) -> None:
        dag = the_dag("""
            SCHEDULE = "@daily"
            DAG("a", schedule=SCHEDULE, start_date=datetime(2024, 1, 2), catchup=False, max_active_runs=2 * 8,
                dagrun_timeout=timedelta(hours=1), tags=["x", name], end_date=None)
        """)
        found = {name: plain(dag.argument(name)) for name in (*dag.arguments.nodes, "params")}
        assert found == {
            "dag_id": "a",
            "schedule": "@daily",
            "start_date": datetime(2024, 1, 2),
            "catchup": False,
            "max_active_runs": 16,
            "dagrun_timeout": timedelta(hours=1),
            "tags": ("x", "?"),
            "end_date": None,
            "params": "-",
        }

    def test_what_is_spread_may_set_anything(self) -> None:
        dag = the_dag('DAG("a", **settings())')
        assert (plain(dag.dag_id), plain(dag.argument("catchup"))) == ("a", "?")
        dag = the_dag('COMMON = {"catchup": False}\nDAG("a", **COMMON)')
        assert (plain(dag.argument("catchup")), plain(dag.argument("schedule"))) == (False, "-")
        assert "catchup" in dag.arguments
        assert "schedule" not in dag.arguments

    def test_made_in_loops_functions_and_branches(self) -> None:
        dags = code("""
            for name in ("a", "b"):
                DAG(f"load_{name}")
            def make(name):
                return DAG(name)
            if STAGE:
                DAG("staged")
            DAG("plain")
        """).dags
        assert [(plain(dag.dag_id), dag.repeated, dag.conditional) for dag in dags] == [
            (["load_a", "load_b"], True, False),
            ("?", True, False),
            ("staged", False, True),
            ("plain", False, False),
        ]


class TestTasks:
    def test_by_block_by_argument_and_by_function(self) -> None:
        dags = code("""
            with DAG("one") as one:
                BashOperator(task_id="in one", bash_command="x")
            two = DAG("two")
            BashOperator(task_id="in two", dag=two)
            with two:
                EmptyOperator(task_id="also in two")
            @dag(schedule=None)
            def three():
                EmptyOperator(task_id="in three")
            with DAG("four"), lock():
                EmptyOperator(task_id="in four")
            EmptyOperator(task_id="in none")
        """).dags
        assert [(plain(dag.dag_id), ids(dag)) for dag in dags] == [
            ("one", ["in one"]),
            ("two", ["in two", "also in two"]),
            ("three", ["in three"]),
            ("four", ["in four"]),
        ]

    def test_a_function_that_makes_tasks_shows_no_dag(self) -> None:
        (task,) = code("""
            def step(name):
                return EmptyOperator(task_id=name)
            with DAG("a"):
                step("x")
        """).tasks
        assert (task.dag, plain(task.task_id), plain(task.argument("retries"))) == (None, "?", "?")

    def test_operators_are_known_by_their_origin_or_by_their_task_id(self) -> None:
        found = code("""
            from acme.operators import Load
            from airflow.sensors.base import PokeReturnValue
            from airflow.providers.amazon.aws.operators.ecs import EcsRunTaskOperator as Ecs
            from airflow.providers.amazon.aws.hooks.s3 import S3Hook
            with DAG("a"):
                Load(task_id="a")
                Ecs(**unknown())
                S3Hook(aws_conn_id="x")
                DAG("b")
                run(task_id="c")
                print("d")
        """).tasks
        assert [task.operator for task in found] == [
            "acme.operators.Load",
            "airflow.providers.amazon.aws.operators.ecs.EcsRunTaskOperator",
        ]
        assert found[1].class_name == "EcsRunTaskOperator"

    def test_arguments_come_from_the_task_then_its_groups_then_the_dag(self) -> None:
        dag = the_dag("""
            defaults = {"retries": 2, "queue": "dag", "owner": "dag"}
            with DAG("a", default_args=defaults):
                with TaskGroup("g", default_args={"queue": "group", "owner": "group"}):
                    EmptyOperator(task_id="x", owner="task")
        """)
        (task,) = dag.tasks
        found = [plain(task.argument(name)) for name in ("owner", "queue", "retries", "pool")]
        assert found == ["task", "group", 2, "-"]
        assert plain(dag.default("retries")) == 2

    @pytest.mark.parametrize(
        ("defaults", "expected"),
        [
            ("{'retries': 1}", 1),
            ("dict(retries=1)", 1),
            ("{**{'retries': 1}, 'owner': 'x'}", 1),
            ("{'retries': 1} | {'owner': 'x'}", 1),
            ("None", "-"),
            ("{}", "-"),
            ("unknown()", "?"),
            ("{**unknown()}", "?"),
            ("CHANGED", "?"),
            ("IMPORTED", "?"),
        ],
    )
    def test_default_args_in_every_shape(self, defaults: str, expected: object) -> None:
        dag = the_dag(f"""
            from acme import IMPORTED
            CHANGED = {{}}
            CHANGED["retries"] = 1
            with DAG("a", default_args={defaults}):
                EmptyOperator(task_id="x")
        """)
        assert plain(dag.tasks[0].argument("retries")) == expected

    def test_mapped_tasks(self) -> None:
        dag = the_dag("""
            with DAG("a", default_args={"retries": 1}):
                BashOperator.partial(task_id="x", retries=2).expand(bash_command=["a", "b"])
                BashOperator.partial(task_id="y").expand_kwargs(arguments)
                @task
                def load(table, mode): ...
                load.partial(mode="x").expand(table=["a"])
                load.expand(table=["a"])
        """)
        found = [
            (plain(task.task_id), task.class_name, task.mapped, plain(task.argument("retries"))) for task in dag.tasks
        ]
        assert found == [
            ("x", "BashOperator", True, 2),
            ("y", "BashOperator", True, 1),
            ("load", "task", True, 1),
            ("load", "task", True, 1),
        ]

    def test_decorated_functions_are_tasks_where_they_are_called(self) -> None:
        dag = the_dag("""
            @task(retries=3)
            def outside(): ...
            with DAG("a"):
                @task.bash(task_id="shell", env={})
                def inside(): ...
                outside()
                outside.override(task_id="again", retries=4)()
                outside.override(task_id="more").partial(a=1).expand(b=[2])
                inside()
        """)
        found = [
            (task.operator, plain(task.task_id), plain(task.argument("retries")), task.decorated) for task in dag.tasks
        ]
        assert found == [
            ("task", "outside", 3, True),
            ("task", "again", 4, True),
            ("task", "more", 3, True),
            ("task.bash", "shell", "-", True),
        ]

    def test_groups_put_their_names_before(self) -> None:
        dag = the_dag("""
            with DAG("a"):
                with TaskGroup("g") as g:
                    EmptyOperator(task_id="one")
                    with TaskGroup(group_id="h", prefix_group_id=False):
                        EmptyOperator(task_id="two")
                        with TaskGroup("i"):
                            EmptyOperator(task_id="three")
                with TaskGroup(unknown()):
                    EmptyOperator(task_id="four")
                EmptyOperator(task_id="five", task_group=g)
                @task_group
                def decorated():
                    EmptyOperator(task_id="six")
                decorated()
                @task_group(group_id="named", prefix_group_id=maybe())
                def other():
                    EmptyOperator(task_id="seven")
                other()
        """)
        assert ids(dag) == ["g.one", "g.two", "g.i.three", "?", "g.five", "decorated.six", "?"]
        assert [task.repeated for task in dag.tasks] == [False] * 7

    def test_loops_over_literals_give_every_id(self) -> None:
        dag = the_dag("""
            TABLES = {"orders": 1, "customers": 2}
            with DAG("a"):
                for number in range(2):
                    EmptyOperator(task_id=f"step_{number}")
                for table in TABLES:
                    with TaskGroup(table):
                        EmptyOperator(task_id="load")
                for name in unknown():
                    EmptyOperator(task_id=name)
                [EmptyOperator(task_id=f"c_{x}") for x in "ab"]
        """)
        assert ids(dag) == [["step_0", "step_1"], "?", "?", "?"]
        assert [task.repeated for task in dag.tasks] == [True, True, True, False]


class TestOrder:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a >> b", ["a>b"]),
            ("a << b", ["b>a"]),
            ("a >> b >> c", ["a>b", "b>c"]),
            ("a >> [b, c]", ["a>b", "a>c"]),
            ("[a, b] >> c", ["a>c", "b>c"]),
            ("a >> b << c", ["a>b", "c>b"]),
            ("(a >> b) >> c", ["a>b", "b>c"]),
            ("a.set_downstream(b)", ["a>b"]),
            ("a.set_upstream([b, c])", ["b>a", "c>a"]),
            ("chain(a, b, c)", ["a>b", "b>c"]),
            ("chain(a, [b, c])", ["a>b", "a>c"]),
            ("chain([a, b], [c, d])", ["a>c", "b>d"]),
            ("chain(*unknown)", []),
            ("cross_downstream([a, b], [c, d])", ["a>c", "a>d", "b>c", "b>d"]),
            ("a >> unknown >> b", []),
            ("a >> EmptyOperator(task_id='x') >> b", ["a>x", "x>b"]),
            ("later = [a, b]\nlater >> c", ["a>c", "b>c"]),
            ("later = []\nlater.append(a)\nlater >> c", []),
            ("a >> g", ["a>g.one", "a>g.two"]),
            ("g >> a", ["g.one>a", "g.two>a"]),
            ("x = f(a.output)\nf(x)", ["a>f", "f>f"]),
            ("f(1)['key'] ", []),
            ("f(f(1)['key'])", ["f>f"]),
            ("number = 1 >> 2", []),
            ("m = BashOperator.partial(task_id='m').expand(x=[1])\na >> m", ["a>m"]),
        ],
    )
    def test_each_way_to_write_it(self, text: str, expected: list[str]) -> None:
        body = "\n".join(f"    {line}" for line in text.splitlines())
        dag = the_dag(
            'with DAG("d"):\n'
            + "".join(f'    {name} = EmptyOperator(task_id="{name}")\n' for name in "abcd")
            + '    with TaskGroup("g") as g:\n'
            + '        EmptyOperator(task_id="one")\n        EmptyOperator(task_id="two")\n'
            + "    @task\n    def f(x): ...\n"
            + body
            + "\n"
        )
        assert edges(dag) == expected

    def test_a_name_that_is_used_again_means_the_latest_task(self) -> None:
        dags = code("""
            with DAG("one"):
                t = EmptyOperator(task_id="a")
                t >> EmptyOperator(task_id="b")
                t = EmptyOperator(task_id="c")
                t >> EmptyOperator(task_id="d")
            with DAG("two"):
                t = EmptyOperator(task_id="e")
                t >> EmptyOperator(task_id="f")
        """).dags
        assert [edges(dag) for dag in dags] == [["a>b", "c>d"], ["e>f"]]


@pytest.mark.parametrize(
    ("dotted", "name"),
    [
        ("airflow.decorators.task.bash", "task.bash"),
        ("airflow.decorators.dag", "dag"),
        ("airflow.sdk.task", "task"),
        ("airflow.decorators.task_group.task_group", "task_group.task_group"),
        ("airflow.models.dag.dag", "dag"),
        ("task", "task"),
        ("acme.task", ""),
        ("", ""),
    ],
)
def test_decorators_go_by_their_own_name(dotted: str, name: str) -> None:
    assert decorator_name(dotted) == name


NAMES = st.sampled_from(["a", "b", "c", "x"])
LINES = st.one_of(
    st.builds("{} >> {}".format, NAMES, NAMES),
    st.builds("{} = EmptyOperator(task_id='{}')".format, NAMES, NAMES),
    st.builds("{} = [{}, {}]".format, NAMES, NAMES, NAMES),
    st.builds("chain({}, {})".format, NAMES, NAMES),
    st.builds("{} = f({})".format, NAMES, NAMES),
    st.builds("for {} in {}: EmptyOperator(task_id={})".format, NAMES, NAMES, NAMES),
    st.builds("with TaskGroup({}) as {}: {}()".format, NAMES, NAMES, NAMES),
    st.builds("{} = {} + {}".format, NAMES, NAMES, NAMES),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=12))
def test_any_dag_is_read_to_an_end(lines: list[str]) -> None:
    body = "".join(f"    {line}\n" for line in ("@task\n    def f(x): ...", *lines))
    for dag in code('with DAG("d"):\n' + body).dags:
        for task in dag.tasks:
            assert isinstance(task, Task)
            assert task.dag is dag
            task.argument("retries")
        assert {id(edge.up.dag) for edge in dag.edges} <= {id(dag)}


@settings(max_examples=100, deadline=None)
@given(programs())
def test_code_without_dags_has_none(text: str) -> None:
    from pathlib import Path

    from mwaalint.source import SourceFile

    found = read_python(SourceFile("a.py", Path("a.py"), text.encode()))
    if isinstance(found, PythonDocument):
        assert DagCode(found).dags == []


def test_groups_that_name_each_other_end() -> None:
    dag = the_dag("""
        with DAG("a"):
            g = TaskGroup("g", parent_group=h)
            h = TaskGroup("h", parent_group=g)
            EmptyOperator(task_id="x", task_group=h)
    """)
    assert len(dag.tasks) == 1


@pytest.mark.parametrize("items", ["a", "a, a", "b, a", "a, b, a, a", "*a, b", "[a, a], [a, b]"])
def test_a_list_that_holds_itself_ends(items: str) -> None:
    """Each of its names would lead to all of it, again and again."""
    dag = the_dag(f"""
        with DAG("d"):
            b = EmptyOperator(task_id="b")
            c = EmptyOperator(task_id="c")
            a = [{items}]
            a >> c
    """)
    assert edges(dag) == (["b>c"] if "b" in items else [])


def test_tasks_of_a_block_share_its_dag_and_group_unless_they_name_others() -> None:
    dag, other = code("""
        with DAG("a") as a:
            with TaskGroup("g") as g:
                EmptyOperator(task_id="x")
                EmptyOperator(task_id="y", dag=b)
                EmptyOperator(task_id="z")
                with TaskGroup("h"):
                    EmptyOperator(task_id="x", task_group=g)
                    EmptyOperator(task_id="y")
        b = DAG("b")
    """).dags
    assert ids(dag) == ["g.x", "g.z", "g.x", "g.h.y"]
    assert ids(other) == ["g.y"]


def test_a_function_that_imports_another_of_its_name_is_the_task_still() -> None:
    dag = the_dag("""
        @task
        def extract():
            from helpers import extract
            return extract()
        @task
        def load(rows): ...
        with DAG("a"):
            load(extract())
    """)
    assert ids(dag) == ["load", "extract"]
    assert edges(dag) == ["extract>load"]


def test_the_document_is_kept() -> None:
    found = document('from airflow import DAG\nDAG("a")\n')
    assert DagCode(found).dags[0].document is found
