"""Several processes find what one finds, in the same order, and say so when something goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent import futures
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from mwaalint import api
from mwaalint.cli.app import app
from mwaalint.engine import pool
from mwaalint.engine.jobs import available_jobs
from tests.reporting import rendered

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.engine.result import RunResult

TODAY = date(2026, 11, 25)
ENVIRONMENT = """\
resource "aws_mwaa_environment" "etl" {
  name            = "etl"
  airflow_version = "2.10.3"
  dag_s3_path     = "dags"
}
"""
DAG = """\
from datetime import datetime

from airflow import DAG
from airflow.models import Variable
from airflow.operators.bash import BashOperator
from common.names import name

with DAG("dag_{number}", start_date=datetime(2024, 1, 1), schedule=None, catchup=False):
    BashOperator(task_id=name({number}), bash_command=Variable.get("command"), queue="etl")
"""
# A run of two processes that say who they are and then have no end.
ENDLESS = """\
import os, time
from pathlib import Path
from mwaalint import api
from mwaalint.engine import pool

def endless(*_):
    Path({told!r}, str(os.getpid())).touch()
    time.sleep(60)
    os._exit(1)

pool.analyse = endless
api.check(Path({root!r}), jobs=2)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    (root / "main.tf").write_text(ENVIRONMENT)
    (root / "dags" / "common").mkdir(parents=True)
    (root / "dags" / "common" / "names.py").write_text("def name(number):\n    return f'task_{number}'\n")
    for number in range(pool.FEWEST_FILES + 10):
        (root / "dags" / f"dag_{number}.py").write_text(DAG.replace("{number}", str(number)))
    (root / "dags" / "broken.py").write_text("from airflow import DAG\ndag = DAG(\n")
    return root


def run(project: Path, jobs: int) -> RunResult:
    return api.check(project, today=TODAY, jobs=jobs)


@pytest.mark.parametrize("format_name", ["text", "json", "sarif"])
def test_the_output_is_the_same_for_any_number_of_processes(project: Path, format_name: str) -> None:
    alone = rendered(format_name, run(project, 1))
    assert rendered(format_name, run(project, 2)) == alone
    assert rendered(format_name, run(project, 5)) == alone


def test_every_file_is_looked_at_and_the_broken_one_is_told(project: Path) -> None:
    result = run(project, 2)
    found = [finding.code for finding in result.findings]
    assert found.count("MW403") == found.count("MW404") == pool.FEWEST_FILES + 10
    assert [finding.primary.path for finding in result.findings if finding.code == "MW001"] == ["dags/broken.py"]


def test_few_files_are_checked_without_another_process(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(pool.Pooled, "_spread", refuse)
    monkeypatch.setattr(pool, "FEWEST_FILES", 10_000)
    assert run(project, 4).findings


def test_many_files_are_spread(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spread: list[int] = []
    original = pool.Pooled._spread

    def counted(self: pool.Pooled, tasks: object, rules: object) -> object:
        spread.append(len(tasks))  # type: ignore[arg-type]
        return original(self, tasks, rules)  # type: ignore[arg-type]

    monkeypatch.setattr(pool.Pooled, "_spread", counted)
    run(project, 2)
    assert spread[0] >= pool.FEWEST_FILES


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process does not have what is replaced here")
def test_a_process_that_dies_is_not_waited_for(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one does that the system stops for the memory it takes."""
    monkeypatch.setattr(pool, "analyse", lambda *_: os._exit(1))
    with pytest.raises(pool.ProcessDiedError, match="try again with --jobs 1"):
        run(project, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process does not have what is replaced here")
def test_processes_end_with_the_one_that_started_them(project: Path, tmp_path: Path) -> None:
    """As when an editor kills a run that it needs no more."""
    program = ENDLESS.format(told=str(tmp_path), root=str(project))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as started:
        until = time.monotonic() + 60
        while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        started.kill()
        # They write to where their parent does: that ends when the last of them does.
        assert not started.communicate(timeout=30)[0]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_process_that_inherits_nothing_is_handed_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS and Windows; here it starts after this process has checked a file with DAGs by itself."""
    modules = [f"module_{number}" for number in range(pool.FEWEST_FILES)]
    (tmp_path / "main.tf").write_text(ENVIRONMENT)
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "first.py").write_text(f"import {', '.join(modules)}\n{DAG.replace('{number}', '1')}")
    for name in modules:
        (tmp_path / "dags" / f"{name}.py").write_text("from airflow.models import Variable\nX = Variable.get('x')\n")
    alone = rendered("json", run(tmp_path, 1))
    monkeypatch.setattr(pool, "sys", SimpleNamespace(platform="darwin"))
    assert alone.count('"MW403"') > pool.FEWEST_FILES
    assert rendered("json", run(tmp_path, 2)) == alone


@pytest.mark.parametrize(("jobs", "most", "processes"), [(2, 61, 2), (64, 61, 4), (64, 3, 3)])
def test_no_more_processes_are_started_than_there_is_work_for(
    project: Path, monkeypatch: pytest.MonkeyPatch, jobs: int, most: int, processes: int
) -> None:
    def refuse(number: int, *_: object) -> None:
        raise ValueError(f"{number} processes")

    monkeypatch.setattr(futures, "ProcessPoolExecutor", refuse)
    monkeypatch.setattr(pool, "_MOST_PROCESSES", most)
    with pytest.raises(ValueError, match=f"^{processes} processes$"):
        run(project, jobs)


def test_the_command_line_takes_a_number_of_processes(project: Path) -> None:
    one, two = (
        CliRunner().invoke(app, ["check", str(project), "--jobs", jobs, "--format", "json", "--today", "2026-11-25"])
        for jobs in ("1", "2")
    )
    assert one.output == two.output
    assert CliRunner().invoke(app, ["check", str(project), "--jobs", "0"]).exit_code == 2


def test_there_is_at_least_one_processor() -> None:
    assert available_jobs() >= 1
