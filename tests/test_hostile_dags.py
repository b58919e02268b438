"""DAG files that no person writes: thousands of lines, nested, mutated. Each is checked to the end, without a crash."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint import catalog, rulebook
from mwaalint.engine.code import FileResult, FileTask, Rules, View, analyse
from mwaalint.engine.registry import all_checks
from mwaalint.findings import Confidence
from mwaalint.model.deployment import Target
from mwaalint.source import SourceFile

CHECKS = [check for check in all_checks() if not isinstance(check.subject, type)]
CODES = frozenset(check.code for check in CHECKS)
RULES = Rules(CHECKS, catalog.load(), rulebook.shipped(), date(2026, 11, 22), {})
VIEWS = tuple(
    View(airflow, Target(airflow, python), None, Confidence.HIGH, CODES, "dags")
    for airflow, python in (("2.2.2", "3.7"), ("2.10.3", "3.11"), ("3.0.6", "3.12"))
)
HEAD = """\
from airflow import DAG
from airflow.decorators import task
from airflow.models import Variable
from airflow.operators.empty import EmptyOperator
from airflow.utils.task_group import TaskGroup
with DAG("a", schedule=None):
    end = EmptyOperator(task_id="end")
"""


def checked(data: bytes, *, place: str = "dags") -> FileResult:
    """All rules on one file, for three versions of Airflow."""
    return analyse(FileTask(SourceFile("dags/etl.py", Path("dags/etl.py"), data), place, VIEWS), RULES)


def repeated(template: str, count: int) -> str:
    return "".join(template.format(i=index, next=(index + 1) % count) for index in range(count))


def listed(name: str, count: int) -> str:
    return f"    {name} = [" + ",".join(f"EmptyOperator(task_id='{name}{index}')" for index in range(count)) + "]\n"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (repeated("    t = EmptyOperator(task_id='t{i}')\n    t >> end\n", 3_000), {}),
        (listed("a", 1_000) + listed("b", 1_000) + "    a >> b >> end\n", {}),
        (repeated("    EmptyOperator(task_id='t')\n", 3_000), {"MW432": 3}),
        (repeated("    if x{i}:\n        EmptyOperator(task_id='t')\n", 2_000), {"MW432": 3}),
        (
            repeated("    t{i} = EmptyOperator(task_id='t{i}')\n", 900) + repeated("    t{i} >> t{next}\n", 900),
            {"MW433": 3},
        ),
        (repeated("    @task\n    def d{i}(x): ...\n    r{i} = d{i}(1)\n", 1_000), {}),
        (repeated("    for x{i} in range(150):\n        EmptyOperator(task_id=f'a{{x{i}}}')\n", 150), {}),
        (
            "    d0 = {'a': 1}\n"
            + repeated("    d{next} = {{**d{i}, 'b': d{i}}}\n", 60)
            + "    DAG('b', default_args=d59)\n",
            {},
        ),
        ("    x = a" + ".b()" * 150 + "\n    y = " + "f(" * 80 + ")" * 80 + "\n", {}),
        ("    x = " + " + ".join(["'a'"] * 900) + "\n    EmptyOperator(task_id=x)\n", {}),
        ("    from airflow import settings\n    settings.Session().execute(" + "'a' + x + " * 1_000 + "'a')\n", {}),
        ("    x = [" + "1," * 100_000 + "]\n", {}),
        ("def f0(): Variable.get('a')\n" + repeated("def f{next}(): f{i}()\n", 800)[len("def f1(): f0()\n") :], {}),
        (repeated("import m{i}\n", 5_000), {}),
        ("def f(i): DAG(str(i))\n" + "x = [f(i) for i in [1, 2]]\n" * 4_000, {}),
        (repeated("@task_group\ndef g{i}(): ...\n", 1_500) + repeated("g{i}()\n", 1_500), {}),
        ("if x" + ".b()" * 480 + ":\n    open('/usr/local/airflow/dags/x', 'w')\n", {}),
    ],
    ids=[
        "one name for all tasks",
        "all after all",
        "one id for all",
        "one id in branches",
        "a circle of all",
        "decorated functions",
        "loops",
        "dictionaries that double",
        "chains of calls",
        "a long sum",
        "a long statement of SQL",
        "a long line",
        "functions that call each other",
        "imports",
        "DAGs made in comprehensions",
        "groups that are called",
        "a condition too deep to be written again",
    ],
)
def test_large_files_end_soon(text: str, codes: dict[str, int]) -> None:
    started = time.process_time()
    result = checked((HEAD + text).encode())
    assert time.process_time() - started < 20
    assert result.problem == ""
    assert result.facts is not None
    found = Counter(finding.code for _, finding in result.findings)
    assert {code: found[code] for code in ("MW002", "MW432", "MW433") if found[code]} == codes


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\xef\xbb\xbf", b"\xff\xfe\x00", b"\0", b"#" * 100_000, b"(" * 300, b"\\"]
)
def test_what_is_hardly_a_file(data: bytes) -> None:
    result = checked(data)
    assert [finding.code for _, finding in result.findings] == []
    assert (result.facts is None) == bool(result.problem)


WORDS = st.sampled_from(
    [
        "None",
        "x",
        "DAG",
        "task",
        "[",
        "**a",
        "()",
        "0",
        '"a"',
        "default_args",
        "*b",
        "lambda: 1",
        "datetime.now()",
        "@dag",
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A DAG file with a few lines lost, doubled, exchanged or with a strange word."""
    lines = [*HEAD.splitlines(), *draw(st.sampled_from(TEXTS)).splitlines()]
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(lines) - 1))
        match draw(st.integers(0, 3)):
            case 0 if len(lines) > 1:
                del lines[place]
            case 1:
                lines.insert(place, lines[draw(st.integers(0, len(lines) - 1))])
            case 2:
                lines[place] = f"    {lines[place]}"
            case _:
                words = lines[place].split(" ")
                words[draw(st.integers(0, len(words) - 1))] = draw(WORDS)
                lines[place] = " ".join(words)
    return "\n".join(lines)


TEXTS = [
    """\
    a = EmptyOperator(task_id='a', queue='q', retries=0)
    a >> [end] >> a
    Variable.get('x')
""",
    """\
    with TaskGroup('g', default_args={'retries': 1}) as g:
        EmptyOperator(task_id='x')
    g >> end
""",
    """\
    @task.bash(env={})
    def f(x=Variable.get('y')):
        return x
    f.partial(x=1).expand(y=[f(2)])
""",
    """\
for name in ['a', 'b']:
    globals()[name] = DAG(f'load_{name}', start_date=datetime.now(), **defaults)
""",
    """\
def make(name, **kwargs):
    with DAG(name, **kwargs) as made:
        EmptyOperator(task_id=name)
    return made
make('x')
""",
    """\
class Load(EmptyOperator):
    def __init__(self, *, bucket=Variable.get('b'), **kwargs):
        super().__init__(**kwargs)
""",
    """\
try:
    from airflow.sdk import Variable
except ImportError:
    from airflow.models import Variable
Variable.get('a')
""",
    """\
import boto3, subprocess, requests
client = boto3.client('s3')
client.list_buckets()
subprocess.run('pip install x')
""",
]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated(), st.sampled_from(["dags", "plugins"]))
def test_no_rule_crashes_on_a_file_that_somebody_is_typing(text: str, place: str) -> None:
    result = checked(text.encode(), place=place)
    assert [finding.args for _, finding in result.findings if finding.code == "MW002"] == []
    for _, finding in result.findings:
        assert 0 <= finding.primary.span.start <= finding.primary.span.end <= len(text.encode())
