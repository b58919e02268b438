"""Small deployments for the tests of the rules on migration scripts."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING

from tests.deployments import check, lines, write_all
from tests.python_code import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
import boto3
from datetime import datetime
from airflow import DAG, settings
from airflow.decorators import task
from airflow.models import Connection, Variable
from airflow.operators.python import BranchPythonOperator, PythonOperator
"""
OF = 'with DAG("etl", start_date=datetime(2024, 1, 1), schedule=None, catchup=False):\n'


def found(tmp_path: Path, code: str, text: str, *, airflow: str = "2.10.3", path: str = "dags/etl.py") -> list[int]:
    """The lines of the text on which a rule reports something."""
    environment = ENVIRONMENT.replace("2.10.3", airflow)
    result = check(write_all(tmp_path, {"main.tf": environment, path: HEAD + dedent(text)}))
    shift = HEAD.count("\n")
    return [
        int(place.split(":")[1].split()[0]) - shift
        for place in lines(result)
        if place.endswith(code) and place.startswith(path)
    ]


def as_task(body: str, decorator: str = "@task", name: str = "work", use: str = "work()") -> str:
    """A DAG with one task of this body, whose first line is the fourth."""
    function = f"{decorator}\ndef {name}():\n{indent(dedent(body).strip(), '    ')}\n\n{use}\n"
    return OF + indent(function, "    ")


def script(*statements: str, before: str = "") -> str:
    """A task that runs statements on the metadata database; the first of them is on the second line."""
    listed = "".join(f"    {statement},\n" for statement in map(_quoted, statements))
    return f"{before}STATEMENTS = [\n{listed}]\n" + as_task("settings.Session().execute(STATEMENTS)")


def _quoted(statement: str) -> str:
    return statement if statement.startswith(('f"', '"')) else f'"{statement}"'
