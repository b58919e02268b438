"""What DAG code tells without being run: how many DAGs there are, and what work tasks do on the workers."""

from __future__ import annotations

import warnings
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from mwaalint.discover import Project, discover
from mwaalint.documents import python
from mwaalint.findings import Location
from mwaalint.model import dags
from mwaalint.model.dags import DagCode, dag_code, read_folder
from mwaalint.model.deployment import Deployment, Target
from mwaalint.model.environment import Upload
from mwaalint.source import MAX_BYTES, SourceFile
from tests.python_code import document

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator
    from pathlib import Path

ENDLESS = "DAGs are made in a loop over something that only a run can tell"


def project(folder: Path, **files: str | bytes) -> Project:
    """A project on the disk; ``dags__load`` and ``dags/load`` are dags/load.py."""
    for name, content in files.items():
        path = folder / ((name if "/" in name else name.replace("__", "/")) + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else dedent(content).encode())
    return discover(folder)


def code_of(folder: Path, **files: str | bytes) -> DagCode:
    return read_folder("dags", project(folder, **files))


def counted(folder: Path, body: str, imports: str = "from airflow import DAG") -> int | str:
    """The DAGs that one file makes, or why nobody can tell."""
    found = code_of(folder, dags__load=f"{imports}\n{dedent(body)}")
    return found.reason if found.count is None else found.count


# ---- counting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("from airflow import DAG", "DAG('a')"),
        ("from airflow import DAG as Graph", "Graph('a')"),
        ("from airflow.models import DAG", "DAG(dag_id='a')"),
        ("from airflow.models.dag import DAG", "DAG('a')"),
        ("from airflow.sdk import DAG", "DAG('a')"),
        ("import airflow", "airflow.DAG('a')"),
        ("import airflow.models", "airflow.models.DAG('a')"),
        ("from airflow import models", "models.DAG('a')"),
        ("import airflow.models as m", "m.DAG('a')"),
        ("from airflow import *", "DAG('a')"),
        ("from cosmos import DbtDag  # airflow", "DbtDag(project_config=None)"),
        ("from cosmos.airflow.dag import DbtDag", "DbtDag(project_config=None)"),
        ("import cosmos  # airflow", "cosmos.DbtDag(project_config=None)"),
    ],
)
def test_a_dag_by_any_of_its_names(imports: str, call: str, tmp_path: Path) -> None:
    assert counted(tmp_path, f"dag = {call}", imports) == 1


def test_a_dag_in_a_with_statement(tmp_path: Path) -> None:
    assert counted(tmp_path, "with DAG('a') as a, DAG('b') as b:\n    pass") == 2


@pytest.mark.parametrize("imports", ["from airflow.decorators import dag", "from airflow.sdk import dag"])
def test_a_decorated_function_is_a_dag_each_time_it_is_called(imports: str, tmp_path: Path) -> None:
    body = """
        @dag
        def plain(): ...

        @dag(schedule="@daily")
        def twice(): ...

        plain()
        first = twice()
        second = twice()
    """
    assert counted(tmp_path, body, imports) == 3


def test_a_decorated_function_that_nobody_calls_still_counts(tmp_path: Path) -> None:
    """Better one too many than one too few: the count argues for a smaller environment."""
    assert counted(tmp_path, "@dag\ndef load(): ...", "from airflow.decorators import dag") == 1


def test_the_decorator_by_its_module(tmp_path: Path) -> None:
    assert counted(tmp_path, "@decorators.dag()\ndef load(): ...\nload()", "from airflow import decorators") == 1


def test_both_branches_count(tmp_path: Path) -> None:
    assert counted(tmp_path, "if stage == 'prod':\n    d = DAG('a')\nelse:\n    d = DAG('b')") == 2


@pytest.mark.parametrize(
    ("collection", "number"),
    [
        ("['a', 'b', 'c']", 3),
        ("('a', 'b')", 2),
        ("{'a', 'b'}", 2),
        ("{'a': 1, 'b': 2}", 2),
        ("{'a': 1, 'b': 2}.items()", 2),
        ("{'a': 1}.keys()", 1),
        ("range(30)", 30),
        ("range(2, 10)", 8),
        ("range(10, 0, -5)", 2),
        ("range(-3, 3)", 6),
        ("enumerate(['a', 'b'])", 2),
        ("enumerate(['a', 'b'], 1)", 2),
        ("sorted(['a', 'b'])", 2),
        ("reversed(list(('a', 'b')))", 2),
        ("[]", 0),
        ("range(0)", 0),
    ],
)
def test_a_loop_over_what_is_written_out(collection: str, number: int, tmp_path: Path) -> None:
    assert counted(tmp_path, f"for name in {collection}:\n    DAG(str(name))") == number


@pytest.mark.parametrize(
    "assignment",
    ["NAMES = ['a', 'b', 'c']", "NAMES: list[str] = ['a', 'b', 'c']", "ALL = ('a', 'b', 'c')\nNAMES = ALL"],
)
def test_a_loop_over_a_name_that_never_changes(assignment: str, tmp_path: Path) -> None:
    assert counted(tmp_path, f"{assignment}\nfor name in NAMES:\n    DAG(name)") == 3


@pytest.mark.parametrize(
    "assignment",
    [
        "NAMES = ['a']\nNAMES = load()",
        "NAMES = ['a']\nNAMES.append('b')",
        "NAMES = ['a']\nNAMES += ['b']",
        "NAMES = {}\nNAMES['a'] = 1",
        "NAMES = ['a']\nfor NAMES in [[], []]:\n    pass",
        "NAMES = load()",
        "from config import NAMES",
        "NAMES = ['a', *others]",
        "NAMES = {'a': 1, **others}",
        "NAMES = NAMES",
        "NAMES = 'abc'",
        "NAMES = [n for n in load()]",
        "NAMES = range(count)",
        "NAMES = range(1, 9, 0)",
        "NAMES = range(10 ** 9)",
        "NAMES = range(True)",
        "NAMES = range()",
        "NAMES = range(99999999999999999999)",
        "NAMES = Path('.').glob('*.yaml')",
        "NAMES = Variable.get('names', deserialize_json=True)",
        "def function():\n    NAMES = ['a']",
    ],
)
def test_a_loop_over_what_only_a_run_can_tell(assignment: str, tmp_path: Path) -> None:
    assert counted(tmp_path, f"{assignment}\nfor name in NAMES:\n    DAG(name)") == ENDLESS


def test_loops_multiply(tmp_path: Path) -> None:
    assert counted(tmp_path, "for a in 'x', 'y':\n    for b in range(3):\n        DAG(a + str(b))") == 6


def test_what_follows_a_loop_runs_once(tmp_path: Path) -> None:
    assert counted(tmp_path, "for a in range(5):\n    pass\nelse:\n    DAG('a')\nDAG('b')") == 2


def test_comprehensions_multiply_too(tmp_path: Path) -> None:
    assert counted(tmp_path, "dags = [DAG(a + b) for a in ('x', 'y') for b in ['1', '2', '3']]") == 6
    assert counted(tmp_path, "dags = {a: DAG(a) for a in load()}") == ENDLESS


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ("dags = [[DAG(a + b) for a in 'xy'.split()] for b in ['1', '2']]", None),
        ("dags = [[DAG(a + b) for a in ['x', 'y', 'z']] for b in ['1', '2']]", 6),
        ("dags = {a: DAG(a)\n    for a in ['x', 'y']}\nlast = DAG('z')", 3),
        ("names = [a for a in load()]; DAG('x'); others = [a for a in load()]", 1),
        ("dags = list(\n    DAG(a)\n    for a in ['x'])\nDAG('y')", 2),
    ],
)
def test_a_comprehension_makes_what_stands_in_it(tmp_path: Path, body: str, number: int | None) -> None:
    assert counted(tmp_path, body) == (ENDLESS if number is None else number)


@pytest.mark.parametrize("statement", ["while more():\n    DAG('a')", "make = lambda: DAG('a')"])
def test_what_runs_an_unknown_number_of_times(statement: str, tmp_path: Path) -> None:
    assert counted(tmp_path, statement) == ENDLESS


def test_a_namespace_filled_in_a_written_loop_is_plain(tmp_path: Path) -> None:
    assert counted(tmp_path, "for n in ['a', 'b']:\n    globals()[n] = DAG(n)") == 2


@pytest.mark.parametrize("namespace", ["globals", "locals", "vars"])
def test_a_namespace_filled_in_an_open_loop_is_not(namespace: str, tmp_path: Path) -> None:
    assert counted(tmp_path, f"for n in load():\n    {namespace}()[n] = DAG(n)") == ENDLESS


def test_a_namespace_filled_in_bulk(tmp_path: Path) -> None:
    assert counted(tmp_path, "globals().update(made)") == "DAGs are put into the module's namespace in bulk"


# ---- functions that make DAGs ---------------------------------------------------------------------------------------

FACTORY = """
def make(name):
    with DAG(name) as dag:
        pass
    return dag
"""


@pytest.mark.parametrize(
    ("calls", "number"),
    [
        ("a = make('a')", 1),
        ("a = make('a')\nb = make('b')", 2),
        ("for n in ['a', 'b', 'c']:\n    globals()[n] = make(n)", 3),
        ("def both():\n    make('a')\n    make('b')\nboth()", 2),
        ("def both():\n    make('a')\n    make('b')\nfor _ in range(3):\n    both()", 6),
    ],
)
def test_a_function_counts_for_each_plain_call(calls: str, number: int, tmp_path: Path) -> None:
    assert counted(tmp_path, FACTORY + calls) == number


@pytest.mark.parametrize(
    "calls",
    [
        "for n in load():\n    globals()[n] = make(n)",
        "dags = list(map(make, ['a', 'b']))",
        "register(make)",
        "def again(n):\n    again(n)\n    make(n)\nagain('a')",
    ],
)
def test_a_function_used_in_any_other_way_does_not(calls: str, tmp_path: Path) -> None:
    assert counted(tmp_path, FACTORY + calls) == ENDLESS


def test_a_function_for_other_files(tmp_path: Path) -> None:
    assert counted(tmp_path, FACTORY) == "the function make makes DAGs and is not called in its own file"


def test_a_method_for_other_files(tmp_path: Path) -> None:
    body = "class Maker:\n    def make(self):\n        return DAG('a')\nMaker().make()"
    assert counted(tmp_path, body) == "the function make makes DAGs and is not called in its own file"


def test_a_decorated_function_inside_a_function(tmp_path: Path) -> None:
    body = """
        def make(name):
            @dag(dag_id=name)
            def inner(): ...
            return inner()

        for name in ["a", "b", "c", "d"]:
            make(name)
    """
    imports = "from airflow.decorators import dag"
    assert counted(tmp_path, body, imports) == 4
    assert counted(tmp_path, body.replace('["a", "b", "c", "d"]', "load()"), imports) == ENDLESS


def test_an_endless_chain_of_functions_ends(tmp_path: Path) -> None:
    chain = "".join(f"def f{n}():\n    f{n + 1}()\n" for n in range(500))
    assert counted(tmp_path, f"{chain}def f500():\n    DAG('a')\nf0()") == ENDLESS


@pytest.mark.parametrize(
    ("imports", "body", "reason"),
    [
        (
            "from common import build_dag  # airflow",
            "build_dag('a')",
            "build_dag() comes from another module and may make DAGs",
        ),
        (
            "from common import build  # airflow",
            "dag = build('a')",
            "build() comes from another module and may make DAGs",
        ),
        (
            "import common  # airflow",
            "etl_dag = common.build('a')",
            "common.build() comes from another module and may make DAGs",
        ),
        (
            "from . import common  # airflow dag",
            "globals()['a'] = common.make()",
            "common.make() comes from another module and may make DAGs",
        ),
        ("from common import TeamDAG  # airflow", "TeamDAG('a')", "TeamDAG is a DAG class of its own"),
        ("from airflow import DAG", "class TeamDag(DAG): ...\nTeamDag('a')", "TeamDag is a DAG class of its own"),
        ("import dagfactory  # airflow", "f = 1", "a library generates the DAGs"),
        (
            "from dagfactory import load_yaml_dags  # airflow",
            "load_yaml_dags(globals())",
            "a library generates the DAGs",
        ),
        ("import gusty  # airflow dag", "gusty.create()", "a library generates the DAGs"),
        ("# airflow dag", "exec(text)", "the file calls exec when it is imported"),
    ],
)
def test_dags_from_elsewhere_cannot_be_counted(imports: str, body: str, reason: str, tmp_path: Path) -> None:
    assert counted(tmp_path, body, imports) == reason


@pytest.mark.parametrize(
    "body",
    [
        "from airflow.operators.trigger_dagrun import TriggerDagRunOperator\nTriggerDagRunOperator(task_id='a')",
        "from airflow.models import DagBag\nDagBag()",
        "def check(dag: DAG) -> DAG:\n    return isinstance(dag, DAG)",
        "from datetime import datetime\ndag_start = datetime(2024, 1, 1)",
        "'''dag = DAG('a') of airflow'''",
        "# DAG('a')",
        "def task():\n    from common import dag_report\n    dag_report()",
    ],
)
def test_what_only_looks_like_a_dag(body: str, tmp_path: Path) -> None:
    assert counted(tmp_path, body) == 0


# ---- folders --------------------------------------------------------------------------------------------------------


def test_the_files_of_a_folder_add_up(tmp_path: Path) -> None:
    found = code_of(
        tmp_path,
        dags__a="from airflow import DAG\nDAG('a')",
        dags__team__b="from airflow import DAG\nfor n in range(4):\n    DAG(str(n))",
        **{"dags/team/__init__": ""},
        dags__helper="def nothing(): ...",
        outside="from airflow import DAG\nDAG('c')",
    )
    assert found == DagCode(count=5, reason="", in_process=(), heavy=(), works_locally=False)


def test_one_unknown_file_makes_the_folder_unknown(tmp_path: Path) -> None:
    found = code_of(
        tmp_path,
        dags__a="from airflow import DAG\nDAG('a')",
        dags__b="from airflow import DAG\nfor n in load():\n    DAG(n)",
    )
    assert (found.count, found.reason) == (None, ENDLESS)


def test_airflow_passes_over_files_without_both_words(tmp_path: Path) -> None:
    found = code_of(
        tmp_path, dags__a="from workflows import DAG\nDAG('a')", dags__b="import airflow\nthis is no Python"
    )
    assert found.count == 0


@pytest.mark.parametrize("name", ["packed.zip", "made.py.j2", "made.py.tmpl"])
def test_what_becomes_dag_files_later(name: str, tmp_path: Path) -> None:
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / name).write_bytes(b"")
    found = code_of(tmp_path, dags__a="from airflow import DAG\nDAG('a')")
    assert (found.count, found.reason) == (None, f"dags/{name} may hold DAGs")


def test_a_folder_without_files(tmp_path: Path) -> None:
    assert code_of(tmp_path) == DagCode(count=0, reason="", in_process=(), heavy=(), works_locally=False)


@pytest.mark.parametrize(
    "content",
    [
        b"from airflow import DAG\ndef broken(:\n",
        b"from airflow import DAG\nx = " + b"(" * 5_000 + b")" * 5_000,
        b"from airflow import DAG\nx = " + b"-" * 200_000 + b"1",
        b"from airflow import DAG\0",
        b"# -*- coding: no-such-codec -*-\nfrom airflow import DAG\n",
        b"from airflow import DAG\nname = '\xff'\n",
        "from airflow import DAG".encode("utf-16") + b"airflow DAG",
    ],
    ids=["syntax", "parentheses", "signs", "nul", "codec", "bytes", "utf-16"],
)
def test_files_that_mean_harm_are_unknown(content: bytes, tmp_path: Path) -> None:
    found = code_of(tmp_path, dags__load=content)
    assert (found.count, found.reason) == (None, "dags/load.py is not Python that can be parsed")


def test_a_huge_file_is_unknown(tmp_path: Path) -> None:
    found = code_of(tmp_path, dags__load=b"from airflow import DAG\n" + b"#" * MAX_BYTES)
    assert found.count is None
    assert found.reason.startswith("dags/load.py is not analyzed: the file has 2,097,176 bytes")


@pytest.mark.parametrize(
    "expression",
    ["a" + ".b" * 2_000, "1" + " + 1" * 900, "f" + "(1)" * 900, "[" * 80 + "]" * 80],
    ids=["attributes", "sums", "calls", "lists"],
)
def test_deep_code_is_counted_or_unknown_and_never_an_error(expression: str, tmp_path: Path) -> None:
    found = code_of(tmp_path, dags__load=f"from airflow import DAG\nx = {expression}\nDAG('a')")
    assert found.count in (1, None)


def test_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert code_of(tmp_path, dags__load=b"\xef\xbb\xbffrom airflow import DAG\nDAG('a')").count == 1


def test_code_is_never_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    assert counted(tmp_path, f"open({str(marker)!r}, 'w').close()\nDAG('a')") == 1
    assert not marker.exists()


def test_warnings_about_the_code_stay_inside(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert counted(tmp_path, "pattern = '\\d'\nx = 1 is 1\nDAG('a')") == 1


# ---- work on the workers --------------------------------------------------------------------------------------------

PANDAS_TASK = """
import pandas as pd
from airflow import DAG
from airflow.operators.python import PythonOperator

with DAG("a"):
    PythonOperator(task_id="load", python_callable=lambda: pd.DataFrame())
"""


def test_a_python_task_with_pandas(tmp_path: Path) -> None:
    assert code_of(tmp_path, dags__load=PANDAS_TASK) == DagCode(
        count=1, reason="", in_process=("pandas",), heavy=("pandas",), works_locally=True
    )


@pytest.mark.parametrize(
    "decorator",
    ["task", "task()", "task(retries=2)", "task.virtualenv(requirements=[])", "task.branch", "task.external_python()"],
)
def test_a_decorated_task_runs_on_the_worker(decorator: str, tmp_path: Path) -> None:
    body = f"import polars\nfrom airflow.decorators import dag, task\n@{decorator}\ndef load(): ...\n"
    found = code_of(tmp_path, dags__load=body)
    assert (found.in_process, found.works_locally) == (("polars",), True)


@pytest.mark.parametrize("decorator", ["task.kubernetes(image='x')", "task.docker(image='x')", "task_group"])
def test_a_task_in_a_container_of_its_own_does_not(decorator: str, tmp_path: Path) -> None:
    body = f"import polars\nfrom airflow.decorators import dag, task, task_group\n@{decorator}\ndef load(): ...\n"
    found = code_of(tmp_path, dags__load=body)
    assert (found.in_process, found.heavy, found.works_locally) == ((), ("polars",), False)


def test_a_library_inside_the_task_function(tmp_path: Path) -> None:
    body = "from airflow.sdk import dag, task\n@task\ndef load():\n    import duckdb\n"
    assert code_of(tmp_path, dags__load=body).in_process == ("duckdb",)


def test_pandas_without_a_task_on_the_worker(tmp_path: Path) -> None:
    body = """
        import pandas
        from airflow import DAG
        from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
        with DAG("a"):
            GlueJobOperator(task_id="load")
    """
    found = code_of(tmp_path, dags__load=body)
    assert (found.in_process, found.heavy, found.works_locally) == ((), ("pandas",), False)


PLAIN_TASK = "from airflow.decorators import dag, task\n@task\ndef load(): ...\n"


@pytest.mark.parametrize(
    ("statement", "module"),
    [
        ("from helpers.frames import read", "dags__helpers__frames"),
        ("from helpers import frames", "dags__helpers__frames"),
        ("import helpers.frames", "dags__helpers__frames"),
        ("from .helpers.frames import read", "dags__helpers__frames"),
        ("from . import frames", "dags__frames"),
        ("from dags.helpers.frames import read", "dags__helpers__frames"),
        ("from helpers import read", "dags/helpers/__init__"),
    ],
)
def test_a_library_in_a_module_that_the_task_imports(statement: str, module: str, tmp_path: Path) -> None:
    found = code_of(tmp_path, dags__load=f"{PLAIN_TASK}{statement}\n", **{module: "import numpy\ndef read(): ...\n"})
    assert found.in_process == ("numpy",)


def test_a_library_two_modules_away(tmp_path: Path) -> None:
    found = code_of(
        tmp_path,
        dags__team__load=f"{PLAIN_TASK}from ..steps import one\n",
        dags__steps__one="from steps import two\n",
        dags__steps__two="import steps.one\nimport pyarrow\n",
    )
    assert found.in_process == ("pyarrow",)


def test_files_that_import_each_other_are_followed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them has tasks and leads to all others, and the last to pandas."""
    files = {
        f"dags__dag{number}": f"""
        from airflow.operators.python import PythonOperator
        import dag{(number + 1) % 30}, heavy
        PythonOperator(task_id="a", python_callable=print)
        """
        for number in range(30)
    }
    followed: list[str] = []

    def counting(module: str, place: str, folder: str) -> Iterator[str]:
        followed.append(module)
        return paths(module, place, folder)

    paths = dags._module_paths
    monkeypatch.setattr(dags, "_module_paths", counting)
    assert code_of(tmp_path, dags__heavy="import pandas", **files).in_process == ("pandas",)
    assert "dag7" in followed
    assert len(followed) == len(set(followed))


def test_a_script_for_another_service_is_not_the_workers_work(tmp_path: Path) -> None:
    found = code_of(tmp_path, dags__load=PLAIN_TASK, dags__glue__job="import pandas\n")
    assert (found.in_process, found.heavy) == ((), ("pandas",))


SHELL = "from airflow import DAG\nfrom airflow.operators.bash import BashOperator\nBashOperator(bash_command={0})"


@pytest.mark.parametrize(
    "command",
    [
        "dbt run",
        "cd /tmp/shop && dbt build --select tag:nightly",
        "/usr/local/airflow/dbt_venv/bin/dbt --no-use-colors test",
        "dbt deps; dbt seed",
    ],
)
def test_dbt_in_a_shell(command: str, tmp_path: Path) -> None:
    body = SHELL.format(repr(command))
    found = code_of(tmp_path, dags__load=body)
    assert (found.in_process, found.heavy, found.works_locally) == (("dbt",), ("dbt",), True)


def test_dbt_in_a_shell_behind_names_and_values(tmp_path: Path) -> None:
    body = """
        from airflow import DAG
        from airflow.operators.bash import BashOperator
        COMMAND = f"cd {folder} && dbt {options} run"
        BashOperator(task_id="a", bash_command=COMMAND)
    """
    assert code_of(tmp_path, dags__load=body).in_process == ("dbt",)


@pytest.mark.parametrize("command", ["echo dbt", "ls dbt", "rm -rf /tmp/dbt_run", "adbt run"])
def test_a_shell_without_dbt(command: str, tmp_path: Path) -> None:
    body = SHELL.format(repr(command))
    found = code_of(tmp_path, dags__load=body)
    assert (found.in_process, found.works_locally) == ((), True)


def test_dbt_run_by_another_service(tmp_path: Path) -> None:
    body = """
        from airflow import DAG
        from airflow.providers.amazon.aws.operators.ecs import EcsRunTaskOperator
        EcsRunTaskOperator(task_id="dbt", overrides={"command": "dbt run"})
    """
    found = code_of(tmp_path, dags__load=body)
    assert (found.in_process, found.works_locally) == ((), False)


def test_a_script_that_a_shell_task_starts(tmp_path: Path) -> None:
    body = """
        from airflow import DAG
        from airflow.operators.bash import BashOperator
        BashOperator(bash_command="python3 -u /usr/local/airflow/dags/scripts/report.py --day 1")
    """
    found = code_of(tmp_path, dags__load=body, dags__scripts__report="import pandas\n", dags__other="import xgboost\n")
    assert (found.in_process, found.heavy) == (("pandas",), ("pandas", "xgboost"))


COSMOS = "from airflow import DAG\nfrom cosmos import {0}, ExecutionConfig, ExecutionMode\n{0}({1})\n"


@pytest.mark.parametrize("name", ["DbtDag", "DbtTaskGroup"])
def test_cosmos_runs_dbt_on_the_worker(name: str, tmp_path: Path) -> None:
    found = code_of(tmp_path, dags__load=COSMOS.format(name, ""))
    assert (found.in_process, found.works_locally) == (("dbt",), True)


@pytest.mark.parametrize("mode", ["LOCAL", "VIRTUALENV"])
def test_cosmos_in_a_mode_of_the_worker(mode: str, tmp_path: Path) -> None:
    found = code_of(tmp_path, dags__load=COSMOS.format("DbtTaskGroup", f"ExecutionConfig(ExecutionMode.{mode})"))
    assert found.in_process == ("dbt",)


@pytest.mark.parametrize("mode", ["KUBERNETES", "AWS_EKS", "AWS_ECS", "DOCKER"])
def test_cosmos_in_containers_of_its_own(mode: str, tmp_path: Path) -> None:
    found = code_of(tmp_path, dags__load=COSMOS.format("DbtTaskGroup", f"ExecutionConfig(ExecutionMode.{mode})"))
    assert (found.in_process, found.works_locally) == ((), False)


# ---- deployments ----------------------------------------------------------------------------------------------------

ONE_DAG = "from airflow import DAG\nDAG('a')"


def deployment(folder: str | None, *uploads: tuple[str, str]) -> Deployment:
    """A deployment of a DAGs folder, with folders that are copied to keys of the bucket."""
    copied = tuple(Upload(source, key, Location("deploy.sh"), recursive=True) for source, key in uploads)
    return Deployment(Target(), dags_folder=folder, uploads=copied)


def test_no_code_where_no_folder_is_known(tmp_path: Path) -> None:
    assert dag_code(deployment(None), project(tmp_path, dags__a=ONE_DAG)) is None


def test_the_root_may_be_the_dags_folder(tmp_path: Path) -> None:
    found = dag_code(deployment(""), project(tmp_path, a=ONE_DAG, team__b=ONE_DAG))
    assert found is not None
    assert found.count == 2


@pytest.mark.parametrize(
    ("uploads", "count"),
    [
        ([("dags", "dags")], 1),
        ([("dags", "dags"), ("dags/team", "dags/team")], 1),
        ([("dags", "dags"), ("plugins", "plugins")], 1),
        ([("dags", "dags"), ("more", "dags")], None),
        ([("dags", "dags"), ("more", "dags/more")], None),
        ([("dags", ""), ("more", "")], 1),
    ],
)
def test_a_second_folder_copied_to_the_dags_makes_them_unknown(
    uploads: list[tuple[str, str]], count: int | None, tmp_path: Path
) -> None:
    found = dag_code(deployment("dags", *uploads), project(tmp_path, dags__a=ONE_DAG, more__b=ONE_DAG))
    assert found is not None
    assert found.count == count
    assert found.reason == ("" if count else "more is copied to the DAGs as well")


def test_a_file_is_read_once_for_all_who_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = python.parse

    def counting(file: SourceFile) -> ast.Module | None:
        parsed.append(file.path)
        return parse(file)

    monkeypatch.setattr(python, "parse", counting)
    shared = project(tmp_path, dags__a=ONE_DAG)
    assert [read_folder("dags", shared).count for _ in range(3)] == [1, 1, 1]
    assert parsed == ["dags/a.py"]


# ---- the reader -----------------------------------------------------------------------------------------------------


def names_of(text: str) -> python.Names:
    return document(text).names


def test_imported_names_have_their_origin() -> None:
    found = names_of(
        """
        import os.path
        import airflow.models as m
        from airflow.operators.python import PythonOperator as Op, BranchPythonOperator
        from . import near
        from ..far import thing
        def inside():
            import late
        """
    )
    assert found.imported == {
        "os": "os",
        "m": "airflow.models",
        "Op": "airflow.operators.python.PythonOperator",
        "BranchPythonOperator": "airflow.operators.python.BranchPythonOperator",
        "near": ".near",
        "thing": "..far.thing",
        "late": "late",
    }
    assert {"os.path", "airflow.models", "airflow.operators.python", ".near", "..far", "late"} <= found.modules


def test_only_names_bound_once_at_module_level_are_literals() -> None:
    found = names_of(
        """
        ONCE = [1]
        TYPED: list[int] = [2]
        ANNOUNCED: list[int]
        TWICE = [1]
        TWICE = [2]
        GROWS = []
        GROWS.append(1)
        FIRST = SECOND = [1]
        if True:
            BRANCH = [1]
        """
    )
    assert sorted(found.literals) == ["ONCE", "TYPED"]


def test_two_names_for_each_other_have_no_length(tmp_path: Path) -> None:
    assert counted(tmp_path, "A = B\nB = A\nfor n in A:\n    DAG(n)") == ENDLESS
