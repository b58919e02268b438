"""DAG code that runs dbt: found by what it says, never by running it."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from mwaalint.discover import discover
from mwaalint.model.dbt_runs import DbtRun, dbt_runs
from mwaalint.model.dbt_values import Runtime
from mwaalint.model.deployment import DbtProject
from tests.deployments import write_all

if TYPE_CHECKING:
    from pathlib import Path

SUBCOMMANDS = frozenset({"build", "deps", "docs generate", "list", "run", "seed", "test"})
DAGS = "/usr/local/airflow/dags"
VARIABLES = {
    "AIRFLOW_HOME": "/usr/local/airflow",
    "HOME": "/usr/local/airflow",
    "AIRFLOW__CORE__DAGS_FOLDER": DAGS,
}
SHOP = f"{DAGS}/dbt/shop"


def found(
    root: Path,
    code: str,
    files: dict[str, str] | None = None,
    *,
    folder: str = "dags",
    projects: tuple[str, ...] = ("dags/dbt/shop",),
    exported: frozenset[str] = frozenset(),
) -> list[DbtRun]:
    """The runs in one DAG file, with two dbt projects beside it."""
    prefix = f"{folder}/" if folder else ""
    write_all(root, {f"{prefix}orders.py": dedent(code), **(files or {})})
    write_all(root, {f"{path}/dbt_project.yml": "name: shop\n" for path in projects})
    project = discover(root)
    files_of = [(path, project.get(f"{path}/dbt_project.yml")) for path in projects]
    described = [DbtProject(file, path) for path, file in files_of if file]
    return dbt_runs(project, described, Runtime(DAGS, folder, VARIABLES, exported), SUBCOMMANDS)


def told(root: Path, code: str, files: dict[str, str] | None = None) -> list[tuple[str, str]]:
    """The runs as command and project."""
    return [(run.invocation.text, run.project.folder) for run in found(root, code, files)]


RUN = [("dbt run", "dags/dbt/shop")]


@pytest.mark.parametrize(
    "call",
    [
        "BashOperator(task_id='a', bash_command='cd {shop} && dbt run')",
        "BashOperator(task_id='a', bash_command='dbt run', cwd='{shop}')",
        "BashOperator(task_id='a', bash_command='dbt run', cwd='{shop}/')",
        "BashOperator(task_id='a', bash_command='cd {shop}/models && dbt run')",
        "BashOperator(task_id='a', bash_command='cd $AIRFLOW_HOME/dags/dbt/shop && dbt run')",
        "BashOperator(task_id='a', bash_command='dbt run', env={{'DBT_PROJECT_DIR': '{shop}'}})",
        "BashOperator(task_id='a', bash_command='cd $D && dbt run', env={{'D': '{shop}'}})",
        "BashOperator.partial(task_id='a', bash_command='cd {shop} && dbt run').expand(env=[])",
        "airflow.operators.bash.BashOperator(task_id='a', bash_command='cd {shop} && dbt run')",
        "subprocess.run('cd {shop} && dbt run', shell=True)",
        "subprocess.run(['dbt', 'run'], cwd='{shop}')",
        "subprocess.Popen(args=['dbt', 'run'], cwd='{shop}')",
        "subprocess.check_call(['bash', '-c', 'cd {shop} && dbt run'])",
        "os.system('cd {shop} && dbt run')",
    ],
)
def test_commands_are_found_in_every_way_to_run_one(call: str, tmp_path: Path) -> None:
    code = "import os, subprocess\nimport airflow\nfrom airflow.operators.bash import BashOperator\n"
    assert told(tmp_path, code + call.format(shop=SHOP)) == RUN


@pytest.mark.parametrize(
    "setup",
    [
        f"PROJECT = '{SHOP}'",
        f"BASE = '{DAGS}'\nPROJECT = BASE + '/dbt/shop'",
        f"BASE = '{DAGS}'\nPROJECT = f'{{BASE}}/dbt/{{\"shop\"}}'",
        f"BASE = '{DAGS}'\nPROJECT = '%s/dbt/%s' % (BASE, 'shop')",
        f"BASE = '{DAGS}'\nPROJECT = '{{}}/dbt/{{name}}'.format(BASE, name='shop')",
        f"PROJECT: str = '{SHOP}'",
        f"import os\nPROJECT = os.path.join('{DAGS}', 'dbt', 'shop')",
        "import os\nPROJECT = os.environ['AIRFLOW_HOME'] + '/dags/dbt/shop'",
        "import os\nPROJECT = os.environ.get('AIRFLOW_HOME', '/opt/airflow') + '/dags/dbt/shop'",
        f"import os\nPROJECT = os.getenv('DBT_HERE', '{SHOP}')",
        "import os\nPROJECT = os.path.expanduser('~/dags/dbt/shop')",
        "import os\nPROJECT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'dbt', 'shop')",
        "from os import path\nPROJECT = path.join(path.dirname(path.realpath(__file__)), 'dbt/shop')",
        "from pathlib import Path\nPROJECT = Path(__file__).resolve().parent / 'dbt' / 'shop'",
        "from pathlib import Path\nPROJECT = str(Path(__file__).absolute().parents[0].joinpath('dbt', 'shop'))",
        "import pathlib as p\nPROJECT = (p.Path(__file__).parents[1] / 'dags/dbt/shop').as_posix()",
        "from airflow.settings import DAGS_FOLDER\nPROJECT = DAGS_FOLDER + '/dbt/shop'",
        "from airflow import settings\nPROJECT = f'{settings.AIRFLOW_HOME}/dags/dbt/shop'",
        "from textwrap import dedent\nPROJECT = dedent(' '.strip() + '/usr/local/airflow/dags/dbt/shop')",
    ],
)
def test_paths_are_followed_through_constants_and_their_making(setup: str, tmp_path: Path) -> None:
    code = f"{setup}\nBashOperator(task_id='a', bash_command=f'cd {{PROJECT}} && dbt run')\n"
    assert told(tmp_path, code) == RUN


def test_constants_may_come_from_another_file(tmp_path: Path) -> None:
    files = {
        "dags/common/__init__.py": "",
        "dags/common/paths.py": "from pathlib import Path\nSHOP = Path(__file__).parent.parent / 'dbt/shop'\n",
    }
    named = "from common.paths import SHOP\nBashOperator(task_id='a', bash_command=f'cd {SHOP} && dbt run')\n"
    by_module = "import common.paths\nBashOperator(task_id='a', bash_command='dbt run', cwd=common.paths.SHOP)\n"
    assert told(tmp_path, named, files) == RUN
    assert told(tmp_path, by_module, files) == RUN


def test_a_function_sees_its_own_names_first(tmp_path: Path) -> None:
    code = f"""
        import subprocess
        PROJECT = "/tmp/shop"

        def inside():
            PROJECT = "{SHOP}"
            subprocess.run(["dbt", "run"], cwd=PROJECT)

        def outside():
            subprocess.run(["dbt", "test"], cwd=PROJECT)

        def given(PROJECT="{SHOP}"):
            subprocess.run(["dbt", "build"], cwd=PROJECT)
    """
    assert told(tmp_path, code) == RUN


@pytest.mark.parametrize(
    "setup",
    [
        "PROJECT = Variable.get('dbt_project')",
        f"PROJECT = '{SHOP}'\nPROJECT = '/tmp/shop'",
        f"if x:\n    PROJECT = '{SHOP}'\nelse:\n    PROJECT = '/tmp/shop'",
        f"for PROJECT in ['{SHOP}']:\n    pass",
        f"PROJECT = '{SHOP}'\ndef change():\n    global PROJECT\n    PROJECT = '/tmp'",
        "from elsewhere import PROJECT",
        "from elsewhere import *",
        "PROJECT = PROJECT + '/shop'",
        "A = B\nB = A\nPROJECT = A",
        f"PROJECT = '{SHOP}' if x else '/tmp'",
        f"PROJECT = '{DAGS}/{{:>9}}'.format('shop')",
        f"PROJECT = '{DAGS}/{{}}/{{}}'.format('dbt')",
        f"PROJECT = '{DAGS}/%d' % 3",
        f"PROJECT = '{DAGS}/{{'.format()",
        f"PROJECT = '{DAGS}/dbt/../../shop'",
        "PROJECT = '/usr/local/airflow/dbt/shop'",
        "PROJECT = '/usr/local/airflow/dags-old/dbt/shop'",
        "PROJECT = 'dbt/shop'",
        "PROJECT = './dbt/shop'",
        "import os\nPROJECT = os.environ['DBT_PROJECT']",
        f"PROJECT = '{DAGS}/dbt/billing'",
        f"PROJECT = '{DAGS}/dbt'",
    ],
)
def test_a_path_that_leads_elsewhere_or_nowhere_is_no_run_in_place(setup: str, tmp_path: Path) -> None:
    code = f"{setup}\nBashOperator(task_id='a', bash_command=f'cd {{PROJECT}} && dbt run')\n"
    assert told(tmp_path, code) == []


def test_a_default_counts_unless_a_script_sets_the_variable(tmp_path: Path) -> None:
    code = f"import os\nimport subprocess\nsubprocess.run(['dbt', 'run'], cwd=os.getenv('DBT_HERE', '{SHOP}'))\n"
    assert [run.invocation.folder for run in found(tmp_path, code)] == [SHOP]
    assert found(tmp_path, code, exported=frozenset({"DBT_HERE"})) == []


def test_bash_tasks_return_their_command(tmp_path: Path) -> None:
    code = f"""
        from airflow.decorators import task

        @task.bash
        def plain():
            return "cd {SHOP} && dbt run"

        @task.bash(cwd="{SHOP}", env={{"A": "b"}})
        def with_arguments(full):
            def helper():
                return "dbt deps"
            if full:
                return "dbt build"
            return "dbt test"

        @task
        def no_command():
            return "cd {SHOP} && dbt seed"
    """
    assert sorted(command for command, _ in told(tmp_path, code)) == ["dbt build", "dbt run", "dbt test"]


def test_the_programmatic_runner_is_found_by_the_project_it_names(tmp_path: Path) -> None:
    code = f"""
        from dbt.cli.main import dbtRunner

        def transform():
            arguments = ["run", "--project-dir", "{SHOP}"]
            dbtRunner().invoke(arguments)
            dbtRunner().invoke(["test", "--project-dir", "/tmp/shop"])
            dbtRunner().invoke(["build"])
            dbtRunner().invoke(make_arguments())
    """
    assert told(tmp_path, code) == [(f"dbt run --project-dir {SHOP}", "dags/dbt/shop")]


def test_an_invoke_that_is_not_dbts_is_not_read(tmp_path: Path) -> None:
    assert told(tmp_path, f"client.invoke(['run', '--project-dir', '{SHOP}'])  # dbt\n") == []


def test_words_may_be_added_to_a_list_before_it_runs(tmp_path: Path) -> None:
    code = f"""
        import subprocess
        first = ["dbt", "run", "--project-dir", "{SHOP}"]
        first.append("--full-refresh")
        subprocess.run(first)
        subprocess.run(["dbt", "test", "--project-dir", "{SHOP}"] + extra)
        subprocess.run(["dbt", "build", *flags, "--project-dir", "{SHOP}"])
        subprocess.run(["dbt", "seed"] + ["--project-dir", "{SHOP}"])
    """
    runs = found(tmp_path, code)
    assert [(run.invocation.subcommand, run.invocation.certain) for run in runs] == [
        ("run", False),
        ("test", False),
        ("build", False),
        ("seed", True),
    ]


@pytest.mark.parametrize(
    ("argument", "variables", "certain"),
    [
        ("", {}, True),
        ("env=None", {}, True),
        ("env={'DBT_LOG_PATH': '/tmp/logs'}", {"DBT_LOG_PATH": "/tmp/logs"}, True),
        ("env={**os.environ, 'DBT_LOG_PATH': '/tmp/logs'}", {"DBT_LOG_PATH": "/tmp/logs"}, True),
        ("env=os.environ | {'DBT_LOG_PATH': '/tmp/logs'}", {"DBT_LOG_PATH": "/tmp/logs"}, True),
        ("env=dict(os.environ, DBT_LOG_PATH='/tmp/logs')", {"DBT_LOG_PATH": "/tmp/logs"}, True),
        ("env=os.environ.copy()", {}, True),
        ("env=ENV", {"DBT_LOG_PATH": "/tmp/logs"}, True),
        ("env=CHANGED", {}, False),
        ("env={**credentials(), 'A': 'b'}", {}, False),
        ("env={name: 'b'}", {}, False),
        ("env=make()", {}, False),
        ("**common", {}, False),
    ],
)
def test_variables_of_a_call(argument: str, variables: dict[str, str], certain: bool, tmp_path: Path) -> None:
    code = f"""
        import os, subprocess
        ENV = {{"DBT_LOG_PATH": "/tmp/logs"}}
        CHANGED = {{"A": "b"}}
        CHANGED["DBT_LOG_PATH"] = "/tmp"
        subprocess.run(["dbt", "run"], cwd="{SHOP}", {argument})
    """
    (run,) = found(tmp_path, code)
    own = {name: value for name, value in run.invocation.variables.items() if name.startswith("DBT_")}
    assert (own, run.invocation.certain) == (variables, certain)


def test_airflow_dbt_operators_run_in_their_folder(tmp_path: Path) -> None:
    code = f"""
        from airflow_dbt.operators.dbt_operator import DbtDepsOperator, DbtDocsGenerateOperator, DbtRunOperator
        default_args = {{"owner": "etl", "dir": "{SHOP}"}}
        with DAG("orders", default_args=default_args):
            DbtRunOperator(task_id="run")
            DbtDepsOperator(task_id="deps", dir="{SHOP}/")
            DbtDocsGenerateOperator(task_id="docs", dir="/tmp/shop")
    """
    assert told(tmp_path, code) == [("dbt run", "dags/dbt/shop"), ("dbt deps", "dags/dbt/shop")]
    as_call = code.replace('{"owner": "etl", "dir": ', 'dict(owner="etl", dir=').replace(
        "}\n        with", ")\n        with"
    )
    assert told(tmp_path, as_call) == [("dbt run", "dags/dbt/shop"), ("dbt deps", "dags/dbt/shop")]


def test_default_arguments_are_not_guessed_among_several(tmp_path: Path) -> None:
    code = f"""
        from airflow_dbt.operators.dbt_operator import DbtRunOperator
        one = {{"dir": "{SHOP}"}}
        two = {{"dir": "/tmp"}}
        with DAG("a", default_args=one):
            DbtRunOperator(task_id="run")
        with DAG("b", default_args=two):
            DbtRunOperator(task_id="run")
    """
    assert told(tmp_path, code) == []


@pytest.mark.parametrize(
    "code",
    [
        f"from cosmos import DbtDag, ProjectConfig\nDbtDag(project_config=ProjectConfig('{SHOP}'))",
        f"from cosmos.operators import DbtRunLocalOperator\nDbtRunLocalOperator(task_id='a', project_dir='{SHOP}')",
        f"from airflow_dbt_python.operators.dbt import DbtRunOperator\nDbtRunOperator(project_dir='{SHOP}')",
        "from airflow.providers.dbt.cloud.operators import dbt\ndbt.DbtCloudRunJobOperator(task_id='a', job_id=1)",
        f"KubernetesPodOperator(task_id='a', cmds=['dbt', 'run'], arguments=['--project-dir', '{SHOP}'])",
        f"DockerOperator(task_id='a', command='cd {SHOP} && dbt run')",
        f"EcsRunTaskOperator(task_id='a', overrides={{'command': ['dbt', 'run', '--project-dir', '{SHOP}']}})",
        f"SSHOperator(task_id='a', command='cd {SHOP} && dbt run')",
        f"COMMAND = 'cd {SHOP} && dbt run'",
        f"print('cd {SHOP} && dbt run')",
        f"# BashOperator(bash_command='cd {SHOP} && dbt run')",
    ],
)
def test_what_runs_elsewhere_or_on_a_copy_or_not_at_all_is_passed_over(code: str, tmp_path: Path) -> None:
    assert told(tmp_path, code) == []


def test_a_function_that_runs_in_a_container_of_its_own_is_elsewhere(tmp_path: Path) -> None:
    code = f"""
        import subprocess
        from airflow.decorators import task

        @task.docker(image="dbt")
        def in_docker():
            subprocess.run(["dbt", "run"], cwd="{SHOP}")

        @task.kubernetes(image="dbt")
        def in_a_pod():
            subprocess.run(["dbt", "run"], cwd="{SHOP}")

        @task.virtualenv(requirements=["dbt-core"])
        def in_a_virtualenv():
            subprocess.run(["dbt", "test"], cwd="{SHOP}")
    """
    assert told(tmp_path, code) == [("dbt test", "dags/dbt/shop")]


def test_the_project_is_the_nearest_one_above_the_folder(tmp_path: Path) -> None:
    code = f"""
        import subprocess
        subprocess.run(["dbt", "run"], cwd="{DAGS}/dbt/shop/inner/models")
        subprocess.run(["dbt", "run"], cwd="{DAGS}/dbt/shop/models")
        subprocess.run(["dbt", "run"], cwd="{DAGS}/dbt")
        subprocess.run(["dbt", "run", "--project-dir", "{DAGS}/dbt/shop/models"])
        subprocess.run(["dbt", "run", "--project-dir", "inner"], cwd="{SHOP}")
    """
    runs = found(tmp_path, code, projects=("dags/dbt/shop", "dags/dbt/shop/inner"))
    assert [run.project.folder for run in runs] == ["dags/dbt/shop/inner", "dags/dbt/shop", "dags/dbt/shop/inner"]


@pytest.mark.parametrize(("folder", "project"), [("etl/airflow/dags", "etl/airflow/dags/dbt/shop"), ("", "dbt/shop")])
def test_the_dags_folder_may_lie_anywhere(folder: str, project: str, tmp_path: Path) -> None:
    code = f"import subprocess\nsubprocess.run(['dbt', 'run'], cwd='{SHOP}')\n"
    runs = found(tmp_path, code, folder=folder, projects=(project,))
    assert [(run.file.path, run.project.folder) for run in runs] == [(f"{folder}/orders.py".lstrip("/"), project)]


def test_the_project_may_be_the_dags_folder_itself(tmp_path: Path) -> None:
    code = f"import subprocess\nsubprocess.run(['dbt', 'run'], cwd='{DAGS}')\n"
    assert [run.project.folder for run in found(tmp_path, code, projects=("dags",))] == ["dags"]


def test_code_outside_the_dags_folder_and_tests_are_not_read(tmp_path: Path) -> None:
    code = f"import subprocess\nsubprocess.run(['dbt', 'run'], cwd='{SHOP}')\n"
    assert told(tmp_path, "", {"scripts/local.py": code, "dags/tests/test_orders.py": code}) == []


def test_the_place_is_the_command_itself(tmp_path: Path) -> None:
    code = f"""\
        # Größe
        name = "ä"; BashOperator(
            task_id="ö", bash_command=f"cd {SHOP} && dbt run --select {{name}}",
        )
    """
    (run,) = found(tmp_path, code)
    assert run.file.slice(run.location.span) == f'f"cd {SHOP} && dbt run --select {{name}}"'
    assert run.file.position(run.location.span.start) == (3, 31)


def test_the_place_is_right_in_other_encodings(tmp_path: Path) -> None:
    code = f"# Größe\r\nimport os; x = 'ä'; os.system('cd {SHOP} && dbt run')\r\n"
    (tmp_path / "dags").mkdir()
    for data in (code.encode("latin-1"), b"\xef\xbb\xbf" + code.encode()):
        write_all(tmp_path, {"dags/dbt/shop/dbt_project.yml": "name: shop\n"})
        (tmp_path / "dags/orders.py").write_bytes(data)
        project = discover(tmp_path)
        file = project.get("dags/dbt/shop/dbt_project.yml")
        assert file
        (run,) = dbt_runs(project, [DbtProject(file, "dags/dbt/shop")], Runtime(DAGS, "dags", VARIABLES), SUBCOMMANDS)
        assert run.file.slice(run.location.span) == f"'cd {SHOP} && dbt run'"


def test_lone_carriage_returns_are_lines(tmp_path: Path) -> None:
    (run,) = found(tmp_path, f"import os\rX = 1\ros.system('cd {SHOP} && dbt run')\r")
    assert run.file.slice(run.location.span) == f"'cd {SHOP} && dbt run'"


@pytest.mark.parametrize(
    "code",
    [
        f"os.system('cd {SHOP} && dbt run'",
        f"print 'dbt'; os.system('cd {SHOP} && dbt run')",
        "dbt = " + "(" * 500 + ")" * 500,
        "dbt = " + "-" * 50_000 + "1",
        "dbt\0",
    ],
)
def test_files_that_are_no_python_are_passed_over(code: str, tmp_path: Path) -> None:
    assert told(tmp_path, code) == []


@pytest.mark.parametrize(
    "expression",
    [
        " + ".join(["'/x'"] * 900),
        " / ".join(["'/x'"] * 900),
        "".join(["str("] * 90) + "'x'" + ")" * 90,
        ".parent".join(["Path(__file__)", *[""] * 300]),
        "Path(__file__).parents[10000000000]",
        "'%s' * 10",
    ],
)
def test_deep_and_long_expressions_come_to_an_end(expression: str, tmp_path: Path) -> None:
    code = f"import os\nfrom pathlib import Path\nos.system(f'cd {{{expression}}}/shop && dbt run')\n"
    assert told(tmp_path, code.replace("{{", "{")) == []


def test_values_that_double_again_and_again_come_to_an_end(tmp_path: Path) -> None:
    texts = "\n".join(f"A{n + 1} = A{n} + A{n}" for n in range(60))
    lists = "\n".join(f"L{n + 1} = L{n} + L{n}" for n in range(60))
    dicts = "\n".join(f"E{n + 1} = {{**E{n}, **E{n}}}" for n in range(60))
    code = f"A0 = 'dbt run'\nL0 = ['dbt', 'run']\nE0 = {{'A': 'b'}}\n{texts}\n{lists}\n{dicts}\n"
    calls = f"os.system(A60)\nsubprocess.run(L60)\nsubprocess.run('dbt run', cwd='{SHOP}', env=E30)\n"
    assert told(tmp_path, f"import os, subprocess\n{code}{calls}") == RUN


def test_lists_and_environments_that_lead_back_to_themselves_come_to_an_end(tmp_path: Path) -> None:
    code = f"""
        import subprocess
        A = A + ["dbt"]
        E = {{**F}}
        F = {{**E}}
        subprocess.run(A, cwd="{SHOP}")
        subprocess.run(["dbt", "run"], cwd="{SHOP}", env=E)
    """
    assert [run.invocation.certain for run in found(tmp_path, code)] == [False]


def test_files_that_import_each_other_come_to_an_end(tmp_path: Path) -> None:
    files = {"dags/one.py": "from two import P\n", "dags/two.py": "from one import P\nQ = P + 'x'\n"}
    imports = "import os\nfrom one import P\nfrom two import Q\n"
    calls = "os.system(f'cd {P} && dbt run')\nos.system(f'cd {Q} && dbt run')\n"
    assert told(tmp_path, imports + calls, files) == []


def test_without_a_project_in_the_dags_folder_nobody_reads_the_code(tmp_path: Path) -> None:
    write_all(tmp_path, {"dags/orders.py": "import os\nos.system('dbt run')\n", "dbt/dbt_project.yml": "name: shop\n"})
    project = discover(tmp_path)
    file = project.get("dbt/dbt_project.yml")
    assert file is not None
    described = [DbtProject(file, "dbt")]
    assert dbt_runs(project, described, Runtime(DAGS, "dags", VARIABLES, frozenset()), SUBCOMMANDS) == []
    assert not any(each.was_read for each in project.files.values())
