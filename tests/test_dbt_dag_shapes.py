"""DAG files as people write them for dbt on MWAA, whole, each with what MW501 says of it and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.config import Config
from tests.deployments import check, lines, write_all

if TYPE_CHECKING:
    from pathlib import Path

ONLY = Config(select=("MW501",))
ENVIRONMENT = 'resource "aws_mwaa_environment" "etl" {\n  name            = "etl"\n  airflow_version = "2.10.3"\n}\n'


def findings(root: Path, dag: str, project: str = "dags/dbt/shop", settings: str = "name: shop\n") -> list[str]:
    """The findings as place and command."""
    result = check(
        write_all(root, {"main.tf": ENVIRONMENT, "dags/etl.py": dag, f"{project}/dbt_project.yml": settings}), ONLY
    )
    assert not result.crashed
    commands = [finding.message.split("`")[1] for finding in result.findings]
    return [f"{place} {command}" for place, command in zip(lines(result), commands, strict=True)]


def test_bash_operators_in_a_row_with_constants_for_the_options(tmp_path: Path) -> None:
    dag = """\
        from datetime import timedelta
        from airflow import DAG
        from airflow.operators.bash_operator import BashOperator

        DBT_BIN = "/usr/local/airflow/.local/bin/dbt"
        DBT_PROJECT_DIR = "/usr/local/airflow/dags/dbt/"
        DBT_PROFILES_DIR = "/usr/local/airflow/dags/dbt/profile"
        DBT_DEFAULTS = f"--project-dir {DBT_PROJECT_DIR} --profiles-dir {DBT_PROFILES_DIR}"

        with DAG("load", schedule_interval=timedelta(days=1)) as dag:
            dbt_debug = BashOperator(
                task_id="dbt_debug",
                bash_command=f"{DBT_BIN} debug {DBT_DEFAULTS}",
            )

            dbt_run = BashOperator(
                task_id="dbt_run",
                bash_command=f"{DBT_BIN} run -m models/first.sql {DBT_DEFAULTS}",
            )

            dbt_debug >> dbt_run
    """
    options = "--project-dir /usr/local/airflow/dags/dbt/ --profiles-dir /usr/local/airflow/dags/dbt/profile"
    assert findings(tmp_path, dag, "dags/dbt") == [
        f"dags/etl.py:13 MW501 {f'dbt debug {options}'[:79]}…",
        f"dags/etl.py:18 MW501 {f'dbt run -m models/first.sql {options}'[:79]}…",
    ]
    moved = "name: shop\nlog-path: /usr/local/airflow/tmp/logs\ntarget-path: /usr/local/airflow/tmp/target\n"
    assert findings(tmp_path, dag, "dags/dbt", moved) == []


def test_the_sample_of_the_mwaa_guide_copies_first(tmp_path: Path) -> None:
    dag = """\
        from airflow import DAG
        from airflow.operators.bash_operator import BashOperator
        import os

        DAG_ID = os.path.basename(__file__).replace(".py", "")

        with DAG(dag_id=DAG_ID, schedule_interval=None, catchup=False) as dag:
            cli_command = BashOperator(
                task_id="bash_command",
                bash_command="source /usr/local/airflow/python3-virtualenv/dbt-env/bin/activate;\\
        cp -R /usr/local/airflow/dags/dbt /tmp;\\
        cd /tmp/dbt/shop;\\
        dbt run --project-dir /tmp/dbt/shop/ --profiles-dir ..;\\
        cat /tmp/dbt_logs/dbt.log;\\
        rm -rf /tmp/dbt"
            )
    """
    assert findings(tmp_path, dag) == []
    in_place = dag.replace("cd /tmp/dbt/shop;", "cd /usr/local/airflow/dags/dbt/shop;").replace("/tmp/dbt/shop/", ".")
    assert findings(tmp_path, in_place) == ["dags/etl.py:10 MW501 dbt run --project-dir . --profiles-dir .."]


def test_a_prefix_that_copies_is_followed_into_each_command(tmp_path: Path) -> None:
    dag = """\
        from airflow import DAG
        from airflow.operators.bash import BashOperator

        # workers may write to few folders only
        PREFIX = (
            "cp -R /usr/local/airflow/dags/dbt /tmp && cd /tmp/dbt/shop"
        )

        with DAG("dbt"):
            version = BashOperator(task_id="version", bash_command="dbt --version")
            run = BashOperator(task_id="run", bash_command=f"{PREFIX} && dbt deps && dbt run --profiles-dir .")
    """
    assert findings(tmp_path, dag) == []
    assert findings(tmp_path, dag.replace("cd /tmp/dbt/shop", "cd /usr/local/airflow/dags/dbt/shop")) == [
        "dags/etl.py:11 MW501 dbt deps && dbt run --profiles-dir ."
    ]


def test_a_virtual_environment_and_pieces_of_text(tmp_path: Path) -> None:
    dag = """\
        from airflow import DAG
        from airflow.operators.bash import BashOperator

        with DAG("dbt"):
            dbt_run = BashOperator(
                task_id="dbt_run",
                bash_command=(
                    "source /usr/local/airflow/dbt_venv/bin/activate && "
                    "dbt run --project-dir /usr/local/airflow/dags/dbt/shop "
                    "--profiles-dir /usr/local/airflow/dags/dbt"
                ),
            )
    """
    assert findings(tmp_path, dag) == [
        "dags/etl.py:8 MW501 dbt run --project-dir /usr/local/airflow/dags/dbt/shop --profiles-dir /usr/loca…"
    ]


def test_an_executable_that_an_object_holds(tmp_path: Path) -> None:
    dag = """\
        import os
        from airflow.decorators import dag
        from airflow.operators.bash import BashOperator
        from cosmos import ExecutionConfig

        execution_config = ExecutionConfig(dbt_executable_path=f"{os.environ['AIRFLOW_HOME']}/dbt_venv/bin/dbt")
        executable = f"{os.environ['AIRFLOW_HOME']}/dbt_venv/bin/dbt"

        @dag(schedule="@daily")
        def shop():
            held = BashOperator(
                task_id="held",
                bash_command=f"cd /usr/local/airflow/dags/dbt/shop && {execution_config.dbt_executable_path} run",
            )
            written = BashOperator(
                task_id="written",
                bash_command=f"{executable} test --project-dir /usr/local/airflow/dags/dbt/shop",
            )
            held >> written
    """
    assert findings(tmp_path, dag) == [
        "dags/etl.py:13 MW501 dbt run",
        "dags/etl.py:17 MW501 dbt test --project-dir /usr/local/airflow/dags/dbt/shop",
    ]


def test_a_path_that_leaves_the_dags_folder_again(tmp_path: Path) -> None:
    dag = """\
        from airflow import DAG
        from airflow.operators.bash import BashOperator

        with DAG("dbt"):
            above = BashOperator(
                task_id="above",
                bash_command="dbt run --project-dir /usr/local/airflow/dags/../shop --profiles-dir /tmp",
            )
            beside = BashOperator(task_id="beside", bash_command="cd /usr/local/airflow/dbt && dbt build")
            relative = BashOperator(task_id="relative", bash_command="dbt test --project-dir dbt/shop")
    """
    assert findings(tmp_path, dag) == []


def test_tasks_with_credentials_in_their_environment(tmp_path: Path) -> None:
    dag = """\
        from airflow import DAG
        from airflow.operators.bash import BashOperator

        with DAG("dbt"):
            secret = get_secret("snowflake")
            env = {
                "SNOWFLAKE_USER": secret["user"],
                "SNOWFLAKE_PASSWORD": secret["password"],
            }
            seed = BashOperator(
                task_id="seed",
                env=env,
                bash_command="/usr/local/airflow/.local/bin/dbt seed --project-dir /usr/local/airflow/dags/dbt/shop",
            )
            unknown = BashOperator(
                task_id="unknown",
                env=secret,
                bash_command="/usr/local/airflow/.local/bin/dbt run --project-dir /usr/local/airflow/dags/dbt/shop",
            )
    """
    assert findings(tmp_path, dag) == ["dags/etl.py:13 MW501 dbt seed --project-dir /usr/local/airflow/dags/dbt/shop"]


def test_a_python_task_that_logs_what_dbt_says(tmp_path: Path) -> None:
    dag = """\
        import logging
        import subprocess
        from pathlib import Path

        from airflow.decorators import dag, task

        DBT_DIR = Path(__file__).parent / "dbt" / "shop"


        def run_dbt(command: list[str]) -> None:
            result = subprocess.run(["dbt", *command], cwd=DBT_DIR, capture_output=True, text=True)
            logging.info(result.stdout)


        @dag(schedule=None)
        def shop():
            @task
            def build():
                result = subprocess.run(
                    ["dbt", "build", "--target", "prod"],
                    cwd=str(DBT_DIR),
                    capture_output=True,
                )
                result.check_returncode()

            @task
            def test():
                run_dbt(["test"])

            build() >> test()


        shop()
    """
    assert findings(tmp_path, dag) == ["dags/etl.py:20 MW501 dbt build --target prod"]


def test_a_script_in_several_lines_of_text(tmp_path: Path) -> None:
    dag = '''\
        from airflow.decorators import dag, task


        @dag
        def shop():
            @task.bash
            def build(full_refresh: bool = False) -> str:
                flag = "--full-refresh" if full_refresh else ""
                return """
                    set -euo pipefail
                    # that's where the project lies
                    cd "${AIRFLOW_HOME}/dags/dbt/shop"
                    dbt seed --profiles-dir . 2>&1 | tee /tmp/seed.log
                    dbt snapshot \\\\
                        --profiles-dir .
                """

            build()
    '''
    assert findings(tmp_path, dag) == ["dags/etl.py:9 MW501 dbt seed --profiles-dir . && dbt snapshot --profiles-dir ."]


def test_a_pod_gets_the_project_in_its_image(tmp_path: Path) -> None:
    dag = """\
        from airflow import DAG
        from airflow.providers.amazon.aws.operators.ecs import EcsRunTaskOperator
        from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

        COMMAND = "cd /usr/local/airflow/dags/dbt/shop && dbt run"

        with DAG("dbt"):
            pod = KubernetesPodOperator(task_id="pod", cmds=["bash", "-c"], arguments=[COMMAND])
            container = EcsRunTaskOperator(
                task_id="container",
                overrides={"containerOverrides": [{"name": "dbt", "command": ["bash", "-c", COMMAND]}]},
            )
    """
    assert findings(tmp_path, dag) == []
