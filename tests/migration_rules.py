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


def found(tmp_path: Path, code: str, text: str, *, airflow: str = "2.10.3", **files: str) -> list[int]:
    """The lines of the text on which a rule reports something; ``files`` are further DAG files by their stem."""
    environment = ENVIRONMENT.replace("2.10.3", airflow)
    others = {f"dags/{name}.py": HEAD + dedent(content) for name, content in files.items()}
    result = check(write_all(tmp_path, {"main.tf": environment, "dags/etl.py": HEAD + dedent(text), **others}))
    shift = HEAD.count("\n")
    return [
        int(place.split(":")[1].split()[0]) - shift
        for place in lines(result)
        if place.endswith(code) and place.startswith("dags/etl.py")
    ]


def as_task(body: str, decorator: str = "@task", name: str = "work", use: str = "work()") -> str:
    """A DAG with one task of this body, whose first line is the fourth."""
    function = f"{decorator}\ndef {name}():\n{indent(dedent(body).strip(), '    ')}\n\n{use}\n"
    return OF + indent(function, "    ")
