"""Measures mwaalint against what it is built on and against its peers, in one run, and prints ratios.

    python benchmarks/run.py                 # everything, about a minute
    python benchmarks/run.py --rounds 3 --files 200

Times of a machine say little; ratios taken in one run, the commands interleaved, say how much work is done. Peers that
are not installed are named as such, not left out.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

ENVIRONMENT = """\
resource "aws_mwaa_environment" "etl" {
  name                           = "etl"
  airflow_version                = "2.10.3"
  environment_class              = "mw1.small"
  dag_s3_path                    = "dags"
  requirements_s3_path           = aws_s3_object.requirements.key
  requirements_s3_object_version = aws_s3_object.requirements.version_id
}

resource "aws_s3_object" "requirements" {
  bucket = "bucket"
  key    = "requirements.txt"
  source = "${path.module}/requirements.txt"
}
"""
REQUIREMENTS = "snowflake-connector-python==3.12.0\nSQLAlchemy==2.0.30\npandas>=2.1\n"
DAG = """\
from __future__ import annotations

import pendulum
from airflow.decorators import dag, task
from airflow.operators.bash import BashOperator
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator


@dag(schedule="@daily", start_date=pendulum.datetime(2024, 1, 1), catchup=False, tags=["sales"])
def sales_{number}():
    @task
    def extract(day: str | None = None) -> dict[str, int]:
        rows = {{"orders": {number}, "returns": 2}}
        return {{name: count * 2 for name, count in rows.items() if count}}

    @task
    def load(rows: dict[str, int]) -> None:
        for name, count in rows.items():
            print(f"{{name}}: {{count}}")

    transform = GlueJobOperator(task_id="transform", job_name="sales-{number}", wait_for_completion=True)
    report = BashOperator(task_id="report", bash_command="python -m reports.sales --day {{{{ ds }}}}")
    load(extract()) >> transform >> report


sales_{number}()
"""
PARSE = (
    "import ast, pathlib, sys\nfor path in pathlib.Path(sys.argv[1]).rglob('*.py'):\n    ast.parse(path.read_bytes())\n"
)


@dataclass(frozen=True)
class Command:
    """A command to time: its name in the table, its words, None when it is not installed here."""

    name: str
    words: list[str] | None


def main() -> int:
    """Runs the comparisons and prints them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how often each command runs (the median counts)")
    parser.add_argument("--files", type=int, default=1000, help="how many DAG files the larger project has")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder, "small"), Path(folder, "large")
        project(small, dags=0)
        project(large, dags=options.files)
        compare("Start-up, and one requirements file with one Terraform file", start_up(small), options.rounds)
        compare(f"{options.files:,} DAG files, one environment", many_files(large), max(options.rounds // 2, 1))
    return 0


def project(root: Path, *, dags: int) -> None:
    """A deployment with that many DAG files."""
    (root / "dags").mkdir(parents=True)
    (root / "main.tf").write_text(ENVIRONMENT)
    (root / "requirements.txt").write_text(REQUIREMENTS)
    for number in range(dags):
        (root / "dags" / f"sales_{number}.py").write_text(DAG.format(number=number))


def start_up(root: Path) -> list[Command]:
    """What a run costs before it looks at much."""
    python = sys.executable
    return [
        Command("python -c pass", [python, "-c", "pass"]),
        Command('python -c "import click"', [python, "-c", "import click"]),
        Command("mwaalint --version", [*mwaalint(), "--version"]),
        Command("mwaalint check (1 + 1 files)", [*mwaalint(), "check", "--no-cache", str(root)]),
        Command(
            "checkov (the same Terraform file)", tool("checkov", "-f", str(root / "main.tf"), "--quiet", "--compact")
        ),
    ]


def many_files(root: Path) -> list[Command]:
    """What the files themselves cost; the peers read the same DAG files."""
    dags = str(root / "dags")
    return [
        Command("ast.parse of the same files", [sys.executable, "-c", PARSE, dags]),
        Command("mwaalint check", [*mwaalint(), "check", "--no-cache", str(root)]),
        Command(
            "ruff check --select AIR",
            tool("ruff", "check", "--select", "AIR", "--preview", "--no-cache", "--isolated", dags),
        ),
        Command(
            "pylint-airflow",
            tool(
                "pylint", "--load-plugins=pylint_airflow", "--disable=all", "--enable=C83", dags, needs="pylint_airflow"
            ),
        ),
    ]


def mwaalint() -> list[str]:
    """The command line of the interpreter that runs this file."""
    return [sys.executable, "-c", "from mwaalint.cli import main; main()"]


def tool(name: str, *arguments: str, needs: str | None = None) -> list[str] | None:
    """A peer's command, None when it (or the plugin it needs) is not installed beside this interpreter."""
    from importlib.util import find_spec

    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None or (needs is not None and find_spec(needs) is None):
        return None
    return [found, *arguments]


def compare(title: str, commands: list[Command], rounds: int) -> None:
    """Prints a table of medians as multiples of the first command's. The commands take turns, so drift hits all
    alike.
    """
    times: dict[str, list[float]] = {command.name: [] for command in commands}
    for _ in range(rounds):
        for command in commands:
            if command.words is not None:
                times[command.name].append(seconds(command.words))
    base = median(times[commands[0].name])
    print(f"\n{title} (median of {rounds})")
    for command in commands:
        if command.words is None:
            print(f"  {command.name:<36} not installed")
        else:
            taken = median(times[command.name])
            print(f"  {command.name:<36} {taken:7.3f} s   {taken / base:6.1f} ×")


def seconds(words: list[str]) -> float:
    """The wall time of one run. A linter that finds something exits with 1, so the exit code does not count."""
    started = perf_counter()
    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
