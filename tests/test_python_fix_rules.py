"""What --fix makes of DAG files: from a deployment to the bytes that come out."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tokenize
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint import api
from mwaalint.config import Config
from mwaalint.findings import Safety
from mwaalint.fix.apply import fix_all
from tests.deployments import TODAY, write_all

ENVIRONMENT = """\
resource "aws_mwaa_environment" "{0}" {{
  name            = "{0}"
  airflow_version = "{1}"
  dag_s3_path     = "dags"
}}
"""
HEAD = "from airflow import DAG\nfrom airflow.operators.bash import BashOperator\n"
SENSORS = "from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor, S3KeysUnchangedSensor\n"
TRIGGER = "from airflow.operators.trigger_dagrun import TriggerDagRunOperator\n"


def project(root: Path, code: str | bytes, airflow: str = "2.10.3") -> Path:
    write_all(root, {"main.tf": ENVIRONMENT.format("etl", airflow), "dags/etl.py": ""})
    (root / "dags" / "etl.py").write_bytes(code if isinstance(code, bytes) else code.encode())
    return root


def fixed(root: Path, *codes: str, unsafe: bool = False) -> str:
    """The file after --fix, which another run leaves as it is."""
    config = Config(select=codes)

    def run(overlay: Any) -> Any:
        result = api.check(root, config, today=TODAY, overlay=overlay)
        assert not result.crashed
        return result

    before = (root / "dags" / "etl.py").read_bytes()
    outcome = fix_all(run, unsafe=unsafe)
    after = outcome.changed.get("dags/etl.py", before)
    again = fix_all(lambda overlay: run({**outcome.changed, **overlay}), unsafe=unsafe)
    assert again.changed == {}
    ast.parse(after)
    return after.decode()


def task(code: str, head: str = HEAD) -> str:
    return f'{head}with DAG("etl", schedule=None):\n    {code}\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('S3KeySensor(task_id="a", bucket_key="x")', 'S3KeySensor(task_id="a", bucket_key="x", mode="reschedule")'),
        ('S3KeySensor(task_id="a", mode="poke")', 'S3KeySensor(task_id="a", mode="reschedule")'),
        ('S3KeySensor(task_id="a", mode=None)', 'S3KeySensor(task_id="a", mode="reschedule")'),
        (
            'S3KeySensor.partial(task_id="a").expand(bucket_key=["x"])',
            'S3KeySensor.partial(task_id="a", mode="reschedule").expand(bucket_key=["x"])',
        ),
        (
            'S3KeySensor(task_id="a", **{"bucket_key": "x"})',
            'S3KeySensor(task_id="a", **{"bucket_key": "x"}, mode="reschedule")',
        ),
        ('a = [S3KeySensor(task_id=i) for i in "ab"]', 'a = [S3KeySensor(task_id=i, mode="reschedule") for i in "ab"]'),
    ],
)
def test_sensors_get_the_other_mode_where_they_are_made(tmp_path: Path, before: str, after: str) -> None:
    project(tmp_path, task(before, HEAD + SENSORS))
    assert fixed(tmp_path, "MW405") == task(after, HEAD + SENSORS)


def test_a_mode_from_default_args_is_said_otherwise_at_the_sensor(tmp_path: Path) -> None:
    code = f"""{SENSORS}from airflow import DAG
with DAG("etl", schedule=None, default_args={{"mode": "poke"}}):
    S3KeySensor(task_id="a")
"""
    project(tmp_path, code)
    assert fixed(tmp_path, "MW405") == code.replace('id="a")', 'id="a", mode="reschedule")')


@pytest.mark.parametrize("decorator", ["@task.sensor", "@task.sensor()", "@task.sensor(timeout=7200)"])
def test_a_decorated_sensor_gets_it_in_its_decorator(tmp_path: Path, decorator: str) -> None:
    code = dedent(
        """\
        from airflow import DAG
        from airflow.decorators import task
        with DAG("etl", schedule=None):
            @DECORATOR
            def ready(): return True
            ready()
            ready()
        """
    )
    project(tmp_path, code.replace("@DECORATOR", decorator))
    after = fixed(tmp_path, "MW405")
    arguments = 'timeout=7200, mode="reschedule"' if "timeout" in decorator else 'mode="reschedule"'
    assert after == code.replace("@DECORATOR", f"@task.sensor({arguments})")


@pytest.mark.parametrize(
    "code",
    [
        'S3KeysUnchangedSensor(task_id="a", bucket_name="b", prefix="p")',
        'S3KeySensor(task_id="a", **{"mode": "poke"})',
    ],
)
def test_a_sensor_that_cannot_be_changed_so_is_reported_without_a_fix(tmp_path: Path, code: str) -> None:
    result = api.check(project(tmp_path, task(code, HEAD + SENSORS)), Config(select=("MW405",)), today=TODAY)
    assert [finding.fixes for finding in result.findings] == [()]


@pytest.mark.parametrize(
    ("interval", "safety"),
    [("60", "safe"), ("timedelta(minutes=5)", "safe"), ("10", "unsafe"), ("INTERVAL", "unsafe")],
)
def test_a_sensor_that_looks_often_is_for_those_who_look(tmp_path: Path, interval: str, safety: str) -> None:
    head = f"{HEAD}{SENSORS}from datetime import timedelta\nfrom settings import INTERVAL\n"
    code = task(f'S3KeySensor(task_id="a", poke_interval={interval})', head)
    result = api.check(project(tmp_path, code), Config(select=("MW405",)), today=TODAY)
    assert [fix.safety for finding in result.findings for fix in finding.fixes] == [Safety(safety)]


QUEUES = """from airflow.decorators import task
QUEUE = "slow"
args = {
    "retries": 1,
    "queue": QUEUE,  # soon
}
with DAG("a", schedule=None, default_args=args) as dag:
    BashOperator(task_id="a", bash_command="date")
    BashOperator(task_id="b", bash_command="date", queue=QUEUE,)
    @task(queue="x")
    def f(): pass
    f(); f()
with DAG("b", schedule=None, default_args=dict(queue="x", retries=2)):
    BashOperator(task_id="a", bash_command="date")
"""


def test_queues_go_wherever_they_are_written(tmp_path: Path) -> None:
    project(tmp_path, HEAD + QUEUES)
    after = QUEUES.replace('    "queue": QUEUE,  # soon\n', "").replace(" queue=QUEUE,", "").replace('queue="x"', "")
    assert fixed(tmp_path, "MW404") == HEAD + after.replace("dict(, ", "dict(")


def test_what_defers_in_vain_waits_on_the_worker_again(tmp_path: Path) -> None:
    """A sensor then gives its slot back while it waits, which is another rule's finding, in the next round."""
    code = task('S3KeySensor(task_id="a", deferrable=True, timeout=7200)', HEAD + SENSORS)
    project(tmp_path, code, "2.5.1")
    assert fixed(tmp_path, "MW415", "MW405") == code.replace(
        "deferrable=True, timeout=7200", 'timeout=7200, mode="reschedule"'
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"ls /opt/airflow/dags"', '"ls $AIRFLOW_HOME/dags"'),
        ('f"ls /opt/airflow/plugins/{x} " + y', 'f"ls $AIRFLOW_HOME/plugins/{x} " + y'),
        (
            '"ls /home/airflow/gcs/dags/a", env={}, append_env=True',
            '"ls $AIRFLOW_HOME/dags/a", env={}, append_env=True',
        ),
        ('"""ls \'/x\' /opt/airflow/dags"""', '"""ls \'/x\' $AIRFLOW_HOME/dags"""'),
    ],
)
def test_commands_ask_the_shell_where_airflow_is(tmp_path: Path, before: str, after: str) -> None:
    project(tmp_path, task(f'BashOperator(task_id="a", bash_command={before})'))
    assert fixed(tmp_path, "MW413") == task(f'BashOperator(task_id="a", bash_command={after})')


@pytest.mark.parametrize(
    "command",
    [
        '"ls /opt/airflow/scripts"',
        '"ls /opt/airflow"',
        '"ls /opt/airflow/dags /opt/airflow/data"',
        "\"ls '/opt/airflow/dags'\"",
        '"ls /opt/airflow/dags", env={"A": "b"}',
        '"ls /usr/local/airflow/include/x"',
    ],
)
def test_commands_for_what_is_not_there_stay(tmp_path: Path, command: str) -> None:
    code = task(f'BashOperator(task_id="a", bash_command={command})')
    project(tmp_path, code)
    assert fixed(tmp_path, "MW413", unsafe=True) == code


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"/opt/airflow/dags/sql"', "f\"{os.environ['AIRFLOW_HOME']}/dags/sql\""),
        ('os.path.join("/opt/airflow", "dags", x)', 'os.path.join(os.environ["AIRFLOW_HOME"], "dags", x)'),
        ('f"/opt/airflow/plugins/{x}"', "f\"{os.environ['AIRFLOW_HOME']}/plugins/{x}\""),
        ('"/opt/airflow/dags/{{ ds }}.sql"', 'os.environ["AIRFLOW_HOME"] + "/dags/{{ ds }}.sql"'),
        ('os.path.join("/opt/airflow", x)', None),
        ('"/opt/airflow/config/a.yaml"', None),
        ('"see {} in /opt/airflow/dags"', None),
    ],
)
def test_python_asks_the_environment_where_airflow_is(tmp_path: Path, before: str, after: str | None) -> None:
    project(tmp_path, f"import os\n{HEAD}x = 'x'\nWHERE = {before}\nDAG('etl', schedule=None)\n")
    assert fixed(tmp_path, "MW413") == f"import os\n{HEAD}x = 'x'\nWHERE = {before}\nDAG('etl', schedule=None)\n"
    expected = f"import os\n{HEAD}x = 'x'\nWHERE = {after or before}\nDAG('etl', schedule=None)\n"
    assert fixed(tmp_path, "MW413", unsafe=True) == expected


def test_many_paths_of_a_file_share_one_import(tmp_path: Path) -> None:
    paths = [f"/opt/airflow/dags/{number}" for number in range(30)]
    lines = "".join(f'P{number} = "{path}"\n' for number, path in enumerate(paths))
    project(tmp_path, f"{HEAD}{lines}DAG('etl', schedule=None)\n")
    after = fixed(tmp_path, "MW413", unsafe=True)
    assert after.startswith(f"import os\n\n{HEAD}P0 = f\"{{os.environ['AIRFLOW_HOME']}}/dags/0\"\n")
    assert after.count("import os") == 1
    assert "/opt/airflow" not in after


@pytest.mark.parametrize(
    ("pipe", "safety"),
    [
        ("dbt run | tee x", "safe"),
        ("cd /tmp && dbt run 2>&1 | tail -n 5", "safe"),
        ("dbt run | grep ERROR", "unsafe"),
        ("dbt run | tail; ls | grep x | wc -l", "unsafe"),
        ("yes | dbt run | tail", "unsafe"),
    ],
)
def test_a_pipe_may_fail_for_more_than_dbt(tmp_path: Path, pipe: str, safety: str) -> None:
    root = project(tmp_path, task(f'BashOperator(task_id="a", bash_command="{pipe}")'))
    result = api.check(root, Config(select=("MW506",)), today=TODAY)
    assert [fix.safety for finding in result.findings for fix in finding.fixes] == [Safety(safety)]
    assert fixed(root, "MW506", unsafe=True) == task(
        f'BashOperator(task_id="a", bash_command="set -o pipefail; {pipe}")'
    )


def test_what_else_is_wrong_with_a_command_shows_after_a_fix_as_before(tmp_path: Path) -> None:
    root = project(tmp_path, task('BashOperator(task_id="a", bash_command="cd /tmp/x && dbt run | tail")'))
    config = Config(select=("MW504", "MW506"))
    before = api.check(root, config, today=TODAY)
    (root / "dags" / "etl.py").write_text(fixed(root, "MW506"))
    after = api.check(root, config, today=TODAY)
    assert [finding.code for finding in before.findings] == ["MW504", "MW506"]
    assert [finding.code for finding in after.findings] == ["MW504"]


def test_a_command_that_is_a_name_is_reported_without_a_fix(tmp_path: Path) -> None:
    root = project(tmp_path, f'C = "dbt run | tail"\n{task("BashOperator(task_id=1, bash_command=C)")}')
    result = api.check(root, Config(select=("MW506",)), today=TODAY)
    assert [finding.fixes for finding in result.findings] == [()]


def test_a_task_that_waits_for_another_dag_may_defer(tmp_path: Path) -> None:
    code = task('TriggerDagRunOperator(task_id="a", trigger_dag_id="b", wait_for_completion=True)', HEAD + TRIGGER)
    project(tmp_path, code)
    assert fixed(tmp_path, "MW411") == code
    assert fixed(tmp_path, "MW411", unsafe=True) == code.replace("=True)", "=True, deferrable=True)")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('dag = DAG("a", S, A)', None),
        (
            'dag = DAG("a", schedule="@daily", start_date=A)',
            'dag = DAG("a", schedule="@daily", start_date=A, catchup=False)',
        ),
        (
            'from airflow.decorators import dag\n@other\n@dag(schedule="@daily", start_date=A)\ndef a(): pass\na()',
            (
                'from airflow.decorators import dag\n@other\n@dag(schedule="@daily", start_date=A, catchup=False)\n'
                "def a(): pass\na()"
            ),
        ),
    ],
)
def test_catching_up_is_switched_off_by_those_who_look(tmp_path: Path, before: str, after: str | None) -> None:
    head = f"from datetime import datetime\nfrom other import other, S\n{HEAD}A = datetime(2024, 1, 1)\n"
    project(tmp_path, f"{head}{before}\n")
    assert fixed(tmp_path, "MW412") == f"{head}{before}\n"
    assert fixed(tmp_path, "MW412", unsafe=True) == f"{head}{after or before}\n"


MESSY = '''\
# -*- coding: utf-8 -*-
"""Größere Sache\u2026 /opt/airflow"""
from __future__ import annotations

from datetime import datetime as dt  # ünlucky

from airflow import DAG; from airflow.operators.bash import BashOperator as Bash
from airflow.providers.amazon.aws.sensors.s3 import (  # ä
\tS3KeySensor,
)

args = dict(owner='ö', queue = 'é' , retries=1); SQL = '/opt/airflow/dags/sql'

with DAG('é', schedule=None, start_date=dt(2024, 1, 1), catchup=False, default_args=args) as dag: \\
\twait = S3KeySensor(task_id='ü', bucket_key='s3://ß/x',  # é, ()
\t                   bucket_name=(lambda: 'x')())

@(lambda f: f)
def later(a=Bash(task_id='ä', bash_command=f"""
\tcd /opt/airflow/dags/{SQL!r:>3}
\tdbt run | tee /tmp/é
""", queue='x', dag=dag)): return a ; x = {'queue': 'y'}
'''


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_messy_file_keeps_all_but_what_was_asked_for(tmp_path: Path, newline: str, mark: str) -> None:
    project(tmp_path, (mark + MESSY).replace("\n", newline).encode())
    after = fixed(tmp_path, "MW404", "MW405", "MW413", "MW506", unsafe=True)
    expected = (
        MESSY.replace("from datetime", "import os\nfrom datetime")
        .replace("owner='ö', queue = 'é' , retries", "owner='ö', retries")
        .replace("'/opt/airflow/dags/sql'", "f'{os.environ[\"AIRFLOW_HOME\"]}/dags/sql'")
        .replace("(lambda: 'x')())", "(lambda: 'x')(),\n\t                   mode='reschedule')")
        .replace("\tcd /opt/airflow", "\tset -o pipefail\n\tcd $AIRFLOW_HOME")
        .replace("queue='x', dag", "dag")
    )
    assert after == (mark + expected).replace("\n", newline)


def two_environments(root: Path, first: str, second: str, code: str) -> Path:
    project(root, code)
    (root / "main.tf").write_text(ENVIRONMENT.format("a", first) + ENVIRONMENT.format("b", second))
    return root


def test_code_of_two_environments_is_changed_only_as_suits_both(tmp_path: Path) -> None:
    code = f"{HEAD}from airflow.operators.dummy import DummyOperator\nDAG('etl', schedule=None)\n"
    two_environments(tmp_path, "2.10.3", "3.0.6", code)
    assert fixed(tmp_path, "MW407") == code
    two_environments(tmp_path, "3.0.6", "3.0.6", code)
    assert "EmptyOperator" in fixed(tmp_path, "MW407")


def test_a_fix_that_suits_both_is_made_for_both(tmp_path: Path) -> None:
    code = task('S3KeySensor(task_id="a")', HEAD + SENSORS)
    two_environments(tmp_path, "2.10.3", "2.8.1", code)
    assert fixed(tmp_path, "MW405") == code.replace('"a")', '"a", mode="reschedule")')


def run_cli(root: Path, *options: str) -> tuple[str, bool]:
    """What the command says, and whether it imported libcst."""
    command = [sys.executable, "-X", "importtime", "-c", "from mwaalint.cli import main; main()", "check", str(root)]
    command += ["--fail-on", "never", "--select", "MW405", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout, " libcst\n" in done.stderr


def test_libcst_is_imported_for_those_who_want_edits_only(tmp_path: Path) -> None:
    root = project(tmp_path, task('S3KeySensor(task_id="a")', HEAD + SENSORS))
    text, imported = run_cli(root)
    assert ("1 can be fixed with --fix" in text, imported) == (True, False)
    text, imported = run_cli(root, "--diff")
    assert ('+    S3KeySensor(task_id="a", mode="reschedule")' in text, imported) == (True, True)


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_reports_for_programs_have_the_edits(tmp_path: Path, form: str) -> None:
    root = project(tmp_path, task('S3KeySensor(task_id="a")', HEAD + SENSORS))
    report = json.loads(run_cli(root, "--format", form)[0])
    assert 'mode=\\"reschedule\\"' in json.dumps(report["findings"][0]["fixes"] if form == "json" else report)


def test_programs_may_leave_the_edits_out(tmp_path: Path) -> None:
    root = project(tmp_path, task('S3KeySensor(task_id="a")', HEAD + SENSORS))
    (named,) = api.check(root, Config(select=("MW405",)), today=TODAY, edits=False).findings[0].fixes
    (made,) = api.check(root, Config(select=("MW405",)), today=TODAY).findings[0].fixes
    assert (named.title, named.safety, named.edits, len(named.rewrites)) == (made.title, made.safety, (), 1)
    assert (len(made.edits), made.rewrites) == (1, ())


LINES = [
    'S3KeySensor(task_id="{n}"{gap}, bucket_key="é"{gap})',
    "S3KeySensor({gap}task_id='{n}', mode='poke', timeout=7200{comma})",
    'BashOperator(task_id="{n}", bash_command="ls /opt/airflow/dags/é"{comma}{gap})',
    "BashOperator(task_id='{n}',{gap} bash_command=f'cd /opt/airflow/plugins/{{A}} | cat', queue = 'é'{comma})",
    'BashOperator(task_id="{n}", bash_command="""\n        dbt run{gap}\n        dbt test | tail\n    """, queue=A)',
    "A = '/opt/airflow/dags/{n}'; B = [{gap}A, '/opt/airflow/plugins' 'x'{comma}]",
    "TriggerDagRunOperator(task_id='{n}', trigger_dag_id='é', wait_for_completion=True{comma}{gap})",
    "from airflow.operators.python_operator import ({gap}PythonOperator{comma}{gap})",
    "from airflow.operators.dummy import DummyOperator as D{n}, missing{n}",
    "D = DummyOperator(task_id='{n}'); E = (lambda: D)",
]
GAPS = st.sampled_from(["", "", " ", "\n        ", "  # é, (\n        ", "\n# ) queue=1\n  "])


@st.composite
def dag_files(draw: st.DrawFn) -> str:
    """Code with something to repair in nearly every line, laid out at random."""
    chosen = draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=8))
    made = []
    for number, line in enumerate(chosen):
        parts = (line.replace("{n}", f"n{number}")).split("{gap}")
        text = parts[0] + "".join(f"{draw(GAPS)}{part}" for part in parts[1:])
        text = text.replace("{comma}", draw(st.sampled_from(["", ","]))).replace("{{A}}", "{A}")
        # A comment inside of a text would be text, and a name cannot be put on two lines.
        made.append(text)
    old = "from airflow.operators.dummy_operator import DummyOperator\nA = 'a'\n"
    return HEAD + SENSORS + TRIGGER + old + 'with DAG("etl", schedule=None):\n    ' + "\n    ".join(made) + "\n"


def comments(code: bytes) -> list[str]:
    tokens = tokenize.tokenize(BytesIO(code).readline)
    return sorted(token.string for token in tokens if token.type == tokenize.COMMENT)


@settings(max_examples=25, deadline=None)
@given(dag_files(), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["2.5.1", "2.10.3", "3.0.6"]))
def test_any_file_is_repaired_in_one_go_and_then_stays(code: str, newline: str, airflow: str) -> None:
    data = code.replace("\n", newline).encode()
    try:
        ast.parse(data)
    except SyntaxError:
        return
    with TemporaryDirectory() as folder:
        root = project(Path(folder), data, airflow)
        codes = ("MW404", "MW405", "MW407", "MW411", "MW413", "MW415", "MW506")
        after = fixed(root, *codes, unsafe=True)
        (root / "dags" / "etl.py").write_bytes(after.encode())
        left = api.check(root, Config(select=codes), today=TODAY).findings
    assert not any(finding.fixes for finding in left)
    assert set(comments(data)) - set(comments(after.encode())) <= {"# é, (", "# ) queue=1"}
    assert newline == "\n" or after.count("\n") == after.count("\r\n")
