"""Findings in functions name the places where importing the file calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.api import check
from tests.deployments import write_all
from tests.python_code import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

DAG = """\
import boto3
from airflow import DAG
from airflow.models import Variable


def cluster():
    return boto3.client("ecs").list_clusters()["clusterArns"][0]


def region():
    return Variable.get("region")


def unused():
    cluster()


def both():
    region()
    return cluster()


dag = DAG("etl", schedule=None)
FIRST = cluster()
SECOND = [both(), cluster(), Variable.get("size"), boto3.client("ecs").list_clusters()]
"""


@pytest.mark.parametrize(
    ("code", "lines"),
    [("MW408", {7: [20, 24, 25], 25: []}), ("MW403", {11: [19], 25: []})],
)
def test_the_calls_that_run_on_import(tmp_path: Path, code: str, lines: dict[int, list[int]]) -> None:
    result = check(write_all(tmp_path, {"main.tf": ENVIRONMENT, "dags/etl.py": DAG}))
    source = result.sources["dags/etl.py"]
    found = {
        source.position(finding.primary.span.start).line: [
            source.position(place.span.start).line for place in finding.related if place.note == "called here on import"
        ]
        for finding in result.findings
        if finding.code == code
    }
    assert found == lines


def test_only_the_first_of_many_calls(tmp_path: Path) -> None:
    result = check(write_all(tmp_path, {"main.tf": ENVIRONMENT, "dags/etl.py": DAG + "cluster()\n" * 9}))
    (related,) = {len(each.related) for each in result.findings if each.code == "MW408" and each.related}
    assert related == 5
