"""MW501: dbt that runs in the read-only DAGs folder, whole deployments from the file to the finding."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from mwaalint.config import Config
from mwaalint.findings import Safety, Severity
from mwaalint.fix.apply import fix_all
from tests.deployments import check, write_all

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.engine.result import RunResult

ONLY = Config(select=("MW501",))
SHOP = "/usr/local/airflow/dags/dbt/shop"
PROJECT = "name: shop\nprofile: shop\n"
ENVIRONMENT = """\
resource "aws_mwaa_environment" "etl" {
  name            = "etl"
  airflow_version = "2.10.3"
}
"""
STARTED = """\
resource "aws_mwaa_environment" "etl" {
  name                   = "etl"
  airflow_version        = "2.10.3"
  startup_script_s3_path = "scripts/startup.sh"
}
"""
DAG = "import os\nimport subprocess\nfrom airflow import DAG\nfrom airflow.operators.bash import BashOperator\n"
RUN = f'BashOperator(task_id="run", bash_command="cd {SHOP} && dbt run")\n'
BOTH_IN_PLACE = (
    f"`dbt run` makes dbt write target/ and logs/ into {SHOP}, but the DAGs folder is read-only on MWAA, so the task "
    "fails"
)


def deployed(root: Path, code: str = RUN, project: str = PROJECT, **files: str) -> RunResult:
    """A deployment with one DAG file and one dbt project; more files by name, ``__`` for the dot."""
    content = {
        "main.tf": ENVIRONMENT,
        "dags/orders.py": DAG + dedent(code),
        "dags/dbt/shop/dbt_project.yml": project,
        **{name.replace("___", "/").replace("__", "."): text for name, text in files.items()},
    }
    return check(write_all(root, content), ONLY)


def messages(result: RunResult) -> list[str]:
    return [finding.message for finding in result.findings]


def repaired(root: Path, *, unsafe: bool = False) -> dict[str, str]:
    """The files that --fix changes, as they are then."""
    outcome = fix_all(lambda overlay: check(root, ONLY, overlay=overlay), unsafe=unsafe)
    return {path: data.decode() for path, data in outcome.changed.items()}


def test_a_project_that_runs_in_place_is_an_error_where_the_command_stands(tmp_path: Path) -> None:
    result = deployed(tmp_path)
    (finding,) = result.findings
    assert (finding.code, finding.severity, finding.environments) == ("MW501", Severity.ERROR, ("etl",))
    assert finding.message == BOTH_IN_PLACE
    source = result.sources["dags/orders.py"]
    assert source.slice(finding.primary.span) == f'"cd {SHOP} && dbt run"'
    assert [(place.path, place.note) for place in finding.related] == [
        ("dags/dbt/shop/dbt_project.yml", "the project sets no target-path and no log-path")
    ]


@pytest.mark.parametrize(
    ("command", "written"),
    [
        ("dbt build", "target/ and logs/"),
        ("dbt test --select orders", "target/ and logs/"),
        ("dbt ls", "target/ and logs/"),
        ("dbt docs generate", "target/ and logs/"),
        ("dbt source freshness", "target/ and logs/"),
        ("dbt debug", "logs/"),
        ("dbt clean", "logs/"),
        ("dbt deps", "logs/"),
        ("dbt debug && dbt run", "logs/ and target/"),
    ],
)
def test_each_command_is_charged_with_what_it_writes(command: str, written: str, tmp_path: Path) -> None:
    result = deployed(tmp_path, f'BashOperator(task_id="a", bash_command="cd {SHOP} && {command}")')
    assert messages(result) == [BOTH_IN_PLACE.replace("dbt run", command).replace("target/ and logs/", written)]


def test_packages_are_written_where_there_are_some_to_install(tmp_path: Path) -> None:
    code = f'BashOperator(task_id="a", bash_command="cd {SHOP} && dbt deps && dbt run")'
    result = deployed(tmp_path, code, dags___dbt___shop___packages__yml="packages: []\n")
    assert messages(result) == [
        BOTH_IN_PLACE.replace("dbt run", "dbt deps && dbt run").replace(
            "target/ and logs/", "logs/, dbt_packages/ and target/"
        )
    ]


def test_a_long_command_is_shortened(tmp_path: Path) -> None:
    models = " ".join(f"model_{number}" for number in range(30))
    result = deployed(tmp_path, f'BashOperator(task_id="a", bash_command="cd {SHOP} && dbt run --select {models}")')
    assert messages(result)[0].startswith(
        "`dbt run --select model_0 model_1 model_2 model_3 model_4 model_5 model_6 model_…` makes dbt write target/"
    )


@pytest.mark.parametrize(
    ("code", "moved", "written"),
    [
        (f'os.system("cd {SHOP}; dbt run --target-path /tmp/target")', "target-path", "logs/"),
        (f'os.system("cd {SHOP}; dbt run --log-path=/tmp/logs")', "log-path", "target/"),
        (f'os.system("cd {SHOP}; DBT_LOG_PATH=/tmp/logs dbt run")', "log-path", "target/"),
        (f'os.system("export DBT_ENGINE_LOG_PATH=/tmp/logs; cd {SHOP}; dbt run")', "log-path", "target/"),
        (
            f'subprocess.run(["dbt", "run"], cwd="{SHOP}", env={{**os.environ, "DBT_TARGET_PATH": "/tmp/t"}})',
            "target-path",
            "logs/",
        ),
    ],
)
def test_half_a_redirection_is_not_enough(code: str, moved: str, written: str, tmp_path: Path) -> None:
    (message,) = messages(deployed(tmp_path, code))
    assert message.endswith(
        f"still makes dbt write {written} into {SHOP}, which is read-only on MWAA, so the task fails although {moved} "
        "points elsewhere"
    )


@pytest.mark.parametrize(
    "code",
    [
        f'os.system("cd {SHOP}; dbt run --target-path /tmp/t --log-path /tmp/l")',
        f'os.system("cd {SHOP}; dbt --log-path /tmp/l run --target-path=/tmp/t")',
        f'os.system("cd {SHOP}; DBT_TARGET_PATH=/tmp/t DBT_LOG_PATH=/tmp/l dbt run")',
        f'os.system("export DBT_TARGET_PATH=/tmp/t DBT_LOG_PATH=/tmp/l; cd {SHOP}; dbt run")',
        f'BashOperator(bash_command="cd {SHOP}; dbt run", env=dict(DBT_TARGET_PATH="/tmp/t", DBT_LOG_PATH="/tmp/l"))',
        f'os.system("cd {SHOP}; T=/tmp; dbt run --target-path $T/t --log-path ${{T}}/l")',
        f'os.system("cd {SHOP}; dbt run --target-path $TARGET --log-path {{{{ params.logs }}}}")',
        f'os.environ |= {{"DBT_TARGET_PATH": "/tmp/t", "DBT_LOG_PATH": "/tmp/l"}}\nos.system("cd {SHOP}; dbt run")',
        f'os.system("cd {SHOP}; dbt run {{{{ params.flags }}}}")',
        f'os.system("cd {SHOP}; source env.sh; dbt run")',
        f'subprocess.run(["dbt", "run"], cwd="{SHOP}", env=make_environment())',
        f'os.system("cp -R {SHOP} /tmp/shop && cd /tmp/shop && dbt run")',
        f'os.system("cp -R {SHOP} /tmp; dbt run --project-dir /tmp/shop --profiles-dir {SHOP}")',
        f'os.system("D=$(mktemp -d); cp -R {SHOP} $D; cd $D/shop; dbt run")',
        f'os.system("rsync -a {SHOP}/ /tmp/shop/; dbt run --project-dir=/tmp/shop")',
        f'os.system("cd {SHOP}; dbt --version")',
        f'os.system("ls {SHOP}")  # dbt',
    ],
)
def test_a_run_whose_writes_go_elsewhere_or_may_do_so_is_fine(code: str, tmp_path: Path) -> None:
    assert messages(deployed(tmp_path, code)) == []


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ("--target-path build --log-path /tmp/l", "build/"),
        (f"--target-path {SHOP}/build --log-path /tmp/l", "build/"),
        ("--target-path /usr/local/airflow/dags/out --log-path /tmp/l", "../../out/"),
        ("--target-path /tmp/t --log-path log", "log/"),
    ],
)
def test_a_redirection_that_stays_in_the_dags_folder_is_none(options: str, written: str, tmp_path: Path) -> None:
    result = deployed(tmp_path, f'os.system("cd {SHOP}; dbt run {options}")')
    (finding,) = result.findings
    assert f"still makes dbt write {written} into {SHOP}" in finding.message
    assert finding.fixes == ()


def test_a_relative_log_folder_counts_from_where_dbt_is_started(tmp_path: Path) -> None:
    code = f'os.system("cd /tmp; dbt run --project-dir {SHOP} --target-path /tmp/t --log-path logs")'
    assert messages(deployed(tmp_path, code)) == []


@pytest.mark.parametrize(
    "project",
    [
        "target-path: /tmp/dbt/target\nlog-path: /tmp/dbt/logs\n",
        "target-path: '/tmp/t'\nlog-path: \"/tmp/l\"\n",
        "target-path: /usr/local/airflow/tmp/target\nlog-path: /usr/local/airflow/tmp/logs\n",
        "target-path: \"{{ env_var('DBT_TARGET_PATH', 'target') }}\"\nlog-path: \"{{ env_var('DBT_LOG_PATH') }}\"\n",
        "target-path: [a]\nlog-path: {a: b}\n",
    ],
)
def test_the_project_may_send_its_writes_elsewhere(project: str, tmp_path: Path) -> None:
    assert messages(deployed(tmp_path, project=PROJECT + project)) == []


def test_what_the_project_sets_is_shown_beside_the_command(tmp_path: Path) -> None:
    result = deployed(tmp_path, project=f"name: shop\ntarget-path: build/\nlog-path: {SHOP}/log\n")
    (finding,) = result.findings
    assert finding.message == BOTH_IN_PLACE.replace("target/", "build/").replace("logs/", "log/")
    file = result.sources["dags/dbt/shop/dbt_project.yml"]
    assert [(file.position(place.span.start).line, place.note) for place in finding.related] == [
        (2, "target-path stays in the project's folder"),
        (3, "log-path stays in the project's folder"),
    ]


def test_an_empty_setting_is_dbts_default(tmp_path: Path) -> None:
    assert messages(deployed(tmp_path, project="name: shop\ntarget-path:\nlog-path: ''\n")) == [BOTH_IN_PLACE]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("export DBT_TARGET_PATH=/tmp/t DBT_LOG_PATH=/tmp/l\n", []),
        ("export DBT_TARGET_PATH=/tmp/t\nexport DBT_LOG_PATH=/tmp/l\n", []),
        ("if true; then\n  export DBT_TARGET_PATH=/tmp/t; export DBT_ENGINE_LOG_PATH=/tmp/l\nfi\n", []),
        ("if true; then export DBT_TARGET_PATH=/tmp/t; fi && export DBT_LOG_PATH=/tmp/l\n", []),
        ("pip install dbt-core # ; export DBT_TARGET_PATH=/tmp/t DBT_LOG_PATH=/tmp/l\n", ["neither"]),
        ("echo export DBT_TARGET_PATH=/tmp/t DBT_LOG_PATH=/tmp/l\n", ["neither"]),
        ("DBT_TARGET_PATH=/tmp/t\nDBT_LOG_PATH=/tmp/l\nexport DBT_TARGET_PATH DBT_LOG_PATH\n", []),
        ("export DBT_LOG_PATH=/tmp/l # and DBT_TARGET_PATH=/tmp/t\n", ["log-path"]),
        ("DBT_TARGET_PATH=/tmp/t\nDBT_LOG_PATH=/tmp/l\n", ["neither"]),
        ("# export DBT_TARGET_PATH=/tmp/t DBT_LOG_PATH=/tmp/l\n", ["neither"]),
        ("pip install dbt-core\n", ["neither"]),
    ],
)
def test_exports_of_the_startup_script_reach_every_task(script: str, expected: list[str], tmp_path: Path) -> None:
    result = deployed(tmp_path, main__tf=STARTED, scripts___startup__sh=script)
    told = [
        "neither" if message == BOTH_IN_PLACE else message.partition("although ")[2].partition(" points")[0]
        for message in messages(result)
    ]
    assert told == expected


def test_a_startup_script_that_the_repository_does_not_show_may_export_anything(tmp_path: Path) -> None:
    assert messages(deployed(tmp_path, main__tf=STARTED)) == []


def test_scripts_that_the_environment_does_not_run_export_nothing(tmp_path: Path) -> None:
    exports = "export DBT_TARGET_PATH=/tmp/t DBT_LOG_PATH=/tmp/l\n"
    assert messages(deployed(tmp_path, scripts___startup__sh=exports)) == [BOTH_IN_PLACE]


def test_without_a_declared_environment_any_script_may_be_the_one(tmp_path: Path) -> None:
    files = {
        "README.md": "Deployed to mwaa.\n",
        "dags/orders.py": DAG + RUN,
        "dags/dbt/shop/dbt_project.yml": PROJECT,
    }
    assert messages(check(write_all(tmp_path, files), ONLY)) == [BOTH_IN_PLACE]
    write_all(tmp_path, {"ops/env.sh": "export DBT_TARGET_PATH=/tmp/t DBT_LOG_PATH=/tmp/l\n"})
    assert messages(check(tmp_path, ONLY)) == []


def test_a_project_that_nobody_runs_is_fine(tmp_path: Path) -> None:
    assert messages(deployed(tmp_path, "print('dbt')")) == []


def test_a_project_outside_the_dags_folder_is_fine(tmp_path: Path) -> None:
    code = 'os.system("cd /usr/local/airflow/dbt && dbt run")'
    assert messages(deployed(tmp_path, code, dbt___dbt_project__yml=PROJECT)) == []


def test_cosmos_beside_a_command_in_place_does_not_hide_it(tmp_path: Path) -> None:
    cosmos = f'from cosmos import DbtDag, ProjectConfig\nDbtDag(project_config=ProjectConfig("{SHOP}"))\n'
    assert messages(deployed(tmp_path, cosmos)) == []
    assert messages(deployed(tmp_path, cosmos + RUN)) == [BOTH_IN_PLACE]


def test_each_place_is_one_finding_and_each_environment_is_named(tmp_path: Path) -> None:
    two = ENVIRONMENT + ENVIRONMENT.replace('"etl"', '"test"')
    result = deployed(tmp_path, RUN + RUN, main__tf=two)
    assert messages(result) == [BOTH_IN_PLACE, BOTH_IN_PLACE]
    assert [finding.environments for finding in result.findings] == [("etl", "test"), ("etl", "test")]
    assert len({finding.fingerprint for finding in result.findings}) == 2


def test_an_ignore_comment_in_the_dag_silences_it(tmp_path: Path) -> None:
    code = RUN.rstrip() + "  # mwaalint: ignore[MW501] runs on a copy\n"
    result = deployed(tmp_path, code)
    assert (messages(result), [finding.message for finding in result.suppressed]) == ([], [BOTH_IN_PLACE])


def test_a_project_file_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    result = deployed(tmp_path, project="name: shop\ntarget-path: {{ env_var('T') }}\n  x")
    assert [(finding.code, finding.primary.path) for finding in result.findings] == [
        ("MW001", "dags/dbt/shop/dbt_project.yml")
    ]
    assert messages(deployed(tmp_path, "print('dbt')", project="name: [")) == []


@pytest.mark.parametrize("project", ["", "- a\n", "text", "# nothing\n"])
def test_a_project_file_without_settings_has_dbts_defaults(project: str, tmp_path: Path) -> None:
    result = deployed(tmp_path, project=project)
    assert messages(result) == [BOTH_IN_PLACE]
    assert repaired(tmp_path, unsafe=True).keys() == {"dags/orders.py"}


SIGNS: list[dict[str, Any]] = [
    {"project": PROJECT + 'require-dbt-version: [">=1.7.0", "<2.0.0"]\n'},
    {"main__tf": STARTED, "scripts___startup__sh": "pip install dbt-core==1.9.4\n"},
    {"main__tf": STARTED, "scripts___startup__sh": "$VENV/bin/pip install 'dbt-snowflake[extra]~=1.9.0'\n"},
]


@pytest.mark.parametrize("sign", SIGNS)
def test_the_fix_is_safe_where_the_repository_shows_dbt_1(sign: dict[str, Any], tmp_path: Path) -> None:
    (finding,) = deployed(tmp_path, **sign).findings
    assert [(fix.title, fix.safety) for fix in finding.fixes] == [
        ("Set target-path and log-path below /tmp", Safety.SAFE)
    ]
    after = repaired(tmp_path)["dags/dbt/shop/dbt_project.yml"]
    assert "target-path: /tmp/dbt/target\nlog-path: /tmp/dbt/logs\n" in after


def test_the_requirements_file_is_such_a_sign(tmp_path: Path) -> None:
    result = deployed(
        tmp_path,
        main__tf=ENVIRONMENT.replace("}", '  requirements_s3_path = "requirements.txt"\n}'),
        requirements__txt="dbt-core==1.8.8\n",
    )
    assert [fix.safety for fix in result.findings[0].fixes] == [Safety.SAFE]


@pytest.mark.parametrize(
    "script", ["pip install dbt-core\n", "# pip install dbt-core==1.9.4\n", "pip install dbt-loom==1.0.0\n"]
)
def test_the_projects_fix_is_unsafe_where_it_does_not(script: str, tmp_path: Path) -> None:
    code = f'os.system("cd {SHOP} && dbt run")\n'
    (finding,) = deployed(tmp_path, code, main__tf=STARTED, scripts___startup__sh=script).findings
    assert [fix.safety for fix in finding.fixes] == [Safety.UNSAFE]
    assert repaired(tmp_path) == {}
    assert repaired(tmp_path, unsafe=True) == {
        "dags/dbt/shop/dbt_project.yml": PROJECT + "target-path: /tmp/dbt/target\nlog-path: /tmp/dbt/logs\n"
    }


@pytest.mark.parametrize(
    "sign",
    [
        {"project": PROJECT + 'require-dbt-version: "=2.0.5"\n'},
        {"project": PROJECT + 'require-dbt-version: [">=1.9.0", "<3.0.0"]\n'},
        {"main__tf": STARTED, "scripts___startup__sh": "pip install dbt-core==2.0.5\n"},
    ],
)
def test_there_is_no_fix_that_dbt_2_would_refuse(sign: dict[str, Any], tmp_path: Path) -> None:
    (finding,) = deployed(tmp_path, f'os.system("cd {SHOP} && dbt run")\n', **sign).findings
    assert (finding.message, finding.fixes) == (BOTH_IN_PLACE, ())


EXPORT = "export DBT_TARGET_PATH=/tmp/dbt/target DBT_LOG_PATH=/tmp/dbt/logs"
DBT_2 = PROJECT + 'require-dbt-version: "=2.0.5"\n'


@pytest.mark.parametrize(
    ("command", "fixed"),
    [
        (f'"cd {SHOP} && dbt run"', f'"{EXPORT}; cd {SHOP} && dbt run"'),
        ("f'cd {SHOP} && dbt run'", f"f'{EXPORT}; cd {{SHOP}} && dbt run'"),
        (f'"""\n    cd {SHOP}\n    dbt run\n"""', f'"""\n    {EXPORT}\n    cd {SHOP}\n    dbt run\n"""'),
        ('"cd " + SHOP + " && dbt run"', f'"{EXPORT}; cd " + SHOP + " && dbt run"'),
        (f'"cd {SHOP} && "  # here\n"dbt run"', f'"{EXPORT}; cd {SHOP} && "  # here\n"dbt run"'),
        (
            f'"dbt run --project-dir {SHOP}", env={{"A": "b"}}',
            f'"{EXPORT}; dbt run --project-dir {SHOP}", env={{"A": "b"}}',
        ),
        (
            f'"dbt ls --target-path /tmp/t", cwd="{SHOP}"',
            f'"export DBT_LOG_PATH=/tmp/dbt/logs; dbt ls --target-path /tmp/t", cwd="{SHOP}"',
        ),
    ],
)
def test_a_command_says_it_itself_where_the_project_may_not(command: str, fixed: str, tmp_path: Path) -> None:
    code = f'SHOP = "{SHOP}"\nBashOperator(task_id="run", bash_command=(\n{{}}\n))\n'.replace("(\n{}\n)", "{}")
    if "#" in command:
        command, fixed = f"(\n{command}\n)", f"(\n{fixed}\n)"
    result = deployed(tmp_path, code.format(command), DBT_2)
    assert [[fix.safety for fix in finding.fixes] for finding in result.findings] == [[Safety.SAFE]]
    assert repaired(tmp_path) == {"dags/orders.py": DAG + code.format(fixed)}
    assert messages(deployed(tmp_path, code.format(fixed), DBT_2)) == []


@pytest.mark.parametrize(
    "code",
    [
        f'COMMAND = "cd {SHOP} && dbt run"\nBashOperator(task_id="run", bash_command=COMMAND)\n',
        f'{RUN}os.system("cd {SHOP} && dbt test")\n',
        f'BashOperator(task_id="run", bash_command="cd {SHOP} && dbt run --log-path logs")\n',
        f'BashOperator(task_id="run", bash_command="cd {SHOP} && DBT_LOG_PATH=logs dbt run")\n',
    ],
)
def test_a_command_that_cannot_say_it_for_all_is_left_alone(code: str, tmp_path: Path) -> None:
    result = deployed(tmp_path, code, DBT_2)
    assert result.findings
    assert [finding.fixes for finding in result.findings] == [()] * len(result.findings)


def test_what_a_bash_task_returns_says_it_too(tmp_path: Path) -> None:
    code = f"""
        from airflow.decorators import task

        @task.bash
        def run():
            return "cd {SHOP} && dbt run"
    """
    deployed(tmp_path, code)
    assert f'return "{EXPORT}; cd {SHOP} && dbt run"' in repaired(tmp_path)["dags/orders.py"]


def test_packages_are_moved_only_by_an_unsafe_fix(tmp_path: Path) -> None:
    project = 'name: shop\nrequire-dbt-version: "<2.0.0"\n'
    code = f'os.system("cd {SHOP}; dbt deps")\nos.system("cd {SHOP}; dbt run")\n'
    deployed(tmp_path, code, project, dags___dbt___shop___packages__yml="packages: []\n")
    path = "dags/dbt/shop/dbt_project.yml"
    safe = project + "target-path: /tmp/dbt/target\nlog-path: /tmp/dbt/logs\n"
    assert repaired(tmp_path) == {path: safe}
    after = repaired(tmp_path, unsafe=True)[path]
    assert sorted(after.splitlines()) == sorted([*safe.splitlines(), "packages-install-path: /tmp/dbt/dbt_packages"])


def test_one_round_repairs_a_project_that_many_commands_run(tmp_path: Path) -> None:
    commands = ("dbt debug", "dbt run", "dbt test", "dbt clean")
    code = "".join(f'os.system("cd {SHOP}; {command}")\n' for command in commands)
    project = 'require-dbt-version: "<2.0.0"\nname: shop\nlog-path: logs\n'
    result = deployed(tmp_path, code, project)
    assert len({fix.edits for finding in result.findings for fix in finding.fixes}) == 1
    assert repaired(tmp_path) == {
        "dags/dbt/shop/dbt_project.yml": 'require-dbt-version: "<2.0.0"\nname: shop\nlog-path: /tmp/dbt/logs\n'
        "target-path: /tmp/dbt/target\n"
    }


def test_the_repaired_project_is_quiet_and_stays_as_it_is(tmp_path: Path) -> None:
    deployed(tmp_path, project='name: shop\r\nrequire-dbt-version: "<2.0.0"\r\n')
    after = repaired(tmp_path)
    assert after == {
        "dags/dbt/shop/dbt_project.yml": 'name: shop\r\nrequire-dbt-version: "<2.0.0"\r\n'
        "target-path: /tmp/dbt/target\r\nlog-path: /tmp/dbt/logs\r\n"
    }
    for path, text in after.items():
        (tmp_path / path).write_bytes(text.encode())
    assert messages(check(tmp_path, ONLY)) == []
    assert repaired(tmp_path, unsafe=True) == {}


def test_projects_that_share_a_worker_get_a_folder_each(tmp_path: Path) -> None:
    code = RUN + RUN.replace("dbt/shop", "dbt/billing")
    project = 'name: x\nrequire-dbt-version: "<2.0.0"\n'
    deployed(tmp_path, code, project, dags___dbt___billing___dbt_project__yml=project)
    assert repaired(tmp_path) == {
        f"dags/dbt/{name}/dbt_project.yml": project
        + f"target-path: /tmp/dbt/{name}/target\nlog-path: /tmp/dbt/{name}/logs\n"
        for name in ("billing", "shop")
    }


@pytest.mark.parametrize(
    "code",
    [
        "dbt = '" + "x" * 100_000 + "'\nos.system(dbt)",
        "os.system('dbt run' * 10)\nos.system(*['dbt run'])\nos.system()\nsubprocess.run()",
        "BashOperator('dbt run')\nBashOperator(bash_command=None)\nBashOperator(**{'bash_command': 'dbt run'})",
        "class dbt:\n    def invoke(self): return self.invoke(['run'])\n",
        "@task.bash\ndef dbt(): return\n",
        "lambda dbt: subprocess.run(['dbt', 'run'], cwd=dbt)",
        "subprocess.run([], cwd='dbt')\nsubprocess.run([''], cwd='dbt')\nsubprocess.run(['', 'dbt'])",
        "os.system('\\x00dbt run')",
        "os.system(b'dbt run')\nos.system(f'{1:>10} dbt run')\nos.system(f'{x!r} dbt run')",
    ],
)
def test_odd_code_is_neither_a_finding_nor_a_crash(code: str, tmp_path: Path) -> None:
    result = deployed(tmp_path, code)
    assert (messages(result), result.crashed) == ([], False)


def test_code_that_does_not_parse_is_told(tmp_path: Path) -> None:
    result = deployed(tmp_path, "dbt = " + "[" * 300)
    (told,) = messages(result)
    assert told.startswith("not analyzed: Python 3.")
